#include "gateway/keeper/learnt.h"

#include "gateway/core/error.h"
#include "gateway/core/labels.h"
#include "gateway/io/log.h"
#include "gateway/store/labels.h"

static void set_forms(Config *config, json_t *forms) {
    json_incref(forms);
    json_decref(config->forms);
    config->forms = json_incref(forms);
    json_decref(config->programme->forms);
    config->programme->forms = forms;
}

/* The forms with what was learnt; without it where they do not load with it. NULL: they do not load at all.
 */
static FormSet *apply(Config *config, json_t *listed, const json_t *learnt, GError **error) {
    json_t *merged = json_array_size(learnt) ? labels_merge(listed, learnt) : json_incref(listed);
    g_autoptr(GError) failure = NULL;
    g_autoptr(FormSet) set = form_set_new_from_json(merged, &failure);
    if (set) {
        set_forms(config, merged);
    } else if (json_array_size(learnt)) {
        log_error(LOG_WARNING, "labels.unusable", failure);
        set_forms(config, listed);
        g_clear_error(&failure);
        set = form_set_new_from_json(listed, &failure);
    }
    json_decref(merged);
    if (!set)
        g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, failure->message);
    return g_steal_pointer(&set);
}

bool learnt_labels_apply(Store *store, Config *config, GError **error) {
    json_t *learnt = store_labels_learnt(store, error);
    json_t *listed = json_incref(config->forms);
    g_autoptr(FormSet) set = learnt ? apply(config, listed, learnt, error) : NULL;
    json_decref(listed);
    json_decref(learnt);
    return set != NULL;
}

bool learnt_labels_refresh(Keeper *keeper, bool *ret_changed, GError **error) {
    json_t *learnt = store_labels_learnt(keeper->store, error);
    bool is_same = learnt && keeper->learnt && json_equal(learnt, keeper->learnt);
    FormSet *set = learnt && !is_same ? apply(keeper->config, keeper->listed_forms, learnt, error) : NULL;
    if (set) {
        g_clear_pointer(&keeper->forms, form_set_unref);
        keeper->forms = set;
        json_decref(keeper->learnt);
        keeper->learnt = json_incref(learnt);
        log_event(LOG_INFO, "labels.learnt", LOG_NUMBER("labels", json_array_size(learnt)));
    }
    json_decref(learnt);
    if ((set || is_same) && ret_changed)
        *ret_changed = set != NULL;
    return set || is_same;
}
