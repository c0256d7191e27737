#include <locale.h>
#include <string.h>

#include "parsers/formats.h"
#include "tests/unit/zip_writer.h"

#define URN "urn:oasis:names:tc:opendocument:xmlns:"
#define SPACES                                                                                               \
    "xmlns:office=\"" URN "office:1.0\" xmlns:text=\"" URN "text:1.0\" xmlns:table=\"" URN                   \
    "table:1.0\" xmlns:draw=\"" URN "drawing:1.0\" xmlns:style=\"" URN "style:1.0\""

static char *read_text(FormatReader reader, const char *body, const char *styles, const char *manifest,
                       GPtrArray *problems) {
    g_autofree char *content =
        g_strconcat("<office:document-content " SPACES ">", body, "</office:document-content>", NULL);
    g_autofree char *pages =
        g_strconcat("<office:document-styles " SPACES ">", styles, "</office:document-styles>", NULL);
    const ZipWriterEntry entries[] = {{"content.xml", content, strlen(content), 0, true, 0, 0},
                                      {"styles.xml", pages, strlen(pages), 0, true, 0, 0},
                                      {"META-INF/manifest.xml", manifest, strlen(manifest), 0, true, 0, 0}};
    g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
    g_autoptr(Document) document = reader(bytes, "a", problems);
    return document ? document_to_text(document) : NULL;
}

#define P(text)                "<text:p>" text "</text:p>"
#define CELL(attributes, text) "<table:table-cell" attributes ">" text "</table:table-cell>"
#define ROW(attributes, cells) "<table:table-row" attributes ">" cells "</table:table-row>"
#define TABLE(rows)            "<table:table>" rows "</table:table>"
#define COVERED                "<table:covered-table-cell/>"
#define NOTE(text)                                                                                           \
    "<text:note><text:note-citation>1</text:note-citation><text:note-body>" text                             \
    "</text:note-body></text:note>"
#define STYLE(name, properties) STYLE_OF(name, "style:" properties)
#define STYLE_OF(name, properties)                                                                           \
    "<style:style style:name=\"" name "\"><style:text-properties " properties "/></style:style>"
#define BOX(text) "<draw:text-box>" text "</draw:text-box>"
/* attributes */
#define SPAN(columns)            " table:number-columns-spanned=\"" columns "\""
#define TIMES(what, number)      " table:number-" what "-repeated=\"" number "\""
#define VALUE(type, name, value) " office:value-type=\"" type "\" office:" name "=\"" value "\""

static void test_text(void) {
#define NESTED TABLE(ROW("", CELL("", P("n"))))
    static const struct {
        const char *why, *body, *text;
    } CASES[] = {
        {"white space",
         P("a\n  <text:span>b</text:span><text:s text:c=\"2\"/>c<text:tab/>d<text:line-break/>e"),
         "a b  c\td\ne\n"},
        {"deletions and comments",
         "<text:tracked-changes>" P("old") "</text:tracked-changes>" P(
             "a<office:annotation>" P("c") "</office:annotation>"),
         "a\n"},
        {"notes and text boxes", P("a" NOTE(P("n")) BOX(P("b"))), "a\nn\nb\n"},
        {"items", "<text:list><text:list-item>" P("x") P("y") "</text:list-item></text:list>", "• x\ny\n"},
        {"what a list's numbers look like is no style's",
         STYLE("t",
               "text-line-through-style=\"solid\"") "<text:list-style><style:text-properties "
                                                    "style:text-line-through-style=\"none\"/>"
                                                    "</text:list-style>" P(
                                                        "a<text:span text:style-name=\"t\">1</text:span>"),
         "a\n1\n"},
        {"struck and hidden text is kept at the end",
         STYLE("t", "text-line-through-style=\"solid\"") STYLE("p", "text-line-through-type=\"double\"")
             STYLE("u", "text-line-through-style=\"none\"") STYLE_OF("h", "text:display=\"none\"")
                 P("a<text:span text:style-name=\"t\">1<text:s/>2</text:span>b")
                     P("<text:span text:style-name=\"h\">3</text:span>c") "<text:p "
                                                                          "text:style-name=\"p\">4<text:span "
                                                                          "text:style-name=\"u\">d</"
                                                                          "text:span></text:p>",
         "ab\nc\nd\n1 2\n3\n4\n"},
        {"spans, covered and nested",
         TABLE(ROW("", CELL(SPAN("2"), P("a") P("b") NESTED) COVERED CELL("", P("c")))), "a\nb\tc\t\nn\t\n"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autofree char *text = read_text(odt_read, CASES[i].body, "", "", problems);
        g_test_message("%s", CASES[i].why);
        g_assert_cmpstr(text, ==, CASES[i].text);
        g_assert_cmpuint(problems->len, ==, 0);
    }
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autofree char *text =
        read_text(odt_read, P("a"), "<style:header>" P("h") "</style:header>", "", problems);
    g_assert_cmpstr(text, ==, "a\nh\n");
}

static void test_sheet(void) {
    static const char VALUES[] =
        ROW("", CELL(VALUE("float", "value", "13800001234"), P("1.38E+10"))
                    CELL(VALUE("date", "date-value", "2016-06-13T09:30:00"), P("13 June"))
                        CELL(VALUE("percentage", "value", "0.95"), P("95.00 %"))
                            CELL(VALUE("time", "time-value", "PT09H30M00S"), P("9:30"))
                                CELL(TIMES("columns", "16000"), ""));
    static const char REPEATED[] = ROW(TIMES("rows", "2"), CELL(TIMES("columns", "2"), P("r")));
    static const char HIDDEN[] = ROW(" table:visibility=\"collapse\"", CELL("", P("h")));
    static const char STRUCK[] =
        ROW("", CELL(" table:style-name=\"ce1\"" VALUE("float", "value", "12"), P("12")) CELL("", P("15")));
    static const char AIR[] = ROW(TIMES("rows", "1048000"), CELL(TIMES("columns", "16384"), ""));
    g_autofree char *body =
        g_strconcat(STYLE("ce1", "text-line-through-style=\"solid\""), "<table:table table:name=\"s\">",
                    VALUES, REPEATED, HIDDEN, STRUCK, AIR, "</table:table>", NULL);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autofree char *text = read_text(ods_read, body, "", "", problems);
    g_assert_cmpstr(text, ==, "13800001234\t2016-06-13T09:30\t95%\t09:30\t\nr\tr\t\nr\tr\t\n15\t\nh\t\n12\n");
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_bad(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autofree char *none = read_text(odt_read, P("a"), "", "<manifest:encryption-data/>", problems);
    g_assert_null(none);
    g_assert_true(problem_list_has(problems, PROBLEM_ENCRYPTED));
    g_autofree char *cut = read_text(odt_read, P("a") "<text:p>b", "", "", problems);
    g_assert_cmpstr(cut, ==, "a\nb\n");
    g_assert_true(problem_list_has(problems, PROBLEM_DAMAGED));
}

/* Fields and formulas whose text changes when the document is opened, unless they are fixed or serve the
 * page.
 */
static void test_volatile(void) {
    static const struct {
        FileType type;
        const char *body, *styles;
        bool is_named;
    } CASES[] = {
        {FILE_ODT, P("a <text:date>13.06.16</text:date>"), "", true},
        {FILE_ODT, P("a <text:file-name>x.odt</text:file-name>"), "", true},
        {FILE_ODT, P("a <text:date text:fixed=\"true\">13.06.16</text:date>"), "", false},
        {FILE_ODT, P("a <text:page-number>1</text:page-number>"), "", false},
        {FILE_ODT, P("a"), "<style:footer>" P("<text:time>9:30</text:time>") "</style:footer>", false},
        {FILE_ODS,
         TABLE(ROW("", CELL(" table:formula=\"of:=TODAY()\"" VALUE("date", "date-value", "2016-06-13"),
                            P("13.06.")))),
         "", true},
        {FILE_ODS, TABLE(ROW("", CELL(" table:formula=\"of:=SUM([.A1])\"" VALUE("float", "value", "3"), ""))),
         "", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *content = g_strconcat("<office:document-content " SPACES ">", CASES[i].body,
                                               "</office:document-content>", NULL);
        g_autofree char *pages = g_strconcat("<office:document-styles " SPACES ">", CASES[i].styles,
                                             "</office:document-styles>", NULL);
        const ZipWriterEntry entries[] = {{"content.xml", content, strlen(content), 0, true, 0, 0},
                                          {"styles.xml", pages, strlen(pages), 0, true, 0, 0}};
        g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = formats_read(bytes, CASES[i].type, "a", problems);
        g_test_message("case %u", i);
        g_assert_nonnull(document);
        g_assert_cmpint(problem_list_has(problems, PROBLEM_VOLATILE), ==, CASES[i].is_named);
        g_assert_cmpuint(problems->len, ==, CASES[i].is_named);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/odf/text", test_text);
    g_test_add_func("/odf/sheet", test_sheet);
    g_test_add_func("/odf/bad", test_bad);
    g_test_add_func("/odf/volatile", test_volatile);
    return g_test_run();
}
