/* The second half of parsers/sniff.c: what text is (HTML, message, mbox, csv …). For sniff.c only. */
#pragma once

#include "parsers/sniff.h"

/* The type of data that no binary format claimed; FILE_BINARY if it is not text. */
FileType sniff_text(const guint8 *data, gsize length, const char *name_hint);
