/* fortnight site: a folder that a browser shows without a server (SPEC 6, 7). */
#include "gateway/io/site.h"

#include <stdio.h>

#include "gateway/commands/context.h"

int command_site(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_autofree char *language = NULL, *name = NULL;
    gboolean personal = FALSE;
    const GOptionEntry extra[] = {{"language", 'l', 0, G_OPTION_ARG_STRING, &language,
                                   "zh or en (default: the programme's)", "LANGUAGE"},
                                  {"obligation", 'o', 0, G_OPTION_ARG_STRING, &name,
                                   "which one (default: the first that recurs)", "ID"},
                                  {"personal-data", 0, 0, G_OPTION_ARG_NONE, &personal,
                                   "show phones, addresses and lists of people in full", NULL},
                                  {NULL}};
    int status = context_start(&context, argc, argv, extra, "DIR",
                               "Writes a static page into DIR: who has sent what over the last periods, each "
                               "submission with the source of every value,\n"
                               "open questions. Open DIR/index.html in a browser; nothing is loaded from "
                               "elsewhere. Phones are masked unless told otherwise, here or "
                               "by\nsite.personal_data in the configuration.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!context.arguments || !context.arguments[0] || context.arguments[1]) {
        fputs("fortnight site: name one folder, for example: fortnight site /srv/www/reports\n", stderr);
        return EXIT_USAGE;
    }
    const Obligation *obligation;
    g_autoptr(Period) period = NULL;
    if ((status = context_period(&context, name, &obligation, &period)) != CONTEXT_GO_ON ||
        (status = context_open_store(&context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(&context, NULL)) != CONTEXT_GO_ON)
        return status;
    const char *directory = context.arguments[0];
    if (g_mkdir_with_parents(directory, 0755) < 0) {
        fprintf(stderr, "fortnight site: %s cannot be created\n", directory);
        return EXIT_ATTENTION;
    }
    g_autoptr(GError) error = NULL;
    guint pages;
    g_autoptr(Progress) progress = progress_new("pages", 0);
    const SiteSource source = {.view = context.view,
                               .progress = progress,
                               .templates_dir = context.config->templates_dir,
                               .language = language ? language : context.config->programme->language,
                               .now_s = context.now_s,
                               .with_personal_data = personal || context.config->site_personal_data};
    if (!site_write(&source, obligation, period, directory, &pages, &error))
        return context_fail(g_steal_pointer(&error));
    progress_clear(progress);
    printf("%u pages; open %s/index.html\n", pages, directory);
    return EXIT_DONE;
}
