/* Any text as a label: its normal form, its readings, its likeness to itself, which is complete. */
#include "parsers/charset.h"
#include "parsers/label.h"
#include "tests/fuzz/support.h"

static bool visit(const char *normal, gpointer data) {
    return *normal == '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autofree char *text = charset_clean((const char *)bytes, (gssize)length);
    g_autofree char *normal = label_normal_form(text, -1);
    g_autoptr(LabelWeights) weights = label_weights_new();
    label_weights_add(weights, normal);
    g_assert_cmpuint(label_list_mark(text), <=, strlen(text));
    label_each_reading(text, -1, visit, NULL);
    g_assert_true(*normal == '\0' || label_likeness(weights, normal, normal) > 0.99);
    return 0;
}
