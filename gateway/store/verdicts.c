#include "gateway/store/verdicts.h"

#include "gateway/store/sql.h"

bool store_verdict_add(Store *store, const StoreVerdict *verdict, gint64 now_s, GError **error) {
    const char *name = verdict_name(verdict->verdict);
    gint64 id;
    return sql_insert(
               store,
               "INSERT INTO verdict (submission, number, verdict, reason, by_address, message, decided_s)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
               SQL_VALUES(SQL_INTEGER(verdict->submission_id), SQL_INTEGER(verdict->revision), SQL_TEXT(name),
                          SQL_TEXT(verdict->reason), SQL_TEXT(verdict->by_address),
                          SQL_ID(verdict->message_id), SQL_INTEGER(now_s)),
               &id, error) &&
           sql_write(store,
                     "UPDATE submission SET verdict = ?3, verdict_number = ?2, verdict_reason = ?4,"
                     " verdict_s = ?5 WHERE id = ?1 AND current = ?2",
                     SQL_VALUES(SQL_INTEGER(verdict->submission_id), SQL_INTEGER(verdict->revision),
                                SQL_TEXT(name), SQL_TEXT(verdict->reason), SQL_INTEGER(now_s)),
                     NULL, error);
}
