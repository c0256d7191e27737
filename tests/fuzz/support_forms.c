#include "gateway/io/forms_load.h"
#include "gateway/io/ipc.h"
#include "tests/fuzz/support.h"

const FormSet *fuzz_forms(void) {
    static FormSet *forms;
    if (forms == NULL) {
        json_t *json = forms_load_dir("etc/youth-voice/forms", "zh", "Asia/Shanghai", NULL);
        forms = form_set_new_from_json(json, NULL);
        json_decref(json);
        g_assert_nonnull(forms);
    }
    return forms;
}

char *fuzz_path(const uint8_t *bytes, size_t length, int *ret_fd) {
    *ret_fd = ipc_memfd("fuzz", bytes, length, NULL);
    g_assert_cmpint(*ret_fd, >=, 0);
    return g_strdup_printf("/proc/self/fd/%d", *ret_fd);
}
