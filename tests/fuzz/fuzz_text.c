/* Any bytes as plain text. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(text_read, bytes, length);
    return 0;
}
