/* What a bounce says: recipient, status, class, reason (private to parsers/automatic*.c). RFC 3464 fields
 * where they are, else the words of the free text. */
#pragma once

#include "parsers/message.h"

/* text: the message's own text and its delivery-status parts, returned mail left out. failed_header: the
 * value of X-Failed-Recipients, or NULL. The caller frees the result with automatic_bounce_free(). */
BounceInfo *automatic_bounce_read(const Message *message, const char *text, const char *failed_header);

/* True if lower-case text with single blanks holds words by which mail systems say that something was not
 * delivered. */
bool automatic_bounce_has_words(const char *text);

/* The value of the first field of that name in text ("\nName: value", folds joined), or NULL. The caller
 * frees it. */
char *automatic_bounce_field(const char *text, const char *name);

/* Lower case (ASCII only), every run of white space as one blank; at most max_bytes of text. */
char *automatic_bounce_fold(const char *text, gsize max_bytes);
