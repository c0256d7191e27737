/* A directory of form definitions (*.conf, libconfig) → the JSON that form_set_new_from_json() and the reader
 * process take. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* Loads and checks every *.conf of a directory, in the order of their names. language: "zh" or "en"; zone:
 * IANA name. Errors are FORTNIGHT_ERROR_CONFIGURATION with file and line. New reference:
 * {"language","zone","forms":[…]}. */
json_t *forms_load_dir(const char *directory, const char *language, const char *zone, GError **error);

/* The forms that are used without a configuration: etc/youth-voice/forms beside the executable, else those
 * installed. The caller frees the path. */
char *forms_default_dir(void);

/* A data directory of the program ("templates", "etc/youth-voice/forms"): beside the executable, else
 * installed. */
char *forms_data_dir(const char *name);
