/* fortnight check: configuration, templates, database, sandbox, mailbox and SMTP logins, clock: a line each,
 * with the remedy (SPEC 7). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/commands/context.h"
#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/error.h"
#include "gateway/core/period.h"
#include "gateway/core/schedule.h"
#include "gateway/core/score_formula.h"
#include "gateway/io/chart.h"
#include "gateway/io/clock.h"
#include "gateway/io/converter.h"
#include "gateway/io/credentials.h"
#include "gateway/io/document_out_form.h"
#include "gateway/io/ipc.h"
#include "gateway/io/landlock.h"
#include "gateway/io/site.h"
#include "gateway/io/spawn.h"
#include "gateway/io/supervisor.h"
#include "gateway/io/templates.h"
#include "gateway/store/submissions.h"

#define CLOCK_SANE_S        1451606400 /* 2016-01-01: earlier, the clock was never set */
#define HOLIDAYS_AHEAD_DAYS 120        /* the next year is decreed in November */
#define LOGIN_TIMEOUT_MS    90000      /* a slow server's timeouts, name resolution included */

typedef struct {
    Context *context;
    json_t *lines;
    bool has_failed;
} Check;

/* One line of the result; remedy NULL: nothing to do. */
static void say(Check *check, bool is_good, const char *what, const char *detail, const char *remedy) {
    check->has_failed = check->has_failed || !is_good;
    if (check->context->json) {
        json_array_append_new(check->lines, json_pack("{s:s, s:b, s:s, s:s?}", "check", what, "ok", is_good,
                                                      "detail", detail, "remedy", remedy));
        return;
    }
    printf("%s  %-14s %s\n", is_good ? "ok  " : "FAIL", what, detail);
    if (remedy && *remedy)
        printf("      %-14s → %s\n", "", remedy);
}

static void say_error(Check *check, const char *what, const GError *error, const char *remedy) {
    say(check, false, what, error->message, remedy);
}

static void check_configuration(Check *check) {
    const Config *config = check->context->config;
    g_autofree char *detail =
        g_strdup_printf("%s: programme \"%s\", %zu forms, %u obligations, %u roles", config->path,
                        config->programme->id, json_array_size(json_object_get(config->forms, "forms")),
                        config->programme->obligations->len, config->programme->roles->len);
    say(check, true, "configuration", detail, NULL);
}

/* Due days that move need to know the holidays of their years, this one and the next. */
static void check_holidays(Check *check, const Obligation *obligation) {
    const Programme *programme = check->context->config->programme;
    GDate today, later;
    calendar_local(programme->zone, check->context->now_s, &today, NULL);
    later = calendar_day_add(&today, HOLIDAYS_AHEAD_DAYS);
    g_autoptr(GArray) years =
        calendar_missing_years(programme->holidays, schedule_of_day(obligation, &today), &today, &later);
    for (guint i = 0; i < years->len; i++) {
        g_autofree char *detail = g_strdup_printf(
            "%s: no holidays of %d are known; its due days move by Saturdays and Sundays only",
            obligation->id, g_array_index(years, int, i));
        say(check, true, "holidays", detail,
            "put that year's file into etc/holidays (its README says where from), or name a directory with "
            "holidays");
    }
}

static void check_schedules(Check *check) {
    const Programme *programme = check->context->config->programme;
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        g_autoptr(GError) error = NULL;
        if (!schedule_check(obligation, &error)) {
            say_error(check, "schedule", error, NULL);
            continue;
        }
        g_autoptr(Period) next = period_at(programme, obligation, check->context->now_s);
        g_autofree char *due = next ? calendar_instant_text(programme->zone, next->due_s, programme->language)
                                    : g_strdup("no further period");
        g_autofree char *detail = g_strdup_printf("%s: next due %s", obligation->id, due);
        say(check, true, "schedule", detail, NULL);
        check_holidays(check, obligation);
    }
}

static void check_scores(Check *check) {
    const ScoreFormula *scores = check->context->config->scores;
    if (!scores)
        return;
    g_autofree char *detail = g_strdup_printf(
        "%s: %u rules for organizations, %u for persons, %u terms; formula %s", scores->obligation,
        scores->rules->len, scores->person_rules->len, scores->terms->len, scores->version);
    say(check, true, "scores", detail, NULL);
}

/* Each form can be written as the Word document that reminders enclose. */
static bool check_blank_forms(const Check *check, GError **error) {
    const Programme *programme = check->context->config->programme;
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        const json_t *form = definition_form(programme, obligation->form);
        if (!form) /* settled by reviewing */
            continue;
        g_autoptr(GBytes) blank = document_out_form(form, NULL, programme->language, error);
        if (!blank) {
            g_prefix_error(error, "blank form \"%s\": ", obligation->form);
            return false;
        }
    }
    return true;
}

static void check_templates(Check *check) {
    const char *directory = check->context->config->templates_dir;
    g_autoptr(GError) error = NULL;
    g_autoptr(LetterTemplates) templates = templates_load(directory, &error);
    if (!templates || !templates_check(templates, directory, &error) ||
        !site_check(directory, check->context->config->programme->language, &error) ||
        !check_blank_forms(check, &error))
        say_error(check, "templates", error,
                  "correct the named line, or remove letters.templates to use those that are shipped");
    else
        say(check, true, "templates", directory, NULL);
}

/* Whoever edits a schedule in place loses the periods that went by it. */
static void check_recorded_periods(Check *check, Store *store) {
    const Programme *programme = check->context->config->programme;
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        g_autoptr(GPtrArray) keys = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) lost = g_string_new(NULL);
        if (!store_recorded_periods(store, obligation->id, &keys, &error)) {
            say_error(check, "database", error, NULL);
            return;
        }
        for (guint k = 0; k < keys->len; k++) {
            g_autoptr(Period) period = period_by_key(programme, obligation, keys->pdata[k]);
            if (!period)
                g_string_append_printf(lost, " %s", (const char *)keys->pdata[k]);
        }
        if (!lost->len)
            continue;
        g_autofree char *detail = g_strdup_printf("%s: the schedule has no longer what was reported for%s",
                                                  obligation->id, lost->str);
        say(check, false, "schedule", detail,
            "keep the old schedule and add the new one as a version: schedule = ( { … }, { …; from = "
            "\"DATE\"; } )");
    }
}

static void check_database(Check *check) {
    const Config *config = check->context->config;
    g_autofree char *path = config_database_path(config);
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_autofree char *detail =
            g_strdup_printf("%s does not exist yet; the first `poll` or `run` creates it", path);
        say(check, true, "database", detail, NULL);
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store =
        store_open(path, STORE_READ, config->programme->id, "check", clock_now_s(), &error);
    gint64 released_s = 0;
    if (!store || !store_quick_check(store, &error) ||
        !store_meta_get_integer(store, STORE_META_RELEASED, 0, &released_s, &error)) {
        say_error(check, "database", error, "restore a backup, or move the file away to begin anew");
        return;
    }
    say(check, true, "database", path, NULL);
    check_recorded_periods(check, store);
    if (!released_s)
        say(check, true, "letters", "silent first contact: nobody is written to",
            "look at `fortnight status`, then `fortnight release`");
}

static void check_fonts(Check *check) {
    g_autofree char *family = NULL;
    bool works = chart_font_works(&family);
    say(check, works, "fonts", works ? family : "no font with Chinese characters: charts would show boxes",
        works ? NULL : "apt-get install fonts-wqy-microhei (or fonts-noto-cjk)");
}

static void check_sandbox(Check *check) {
    int abi = landlock_abi();
    g_autofree char *detail = abi > 0 ? g_strdup_printf("seccomp, and Landlock (ABI %d)", abi)
                                      : g_strdup("seccomp; this kernel has no Landlock");
    say(check, abi > 0 || !check->context->config->sandbox_required, "sandbox", detail,
        abi > 0 ? NULL : "Linux 5.13 or later with lsm=landlock confines files too");
}

static void check_converter(Check *check) {
    g_autofree char *program = converter_program();
    g_autofree char *version = program ? converter_version(program) : NULL;
    g_autofree char *detail =
        version ? g_strdup_printf("%s (%s) reads .doc, .xls and .rtf", version, program)
                : g_strdup_printf("%s: .doc, .xls and .rtf stay unread, and go to review",
                                  program ? "LibreOffice does not start" : "no LibreOffice");
    say(check, true, "converter", detail,
        version ? NULL
                : "apt-get install --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui");
}

/* The operator's second channel: a program that is not there would be missed when it is needed. */
static void check_alerts(Check *check) {
    char **command = check->context->config->alert_command;
    g_autofree char *program = command ? g_find_program_in_path(command[0]) : NULL;
    g_autofree char *detail =
        !command
            ? g_strdup("by letter only: where mail does not work, nobody is told")
            : g_strdup_printf(program ? "by letter and by %s" : "%s: there is no such program", command[0]);
    say(check, !command || program, "alerts", detail,
        program ? NULL
                : "alerts = { command = [ \"PROGRAM\" ]; }; in the configuration: run with code, cause and "
                  "remedy");
}

static void check_clock(Check *check) {
    const Config *config = check->context->config;
    g_autofree char *now =
        calendar_instant_text(config->programme->zone, check->context->now_s, config->programme->language);
    g_autofree char *detail =
        g_strdup_printf("%s (%s); mail is seen at most %lld s after it arrives", now,
                        config->programme->zone_name, (long long)config->poll_interval_s * 6 / 5);
    say(check, check->context->now_s > CLOCK_SANE_S, "clock", detail,
        check->context->now_s > CLOCK_SANE_S ? NULL : "set the system's clock");
}

/* ---- logins: the role itself is asked, with the credential it would have
 * ------------------------------------------------ */

static bool write_settings(int fd, json_t *settings, GError **error) {
    char *text = json_dumps(settings, JSON_COMPACT);
    gsize length = strlen(text);
    bool good =
        write(fd, text, length) == (ssize_t)length; /* a pipe holds 64 KiB, settings are some hundred bytes */
    explicit_bzero(text, length);
    free(text);
    if (!good)
        g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY,
                            "cannot hand over the settings");
    return good;
}

/* Starts a role; ret_socket is our end. */
static pid_t start_role(const char *role, const json_t *server, int *ret_socket, GError **error) {
    char *secret = NULL;
    if (config_needs_secret(server) && !(secret = credentials_read(server, error)))
        return -1;
    json_t *settings = json_deep_copy(server);
    if (secret)
        json_object_set_new(settings, "password", json_string(secret));
    credentials_clear(secret);
    int pair[2], pipe_fds[2];
    pid_t pid = -1;
    if (ipc_pair(pair, error)) {
        if (pipe2(pipe_fds, O_CLOEXEC) == 0) {
            if (write_settings(pipe_fds[1], settings, error))
                pid = spawn_role(role, NULL, (const int[]){pair[1], pipe_fds[0]}, 2, SPAWN_DIES_WITH_PARENT,
                                 error);
            close(pipe_fds[0]);
            close(pipe_fds[1]);
        }
        close(pair[1]);
        *ret_socket = pair[0];
    }
    json_decref(settings);
    return pid;
}

static void check_login(Check *check, const char *what, const char *role, const json_t *server) {
    g_autoptr(GError) error = NULL;
    int socket_fd = -1;
    pid_t pid = start_role(role, server, &socket_fd, &error);
    json_t *nothing = json_object();
    g_auto(IpcFrame) frame = {.fd = -1};
    if (pid > 0 && ipc_send(socket_fd, IPC_CHECK, nothing, -1, LOGIN_TIMEOUT_MS, &error) &&
        ipc_receive(socket_fd, &frame, LOGIN_TIMEOUT_MS, &error) == 1) {
        const char *detail = json_string_value(json_object_get(frame.payload, "detail"));
        say(check, json_is_true(json_object_get(frame.payload, "ok")), what, detail ? detail : "",
            json_string_value(json_object_get(frame.payload, "remedy")));
    } else {
        say(check, false, what, error ? error->message : "no answer in time",
            "see the messages above; the host name, port and network");
    }
    json_decref(nothing);
    if (socket_fd >= 0)
        close(socket_fd);
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

int command_check(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean offline = FALSE;
    const GOptionEntry extra[] = {
        {"offline", 0, 0, G_OPTION_ARG_NONE, &offline, "do not log in anywhere", NULL}, {NULL}};
    int status = context_start(&context, argc, argv, extra, "",
                               "Checks the configuration, its forms, schedules and templates, the database, "
                               "the sandbox, the clock, and logs in to the\n"
                               "mailbox and the SMTP server: a line each, with the remedy. Exit status 1 if "
                               "something fails, 2 for the configuration.");
    if (status != CONTEXT_GO_ON)
        return status;
    Check check = {.context = &context, .lines = json_array()};
    check_configuration(&check);
    check_schedules(&check);
    check_scores(&check);
    check_templates(&check);
    check_database(&check);
    check_fonts(&check);
    check_sandbox(&check);
    check_converter(&check);
    check_alerts(&check);
    check_clock(&check);
    if (!offline) {
        check_login(&check, "mailbox", "fetcher", context.config->mailbox);
        check_login(&check, "transport", "sender", context.config->transport);
    }
    if (context.json)
        context_print_json(check.lines);
    json_decref(check.lines);
    return check.has_failed ? EXIT_ATTENTION : EXIT_DONE;
}
