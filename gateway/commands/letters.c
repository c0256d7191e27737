/* fortnight letters preview: a letter of any kind from the real state, or from the sample where there is none
 * (SPEC 7). */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "gateway/commands/letter_print.h"
#include "gateway/core/period.h"
#include "gateway/core/plan.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"
#include "gateway/io/templates.h"
#include "gateway/store/outbox.h"

/* Of the letters that were decided so many are looked through for the newest of a kind. */
#define OUTBOX_SEARCHED 10000

typedef struct {
    char *format, *language, *organization, *period_name, *directory;
    gint64 org_id;                /* 0: any */
    const Obligation *obligation; /* of --period, or NULL */
    Period *period;               /* the named or the running one */
} Options;

static void options_clear(Options *options) {
    g_free(options->format);
    g_free(options->language);
    g_free(options->organization);
    g_free(options->period_name);
    g_free(options->directory);
    period_free(options->period);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* ---- finding a letter
 * ----------------------------------------------------------------------------------------- */

static bool is_meant(const Options *options, LetterKind kind, const Letter *letter) {
    return letter->kind == kind && (!options->org_id || letter->org_id == options->org_id) &&
           (!options->period_name || (g_strcmp0(letter->obligation, options->obligation->id) == 0 &&
                                      g_strcmp0(letter->period, options->period->key) == 0));
}

/* What would be decided at an instant if nothing had been decided before. */
static Letter *planned_at(const Context *context, const Options *options, LetterKind kind, gint64 at_s) {
    g_autoptr(GPtrArray) letters = plan(context->view, at_s);
    for (guint i = 0; i < letters->len; i++)
        if (is_meant(options, kind, letters->pdata[i]))
            return g_ptr_array_steal_index(letters, i);
    return NULL;
}

/* The instants at which letters of a period leave, from the last to the first. */
static GArray *instants_of(const Programme *programme, const Obligation *obligation, const Period *period) {
    GArray *instants = g_array_new(FALSE, FALSE, sizeof(gint64));
    const Stage *single[] = {obligation->has_summary ? &obligation->summary : NULL,
                             obligation->has_digest ? &obligation->digest : NULL};
    const GArray *stages[] = {obligation->overdue, obligation->reminders};
    for (gsize i = 0; i < G_N_ELEMENTS(single); i++)
        if (single[i]) {
            gint64 at_s = reminders_instant(programme, period, single[i]);
            g_array_append_val(instants, at_s);
        }
    for (gsize i = 0; i < G_N_ELEMENTS(stages); i++)
        for (guint j = 0; stages[i] && j < stages[i]->len; j++) {
            gint64 at_s = MAX(reminders_instant(programme, period, &g_array_index(stages[i], Stage, j)),
                              stages[i] == obligation->overdue ? period->late_after_s + 1 : G_MININT64);
            g_array_append_val(instants, at_s);
        }
    return instants;
}

static Letter *planned(const Context *context, const Options *options, LetterKind kind, gint64 *ret_at_s) {
    Letter *letter = planned_at(context, options, kind, context->now_s);
    if (letter || !options->period)
        return letter;
    g_autoptr(GArray) instants =
        instants_of(context->config->programme, options->obligation, options->period);
    for (guint i = 0; i < instants->len; i++) {
        gint64 at_s = g_array_index(instants, gint64, i);
        if ((letter = planned_at(context, options, kind, at_s)) != NULL) {
            *ret_at_s = at_s;
            return letter;
        }
    }
    return NULL;
}

/* The newest that was ever decided. */
static Letter *decided(const Context *context, const Options *options, LetterKind kind) {
    g_autoptr(GPtrArray) entries = NULL;
    if (!store_outbox_list(context->store, OUTBOX_STATES, OUTBOX_SEARCHED, &entries, NULL))
        return NULL;
    for (guint i = 0; i < entries->len; i++) {
        OutboxEntry *entry = entries->pdata[i];
        if (is_meant(options, kind, entry->letter))
            return g_steal_pointer(&entry->letter);
    }
    return NULL;
}

static Letter *sample_letter(const Context *context, LetterKind kind) {
    const Programme *programme = context->config->programme;
    Letter *letter = g_new0(Letter, 1);
    letter->kind = kind;
    letter->key = g_strdup_printf("sample/%s", letter_kind_name(kind));
    letter->to_address = g_strdup(programme->from_address);
    letter->language = g_strdup(programme->language);
    return letter;
}

/* ---- showing it
 * ----------------------------------------------------------------------------------------------- */

static int print_sample(const Context *context, const Options *options, Letter *letter, FILE *out) {
    g_autoptr(GError) error = NULL;
    json_t *facts = templates_sample(context->config->templates_dir, letter->kind, letter->language, &error);
    if (!facts)
        return context_fail(g_steal_pointer(&error));
    fprintf(stderr,
            "fortnight letters: there is no letter \"%s\"%s%s in this state; shown is the sample of "
            "templates/samples, with invented names\n",
            letter_kind_name(letter->kind), options->organization ? " for " : "",
            options->organization ? options->organization : "");
    return letter_print(context, letter, facts, options->format, context->now_s, out);
}

static int preview(const Context *context, const Options *options, LetterKind kind, FILE *out) {
    gint64 at_s = context->now_s;
    g_autoptr(Letter) letter = planned(context, options, kind, &at_s);
    if (!letter)
        letter = decided(context, options, kind);
    bool is_real = letter != NULL;
    if (!letter)
        letter = sample_letter(context, kind);
    if (options->language) {
        g_free(letter->language);
        letter->language = g_strdup(options->language);
    }
    return is_real ? letter_print(context, letter, NULL, options->format, at_s, out)
                   : print_sample(context, options, letter, out);
}

static int preview_into(const Context *context, const Options *options, LetterKind kind) {
    const char *ending = strcmp(options->format, "text") == 0 ? "txt" : options->format;
    g_autofree char *name = g_strdup_printf("%s.%s", letter_kind_name(kind), ending);
    g_autofree char *path = g_build_filename(options->directory, name, NULL);
    FILE *out = fopen(path, "we");
    if (!out) {
        fprintf(stderr, "fortnight letters: %s: %s\n", path, g_strerror(errno));
        return EXIT_ATTENTION;
    }
    int status = preview(context, options, kind, out);
    bool is_written = fclose(out) == 0;
    return is_written ? status : EXIT_ATTENTION;
}

static int preview_all(const Context *context, const Options *options) {
    int worst = EXIT_DONE;
    if (g_mkdir_with_parents(options->directory, 0700) < 0) {
        fprintf(stderr, "fortnight letters: %s: %s\n", options->directory, g_strerror(errno));
        return EXIT_ATTENTION;
    }
    for (int kind = 0; kind < LETTER_KINDS; kind++) {
        int status = preview_into(context, options, (LetterKind)kind);
        worst = MAX(worst, status);
    }
    return worst;
}

/* ---- the command
 * ---------------------------------------------------------------------------------------------- */

static int refuse_kind(const char *name) {
    fprintf(stderr, "fortnight letters: no kind of letter \"%s\"; kinds:", name ? name : "");
    for (int kind = 0; kind < LETTER_KINDS; kind++)
        fprintf(stderr, " %s", letter_kind_name((LetterKind)kind));
    fputs(" (or all, with --out DIR)\n", stderr);
    return EXIT_USAGE;
}

static int find_organization(const Context *context, Options *options) {
    if (!options->organization)
        return CONTEXT_GO_ON;
    g_autofree char *normal = roster_normal_name(options->organization);
    const GPtrArray *named = view_named(context->view, normal);
    if (!named || named->len != 1) {
        fprintf(stderr, "fortnight letters: %s organization \"%s\"; `fortnight orgs list` shows them\n",
                named ? "more than one" : "no", options->organization);
        return EXIT_USAGE;
    }
    options->org_id = ((const Organization *)named->pdata[0])->id;
    return CONTEXT_GO_ON;
}

static int prepare(Context *context, Options *options) {
    int status = context_period(context, options->period_name, &options->obligation, &options->period);
    if (status != CONTEXT_GO_ON || (status = context_open_store(context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(context, NULL)) != CONTEXT_GO_ON)
        return status;
    g_hash_table_remove_all(context->snapshot->letter_keys); /* as if nothing had been decided before */
    if (!context->snapshot->released_s)
        context->snapshot->released_s = 1; /* a silent start would show nothing */
    return find_organization(context, options);
}

int command_letters(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_auto(Options) options = {0};
    const GOptionEntry extra[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &options.format,
         "text (default), html, or eml: the whole letter", "FORMAT"},
        {"language", 'l', 0, G_OPTION_ARG_STRING, &options.language, "zh or en (default: its reader's)",
         "LANGUAGE"},
        {"org", 0, 0, G_OPTION_ARG_STRING, &options.organization, "about this organization", "ORGANIZATION"},
        {"period", 0, 0, G_OPTION_ARG_STRING, &options.period_name, "of this period", "PERIOD"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &options.directory, "write files into a folder", "DIR"},
        {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "preview KIND",
        "Shows a letter of a kind (ack, reminder, overdue, summary …; all with --out) as it would be sent: "
        "what\n"
        "is due now or at a stage of the period, else the newest that was decided, else the sample. Nothing "
        "is "
        "sent.\nFor example: fortnight letters preview reminder --org 护理学院学生会 --format html");
    if (status != CONTEXT_GO_ON)
        return status;
    char **arguments = context.arguments;
    if (!arguments || strcmp(arguments[0], "preview") != 0) {
        fputs("fortnight letters: the one thing to do is `fortnight letters preview KIND`\n", stderr);
        return EXIT_USAGE;
    }
    LetterKind kind = LETTER_KINDS;
    bool is_all = arguments[1] && strcmp(arguments[1], "all") == 0 && options.directory;
    if (!is_all && (!arguments[1] || !letter_kind_from_name(arguments[1], &kind)))
        return refuse_kind(arguments[1]);
    if (!options.format)
        options.format = g_strdup("text");
    if (!letter_print_has_format("letters", options.format))
        return EXIT_USAGE;
    if ((status = prepare(&context, &options)) != CONTEXT_GO_ON)
        return status;
    if (is_all)
        return preview_all(&context, &options);
    return options.directory ? preview_into(&context, &options, kind)
                             : preview(&context, &options, kind, stdout);
}
