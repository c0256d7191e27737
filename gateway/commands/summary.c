/* fortnight summary: what leaders read, as it stands now (SPEC 6, 7). */
#include "gateway/core/summary.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/letter_render.h"
#include "gateway/core/period.h"
#include "gateway/io/letter_mime.h"
#include "gateway/io/templates.h"
#include "gateway/keeper/enclosures.h"

/* The summary letter as it would be sent now to its first reader. */
static Letter *letter_of(const Context *context, const Obligation *obligation, const Period *period,
                         const char *language) {
    const Programme *programme = context->config->programme;
    Letter *letter = g_new0(Letter, 1);
    letter->key = g_strdup_printf("summary/%s/%s/preview", obligation->id, period->key);
    letter->kind = LETTER_SUMMARY;
    letter->language = g_strdup(language);
    letter->obligation = g_strdup(obligation->id);
    letter->period = g_strdup(period->key);
    for (guint i = 0; i < programme->roles->len && !letter->to_address; i++) {
        const RolePerson *person = programme->roles->pdata[i];
        if (strcmp(person->role, "leader") == 0) {
            letter->to_address = g_strdup(person->address);
            letter->to_name = g_strdup(person->name);
        }
    }
    if (!letter->to_address)
        letter->to_address = g_strdup(programme->from_address);
    return letter;
}

static int print_mail(const Context *context, const Letter *letter, const LetterText *text,
                      const Enclosures *enclosures) {
    g_autoptr(GError) error = NULL;
    const Programme *programme = context->config->programme;
    g_autofree char *message_id = g_strdup_printf("preview@%s", programme->id_domain);
    g_autofree LetterAttachment *attachments = enclosures_flat(enclosures);
    LetterEnvelope envelope = {.attachments = attachments,
                               .n_attachments = enclosures->len,
                               .from_address = programme->from_address,
                               .from_name = programme->from_name,
                               .to_address = letter->to_address,
                               .to_name = letter->to_name,
                               .text = text,
                               .message_id = message_id,
                               .fortnight_id = letter->key,
                               .date_s = context->now_s,
                               .zone = programme->zone};
    g_autoptr(GBytes) bytes = letter_mime_render(&envelope, &error);
    if (!bytes)
        return context_fail(g_steal_pointer(&error));
    fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), stdout);
    return EXIT_DONE;
}

static int print_letter(const Context *context, const Letter *letter, const char *format) {
    g_autoptr(GError) error = NULL;
    g_autoptr(LetterTemplates) templates = templates_load(context->config->templates_dir, &error);
    g_auto(LetterText) text = {0};
    json_t *facts = templates ? letter_facts(context->view, letter, context->now_s) : NULL;
    const EnclosureSource source = {.store = context->store,
                                    .view = context->view,
                                    .templates_dir = context->config->templates_dir,
                                    .scratch_dir = g_get_tmp_dir(),
                                    .now_s = context->now_s};
    bool is_mail = strcmp(format, "eml") == 0;
    /* charts and standings are facts as well, whatever is printed */
    g_autoptr(GPtrArray) enclosures = facts ? enclosures_make(&source, letter, facts) : NULL;
    if (facts && !is_mail)
        json_object_set_new(facts, "charts", json_false()); /* pictures travel in mail only */
    bool good =
        facts && letter_render(templates, LETTER_SUMMARY, letter->language, facts, false, &text, &error);
    json_decref(facts);
    if (!good)
        return context_fail(g_steal_pointer(&error));
    if (is_mail)
        return print_mail(context, letter, &text, enclosures);
    if (strcmp(format, "html") == 0)
        fputs(text.html, stdout);
    else
        printf("%s\n\n%s", text.subject, text.text);
    return EXIT_DONE;
}

static int load(Context *context, const char *name, const Obligation **ret_obligation, Period **ret_period) {
    int status = context_period(context, name, ret_obligation, ret_period);
    if (status == CONTEXT_GO_ON)
        status = context_open_store(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(Period) previous = period_previous(context->config->programme, *ret_obligation, *ret_period);
    const char *periods[] = {(*ret_period)->key, previous ? previous->key : NULL, NULL};
    return context_load_view(context, &(SnapshotScope){.periods = periods, .with_content = true});
}

int command_summary(int argc, char **argv) {
    static const char *const FORMATS[] = {"text", "html", "eml", NULL};
    g_auto(Context) context = {0};
    g_autofree char *format = NULL, *language = NULL;
    const GOptionEntry extra[] = {{"format", 'f', 0, G_OPTION_ARG_STRING, &format,
                                   "text (default), html, or eml: the whole letter", "FORMAT"},
                                  {"language", 'l', 0, G_OPTION_ARG_STRING, &language,
                                   "zh or en (default: the programme's)", "LANGUAGE"},
                                  {NULL}};
    int status = context_start(&context, argc, argv, extra, "[PERIOD]",
                               "Shows the leaders' summary of a period as it stands now; nothing is sent. "
                               "`run` and `poll` send it when its time\n"
                               "has come. PERIOD is a due date such as 2016-06-27; default: the current one. "
                               "--json prints the figures.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (format && !g_strv_contains(FORMATS, format)) {
        fprintf(stderr, "fortnight summary: --format is text, html or eml, not \"%s\"\n", format);
        return EXIT_USAGE;
    }
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    if ((status = load(&context, context.arguments ? context.arguments[0] : NULL, &obligation, &period)) !=
        CONTEXT_GO_ON)
        return status;
    const char *in = language ? language : context.config->programme->language;
    if (context.json) {
        json_t *model = summary_model(context.view, obligation, period, in, context.now_s);
        context_print_json(model);
        json_decref(model);
        return EXIT_DONE;
    }
    g_autoptr(Letter) letter = letter_of(&context, obligation, period, in);
    return print_letter(&context, letter, format ? format : "text");
}
