/* Ruling lines of a PDF page: found in a picture of it, joined into tables. For pdf.c. */
#pragma once

#include <glib.h>
#include <poppler.h>

typedef struct {
    guint row, column, row_span, column_span;
} PdfCell;

typedef struct {
    GArray *xs, *ys;   /* double, points from the left and top: edges of columns and rows, ascending */
    GArray *cells;     /* PdfCell, row by row */
    guint *cell_index; /* for each row and column: index of its cell */
} PdfTable;

/* Draws a page of width × height points and returns the PdfTable* of its ruled tables, perhaps none; free
 * with g_ptr_array_unref(). */
GPtrArray *pdf_rules_find(PopplerPage *page, double width, double height);

/* The cell of a table that holds a point, or -1 where the point is outside. */
int pdf_table_cell_at(const PdfTable *table, double x, double y);
