/* fortnight questions: the questions known from reports, logs and mail, and how far each has come. */
#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/questions.h"
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

int command_questions(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean with_settled = FALSE;
    const GOptionEntry entries[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &with_settled, "settled ones too, the newest thousand", NULL},
        {NULL}};
    int status =
        context_start(&context, argc, argv, entries, "list",
                      "Lists the questions that reports, logs and mail told of and that have no answer "
                      "yet: open, passed_on,\noverdue (the coordinator was told), inquired (the section "
                      "head was asked), explained. Exit status 1 where one is older\nthan 24 hours. "
                      "Example: fortnight questions list --all");
    if (status != CONTEXT_GO_ON)
        return status;
    if (context.arguments == NULL || g_strcmp0(context.arguments[0], "list") != 0 ||
        context.arguments[1] != NULL) {
        fputs("fortnight: questions list [--all]\n", stderr);
        return EXIT_USAGE;
    }
    static const char *const no_period[] = {NULL};
    status = context_open_store(&context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, &(SnapshotScope){.periods = no_period});
    return status == CONTEXT_GO_ON ? list_questions(&context, with_settled) : status;
}
