/* fortnight labels: labels that nobody listed, and those that a person taught (SPEC 3, 7). */
#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/keeper/teaching.h"
#include "gateway/store/journal.h"
#include "parsers/label.h"

#define LIST_MAX 1000

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static void print_rows(const json_t *strange, const json_t *learnt) {
    g_autoptr(Table) table =
        table_new((const char *[]){"form", "label", "met", "taken for", "example", NULL});
    size_t i;
    json_t *row;
    json_array_foreach(strange, i, row) {
        g_autofree char *count = g_strdup_printf(
                            "%lld", (long long)json_integer_value(json_object_get(row, "count"))),
                        *message = g_strdup_printf(
                            "message %lld", (long long)json_integer_value(json_object_get(row, "message")));
        const char *field = text_of(row, "field");
        table_row(table, (const char *[]){text_of(row, "form"), text_of(row, "label"), count,
                                          *field ? field : "nothing", message});
    }
    json_array_foreach(learnt, i, row) {
        table_row(table, (const char *[]){text_of(row, "form"), text_of(row, "label"), "taught",
                                          text_of(row, "field"), NULL});
    }
    table_print(table);
    if (json_array_size(strange))
        puts("\nTo teach one: fortnight labels teach FORM FIELD \"LABEL\"; then `fortnight replay` reads the "
             "archive again");
}

static int list_labels(Context *context) {
    int status = context_open_store(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(GError) error = NULL;
    json_t *strange = store_labels_strange(context->store, LIST_MAX, &error);
    json_t *learnt = strange ? store_labels_learnt(context->store, &error) : NULL;
    if (learnt && context->json) {
        json_t *all = json_pack("{s:O, s:O}", "strange", strange, "learnt", learnt);
        context_print_json(all);
        json_decref(all);
    } else if (learnt && !json_array_size(strange) && !json_array_size(learnt)) {
        puts("every label that was met is known");
    } else if (learnt) {
        print_rows(strange, learnt);
    }
    json_decref(strange);
    json_decref(learnt);
    return learnt ? EXIT_DONE : context_fail(g_steal_pointer(&error));
}

/* ---- teaching
 * --------------------------------------------------------------------------------------------------- */

static int write_label(Context *context, bool is_new, const char *form, const char *field,
                       const char *label) {
    g_autoptr(GError) error = NULL;
    g_autofree char *normal = label_normal_form(label, -1);
    const StoreLabel entry = {form, field, label, normal};
    bool was_known = true;
    const char *fault = is_new ? teaching_fault(context->config->forms, &entry, true) : NULL;
    if (fault) {
        fprintf(stderr, "fortnight labels: %s %s “%s”: %s\n", form, field, label, fault);
        return EXIT_USAGE;
    }
    int status = context_open_store(context, STORE_WRITE);
    if (status != CONTEXT_GO_ON)
        return status;
    const JournalEvent event = {.event = is_new ? "label.taught" : "label.forgotten", .detail = label};
    if (store_begin(context->store, &error) &&
        (is_new ? store_label_teach(context->store, &entry, context->now_s, &error)
                : store_label_forget(context->store, form, normal, &was_known, &error)) &&
        store_journal_append(context->store, &event, context->now_s, &error) &&
        store_commit(context->store, &error)) {
        if (!was_known)
            fprintf(stderr, "fortnight labels: nobody taught “%s” for %s\n", label, form);
        else
            printf("%s “%s”; `fortnight replay` reads the archive again with it\n",
                   is_new ? "learnt" : "forgotten", label);
        return was_known ? EXIT_DONE : EXIT_ATTENTION;
    }
    store_rollback(context->store);
    return context_fail(g_steal_pointer(&error));
}

int command_labels(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(
        &context, argc, argv, NULL, "[list | teach FORM FIELD LABEL | forget FORM LABEL]",
        "Lists labels that were met on forms and that nobody listed, with how often and an example, and "
        "those that were taught.\nteach: from now on LABEL means FIELD of FORM (a column is "
        "TABLE.COLUMN), for the whole programme.");
    if (status != CONTEXT_GO_ON)
        return status;
    char **arguments = context.arguments;
    const char *verb = arguments ? arguments[0] : "list";
    guint n = arguments ? g_strv_length(arguments) : 1;
    if (strcmp(verb, "list") == 0)
        return list_labels(&context);
    if (strcmp(verb, "teach") == 0 && n == 4)
        return write_label(&context, true, arguments[1], arguments[2], arguments[3]);
    if (strcmp(verb, "forget") == 0 && n == 3)
        return write_label(&context, false, arguments[1], "", arguments[2]);
    fprintf(stderr, "fortnight labels: expected list, teach FORM FIELD LABEL or forget FORM LABEL\n");
    return EXIT_USAGE;
}
