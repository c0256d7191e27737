/* Any text as the lines of a reply that corrects a form. */
#include "parsers/charset.h"
#include "parsers/classify.h"
#include "parsers/correction.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autofree char *text = charset_clean((const char *)bytes, (gssize)length);
    json_t *lines = classify_corrections(fuzz_forms(), text), *line;
    gsize i;
    json_array_foreach(json_object_get(lines, "corrections"), i, line) {
        const char *label = json_string_value(json_object_get(line, "label"));
        if (label != NULL)
            correction_field(fuzz_forms(), form_set_nth(fuzz_forms(), 0), label);
    }
    json_decref(lines);
    return 0;
}
