/* Reading the outbox back: what is due, single letters, lists and counts. The contracts stand in outbox.h. */
#include "gateway/store/outbox.h"
#include "gateway/store/sql.h"

#define ENTRY_COLUMNS                                                                                        \
    "SELECT id, key, kind, state, priority, to_address, to_name, language, org_id, obligation, period, "     \
    "answers, not_before_s,"                                                                                 \
    " expires_s, due_s, facts, reason, created_s, changed_s, attempts, losses, message_id, reply_code, "     \
    "reply"
#define WITH_BYTES    ", bytes FROM outbox "
#define WITHOUT_BYTES ", NULL FROM outbox "

void store_outbox_entry_free(OutboxEntry *entry) {
    if (entry == NULL)
        return;
    letter_free(entry->letter);
    g_free(entry->message_id);
    g_clear_pointer(&entry->bytes, g_bytes_unref);
    g_free(entry->reply);
    g_free(entry);
}

static Letter *letter_from_row(SqlRows *row) {
    Letter *letter = g_new0(Letter, 1);
    letter->key = sql_text(row, 1);
    letter_kind_from_name((const char *)sqlite3_column_text(row, 2), &letter->kind);
    letter->priority = sqlite3_column_int(row, 4);
    letter->to_address = sql_text(row, 5);
    letter->to_name = sql_text(row, 6);
    letter->language = sql_text(row, 7);
    letter->org_id = sqlite3_column_int64(row, 8);
    letter->obligation = sql_text(row, 9);
    letter->period = sql_text(row, 10);
    letter->message_id = sqlite3_column_int64(row, 11);
    letter->not_before_s = sqlite3_column_int64(row, 12);
    letter->expires_s = sqlite3_column_int64(row, 13);
    letter->facts = sql_json(row, 15);
    letter->reason = sql_text(row, 16);
    return letter;
}

/* The row that the query stands on (ENTRY_COLUMNS and bytes). */
static OutboxEntry *entry_from_row(SqlRows *row) {
    OutboxEntry *entry = g_new0(OutboxEntry, 1);
    entry->id = sqlite3_column_int64(row, 0);
    entry->letter = letter_from_row(row);
    outbox_state_from_name((const char *)sqlite3_column_text(row, 3), &entry->state);
    entry->letter->held = entry->state == OUTBOX_HELD;
    entry->due_s = sqlite3_column_int64(row, 14);
    entry->created_s = sqlite3_column_int64(row, 17);
    entry->updated_s = sqlite3_column_int64(row, 18);
    entry->attempts = (guint)sqlite3_column_int64(row, 19);
    entry->is_copy = sqlite3_column_int64(row, 20) > 0;
    entry->message_id = sql_text(row, 21);
    entry->reply_code = sqlite3_column_int(row, 22);
    entry->reply = sql_text(row, 23);
    if (sqlite3_column_type(row, 24) == SQLITE_BLOB)
        entry->bytes = g_bytes_new(sqlite3_column_blob(row, 24), (gsize)sqlite3_column_bytes(row, 24));
    return entry;
}

/* All rows of a query into an owning array. */
static bool all_entries(Store *store, SqlRows *query, GPtrArray **ret_entries, GError **error) {
    g_autoptr(SqlRows) rows = query;
    if (rows == NULL)
        return false;
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)store_outbox_entry_free);
    int got;
    while ((got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(entries, entry_from_row(rows));
    if (got < 0)
        return false;
    *ret_entries = g_steal_pointer(&entries);
    return true;
}

/* The first row of a query; NULL where there is none. */
static OutboxEntry *first_entry(Store *store, SqlRows *query, GError **error) {
    g_autoptr(SqlRows) rows = query;
    return rows != NULL && sql_next(store, rows, error) > 0 ? entry_from_row(rows) : NULL;
}

bool store_outbox_due(Store *store, gint64 now_s, int max_priority, guint limit, GPtrArray **ret_entries,
                      GError **error) {
    return all_entries(
        store,
        sql_query(store,
                  ENTRY_COLUMNS WITH_BYTES
                  "WHERE state IN ('queued', 'retry', 'unsure') AND due_s <= ?1 AND priority <= ?2"
                  " AND (expires_s = 0 OR expires_s > ?1) ORDER BY priority, due_s, id LIMIT ?3",
                  SQL_VALUES(SQL_INTEGER(now_s), SQL_INTEGER(max_priority), SQL_INTEGER(limit)), error),
        ret_entries, error);
}

bool store_outbox_next_due(Store *store, gint64 *ret_due_s, GError **error) {
    return sql_integer(store, "SELECT min(due_s) FROM outbox WHERE state IN ('queued', 'retry', 'unsure')",
                       SQL_NO_VALUES, 0, ret_due_s, error);
}

bool store_outbox_count(Store *store, const char *address, gint64 from_s, gint64 until_s, guint *ret_count,
                        GError **error) {
    gint64 count;
    if (!sql_integer(store,
                     "SELECT count(*) FROM outbox WHERE started_s >= ?1 AND started_s < ?2"
                     " AND (?3 IS NULL OR to_address = ?3) AND state IN ('sending', 'sent', 'unsure')",
                     SQL_VALUES(SQL_INTEGER(from_s), SQL_INTEGER(until_s), SQL_TEXT(address)), 0, &count,
                     error))
        return false;
    *ret_count = (guint)count;
    return true;
}

static OutboxEntry *found(OutboxEntry *entry, const char *what, GError **failure, GError **error) {
    if (*failure != NULL)
        g_propagate_error(error, g_steal_pointer(failure));
    else if (entry == NULL)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no letter \"%s\"", what);
    return entry;
}

OutboxEntry *store_outbox_get(Store *store, gint64 id, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT, id);
    OutboxEntry *entry = first_entry(
        store,
        sql_query(store, ENTRY_COLUMNS WITH_BYTES "WHERE id = ?1", SQL_VALUES(SQL_INTEGER(id)), &failure),
        &failure);
    return found(entry, what, &failure, error);
}

OutboxEntry *store_outbox_by_key(Store *store, const char *key, GError **error) {
    g_autoptr(GError) failure = NULL;
    OutboxEntry *entry = first_entry(
        store,
        sql_query(store, ENTRY_COLUMNS WITH_BYTES "WHERE key = ?1", SQL_VALUES(SQL_TEXT(key)), &failure),
        &failure);
    return found(entry, key, &failure, error);
}

OutboxEntry *store_outbox_by_message_id(Store *store, const char *message_id, GError **error) {
    return first_entry(store,
                       sql_query(store, ENTRY_COLUMNS WITH_BYTES "WHERE message_id = ?1 ORDER BY id LIMIT 1",
                                 SQL_VALUES(SQL_TEXT(message_id)), error),
                       error);
}

OutboxEntry *store_outbox_by_reference(Store *store, const char *address, const char *reference,
                                       GError **error) {
    /* hexadecimal digits: what begins with them lies between them and them with a letter behind f */
    return first_entry(store,
                       sql_query(store,
                                 ENTRY_COLUMNS WITHOUT_BYTES
                                 "WHERE message_id >= ?1 AND message_id < ?1 || 'g' AND to_address = ?2"
                                 " ORDER BY id DESC LIMIT 1",
                                 SQL_VALUES(SQL_TEXT(reference), SQL_TEXT(address)), error),
                       error);
}

bool store_outbox_sent_to(Store *store, const char *address, LetterKind kind, LetterKind other,
                          gint64 since_s, guint limit, GPtrArray **ret_entries, GError **error) {
    return all_entries(
        store,
        sql_query(store,
                  ENTRY_COLUMNS WITHOUT_BYTES
                  "WHERE started_s >= ?2 AND to_address = ?1 AND state IN ('sent', 'unsure')"
                  " AND kind IN (?4, ?5) ORDER BY id DESC LIMIT ?3",
                  SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(since_s), SQL_INTEGER(limit),
                             SQL_TEXT(letter_kind_name(kind)), SQL_TEXT(letter_kind_name(other))),
                  error),
        ret_entries, error);
}

bool store_outbox_list(Store *store, OutboxState state, guint limit, GPtrArray **ret_entries,
                       GError **error) {
    bool any = state >= OUTBOX_STATES;
    const char *name = any ? NULL : outbox_state_name(state);
    /* +id: found through an index that has the state, not by walking through the letters */
    const char *sql = any ? ENTRY_COLUMNS WITHOUT_BYTES "ORDER BY id DESC LIMIT ?1"
                          : ENTRY_COLUMNS WITHOUT_BYTES
                          "WHERE id IN (SELECT id FROM outbox WHERE state = ?2 ORDER BY +id DESC LIMIT ?1)"
                          " ORDER BY id DESC";
    return all_entries(store, sql_query(store, sql, SQL_VALUES(SQL_INTEGER(limit), SQL_TEXT(name)), error),
                       ret_entries, error);
}

bool store_outbox_counts(Store *store, guint *ret_counts, GError **error) {
    guint counts[OUTBOX_STATES] = {0};
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT state, count(*) FROM outbox GROUP BY state", SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        OutboxState state;
        if (outbox_state_from_name((const char *)sqlite3_column_text(rows, 0), &state))
            counts[state] = (guint)sqlite3_column_int64(rows, 1);
    }
    if (rows == NULL || got < 0)
        return false;
    for (guint i = 0; i < OUTBOX_STATES; i++)
        ret_counts[i] = counts[i];
    return true;
}
