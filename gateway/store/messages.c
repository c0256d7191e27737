/* Reading the ledger back: single messages, messages by state, what the reader said. The contracts stand in
 * ledger.h. */
#include "gateway/store/ledger.h"

#include <string.h>

#include "gateway/store/sql.h"

#define MESSAGE_COLUMNS                                                                                      \
    "SELECT id, sha256, location, size_bytes, received_s, seen_s, state, attempts, message_id, "             \
    "from_address, subject, kind,"                                                                           \
    " org_id FROM message "

void store_message_free(StoreMessage *message) {
    if (message == NULL)
        return;
    g_free(message->sha256);
    g_free(message->location);
    g_free(message->message_id);
    g_free(message->from_address);
    g_free(message->subject);
    g_free(message->kind);
    g_free(message);
}

/* The row that the query stands on (MESSAGE_COLUMNS). */
static StoreMessage *message_from_row(SqlRows *row) {
    StoreMessage *message = g_new0(StoreMessage, 1);
    message->id = sqlite3_column_int64(row, 0);
    message->sha256 = sql_text(row, 1);
    message->location = sql_text(row, 2);
    message->size_bytes = sqlite3_column_int64(row, 3);
    message->received_s = sqlite3_column_int64(row, 4);
    message->seen_s = sqlite3_column_int64(row, 5);
    message_state_from_name((const char *)sqlite3_column_text(row, 6), &message->state);
    message->attempts = (guint)sqlite3_column_int64(row, 7);
    message->message_id = sql_text(row, 8);
    message->from_address = sql_text(row, 9);
    message->subject = sql_text(row, 10);
    message->kind = sql_text(row, 11);
    message->org_id = sqlite3_column_int64(row, 12);
    return message;
}

/* The first row of a query, NULL without error where there is none. */
static StoreMessage *first_message(Store *store, SqlRows *query, GError **error) {
    g_autoptr(SqlRows) rows = query;
    return rows != NULL && sql_next(store, rows, error) > 0 ? message_from_row(rows) : NULL;
}

StoreMessage *store_message_get(Store *store, gint64 id, GError **error) {
    g_autoptr(GError) failure = NULL;
    StoreMessage *message = first_message(
        store, sql_query(store, MESSAGE_COLUMNS "WHERE id = ?1", SQL_VALUES(SQL_INTEGER(id)), &failure),
        &failure);
    if (failure != NULL)
        g_propagate_error(error, g_steal_pointer(&failure));
    else if (message == NULL)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no message %" G_GINT64_FORMAT, id);
    return message;
}

StoreMessage *store_message_by_sha256(Store *store, const char *sha256, GError **error) {
    return first_message(
        store, sql_query(store, MESSAGE_COLUMNS "WHERE sha256 = ?1", SQL_VALUES(SQL_TEXT(sha256)), error),
        error);
}

StoreMessage *store_message_by_message_id(Store *store, const char *message_id, GError **error) {
    return first_message(store,
                         sql_query(store, MESSAGE_COLUMNS "WHERE message_id = ?1 ORDER BY id LIMIT 1",
                                   SQL_VALUES(SQL_TEXT(message_id)), error),
                         error);
}

bool store_messages_in_state(Store *store, MessageState state, gint64 after_id, guint limit,
                             GPtrArray **ret_messages, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(
        store, MESSAGE_COLUMNS "WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        SQL_VALUES(SQL_TEXT(message_state_name(state)), SQL_INTEGER(after_id), SQL_INTEGER(limit)), error);
    if (rows == NULL)
        return false;
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)store_message_free);
    int got;
    while ((got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(messages, message_from_row(rows));
    if (got < 0)
        return false;
    *ret_messages = g_steal_pointer(&messages);
    return true;
}

bool store_count_messages(Store *store, MessageState state, guint *ret_count, GError **error) {
    gint64 count;
    if (!sql_integer(store, "SELECT count(*) FROM message WHERE state = ?1",
                     SQL_VALUES(SQL_TEXT(message_state_name(state))), 0, &count, error))
        return false;
    *ret_count = (guint)count;
    return true;
}

/* ---- what the reader said
 * --------------------------------------------------------------------------------------- */

static bool save_line(Store *store, gint64 message_id, gsize line, const json_t *json, const JsonText *words,
                      const char *reader, const char *converter, gint64 now_s, GError **error) {
    g_autofree char *dumped = words == NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    JsonText text = words != NULL ? *words : (JsonText){dumped, dumped != NULL ? strlen(dumped) : 0};
    if (text.start == NULL) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "line %zu of a reading is not valid JSON",
                    line);
        return false;
    }
    return sql_write(store,
                     "INSERT INTO reading (message, line, json, reader, converter, read_s) VALUES (?1, ?2, "
                     "?3, ?4, ?5, ?6)",
                     SQL_VALUES(SQL_INTEGER(message_id), SQL_INTEGER((gint64)line), SQL_PIECE(text),
                                SQL_TEXT(reader), SQL_TEXT(converter), SQL_INTEGER(now_s)),
                     NULL, error);
}

/* A string member, NULL where it is absent or empty. */
static const char *member(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool store_reading_save(Store *store, gint64 message_id, const json_t *lines, const JsonText *texts,
                        const char *reader, const char *converter, gint64 now_s, GError **error) {
    if (!sql_write(store, "DELETE FROM reading WHERE message = ?1", SQL_VALUES(SQL_INTEGER(message_id)), NULL,
                   error))
        return false;
    for (gsize i = 0; i < json_array_size(lines); i++)
        if (!save_line(store, message_id, i, json_array_get(lines, i), texts != NULL ? &texts[i] : NULL,
                       reader, converter, now_s, error))
            return false;
    const json_t *first = json_array_get(lines, 0);
    return sql_write(
        store,
        "UPDATE message SET message_id = coalesce(?2, message_id), from_address = coalesce(?3, from_address),"
        " subject = coalesce(?4, subject), kind = coalesce(?5, kind) WHERE id = ?1",
        SQL_VALUES(SQL_INTEGER(message_id), SQL_TEXT(member(first, "message_id")),
                   SQL_TEXT(member(first, "from")), SQL_TEXT(member(first, "subject")),
                   SQL_TEXT(member(first, "kind"))),
        NULL, error);
}

json_t *store_reading_load(Store *store, gint64 message_id, char **ret_reader, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT json, reader FROM reading WHERE message = ?1 ORDER BY line",
                  SQL_VALUES(SQL_INTEGER(message_id)), error);
    if (rows == NULL)
        return NULL;
    json_t *lines = json_array();
    g_autofree char *reader = NULL;
    int got;
    while ((got = sql_next(store, rows, error)) > 0) {
        json_array_append_new(lines, sql_json(rows, 0));
        if (reader == NULL)
            reader = sql_text(rows, 1);
    }
    if (got < 0) {
        json_decref(lines);
        return NULL;
    }
    if (ret_reader != NULL)
        *ret_reader = g_steal_pointer(&reader);
    return lines;
}
