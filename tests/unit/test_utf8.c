/* The quick ways agree with GLib's. */
#include "parsers/utf8.h"

static void test_characters(void) {
    for (gunichar c = 0; c < 0x30000; c++) {
        char text[8] = "";
        if (!g_unichar_validate(c))
            continue;
        g_unichar_to_utf8(c, text);
        g_assert_cmpuint(utf8_char(text), ==, c);
        g_assert_cmpint(utf8_is_space(c), ==, g_unichar_isspace(c) != 0);
        g_assert_cmpint(utf8_is_common_han(text), ==, c >= 0x4E00 && c <= 0x9FFF);
    }
}

/* Alone and beside what composes with its neighbours. */
static void test_compatible(void) {
    for (gunichar c = 1; c < 0x30000; c++) {
        GString *text = g_string_new(NULL);
        if (!g_unichar_validate(c)) {
            g_string_free(text, TRUE);
            continue;
        }
        g_string_append_unichar(text, c);
        g_string_append(text, "a");
        g_string_append_unichar(text, c);
        g_autofree char *quick = utf8_compatible(text->str);
        g_autofree char *complete = g_utf8_normalize(text->str, -1, G_NORMALIZE_ALL_COMPOSE);
        g_assert_cmpstr(quick, ==, complete);
        g_string_free(text, TRUE);
    }
    g_autofree char *none = utf8_compatible("\xff");
    g_assert_cmpstr(none, ==, "");
    g_autofree char *cut = utf8_compatible("a\xe4\xb8");
    g_assert_cmpstr(cut, ==, "");
}

static void test_marks(void) {
    static const struct {
        const char *text;
        glong place; /* of the first colon, -1 none */
        bool has_digit;
        const char *rest; /* behind white space */
    } cases[] = {
        {"姓名：张三", 6, false, "姓名：张三"},
        {" \t\n\xE3\x80\x80姓名:1：", 12, true, "姓名:1："},
        {"a：b:c", 1, false, "a：b:c"},
        {"a:b：c", 1, false, "a:b：c"},
        {"３", -1, true, "３"},
        {"三", -1, false, "三"},
        {" ", -1, false, ""},
        {"", -1, false, ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *text = cases[i].text, *colon = utf8_find_either(text, ":", "：");
        g_assert_cmpint(colon ? colon - text : -1, ==, cases[i].place);
        g_assert_cmpint(utf8_has_digit(text), ==, cases[i].has_digit);
        g_assert_cmpstr(utf8_skip_space(text), ==, cases[i].rest);
    }
    g_assert_true(utf8_has_prefix("姓名", "姓"));
    g_assert_true(utf8_has_prefix("姓名", ""));
    g_assert_false(utf8_has_prefix("姓", "姓名"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/utf8/characters", test_characters);
    g_test_add_func("/utf8/compatible", test_compatible);
    g_test_add_func("/utf8/marks", test_marks);
    return g_test_run();
}
