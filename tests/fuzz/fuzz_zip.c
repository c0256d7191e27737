/* Any bytes as a zip: every entry by index and by name. */
#include "parsers/zip.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(ZipFile) zip = zip_open(data, NULL);
    for (guint i = 0; zip != NULL && i < MIN(zip_count(zip), 64); i++) {
        const ZipEntry *entry = zip_entry(zip, i);
        g_assert_nonnull(zip_find(zip, entry->name));
        ProblemCode code;
        g_autoptr(GBytes) content G_GNUC_UNUSED = zip_read(zip, entry, 1u << 20, &code);
    }
    return 0;
}
