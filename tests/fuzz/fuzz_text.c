/* Any bytes as plain text. */
#include "parsers/formats.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size) {
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = text_read(bytes, "fuzz", problems);
    g_autofree char *text = document ? document_to_text(document) : NULL;
    return 0;
}
