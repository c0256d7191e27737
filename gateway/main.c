/* The one place that joins everything: the table of subcommands (SPEC 7), the table of roles (DESIGN 1), and
 * nothing else. */
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/commands/commands.h"
#include "gateway/core/suggest.h"
#include "gateway/io/converter.h"
#include "gateway/io/fetcher.h"
#include "gateway/io/log.h"
#include "gateway/io/reader.h"
#include "gateway/io/sender.h"
#include "gateway/io/supervisor.h"
#include "gateway/keeper/loop.h"

#define VERSION "0.1"

typedef struct {
    const char *name;
    CommandRun run;
    const char *help; /* one line */
} Command;

/* in the order of SPEC 7, which is that of --help; ends with an empty row */
static const Command commands[] = {
    {"check", command_check, "configuration, templates, database, logins: a line each, with the remedy"},
    {"rota", command_rota, "who is on duty when; turns handed to somebody else"},
    {"run", command_run, "the daemon: fetch, read, record, answer, remind, sum up"},
    {"poll", command_poll, "one complete pass and exit, for cron"},
    {"parse", command_parse, "print what is understood of messages and documents"},
    {"ingest", command_ingest, "take messages from files as if they had arrived"},
    {"status", command_status, "who has sent what is owed, who has not, who is late, whom to call"},
    {"summary", command_summary, "the leaders' summary of a period as it stands now"},
    {"letters", command_letters, "a letter of any kind as it would be sent now, for looking at"},
    {"scores", command_scores, "scores and standings of a period or term, persons, proposals for awards"},
    {"export", command_export, "a period's figures as workbook, CSV or JSON"},
    {"dossier", command_dossier, "the cases of a term with their files, as a Word document and a folder"},
    {"site", command_site, "a static page for a browser: matrix, submissions, questions"},
    {"remind", command_remind, "the letters that are due now, with their reasons (--dry-run)"},
    {"release", command_release, "end the silent first contact: from now on letters leave"},
    {"simulate", command_simulate, "replay time: every letter that would be sent"},
    {"orgs", command_orgs, "the roster: list, import, export, rename, merge, suspend, exempt, extend"},
    {"roles", command_roles, "who is who"},
    {"handover", command_handover, "a folder for a successor: who, what, rules, roster, open items"},
    {"labels", command_labels, "labels that nobody listed: list, teach, forget"},
    {"review", command_review, "what needs a person: list, show, assign, accept, reject"},
    {"replay", command_replay, "read the archive again with today's rules; show or record what changes"},
    {"explain", command_explain, "why: a message, a letter, an organization's period"},
    {"questions", command_questions, "questions without an answer, and how far each has come"},
    {"cluster", command_cluster, "group the repeated questions of a text file, one a line"},
    {"outbox", command_outbox, "letters and their states; retry, drop, release"},
    {"announce", command_announce, "tells everyone expected what will be owed and when"},
    {"backup", command_backup, "a consistent copy of the database, also while the daemon works"},
    {"verify", command_verify, "database, journal and archive against what was written"},
    {NULL, NULL, NULL},
};

/* Processes that this program starts of itself (DESIGN 1, gateway/io/spawn.h); not for people, so they do not
 * stand in the help. The reader is told everything over its socket, the others read settings first. */
static const struct {
    const char *name;
    int (*run)(int socket_fd);
    int (*run_with_settings)(int socket_fd, json_t *settings);
} roles[] = {
    {"reader", reader_main, NULL},   {"pdf-reader", reader_main, NULL}, {"keeper", NULL, keeper_main},
    {"fetcher", NULL, fetcher_main}, {"sender", NULL, sender_main},     {"converter", NULL, converter_main},
};

static void print_help(FILE *out) {
    fputs("Usage: fortnight COMMAND [OPTIONS]\n\n"
          "Reads forms and reports from a mailbox, answers, reminds and sums up.\n\nCommands:\n",
          out);
    for (const Command *command = commands; command->name != NULL; command++)
        fprintf(out, "  %-12s %s\n", command->name, command->help);
    fputs("\n`fortnight COMMAND --help` explains one. Exit status: 0 done, 1 something needs attention,\n"
          "2 usage or configuration error, 75 temporary failure.\n",
          out);
}

static const Command *find_command(const char *name) {
    for (const Command *command = commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static int refuse_unknown(const char *name) {
    const Command *nearest = NULL;
    guint best = 4; /* beyond three slips it is another word */
    for (const Command *command = commands; command->name != NULL; command++) {
        guint slips = g_str_has_prefix(command->name, name) ? 1 : suggest_distance(name, command->name);
        if (slips < best) {
            best = slips;
            nearest = command;
        }
    }
    if (nearest != NULL)
        fprintf(stderr, "fortnight: unknown command \"%s\"; did you mean \"%s\"?\n", name, nearest->name);
    else
        fprintf(stderr, "fortnight: unknown command \"%s\"; `fortnight --help` lists them\n", name);
    return EXIT_USAGE;
}

static int run_command(const Command *command, int argc, char **argv) {
    g_autofree char *program = g_strconcat("fortnight ", command->name, NULL);
    g_set_prgname(program); /* stands in usage lines of GOptionContext */
    return command->run(argc, argv);
}

/* A role that leaves because of its settings has said why; the supervisor sees the exit status. */
static int run_with_settings(int (*run)(int socket_fd, json_t *settings)) {
    g_autoptr(GError) error = NULL;
    json_t *settings = supervisor_settings(ROLE_SETTINGS_FD, &error);
    if (settings == NULL) {
        log_error(LOG_ERROR, "role.failed", error);
        return EXIT_ATTENTION;
    }
    int status = run(ROLE_SOCKET_FD, settings);
    json_decref(settings);
    return status;
}

/* --role NAME [--log LEVEL] */
static int run_role(const char *name, int argc, char **argv) {
    LogLevel level = LOG_NOTICE;
    if (argc >= 2 && strcmp(argv[0], "--log") == 0 && !log_level_parse(argv[1], &level))
        return EXIT_USAGE;
    for (gsize i = 0; i < G_N_ELEMENTS(roles); i++)
        if (strcmp(roles[i].name, name) == 0) {
            log_init(roles[i].name, level);
            return roles[i].run != NULL ? roles[i].run(ROLE_SOCKET_FD)
                                        : run_with_settings(roles[i].run_with_settings);
        }
    fprintf(stderr, "fortnight: unknown role \"%s\"\n", name);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    /* libarchive reads names, and GLib prints, in UTF-8 whatever the user's locale is (facts: libarchive) */
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(077);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("fortnight " VERSION);
        return EXIT_DONE;
    }
    if (strcmp(name, "--role") == 0 && argc > 2)
        return run_role(argv[2], argc - 3, argv + 3);
    const Command *command = find_command(name);
    return command != NULL ? run_command(command, argc - 1, argv + 1) : refuse_unknown(name);
}
