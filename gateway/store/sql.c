#include "gateway/store/sql.h"

#include <errno.h>
#include <string.h>

#include "gateway/core/json_read.h"

/* What the caller should do about a result code of SQLite. */
static FortnightError error_code(int code, int system_errno) {
    if (system_errno == ENOSPC || system_errno == EDQUOT)
        return FORTNIGHT_ERROR_DISK_FULL;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return FORTNIGHT_ERROR_DISK_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FORTNIGHT_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return FORTNIGHT_ERROR_DAMAGED;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return FORTNIGHT_ERROR_CONFIGURATION;
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
        return FORTNIGHT_ERROR_TEMPORARY;
    default:
        return FORTNIGHT_ERROR_PERMANENT;
    }
}

bool sql_fail(Store *store, int code, const char *what, GError **error) {
    /* errno of a connection is that of its last system call, which only means something for errors of the
     * system */
    bool of_system =
        (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_FULL;
    int system_errno = of_system ? sqlite3_system_errno(store->db) : 0;
    GError *failure =
        g_error_new(FORTNIGHT_ERROR, error_code(code, system_errno), "database \"%s\": %s: %s%s%s",
                    store->path, what, sqlite3_errmsg(store->db), system_errno != 0 ? ": " : "",
                    system_errno != 0 ? g_strerror(system_errno) : "");
    if (store->failure == NULL)
        store->failure = g_error_copy(failure);
    g_propagate_error(error, failure);
    return false;
}

void sql_rows_reset(SqlRows *rows) {
    if (rows == NULL)
        return;
    sqlite3_reset(rows);
    sqlite3_clear_bindings(rows);
}

static int bind(sqlite3_stmt *statement, int place, const SqlValue *value) {
    switch (value->kind) {
    case SQL_KIND_INTEGER:
        return sqlite3_bind_int64(statement, place, value->integer);
    case SQL_KIND_REAL:
        return sqlite3_bind_double(statement, place, value->real);
    case SQL_KIND_TEXT:
        return sqlite3_bind_text(statement, place, value->bytes, -1, SQLITE_STATIC);
    case SQL_KIND_PIECE:
        return sqlite3_bind_text64(statement, place, value->bytes, (sqlite3_uint64)value->integer,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case SQL_KIND_BLOB:
        return sqlite3_bind_blob64(statement, place, value->bytes, (sqlite3_uint64)value->integer,
                                   SQLITE_STATIC);
    case SQL_KIND_NULL:
        break;
    }
    return sqlite3_bind_null(statement, place);
}

SqlRows *sql_query(Store *store, const char *sql, const SqlValue *values, guint n_values, GError **error) {
    sqlite3_stmt *statement = g_hash_table_lookup(store->statements, sql);
    if (statement == NULL) {
        int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
        if (code != SQLITE_OK) {
            sql_fail(store, code, "prepare", error);
            return NULL;
        }
        g_hash_table_insert(store->statements, (gpointer)sql, statement);
    }
    g_return_val_if_fail(!sqlite3_stmt_busy(statement), NULL);
    guint n_parameters = (guint)sqlite3_bind_parameter_count(statement);
    for (guint i = 0; i < MIN(n_values, n_parameters); i++) {
        int code = bind(statement, (int)i + 1, &values[i]);
        if (code != SQLITE_OK) {
            sql_fail(store, code, "bind", error);
            sql_rows_reset(statement);
            return NULL;
        }
    }
    return statement;
}

int sql_next(Store *store, SqlRows *rows, GError **error) {
    int code = sqlite3_step(rows);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    sql_fail(store, sqlite3_extended_errcode(store->db), "read", error);
    return -1;
}

bool sql_in_transaction(Store *store) {
    return sqlite3_get_autocommit(store->db) == 0;
}

bool sql_need_transaction(Store *store, GError **error) {
    if (store->writable && sql_in_transaction(store))
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                "database \"%s\": a change outside a transaction", store->path);
    return false;
}

bool sql_write(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 *ret_changes,
               GError **error) {
    if (!sql_need_transaction(store, error))
        return false;
    g_autoptr(SqlRows) rows = sql_query(store, sql, values, n_values, error);
    if (rows == NULL)
        return false;
    int code = sqlite3_step(rows);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        return sql_fail(store, sqlite3_extended_errcode(store->db), "write", error);
    if (ret_changes != NULL)
        *ret_changes = sqlite3_changes64(store->db);
    return true;
}

bool sql_insert(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 *ret_id,
                GError **error) {
    if (!sql_write(store, sql, values, n_values, NULL, error))
        return false;
    *ret_id = sqlite3_last_insert_rowid(store->db);
    return true;
}

bool sql_integer(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 fallback,
                 gint64 *ret_value, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, sql, values, n_values, error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got < 0)
        return false;
    bool has_value = got > 0 && sqlite3_column_type(rows, 0) != SQLITE_NULL;
    *ret_value = has_value ? sqlite3_column_int64(rows, 0) : fallback;
    return true;
}

bool sql_script(Store *store, const char *sql, GError **error) {
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || sql_fail(store, sqlite3_extended_errcode(store->db), "run", error);
}

char *sql_text(SqlRows *rows, int column) {
    return g_strdup((const char *)sqlite3_column_text(rows, column));
}

json_t *sql_json(SqlRows *rows, int column) {
    const char *text = (const char *)sqlite3_column_text(rows, column);
    if (text == NULL)
        return NULL;
    gsize length = (gsize)sqlite3_column_bytes(rows, column);
    json_t *value = json_read(text, length);
    return value != NULL ? value : json_loadb(text, length, JSON_DECODE_ANY, NULL);
}

/* One column as JSON. What names JSON texts in this schema is "facts", "fields", "tables", "problems",
 * "json". */
static json_t *column_json(SqlRows *rows, int column) {
    static const char *const json_columns[] = {"facts", "fields", "tables", "problems", "json", NULL};
    switch (sqlite3_column_type(rows, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(rows, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(rows, column));
    case SQLITE_TEXT:
        if (g_strv_contains(json_columns, sqlite3_column_name(rows, column)))
            return sql_json(rows, column);
        return json_string((const char *)sqlite3_column_text(rows, column));
    default:
        return json_null();
    }
}

json_t *sql_rows_json(Store *store, const char *sql, const SqlValue *values, guint n_values, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, sql, values, n_values, error);
    if (rows == NULL)
        return NULL;
    json_t *list = json_array();
    int got;
    while ((got = sql_next(store, rows, error)) > 0) {
        json_t *object = json_object();
        for (int i = 0; i < sqlite3_column_count(rows); i++)
            json_object_set_new(object, sqlite3_column_name(rows, i), column_json(rows, i));
        json_array_append_new(list, object);
    }
    if (got < 0)
        g_clear_pointer(&list, json_decref);
    return list;
}
