#include "gateway/io/conf_file.h"

#include <libconfig.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/suggest.h"
#include "parsers/message.h"

#define MISTAKES_MAX   20        /* more lines than fit on a screen help nobody */
#define DEPTH_MAX      16        /* our own files nest 6 deep */
#define SIZE_MAX_BYTES 1e15      /* a petabyte: larger is a typing mistake */
#define FILE_MAX       (4 << 20) /* a configuration is kilobytes */
#define DIGITS_MAX     9         /* of a whole number: what 32 bits surely hold */

typedef struct {
    const char *path;
    GString *mistakes;
    guint count;
} Checker;

static void mistake(Checker *checker, const config_setting_t *setting, const char *key, const char *format,
                    ...) G_GNUC_PRINTF(4, 5);

static void mistake(Checker *checker, const config_setting_t *setting, const char *key, const char *format,
                    ...) {
    if (++checker->count > MISTAKES_MAX)
        return;
    const char *file = setting ? config_setting_source_file(setting) : NULL;
    if (checker->mistakes->len)
        g_string_append_c(checker->mistakes, '\n');
    g_string_append_printf(checker->mistakes, "%s:%u: %s: ", file ? file : checker->path,
                           setting ? MAX(config_setting_source_line(setting), 1) : 1, key);
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(checker->mistakes, format, args);
    va_end(args);
}

static char *setting_key(const config_setting_t *setting, const char *parent) {
    const char *name = config_setting_name(setting);
    if (name)
        return *parent ? g_strdup_printf("%s.%s", parent, name) : g_strdup(name);
    return g_strdup_printf("%s[%d]", parent, config_setting_index(setting));
}

/* ---- units
 * ------------------------------------------------------------------------------------------------------ */

static bool split_number(const char *text, double *ret_number, const char **ret_unit) {
    if (!text || !*text)
        return false;
    const char *digits = text + (*text == '-' || *text == '+');
    if (!g_ascii_isdigit(*digits))
        return false;
    char *end = NULL;
    *ret_number = g_ascii_strtod(text, &end);
    while (*end == ' ')
        end++;
    *ret_unit = end;
    return true;
}

bool conf_parse_duration(const char *text, gint64 *ret_s) {
    static const struct {
        const char *unit;
        int seconds;
    } UNITS[] = {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}};
    double number;
    const char *unit;
    if (!split_number(text, &number, &unit) || number > 1e8 || number < -1e8)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (strcmp(unit, UNITS[i].unit) == 0) {
            *ret_s = (gint64)(number * UNITS[i].seconds);
            return true;
        }
    return false;
}

bool conf_parse_size(const char *text, gint64 *ret_bytes) {
    static const struct {
        const char *unit;
        double bytes;
    } UNITS[] = {{"", 1},     {"B", 1},         {"kB", 1e3}, {"KB", 1e3},        {"KiB", 1024},
                 {"MB", 1e6}, {"MiB", 1048576}, {"GB", 1e9}, {"GiB", 1073741824}};
    double number;
    const char *unit;
    if (!split_number(text, &number, &unit) || number < 0)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++)
        if (strcmp(unit, UNITS[i].unit) == 0 && number * UNITS[i].bytes <= SIZE_MAX_BYTES) {
            *ret_bytes = (gint64)(number * UNITS[i].bytes);
            return true;
        }
    return false;
}

bool conf_parse_time(const char *text, int *ret_second) {
    g_auto(GStrv) parts = g_strsplit(text ? text : "", ":", 4);
    guint n = g_strv_length(parts);
    if (n < 2 || n > 3)
        return false;
    int second = 0;
    static const guint64 LIMITS[] = {23, 59, 59};
    for (guint i = 0; i < 3; i++) {
        guint64 value = 0;
        if (i < n &&
            (strlen(parts[i]) > 2 || !g_ascii_string_to_unsigned(parts[i], 10, 0, LIMITS[i], &value, NULL)))
            return false;
        second = second * 60 + (int)value;
    }
    *ret_second = second;
    return true;
}

/* ---- values
 * ----------------------------------------------------------------------------------------------------- */

static bool is_out_of_range(const ConfKey *key, double value) {
    return (key->min != 0 || key->max != 0) && (value < key->min || value > key->max);
}

static bool integer_of(const config_setting_t *setting, gint64 *ret_value) {
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
        *ret_value = config_setting_get_int(setting);
        return true;
    case CONFIG_TYPE_INT64:
        *ret_value = config_setting_get_int64(setting);
        return true;
    default:
        return false;
    }
}

static const char *string_of(const config_setting_t *setting) {
    return config_setting_type(setting) == CONFIG_TYPE_STRING ? config_setting_get_string(setting) : NULL;
}

static json_t *take_any(Checker *checker, const config_setting_t *setting, const char *key, int depth) {
    if (depth > DEPTH_MAX) {
        mistake(checker, setting, key, "nested more than %d deep", DEPTH_MAX);
        return NULL;
    }
    gint64 integer;
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_STRING:
        return json_string(config_setting_get_string(setting));
    case CONFIG_TYPE_BOOL:
        return json_boolean(config_setting_get_bool(setting));
    case CONFIG_TYPE_FLOAT:
        return json_real(config_setting_get_float(setting));
    case CONFIG_TYPE_GROUP:
    case CONFIG_TYPE_ARRAY:
    case CONFIG_TYPE_LIST:
        break;
    default:
        return integer_of(setting, &integer) ? json_integer(integer) : json_null();
    }
    bool is_group = config_setting_type(setting) == CONFIG_TYPE_GROUP;
    json_t *result = is_group ? json_object() : json_array();
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *child = config_setting_get_elem(setting, i);
        g_autofree char *child_key = setting_key(child, key);
        json_t *value = take_any(checker, child, child_key, depth + 1);
        if (is_group)
            json_object_set_new(result, config_setting_name(child), value);
        else
            json_array_append_new(result, value);
    }
    return result;
}

/* The unit types are written as strings, since libconfig 1.5 wraps large integers without a word. */
static json_t *take_unit(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                         const char *name) {
    const char *text = string_of(setting);
    gint64 value = 0;
    int second = 0;
    bool good = false;
    const char *allowed = "";
    switch (key->type) {
    case CONF_DURATION:
        good = text && conf_parse_duration(text, &value);
        allowed = "a duration in quotes such as \"90s\", \"15m\", \"24h\" or \"3d\"";
        break;
    case CONF_SIZE:
        good = text && conf_parse_size(text, &value);
        allowed = "a size in quotes such as \"500KB\" or \"72MiB\"";
        break;
    default:
        good = text && conf_parse_time(text, &second);
        value = second;
        allowed = "a time of day in quotes such as \"18:00\" or \"23:59:59\"";
        break;
    }
    if (!good) {
        mistake(checker, setting, name, "must be %s", allowed);
        return NULL;
    }
    if (is_out_of_range(key, (double)value)) {
        mistake(checker, setting, name, "\"%s\" is out of range; allowed: %.0f to %.0f %s", text, key->min,
                key->max, key->type == CONF_SIZE ? "bytes" : "seconds");
        return NULL;
    }
    return json_integer(value);
}

static json_t *take_choice(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                           const char *name) {
    const char *text = string_of(setting);
    if (text && g_strv_contains(key->choices, text))
        return json_string(text);
    g_autofree char *allowed = g_strjoinv("\", \"", (char **)key->choices);
    if (text)
        mistake(checker, setting, name, "\"%s\" is not allowed; allowed: \"%s\"", text, allowed);
    else
        mistake(checker, setting, name, "must be one of \"%s\"", allowed);
    return NULL;
}

static json_t *take_title(Checker *checker, const config_setting_t *setting, const char *name) {
    const char *text = string_of(setting), *zh = text, *en = text;
    if (config_setting_type(setting) == CONFIG_TYPE_GROUP) {
        config_setting_lookup_string(setting, "zh", &zh);
        config_setting_lookup_string(setting, "en", &en);
    }
    if (!zh && !en) {
        mistake(checker, setting, name, "must be a text, or { zh = \"…\"; en = \"…\"; }");
        return NULL;
    }
    return json_pack("{s:s, s:s}", "zh", zh ? zh : en, "en", en ? en : zh);
}

static json_t *take_array(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                          const char *name) {
    bool wants_strings = key->type == CONF_STRINGS;
    int type = config_setting_type(setting);
    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        mistake(checker, setting, name, "must be a list such as %s",
                wants_strings ? "[\"a\", \"b\"]" : "[13, 27]");
        return NULL;
    }
    json_t *result = json_array();
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *child = config_setting_get_elem(setting, i);
        gint64 integer;
        if (wants_strings && string_of(child))
            json_array_append_new(result, json_string(string_of(child)));
        else if (!wants_strings && integer_of(child, &integer) && !is_out_of_range(key, (double)integer))
            json_array_append_new(result, json_integer(integer));
        else if (wants_strings)
            mistake(checker, child, name, "entry %d must be a text in quotes", i + 1);
        else
            mistake(checker, child, name, "entry %d must be a whole number from %.0f to %.0f", i + 1,
                    key->min, key->max);
    }
    return result;
}

static json_t *take_plain(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                          const char *name) {
    const char *text = string_of(setting);
    gint64 integer;
    int type = config_setting_type(setting);
    switch (key->type) {
    case CONF_STRING:
        if (text)
            return json_string(text);
        mistake(checker, setting, name, "must be a text in quotes");
        return NULL;
    case CONF_BOOLEAN:
        if (type == CONFIG_TYPE_BOOL)
            return json_boolean(config_setting_get_bool(setting));
        mistake(checker, setting, name, "must be true or false");
        return NULL;
    case CONF_NUMBER:
        if (type == CONFIG_TYPE_FLOAT)
            return json_real(config_setting_get_float(setting));
        if (integer_of(setting, &integer))
            return json_real((double)integer);
        mistake(checker, setting, name, "must be a number");
        return NULL;
    case CONF_DATE: {
        GDate date;
        g_date_clear(&date, 1);
        int year = 0, month = 0, day = 0, end = 0;
        if (text && sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && !text[end] && year > 0 &&
            month > 0 && day > 0 && g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
            return json_string(text);
        mistake(checker, setting, name, "must be a date in quotes such as \"2016-06-27\"");
        return NULL;
    }
    default: {
        g_autofree char *address = text ? message_normalize_address(text) : NULL;
        if (address)
            return json_string(address);
        mistake(checker, setting, name,
                "must be one e-mail address in quotes such as \"youth@example.edu.cn\"");
        return NULL;
    }
    }
}

static json_t *take_integer(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                            const char *name) {
    gint64 integer;
    if (!integer_of(setting, &integer))
        mistake(checker, setting, name, "must be a whole number");
    else if (is_out_of_range(key, (double)integer))
        mistake(checker, setting, name, "%" G_GINT64_FORMAT " is out of range; allowed: %.0f to %.0f",
                integer, key->min, key->max);
    else
        return json_integer(integer);
    return NULL;
}

static json_t *take_group(Checker *checker, const config_setting_t *setting, const ConfKey *keys,
                          const char *name);

static json_t *take_list(Checker *checker, const config_setting_t *setting, const ConfKey *keys,
                         const char *name) {
    if (config_setting_type(setting) != CONFIG_TYPE_LIST) {
        mistake(checker, setting, name, "must be a list of groups: ( { … }, { … } )");
        return NULL;
    }
    json_t *result = json_array();
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *child = config_setting_get_elem(setting, i);
        g_autofree char *child_name = setting_key(child, name);
        json_t *value = take_group(checker, child, keys, child_name);
        if (value)
            json_array_append_new(result, value);
    }
    return result;
}

static json_t *take_value(Checker *checker, const config_setting_t *setting, const ConfKey *key,
                          const char *name) {
    switch (key->type) {
    case CONF_ANY:
        return take_any(checker, setting, name, 0);
    case CONF_GROUP:
        return take_group(checker, setting, key->keys, name);
    case CONF_GROUPS:
        if (config_setting_type(setting) == CONFIG_TYPE_GROUP) {
            json_t *group = take_group(checker, setting, key->keys, name);
            return group ? json_pack("[o]", group) : NULL;
        }
        return take_list(checker, setting, key->keys, name);
    case CONF_LIST:
        return take_list(checker, setting, key->keys, name);
    case CONF_DURATION:
    case CONF_SIZE:
    case CONF_TIME:
        return take_unit(checker, setting, key, name);
    case CONF_CHOICE:
        return take_choice(checker, setting, key, name);
    case CONF_TITLE:
        return take_title(checker, setting, name);
    case CONF_STRINGS:
    case CONF_INTEGERS:
        return take_array(checker, setting, key, name);
    case CONF_INTEGER:
        return take_integer(checker, setting, key, name);
    default:
        return take_plain(checker, setting, key, name);
    }
}

/* ---- groups
 * ----------------------------------------------------------------------------------------------------- */

static void unknown_key(Checker *checker, const config_setting_t *setting, const ConfKey *keys,
                        const char *name) {
    const char *best = NULL;
    guint best_distance = 3; /* two typing mistakes */
    GString *allowed = g_string_new(NULL);
    for (const ConfKey *key = keys; key->name; key++) {
        guint d = suggest_distance(config_setting_name(setting), key->name);
        if (d < best_distance) {
            best_distance = d;
            best = key->name;
        }
        g_string_append_printf(allowed, "%s%s", allowed->len ? ", " : "", key->name);
    }
    if (best)
        mistake(checker, setting, name, "unknown key; did you mean \"%s\"?", best);
    else
        mistake(checker, setting, name, "unknown key; allowed here: %s", allowed->str);
    g_string_free(allowed, TRUE);
}

static const ConfKey *find_key(const ConfKey *keys, const char *name) {
    for (const ConfKey *key = keys; key->name; key++)
        if (strcmp(key->name, name) == 0)
            return key;
    return NULL;
}

static json_t *take_group(Checker *checker, const config_setting_t *setting, const ConfKey *keys,
                          const char *name) {
    if (config_setting_type(setting) != CONFIG_TYPE_GROUP) {
        mistake(checker, setting, name, "must be a group: { … }");
        return NULL;
    }
    json_t *result = json_object();
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *child = config_setting_get_elem(setting, i);
        g_autofree char *child_name = setting_key(child, name);
        const ConfKey *key = find_key(keys, config_setting_name(child));
        if (!key) {
            unknown_key(checker, child, keys, child_name);
            continue;
        }
        json_t *value = take_value(checker, child, key, child_name);
        if (value)
            json_object_set_new(result, key->name, value);
    }
    for (const ConfKey *key = keys; key->name; key++)
        if (key->required && !config_setting_get_member(setting, key->name)) {
            g_autofree char *child_name =
                *name ? g_strdup_printf("%s.%s", name, key->name) : g_strdup(key->name);
            mistake(checker, setting, child_name, "is missing");
        }
    return result;
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------ */

/* The line of the first whole number that libconfig would wrap into 32 bits without a word; 0: there is none.
 * Strings and comments are skipped. */
static guint find_long_number(const char *text) {
    guint line = 1;
    for (const char *p = text; *p; p++) {
        if (*p == '"') {
            for (p++; *p && *p != '"'; p++) {
                line += *p == '\n';
                p += *p == '\\' && p[1];
            }
        } else if (*p == '#' || (*p == '/' && p[1] == '/')) {
            p += strcspn(p, "\n");
        } else if (*p == '/' && p[1] == '*') {
            for (p += 2; *p && (*p != '*' || p[1] != '/'); p++)
                line += *p == '\n';
        } else if (g_ascii_isdigit(*p)) {
            gsize digits = strspn(p, "0123456789");
            if (digits > DIGITS_MAX)
                return line;
            p += digits - 1;
        }
        if (!*p)
            break;
        line += *p == '\n';
    }
    return 0;
}

static bool read_config(config_t *config, const char *path, GError **error) {
    g_autofree char *text = NULL;
    gsize length;
    g_autoptr(GError) failure = NULL;
    if (!g_file_get_contents(path, &text, &length, &failure)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "configuration: %s; name one with --config FILE", failure->message);
        return false;
    }
    const char *invalid = NULL;
    if (length > FILE_MAX || !g_utf8_validate(text, (gssize)length, &invalid)) {
        guint line = 1;
        for (const char *p = text; invalid && p < invalid; p++)
            line += *p == '\n';
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "%s:%u: the file must be UTF-8 text of at most 4 MiB", path, line);
        return false;
    }
    guint long_number_line = find_long_number(text);
    if (long_number_line) {
        g_set_error(
            error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
            "%s:%u: a number of more than %d digits; no setting allows one (a phone number stands in quotes)",
            path, long_number_line, DIGITS_MAX);
        return false;
    }
    g_autofree char *directory = g_path_get_dirname(path);
    config_set_include_dir(config, directory);
    bool has_bom = g_str_has_prefix(text, "\xef\xbb\xbf");
    if (config_read_string(config, has_bom ? text + 3 : text) == CONFIG_TRUE)
        return true;
    const char *file = config_error_file(config);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "%s:%d: %s; settings look like  name = \"value\";  and groups like  name = { … };",
                file ? file : path, config_error_line(config), config_error_text(config));
    return false;
}

json_t *conf_file_load(const char *path, const ConfKey *schema, GError **error) {
    config_t config;
    config_init(&config);
    json_t *result = NULL;
    if (read_config(&config, path, error)) {
        Checker checker = {.path = path, .mistakes = g_string_new(NULL)};
        const config_setting_t *root = config_root_setting(&config);
        result = schema ? take_group(&checker, root, schema, "") : take_any(&checker, root, "", 0);
        if (checker.count > MISTAKES_MAX)
            g_string_append_printf(checker.mistakes, "\n%s: %u more mistakes", path,
                                   checker.count - MISTAKES_MAX);
        if (checker.count) {
            g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, checker.mistakes->str);
            g_clear_pointer(&result, json_decref);
        }
        g_string_free(checker.mistakes, TRUE);
    }
    config_destroy(&config);
    return result;
}

guint conf_file_line(const char *path, const char *setting_path) {
    config_t config;
    config_init(&config);
    guint line = 0;
    if (read_config(&config, path, NULL)) {
        /* "fields[3].type" → libconfig's "fields.[3].type"; shortened from the end until something is found
         */
        g_autoptr(GString) libconfig_path = g_string_new(setting_path);
        g_string_replace(libconfig_path, "[", ".[", 0);
        while (libconfig_path->len && !line) {
            const config_setting_t *setting = config_lookup(&config, libconfig_path->str);
            line = setting ? config_setting_source_line(setting) : 0;
            const char *dot = strrchr(libconfig_path->str, '.');
            g_string_truncate(libconfig_path, dot ? (gsize)(dot - libconfig_path->str) : 0);
        }
    }
    config_destroy(&config);
    return line;
}
