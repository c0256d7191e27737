/* fortnight dossier: the cases of a term, by organization, as a Word document and a folder with their files
 * (案例汇编). */
#include "gateway/core/dossier.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/core/calendar.h"
#include "gateway/core/file_name.h"
#include "gateway/core/score_formula.h"
#include "gateway/io/attachments.h"
#include "gateway/io/document_out_template.h"
#include "gateway/io/progress.h"
#include "gateway/store/ledger.h"

typedef struct {
    char *from, *to, *term, *table, *language;
} Options;

static void options_clear(Options *options) {
    g_free(options->from);
    g_free(options->to);
    g_free(options->term);
    g_free(options->table);
    g_free(options->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const Context *context;
    const char *directory;
    json_t *facts;
    GHashTable *reports; /* message id → report (json, borrowed), to be given its attachments */
    GHashTable *folders; /* message id → folder's name (borrowed) */
    Progress *progress;
    guint written, left_out, unread;
    int status; /* the first failure */
} Dossier;

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* ---- files
 * --------------------------------------------------------------------------------------------------- */

/* Never over another: a second one of the same name is numbered. Readable for the owner alone (umask 077). */
static char *write_new(Dossier *dossier, const char *folder, const char *name, const void *data,
                       gsize length) {
    g_autofree char *parent = g_build_filename(dossier->directory, folder, NULL);
    for (guint i = 1; i < 1000 && g_mkdir_with_parents(parent, 0700) == 0; i++) {
        g_autofree char *numbered = i == 1 ? g_strdup(name) : g_strdup_printf("%u_%s", i, name);
        g_autofree char *path = g_build_filename(parent, numbered, NULL);
        FILE *file = fopen(path, "wxe");
        if (!file && errno == EEXIST)
            continue;
        bool is_written = file && fwrite(data, 1, length, file) == length;
        if (file && fclose(file) == 0 && is_written)
            return g_steal_pointer(&numbered);
        break;
    }
    if (dossier->status == EXIT_DONE)
        fprintf(stderr, "fortnight dossier: \"%s/%s\" cannot be written: %s\n", parent, name,
                g_strerror(errno));
    dossier->status = EXIT_ATTENTION;
    return NULL;
}

static void write_case(Dossier *dossier, const json_t *organization, const json_t *report,
                       const json_t *one) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "%s\n%s · %s\n", text_of(one, "title"), text_of(organization, "name"),
                           text_of(report, "span_text"));
    if (*text_of(one, "detail_text"))
        g_string_append_printf(text, "%s\n", text_of(one, "detail_text"));
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(one, "body"), i, part) {
        g_string_append_printf(text, "\n%s\n", text_of(part, "text"));
    }
    g_free(write_new(dossier, text_of(organization, "folder"), text_of(one, "file"), text->str, text->len));
}

/* ---- what came with the reports
 * -------------------------------------------------------------------------------- */

static void take_attachment(Dossier *dossier, json_t *report, const char *folder,
                            const Attachment *attachment) {
    g_autofree char *shown = g_strdup_printf("%s_%s", text_of(report, "period"), attachment->name);
    g_autofree char *safe = file_name_safe(shown, "file");
    g_autofree char *name = attachment->data
                                ? write_new(dossier, folder, safe, g_bytes_get_data(attachment->data, NULL),
                                            g_bytes_get_size(attachment->data))
                                : NULL;
    dossier->written += name != NULL;
    dossier->left_out += attachment->data == NULL;
    json_array_append_new(json_object_get(report, "attachments"),
                          json_pack("{s:s, s:b}", "name", name ? name : safe, "is_left_out", name == NULL));
    json_object_set_new(report, "has_attachments", json_true());
}

static void on_found(gint64 message_id, const Attachment *attachments, guint n, gpointer user_data) {
    Dossier *dossier = user_data;
    json_t *report = g_hash_table_lookup(dossier->reports, &message_id);
    const char *folder = g_hash_table_lookup(dossier->folders, &message_id);
    dossier->unread += attachments == NULL && n == 0;
    for (guint i = 0; report && i < n; i++)
        take_attachment(dossier, report, folder, &attachments[i]);
    progress_step(dossier->progress);
}

static bool read_attachments(Dossier *dossier, GError **error) {
    const Context *context = dossier->context;
    g_autofree char *path = config_archive_path(context->config);
    g_autoptr(Archive) archive = archive_open(path, ARCHIVE_READ, error);
    g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func((GDestroyNotify)store_message_free);
    g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(AttachmentSource));
    GHashTableIter iterator;
    gpointer id;
    if (!archive)
        return false;
    g_hash_table_iter_init(&iterator, dossier->reports);
    while (g_hash_table_iter_next(&iterator, &id, NULL)) {
        StoreMessage *message = store_message_get(context->store, *(gint64 *)id, NULL);
        if (!message || !message->location) { /* entered by hand, or erased */
            g_clear_pointer(&message, store_message_free);
            continue;
        }
        AttachmentSource source = {*(gint64 *)id, message->location, message->sha256};
        g_ptr_array_add(messages, message);
        g_array_append_val(sources, source);
    }
    dossier->progress = progress_new("reading messages", sources->len);
    bool good =
        attachments_read(archive, context->config->forms, (const AttachmentSource *)(gpointer)sources->data,
                         sources->len, on_found, dossier, error);
    g_clear_pointer(&dossier->progress, progress_free);
    return good;
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------- */

static void collect(Dossier *dossier, gint64 *ids) {
    size_t o, r, c, n = 0;
    json_t *organization, *report, *one;
    json_array_foreach(json_object_get(dossier->facts, "organizations"), o, organization)
        json_array_foreach(json_object_get(organization, "reports"), r, report) {
            json_array_foreach(json_object_get(report, "cases"), c, one)
                write_case(dossier, organization, report, one);
            ids[n] = json_integer_value(json_object_get(report, "message_id"));
            g_hash_table_insert(dossier->reports, &ids[n], report);
            g_hash_table_insert(dossier->folders, &ids[n], (gpointer)text_of(organization, "folder"));
            n++;
        }
}

static bool write_document(Dossier *dossier, GError **error) {
    const Context *context = dossier->context;
    g_autofree char *path = g_build_filename(context->config->templates_dir, "documents",
                                             text_of(dossier->facts, "language"), "dossier.docx", NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, error))
        return false;
    g_autoptr(GBytes) template = g_bytes_new(bytes, length);
    g_autoptr(GBytes) document = document_out_render(template, dossier->facts, false, error);
    g_autofree char *title = g_strdup_printf("%s.docx", text_of(dossier->facts, "title_text"));
    if (document == NULL)
        return false;
    g_free(write_new(dossier, "", title, g_bytes_get_data(document, NULL), g_bytes_get_size(document)));
    return true;
}

static int make(Dossier *dossier) {
    g_autoptr(GError) error = NULL;
    gsize n = 1, o;
    json_t *organization;
    json_array_foreach(json_object_get(dossier->facts, "organizations"), o, organization)
        n += json_array_size(json_object_get(organization, "reports"));
    g_autofree gint64 *ids = g_new0(gint64, n);
    g_autoptr(GHashTable) reports = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(GHashTable) folders = g_hash_table_new(g_int64_hash, g_int64_equal);
    dossier->reports = reports;
    dossier->folders = folders;
    collect(dossier, ids);
    if (!read_attachments(dossier, &error) || !write_document(dossier, &error))
        return context_fail(g_steal_pointer(&error));
    printf("%lld cases of %lld organizations, %u files; %s\n",
           (long long)json_integer_value(json_object_get(dossier->facts, "count")),
           (long long)json_integer_value(json_object_get(dossier->facts, "organization_count")),
           dossier->written, dossier->directory);
    if (dossier->left_out)
        printf("%u files left out: too large, or neither document nor picture; the document names them\n",
               dossier->left_out);
    if (dossier->unread)
        printf("%u messages could not be read again; `fortnight verify` says more\n", dossier->unread);
    return dossier->status;
}

static int read_days(const Context *context, const Options *options, DossierSource *source) {
    const ScoreFormula *scores = context->config->programme->scores;
    const struct {
        const char *text, *name;
        GDate *day;
    } days[] = {{options->from, "--from", &source->first}, {options->to, "--to", &source->last}};
    for (gsize i = 0; i < G_N_ELEMENTS(days); i++)
        if (days[i].text && !calendar_day_parse(days[i].text, days[i].day)) {
            fprintf(stderr, "fortnight dossier: %s: \"%s\" is no day such as 2016-06-27\n", days[i].name,
                    days[i].text);
            return EXIT_USAGE;
        }
    for (guint i = 0; options->term && scores && scores->terms && i < scores->terms->len; i++) {
        const ScoreTerm *term = scores->terms->pdata[i];
        if (strcmp(term->id, options->term) == 0) {
            source->first = term->first;
            source->last = term->last;
            return CONTEXT_GO_ON;
        }
    }
    if (!options->term)
        return CONTEXT_GO_ON;
    fprintf(stderr, "fortnight dossier: no term \"%s\" in the configuration; name days by --from and --to\n",
            options->term);
    return EXIT_USAGE;
}

/* A new folder, or an empty one: nothing is mixed with what lies there. */
static bool is_free(const char *directory) {
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    if (dir ? g_dir_read_name(dir) == NULL : g_mkdir_with_parents(directory, 0700) == 0)
        return true;
    fprintf(stderr, "fortnight dossier: \"%s\" %s\n", directory,
            dir ? "is not empty; name a new folder" : g_strerror(errno));
    return false;
}

int command_dossier(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_auto(Options) options = {0};
    const GOptionEntry extra[] = {
        {"from", 0, 0, G_OPTION_ARG_STRING, &options.from, "first due day (default: from the beginning)",
         "DAY"},
        {"to", 0, 0, G_OPTION_ARG_STRING, &options.to, "last due day (default: to the end)", "DAY"},
        {"term", 0, 0, G_OPTION_ARG_STRING, &options.term, "a configured term instead", "TERM"},
        {"table", 't', 0, G_OPTION_ARG_STRING, &options.table, "table of the forms (default: cases)", "KEY"},
        {"language", 'l', 0, G_OPTION_ARG_STRING, &options.language, "zh or en (default: the programme's)",
         "LANGUAGE"},
        {NULL}};
    int status =
        context_start(&context, argc, argv, extra, "DIR",
                      "Writes the cases of a term, by organization, into a new folder: one Word document, "
                      "a text for each case,\nand the documents and pictures that came with the reports. "
                      "Mail is taken apart by the confined reader alone.\n"
                      "For example: fortnight dossier --from 2016-06-13 --to 2017-01-13 cases");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!context.arguments || !context.arguments[0] || context.arguments[1]) {
        fputs("fortnight dossier: name one folder, for example: fortnight dossier cases\n", stderr);
        return EXIT_USAGE;
    }
    DossierSource source = {.table = options.table ? options.table : DOSSIER_TABLE,
                            .language =
                                options.language ? options.language : context.config->programme->language,
                            .now_s = context.now_s};
    if ((status = read_days(&context, &options, &source)) != CONTEXT_GO_ON ||
        (status = context_open_store(&context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(&context, NULL)) != CONTEXT_GO_ON)
        return status;
    if (!is_free(context.arguments[0]))
        return EXIT_ATTENTION;
    source.view = context.view;
    Dossier dossier = {
        .context = &context, .directory = context.arguments[0], .facts = dossier_facts(&source)};
    status = make(&dossier);
    json_decref(dossier.facts);
    return status;
}
