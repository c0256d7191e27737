/* What a submission says, for people: letter_facts_of_submission() of letter_facts.h. */
#include "gateway/core/letter_facts.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/core/summary_parts.h"

/* Below this confidence a value is shown as doubtful, so that the sender looks at it. */
#define DOUBTFUL_BELOW 0.85

static bool has_value(const json_t *field) {
    const json_t *value = json_object_get(field, "value");
    return value != NULL && !json_is_null(value);
}

static void set_text(json_t *object, const char *name, char *text) {
    json_object_set_new(object, name, text != NULL ? json_string(text) : json_false());
    g_free(text);
}

static json_t *field_facts(const json_t *form, const char *key, const json_t *field, const char *language) {
    json_t *facts = json_object();
    const json_t *confidence = json_object_get(field, "confidence");
    const char *source = json_string_value(json_object_get(field, "source"));
    json_object_set_new(facts, "key", json_string(key));
    json_object_set_new(facts, "label", json_string(definition_title_of_key(form, key, language)));
    set_text(facts, "value", definition_value_text(json_object_get(field, "value"), language));
    json_object_set_new(facts, "source", source != NULL ? json_string(source) : json_false());
    json_object_set_new(
        facts, "doubtful",
        json_boolean(json_is_number(confidence) && json_number_value(confidence) < DOUBTFUL_BELOW));
    return facts;
}

/* Found fields, first in the form's order, then those that the form does not define. */
static json_t *fields_facts(const json_t *form, const json_t *fields, const char *language) {
    json_t *list = json_array();
    g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
    gsize i;
    json_t *definition, *field;
    const char *key;
    json_array_foreach(definition_fields(form), i, definition) {
        field = json_object_get(fields, definition_key(definition));
        g_hash_table_add(done, (char *)definition_key(definition));
        if (has_value(field))
            json_array_append_new(list, field_facts(form, definition_key(definition), field, language));
    }
    json_object_foreach((json_t *)fields, key, field)
        if (has_value(field) && !g_hash_table_contains(done, key))
            json_array_append_new(list, field_facts(form, key, field, language));
    return list;
}

static bool is_in_any_row(const json_t *rows, const char *key) {
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const json_t *cell = json_object_get(row, key);
        if (cell != NULL && !json_is_null(cell))
            return true;
    }
    return false;
}

static json_t *table_facts(const json_t *table, const json_t *rows, const char *language) {
    json_t *columns = json_array(), *lines = json_array();
    gsize i, count = json_array_size(rows);
    json_t *column;
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    json_array_foreach(definition_columns(table), i, column)
        if (is_in_any_row(rows, definition_key(column))) {
            g_ptr_array_add(keys, (char *)definition_key(column));
            json_array_append_new(columns, json_string(definition_title(column, language)));
        }
    for (i = 0; i < count && i < FACTS_TABLE_ROWS; i++) {
        json_t *cells = json_array();
        for (guint j = 0; j < keys->len; j++) {
            g_autofree char *text = definition_value_text(
                json_object_get(json_array_get(rows, i), g_ptr_array_index(keys, j)), language);
            json_array_append_new(cells, json_string(text));
        }
        json_array_append_new(lines, json_pack("{s:o}", "cells", cells));
    }
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:I}", "key", definition_key(table), "label",
                     definition_title(table, language), "count", (json_int_t)count, "columns", columns,
                     "rows", lines, "more",
                     (json_int_t)(count > FACTS_TABLE_ROWS ? count - FACTS_TABLE_ROWS : 0));
}

static json_t *tables_facts(const json_t *form, const json_t *tables, const char *language) {
    json_t *list = json_array();
    gsize i;
    json_t *table;
    json_array_foreach(definition_tables(form), i, table) {
        const json_t *rows = json_object_get(tables, definition_key(table));
        if (json_array_size(rows) > 0)
            json_array_append_new(list, table_facts(table, rows, language));
    }
    return list;
}

/* How the sender can put a problem right by mail. The caller frees it. */
static char *remedy(int number, bool has_field, bool is_english) {
    if (has_field)
        return is_english ? g_strdup_printf("answer this letter with “%d: the right value”", number)
                          : g_strdup_printf("回复本邮件，写“%d：正确内容”即可", number);
    return g_strdup(is_english ? "correct the form and send it again" : "请修改表格后重新发送");
}

static bool is_field(const json_t *form, const char *key) {
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(form), i, field)
        if (g_strcmp0(definition_key(field), key) == 0)
            return true;
    return false;
}

static json_t *problems_facts(const json_t *form, const json_t *problems, const char *language) {
    json_t *list = json_array();
    bool is_english = g_strcmp0(language, "en") == 0;
    gsize i;
    json_t *problem;
    json_array_foreach(problems, i, problem) {
        const char *text = json_string_value(json_object_get(problem, "text"));
        const char *field = json_string_value(json_object_get(problem, "field"));
        json_t *facts = json_object();
        json_object_set_new(facts, "number", json_integer((json_int_t)i + 1));
        json_object_set_new(facts, "text", json_string(text != NULL ? text : ""));
        json_object_set_new(facts, "field", field != NULL ? json_string(field) : json_false());
        json_object_set_new(facts, "label",
                            field != NULL ? json_string(definition_title_of_key(form, field, language))
                                          : json_false());
        set_text(facts, "how", remedy((int)i + 1, is_field(form, field), is_english));
        json_array_append_new(list, facts);
    }
    return list;
}

/* --- changes
 * ------------------------------------------------------------------------------------------------ */

static void add_change(json_t *list, const char *label, char *old, char *new) {
    json_t *change = json_object();
    json_object_set_new(change, "label", json_string(label));
    set_text(change, "old", old);
    set_text(change, "new", new);
    json_array_append_new(list, change);
}

static char *row_count_text(const json_t *rows, bool is_english) {
    return g_strdup_printf(is_english ? "%zu rows" : "%zu 行", json_array_size(rows));
}

static json_t *changes_facts(const json_t *form, const Submission *old, const Submission *new,
                             const char *language) {
    json_t *list = json_array();
    bool is_english = g_strcmp0(language, "en") == 0;
    gsize i;
    json_t *definition;
    json_array_foreach(definition_fields(form), i, definition) {
        const json_t *a = json_object_get(json_object_get(old->fields, definition_key(definition)), "value");
        const json_t *b = json_object_get(json_object_get(new->fields, definition_key(definition)), "value");
        bool has_a = a != NULL && !json_is_null(a), has_b = b != NULL && !json_is_null(b);
        if ((has_a || has_b) && !json_equal(a, b))
            add_change(list, definition_title(definition, language),
                       has_a ? definition_value_text(a, language) : NULL,
                       has_b ? definition_value_text(b, language) : NULL);
    }
    json_array_foreach(definition_tables(form), i, definition) {
        const json_t *a = json_object_get(old->tables, definition_key(definition));
        const json_t *b = json_object_get(new->tables, definition_key(definition));
        if (json_array_size(a) + json_array_size(b) > 0 && !json_equal(a, b))
            add_change(list, definition_title(definition, language), row_count_text(a, is_english),
                       row_count_text(b, is_english));
    }
    return list;
}

json_t *letter_facts_of_submission(const Programme *programme, const Submission *submission,
                                   const Submission *previous, const char *language) {
    const json_t *form = definition_form(programme, submission->form);
    json_t *facts = json_object();
    json_t *problems = problems_facts(form, submission->problems, language);
    json_t *changes = previous != NULL ? changes_facts(form, previous, submission, language) : json_array();
    json_object_set_new(facts, "form_title",
                        json_string(form != NULL               ? definition_title(form, language)
                                    : submission->form != NULL ? submission->form
                                                               : ""));
    json_object_set_new(facts, "revision", json_integer(submission->revision));
    json_object_set_new(facts, "fields", fields_facts(form, submission->fields, language));
    json_object_set_new(facts, "tables", tables_facts(form, submission->tables, language));
    json_object_set_new(facts, "problem_count", json_integer((json_int_t)json_array_size(problems)));
    json_object_set_new(facts, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(facts, "problems", problems);
    json_object_set_new(facts, "has_changes", json_boolean(json_array_size(changes) > 0));
    json_object_set_new(facts, "changes", changes);
    return facts;
}

/* --- the own trend
 * -------------------------------------------------------------------------------------------- */

static json_t *trend_row(const json_t *field, const json_t *now, const json_t *before, const char *language) {
    g_autofree char *value = definition_value_text(now, language);
    g_autofree char *previous = definition_value_text(before, language);
    return json_pack("{s:s, s:s, s:s, s:o}", "label", definition_title(field, language), "value", value,
                     "previous", previous, "change_text",
                     summary_change_text(json_number_value(now) - json_number_value(before)));
}

json_t *letter_facts_trend(const Programme *programme, const Submission *now, const Submission *before,
                           const char *language) {
    json_t *rows = json_array(), *field;
    gsize i;
    json_array_foreach(definition_fields(definition_form(programme, now->form)), i, field) {
        const json_t *value = json_object_get(json_object_get(now->fields, definition_key(field)), "value");
        const json_t *previous =
            json_object_get(json_object_get(before->fields, definition_key(field)), "value");
        if (json_is_number(value) && json_is_number(previous) && json_array_size(rows) < FACTS_TREND_ROWS)
            json_array_append_new(rows, trend_row(field, value, previous, language));
    }
    if (json_array_size(rows) > 0)
        return json_pack("{s:o}", "rows", rows);
    json_decref(rows);
    return json_false();
}
