/* A web page saved as a message (RFC 2557), as Word and browsers do: its first HTML part is the document. */
#include <gmime/gmime.h>
#include <string.h>

#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/limits.h"

typedef struct {
    GMimePart *html; /* not owned */
    guint parts;
} Search;

static void visit(GMimeObject *parent, GMimeObject *object, gpointer user) {
    Search *search = user;
    if (search->html || ++search->parts > LIMIT_PARTS || !GMIME_IS_PART(object))
        return;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    if (g_mime_content_type_is_type(type, "text", "html"))
        search->html = GMIME_PART(object);
}

static GBytes *decoded(GMimePart *part) {
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    if (!content)
        return NULL;
    GByteArray *array = g_byte_array_new();
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), array);
    g_mime_data_wrapper_write_to_stream(content, stream);
    g_object_unref(stream);
    return g_byte_array_free_to_bytes(array);
}

Document *mhtml_read(GBytes *data, const char *name, GPtrArray *problems) {
    g_mime_init();
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(length > 0 ? bytes : "", length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeObject *root = g_mime_parser_construct_part(parser, NULL);
    Search search = {NULL, 0};
    if (root && GMIME_IS_PART(root))
        visit(NULL, root, &search);
    else if (root && GMIME_IS_MULTIPART(root))
        g_mime_multipart_foreach(GMIME_MULTIPART(root), visit, &search);
    g_autoptr(GBytes) html = search.html ? decoded(search.html) : NULL;
    g_autofree char *label =
        search.html ? g_strdup(g_mime_object_get_content_type_parameter(GMIME_OBJECT(search.html), "charset"))
                    : NULL;
    g_clear_object(&root);
    g_object_unref(parser);
    g_object_unref(stream);
    if (!html) {
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
        return NULL;
    }
    if (!label)
        return html_read(html, name, problems);
    /* the part's own label goes before what the page declares; a byte order mark tells the reader so */
    gsize html_length;
    const char *html_bytes = g_bytes_get_data(html, &html_length);
    g_autofree char *text = charset_to_utf8(html_bytes, html_length, label, false, NULL);
    char *marked = g_strconcat("\xEF\xBB\xBF", text, NULL);
    g_autoptr(GBytes) utf8 = g_bytes_new_take(marked, strlen(marked));
    return html_read(utf8, name, problems);
}
