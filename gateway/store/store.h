/* The database of one programme: opening, transactions, small persistent values, integrity. What is stored is
 * reached by the other headers of this folder, one a subject: ledger, roster, submissions, outbox, journal,
 * review, snapshot, explain.
 *
 * Rules for all of them:
 * - One writer process (STORE_WRITE, held by a lock file beside the database), any number of readers that
 * never wait for it.
 * - Everything that writes needs an open transaction (store_begin … store_commit), so that what belongs
 * together is durable together and fsync is paid once a batch. Without one the call fails with
 * FORTNIGHT_ERROR_PERMANENT.
 * - After a database error inside a transaction store_commit() refuses and rolls back: nothing half done is
 * ever committed. Answers such as FORTNIGHT_ERROR_NOT_FOUND, or _PERMANENT for an illegal transition, write
 * nothing and leave the transaction usable.
 * - Errors are FORTNIGHT_ERROR (gateway/core/error.h): _BUSY, _DISK_FULL, _DAMAGED, _TEMPORARY,
 * _CONFIGURATION, _INPUT, _NOT_FOUND, _PERMANENT. On failure every ret_ parameter is left as it was.
 * - Instants are UTC seconds given by the caller; strings are UTF-8; results belong to the caller.
 * - A Store belongs to one thread, and no process forks while it has one open. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct Store Store;

typedef enum { STORE_READ, STORE_WRITE } StoreMode;

/* Opens the database of a programme; STORE_WRITE creates it, brings an older schema up to date, and turns
 * letters that a dead process left in `sending` into `unsure` (SPEC 8.5). holder: what a second writer is
 * told, one line such as "pid 4711 on mail.example.edu.cn since 2016-06-27T08:00+08:00: fortnight run".
 * Errors: _BUSY names the holder of the database; _CONFIGURATION for a missing database (STORE_READ), an
 * unusable path, another programme's database or one written by a newer program; _DAMAGED for a file that is
 * not a sound database. */
Store *store_open(const char *path, StoreMode mode, const char *programme_id, const char *holder,
                  gint64 now_s, GError **error);

/* Rolls back what is not committed, closes, gives up the lock. NULL is allowed. */
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* BEGIN IMMEDIATE, COMMIT, ROLLBACK. After store_commit() returned true everything written is on disk
 * (synchronous FULL). A failed commit has been rolled back. store_rollback() without a transaction does
 * nothing. */
bool store_begin(Store *store, GError **error);
bool store_commit(Store *store, GError **error);
void store_rollback(Store *store);

/* ---- small persistent values
 * ------------------------------------------------------------------------------------ */

#define STORE_META_RELEASED     "released_s"    /* end of the silent first contact (SPEC 4) */
#define STORE_META_FIRST_START  "first_start_s" /* set by store_open() when it creates the database */
#define STORE_META_JOURNAL_SALT "journal_salt"  /* of the digests in the journal; set with it */

/* The value under key; NULL without error where there is none. */
char *store_meta_get(Store *store, const char *key, GError **error);
bool store_meta_set(Store *store, const char *key, const char *value, GError **error);

/* The same for integers; fallback where there is none. */
bool store_meta_get_integer(Store *store, const char *key, gint64 fallback, gint64 *ret_value,
                            GError **error);
bool store_meta_set_integer(Store *store, const char *key, gint64 value, GError **error);

/* ---- integrity
 * -------------------------------------------------------------------------------------------------- */

/* PRAGMA quick_check: true where the file is sound, else _DAMAGED with SQLite's first complaint. About 1 s a
 * GB. */
bool store_quick_check(Store *store, GError **error);

/* Is the archived file there, with this size and (where it reads the bytes) this digest? Else false with a
 * reason. */
typedef bool (*StoreArchiveCheck)(const char *location, const char *sha256, gint64 size_bytes,
                                  gpointer user_data, GError **error);

/* Checks everything that can be checked: the file, foreign keys, the journal's chain, states and their names,
 * current revisions, and each archived message through check (NULL: not). Every finding is one plain sentence
 * (char*) in ret_findings, at most STORE_FINDINGS_MAX; an empty list is a sound store. False only where
 * checking itself failed. Free with g_ptr_array_unref(). */
#define STORE_FINDINGS_MAX 200
bool store_verify(Store *store, StoreArchiveCheck check, gpointer user_data, GPtrArray **ret_findings,
                  GError **error);

/* A consistent copy of the database while it is in use, written to a path that must not exist (VACUUM INTO).
 */
bool store_backup(Store *store, const char *path, GError **error);
