/* fortnight rota: who is on duty when; turns handed to somebody else (SPEC 1). */
#include "gateway/core/rota.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/store/journal.h"
#include "gateway/store/rota.h"

#define LIST_S (92 * (gint64)CALENDAR_DAY_S) /* three months are listed */

static int list_turns(const Context *context) {
    const Programme *programme = context->config->programme;
    g_autoptr(Table) table = table_new((const char *[]){"rota", "day", "when", "who", "address", NULL});
    json_t *list = json_array();
    for (guint i = 0; i < programme->rotas->len; i++) {
        const Rota *rota = programme->rotas->pdata[i];
        g_autoptr(GPtrArray) turns =
            period_list(programme, rota->turns, context->now_s, context->now_s + LIST_S);
        for (guint t = 0; t < turns->len; t++) {
            const Period *turn = turns->pdata[t];
            const RolePerson *person = rota_person(context->view, rota, &turn->last);
            g_autofree char *when = context_local_text(context, turn->due_s);
            table_row(table, (const char *[]){rota->turns->id, turn->key, when, person ? person->name : "",
                                              person ? person->address : ""});
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "rota", rota->turns->id, "day",
                                            turn->key, "when", when, "name", person ? person->name : NULL,
                                            "address", person ? person->address : NULL));
        }
    }
    if (context->json)
        context_print_json(list);
    else
        table_print(table);
    json_decref(list);
    return EXIT_DONE;
}

static int swap(Context *context, char **arguments) {
    const Programme *programme = context->config->programme;
    const RolePerson *person = rota_find_person(programme, arguments[2]);
    const Rota *rota = NULL;
    for (guint i = 0; i < programme->rotas->len && !rota; i++) {
        const Rota *other = programme->rotas->pdata[i];
        rota = strcmp(other->turns->id, arguments[0]) == 0 ? other : NULL;
    }
    g_autoptr(Period) turn = rota ? period_by_key(programme, rota->turns, arguments[1]) : NULL;
    if (!turn || !person) {
        fprintf(stderr, "fortnight rota: %s\n",
                !rota ? "no rota of this id; `fortnight rota` lists them"
                : !turn
                    ? "no turn on this day; `fortnight rota` lists them"
                    : "nobody of this name or address among the programme's roles; see `fortnight roles`");
        return EXIT_USAGE;
    }
    int status = context_open_store(context, STORE_WRITE);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    const JournalEvent event = {.event = "rota.swapped", .detail = turn->key};
    if (store_begin(context->store, &error) &&
        store_rota_swap(context->store, rota->turns->id, turn->key, person->name, context->now_s, &error) &&
        store_journal_append(context->store, &event, context->now_s, &error) &&
        store_commit(context->store, &error)) {
        printf("%s %s: %s\n", rota->turns->id, turn->key, person->name);
        return EXIT_DONE;
    }
    store_rollback(context->store);
    return context_fail(g_steal_pointer(&error));
}

int command_rota(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status =
        context_start(&context, argc, argv, NULL, "[list | swap ROTA DAY PERSON]",
                      "Who is on duty in the coming three months, or: hands a turn to somebody else, by name "
                      "or address.\nExample: fortnight rota swap answering 2016-06-22 协管");
    if (status != CONTEXT_GO_ON)
        return status;
    char **arguments = context.arguments;
    guint n = arguments ? g_strv_length(arguments) : 0;
    if (n == 4 && strcmp(arguments[0], "swap") == 0)
        return swap(&context, arguments + 1);
    if (n > 1 || (n == 1 && strcmp(arguments[0], "list") != 0)) {
        fputs("fortnight rota: `fortnight rota --help` shows what it can do\n", stderr);
        return EXIT_USAGE;
    }
    static const char *const no_period[] = {NULL};
    status = context_open_store(&context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, &(SnapshotScope){.periods = no_period});
    return status == CONTEXT_GO_ON ? list_turns(&context) : status;
}
