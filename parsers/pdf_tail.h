/* A table that goes on over the next page, with or without its header again. For pdf.c. */
#pragma once

#include "parsers/document.h"
#include "parsers/pdf_cell.h"
#include "parsers/pdf_rules.h"

/* No header has more rows. */
#define PDF_HEADER_ROWS_MAX 3u

/* The end of the last table of a page; zero where there is none, or something stands below it. */
typedef struct {
    Grid *grid; /* not owned */
    guint page, columns;
    double *xs;    /* edges of its columns, columns + 1 of them */
    double *rooms; /* for each column: points left behind the text of the last row; G_MAXDOUBLE: no text */
} PdfTail;

void pdf_tail_clear(PdfTail *tail);

/* Remembers a table that stands in grid; cells are its texts, not yet finished. */
void pdf_tail_set(PdfTail *tail, Grid *grid, const PdfTable *table, PdfCellText *const *cells, guint page);

/* Whether table, the first thing of a page, has the columns of the table that ended the page before. */
bool pdf_tail_goes_on(const PdfTail *tail, const PdfTable *table, guint page);

/* Whether the first row behind n_header rows is the rest of the last row: it has text only where that has
 * some, less of it, and every text fits behind one that its cell's width ended. */
bool pdf_tail_is_cut_row(const PdfTail *tail, const PdfTable *table, PdfCellText *const *cells,
                         guint n_header);

/* Rows at the top of table that repeat those of the grid. texts: those of its cells. */
guint pdf_tail_header_rows(const PdfTail *tail, const PdfTable *table, char *const *texts);
