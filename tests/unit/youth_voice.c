#include "tests/unit/youth_voice.h"

#include "gateway/io/forms_load.h"

FormSet *youth_voice_forms(void) {
    g_autoptr(GError) error = NULL;
    json_t *json = forms_load_dir("etc/youth-voice/forms", "zh", "Asia/Shanghai", &error);
    g_assert_no_error(error);
    FormSet *set = form_set_new_from_json(json, &error);
    g_assert_no_error(error);
    json_decref(json);
    return set;
}
