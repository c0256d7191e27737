/* fortnight questions: the questions known from reports, logs and mail, and how far each has come. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/grouping.h"
#include "gateway/core/questions.h"
#include "gateway/io/clock.h"
#include "gateway/keeper/joining.h"
#include "gateway/store/questions.h"

#define LIST_MAX 1000

static json_t *question_json(const Context *context, const TrackedQuestion *question) {
    const Organization *organization = view_organization(context->view, question->org_id);
    g_autofree char *asked = context_local_text(context, question->asked_s);
    g_autofree char *known = context_local_text(context, question->known_s);
    g_autofree char *answered = context_local_text(context, question->answered_s);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "id", (json_int_t)question->id, "state",
                     question_state_name(question->state), "asked", asked, "known", known, "answered",
                     answered, "organization", organization != NULL ? organization->name : "", "question",
                     question->text, "overdue",
                     question->state != QUESTION_ANSWERED && question->state != QUESTION_CLOSED &&
                         context->now_s >= question->asked_s + QUESTION_LIMIT_S);
}

static void print_table(const json_t *list) {
    g_autoptr(Table) table =
        table_new((const char *[]){"id", "state", "asked", "organization", "question", NULL});
    gsize i;
    json_t *row;
    json_array_foreach(list, i, row) {
        g_autofree char *id =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(row, "id")));
        table_row(table, (const char *[]){id, json_string_value(json_object_get(row, "state")),
                                          json_string_value(json_object_get(row, "asked")),
                                          json_string_value(json_object_get(row, "organization")),
                                          json_string_value(json_object_get(row, "question"))});
    }
    table_print(table);
}

static int list_questions(Context *context, bool with_settled) {
    g_autoptr(GPtrArray) questions = NULL;
    g_autoptr(GError) error = NULL;
    if (!(with_settled ? store_questions_newest(context->store, LIST_MAX, &questions, &error)
                       : store_questions_unsettled(context->store, &questions, &error)))
        return context_fail(g_steal_pointer(&error));
    json_t *list = json_array();
    bool needs_attention = false;
    for (guint i = 0; i < questions->len; i++) {
        json_t *row = question_json(context, g_ptr_array_index(questions, i));
        needs_attention = needs_attention || json_is_true(json_object_get(row, "overdue"));
        json_array_append_new(list, row);
    }
    if (context->json)
        context_print_json(list);
    else
        print_table(list);
    json_decref(list);
    return needs_attention ? EXIT_ATTENTION : EXIT_DONE;
}

/* ---- which are one
 * --------------------------------------------------------------------------------------------------- */

static json_t *group_json(const QuestionGroup *group) {
    json_t *ids = json_array();
    for (guint i = 0; i < group->members->len; i++)
        json_array_append_new(
            ids, json_integer(((const TrackedQuestion *)g_ptr_array_index(group->members, i))->id));
    return json_pack("{s:s, s:I, s:b, s:o}", "question",
                     ((const TrackedQuestion *)g_ptr_array_index(group->members, 0))->text, "count",
                     (json_int_t)group->members->len, "confirmed", group->is_confirmed, "ids", ids);
}

static json_t *proposal_json(const QuestionGroups *all, const QuestionProposal *proposal) {
    json_t *groups = json_array();
    g_autofree char *words = g_strjoinv(", ", proposal->words);
    for (guint i = 0; i < proposal->groups->len; i++)
        json_array_append_new(
            groups, group_json(g_ptr_array_index(all->groups, g_array_index(proposal->groups, guint, i))));
    return json_pack("{s:o, s:s}", "groups", groups, "shared", words);
}

static void print_group(const char *sign, const json_t *group) {
    printf("%s %lld x %s  [", sign, (long long)json_integer_value(json_object_get(group, "count")),
           json_string_value(json_object_get(group, "question")));
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(group, "ids"), i, id)
        printf("%s%lld", i > 0 ? " " : "", (long long)json_integer_value(id));
    puts("]");
}

static void print_clusters(const json_t *groups, const json_t *proposals) {
    gsize i, j;
    json_t *group, *proposal;
    json_array_foreach(groups, i, group)
        print_group("=", group);
    json_array_foreach(proposals, i, proposal) {
        printf("? shared: %s\n", json_string_value(json_object_get(proposal, "shared")));
        json_array_foreach(json_object_get(proposal, "groups"), j, group)
            print_group(" ", group);
    }
}

static int list_clusters(Context *context, const char *period_text) {
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    static const char *const no_period[] = {NULL};
    int status = period_text ? context_period(context, period_text, &obligation, &period) : CONTEXT_GO_ON;
    if (status == CONTEXT_GO_ON)
        status = context_load_view(context, &(SnapshotScope){.periods = no_period, .with_content = true});
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GPtrArray) asked = period ? question_groups_asked(context->view, period) : NULL;
    g_autoptr(QuestionGroups) all =
        question_groups_new(asked ? asked : context->snapshot->asked, context->snapshot->apart);
    json_t *groups = json_array(), *proposals = json_array();
    for (guint i = 0; i < all->groups->len; i++) {
        const QuestionGroup *group = g_ptr_array_index(all->groups, i);
        if (group->members->len > 1)
            json_array_append_new(groups, group_json(group));
    }
    for (guint i = 0; i < all->proposals->len; i++)
        json_array_append_new(proposals, proposal_json(all, g_ptr_array_index(all->proposals, i)));
    json_t *both = json_pack("{s:o, s:o}", "groups", groups, "proposals", proposals);
    if (context->json)
        context_print_json(both);
    else
        print_clusters(groups, proposals);
    json_decref(both);
    return EXIT_DONE;
}

static int join(Context *context, bool is_merge, char **arguments) {
    g_autofree char *text = g_strjoinv(" ", arguments), *why = NULL;
    g_autoptr(GArray) ids = joining_numbers(text);
    g_autofree char *holder = g_strdup_printf("pid %d: fortnight questions", (int)getpid());
    g_autoptr(GError) error = NULL;
    Keeper keeper;
    bool is_english = g_strcmp0(context->config->programme->language, "en") == 0;
    bool good = keeper_open(&keeper, context->config, holder, context->now_s - clock_now_s(), &error) &&
                store_begin(keeper.store, &error) &&
                (is_merge ? joining_merge : joining_split)(&keeper, ids, 0, is_english, &why, &error) &&
                store_commit(keeper.store, &error);
    if (!good && keeper.store)
        store_rollback(keeper.store);
    keeper_close(&keeper);
    if (why) {
        fprintf(stderr, "fortnight questions: %s\n", why);
        return EXIT_USAGE;
    }
    if (!good)
        return context_fail(g_steal_pointer(&error));
    printf("%s: %s\n", is_merge ? "one question" : "separate questions", text);
    return EXIT_DONE;
}

int command_questions(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean with_settled = FALSE;
    const GOptionEntry entries[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &with_settled, "settled ones too, the newest thousand", NULL},
        {NULL}};
    int status = context_start(
        &context, argc, argv, entries, "list | clusters [PERIOD] | merge ID ID… | split ID…",
        "list: the questions that reports, logs and mail told of and that have no answer yet: open, "
        "passed_on,\noverdue (the coordinator was told), inquired (the section head was asked), explained. "
        "Exit "
        "status 1 where one is older\nthan 24 hours.\nclusters: those asked more than once (=), and those "
        "that "
        "may be one (?), with the words that they share.\nmerge: these are one question; what one was "
        "answered "
        "settles the others asked within two days of it.\nsplit: these are not one; they are not proposed "
        "together again.\nExample: fortnight questions list --all");
    if (status != CONTEXT_GO_ON)
        return status;
    const char *verb = context.arguments != NULL ? context.arguments[0] : "";
    guint n = context.arguments != NULL ? g_strv_length(context.arguments) : 0;
    bool is_merge = strcmp(verb, "merge") == 0 && n >= 3, is_split = strcmp(verb, "split") == 0 && n >= 2;
    if (is_merge || is_split)
        return join(&context, is_merge, context.arguments + 1);
    bool is_list = strcmp(verb, "list") == 0 && n == 1, is_clusters = strcmp(verb, "clusters") == 0 && n <= 2;
    if (!is_list && !is_clusters) {
        fputs("fortnight: questions list [--all] | clusters [PERIOD] | merge ID ID… | split ID…\n", stderr);
        return EXIT_USAGE;
    }
    static const char *const no_period[] = {NULL};
    status = context_open_store(&context, STORE_READ);
    if (status == CONTEXT_GO_ON && is_clusters)
        return list_clusters(&context, context.arguments[1]);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, &(SnapshotScope){.periods = no_period});
    return status == CONTEXT_GO_ON ? list_questions(&context, with_settled) : status;
}
