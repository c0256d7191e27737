/* fortnight orgs, roles: who is expected to report, under which names, who speaks for whom (SPEC 7). */
#include "gateway/commands/orgs.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/table.h"
#include "gateway/core/calendar.h"
#include "gateway/core/error.h"
#include "gateway/core/period_choice.h"
#include "gateway/core/roster.h"
#include "gateway/core/roster_sheet.h"
#include "gateway/io/workbook.h"
#include "gateway/keeper/roster_file.h"
#include "gateway/store/journal.h"
#include "gateway/store/roster.h"

/* ---- looking
 * ---------------------------------------------------------------------------------------------------- */

static int open_view(Context *context, StoreMode mode) {
    static const char *const NO_PERIODS[] = {NULL};
    int status = context_open_store(context, mode);
    return status == CONTEXT_GO_ON ? context_load_view(context, &(SnapshotScope){.periods = NO_PERIODS})
                                   : status;
}

static char *aliases_text(const Organization *organization) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < organization->aliases->len; i++)
        g_string_append_printf(text, "%s%s", i ? ";" : "", (const char *)organization->aliases->pdata[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *organization_json(const Organization *organization) {
    json_t *aliases = json_array(), *contacts = json_array();
    for (guint i = 0; i < organization->aliases->len; i++)
        json_array_append_new(aliases, json_string(organization->aliases->pdata[i]));
    for (guint i = 0; i < organization->contacts->len; i++) {
        const Contact *contact = organization->contacts->pdata[i];
        json_array_append_new(contacts,
                              json_pack("{s:s, s:s?, s:s?, s:s?}", "role", contact->role, "name",
                                        contact->name, "address", contact->address, "phone", contact->phone));
    }
    return json_pack("{s:I, s:s, s:s?, s:s?, s:b, s:o, s:o}", "id", (json_int_t)organization->id, "name",
                     organization->name, "section", organization->section, "team", organization->team,
                     "suspended", organization->suspended, "aliases", aliases, "contacts", contacts);
}

static int list_organizations(Context *context) {
    int status = open_view(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(Table) table = table_new((const char *[]){"id", "organization", "section", "team", "contact",
                                                        "address", "other names", "", NULL});
    json_t *list = json_array();
    for (guint i = 0; i < context->snapshot->organizations->len; i++) {
        const Organization *organization = context->snapshot->organizations->pdata[i];
        const Contact *contact = roster_contact(organization);
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, organization->id),
                        *aliases = aliases_text(organization);
        table_row(table, (const char *[]){id, organization->name, organization->section, organization->team,
                                          contact ? contact->name : NULL, contact ? contact->address : "-",
                                          aliases, organization->suspended ? "suspended" : NULL});
        json_array_append_new(list, organization_json(organization));
    }
    if (context->json)
        context_print_json(list);
    else
        table_print(table);
    json_decref(list);
    return EXIT_DONE;
}

static int export_organizations(Context *context) {
    int status = open_view(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    json_t *sheet = roster_sheet(context->view);
    g_autofree char *csv = workbook_csv(sheet);
    fputs(csv, stdout);
    json_decref(sheet);
    return EXIT_DONE;
}

/* ---- changing
 * --------------------------------------------------------------------------------------------------- */

/* The organization of that name or alias; 0 after saying why there is none. */
static gint64 find(const Context *context, const char *name) {
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = view_named(context->view, normal);
    if (named && named->len == 1)
        return ((const Organization *)named->pdata[0])->id;
    fprintf(stderr, "fortnight orgs: %s organization is called \"%s\"; `fortnight orgs list` shows them\n",
            named ? "more than one" : "no", name);
    return 0;
}

typedef bool (*Change)(Context *context, gint64 org_id, char **arguments, GError **error);

static bool change_rename(Context *context, gint64 org_id, char **arguments, GError **error) {
    g_autofree char *normal = roster_normal_name(arguments[0]);
    return store_org_rename(context->store, org_id, arguments[0], normal, error);
}

static bool change_alias(Context *context, gint64 org_id, char **arguments, GError **error) {
    g_autofree char *normal = roster_normal_name(arguments[0]);
    return store_org_add_alias(context->store, org_id, arguments[0], normal, error);
}

static bool change_merge(Context *context, gint64 org_id, char **arguments, GError **error) {
    gint64 into = find(context, arguments[0]);
    if (into)
        return store_org_merge(context->store, org_id, into, context->now_s, error);
    g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "nothing was changed");
    return false;
}

static bool change_suspend(Context *context, gint64 org_id, char **arguments, GError **error) {
    return store_org_set_suspended(context->store, org_id, true, error);
}

static bool change_resume(Context *context, gint64 org_id, char **arguments, GError **error) {
    return store_org_set_suspended(context->store, org_id, false, error);
}

static bool change_exempt(Context *context, gint64 org_id, char **arguments, GError **error) {
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    if (context_period(context, arguments[0], &obligation, &period) != CONTEXT_GO_ON) {
        g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT, "nothing was changed");
        return false;
    }
    g_autofree char *reason = arguments[1] ? g_strjoinv(" ", arguments + 1) : NULL;
    const Exemption exemption = {org_id, obligation->id, period->key, reason};
    return store_exempt(context->store, &exemption, context->now_s, error);
}

static bool change_extend(Context *context, gint64 org_id, char **arguments, GError **error) {
    const Programme *programme = context->config->programme;
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    GDate day;
    if (context_period(context, arguments[0], &obligation, &period) != CONTEXT_GO_ON ||
        !period_day_parse(arguments[1], programme->zone, context->now_s, &day)) {
        g_set_error_literal(
            error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
            "extend NAME PERIOD DAY: the day is written like 2016-06-30; nothing was changed");
        return false;
    }
    gint64 until_s = calendar_instant(programme->zone, &day, obligation->schedule.due_second);
    if (until_s <= period->due_s) {
        g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_INPUT,
                            "the day lies before the period's own due date; nothing was changed");
        return false;
    }
    const Extension extension = {org_id, obligation->id, period->key, until_s};
    return store_extend(context->store, &extension, 0, context->now_s, error);
}

static const struct {
    const char *verb, *event;
    guint arguments; /* after the organization's name */
    Change change;
} CHANGES[] = {
    {"rename", "roster.renamed", 1, change_rename},  {"add-alias", "roster.alias", 1, change_alias},
    {"merge", "roster.merged", 1, change_merge},     {"suspend", "roster.suspended", 0, change_suspend},
    {"resume", "roster.resumed", 0, change_resume},  {"exempt", "roster.exempted", 1, change_exempt},
    {"extend", "roster.extended", 2, change_extend},
};

static int change(Context *context, gsize which, char **arguments) {
    int status = open_view(context, STORE_WRITE);
    gint64 org_id = status == CONTEXT_GO_ON ? find(context, arguments[0]) : 0;
    if (status != CONTEXT_GO_ON || !org_id)
        return status != CONTEXT_GO_ON ? status : EXIT_USAGE;
    g_autoptr(GError) error = NULL;
    const JournalEvent event = {.event = CHANGES[which].event, .org_id = org_id, .detail = arguments[1]};
    if (store_begin(context->store, &error) &&
        CHANGES[which].change(context, org_id, arguments + 1, &error) &&
        store_journal_append(context->store, &event, context->now_s, &error) &&
        store_commit(context->store, &error)) {
        printf("%s: %s\n", CHANGES[which].verb, arguments[0]);
        return EXIT_DONE;
    }
    store_rollback(context->store);
    return context_fail(g_steal_pointer(&error));
}

static int look(Context *context, const char *verb, const char *name) {
    static const char *const NO_PERIODS[] = {NULL};
    int status = context_open_store(context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        /* people stand in receipts; without scores nothing says which forms these are */
        status = context_load_view(
            context, context->config->scores
                         ? &(SnapshotScope){.periods = NO_PERIODS, .with_content = true, .with_people = true}
                         : NULL);
    if (status != CONTEXT_GO_ON)
        return status;
    if (strcmp(verb, "labour") == 0)
        return orgs_labour(context, name);
    gint64 org_id = find(context, name);
    return org_id ? orgs_history(context, org_id) : EXIT_USAGE;
}

static int import_file(Context *context, const char *path) {
    int status = context_open_store(context, STORE_WRITE);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    guint imported = 0;
    if (store_begin(context->store, &error) &&
        roster_file_take(context->store, path, context->now_s, &imported, &error) &&
        store_commit(context->store, &error)) {
        printf("%u organizations read from %s\n", imported, path);
        return EXIT_DONE;
    }
    store_rollback(context->store);
    return context_fail(g_steal_pointer(&error));
}

int command_orgs(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(
        &context, argc, argv, NULL,
        "[list | import FILE | export | rename NAME NEW | add-alias NAME ALIAS | …]",
        "Lists the organizations, or changes the roster:\n"
        "  history NAME (who spoke for it and when), labour FILE.docx|FILE.xlsx (the table of "
        "the division of labour)\n"
        "  import FILE (csv or xlsx with columns name, section, team, aliases, ROLE_name, "
        "ROLE_address, ROLE_phone), export\n"
        "  rename NAME NEW (the old name stays known), add-alias NAME ALIAS, merge NAME INTO\n"
        "  suspend NAME, resume NAME, exempt NAME PERIOD [REASON], extend NAME PERIOD DAY (PERIOD: "
        "2016-06-27 or OBLIGATION/2016-06-27)");
    if (status != CONTEXT_GO_ON)
        return status;
    char **arguments = context.arguments;
    const char *verb = arguments ? arguments[0] : "list";
    guint n = arguments ? g_strv_length(arguments) : 1;
    if (strcmp(verb, "list") == 0)
        return list_organizations(&context);
    if (strcmp(verb, "export") == 0)
        return export_organizations(&context);
    if (strcmp(verb, "import") == 0 && n == 2)
        return import_file(&context, arguments[1]);
    if ((strcmp(verb, "history") == 0 || strcmp(verb, "labour") == 0) && n == 2)
        return look(&context, verb, arguments[1]);
    for (gsize i = 0; i < G_N_ELEMENTS(CHANGES); i++)
        if (strcmp(verb, CHANGES[i].verb) == 0 && n >= 2 + CHANGES[i].arguments)
            return change(&context, i, arguments + 1);
    fprintf(stderr, "fortnight orgs: `fortnight orgs --help` shows what it can do\n");
    return EXIT_USAGE;
}

/* ---- roles
 * ------------------------------------------------------------------------------------------------------ */

int command_roles(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status =
        context_start(&context, argc, argv, NULL, "",
                      "Who is who: the people of the programme, as configured, and who speaks for each "
                      "organization.");
    if (status == CONTEXT_GO_ON)
        status = open_view(&context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    const Programme *programme = context.config->programme;
    g_autoptr(Table) table =
        table_new((const char *[]){"role", "name", "address", "phone", "organization or section", NULL});
    json_t *list = json_array();
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = programme->roles->pdata[i];
        table_row(table, (const char *[]){person->role, person->name, person->address, person->phone,
                                          person->section});
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "role", person->role, "name",
                                              person->name, "address", person->address, "phone",
                                              person->phone, "section", person->section));
    }
    for (guint i = 0; i < context.snapshot->organizations->len; i++) {
        const Organization *organization = context.snapshot->organizations->pdata[i];
        for (guint c = 0; c < organization->contacts->len; c++) {
            const Contact *contact = organization->contacts->pdata[c];
            table_row(table, (const char *[]){contact->role, contact->name, contact->address, contact->phone,
                                              organization->name});
            json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s?, s:s}", "role", contact->role,
                                                  "name", contact->name, "address", contact->address, "phone",
                                                  contact->phone, "organization", organization->name));
        }
    }
    if (context.json)
        context_print_json(list);
    else
        table_print(table);
    json_decref(list);
    return EXIT_DONE;
}
