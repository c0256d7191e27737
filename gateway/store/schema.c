#include "gateway/store/schema.h"

#include <string.h>

#include "gateway/store/sql.h"

/* The file itself, with a closing NUL. The assembler finds it from the top of the tree, where make runs. */
__asm__(".section .rodata\n"
        ".global schema_sql\n"
        "schema_sql: .incbin \"gateway/store/schema.sql\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char schema_sql[] __attribute__((visibility("hidden")));

#define MIGRATION_MARK "\n-- migration "
/* PRAGMA application_id of our files, "frtn": another program's database is not touched. */
#define APPLICATION_ID 0x6672746e

/* The text after the mark of migration number, or NULL. */
static const char *migration_start(int number) {
    g_autofree char *mark = g_strdup_printf(MIGRATION_MARK "%d:", number);
    const char *found = strstr(schema_sql, mark);
    return found != NULL ? strchr(found + 1, '\n') : NULL;
}

int schema_newest(void) {
    int number = 0;
    while (migration_start(number + 1) != NULL)
        number++;
    return number;
}

static bool schema_version(Store *store, gint64 *ret_version, GError **error) {
    gint64 application, version, tables;
    if (!sql_integer(store, "PRAGMA application_id", SQL_NO_VALUES, 0, &application, error) ||
        !sql_integer(store, "PRAGMA user_version", SQL_NO_VALUES, 0, &version, error) ||
        !sql_integer(store, "SELECT count(*) FROM sqlite_schema", SQL_NO_VALUES, 0, &tables, error))
        return false;
    if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "database \"%s\" belongs to another program; name a file of our own", store->path);
        return false;
    }
    if (version > schema_newest()) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "database \"%s\" was written by a newer fortnight (schema %d, this one knows %d); "
                    "install that one again",
                    store->path, (int)version, schema_newest());
        return false;
    }
    *ret_version = version;
    return true;
}

static bool migrate_one(Store *store, int number, GError **error) {
    const char *start = migration_start(number);
    const char *end = strstr(start, MIGRATION_MARK);
    g_autoptr(GString) script = g_string_new_len(start, end != NULL ? end - start : (gssize)strlen(start));
    g_string_append_printf(script, "\nPRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
                           number);
    if (!store_begin(store, error))
        return false;
    if (sql_script(store, script->str, error) && store_commit(store, error))
        return true;
    store_rollback(store);
    g_prefix_error(error, "schema %d: ", number);
    return false;
}

bool schema_is_ours(Store *store, GError **error) {
    gint64 unused;
    return schema_version(store, &unused, error);
}

bool schema_migrate(Store *store, GError **error) {
    gint64 version;
    if (!schema_version(store, &version, error))
        return false;
    for (int number = (int)version + 1; number <= schema_newest(); number++)
        if (!migrate_one(store, number, error))
            return false;
    return true;
}

bool schema_check(Store *store, GError **error) {
    gint64 version;
    if (!schema_version(store, &version, error))
        return false;
    if (version == schema_newest())
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "database \"%s\" has schema %d, this program needs %d; run `fortnight poll` once to bring it "
                "up to date",
                store->path, (int)version, schema_newest());
    return false;
}
