/* Any text as the value of every field of the shipped forms. */
#include "parsers/charset.h"
#include "parsers/value.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autofree char *text = charset_clean((const char *)bytes, (gssize)length);
    const ValueContext context = value_context_at(1467000000, form_set_zone(fuzz_forms()));
    for (guint i = 0; i < form_set_size(fuzz_forms()); i++) {
        const GPtrArray *fields = form_set_nth(fuzz_forms(), i)->fields;
        for (guint f = 0; f < fields->len; f++) {
            json_t *value = NULL;
            value_parse(g_ptr_array_index(fields, f), text, &context, &value, NULL);
            g_free(value != NULL ? value_to_text(value) : NULL);
            json_decref(value);
        }
    }
    return 0;
}
