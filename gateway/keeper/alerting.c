#include "gateway/keeper/alerting.h"

#include "gateway/core/error.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/store/alerts.h"

#define QUOTA_PERCENT   90 /* a fortnight of reports is not a tenth of a mailbox */
#define TELL_TIMEOUT_MS 1000
#define LOW_FACTOR      2 /* told when twice the room is left at which intake stops */

/* The configured second channel: where mail itself does not work, its letter would not arrive. */
static void tell_supervisor(const Keeper *keeper, const Letter *letter) {
    const char *cause = json_string_value(json_object_get(letter->facts, "cause_text"));
    const char *detail = json_string_value(json_object_get(letter->facts, "detail_text"));
    g_autoptr(GError) failure = NULL;
    if (!keeper->config->alert_command || keeper->control_fd <= 0)
        return;
    g_autofree char *whole = detail ? g_strdup_printf("%s: %s", cause, detail) : g_strdup(cause);
    json_t *alert = json_pack("{s:O, s:s, s:O}", "code", json_object_get(letter->facts, "code"), "cause_text",
                              whole, "remedy_text", json_object_get(letter->facts, "remedy_text"));
    if (!ipc_send(keeper->control_fd, IPC_ALERT, alert, -1, TELL_TIMEOUT_MS, &failure))
        log_error(LOG_WARNING, "operator.not_told", failure);
    json_decref(alert);
}

/* ---- one condition
 * ------------------------------------------------------------------------------------------------ */

/* In a transaction. *ret_letter: decided and put, or NULL. */
static bool note(Keeper *keeper, AlertCode code, bool holds, const char *detail, Letter **ret_letter,
                 GError **error) {
    const char *name = alert_code_name(code);
    gint64 now_s = keeper_now_s(keeper);
    AlertCondition condition = {.code = code, .detail = detail};
    if (!holds)
        return store_alert_clear(keeper->store, name, now_s, error);
    if (!store_alert_hold(keeper->store, name, now_s, &condition.since_s, &condition.times, error))
        return false;
    g_autoptr(Letter) letter = alert_decide(keeper->view, &condition, now_s);
    if (letter && !keeper_put_letter(keeper, letter, now_s, error))
        return false;
    *ret_letter = g_steal_pointer(&letter);
    return true;
}

bool alerting_note(Keeper *keeper, AlertCode code, bool holds, const char *detail, GError **error) {
    g_autoptr(Letter) letter = NULL;
    bool is_known;
    if (!store_alert_is_held(keeper->store, alert_code_name(code), &is_known, error))
        return false;
    if (!holds && !is_known)
        return true; /* as nearly always: no transaction */
    if (!store_begin(keeper->store, error))
        return false;
    if (!note(keeper, code, holds, detail, &letter, error) || !store_commit(keeper->store, error)) {
        store_rollback(keeper->store);
        return false;
    }
    if (letter) {
        view_decide_letter(keeper->view, letter->key, OUTBOX_QUEUED);
        log_event(LOG_ERROR, "operator.alert", LOG_TEXT("code", alert_code_name(code)));
        tell_supervisor(keeper, letter);
    }
    return true;
}

/* ---- what is looked at
 * -------------------------------------------------------------------------------------------- */

static bool look_at_disk(Keeper *keeper, GError **error) {
    g_autoptr(GError) failure = NULL;
    guint64 low_bytes = (guint64)keeper->config->low_water_bytes;
    bool has_room = archive_has_room(keeper->archive, low_bytes, low_bytes * (LOW_FACTOR - 1), &failure);
    if (!has_room && !g_error_matches(failure, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    return alerting_note(keeper, ALERT_DISK, !has_room, NULL, error);
}

bool alerting_look(Keeper *keeper, guint waiting, GError **error) {
    const KeeperCounts *counts = &keeper->counts;
    guint done = counts->recorded + counts->review + counts->ignored;
    bool is_stalled = waiting > 0 && done == keeper->alerts_done;
    g_autofree char *detail = g_strdup_printf("%u", waiting);
    keeper->alerts_done = done;
    return look_at_disk(keeper, error) && alerting_note(keeper, ALERT_STALLED, is_stalled, detail, error);
}

static bool note_server(Keeper *keeper, const GError *failure, AlertCode refused, AlertCode unreachable,
                        GError **error) {
    bool is_refused = g_error_matches(failure, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    const char *detail = failure ? failure->message : NULL;
    return alerting_note(keeper, refused, is_refused, detail, error) &&
           alerting_note(keeper, unreachable, failure && !is_refused, detail, error);
}

bool alerting_note_mailbox(Keeper *keeper, const GError *failure, guint quota_percent, GError **error) {
    g_autofree char *full = g_strdup_printf("%u %%", quota_percent);
    if (!failure && !alerting_note(keeper, ALERT_MAILBOX_QUOTA, quota_percent >= QUOTA_PERCENT, full, error))
        return false;
    return note_server(keeper, failure, ALERT_MAILBOX_LOGIN, ALERT_MAILBOX_UNREACHABLE, error);
}

bool alerting_note_transport(Keeper *keeper, const GError *failure, GError **error) {
    return note_server(keeper, failure, ALERT_TRANSPORT_LOGIN, ALERT_TRANSPORT_UNREACHABLE, error);
}
