#include <string.h>

#include "parsers/formats.h"

typedef struct {
    const char *name, *bytes;
    FileType type;
    int code; /* ProblemCode, or -1: nothing to say */
} Case;

static void test_unread(void) {
    static const Case CASES[] = {
        {"a.docx", "", FILE_EMPTY, PROBLEM_DAMAGED},
        {"a.txt", "", FILE_EMPTY, -1},
        {"marker", "", FILE_EMPTY, -1},
        {"a.class", "\1\2", FILE_BINARY, -1},
        {"a.WPS", "\1\2", FILE_BINARY, PROBLEM_UNSUPPORTED},
        {"a.txt", "\1\2", FILE_BINARY, PROBLEM_UNSUPPORTED},
        {"a.png", "x", FILE_IMAGE, -1},
        {"a.doc", "{\\rtf1", FILE_RTF, PROBLEM_UNSUPPORTED},
        {"settings.xml", "<settings/>", FILE_XML, -1},
        {"form.xml", "<w:wordDocument/>", FILE_XML, PROBLEM_UNSUPPORTED},
        {"a.pptx", "x", FILE_PPTX, PROBLEM_UNSUPPORTED},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new(CASES[i].bytes, strlen(CASES[i].bytes));
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_assert_null(formats_read(bytes, CASES[i].type, CASES[i].name, problems));
        g_assert_cmpuint(problems->len, ==, CASES[i].code >= 0);
        g_assert_true(CASES[i].code < 0 || problem_list_has(problems, (ProblemCode)CASES[i].code));
    }
}

static void test_table(void) {
    g_assert_true(formats_is_readable(FILE_DOCX));
    g_assert_true(formats_is_readable(FILE_PDF));
    g_assert_false(formats_is_readable(FILE_DOC));
    for (int type = 0; type < FILE_TYPES; type++)
        g_assert_false(formats_is_readable((FileType)type) && formats_needs_converter((FileType)type));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/formats/unread", test_unread);
    g_test_add_func("/formats/table", test_table);
    return g_test_run();
}
