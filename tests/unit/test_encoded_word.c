#include "parsers/encoded_word.h"

typedef struct {
    const char *why;
    const char *raw;
    const char *expected;
} Case;

static const Case WORDS[] = {
    {"two padded words", "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=", "Hello world"},
    {"padded, folded, cut inside a character", "=?UTF-8?B?5Y+M5Q==?=\r\n =?UTF-8?B?kag=?=", "双周"},
    {"cut inside a quantum without padding", "=?UTF-8?B?5Y+M5?= =?UTF-8?B?ZGo?=", "双周"},
    {"gb2312 means GB18030", "=?gb2312?B?lDn8Ng==?=", "😀"},
    {"two charsets", "=?gb2312?B?y6s=?= =?utf-8?B?5ZGo?=", "双周"},
    {"quoted, underscore", "=?utf-8?q?a_=E5=8F=8C?=", "a 双"},
    {"glued to text", "Re:=?utf-8?B?5Y+M?=!", "Re:双!"},
    {"inside quotes", "\"=?utf-8?B?5Y+M?=\"", "\"双\""},
    {"folding inside a word", "=?utf-8?B?5Y+M\r\n 5ZGo?=", "双周"},
    {"language (RFC 2231 5)", "=?utf-8*zh?B?5Y+M?=", "双"},
    {"unknown charset", "=?x-none?B?y6vW3A==?=", "双周"},
    {"raw UTF-8", "双周报", "双周报"},
    {"raw GBK", "\xcb\xab\xd6\xdc\xb1\xa8", "双周报"},
    {"line end hidden in a word", "=?utf-8?B?YQ0KQmNjOiB4?=", "a  Bcc: x"},
    {"bidi and zero-width characters",
     "a\xe2\x80\xae"
     "b\xe2\x80\x8b"
     "c",
     "abc"},
    {"not a word", "=?utf-8?X?abc?= =? 1 ?=", "=?utf-8?X?abc?= =? 1 ?="},
    {"no end", "=?utf-8?B?5Y+M", "=?utf-8?B?5Y+M"},
    {"words separated by text keep the blanks", "=?utf-8?B?5Y+M?= a =?utf-8?B?5ZGo?=", "双 a 周"},
};

static void test_decode(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(WORDS); i++) {
        g_test_message("%s", WORDS[i].why);
        g_autofree char *text = encoded_word_decode(WORDS[i].raw, -1, false);
        g_assert_cmpstr(text, ==, WORDS[i].expected);
    }
}

static const Case PARAMETERS[] = {
    {"quoted", "attachment; filename=\"a b.docx\"", "a b.docx"},
    {"bare", "attachment; filename=a b.docx; size=3", "a b.docx"},
    {"RFC 2231", "attachment; filename*=gb2312''%CB%AB%D6%DC.docx", "双周.docx"},
    {"RFC 2231 in quotes", "attachment; filename*=\"UTF-8''%E5%8F%8C.docx\"", "双.docx"},
    {"continued, cut inside a character", "attachment; filename*0*=utf-8''%E5%8F; filename*1*=%8C.docx",
     "双.docx"},
    {"continued, out of order, half plain",
     "attachment; filename*1=\".docx\"; filename*0*=utf-8'zh'%E5%8F%8C", "双.docx"},
    {"continued without an encoding", "attachment; filename*0=\"ab\"; filename*1=\"cd.docx\"", "abcd.docx"},
    {"encoded words cut by continuation", "a; filename*0=\"=?utf-8?B?5Y+M\"; filename*1=\"5ZGo?=.docx\"",
     "双周.docx"},
    {"ticks missing", "attachment; filename*=%E5%8F%8C.docx", "双.docx"},
    {"apostrophe in the name", "attachment; filename*=utf-8''it's%20mine.docx", "it's mine.docx"},
    {"both: the extended one", "attachment; filename=\"x.docx\"; filename*=utf-8''%E5%8F%8C.docx", "双.docx"},
    {"encoded words in quotes, padded twice",
     "attachment; filename=\"=?gb2312?B?y6s=?=\r\n =?gb2312?B?1tyxqC5kb2N4?=\"", "双周报.docx"},
    {"encoded word without quotes", "attachment; filename==?utf-8?B?5Y+M?=.docx", "双.docx"},
    {"bare percent-encoding", "attachment; filename=\"%E5%8F%8C.docx\"", "双.docx"},
    {"a percent sign of its own", "attachment; filename=\"100%.docx\"", "100%.docx"},
    {"raw GBK", "attachment; filename=\"\xcb\xab\xd6\xdc\xb1\xa8.docx\"", "双周报.docx"},
    {"quote inside", "attachment; filename=\"a\"b\".docx\"; size=1", "a\"b\".docx"},
    {"escaped quote, Windows path", "attachment; filename=\"C:\\dir\\a\\\"b.docx\"", "C:\\dir\\a\"b.docx"},
    {"semicolon forgotten", "attachment; filename=\"a.docx\" size=3", "a.docx"},
    {"quote never closed", "attachment; filename=\"a.docx", "a.docx"},
    {"upper case, blanks", "attachment; FileName = \"a.docx\" ;", "a.docx"},
};

static void test_parameter(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(PARAMETERS); i++) {
        g_test_message("%s", PARAMETERS[i].why);
        g_autofree char *value = encoded_word_parameter(PARAMETERS[i].raw, "filename", false);
        g_assert_cmpstr(value, ==, PARAMETERS[i].expected);
    }
    g_assert_null(encoded_word_parameter("attachment; filenames=x", "filename", false));
    g_assert_null(encoded_word_parameter(NULL, "filename", false));
}

static void test_base_name(void) {
    static const Case NAMES[] = {
        {"unix path", "../../etc/passwd", "passwd"},
        {"windows path", "C:\\a\\双周报.doc", "双周报.doc"},
        {"dots", "..", ""},
        {"controls", "a\x01\nb.doc", "a b.doc"},
        {"right-to-left trick", "a\xe2\x80\xaexcod.exe", "axcod.exe"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autofree char *name = encoded_word_base_name(NAMES[i].raw);
        g_assert_cmpstr(name, ==, NAMES[i].expected);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/encoded-word/decode", test_decode);
    g_test_add_func("/encoded-word/parameter", test_parameter);
    g_test_add_func("/encoded-word/base-name", test_base_name);
    return g_test_run();
}
