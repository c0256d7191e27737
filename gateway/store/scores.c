#include "gateway/store/scores.h"

#include "gateway/store/sql.h"

static json_t *publication_head(Store *store, const char *obligation, const char *period, gint64 *ret_id,
                                GError **error) {
    g_autoptr(SqlRows) row = sql_query(store,
                                       "SELECT id, formula, at_s, letter FROM score_publication"
                                       " WHERE obligation = ?1 AND period = ?2 ORDER BY id DESC LIMIT 1",
                                       SQL_VALUES(SQL_TEXT(obligation), SQL_TEXT(period)), error);
    int got = row != NULL ? sql_next(store, row, error) : -1;
    if (got <= 0)
        return got == 0 ? json_null() : NULL;
    *ret_id = sqlite3_column_int64(row, 0);
    return json_pack("{s:s, s:I, s:I, s:[]}", "formula", (const char *)sqlite3_column_text(row, 1), "at_s",
                     (json_int_t)sqlite3_column_int64(row, 2), "letter",
                     (json_int_t)sqlite3_column_int64(row, 3), "scores");
}

json_t *store_scores_published(Store *store, const char *obligation, const char *period, GError **error) {
    gint64 id = 0;
    json_t *publication = publication_head(store, obligation, period, &id, error);
    if (!json_is_object(publication))
        return publication;
    g_autoptr(SqlRows) rows = sql_query(
        store, "SELECT org_id, points, lines FROM published_score WHERE publication = ?1 ORDER BY org_id",
        SQL_VALUES(SQL_INTEGER(id)), error);
    int got = -1;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        json_array_append_new(
            json_object_get(publication, "scores"),
            json_pack("{s:I, s:I, s:o}", "org_id", (json_int_t)sqlite3_column_int64(rows, 0), "points",
                      (json_int_t)sqlite3_column_int64(rows, 1), "lines", sql_json(rows, 2)));
    if (got < 0)
        g_clear_pointer(&publication, json_decref);
    return publication;
}

static bool insert_score(Store *store, gint64 publication, const json_t *score, GError **error) {
    char *lines = json_dumps(json_object_get(score, "lines"), JSON_COMPACT);
    bool good = sql_write(
        store, "INSERT INTO published_score (publication, org_id, points, lines) VALUES (?1, ?2, ?3, ?4)",
        SQL_VALUES(SQL_INTEGER(publication),
                   SQL_INTEGER(json_integer_value(json_object_get(score, "org_id"))),
                   SQL_INTEGER(json_integer_value(json_object_get(score, "points"))), SQL_TEXT(lines)),
        NULL, error);
    free(lines);
    return good;
}

/* The same organizations with the same points, in any order. */
static bool is_same(const json_t *published, const json_t *scores) {
    g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);
    gsize i, n = json_array_size(published);
    json_t *score;
    if (n != json_array_size(scores))
        return false;
    g_autofree gint64 *keys = g_new0(gint64, n + 1);
    json_array_foreach(published, i, score) {
        keys[i] = json_integer_value(json_object_get(score, "org_id"));
        g_hash_table_insert(known, &keys[i], score);
    }
    json_array_foreach(scores, i, score) {
        gint64 org_id = json_integer_value(json_object_get(score, "org_id"));
        const json_t *other = g_hash_table_lookup(known, &org_id);
        if (other == NULL || !json_equal(json_object_get(other, "lines"), json_object_get(score, "lines")) ||
            !json_equal(json_object_get(other, "points"), json_object_get(score, "points")))
            return false;
    }
    return true;
}

bool store_scores_publish(Store *store, const char *obligation, const char *period, const char *formula,
                          const json_t *scores, gint64 letter_id, gint64 now_s, bool *ret_added,
                          GError **error) {
    gint64 id;
    json_t *last = store_scores_published(store, obligation, period, error);
    if (last == NULL)
        return false;
    bool known = g_strcmp0(json_string_value(json_object_get(last, "formula")), formula) == 0 &&
                 is_same(json_object_get(last, "scores"), scores);
    json_decref(last);
    if (ret_added != NULL)
        *ret_added = !known;
    if (known)
        return true;
    if (!sql_insert(store,
                    "INSERT INTO score_publication (obligation, period, formula, letter, at_s) VALUES (?1, "
                    "?2, ?3, ?4, ?5)",
                    SQL_VALUES(SQL_TEXT(obligation), SQL_TEXT(period), SQL_TEXT(formula), SQL_ID(letter_id),
                               SQL_INTEGER(now_s)),
                    &id, error))
        return false;
    gsize i;
    json_t *score;
    json_array_foreach(scores, i, score)
        if (!insert_score(store, id, score, error))
            return false;
    return true;
}
