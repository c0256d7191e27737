/* Modified UTF-7, the encoding of IMAP mailbox names (RFC 3501, section 5.1.3). */
#pragma once

#include <glib.h>

/* The wire form of a mailbox name in UTF-8, e.g. "垃圾邮件" → "&V4NXPpCuTvY-"; NULL if name is no valid
 * UTF-8. */
char *utf7_encode(const char *name);

/* The UTF-8 form of a mailbox name from the wire. A name that is not well-formed modified UTF-7 (8-bit
 * characters, a broken or overlong run, a lone surrogate) is no mistake of ours to repair: NULL. */
char *utf7_decode(const char *wire);
