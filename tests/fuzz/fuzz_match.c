/* Any bytes as a mail with the shipped forms: body, tables in text, attachments. */
#include "parsers/reading.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const ReadingOptions options = {
        .forms = fuzz_forms(), .received_s = 1467000000, .with_explanation = true};
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_ptr_array_unref(reading_parse(data, "a.eml", &options));
    return 0;
}
