#include "gateway/commands/letter_print.h"

#include <string.h>

#include "gateway/core/letter_facts.h"
#include "gateway/core/letter_render.h"
#include "gateway/io/letter_mime.h"
#include "gateway/io/templates.h"
#include "gateway/keeper/enclosures.h"

bool letter_print_has_format(const char *command, const char *format) {
    static const char *const FORMATS[] = {"text", "html", "eml", NULL};
    if (g_strv_contains(FORMATS, format))
        return true;
    fprintf(stderr, "fortnight %s: --format is text, html or eml, not \"%s\"\n", command, format);
    return false;
}

static int print_mail(const Context *context, const Letter *letter, const LetterText *text,
                      const Enclosures *enclosures, gint64 at_s, FILE *out) {
    g_autoptr(GError) error = NULL;
    const Programme *programme = context->config->programme;
    g_autofree char *message_id = g_strdup_printf("preview@%s", programme->id_domain);
    g_autofree LetterAttachment *attachments = enclosures ? enclosures_flat(enclosures) : NULL;
    LetterEnvelope envelope = {.attachments = attachments,
                               .n_attachments = enclosures ? enclosures->len : 0,
                               .from_address = programme->from_address,
                               .from_name = programme->from_name,
                               .to_address = letter->to_address,
                               .to_name = letter->to_name,
                               .text = text,
                               .message_id = message_id,
                               .fortnight_id = letter->key,
                               .date_s = at_s,
                               .zone = programme->zone};
    g_autoptr(GBytes) bytes = letter_mime_render(&envelope, &error);
    if (!bytes)
        return context_fail(g_steal_pointer(&error));
    fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), out);
    return EXIT_DONE;
}

int letter_print(const Context *context, const Letter *letter, json_t *facts, const char *format, gint64 at_s,
                 FILE *out) {
    g_autoptr(GError) error = NULL;
    g_autoptr(LetterTemplates) templates = templates_load(context->config->templates_dir, &error);
    g_auto(LetterText) text = {0};
    g_autoptr(GPtrArray) enclosures = NULL;
    bool is_mail = strcmp(format, "eml") == 0, is_sample = facts != NULL;
    if (!is_sample) {
        const EnclosureSource source = {.store = context->store,
                                        .view = context->view,
                                        .templates_dir = context->config->templates_dir,
                                        .scratch_dir = g_get_tmp_dir(),
                                        .now_s = at_s};
        facts = letter_facts(context->view, letter, at_s);
        /* standings are facts as well, whatever is printed; pictures travel in mail only */
        enclosures = enclosures_make(&source, letter, facts);
    }
    if (!is_mail)
        json_object_set_new(facts, "charts", json_false());
    bool good = templates &&
                letter_render(templates, letter->kind, letter->language, facts, is_sample, &text, &error);
    json_decref(facts);
    if (!good)
        return context_fail(g_steal_pointer(&error));
    if (is_mail)
        return print_mail(context, letter, &text, enclosures, at_s, out);
    if (strcmp(format, "html") == 0)
        fputs(text.html, out);
    else
        fprintf(out, "%s\n\n%s", text.subject, text.text);
    return EXIT_DONE;
}
