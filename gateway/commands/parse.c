/* `fortnight parse`: SPEC 3.4 and the corpora's contract. Needs no database and no network; every file is
 * read in a reader process, so that one which crashes or hangs it costs its own line only. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/commands/commands.h"
#include "gateway/commands/parse_print.h"
#include "gateway/io/config.h"
#include "gateway/io/converter.h"
#include "gateway/io/forms_load.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader_host.h"
#include "parsers/limits.h"

/* Somebody waits for the answer: a file that takes longer than this is not worth it. Processor time is what
 * hostile input burns (the corpora allow 5 s for it); the wall clock is wider, since the machine may be busy
 * with other things. */
enum { WALL_MS_DEFAULT = 8000, CPU_S_DEFAULT = 4 };

typedef struct {
    gboolean json, text, explain, no_convert;
    char *config, *forms;
    char **files;
} Options;

typedef struct {
    const Options *options;
    ReaderHost *host;
    json_t **results; /* one a file, printed in the order of the arguments; NULL: under way or printed */
    guint n_files, n_printed;
    bool *unopened;                      /* files that have no line */
    const char *own_address, *id_domain; /* or NULL: without a configuration nothing is our own */
    Config *config;
    json_t *forms;
} Run;

static void options_clear(Options *options) {
    g_free(options->config);
    g_free(options->forms);
    g_strfreev(options->files);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

static void run_clear(Run *run) {
    reader_host_free(run->host);
    for (guint i = 0; run->results != NULL && i < run->n_files; i++)
        json_decref(run->results[i]);
    g_free(run->results);
    g_free(run->unopened);
    json_decref(run->forms);
    g_clear_pointer(&run->config, config_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static bool parse_options(Options *options, int argc, char **argv, GError **error) {
    const GOptionEntry entries[] = {
        {"json", 'j', 0, G_OPTION_ARG_NONE, &options->json, "Print one JSON object a line", NULL},
        {"text", 't', 0, G_OPTION_ARG_NONE, &options->text,
         "Add the plain text and the tables that were read", NULL},
        {"explain", 'e', 0, G_OPTION_ARG_NONE, &options->explain, "Add where each value was found", NULL},
        {"no-convert", 0, 0, G_OPTION_ARG_NONE, &options->no_convert,
         "Do not start LibreOffice for .doc, .xls and .rtf", NULL},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, "Take the forms of this configuration",
         "FILE"},
        {"forms", 'f', 0, G_OPTION_ARG_FILENAME, &options->forms, "Take the forms of this folder", "DIR"},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL, "FILE…"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context, "Reads messages (.eml, mbox), documents or archives and prints what was understood.\n"
                 "Needs no database and no network.");
    g_option_context_set_description(
        context, "Exit status: 0 every file could be opened (an encrypted, damaged or empty one has\n"
                 "its line and its problem), 1 one could not, 2 usage or configuration error.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return false;
    if (options->files == NULL) {
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "no FILE given; see --help");
        return false;
    }
    return true;
}

/* Forms: those of --forms, else of the configuration, else the ones that come with the program. */
static bool load_forms(Run *run, GError **error) {
    const Options *options = run->options;
    g_autofree char *path = config_find(options->config, options->config != NULL ? error : NULL);
    if (path == NULL && options->config != NULL)
        return false;
    if (path != NULL && (options->forms == NULL || options->config != NULL)) {
        run->config = config_load(path, error);
        if (run->config == NULL)
            return false;
        run->own_address = run->config->programme->from_address;
        run->id_domain = run->config->programme->id_domain;
    }
    if (options->forms == NULL && run->config != NULL) {
        run->forms = json_incref(run->config->forms);
        return true;
    }
    const Programme *programme = run->config != NULL ? run->config->programme : NULL;
    g_autofree char *folder = options->forms != NULL ? g_strdup(options->forms) : forms_default_dir();
    run->forms = forms_load_dir(folder, programme != NULL ? programme->language : "zh",
                                programme != NULL ? programme->zone_name : "Asia/Shanghai", error);
    return run->forms != NULL;
}

/* ---- one file ---- */

typedef struct {
    const char *failure; /* of an IPC_RESULT; NULL: too large to be handed to a reader */
    const char *code;    /* of the problem (SPEC 3.4) */
    const char *zh, *en;
} Refusal;

static const Refusal refusals[] = {
    {NULL, "limit", "文件超过 72 MB 的上限，没有读取",
     "the file is larger than the limit of 72 MB and was not read"},
    {"timeout", "limit", "读取这个文件用时过长，已停止", "reading the file took too long and was stopped"},
    {"memory", "limit", "读取这个文件需要太多内存，已停止",
     "reading the file needs too much memory and was stopped"},
    {"crash", "damaged", "读取这个文件时出错，文件可能已损坏", "reading the file failed; it may be damaged"},
    {"protocol", "damaged", "读取这个文件时出错，文件可能已损坏",
     "reading the file failed; it may be damaged"},
};

/* The result of a file that the reader could not deal with: {"lines":[…]} with one line, its problem, and
 * under "reader" what happened, for those who look for the cause. */
static json_t *refused_result(const Run *run, const char *file, const json_t *result) {
    const char *failure = json_string_value(json_object_get(result, "failure"));
    const Refusal *refusal = &refusals[G_N_ELEMENTS(refusals) - 1];
    for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++)
        if (g_strcmp0(refusals[i].failure, failure) == 0)
            refusal = &refusals[i];
    bool is_chinese = g_strcmp0(json_string_value(json_object_get(run->forms, "language")), "en") != 0;
    json_t *problem = json_pack("{s:s, s:s, s:s}", "class", "reading", "code", refusal->code, "text",
                                is_chinese ? refusal->zh : refusal->en);
    json_t *line = json_pack("{s:s, s:s, s:[], s:[o], s:s}", "file", file, "kind", "unknown", "parts",
                             "problems", problem, "reply", "");
    if (failure != NULL)
        json_object_set_new(
            line, "reader",
            json_pack("{s:s, s:O}", "failure", failure, "detail", json_object_get(result, "detail")));
    return json_pack("{s:[o]}", "lines", line);
}

static void print_ready(Run *run) {
    for (; run->n_printed < run->n_files; run->n_printed++) {
        json_t **result = &run->results[run->n_printed];
        if (*result == NULL && !run->unopened[run->n_printed])
            break;
        parse_print(stdout, *result, run->options->json);
        g_clear_pointer(result, json_decref);
    }
    fflush(stdout);
}

static void on_result(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    Run *run = user_data;
    guint index = GPOINTER_TO_UINT(tag);
    g_autofree char *file = g_filename_display_name(run->options->files[index]);
    if (json_object_get(result, "failure") != NULL)
        run->results[index] = refused_result(run, file, result);
    else
        run->results[index] = json_incref(result);
    print_ready(run);
}

/* The bytes of an open file; NULL and errno if it cannot be read, *ret_too_large if it has more than
 * LIMIT_MESSAGE_BYTES. */
static GByteArray *read_bytes(int fd, bool *ret_too_large) {
    enum { STEP_BYTES = 256 << 10 }; /* for what has no size: pipes */
    struct stat status;
    if (fstat(fd, &status) != 0)
        return NULL;
    *ret_too_large = S_ISREG(status.st_mode) && (guint64)status.st_size > LIMIT_MESSAGE_BYTES;
    if (*ret_too_large)
        return NULL;
    guint step = S_ISREG(status.st_mode) ? (guint)status.st_size + 1 : STEP_BYTES;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (;;) {
        guint length = bytes->len;
        g_byte_array_set_size(bytes, length + step);
        ssize_t n = read(fd, bytes->data + length, step);
        g_byte_array_set_size(bytes, length + (guint)MAX(n, 0));
        if (n < 0 && errno != EINTR)
            return NULL;
        if (n == 0)
            return g_steal_pointer(&bytes);
        if (bytes->len > LIMIT_MESSAGE_BYTES) {
            *ret_too_large = true;
            return NULL;
        }
    }
}

/* A sealed memfd with the file; -1 if it cannot be read (said on standard error) or is too large (its line is
 * set). */
static int load_file(Run *run, guint index, const char *display) {
    bool is_too_large = false;
    int memfd = -1;
    int fd = open(run->options->files[index], O_RDONLY | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GByteArray) bytes = fd >= 0 ? read_bytes(fd, &is_too_large) : NULL;
    g_autoptr(GError) error = NULL;
    int code = errno;
    if (bytes != NULL)
        memfd = ipc_memfd("file", bytes->data, bytes->len, &error);
    else if (is_too_large)
        run->results[index] = refused_result(run, display, NULL);
    if (memfd < 0 && !is_too_large) {
        fprintf(stderr, "fortnight parse: %s: %s\n", display,
                error != NULL ? error->message : g_strerror(code));
        run->unopened[index] = true;
    }
    if (fd >= 0)
        close(fd);
    return memfd;
}

static void submit_file(Run *run, guint index) {
    g_autofree char *display = g_filename_display_name(run->options->files[index]);
    int memfd = load_file(run, index, display);
    if (memfd < 0)
        return;
    json_t *request =
        json_pack("{s:s, s:b, s:b, s:i, s:i}", "file", display, "text", run->options->text, "explain",
                  run->options->explain, "wall_ms", WALL_MS_DEFAULT, "cpu_s", CPU_S_DEFAULT);
    if (run->own_address != NULL)
        json_object_set_new(request, "own_address", json_string(run->own_address));
    if (run->id_domain != NULL)
        json_object_set_new(request, "id_domain", json_string(run->id_domain));
    reader_host_submit(run->host, request, memfd, GUINT_TO_POINTER(index));
}

static bool parse_all(Run *run, GError **error) {
    run->host = reader_host_new(run->forms, on_result, run);
    if (!reader_host_spawn(run->host, MIN(run->n_files, g_get_num_processors()), error))
        return false;
    if (!run->options->no_convert)
        reader_host_spawn_converter(run->host, converter_default_base());
    for (guint next = 0; next < run->n_files || reader_host_pending(run->host) > 0;) {
        if (next < run->n_files && !reader_host_is_full(run->host))
            submit_file(run, next++);
        else
            reader_host_wait(run->host);
    }
    print_ready(run);
    return true;
}

int command_parse(int argc, char **argv) {
    g_auto(Options) options = {0};
    g_auto(Run) run = {.options = &options};
    g_autoptr(GError) error = NULL;
    log_init(NULL, LOG_WARNING);
    if (!parse_options(&options, argc, argv, &error) || !load_forms(&run, &error)) {
        fprintf(stderr, "fortnight parse: %s\n", error->message);
        return EXIT_USAGE;
    }
    run.n_files = g_strv_length(options.files);
    run.results = g_new0(json_t *, run.n_files);
    run.unopened = g_new0(bool, run.n_files);
    if (!parse_all(&run, &error)) {
        fprintf(stderr, "fortnight parse: %s\n", error->message);
        return EXIT_TEMPORARY;
    }
    for (guint i = 0; i < run.n_files; i++)
        if (run.unopened[i])
            return EXIT_ATTENTION;
    return ferror(stdout) ? EXIT_TEMPORARY : EXIT_DONE;
}
