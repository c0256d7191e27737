/* Any bytes as a mailbox file or a message. */
#include "parsers/message.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_autoptr(GPtrArray) messages = message_split_mbox(data);
    for (guint i = 0; i < messages->len; i++)
        message_free(message_parse(g_ptr_array_index(messages, i), NULL));
    return 0;
}
