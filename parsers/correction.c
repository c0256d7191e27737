#include "parsers/correction.h"

#include <string.h>

#include "parsers/label.h"
#include "parsers/problem.h"
#include "parsers/submission.h"

/* ---- which field
 * ------------------------------------------------------------------------------------------------ */

typedef struct {
    const FormSet *set;
    const Form *form;
    int found; /* -1: none yet, -2: several */
} Search;

static void note(Search *search, int index) {
    if (search->found == -1)
        search->found = index;
    else if (search->found != index)
        search->found = -2;
}

/* A label of one reading: its meanings in this form, else the title that letters show. */
static bool visit(const char *normal, gpointer data) {
    Search *search = data;
    const GArray *meanings = form_set_meanings(search->set, normal);
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind == LABEL_FIELD && form_set_nth(search->set, meaning->form) == search->form &&
            ((const Field *)g_ptr_array_index(search->form->fields, meaning->index))->part_of < 0)
            note(search, meaning->index);
    }
    if (search->found >= 0)
        return true;
    search->found = -1; /* several fields bear the label: their titles tell them apart */
    for (guint i = 0; i < search->form->fields->len; i++) {
        const Field *field = g_ptr_array_index(search->form->fields, i);
        if (field->part_of >= 0)
            break; /* and so are all that follow */
        for (int chinese = 0; chinese < 2; chinese++) {
            g_autofree char *title = label_normal_form(field_title(field, chinese), -1);
            if (*title && strcmp(title, normal) == 0) {
                note(search, (int)i);
                break;
            }
        }
    }
    return search->found != -1;
}

int correction_field(const FormSet *set, const Form *form, const char *label) {
    Search search = {set, form, -1};
    if (strlen(label) > LABEL_MAX_BYTES)
        return -1;
    label_each_reading(label, -1, visit, &search);
    return MAX(search.found, -1);
}

/* ---- its value
 * ------------------------------------------------------------------------------------------------ */

ValueVerdict correction_value(const Field *field, const char *raw, const ValueContext *context,
                              const char *source, json_t **ret_field) {
    json_t *value = NULL;
    ValueVerdict verdict = value_parse(field, raw, context, &value, NULL);
    /* a person who writes it for this field means it: as sure as can be */
    if (verdict == VALUE_GOOD)
        *ret_field = json_pack("{s:o, s:s, s:s, s:f}", "value", value, "raw", raw, "source", source,
                               "confidence", 1.0);
    return verdict;
}

/* ---- what is still wrong
 * -------------------------------------------------------------------------------------- */

/* What submission_check() finds anew, or a value that has been replaced. */
static bool is_settled(const json_t *problem, GHashTable *corrected) {
    static const char *const rechecked[] = {"missing", "range", "contradiction", "sum", "jump", NULL};
    const char *code = json_string_value(json_object_get(problem, "code"));
    const char *field = json_string_value(json_object_get(problem, "field"));
    return (code && g_strv_contains(rechecked, code)) || (field && g_hash_table_contains(corrected, field));
}

static bool names_field(const json_t *problems, const json_t *field) {
    gsize i;
    json_t *problem;
    json_array_foreach(problems, i, problem)
        if (json_is_string(field) && json_equal(json_object_get(problem, "field"), field))
            return true;
    return false;
}

json_t *correction_problems(const FormSet *set, const Form *form, const json_t *fields, const json_t *tables,
                            const json_t *before, GHashTable *corrected) {
    json_t *kept = json_array();
    gsize i;
    json_t *problem;
    json_array_foreach(before, i, problem)
        if (!is_settled(problem, corrected))
            json_array_append(kept, problem);
    g_autoptr(GPtrArray) list = problem_list_new();
    submission_check(set, form, fields, tables, NULL, list);
    json_t *found = problem_list_to_json(list, form_set_is_chinese(set)), *added = json_array();
    json_array_foreach(found, i, problem) {
        const char *code = json_string_value(json_object_get(problem, "code"));
        /* one sentence a field: the one that stands says more than "missing" */
        if (g_strcmp0(code, "missing") != 0 || !names_field(kept, json_object_get(problem, "field")))
            json_array_append(added, problem);
    }
    json_array_extend(kept, added);
    json_decref(found);
    json_decref(added);
    return kept;
}
