/* fortnight summary: what leaders read, as it stands now (SPEC 6, 7). */
#include "gateway/core/summary.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/letter_print.h"
#include "gateway/core/period.h"

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

static int load(Context *context, const char *name, const Obligation **ret_obligation, Period **ret_period) {
    int status = context_period(context, name, ret_obligation, ret_period);
    if (status == CONTEXT_GO_ON)
        status = context_open_store(context, STORE_READ);
    if (status != CONTEXT_GO_ON)
        return status;
    g_autoptr(Period) previous = period_previous(context->config->programme, *ret_obligation, *ret_period);
    const char *periods[] = {(*ret_period)->key, previous ? previous->key : NULL, NULL};
    return context_load_view(context,
                             &(SnapshotScope){.periods = periods, .with_content = true, .with_people = true});
}

int command_summary(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_autofree char *format = NULL, *language = NULL, *section = NULL;
    const GOptionEntry extra[] = {
        {"format", 'f', 0, G_OPTION_ARG_STRING, &format, "text (default), html, or eml: the whole letter",
         "FORMAT"},
        {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "zh or en (default: the programme's)",
         "LANGUAGE"},
        {"section", 's', 0, G_OPTION_ARG_STRING, &section, "what the head of this section reads", "SECTION"},
        {NULL}};
    int status = context_start(&context, argc, argv, extra, "[PERIOD]",
                               "Shows the leaders' summary of a period as it stands now; nothing is sent. "
                               "`run` and `poll` send it when its time\n"
                               "has come. PERIOD is a due date such as 2016-06-27; default: the current one. "
                               "--json prints the figures.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (format && !letter_print_has_format("summary", format))
        return EXIT_USAGE;
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    if ((status = load(&context, context.arguments ? context.arguments[0] : NULL, &obligation, &period)) !=
        CONTEXT_GO_ON)
        return status;
    const char *in = language ? language : context.config->programme->language;
    if (context.json) {
        json_t *model =
            summary_model_of_section(context.view, obligation, period, section, in, context.now_s);
        context_print_json(model);
        json_decref(model);
        return EXIT_DONE;
    }
    g_autoptr(Letter) letter = letter_of(&context, obligation, period, in);
    letter->facts = section ? json_pack("{s:s}", "section", section) : NULL;
    return letter_print(&context, letter, NULL, format ? format : "text", context.now_s, stdout);
}
