/* The quick reader against jansson: the same values, the same refusals. */
#include "gateway/core/json_read.h"

#include <string.h>

/* Reads a text in memory of exactly its length with both. */
static void assert_same(const char *text, gsize length) {
    g_autofree char *exact = g_memdup2(text, MAX(length, 1));
    json_t *expected = json_loadb(exact, length, JSON_REJECT_DUPLICATES, NULL),
           *found = json_read(exact, length);
    if ((expected == NULL) != (found == NULL) || (found != NULL && !json_equal(found, expected)))
        g_error("differs: %.*s", (int)length, exact);
    json_decref(expected);
    json_decref(found);
}

static void test_table(void) {
    static const char *const TEXTS[] = {
        "{}",
        "[]",
        "",
        "1",
        "\"x\"",
        "null",
        "{\"a\":1}",
        "{\"a\":1}x",
        "{\"a\":1} ",
        " [1]",
        "[1 ]",
        "[1,]",
        "[,1]",
        "[1,2",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"\\n\":1,\"b\\\"\":2}",
        "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
        "[\"\\u53cc\\u5468\"]",
        "[\"\\u0000\"]",
        "[\"\\x\"]",
        "[\"\\\"]",
        "[\"\\",
        "[\"a",
        "[\"双周报：“１”\"]",
        "[\"\x01\"]",
        "[\"\x7f\"]",
        "[\"\xff\"]",
        "[\"\xed\xa0\x80\"]",
        "[\"\xc0\x80\"]",
        "[0,-0,-1,123456789012345678]",
        "[01]",
        "[-01]",
        "[-]",
        "[--1]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[1.5]",
        "[-0.0]",
        "[0.98,0.97999999999999998,1e5,1E400,1.5e-3]",
        "[9223372036854775807]",
        "[9223372036854775808]",
        "[1234567890123456789012345678901234567890.5]",
        "[1.2345678901234567890123456789012345678901234567890]",
        "[true,false,null]",
        "[tru]",
        "[truex]",
        "[nul",
        "[True]",
        "{\"a\":[{\"b\":[]},{}],\"c\":{\"d\":\"\"}}",
        "[\"\",\"\"]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        assert_same(TEXTS[i], strlen(TEXTS[i]));
    assert_same("[\"a\0b\"]", 7);
    assert_same("[1]\0", 4);
}

static const char answer[] =
    "{\"lines\":[{\"file\":\"message "
    "7\",\"kind\":\"submission\",\"org\":\"环境学院辩论协会\",\"fields\":{\"received\":{"
    "\"value\":10,\"raw\":\"１０\",\"source\":\"a.docx 表1 "
    "第9行第2列\",\"confidence\":0.98},\"work\":{\"value\":\"1、答疑；\\n"
    "2、\\\"座谈\\\"\",\"confidence\":0.97999999999999998}},\"tables\":{\"questions\":[{\"no\":1,\"done\":"
    "true},{\"no\":-2,"
    "\"by\":null}]},\"problems\":[],\"reply\":\"a\\tb\\\\c\"}],\"wishes\":[]}";

/* Every beginning, and thousands of texts with a byte changed, dropped or added. */
static void test_mutations(void) {
    gsize length = strlen(answer);
    g_autoptr(GRand) random = g_rand_new_with_seed(20160627);
    static const char bytes[] = "\"\\{}[]:,0-9.eEtfn\x80\xe5 \n";
    for (gsize i = 0; i <= length; i++)
        assert_same(answer, i);
    for (guint i = 0; i < 20000; i++) {
        g_autoptr(GByteArray) changed = g_byte_array_new();
        g_byte_array_append(changed, (const guint8 *)answer, (guint)length);
        for (gint32 n = g_rand_int_range(random, 1, 4); n > 0; n--) {
            guint place = (guint)g_rand_int_range(random, 0, (gint32)changed->len);
            gint32 kind = g_rand_int_range(random, 0, 3);
            guint8 byte = (guint8)bytes[g_rand_int_range(random, 0, sizeof bytes)]; /* NUL too */
            if (kind == 0)
                changed->data[place] = byte;
            else if (kind == 1)
                g_byte_array_remove_index(changed, place);
            else
                g_byte_array_append(changed, &byte, 1);
        }
        assert_same((const char *)changed->data, changed->len);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json_read/table", test_table);
    g_test_add_func("/json_read/mutations", test_mutations);
    return g_test_run();
}
