#include "gateway/store/orders.h"

#include <string.h>

#include "gateway/store/sql.h"

void store_order_free(MailOrder *order) {
    if (order == NULL)
        return;
    g_free(order->address);
    g_free(order->command);
    g_free(order->argument);
    g_free(order);
}

bool store_order_add(Store *store, const MailOrder *order, gint64 *ret_id, GError **error) {
    return sql_insert(store,
                      "INSERT INTO mail_order (message, address, command, argument, created_s, expires_s)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      SQL_VALUES(SQL_INTEGER(order->message_id), SQL_TEXT(order->address),
                                 SQL_TEXT(order->command), SQL_TEXT(order->argument),
                                 SQL_INTEGER(order->created_s), SQL_INTEGER(order->expires_s)),
                      ret_id, error);
}

bool store_orders_since(Store *store, const char *address, gint64 from_s, guint *ret_count, GError **error) {
    gint64 count;
    if (!sql_integer(store, "SELECT count(*) FROM mail_order WHERE address = ?1 AND created_s >= ?2",
                     SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(from_s)), 0, &count, error))
        return false;
    *ret_count = (guint)count;
    return true;
}

static char *digest_of(const char *salt, const char *code) {
    return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)salt, strlen(salt), code, -1);
}

bool store_order_set_code(Store *store, gint64 id, const char *code, GError **error) {
    g_autofree char *salt = g_uuid_string_random();
    g_autofree char *digest = digest_of(salt, code);
    return sql_write(store, "UPDATE mail_order SET salt = ?2, digest = ?3 WHERE id = ?1 AND used_s IS NULL",
                     SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(salt), SQL_TEXT(digest)), NULL, error);
}

bool store_order_find(Store *store, const char *address, gint64 id, const char *code, gint64 at_s,
                      MailOrder **ret_order, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(
        store,
        "SELECT id, message, address, command, argument, created_s, expires_s, salt, digest"
        " FROM mail_order WHERE address = ?1 AND used_s IS NULL AND expires_s >= ?2"
        " AND attempts < ?3 AND (?4 = 0 OR id = ?4) ORDER BY id DESC",
        SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(at_s), SQL_INTEGER(ORDER_ATTEMPTS_MAX), SQL_INTEGER(id)),
        error);
    int got = 0;
    *ret_order = NULL;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        g_autofree char *salt = sql_text(rows, 7), *stored = sql_text(rows, 8);
        g_autofree char *digest = salt != NULL && code != NULL ? digest_of(salt, code) : NULL;
        if (code != NULL && (digest == NULL || g_strcmp0(digest, stored) != 0))
            continue;
        MailOrder *order = g_new0(MailOrder, 1);
        order->id = sqlite3_column_int64(rows, 0);
        order->message_id = sqlite3_column_int64(rows, 1);
        order->address = sql_text(rows, 2);
        order->command = sql_text(rows, 3);
        order->argument = sql_text(rows, 4);
        order->created_s = sqlite3_column_int64(rows, 5);
        order->expires_s = sqlite3_column_int64(rows, 6);
        *ret_order = order;
        return true;
    }
    return rows != NULL && got == 0;
}

bool store_order_use(Store *store, gint64 id, gint64 now_s, GError **error) {
    return sql_write(store, "UPDATE mail_order SET used_s = ?2, salt = NULL, digest = NULL WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(now_s)), NULL, error);
}

bool store_orders_missed(Store *store, const char *address, GError **error) {
    return sql_write(store,
                     "UPDATE mail_order SET attempts = attempts + 1 WHERE address = ?1 AND used_s IS NULL",
                     SQL_VALUES(SQL_TEXT(address)), NULL, error);
}
