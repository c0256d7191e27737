#include "gateway/store/ledger.h"

#include <string.h>

#include "gateway/store/sql.h"

/* ---- states
 * ----------------------------------------------------------------------------------------------------- */

static const char *const event_names[MESSAGE_EVENTS] = {
    [MESSAGE_EVENT_ARCHIVE] = "archive", [MESSAGE_EVENT_READ] = "read",
    [MESSAGE_EVENT_CONVERT] = "convert", [MESSAGE_EVENT_RECORD] = "record",
    [MESSAGE_EVENT_REVIEW] = "review",   [MESSAGE_EVENT_IGNORE] = "ignore",
    [MESSAGE_EVENT_REPLAY] = "replay",
};

enum { NOT = MESSAGE_STATES }; /* not allowed */
#define F MESSAGE_FETCHED
#define A MESSAGE_ARCHIVED
#define R MESSAGE_READ
#define C MESSAGE_CONVERTING
#define D MESSAGE_RECORDED
#define V MESSAGE_REVIEW
#define I MESSAGE_IGNORED
/* Every state × event. What a person decided can be decided again (review, record, ignore); REPLAY starts
 * over from the archive; nothing leaves `oversize` but bytes that were fetched after all. */
static const guchar transitions[MESSAGE_STATES][MESSAGE_EVENTS] = {
    /*                      ARCHIVE READ CONVERT RECORD REVIEW IGNORE REPLAY */
    [MESSAGE_FETCHED] = {A, NOT, NOT, NOT, NOT, NOT, NOT},
    [MESSAGE_ARCHIVED] = {NOT, R, NOT, NOT, V, NOT, A},
    [MESSAGE_READ] = {NOT, NOT, C, D, V, I, A},
    [MESSAGE_CONVERTING] = {NOT, R, NOT, NOT, V, NOT, A},
    [MESSAGE_RECORDED] = {NOT, NOT, NOT, NOT, V, NOT, A},
    [MESSAGE_REVIEW] = {NOT, NOT, NOT, D, NOT, I, A},
    [MESSAGE_IGNORED] = {NOT, NOT, NOT, NOT, V, NOT, A},
    [MESSAGE_OVERSIZE] = {A, NOT, NOT, NOT, NOT, NOT, NOT},
};
#undef F
#undef A
#undef R
#undef C
#undef D
#undef V
#undef I

const char *store_message_event_name(MessageEvent event) {
    g_return_val_if_fail((guint)event < MESSAGE_EVENTS, NULL);
    return event_names[event];
}

bool store_message_next(MessageState state, MessageEvent event, MessageState *ret_next) {
    if ((guint)state >= MESSAGE_STATES || (guint)event >= MESSAGE_EVENTS || transitions[state][event] == NOT)
        return false;
    *ret_next = (MessageState)transitions[state][event];
    return true;
}

static bool not_found(gint64 id, GError **error) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no message %" G_GINT64_FORMAT, id);
    return false;
}

static bool message_state(Store *store, gint64 id, MessageState *ret_state, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT state FROM message WHERE id = ?1", SQL_VALUES(SQL_INTEGER(id)), error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got == 0)
        return not_found(id, error);
    return got > 0 && message_state_from_name((const char *)sqlite3_column_text(rows, 0), ret_state);
}

bool store_message_apply_all(Store *store, gint64 id, const MessageEvent *events, guint n_events,
                             gint64 now_s, GError **error) {
    MessageState state;
    if (!message_state(store, id, &state, error))
        return false;
    for (guint i = 0; i < n_events; i++)
        if (!store_message_next(state, events[i], &state)) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                        "message %" G_GINT64_FORMAT ": %s is not possible while it is %s", id,
                        event_names[events[i]], message_state_name(state));
            return false;
        }
    return sql_write(store, "UPDATE message SET state = ?2, changed_s = ?3 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(message_state_name(state)), SQL_INTEGER(now_s)),
                     NULL, error);
}

bool store_message_apply(Store *store, gint64 id, MessageEvent event, gint64 now_s, GError **error) {
    return store_message_apply_all(store, id, &event, 1, now_s, error);
}

bool store_message_attempted(Store *store, gint64 id, guint *ret_attempts, GError **error) {
    gint64 changes, attempts;
    if (!sql_write(store, "UPDATE message SET attempts = attempts + 1 WHERE id = ?1",
                   SQL_VALUES(SQL_INTEGER(id)), &changes, error))
        return false;
    if (changes == 0)
        return not_found(id, error);
    if (!sql_integer(store, "SELECT attempts FROM message WHERE id = ?1", SQL_VALUES(SQL_INTEGER(id)), 0,
                     &attempts, error))
        return false;
    *ret_attempts = (guint)attempts;
    return true;
}

bool store_message_set_org(Store *store, gint64 id, gint64 org_id, GError **error) {
    gint64 changes;
    if (!sql_write(store, "UPDATE message SET org_id = ?2 WHERE id = ?1",
                   SQL_VALUES(SQL_INTEGER(id), SQL_ID(org_id)), &changes, error))
        return false;
    return changes > 0 || not_found(id, error);
}

/* ---- folders and sightings
 * -------------------------------------------------------------------------------------- */

static bool folder_id(Store *store, const char *account, const char *folder, gint64 *ret_id, GError **error) {
    return sql_integer(store, "SELECT id FROM folder WHERE account = ?1 AND name = ?2",
                       SQL_VALUES(SQL_TEXT(account), SQL_TEXT(folder)), 0, ret_id, error);
}

static bool folder_id_or_new(Store *store, const char *account, const char *folder, gint64 *ret_id,
                             GError **error) {
    gint64 id;
    if (!folder_id(store, account, folder, &id, error))
        return false;
    if (id == 0 && !sql_insert(store, "INSERT INTO folder (account, name) VALUES (?1, ?2)",
                               SQL_VALUES(SQL_TEXT(account), SQL_TEXT(folder)), &id, error))
        return false;
    *ret_id = id;
    return true;
}

bool store_folder_polled(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                         gint64 now_s, GError **error) {
    gint64 id;
    return folder_id_or_new(store, account, folder, &id, error) &&
           sql_write(store, "UPDATE folder SET uidvalidity = ?2, last_poll_s = ?3 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(uidvalidity), SQL_INTEGER(now_s)), NULL, error);
}

bool store_folder_last_poll(Store *store, const char *account, const char *folder, gint64 *ret_polled_s,
                            GError **error) {
    return sql_integer(store, "SELECT last_poll_s FROM folder WHERE account = ?1 AND name = ?2",
                       SQL_VALUES(SQL_TEXT(account), SQL_TEXT(folder)), 0, ret_polled_s, error);
}

bool store_known_uids(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                      GArray **ret_uids, GError **error) {
    gint64 id;
    if (!folder_id(store, account, folder, &id, error))
        return false;
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT uid FROM sighting WHERE folder_id = ?1 AND uidvalidity = ?2 ORDER BY uid",
                  SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(uidvalidity)), error);
    if (rows == NULL)
        return false;
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(gint64));
    int got;
    while ((got = sql_next(store, rows, error)) > 0) {
        gint64 uid = sqlite3_column_int64(rows, 0);
        g_array_append_val(uids, uid);
    }
    if (got < 0)
        return false;
    *ret_uids = g_steal_pointer(&uids);
    return true;
}

static int compare_uids(gconstpointer a, gconstpointer b) {
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

bool store_new_uids(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                    const GArray *listed, GArray **ret_uids, GError **error) {
    g_autoptr(GArray) known = NULL;
    if (!store_known_uids(store, account, folder, uidvalidity, &known, error))
        return false;
    g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_vals(sorted, listed->data, listed->len);
    g_array_sort(sorted, compare_uids);
    GArray *unknown = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint k = 0;
    for (guint i = 0; i < sorted->len; i++) {
        gint64 uid = g_array_index(sorted, gint64, i);
        if (i > 0 && uid == g_array_index(sorted, gint64, i - 1))
            continue;
        while (k < known->len && g_array_index(known, gint64, k) < uid)
            k++;
        if (k == known->len || g_array_index(known, gint64, k) != uid)
            g_array_append_val(unknown, uid);
    }
    *ret_uids = unknown;
    return true;
}

/* ---- taking in
 * -------------------------------------------------------------------------------------------------- */

/* The message that this sighting already stands for, or 0. */
static bool sighted_message(Store *store, gint64 folder, const StoreFetched *fetched, gint64 *ret_id,
                            GError **error) {
    return sql_integer(
        store, "SELECT message FROM sighting WHERE folder_id = ?1 AND uidvalidity = ?2 AND uid = ?3",
        SQL_VALUES(SQL_INTEGER(folder), SQL_INTEGER(fetched->uidvalidity), SQL_INTEGER(fetched->uid)), 0,
        ret_id, error);
}

static bool add_message(Store *store, const StoreFetched *fetched, gint64 *ret_id, GError **error) {
    MessageState state = fetched->sha256 != NULL ? MESSAGE_ARCHIVED : MESSAGE_OVERSIZE;
    return sql_insert(store,
                      "INSERT INTO message (sha256, location, size_bytes, received_s, seen_s, state, "
                      "changed_s, message_id, from_address,"
                      " subject) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7, ?8, ?9)",
                      SQL_VALUES(SQL_TEXT(fetched->sha256), SQL_TEXT(fetched->location),
                                 SQL_INTEGER(fetched->size_bytes), SQL_INTEGER(fetched->received_s),
                                 SQL_INTEGER(fetched->seen_s), SQL_TEXT(message_state_name(state)),
                                 SQL_TEXT(fetched->message_id), SQL_TEXT(fetched->from_address),
                                 SQL_TEXT(fetched->subject)),
                      ret_id, error);
}

/* An oversize message whose bytes came after all keeps its row, so that what points to it stays right. */
static bool give_bytes(Store *store, gint64 id, const StoreFetched *fetched, GError **error) {
    return sql_write(
        store,
        "UPDATE message SET sha256 = ?2, location = ?3, size_bytes = ?4, state = 'archived', changed_s = ?5"
        " WHERE id = ?1 AND state = 'oversize'",
        SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(fetched->sha256), SQL_TEXT(fetched->location),
                   SQL_INTEGER(fetched->size_bytes), SQL_INTEGER(fetched->seen_s)),
        NULL, error);
}

static bool fetched_is_valid(const StoreFetched *fetched, GError **error) {
    bool has_bytes = fetched->sha256 != NULL;
    if (has_bytes == (fetched->location != NULL) && (!has_bytes || strlen(fetched->sha256) == 64) &&
        fetched->size_bytes >= 0)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                "a fetched message needs both digest and location, or neither");
    return false;
}

/* The message with these bytes, or 0. A purged one stays purged. */
static bool message_with_bytes(Store *store, const StoreFetched *fetched, gint64 *ret_id, GError **error) {
    gint64 id = 0;
    if (fetched->sha256 != NULL && !sql_integer(store, "SELECT id FROM message WHERE sha256 = ?1",
                                                SQL_VALUES(SQL_TEXT(fetched->sha256)), 0, &id, error))
        return false;
    *ret_id = id;
    return true;
}

bool store_add_fetched(Store *store, const StoreFetched *fetched, gint64 *ret_id, bool *ret_new,
                       GError **error) {
    gint64 folder = 0, sighted = 0, id = 0;
    if (!fetched_is_valid(fetched, error) || !sql_need_transaction(store, error))
        return false;
    if (fetched->account != NULL &&
        (!folder_id_or_new(store, fetched->account, fetched->folder, &folder, error) ||
         !sighted_message(store, folder, fetched, &sighted, error)))
        return false;
    if (!message_with_bytes(store, fetched, &id, error))
        return false;
    bool is_new = sighted == 0 && id == 0;
    if (is_new && !add_message(store, fetched, &id, error))
        return false;
    if (sighted != 0 && id == 0) {
        if (fetched->sha256 != NULL && !give_bytes(store, sighted, fetched, error))
            return false;
        id = sighted;
    }
    if (fetched->account != NULL && sighted == 0 &&
        !sql_write(
            store,
            "INSERT INTO sighting (folder_id, uidvalidity, uid, message, seen_s) VALUES (?1, ?2, ?3, ?4, ?5)",
            SQL_VALUES(SQL_INTEGER(folder), SQL_INTEGER(fetched->uidvalidity), SQL_INTEGER(fetched->uid),
                       SQL_INTEGER(id), SQL_INTEGER(fetched->seen_s)),
            NULL, error))
        return false;
    *ret_id = id;
    *ret_new = is_new;
    return true;
}
