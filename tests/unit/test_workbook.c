/* Workbook and CSV: what others wrote stays text and stays whole. */
#include "gateway/io/workbook.h"

#include <string.h>

#include "parsers/formats.h"

static json_t *sheet_of(const char *text) {
    return json_pack("[{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}], s:[[s, i], [s, n]]}]", "key", "a", "title",
                     "a[]:*?/\\'b", "columns", "title", "组织", "type", "text", "title", "数", "type",
                     "number", "rows", text, 1234, "second");
}

static char *read_cell(const char *text) {
    g_autoptr(GError) error = NULL;
    json_t *sheets = sheet_of(text);
    g_autoptr(GBytes) xlsx = workbook_render(sheets, "t", 1467072000, g_get_tmp_dir(), &error);
    g_assert_no_error(error);
    g_autoptr(GBytes) again = workbook_render(sheets, "t", 1467072000, g_get_tmp_dir(), &error);
    g_assert_true(g_bytes_equal(xlsx, again));
    json_decref(sheets);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = xlsx_read(xlsx, "a.xlsx", problems);
    g_assert_nonnull(document);
    g_assert_cmpuint(problems->len, ==, 0);
    const Grid *grid = ((const Block *)document->blocks->pdata[document->blocks->len - 1])->grid;
    const Cell *number = grid_cell_at(grid, 2, 1);
    g_assert_cmpstr(number->text, ==, "1234");
    return g_strdup(grid_cell_at(grid, 2, 0)->text);
}

static void test_hostile(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"},
        {"+8613800001234", "+8613800001234"},
        {"＝1+1", "＝1+1"},
        {"<b>&\"'</b>", "<b>&\"'</b>"},
        {"𠮷镕😀", "𠮷镕😀"},
        {"a\u202e\u200bb\x01\nc", "ab c"},
        {"http://example.com/", "http://example.com/"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *cell = read_cell(cases[i].text);
        g_assert_cmpstr(cell, ==, cases[i].want);
    }
    g_autofree char *word = g_strnfill(10000, 'w');
    g_autofree char *cell = read_cell(word);
    g_assert_cmpstr(cell, ==, word);
}

static void test_csv(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"=1+1", "\"'=1+1\""}, {"  @x", "\"'@x\""},    {"＋1", "\"'＋1\""},
        {"-5", "\"'-5\""},     {"a\"b", "\"a\"\"b\""}, {"平常,文字", "\"平常,文字\""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *sheets = sheet_of(cases[i].text);
        g_autofree char *csv = workbook_csv(json_array_get(sheets, 0));
        g_auto(GStrv) lines = g_strsplit(csv, "\r\n", -1);
        g_autofree char *want = g_strconcat(cases[i].want, ",1234", NULL);
        g_assert_true(g_str_has_prefix(lines[0], "\xEF\xBB\xBF\"组织\""));
        g_assert_cmpstr(lines[1], ==, want);
        g_assert_cmpstr(lines[2], ==, "\"second\",");
        json_decref(sheets);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/workbook/hostile text, equal bytes", test_hostile);
    g_test_add_func("/workbook/csv", test_csv);
    return g_test_run();
}
