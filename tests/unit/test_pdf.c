#include <locale.h>
#include <string.h>

#include "parsers/formats.h"

/* fontconfig, which poppler asks for substitutes, keeps one block for the life of the process */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig";
}

/* A PDF of these objects, numbered from 1; more: further entries of the trailer. */
static GBytes *join_objects(const GPtrArray *objects, const char *more) {
    GString *pdf = g_string_new("%PDF-1.4\n");
    g_autoptr(GString) table = g_string_new(NULL);
    for (guint i = 0; i < objects->len; i++) {
        g_string_append_printf(table, "%010zu 00000 n \n", pdf->len);
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", i + 1, (char *)objects->pdata[i]);
    }
    gsize start = pdf->len;
    g_string_append_printf(
        pdf,
        "xref\n0 %u\n0000000000 65535 f \n%strailer\n<</Size %u/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n",
        objects->len + 1, table->str, objects->len + 1, more, start);
    return g_string_free_to_bytes(pdf);
}

/* Pages of 300 × 200 points, each with its content; more: further entries of the trailer. */
static GBytes *make_pages(const char *const *contents, guint n, const char *more) {
    GString *kids = g_string_new(NULL);
    g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(objects, g_strdup("<</Type/Catalog/Pages 2 0 R>>"));
    for (guint i = 0; i < n; i++)
        g_string_append_printf(kids, "%u 0 R ", 4 + 2 * i);
    g_ptr_array_add(objects, g_strdup_printf("<</Type/Pages/Kids[%s]/Count %u>>", kids->str, n));
    g_ptr_array_add(objects,
                    g_strdup("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"));
    for (guint i = 0; i < n; i++) {
        g_ptr_array_add(objects,
                        g_strdup_printf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents %u 0 R"
                                        "/Resources<</Font<</F 3 0 R>>>>>>",
                                        5 + 2 * i));
        g_ptr_array_add(objects, g_strdup_printf("<</Length %zu>>stream\n%s\nendstream", strlen(contents[i]),
                                                 contents[i]));
    }
    g_string_free(kids, TRUE);
    return join_objects(objects, more);
}

static GBytes *make_pdf(const char *content, const char *more) {
    return make_pages(&content, 1, more);
}

#define TEXT(x, y, text) "BT /F 10 Tf 1 0 0 1 " #x " " #y " Tm (" text ") Tj ET\n"
/* three columns 20-100-160-240, three rows 180-150-120-90; the first row's last two cells are one */
#define RULES                                                                                                \
    "0.5 w 20 180 m 240 180 l S 20 150 m 240 150 l S 20 120 m 240 120 l S 20 90 m 240 90 l S "               \
    "20 90 m 20 180 l S 100 90 m 100 180 l S 160 90 m 160 150 l S 240 90 m 240 180 l S\n"

static Document *read_pdf(const char *content, GPtrArray *problems) {
    g_autoptr(GBytes) bytes = make_pdf(content, "");
    return pdf_read(bytes, "a.pdf", problems);
}

/* Read without a problem, it is this text. */
static void check_text(const char *content, const char *expected) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_pdf(content, problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, expected);
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_table(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document =
        read_pdf(TEXT(20, 188, "Weekly report") RULES TEXT(24, 162, "Club") TEXT(104, 162, "Chess club")
                     TEXT(24, 132, "Phone") TEXT(104, 137, "13800001") TEXT(104, 125, "234")
                         TEXT(164, 132, "x") TEXT(24, 102, "a") TEXT(20, 70, "after"),
                 problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "Weekly report\nClub\tChess club\t\nPhone\t13800001234\tx\t\na\t\t\t\nafter\n");
    const Block *block = g_ptr_array_index(document->blocks, 1);
    g_assert_cmpuint(grid_cell_at(block->grid, 0, 2)->column_span, ==, 2);
    g_assert_cmpuint(block->page, ==, 1);
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_lines(void) {
    check_text(TEXT(20, 150, "one") TEXT(20, 130, "two"), "one\ntwo\n");
}

static void test_scan(void) {
    static const char PICTURE[] =
        "q 300 0 0 200 0 0 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x01\x02\x03\x04 EI Q\n";
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_pdf(PICTURE, problems);
    g_assert_true(problem_list_has(problems, PROBLEM_SCAN));
    g_autoptr(GPtrArray) none = problem_list_new();
    g_autoptr(Document) empty = read_pdf("", none);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_bad(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GBytes) noise = g_bytes_new_static("%PDF-1.4\nnoise", 14);
    g_assert_null(pdf_read(noise, "a.pdf", problems));
    g_assert_true(problem_list_has(problems, PROBLEM_DAMAGED));
    static const char ENCRYPTION[] =
        "/ID[(0123456789abcdef)(0123456789abcdef)]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
        "/O(abcdefghijklmnopqrstuvwxyz012345)/U(abcdefghijklmnopqrstuvwxyz012345)>>";
    g_autoptr(GBytes) locked = make_pdf("", ENCRYPTION);
    g_assert_null(pdf_read(locked, "b.pdf", problems));
    g_assert_true(problem_list_has(problems, PROBLEM_ENCRYPTED));
}

/* Two columns of one width on two pages: one table, without the repeated header, a cut row whole again. */
static void test_two_pages(void) {
#define TWO_COLUMNS(top, bottom)                                                                             \
    "0.5 w 20 " top " m 130 " top " l S 20 " bottom " m 130 " bottom " l S 20 " top " m 20 " bottom          \
    " l S 60 " top " m 60 " bottom " l S 130 " top " m 130 " bottom " l S\n"
    static const char *const PAGES[] = {
        TWO_COLUMNS("100", "70") TWO_COLUMNS("70", "40") TEXT(24, 80, "Date") TEXT(64, 80, "What")
            TEXT(24, 50, "5.1") TEXT(64, 60, "A question") TEXT(64, 50, "about food") TEXT(150, 10, "- 1 -"),
        TEXT(20, 190, "running title") TWO_COLUMNS("170", "140") TWO_COLUMNS("140", "110")
            TWO_COLUMNS("110", "80") TEXT(24, 150, "Date") TEXT(64, 150, "What") TEXT(64, 120, "and rooms")
                TEXT(24, 90, "5.2") TEXT(64, 90, "b"),
        TEXT(20, 150, "something else") TWO_COLUMNS("100", "70") TEXT(24, 80, "5.3") TEXT(64, 80, "c"),
    };
    g_autoptr(GBytes) bytes = make_pages(PAGES, G_N_ELEMENTS(PAGES), "");
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = pdf_read(bytes, "a.pdf", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==,
                    "Date\tWhat\t\n5.1\tA question about food and rooms\t\n5.2\tb\t\n- 1 -\nrunning title\n"
                    "something else\n5.3\tc\t\n");
    g_assert_cmpuint(problems->len, ==, 0);
}

/* Entries that no one has drawn stand beside their labels, in lines and in cells; notes come last. */
static void test_form_fields(void) {
#define FIELD(rectangle, entries) "<</Type/Annot/Subtype/Widget/F 4/P 3 0 R/Rect[" rectangle "]" entries ">>"
    static const char CONTENT[] = TEXT(20, 188, "Name:") TEXT(150, 188, "Team:")
        TEXT(40, 170, "member") "0.5 w 20 100 m 240 100 l S 20 60 m 240 60 l S 20 60 m 20 100 l S 100 60 m "
                                "100 100 l S 240 60 m 240 100 l S\n" TEXT(24, 80, "Phone");
    g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(objects,
                    g_strdup("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R 8 0 R 9 0 R]>>>>"));
    g_ptr_array_add(objects, g_strdup("<</Type/Pages/Kids[3 0 R]/Count 1>>"));
    g_ptr_array_add(
        objects,
        g_strdup("<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Annots[6 0 R 7 0 R 8 0 R"
                 " 9 0 R 10 0 R]/Resources<</Font<</F 5 0 R>>>>>>"));
    g_ptr_array_add(objects,
                    g_strdup_printf("<</Length %zu>>stream\n%s\nendstream", sizeof CONTENT - 1, CONTENT));
    g_ptr_array_add(objects,
                    g_strdup("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"));
    g_ptr_array_add(objects, g_strdup(FIELD("55 184 140 198", "/FT/Tx/T(name)/V(Anna)")));
    g_ptr_array_add(objects,
                    g_strdup(FIELD("185 184 280 198", "/FT/Ch/Ff 131072/T(team)/Opt[(red)(blue)]/V(blue)")));
    g_ptr_array_add(objects, g_strdup(FIELD("22 168 34 180",
                                            "/FT/Btn/T(m)/V/Yes/AS/Yes/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>")));
    g_ptr_array_add(objects, g_strdup(FIELD("104 70 230 90", "/FT/Tx/T(phone)/V(13800001234)")));
    g_ptr_array_add(objects, g_strdup("<</Type/Annot/Subtype/Text/Rect[1 1 9 9]/Contents(a remark)>>"));
    g_autoptr(GBytes) bytes = join_objects(objects, "");
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = pdf_read(bytes, "a.pdf", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "Name: Anna\n☑member\nTeam: blue\nPhone\t13800001234\t\na remark\n");
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_broken_words(void) {
    check_text(TEXT(20, 150, "the appoint-") TEXT(20, 138, "ments of 2016-") TEXT(20, 126, "2017 end"),
               "the appointments\nof 2016-\n2017 end\n");
}

static void test_time_below_date(void) {
    check_text(RULES TEXT(24, 137, "2016-06-13") TEXT(24, 125, "17:30") TEXT(104, 137, "http://")
                   TEXT(104, 125, "a.cn"),
               "\t\t\n2016-06-13 17:30\thttp://a.cn\t\t\n\t\t\t\n");
}

/* Columns whose outer sides are not drawn reach as far as the lines above and below. */
static void test_open_sides(void) {
    check_text("0.5 w 20 180 m 240 180 l S 20 150 m 240 150 l S 20 120 m 240 120 l S 100 120 m 100 180 l S "
               "160 120 m 160 180 l S\n" TEXT(24, 162, "a") TEXT(104, 162, "b") TEXT(164, 162, "c")
                   TEXT(24, 132, "d") TEXT(104, 132, "e") TEXT(164, 132, "f"),
               "a\tb\tc\t\nd\te\tf\t\n");
}

/* A table without any rule, between lines. */
static void test_columns(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document =
        read_pdf(TEXT(20, 180, "Questions") TEXT(20, 150, "No") TEXT(60, 150, "Question") TEXT(200, 150, "By")
                     TEXT(20, 135, "1") TEXT(60, 135, "Where to eat") TEXT(200, 135, "Anna")
                         TEXT(20, 120, "2") TEXT(60, 120, "When") TEXT(200, 120, "Bea") TEXT(20, 80, "after"),
                 problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==,
                    "Questions\nNo\tQuestion\tBy\t\n1\tWhere to eat\tAnna\t\n2\tWhen\tBea\t\nafter\n");
    g_assert_cmpuint(((Block *)g_ptr_array_index(document->blocks, 1))->page, ==, 1);
    g_assert_cmpuint(problems->len, ==, 0);
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pdf/table", test_table);
    g_test_add_func("/pdf/lines", test_lines);
    g_test_add_func("/pdf/scan", test_scan);
    g_test_add_func("/pdf/bad", test_bad);
    g_test_add_func("/pdf/two_pages", test_two_pages);
    g_test_add_func("/pdf/broken_words", test_broken_words);
    g_test_add_func("/pdf/time_below_date", test_time_below_date);
    g_test_add_func("/pdf/form_fields", test_form_fields);
    g_test_add_func("/pdf/open_sides", test_open_sides);
    g_test_add_func("/pdf/columns", test_columns);
    return g_test_run();
}
