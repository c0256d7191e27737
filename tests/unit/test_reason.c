/* The sentences of `explain`, `simulate` and dry runs: each stands in both languages. */
#include "gateway/core/reason.h"

static gboolean is_ascii(const char *text) {
    for (; *text != '\0'; text++)
        if ((guchar)*text >= 0x80)
            return FALSE;
    return TRUE;
}

static void test_languages(void) {
    for (guint code = REASON_NONE + 1; code < REASONS; code++) {
        g_autofree char *zh = reason_text(code, "zh", NULL), *en = reason_text(code, "en", NULL);
        g_assert_false(is_ascii(zh));
        g_assert_true(is_ascii(en) && *en != '\0');
    }
}

static void test_names(void) {
    g_autofree char *text = reason_text(REASON_SUMMARY, "en", "obligation", "biweekly", "period",
                                        "2016-06-27", "role", "leader", NULL);
    g_assert_cmpstr(text, ==, "the summary of biweekly 2016-06-27 is due to the leader");
    /* a name that nothing stands for stays visible */
    g_autofree char *bare = reason_text(REASON_URGENT, "en", NULL);
    g_assert_cmpstr(bare, ==, "marked urgent and not settled; told {count} times before");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reason/languages", test_languages);
    g_test_add_func("/reason/names", test_names);
    return g_test_run();
}
