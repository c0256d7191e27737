#include "gateway/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/store/outbox.h"
#include "gateway/store/schema.h"
#include "gateway/store/sql.h"
#include "gateway/store/writer_lock.h"

enum {
    OWNER_ONLY = 0600,      /* names, addresses and phone numbers are inside */
    BUSY_TIMEOUT_MS = 5000, /* a checkpoint or a recovery of another process takes less */
};
#define META_PROGRAMME "programme"

/* FULL: a receipt that was acknowledged by mail must not vanish at power loss (facts: 0.45 ms a commit
 * against 0.02 ms). wal_autocheckpoint in pages of 4 KiB: 16 MiB are copied back at once, so that a page
 * changed in many batches is copied once. */
static const char writer_pragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
    "PRAGMA wal_autocheckpoint = 4096; PRAGMA journal_size_limit = 67108864;";
/* cache_size in KiB: what is written stays in it, so it is what the keeper's memory grows to with the
 * mailbox; a batch touches 2 MiB of pages, the indexes of 10,000 messages are 3 MiB. */
static const char common_pragmas[] =
    "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;";

/* Makes an absent file with our permissions; SQLite gives its -wal and -shm the same. */
static void create_owner_only(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, OWNER_ONLY);
    if (fd >= 0)
        close(fd);
}

static bool connect_database(Store *store, GError **error) {
    int flags = store->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int code =
        sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return sql_fail(store, code, "open", error);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* journal_mode writes into the file: not before it is known to be ours */
    return sql_script(store, common_pragmas, error) && (!store->writable || schema_is_ours(store, error)) &&
           (!store->writable || sql_script(store, writer_pragmas, error));
}

/* The database belongs to one programme for ever. */
static bool check_programme(Store *store, const char *programme_id, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autofree char *stored = store_meta_get(store, META_PROGRAMME, &failure);
    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (g_strcmp0(stored, programme_id) == 0)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "database \"%s\" belongs to programme \"%s\", not to \"%s\"", store->path,
                stored != NULL ? stored : "", programme_id);
    return false;
}

static bool first_start(Store *store, const char *programme_id, gint64 now_s, GError **error) {
    gint64 known;
    if (!sql_integer(store, "SELECT count(*) FROM meta WHERE key = ?1", SQL_VALUES(SQL_TEXT(META_PROGRAMME)),
                     0, &known, error))
        return false;
    if (known != 0)
        return true;
    g_autofree char *salt = g_uuid_string_random();
    return store_meta_set(store, META_PROGRAMME, programme_id, error) &&
           store_meta_set(store, STORE_META_JOURNAL_SALT, salt, error) &&
           store_meta_set_integer(store, STORE_META_FIRST_START, now_s, error);
}

static bool prepare_for_writing(Store *store, const char *programme_id, gint64 now_s, GError **error) {
    return schema_migrate(store, error) && store_begin(store, error) &&
           first_start(store, programme_id, now_s, error) && check_programme(store, programme_id, error) &&
           store_outbox_recover(store, now_s, NULL, error) && store_commit(store, error);
}

Store *store_open(const char *path, StoreMode mode, const char *programme_id, const char *holder,
                  gint64 now_s, GError **error) {
    g_autoptr(Store) store = g_new0(Store, 1);
    store->path = g_strdup(path);
    store->writable = mode == STORE_WRITE;
    store->lock_fd = -1;
    store->statements = g_hash_table_new(g_direct_hash, g_direct_equal);
    if (store->writable) {
        store->lock_fd = writer_lock_take(path, holder, error);
        if (store->lock_fd < 0)
            return NULL;
        create_owner_only(path);
    }
    if (!connect_database(store, error))
        return NULL;
    bool usable = store->writable ? prepare_for_writing(store, programme_id, now_s, error)
                                  : schema_check(store, error) && check_programme(store, programme_id, error);
    return usable ? g_steal_pointer(&store) : NULL;
}

void store_close(Store *store) {
    if (store == NULL)
        return;
    store_rollback(store);
    GHashTableIter iter;
    gpointer statement;
    g_hash_table_iter_init(&iter, store->statements);
    while (g_hash_table_iter_next(&iter, NULL, &statement))
        sqlite3_finalize(statement);
    g_hash_table_unref(store->statements);
    sqlite3_close(store->db);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    g_clear_error(&store->failure);
    g_free(store->journal_hash);
    g_free(store->journal_salt);
    g_free(store->path);
    g_free(store);
}

bool store_begin(Store *store, GError **error) {
    g_clear_error(&store->failure);
    g_clear_pointer(&store->journal_hash, g_free);
    if (!store->writable) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "database \"%s\" was opened for reading", store->path);
        return false;
    }
    return sql_script(store, "BEGIN IMMEDIATE", error);
}

bool store_commit(Store *store, GError **error) {
    if (store->failure == NULL && sql_script(store, "COMMIT", error))
        return true;
    if (error != NULL && *error == NULL)
        *error = g_error_copy(store->failure);
    store_rollback(store);
    return false;
}

void store_rollback(Store *store) {
    g_clear_error(&store->failure);
    g_clear_pointer(&store->journal_hash, g_free);
    if (store->db != NULL && sql_in_transaction(store))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

char *store_meta_get(Store *store, const char *key, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT value FROM meta WHERE key = ?1", SQL_VALUES(SQL_TEXT(key)), error);
    return rows != NULL && sql_next(store, rows, error) > 0 ? sql_text(rows, 0) : NULL;
}

bool store_meta_set(Store *store, const char *key, const char *value, GError **error) {
    return sql_write(store,
                     "INSERT INTO meta (key, value) VALUES (?1, ?2)"
                     " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                     SQL_VALUES(SQL_TEXT(key), SQL_TEXT(value)), NULL, error);
}

bool store_meta_get_integer(Store *store, const char *key, gint64 fallback, gint64 *ret_value,
                            GError **error) {
    return sql_integer(store, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1",
                       SQL_VALUES(SQL_TEXT(key)), fallback, ret_value, error);
}

bool store_meta_set_integer(Store *store, const char *key, gint64 value, GError **error) {
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
    return store_meta_set(store, key, text, error);
}

bool store_backup(Store *store, const char *path, GError **error) {
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                    "backup \"%s\" exists already; name a new file", path);
        return false;
    }
    create_owner_only(path);
    g_autoptr(SqlRows) rows = sql_query(store, "VACUUM INTO ?1", SQL_VALUES(SQL_TEXT(path)), error);
    if (rows != NULL && sql_next(store, rows, error) == 0)
        return true;
    unlink(path);
    return false;
}
