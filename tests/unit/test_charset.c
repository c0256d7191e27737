#include "parsers/charset.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *bytes;
    gssize length; /* -1: up to the NUL */
    const char *label;
    bool hint_gbk;
    const char *expected;
    bool lossy;
} Case;

static const Case CASES[] = {
    {"utf-8", "双周报", -1, "UTF-8", false, "双周报", false},
    {"no label, utf-8", "双周报", -1, NULL, false, "双周报", false},
    {"utf-8 under iso-8859-1", "双周报", -1, "iso-8859-1", false, "双周报", false},
    {"utf-8 under gb2312", "护理学院学生会", -1, "gb2312", false, "护理学院学生会", false},
    {"gbk under gb2312: 联通", "\xc1\xaa\xcd\xa8", -1, "gb2312", false, "联通", false},
    {"gbk without a label", "\xc1\xaa\xcf\xb5\xbb\xd8\xd6\xb4\xb1\xed", -1, NULL, false, "联系回执表", false},
    {"gbk under us-ascii", "\xc1\xaa\xcf\xb5\xbb\xd8\xd6\xb4\xb1\xed", -1, "us-ascii", false, "联系回执表",
     false},
    {"four-byte characters under gb2312", "\x94\x39\xfc\x36\x95\x32\x82\x36", -1, "gb2312", false, "😀𠀀",
     false},
    {"euro sign of code page 936", "12\x80", -1, "x-gbk", false, "12€", false},
    {"GBK beyond GB2312: 镕", "\xe9\x46", -1, "GB_2312-80", false, "镕", false},
    {"big5", "\xb4\xfa\xb8\xd5", -1, "big5", false, "測試", false},
    {"latin-1 stays latin-1",
     "Gr\xfc\xdf"
     "e f\xfcr \xe9t\xe9",
     -1, "iso-8859-1", false, "Grüße für été", false},
    {"latin-1 without a label", "na\xefve", -1, NULL, false, "naïve", false},
    {"windows quotes under iso-8859-1", "\x93quoted\x94", -1, "iso-8859-1", false, "“quoted”", false},
    {"mark of utf-8",
     "\xef\xbb\xbf"
     "a",
     -1, "gb2312", false, "a", false},
    {"utf-16 with mark",
     "\xff\xfe"
     "a\0\xcc\x53",
     6, "utf-16", false, "a双", false},
    {"utf-16 without mark, little endian", "a\0b\0", 4, "utf-16", false, "ab", false},
    {"NUL bytes", "a\0b", 3, "utf-8", false, "ab", false},
    {"HZ", "~{;$NRCGTZ~}!", -1, "hz-gb-2312", false, "护我们在!", false},
    {"unknown label", "\xd6\xd0\xce\xc4", -1, "x-nothing", false, "中文", false},
    {"label with a slash is not passed on", "abc", -1, "utf-8//IGNORE", false, "abc", false},
    {"short GBK that is UTF-8 by chance, message uses GBK", "\xd1\xa7\xc9\xb0", -1, NULL, true, "学砂",
     false},
    {"damaged utf-8", "双周\xff报告", -1, "utf-8", false, "双周\xef\xbf\xbd报告", true},
    {"iso-2022-jp", "\x1b$B$\"\x1b(B", -1, "iso-2022-jp", false, "あ", false},
    {"utf-7", "+U8xUaA-", -1, "utf-7", false, "双周", false},
    {"empty", "", 0, "gb2312", false, "", false},
};

static void test_convert(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        bool lossy = false;
        gsize length = c->length < 0 ? strlen(c->bytes) : (gsize)c->length;
        g_autofree char *text = charset_to_utf8(c->bytes, length, c->label, c->hint_gbk, &lossy);
        g_test_message("%s", c->name);
        g_assert_cmpstr(text, ==, c->expected);
        g_assert_cmpint(lossy, ==, c->lossy);
    }
}

static void test_clean(void) {
    g_autofree char *text = charset_clean("\xef\xbb\xbf"
                                          "a\r\nb\rc\td\x01\x7f\xe2\x80\x8b",
                                          -1);
    g_assert_cmpstr(text, ==, "a\nb\nc\td");
    g_autofree char *cut = charset_clean("ab\xe5\x8f", -1);
    g_assert_true(g_utf8_validate(cut, -1, NULL));
    g_autofree char *nul = charset_clean("a\0b", 3);
    g_assert_cmpstr(nul, ==, "ab");
}

static void test_is_gbk(void) {
    const char *const YES[] = {"gb2312",     "GB_2312-80", "x-gbk", "CP936", "chinesegb2312_charset",
                               "HZ-GB-2312", "ansi_936"};
    for (gsize i = 0; i < G_N_ELEMENTS(YES); i++)
        g_assert_true(charset_is_gbk(YES[i]));
    g_assert_false(charset_is_gbk("utf-8"));
    g_assert_false(charset_is_gbk(NULL));
    g_assert_false(charset_is_gbk(""));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/charset/convert", test_convert);
    g_test_add_func("/charset/clean", test_clean);
    g_test_add_func("/charset/is-gbk", test_is_gbk);
    return g_test_run();
}
