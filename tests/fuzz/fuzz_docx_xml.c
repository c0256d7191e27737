/* Any bytes as the XML of a Word document: its text, its styles, its numbers, a header and the footnotes. */
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const char *const PARTS[] = {"word/document.xml", "word/styles.xml", "word/numbering.xml",
                                        "word/header1.xml", "word/footnotes.xml"};
    fuzz_package(docx_read, PARTS, G_N_ELEMENTS(PARTS), bytes, length);
    return 0;
}
