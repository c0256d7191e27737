#include <locale.h>
#include <string.h>

#include "parsers/formats.h"
#include "parsers/limits.h"

typedef struct {
    const char *why, *source, *text;
    guint grids;
} Case;

static const Case CASES[] = {
    {"lines", "a\r\n\r\n  b  \rc", "a\nb\nc\n", 0},
    {"tabs", "序号\t问题\n1\t怎么申请\n", "序号\t问题\t\n1\t怎么申请\t\n", 1},
    {"one line with a tab is no table", "a\tb\nc", "a\tb\nc\n", 0},
    {"bars with a rule", "| 姓名 | 学号 |\n|----|:---|\n| 张三 | 001 |\n", "姓名\t学号\t\n张三\t001\t\n", 1},
    {"box drawing", "┌──┬──┐\n│a│b│\n├──┼──┤\n│c│d│\n└──┴──┘\n", "a\tb\t\nc\td\t\n", 1},
    {"gaps in the same columns", "序号  问题      状态\n1     如何申请  已答复\n2     何时放假  处理中\n",
     "序号\t问题\t状态\t\n1\t如何申请\t已答复\t\n2\t何时放假\t处理中\t\n", 1},
    {"gaps at random", "您好  老师\n我是某学院的  联络员\n请查收   谢谢\n",
     "您好  老师\n我是某学院的  联络员\n请查收   谢谢\n", 0},
    {"an empty cell", "a\t\tb\nc\td\te\n", "a\t\tb\t\nc\td\te\t\n", 1},
    {"a signature stays", "hello\n-- \nname", "hello\n--\nname\n", 0},
};

static guint count_grids(const Document *document) {
    guint n = 0;
    for (guint i = 0; i < document->blocks->len; i++)
        n += ((const Block *)g_ptr_array_index(document->blocks, i))->grid != NULL;
    return n;
}

static void check(FormatReader reader, const Case *c) {
    g_autoptr(GBytes) bytes = g_bytes_new(c->source, strlen(c->source));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = reader(bytes, "a", problems);
    g_autofree char *text = document_to_text(document);
    g_test_message("%s", c->why);
    g_assert_cmpstr(text, ==, c->text);
    g_assert_cmpuint(count_grids(document), ==, c->grids);
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_text(void) {
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++)
        check(text_read, &CASES[i]);
}

static void test_csv(void) {
    static const Case CSV[] = {
        {"commas", "a,b\n1,2\n", "a\tb\t\n1\t2\t\n", 1},
        {"semicolons with decimal commas", "a;b\n1,5;2,5\n", "a\tb\t\n1,5\t2,5\t\n", 1},
        {"quotes", "a,\"b \"\"q\"\", c\nd\"\n1,2", "a\tb \"q\", c\nd\t\n1\t2\t\n", 1},
        {"declared delimiter", "sep=|\na|b,c\n", "a\tb,c\t\n", 1},
        {"GBK", "\xd0\xd5\xc3\xfb,\xd1\xa7\xba\xc5\n\xd5\xc5\xc8\xfd,001\n", "姓名\t学号\t\n张三\t001\t\n",
         1},
        {"BOM, empty line and empty fields",
         "\xEF\xBB\xBF"
         "a,b\n\n,2\n",
         "a\tb\t\n\t2\t\n", 1},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CSV); i++)
        check(csv_read, &CSV[i]);
}

static void test_bad(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GBytes) open = g_bytes_new_static("a,\"b\nc,d", 8);
    g_autoptr(Document) document = csv_read(open, "a.csv", problems);
    g_assert_true(problem_list_has(problems, PROBLEM_DAMAGED));
    static const char *const PATTERNS[] = {"--\n", "a\tb\n--\n", "|\n", "a  b\n", "\t\n", "x\n", "\"", ","};
    for (guint i = 0; i < G_N_ELEMENTS(PATTERNS); i++) {
        GString *all = g_string_new(NULL);
        while (all->len < 1u << 17) /* the sanitizer makes g_strsplit() quadratic */
            g_string_append(all, PATTERNS[i]);
        g_autoptr(GBytes) bytes = g_string_free_to_bytes(all);
        g_autoptr(Document) text = text_read(bytes, "a.txt", problems);
        g_autoptr(Document) csv = csv_read(bytes, "a.csv", problems);
        g_assert_true(text && csv);
    }
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/lines-and-tables", test_text);
    g_test_add_func("/text/csv", test_csv);
    g_test_add_func("/text/bad", test_bad);
    return g_test_run();
}
