/* fortnight replay: the archive read again with today's rules (SPEC 7). */
#include "gateway/keeper/replay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/io/clock.h"
#include "gateway/io/log.h"
#include "gateway/io/progress.h"
#include "gateway/keeper/learnt.h"

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static void print_changes(const json_t *report) {
    g_autoptr(Table) table =
        table_new((const char *[]){"message", "organization", "period", "item", "old", "new", NULL});
    size_t i, f;
    json_t *change, *field;
    json_array_foreach(json_object_get(report, "changes"), i, change) {
        g_autofree char *id =
            g_strdup_printf("%lld", (long long)json_integer_value(json_object_get(change, "message")));
        json_array_foreach(json_object_get(change, "fields"), f, field) {
            table_row(table, (const char *[]){f ? "" : id, f ? "" : text_of(change, "organization"),
                                              f ? "" : text_of(change, "period"), text_of(field, "label"),
                                              text_of(field, "old"), text_of(field, "new")});
        }
    }
    if (json_array_size(json_object_get(report, "changes")))
        table_print(table);
}

static int count_of(const json_t *report, const char *key) {
    return (int)json_integer_value(json_object_get(report, key));
}

static void print_report(const json_t *report, bool apply) {
    print_changes(report);
    printf("%d messages read again: %d the same, %d differ, %d could not be read\n",
           count_of(report, "messages"), count_of(report, "same"), count_of(report, "changed"),
           count_of(report, "failed"));
    if (count_of(report, "lost"))
        printf("%d hold a form that is not found any more; they are left as they are\n",
               count_of(report, "lost"));
    if (apply)
        printf("%d recorded as revisions of origin \"replay\"; nobody is written to\n",
               count_of(report, "applied"));
    else if (count_of(report, "changed") > count_of(report, "lost"))
        puts("`fortnight replay --apply` records the changes; nobody is written to");
}

/* What replay needs of a keeper, where nothing is to be written: the gateway may go on running. */
static bool open_for_looking(Context *context, Keeper *keeper, GError **error) {
    g_autofree char *archive = config_archive_path(context->config);
    *keeper = (Keeper){.config = context->config, .store = context->store, .view = context->view};
    keeper->archive = archive_open(archive, ARCHIVE_READ, error);
    return keeper->archive && learnt_labels_apply(context->store, context->config, error);
}

static int run(Context *context, const ReplayOptions *options) {
    static const char *const NO_PERIODS[] = {NULL};
    g_autoptr(GError) error = NULL;
    Keeper keeper = {0};
    json_t *report = NULL;
    if (options->apply) {
        g_autofree char *holder = g_strdup_printf("pid %d: fortnight replay", (int)getpid());
        if (keeper_open(&keeper, context->config, holder, context->now_s - clock_now_s(), &error))
            report = replay_run(&keeper, options, &error);
        keeper_close(&keeper);
    } else {
        int status = context_open_store(context, STORE_READ);
        if (status == CONTEXT_GO_ON)
            status = context_load_view(context, &(SnapshotScope){.periods = NO_PERIODS});
        if (status != CONTEXT_GO_ON)
            return status;
        if (open_for_looking(context, &keeper, &error))
            report = replay_run(&keeper, options, &error);
        g_clear_pointer(&keeper.archive, archive_close);
    }
    progress_clear(options->progress);
    if (!report)
        return context_fail(g_steal_pointer(&error));
    if (context->json)
        context_print_json(report);
    else
        print_report(report, options->apply);
    bool needs_attention = count_of(report, "failed") || count_of(report, "lost");
    json_decref(report);
    return needs_attention ? EXIT_ATTENTION : EXIT_DONE;
}

int command_replay(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean diff = FALSE, apply = FALSE;
    g_autofree char *since = NULL;
    const GOptionEntry extra[] = {
        {"diff", 0, 0, G_OPTION_ARG_NONE, &diff, "show what would change and write nothing (default)", NULL},
        {"apply", 0, 0, G_OPTION_ARG_NONE, &apply, "record what changed as revisions of origin \"replay\"",
         NULL},
        {"since", 0, 0, G_OPTION_ARG_STRING, &since, "only messages received from this time on", "TIME"},
        {NULL}};
    log_init(NULL, LOG_WARNING);
    int status = context_start(
        &context, argc, argv, extra, "",
        "Reads the archive again with today's forms, labels and parsers and shows, by organization, "
        "what they make of it.\nNo letter is sent, whatever changes.");
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(Progress) progress = progress_new("messages", 0);
    ReplayOptions options = {.apply = apply, .progress = progress};
    g_autoptr(GError) error = NULL;
    if (diff && apply) {
        fputs("fortnight replay: --diff or --apply, not both\n", stderr);
        return EXIT_USAGE;
    }
    if (since && !clock_parse(since, context.config->programme->zone, &options.since_s, &error)) {
        fprintf(stderr, "fortnight replay: --since: %s\n", error->message);
        return EXIT_USAGE;
    }
    return run(&context, &options);
}
