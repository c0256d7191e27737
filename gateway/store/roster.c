#include "gateway/store/roster.h"

#include "gateway/store/sql.h"

static bool org_not_found(gint64 org_id, GError **error) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no organization %" G_GINT64_FORMAT,
                org_id);
    return false;
}

static bool org_exists(Store *store, gint64 org_id, GError **error) {
    gint64 id;
    if (!sql_integer(store, "SELECT id FROM organization WHERE id = ?1 AND merged_into IS NULL",
                     SQL_VALUES(SQL_INTEGER(org_id)), 0, &id, error))
        return false;
    return id != 0 || org_not_found(org_id, error);
}

/* ---- names
 * ------------------------------------------------------------------------------------------------------ */

/* The first organization of a query of ids, 0 where it has none or several; their number. */
static bool only_one(Store *store, SqlRows *query, gint64 *ret_org_id, guint *ret_candidates,
                     GError **error) {
    g_autoptr(SqlRows) rows = query;
    gint64 first = 0;
    guint candidates = 0;
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0)
        if (candidates++ == 0)
            first = sqlite3_column_int64(rows, 0);
    if (rows == NULL || got < 0)
        return false;
    *ret_org_id = candidates == 1 ? first : 0;
    if (ret_candidates != NULL)
        *ret_candidates = candidates;
    return true;
}

bool store_org_by_name(Store *store, const char *normal, gint64 *ret_org_id, guint *ret_candidates,
                       GError **error) {
    return only_one(store,
                    sql_query(store,
                              "SELECT id FROM organization WHERE normal = ?1 AND merged_into IS NULL"
                              " UNION SELECT org_id FROM alias WHERE normal = ?1",
                              SQL_VALUES(SQL_TEXT(normal)), error),
                    ret_org_id, ret_candidates, error);
}

bool store_org_by_address(Store *store, const char *address, gint64 *ret_org_id, guint *ret_candidates,
                          GError **error) {
    return only_one(store,
                    sql_query(store,
                              "SELECT DISTINCT org_id FROM contact WHERE address = ?1 AND until_s IS NULL",
                              SQL_VALUES(SQL_TEXT(address)), error),
                    ret_org_id, ret_candidates, error);
}

bool store_org_upsert(Store *store, const StoreOrganization *organization, gint64 now_s, gint64 *ret_id,
                      bool *ret_new, GError **error) {
    gint64 id;
    guint candidates = 0;
    if (!sql_integer(store, "SELECT id FROM organization WHERE normal = ?1 AND merged_into IS NULL",
                     SQL_VALUES(SQL_TEXT(organization->normal)), 0, &id, error) ||
        (id == 0 && !store_org_by_name(store, organization->normal, &id, &candidates, error)))
        return false;
    if (candidates > 1) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                    "\"%s\" is another name of %u organizations", organization->name, candidates);
        return false;
    }
    bool is_new = id == 0;
    bool written =
        is_new ? sql_insert(store,
                            "INSERT INTO organization (name, normal, section, team, since_s, created_s)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                            SQL_VALUES(SQL_TEXT(organization->name), SQL_TEXT(organization->normal),
                                       SQL_TEXT(organization->section), SQL_TEXT(organization->team),
                                       SQL_INTEGER(organization->since_s), SQL_INTEGER(now_s)),
                            &id, error)
               : sql_write(store,
                           "UPDATE organization SET section = coalesce(?2, section), team = coalesce(?3, "
                           "team) WHERE id = ?1",
                           SQL_VALUES(SQL_INTEGER(id), SQL_TEXT(organization->section),
                                      SQL_TEXT(organization->team)),
                           NULL, error);
    if (!written)
        return false;
    *ret_id = id;
    if (ret_new != NULL)
        *ret_new = is_new;
    return true;
}

bool store_org_add_alias(Store *store, gint64 org_id, const char *alias, const char *normal, GError **error) {
    return org_exists(store, org_id, error) &&
           sql_write(store,
                     "INSERT INTO alias (org_id, normal, name) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                     SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(normal), SQL_TEXT(alias)), NULL, error);
}

bool store_org_rename(Store *store, gint64 org_id, const char *name, const char *normal, GError **error) {
    gint64 taken;
    if (!org_exists(store, org_id, error) ||
        !sql_integer(store,
                     "SELECT id FROM organization WHERE normal = ?1 AND merged_into IS NULL AND id <> ?2",
                     SQL_VALUES(SQL_TEXT(normal), SQL_INTEGER(org_id)), 0, &taken, error))
        return false;
    if (taken != 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "organization %" G_GINT64_FORMAT " bears the name \"%s\" already; merge them instead",
                    taken, name);
        return false;
    }
    return sql_write(store,
                     "INSERT INTO alias (org_id, normal, name) SELECT id, normal, name FROM organization"
                     " WHERE id = ?1 AND normal <> ?2 ON CONFLICT DO NOTHING",
                     SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(normal)), NULL, error) &&
           sql_write(store, "UPDATE organization SET name = ?2, normal = ?3 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(name), SQL_TEXT(normal)), NULL, error);
}

bool store_org_set_suspended(Store *store, gint64 org_id, bool suspended, GError **error) {
    return org_exists(store, org_id, error) &&
           sql_write(store, "UPDATE organization SET suspended = ?2 WHERE id = ?1",
                     SQL_VALUES(SQL_INTEGER(org_id), SQL_INTEGER(suspended)), NULL, error);
}

/* In this order: names; contacts whose role is taken end, then all move; the rest moves where nothing is in
 * its place. */
static const char *const merge_steps[] = {
    "INSERT INTO alias (org_id, normal, name) SELECT ?2, normal, name FROM organization WHERE id = ?1"
    " ON CONFLICT DO NOTHING",
    "UPDATE OR IGNORE alias SET org_id = ?2 WHERE org_id = ?1",
    "DELETE FROM alias WHERE org_id = ?1",
    "UPDATE contact SET until_s = max(?3, from_s) WHERE org_id = ?1 AND until_s IS NULL AND role IN"
    " (SELECT role FROM contact WHERE org_id = ?2 AND until_s IS NULL)",
    "UPDATE contact SET org_id = ?2 WHERE org_id = ?1",
    "UPDATE OR IGNORE exemption SET org_id = ?2 WHERE org_id = ?1",
    "UPDATE exemption SET revoked_s = ?3 WHERE org_id = ?1 AND revoked_s IS NULL",
    "UPDATE OR IGNORE extension SET org_id = ?2 WHERE org_id = ?1",
    "UPDATE extension SET revoked_s = ?3 WHERE org_id = ?1 AND revoked_s IS NULL",
    "UPDATE message SET org_id = ?2 WHERE org_id = ?1",
    "UPDATE OR IGNORE submission SET org_id = ?2 WHERE org_id = ?1",
    "UPDATE organization SET merged_into = ?2 WHERE (id = ?1 OR merged_into = ?1)",
};

bool store_org_merge(Store *store, gint64 from, gint64 into, gint64 now_s, GError **error) {
    if (from == into) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                    "an organization cannot become part of itself");
        return false;
    }
    if (!org_exists(store, from, error) || !org_exists(store, into, error))
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(merge_steps); i++)
        if (!sql_write(store, merge_steps[i],
                       SQL_VALUES(SQL_INTEGER(from), SQL_INTEGER(into), SQL_INTEGER(now_s)), NULL, error))
            return false;
    return true;
}

/* ---- contacts
 * --------------------------------------------------------------------------------------------------- */

/* Is what was said (NULL: nothing) other than what is stored? */
static bool differs(const char *said, SqlRows *row, int column) {
    return said != NULL && g_strcmp0(said, (const char *)sqlite3_column_text(row, column)) != 0;
}

/* What follows from news about a role. */
typedef struct {
    gint64 present; /* contact that holds the role now, 0: none */
    gint64 present_from_s;
    bool is_news;   /* something is said that is not stored */
    Contact merged; /* what holds from now on; owned */
} RoleNews;

static void role_news_clear(RoleNews *news) {
    g_free(news->merged.role);
    g_free(news->merged.name);
    g_free(news->merged.address);
    g_free(news->merged.phone);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RoleNews, role_news_clear)

static bool compare_with_present(Store *store, gint64 org_id, const Contact *said, RoleNews *news,
                                 GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT id, from_s, name, address, phone FROM contact"
                                        " WHERE org_id = ?1 AND role = ?2 AND until_s IS NULL",
                                        SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(said->role)), error);
    int got = rows != NULL ? sql_next(store, rows, error) : -1;
    if (got < 0)
        return false;
    bool other_person = got == 0 || differs(said->name, rows, 2);
    news->merged.name = said->name != NULL || other_person ? g_strdup(said->name) : sql_text(rows, 2);
    news->merged.address =
        said->address != NULL || other_person ? g_strdup(said->address) : sql_text(rows, 3);
    news->merged.phone = said->phone != NULL || other_person ? g_strdup(said->phone) : sql_text(rows, 4);
    news->is_news = other_person || differs(said->address, rows, 3) || differs(said->phone, rows, 4);
    if (got > 0) {
        news->present = sqlite3_column_int64(rows, 0);
        news->present_from_s = sqlite3_column_int64(rows, 1);
    }
    return true;
}

bool store_contact_set(Store *store, gint64 org_id, const Contact *contact, gint64 from_s, gint64 message_id,
                       bool *ret_changed, GError **error) {
    g_auto(RoleNews) news = {0};
    if (!org_exists(store, org_id, error) || !compare_with_present(store, org_id, contact, &news, error))
        return false;
    bool is_older = news.present != 0 && from_s < news.present_from_s;
    const Contact *kept = is_older ? contact : &news.merged;
    if (news.is_news) {
        if (news.present != 0 && !is_older &&
            !sql_write(store, "UPDATE contact SET until_s = ?2 WHERE id = ?1",
                       SQL_VALUES(SQL_INTEGER(news.present), SQL_INTEGER(from_s)), NULL, error))
            return false;
        if (!sql_write(store,
                       "INSERT INTO contact (org_id, role, name, address, phone, from_s, until_s, message)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                       SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(contact->role), SQL_TEXT(kept->name),
                                  SQL_TEXT(kept->address), SQL_TEXT(kept->phone), SQL_INTEGER(from_s),
                                  SQL_ID(is_older ? news.present_from_s : 0), SQL_ID(message_id)),
                       NULL, error))
            return false;
    }
    if (ret_changed != NULL)
        *ret_changed = news.is_news && !is_older;
    return true;
}

bool store_contact_end(Store *store, gint64 org_id, const char *role, gint64 until_s, GError **error) {
    return sql_write(
        store,
        "UPDATE contact SET until_s = max(?3, from_s) WHERE org_id = ?1 AND role = ?2 AND until_s IS NULL",
        SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(role), SQL_INTEGER(until_s)), NULL, error);
}

/* ---- exemptions
 * ------------------------------------------------------------------------------------------------- */

bool store_exempt(Store *store, const Exemption *exemption, gint64 now_s, GError **error) {
    const char *period = exemption->period != NULL ? exemption->period : "";
    return org_exists(store, exemption->org_id, error) &&
           sql_write(store,
                     "INSERT INTO exemption (org_id, obligation, period, reason, created_s) VALUES (?1, ?2, "
                     "?3, ?4, ?5)"
                     " ON CONFLICT (org_id, obligation, period) WHERE revoked_s IS NULL DO UPDATE SET reason "
                     "= excluded.reason",
                     SQL_VALUES(SQL_INTEGER(exemption->org_id), SQL_TEXT(exemption->obligation),
                                SQL_TEXT(period), SQL_TEXT(exemption->reason), SQL_INTEGER(now_s)),
                     NULL, error);
}

bool store_extend(Store *store, const Extension *extension, gint64 message_id, gint64 now_s, GError **error) {
    const SqlValue values[] = {SQL_INTEGER(extension->org_id),  SQL_TEXT(extension->obligation),
                               SQL_TEXT(extension->period),     SQL_INTEGER(now_s),
                               SQL_INTEGER(extension->until_s), SQL_ID(message_id)};
    return org_exists(store, extension->org_id, error) &&
           sql_write(
               store,
               "UPDATE extension SET revoked_s = ?4 WHERE org_id = ?1 AND obligation = ?2 AND period = ?3"
               " AND revoked_s IS NULL",
               values, G_N_ELEMENTS(values), NULL, error) &&
           sql_write(store,
                     "INSERT INTO extension (org_id, obligation, period, created_s, until_s, message)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                     values, G_N_ELEMENTS(values), NULL, error);
}

bool store_exempt_revoke(Store *store, gint64 org_id, const char *obligation, const char *period,
                         gint64 now_s, GError **error) {
    return sql_write(
        store,
        "UPDATE exemption SET revoked_s = ?4 WHERE org_id = ?1 AND obligation = ?2 AND period = ?3"
        " AND revoked_s IS NULL",
        SQL_VALUES(SQL_INTEGER(org_id), SQL_TEXT(obligation), SQL_TEXT(period != NULL ? period : ""),
                   SQL_INTEGER(now_s)),
        NULL, error);
}

json_t *store_contact_history(Store *store, gint64 org_id, GError **error) {
    return sql_rows_json(store,
                         "SELECT role, name, address, phone, from_s, coalesce(until_s, 0) AS until_s,"
                         " coalesce(message, 0) AS message_id FROM contact WHERE org_id = ?1"
                         " ORDER BY role, from_s DESC, id DESC",
                         SQL_VALUES(SQL_INTEGER(org_id)), error);
}

/* ---- the whole list
 * --------------------------------------------------------------------------------------------- */

static bool load_organizations(Store *store, bool is_parties, GPtrArray *organizations, GHashTable *by_id,
                               GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT id, name, section, team, since_s, suspended, kind, role"
                                        " FROM organization WHERE merged_into IS NULL"
                                        " AND (kind = 'organization') = ?1 ORDER BY id",
                                        SQL_VALUES(SQL_INTEGER(!is_parties)), error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        Organization *organization = organization_new();
        organization->id = sqlite3_column_int64(rows, 0);
        organization->name = sql_text(rows, 1);
        organization->section = sql_text(rows, 2);
        organization->team = sql_text(rows, 3);
        organization->since_s = sqlite3_column_int64(rows, 4);
        organization->suspended = sqlite3_column_int(rows, 5) != 0;
        const char *kind = (const char *)sqlite3_column_text(rows, 6);
        organization->kind = g_strcmp0(kind, "section") == 0  ? OWED_BY_SECTIONS
                             : g_strcmp0(kind, "person") == 0 ? OWED_BY_PERSONS
                                                              : OWED_BY_ORGANIZATIONS;
        organization->role = sql_text(rows, 7);
        g_ptr_array_add(organizations, organization);
        g_hash_table_insert(by_id, &organization->id, organization);
    }
    return rows != NULL && got == 0;
}

static bool load_aliases(Store *store, GHashTable *by_id, GError **error) {
    g_autoptr(SqlRows) rows =
        sql_query(store, "SELECT org_id, name FROM alias ORDER BY org_id, normal", SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        gint64 org_id = sqlite3_column_int64(rows, 0);
        Organization *organization = g_hash_table_lookup(by_id, &org_id);
        if (organization != NULL)
            g_ptr_array_add(organization->aliases, sql_text(rows, 1));
    }
    return rows != NULL && got == 0;
}

static bool load_contacts(Store *store, GHashTable *by_id, GError **error) {
    g_autoptr(SqlRows) rows = sql_query(store,
                                        "SELECT org_id, role, name, address, phone,"
                                        " EXISTS (SELECT 1 FROM bounce b WHERE b.address = c.address"
                                        " AND b.over_s IS NULL AND b.counts > 0 AND b.at_s >= c.from_s)"
                                        " FROM contact c WHERE until_s IS NULL ORDER BY id",
                                        SQL_NO_VALUES, error);
    int got;
    while (rows != NULL && (got = sql_next(store, rows, error)) > 0) {
        gint64 org_id = sqlite3_column_int64(rows, 0);
        Organization *organization = g_hash_table_lookup(by_id, &org_id);
        if (organization == NULL)
            continue;
        Contact *contact = g_new0(Contact, 1);
        contact->role = sql_text(rows, 1);
        contact->name = sql_text(rows, 2);
        contact->address = sql_text(rows, 3);
        contact->phone = sql_text(rows, 4);
        contact->is_dead = sqlite3_column_int(rows, 5) != 0;
        g_ptr_array_add(organization->contacts, contact);
    }
    return rows != NULL && got == 0;
}

static bool load_all(Store *store, bool is_parties, GPtrArray **ret_organizations, GError **error) {
    g_autoptr(GPtrArray) organizations = g_ptr_array_new_with_free_func((GDestroyNotify)organization_free);
    g_autoptr(GHashTable) by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    if (!load_organizations(store, is_parties, organizations, by_id, error) ||
        !load_aliases(store, by_id, error) || !load_contacts(store, by_id, error))
        return false;
    *ret_organizations = g_steal_pointer(&organizations);
    return true;
}

bool store_orgs(Store *store, GPtrArray **ret_organizations, GError **error) {
    return load_all(store, false, ret_organizations, error);
}

bool store_parties(Store *store, GPtrArray **ret_parties, GError **error) {
    gint64 count; /* most programmes have none: contacts need not be read twice */
    if (!sql_integer(store, "SELECT EXISTS (SELECT 1 FROM organization WHERE kind <> 'organization')",
                     SQL_NO_VALUES, 0, &count, error))
        return false;
    if (count != 0)
        return load_all(store, true, ret_parties, error);
    *ret_parties = NULL;
    return true;
}
