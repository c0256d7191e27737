/* Any bytes as comma-separated values. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(csv_read, bytes, length);
    return 0;
}
