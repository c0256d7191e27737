/* Any bytes as a workbook. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    fuzz_document(xlsx_read, bytes, length);
    return 0;
}
