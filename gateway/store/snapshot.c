#include "gateway/store/snapshot.h"

#include "gateway/core/score_formula.h"
#include "gateway/store/questions.h"
#include "gateway/store/roster.h"
#include "gateway/store/rota.h"
#include "gateway/store/sql.h"
#include "gateway/store/submission_row.h"
#include "gateway/store/urgent.h"

/* Of questions of any state, so many are looked at for what repeats: a half-month of the largest programme.
 */
#define ASKED_MAX 20000

static bool load_submissions(Store *store, SqlRows *query, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows = query;
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(snapshot->submissions, submission_from_row(rows));
    return rows != NULL && got == 0;
}

static bool load_all_submissions(Store *store, bool with_content, Snapshot *snapshot, GError **error) {
    const char *sql =
        with_content ? SUBMISSION_WITH_CONTENT "ORDER BY s.id" : SUBMISSION_WITHOUT_CONTENT "ORDER BY s.id";
    return load_submissions(store, sql_query(store, sql, SQL_NO_VALUES, error), snapshot, error);
}

static bool load_period_submissions(Store *store, const char *period, bool with_content, Snapshot *snapshot,
                                    GError **error) {
    const char *sql =
        with_content ? SUBMISSION_WITH_CONTENT "WHERE s.obligation = ?1 AND s.period = ?2 ORDER BY s.id"
                     : SUBMISSION_WITHOUT_CONTENT "WHERE s.obligation = ?1 AND s.period = ?2 ORDER BY s.id";
    const GPtrArray *obligations = snapshot->programme->obligations;
    for (guint i = 0; i < obligations->len; i++) {
        const Obligation *obligation = obligations->pdata[i];
        if (!load_submissions(
                store, sql_query(store, sql, SQL_VALUES(SQL_TEXT(obligation->id), SQL_TEXT(period)), error),
                snapshot, error))
            return false;
    }
    return true;
}

static bool in_scope(const SnapshotScope *scope, const char *period) {
    return period != NULL && g_strv_contains(scope->periods, period);
}

/* What scores ask about people stands in forms of other periods, or of none. */
static bool load_form(Store *store, const char *form, const SnapshotScope *scope, Snapshot *snapshot,
                      GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store, SUBMISSION_WITH_CONTENT "WHERE s.form = ?1 ORDER BY s.id",
                                        SQL_VALUES(SQL_TEXT(form)), error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        if (!in_scope(scope, (const char *)sqlite3_column_text(rows, 5)))
            g_ptr_array_add(snapshot->submissions, submission_from_row(rows));
    return rows != NULL && got == 0;
}

static bool load_people(Store *store, const SnapshotScope *scope, Snapshot *snapshot, GError **error) {
    const ScoreFormula *scores = snapshot->programme->scores;
    if (!scope->with_people || !scope->with_content || scores == NULL || scope->periods == NULL)
        return true;
    const ScorePeople *people = &scores->people;
    return (people->form == NULL || load_form(store, people->form, scope, snapshot, error)) &&
           (people->activity_form == NULL || load_form(store, people->activity_form, scope, snapshot, error));
}

static bool load_letters(Store *store, SqlRows *query, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows = query;
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        OutboxState state = OUTBOX_QUEUED;
        outbox_state_from_name((const char *)sqlite3_column_text(rows, 1), &state);
        g_hash_table_replace(snapshot->letter_keys, sql_text(rows, 0), GINT_TO_POINTER((int)state + 1));
    }
    return rows != NULL && got == 0;
}

static bool load_scope(Store *store, const SnapshotScope *scope, Snapshot *snapshot, GError **error) {
    if (scope->periods == NULL)
        return load_all_submissions(store, scope->with_content, snapshot, error) &&
               load_letters(store, sql_query(store, "SELECT key, state FROM outbox", SQL_NO_VALUES, error),
                            snapshot, error);
    for (const char *const *period = scope->periods; *period != NULL; period++)
        if (!load_period_submissions(store, *period, scope->with_content, snapshot, error) ||
            !load_letters(store,
                          sql_query(store, "SELECT key, state FROM outbox WHERE period = ?1",
                                    SQL_VALUES(SQL_TEXT(*period)), error),
                          snapshot, error))
            return false;
    return load_letters(store,
                        sql_query(store,
                                  "SELECT key, state FROM outbox WHERE period IS NULL"
                                  " AND kind NOT IN ('ack', 'correction', 'defect', 'command_answer')",
                                  SQL_NO_VALUES, error),
                        snapshot, error);
}

static bool load_exemptions(Store *store, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT org_id, obligation, nullif(period, ''), reason FROM exemption"
                                        " WHERE revoked_s IS NULL ORDER BY id",
                                        SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        Exemption *exemption = g_new0(Exemption, 1);
        exemption->org_id = sqlite3_column_int64(rows, 0);
        exemption->obligation = sql_text(rows, 1);
        exemption->period = sql_text(rows, 2);
        exemption->reason = sql_text(rows, 3);
        g_ptr_array_add(snapshot->exemptions, exemption);
    }
    return rows != NULL && got == 0;
}

static bool load_extensions(Store *store, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT org_id, obligation, period, until_s FROM extension"
                                        " WHERE revoked_s IS NULL ORDER BY id",
                                        SQL_NO_VALUES, error);
    int got;
    snapshot->extensions = g_ptr_array_new_with_free_func((GDestroyNotify)extension_free);
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        Extension *extension = g_new0(Extension, 1);
        extension->org_id = sqlite3_column_int64(rows, 0);
        extension->obligation = sql_text(rows, 1);
        extension->period = sql_text(rows, 2);
        extension->until_s = sqlite3_column_int64(rows, 3);
        g_ptr_array_add(snapshot->extensions, extension);
    }
    return rows != NULL && got == 0;
}

/* Mail that was named as an organization's holds that one's reminders back; else mail from an address does,
 * for every organization that the address speaks for. */
static bool load_pending(Store *store, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(
        store,
        "SELECT m.id, m.org_id, m.seen_s FROM message m WHERE m.org_id IS NOT NULL"
        " AND m.state IN ('fetched', 'archived', 'read', 'converting', 'review') UNION"
        " SELECT m.id, c.org_id, m.seen_s FROM message m JOIN contact c ON c.address = m.from_address"
        " AND c.until_s IS NULL WHERE m.org_id IS NULL"
        " AND m.state IN ('fetched', 'archived', 'read', 'converting', 'review') ORDER BY 1, 2",
        SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        PendingMail *mail = g_new0(PendingMail, 1);
        mail->message_id = sqlite3_column_int64(rows, 0);
        mail->org_id = sqlite3_column_int64(rows, 1);
        mail->seen_s = sqlite3_column_int64(rows, 2);
        g_ptr_array_add(snapshot->pending, mail);
    }
    return rows != NULL && got == 0;
}

static bool load_reviews(Store *store, Snapshot *snapshot, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store,
                  "SELECT v.message, m.org_id, v.code, v.text, m.from_address, m.subject, v.opened_s, v.id"
                  " FROM review v JOIN message m ON m.id = v.message WHERE v.closed_s IS NULL"
                  " ORDER BY v.opened_s, v.id",
                  SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        ReviewItem *item = g_new0(ReviewItem, 1);
        item->message_id = sqlite3_column_int64(rows, 0);
        item->org_id = sqlite3_column_int64(rows, 1);
        item->code = sql_text(rows, 2);
        item->text = sql_text(rows, 3);
        item->from = sql_text(rows, 4);
        item->subject = sql_text(rows, 5);
        item->since_s = sqlite3_column_int64(rows, 6);
        item->id = sqlite3_column_int64(rows, 7);
        g_ptr_array_add(snapshot->reviews, item);
    }
    return rows != NULL && got == 0;
}

static bool load_counts(Store *store, Snapshot *snapshot, GError **error) {
    gint64 messages, in_review, questions;
    const char *untold = "SELECT coalesce(min(since_s), 0) FROM met_label WHERE told_s IS NULL";
    if (!sql_integer(store, "SELECT count(*) FROM message", SQL_NO_VALUES, 0, &messages, error) ||
        !sql_integer(store, "SELECT count(*) FROM message WHERE state = 'review'", SQL_NO_VALUES, 0,
                     &in_review, error) ||
        !sql_integer(store, "SELECT count(*) FROM (SELECT 1 FROM question LIMIT 2)", SQL_NO_VALUES, 0,
                     &questions, error) ||
        !sql_integer(store, untold, SQL_NO_VALUES, 0, &snapshot->label_met_s, error) ||
        !store_meta_get_integer(store, STORE_META_RELEASED, 0, &snapshot->released_s, error))
        return false;
    snapshot->has_questions = questions > 1;
    snapshot->n_messages = (guint)messages;
    snapshot->n_review = (guint)in_review;
    return true;
}

static bool load_everything(Store *store, const SnapshotScope *scope, Snapshot *snapshot, GError **error) {
    g_clear_pointer(&snapshot->organizations, g_ptr_array_unref);
    return store_orgs(store, &snapshot->organizations, error) &&
           store_parties(store, &snapshot->parties, error) && load_exemptions(store, snapshot, error) &&
           load_extensions(store, snapshot, error) && load_scope(store, scope, snapshot, error) &&
           load_people(store, scope, snapshot, error) && load_pending(store, snapshot, error) &&
           load_reviews(store, snapshot, error) &&
           store_questions_unsettled(store, &snapshot->questions, error) &&
           (!scope->with_content || (store_questions_newest(store, ASKED_MAX, &snapshot->asked, error) &&
                                     store_questions_apart(store, &snapshot->apart, error))) &&
           store_rota_swaps(store, &snapshot->swaps, error) &&
           store_answerers(store, &snapshot->answerers, error) &&
           store_urgents(store, &snapshot->urgents, error) &&
           store_urgents_settled(store, &snapshot->settled_urgents, error) &&
           load_counts(store, snapshot, error);
}

bool store_snapshot(Store *store, const Programme *programme, const SnapshotScope *scope,
                    Snapshot **ret_snapshot, GError **error) {
    g_autoptr(Snapshot) snapshot = snapshot_new(programme);
    /* one read transaction, so that all queries see the same state; a caller's own serves as well */
    bool own = !sql_in_transaction(store);
    if (own && !sql_script(store, "BEGIN", error))
        return false;
    bool loaded = load_everything(store, scope, snapshot, error);
    if (own)
        store_rollback(store);
    if (loaded)
        *ret_snapshot = g_steal_pointer(&snapshot);
    return loaded;
}
