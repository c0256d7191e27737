#include "gateway/io/document_out_package.h"

#include <archive.h>
#include <archive_entry.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_escape.h"

/* 1 January 1980, the first day that a zip can name: bytes must not depend on the day they are written. */
#define ZIP_EPOCH_S 315532800

typedef struct {
    char *name;
    GBytes *data;
} Part;

struct DocumentPackage {
    GPtrArray *parts; /* Part* */
};

static void part_free(Part *part) {
    g_free(part->name);
    g_bytes_unref(part->data);
    g_free(part);
}

DocumentPackage *document_package_new(void) {
    DocumentPackage *package = g_new0(DocumentPackage, 1);
    package->parts = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
    return package;
}

void document_package_free(DocumentPackage *package) {
    if (!package)
        return;
    g_ptr_array_unref(package->parts);
    g_free(package);
}

void document_package_add(DocumentPackage *package, const char *name, const char *data, gsize length) {
    Part *part = g_new0(Part, 1);
    part->name = g_strdup(name);
    part->data = g_bytes_new(data, length);
    g_ptr_array_add(package->parts, part);
}

static la_ssize_t append(struct archive *archive, void *bytes, const void *data, size_t length) {
    g_byte_array_append(bytes, data, (guint)length);
    return (la_ssize_t)length;
}

static bool write_part(struct archive *archive, const Part *part) {
    gsize length;
    const void *data = g_bytes_get_data(part->data, &length);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, part->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)length);
    archive_entry_set_mtime(entry, ZIP_EPOCH_S, 0);
    bool good = archive_write_header(archive, entry) == ARCHIVE_OK &&
                archive_write_data(archive, data, length) == (la_ssize_t)length;
    archive_entry_free(entry);
    return good;
}

GBytes *document_package_finish(DocumentPackage *package, GError **error) {
    GByteArray *bytes = g_byte_array_new();
    struct archive *archive = archive_write_new();
    bool good = archive_write_set_format_zip(archive) == ARCHIVE_OK &&
                archive_write_set_options(archive, "zip:compression=deflate") == ARCHIVE_OK &&
                archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
                archive_write_open2(archive, bytes, NULL, append, NULL, NULL) == ARCHIVE_OK;
    for (guint i = 0; good && i < package->parts->len; i++)
        good = write_part(archive, package->parts->pdata[i]);
    good = archive_write_close(archive) == ARCHIVE_OK && good;
    if (!good)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "a document cannot be packed: %s",
                    archive_error_string(archive));
    archive_write_free(archive);
    if (good)
        return g_byte_array_free_to_bytes(bytes);
    g_byte_array_unref(bytes);
    return NULL;
}

void document_out_text(GString *xml, const char *text) {
    g_autofree char *line = mustache_clean_line(text, 0);
    g_autofree char *escaped = g_markup_escape_text(line, -1);
    g_string_append(xml, escaped);
}
