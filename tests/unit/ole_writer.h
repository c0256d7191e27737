/* Test support: writes compound files (OLE) that hold one stream. */
#pragma once

#include <glib.h>

/* A compound file with a stream of this name (ASCII) and class (the first four bytes of the root's), of at
 * most 60,000 bytes; below 4,096 they stand in small sectors. The caller owns it. */
GBytes *ole_writer_write(const char *name, guint32 class_id, const void *bytes, gsize length);
