/* Any bytes as PDF. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(pdf_read, bytes, length);
    return 0;
}
