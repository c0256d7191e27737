/* zip is read by parsers/zip.h; what that cannot read (no central directory, other methods) and rar, 7z, gzip
 * go through libarchive. */
#include "parsers/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "parsers/charset.h"
#include "parsers/limits.h"
#include "parsers/problem.h"
#include "parsers/zip.h"

/* Below this much output a high ratio is a harmless file of blanks (limits.h). */
#define RATIO_FROM_BYTES (1u << 20)

typedef struct {
    const char *name; /* of the archive */
    GPtrArray *entries;
    GPtrArray *problems;
    gsize left_bytes;   /* of the budget */
    gsize packed_bytes; /* size of the archive */
    gsize inflated;
} Reading;

static void entry_free(gpointer data) {
    ContainerEntry *entry = data;
    g_free(entry->name);
    g_bytes_unref(entry->data);
    g_free(entry);
}

/* Takes name and bytes (NULL: nothing could be read). code: ProblemCode, or -1 where everything was read. */
static void add_entry(Reading *reading, char *name, GBytes *bytes, int code) {
    ContainerEntry *entry = g_new0(ContainerEntry, 1);
    entry->name = name;
    entry->data = bytes ? bytes : g_bytes_new_static("", 0);
    reading->left_bytes -= MIN(reading->left_bytes, g_bytes_get_size(entry->data));
    if (code >= 0) {
        entry->verdict = problem_code_name((ProblemCode)code);
        /* a password or a bomb is the whole archive's affair, damage that of one entry */
        bool is_whole = code == PROBLEM_ENCRYPTED || code == PROBLEM_BOMB;
        g_autofree char *place =
            is_whole ? g_strdup(reading->name) : g_strconcat(reading->name, "/", name, NULL);
        problem_add_reading(reading->problems, (ProblemCode)code, place);
    }
    g_ptr_array_add(reading->entries, entry);
}

/* ---- libarchive ---- */

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archive, archive_read_free)

/* libarchive 3.6.2 follows a stray pointer when it is asked before it has recognised a format. */
static bool has_encrypted_entries(Archive *archive) {
    return archive_format(archive) != 0 && archive_read_has_encrypted_entries(archive) == 1;
}

static bool mentions_encryption(Archive *archive) {
    const char *text = archive_error_string(archive);
    return has_encrypted_entries(archive) ||
           (text && (strstr(text, "ncrypt") || strstr(text, "assphrase") || strstr(text, "assword")));
}

static char *entry_name(const Reading *reading, struct archive_entry *header) {
    const char *utf8 = archive_entry_pathname_utf8(header);
    const char *raw = archive_entry_pathname(header);
    char *name = utf8 && g_utf8_validate(utf8, -1, NULL)
                     ? g_strdup(utf8)
                     : charset_to_utf8(raw ? raw : "", raw ? strlen(raw) : 0, NULL, true, NULL);
    /* a bare .gz has no name of its own */
    if (*name && strcmp(name, "data") != 0)
        return g_strdelimit(name, "\\", '/');
    g_free(name);
    gsize length = strlen(reading->name);
    return length > 3 && g_str_has_suffix(reading->name, ".gz") ? g_strndup(reading->name, length - 3)
                                                                : g_strdup("data");
}

/* Reads the data of one entry; its ProblemCode or -1. */
static int read_data(Reading *reading, Archive *archive, GByteArray *bytes) {
    for (;;) {
        guint8 chunk[16384];
        la_ssize_t got = archive_read_data(archive, chunk, sizeof chunk);
        if (got == 0)
            return -1;
        if (got < 0)
            return mentions_encryption(archive) ? PROBLEM_ENCRYPTED : PROBLEM_DAMAGED;
        reading->inflated += (gsize)got;
        if (reading->inflated > RATIO_FROM_BYTES &&
            reading->inflated / LIMIT_ARCHIVE_RATIO > reading->packed_bytes)
            return PROBLEM_BOMB;
        if (bytes->len + (gsize)got > MIN(LIMIT_ARCHIVE_ENTRY, reading->left_bytes))
            return PROBLEM_LIMIT;
        g_byte_array_append(bytes, chunk, (guint)got);
    }
}

static Archive *open_archive(GBytes *data, FileType type) {
    Archive *archive = archive_read_new();
    archive_read_support_filter_none(archive);
    if (type == FILE_ZIP) {
        archive_read_support_format_zip_streamable(archive);
        archive_read_support_format_zip_seekable(archive);
    } else if (type == FILE_RAR) {
        archive_read_support_format_rar(archive);
        archive_read_support_format_rar5(archive);
    } else if (type == FILE_7Z) {
        archive_read_support_format_7zip(archive);
    } else {
        archive_read_support_filter_gzip(archive);
        archive_read_support_format_tar(archive);
        archive_read_support_format_raw(archive);
    }
    archive_read_set_options(archive, "hdrcharset=GB18030");
    gsize length;
    const void *bytes = g_bytes_get_data(data, &length);
    archive_read_open_memory(archive, bytes, length); /* an error shows again at the first header */
    return archive;
}

static void read_by_libarchive(Reading *reading, GBytes *data, FileType type) {
    g_autoptr(Archive) archive = open_archive(data, type);
    struct archive_entry *header;
    int result;
    while ((result = archive_read_next_header(archive, &header)) == ARCHIVE_OK || result == ARCHIVE_WARN) {
        if (archive_entry_filetype(header) == AE_IFDIR)
            continue;
        if (reading->entries->len >= LIMIT_ARCHIVE_ENTRIES) {
            problem_add_reading(reading->problems, PROBLEM_LIMIT, reading->name);
            return;
        }
        GByteArray *bytes = g_byte_array_new();
        int code =
            archive_entry_is_encrypted(header) ? PROBLEM_ENCRYPTED : read_data(reading, archive, bytes);
        add_entry(reading, entry_name(reading, header), g_byte_array_free_to_bytes(bytes), code);
        if (code == PROBLEM_BOMB)
            return;
    }
    if (result != ARCHIVE_EOF)
        problem_add_reading(reading->problems,
                            mentions_encryption(archive) ? PROBLEM_ENCRYPTED : PROBLEM_DAMAGED,
                            reading->name);
    else if (reading->entries->len == 0 && has_encrypted_entries(archive))
        problem_add_reading(reading->problems, PROBLEM_ENCRYPTED, reading->name);
}

/* ---- zip ---- */

/* One entry whose method zip.c does not know (bzip2, lzma, deflate64 …): libarchive does, at the cost of a
 * pass. */
static GBytes *read_odd_method(Reading *reading, GBytes *data, const ZipEntry *wanted, int *code) {
    g_autoptr(Archive) archive = open_archive(data, FILE_ZIP);
    struct archive_entry *header;
    while (archive_read_next_header(archive, &header) >= ARCHIVE_WARN) {
        g_autofree char *name = entry_name(reading, header);
        if (strcmp(name, wanted->name) != 0)
            continue;
        GByteArray *bytes = g_byte_array_new();
        int result = read_data(reading, archive, bytes);
        if (result != PROBLEM_DAMAGED)
            *code = result;
        return g_byte_array_free_to_bytes(bytes);
    }
    return NULL;
}

/* More entries of odd methods than this are not worth a pass each: real archives use one method. */
#define ODD_METHODS_MAX 20u

static void read_zip(Reading *reading, GBytes *data) {
    ProblemCode failure = PROBLEM_DAMAGED;
    g_autoptr(ZipFile) zip = zip_open(data, &failure);
    if (!zip) {
        problem_add_reading(reading->problems, failure, reading->name);
        if (failure == PROBLEM_DAMAGED)
            read_by_libarchive(reading, data, FILE_ZIP);
        return;
    }
    if (!zip_is_consistent(zip))
        problem_add_reading(reading->problems, PROBLEM_DAMAGED, reading->name);
    guint odd = 0;
    for (guint i = 0; i < zip_count(zip); i++) {
        const ZipEntry *entry = zip_entry(zip, i);
        if (entry->is_directory && entry->size_bytes == 0)
            continue;
        int code = -1;
        ProblemCode found = PROBLEM_CODES;
        GBytes *bytes = zip_read(zip, entry, reading->left_bytes, &found);
        if (found != PROBLEM_CODES)
            code = found;
        if (code == PROBLEM_UNSUPPORTED && odd++ < ODD_METHODS_MAX)
            bytes = read_odd_method(reading, data, entry, &code);
        add_entry(reading, g_strdup(entry->name), bytes, code);
    }
}

GPtrArray *container_read(GBytes *data, FileType type, const char *name, gsize budget_bytes,
                          GPtrArray *problems) {
    Reading reading = {
        .name = name,
        .entries = g_ptr_array_new_with_free_func(entry_free),
        .problems = problems,
        .left_bytes = budget_bytes ? MIN(budget_bytes, LIMIT_ARCHIVE_TOTAL) : LIMIT_ARCHIVE_TOTAL,
        .packed_bytes = g_bytes_get_size(data),
    };
    if (type == FILE_ZIP)
        read_zip(&reading, data);
    else
        read_by_libarchive(&reading, data, type);
    return reading.entries;
}
