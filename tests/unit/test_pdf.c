#include <locale.h>
#include <string.h>

#include "parsers/formats.h"

/* fontconfig, which poppler asks for substitutes, keeps one block for the life of the process */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig";
}

/* One page of 300 × 200 points with this content; more: further entries of the trailer. */
static GBytes *make_pdf(const char *content, const char *more) {
    GString *pdf = g_string_new("%PDF-1.4\n");
    guint offsets[6] = {0};
    g_autofree char *stream =
        g_strdup_printf("<</Length %zu>>stream\n%s\nendstream", strlen(content), content);
    const char *const OBJECTS[] = {
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        stream, "<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"};
    for (guint i = 0; i < G_N_ELEMENTS(OBJECTS); i++) {
        offsets[i + 1] = (guint)pdf->len;
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", i + 1, OBJECTS[i]);
    }
    gsize start = pdf->len;
    g_string_append(pdf, "xref\n0 6\n0000000000 65535 f \n");
    for (guint i = 1; i < G_N_ELEMENTS(offsets); i++)
        g_string_append_printf(pdf, "%010u 00000 n \n", offsets[i]);
    g_string_append_printf(pdf, "trailer\n<</Size 6/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n", more, start);
    return g_string_free_to_bytes(pdf);
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
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_pdf(TEXT(20, 150, "one") TEXT(20, 130, "two"), problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "one\ntwo\n");
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

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pdf/table", test_table);
    g_test_add_func("/pdf/lines", test_lines);
    g_test_add_func("/pdf/scan", test_scan);
    g_test_add_func("/pdf/bad", test_bad);
    return g_test_run();
}
