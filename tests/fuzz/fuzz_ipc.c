/* Any bytes as frames of another process. */
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/io/ipc.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    int pair[2];
    g_assert_true(ipc_pair(pair, NULL));
    ssize_t n G_GNUC_UNUSED = send(pair[0], bytes, length, MSG_DONTWAIT);
    close(pair[0]);
    for (int result = 1; result == 1;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        result = ipc_receive(pair[1], &frame, 0, NULL);
    }
    close(pair[1]);
    return 0;
}
