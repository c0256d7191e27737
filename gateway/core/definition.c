#include "gateway/core/definition.h"

#include <string.h>

#include "gateway/core/calendar.h"

static const json_t *find_by(const json_t *list, const char *name, const char *wanted) {
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item)
        if (wanted != NULL && g_strcmp0(json_string_value(json_object_get(item, name)), wanted) == 0)
            return item;
    return NULL;
}

static const json_t *list_of(const json_t *object, const char *name) {
    const json_t *list = json_object_get(object, name);
    return json_is_array(list) ? list : NULL; /* jansson's loops take NULL for an empty list */
}

const json_t *definition_form(const Programme *programme, const char *form) {
    return find_by(list_of(programme->forms, "forms"), "id", form);
}

const json_t *definition_table(const json_t *form, const char *table) {
    return find_by(definition_tables(form), "key", table);
}

const json_t *definition_fields(const json_t *form) {
    return list_of(form, "fields");
}

const json_t *definition_tables(const json_t *form) {
    return list_of(form, "tables");
}

const json_t *definition_columns(const json_t *table) {
    return list_of(table, "columns");
}

const char *definition_key(const json_t *definition) {
    const char *key = json_string_value(json_object_get(definition, "key"));
    return key != NULL ? key : "";
}

const char *definition_type(const json_t *definition) {
    const char *type = json_string_value(json_object_get(definition, "type"));
    return type != NULL ? type : "text";
}

bool definition_is_number(const json_t *definition) {
    const char *type = definition_type(definition);
    return strcmp(type, "count") == 0 || strcmp(type, "number") == 0;
}

const char *definition_title(const json_t *definition, const char *language) {
    bool is_english = g_strcmp0(language, "en") == 0;
    const json_t *names[] = {json_object_get(definition, is_english ? "title_en" : "title_zh"),
                             json_array_get(json_object_get(definition, "labels"), 0),
                             json_object_get(definition, is_english ? "title_zh" : "title_en"),
                             json_object_get(definition, "id")};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (json_is_string(names[i]))
            return json_string_value(names[i]);
    return definition_key(definition);
}

const char *definition_title_of_key(const json_t *form, const char *key, const char *language) {
    const json_t *definition = find_by(definition_fields(form), "key", key);
    if (definition == NULL)
        definition = find_by(definition_tables(form), "key", key);
    return definition != NULL ? definition_title(definition, language) : key;
}

const char *definition_choice_meaning(const json_t *definition, const char *value) {
    const json_t *choice = find_by(list_of(definition, "choices"), "value", value);
    return json_string_value(json_object_get(choice, "maps_to"));
}

/* "2016-06-14T09:30" → "2016-06-14 09:30"; other text as it is. */
static char *plain_text(const char *text) {
    char *copy = g_strdup(text);
    if (strlen(copy) == 16 && copy[4] == '-' && copy[10] == 'T' && copy[13] == ':')
        copy[10] = ' ';
    return copy;
}

char *definition_value_text(const json_t *value, const char *language) {
    bool is_english = g_strcmp0(language, "en") == 0;
    if (json_is_string(value))
        return plain_text(json_string_value(value));
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value)) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.10g", json_real_value(value)));
    }
    if (json_is_boolean(value))
        return g_strdup(is_english ? (json_is_true(value) ? "yes" : "no")
                                   : (json_is_true(value) ? "是" : "否"));
    GDate first, last;
    const char *start = json_string_value(json_object_get(value, "start"));
    const char *end = json_string_value(json_object_get(value, "end"));
    if (calendar_day_parse(start, &first) && calendar_day_parse(end, &last))
        return calendar_span_text(&first, &last, language);
    return g_strdup("");
}
