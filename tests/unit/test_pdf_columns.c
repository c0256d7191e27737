#include "parsers/pdf_columns.h"

#include <string.h>

typedef struct {
    GArray *lines, *pieces;
} Page;

#define HEIGHT 10.0

static Page page_new(void) {
    return (Page){g_array_new(FALSE, FALSE, sizeof(PdfLine)), g_array_new(FALSE, FALSE, sizeof(PdfPiece))};
}

/* Begins a line of poppler's. */
static void begin(Page *page) {
    PdfLine line = {g_strdup(""), 0, {0, 0, 0, 0}};
    g_array_append_val(page->lines, line);
}

/* Adds a piece to it; each character is 5 wide. */
static void put(Page *page, double x, double y, const char *text) {
    PdfLine *line = &g_array_index(page->lines, PdfLine, page->lines->len - 1);
    PdfPiece piece = {page->lines->len - 1,
                      strlen(line->text) + (*line->text ? 1 : 0),
                      x,
                      x + 5 * (double)strlen(text),
                      y,
                      y + HEIGHT};
    g_autofree char *before = line->text;
    line->text = *before ? g_strconcat(before, " ", text, NULL) : g_strdup(text);
    g_array_append_val(page->pieces, piece);
}

/* A line of one piece. */
static void put_line(Page *page, double x, double y, const char *text) {
    begin(page);
    put(page, x, y, text);
}

/* All tables, cells in [], rows in lines, then what is left of the lines. */
static char *finish(Page *page) {
    g_autoptr(GPtrArray) tables = pdf_columns_take(page->lines, page->pieces);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < tables->len; i++) {
        const PdfColumns *table = g_ptr_array_index(tables, i);
        for (guint row = 0; row < table->rows->len; row++) {
            char **cells = g_ptr_array_index(table->rows, row);
            for (guint column = 0; column < table->columns; column++)
                g_string_append_printf(text, "[%s]", cells[column]);
            g_string_append_c(text, '\n');
        }
    }
    for (guint i = 0; i < page->lines->len; i++) {
        char *line = g_array_index(page->lines, PdfLine, i).text;
        if (*line)
            g_string_append_printf(text, "%s\n", line);
        g_free(line);
    }
    g_array_unref(page->lines);
    g_array_unref(page->pieces);
    return g_string_free(text, FALSE);
}

/* Rows are found by their places, in whatever lines poppler put them; labels may stand off their columns. */
static void test_places(void) {
    Page page = page_new();
    put_line(&page, 20, 10, "Report");
    begin(&page);
    put(&page, 25, 30, "No");
    put(&page, 90, 30, "Question");
    put(&page, 20, 50, "1"); /* the line below, without an end of line between */
    put(&page, 60, 50, "Where to eat");
    put(&page, 200, 50, "Anna");
    begin(&page);
    put(&page, 60, 90, "Why");
    put(&page, 200, 90, "Bea");
    put_line(&page, 20, 90, "3");
    begin(&page);
    put(&page, 20, 70, "2");
    put(&page, 60, 70, "When");
    put(&page, 200, 70, "Chen");
    put_line(&page, 20, 130, "after");
    put_line(&page, 205, 30, "By");
    g_autofree char *text = finish(&page);
    g_assert_cmpstr(
        text, ==,
        "[No][Question][By]\n[1][Where to eat][Anna]\n[2][When][Chen]\n[3][Why][Bea]\nReport\nafter\n");
}

/* A text that goes on below itself is one cell; a line that does not fit ends the table. */
static void test_rest(void) {
    Page page = page_new();
    for (guint i = 0; i < 3; i++) {
        begin(&page);
        put(&page, 20, 10 + 30 * i, "a");
        put(&page, 60, 10 + 30 * i, "a long");
        put(&page, 200, 10 + 30 * i, "x");
        put_line(&page, 60, 22 + 30 * i, "question");
    }
    put_line(&page, 20, 94, "a sentence that is as wide as all columns");
    g_autofree char *text = finish(&page);
    g_assert_cmpstr(text, ==,
                    "[a][a long question][x]\n[a][a long question][x]\n[a][a long question][x]\n"
                    "a sentence that is as wide as all columns\n");
}

/* Of two pages side by side only the one with the table has it. */
static void test_side_by_side(void) {
    Page page = page_new();
    for (guint i = 0; i < 3; i++)
        put_line(&page, 20, 10 + 12 * i, "left page");
    for (guint i = 0; i < 3; i++) {
        begin(&page);
        put(&page, 320, 10 + 12 * i, "a");
        put(&page, 360, 10 + 12 * i, "b");
        put(&page, 400, 10 + 12 * i, "c");
    }
    g_autofree char *text = finish(&page);
    g_assert_cmpstr(text, ==, "[a][b][c]\n[a][b][c]\n[a][b][c]\nleft page\nleft page\nleft page\n");
}

/* No tables: a page set in three columns, two columns, two rows, lines far apart. */
static void test_none(void) {
    static const struct {
        guint columns, rows;
        double pitch, distance;
        const char *text;
    } CASES[] = {{3, 5, 100, 12, "words words words"},
                 {2, 5, 100, 12, "a"},
                 {4, 2, 100, 12, "a"},
                 {3, 3, 100, 50, "a"}};
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Page page = page_new();
        g_autoptr(GString) expected = g_string_new(NULL);
        for (guint row = 0; row < CASES[i].rows; row++)
            for (guint column = 0; column < CASES[i].columns; column++) {
                put_line(&page, 20 + CASES[i].pitch * column, 10 + CASES[i].distance * row, CASES[i].text);
                g_string_append_printf(expected, "%s\n", CASES[i].text);
            }
        g_autofree char *text = finish(&page);
        g_assert_cmpstr(text, ==, expected->str);
    }
}

/* Many pieces at odd places, also without height; more than are looked at. */
static void check_hostile(guint n_pieces) {
    Page page = page_new();
    for (guint i = 0; i < n_pieces; i++) {
        if (i % 3 == 0)
            begin(&page);
        put(&page, (i * 7919) % 500, (i * 104729) % 700, "x");
        if (i % 5 == 0)
            g_array_index(page.pieces, PdfPiece, i).bottom = -1;
    }
    g_autofree char *text = finish(&page);
    guint n = 0;
    for (const char *at = text; *at; at++)
        n += *at == 'x';
    g_assert_cmpuint(n, ==, n_pieces);
}

static void test_hostile(void) {
    check_hostile(10000);
    check_hostile(20000);
}

/* As many lines of prose in three columns as are looked at: each is found to be none again and again. */
static void test_long_prose(void) {
    Page page = page_new();
    for (guint i = 0; i < 3333; i++) {
        begin(&page);
        for (guint column = 0; column < 3; column++)
            put(&page, 20 + 100 * column, 12 * i, "words words words");
    }
    g_autofree char *text = finish(&page);
    g_assert_null(strchr(text, '['));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pdf_columns/places", test_places);
    g_test_add_func("/pdf_columns/rest", test_rest);
    g_test_add_func("/pdf_columns/side_by_side", test_side_by_side);
    g_test_add_func("/pdf_columns/none", test_none);
    g_test_add_func("/pdf_columns/hostile", test_hostile);
    g_test_add_func("/pdf_columns/long_prose", test_long_prose);
    return g_test_run();
}
