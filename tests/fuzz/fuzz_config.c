/* Any bytes as fortnight.conf. */
#include <unistd.h>

#include "gateway/io/config.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    int fd;
    g_autofree char *path = fuzz_path(bytes, length, &fd);
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, &error);
    g_assert_true((config == NULL) == (error != NULL));
    close(fd);
    return 0;
}
