/* Any bytes as JSON: the quick reader and jansson agree, and pieces of the text stay in it. */
#include "gateway/core/json_read.h"
#include "gateway/core/json_text.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    json_t *quick = json_read((const char *)bytes, length);
    json_t *careful = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    g_assert_true(quick == careful || json_equal(quick, careful));
    json_decref(quick);
    json_decref(careful);
    JsonText rest = {(const char *)bytes, length}, piece;
    json_text_member(rest, "lines", &rest);
    while (json_text_next(&rest, &piece))
        g_assert_true(piece.start >= (const char *)bytes &&
                      piece.start + piece.length <= (const char *)bytes + length);
    return 0;
}
