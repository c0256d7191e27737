/* The static page: personal data are masked wherever they stand. */
#include "gateway/io/site.h"

static void test_mask(void) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"13800000001", "138****0001"},
        {"电话13800000001，或 8613800000001。", "电话138****0001，或 86138****0001。"},
        {"+8613800000001", "+86138****0001"},
        {"tel13800000001", "tel138****0001"},
        {"2016-06-27 提问量 35", "2016-06-27 提问量 35"},
        {"学号 20160000123", "学号 20160000123"},
        {"138000000011", "138000000011"},
        {"发到 org01.x@example.edu.cn 即可", "发到 o***@example.edu.cn 即可"},
        {"a@b, @c", "a***@b, @c"},
        {"𠮷镕", "𠮷镕"},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *mask = site_mask(cases[i].text);
        g_assert_cmpstr(mask, ==, cases[i].want);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/site/mask", test_mask);
    return g_test_run();
}
