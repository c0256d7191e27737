/* The same bytes as jansson's. */
#include "gateway/core/json_write.h"

#include <stdlib.h>
#include <string.h>

static void assert_same(const json_t *value) {
    for (guint digits = 4; digits <= 15; digits += 11) {
        char *expected = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION((size_t)digits));
        g_autofree char *written = json_write(value, digits);
        g_assert_cmpstr(written, ==, expected);
        free(expected);
    }
}

static void test_values(void) {
    static const char *const texts[] = {"[]",
                                        "{}",
                                        "[{},[]]",
                                        "{\"b\":1,\"a\":{\"z\":[true,false,null],\"y\":\"\"}}",
                                        "[0,-1,9223372036854775807,-9223372036854775808,10,1000]",
                                        "[\"中文\\n\\t\\r\\b\\f\\u0001\\u001f\\\"\\\\/\\u007f 𠀀\"]",
                                        "{\"\\n\\\"k\":\"v\"}"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        json_t *value = json_loads(texts[i], 0, NULL);
        g_assert_nonnull(value);
        assert_same(value);
        json_decref(value);
    }
    json_t *with_nul = json_pack("[s%]", "a\0b", (size_t)3);
    assert_same(with_nul);
    json_decref(with_nul);
}

static void test_reals(void) {
    static const double reals[] = {0.1,       0.98,          1.0,   1.5,   0.005, 99.99,
                                   1234.56,   999.989999999, 1e300, -0.98, 1e-20, 1.0 / 3,
                                   123456.75, 0.0,           0.29,  0.57,  0.58,  100.0};
    json_t *array = json_array();
    for (guint i = 0; i < G_N_ELEMENTS(reals); i++)
        json_array_append_new(array, json_real(reals[i]));
    for (guint i = 0; i <= 100; i++)
        json_array_append_new(array, json_real(i / 100.0));
    assert_same(array);
    json_decref(array);
}

/* Deeper than it goes itself, and nothing at all. */
static void test_limits(void) {
    json_t *value = json_array();
    for (guint i = 0; i < 200; i++)
        value = json_pack("[o]", value);
    assert_same(value);
    json_decref(value);
    g_assert_null(json_write(NULL, 15));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json-write/values", test_values);
    g_test_add_func("/json-write/reals", test_reals);
    g_test_add_func("/json-write/limits", test_limits);
    return g_test_run();
}
