#include "parsers/docx_table.h"

/* Word has 63 columns; gridSpan and gridBefore of strangers may say anything. */
#define COLUMNS_MAX 1000u

DocxTable *docx_table_new(BlockOrigin origin, guint number) {
    DocxTable *table = g_new0(DocxTable, 1);
    table->block = block_new_grid(origin, number);
    table->row = -1;
    table->above = g_ptr_array_new();
    table->text = g_string_new(NULL);
    return table;
}

Block *docx_table_finish(DocxTable *table) {
    Block *block = table->block;
    g_ptr_array_unref(table->above);
    g_string_free(table->text, TRUE);
    if (table->nested)
        g_ptr_array_unref(table->nested);
    g_free(table);
    return block;
}

void docx_table_start_row(DocxTable *table) {
    table->row++;
    table->column = 0;
    table->row_first_cell = table->block->grid->cells->len;
    table->is_row_deleted = false;
    table->previous = NULL;
}

void docx_table_end_row(DocxTable *table) {
    if (!table->is_row_deleted)
        return;
    g_ptr_array_set_size(table->block->grid->cells, (gint)table->row_first_cell);
    g_ptr_array_set_size(table->above, 0); /* a merge through a deleted row begins anew below it */
    table->block->grid->rows = (guint)table->row;
    table->previous = NULL;
    table->row--;
}

void docx_table_start_cell(DocxTable *table) {
    if (table->row < 0)
        docx_table_start_row(table);
    table->is_in_cell = true;
    table->span = 1;
    table->vertical = table->horizontal = MERGE_NONE;
    g_string_truncate(table->text, 0);
}

static void append_text(GString *cell_text, const char *text) {
    if (cell_text->len)
        g_string_append_c(cell_text, '\n');
    g_string_append(cell_text, text);
}

void docx_table_add_text(DocxTable *table, const char *text) {
    if (*text)
        append_text(table->text, text);
}

void docx_table_add_nested(DocxTable *table, Block *block) {
    if (!table->nested)
        table->nested = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
    g_ptr_array_add(table->nested, block);
}

static Cell *open_above(const DocxTable *table) {
    return table->column < table->above->len ? g_ptr_array_index(table->above, table->column) : NULL;
}

static void set_above(DocxTable *table, Cell *cell) {
    guint end = table->column + table->span;
    if (table->above->len < end)
        g_ptr_array_set_size(table->above, (gint)end);
    for (guint column = table->column; column < end; column++)
        table->above->pdata[column] = cell;
}

/* What Word hides in a continued cell is kept: it is text that somebody wrote. */
static void join_into(DocxTable *table, Cell *cell) {
    if (table->text->len) {
        char *joined =
            *cell->text ? g_strconcat(cell->text, "\n", table->text->str, NULL) : g_strdup(table->text->str);
        g_free(cell->text);
        cell->text = joined;
    }
    for (guint i = 0; table->nested && i < table->nested->len; i++) {
        if (!cell->nested)
            cell->nested = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
        g_ptr_array_add(cell->nested, table->nested->pdata[i]);
    }
    if (table->nested)
        g_free(g_ptr_array_free(g_steal_pointer(&table->nested), FALSE));
}

bool docx_table_end_cell(DocxTable *table) {
    Grid *grid = table->block->grid;
    table->is_in_cell = false;
    if (table->column + table->span > COLUMNS_MAX)
        table->span = 1;
    Cell *above = open_above(table);
    bool is_added = true;
    if (table->vertical == MERGE_CONTINUE && above) {
        guint reaches = above->row + above->row_span;
        if (reaches <= (guint)table->row)
            grid_extend_cell(grid, above, (guint)table->row + 1 - reaches, 0);
        join_into(table, above);
        set_above(table, above);
        table->previous = above;
    } else if (table->horizontal == MERGE_CONTINUE && table->previous) {
        if (table->previous->row == (guint)table->row)
            grid_extend_cell(grid, table->previous, 0, table->span);
        join_into(table, table->previous);
        set_above(table, open_above(table));
    } else {
        Cell *cell = grid_add_cell(grid, (guint)table->row, table->column, 1, table->span, table->text->str);
        is_added = cell != NULL;
        if (cell)
            cell->nested = g_steal_pointer(&table->nested);
        g_clear_pointer(&table->nested, g_ptr_array_unref);
        set_above(table, table->vertical == MERGE_RESTART ? cell : NULL);
        table->previous = cell;
    }
    table->column += table->span;
    return is_added;
}
