/* HTML → blocks, for mail bodies and for .doc and .xls that are HTML inside. libxml2 makes the tree, from
 * UTF-8 only: it drops the rest of a text at the first byte that does not fit a declared charset
 * (facts/libraries.md 6.4). */
#include <libxml/HTMLparser.h>
#include <string.h>

#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/html_table.h"
#include "parsers/limits.h"
#include "parsers/ticks.h"

/* A tree costs about 200 bytes a node: these bound it to some 100 MB. */
#define SOURCE_MAX_BYTES (16u << 20)
#define TAGS_MAX         400000u
/* Where a charset is declared, browsers look no further either (HTML 13.2.3.2). */
#define DECLARATION_WITHIN 4096u

typedef struct {
    GString *text;     /* of the cell */
    GPtrArray *nested; /* Block*, or NULL */
} CellSink;

typedef struct {
    Document *document;
    GString *line;     /* the paragraph being gathered */
    bool is_space_due; /* white space was seen and not yet written */
    GString *struck;   /* struck text, kept at the very end */
    CellSink *cell;    /* the innermost open cell, or NULL */
    guint tables, cells;
    gsize text_bytes, seen, dropped;
    bool is_over_limit;
} Converter;

typedef struct {
    guint depth;
    bool is_preformatted, is_heading, is_link;
    bool is_struck;    /* taken back: no value */
    guint list_number; /* of the next item of an ordered list; 0: unordered or none */
} Style;

static void convert_children(Converter *converter, const xmlNode *parent, Style *style);

/* ---- paragraphs ---- */

static void flush_line(Converter *converter, const Style *style) {
    g_autofree char *text = g_strdup(converter->line->str);
    g_string_truncate(converter->line, 0);
    converter->is_space_due = false;
    if (converter->struck->len && converter->struck->str[converter->struck->len - 1] != '\n')
        g_string_append_c(converter->struck, '\n');
    if (!*g_strstrip(text))
        return;
    if (!converter->cell) {
        document_add_paragraph(converter->document, ORIGIN_BODY, text)->is_heading = style->is_heading;
        return;
    }
    if (converter->cell->text->len)
        g_string_append_c(converter->cell->text, '\n');
    g_string_append(converter->cell->text, text);
}

static void write_word(Converter *converter, const char *text, gsize length) {
    if (converter->text_bytes + length > LIMIT_TEXT_BYTES) {
        converter->is_over_limit = true;
        return;
    }
    if (converter->is_space_due && converter->line->len)
        g_string_append_c(converter->line, ' ');
    converter->is_space_due = false;
    converter->text_bytes += length;
    g_string_append_len(converter->line, text, (gssize)length);
}

/* Runs of white space are one space, and none at the edges of a line (CSS white-space: normal). */
static void write_collapsed(Converter *converter, const char *text) {
    while (*text) {
        gsize length = strcspn(text, " \t\r\n\f");
        if (length)
            write_word(converter, text, length);
        text += length;
        gsize space = strspn(text, " \t\r\n\f");
        converter->is_space_due |= space > 0;
        text += space;
    }
}

static void write_preformatted(Converter *converter, const char *text, const Style *style) {
    while (*text) {
        gsize length = strcspn(text, "\r\n");
        write_word(converter, text, length);
        text += length;
        if (*text)
            flush_line(converter, style);
        text += *text == '\r' && text[1] == '\n' ? 2 : *text != 0;
    }
}

static void write_struck(Converter *converter, const char *text) {
    gsize length = strlen(text);
    if (converter->text_bytes + length > LIMIT_TEXT_BYTES) {
        converter->is_over_limit = true;
        return;
    }
    converter->text_bytes += length;
    g_string_append_len(converter->struck, text, (gssize)length);
    converter->is_space_due |= *text && g_ascii_isspace(text[length - 1]);
}

static void write_text(Converter *converter, const char *text, const Style *style) {
    gsize visible = document_visible_length(text);
    converter->seen += visible;
    if (converter->is_over_limit)
        converter->dropped += visible;
    else if (style->is_struck)
        write_struck(converter, text);
    else if (style->is_preformatted)
        write_preformatted(converter, text, style);
    else
        write_collapsed(converter, text);
}

/* ---- elements ---- */

static bool is_one_of(const xmlNode *node, const char *const *names) {
    for (; *names; names++)
        if (html_is(node, *names))
            return true;
    return false;
}

static bool has_attribute(const xmlNode *node, const char *name) {
    return xmlHasProp((xmlNode *)node, BAD_CAST name) != NULL;
}

static char *attribute(const xmlNode *node, const char *name) {
    xmlChar *value = xmlGetProp((xmlNode *)node, BAD_CAST name);
    char *copy = g_strdup((const char *)value);
    xmlFree(value);
    return copy;
}

typedef enum { LOOK_PLAIN, LOOK_HIDDEN, LOOK_STRUCK } Look;

/* display:none, as senders hide preview texts and bounce tokens; text-decoration: line-through. */
static Look look_of(const xmlNode *node) {
    static const char *const STRIKING[] = {"s", "del", "strike", NULL};
    if (has_attribute(node, "hidden"))
        return LOOK_HIDDEN;
    Look look = is_one_of(node, STRIKING) ? LOOK_STRUCK : LOOK_PLAIN;
    g_autofree char *css = attribute(node, "style");
    if (!css)
        return look;
    char *to = css;
    for (const char *from = css; *from; from++)
        if (!g_ascii_isspace(*from))
            *to++ = g_ascii_tolower(*from);
    *to = 0;
    return strstr(css, "display:none") ? LOOK_HIDDEN : strstr(css, "line-through") ? LOOK_STRUCK : look;
}

static void convert_input(Converter *converter, const xmlNode *node) {
    g_autofree char *type = attribute(node, "type");
    g_autofree char *value = attribute(node, "value");
    bool is_box =
        type && (g_ascii_strcasecmp(type, "checkbox") == 0 || g_ascii_strcasecmp(type, "radio") == 0);
    if (is_box)
        write_collapsed(converter, has_attribute(node, "checked") ? "\xE2\x98\x91" : "\xE2\x98\x90");
    else if (value && (!type || g_ascii_strcasecmp(type, "text") == 0))
        write_collapsed(converter, value);
}

/* A picture is often all there is of a link, so alternative text counts there. Elsewhere it mostly names the
 * file, or is empty. */
static void convert_picture(Converter *converter, const xmlNode *node, const Style *style) {
    g_autofree char *text = style->is_link ? attribute(node, "alt") : NULL;
    if (text)
        write_text(converter, text, style);
}

static void convert_select(Converter *converter, const xmlNode *node, Style *style) {
    for (const xmlNode *option = node->children; option; option = option->next)
        if (html_is(option, "option") && has_attribute(option, "selected"))
            convert_children(converter, option, style);
}

static void convert_item(Converter *converter, const xmlNode *node, Style *style) {
    flush_line(converter, style);
    Style inner = *style;
    if (style->list_number) {
        g_autofree char *mark = g_strdup_printf("%u.", style->list_number++);
        write_word(converter, mark, strlen(mark));
    } else {
        write_word(converter, "•", strlen("•"));
    }
    converter->is_space_due = true;
    inner.list_number = 0;
    gsize before = converter->seen;
    convert_children(converter, node, &inner);
    if (converter->seen == before) /* a mark before nothing */
        g_string_truncate(converter->line, 0);
    flush_line(converter, style);
}

/* ---- tables ---- */

/* Excel's HTML keeps the number beside what is shown of it; 1.38E+10 was a telephone number. */
static void restore_number(const xmlNode *node, GString *text) {
    g_autofree char *number = attribute(node, "x:num");
    if (number && *number && strstr(text->str, "E+"))
        g_string_assign(text, number);
}

static void convert_cell(Converter *converter, const xmlNode *node, Grid *grid, HtmlPlaces *places,
                         Style *style) {
    HtmlPlace place = html_places_next_cell(places, node);
    CellSink sink = {g_string_new(NULL), NULL}, *outer = converter->cell;
    converter->cell = &sink;
    convert_children(converter, node, style);
    flush_line(converter, style);
    converter->cell = outer;
    restore_number(node, sink.text);
    Cell *cell = converter->cells < LIMIT_CELLS ? grid_add_cell(grid, place.row, place.column, place.row_span,
                                                                place.column_span, sink.text->str)
                                                : NULL;
    converter->cells++;
    if (cell) {
        cell->nested = g_steal_pointer(&sink.nested);
    } else {
        converter->is_over_limit = true;
        converter->dropped += document_visible_length(sink.text->str);
        g_clear_pointer(&sink.nested, g_ptr_array_unref);
    }
    g_string_free(sink.text, TRUE);
}

static void convert_rows(Converter *converter, const xmlNode *table, Grid *grid, Style *style) {
    HtmlPlaces places;
    html_places_init(&places);
    for (const xmlNode *row = html_table_next_row(table, NULL); row; row = html_table_next_row(table, row)) {
        Look row_look = look_of(row);
        bool is_row_struck = row_look == LOOK_STRUCK;
        if (row_look == LOOK_HIDDEN)
            continue;
        html_places_next_row(&places);
        for (const xmlNode *cell = row->children; cell; cell = cell->next)
            if (html_is(cell, "td") || html_is(cell, "th")) {
                Look look = look_of(cell);
                Style inner = *style;
                inner.is_struck |= is_row_struck || look == LOOK_STRUCK;
                if (look != LOOK_HIDDEN)
                    convert_cell(converter, cell, grid, &places, &inner);
            }
    }
    html_places_clear(&places);
}

/* Text that stands in a table outside of any cell: browsers show it before the table. */
static void convert_strays(Converter *converter, const xmlNode *node, Style *style) {
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (html_is(child, "td") || html_is(child, "th"))
            continue;
        Style inner = *style;
        inner.depth++;
        if (child->type == XML_TEXT_NODE)
            write_text(converter, (const char *)child->content, style);
        else if (html_is(child, "tr") || html_is(child, "thead") || html_is(child, "tbody") ||
                 html_is(child, "tfoot"))
            convert_strays(converter, child, &inner);
        else if (html_is(child, "caption"))
            convert_children(converter, child, &inner);
    }
    flush_line(converter, style);
}

static void convert_table(Converter *converter, const xmlNode *node, Style *style) {
    flush_line(converter, style);
    if (html_table_is_layout(node)) {
        convert_children(converter, node, style);
        flush_line(converter, style);
        return;
    }
    convert_strays(converter, node, style);
    Block *block = block_new_grid(ORIGIN_BODY, ++converter->tables);
    Style inner = *style;
    inner.is_heading = false;
    inner.list_number = 0;
    convert_rows(converter, node, block->grid, &inner);
    if (!block->grid->cells->len) {
        block_free(block);
    } else if (converter->cell) {
        if (!converter->cell->nested)
            converter->cell->nested = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
        g_ptr_array_add(converter->cell->nested, block);
    } else {
        document_take_block(converter->document, block);
    }
}

/* ---- the walk ---- */

static const char *const DROPPED[] = {"script", "style", "head", "template", "noframes", "button", NULL};
static const char *const BLOCKS[] = {
    "p",       "div",        "ul",      "ol",       "dl",      "dt",      "dd",     "blockquote",
    "pre",     "hr",         "form",    "fieldset", "section", "article", "header", "footer",
    "address", "center",     "tr",      "td",       "th",      "main",    "nav",    "aside",
    "figure",  "figcaption", "details", "summary",  "legend",  "option",  "br",     "h1",
    "h2",      "h3",         "h4",      "h5",       "h6",      "caption", "title",  NULL};
static const char *const HEADINGS[] = {"h1", "h2", "h3", "h4", "h5", "h6", NULL};

static void convert_shown(Converter *converter, const xmlNode *node, Style *style) {
    if (html_is(node, "table")) {
        convert_table(converter, node, style);
    } else if (html_is(node, "li")) {
        convert_item(converter, node, style);
    } else if (html_is(node, "input")) {
        convert_input(converter, node);
    } else if (html_is(node, "select")) {
        convert_select(converter, node, style);
    } else if (html_is(node, "img")) {
        convert_picture(converter, node, style);
    } else {
        Style inner = *style;
        bool is_block = is_one_of(node, BLOCKS);
        inner.is_preformatted |= html_is(node, "pre") || html_is(node, "textarea");
        inner.is_heading |= is_one_of(node, HEADINGS);
        inner.is_link |= html_is(node, "a") && has_attribute(node, "href");
        if (html_is(node, "ol") || html_is(node, "ul"))
            inner.list_number = html_is(node, "ol");
        if (is_block)
            flush_line(converter, style);
        convert_children(converter, node, &inner);
        if (is_block)
            flush_line(converter, &inner);
        if (!html_is(node, "ol") && !html_is(node, "ul"))
            style->list_number = inner.list_number;
    }
}

static void convert_element(Converter *converter, const xmlNode *node, Style *style) {
    if (is_one_of(node, DROPPED))
        return;
    Look look = look_of(node);
    if (look == LOOK_HIDDEN)
        return;
    bool is_around_struck = style->is_struck;
    style->is_struck |= look == LOOK_STRUCK;
    if (look == LOOK_STRUCK && !is_around_struck && converter->struck->len &&
        converter->struck->str[converter->struck->len - 1] != '\n')
        g_string_append_c(converter->struck, ' ');
    convert_shown(converter, node, style);
    style->is_struck = is_around_struck;
}

static void convert_children(Converter *converter, const xmlNode *parent, Style *style) {
    if (style->depth >= LIMIT_XML_DEPTH) {
        converter->is_over_limit = true;
        return;
    }
    style->depth++;
    for (const xmlNode *node = parent->children; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE)
            convert_element(converter, node, style);
        else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            write_text(converter, (const char *)node->content, style);
    }
    style->depth--;
}

/* ---- source ---- */

/* charset=… of a meta element or encoding=… of an XML declaration. */
static char *declared_charset(const char *bytes, gsize length) {
    static const char *const KEYS[] = {"charset", "encoding"};
    g_autofree char *head = g_strndup(bytes, MIN(length, DECLARATION_WITHIN));
    g_autofree char *lower = g_ascii_strdown(head, -1);
    for (guint i = 0; i < G_N_ELEMENTS(KEYS); i++) {
        const char *at = strstr(lower, KEYS[i]);
        if (!at)
            continue;
        at += strlen(KEYS[i]);
        at += strspn(at, " =\"'\t\r\n");
        gsize size = strcspn(at, " \"'/>;?\r\n\t");
        if (size > 0 && size < 40)
            return g_strndup(at, size);
    }
    return NULL;
}

/* The source as UTF-8. What is valid UTF-8 already stays so, whatever it declares: many converters forget the
 * declaration. */
static char *source_text(GBytes *data, bool *ret_is_lossy) {
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    if (length == 0)
        bytes = ""; /* GBytes gives NULL then */
    length = MIN(length, SOURCE_MAX_BYTES);
    bool is_utf16 = length >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
    g_autofree char *label = is_utf16 ? NULL : declared_charset(bytes, length);
    bool is_escaping = label && (g_str_has_prefix(label, "hz") || g_str_has_prefix(label, "iso-2022") ||
                                 strcmp(label, "utf-7") == 0);
    if (!is_utf16 && !is_escaping && g_utf8_validate(bytes, (gssize)length, NULL))
        return g_strndup(bytes, length); /* charset_clean() drops a byte order mark */
    return charset_to_utf8(bytes, length, label, false, ret_is_lossy);
}

/* Length up to TAGS_MAX tags. */
static gsize bounded_length(const char *source) {
    guint tags = 0;
    const char *at = source;
    while ((at = strchr(at, '<'))) {
        if (++tags > TAGS_MAX)
            return (gsize)(at - source);
        at++;
    }
    return strlen(source);
}

static void find_title(Document *document, const xmlNode *root) {
    for (const xmlNode *head = root->children; head && !document->title; head = head->next) {
        if (!html_is(head, "head"))
            continue;
        for (const xmlNode *node = head->children; node && !document->title; node = node->next) {
            if (!html_is(node, "title"))
                continue;
            xmlChar *title = xmlNodeGetContent(node);
            document->title = charset_clean((const char *)title, -1);
            xmlFree(title);
        }
    }
}

static void report(const Converter *converter, const char *name, GPtrArray *problems) {
    if (converter->is_over_limit)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    else if (document_text_length(converter->document) + converter->dropped < converter->seen)
        problem_add_reading(problems, PROBLEM_LOSS, name);
}

Document *html_read(GBytes *data, const char *name, GPtrArray *problems) {
    bool is_lossy = false;
    g_autofree char *raw = source_text(data, &is_lossy);
    g_autofree char *source = charset_clean(raw, -1);
    gsize length = bounded_length(source);
    Document *document = document_new(name);
    Converter converter = {.document = document, .line = g_string_new(NULL), .struck = g_string_new(NULL)};
    converter.is_over_limit = g_bytes_get_size(data) > SOURCE_MAX_BYTES || source[length];
    htmlDocPtr tree = length ? htmlReadMemory(source, (int)length, NULL, "UTF-8",
                                              HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                                                  HTML_PARSE_NOWARNING | HTML_PARSE_COMPACT)
                             : NULL;
    const xmlNode *root = tree ? xmlDocGetRootElement(tree) : NULL;
    bool is_cut = converter.is_over_limit;
    converter.is_over_limit = false;
    if (root) {
        Style style = {0};
        find_title(document, root);
        convert_element(&converter, root, &style);
        flush_line(&converter, &style);
    }
    converter.is_over_limit |= is_cut;
    xmlFreeDoc(tree);
    g_string_free(converter.line, TRUE);
    if (document_visible_length(converter.struck->str))
        document_add_paragraph(document, ORIGIN_HIDDEN, g_strstrip(converter.struck->str));
    g_string_free(converter.struck, TRUE);
    report(&converter, name, problems);
    if (is_lossy)
        problem_add_reading(problems, PROBLEM_LOSS, name);
    return document;
}
