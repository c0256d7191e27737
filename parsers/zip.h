/* A zip file in memory, read through its central directory (APPNOTE 4.3, 4.4): entries by name, inflated on
 * demand. Reads only what is asked for: a docx needs 5 of its 20 entries. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/problem.h"

typedef struct ZipFile ZipFile;

typedef struct {
    char *name; /* valid UTF-8 with / for \; bit 11 or extra field 0x7075: UTF-8, else UTF-8 if valid, else
                   GB18030 */
    guint64 size_bytes, packed_bytes; /* as declared: they may lie */
    guint16 flags, method;
    guint32 crc;
    guint64 offset; /* of the local header */
    bool is_encrypted;
    bool is_directory;
} ZipEntry;

/* Opens a zip. NULL where there is no usable central directory; ret_code (may be NULL) then is
 * PROBLEM_DAMAGED, _BOMB (entries overlap) or _LIMIT. The bytes are referenced, not copied. */
ZipFile *zip_open(GBytes *data, ProblemCode *ret_code);
void zip_free(ZipFile *zip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ZipFile, zip_free)

/* False where the end record does not say the truth about the directory: entries may be hidden or lost. */
bool zip_is_consistent(const ZipFile *zip);

/* Entries in the directory, folders included. */
guint zip_count(const ZipFile *zip);
/* One of them, 0 ≤ index < zip_count(); belongs to the zip. */
const ZipEntry *zip_entry(const ZipFile *zip, guint index);
/* By exact name, then with ASCII case and a leading / ignored (some writers); NULL if there is none. */
const ZipEntry *zip_find(const ZipFile *zip, const char *name);

/* Inflates an entry and checks its CRC; NUL-terminated beyond its length. At most limit_bytes (and
 * LIMIT_ARCHIVE_ENTRY) and what is left of LIMIT_ARCHIVE_TOTAL for this zip; the ratio is checked while
 * inflating. ret_code (may be NULL): set to PROBLEM_ENCRYPTED, _DAMAGED, _BOMB, _LIMIT or _UNSUPPORTED
 * (method) where the result is partial or NULL, untouched otherwise. The caller owns the result. */
GBytes *zip_read(ZipFile *zip, const ZipEntry *entry, gsize limit_bytes, ProblemCode *ret_code);
