/* What others call their files, as names that are safe to write. */
#include "gateway/core/file_name.h"

#include <string.h>

static const struct {
    const char *name, *want, *why;
} cases[] = {
    {"双周报.docx", "双周报.docx", "an ordinary name"},
    {"a b (1).pdf", "a b (1).pdf", "spaces and brackets"},
    {"../../etc/passwd", "_.._etc_passwd", "no way out of the folder"},
    {"..\\..\\x.txt", "_.._x.txt", "nor by the other slash"},
    {"/abs.txt", "_abs.txt", "not absolute"},
    {".bashrc", "bashrc", "not hidden"},
    {"-rf.txt", "rf.txt", "no option"},
    {"a\nb\t.txt", "a_b_.txt", "controls"},
    {"photo\u202egpj.exe", "photogpj.exe", "nothing that turns the writing round"},
    {"a\u200bb.txt", "ab.txt", "nothing that is not seen"},
    {"con.docx", "_con.docx", "a device of Windows"},
    {"CON", "_CON", "in capitals"},
    {"console.txt", "console.txt", "not a device"},
    {"name. .", "name", "an end that Windows drops"},
    {"...", "file", "nothing is left"},
    {"", "file", "nothing was there"},
    {"𠮷镕😀.docx", "𠮷镕😀.docx", "rare characters"},
    {"a\xff"
     "b.txt",
     "a\uFFFD"
     "b.txt",
     "no UTF-8"},
    {"a<b>:\"c\"|?*.txt", "a_b___c____.txt", "refused by some file systems"},
};

static void test_safe(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = file_name_safe(cases[i].name, "file");
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(name, ==, cases[i].want);
    }
}

static void test_long(void) {
    g_autoptr(GString) name = g_string_new(NULL);
    for (int i = 0; i < 200; i++)
        g_string_append(name, "案");
    g_string_append(name, ".docx");
    g_autofree char *safe = file_name_safe(name->str, "file");
    g_assert_cmpuint(strlen(safe), <=, FILE_NAME_BYTES_MAX);
    g_assert_cmpuint(strlen(safe), >, FILE_NAME_BYTES_MAX - 4);
    g_assert_true(g_utf8_validate(safe, -1, NULL));
    g_assert_true(g_str_has_suffix(safe, "案.docx"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file_name/safe", test_safe);
    g_test_add_func("/file_name/long", test_long);
    return g_test_run();
}
