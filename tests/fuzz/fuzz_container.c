/* Any bytes as an archive of the type that their content claims. */
#include "parsers/container.h"
#include "parsers/problem.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size) {
    FileType type = sniff_type(data, size, NULL);
    if (!container_is_archive(type))
        return 0;
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) entries G_GNUC_UNUSED = container_read(bytes, type, "fuzz", 8u << 20, problems);
    return 0;
}
