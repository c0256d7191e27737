/* fortnight review: what needs a person, and what the person decides (SPEC 7). */
#include "gateway/core/review.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/io/clock.h"
#include "gateway/keeper/reviewing.h"
#include "gateway/store/explain.h"
#include "gateway/store/review.h"

#define LIST_MAX 10000

static json_t *item_json(const ReviewItem *item, const View *view) {
    const Organization *organization = view_organization(view, item->org_id);
    return json_pack("{s:I, s:I, s:s, s:s?, s:s?, s:s?, s:s?, s:I}", "id", (json_int_t)item->id, "message",
                     (json_int_t)item->message_id, "code", item->code, "text", item->text, "from", item->from,
                     "subject", item->subject, "organization", organization ? organization->name : NULL,
                     "since_s", (json_int_t)item->since_s);
}

static int list_entries(Context *context) {
    static const char *const NO_PERIODS[] = {NULL};
    int status = context_open_store(context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(context, &(SnapshotScope){.periods = NO_PERIODS});
    if (status != CONTEXT_GO_ON)
        return status;
    const GPtrArray *reviews = context->snapshot->reviews;
    g_autoptr(Table) table =
        table_new((const char *[]){"id", "since", "reason", "from", "subject", "organization", NULL});
    json_t *list = json_array();
    for (guint i = 0; i < reviews->len && i < LIST_MAX; i++) {
        const ReviewItem *item = reviews->pdata[i];
        const Organization *organization = view_organization(context->view, item->org_id);
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, item->id),
                        *since = context_local_text(context, item->since_s);
        table_row(table, (const char *[]){id, since, item->text, item->from, item->subject,
                                          organization ? organization->name : NULL});
        json_array_append_new(list, item_json(item, context->view));
    }
    if (context->json)
        context_print_json(list);
    else if (reviews->len)
        table_print(table);
    else
        puts("nothing waits for a person");
    json_decref(list);
    return reviews->len ? EXIT_ATTENTION : EXIT_DONE;
}

static bool id_of(const char *text, gint64 *ret_id) {
    if (text && g_ascii_string_to_signed(text, 10, 1, G_MAXINT32, ret_id, NULL))
        return true;
    fprintf(stderr, "fortnight review: \"%s\" is no number of an entry; `fortnight review list` shows them\n",
            text ? text : "");
    return false;
}

static int show_entry(Context *context, const char *name) {
    gint64 id;
    if (!id_of(name, &id))
        return EXIT_USAGE;
    int status = context_open_store(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreReview) entry = store_review_get(context->store, id, &error);
    json_t *message = entry ? store_explain_message(context->store, entry->message_id, &error) : NULL;
    if (!message)
        return context_fail(g_steal_pointer(&error));
    json_t *all = json_pack("{s:I, s:s, s:s, s:s?, s:o}", "id", (json_int_t)id, "code", entry->code, "text",
                            entry->text, "outcome", entry->outcome, "message", message);
    if (!context->json) {
        g_autofree char *since = context_local_text(context, entry->opened_s);
        printf("%s  %s: %s\n%s\n\n", since, entry->code, entry->text,
               entry->outcome ? entry->outcome : "open: fortnight review assign, accept or reject");
    }
    context_print_json(all);
    json_decref(all);
    return EXIT_DONE;
}

/* Carries an order out in a transaction of its own. */
static bool carry_out(Keeper *keeper, const ReviewOrder *order, ReviewOutcome *ret_outcome, GError **error) {
    if (store_begin(keeper->store, error) &&
        reviewing_apply(keeper, order, "command", keeper->config->programme->language, ret_outcome, error) &&
        store_commit(keeper->store, error))
        return true;
    store_rollback(keeper->store);
    return false;
}

static int decide(Context *context, ReviewVerb verb, char **arguments) {
    gint64 id;
    if (!id_of(arguments[0], &id))
        return EXIT_USAGE;
    g_autofree char *argument = g_strjoinv(" ", arguments + 1);
    ReviewOrder order = {id, verb, argument};
    g_autofree char *holder = g_strdup_printf("pid %d: fortnight review", (int)getpid());
    g_autoptr(GError) error = NULL;
    g_auto(ReviewOutcome) outcome = {0};
    Keeper keeper;
    bool good = keeper_open(&keeper, context->config, holder, context->now_s - clock_now_s(), &error) &&
                carry_out(&keeper, &order, &outcome, &error);
    keeper_close(&keeper);
    if (!good)
        return context_fail(g_steal_pointer(&error));
    if (context->json) {
        json_t *result =
            json_pack("{s:I, s:b, s:s}", "id", (json_int_t)id, "done", outcome.is_done, "text", outcome.text);
        context_print_json(result);
        json_decref(result);
    } else {
        printf("%" G_GINT64_FORMAT ": %s\n", id, outcome.text);
    }
    return outcome.is_done ? EXIT_DONE : EXIT_ATTENTION;
}

int command_review(int argc, char **argv) {
    static const struct {
        const char *name;
        ReviewVerb verb;
    } VERBS[] = {{"assign", REVIEW_ASSIGN}, {"accept", REVIEW_ACCEPT}, {"reject", REVIEW_REJECT}};
    g_auto(Context) context = {0};
    int status =
        context_start(&context, argc, argv, NULL,
                      "[list | show ID | assign ID ORGANIZATION [PERIOD] | accept ID | reject ID [REASON]]",
                      "Shows what needs a person, and settles it. assign records the message for an "
                      "organization and remembers its\n"
                      "sender; accept says yes to what the program proposes, or that the matter was dealt "
                      "with; reject records\n"
                      "nothing. The liaison can do the same by answering the review notice.");
    if (status != CONTEXT_GO_ON)
        return status;
    const char *verb = context.arguments ? context.arguments[0] : "list";
    if (strcmp(verb, "list") == 0)
        return list_entries(&context);
    if (strcmp(verb, "show") == 0 && context.arguments[1])
        return show_entry(&context, context.arguments[1]);
    for (gsize i = 0; i < G_N_ELEMENTS(VERBS); i++)
        if (strcmp(verb, VERBS[i].name) == 0 && context.arguments[1])
            return decide(&context, VERBS[i].verb, context.arguments + 1);
    fprintf(
        stderr,
        "fortnight review: expected list, show ID, assign ID ORGANIZATION [PERIOD], accept ID or reject ID "
        "[REASON]\n");
    return EXIT_USAGE;
}
