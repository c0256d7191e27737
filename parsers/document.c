#include "parsers/document.h"

#include "parsers/charset.h"
#include "parsers/limits.h"
#include "parsers/utf8.h"

/* A span wider than any real form is a sheet-wide merge: its text stands in the first place, the rest is air.
 */
#define SPAN_MAX 100000u

static void cell_free(gpointer data) {
    Cell *cell = data;
    g_free(cell->text);
    if (cell->nested)
        g_ptr_array_unref(cell->nested);
    g_free(cell);
}

static Grid *grid_new(const char *name, guint number) {
    Grid *grid = g_new0(Grid, 1);
    grid->cells = g_ptr_array_new_with_free_func(cell_free);
    grid->name = g_strdup(name);
    grid->number = number;
    return grid;
}

static void grid_free(Grid *grid) {
    g_ptr_array_unref(grid->cells);
    g_free(grid->name);
    g_free(grid);
}

void block_free(Block *block) {
    if (!block)
        return;
    g_clear_pointer(&block->grid, grid_free);
    g_free(block->text);
    g_free(block);
}

Document *document_new(const char *name) {
    Document *document = g_new0(Document, 1);
    document->name = g_strdup(name ? name : "");
    document->blocks = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
    return document;
}

void document_free(Document *document) {
    if (!document)
        return;
    g_free(document->name);
    g_free(document->title);
    g_clear_pointer(&document->volatile_texts, g_ptr_array_unref);
    g_ptr_array_unref(document->blocks);
    g_free(document);
}

void document_note_volatile(Document *document, const char *text) {
    gsize length = document_visible_length(text);
    document->volatile_length += length;
    if (!document->volatile_texts)
        document->volatile_texts = g_ptr_array_new_with_free_func(g_free);
    if (length && document->volatile_texts->len < DOCUMENT_VOLATILE_MAX)
        g_ptr_array_add(document->volatile_texts, charset_clean(text, -1));
}

static guint count_blocks(const Document *document, BlockKind kind) {
    /* numbers ascend, so the last block of the kind knows how many there are */
    for (guint i = document->blocks->len; i-- > 0;) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        if (block->kind == kind)
            return block->number;
    }
    return 0;
}

Block *block_new_paragraph(BlockOrigin origin, const char *text) {
    Block *block = g_new0(Block, 1);
    block->kind = BLOCK_PARAGRAPH;
    block->origin = origin;
    block->text = charset_clean(text ? text : "", -1);
    return block;
}

void document_take_block(Document *document, Block *block) {
    if (block->kind == BLOCK_PARAGRAPH)
        block->number = count_blocks(document, BLOCK_PARAGRAPH) + 1;
    g_ptr_array_add(document->blocks, block);
}

Block *document_add_paragraph(Document *document, BlockOrigin origin, const char *text) {
    Block *block = block_new_paragraph(origin, text);
    document_take_block(document, block);
    return block;
}

Block *block_new_grid(BlockOrigin origin, guint number) {
    Block *block = g_new0(Block, 1);
    block->kind = BLOCK_GRID;
    block->origin = origin;
    block->number = number;
    block->grid = grid_new(NULL, number);
    return block;
}

Grid *document_add_grid(Document *document, BlockOrigin origin, const char *sheet_name) {
    Block *block = block_new_grid(origin, count_blocks(document, BLOCK_GRID) + 1);
    block->grid->name = sheet_name ? charset_clean(sheet_name, -1) : NULL;
    g_ptr_array_add(document->blocks, block);
    return block->grid;
}

Cell *grid_add_cell(Grid *grid, guint row, guint column, guint row_span, guint column_span,
                    const char *text) {
    if (grid->cells->len >= LIMIT_CELLS || row >= G_MAXINT32 || column >= G_MAXINT32)
        return NULL;
    row_span = CLAMP(row_span, 1, SPAN_MAX);
    column_span = CLAMP(column_span, 1, SPAN_MAX);
    gsize places = (gsize)row_span * column_span;
    if (places > 1 && grid->places + places > LIMIT_GRID_PLACES)
        row_span = column_span = places = 1;
    Cell *cell = g_new0(Cell, 1);
    cell->row = row;
    cell->column = column;
    cell->row_span = row_span;
    cell->column_span = column_span;
    cell->text = charset_clean(text ? text : "", -1);
    grid->places += places;
    grid->rows = MAX(grid->rows, row + row_span);
    grid->columns = MAX(grid->columns, column + column_span);
    g_ptr_array_add(grid->cells, cell);
    return cell;
}

bool grid_extend_cell(Grid *grid, Cell *cell, guint more_rows, guint more_columns) {
    gsize before = (gsize)cell->row_span * cell->column_span;
    gsize after = ((gsize)cell->row_span + more_rows) * ((gsize)cell->column_span + more_columns);
    if (grid->places + (after - before) > LIMIT_GRID_PLACES)
        return false;
    grid->places += after - before;
    cell->row_span += more_rows;
    cell->column_span += more_columns;
    grid->rows = MAX(grid->rows, cell->row + cell->row_span);
    grid->columns = MAX(grid->columns, cell->column + cell->column_span);
    return true;
}

static bool covers(const Cell *cell, guint row, guint column) {
    return row >= cell->row && row - cell->row < cell->row_span && column >= cell->column &&
           column - cell->column < cell->column_span;
}

const Cell *grid_cell_at(const Grid *grid, guint row, guint column) {
    for (guint i = 0; i < grid->cells->len; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        if (covers(cell, row, column))
            return cell;
    }
    return NULL;
}

const Cell **grid_index(const Grid *grid) {
    gsize places = (gsize)grid->rows * grid->columns;
    if (places > LIMIT_GRID_PLACES)
        return NULL;
    const Cell **index = g_new0(const Cell *, MAX(places, 1));
    for (guint i = 0; i < grid->cells->len; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        for (guint row = cell->row; row < cell->row + cell->row_span; row++)
            for (guint column = cell->column; column < cell->column + cell->column_span; column++) {
                const Cell **place = &index[(gsize)row * grid->columns + column];
                if (!*place)
                    *place = cell;
            }
    }
    return index;
}

/* ---- text and JSON: nested grids follow the row of their parent ---- */

static void append_grid_text(GString *text, const Grid *grid, guint depth);

static void append_nested_text(GString *text, const Grid *grid, guint from, guint to, guint depth) {
    for (guint i = from; i < to && depth < LIMIT_XML_DEPTH; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        for (guint n = 0; cell->nested && n < cell->nested->len; n++) {
            const Block *block = g_ptr_array_index(cell->nested, n);
            if (block->grid)
                append_grid_text(text, block->grid, depth + 1);
            else
                g_string_append_printf(text, "%s\n", block->text);
        }
    }
}

static void append_grid_text(GString *text, const Grid *grid, guint depth) {
    guint row_start = 0;
    for (guint i = 0; i < grid->cells->len; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        g_string_append(text, cell->text);
        g_string_append_c(text, '\t');
        const Cell *next = i + 1 < grid->cells->len ? g_ptr_array_index(grid->cells, i + 1) : NULL;
        if (next && next->row == cell->row)
            continue;
        g_string_append_c(text, '\n');
        append_nested_text(text, grid, row_start, i + 1, depth);
        row_start = i + 1;
    }
}

char *document_to_text(const Document *document) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        if (block->kind == BLOCK_GRID) {
            append_grid_text(text, block->grid, 0);
        } else {
            g_string_append(text, block->text);
            g_string_append_c(text, '\n');
        }
    }
    return g_string_free(text, FALSE);
}

static json_t *grid_to_json(const Grid *grid, json_t *empty) {
    bool is_padded = (gsize)grid->rows * grid->columns <= LIMIT_GRID_PLACES;
    json_t *rows = json_array();
    json_t *cells = NULL;
    for (guint i = 0; i < grid->cells->len; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        while (!cells || (is_padded && json_array_size(rows) <= cell->row)) {
            cells = json_array();
            json_array_append_new(rows, cells);
        }
        if (is_padded)
            cells = json_array_get(rows, cell->row);
        while (is_padded && json_array_size(cells) < cell->column)
            json_array_append(cells, empty);
        json_array_append_new(cells, json_string(cell->text));
    }
    return rows;
}

static void append_grids(json_t *grids, const Grid *grid, json_t *empty, guint depth) {
    json_array_append_new(grids, grid_to_json(grid, empty));
    for (guint i = 0; i < grid->cells->len && depth < LIMIT_XML_DEPTH; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        for (guint n = 0; cell->nested && n < cell->nested->len; n++) {
            const Block *block = g_ptr_array_index(cell->nested, n);
            if (block->grid)
                append_grids(grids, block->grid, empty, depth + 1);
        }
    }
}

json_t *document_grids_to_json(const Document *document) {
    json_t *grids = json_array();
    json_t *empty = json_string(""); /* one string for all blank places: a sheet may have two million */
    for (guint i = 0; i < document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        if (block->kind == BLOCK_GRID)
            append_grids(grids, block->grid, empty, 0);
    }
    json_decref(empty);
    return grids;
}

gsize document_visible_length(const char *text) {
    gsize length = 0;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        guchar lead = (guchar)*at; /* between these bytes begin Chinese characters, all of them visible */
        if ((lead >= 0xE4 && lead <= 0xE9) || !utf8_is_space(utf8_char(at)))
            length++;
    }
    return length;
}

static gsize grid_text_length(const Grid *grid, guint depth) {
    gsize length = 0;
    for (guint i = 0; i < grid->cells->len; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        length += document_visible_length(cell->text);
        for (guint n = 0; cell->nested && depth < LIMIT_XML_DEPTH && n < cell->nested->len; n++) {
            const Block *block = g_ptr_array_index(cell->nested, n);
            length +=
                block->grid ? grid_text_length(block->grid, depth + 1) : document_visible_length(block->text);
        }
    }
    return length;
}

gsize document_text_length(const Document *document) {
    gsize length = 0;
    for (guint i = 0; i < document->blocks->len; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        length += block->grid ? grid_text_length(block->grid, 0) : document_visible_length(block->text);
    }
    return length;
}
