#include <string.h>

#include "parsers/form_likeness.h"
#include "parsers/form_private.h"
#include "parsers/form_rule.h"
#include "parsers/label.h"

#define KEY_MAX_LETTERS 48 /* keys become names in the database, in CSV headings and in letters */

static bool fail(GError **error, const char *path, const char *key, const char *what) {
    g_set_error(error, FORM_ERROR, FORM_ERROR_INVALID, "%s%s%s: %s", path, key ? "." : "", key ? key : "",
                what);
    return false;
}

/* Refuses keys that nobody reads: a misspelt one would be lost silently. */
static bool check_keys(const json_t *json, const char *const *known, const char *path, GError **error) {
    if (!json_is_object(json))
        return fail(error, path, NULL, "a group of settings is needed");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value) {
        bool found = false;
        for (const char *const *k = known; *k && !found; k++)
            found = strcmp(*k, key) == 0;
        if (!found)
            return fail(error, path, key, "unknown setting");
    }
    return true;
}

static bool take_key(const json_t *json, const char *name, const char *path, char **ret_key, GError **error) {
    const char *key = json_string_value(json_object_get(json, name));
    bool good = key && *key && strlen(key) <= KEY_MAX_LETTERS;
    for (const char *p = key; good && *p; p++)
        good = g_ascii_isalnum(*p) || *p == '_' || *p == '-';
    if (!good)
        return fail(error, path, name, "a name of letters, digits, _ is needed");
    *ret_key = g_strdup(key);
    return true;
}

static bool take_text(const json_t *json, const char *name, const char *path, char **ret_text,
                      GError **error) {
    const json_t *value = json_object_get(json, name);
    if (value && !json_is_string(value))
        return fail(error, path, name, "a text is needed");
    g_free(*ret_text);
    *ret_text = g_strdup(json_string_value(value));
    return true;
}

static bool take_bool(const json_t *json, const char *name, const char *path, bool *ret_value,
                      GError **error) {
    const json_t *value = json_object_get(json, name);
    if (value && !json_is_boolean(value))
        return fail(error, path, name, "true or false is needed");
    *ret_value = json_is_true(value);
    return true;
}

/* A list of texts, as written or in normal form; an empty one where the key is absent and not needed. */
static bool take_texts(const json_t *json, const char *name, bool normal, bool needed, const char *path,
                       GPtrArray **ret_texts, GError **error) {
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    const json_t *list = json_object_get(json, name);
    if ((list && !json_is_array(list)) || (needed && json_array_size(list) == 0))
        return fail(error, path, name, "a list of texts is needed");
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item) {
        if (!json_is_string(item) || !*json_string_value(item))
            return fail(error, path, name, "only texts may stand in this list");
        const char *text = json_string_value(item);
        g_ptr_array_add(texts, normal ? label_normal_form(text, -1) : g_strdup(text));
    }
    *ret_texts = g_steal_pointer(&texts);
    return true;
}

static Choice *load_choice(const json_t *json, const char *path, GError **error) {
    static const char *const known[] = {"value", "labels", "maps_to", NULL};
    g_autoptr(Choice) choice = g_new0(Choice, 1);
    if (json_is_string(json)) {
        choice->value = g_strdup(json_string_value(json));
        choice->labels = g_ptr_array_new_with_free_func(g_free);
    } else if (!check_keys(json, known, path, error) ||
               !take_text(json, "value", path, &choice->value, error) ||
               !take_text(json, "maps_to", path, &choice->maps_to, error) ||
               !take_texts(json, "labels", true, false, path, &choice->labels, error))
        return NULL;
    if (!choice->value || !*choice->value) {
        fail(error, path, "value", "a text is needed");
        return NULL;
    }
    g_ptr_array_add(choice->labels, label_normal_form(choice->value, -1));
    return g_steal_pointer(&choice);
}

static bool load_choices(const json_t *json, const char *path, Field *field, GError **error) {
    const json_t *list = json_object_get(json, "choices");
    if (field->type != TYPE_CHOICE)
        return list ? fail(error, path, "choices", "only for type choice") : true;
    if (!json_is_array(list) || json_array_size(list) == 0)
        return fail(error, path, "choices", "a list is needed");
    field->choices = g_ptr_array_new_with_free_func((GDestroyNotify)form_choice_free);
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item) {
        g_autofree char *at = g_strdup_printf("%s.choices[%zu]", path, i);
        Choice *choice = load_choice(item, at, error);
        if (!choice)
            return false;
        g_ptr_array_add(field->choices, choice);
    }
    return true;
}

static bool take_limit(const json_t *json, const char *name, const char *path, bool *ret_has,
                       double *ret_limit, GError **error) {
    const json_t *value = json_object_get(json, name);
    if (value && !json_is_number(value))
        return fail(error, path, name, "a number is needed");
    *ret_has = value != NULL;
    *ret_limit = json_number_value(value);
    return true;
}

static bool load_group_of(const json_t *json, const char *path, const GPtrArray *groups, Field *field,
                          GError **error) {
    const char *name = json_string_value(json_object_get(json, "group"));
    field->group = -1;
    for (guint i = 0; name && groups && i < groups->len; i++)
        if (strcmp(((FormGroup *)g_ptr_array_index(groups, i))->key, name) == 0)
            field->group = (int)i;
    if (json_object_get(json, "group") && field->group < 0)
        return fail(error, path, "group", "no such group in this form");
    return take_bool(json, "default", path, &field->is_group_default, error);
}

static Field *load_field(const json_t *json, const char *path, const GPtrArray *groups, GError **error) {
    static const char *const known[] = {"key",          "labels",     "full_labels", "type",     "required",
                                        "group",        "default",    "serial",      "choices",  "min",
                                        "max",          "absent",     "title_zh",    "title_en", "is_key",
                                        "start_labels", "end_labels", NULL};
    g_autoptr(Field) field = g_new0(Field, 1);
    if (!check_keys(json, known, path, error) || !take_key(json, "key", path, &field->key, error))
        return NULL;
    const char *type = json_string_value(json_object_get(json, "type"));
    int number = form_type_from_name(type ? type : "text");
    if (number < 0) {
        fail(error, path, "type",
             "one of text, count, number, date, datetime, daterange, phone, email, choice, bool, person, "
             "org, url is needed");
        return NULL;
    }
    field->type = (FieldType)number;
    if (!take_texts(json, "labels", false, true, path, &field->labels, error) ||
        !take_texts(json, "full_labels", false, false, path, &field->full_labels, error) ||
        !take_texts(json, "absent", true, false, path, &field->absent, error) ||
        !take_text(json, "title_zh", path, &field->title_zh, error) ||
        !take_text(json, "title_en", path, &field->title_en, error) ||
        !take_bool(json, "required", path, &field->required, error) ||
        !take_bool(json, "serial", path, &field->is_serial, error) ||
        !take_bool(json, "is_key", path, &field->is_key, error) ||
        !take_limit(json, "min", path, &field->has_min, &field->min, error) ||
        !take_limit(json, "max", path, &field->has_max, &field->max, error) ||
        !load_group_of(json, path, groups, field, error) || !load_choices(json, path, field, error))
        return NULL;
    if (!take_texts(json, "start_labels", false, false, path, &field->start_labels, error) ||
        !take_texts(json, "end_labels", false, false, path, &field->end_labels, error))
        return NULL;
    bool has_parts = field->start_labels->len > 0;
    if (has_parts != (field->end_labels->len > 0) || (has_parts && field->type != TYPE_DATERANGE)) {
        fail(error, path, "start_labels", "a daterange has both start_labels and end_labels, or none");
        return NULL;
    }
    field->part_of = -1;
    if (!field->title_zh)
        field->title_zh = g_strdup(g_ptr_array_index(field->labels, 0));
    return g_steal_pointer(&field);
}

static Field *new_part(GPtrArray *fields, guint range, bool is_end) {
    const Field *whole = g_ptr_array_index(fields, range);
    Field *part = g_new0(Field, 1);
    part->key = g_strconcat(whole->key, is_end ? ".end" : ".start", NULL);
    part->type = TYPE_DATE;
    part->group = whole->group;
    part->part_of = (int)range;
    part->is_end = is_end;
    part->labels = g_ptr_array_ref(is_end ? whole->end_labels : whole->start_labels);
    part->title_zh = g_strdup(g_ptr_array_index(part->labels, 0));
    return part;
}

/* The first and last days of ranges, behind all fields, so that their indices stay. */
static void add_parts(GPtrArray *fields) {
    guint n = fields->len;
    for (guint f = 0; f < n; f++) {
        if (((const Field *)g_ptr_array_index(fields, f))->start_labels->len == 0)
            continue;
        g_ptr_array_add(fields, new_part(fields, f, false));
        g_ptr_array_add(fields, new_part(fields, f, true));
    }
}

/* Calls load for each entry of json[name]; false on the first error. */
static bool load_fields(const json_t *json, const char *name, const char *path, const GPtrArray *groups,
                        GPtrArray *fields, GError **error) {
    gsize i;
    json_t *item;
    json_array_foreach(json_object_get(json, name), i, item) {
        g_autofree char *at = g_strdup_printf("%s.%s[%zu]", path, name, i);
        g_autoptr(Field) field = load_field(item, at, groups, error);
        if (!field)
            return false;
        for (guint j = 0; j < fields->len; j++)
            if (strcmp(((Field *)g_ptr_array_index(fields, j))->key, field->key) == 0)
                return fail(error, at, "key", "stands twice");
        g_ptr_array_add(fields, g_steal_pointer(&field));
    }
    return true;
}

static bool load_groups(const json_t *json, const char *path, Form *form, GError **error) {
    static const char *const known[] = {"key", "labels", "optional", "near", NULL};
    gsize i;
    json_t *item;
    json_array_foreach(json_object_get(json, "groups"), i, item) {
        g_autofree char *at = g_strdup_printf("%s.groups[%zu]", path, i);
        g_autoptr(FormGroup) group = g_new0(FormGroup, 1);
        if (!check_keys(item, known, at, error) || !take_key(item, "key", at, &group->key, error) ||
            !take_texts(item, "labels", false, true, at, &group->labels, error) ||
            !take_bool(item, "optional", at, &group->is_optional, error) ||
            !take_bool(item, "near", at, &group->is_near, error))
            return false;
        g_ptr_array_add(form->groups, g_steal_pointer(&group));
    }
    return true;
}

static bool load_tables(const json_t *json, const char *path, Form *form, GError **error) {
    static const char *const known[] = {"key",      "labels",   "title_zh", "title_en", "columns",
                                        "min_rows", "max_rows", "required", NULL};
    gsize i;
    json_t *item;
    json_array_foreach(json_object_get(json, "tables"), i, item) {
        g_autofree char *at = g_strdup_printf("%s.tables[%zu]", path, i);
        g_autoptr(FormTable) table = g_new0(FormTable, 1);
        table->columns = g_ptr_array_new_with_free_func((GDestroyNotify)form_field_free);
        bool has_min, has_max;
        double min, max;
        if (!check_keys(item, known, at, error) || !take_key(item, "key", at, &table->key, error) ||
            !take_texts(item, "labels", false, false, at, &table->labels, error) ||
            !take_text(item, "title_zh", at, &table->title_zh, error) ||
            !take_text(item, "title_en", at, &table->title_en, error) ||
            !take_bool(item, "required", at, &table->required, error) ||
            !take_limit(item, "min_rows", at, &has_min, &min, error) ||
            !take_limit(item, "max_rows", at, &has_max, &max, error) ||
            !load_fields(item, "columns", at, NULL, table->columns, error))
            return false;
        if (table->columns->len == 0)
            return fail(error, at, "columns", "at least one is needed");
        table->min_rows = has_min ? (int)min : -1;
        table->max_rows = has_max ? (int)max : -1;
        if (!table->title_zh && table->labels->len)
            table->title_zh = g_strdup(g_ptr_array_index(table->labels, 0));
        g_ptr_array_add(form->tables, g_steal_pointer(&table));
    }
    return true;
}

static bool load_rules(const json_t *json, const char *path, Form *form, GError **error) {
    static const char *const known[] = {"check", "code", "field", "text_zh", "text_en", NULL};
    gsize i;
    json_t *item;
    json_array_foreach(json_object_get(json, "rules"), i, item) {
        g_autofree char *at = g_strdup_printf("%s.rules[%zu]", path, i);
        g_autoptr(FormRule) rule = g_new0(FormRule, 1);
        if (!check_keys(item, known, at, error) || !take_text(item, "check", at, &rule->check, error) ||
            !take_text(item, "field", at, &rule->field, error) ||
            !take_text(item, "text_zh", at, &rule->text_zh, error) ||
            !take_text(item, "text_en", at, &rule->text_en, error))
            return false;
        const char *code = json_string_value(json_object_get(item, "code"));
        if (code && strcmp(code, "sum") != 0 && strcmp(code, "contradiction") != 0)
            return fail(error, at, "code", "sum or contradiction is needed");
        rule->is_sum = code && strcmp(code, "sum") == 0;
        if (!rule->check)
            return fail(error, at, "check", "a comparison is needed");
        rule->parsed = form_rule_parse(rule->check, form, error);
        if (!rule->parsed) {
            g_prefix_error(error, "%s.check: ", at);
            return false;
        }
        g_ptr_array_add(form->rules, g_steal_pointer(&rule));
    }
    return true;
}

/* The field named by json[name], else the first of that type; -1 where there is none. */
static bool load_role(const json_t *json, const char *name, FieldType type, const char *path,
                      const Form *form, int *ret_index, GError **error) {
    const char *key = json_string_value(json_object_get(json, name));
    *ret_index = key ? form_field_index(form, key) : -1;
    if (key && *ret_index < 0)
        return fail(error, path, name, "no such field");
    for (guint i = 0; !key && *ret_index < 0 && i < form->fields->len; i++)
        if (((Field *)g_ptr_array_index(form->fields, i))->type == type)
            *ret_index = (int)i;
    return true;
}

Form *form_load(const json_t *json, const char *path, GError **error) {
    static const char *const known[] = {"id",         "title_zh",  "title_en",     "titles",
                                        "not_titles", "groups",    "fields",       "tables",
                                        "rules",      "org_field", "period_field", NULL};
    g_autoptr(Form) form = g_new0(Form, 1);
    form->groups = g_ptr_array_new_with_free_func((GDestroyNotify)form_group_free);
    form->fields = g_ptr_array_new_with_free_func((GDestroyNotify)form_field_free);
    form->tables = g_ptr_array_new_with_free_func((GDestroyNotify)form_table_free);
    form->rules = g_ptr_array_new_with_free_func((GDestroyNotify)form_rule_entry_free);
    if (!check_keys(json, known, path, error) || !take_key(json, "id", path, &form->id, error) ||
        !take_text(json, "title_zh", path, &form->title_zh, error) ||
        !take_text(json, "title_en", path, &form->title_en, error) ||
        !take_texts(json, "titles", true, false, path, &form->titles, error) ||
        !take_texts(json, "not_titles", true, false, path, &form->not_titles, error) ||
        !load_groups(json, path, form, error) ||
        !load_fields(json, "fields", path, form->groups, form->fields, error) ||
        !load_tables(json, path, form, error) || !load_rules(json, path, form, error) ||
        !load_role(json, "org_field", TYPE_ORG, path, form, &form->org_field, error) ||
        !load_role(json, "period_field", TYPE_DATERANGE, path, form, &form->period_field, error))
        return NULL;
    if (form->fields->len + form->tables->len == 0) {
        fail(error, path, "fields", "a form needs fields or tables");
        return NULL;
    }
    add_parts(form->fields);
    form->likeness = form_likeness_new(form);
    return g_steal_pointer(&form);
}
