#include "parsers/html_table.h"

#include <string.h>

/* Browsers stop at these (HTML 4.9.11): colspan 1000, rowspan 65534; a form needs less. */
#define SPAN_MAX    1000u
#define COLUMNS_MAX 16384u

void html_places_init(HtmlPlaces *places) {
    *places = (HtmlPlaces){0, g_array_new(FALSE, TRUE, sizeof(guint)), 0};
}

void html_places_clear(HtmlPlaces *places) {
    g_array_unref(places->reserved_until);
}

void html_places_next_row(HtmlPlaces *places) {
    places->row++;
    places->column = 0;
}

bool html_is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && g_ascii_tolower((gchar)*node->name) == *name &&
           g_ascii_strcasecmp((const char *)node->name, name) == 0;
}

static guint span_of(const xmlNode *cell, const char *name) {
    xmlChar *text = xmlGetProp((xmlNode *)cell, BAD_CAST name);
    guint64 span = 1;
    if (text)
        g_ascii_string_to_unsigned(g_strstrip((char *)text), 10, 1, SPAN_MAX, &span, NULL);
    xmlFree(text);
    return (guint)span;
}

static guint reserved_until(const HtmlPlaces *places, guint column) {
    return column < places->reserved_until->len ? g_array_index(places->reserved_until, guint, column) : 0;
}

HtmlPlace html_places_next_cell(HtmlPlaces *places, const xmlNode *cell) {
    guint row = places->row - 1;
    while (places->column < COLUMNS_MAX && reserved_until(places, places->column) > row)
        places->column++;
    HtmlPlace place = {row, places->column, span_of(cell, "rowspan"), span_of(cell, "colspan")};
    guint end = place.column + place.column_span;
    if (places->reserved_until->len < end)
        g_array_set_size(places->reserved_until, end);
    for (guint column = place.column; column < end; column++)
        g_array_index(places->reserved_until, guint, column) = row + place.row_span;
    places->column = end;
    return place;
}

static bool is_row_group(const xmlNode *node) {
    return html_is(node, "thead") || html_is(node, "tbody") || html_is(node, "tfoot");
}

static const xmlNode *first_row_from(const xmlNode *node) {
    for (; node; node = node->next) {
        if (html_is(node, "tr"))
            return node;
        const xmlNode *inner = is_row_group(node) ? first_row_from(node->children) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

const xmlNode *html_table_next_row(const xmlNode *table, const xmlNode *row) {
    if (!row)
        return first_row_from(table->children);
    const xmlNode *next = first_row_from(row->next);
    while (!next && row->parent && row->parent != table) {
        row = row->parent;
        next = first_row_from(row->next);
    }
    return next;
}

static bool has_blocks(const xmlNode *cell) {
    static const char *const BLOCKS[] = {"table", "div", "p",  "ul",     "ol",        "h1",
                                         "h2",    "h3",  "h4", "center", "blockquote"};
    for (const xmlNode *node = cell->children; node; node = node->next)
        for (guint i = 0; i < G_N_ELEMENTS(BLOCKS); i++)
            if (html_is(node, BLOCKS[i]))
                return true;
    return false;
}

bool html_table_is_layout(const xmlNode *table) {
    guint n_rows = 0;
    bool is_any_block = false;
    for (const xmlNode *row = html_table_next_row(table, NULL); row; row = html_table_next_row(table, row)) {
        guint n_cells = 0;
        for (const xmlNode *cell = row->children; cell; cell = cell->next) {
            if (!html_is(cell, "td") && !html_is(cell, "th"))
                continue;
            if (++n_cells > 1)
                return false;
            is_any_block |= has_blocks(cell);
        }
        n_rows += n_cells > 0;
    }
    return n_rows <= 1 || is_any_block;
}
