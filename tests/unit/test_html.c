#include <locale.h>
#include <string.h>

#include "parsers/formats.h"
#include "parsers/limits.h"

static Document *read_html(const char *html, gssize length, GPtrArray *problems) {
    g_autoptr(GBytes) bytes = g_bytes_new(html, length < 0 ? strlen(html) : (gsize)length);
    return html_read(bytes, "a.html", problems);
}

typedef struct {
    const char *why, *html, *text;
} Case;

static const Case CASES[] = {
    {"blocks and white space", "<p>a\n  b</p><div>c<br>d</div>e", "a b\nc\nd\ne\n"},
    {"inline elements add no space", "<b>138</b><i>0000</i><span>1234</span>", "13800001234\n"},
    {"entities", "<p>a&nbsp;&amp;&#22995;</p>", "a\xC2\xA0&姓\n"},
    {"not shown",
     "<head><style>x</style><title>t</title></head><body><script>y</script><p style=\"DISPLAY : "
     "None\">z</p><p hidden>h</p>a",
     "a\n"},
    {"lists", "<ol><li>a<li>b<ul><li>c</ul></ol>", "1. a\n2. b\n• c\n"},
    {"preformatted", "<pre>a  b\nc</pre>", "a  b\nc\n"},
    {"table", "<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\t\nc\td\t\n"},
    {"spans", "<table><tr><td rowspan=2>a</td><td colspan=2>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
     "a\tb\t\nc\td\t\n"},
    {"layout tables are no tables",
     "<table><tr><td><p>a</p><table><tr><td>x<td>y</tr></table></td></tr></table>", "a\nx\ty\t\n"},
    {"paragraphs of a cell", "<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\nb\tc\t\n"},
    {"nested table", "<table><tr><td>a<table><tr><td>n<td>m</table></td><td>b</td></tr></table>",
     "a\tb\t\nn\tm\t\n"},
    {"form elements",
     "<p><input type=checkbox checked>A <input type=radio>B <input value='v'><select><option>x<option "
     "selected>y</select></p>",
     "☑A ☐B vy\n"},
    {"a number of Excel", "<table><tr><td x:num=\"13800001234\">1.38E+10</td><td>b</td></tr></table>",
     "13800001234\tb\t\n"},
    {"stray text in a table", "<table>a<tr><td>b</td><td>c</td></tr></table>", "a\nb\tc\t\n"},
    {"caption", "<table><caption>t</caption><tr><td>b</td><td>c</td></tr></table>", "t\nb\tc\t\n"},
    {"a picture that is a link", "<a href=x><img alt=\"sign up\"></a><p><img alt=\"logo.png\">a</p>",
     "sign up\na\n"},
    {"struck text is kept at the end",
     "<p>a<s>1</s>b <del>2</del></p><table><tr style=\"text-decoration: "
     "Line-Through\"><td>3<td>4<tr><td><span "
     "style='text-decoration:underline line-through'>5 6</span> c<td><strike>7</strike></table>",
     "ab\n\t\t\nc\t\t\n1 2\n3\n4\n5 6\n7\n"},
};

static void test_cases(void) {
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = read_html(CASES[i].html, -1, problems);
        g_autofree char *text = document_to_text(document);
        g_test_message("%s", CASES[i].why);
        g_assert_cmpstr(text, ==, CASES[i].text);
        g_assert_cmpuint(problems->len, ==, 0);
    }
}

static void test_spans(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_html(CASES[7].html, -1, problems);
    const Grid *grid = ((Block *)g_ptr_array_index(document->blocks, 0))->grid;
    g_assert_cmpuint(grid->columns, ==, 3);
    g_assert_cmpstr(grid_cell_at(grid, 1, 0)->text, ==, "a");
    g_assert_cmpstr(grid_cell_at(grid, 1, 2)->text, ==, "d");
}

static void test_charsets(void) {
    const struct {
        const char *html;
        const char *text;
    } CHARSETS[] = {
        {"<meta charset=gb2312><p>\xe9\x46\xd5\xe3", "镕浙\n"}, /* outside of GB2312, inside of GBK */
        {"<meta charset=gb2312><p>\xe5\xa7\x93\xe5\x90\x8d",
         "姓名\n"}, /* converted already, declaration forgotten */
        {"\xEF\xBB\xBF<meta charset=gbk><p>\xe8\x81\x94\xe9\x80\x9a", "联通\n"},
        {"<p>\xd0\xd5\xc3\xfb\xa3\xba\xd5\xc5\xc8\xfd", "姓名：张三\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CHARSETS); i++) {
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = read_html(CHARSETS[i].html, -1, problems);
        g_autofree char *text = document_to_text(document);
        g_assert_cmpstr(text, ==, CHARSETS[i].text);
    }
}

static char *repeat(const char *text, guint n) {
    GString *all = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append(all, text);
    return g_string_free(all, FALSE);
}

static void test_hostile(void) {
    static const char *const PATTERNS[] = {"<table><tr><td>",
                                           "<div>",
                                           "<b>",
                                           "<table>",
                                           "<tr>",
                                           "<li>",
                                           "<td rowspan=99999 colspan=99999>x",
                                           "<p>x",
                                           "</p>",
                                           "<!--",
                                           "<"};
    for (guint i = 0; i < G_N_ELEMENTS(PATTERNS); i++) {
        g_autofree char *html = repeat(PATTERNS[i], 20000);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = read_html(html, -1, problems);
        g_assert_nonnull(document);
    }
    g_autofree char *tags = repeat("<p>x", 400010);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_html(tags, -1, problems);
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
}

static void test_mhtml(void) {
    static const char MHTML[] = "MIME-Version: 1.0\r\nContent-Type: multipart/related; "
                                "boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; "
                                "charset=\"gb2312\"\r\nContent-Transfer-Encoding: "
                                "quoted-printable\r\n\r\n<p>=D0=D5=C3=FB</p>\r\n--b--\r\n";
    g_autoptr(GBytes) bytes = g_bytes_new_static(MHTML, sizeof MHTML - 1);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = mhtml_read(bytes, "a.doc", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "姓名\n");
    g_assert_cmpuint(problems->len, ==, 0);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/html/cases", test_cases);
    g_test_add_func("/html/spans", test_spans);
    g_test_add_func("/html/charsets", test_charsets);
    g_test_add_func("/html/hostile", test_hostile);
    g_test_add_func("/html/mhtml", test_mhtml);
    return g_test_run();
}
