/* fortnight export: a period's figures as a workbook, CSV or JSON (SPEC 7). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/core/summary.h"
#include "gateway/core/summary_sheets.h"
#include "gateway/io/workbook.h"

typedef struct {
    char *xlsx, *csv, *sheet, *language;
} Options;

static void options_clear(Options *options) {
    g_free(options->xlsx);
    g_free(options->csv);
    g_free(options->sheet);
    g_free(options->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* "-" is standard output. Personal data: readable for the owner alone (umask 077). */
static int write_file(const char *path, const char *data, gsize length) {
    g_autoptr(GError) error = NULL;
    if (strcmp(path, "-") == 0)
        return fwrite(data, 1, length, stdout) == length && fflush(stdout) == 0 ? EXIT_DONE : EXIT_ATTENTION;
    if (g_file_set_contents_full(path, data, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        return EXIT_DONE;
    fprintf(stderr, "fortnight export: %s\n", error->message);
    return EXIT_ATTENTION;
}

static const json_t *sheet_named(const json_t *sheets, const char *name) {
    gsize i;
    json_t *sheet;
    json_array_foreach(sheets, i, sheet)
        if (g_strcmp0(json_string_value(json_object_get(sheet, "key")), name) == 0)
            return sheet;
    fprintf(stderr, "fortnight export: no table \"%s\" in this period; there are:", name);
    json_array_foreach(sheets, i, sheet)
        fprintf(stderr, " %s", json_string_value(json_object_get(sheet, "key")));
    fputc('\n', stderr);
    return NULL;
}

static int write_csv(const Options *options, const json_t *sheets) {
    const json_t *sheet = sheet_named(sheets, options->sheet ? options->sheet : "submissions");
    if (!sheet)
        return EXIT_USAGE;
    g_autofree char *csv = workbook_csv(sheet);
    return write_file(options->csv, csv, strlen(csv));
}

static int write_workbook(const Context *context, const Options *options, const json_t *sheets,
                          const json_t *model) {
    g_autoptr(GError) error = NULL;
    g_autofree char *title = g_strdup_printf(
        "%s %s", json_string_value(json_object_get(json_object_get(model, "obligation"), "title")),
        json_string_value(json_object_get(json_object_get(model, "period"), "span_text")));
    g_autoptr(GBytes) bytes = workbook_render(sheets, title, context->now_s, g_get_tmp_dir(), &error);
    if (!bytes)
        return context_fail(g_steal_pointer(&error));
    return write_file(options->xlsx, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static int export_all(const Context *context, const Options *options, const Obligation *obligation,
                      const Period *period) {
    const char *language = options->language ? options->language : context->config->programme->language;
    json_t *model = summary_model(context->view, obligation, period, language, context->now_s);
    const SheetSource source = {.view = context->view,
                                .history = context->view,
                                .obligation = obligation,
                                .period = period,
                                .model = model,
                                .language = language,
                                .now_s = context->now_s};
    json_t *sheets = summary_sheets(&source);
    int status = EXIT_DONE;
    if (options->xlsx)
        status = write_workbook(context, options, sheets, model);
    if (status == EXIT_DONE && options->csv)
        status = write_csv(options, sheets);
    if (status == EXIT_DONE && context->json)
        context_print_json(sheets);
    json_decref(sheets);
    json_decref(model);
    return status;
}

int command_export(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_auto(Options) options = {0};
    const GOptionEntry extra[] = {
        {"xlsx", 0, 0, G_OPTION_ARG_FILENAME, &options.xlsx, "write a workbook with every table", "FILE"},
        {"csv", 0, 0, G_OPTION_ARG_FILENAME, &options.csv, "write one table as CSV (- for standard output)",
         "FILE"},
        {"table", 't', 0, G_OPTION_ARG_STRING, &options.sheet,
         "table for --csv: submissions (default), overview, periods, daily, questions, members, standings …",
         "NAME"},
        {"language", 'l', 0, G_OPTION_ARG_STRING, &options.language, "zh or en (default: the programme's)",
         "LANGUAGE"},
        {NULL}};
    int status = context_start(&context, argc, argv, extra, "[PERIOD]",
                               "Writes the figures of a period: one row an organization, one column a field, "
                               "and the lists that belong to it.\n"
                               "For example: fortnight export --xlsx june.xlsx 2016-06-27. Personal data is "
                               "included: files are readable for you alone.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!options.xlsx && !options.csv && !context.json) {
        fputs("fortnight export: say what to write: --xlsx FILE, --csv FILE or --json\n", stderr);
        return EXIT_USAGE;
    }
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    if ((status = context_period(&context, context.arguments ? context.arguments[0] : NULL, &obligation,
                                 &period)) != CONTEXT_GO_ON ||
        (status = context_open_store(&context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(&context, NULL)) != CONTEXT_GO_ON)
        return status;
    return export_all(&context, &options, obligation, period);
}
