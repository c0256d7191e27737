/* Any bytes as HTML. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(html_read, bytes, length);
    return 0;
}
