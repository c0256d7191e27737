/* Bytes of any charset → valid UTF-8 (facts/email.md 3.2). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Converts bytes to valid UTF-8, NUL-terminated; the caller frees it.
 * label: the declared charset or NULL. gb2312, gbk, cp936, x-gbk, hz-gb-2312 … are read as GB18030 (byte 0x80
 * is the euro sign). A missing, us-ascii, iso-8859-1 or failing label: strict UTF-8, then GB18030, then
 * uchardet's guess, then Latin-1 with U+FFFD. hint_gbk: other parts of the same message use GBK (decides
 * short strings). A BOM decides and is dropped; NULs are dropped. ret_lossy (may be NULL): set true where
 * bytes could not be converted. */
char *charset_to_utf8(const void *bytes, gsize length, const char *label, bool hint_gbk, bool *ret_lossy);

/* True if label names GB2312, GBK, GB18030 or one of their aliases. */
bool charset_is_gbk(const char *label);

/* A copy that is valid UTF-8, with C0 controls other than \t \n dropped, CRLF and CR as \n, BOM and
 * zero-width characters (U+200B-200D, U+FEFF) dropped. */
char *charset_clean(const char *text, gssize length);
