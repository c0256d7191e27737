#include "gateway/core/letter_render.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache.h"

/* On a telephone's first screen, in at most 250 characters: who is missing, who is late, totals, what is
 * open. More would push the rest out; where names are long, the longest are cut. */
#define KEY_MISSING            10
#define KEY_MISSING_CHARACTERS 120
#define KEY_LATE               3
#define KEY_LATE_CHARACTERS    28
#define KEY_TOTALS             2
#define KEY_NAMES_FEW          70 /* more characters of names than this leave room for one total */
#define KEY_NAME_MIN           6  /* a name that is cut further is nobody's */
/* Rows of a list in a letter: four full lists stay below LETTER_HTML_MAX_BYTES; the workbook has them all. */
#define LISTED_ROWS 40

struct LetterTemplates {
    GHashTable *sets; /* char* language → MustacheSet* */
    json_t *style;
};

static const struct {
    const char *suffix;
    MustacheEscape escape;
} outputs[] = {{"subject", MUSTACHE_HEADER}, {"txt", MUSTACHE_TEXT}, {"html", MUSTACHE_HTML}};

LetterTemplates *letter_templates_new(void) {
    LetterTemplates *templates = g_new0(LetterTemplates, 1);
    templates->sets =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)mustache_set_free);
    templates->style = json_object();
    return templates;
}

void letter_templates_free(LetterTemplates *templates) {
    if (!templates)
        return;
    g_hash_table_unref(templates->sets);
    json_decref(templates->style);
    g_free(templates);
}

bool letter_templates_set_style(LetterTemplates *templates, const char *name, const char *json, gsize length,
                                GError **error) {
    json_error_t at;
    json_t *style = json_loadb(json, length, JSON_REJECT_DUPLICATES, &at);
    if (!json_is_object(style)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%d: %s", name,
                    style ? 1 : at.line, style ? "styles must be a JSON object" : at.text);
        json_decref(style);
        return false;
    }
    json_decref(templates->style);
    templates->style = style;
    return true;
}

bool letter_templates_add(LetterTemplates *templates, const char *language, const char *name,
                          const char *source, gsize length, GError **error) {
    MustacheSet *set = g_hash_table_lookup(templates->sets, language);
    if (!set) {
        set = mustache_set_new();
        g_hash_table_insert(templates->sets, g_strdup(language), set);
    }
    if (!mustache_set_add(set, name, source, length, error)) {
        g_prefix_error(error, "%s/", language);
        return false;
    }
    guint raw_line = g_str_has_suffix(name, ".html") ? mustache_set_raw_line(set, name) : 0;
    if (!raw_line)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "%s/%s:%u: HTML of letters escapes everything: write {{x}}, not {{{x}}}", language, name,
                raw_line);
    return false;
}

bool letter_templates_complete(const LetterTemplates *templates, GError **error) {
    GHashTableIter iter;
    gpointer language, set;
    g_hash_table_iter_init(&iter, templates->sets);
    while (g_hash_table_iter_next(&iter, &language, &set)) {
        for (int kind = 0; kind < LETTER_KINDS; kind++)
            for (gsize i = 0; i < G_N_ELEMENTS(outputs); i++) {
                g_autofree char *name = g_strdup_printf("%s.%s", letter_kind_name(kind), outputs[i].suffix);
                if (mustache_set_has(set, name))
                    continue;
                g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                            "%s/%s: template is missing", (const char *)language, name);
                return false;
            }
    }
    if (g_hash_table_size(templates->sets))
        return true;
    g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "no letter template was found");
    return false;
}

GStrv letter_templates_languages(const LetterTemplates *templates) {
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(templates->sets), (GCompareFunc)g_strcmp0);
    GPtrArray *names = g_ptr_array_new();
    for (GList *key = keys; key; key = key->next)
        g_ptr_array_add(names, g_strdup(key->data));
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_free(names, FALSE);
}

/* Width in percent of the larger of two counts; null where there is nothing to draw. */
static void set_bar(json_t *entry, const char *name, const char *rest_name, double value, double largest) {
    bool drawn = value > 0 && largest > 0;
    int percent = drawn ? CLAMP((int)(100 * value / largest + 0.5), 1, 100) : 0;
    json_object_set_new(entry, name, drawn ? json_integer(percent) : json_null());
    json_object_set_new(entry, rest_name, percent < 100 ? json_integer(100 - percent) : json_null());
}

/* Totals with bars: each against its own last period, since the fields differ by orders of magnitude. */
static json_t *totals_with_bars(const json_t *totals) {
    json_t *result = json_array();
    size_t i;
    json_t *total;
    json_array_foreach(totals, i, total) {
        double value = json_number_value(json_object_get(total, "value"));
        double previous = json_number_value(json_object_get(total, "previous"));
        json_t *entry = json_copy(total);
        set_bar(entry, "bar", "bar_rest", value, MAX(value, previous));
        set_bar(entry, "previous_bar", "previous_bar_rest", previous, MAX(value, previous));
        json_array_append_new(result, entry);
    }
    return result;
}

static json_t *first_entries(const json_t *list, size_t count) {
    json_t *first = json_array();
    for (size_t i = 0; i < MIN(json_array_size(list), count); i++)
        json_array_append(first, json_array_get(list, i));
    return first;
}

/* NAME_listed: the first rows; NAME_folded: how many more there are. */
static void fold_lists(json_t *view, const json_t *summary) {
    static const char *const names[] = {"missing", "late", "problems", "open_questions"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const json_t *list = json_object_get(summary, names[i]);
        /* of questions the list itself is not whole */
        json_int_t count = json_integer_value(json_object_get(json_object_get(summary, "counts"), names[i]));
        size_t n = MAX(json_array_size(list), (size_t)count);
        size_t shown = MIN(json_array_size(list), LISTED_ROWS);
        g_autofree char *listed = g_strconcat(names[i], "_listed", NULL);
        g_autofree char *folded = g_strconcat(names[i], "_folded", NULL);
        json_object_set_new(view, listed, first_entries(list, shown));
        json_object_set_new(view, folded, json_integer((json_int_t)(n - shown)));
    }
}

static glong name_length(const json_t *row) {
    const char *name = json_string_value(json_object_get(row, "name"));
    return name ? g_utf8_strlen(name, -1) : 0;
}

/* The longest length at which names, cut to it, stay within a number of characters together. */
static glong fitting_length(const json_t *rows, size_t count, glong characters) {
    glong longest = 0, fits = KEY_NAME_MIN;
    for (size_t i = 0; i < count; i++)
        longest = MAX(longest, name_length(json_array_get(rows, i)));
    for (glong length = KEY_NAME_MIN; length <= MIN(longest, characters); length++) {
        glong sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += MIN(name_length(json_array_get(rows, i)), length);
        if (sum <= characters)
            fits = length;
    }
    return fits;
}

/* key_NAME: the first rows with their names cut to what fits; NAME_more: how many more there are. Characters
 * of these names. */
static glong set_key_names(json_t *view, const json_t *summary, const char *name, size_t count,
                           glong characters) {
    const json_t *rows = json_object_get(summary, name);
    size_t n = json_array_size(rows), shown = MIN(n, count);
    glong length = fitting_length(rows, shown, characters), used = 0;
    json_t *key = json_array();
    for (size_t i = 0; i < shown; i++) {
        json_t *row = json_copy(json_array_get(rows, i));
        const char *whole = json_string_value(json_object_get(row, "name"));
        if (whole && name_length(row) > length) {
            g_autofree char *start = g_utf8_substring(whole, 0, length - 1);
            g_autofree char *cut = g_strconcat(start, "…", NULL);
            json_object_set_new(row, "name", json_string(cut));
        }
        used += MIN(name_length(json_array_get(rows, i)), length);
        json_array_append_new(key, row);
    }
    g_autofree char *key_name = g_strconcat("key_", name, NULL);
    g_autofree char *more_name = g_strconcat(name, "_more", NULL);
    json_object_set_new(view, key_name, key);
    json_object_set_new(view, more_name, json_integer((json_int_t)(n - shown)));
    return used;
}

static json_t *summary_view(const json_t *summary) {
    json_t *view = json_copy((json_t *)summary);
    json_t *totals = totals_with_bars(json_object_get(summary, "totals"));
    fold_lists(view, summary);
    glong used = set_key_names(view, summary, "missing", KEY_MISSING, KEY_MISSING_CHARACTERS);
    set_key_names(view, summary, "late", KEY_LATE, KEY_LATE_CHARACTERS);
    json_object_set_new(view, "totals", totals);
    json_object_set_new(view, "key_totals", first_entries(totals, used > KEY_NAMES_FEW ? 1 : KEY_TOTALS));
    return view;
}

/* What the templates see: the facts, the look, and what only looks need. */
static json_t *make_view(const LetterTemplates *templates, const char *language, const json_t *facts) {
    static const char *const set_by_who_attaches[] = {"attached", "calendar",  "charts",       "workbook",
                                                      "document", "standings", "registration", "trend"};
    json_t *view = facts ? json_copy((json_t *)facts) : json_object();
    json_object_set(view, "style", templates->style);
    json_object_set_new(view, "language", json_string(language));
    for (gsize i = 0; i < G_N_ELEMENTS(set_by_who_attaches); i++)
        if (!json_object_get(view, set_by_who_attaches[i]))
            json_object_set_new(view, set_by_who_attaches[i], json_false());
    json_t *summary = json_object_get(view, "summary");
    if (json_is_object(summary))
        json_object_set_new(view, "summary", summary_view(summary));
    return view;
}

/* At most one empty line in a row, none at the ends: sections that were left out leave gaps. */
static char *tidy_text(const char *text) {
    g_autoptr(GString) tidy = g_string_new(NULL);
    bool gap = false;
    for (const char *line = text; line;) {
        const char *end = strchr(line, '\n');
        gsize length = end ? (gsize)(end - line) : strlen(line);
        while (length && (line[length - 1] == ' ' || line[length - 1] == '\t' || line[length - 1] == '\r'))
            length--;
        if (length) {
            if (gap && tidy->len)
                g_string_append_c(tidy, '\n');
            g_string_append_len(tidy, line, (gssize)length);
            g_string_append_c(tidy, '\n');
        }
        gap = !length;
        line = end ? end + 1 : NULL;
    }
    return g_string_free(g_steal_pointer(&tidy), FALSE);
}

bool letter_render(const LetterTemplates *templates, LetterKind kind, const char *language,
                   const json_t *facts, bool strict, LetterText *ret_text, GError **error) {
    const MustacheSet *set = g_hash_table_lookup(templates->sets, language);
    if (!set) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "there are no letters in the language “%s”", language);
        return false;
    }
    char *rendered[G_N_ELEMENTS(outputs)] = {NULL};
    json_t *view = make_view(templates, language, facts);
    bool ok = true;
    for (gsize i = 0; ok && i < G_N_ELEMENTS(outputs); i++) {
        g_autofree char *name = g_strdup_printf("%s.%s", letter_kind_name(kind), outputs[i].suffix);
        ok = mustache_render(set, name, view, outputs[i].escape, strict, &rendered[i], error);
    }
    json_decref(view);
    if (ok) {
        ret_text->subject = mustache_clean_line(rendered[0], LETTER_SUBJECT_MAX);
        ret_text->text = tidy_text(rendered[1]);
        ret_text->html = g_steal_pointer(&rendered[2]);
    } else {
        g_prefix_error(error, "%s/", language);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(outputs); i++)
        g_free(rendered[i]);
    return ok;
}

void letter_text_clear(LetterText *text) {
    g_clear_pointer(&text->subject, g_free);
    g_clear_pointer(&text->text, g_free);
    g_clear_pointer(&text->html, g_free);
}
