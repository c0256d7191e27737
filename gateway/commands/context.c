#include "gateway/commands/context.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/core/calendar.h"
#include "gateway/core/error.h"
#include "gateway/core/period_choice.h"
#include "gateway/io/clock.h"

void context_clear(Context *context) {
    g_clear_pointer(&context->view, view_free);
    g_clear_pointer(&context->snapshot, snapshot_free);
    g_clear_pointer(&context->store, store_close);
    g_clear_pointer(&context->config, config_free);
    g_strfreev(context->arguments);
    g_free(context->config_path);
    g_free(context->at_text);
    *context = (Context){0};
}

int context_fail(GError *error) {
    fprintf(stderr, "fortnight: %s\n", error->message);
    int status = fortnight_error_exit_status(error);
    g_error_free(error);
    return status;
}

/* GOptionContext keeps arguments beginning with - after "--"; the rest stands in context->arguments. */
static bool parse_options(Context *context, int argc, char **argv, const GOptionEntry *extra,
                          const char *usage, const char *description, GError **error) {
    const GOptionEntry common[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &context->config_path,
         "configuration (default: ./fortnight.conf, then /etc/fortnight/fortnight.conf)", "FILE"},
        {"at", 0, 0, G_OPTION_ARG_STRING, &context->at_text,
         "act as if it were this time: 2016-06-27T10:00 in the programme's zone, …Z, or @SECONDS", "TIME"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &context->json, "print JSON", NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &context->arguments, "", NULL},
        {NULL}};
    g_autoptr(GOptionContext) options = g_option_context_new(usage);
    g_option_context_set_summary(options, description);
    g_option_context_add_main_entries(options, common, NULL);
    if (extra)
        g_option_context_add_main_entries(options, extra, NULL);
    return g_option_context_parse(options, &argc, &argv, error);
}

int context_start(Context *context, int argc, char **argv, const GOptionEntry *extra, const char *usage,
                  const char *description) {
    g_autoptr(GError) error = NULL;
    if (!parse_options(context, argc, argv, extra, usage, description, &error)) {
        fprintf(stderr, "fortnight %s: %s; `fortnight %s --help` explains\n", argv[0], error->message,
                argv[0]);
        return EXIT_USAGE;
    }
    g_autofree char *path = config_find(context->config_path, &error);
    context->config = path ? config_load(path, &error) : NULL;
    if (!context->config)
        return context_fail(g_steal_pointer(&error));
    context->now_s = clock_now_s();
    if (context->at_text &&
        !clock_parse(context->at_text, context->config->programme->zone, &context->now_s, &error)) {
        fprintf(stderr, "fortnight %s: --at: %s\n", argv[0], error->message);
        return EXIT_USAGE;
    }
    return CONTEXT_GO_ON;
}

int context_open_store(Context *context, StoreMode mode) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = config_database_path(context->config);
    g_autofree char *holder = g_strdup_printf("pid %d: %s", (int)getpid(), g_get_prgname());
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        /* nor is it made: `release` before the first pass would undo the silent first contact */
        fprintf(
            stderr,
            "fortnight: database \"%s\" does not exist yet; the first `fortnight poll` or `run` creates it\n",
            path);
        return EXIT_USAGE;
    }
    context->store = store_open(path, mode, context->config->programme->id, holder, clock_now_s(), &error);
    return context->store ? CONTEXT_GO_ON : context_fail(g_steal_pointer(&error));
}

int context_load_view(Context *context, const SnapshotScope *scope) {
    static const SnapshotScope EVERYTHING = {.periods = NULL, .with_content = true};
    g_autoptr(GError) error = NULL;
    if (!store_snapshot(context->store, context->config->programme, scope ? scope : &EVERYTHING,
                        &context->snapshot, &error))
        return context_fail(g_steal_pointer(&error));
    context->view = view_new(context->snapshot);
    return CONTEXT_GO_ON;
}

int context_period(const Context *context, const char *text, const Obligation **ret_obligation,
                   Period **ret_period) {
    const Programme *programme = context->config->programme;
    if (period_choose(programme, text ? text : "", context->now_s, ret_obligation, ret_period))
        return CONTEXT_GO_ON;
    fprintf(stderr,
            "fortnight: no period \"%s\"; a period is named by its due date, such as 2016-06-27, or "
            "OBLIGATION/2016-06-27; obligations:",
            text ? text : "");
    for (guint i = 0; i < programme->obligations->len; i++)
        fprintf(stderr, " %s", ((const Obligation *)programme->obligations->pdata[i])->id);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

char *context_local_text(const Context *context, gint64 at_s) {
    if (!at_s)
        return g_strdup("");
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at_s);
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, context->config->programme->zone);
    return g_date_time_format(local, "%F %H:%M");
}

void context_print_json(const json_t *json) {
    json_dumpf(json, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    putchar('\n');
}
