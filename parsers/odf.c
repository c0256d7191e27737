/* OpenDocument text and spreadsheet: content.xml, and the headers and footers of styles.xml. */
#include <string.h>

#include "parsers/formats.h"
#include "parsers/odf_story.h"

/* An encrypted document is an ordinary zip whose parts are noise: the manifest says so (ODF 1.2 part 3, 4.8).
 */
static bool is_encrypted(Package *package) {
    g_autoptr(GBytes) bytes = package_part(package, "META-INF/manifest.xml");
    gsize length;
    const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
    return text && g_strstr_len(text, (gssize)length, "encryption-data");
}

static Document *odf_read(GBytes *data, const char *name, bool is_spreadsheet, GPtrArray *problems) {
    g_autoptr(Package) package = package_open(data, name, problems);
    if (!package)
        return NULL;
    if (is_encrypted(package)) {
        problem_add_reading(problems, PROBLEM_ENCRYPTED, name);
        return NULL;
    }
    g_autoptr(GPtrArray) body = g_ptr_array_new(), pages = g_ptr_array_new();
    g_autoptr(GPtrArray) volatile_texts = g_ptr_array_new_with_free_func(g_free);
    OdfContext context = {
        .package = package, .is_spreadsheet = is_spreadsheet, .volatile_texts = volatile_texts};
    if (!odf_story_read(&context, "content.xml", body)) {
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
        return NULL;
    }
    if (!is_spreadsheet) /* a sheet's page header is its name and number, nobody fills it in */
        odf_story_read(&context, "styles.xml", pages);
    Document *document = document_new(name);
    for (guint i = 0; i < body->len; i++)
        document_take_block(document, g_ptr_array_index(body, i));
    for (guint i = 0; i < pages->len; i++)
        document_take_block(document, g_ptr_array_index(pages, i));
    for (guint i = 0; i < volatile_texts->len; i++)
        document_note_volatile(document, g_ptr_array_index(volatile_texts, i));
    if (context.is_over_limit)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (document_text_length(document) + context.dropped < context.seen)
        problem_add_reading(problems, PROBLEM_LOSS, name);
    return document;
}

Document *odt_read(GBytes *data, const char *name, GPtrArray *problems) {
    return odf_read(data, name, false, problems);
}

Document *ods_read(GBytes *data, const char *name, GPtrArray *problems) {
    return odf_read(data, name, true, problems);
}
