/* Any bytes as an attachment without a name: what is it, and what does that reader make of it. Compound files
 * (doc, xls) and rtf, which go to the converter, are only looked into. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(GPtrArray) problems = problem_list_new();
    if (formats_is_intact(data, "fuzz", problems))
        document_free(formats_read(data, sniff_type(bytes, length, NULL), "fuzz", problems));
    json_decref(problem_list_to_json(problems, true));
    return 0;
}
