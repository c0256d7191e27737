#include "parsers/form.h"

#include <string.h>

#include "parsers/form_likeness.h"
#include "parsers/form_private.h"
#include "parsers/form_rule.h"
#include "parsers/label.h"

G_DEFINE_QUARK(fortnight - form - error - quark, form_error)

static const char *const type_names[FIELD_TYPES] = {
    [TYPE_TEXT] = "text",   [TYPE_COUNT] = "count",       [TYPE_NUMBER] = "number",
    [TYPE_DATE] = "date",   [TYPE_DATETIME] = "datetime", [TYPE_DATERANGE] = "daterange",
    [TYPE_PHONE] = "phone", [TYPE_EMAIL] = "email",       [TYPE_CHOICE] = "choice",
    [TYPE_BOOL] = "bool",   [TYPE_PERSON] = "person",     [TYPE_ORG] = "org",
    [TYPE_URL] = "url",
};

const char *form_type_name(FieldType type) {
    return type_names[type];
}

int form_type_from_name(const char *name) {
    for (int i = 0; i < FIELD_TYPES; i++)
        if (strcmp(type_names[i], name) == 0)
            return i;
    return -1;
}

/* ---- freeing
 * ------------------------------------------------------------------------------------------------------ */

static void clear_array(GPtrArray **array) {
    g_clear_pointer(array, g_ptr_array_unref);
}

void form_choice_free(Choice *choice) {
    if (!choice)
        return;
    g_free(choice->value);
    g_free(choice->maps_to);
    clear_array(&choice->labels);
    g_free(choice);
}

void form_field_free(Field *field) {
    if (!field)
        return;
    g_free(field->key);
    g_free(field->title_zh);
    g_free(field->title_en);
    clear_array(&field->labels);
    clear_array(&field->full_labels);
    clear_array(&field->choices);
    clear_array(&field->absent);
    clear_array(&field->start_labels);
    clear_array(&field->end_labels);
    g_free(field);
}

void form_group_free(FormGroup *group) {
    if (!group)
        return;
    g_free(group->key);
    clear_array(&group->labels);
    g_free(group);
}

void form_table_free(FormTable *table) {
    if (!table)
        return;
    g_free(table->key);
    g_free(table->title_zh);
    g_free(table->title_en);
    clear_array(&table->labels);
    clear_array(&table->columns);
    g_free(table);
}

void form_rule_entry_free(FormRule *rule) {
    if (!rule)
        return;
    g_free(rule->check);
    form_rule_free(rule->parsed);
    g_free(rule->field);
    g_free(rule->text_zh);
    g_free(rule->text_en);
    g_free(rule);
}

void form_free(Form *form) {
    if (!form)
        return;
    g_free(form->id);
    g_free(form->title_zh);
    g_free(form->title_en);
    clear_array(&form->titles);
    clear_array(&form->not_titles);
    clear_array(&form->groups);
    clear_array(&form->fields);
    clear_array(&form->tables);
    clear_array(&form->rules);
    form_likeness_free(form->likeness);
    g_free(form);
}

/* ---- the index of labels
 * ------------------------------------------------------------------------------------------ */

static void add_meaning(FormSet *set, const char *label, LabelMeaning meaning) {
    char *normal = label_normal_form(label, -1);
    if (!*normal) {
        g_free(normal);
        return;
    }
    set->longest_label = MAX(set->longest_label, strlen(normal));
    GArray *meanings = g_hash_table_lookup(set->meanings, normal);
    if (!meanings) {
        meanings = g_array_new(FALSE, FALSE, sizeof(LabelMeaning));
        g_hash_table_insert(set->meanings, normal, meanings);
        label_letters_add(set->letters, normal);
    } else
        g_free(normal);
    for (guint i = 0; i < meanings->len; i++) {
        LabelMeaning *old = &g_array_index(meanings, LabelMeaning, i);
        if (old->form == meaning.form && old->kind == meaning.kind && old->index == meaning.index &&
            old->column == meaning.column) {
            old->needs_group &= meaning.needs_group;
            return;
        }
    }
    g_array_append_val(meanings, meaning);
}

static void index_field(FormSet *set, guint form_index, const Form *form, guint index) {
    const Field *field = g_ptr_array_index(form->fields, index);
    LabelMeaning meaning = {.form = (guint16)form_index, .kind = LABEL_FIELD, .index = (guint16)index};
    for (guint i = 0; field->full_labels && i < field->full_labels->len; i++)
        add_meaning(set, g_ptr_array_index(field->full_labels, i), meaning);
    const FormGroup *group = field->group < 0 ? NULL : g_ptr_array_index(form->groups, (guint)field->group);
    for (guint i = 0; i < field->labels->len; i++) {
        const char *label = g_ptr_array_index(field->labels, i);
        meaning.needs_group = group && !group->is_optional;
        add_meaning(set, label, meaning);
        meaning.needs_group = false;
        for (guint j = 0; group && j < group->labels->len; j++) {
            g_autofree char *full = g_strconcat(g_ptr_array_index(group->labels, j), label, NULL);
            add_meaning(set, full, meaning);
        }
    }
}

/* Headings say the same with a word more: "负责人情况", "工作人员一览表". */
static void add_heading(FormSet *set, const char *label, LabelMeaning meaning, const char *const *suffixes) {
    add_meaning(set, label, meaning);
    for (; *suffixes; suffixes++) {
        g_autofree char *longer = g_strconcat(label, *suffixes, NULL);
        add_meaning(set, longer, meaning);
    }
}

static const char *const group_suffixes[] = {"信息",     "情况",     "资料", "基本信息",
                                             "基本情况", "个人信息", NULL};
static const char *const table_suffixes[] = {"名单",   "清单",   "列表",   "情况",   "明细", "汇总", "一览",
                                             "一览表", "表",     "统计",   "统计表", "信息", "数据", "登记",
                                             "登记表", "情况表", "汇总表", "明细表", NULL};

static void index_form(FormSet *set, guint form_index) {
    const Form *form = g_ptr_array_index(set->forms, form_index);
    for (guint i = 0; i < form->fields->len; i++)
        index_field(set, form_index, form, i);
    LabelMeaning meaning = {.form = (guint16)form_index, .kind = LABEL_GROUP};
    for (guint i = 0; i < form->groups->len; i++) {
        const FormGroup *group = g_ptr_array_index(form->groups, i);
        meaning.index = (guint16)i;
        for (guint j = 0; j < group->labels->len; j++)
            add_heading(set, g_ptr_array_index(group->labels, j), meaning, group_suffixes);
    }
    for (guint i = 0; i < form->tables->len; i++) {
        const FormTable *table = g_ptr_array_index(form->tables, i);
        meaning = (LabelMeaning){.form = (guint16)form_index, .kind = LABEL_TABLE, .index = (guint16)i};
        for (guint j = 0; j < table->labels->len; j++)
            add_heading(set, g_ptr_array_index(table->labels, j), meaning, table_suffixes);
        meaning.kind = LABEL_COLUMN;
        for (guint j = 0; j < table->columns->len; j++) {
            const Field *column = g_ptr_array_index(table->columns, j);
            meaning.column = (guint16)j;
            for (guint k = 0; k < column->labels->len; k++)
                add_meaning(set, g_ptr_array_index(column->labels, k), meaning);
        }
    }
}

/* ---- the set
 * ------------------------------------------------------------------------------------------------------- */

FormSet *form_set_new_from_json(const json_t *json, GError **error) {
    const json_t *forms = json_object_get(json, "forms");
    if (!json_is_array(forms) || json_array_size(forms) == 0 || json_array_size(forms) > G_MAXUINT16) {
        g_set_error(error, FORM_ERROR, FORM_ERROR_INVALID, "forms: a list with at least one form is needed");
        return NULL;
    }
    g_autoptr(FormSet) set = g_new0(FormSet, 1);
    g_atomic_ref_count_init(&set->references);
    set->forms = g_ptr_array_new_with_free_func((GDestroyNotify)form_free);
    set->meanings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    set->letters = label_letters_new();
    const char *language = json_string_value(json_object_get(json, "language"));
    set->is_chinese = !language || g_str_has_prefix(language, "zh");
    const char *zone = json_string_value(json_object_get(json, "zone"));
    set->zone = g_time_zone_new_identifier(zone ? zone : "Asia/Shanghai");
    if (!set->zone) {
        g_set_error(error, FORM_ERROR, FORM_ERROR_INVALID, "zone: \"%s\" is no time zone",
                    zone ? zone : "Asia/Shanghai");
        return NULL;
    }
    for (guint i = 0; i < json_array_size(forms); i++) {
        g_autofree char *path = g_strdup_printf("forms[%u]", i);
        Form *form = form_load(json_array_get(forms, i), path, error);
        if (!form)
            return NULL;
        bool taken = form_set_find(set, form->id) != NULL;
        g_ptr_array_add(set->forms, form);
        if (taken) {
            g_set_error(error, FORM_ERROR, FORM_ERROR_INVALID, "%s.id: \"%s\" stands twice", path, form->id);
            return NULL;
        }
        index_form(set, i);
    }
    return g_steal_pointer(&set);
}

FormSet *form_set_ref(FormSet *set) {
    g_atomic_ref_count_inc(&set->references);
    return set;
}

void form_set_unref(FormSet *set) {
    if (!set || !g_atomic_ref_count_dec(&set->references))
        return;
    clear_array(&set->forms);
    g_hash_table_unref(set->meanings);
    label_letters_free(set->letters);
    g_clear_pointer(&set->zone, g_time_zone_unref);
    g_free(set);
}

guint form_set_size(const FormSet *set) {
    return set->forms->len;
}

const Form *form_set_nth(const FormSet *set, guint index) {
    return g_ptr_array_index(set->forms, index);
}

const Form *form_set_find(const FormSet *set, const char *id) {
    for (guint i = 0; i < set->forms->len; i++) {
        const Form *form = g_ptr_array_index(set->forms, i);
        if (strcmp(form->id, id) == 0)
            return form;
    }
    return NULL;
}

bool form_set_is_chinese(const FormSet *set) {
    return set->is_chinese;
}

GTimeZone *form_set_zone(const FormSet *set) {
    return set->zone;
}

const LabelLetters *form_set_letters(const FormSet *set) {
    return set->letters;
}

const GArray *form_set_meanings(const FormSet *set, const char *normal) {
    return g_hash_table_lookup(set->meanings, normal);
}

gsize form_set_longest_label(const FormSet *set) {
    return set->longest_label;
}

/* ---- look-ups in a form
 * --------------------------------------------------------------------------------------------- */

int form_field_index(const Form *form, const char *key) {
    for (guint i = 0; i < form->fields->len; i++)
        if (strcmp(((const Field *)g_ptr_array_index(form->fields, i))->key, key) == 0)
            return (int)i;
    return -1;
}

int form_table_index(const Form *form, const char *key) {
    for (guint i = 0; i < form->tables->len; i++)
        if (strcmp(((const FormTable *)g_ptr_array_index(form->tables, i))->key, key) == 0)
            return (int)i;
    return -1;
}

static const char *title_of(const char *zh, const char *en, const char *key, bool chinese) {
    const char *first = chinese ? zh : en, *second = chinese ? en : zh;
    return first ? first : second ? second : key;
}

const char *field_title(const Field *field, bool chinese) {
    return title_of(field->title_zh, field->title_en, field->key, chinese);
}

const char *form_title(const Form *form, bool chinese) {
    return title_of(form->title_zh, form->title_en, form->id, chinese);
}

const char *form_table_title(const FormTable *table, bool chinese) {
    return title_of(table->title_zh, table->title_en, table->key, chinese);
}
