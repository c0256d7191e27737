/* Any bytes as the content of an OpenDocument text and of a sheet. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char *const PARTS[] = {"content.xml", "styles.xml"};
    fuzz_package(odt_read, PARTS, G_N_ELEMENTS(PARTS), bytes, length);
    fuzz_package(ods_read, PARTS, G_N_ELEMENTS(PARTS), bytes, length);
    return 0;
}
