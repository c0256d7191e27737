#include "parsers/transfer.h"

#include <string.h>

typedef struct {
    const char *why;
    TransferEncoding encoding;
    const char *text;
    const char *expected;
    bool damaged;
} Case;

static const Case CASES[] = {
    {"plain", TRANSFER_BASE64, "YWJjZA==", "abcd", false},
    {"padding in the middle: chunks joined by a program", TRANSFER_BASE64, "YWJjZA==\r\nZWZnaA==", "abcdefgh",
     false},
    {"the same on one line", TRANSFER_BASE64, "YWJjZA==ZWZnaA==", "abcdefgh", false},
    {"no padding", TRANSFER_BASE64, "YWJjZA", "abcd", false},
    {"no padding, three characters", TRANSFER_BASE64, "YWJjZGU", "abcde", false},
    {"folded anywhere", TRANSFER_BASE64, "YW\r\nJj ZA\t==\r\n", "abcd", false},
    {"footer of a list after the end", TRANSFER_BASE64, "YWJj\r\nZA==\r\n_______\r\nThe list\r\n", "abcd",
     true},
    {"alien characters", TRANSFER_BASE64, "YW*Jj", "abc", true},
    {"one character too many: the end is missing", TRANSFER_BASE64, "YWJjZ", "abc", true},
    {"nothing", TRANSFER_BASE64, "", "", false},
    {"escapes", TRANSFER_QUOTED_PRINTABLE, "=E5=8F=8C=e5=91=a8", "双周", false},
    {"soft line break", TRANSFER_QUOTED_PRINTABLE, "ab=\r\ncd=\nef", "abcdef", false},
    {"soft break with blanks behind", TRANSFER_QUOTED_PRINTABLE, "ab=  \r\ncd", "abcd", false},
    {"blanks at the end of a line are padding", TRANSFER_QUOTED_PRINTABLE, "ab  \r\ncd \t", "ab\r\ncd",
     false},
    {"encoded blank stays", TRANSFER_QUOTED_PRINTABLE, "ab=20\r\n", "ab \r\n", false},
    {"no escape after all", TRANSFER_QUOTED_PRINTABLE, "a=b 100%=", "a=b 100%", false},
    {"uuencode", TRANSFER_UUENCODE, "begin 644 a.txt\n#86)C\n`\nend\n", "abc", false},
    {"uuencode without an end", TRANSFER_UUENCODE, "begin 644 a.txt\n#86)C\n", "abc", true},
    {"unknown names leave the bytes", TRANSFER_UNKNOWN, "a=b", "a=b", false},
};

static void test_decode(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        bool damaged = false;
        g_autoptr(GBytes) text = g_bytes_new_static(c->text, strlen(c->text));
        g_autoptr(GBytes) data = transfer_decode(text, c->encoding, &damaged);
        g_test_message("%s", c->why);
        gsize length;
        const void *bytes = g_bytes_get_data(data, &length);
        g_assert_cmpmem(bytes, length, c->expected, strlen(c->expected));
        g_assert_cmpint(damaged, ==, c->damaged);
    }
}

static void test_names(void) {
    static const struct {
        const char *name;
        TransferEncoding encoding;
    } NAMES[] = {
        {NULL, TRANSFER_IDENTITY},         {"8-bit", TRANSFER_IDENTITY},
        {" BASE64 ", TRANSFER_BASE64},     {"Base64; x", TRANSFER_BASE64},
        {"7bit\r\n", TRANSFER_IDENTITY},   {"quoted-printable (text)", TRANSFER_QUOTED_PRINTABLE},
        {"X-UUENCODE", TRANSFER_UUENCODE}, {"x-gzip64", TRANSFER_UNKNOWN},
        {"binary", TRANSFER_IDENTITY},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        g_assert_cmpint(transfer_encoding_from_name(NAMES[i].name), ==, NAMES[i].encoding);
}

static void test_header_words(void) {
    g_autoptr(GByteArray) out = g_byte_array_new();
    transfer_append_quoted(out, "a_b=5Fc", 7, true);
    g_assert_cmpmem(out->data, out->len, "a b_c", 5);
}

static void test_find_uuencoded(void) {
    const char *text = "Dear all,\nbegin the work.\nbegin 644 files are here\nsee\n\nbegin 755 my "
                       "file.bin\n#86)C\n`\nend\nregards\n";
    TransferUuFile file;
    g_assert_true(transfer_find_uuencoded(text, strlen(text), 0, &file));
    g_assert_cmpstr(file.name, ==, "my file.bin");
    g_assert_cmpint(g_bytes_get_size(file.data), ==, 3);
    g_assert_false(file.damaged);
    g_assert_true(g_str_has_prefix(text + file.end, "regards"));
    gsize end = file.end;
    transfer_uu_file_clear(&file);
    g_assert_false(transfer_find_uuencoded(text, strlen(text), end, &file));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transfer/decode", test_decode);
    g_test_add_func("/transfer/names", test_names);
    g_test_add_func("/transfer/header-words", test_header_words);
    g_test_add_func("/transfer/find-uuencoded", test_find_uuencoded);
    return g_test_run();
}
