#include "gateway/keeper/drift.h"

#include "gateway/core/drift.h"
#include "gateway/core/period.h"
#include "gateway/io/log.h"
#include "gateway/store/submissions.h"

static bool load_share(Keeper *keeper, const Obligation *obligation, const Period *period,
                       FoundShare *ret_share, GError **error) {
    return store_found_share(keeper->store, obligation->id, period->key, &ret_share->submissions,
                             &ret_share->found, error);
}

static bool put(Keeper *keeper, const Letter *letter, gint64 now_s, GError **error) {
    if (!store_begin(keeper->store, error))
        return false;
    if (keeper_put_letter(keeper, letter, now_s, error) && store_commit(keeper->store, error)) {
        view_decide_letter(keeper->view, letter->key, OUTBOX_QUEUED);
        log_event(LOG_WARNING, "forms.drift", LOG_TEXT("obligation", letter->obligation),
                  LOG_TEXT("period", letter->period));
        return true;
    }
    store_rollback(keeper->store);
    return false;
}

static bool look_at(Keeper *keeper, const Obligation *obligation, const Period *period, GError **error) {
    const Programme *programme = keeper->config->programme;
    g_autoptr(Period) previous = period_previous(programme, obligation, period);
    FoundShare before, now;
    gint64 now_s = keeper_now_s(keeper);
    if (!previous)
        return true;
    if (!load_share(keeper, obligation, previous, &before, error) ||
        !load_share(keeper, obligation, period, &now, error))
        return false;
    g_autoptr(Letter) letter =
        drift_alert(keeper->view, obligation, period, before, now, keeper->config->drift_percent, now_s);
    return !letter || put(keeper, letter, now_s, error);
}

bool drift_look(Keeper *keeper, GError **error) {
    const Programme *programme = keeper->config->programme;
    gint64 now_s = keeper_now_s(keeper);
    if (keeper->drift_recorded == keeper->counts.recorded)
        return true;
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        g_autoptr(Period) running = period_at(programme, obligation, now_s);
        g_autoptr(Period) last = running ? period_previous(programme, obligation, running) : NULL;
        if ((running && !look_at(keeper, obligation, running, error)) ||
            (last && !look_at(keeper, obligation, last, error)))
            return false;
    }
    keeper->drift_recorded = keeper->counts.recorded;
    return true;
}
