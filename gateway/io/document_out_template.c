#include "gateway/io/document_out_template.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache.h"
#include "gateway/io/document_out_package.h"
#include "parsers/zip.h"

#define PART_MAX_BYTES (8u << 20) /* a picture of a letterhead */

/* ---- elements in the text of a part: a template is ours, so its tags are looked for by name
 * -------------------------- */

/* The start of the next element of that name ("w:p", not "w:pPr") at or after at, or NULL. */
static const char *find_open(const char *at, const char *name) {
    g_autofree char *open = g_strconcat("<", name, NULL);
    gsize length = strlen(open);
    while ((at = strstr(at, open)) && at[length] != '>' && at[length] != ' ')
        at += length;
    return at;
}

typedef struct {
    const char *start, *end; /* from < of the start tag to behind the end tag */
} Element;

/* The next innermost element of that name; empty ones (<w:p/>) are passed over. */
static bool next_element(const char *at, const char *name, Element *ret_element) {
    g_autofree char *close = g_strdup_printf("</%s>", name);
    for (;;) {
        const char *start = find_open(at, name);
        const char *tag_end = start ? strchr(start, '>') : NULL;
        const char *end = tag_end ? strstr(start, close) : NULL;
        if (!end)
            return false;
        if (tag_end[-1] == '/') {
            at = tag_end;
            continue;
        }
        const char *inner = find_open(tag_end, name);
        if (inner && inner < end) {
            at = inner;
            continue;
        }
        *ret_element = (Element){start, end + strlen(close)};
        return true;
    }
}

/* What stands in the w:t of an element, joined; still escaped as XML. The caller frees it. */
static char *text_of(Element element) {
    g_autofree char *xml = g_strndup(element.start, (gsize)(element.end - element.start));
    g_autoptr(GString) text = g_string_new(NULL);
    Element run;
    for (const char *at = xml; next_element(at, "w:t", &run); at = run.end) {
        const char *content = strchr(run.start, '>') + 1;
        g_string_append_len(text, content, run.end - (gssize)strlen("</w:t>") - content);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Nothing but section tags and white space. */
static bool is_tags_only(const char *text) {
    bool any = false;
    while (*text) {
        if (g_ascii_isspace(*text)) {
            text++;
            continue;
        }
        const char *end = g_str_has_prefix(text, "{{") && strchr("#^/", text[2]) ? strstr(text, "}}") : NULL;
        if (!end)
            return false;
        any = true;
        text = end + 2;
    }
    return any;
}

/* The paragraph with all its text in the first run. */
static void append_joined(GString *out, Element paragraph, const char *text) {
    g_autofree char *xml = g_strndup(paragraph.start, (gsize)(paragraph.end - paragraph.start));
    const char *at = xml;
    bool is_first = true;
    Element run;
    for (; next_element(at, "w:t", &run); at = run.end) {
        g_string_append_len(out, at, run.start - at);
        g_string_append_printf(out, "<w:t xml:space=\"preserve\">%s</w:t>", is_first ? text : "");
        is_first = false;
    }
    g_string_append(out, at);
}

/* A line a paragraph, so that an error names the paragraph. */
static char *join_paragraphs(const char *xml) {
    g_autoptr(GString) out = g_string_sized_new(strlen(xml));
    const char *at = xml;
    Element paragraph;
    while (next_element(at, "w:p", &paragraph)) {
        g_autofree char *text = text_of(paragraph);
        g_string_append_len(out, at, paragraph.start - at);
        if (!strstr(text, "{{"))
            g_string_append_len(out, paragraph.start, paragraph.end - paragraph.start);
        else if (is_tags_only(text))
            g_string_append(out, text);
        else
            append_joined(out, paragraph, text);
        g_string_append_c(out, '\n');
        at = paragraph.end;
    }
    g_string_append(out, at);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A row between {{#x}} and {{/x}}: the tags move around it. */
static bool append_repeated(GString *out, Element row, const char *text) {
    const char *open_end = g_str_has_prefix(text, "{{#") ? strstr(text, "}}") : NULL;
    if (!open_end)
        return false;
    g_autofree char *open = g_strndup(text, (gsize)(open_end + 2 - text));
    g_autofree char *close = g_strconcat("{{/", open + 3, NULL);
    if (!g_str_has_suffix(text, close))
        return false;
    g_autofree char *xml = g_strndup(row.start, (gsize)(row.end - row.start));
    char *first = strstr(xml, open), *last = g_strrstr(xml, close);
    g_string_append(out, open);
    g_string_append_len(out, xml, first - xml);
    g_string_append_len(out, first + strlen(open), last - first - (gssize)strlen(open));
    g_string_append(out, last + strlen(close));
    g_string_append(out, close);
    return true;
}

static char *lift_rows(const char *xml) {
    g_autoptr(GString) out = g_string_sized_new(strlen(xml));
    const char *at = xml;
    Element row;
    while (next_element(at, "w:tr", &row)) {
        g_autofree char *text = text_of(row);
        g_string_append_len(out, at, row.start - at);
        if (!append_repeated(out, row, text))
            g_string_append_len(out, row.start, row.end - row.start);
        at = row.end;
    }
    g_string_append(out, at);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- facts
 * -------------------------------------------------------------------------------------------------------- */

/* A copy without line breaks, which the escaping for HTML would turn into <br>. The depth is that of our own
 * models. New reference. */
static json_t *flat_copy(const json_t *value) {
    const char *key;
    gsize i;
    json_t *item;
    if (json_is_string(value)) {
        g_autofree char *text = g_strdup(json_string_value(value));
        return json_string(g_strdelimit(text, "\r\n", ' '));
    }
    if (json_is_array(value)) {
        json_t *copy = json_array();
        json_array_foreach(value, i, item)
            json_array_append_new(copy, flat_copy(item));
        return copy;
    }
    if (json_is_object(value)) {
        json_t *copy = json_object();
        json_object_foreach((json_t *)value, key, item)
            json_object_set_new(copy, key, flat_copy(item));
        return copy;
    }
    return json_incref((json_t *)value);
}

/* ---- the package
 * -------------------------------------------------------------------------------------------------- */

static bool is_rendered(const char *name) {
    return strcmp(name, "word/document.xml") == 0 ||
           ((g_str_has_prefix(name, "word/header") || g_str_has_prefix(name, "word/footer")) &&
            g_str_has_suffix(name, ".xml"));
}

static bool render_part(DocumentPackage *package, const char *name, GBytes *part, const json_t *facts,
                        bool strict, GError **error) {
    g_autofree char *one_line = g_strdelimit(g_strdup(g_bytes_get_data(part, NULL)), "\r\n", ' ');
    g_autofree char *joined = join_paragraphs(one_line);
    g_autofree char *source = lift_rows(joined);
    g_autofree char *rendered = NULL;
    g_autoptr(MustacheSet) set = mustache_set_new();
    if (!mustache_set_add(set, name, source, strlen(source), error) ||
        !mustache_render(set, name, facts, MUSTACHE_HTML, strict, &rendered, error))
        return false;
    document_package_add(package, name, rendered, strlen(rendered));
    return true;
}

GBytes *document_out_render(GBytes *docx, const json_t *facts, bool strict, GError **error) {
    g_autoptr(ZipFile) zip = zip_open(docx, NULL);
    g_autoptr(DocumentPackage) package = document_package_new();
    json_t *flat = flat_copy(facts);
    bool good = zip != NULL, has_document = false;
    for (guint i = 0; good && i < zip_count(zip); i++) {
        const ZipEntry *entry = zip_entry(zip, i);
        ProblemCode code;
        g_autoptr(GBytes) part = entry->is_directory ? NULL : zip_read(zip, entry, PART_MAX_BYTES, &code);
        if (!part)
            good = entry->is_directory;
        else if (is_rendered(entry->name))
            good = render_part(package, entry->name, part, flat, strict, error);
        else
            document_package_add(package, entry->name, g_bytes_get_data(part, NULL), g_bytes_get_size(part));
        has_document = has_document || strcmp(entry->name, "word/document.xml") == 0;
    }
    json_decref(flat);
    if (good && has_document)
        return document_package_finish(package, error);
    if (error && !*error)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "the template is no Word document (.docx), or is damaged");
    return NULL;
}
