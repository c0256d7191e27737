#include "gateway/keeper/learnt.h"

#include "gateway/core/labels.h"
#include "gateway/io/log.h"
#include "gateway/store/labels.h"
#include "parsers/form.h"

bool learnt_labels_apply(Store *store, Config *config, GError **error) {
    json_t *learnt = store_labels_learnt(store, error);
    if (!learnt)
        return false;
    json_t *merged = json_array_size(learnt) ? labels_merge(config->forms, learnt) : NULL;
    json_decref(learnt);
    g_autoptr(GError) failure = NULL;
    g_autoptr(FormSet) set = merged ? form_set_new_from_json(merged, &failure) : NULL;
    if (set) {
        json_decref(config->forms);
        config->forms = json_incref(merged);
        json_decref(config->programme->forms);
        config->programme->forms = json_incref(merged);
    } else if (failure) {
        log_error(LOG_WARNING, "labels.unusable", failure);
    }
    json_decref(merged);
    return true;
}
