#include "gateway/keeper/teaching.h"

#include <string.h>

#include "gateway/store/journal.h"
#include "parsers/form.h"
#include "parsers/label.h"

#define STRANGE_MAX 1000 /* rows that are looked at */
#define LISTED_MAX  20   /* in one notice */
#define NEAREST_MAX 3    /* names that are proposed */

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* ---- what may be taught
 * ------------------------------------------------------------------------------------------ */

/* The key that a label's normal form has in a form: a field's, or "table.column"; NULL: none. The caller
 * frees it. */
static char *meant_by(const FormSet *set, const Form *form, const char *normal) {
    const GArray *meanings = form_set_meanings(set, normal);
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind == LABEL_IGNORE || form_set_nth(set, meaning->form) != form)
            continue;
        if (meaning->kind == LABEL_FIELD)
            return g_strdup(((const Field *)form->fields->pdata[meaning->index])->key);
        if (meaning->kind == LABEL_COLUMN) {
            const FormTable *table = form->tables->pdata[meaning->index];
            return g_strdup_printf("%s.%s", table->key,
                                   ((const Field *)table->columns->pdata[meaning->column])->key);
        }
    }
    return NULL;
}

/* By the form's own definition the label means another field. */
static bool is_taken(const FormSet *set, const StoreLabel *label) {
    g_autofree char *key = meant_by(set, form_set_find(set, label->form), label->normal);
    return key && !strchr(key, '.') && strcmp(key, label->field) != 0;
}

static bool loads_with(const json_t *forms, const StoreLabel *label) {
    json_t *learnt =
        json_pack("[{s:s, s:s, s:s}]", "form", label->form, "field", label->field, "label", label->label);
    json_t *merged = labels_merge(forms, learnt);
    g_autoptr(FormSet) set = form_set_new_from_json(merged, NULL);
    json_decref(learnt);
    json_decref(merged);
    return set != NULL;
}

const char *teaching_fault(const json_t *forms, const StoreLabel *label, bool is_english) {
    g_autoptr(FormSet) base = form_set_new_from_json(forms, NULL);
    if (!base || !form_set_find(base, label->form))
        return is_english ? "there is no such form" : "没有这种表格";
    if (!labels_has_field(forms, label->form, label->field))
        return is_english ? "the form has no such field (a column is TABLE.COLUMN)" : "表格里没有这一项";
    if (!*label->normal || strlen(label->label) > LABEL_MAX_BYTES)
        return is_english ? "a label has letters or digits, and at most 160 bytes"
                          : "名称要有文字或数字，不超过 160 字节";
    if (is_taken(base, label))
        return is_english ? "this label means another field of the form by its definition"
                          : "按表格的定义，这个名称是另一项";
    if (!loads_with(forms, label))
        return is_english ? "the forms cannot be read with it" : "加上这个名称后表格无法使用";
    return NULL;
}

/* ---- names of fields
 * --------------------------------------------------------------------------------------------- */

typedef bool (*FieldVisit)(const FormTable *table, const Field *field, gpointer data);

/* Every field and column, until visit returns true. */
static void each_field(const Form *form, FieldVisit visit, gpointer data) {
    for (guint i = 0; i < form->fields->len; i++)
        if (visit(NULL, form->fields->pdata[i], data))
            return;
    for (guint t = 0; t < form->tables->len; t++) {
        const FormTable *table = form->tables->pdata[t];
        for (guint c = 0; c < table->columns->len; c++)
            if (visit(table, table->columns->pdata[c], data))
                return;
    }
}

typedef struct {
    const char *normal;
    const char *key; /* or: by key */
    bool is_chinese;
    char *found_key;
    const char *found_title;
} Wanted;

static char *key_of(const FormTable *table, const Field *field) {
    return table ? g_strdup_printf("%s.%s", table->key, field->key) : g_strdup(field->key);
}

static bool is_wanted(const FormTable *table, const Field *field, gpointer data) {
    Wanted *wanted = data;
    g_autofree char *key = key_of(table, field);
    bool is_it = wanted->key && strcmp(key, wanted->key) == 0;
    for (guint chinese = 0; wanted->normal && !is_it && chinese < 2; chinese++) {
        g_autofree char *normal = label_normal_form(field_title(field, chinese), -1);
        is_it = *normal && strcmp(normal, wanted->normal) == 0;
    }
    if (is_it) {
        wanted->found_key = g_steal_pointer(&key);
        wanted->found_title = field_title(field, wanted->is_chinese);
    }
    return is_it;
}

/* A field by its key, its title or a label that means it; NULL: none. *ret_title belongs to the form. */
static char *find_field(const FormSet *set, const Form *form, const char *name, bool is_chinese,
                        const char **ret_title) {
    g_autofree char *normal = label_normal_form(name, -1);
    g_autofree char *meant = meant_by(set, form, normal);
    Wanted wanted = {.normal = normal, .key = name, .is_chinese = is_chinese};
    each_field(form, is_wanted, &wanted);
    if (!wanted.found_key && meant) {
        wanted = (Wanted){.key = meant, .is_chinese = is_chinese};
        each_field(form, is_wanted, &wanted);
    }
    if (wanted.found_key)
        *ret_title = wanted.found_title;
    return wanted.found_key;
}

typedef struct {
    LabelWeights *weights;
    const char *normal;
    bool is_chinese;
    const char *titles[NEAREST_MAX];
    double likeness[NEAREST_MAX];
} Nearest;

static bool weigh(const FormTable *table G_GNUC_UNUSED, const Field *field, gpointer data) {
    Nearest *nearest = data;
    g_autofree char *normal = label_normal_form(field_title(field, nearest->is_chinese), -1);
    label_weights_add(nearest->weights, normal);
    return false;
}

static bool compare(const FormTable *table G_GNUC_UNUSED, const Field *field, gpointer data) {
    Nearest *nearest = data;
    const char *title = field_title(field, nearest->is_chinese);
    g_autofree char *normal = label_normal_form(title, -1);
    double likeness = label_likeness(nearest->weights, nearest->normal, normal);
    for (guint i = 0; i < NEAREST_MAX; i++) {
        if (likeness <= nearest->likeness[i])
            continue;
        memmove(nearest->titles + i + 1, nearest->titles + i,
                (NEAREST_MAX - 1 - i) * sizeof *nearest->titles);
        memmove(nearest->likeness + i + 1, nearest->likeness + i,
                (NEAREST_MAX - 1 - i) * sizeof *nearest->likeness);
        nearest->titles[i] = title;
        nearest->likeness[i] = likeness;
        break;
    }
    return false;
}

/* "没有“提问书”这一项；相近的有：提问量、回答量" */
static char *no_such_field(const GPtrArray *forms, const char *name, bool is_english) {
    g_autofree char *normal = label_normal_form(name, -1);
    g_autoptr(LabelWeights) weights = label_weights_new();
    Nearest nearest = {.weights = weights, .normal = normal, .is_chinese = !is_english};
    for (guint i = 0; i < forms->len; i++)
        each_field(forms->pdata[i], weigh, &nearest);
    for (guint i = 0; i < forms->len; i++)
        each_field(forms->pdata[i], compare, &nearest);
    GString *text = g_string_new(NULL);
    g_string_printf(text, is_english ? "the form has no “%s”" : "表格里没有“%s”这一项", name);
    for (guint i = 0; i < NEAREST_MAX && nearest.titles[i]; i++) {
        const char *before = i ? (is_english ? ", " : "、") : is_english ? "; nearest: " : "；相近的有：";
        g_string_append_printf(text, "%s%s", before, nearest.titles[i]);
    }
    return g_string_free(text, FALSE);
}

/* ---- the notice
 * -------------------------------------------------------------------------------------------------- */

/* A row of what was met, as the notice lists it; NULL: today it is known. New reference. */
static json_t *listed_row(const Keeper *keeper, const json_t *row, guint number, bool is_chinese) {
    const Form *form = form_set_find(keeper->forms, text_of(row, "form"));
    const char *label = text_of(row, "label"), *title = NULL;
    g_autofree char *normal = label_normal_form(label, -1);
    g_autofree char *known = form ? meant_by(keeper->forms, form, normal) : NULL;
    if (!form || known || !*normal || strlen(label) > LABEL_MAX_BYTES)
        return NULL;
    g_autofree char *key = find_field(keeper->forms, form, text_of(row, "field"), is_chinese, &title);
    json_t *listed =
        json_pack("{s:i, s:s, s:s, s:s, s:O}", "number", (int)number, "form", form->id, "label", label,
                  "form_title", form_title(form, is_chinese), "met", json_object_get(row, "count"));
    json_object_set_new(listed, "field_title", key ? json_string(title) : json_false());
    return listed;
}

bool teaching_enclose(Keeper *keeper, Letter *letter, GError **error) {
    json_t *strange = store_labels_strange(keeper->store, STRANGE_MAX, error);
    json_t *labels = json_array();
    bool is_chinese = g_strcmp0(letter->language, "en") != 0, good = strange != NULL;
    size_t i;
    json_t *row;
    json_array_foreach(strange, i, row) {
        guint number = (guint)json_array_size(labels) + 1;
        json_t *listed = number <= LISTED_MAX ? listed_row(keeper, row, number, is_chinese) : NULL;
        if (listed)
            json_array_append_new(labels, listed);
    }
    if (json_array_size(labels)) {
        if (!letter->facts)
            letter->facts = json_object();
        json_object_set(letter->facts, "labels", labels);
        json_object_set_new(letter->facts, "has_labels", json_true());
    }
    json_decref(labels);
    json_decref(strange);
    return good;
}

static bool note_label(Keeper *keeper, const char *form, const char *label, GError **error) {
    g_autofree char *normal = label ? label_normal_form(label, -1) : NULL;
    return !normal || !*normal || strlen(label) > LABEL_MAX_BYTES ||
           store_label_met(keeper->store, form, normal, keeper_now_s(keeper), error);
}

bool teaching_note(Keeper *keeper, const json_t *line, GError **error) {
    const char *form = text_of(line, "form");
    bool good = true;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(line, "unmatched"), i, one)
        good = good && note_label(keeper, form, json_string_value(one), error);
    json_array_foreach(json_object_get(line, "guessed"), i, one)
        good = good && note_label(keeper, form, text_of(one, "label"), error);
    return good;
}

/* ---- an order
 * ---------------------------------------------------------------------------------------------------- */

/* Adds the forms in whose rows the label stands. */
static void add_forms_of(const FormSet *set, const json_t *rows, const char *normal, GPtrArray *forms) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        g_autofree char *met = label_normal_form(text_of(row, "label"), -1);
        const Form *form = strcmp(met, normal) == 0 ? form_set_find(set, text_of(row, "form")) : NULL;
        if (form && !g_ptr_array_find(forms, form, NULL))
            g_ptr_array_add(forms, (gpointer)form);
    }
}

/* The forms that an order is about: where its label was met, else all. */
static GPtrArray *forms_of(Keeper *keeper, const json_t *row, const char *normal, GError **error) {
    g_autoptr(GPtrArray) forms = g_ptr_array_new();
    if (row) {
        const Form *form = form_set_find(keeper->forms, text_of(row, "form"));
        if (form)
            g_ptr_array_add(forms, (gpointer)form);
        return g_steal_pointer(&forms);
    }
    json_t *strange = store_labels_strange(keeper->store, STRANGE_MAX, error);
    if (!strange)
        return NULL;
    add_forms_of(keeper->forms, strange, normal, forms);
    json_decref(strange);
    bool was_met = forms->len > 0;
    for (guint i = 0; !was_met && i < form_set_size(keeper->forms); i++)
        g_ptr_array_add(forms, (gpointer)form_set_nth(keeper->forms, i));
    return g_steal_pointer(&forms);
}

static const json_t *row_of(const json_t *notice, guint number) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(notice, "labels"), i, row)
        if (json_integer_value(json_object_get(row, "number")) == number)
            return row;
    return NULL;
}

static bool teach(Keeper *keeper, const StoreLabel *label, gint64 message_id, GError **error) {
    const JournalEvent event = {.event = "label.taught", .message_id = message_id, .detail = label->label};
    keeper->labels_stale = true;
    return store_label_teach(keeper->store, label, keeper_now_s(keeper), error) &&
           store_journal_append(keeper->store, &event, keeper_now_s(keeper), error);
}

/* Of whichever forms it was taught for. */
static bool forget(Keeper *keeper, const char *written, bool is_english, gint64 message_id, bool *ret_is_done,
                   char **ret_text, GError **error) {
    const JournalEvent event = {.event = "label.forgotten", .message_id = message_id, .detail = written};
    g_autofree char *normal = label_normal_form(written, -1);
    bool was_taught = false, good = true;
    for (guint i = 0; good && i < form_set_size(keeper->forms); i++) {
        bool was_known = false;
        good =
            store_label_forget(keeper->store, form_set_nth(keeper->forms, i)->id, normal, &was_known, error);
        was_taught = was_taught || was_known;
    }
    *ret_is_done = was_taught;
    *ret_text =
        g_strdup_printf(was_taught ? (is_english ? "“%s” means nothing any more" : "“%s”今后不再另作解释")
                        : is_english ? "“%s”: nobody has taught this label"
                                     : "“%s”：没有人教过这个名称",
                        written);
    keeper->labels_stale = keeper->labels_stale || was_taught;
    return good && (!was_taught || store_journal_append(keeper->store, &event, keeper_now_s(keeper), error));
}

bool teaching_apply(Keeper *keeper, const json_t *notice, const LabelOrder *order, const char *language,
                    gint64 message_id, bool *ret_is_done, char **ret_text, GError **error) {
    bool is_english = g_strcmp0(language, "en") == 0;
    const json_t *row = order->number ? row_of(notice, order->number) : NULL;
    *ret_is_done = false;
    if (order->number && !row) {
        *ret_text = g_strdup_printf(is_english ? "%u: the notice lists no such label"
                                               : "%u：提醒里没有这个编号的名称",
                                    order->number);
        return true;
    }
    const char *written = row ? text_of(row, "label") : order->label;
    if (order->is_forgotten)
        return forget(keeper, written, is_english, message_id, ret_is_done, ret_text, error);
    g_autofree char *normal = label_normal_form(written, -1);
    g_autoptr(GPtrArray) forms = forms_of(keeper, row, normal, error), having = g_ptr_array_new();
    if (!forms)
        return false;
    g_autofree char *key = NULL;
    const char *title = NULL;
    for (guint i = 0; i < forms->len; i++) {
        char *found = find_field(keeper->forms, forms->pdata[i], order->field, !is_english, &title);
        if (!found)
            continue;
        g_free(key);
        key = found;
        g_ptr_array_add(having, forms->pdata[i]);
    }
    if (having->len != 1) {
        *ret_text =
            !having->len
                ? no_such_field(forms, order->field, is_english)
                : g_strdup_printf(is_english ? "“%s”: several forms have “%s”; answer with the label's number"
                                             : "“%s”：几种表格都有“%s”，请用提醒里的编号回复",
                                  written, order->field);
        return true;
    }
    const Form *form = having->pdata[0];
    const StoreLabel label = {form->id, key, written, normal};
    const char *fault = teaching_fault(keeper->listed_forms, &label, is_english);
    *ret_is_done = !fault;
    *ret_text = fault ? g_strdup_printf(is_english ? "“%s”: %s" : "“%s”：%s", written, fault)
                      : g_strdup_printf(is_english ? "“%s” is read as “%s” from now on (%s)"
                                                   : "“%s”今后读作“%s”（%s）",
                                        written, title, form_title(form, !is_english));
    return fault || teach(keeper, &label, message_id, error);
}
