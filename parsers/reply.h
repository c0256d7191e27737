/* New text of a reply: quotations, signatures and disclaimers cut off (facts/email.md 3.5). Linear in the
 * text. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *reply;     /* the new text, outer blank lines removed; "" where none */
    char *quoted;    /* what was cut as quotation or forward; "" where nothing */
    char *signature; /* what was cut as signature or disclaimer; "" */
} ReplyParts;

/* Splits the text of a body (valid UTF-8, lines end in \n). ret_parts is filled in every case; free with
 * reply_parts_clear(). */
void reply_split(const char *text, ReplyParts *ret_parts);
void reply_parts_clear(ReplyParts *parts);

/* Splits HTML source at the containers that mail programs put quotations in (blockquote, gmail_quote,
 * hr#replySplit, …). Returns false where there is none; else the caller frees both: the source without them,
 * and what was in them. */
bool reply_split_html(const char *html, char **ret_new, char **ret_quoted);
