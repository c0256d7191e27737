#include "tests/fuzz/support.h"

#include <string.h>

#include "tests/unit/zip_writer.h"

void fuzz_document(FormatReader reader, const uint8_t *bytes, size_t length) {
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = reader(data, "fuzz", problems);
    if (document == NULL)
        return;
    g_free(document_to_text(document));
    json_decref(document_grids_to_json(document));
}

/* The relations of parts[0] to the others, in its folder; the caller frees them. */
static char *relations_of(const char *const *parts, guint n) {
    GString *xml = g_string_new("<Relationships>");
    for (guint i = 1; i < n; i++) {
        g_autofree char *base = g_path_get_basename(parts[i]);
        g_autofree char *type = g_strndup(base, strcspn(base, "0123456789."));
        g_string_append_printf(xml, "<Relationship Id=\"r%u\" Type=\"x/%s\" Target=\"/%s\"/>", i, type,
                               parts[i]);
    }
    return g_string_free(g_string_append(xml, "</Relationships>"), FALSE);
}

void fuzz_package(FormatReader reader, const char *const *parts, guint n, const uint8_t *bytes,
                  size_t length) {
    g_autofree ZipWriterEntry *entries = g_new0(ZipWriterEntry, n + 1);
    g_autofree char *relations = relations_of(parts, n);
    g_autofree char *folder = g_path_get_dirname(parts[0]);
    g_autofree char *base = g_path_get_basename(parts[0]);
    g_autofree char *name = g_strdup_printf("%s/_rels/%s.rels", folder, base);
    for (guint i = 0; i < n; i++)
        entries[i] = (ZipWriterEntry){.name = parts[i], .content = bytes, .length = length};
    entries[n] = (ZipWriterEntry){.name = name, .content = relations, .length = strlen(relations)};
    g_autoptr(GBytes) zip = zip_writer_write(entries, n + 1);
    gsize size;
    const uint8_t *data = g_bytes_get_data(zip, &size);
    fuzz_document(reader, data, size);
}
