#include "gateway/store/submissions.h"

#include <string.h>

#include "gateway/store/sql.h"
#include "gateway/store/submission_row.h"

/* Longer texts are content, not something to look up or to sort by. */
enum { FIELD_TEXT_BYTES_MAX = 255 };

static const char *const origin_names[REVISION_ORIGINS] = {
    [REVISION_MAIL] = "mail",
    [REVISION_HAND] = "hand",
    [REVISION_CORRECTION] = "correction",
    [REVISION_REPLAY] = "replay",
    [REVISION_WITHDRAWAL] = "withdrawal",
};

const char *store_revision_origin_name(RevisionOrigin origin) {
    g_return_val_if_fail((guint)origin < REVISION_ORIGINS, NULL);
    return origin_names[origin];
}

/* ---- what is there already
 * -------------------------------------------------------------------------------------- */

/* Where a new revision would go. */
typedef struct {
    gint64 submission; /* 0: none yet */
    gint64 current;    /* number of its current revision, 0: withdrawn or none */
    gint64 newest;     /* number of its newest revision */
} Place;

static bool load_place(Store *store, SqlRows *query, Place *place, GError **error) {
    g_autoptr(SqlRows) rows = query;
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got > 0)
        *place = (Place){sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1),
                         sqlite3_column_int64(rows, 2)};
    return got >= 0;
}

#define PLACE_COLUMNS                                                                                        \
    "SELECT s.id, s.current, (SELECT max(number) FROM revision r WHERE r.submission = s.id) FROM "           \
    "submission s "

static bool find_place(Store *store, const StoreRevision *revision, Place *place, GError **error) {
    *place = (Place){0};
    if (revision->submission_id != 0) {
        if (!load_place(store,
                        sql_query(store, PLACE_COLUMNS "WHERE s.id = ?1",
                                  SQL_VALUES(SQL_INTEGER(revision->submission_id)), error),
                        place, error))
            return false;
        if (place->submission == 0)
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no submission %" G_GINT64_FORMAT,
                        revision->submission_id);
        return place->submission != 0;
    }
    if (revision->obligation != NULL)
        return load_place(
            store,
            sql_query(store, PLACE_COLUMNS "WHERE s.obligation = ?1 AND s.period = ?2 AND s.org_id = ?3",
                      SQL_VALUES(SQL_TEXT(revision->obligation), SQL_TEXT(revision->period),
                                 SQL_INTEGER(revision->org_id)),
                      error),
            place, error);
    /* settles nothing: it only has a place where the same content, or the same message, was recorded before
     */
    return load_place(store,
                      sql_query(store,
                                PLACE_COLUMNS
                                "JOIN revision n ON n.submission = s.id WHERE s.org_id = ?1 AND s.form = ?2"
                                " AND s.obligation IS NULL AND (n.message = ?3 OR (n.number = s.current"
                                " AND n.digest = ?4)) ORDER BY n.message = ?3 DESC, s.id LIMIT 1",
                                SQL_VALUES(SQL_INTEGER(revision->org_id), SQL_TEXT(revision->form),
                                           SQL_ID(revision->message_id), SQL_TEXT(revision->digest)),
                                error),
                      place, error);
}

/* The number of the revision that already stands for this one, 0 where it is something new. */
static bool find_same(Store *store, const StoreRevision *revision, const Place *place, gint64 *ret_number,
                      RecordedAs *ret_as, GError **error) {
    gint64 number = 0;
    RecordedAs as = RECORDED_ALREADY;
    if (revision->message_id != 0 && revision->origin != REVISION_REPLAY &&
        !sql_integer(store,
                     "SELECT number FROM revision WHERE submission = ?1 AND message = ?2 AND origin <> "
                     "'replay' LIMIT 1",
                     SQL_VALUES(SQL_INTEGER(place->submission), SQL_INTEGER(revision->message_id)), 0,
                     &number, error))
        return false;
    if (number == 0 && revision->origin == REVISION_WITHDRAWAL && place->current == 0) {
        number = place->newest;
        as = RECORDED_IDENTICAL;
    }
    /* a replay is compared with what its own message said last, everything else with what counts now */
    if (number == 0 && revision->origin != REVISION_WITHDRAWAL) {
        as = RECORDED_IDENTICAL;
        bool is_replay = revision->origin == REVISION_REPLAY;
        if (!sql_integer(
                store,
                is_replay
                    ? "SELECT iif(digest = ?3, number, 0) FROM revision WHERE submission = ?1 AND message = "
                      "?2"
                      " ORDER BY number DESC LIMIT 1"
                    : "SELECT number FROM revision WHERE submission = ?1 AND number = ?2 AND digest = ?3",
                SQL_VALUES(SQL_INTEGER(place->submission),
                           SQL_INTEGER(is_replay ? revision->message_id : place->current),
                           SQL_TEXT(revision->digest)),
                0, &number, error))
            return false;
    }
    *ret_number = number;
    *ret_as = as;
    return true;
}

/* ---- adding
 * ----------------------------------------------------------------------------------------------------- */

/* Content on its way into the database: as the reader wrote it, or written anew. */
typedef struct {
    JsonText text;
    char *own;
} Written;

static Written write_json(JsonText text, const json_t *json, const char *empty) {
    char *own = text.start != NULL ? NULL : json != NULL ? json_dumps(json, JSON_COMPACT) : g_strdup(empty);
    return (Written){own != NULL ? (JsonText){own, strlen(own)} : text, own};
}

static bool insert_content(Store *store, gint64 revision_id, const StoreRevision *revision, GError **error) {
    Written fields = write_json(revision->fields_text, revision->fields, "{}"),
            tables = write_json(revision->tables_text, revision->tables, "{}"),
            problems = write_json(revision->problems_text, revision->problems, "[]");
    bool good = fields.text.start != NULL && tables.text.start != NULL && problems.text.start != NULL;
    if (!good)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "a revision's content is not valid JSON");
    good = good && sql_write(store,
                             "INSERT INTO revision_content (revision, fields, tables, problems)"
                             " VALUES (?1, ?2, ?3, ?4)",
                             SQL_VALUES(SQL_INTEGER(revision_id), SQL_PIECE(fields.text),
                                        SQL_PIECE(tables.text), SQL_PIECE(problems.text)),
                             NULL, error);
    g_free(fields.own);
    g_free(tables.own);
    g_free(problems.own);
    return good;
}

static bool insert_revision(Store *store, const StoreRevision *revision, const Place *place, gint64 now_s,
                            gint64 *ret_id, GError **error) {
    return sql_insert(
        store,
        "INSERT INTO revision (submission, number, message, origin, received_s, recorded_s, on_time, digest,"
        " n_problems, reader, converter, note)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        SQL_VALUES(SQL_INTEGER(place->submission), SQL_INTEGER(place->newest + 1),
                   SQL_ID(revision->message_id), SQL_TEXT(origin_names[revision->origin]),
                   SQL_INTEGER(revision->received_s), SQL_INTEGER(now_s), SQL_INTEGER(revision->on_time),
                   SQL_TEXT(revision->digest), SQL_INTEGER((gint64)json_array_size(revision->problems)),
                   SQL_TEXT(revision->reader), SQL_TEXT(revision->converter), SQL_TEXT(revision->note)),
        ret_id, error);
}

/* Fields on their way into their table, which take a statement for every FIELDS_A_STATEMENT. */
enum { FIELDS_A_STATEMENT = 8, VALUES_A_FIELD = 3 };
typedef struct {
    SqlValue values[1 + FIELDS_A_STATEMENT * VALUES_A_FIELD];
    char *ranges[FIELDS_A_STATEMENT];
    guint n;
} FieldRows;

/* A row whose key is NULL is none. */
static bool insert_fields(Store *store, FieldRows *rows, GError **error) {
    bool good =
        rows->n == 0 ||
        sql_write(
            store,
            "INSERT INTO field (revision, key, value_number, value_text)"
            " SELECT ?1, column1, column2, column3 FROM (VALUES (?2, ?3, ?4), (?5, ?6, ?7), (?8, ?9, ?10),"
            " (?11, ?12, ?13), (?14, ?15, ?16), (?17, ?18, ?19), (?20, ?21, ?22), (?23, ?24, ?25))"
            " WHERE column1 IS NOT NULL",
            rows->values, G_N_ELEMENTS(rows->values), NULL, error);
    for (guint i = 0; i < rows->n; i++) {
        g_clear_pointer(&rows->ranges[i], g_free);
        for (guint v = 0; v < VALUES_A_FIELD; v++)
            rows->values[1 + i * VALUES_A_FIELD + v] = (SqlValue)SQL_NULL;
    }
    rows->n = 0;
    return good;
}

/* Sets the columns of a value; false where it has none. */
static bool columns_of(const json_t *value, SqlValue *number, SqlValue *text, char **range) {
    const char *start = json_string_value(json_object_get(value, "start")),
               *end = json_string_value(json_object_get(value, "end"));
    if (json_is_number(value))
        *number = (SqlValue)SQL_REAL(json_number_value(value));
    else if (json_is_boolean(value))
        *number = (SqlValue)SQL_REAL(json_is_true(value));
    else if (json_is_string(value) && json_string_length(value) <= FIELD_TEXT_BYTES_MAX)
        *text = (SqlValue)SQL_TEXT(json_string_value(value));
    else if (start != NULL && end != NULL)
        *text = (SqlValue)SQL_TEXT(
            *range = g_strdup_printf("%s/%s", start, end)); /* as ISO 8601 writes an interval */
    else
        return false;
    return true;
}

static bool index_fields(Store *store, gint64 revision_id, const json_t *fields, GError **error) {
    FieldRows rows = {.values = {SQL_INTEGER(revision_id)}};
    const char *key;
    json_t *field;
    json_object_foreach((json_t *)fields, key, field) {
        SqlValue *values = &rows.values[1 + rows.n * VALUES_A_FIELD];
        if (!columns_of(json_object_get(field, "value"), &values[1], &values[2], &rows.ranges[rows.n]))
            continue;
        values[0] = (SqlValue)SQL_TEXT(key);
        if (++rows.n == FIELDS_A_STATEMENT && !insert_fields(store, &rows, error))
            return false;
    }
    return insert_fields(store, &rows, error);
}

/* What counts now, and what was first, over all revisions. The order is that of receipt, then of entry. */
static bool settle(Store *store, gint64 submission, GError **error) {
    return sql_write(
        store,
        "WITH ordered AS (SELECT number, origin, received_s, on_time,"
        "   row_number() OVER (ORDER BY received_s, number) AS place FROM revision WHERE submission = ?1),"
        " since AS (SELECT coalesce(max(place), 0) AS place FROM ordered WHERE origin = 'withdrawal'),"
        " counted AS (SELECT * FROM ordered WHERE place > (SELECT place FROM since))"
        " UPDATE submission SET current = coalesce((SELECT number FROM counted ORDER BY place DESC LIMIT 1), "
        "0),"
        "   received_s = coalesce((SELECT received_s FROM counted ORDER BY place LIMIT 1), received_s),"
        "   on_time = coalesce((SELECT on_time FROM counted ORDER BY place LIMIT 1), 0),"
        "   verdict = CASE WHEN verdict IS NULL OR EXISTS (SELECT 1 FROM revision WHERE submission = ?1"
        "     AND number > verdict_number AND origin <> 'replay') THEN NULL ELSE verdict END WHERE id = ?1",
        SQL_VALUES(SQL_INTEGER(submission)), NULL, error);
}

static bool insert_submission(Store *store, const StoreRevision *revision, gint64 *ret_id, GError **error) {
    return sql_insert(
        store,
        "INSERT INTO submission (org_id, form, obligation, period, current, received_s, on_time)"
        " VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)",
        SQL_VALUES(SQL_INTEGER(revision->org_id), SQL_TEXT(revision->form), SQL_TEXT(revision->obligation),
                   SQL_TEXT(revision->period), SQL_INTEGER(revision->received_s),
                   SQL_INTEGER(revision->on_time)),
        ret_id, error);
}

static bool revision_is_valid(const StoreRevision *revision, GError **error) {
    const char *wrong = NULL;
    bool needs_message = revision->origin != REVISION_HAND && revision->origin != REVISION_WITHDRAWAL;
    if ((revision->obligation == NULL) != (revision->period == NULL))
        wrong = "obligation and period go together";
    else if (needs_message && revision->message_id == 0)
        wrong = "only what was entered by hand comes without a message";
    else if ((guint)revision->origin >= REVISION_ORIGINS || revision->digest == NULL ||
             revision->form == NULL)
        wrong = "form, origin and digest are needed";
    if (wrong != NULL)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "revision: %s", wrong);
    return wrong == NULL;
}

/* The ordinary case of settle(): nothing was withdrawn, and the new revision is the last one received. */
static bool settle_last(Store *store, const StoreRevision *revision, const Place *place, bool *ret_settled,
                        GError **error) {
    gint64 changes = 0;
    if (revision->origin != REVISION_REPLAY &&
        !sql_write(
            store,
            "UPDATE submission SET current = ?2, verdict = NULL WHERE id = ?1 AND current <> 0 AND NOT EXISTS"
            " (SELECT 1 FROM revision WHERE submission = ?1 AND (origin = 'withdrawal' OR received_s > ?3))",
            SQL_VALUES(SQL_INTEGER(place->submission), SQL_INTEGER(place->newest + 1),
                       SQL_INTEGER(revision->received_s)),
            &changes, error))
        return false;
    *ret_settled = changes > 0;
    return true;
}

/* Adds the revision at its place. */
static bool add_revision(Store *store, const StoreRevision *revision, Place *place, gint64 now_s,
                         GError **error) {
    gint64 revision_id;
    bool is_first = place->submission == 0, is_settled = false;
    if (is_first && !insert_submission(store, revision, &place->submission, error))
        return false;
    return insert_revision(store, revision, place, now_s, &revision_id, error) &&
           insert_content(store, revision_id, revision, error) &&
           index_fields(store, revision_id, revision->fields, error) &&
           (is_first || (settle_last(store, revision, place, &is_settled, error) &&
                         (is_settled || settle(store, place->submission, error))));
}

bool store_submission_resent(Store *store, gint64 submission_id, gint64 message_id, GError **error) {
    return sql_write(store, "INSERT INTO resent (message, submission) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                     SQL_VALUES(SQL_INTEGER(message_id), SQL_INTEGER(submission_id)), NULL, error);
}

bool store_record(Store *store, const StoreRevision *revision, gint64 now_s, gint64 *ret_submission_id,
                  guint *ret_number, RecordedAs *ret_as, GError **error) {
    Place place;
    gint64 number = 0;
    RecordedAs as = RECORDED_NEW;
    if (!revision_is_valid(revision, error) || !sql_need_transaction(store, error) ||
        !find_place(store, revision, &place, error))
        return false;
    if (place.submission == 0 && revision->origin == REVISION_WITHDRAWAL) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "nothing to withdraw");
        return false;
    }
    if (place.submission != 0 && !find_same(store, revision, &place, &number, &as, error))
        return false;
    if (number == 0) {
        as = place.submission == 0 ? RECORDED_NEW : RECORDED_REVISION;
        if (!add_revision(store, revision, &place, now_s, error))
            return false;
        number = place.newest + 1;
    } else if (as == RECORDED_IDENTICAL && revision->message_id != 0 && revision->origin != REVISION_REPLAY &&
               !store_submission_resent(store, place.submission, revision->message_id, error)) {
        return false;
    }
    if (ret_submission_id != NULL)
        *ret_submission_id = place.submission;
    if (ret_number != NULL)
        *ret_number = (guint)number;
    if (ret_as != NULL)
        *ret_as = as;
    return true;
}

/* ---- reading back
 * ----------------------------------------------------------------------------------------------- */

static Submission *first_submission(Store *store, SqlRows *query, GError **error) {
    g_autoptr(SqlRows) row = query;
    if (row == NULL || sql_next(store, row, error) <= 0)
        return NULL;
    return submission_from_row(row);
}

Submission *store_submission_get(Store *store, gint64 submission_id, GError **error) {
    return first_submission(store,
                            sql_query(store, SUBMISSION_WITH_CONTENT "WHERE s.id = ?1",
                                      SQL_VALUES(SQL_INTEGER(submission_id)), error),
                            error);
}

Submission *store_submission_find(Store *store, gint64 org_id, const char *obligation, const char *period,
                                  GError **error) {
    return first_submission(
        store,
        sql_query(store,
                  SUBMISSION_WITH_CONTENT "WHERE s.obligation = ?1 AND s.period = ?2 AND s.org_id = ?3",
                  SQL_VALUES(SQL_TEXT(obligation), SQL_TEXT(period), SQL_INTEGER(org_id)), error),
        error);
}

/* Counts, and sums of counts, are integers again. */
static json_t *number_json(double value) {
    const double exact_below = 9007199254740992.0; /* 2^53 */
    bool is_whole = value > -exact_below && value < exact_below && value == (double)(json_int_t)value;
    return is_whole ? json_integer((json_int_t)value) : json_real(value);
}

json_t *store_submission_numbers(Store *store, gint64 submission_id, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store,
                  "SELECT f.key, f.value_number FROM submission s JOIN revision r ON r.submission = s.id AND "
                  "r.number = s.current"
                  " JOIN field f ON f.revision = r.id WHERE s.id = ?1 AND f.value_number IS NOT NULL",
                  SQL_VALUES(SQL_INTEGER(submission_id)), error);
    if (rows == NULL)
        return NULL;
    json_t *fields = json_object();
    int got;
    while ((got = sql_next(store, rows, error)) > 0)
        json_object_set_new(fields, (const char *)sqlite3_column_text(rows, 0),
                            json_pack("{s:o}", "value", number_json(sqlite3_column_double(rows, 1))));
    if (got < 0)
        g_clear_pointer(&fields, json_decref);
    return fields;
}

bool store_submission_of_message(Store *store, gint64 message_id, gint64 *ret_submission_id, GError **error) {
    return sql_integer(
        store,
        "SELECT submission FROM (SELECT submission, id FROM revision WHERE message = ?1"
        " UNION ALL SELECT submission, 0 FROM resent WHERE message = ?1) ORDER BY id DESC LIMIT 1",
        SQL_VALUES(SQL_INTEGER(message_id)), 0, ret_submission_id, error);
}

json_t *store_revision_json(Store *store, gint64 submission_id, guint number, GError **error) {
    json_t *rows = sql_rows_json(
        store,
        "SELECT r.number, r.message, r.origin, r.received_s, r.recorded_s, r.on_time, r.digest, c.fields,"
        " c.tables, c.problems, r.reader, r.converter, r.note, r.erased_s FROM revision r"
        " LEFT JOIN revision_content c ON c.revision = r.id"
        " WHERE r.submission = ?1 AND r.number = ?2",
        SQL_VALUES(SQL_INTEGER(submission_id), SQL_INTEGER(number)), error);
    json_t *revision = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return revision;
}

bool store_found_share(Store *store, const char *obligation, const char *period, guint *ret_submissions,
                       guint *ret_found, GError **error) {
    g_autoptr(SqlRows) row = sql_query(
        store,
        "SELECT count(DISTINCT r.id), count(f.key) FROM current_revision r LEFT JOIN revision_content c"
        " ON c.revision = r.id LEFT JOIN json_each(c.fields) f WHERE r.obligation = ?1 AND r.period = ?2",
        SQL_VALUES(SQL_TEXT(obligation), SQL_TEXT(period)), error);
    if (row == NULL || sql_next(store, row, error) <= 0)
        return false;
    *ret_submissions = (guint)sqlite3_column_int64(row, 0);
    *ret_found = (guint)sqlite3_column_int64(row, 1);
    return true;
}

json_t *store_totals(Store *store, const char *obligation, const char *period, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(
        store,
        "SELECT '', count(*) FROM current_revision WHERE obligation = ?1 AND period = ?2 UNION ALL"
        " SELECT f.key, sum(f.value_number) FROM current_revision r JOIN field f ON f.revision = r.id"
        " WHERE r.obligation = ?1 AND r.period = ?2 AND f.value_number IS NOT NULL GROUP BY f.key",
        SQL_VALUES(SQL_TEXT(obligation), SQL_TEXT(period)), error);
    if (rows == NULL)
        return NULL;
    json_t *totals = json_object();
    int got;
    while ((got = sql_next(store, rows, error)) > 0)
        json_object_set_new(totals, (const char *)sqlite3_column_text(rows, 0),
                            number_json(sqlite3_column_double(rows, 1)));
    if (got < 0)
        g_clear_pointer(&totals, json_decref);
    return totals;
}

bool store_recorded_periods(Store *store, const char *obligation, GPtrArray **ret_keys, GError **error) {
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(SqlRows) rows = sql_query(
        store, "SELECT DISTINCT period FROM submission WHERE obligation = ?1 AND current > 0 ORDER BY period",
        SQL_VALUES(SQL_TEXT(obligation)), error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(keys, sql_text(rows, 0));
    if (rows == NULL || got < 0)
        return false;
    *ret_keys = g_steal_pointer(&keys);
    return true;
}
