/* Pieces of JSON texts: word for word, and never beyond the end. */
#include "gateway/core/json_text.h"

#include <jansson.h>
#include <string.h>

static JsonText text_of(const char *text) {
    return (JsonText){text, strlen(text)};
}

static void test_member(void) {
    static const struct {
        const char *object, *key, *value; /* value NULL: not there */
    } TABLE[] = {
        {"{\"a\":1,\"b\":[1,{\"a\":2}]}", "a", "1"},
        {"{\"a\":1,\"b\":[1,{\"a\":2}]}", "b", "[1,{\"a\":2}]"},
        {"{\"a\":1}", "b", NULL},
        {" { \"a\" : \"x\\\"}\" , \"b\" : null } ", "a", "\"x\\\"}\""},
        {" { \"a\" : \"x\\\"}\" , \"b\" : null } ", "b", "null"},
        {"{\"a\":\"\\\\\",\"b\":-1.5e3}", "a", "\"\\\\\""},
        {"{\"a\":\"\\\\\",\"b\":-1.5e3}", "b", "-1.5e3"},
        {"{\"ab\":1,\"a\":\"双周报，“表1”\"}", "a", "\"双周报，“表1”\""},
        {"{\"\\u0061\":1}", "a", NULL}, /* another spelling: whoever asks writes it anew */
        {"{\"x\":{\"a\":1},\"y\":\"\\\"a\\\":3\"}", "a", NULL},
        {"{}", "a", NULL},
        {"[]", "a", NULL},
        {"", "a", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        JsonText value = {NULL, 0};
        g_assert_cmpint(json_text_member(text_of(TABLE[i].object), TABLE[i].key, &value), ==,
                        TABLE[i].value != NULL);
        g_autofree char *found = value.start != NULL ? g_strndup(value.start, value.length) : NULL;
        g_assert_cmpstr(found, ==, TABLE[i].value);
    }
}

static void test_elements(void) {
    static const char *const KEYS[] = {"c", "a", "d"};
    JsonText values[G_N_ELEMENTS(KEYS)];
    json_text_members(text_of("{\"a\":[1],\"b\":2,\"c\":\"3\"}"), KEYS, G_N_ELEMENTS(KEYS), values);
    g_assert_cmpmem(values[0].start, values[0].length, "\"3\"", 3);
    g_assert_cmpmem(values[1].start, values[1].length, "[1]", 3);
    g_assert_null(values[2].start);
    static const char *const TABLE[][2] = {
        {"[{\"a\":1},{\"b\":\"],\"} , 3,\n[4,[5]] ]", "{\"a\":1}|{\"b\":\"],\"}|3|[4,[5]]|"},
        {"[]", ""},
        {"[ ]", ""},
        {"[null]", "null|"},
        {"{}", ""},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        JsonText rest = text_of(TABLE[i][0]), element;
        g_autoptr(GString) found = g_string_new(NULL);
        while (json_text_next(&rest, &element)) {
            g_string_append_len(found, element.start, (gssize)element.length);
            g_string_append_c(found, '|');
        }
        g_assert_cmpstr(found->str, ==, TABLE[i][1]);
    }
}

/* Every piece of what jansson wrote is what jansson reads there; every beginning of it, in memory of exactly
 * its length, is survived. */
static void test_against_parser(void) {
    const char *text = "{\"lines\":[{\"org\":\"a\\\\\\\"b\",\"fields\":{\"n\":{\"value\":1.25,\"raw\":\"１\"}"
                       "},\"tables\":{},"
                       "\"problems\":[true,false,null]},{\"x\":[[],[[1]]]}],\"wishes\":[]}";
    json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const char *key;
    json_t *expected;
    json_object_foreach(whole, key, expected) {
        JsonText value;
        g_assert_true(json_text_member(text_of(text), key, &value));
        json_t *found = json_loadb(value.start, value.length, JSON_DECODE_ANY, NULL);
        g_assert_true(json_equal(found, expected));
        json_decref(found);
    }
    json_decref(whole);
    for (gsize length = 0; length <= strlen(text); length++) {
        g_autofree char *cut = g_memdup2(text, MAX(length, 1));
        JsonText value, rest = {NULL, 0};
        if (json_text_member((JsonText){cut, length}, "lines", &rest))
            while (json_text_next(&rest, &value))
                json_text_member(value, "tables", &value);
        json_text_member((JsonText){cut, length}, "none", &value);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json_text/member", test_member);
    g_test_add_func("/json_text/elements", test_elements);
    g_test_add_func("/json_text/against_parser", test_against_parser);
    return g_test_run();
}
