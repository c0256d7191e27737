/* CRC-32 as in zip and gzip (ISO 3309), by carry-less multiplication where the processor has it: a tenth of
 * zlib's instructions, and no table of 8 KB to load for one document. */
#pragma once

#include <glib.h>

/* crc32(0, bytes, length) of zlib, for any length. */
guint32 crc32_of(const guint8 *bytes, gsize length);
