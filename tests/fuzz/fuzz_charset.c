/* Any bytes in any charset: the first line names it. */
#include "parsers/charset.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const uint8_t *end = length > 0 ? memchr(bytes, '\n', length) : NULL;
    g_autofree char *label = end != NULL ? g_strndup((const char *)bytes, (gsize)(end - bytes)) : NULL;
    gsize skip = end != NULL ? (gsize)(end - bytes) + 1 : 0;
    bool is_lossy;
    g_autofree char *text = charset_to_utf8(bytes + skip, length - skip, label, length % 2, &is_lossy);
    g_autofree char *clean = charset_clean(text, -1);
    g_assert_true(g_utf8_validate(text, -1, NULL) && g_utf8_validate(clean, -1, NULL));
    return 0;
}
