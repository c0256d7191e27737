#include "gateway/core/drift.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/plan.h"
#include "gateway/core/reason.h"
#include "gateway/core/roster.h"

#define ALERT_LIFE_S (7 * CALENDAR_DAY_S)

static double share_of(FoundShare share, gsize fields) {
    return 100.0 * share.found / ((double)share.submissions * (double)fields);
}

static json_t *facts_of(const Programme *programme, const Obligation *obligation, const Period *period,
                        double before, double now, const char *language, gint64 now_s) {
    bool is_english = g_strcmp0(language, "en") == 0;
    const char *title = definition_title(definition_form(programme, obligation->form), language);
    g_autofree char *cause = g_strdup_printf(
        is_english ? "%s of the period due %s: %.0f %% of the fields were found, %.0f %% in the period before"
                   : "%s（%s 到期的一期）只读出 %.0f%% 的栏目，上一期为 %.0f%%",
        title, period->key, now, before);
    g_autofree char *since = calendar_instant_text(programme->zone, now_s, language);
    return json_pack(
        "{s:s, s:s, s:s, s:s}", "code", "forms.drift", "cause_text", cause, "remedy_text",
        is_english ? "Look at what is missing: fortnight labels list; teach reworded labels with fortnight "
                     "labels teach, then fortnight replay --apply."
                   : "请执行 fortnight labels list 查看没有认出的栏目名，用 fortnight labels teach "
                     "教会后执行 fortnight replay --apply。",
        "since_text", since);
}

Letter *drift_alert(const View *view, const Obligation *obligation, const Period *period, FoundShare before,
                    FoundShare now, guint percent, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const RolePerson *person = roster_role(programme, "operator", NULL);
    if (person == NULL || person->address == NULL)
        person = roster_role(programme, "liaison", NULL);
    gsize fields = json_array_size(definition_fields(definition_form(programme, obligation->form)));
    if (person == NULL || person->address == NULL || fields == 0 || view_snapshot(view)->released_s == 0 ||
        before.submissions < DRIFT_SUBMISSIONS_MIN || now.submissions < DRIFT_SUBMISSIONS_MIN)
        return NULL;
    double share_before = share_of(before, fields), share_now = share_of(now, fields);
    g_autofree char *key = g_strdup_printf("alert/drift/%s/%s", obligation->id, period->key);
    if (share_before - share_now <= percent || view_letter_decided(view, key))
        return NULL;
    const char *language = person->language != NULL ? person->language : programme->language;
    Letter *letter = g_new0(Letter, 1);
    letter->key = g_steal_pointer(&key);
    letter->kind = LETTER_OPERATOR_ALERT;
    letter->to_address = g_strdup(person->address);
    letter->to_name = g_strdup(person->name);
    letter->language = g_strdup(language);
    letter->obligation = g_strdup(obligation->id);
    letter->period = g_strdup(period->key);
    letter->not_before_s = now_s;
    letter->expires_s = now_s + ALERT_LIFE_S;
    letter->priority = PRIORITY_ACK;
    letter->facts = facts_of(programme, obligation, period, share_before, share_now, language, now_s);
    letter->reason = reason_text(REASON_DRIFT, programme->language, NULL);
    return letter;
}
