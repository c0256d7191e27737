#include "parsers/form_likeness.h"

#include "parsers/label.h"

#define GROUP_NAMES                                                                                          \
    4 /* names of a group that are put before a field's label: the first ones are the usual ones */

/* One way to write a field's label. */
typedef struct {
    guint field;
    int only_in_group; /* counts only where this group is named; -1: everywhere */
    LabelPrint *print;
} Known; /* of a column: field is its number, only_in_group its table */

struct FormLikeness {
    LabelWeights *weights;
    GArray *known;   /* Known, of fields */
    GArray *columns; /* Known, of the columns of tables */
};

static void known_clear(gpointer data) {
    label_print_free(((Known *)data)->print);
}

/* The usual label of each field counts: synonyms would make every character of theirs common. */
static LabelWeights *weigh_labels(const Form *form) {
    LabelWeights *weights = label_weights_new();
    for (guint f = 0; f < form->fields->len; f++) {
        const Field *field = g_ptr_array_index(form->fields, f);
        if (field->part_of >= 0)
            continue;
        g_autofree char *normal = label_normal_form(g_ptr_array_index(field->labels, 0), -1);
        label_weights_add(weights, normal);
    }
    return weights;
}

static void append_known(const FormLikeness *likeness, GArray *list, guint field, int only_in,
                         const char *label) {
    g_autofree char *normal = label_normal_form(label, -1);
    Known known = {field, only_in, label_print_new(likeness->weights, normal)};
    g_array_append_val(list, known);
}

static void add_known(FormLikeness *likeness, guint field, int only_in_group, const char *label) {
    append_known(likeness, likeness->known, field, only_in_group, label);
}

static void add_columns(FormLikeness *likeness, const FormTable *table, guint index) {
    for (guint c = 0; c < table->columns->len; c++) {
        const Field *column = g_ptr_array_index(table->columns, c);
        for (guint i = 0; i < column->labels->len; i++)
            append_known(likeness, likeness->columns, c, (int)index, g_ptr_array_index(column->labels, i));
    }
}

static void add_field(FormLikeness *likeness, const Form *form, guint f) {
    const Field *field = g_ptr_array_index(form->fields, f);
    const FormGroup *group = field->group >= 0 ? g_ptr_array_index(form->groups, (guint)field->group) : NULL;
    for (guint i = 0; i < field->labels->len; i++) {
        const char *label = g_ptr_array_index(field->labels, i);
        add_known(likeness, f, group == NULL || group->is_optional ? -1 : field->group, label);
        for (guint j = 0; group != NULL && j < group->labels->len && j < GROUP_NAMES; j++) {
            g_autofree char *full = g_strconcat(g_ptr_array_index(group->labels, j), label, NULL);
            add_known(likeness, f, -1, full);
        }
    }
}

FormLikeness *form_likeness_new(const Form *form) {
    FormLikeness *likeness = g_new0(FormLikeness, 1);
    likeness->weights = weigh_labels(form);
    likeness->known = g_array_new(FALSE, FALSE, sizeof(Known));
    g_array_set_clear_func(likeness->known, known_clear);
    likeness->columns = g_array_new(FALSE, FALSE, sizeof(Known));
    g_array_set_clear_func(likeness->columns, known_clear);
    for (guint f = 0; f < form->fields->len; f++)
        if (((const Field *)g_ptr_array_index(form->fields, f))->part_of < 0)
            add_field(likeness, form, f);
    for (guint t = 0; t < form->tables->len; t++)
        add_columns(likeness, g_ptr_array_index(form->tables, t), t);
    return likeness;
}

void form_likeness_free(FormLikeness *likeness) {
    if (likeness == NULL)
        return;
    g_array_unref(likeness->known);
    g_array_unref(likeness->columns);
    label_weights_free(likeness->weights);
    g_free(likeness);
}

void form_likeness_scores(const FormLikeness *likeness, const char *normal, int group, double *scores) {
    g_autoptr(LabelPrint) print = label_print_new(likeness->weights, normal);
    for (guint i = 0; i < likeness->known->len; i++) {
        const Known *known = &g_array_index(likeness->known, Known, i);
        if (known->only_in_group >= 0 && known->only_in_group != group)
            continue;
        scores[known->field] = MAX(scores[known->field], label_print_likeness(print, known->print));
    }
}

void form_likeness_columns(const FormLikeness *likeness, const char *normal, guint table, double *scores) {
    g_autoptr(LabelPrint) print = label_print_new(likeness->weights, normal);
    for (guint i = 0; i < likeness->columns->len; i++) {
        const Known *known = &g_array_index(likeness->columns, Known, i);
        if (known->only_in_group == (int)table)
            scores[known->field] = MAX(scores[known->field], label_print_likeness(print, known->print));
    }
}
