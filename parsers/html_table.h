/* Where the cells of an HTML table go, and whether a table is one at all. For html.c. */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

typedef struct {
    guint row;              /* rows begun so far */
    GArray *reserved_until; /* guint for each column: first row that is free again */
    guint column;           /* next place to try in the current row */
} HtmlPlaces;

typedef struct {
    guint row, column, row_span, column_span;
} HtmlPlace;

/* Before the first row of a table. */
void html_places_init(HtmlPlaces *places);
/* Frees what html_places_init() took. */
void html_places_clear(HtmlPlaces *places);
/* Begins a row. */
void html_places_next_row(HtmlPlaces *places);
/* The place of the next cell of the current row (HTML 4.9.12.1); its spans are taken from the attributes. */
HtmlPlace html_places_next_cell(HtmlPlaces *places, const xmlNode *cell);

/* True for an element of this name, in any case. */
bool html_is(const xmlNode *node, const char *name);

/* True if a table only arranges blocks: a single cell, or a single column with blocks in it. Looks at this
 * table's own cells only. */
bool html_table_is_layout(const xmlNode *table);

/* The next row of a table after `row` (NULL: the first), through thead, tbody and tfoot; NULL at the end. */
const xmlNode *html_table_next_row(const xmlNode *table, const xmlNode *row);
