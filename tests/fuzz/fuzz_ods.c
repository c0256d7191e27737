/* Any bytes as an OpenDocument sheet. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(ods_read, bytes, length);
    return 0;
}
