/* Any bytes as an OpenDocument text. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(odt_read, bytes, length);
    return 0;
}
