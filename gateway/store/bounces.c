#include "gateway/store/bounces.h"

#include <string.h>

#include "gateway/store/sql.h"

#define DAY_S 86400

/* counts: 0 no, 1 yes, 2 yes and the first of its address. */
#define COUNTS_NO    0
#define COUNTS_AGAIN 1
#define COUNTS_NEWS  2

static bool count_one(Store *store, const char *address, const char *klass, gint64 since_s,
                      gint64 *ret_counts, GError **error) {
    bool is_soft = strcmp(klass, "soft") == 0;
    gint64 dead, soft;
    if (!sql_integer(store,
                     "SELECT count(*) FROM bounce WHERE address = ?1 AND counts > 0 AND over_s IS NULL",
                     SQL_VALUES(SQL_TEXT(address)), 0, &dead, error) ||
        !sql_integer(store,
                     "SELECT count(*) FROM bounce WHERE address = ?1 AND class = 'soft' AND at_s >= ?2"
                     " AND over_s IS NULL",
                     SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(since_s)), 0, &soft, error))
        return false;
    bool counts = strcmp(klass, "hard") == 0 || (is_soft && soft + 1 >= STORE_BOUNCE_SOFT_MAX);
    *ret_counts = !counts ? COUNTS_NO : dead > 0 ? COUNTS_AGAIN : COUNTS_NEWS;
    return true;
}

bool store_bounce_add(Store *store, gint64 message_id, const char *address, const char *klass, gint64 now_s,
                      bool *ret_news, GError **error) {
    gint64 since_s = now_s - STORE_BOUNCE_DAYS * DAY_S, letters, known, counts;
    if (!sql_integer(store, "SELECT count(*) FROM outbox WHERE started_s >= ?2 AND to_address = ?1",
                     SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(since_s)), 0, &letters, error) ||
        !sql_integer(store, "SELECT count(*) FROM bounce WHERE message = ?1",
                     SQL_VALUES(SQL_INTEGER(message_id)), 0, &known, error))
        return false;
    if (ret_news != NULL)
        *ret_news = false;
    if (letters == 0 || known != 0)
        return true;
    if (!count_one(store, address, klass, since_s, &counts, error) ||
        !sql_write(store,
                   "INSERT INTO bounce (message, address, class, counts, at_s) VALUES (?1, ?2, ?3, ?4, ?5)",
                   SQL_VALUES(SQL_INTEGER(message_id), SQL_TEXT(address), SQL_TEXT(klass),
                              SQL_INTEGER(counts), SQL_INTEGER(now_s)),
                   NULL, error))
        return false;
    if (ret_news != NULL)
        *ret_news = counts == COUNTS_NEWS;
    return true;
}

bool store_bounce_over(Store *store, const char *address, gint64 now_s, bool *ret_changed, GError **error) {
    gint64 dead;
    if (!sql_integer(store, "SELECT count(*) FROM bounce WHERE address = ?1 AND over_s IS NULL",
                     SQL_VALUES(SQL_TEXT(address)), 0, &dead, error))
        return false;
    *ret_changed = dead > 0;
    return dead == 0 ||
           sql_write(store, "UPDATE bounce SET over_s = ?2 WHERE address = ?1 AND over_s IS NULL",
                     SQL_VALUES(SQL_TEXT(address), SQL_INTEGER(now_s)), NULL, error);
}

bool store_bounce_was_news(Store *store, gint64 message_id, bool *ret_news, GError **error) {
    gint64 counts;
    if (!sql_integer(store, "SELECT counts FROM bounce WHERE message = ?1",
                     SQL_VALUES(SQL_INTEGER(message_id)), COUNTS_NO, &counts, error))
        return false;
    *ret_news = counts == COUNTS_NEWS;
    return true;
}
