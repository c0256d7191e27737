/* Any bytes as the XML of a workbook: the list of sheets, a sheet, shared strings and styles. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char *const PARTS[] = {"xl/workbook.xml", "xl/worksheet1.xml", "xl/sharedStrings.xml",
                                        "xl/styles.xml"};
    fuzz_package(xlsx_read, PARTS, G_N_ELEMENTS(PARTS), bytes, length);
    return 0;
}
