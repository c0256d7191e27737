#include "gateway/io/forms_load.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/io/conf_file.h"
#include "parsers/form.h"

/* Checks one form by itself, so that an error can name the file and its line. */
static bool check_form(const char *path, json_t *form, const char *language, const char *zone,
                       GError **error) {
    g_autoptr(GError) failure = NULL;
    json_t *alone = json_pack("{s:s, s:s, s:[O]}", "language", language, "zone", zone, "forms", form);
    g_autoptr(FormSet) set = form_set_new_from_json(alone, &failure);
    json_decref(alone);
    if (set)
        return true;
    const char *message = failure->message;
    if (g_str_has_prefix(message, "forms[0]"))
        message += strlen("forms[0]");
    if (*message == '.')
        message++;
    g_autofree char *place = g_strndup(message, strcspn(message, ": "));
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%u: %s", path,
                MAX(conf_file_line(path, place), 1), message);
    return false;
}

static int compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

json_t *forms_load_dir(const char *directory, const char *language, const char *zone, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &failure);
    if (!dir) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s: no forms here: %s", directory,
                    failure->message);
        return NULL;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
        if (g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(names, g_build_filename(directory, name, NULL));
    g_ptr_array_sort(names, compare_names);
    json_t *forms = json_array();
    for (guint i = 0; i < names->len; i++) {
        json_t *form = conf_file_load(names->pdata[i], NULL, error);
        if (!form || !check_form(names->pdata[i], form, language, zone, error)) {
            json_decref(form);
            json_decref(forms);
            return NULL;
        }
        json_array_append_new(forms, form);
    }
    if (!names->len) {
        json_decref(forms);
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "%s: no form (*.conf) in this directory", directory);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:o}", "language", language, "zone", zone, "forms", forms);
}

char *forms_data_dir(const char *name) {
    g_autofree char *executable = g_file_read_link("/proc/self/exe", NULL);
    if (executable) {
        g_autofree char *home = g_path_get_dirname(executable);
        g_autofree char *beside = g_build_filename(home, name, NULL);
        if (g_file_test(beside, G_FILE_TEST_IS_DIR))
            return g_steal_pointer(&beside);
    }
    return g_build_filename(FORTNIGHT_DATADIR, name, NULL);
}

char *forms_default_dir(void) {
    return forms_data_dir("etc/youth-voice/forms");
}
