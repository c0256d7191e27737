/* store_quick_check() and store_verify(): is everything still what was written? */
#include "gateway/store/journal.h"
#include "gateway/store/sql.h"
#include "gateway/store/store.h"

static void add_finding(GPtrArray *findings, char *text) {
    if (findings->len < STORE_FINDINGS_MAX)
        g_ptr_array_add(findings, text);
    else
        g_free(text);
}

bool store_quick_check(Store *store, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, "PRAGMA quick_check(1)", SQL_NO_VALUES, error);
    if (rows == NULL || sql_next(store, rows, error) < 0)
        return false;
    const char *answer = (const char *)sqlite3_column_text(rows, 0);
    if (g_strcmp0(answer, "ok") == 0)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED, "database \"%s\": %s", store->path,
                answer != NULL ? answer : "no answer to quick_check");
    return false;
}

/* One finding for each row; format takes the row's texts, of which there are two. */
static bool find_rows(Store *store, const char *sql, const char *what, GPtrArray *findings, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, sql, SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        const char *subject = (const char *)sqlite3_column_text(rows, 0);
        if (g_strcmp0(subject, "ok") != 0)
            add_finding(findings, g_strdup_printf("%s: %s", what, subject != NULL ? subject : "?"));
    }
    return rows != NULL && got == 0;
}

/* What the schema cannot say by itself. */
static const struct {
    const char *what, *sql;
} rules[] = {
    {"database file", "PRAGMA integrity_check(100)"},
    {"row that refers to nothing",
     "SELECT \"table\" || ' ' || coalesce(rowid, '') FROM pragma_foreign_key_check"},
    {"submission without the revision that counts",
     "SELECT s.id FROM submission s WHERE s.current <> 0 AND NOT EXISTS"
     " (SELECT 1 FROM revision r WHERE r.submission = s.id AND r.number = s.current AND r.origin <> "
     "'withdrawal')"},
    {"submission whose revisions are not numbered without gap",
     "SELECT submission FROM revision GROUP BY submission HAVING max(number) <> count(*)"},
    {"ignored message with an open review", "SELECT m.id FROM review v JOIN message m ON m.id = v.message"
                                            " WHERE v.closed_s IS NULL AND m.state = 'ignored'"},
    {"message in review without an entry",
     "SELECT m.id FROM message m WHERE m.state = 'review' AND NOT EXISTS"
     " (SELECT 1 FROM review v WHERE v.message = m.id)"},
    {"message without bytes",
     "SELECT id FROM message WHERE location IS NULL AND purged_s IS NULL AND state <> 'oversize'"},
};

static bool check_archive(Store *store, StoreArchiveCheck check, gpointer user_data, GPtrArray *findings,
                          GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT id, location, sha256, size_bytes FROM message"
                                        " WHERE location IS NOT NULL ORDER BY id",
                                        SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        g_autoptr(GError) reason = NULL;
        if (!check((const char *)sqlite3_column_text(rows, 1), (const char *)sqlite3_column_text(rows, 2),
                   sqlite3_column_int64(rows, 3), user_data, &reason))
            add_finding(findings, g_strdup_printf("archived message %lld: %s", sqlite3_column_int64(rows, 0),
                                                  reason != NULL ? reason->message : "?"));
    }
    return rows != NULL && got == 0;
}

bool store_verify(Store *store, StoreArchiveCheck check, gpointer user_data, GPtrArray **ret_findings,
                  GError **error) {
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++)
        if (!find_rows(store, rules[i].sql, rules[i].what, findings, error))
            return false;
    g_autofree char *broken = NULL;
    if (!store_journal_verify(store, &broken, error))
        return false;
    if (broken != NULL)
        add_finding(findings, g_steal_pointer(&broken));
    if (check != NULL && !check_archive(store, check, user_data, findings, error))
        return false;
    *ret_findings = g_steal_pointer(&findings);
    return true;
}
