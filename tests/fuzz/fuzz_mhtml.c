/* Any bytes as a saved web page. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(mhtml_read, bytes, length);
    return 0;
}
