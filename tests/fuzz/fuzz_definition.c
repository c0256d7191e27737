/* Any bytes as the definition of a form. */
#include <unistd.h>

#include "gateway/io/conf_file.h"
#include "tests/fuzz/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    int fd;
    g_autofree char *path = fuzz_path(bytes, length, &fd);
    json_t *form = conf_file_load(path, NULL, NULL);
    json_t *all = json_pack("{s:s, s:s, s:[o*]}", "language", "zh", "zone", "UTC", "forms", form);
    g_autoptr(GError) error = NULL;
    g_autoptr(FormSet) forms = form_set_new_from_json(all, &error);
    g_assert_true((forms == NULL) == (error != NULL));
    json_decref(all);
    close(fd);
    return 0;
}
