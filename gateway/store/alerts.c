#include "gateway/store/alerts.h"

#include "gateway/store/outbox.h"
#include "gateway/store/sql.h"

bool store_alert_is_held(Store *store, const char *code, bool *ret_held, GError **error) {
    gint64 count;
    if (!sql_integer(store, "SELECT count(*) FROM held_alert WHERE code = ?1", SQL_VALUES(SQL_TEXT(code)), 0,
                     &count, error))
        return false;
    *ret_held = count > 0;
    return true;
}

bool store_alert_hold(Store *store, const char *code, gint64 now_s, gint64 *ret_since_s, guint *ret_times,
                      GError **error) {
    gint64 times;
    if (!sql_write(store,
                   "INSERT INTO held_alert (code, since_s, times) VALUES (?1, ?2, 1)"
                   " ON CONFLICT (code) DO UPDATE SET times = times + 1",
                   SQL_VALUES(SQL_TEXT(code), SQL_INTEGER(now_s)), NULL, error) ||
        !sql_integer(store, "SELECT since_s FROM held_alert WHERE code = ?1", SQL_VALUES(SQL_TEXT(code)),
                     now_s, ret_since_s, error) ||
        !sql_integer(store, "SELECT times FROM held_alert WHERE code = ?1", SQL_VALUES(SQL_TEXT(code)), 1,
                     &times, error))
        return false;
    *ret_times = (guint)times;
    return true;
}

/* The next letter about it that still waits; 0: none. */
static bool waiting_letter(Store *store, const char *code, gint64 *ret_id, GError **error) {
    g_autofree char *prefix = g_strdup_printf("alert/%s/", code);
    return sql_integer(store,
                       "SELECT id FROM outbox WHERE state IN ('queued', 'retry') AND kind = 'operator_alert'"
                       " AND substr(key, 1, length(?1)) = ?1 LIMIT 1",
                       SQL_VALUES(SQL_TEXT(prefix)), 0, ret_id, error);
}

bool store_alert_clear(Store *store, const char *code, gint64 now_s, GError **error) {
    gint64 id;
    if (!sql_write(store, "DELETE FROM held_alert WHERE code = ?1", SQL_VALUES(SQL_TEXT(code)), NULL, error))
        return false;
    do {
        if (!waiting_letter(store, code, &id, error) ||
            (id != 0 && !store_outbox_apply(store, id, OUTBOX_EVENT_CANCEL, "it is over", now_s, error)))
            return false;
    } while (id != 0);
    return true;
}
