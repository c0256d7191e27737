#include "gateway/commands/parse_print.h"

#include <glib.h>

#include "gateway/core/json_write.h"

#define REAL_DIGITS 12 /* 0.98 is written as 0.98 */

/* A longer value says no more in a list; --json has all of it. */
enum { VALUE_CHARACTERS_MAX = 60 };

/* One line of printable text, shortened. */
static char *shown(const char *text) {
    GString *line = g_string_new(NULL);
    glong n = 0;
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (n++ == VALUE_CHARACTERS_MAX) {
            g_string_append(line, "…");
            break;
        }
        g_string_append_unichar(line, g_unichar_isprint(c) ? c : ' ');
    }
    return g_string_free(line, FALSE);
}

static char *value_text(const json_t *value) {
    if (json_is_string(value))
        return shown(json_string_value(value));
    g_autofree char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    return shown(text != NULL ? text : "");
}

static const char *string_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

static void print_fields(FILE *out, json_t *line) {
    const char *key;
    json_t *field;
    json_object_foreach(json_object_get(line, "fields"), key, field) {
        g_autofree char *value = value_text(json_object_get(field, "value"));
        g_autofree char *source = shown(string_at(field, "source"));
        fprintf(out, "  %-20s %s", key, value);
        fprintf(out, *source != '\0' ? "  [%s]\n" : "\n", source);
    }
    json_t *rows;
    json_object_foreach(json_object_get(line, "tables"), key, rows)
        fprintf(out, "  %-20s %zu rows\n", key, json_array_size(rows));
}

static void print_problems(FILE *out, const json_t *line) {
    size_t index;
    json_t *problem;
    json_array_foreach(json_object_get(line, "problems"), index, problem) {
        g_autofree char *where = shown(string_at(problem, "where"));
        g_autofree char *text = shown(string_at(problem, "text"));
        fprintf(out, "  ! %s: %s", string_at(problem, "code"), text);
        fprintf(out, *where != '\0' ? " (%s)\n" : "\n", where);
    }
}

static void print_for_people(FILE *out, json_t *line) {
    g_autofree char *file = shown(string_at(line, "file"));
    g_autofree char *org = shown(string_at(line, "org"));
    const json_t *period = json_object_get(line, "period");
    fprintf(out, "%s: %s", file, string_at(line, "kind"));
    if (*string_at(line, "form") != '\0')
        fprintf(out, " %s", string_at(line, "form"));
    if (*org != '\0')
        fprintf(out, ", %s", org);
    if (json_is_object(period))
        fprintf(out, ", %s to %s", string_at(period, "start"), string_at(period, "end"));
    fputc('\n', out);
    print_fields(out, line);
    print_problems(out, line);
}

void parse_print(FILE *out, const json_t *result, bool as_json) {
    size_t index;
    json_t *line;
    json_array_foreach(json_object_get(result, "lines"), index, line) {
        if (as_json) {
            g_autofree char *text = json_write(line, REAL_DIGITS);
            fprintf(out, "%s\n", text);
        } else {
            print_for_people(out, line);
        }
    }
}
