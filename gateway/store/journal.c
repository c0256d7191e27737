#include "gateway/store/journal.h"

#include <string.h>

#include "gateway/core/digest.h"
#include "gateway/store/sql.h"

enum { EVENT_NAME_BYTES_MAX = 64 };
/* What the first entry is chained to. */
#define CHAIN_START "0000000000000000000000000000000000000000000000000000000000000000"

static bool is_event_name(const char *name) {
    gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._");
    return length > 0 && length <= EVENT_NAME_BYTES_MAX && name[length] == '\0';
}

/* Salted, so that whoever reads the journal cannot try out names and phone numbers against it without the
 * database. */
static bool detail_digest(Store *store, const char *detail, char **ret_digest, GError **error) {
    if (detail == NULL) {
        *ret_digest = NULL;
        return true;
    }
    g_autoptr(GError) failure = NULL;
    if (store->journal_salt == NULL) /* it never changes */
        store->journal_salt = store_meta_get(store, STORE_META_JOURNAL_SALT, &failure);
    if (failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    const char *salt = store->journal_salt;
    *ret_digest = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)salt,
                                            salt != NULL ? strlen(salt) : 0, detail, -1);
    return true;
}

/* Columns joined by a byte that cannot stand in any of them. */
static char *entry_hash(const char *previous, gint64 id, gint64 at_s, const char *event,
                        const gint64 subjects[4], const char *detail) {
    char text[512];
    int length = g_snprintf(text, sizeof text,
                            "%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%s|%" G_GINT64_FORMAT
                            "|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%s",
                            previous, id, at_s, event, subjects[0], subjects[1], subjects[2], subjects[3],
                            detail != NULL ? detail : "");
    /* a longer entry is none of ours: hashing what fits makes it differ */
    return digest_sha256(text, MIN((gsize)length, sizeof text - 1));
}

/* Where the chain ends. */
static bool find_chain_end(Store *store, GError **error) {
    if (store->journal_hash != NULL)
        return true;
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1", SQL_NO_VALUES, error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got < 0)
        return false;
    store->journal_id = got > 0 ? sqlite3_column_int64(rows, 0) : 0;
    store->journal_hash = got > 0 ? sql_text(rows, 1) : g_strdup(CHAIN_START);
    return true;
}

bool store_journal_append(Store *store, const JournalEvent *event, gint64 now_s, GError **error) {
    if (!is_event_name(event->event)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "\"%s\" is no event name", event->event);
        return false;
    }
    g_autofree char *digest = NULL;
    if (!sql_need_transaction(store, error) || !find_chain_end(store, error) ||
        !detail_digest(store, event->detail, &digest, error))
        return false;
    const gint64 subjects[4] = {event->message_id, event->letter_id, event->org_id, event->submission_id};
    gint64 id = store->journal_id + 1;
    const char *previous = store->journal_hash;
    g_autofree char *hash = entry_hash(previous, id, now_s, event->event, subjects, digest);
    bool good = sql_write(
        store,
        "INSERT INTO journal (id, at_s, event, message, letter, org_id, submission, detail, previous, hash)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(now_s), SQL_TEXT(event->event), SQL_INTEGER(subjects[0]),
                   SQL_INTEGER(subjects[1]), SQL_INTEGER(subjects[2]), SQL_INTEGER(subjects[3]),
                   SQL_TEXT(digest), SQL_TEXT(previous), SQL_TEXT(hash)),
        NULL, error);
    if (good) {
        g_free(store->journal_hash);
        store->journal_hash = g_steal_pointer(&hash);
        store->journal_id = id;
    }
    return good;
}

bool store_journal_proves(Store *store, gint64 entry_id, const char *detail, bool *ret_proves,
                          GError **error) {
    g_autofree char *digest = NULL;
    if (!detail_digest(store, detail, &digest, error))
        return false;
    g_autoptr(SqlRows) rows = sql_query(store, "SELECT detail FROM journal WHERE id = ?1",
                                        SQL_VALUES(SQL_INTEGER(entry_id)), error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got < 0)
        return false;
    if (got == 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no journal entry %" G_GINT64_FORMAT,
                    entry_id);
        return false;
    }
    *ret_proves = g_strcmp0((const char *)sqlite3_column_text(rows, 0), digest) == 0;
    return true;
}

/* Does this row follow from the one before? */
static bool entry_is_sound(SqlRows *row, gint64 expected_id, const char *previous) {
    const gint64 subjects[4] = {sqlite3_column_int64(row, 3), sqlite3_column_int64(row, 4),
                                sqlite3_column_int64(row, 5), sqlite3_column_int64(row, 6)};
    gint64 id = sqlite3_column_int64(row, 0);
    const char *event = (const char *)sqlite3_column_text(row, 2);
    g_autofree char *hash = entry_hash(previous, id, sqlite3_column_int64(row, 1), event, subjects,
                                       (const char *)sqlite3_column_text(row, 7));
    return id == expected_id && g_strcmp0(previous, (const char *)sqlite3_column_text(row, 8)) == 0 &&
           g_strcmp0(hash, (const char *)sqlite3_column_text(row, 9)) == 0;
}

bool store_journal_verify(Store *store, char **ret_finding, GError **error) {
    gint64 ever;
    if (!sql_integer(store, "SELECT seq FROM sqlite_sequence WHERE name = 'journal'", SQL_NO_VALUES, 0, &ever,
                     error))
        return false;
    g_autoptr(SqlRows) rows =
        sql_query(store,
                  "SELECT id, at_s, event, message, letter, org_id, submission, detail, previous,"
                  " hash FROM journal ORDER BY id",
                  SQL_NO_VALUES, error);
    if (rows == NULL)
        return false;
    g_autofree char *previous = g_strdup(CHAIN_START);
    gint64 expected = 1;
    int got;
    for (; (got = sql_next(store, rows, error)) > 0; expected++) {
        if (!entry_is_sound(rows, expected, previous)) {
            *ret_finding =
                g_strdup_printf("journal: entry %" G_GINT64_FORMAT " is not what was written", expected);
            return true;
        }
        g_free(previous);
        previous = sql_text(rows, 9);
    }
    if (got < 0)
        return false;
    *ret_finding = expected - 1 == ever ? NULL
                                        : g_strdup_printf("journal: ends at %" G_GINT64_FORMAT
                                                          " of %" G_GINT64_FORMAT " entries",
                                                          expected - 1, ever);
    return true;
}
