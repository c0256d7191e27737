/* fortnight run, poll, ingest: the commands that start the processes of DESIGN 1. */
#include <stdio.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/io/clock.h"
#include "gateway/io/converter.h"
#include "gateway/io/converter_folder.h"
#include "gateway/io/credentials.h"
#include "gateway/io/log.h"
#include "gateway/io/supervisor.h"

/* Reader processes: as configured, else one more than cores, because each is idle for a moment between two
 * messages; at most 8: one core reads some hundred messages a second. */
static guint reader_count(const Config *config) {
    return config->readers ? config->readers : CLAMP(g_get_num_processors() + 1, 1, 8);
}

static json_t *keeper_settings(const Context *context, const char *mode) {
    json_t *settings = json_pack("{s:s, s:s}", "config", context->config->path, "mode", mode);
    if (context->at_text)
        json_object_set_new(settings, "at", json_integer(context->now_s));
    return settings;
}

/* Before anything is started or made: a secret that cannot be had. */
static bool check_secret(const json_t *server, const char *name, GError **error) {
    if (!config_needs_secret(server))
        return true;
    char *secret = credentials_read(server, error);
    credentials_clear(secret);
    if (!secret)
        g_prefix_error(error, "%s: ", name);
    return secret != NULL;
}

/* The settings of a converter, or NULL where there is none: then its documents go unread, the rest goes on.
 */
static json_t *converter_start(const Config *config, ConverterFolder **ret_folder) {
    g_autofree char *program = converter_program();
    g_autoptr(GError) error = NULL;
    ConverterFolder *folder = program ? converter_folder_new(config->state_dir, &error) : NULL;
    if (error)
        log_error(LOG_WARNING, "converter.start_failed", error);
    if (!folder)
        return NULL;
    *ret_folder = folder;
    return converter_settings(program, converter_folder_path(folder));
}

static int start(const Context *context, json_t *settings, bool one_shot, bool with_mailbox) {
    const Config *config = context->config;
    g_autoptr(GError) error = NULL;
    if (with_mailbox && (!check_secret(config->mailbox, "mailbox", &error) ||
                         !check_secret(config->transport, "transport", &error))) {
        json_decref(settings);
        return context_fail(g_steal_pointer(&error));
    }
    g_autoptr(ConverterFolder) folder = NULL;
    json_t *converter = converter_start(config, &folder);
    SupervisorRole roles[] = {
        /* first: a message that is read before there is a converter does without */
        {.name = "converter", .count = 1, .settings = converter},
        {.name = "pdf-reader", .count = 1},
        {.name = "reader", .count = reader_count(config)},
        {.name = "sender",
         .count = 1,
         .settings = config->transport,
         .has_credential = config_needs_secret(config->transport)},
        {.name = "fetcher",
         .count = 1,
         .settings = config->mailbox,
         .has_credential = config_needs_secret(config->mailbox)},
    };
    guint first = converter ? 0 : 1, from_files = 3; /* converter and readers */
    SupervisorPlan plan = {.roles = roles + first,
                           .n_roles = (with_mailbox ? G_N_ELEMENTS(roles) : from_files) - first,
                           .keeper_settings = settings,
                           .alert_command = (const char *const *)config->alert_command,
                           .one_shot = one_shot};
    int status = supervisor_run(&plan);
    json_decref(settings);
    json_decref(converter);
    return status;
}

int command_poll(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(&context, argc, argv, NULL, "",
                               "One complete pass for cron: fetches the mailbox, reads and records what is "
                               "new, answers, reminds, sends what is due,\n"
                               "and exits. Letters that the pace holds back leave with the next pass.");
    return status == CONTEXT_GO_ON ? start(&context, keeper_settings(&context, "poll"), true, true) : status;
}

int command_run(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(&context, argc, argv, NULL, "",
                               "The daemon: polls the mailbox by the configured interval and sends letters "
                               "when they are due, until SIGTERM.\n"
                               "Stays in the foreground; logs one line an event on standard error, or to the "
                               "journal under systemd.");
    return status == CONTEXT_GO_ON ? start(&context, keeper_settings(&context, "run"), false, true) : status;
}

int command_ingest(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_autofree char *org = NULL, *received = NULL, *note = NULL;
    const GOptionEntry extra[] = {
        {"org", 0, 0, G_OPTION_ARG_STRING, &org,
         "the organization that it is from; it is then marked as entered by hand", "NAME"},
        {"received", 0, 0, G_OPTION_ARG_STRING, &received,
         "when it was received (default: the file's own time)", "TIME"},
        {"note", 0, 0, G_OPTION_ARG_STRING, &note, "evidence: who brought it, how", "TEXT"},
        {NULL}};
    int status = context_start(&context, argc, argv, extra, "FILE…",
                               "Takes messages (.eml, mbox) or documents from files as if they had arrived "
                               "by mail: for what came by phone, on paper\n"
                               "or by another mailbox. Letters that follow leave with the next `poll`.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!context.arguments) {
        fputs("fortnight ingest: which file? `fortnight ingest --help` explains\n", stderr);
        return EXIT_USAGE;
    }
    gint64 received_s = 0;
    g_autoptr(GError) error = NULL;
    if (received && !clock_parse(received, context.config->programme->zone, &received_s, &error)) {
        fprintf(stderr, "fortnight ingest: --received: %s\n", error->message);
        return EXIT_USAGE;
    }
    json_t *files = json_array();
    for (guint i = 0; context.arguments[i]; i++) {
        g_autofree char *path = g_canonicalize_filename(context.arguments[i], NULL);
        json_array_append_new(files, json_string(path));
    }
    json_t *settings = keeper_settings(&context, "ingest");
    json_object_set_new(settings, "files", files);
    json_object_set_new(settings, "received", json_integer(received_s));
    if (org)
        json_object_set_new(settings, "org", json_string(org));
    if (note)
        json_object_set_new(settings, "note", json_string(note));
    return start(&context, settings, true, false);
}
