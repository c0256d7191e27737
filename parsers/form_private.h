/* What form.c and form_load.c share: making and unmaking of the definitions. For nobody else. */
#pragma once

#include "parsers/form.h"

struct FormSet {
    gatomicrefcount references;
    bool is_chinese;
    GTimeZone *zone;
    GPtrArray *forms;      /* Form* */
    GHashTable *meanings;  /* char* normal form → GArray of LabelMeaning */
    LabelLetters *letters; /* of all of them */
    gsize longest_label;
};

void form_free(Form *form);
void form_field_free(Field *field);
void form_group_free(FormGroup *group);
void form_table_free(FormTable *table);
void form_choice_free(Choice *choice);
void form_rule_entry_free(FormRule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Form, form_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Field, form_field_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormGroup, form_group_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormTable, form_table_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Choice, form_choice_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormRule, form_rule_entry_free)

/* Reads one form; path ("forms[1]") begins every error message. */
Form *form_load(const json_t *json, const char *path, GError **error);
