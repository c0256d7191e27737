#include "gateway/core/drift.h"

#include "gateway/core/alert.h"
#include "gateway/core/definition.h"
#include "gateway/core/reason.h"

static double share_of(FoundShare share, gsize fields) {
    return 100.0 * share.found / ((double)share.submissions * (double)fields);
}

/* "双周报（2016-06-27 到期的一期）只读出 40% 的栏目，上一期为 90%". */
static char *cause_of(const Programme *programme, const Obligation *obligation, const Period *period,
                      double before, double now, const char *language) {
    bool is_english = g_strcmp0(language, "en") == 0;
    const char *title = definition_title(definition_form(programme, obligation->form), language);
    return g_strdup_printf(
        is_english ? "%s of the period due %s: %.0f %% of the fields were found, %.0f %% in the period before"
                   : "%s（%s 到期的一期）只读出 %.0f%% 的栏目，上一期为 %.0f%%",
        title, period->key, now, before);
}

Letter *drift_alert(const View *view, const Obligation *obligation, const Period *period, FoundShare before,
                    FoundShare now, guint percent, gint64 now_s) {
    const Programme *programme = view_programme(view);
    gsize fields = json_array_size(definition_fields(definition_form(programme, obligation->form)));
    if (fields == 0 || view_snapshot(view)->released_s == 0 || before.submissions < DRIFT_SUBMISSIONS_MIN ||
        now.submissions < DRIFT_SUBMISSIONS_MIN)
        return NULL;
    double share_before = share_of(before, fields), share_now = share_of(now, fields);
    if (share_before - share_now <= percent)
        return NULL;
    const char *language = alert_language(programme);
    g_autofree char *cause = cause_of(programme, obligation, period, share_before, share_now, language);
    const char *remedy = g_strcmp0(language, "en") == 0
                             ? "Look at what is missing: fortnight labels list; teach reworded labels with "
                               "fortnight labels teach, then fortnight replay --apply."
                             : "请执行 fortnight labels list 查看没有认出的栏目名，用 fortnight labels teach "
                               "教会后执行 fortnight replay --apply。";
    Letter *letter = alert_letter_new(view, g_strdup_printf("alert/drift/%s/%s", obligation->id, period->key),
                                      "forms.drift", cause, NULL, remedy, now_s, now_s);
    if (letter == NULL)
        return NULL;
    letter->obligation = g_strdup(obligation->id);
    letter->period = g_strdup(period->key);
    letter->reason = reason_text(REASON_DRIFT, programme->language, NULL);
    return letter;
}
