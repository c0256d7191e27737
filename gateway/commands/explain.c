/* fortnight explain: why (SPEC 7): facts, rule, decision for a message, an organization's period, a letter.
 */
#include "gateway/core/explain.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/score_scope.h"
#include "gateway/core/roster.h"
#include "gateway/store/bounces.h"
#include "gateway/store/explain.h"
#include "gateway/store/ledger.h"
#include "gateway/store/outbox.h"
#include "gateway/store/questions.h"

static void print_sentences(const GPtrArray *sentences) {
    for (guint i = 0; i < sentences->len; i++)
        puts(sentences->pdata[i]);
}

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* What was really sent and what waits for a person. */
static int print_stored(const Context *context, gint64 id) {
    g_autoptr(GError) error = NULL;
    json_t *all = store_explain_message(context->store, id, &error);
    if (!all)
        return context_fail(g_steal_pointer(&error));
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(all, "letters"), i, item) {
        printf("%s  %s  %s\n", text_of(item, "key"), text_of(item, "state"), text_of(item, "to_address"));
    }
    json_decref(all);
    return EXIT_DONE;
}

static int explain_one_message(Context *context, gint64 id) {
    g_autoptr(GError) error = NULL;
    if (context->json) {
        json_t *all = store_explain_message(context->store, id, &error);
        if (!all)
            return context_fail(g_steal_pointer(&error));
        context_print_json(all);
        json_decref(all);
        return EXIT_DONE;
    }
    g_autoptr(StoreMessage) message = store_message_get(context->store, id, &error);
    json_t *lines = message ? store_reading_load(context->store, id, NULL, &error) : NULL;
    if (!lines)
        return context_fail(g_steal_pointer(&error));
    const json_t *line = json_array_get(lines, 0);
    printf("message %" G_GINT64_FORMAT "  %s  %s  %s\n", id, message_state_name(message->state),
           message->sha256 ? message->sha256 : "", message->location ? message->location : "");
    MessageFacts facts = {.id = id,
                          .received_s = message->received_s,
                          .seen_s = message->seen_s,
                          .from = text_of(line, "from"),
                          .from_name = text_of(line, "from_name"),
                          .from_count = (guint)json_integer_value(json_object_get(line, "from_count")),
                          .message_id = text_of(line, "message_id"),
                          .subject = text_of(line, "subject"),
                          .in_reply_to = text_of(line, "in_reply_to")};
    if (!store_bounce_was_news(context->store, id, &facts.bounce_news, &error)) {
        json_decref(lines);
        return context_fail(g_steal_pointer(&error));
    }
    g_autoptr(GPtrArray) sentences = explain_message(context->view, &facts, line, message->seen_s);
    print_sentences(sentences);
    json_decref(lines);
    return print_stored(context, id);
}

static int explain_one_letter(Context *context, const char *name) {
    g_autoptr(GError) error = NULL;
    gint64 id;
    g_autoptr(OutboxEntry) entry = g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL)
                                       ? store_outbox_get(context->store, id, &error)
                                       : store_outbox_by_key(context->store, name, &error);
    if (!entry)
        return context_fail(g_steal_pointer(&error));
    if (context->json) {
        json_t *all = store_explain_letter(context->store, entry->id, &error);
        if (!all)
            return context_fail(g_steal_pointer(&error));
        context_print_json(all);
        json_decref(all);
        return EXIT_DONE;
    }
    printf("letter %" G_GINT64_FORMAT "  %s  %s\n", entry->id, outbox_state_name(entry->state),
           entry->letter->key);
    g_autoptr(GPtrArray) sentences =
        explain_letter(context->view, entry->letter, entry->state, context->now_s);
    print_sentences(sentences);
    if (entry->reply)
        printf("%s\n", entry->reply);
    return EXIT_DONE;
}

static int explain_one_question(Context *context, const char *name) {
    g_autoptr(GError) error = NULL;
    gint64 id;
    if (!g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL)) {
        fprintf(stderr,
                "fortnight explain: \"%s\" is no question's number; `fortnight questions list --all` shows "
                "them\n",
                name);
        return EXIT_ATTENTION;
    }
    json_t *all = store_explain_question(context->store, id, &error);
    g_autoptr(TrackedQuestion) question = all ? store_question_get(context->store, id, &error) : NULL;
    if (!question) {
        json_decref(all);
        return context_fail(g_steal_pointer(&error));
    }
    g_autoptr(GPtrArray) sentences = explain_question(context->view, question, all, context->now_s);
    if (context->json) {
        json_t *texts = json_array();
        for (guint i = 0; i < sentences->len; i++)
            json_array_append_new(texts, json_string(sentences->pdata[i]));
        json_object_set_new(all, "sentences", texts);
        context_print_json(all);
    } else {
        print_sentences(sentences);
    }
    json_decref(all);
    return EXIT_DONE;
}

static int explain_organization(Context *context, const char *name, const char *period_text) {
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = view_named(context->view, normal);
    if (!named || named->len != 1) {
        fprintf(stderr,
                "fortnight explain: %s organization is called \"%s\"; `fortnight status` lists them\n",
                named ? "more than one" : "no", name);
        return EXIT_ATTENTION;
    }
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    int status = context_period(context, period_text, &obligation, &period);
    if (status != CONTEXT_GO_ON)
        return status;
    const Organization *organization = named->pdata[0];
    if (context->json) {
        g_autoptr(GError) error = NULL;
        json_t *all =
            store_explain_period(context->store, organization->id, obligation->id, period->key, &error);
        if (!all)
            return context_fail(g_steal_pointer(&error));
        context_print_json(all);
        json_decref(all);
        return EXIT_DONE;
    }
    g_autoptr(GPtrArray) sentences =
        explain_standing(context->view, obligation, period, organization, context->now_s);
    print_sentences(sentences);
    return EXIT_DONE;
}

int command_explain(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(
        &context, argc, argv, NULL,
        "message ID | letter ID-OR-KEY | question ID | ORGANIZATION [PERIOD] | score NAME [PERIOD|TERM]",
        "Says why: the facts, the rule and the decision for a message, a letter, a question, or an "
        "organization's period; or where the points of a score come from.\n"
        "A message is named by its number, its Message-ID or its SHA-256.");
    if (status == CONTEXT_GO_ON && !context.arguments) {
        fputs("fortnight explain: what? message ID, letter ID, or an organization's name\n", stderr);
        return EXIT_USAGE;
    }
    if (status == CONTEXT_GO_ON && strcmp(context.arguments[0], "score") == 0 && context.arguments[1])
        return score_explain_print(&context, context.arguments[1], context.arguments[2]);
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, STORE_READ);
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, NULL);
    if (status != CONTEXT_GO_ON)
        return status;
    const char *what = context.arguments[0], *name = context.arguments[1];
    if (strcmp(what, "letter") == 0 && name)
        return explain_one_letter(&context, name);
    if (strcmp(what, "question") == 0 && name)
        return explain_one_question(&context, name);
    if (strcmp(what, "message") != 0 || !name)
        return explain_organization(&context, what, name);
    gint64 id = 0;
    g_autoptr(GError) error = NULL;
    if (!g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL)) {
        g_autoptr(StoreMessage) message = strlen(name) == 64
                                              ? store_message_by_sha256(context.store, name, &error)
                                              : store_message_by_message_id(context.store, name, &error);
        if (error)
            return context_fail(g_steal_pointer(&error));
        if (!message) {
            fprintf(stderr, "fortnight explain: no message \"%s\"\n", name);
            return EXIT_ATTENTION;
        }
        id = message->id;
    }
    return explain_one_message(&context, id);
}
