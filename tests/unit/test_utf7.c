/* Modified UTF-7: names that Chinese providers use, and names that no server should send. */
#include "gateway/io/utf7.h"

#include <string.h>

static const struct {
    const char *name, *wire;
} PAIRS[] = {
    {"INBOX", "INBOX"},
    {"", ""},
    {"草稿箱", "&g0l6P3ux-"},
    {"已发送", "&XfJT0ZAB-"},
    {"垃圾邮件", "&V4NXPpCuTvY-"},
    {"广告邮件", "&Xn9USpCuTvY-"},
    {"订阅邮件", "&i6KWBZCuTvY-"},
    {"A&B", "A&-B"},
    {"&", "&-"},
    {"Entwürfe", "Entw&APw-rfe"},
    {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, /* the example of RFC 3501 */
    {"😀", "&2D3eAA-"},
    {"a\tb", "a&AAk-b"},
};

static void test_pairs(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
        g_autofree char *wire = utf7_encode(PAIRS[i].name);
        g_autofree char *name = utf7_decode(PAIRS[i].wire);
        g_assert_cmpstr(wire, ==, PAIRS[i].wire);
        g_assert_cmpstr(name, ==, PAIRS[i].name);
    }
}

static void test_malformed(void) {
    static const char *const BAD[] = {
        "&",            /* run without an end */
        "&V4NXPpCuTvY", /* the same */
        "&V4N-",        /* 18 bits: two of them stray and not zero */
        "&V4-",         /* 12 bits: no unit */
        "&AAkA-",       /* a digit too many */
        "&2D0-",        /* high surrogate alone */
        "&3gA-",        /* low surrogate alone */
        "&V4/X-",       /* "/" is not of this alphabet */
        "\xe5\x9e\x83", /* 8-bit */
        "a\tb",         /* control */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(BAD); i++)
        g_assert_null(utf7_decode(BAD[i]));
    g_assert_null(utf7_encode("\xc7\xeb"));
}

/* Whatever decodes must encode to a name that decodes to the same: a folder can be asked for again. */
static void test_random(void) {
    for (guint i = 0; i < 20000; i++) {
        char wire[12];
        guint length = (guint)g_test_rand_int_range(1, sizeof wire);
        for (guint j = 0; j < length; j++)
            wire[j] = "&-AV4Nz,+b"[g_test_rand_int_range(0, 10)];
        wire[length] = '\0';
        g_autofree char *name = utf7_decode(wire);
        if (name == NULL)
            continue;
        g_assert_true(g_utf8_validate(name, -1, NULL));
        g_autofree char *again = utf7_encode(name);
        g_autofree char *twice = utf7_decode(again);
        g_assert_cmpstr(twice, ==, name);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/utf7/pairs", test_pairs);
    g_test_add_func("/utf7/malformed", test_malformed);
    g_test_add_func("/utf7/random", test_random);
    return g_test_run();
}
