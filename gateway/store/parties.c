#include "gateway/store/parties.h"

#include "gateway/store/roster.h"
#include "gateway/store/sql.h"

bool store_party_set(Store *store, const StoreParty *party, gint64 now_s, gint64 *ret_id, GError **error) {
    const char *kind = party->kind == OWED_BY_SECTIONS ? "section" : "person";
    g_autofree char *normal = g_strdup_printf("%s/%s/%s", kind, party->role, party->identity);
    const Contact contact = {.role = (char *)party->role,
                             .name = (char *)party->contact_name,
                             .address = (char *)party->address,
                             .phone = (char *)party->phone};
    gint64 id;
    if (!sql_integer(store, "SELECT id FROM organization WHERE normal = ?1", SQL_VALUES(SQL_TEXT(normal)), 0,
                     &id, error))
        return false;
    bool written =
        id != 0
            ? sql_write(store, "UPDATE organization SET name = ?2, section = ?3, suspended = 0 WHERE id = ?1",
                        SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(party->name), SQL_TEXT(party->section)), NULL,
                        error)
            : sql_insert(store,
                         "INSERT INTO organization (name, normal, section, kind, role, created_s)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                         SQL_VALUES(SQL_TEXT(party->name), SQL_TEXT(normal), SQL_TEXT(party->section),
                                    SQL_TEXT(kind), SQL_TEXT(party->role), SQL_INTEGER(now_s)),
                         &id, error);
    if (!written || !store_contact_set(store, id, &contact, now_s, 0, NULL, error))
        return false;
    *ret_id = id;
    return true;
}

/* Ids of all parties that are not suspended. */
static bool present_ids(Store *store, GArray *ids, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT id FROM organization WHERE kind <> 'organization' AND suspended = 0",
                  SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        gint64 id = sqlite3_column_int64(rows, 0);
        g_array_append_val(ids, id);
    }
    return rows != NULL && got == 0;
}

bool store_parties_end(Store *store, const GArray *present, GError **error) {
    g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(gint64));
    if (!present_ids(store, known, error))
        return false;
    for (guint i = 0; i < known->len; i++) {
        gint64 id = g_array_index(known, gint64, i);
        bool is_present = false;
        for (guint j = 0; j < present->len && !is_present; j++)
            is_present = g_array_index(present, gint64, j) == id;
        if (!is_present && !store_org_set_suspended(store, id, true, error))
            return false;
    }
    return true;
}
