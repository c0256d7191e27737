/* Private to gateway/store: prepared statements, bound values, errors of SQLite as FORTNIGHT_ERROR.
 *
 *     g_autoptr(SqlRows) rows = sql_query(store, "SELECT id FROM message WHERE state = ?1",
 * SQL_VALUES(SQL_TEXT(name)), error); while (sql_next(store, rows, &result, error)) …
 *
 * The SQL must be a string literal: it is its own key in the cache of prepared statements. A query that is
 * still open must not be opened again (the same literal), which is checked. */
#pragma once

#include <sqlite3.h>

#include "gateway/core/error.h"
#include "gateway/store/store.h"

struct Store {
    sqlite3 *db;
    char *path;
    GHashTable *statements; /* const char* literal → sqlite3_stmt* */
    bool writable;
    GError *failure; /* the first error of this transaction: it must not be committed */
    int lock_fd;     /* of the writer's lock file, or -1 */
    /* of the journal, within a transaction: its last entry and that one's hash, NULL where they must be
     * looked up */
    gint64 journal_id;
    char *journal_hash, *journal_salt;
};

typedef struct {
    enum {
        SQL_KIND_NULL,
        SQL_KIND_INTEGER,
        SQL_KIND_REAL,
        SQL_KIND_TEXT,
        SQL_KIND_PIECE,
        SQL_KIND_BLOB
    } kind;
    gint64 integer; /* also the length of a blob or a piece of text */
    double real;
    const void *bytes;
} SqlValue;

/* Values for ?1, ?2 …; texts and blobs stay the caller's and must live until the statement was run. */
#define SQL_INTEGER(x)                                                                                       \
    { .kind = SQL_KIND_INTEGER, .integer = (x) }
#define SQL_REAL(x)                                                                                          \
    { .kind = SQL_KIND_REAL, .real = (x) }
#define SQL_NULL                                                                                             \
    { .kind = SQL_KIND_NULL }
#define SQL_TEXT(x)                                                                                          \
    { .kind = SQL_KIND_TEXT, .bytes = (x) } /* NULL: SQL NULL */
#define SQL_PIECE(x)                                                                                         \
    { .kind = SQL_KIND_PIECE, .bytes = (x).start, .integer = (gint64)(x).length } /* a JsonText */
#define SQL_BLOB(x, n)                                                                                       \
    { .kind = SQL_KIND_BLOB, .bytes = (x), .integer = (n) }
#define SQL_ID(x)                                                                                            \
    { .kind = (x) != 0 ? SQL_KIND_INTEGER : SQL_KIND_NULL, .integer = (x) } /* 0: SQL NULL */
#define SQL_VALUES(...) (const SqlValue[]){__VA_ARGS__}, G_N_ELEMENTS(((const SqlValue[]){__VA_ARGS__}))
#define SQL_NO_VALUES   NULL, 0

typedef sqlite3_stmt SqlRows;
void sql_rows_reset(SqlRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SqlRows, sql_rows_reset)

/* Prepares (once) and binds; values beyond the statement's last parameter are left out, so that a family of
 * statements can share them. NULL on error. Not run before sql_next(). */
SqlRows *sql_query(Store *store, const char *sql, const SqlValue *values, guint n_values, GError **error);

/* The next row: 1; none left: 0; error: -1. */
int sql_next(Store *store, SqlRows *rows, GError **error);

/* Runs a statement that changes something; refused outside a transaction and on a store opened for reading.
 * ret_changes (may be NULL): rows. */
bool sql_write(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 *ret_changes,
               GError **error);

/* The same for INSERT without conflict handling: the new row's id. */
bool sql_insert(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 *ret_id,
                GError **error);

/* The first column of the first row as integer, or fallback where there is no row or it is NULL. */
bool sql_integer(Store *store, const char *sql, const SqlValue *values, guint n_values, gint64 fallback,
                 gint64 *ret_value, GError **error);

/* Whole scripts and pragmas, uncached. */
bool sql_script(Store *store, const char *sql, GError **error);

/* True inside a transaction; the second form also says so in error. */
bool sql_in_transaction(Store *store);
bool sql_need_transaction(Store *store, GError **error);

/* Copies of a column: NULL for SQL NULL. */
char *sql_text(SqlRows *rows, int column);
/* The JSON of a column: new reference; NULL for SQL NULL or for what is not JSON. */
json_t *sql_json(SqlRows *rows, int column);

/* All rows of a query as an array of objects named by its columns. New reference. */
json_t *sql_rows_json(Store *store, const char *sql, const SqlValue *values, guint n_values, GError **error);

/* Sets error from the state of the connection; marks a transaction as failed. Always returns false. */
bool sql_fail(Store *store, int code, const char *what, GError **error);
