#include "gateway/store/urgent.h"

#include "gateway/store/sql.h"

bool store_urgent_add(Store *store, const UrgentMatter *matter, gint64 now_s, gint64 *ret_id,
                      GError **error) {
    gint64 known;
    if (!sql_integer(store, "SELECT id FROM urgent_matter WHERE message = ?1",
                     SQL_VALUES(SQL_INTEGER(matter->message_id)), 0, &known, error))
        return false;
    *ret_id = 0;
    return known != 0 ||
           sql_insert(
               store,
               "INSERT INTO urgent_matter (message, org_id, text, from_address, received_s, known_s, code)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
               SQL_VALUES(SQL_INTEGER(matter->message_id), SQL_ID(matter->org_id), SQL_TEXT(matter->text),
                          SQL_TEXT(matter->from), SQL_INTEGER(matter->received_s), SQL_INTEGER(now_s),
                          SQL_TEXT(matter->code)),
               ret_id, error);
}

#define MATTER_COLUMNS                                                                                       \
    "SELECT id, message, org_id, text, from_address, received_s, known_s, code, settled_s, handling"         \
    " FROM urgent_matter "

/* Takes the query over. */
static bool load_matters(Store *store, SqlRows *query, GPtrArray **ret_matters, GError **error) {
    g_autoptr(SqlRows) rows = query;
    g_autoptr(GPtrArray) matters = g_ptr_array_new_with_free_func((GDestroyNotify)urgent_matter_free);
    int got = 0;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        UrgentMatter *matter = g_new0(UrgentMatter, 1);
        matter->id = sqlite3_column_int64(rows, 0);
        matter->message_id = sqlite3_column_int64(rows, 1);
        matter->org_id = sqlite3_column_int64(rows, 2);
        matter->text = sql_text(rows, 3);
        matter->from = sql_text(rows, 4);
        matter->received_s = sqlite3_column_int64(rows, 5);
        matter->known_s = sqlite3_column_int64(rows, 6);
        matter->code = sql_text(rows, 7);
        matter->settled_s = sqlite3_column_int64(rows, 8);
        matter->handling = sql_text(rows, 9);
        g_ptr_array_add(matters, matter);
    }
    if (rows == NULL || got < 0)
        return false;
    *ret_matters = g_steal_pointer(&matters);
    return true;
}

bool store_urgents(Store *store, GPtrArray **ret_matters, GError **error) {
    return load_matters(
        store, sql_query(store, MATTER_COLUMNS "WHERE settled_s IS NULL ORDER BY id", SQL_NO_VALUES, error),
        ret_matters, error);
}

bool store_urgents_settled(Store *store, GPtrArray **ret_matters, GError **error) {
    return load_matters(store,
                        sql_query(store,
                                  MATTER_COLUMNS "WHERE settled_s IS NOT NULL"
                                                 " ORDER BY settled_s DESC, id DESC LIMIT ?1",
                                  SQL_VALUES(SQL_INTEGER(STORE_SETTLED_MAX)), error),
                        ret_matters, error);
}

bool store_urgent_settle(Store *store, gint64 id, gint64 message_id, const char *handling, gint64 now_s,
                         bool *ret_done, GError **error) {
    gint64 changes;
    if (!sql_write(store,
                   "UPDATE urgent_matter SET settled_s = ?2, settled_by = ?3, handling = ?4"
                   " WHERE id = ?1 AND settled_s IS NULL",
                   SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(now_s), SQL_ID(message_id), SQL_TEXT(handling)),
                   &changes, error))
        return false;
    if (ret_done != NULL)
        *ret_done = changes > 0;
    return true;
}
