#include "gateway/store/explain.h"

#include "gateway/store/sql.h"

/* A part of an explanation: the rows of a query under a name. ?1 … are the same for all parts of one
 * explanation. */
typedef struct {
    const char *name, *sql;
    bool single; /* the one row itself (null where there is none), not a list */
} Part;

/* Adds the parts to a new object; NULL on error. The first part must exist, else _NOT_FOUND. */
static json_t *collect(Store *store, const Part *parts, guint n_parts, const SqlValue *values, guint n_values,
                       const char *what, GError **error) {
    json_t *object = json_object();
    for (guint i = 0; i < n_parts; i++) {
        json_t *rows = sql_rows_json(store, parts[i].sql, values, n_values, error);
        bool is_missing = i == 0 && rows != NULL && json_array_size(rows) == 0;
        if (is_missing)
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no such %s", what);
        if (rows == NULL || is_missing) {
            json_decref(rows);
            json_decref(object);
            return NULL;
        }
        json_t *row = json_array_get(rows, 0);
        json_object_set(object, parts[i].name, !parts[i].single ? rows : row != NULL ? row : json_null());
        json_decref(rows);
    }
    return object;
}

static const Part message_parts[] = {
    {"message",
     "SELECT id, sha256, location, size_bytes, received_s, seen_s, state, changed_s, attempts, message_id, "
     "from_address,"
     " subject, kind, org_id, purged_s FROM message WHERE id = ?1",
     true},
    {"sightings",
     "SELECT f.account, f.name AS folder, s.uidvalidity, s.uid, s.seen_s FROM sighting s JOIN folder f ON "
     "f.id = s.folder_id"
     " WHERE s.message = ?1 ORDER BY s.seen_s",
     false},
    {"readings", "SELECT line, reader, converter, read_s, json FROM reading WHERE message = ?1 ORDER BY line",
     false},
    {"submissions",
     "SELECT s.id, s.org_id, s.form, s.obligation, s.period, s.current, r.number, r.origin, r.received_s, "
     "r.recorded_s,"
     " r.on_time FROM revision r JOIN submission s ON s.id = r.submission WHERE r.message = ?1 UNION ALL"
     " SELECT s.id, s.org_id, s.form, s.obligation, s.period, s.current, NULL, 'resent', NULL, NULL, NULL"
     " FROM resent t JOIN submission s ON s.id = t.submission WHERE t.message = ?1",
     false},
    {"reviews",
     "SELECT id, code, text, opened_s, closed_s, outcome FROM review WHERE message = ?1 ORDER BY id", false},
    {"letters",
     "SELECT id, key, kind, state, to_address, reason, created_s FROM outbox WHERE answers = ?1 ORDER BY id",
     false},
    {"journal",
     "SELECT id, at_s, event, letter, org_id, submission FROM journal WHERE message = ?1 AND message <> 0 "
     "ORDER BY id",
     false},
};

static const Part letter_parts[] = {
    {"letter",
     "SELECT id, key, kind, state, priority, to_address, to_name, language, org_id, obligation, period, "
     "answers, not_before_s,"
     " expires_s, due_s, facts, reason, created_s, changed_s, started_s, attempts, message_id, sha256, "
     "reply_code, reply"
     " FROM outbox WHERE id = ?1",
     true},
    {"events", "SELECT at_s, event, code, text FROM outbox_event WHERE letter = ?1 ORDER BY id", false},
    {"journal",
     "SELECT id, at_s, event, message, org_id, submission FROM journal WHERE letter = ?1 AND letter <> 0 "
     "ORDER BY id",
     false},
};

/* ?1 organization, ?2 obligation, ?3 period */
static const Part period_parts[] = {
    {"organization",
     "SELECT id, name, section, team, since_s, suspended, merged_into FROM organization WHERE id = ?1", true},
    {"exemptions",
     "SELECT period, reason, created_s, revoked_s FROM exemption WHERE org_id = ?1 AND obligation = ?2 AND "
     "period IN ('', ?3)"
     " ORDER BY id",
     false},
    {"submission",
     "SELECT id, form, current, received_s, on_time FROM submission WHERE org_id = ?1 AND obligation = ?2 "
     "AND period = ?3",
     true},
    {"revisions",
     "SELECT r.number, r.message, r.origin, r.received_s, r.recorded_s, r.on_time, r.n_problems, c.problems, "
     "r.reader,"
     " r.converter, r.note FROM submission s JOIN revision r ON r.submission = s.id"
     " LEFT JOIN revision_content c ON c.revision = r.id WHERE s.org_id = ?1 AND s.obligation = ?2 AND "
     "s.period = ?3 ORDER BY r.number",
     false},
    {"letters",
     "SELECT id, key, kind, state, to_address, reason, created_s FROM outbox"
     " WHERE period = ?3 AND obligation = ?2 AND org_id = ?1 ORDER BY id",
     false},
    {"pending",
     "SELECT id, state, received_s, seen_s FROM message WHERE state IN ('fetched', 'archived', 'read', "
     "'converting', 'review')"
     " AND (org_id = ?1 OR (org_id IS NULL AND from_address IN"
     " (SELECT address FROM contact WHERE org_id = ?1 AND until_s IS NULL))) ORDER BY id",
     false},
};

/* letters: also those that are no event of the question: nudges, copies. */
static const Part question_parts[] = {
    {"question",
     "SELECT id, text, org_id, section, message, asker, asked_s, known_s, state, changed_s, passed_s, "
     "nudged_s, escalated_s,"
     " answered_s, cluster FROM question WHERE id = ?1",
     true},
    {"events",
     "SELECT at_s, event, message, letter, text FROM question_event WHERE question = ?1 ORDER BY id", false},
    {"letters",
     "SELECT id, key, kind, state, to_address, reason, created_s, changed_s FROM outbox WHERE id IN"
     " (SELECT o.id FROM outbox o, json_each(o.facts, '$.question_ids') j WHERE o.facts IS NOT NULL"
     " AND j.value = ?1) ORDER BY id",
     false},
};

json_t *store_explain_message(Store *store, gint64 message_id, GError **error) {
    return collect(store, message_parts, G_N_ELEMENTS(message_parts), SQL_VALUES(SQL_INTEGER(message_id)),
                   "message", error);
}

json_t *store_explain_letter(Store *store, gint64 letter_id, GError **error) {
    return collect(store, letter_parts, G_N_ELEMENTS(letter_parts), SQL_VALUES(SQL_INTEGER(letter_id)),
                   "letter", error);
}

json_t *store_explain_period(Store *store, gint64 org_id, const char *obligation, const char *period,
                             GError **error) {
    return collect(store, period_parts, G_N_ELEMENTS(period_parts),
                   SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(obligation), SQL_TEXT(period)), "organization",
                   error);
}

json_t *store_explain_question(Store *store, gint64 question_id, GError **error) {
    return collect(store, question_parts, G_N_ELEMENTS(question_parts), SQL_VALUES(SQL_INTEGER(question_id)),
                   "question", error);
}
