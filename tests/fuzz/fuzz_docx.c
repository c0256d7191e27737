/* Any bytes as a Word document. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(docx_read, bytes, length);
    return 0;
}
