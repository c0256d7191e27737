/* Any bytes as the text of a form that was filled in as lines, and as HTML. */
#include "parsers/reading.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const ReadingOptions options = {.forms = fuzz_forms(), .received_s = 1467000000};
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_ptr_array_unref(reading_parse(data, "双周报.txt", &options));
    g_ptr_array_unref(reading_parse(data, "双周报.html", &options));
    return 0;
}
