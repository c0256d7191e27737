#include "parsers/volatile.h"

#include <string.h>

static void test_formulas(void) {
    static const struct {
        const char *formula;
        bool is_volatile;
    } CASES[] = {
        {"TODAY()", true},
        {"IF(A1=\"\",\"\",YEAR( today() ))", true},
        {"of:=NOW()", true},
        {"_xlfn.RANDARRAY(3)", true},
        {"\"a\"&RANDBETWEEN(1,9)", true},
        {"CELL(\"filename\",A1)", true},
        {"CELL(\"address\",A1)", false},
        {"COM.MICROSOFT.RAND.NV()", false},
        {"SUM(A1:A3)", false},
        {"MYTODAY()+TODAY", false},
        {"CONCATENATE(\"=TODAY()\")", false},
        {"\"NOW(\"&\"a\"\"NOW(\"&NOW()", true},
        {"OFFSET(A1,1,1)", false}, /* worked out anew, with the same result */
        {"(", false},
        {"", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_test_message("%s", CASES[i].formula);
        g_assert_cmpint(volatile_is_formula(CASES[i].formula, strlen(CASES[i].formula)), ==,
                        CASES[i].is_volatile);
    }
}

static void test_fields(void) {
    static const struct {
        const char *instruction;
        bool is_volatile;
    } CASES[] = {{" DATE \\@ \"yyyy'年'M'月'd'日'\" ", true},
                 {"time", true},
                 {"FILENAME\\p", true},
                 {" SAVEDATE  \\* MERGEFORMAT", true},
                 {" PAGE ", false},
                 {"NUMPAGES", false},
                 {"CREATEDATE", false},
                 {"AUTHOR", false},
                 {"MERGEFIELD DATE", false},
                 {"", false}};
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_test_message("%s", CASES[i].instruction);
        g_assert_cmpint(volatile_is_field(CASES[i].instruction), ==, CASES[i].is_volatile);
    }
}

/* A date below a long letter is not much of it. */
static void test_share(void) {
    g_autoptr(Document) document = document_new("a");
    g_autofree char *letter = g_strnfill(792, 'x');
    document_add_paragraph(document, ORIGIN_BODY, letter);
    g_assert_false(volatile_is_much(document));
    document_add_paragraph(document, ORIGIN_BODY, "20160613");
    document_note_volatile(document, "20160613");
    g_assert_true(volatile_is_much(document)); /* 8 of 800 */
    document_add_paragraph(document, ORIGIN_BODY, "y");
    g_assert_false(volatile_is_much(document));
    document_note_volatile(document, "");
    g_assert_cmpuint(document->volatile_texts->len, ==, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/volatile/formulas", test_formulas);
    g_test_add_func("/volatile/fields", test_fields);
    g_test_add_func("/volatile/share", test_share);
    return g_test_run();
}
