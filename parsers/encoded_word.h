/* Text in header fields → UTF-8: encoded words (RFC 2047), raw 8-bit text, and parameters (RFC 2231) in all
 * the spellings that mail programs invented. GMime 3.2.13 loses every base64 word after the first padded one
 * (facts/email.md 3.1). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* One line of valid UTF-8 without control and bidi characters, outer white space removed. raw: the field's
 * value as it stands in the message, folds included. hint_gbk as in charset_to_utf8(). The caller frees it.
 */
char *encoded_word_decode(const char *raw, gssize length, bool hint_gbk);

/* The value of a parameter such as "filename" or "charset" in a Content-Type or Content-Disposition value:
 * RFC 2231 first, encoded words inside quotes, percent-encoded and raw bytes next. NULL where there is no
 * such parameter. The caller frees it. */
char *encoded_word_parameter(const char *raw, const char *name, bool hint_gbk);

/* The base name of a decoded file name: after the last / or \, controls and bidi characters dropped; "" where
 * nothing is left. The caller frees it. */
char *encoded_word_base_name(const char *name);
