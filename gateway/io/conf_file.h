/* libconfig files → checked JSON: every key known, every value of the right type and in range, else
 * `file:line: key: …` (SPEC 9). Units are resolved here: a CONF_DURATION "24h" becomes seconds, a CONF_SIZE
 * "50MB" bytes. Knows no key of the product. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef enum {
    CONF_STRING,
    CONF_INTEGER, /* min..max */
    CONF_BOOLEAN,
    CONF_NUMBER,
    CONF_CHOICE,   /* one of choices */
    CONF_DURATION, /* "90s", "15m", "24h", "3d" → integer seconds, min..max */
    CONF_SIZE,     /* "50MB", "72MiB" → integer bytes, min..max */
    CONF_TIME,     /* "23:59", "23:59:59" → integer second of the day */
    CONF_DATE,     /* "2016-06-27" → the same string, a valid date */
    CONF_ADDRESS,  /* an e-mail address */
    CONF_TITLE,    /* "text" or { zh = "…"; en = "…" } → {"zh","en"} */
    CONF_STRINGS,  /* ["a","b"] or ("a","b") */
    CONF_INTEGERS, /* [13,27], each min..max */
    CONF_GROUP,    /* { … } checked by keys */
    CONF_LIST,     /* ( {…}, {…} ) of groups checked by keys */
    CONF_GROUPS,   /* { … } or ( {…}, {…} ): always a list */
    CONF_ANY       /* taken as it is */
} ConfType;

typedef struct ConfKey {
    const char *name; /* NULL ends a table */
    ConfType type;
    bool required;
    double min, max;            /* both 0: not checked */
    const char *const *choices; /* CONF_CHOICE, NULL-terminated */
    const struct ConfKey *keys; /* CONF_GROUP, CONF_LIST */
} ConfKey;

/* Reads a file. schema NULL: everything is taken as it is. Up to 20 mistakes are reported together, a line
 * each, as FORTNIGHT_ERROR_CONFIGURATION. @include is relative to the file. A UTF-8 BOM is accepted, other
 * encodings are refused. New reference. */
json_t *conf_file_load(const char *path, const ConfKey *schema, GError **error);

/* The line of a setting such as "fields[3].type" in a libconfig file, 0 if it is not found: for errors found
 * later. */
guint conf_file_line(const char *path, const char *setting_path);

/* "90s", "15m", "24h", "3d" (also "-3d", "+1d") → seconds. */
bool conf_parse_duration(const char *text, gint64 *ret_s);
/* "50MB" (10^6), "72MiB" (2^20), "4096" → bytes. */
bool conf_parse_size(const char *text, gint64 *ret_bytes);
/* "23:59", "23:59:59", "24:00" excluded → second of the day. */
bool conf_parse_time(const char *text, int *ret_second);
