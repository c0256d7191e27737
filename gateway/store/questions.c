#include "gateway/store/questions.h"

#include "gateway/store/sql.h"

#define QUESTION_SELECT                                                                                      \
    "SELECT id, text, org_id, section, message, asked_s, known_s, state, changed_s, passed_s, nudged_s,"     \
    " escalated_s, answered_s, cluster, asker, (SELECT e.text FROM question_event e WHERE e.question ="      \
    " question.id AND e.event = 'answer' AND e.text <> '' ORDER BY e.id DESC LIMIT 1) FROM question "

static TrackedQuestion *question_from_row(SqlRows *row) {
    TrackedQuestion *question = g_new0(TrackedQuestion, 1);
    g_autofree char *state = sql_text(row, 7);
    question->id = sqlite3_column_int64(row, 0);
    question->text = sql_text(row, 1);
    question->org_id = sqlite3_column_int64(row, 2);
    question->section = sql_text(row, 3);
    question->message_id = sqlite3_column_int64(row, 4);
    question->asked_s = sqlite3_column_int64(row, 5);
    question->known_s = sqlite3_column_int64(row, 6);
    question_state_from_name(state, &question->state);
    question->changed_s = sqlite3_column_int64(row, 8);
    question->passed_s = sqlite3_column_int64(row, 9);
    question->nudged_s = sqlite3_column_int64(row, 10);
    question->escalated_s = sqlite3_column_int64(row, 11);
    question->answered_s = sqlite3_column_int64(row, 12);
    question->cluster = sqlite3_column_int64(row, 13);
    question->asker = sql_text(row, 14);
    question->answer = sql_text(row, 15);
    return question;
}

static bool load(Store *store, SqlRows *query, GPtrArray **ret_questions, GError **error) {
    g_autoptr(SqlRows) rows = query;
    g_autoptr(GPtrArray) questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(questions, question_from_row(rows));
    if (rows == NULL || got < 0)
        return false;
    *ret_questions = g_steal_pointer(&questions);
    return true;
}

static bool note(Store *store, gint64 id, const QuestionChange *change, gint64 now_s, GError **error) {
    return sql_write(store,
                     "INSERT INTO question_event (question, at_s, event, message, letter, text)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                     SQL_VALUES(SQL_INTEGER(id), SQL_INTEGER(now_s), SQL_TEXT(change->event),
                                SQL_ID(change->message_id), SQL_ID(change->letter_id),
                                SQL_TEXT(change->text)),
                     NULL, error);
}

bool store_question_add(Store *store, const TrackedQuestion *question, const char *normal, const char *source,
                        gint64 now_s, gint64 *ret_id, GError **error) {
    gint64 id;
    QuestionChange change = {.event = "known", .message_id = question->message_id};
    if (!sql_insert(
            store,
            "INSERT INTO question (text, normal, org_id, section, message, source, asked_s, known_s, "
            "state, changed_s, answered_s, asker) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            SQL_VALUES(SQL_TEXT(question->text), SQL_TEXT(normal), SQL_ID(question->org_id),
                       SQL_TEXT(question->section), SQL_ID(question->message_id), SQL_TEXT(source),
                       SQL_INTEGER(question->asked_s), SQL_INTEGER(question->known_s),
                       SQL_TEXT(question_state_name(question->state)), SQL_INTEGER(now_s),
                       SQL_ID(question->answered_s), SQL_TEXT(question->asker)),
            &id, error) ||
        !note(store, id, &change, now_s, error))
        return false;
    *ret_id = id;
    return true;
}

bool store_question_change(Store *store, gint64 id, QuestionState state, const QuestionChange *change,
                           gint64 now_s, GError **error) {
    gint64 changes;
    if (!sql_write(store,
                   "UPDATE question SET state = ?2, changed_s = ?3,"
                   " passed_s = CASE ?4 WHEN 'pass_on' THEN ?3 ELSE passed_s END,"
                   " nudged_s = CASE ?4 WHEN 'nudge' THEN ?3 ELSE nudged_s END,"
                   " escalated_s = CASE ?4 WHEN 'escalate' THEN ?3 ELSE escalated_s END,"
                   " answered_s = coalesce(?5, answered_s) WHERE id = ?1",
                   SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(question_state_name(state)), SQL_INTEGER(now_s),
                              SQL_TEXT(change->event), SQL_ID(change->answered_s)),
                   &changes, error))
        return false;
    if (changes == 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no question %" G_GINT64_FORMAT, id);
        return false;
    }
    return note(store, id, change, now_s, error);
}

bool store_question_correct(Store *store, gint64 id, const char *text, const char *normal, gint64 asked_s,
                            GError **error) {
    return sql_write(store, "UPDATE question SET text = ?2, normal = ?3, asked_s = ?4 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(text), SQL_TEXT(normal), SQL_INTEGER(asked_s)),
                     NULL, error);
}

bool store_questions_unsettled(Store *store, GPtrArray **ret_questions, GError **error) {
    return load(store,
                sql_query(store, QUESTION_SELECT "WHERE state NOT IN ('answered', 'closed') ORDER BY id",
                          SQL_NO_VALUES, error),
                ret_questions, error);
}

bool store_questions_named(Store *store, const char *normal, GPtrArray **ret_questions, GError **error) {
    return load(store,
                sql_query(store, QUESTION_SELECT "WHERE normal = ?1 ORDER BY id",
                          SQL_VALUES(SQL_TEXT(normal)), error),
                ret_questions, error);
}

bool store_questions_of_source(Store *store, const char *source, GPtrArray **ret_questions, GError **error) {
    return load(store,
                sql_query(store, QUESTION_SELECT "WHERE source = ?1 ORDER BY id LIMIT 1",
                          SQL_VALUES(SQL_TEXT(source)), error),
                ret_questions, error);
}

bool store_questions_newest(Store *store, guint limit, GPtrArray **ret_questions, GError **error) {
    return load(
        store,
        sql_query(store, QUESTION_SELECT "ORDER BY id DESC LIMIT ?1", SQL_VALUES(SQL_INTEGER(limit)), error),
        ret_questions, error);
}

TrackedQuestion *store_question_get(Store *store, gint64 id, GError **error) {
    g_autoptr(GPtrArray) found = NULL;
    if (!load(store, sql_query(store, QUESTION_SELECT "WHERE id = ?1", SQL_VALUES(SQL_INTEGER(id)), error),
              &found, error))
        return NULL;
    if (found->len == 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no question %" G_GINT64_FORMAT, id);
        return NULL;
    }
    return g_ptr_array_steal_index(found, 0);
}

/* ---- which are one
 * ------------------------------------------------------------------------------------------------ */

bool store_questions_of_cluster(Store *store, gint64 cluster, GPtrArray **ret_questions, GError **error) {
    return load(store,
                sql_query(store, QUESTION_SELECT "WHERE cluster = ?1 ORDER BY id",
                          SQL_VALUES(SQL_INTEGER(cluster)), error),
                ret_questions, error);
}

bool store_question_set_cluster(Store *store, gint64 id, gint64 cluster, const QuestionChange *why,
                                gint64 now_s, GError **error) {
    return sql_write(store, "UPDATE question SET cluster = ?2 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(id), SQL_ID(cluster)), NULL, error) &&
           note(store, id, why, now_s, error);
}

bool store_questions_set_apart(Store *store, gint64 id, gint64 other, gint64 now_s, GError **error) {
    return sql_write(store,
                     "INSERT INTO question_apart (a, b, at_s) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                     SQL_VALUES(SQL_INTEGER(MIN(id, other)), SQL_INTEGER(MAX(id, other)), SQL_INTEGER(now_s)),
                     NULL, error);
}

bool store_questions_join_apart(Store *store, gint64 id, gint64 other, GError **error) {
    return sql_write(store, "DELETE FROM question_apart WHERE a = ?1 AND b = ?2",
                     SQL_VALUES(SQL_INTEGER(MIN(id, other)), SQL_INTEGER(MAX(id, other))), NULL, error);
}

bool store_questions_apart(Store *store, GArray **ret_pairs, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT a, b FROM question_apart ORDER BY a, b", SQL_NO_VALUES, error);
    g_autoptr(GArray) pairs = g_array_new(FALSE, FALSE, sizeof(QuestionsApart));
    int got = 0;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        QuestionsApart pair = {sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1)};
        g_array_append_val(pairs, pair);
    }
    if (rows == NULL || got < 0)
        return false;
    *ret_pairs = g_steal_pointer(&pairs);
    return true;
}

/* ---- who answers
 * ------------------------------------------------------------------------------------------------ */

bool store_answerers_set(Store *store, gint64 org_id, const GPtrArray *answerers, GError **error) {
    if (!sql_write(store, "DELETE FROM answerer WHERE org_id = ?1", SQL_VALUES(SQL_INTEGER(org_id)), NULL,
                   error))
        return false;
    for (guint i = 0; i < answerers->len; i++) {
        const Answerer *answerer = g_ptr_array_index(answerers, i);
        if (!sql_write(store, "INSERT INTO answerer (org_id, position, name, type) VALUES (?1, ?2, ?3, ?4)",
                       SQL_VALUES(SQL_INTEGER(org_id), SQL_INTEGER(i), SQL_TEXT(answerer->name),
                                  SQL_TEXT(answerer->type)),
                       NULL, error))
            return false;
    }
    return true;
}

bool store_answerers(Store *store, GPtrArray **ret_answerers, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(
        store, "SELECT org_id, name, type FROM answerer ORDER BY org_id, position", SQL_NO_VALUES, error);
    g_autoptr(GPtrArray) answerers = g_ptr_array_new_with_free_func((GDestroyNotify)answerer_free);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        Answerer *answerer = g_new0(Answerer, 1);
        answerer->org_id = sqlite3_column_int64(rows, 0);
        answerer->name = sql_text(rows, 1);
        answerer->type = sql_text(rows, 2);
        g_ptr_array_add(answerers, answerer);
    }
    if (rows == NULL || got < 0)
        return false;
    *ret_answerers = g_steal_pointer(&answerers);
    return true;
}
