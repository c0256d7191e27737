#include <stdint.h>

#include "gateway/io/forms_load.h"
#include "parsers/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Any bytes as a mail with the shipped forms: body, tables in text, attachments. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static FormSet *forms;
    json_t *json = forms ? NULL : forms_load_dir("etc/youth-voice/forms", "zh", "Asia/Shanghai", NULL);
    forms = forms ? forms : form_set_new_from_json(json, NULL);
    json_decref(json);
    const ReadingOptions options = {.forms = forms, .received_s = 1467000000};
    g_autoptr(GBytes) data = g_bytes_new(bytes, length);
    g_ptr_array_unref(reading_parse(data, "a.eml", &options));
    return 0;
}
