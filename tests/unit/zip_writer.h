/* Test support: writes zip files, also ones that lie. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *name;
    const void *content;
    gsize length;
    guint16 flags;
    bool is_deflated;
    guint32 declared;   /* size; 0: the true one */
    guint32 offset_lie; /* added to the offset in the directory */
} ZipWriterEntry;

/* A zip of these entries in memory; the caller owns it. */
GBytes *zip_writer_write(const ZipWriterEntry *entries, guint n);
