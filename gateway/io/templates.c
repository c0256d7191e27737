#include "gateway/io/templates.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache.h"
#include "gateway/io/document_out_template.h"

#define COMMON_DIRECTORY   "common"
#define LANGUAGE_NAME_MAX  8   /* "zh", "zh-hant" */
#define DIRECTORY_FILE_MAX 500 /* names below one directory; a wrong path may hold millions */

static bool read_file(const char *path, char **ret_bytes, gsize *ret_length, GError **error) {
    g_autoptr(GError) cause = NULL;
    if (g_file_get_contents(path, ret_bytes, ret_length, &cause))
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: cannot be read: %s", path,
                cause->message);
    return false;
}

static int compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a directory without hidden and backup files, sorted. NULL and error. */
static GPtrArray *list_directory(const char *path, GError **error) {
    g_autoptr(GError) cause = NULL;
    g_autoptr(GDir) directory = g_dir_open(path, 0, &cause);
    if (!directory) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: cannot be read: %s", path,
                    cause->message);
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;
    while (names->len < DIRECTORY_FILE_MAX && (name = g_dir_read_name(directory)))
        if (name[0] != '.' && !g_str_has_suffix(name, "~"))
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

/* Adds every template file of path to one language. */
static bool load_files(LetterTemplates *templates, const char *path, const char *language, GError **error) {
    g_autoptr(GPtrArray) names = list_directory(path, error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *bytes = NULL;
        gsize length;
        if (!g_str_has_suffix(name, ".txt") && !g_str_has_suffix(name, ".html") &&
            !g_str_has_suffix(name, ".subject"))
            continue;
        if (!read_file(file, &bytes, &length, error) ||
            !letter_templates_add(templates, language, name, bytes, length, error))
            return false;
    }
    return names != NULL;
}

static bool load_style(LetterTemplates *templates, const char *letters, GError **error) {
    g_autofree char *path = g_build_filename(letters, "style.json", NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    return read_file(path, &bytes, &length, error) &&
           letter_templates_set_style(templates, "style.json", bytes, length, error);
}

static bool is_language(const char *letters, const char *name) {
    g_autofree char *path = g_build_filename(letters, name, NULL);
    return strcmp(name, COMMON_DIRECTORY) != 0 && strlen(name) <= LANGUAGE_NAME_MAX &&
           g_file_test(path, G_FILE_TEST_IS_DIR);
}

static bool load_letters(LetterTemplates *templates, const char *letters, GError **error) {
    g_autofree char *common = g_build_filename(letters, COMMON_DIRECTORY, NULL);
    g_autoptr(GPtrArray) names = list_directory(letters, error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *language = g_ptr_array_index(names, i);
        g_autofree char *path = g_build_filename(letters, language, NULL);
        if (is_language(letters, language) && (!load_files(templates, common, language, error) ||
                                               !load_files(templates, path, language, error)))
            return false;
    }
    return names && load_style(templates, letters, error) && letter_templates_complete(templates, error);
}

LetterTemplates *templates_load(const char *directory, GError **error) {
    g_autofree char *letters = g_build_filename(directory, "letters", NULL);
    g_autoptr(LetterTemplates) templates = letter_templates_new();
    if (load_letters(templates, letters, error))
        return g_steal_pointer(&templates);
    g_prefix_error(error, "templates in “%s”: ", directory);
    return NULL;
}

/* One language of a sample file; new reference. */
static json_t *load_sample(const char *directory, const char *name, const char *language, GError **error) {
    g_autofree char *file = g_strconcat(name, ".json", NULL);
    g_autofree char *path = g_build_filename(directory, "samples", file, NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    json_error_t at;
    if (!read_file(path, &bytes, &length, error))
        return NULL;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &at);
    json_t *sample = json_incref(json_object_get(root, language));
    if (!root)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%d: %s", path, at.line,
                    at.text);
    else if (!sample)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: has no sample for “%s”", path,
                    language);
    json_decref(root);
    return sample;
}

static json_t *sample_named(const char *directory, const char *name, const char *language, GError **error) {
    json_t *facts = load_sample(directory, COMMON_DIRECTORY, language, error);
    json_t *own = facts ? load_sample(directory, name, language, error) : NULL;
    if (own)
        json_object_update(facts, own);
    else
        g_clear_pointer(&facts, json_decref);
    json_decref(own);
    return facts;
}

json_t *templates_sample(const char *directory, LetterKind kind, const char *language, GError **error) {
    return sample_named(directory, letter_kind_name(kind), language, error);
}

static bool check_letter(const LetterTemplates *templates, const char *directory, LetterKind kind,
                         const char *language, GError **error) {
    g_auto(LetterText) text = {0};
    json_t *facts = templates_sample(directory, kind, language, error);
    bool ok = facts && letter_render(templates, kind, language, facts, true, &text, error);
    json_decref(facts);
    if (!ok || strlen(text.html) <= LETTER_HTML_MAX_BYTES)
        return ok;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "%s/%s.html: %zu bytes of HTML from the sample, mail clients cut at %u", language,
                letter_kind_name(kind), strlen(text.html), LETTER_HTML_MAX_BYTES);
    return false;
}

/* A document that people restyle: it may be absent. */
static bool check_document(const char *directory, const char *name, const char *language, GError **error) {
    g_autofree char *file = g_strconcat(name, ".docx", NULL);
    g_autofree char *path = g_build_filename(directory, "documents", language, file, NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    json_t *facts =
        read_file(path, &bytes, &length, error) ? sample_named(directory, name, language, error) : NULL;
    if (!facts)
        return false;
    g_autoptr(GBytes) template = g_bytes_new(bytes, length);
    g_autoptr(GBytes) rendered = document_out_render(template, facts, true, error);
    json_decref(facts);
    if (!rendered)
        g_prefix_error(error, "documents/%s/%s: ", language, file);
    return rendered != NULL;
}

bool templates_check(const LetterTemplates *templates, const char *directory, GError **error) {
    g_auto(GStrv) languages = letter_templates_languages(templates);
    for (guint i = 0; languages[i]; i++)
        for (int kind = 0; kind < LETTER_KINDS; kind++)
            if (!check_letter(templates, directory, kind, languages[i], error))
                return false;
    for (guint i = 0; languages[i]; i++)
        if (!check_document(directory, "summary", languages[i], error) ||
            !check_document(directory, "dossier", languages[i], error))
            return false;
    return true;
}
