/* Any bytes as winmail.dat. */
#include "parsers/unpack_tnef.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    bool is_damaged;
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(GPtrArray) files = unpack_tnef(data, &is_damaged);
    g_assert_true(files == NULL || files->len <= TNEF_FILES_MAX);
    return 0;
}
