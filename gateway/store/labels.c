#include "gateway/store/labels.h"

#include "gateway/store/sql.h"

bool store_label_teach(Store *store, const StoreLabel *label, gint64 now_s, GError **error) {
    return sql_write(
        store,
        "INSERT INTO learnt_label (form, field, normal, label, learnt_s) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (form, normal) DO UPDATE SET field = excluded.field, label = excluded.label,"
        " learnt_s = excluded.learnt_s",
        SQL_VALUES(SQL_TEXT(label->form), SQL_TEXT(label->field), SQL_TEXT(label->normal),
                   SQL_TEXT(label->label), SQL_INTEGER(now_s)),
        NULL, error);
}

bool store_label_forget(Store *store, const char *form, const char *normal, bool *ret_was_known,
                        GError **error) {
    gint64 changes;
    if (!sql_write(store, "DELETE FROM learnt_label WHERE form = ?1 AND normal = ?2",
                   SQL_VALUES(SQL_TEXT(form), SQL_TEXT(normal)), &changes, error))
        return false;
    *ret_was_known = changes > 0;
    return true;
}

bool store_label_met(Store *store, const char *form, const char *normal, gint64 now_s, GError **error) {
    return sql_write(store, "INSERT OR IGNORE INTO met_label (form, normal, since_s) VALUES (?1, ?2, ?3)",
                     SQL_VALUES(SQL_TEXT(form), SQL_TEXT(normal), SQL_INTEGER(now_s)), NULL, error);
}

bool store_labels_told(Store *store, gint64 now_s, GError **error) {
    return sql_write(store, "UPDATE met_label SET told_s = ?1 WHERE told_s IS NULL",
                     SQL_VALUES(SQL_INTEGER(now_s)), NULL, error);
}

json_t *store_labels_learnt(Store *store, GError **error) {
    return sql_rows_json(store,
                         "SELECT form, field, label, learnt_s FROM learnt_label ORDER BY form, field, label",
                         SQL_NO_VALUES, error);
}

json_t *store_labels_strange(Store *store, guint limit, GError **error) {
    return sql_rows_json(
        store,
        "WITH strange AS (SELECT r.json ->> '$.form' AS form, u.value AS label, NULL AS field, r.message AS "
        "message"
        "   FROM reading r, json_each(r.json, '$.unmatched') u UNION ALL"
        " SELECT r.json ->> '$.form', g.value ->> '$.label', g.value ->> '$.field', r.message"
        "   FROM reading r, json_each(r.json, '$.guessed') g)"
        " SELECT form, label, field, count(*) AS count, max(message) AS message FROM strange"
        " GROUP BY form, label, field ORDER BY count(*) DESC, form, label LIMIT ?1",
        SQL_VALUES(SQL_INTEGER(limit)), error);
}
