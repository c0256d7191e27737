/* fortnight announce: what will be owed and when, to everyone expected (SPEC 4). */
#include "gateway/core/announce.h"

#include <stdio.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/calendar.h"
#include "gateway/io/clock.h"
#include "gateway/store/journal.h"
#include "gateway/store/outbox.h"

/* A term, where no other end is named. */
#define TERM_S (183 * (gint64)CALENDAR_DAY_S)

static void print_letters(const Context *context, const GPtrArray *letters) {
    g_autoptr(Table) table = table_new((const char *[]){"to", "address", "what", NULL});
    json_t *list = json_array();
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = letters->pdata[i];
        const Organization *organization = view_organization(context->view, letter->org_id);
        g_autoptr(GString) what = g_string_new(NULL);
        size_t t;
        json_t *task;
        json_array_foreach(json_object_get(letter->facts, "tasks"), t, task) {
            g_string_append_printf(what, "%s%s × %" JSON_INTEGER_FORMAT, t ? ", " : "",
                                   json_string_value(json_object_get(task, "title")),
                                   json_integer_value(json_object_get(task, "count")));
        }
        table_row(table,
                  (const char *[]){organization ? organization->name : "", letter->to_address, what->str});
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:O, s:s}", "key", letter->key, "to", letter->to_address, "tasks",
                            json_object_get(letter->facts, "tasks"), "reason", letter->reason));
    }
    if (context->json)
        context_print_json(list);
    else
        table_print(table);
    json_decref(list);
}

static bool put_all(const Context *context, const GPtrArray *letters, GError **error) {
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = letters->pdata[i];
        gint64 id;
        if (!store_outbox_put(context->store, letter, context->now_s, &id, NULL, error))
            return false;
        const JournalEvent event = {
            .event = "letter.decided", .letter_id = id, .org_id = letter->org_id, .detail = letter->key};
        if (!store_journal_append(context->store, &event, context->now_s, error))
            return false;
    }
    return true;
}

int command_announce(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_autofree char *until = NULL;
    gboolean is_dry = FALSE;
    const GOptionEntry extra[] = {
        {"until", 0, 0, G_OPTION_ARG_STRING, &until, "last due date that is announced (default: half a year)",
         "TIME"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &is_dry, "show to whom it would go, enter nothing", NULL},
        {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "",
        "Announces a term: to everyone expected what will be owed and when, with blank forms and "
        "a calendar entry.\nEach is told once of the same dates; the letters leave with the next "
        "pass. Whom nobody can be written to stands on the\ncall list of `fortnight status`. "
        "Example: fortnight announce --until 2017-01-13 --dry-run");
    g_autoptr(GError) error = NULL;
    gint64 to_s = context.now_s + TERM_S;
    if (status == CONTEXT_GO_ON && until &&
        !clock_parse(until, context.config->programme->zone, &to_s, &error)) {
        fprintf(stderr, "fortnight announce: --until: %s\n", error->message);
        return EXIT_USAGE;
    }
    if (until && status == CONTEXT_GO_ON)
        to_s += CALENDAR_DAY_S - 1; /* a date means its whole day */
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, is_dry ? STORE_READ : STORE_WRITE);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, NULL);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GPtrArray) letters = announce_letters(context.view, context.now_s, to_s, context.now_s);
    print_letters(&context, letters);
    if (!is_dry && (!store_begin(context.store, &error) || !put_all(&context, letters, &error) ||
                    !store_commit(context.store, &error))) {
        store_rollback(context.store);
        return context_fail(g_steal_pointer(&error));
    }
    if (!context.json)
        printf("\n%u letters%s\n", letters->len, is_dry ? " would be sent" : " leave with the next pass");
    if (!context.snapshot->released_s)
        fprintf(stderr, "fortnight announce: nobody is written to before `fortnight release`\n");
    return EXIT_DONE;
}
