/* fortnight handover: a folder with what a successor needs: a page to read, data, the configuration without
 * secrets. */
#include "gateway/core/handover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/commands/orgs.h"
#include "gateway/core/mustache.h"
#include "gateway/core/roster_sheet.h"
#include "gateway/io/workbook.h"

/* Files hold names and phones of people: readable for the owner alone. */
static bool write_file(const char *directory, const char *name, const char *data, GError **error) {
    g_autofree char *path = g_build_filename(directory, name, NULL);
    return g_file_set_contents_full(path, data, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

static bool make_folder(const char *directory, const char *name, GError **error) {
    g_autofree char *path = g_build_filename(directory, name, NULL);
    if (g_mkdir_with_parents(path, 0700) == 0)
        return true;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: %s", path, g_strerror(errno));
    return false;
}

/* ---- the configuration
 * ------------------------------------------------------------------------------------------------- */

/* A command that prints a password may hold one. */
static char *without_secrets(const char *text) {
    g_autoptr(GRegex) command =
        g_regex_new("password_command\\s*[=:]\\s*[\\[(][^\\])]*[\\])]\\s*;?", 0, 0, NULL);
    return g_regex_replace_literal(command, text, -1, 0,
                                   "/* password_command: left out, it may hold a secret */", 0, NULL);
}

static bool copy_text(const char *from, const char *directory, const char *name, GError **error) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents(from, &text, NULL, error))
        return false;
    g_autofree char *clean = without_secrets(text);
    return write_file(directory, name, clean, error);
}

/* fortnight.conf and the forms, as they stand; never a file that it names as a password's. */
static bool copy_configuration(const Config *config, const char *directory, GError **error) {
    g_autofree char *name = g_path_get_basename(config->path),
                    *target = g_build_filename("config", name, NULL);
    if (!make_folder(directory, "config/forms", error) || !copy_text(config->path, directory, target, error))
        return false;
    g_autoptr(GDir) forms = g_dir_open(config->forms_dir, 0, error);
    for (const char *form = forms ? g_dir_read_name(forms) : NULL; form; form = g_dir_read_name(forms)) {
        g_autofree char *from = g_build_filename(config->forms_dir, form, NULL);
        g_autofree char *to = g_build_filename("config", "forms", form, NULL);
        if (g_str_has_suffix(form, ".conf") && !copy_text(from, directory, to, error))
            return false;
    }
    return forms != NULL;
}

/* ---- the page
 * ----------------------------------------------------------------------------------------------------------
 */

static json_t *words_of(const Context *context, const char *language, GError **error) {
    g_autofree char *path = g_build_filename(context->config->templates_dir, "site", "words.json", NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, error))
        return NULL;
    json_t *all = json_loads(text, 0, NULL), *words = json_incref(json_object_get(all, language));
    json_decref(all);
    if (!words)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s has no words in “%s”", path, language);
    return words;
}

static bool add_template(const Context *context, MustacheSet *set, const char *name, GError **error) {
    g_autofree char *path = g_build_filename(context->config->templates_dir, "site", name, NULL);
    g_autofree char *text = NULL;
    gsize length;
    return g_file_get_contents(path, &text, &length, error) &&
           mustache_set_add(set, name, text, length, error);
}

static json_t *files_of(const Context *context, bool en) {
    g_autofree char *database = config_database_path(context->config),
                    *archive = config_archive_path(context->config);
    const struct {
        const char *name, *link, *zh, *en;
    } files[] = {
        {"organizations.csv", "organizations.csv", "名册，可用 orgs import 读入",
         "the roster, for orgs import"},
        {"labour.docx", "labour.docx", "分工表", "division of labour"},
        {"labour.xlsx", "labour.xlsx", "分工表与工作人员名单", "division of labour and lists of people"},
        {"handover.json", "handover.json", "本页内容的数据", "the data of this page"},
        {"config/", "config/", "配置与表格定义，不含密码", "configuration and forms, without secrets"},
        {database, NULL, "数据库，不在此处；用 fortnight backup 复制",
         "the database, not here; copy it with fortnight backup"},
        {archive, NULL, "邮件原件，不在此处", "the raw messages, not here"},
    };
    json_t *list = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:s}", "name", files[i].name, "link",
                                              files[i].link ? json_string(files[i].link) : json_false(),
                                              "text", en ? files[i].en : files[i].zh));
    return list;
}

static bool write_page(const Context *context, const char *directory, json_t *facts, GError **error) {
    static const char *const templates[] = {"handover.html", "head.html"};
    static const char *const copied[] = {"style.css", "site.js"};
    const char *language = context->config->programme->language;
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autofree char *html = NULL;
    json_t *words = words_of(context, language, error);
    if (!words)
        return false;
    json_object_set_new(facts, "t", words);
    json_object_set_new(facts, "files", files_of(context, strcmp(language, "en") == 0));
    for (gsize i = 0; i < G_N_ELEMENTS(templates); i++)
        if (!add_template(context, set, templates[i], error))
            return false;
    for (gsize i = 0; i < G_N_ELEMENTS(copied); i++) {
        g_autofree char *from = g_build_filename(context->config->templates_dir, "site", copied[i], NULL);
        if (!copy_text(from, directory, copied[i], error))
            return false;
    }
    return mustache_render(set, "handover.html", facts, MUSTACHE_HTML, true, &html, error) &&
           write_file(directory, "index.html", html, error);
}

/* ---- the folder
 * -------------------------------------------------------------------------------------------------------- */

static bool write_data(const Context *context, const char *directory, const json_t *facts, GError **error) {
    char *data = json_dumps(facts, JSON_INDENT(1));
    json_t *roster = roster_sheet(context->view);
    g_autofree char *csv = workbook_csv(roster);
    bool good = write_file(directory, "handover.json", data, error) &&
                write_file(directory, "organizations.csv", csv, error);
    json_decref(roster);
    free(data);
    return good;
}

static int write_all(Context *context, const char *directory) {
    g_autoptr(GError) error = NULL;
    json_t *facts = handover_facts(context->view, context->config->programme->language, context->now_s);
    bool good = make_folder(directory, "", &error) && write_data(context, directory, facts, &error) &&
                copy_configuration(context->config, directory, &error) &&
                write_page(context, directory, facts, &error);
    json_decref(facts);
    if (!good)
        return context_fail(g_steal_pointer(&error));
    g_autofree char *document = g_build_filename(directory, "labour.docx", NULL),
                    *workbook = g_build_filename(directory, "labour.xlsx", NULL);
    int status = orgs_labour(context, document);
    if (status == EXIT_DONE)
        status = orgs_labour(context, workbook);
    if (status == EXIT_DONE)
        printf("%s/index.html\n", directory);
    return status;
}

int command_handover(int argc, char **argv) {
    g_auto(Context) context = {0};
    int status = context_start(
        &context, argc, argv, NULL, "DIR",
        "Writes what a successor needs into DIR: a page to read (index.html: open items, people, what is "
        "owed and "
        "when, scores,\nroster), the same as data, the roster and the division of labour, and the "
        "configuration "
        "without secrets. The database and\nthe mail are not copied: `fortnight backup` does that.");
    if (status != CONTEXT_GO_ON)
        return status;
    if (!context.arguments || !context.arguments[0] || context.arguments[1]) {
        fputs("fortnight handover: name one folder, for example: fortnight handover /srv/handover-2017\n",
              stderr);
        return EXIT_USAGE;
    }
    if ((status = context_open_store(&context, STORE_READ)) != CONTEXT_GO_ON ||
        (status = context_load_view(&context, NULL)) != CONTEXT_GO_ON)
        return status;
    return write_all(&context, context.arguments[0]);
}
