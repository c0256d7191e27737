/* Any bytes as an archive (zip, rar, 7z, gzip), of the type that their content claims. */
#include "parsers/container.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    FileType type = sniff_type(bytes, length, NULL);
    if (!sniff_is_archive(type))
        return -1; /* not worth keeping */
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_ptr_array_unref(container_read(data, type, "fuzz", 8u << 20, problems));
    return 0;
}
