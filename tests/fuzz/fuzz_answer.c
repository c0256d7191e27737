/* Any bytes as what a reader's child says. */
#include <unistd.h>

#include "gateway/io/ipc.h"
#include "gateway/io/reader_answer.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    int fd = ipc_memfd("fuzz", bytes, length, NULL);
    json_t *file = json_string("a.eml");
    g_autoptr(GBytes) text = NULL;
    json_decref(reader_answer_take(fd, file, &text));
    json_decref(file);
    close(fd);
    return 0;
}
