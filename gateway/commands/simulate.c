/* fortnight simulate and remind --dry-run: every letter that would be sent, with its reason (SPEC 7). */
#include "gateway/core/simulate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/calendar.h"
#include "gateway/core/plan.h"
#include "gateway/io/clock.h"
#include "gateway/keeper/parties.h"
#include "gateway/keeper/roster_file.h"

static json_t *letter_json(const Context *context, const Letter *letter, gint64 at_s) {
    g_autofree char *at = context_local_text(context, at_s);
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:I, s:s?}", "at", at, "key", letter->key, "kind",
                     letter_kind_name(letter->kind), "to", letter->to_address ? letter->to_address : "",
                     "obligation", letter->obligation, "period", letter->period, "org_id",
                     (json_int_t)letter->org_id, "reason", letter->reason);
}

static Table *letters_table(void) {
    return table_new((const char *[]){"when", "letter", "to", "why", NULL});
}

static void add_letter(Table *table, const Context *context, const Letter *letter, gint64 at_s,
                       const char *note) {
    g_autofree char *at = context_local_text(context, at_s);
    g_autofree char *to = letter->to_name && *letter->to_name
                              ? g_strdup_printf("%s <%s>", letter->to_name, letter->to_address)
                              : g_strdup(letter->to_address);
    table_row(table, (const char *[]){at, letter_kind_name(letter->kind), to, note ? note : letter->reason});
}

/* ---- simulate
 * ---------------------------------------------------------------------------------------------------- */

static void print_simulated(const Context *context, const GPtrArray *letters) {
    g_autoptr(Table) table = letters_table();
    json_t *list = json_array();
    guint counts[LETTER_KINDS] = {0}, cancelled = 0;
    for (guint i = 0; i < letters->len; i++) {
        const SimulatedLetter *simulated = letters->pdata[i];
        counts[simulated->letter->kind] += simulated->sent;
        cancelled += !simulated->sent;
        add_letter(table, context, simulated->letter, simulated->at_s,
                   simulated->sent ? NULL : simulated->cancelled_reason);
        json_array_append_new(list, letter_json(context, simulated->letter, simulated->at_s));
    }
    if (context->json) {
        context_print_json(list);
    } else {
        table_print(table);
        printf("\n%u letters", letters->len - cancelled);
        for (guint kind = 0; kind < LETTER_KINDS; kind++)
            if (counts[kind])
                printf(", %u %s", counts[kind], letter_kind_name((LetterKind)kind));
        printf("; %u cancelled because their reason was gone\n", cancelled);
    }
    json_decref(list);
}

static void remove_folder(const char *path) {
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        unlink(file);
    }
    rmdir(path);
}

static bool take_roster(Keeper *keeper, const char *path, const char *database, GError **error) {
    guint organizations;
    const char *id = keeper->config->programme->id;
    return (keeper->store = store_open(database, STORE_WRITE, id, "simulate", keeper_now_s(keeper), error)) &&
           store_begin(keeper->store, error) &&
           roster_file_take(keeper->store, path, keeper_now_s(keeper), &organizations, error) &&
           store_commit(keeper->store, error) && parties_import(keeper, error);
}

/* The state of a programme that begins at an instant with a roster and nothing else. It is read as the
 * gateway would read it, in a database of its own that is gone when this returns. */
static int load_roster(Context *context, const char *path, gint64 at_s) {
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("fortnight-simulate-XXXXXX", &error);
    if (!folder)
        return context_fail(g_steal_pointer(&error));
    g_autofree char *database = g_build_filename(folder, "roster.db", NULL);
    Keeper keeper = {.config = context->config, .clock_offset_s = at_s - clock_now_s()};
    bool is_taken = take_roster(&keeper, path, database, &error);
    context->store = keeper.store;
    int status = is_taken ? context_load_view(context, NULL) : context_fail(g_steal_pointer(&error));
    g_clear_pointer(&context->store, store_close);
    remove_folder(folder);
    return status;
}

/* What the database holds; a roster alone where one is named, or where nothing ever ran. */
static int load_state(Context *context, const char *roster, gint64 from_s) {
    g_autofree char *database = config_database_path(context->config);
    if (!roster && context->config->roster_path && !g_file_test(database, G_FILE_TEST_EXISTS)) {
        roster = context->config->roster_path;
        fprintf(stderr, "fortnight simulate: no database yet: from the roster \"%s\" alone\n", roster);
    }
    if (roster)
        return load_roster(context, roster, from_s);
    int status = context_open_store(context, STORE_READ);
    return status == CONTEXT_GO_ON ? context_load_view(context, NULL) : status;
}

int command_simulate(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_autofree char *from_text = NULL, *to_text = NULL, *roster = NULL;
    const GOptionEntry extra[] = {
        {"from", 0, 0, G_OPTION_ARG_STRING, &from_text, "first instant (default: now)", "TIME"},
        {"roster", 0, 0, G_OPTION_ARG_FILENAME, &roster,
         "as if the programme began with these organizations (csv or xlsx) and nothing else", "FILE"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &to_text, "last instant (default: 31 days later)", "TIME"},
        {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "",
        "Replays time on a copy of the state and prints every letter that would be sent, with its reason.\n"
        "Nothing is sent and nothing is stored. Mail that will arrive is not guessed: who owes today owes "
        "then.\nBefore the first start it takes the roster alone.\nExample: fortnight simulate --roster "
        "organizations.csv --from 2016-06-20 --to 2017-01-31");
    if (status != CONTEXT_GO_ON)
        return status;
    gint64 from_s = context.now_s, to_s;
    GTimeZone *zone = context.config->programme->zone;
    g_autoptr(GError) error = NULL;
    if (from_text && !clock_parse(from_text, zone, &from_s, &error)) {
        fprintf(stderr, "fortnight simulate: --from: %s\n", error->message);
        return EXIT_USAGE;
    }
    to_s = from_s + 31 * CALENDAR_DAY_S;
    if (to_text && !clock_parse(to_text, zone, &to_s, &error)) {
        fprintf(stderr, "fortnight simulate: --to: %s\n", error->message);
        return EXIT_USAGE;
    }
    if (to_s < from_s) {
        fputs("fortnight simulate: --to is before --from\n", stderr);
        return EXIT_USAGE;
    }
    if ((status = load_state(&context, roster, from_s)) != CONTEXT_GO_ON)
        return status;
    if (!context.snapshot->released_s)
        context.snapshot->released_s =
            from_s; /* a silent start would show nothing: simulate what comes after `release` */
    g_autoptr(GPtrArray) letters = simulate(context.view, NULL, from_s, to_s);
    print_simulated(&context, letters);
    return EXIT_DONE;
}

/* ---- remind
 * ------------------------------------------------------------------------------------------------------ */

int command_remind(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean dry_run = FALSE;
    const GOptionEntry extra[] = {{"dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run,
                                   "only show them (needed: letters leave by `run` and `poll`)", NULL},
                                  {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "--dry-run",
        "Shows the reminders, overdue letters and summaries that are due at this moment and were not decided "
        "before.\n"
        "`run` and `poll` send them by themselves; with --at TIME a later moment can be looked at.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!dry_run) {
        fputs("fortnight remind: reminders are sent by `fortnight run` or `fortnight poll` when their time "
              "has come; `remind --dry-run` shows them\n",
              stderr);
        return EXIT_USAGE;
    }
    if ((status = context_open_store(&context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(&context, NULL)) != CONTEXT_GO_ON)
        return status;
    bool is_silent = context.snapshot->released_s == 0;
    if (is_silent)
        context.snapshot->released_s = 1;
    g_autoptr(GPtrArray) letters = plan(context.view, context.now_s);
    g_autoptr(Table) table = letters_table();
    json_t *list = json_array();
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = letters->pdata[i];
        add_letter(table, &context, letter, letter->not_before_s, NULL);
        json_array_append_new(list, letter_json(&context, letter, letter->not_before_s));
    }
    if (context.json) {
        context_print_json(list);
    } else {
        table_print(table);
        printf("\n%u letters%s\n", letters->len, is_silent ? "; none leaves before `fortnight release`" : "");
    }
    json_decref(list);
    return EXIT_DONE;
}
