/* fortnight outbox: letters and their states; a person's retry, drop and release (SPEC 7). */
#include "gateway/store/outbox.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/error.h"
#include "gateway/io/clock.h"

#define LIST_MAX 10000

static json_t *entry_json(const OutboxEntry *entry) {
    const Letter *letter = entry->letter;
    return json_pack("{s:I, s:s, s:s, s:s, s:s?, s:I, s:I, s:i, s:s?, s:i, s:s?, s:s?}", "id",
                     (json_int_t)entry->id, "state", outbox_state_name(entry->state), "key", letter->key,
                     "kind", letter_kind_name(letter->kind), "to", letter->to_address, "due_s",
                     (json_int_t)entry->due_s, "updated_s", (json_int_t)entry->updated_s, "attempts",
                     (int)entry->attempts, "message_id", entry->message_id, "code", entry->reply_code,
                     "reply", entry->reply, "reason", letter->reason);
}

static int list_letters(Context *context, const char *state_name) {
    OutboxState state = OUTBOX_STATES;
    if (state_name && !outbox_state_from_name(state_name, &state)) {
        fprintf(stderr, "fortnight outbox: no state \"%s\"; states:", state_name);
        for (guint i = 0; i < OUTBOX_STATES; i++)
            fprintf(stderr, " %s", outbox_state_name((OutboxState)i));
        fputc('\n', stderr);
        return EXIT_USAGE;
    }
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(GError) error = NULL;
    if (!store_outbox_list(context->store, state, LIST_MAX, &entries, &error))
        return context_fail(g_steal_pointer(&error));
    g_autoptr(Table) table =
        table_new((const char *[]){"id", "state", "letter", "to", "changed", "answer", NULL});
    json_t *list = json_array();
    bool needs_attention = false;
    for (guint i = 0; i < entries->len; i++) {
        const OutboxEntry *entry = entries->pdata[i];
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id),
                        *changed = context_local_text(context, entry->updated_s);
        table_row(table, (const char *[]){id, outbox_state_name(entry->state), entry->letter->key,
                                          entry->letter->to_address, changed, entry->reply});
        json_array_append_new(list, entry_json(entry));
        needs_attention = needs_attention || entry->state == OUTBOX_REFUSED ||
                          (entry->state == OUTBOX_UNSURE && !entry->due_s);
    }
    if (context->json)
        context_print_json(list);
    else
        table_print(table);
    json_decref(list);
    return needs_attention ? EXIT_ATTENTION : EXIT_DONE;
}

/* A letter is named by id or key. */
static OutboxEntry *find_letter(Context *context, const char *name, GError **error) {
    gint64 id;
    if (g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL))
        return store_outbox_get(context->store, id, error);
    return store_outbox_by_key(context->store, name, error);
}

static int move_letters(Context *context, OutboxEvent event, char **names) {
    int status = context_open_store(context, STORE_WRITE);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    if (!store_begin(context->store, &error))
        return context_fail(g_steal_pointer(&error));
    for (guint i = 0; names[i]; i++) {
        g_autoptr(OutboxEntry) entry = find_letter(context, names[i], &error);
        if (!entry ||
            !store_outbox_apply(context->store, entry->id, event, "by hand", context->now_s, &error)) {
            g_prefix_error(&error, "letter \"%s\": ", names[i]);
            return context_fail(g_steal_pointer(&error));
        }
        printf("%" G_GINT64_FORMAT " %s: %s\n", entry->id, entry->letter->key,
               store_outbox_event_name(event));
    }
    return store_commit(context->store, &error) ? EXIT_DONE : context_fail(g_steal_pointer(&error));
}

int command_outbox(int argc, char **argv) {
    static const struct {
        const char *name;
        OutboxEvent event;
    } MOVES[] = {
        {"retry", OUTBOX_EVENT_REQUEUE}, {"drop", OUTBOX_EVENT_DROP}, {"release", OUTBOX_EVENT_RELEASE}};
    g_auto(Context) context = {0};
    int status = context_start(
        &context, argc, argv, NULL, "[list [STATE] | retry ID… | drop ID… | release ID…]",
        "Lists letters and their states, newest first, or moves some by hand: retry sends again, drop gives "
        "up,\n"
        "release lets a letter go that waits for approval. ID is a number or a key of the list.");
    if (status != CONTEXT_GO_ON)
        return status;
    const char *verb = context.arguments ? context.arguments[0] : "list";
    if (strcmp(verb, "list") == 0) {
        status = context_open_store(&context, STORE_READ);
        return status == CONTEXT_GO_ON
                   ? list_letters(&context, context.arguments ? context.arguments[1] : NULL)
                   : status;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(MOVES); i++)
        if (strcmp(verb, MOVES[i].name) == 0 && context.arguments[1])
            return move_letters(&context, MOVES[i].event, context.arguments + 1);
    fprintf(stderr, "fortnight outbox: expected list [STATE], retry ID…, drop ID… or release ID…\n");
    return EXIT_USAGE;
}
