/* Any bytes as a letter's template, rendered for text, HTML and a header. */
#include "gateway/core/mustache.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    if (!mustache_set_add(set, "t", (const char *)bytes, length, NULL))
        return 0;
    json_t *facts =
        json_loads("{\"a\":[{\"b\":1},{\"b\":\"<&\\u202e\\n\"}],\"c\":{\"d\":true},\"e\":\"\"}", 0, NULL);
    for (MustacheEscape escape = MUSTACHE_TEXT; escape <= MUSTACHE_HEADER; escape++) {
        g_autofree char *text = NULL;
        bool is_done = mustache_render(set, "t", facts, escape, false, &text, NULL);
        g_assert_true(!is_done || g_utf8_validate(text, -1, NULL));
    }
    json_decref(facts);
    return 0;
}
