#include "gateway/keeper/several.h"

#include "gateway/core/roster.h"
#include "gateway/keeper/settle.h"

/* What belongs to the first form of a line and not to its mail. */
static const char *const own_members[] = {
    "others",   "form",      "org",     "period",      "period_source", "period_said", "fields", "tables",
    "problems", "unmatched", "guessed", "corrections", "command",       "urgent",      "explain"};

/* A form as the line that it would be alone. New reference. */
static json_t *line_of(const json_t *line, const json_t *form, size_t nth) {
    json_t *own = json_copy((json_t *)line);
    for (gsize i = 0; i < G_N_ELEMENTS(own_members); i++)
        json_object_del(own, own_members[i]);
    json_object_update(own, (json_t *)form);
    json_object_set_new(own, "kind", json_string("submission"));
    json_object_set_new(own, "nth", json_integer((json_int_t)nth));
    return own;
}

bool several_is_meant(const Keeper *keeper, const json_t *form, gint64 org_id) {
    g_autofree char *normal = roster_normal_name(json_string_value(json_object_get(form, "org")));
    const GPtrArray *named = *normal ? view_named(keeper->view, normal) : NULL;
    for (guint i = 0; named && i < named->len; i++)
        if (((const Organization *)named->pdata[i])->id == org_id)
            return true;
    return !named;
}

static ReadJob *job_of(const Keeper *keeper, const ReadJob *job, const json_t *form) {
    ReadJob *own = read_job_new(job->message_id);
    own->received_s = job->received_s;
    own->seen_s = job->seen_s;
    own->is_junk_folder = job->is_junk_folder;
    own->is_replay = job->is_replay;
    own->note = g_strdup(job->note);
    own->by_hand_org_id =
        job->by_hand_org_id && several_is_meant(keeper, form, job->by_hand_org_id) ? job->by_hand_org_id : 0;
    own->confirmed_org_id = job->confirmed_org_id && several_is_meant(keeper, form, job->confirmed_org_id)
                                ? job->confirmed_org_id
                                : 0;
    return own;
}

bool several_settle(Keeper *keeper, const ReadJob *job, const json_t *line, MessageState *state,
                    GError **error) {
    size_t i;
    json_t *form;
    json_array_foreach(json_object_get(line, "others"), i, form) {
        g_autoptr(ReadJob) own = job_of(keeper, job, form);
        json_t *own_line = line_of(line, form, i + 2);
        g_autoptr(IntakeDecision) decision = settle_line(keeper, own, own_line, error);
        json_decref(own_line);
        if (!decision)
            return false;
        *state = record_worst_state(*state, decision->state);
    }
    return true;
}
