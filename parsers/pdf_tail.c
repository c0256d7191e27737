#include "parsers/pdf_tail.h"

#include <string.h>

/* Columns of one table stand at the same place on every page, but for rounding; in points. */
#define EDGE_TOLERANCE 4.0

void pdf_tail_clear(PdfTail *tail) {
    g_free(tail->xs);
    g_free(tail->rooms);
    *tail = (PdfTail){0};
}

void pdf_tail_set(PdfTail *tail, Grid *grid, const PdfTable *table, PdfCellText *const *cells, guint page) {
    pdf_tail_clear(tail);
    guint columns = table->xs->len - 1, rows = table->ys->len - 1;
    *tail = (PdfTail){grid, page, columns, g_new(double, columns + 1), g_new(double, columns)};
    memcpy(tail->xs, table->xs->data, (columns + 1) * sizeof *tail->xs);
    for (guint column = 0; column < columns; column++)
        tail->rooms[column] = G_MAXDOUBLE;
    for (guint i = 0; i < table->cells->len; i++) {
        const PdfCell *place = &g_array_index(table->cells, PdfCell, i);
        if (place->row + place->row_span == rows)
            tail->rooms[place->column] = pdf_cell_room(cells[i]);
    }
}

bool pdf_tail_goes_on(const PdfTail *tail, const PdfTable *table, guint page) {
    if (!tail->grid || tail->grid->rows == 0 || page != tail->page + 1 || table->xs->len != tail->columns + 1)
        return false;
    for (guint i = 0; i <= tail->columns; i++)
        if (ABS(tail->xs[i] - g_array_index(table->xs, double, i)) > EDGE_TOLERANCE)
            return false;
    return true;
}

bool pdf_tail_is_cut_row(const PdfTail *tail, const PdfTable *table, PdfCellText *const *cells,
                         guint n_header) {
    bool has_text = false, has_gap = false;
    for (guint i = 0; i < table->cells->len; i++) {
        const PdfCell *place = &g_array_index(table->cells, PdfCell, i);
        if (place->row != n_header)
            continue;
        double room = tail->rooms[place->column];
        bool is_empty = pdf_cell_is_empty(cells[i]);
        has_text |= !is_empty;
        has_gap |= is_empty && room < G_MAXDOUBLE;
        if (!is_empty && (room == G_MAXDOUBLE || !pdf_cell_goes_on(cells[i], room)))
            return false;
    }
    return has_text && has_gap;
}

static bool is_repeated(const PdfTail *tail, const PdfTable *table, char *const *texts, guint row) {
    bool has_text = false;
    for (guint i = 0; i < table->cells->len; i++) {
        const PdfCell *place = &g_array_index(table->cells, PdfCell, i);
        if (place->row != row)
            continue;
        const Cell *cell = grid_cell_at(tail->grid, row, place->column);
        if (!cell || cell->column != place->column || strcmp(cell->text, texts[i]) != 0)
            return false;
        has_text |= *texts[i] != 0;
    }
    return has_text;
}

guint pdf_tail_header_rows(const PdfTail *tail, const PdfTable *table, char *const *texts) {
    guint rows = 0, most = MIN(MIN(PDF_HEADER_ROWS_MAX, table->ys->len - 1), tail->grid->rows);
    while (rows < most && is_repeated(tail, table, texts, rows))
        rows++;
    return rows;
}
