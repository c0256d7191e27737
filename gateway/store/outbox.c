#include "gateway/store/outbox.h"

#include "gateway/store/sql.h"

/* ---- states
 * ----------------------------------------------------------------------------------------------------- */

static const char *const event_names[OUTBOX_EVENTS] = {
    [OUTBOX_EVENT_START] = "start",     [OUTBOX_EVENT_SENT] = "sent",       [OUTBOX_EVENT_DEFER] = "defer",
    [OUTBOX_EVENT_REFUSE] = "refuse",   [OUTBOX_EVENT_LOSE] = "lose",       [OUTBOX_EVENT_EXPIRE] = "expire",
    [OUTBOX_EVENT_CANCEL] = "cancel",   [OUTBOX_EVENT_DROP] = "drop",       [OUTBOX_EVENT_HOLD] = "hold",
    [OUTBOX_EVENT_RELEASE] = "release", [OUTBOX_EVENT_REQUEUE] = "requeue",
};

enum { NOT = OUTBOX_STATES }; /* not allowed */
#define QU OUTBOX_QUEUED
#define HE OUTBOX_HELD
#define SG OUTBOX_SENDING
#define ST OUTBOX_SENT
#define RT OUTBOX_RETRY
#define RF OUTBOX_REFUSED
#define UN OUTBOX_UNSURE
#define EX OUTBOX_EXPIRED
#define CA OUTBOX_CANCELLED
#define DR OUTBOX_DROPPED
/* Every state × event. A letter under way answers to its outcome only; sent, expired, cancelled and dropped
 * are ends. An unsure one may turn out to have arrived (SENT) or not (REFUSE, by a bounce). */
static const guchar transitions[OUTBOX_STATES][OUTBOX_EVENTS] = {
    /*                 START SENT DEFER REFUSE LOSE EXPIRE CANCEL DROP HOLD RELEASE REQUEUE */
    [OUTBOX_QUEUED] = {SG, NOT, NOT, NOT, NOT, EX, CA, DR, HE, NOT, NOT},
    [OUTBOX_HELD] = {NOT, NOT, NOT, NOT, NOT, EX, CA, DR, NOT, QU, NOT},
    [OUTBOX_SENDING] = {NOT, ST, RT, RF, UN, NOT, NOT, NOT, NOT, NOT, NOT},
    [OUTBOX_SENT] = {NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT},
    [OUTBOX_RETRY] = {SG, NOT, NOT, NOT, NOT, EX, CA, DR, HE, NOT, QU},
    [OUTBOX_REFUSED] = {NOT, NOT, NOT, NOT, NOT, NOT, NOT, DR, NOT, NOT, QU},
    [OUTBOX_UNSURE] = {SG, ST, NOT, RF, NOT, EX, CA, DR, NOT, NOT, QU},
    [OUTBOX_EXPIRED] = {NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT},
    [OUTBOX_CANCELLED] = {NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT},
    [OUTBOX_DROPPED] = {NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT},
};
#undef QU
#undef HE
#undef SG
#undef ST
#undef RT
#undef RF
#undef UN
#undef EX
#undef CA
#undef DR

const char *store_outbox_event_name(OutboxEvent event) {
    g_return_val_if_fail((guint)event < OUTBOX_EVENTS, NULL);
    return event_names[event];
}

bool store_outbox_next(OutboxState state, OutboxEvent event, OutboxState *ret_next) {
    if ((guint)state >= OUTBOX_STATES || (guint)event >= OUTBOX_EVENTS || transitions[state][event] == NOT)
        return false;
    *ret_next = (OutboxState)transitions[state][event];
    return true;
}

/* ---- changes
 * ---------------------------------------------------------------------------------------------------- */

/* A change of state as it goes into the row. Of what stays NULL or 0 the row keeps what it has. */
typedef struct {
    OutboxEvent event;
    gint64 due_s; /* next due instant; 0: none */
    int code;
    const char *text;
} Change;

static bool letter_state(Store *store, gint64 id, OutboxState *ret_state, gint64 *ret_losses,
                         gint64 *ret_not_before_s, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, "SELECT state, losses, not_before_s FROM outbox WHERE id = ?1",
                                        SQL_VALUES(SQL_INTEGER(id)), error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got == 0)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no letter %" G_GINT64_FORMAT, id);
    if (got <= 0)
        return false;
    *ret_losses = sqlite3_column_int64(rows, 1);
    *ret_not_before_s = sqlite3_column_int64(rows, 2);
    return outbox_state_from_name((const char *)sqlite3_column_text(rows, 0), ret_state);
}

static bool note_event(Store *store, gint64 id, const Change *change, gint64 now_s, GError **error) {
    return sql_write(store,
                     "INSERT INTO outbox_event (letter, at_s, event, code, text) VALUES (?1, ?2, ?3, ?4, ?5)",
                     SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(now_s), SQL_TEXT(event_names[change->event]),
                                SQL_INTEGER(change->code), SQL_TEXT(change->text)),
                     NULL, error);
}

static bool is_end(OutboxState state) {
    return state == OUTBOX_SENT || state == OUTBOX_REFUSED || state == OUTBOX_EXPIRED ||
           state == OUTBOX_CANCELLED || state == OUTBOX_DROPPED;
}

/* When the letter is due in its new state; 0: only a person moves it. */
static gint64 due_after(const Change *change, OutboxState next, gint64 losses, gint64 not_before_s,
                        gint64 now_s) {
    if (change->event == OUTBOX_EVENT_RELEASE)
        return not_before_s;
    if (change->event == OUTBOX_EVENT_REQUEUE)
        return now_s;
    if (next == OUTBOX_UNSURE)
        return losses == 0 ? now_s + STORE_UNSURE_WAIT_S : 0;
    return change->due_s;
}

static bool change_letter(Store *store, gint64 id, const Change *change, gint64 now_s, GError **error) {
    OutboxState state, next;
    gint64 losses, not_before_s;
    if (!letter_state(store, id, &state, &losses, &not_before_s, error))
        return false;
    if (!store_outbox_next(state, change->event, &next)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "letter %" G_GINT64_FORMAT ": %s is not possible while it is %s", id,
                    event_names[change->event], outbox_state_name(state));
        return false;
    }
    gint64 due_s = due_after(change, next, losses, not_before_s, now_s);
    bool has_reply = change->code != 0 || (change->text != NULL && state == OUTBOX_SENDING);
    return sql_write(store,
                     "UPDATE outbox SET state = ?2, changed_s = ?3, due_s = ?4, losses = losses + ?5,"
                     " reply_code = iif(?6, ?7, reply_code), reply = iif(?6, ?8, reply), bytes = iif(?9, "
                     "NULL, bytes)"
                     " WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(outbox_state_name(next)), SQL_INTEGER(now_s),
                                SQL_ID(due_s), SQL_INTEGER(change->event == OUTBOX_EVENT_LOSE),
                                SQL_INTEGER(has_reply), SQL_INTEGER(change->code), SQL_TEXT(change->text),
                                SQL_INTEGER(is_end(next))),
                     NULL, error) &&
           note_event(store, id, change, now_s, error);
}

bool store_outbox_put(Store *store, const Letter *letter, gint64 now_s, gint64 *ret_id, bool *ret_new,
                      GError **error) {
    g_autofree char *facts = letter->facts != NULL ? json_dumps(letter->facts, JSON_COMPACT) : NULL;
    OutboxState state = letter->held ? OUTBOX_HELD : OUTBOX_QUEUED;
    gint64 changes, id;
    if (!sql_write(store,
                   "INSERT INTO outbox (key, kind, state, priority, to_address, to_name, language, org_id, "
                   "obligation, period,"
                   " answers, not_before_s, expires_s, due_s, facts, reason, created_s, changed_s)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17)"
                   " ON CONFLICT (key) DO NOTHING",
                   SQL_VALUES(SQL_TEXT(letter->key), SQL_TEXT(letter_kind_name(letter->kind)),
                              SQL_TEXT(outbox_state_name(state)), SQL_INTEGER(letter->priority),
                              SQL_TEXT(letter->to_address), SQL_TEXT(letter->to_name),
                              SQL_TEXT(letter->language), SQL_ID(letter->org_id),
                              SQL_TEXT(letter->obligation), SQL_TEXT(letter->period),
                              SQL_ID(letter->message_id), SQL_INTEGER(letter->not_before_s),
                              SQL_INTEGER(letter->expires_s),
                              SQL_ID(letter->held ? 0 : MAX(letter->not_before_s, 1)), SQL_TEXT(facts),
                              SQL_TEXT(letter->reason), SQL_INTEGER(now_s)),
                   &changes, error))
        return false;
    if (ret_id != NULL) {
        if (!sql_integer(store, "SELECT id FROM outbox WHERE key = ?1", SQL_VALUES(SQL_TEXT(letter->key)), 0,
                         &id, error))
            return false;
        *ret_id = id;
    }
    if (ret_new != NULL)
        *ret_new = changes > 0;
    return true;
}

/* Bytes that an attempt left behind are the only ones that may go out: what the server has may be them
 * (SPEC 8.5). */
static bool same_bytes(Store *store, gint64 id, const char *sha256, GError **error) {
    gint64 differs;
    if (!sql_integer(store, "SELECT sha256 <> ?2 FROM outbox WHERE id = ?1 AND bytes IS NOT NULL",
                     SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(sha256)), 0, &differs, error))
        return false;
    if (differs)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "letter %" G_GINT64_FORMAT ": a retry must send the bytes of the first attempt", id);
    return !differs;
}

bool store_outbox_start(Store *store, gint64 id, const char *message_id, GBytes *bytes, gint64 now_s,
                        GError **error) {
    g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    const Change change = {.event = OUTBOX_EVENT_START};
    return same_bytes(store, id, sha256, error) && change_letter(store, id, &change, now_s, error) &&
           sql_write(
               store,
               "UPDATE outbox SET message_id = ?2, sha256 = ?3, bytes = coalesce(bytes, ?4), started_s = ?5,"
               " attempts = attempts + 1 WHERE id = ?1",
               SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(message_id), SQL_TEXT(sha256),
                          SQL_BLOB(data, (gint64)length), SQL_INTEGER(now_s)),
               NULL, error);
}

bool store_outbox_sent(Store *store, gint64 id, int code, const char *reply, gint64 now_s, GError **error) {
    const Change change = {.event = OUTBOX_EVENT_SENT, .code = code, .text = reply};
    return change_letter(store, id, &change, now_s, error);
}

bool store_outbox_refused(Store *store, gint64 id, int code, const char *reply, gint64 now_s,
                          GError **error) {
    const Change change = {.event = OUTBOX_EVENT_REFUSE, .code = code, .text = reply};
    return change_letter(store, id, &change, now_s, error);
}

bool store_outbox_deferred(Store *store, gint64 id, int code, const char *reply, gint64 retry_s, gint64 now_s,
                           GError **error) {
    const Change change = {.event = OUTBOX_EVENT_DEFER, .due_s = retry_s, .code = code, .text = reply};
    return change_letter(store, id, &change, now_s, error);
}

bool store_outbox_lost(Store *store, gint64 id, const char *reply, gint64 now_s, GError **error) {
    const Change change = {.event = OUTBOX_EVENT_LOSE, .text = reply};
    return change_letter(store, id, &change, now_s, error);
}

bool store_outbox_postpone(Store *store, gint64 id, gint64 due_s, GError **error) {
    return sql_write(store,
                     "UPDATE outbox SET due_s = ?2 WHERE id = ?1 AND state IN ('queued', 'retry', 'unsure')",
                     SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(due_s)), NULL, error);
}

bool store_outbox_apply(Store *store, gint64 id, OutboxEvent event, const char *reason, gint64 now_s,
                        GError **error) {
    if (event <= OUTBOX_EVENT_LOSE || event >= OUTBOX_EVENTS) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "an attempt's outcome has its own functions");
        return false;
    }
    const Change change = {.event = event, .text = reason};
    return change_letter(store, id, &change, now_s, error);
}

/* Applies one change to every letter that the query (?1: now) names. */
static bool change_all(Store *store, const char *sql, const Change *change, gint64 now_s, guint *ret_count,
                       GError **error) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    {
        g_autoptr(SqlRows) rows = sql_query(store, sql, SQL_VALUES(SQL_INTEGER(now_s)), error);
        int got;
        while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
            gint64 id = sqlite3_column_int64(rows, 0);
            g_array_append_val(ids, id);
        }
        if (rows == NULL || got < 0)
            return false;
    }
    for (guint i = 0; i < ids->len; i++)
        if (!change_letter(store, g_array_index(ids, gint64, i), change, now_s, error))
            return false;
    if (ret_count != NULL)
        *ret_count = ids->len;
    return true;
}

bool store_outbox_expire(Store *store, gint64 now_s, guint *ret_count, GError **error) {
    const Change change = {.event = OUTBOX_EVENT_EXPIRE, .text = "past its last useful instant"};
    return change_all(store,
                      "SELECT id FROM outbox WHERE state IN ('queued', 'held', 'retry', 'unsure')"
                      " AND expires_s > 0 AND expires_s <= ?1",
                      &change, now_s, ret_count, error);
}

bool store_outbox_recover(Store *store, gint64 now_s, guint *ret_count, GError **error) {
    const Change change = {.event = OUTBOX_EVENT_LOSE,
                           .text = "the process that sent it ended before the outcome was known"};
    return change_all(store, "SELECT id FROM outbox WHERE state = 'sending'", &change, now_s, ret_count,
                      error);
}
