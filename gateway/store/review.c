#include "gateway/store/review.h"

#include "gateway/store/sql.h"

void store_review_free(StoreReview *review) {
    if (review == NULL)
        return;
    g_free(review->code);
    g_free(review->text);
    g_free(review->outcome);
    g_free(review);
}

bool store_review_open(Store *store, gint64 message_id, const char *code, const char *text, gint64 now_s,
                       gint64 *ret_id, bool *ret_new, GError **error) {
    gint64 id;
    if (!sql_integer(store, "SELECT id FROM review WHERE message = ?1 AND code = ?2 AND closed_s IS NULL",
                     SQL_VALUES(SQL_INTEGER(message_id), SQL_TEXT(code)), 0, &id, error))
        return false;
    bool is_new = id == 0;
    if (is_new &&
        !sql_insert(store, "INSERT INTO review (message, code, text, opened_s) VALUES (?1, ?2, ?3, ?4)",
                    SQL_VALUES(SQL_INTEGER(message_id), SQL_TEXT(code), SQL_TEXT(text), SQL_INTEGER(now_s)),
                    &id, error))
        return false;
    if (ret_id != NULL)
        *ret_id = id;
    if (ret_new != NULL)
        *ret_new = is_new;
    return true;
}

bool store_review_close(Store *store, gint64 id, const char *outcome, gint64 now_s, GError **error) {
    gint64 changes;
    if (!sql_write(store, "UPDATE review SET closed_s = ?3, outcome = ?2 WHERE id = ?1 AND closed_s IS NULL",
                   SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(outcome), SQL_INTEGER(now_s)), &changes, error))
        return false;
    if (changes > 0)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no open review entry %" G_GINT64_FORMAT,
                id);
    return false;
}

bool store_review_close_message(Store *store, gint64 message_id, const char *outcome, gint64 now_s,
                                GError **error) {
    return sql_write(store,
                     "UPDATE review SET closed_s = ?3, outcome = ?2 WHERE message = ?1 AND closed_s IS NULL",
                     SQL_VALUES(SQL_INTEGER(message_id), SQL_TEXT(outcome), SQL_INTEGER(now_s)), NULL, error);
}

static StoreReview *review_from_row(SqlRows *row) {
    StoreReview *review = g_new0(StoreReview, 1);
    review->id = sqlite3_column_int64(row, 0);
    review->message_id = sqlite3_column_int64(row, 1);
    review->code = sql_text(row, 2);
    review->text = sql_text(row, 3);
    review->opened_s = sqlite3_column_int64(row, 4);
    review->closed_s = sqlite3_column_int64(row, 5);
    review->outcome = sql_text(row, 6);
    return review;
}

StoreReview *store_review_get(Store *store, gint64 id, GError **error) {
    g_autoptr(SqlRows) row = sql_query(
        store, "SELECT id, message, code, text, opened_s, closed_s, outcome FROM review WHERE id = ?1",
        SQL_VALUES(SQL_INTEGER(id)), error);
    int got = row != NULL ? sql_next(store, row, error) : -1;
    if (got == 0)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no review entry %" G_GINT64_FORMAT,
                    id);
    return got > 0 ? review_from_row(row) : NULL;
}

bool store_review_count_open(Store *store, gint64 message_id, guint *ret_count, GError **error) {
    gint64 count;
    if (!sql_integer(store, "SELECT count(*) FROM review WHERE message = ?1 AND closed_s IS NULL",
                     SQL_VALUES(SQL_INTEGER(message_id)), 0, &count, error))
        return false;
    *ret_count = (guint)count;
    return true;
}

bool store_review_list(Store *store, bool open_only, gint64 since_s, guint limit, GPtrArray **ret_reviews,
                       GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store,
                  "SELECT id, message, code, text, opened_s, closed_s, outcome FROM review"
                  " WHERE opened_s >= ?1 AND (?2 = 0 OR closed_s IS NULL) ORDER BY opened_s, id LIMIT ?3",
                  SQL_VALUES(SQL_INTEGER(since_s), SQL_INTEGER(open_only), SQL_INTEGER(limit)), error);
    if (rows == NULL)
        return false;
    g_autoptr(GPtrArray) reviews = g_ptr_array_new_with_free_func((GDestroyNotify)store_review_free);
    int got;
    while ((got = sql_next(store, rows, error)) > 0)
        g_ptr_array_add(reviews, review_from_row(rows));
    if (got < 0)
        return false;
    *ret_reviews = g_steal_pointer(&reviews);
    return true;
}
