/* Archives that come as attachments (zip, rar, 7z, gzip), taken apart in memory and never on a disk
 * (facts/email.md 3.4, 5.2). Documents that are zip files inside (docx, xlsx, odt) use parsers/zip.h
 * directly. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/sniff.h"

typedef struct {
    char *name; /* valid UTF-8, as stored but with / for \; absolute and .. names are data: never use it as a
                   path */
    GBytes *data;        /* the bytes, never NULL; empty or partial where verdict is set */
    const char *verdict; /* NULL where data is complete, else static: "encrypted", "damaged", "unsupported",
                            "limit", "bomb" */
} ContainerEntry;

/* Takes an archive apart (sniff_is_archive()): ContainerEntry* in stored order, directories left out; perhaps
 * empty, never NULL; free with g_ptr_array_unref(). Entries inside entries are the caller's business
 * (LIMIT_ARCHIVE_NESTING). At most budget_bytes are inflated (0: LIMIT_ARCHIVE_TOTAL), and
 * LIMIT_ARCHIVE_ENTRIES, _ENTRY and _RATIO hold. What could not be read in full is named in problems with
 * where = name or "name/entry". Needs a UTF-8 LC_CTYPE. */
GPtrArray *container_read(GBytes *data, FileType type, const char *name, gsize budget_bytes,
                          GPtrArray *problems);
