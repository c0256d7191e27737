#include "parsers/document.h"
#include "parsers/limits.h"

static Document *sample(void) {
    Document *document = document_new("a.docx");
    document_add_paragraph(document, ORIGIN_BODY, "双周报\x01");
    Grid *grid = document_add_grid(document, ORIGIN_BODY, NULL);
    grid_add_cell(grid, 0, 0, 2, 1, "a");
    grid_add_cell(grid, 0, 1, 1, 2, "b");
    Cell *cell = grid_add_cell(grid, 1, 1, 1, 1, "c");
    cell->nested = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
    Block *nested = block_new_grid(ORIGIN_BODY, 2);
    grid_add_cell(nested->grid, 0, 0, 1, 1, "n");
    g_ptr_array_add(cell->nested, nested);
    grid_add_cell(grid, 1, 2, 1, 1, "d");
    return document;
}

static void test_text(void) {
    g_autoptr(Document) document = sample();
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "双周报\na\tb\t\nc\td\t\nn\t\n");
    g_assert_cmpuint(document_text_length(document), ==, 8);
}

static void test_json(void) {
    g_autoptr(Document) document = sample();
    json_t *json = document_grids_to_json(document);
    char *text = json_dumps(json, JSON_COMPACT);
    g_assert_cmpstr(text, ==, "[[[\"a\",\"b\"],[\"\",\"c\",\"d\"]],[[\"n\"]]]");
    free(text);
    json_decref(json);
}

static void test_index(void) {
    g_autoptr(Document) document = sample();
    const Grid *grid = ((Block *)g_ptr_array_index(document->blocks, 1))->grid;
    g_assert_cmpuint(grid->rows, ==, 2);
    g_assert_cmpuint(grid->columns, ==, 3);
    g_autofree const Cell **index = grid_index(grid);
    for (guint row = 0; row < 2; row++)
        for (guint column = 0; column < 3; column++)
            g_assert_true(index[row * 3 + column] == grid_cell_at(grid, row, column));
    g_assert_cmpstr(index[3]->text, ==, "a");
    g_assert_cmpstr(index[2]->text, ==, "b");
}

/* A merge over a whole sheet, again and again: neither memory nor time may follow it. */
static void test_huge_spans(void) {
    g_autoptr(Document) document = document_new(NULL);
    Grid *grid = document_add_grid(document, ORIGIN_BODY, "s");
    for (guint i = 0; i < LIMIT_CELLS; i++)
        g_assert_nonnull(grid_add_cell(grid, i, 0, 1000, 1000, "x"));
    g_assert_null(grid_add_cell(grid, 0, 0, 1, 1, "x"));
    g_assert_cmpuint(grid->places, <=, LIMIT_GRID_PLACES + LIMIT_CELLS);
    g_assert_null(grid_index(grid));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/document/text", test_text);
    g_test_add_func("/document/json", test_json);
    g_test_add_func("/document/index", test_index);
    g_test_add_func("/document/huge-spans", test_huge_spans);
    return g_test_run();
}
