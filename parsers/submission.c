#include "parsers/submission.h"

#include <math.h>
#include <string.h>

#include "parsers/form_rule.h"
#include "parsers/value.h"

#define UNMATCHED_MAX    50  /* labels of one form: more are a document of another kind */
#define CONFIDENCE_STEPS 100 /* two decimals: more would feign precision */

static const Field *field_at(const Form *form, guint index) {
    return g_ptr_array_index(form->fields, index);
}

static json_t *fields_to_json(const Match *match) {
    json_t *fields = json_object();
    for (guint f = 0; f < match->form->fields->len; f++) {
        const Candidate *candidate = match->chosen[f];
        if (!candidate)
            continue;
        double confidence = round(candidate->confidence * CONFIDENCE_STEPS) / CONFIDENCE_STEPS;
        json_object_set_new(fields, field_at(match->form, f)->key,
                            json_pack("{s:O, s:s, s:s, s:f}", "value", candidate->value, "raw",
                                      candidate->raw, "source", candidate->source, "confidence", confidence));
    }
    return fields;
}

/* ---- checks
 * ----------------------------------------------------------------------------------------------------------------
 */

static json_t *value_of(const json_t *fields, const Field *field) {
    return json_object_get(json_object_get(fields, field->key), "value");
}

static char *limits_text(bool zh, bool has_min, double min, bool has_max, double max) {
    if (has_min && has_max)
        return g_strdup_printf(zh ? "应在%g到%g之间" : "expected %g to %g", min, max);
    return has_min ? g_strdup_printf(zh ? "应不少于%g" : "expected at least %g", min)
                   : g_strdup_printf(zh ? "应不多于%g" : "expected at most %g", max);
}

static void check_field(const FormSet *set, const Field *field, const json_t *fields, const char *where,
                        GPtrArray *problems) {
    bool zh = form_set_is_chinese(set);
    const json_t *value = value_of(fields, field);
    const char *title = field_title(field, zh);
    if (!value && field->required) {
        for (guint i = 0; i < problems->len; i++) { /* one sentence a field: the other says more */
            const Problem *problem = g_ptr_array_index(problems, i);
            if (problem->field && strcmp(problem->field, field->key) == 0)
                return;
        }
        problem_add(problems, PROBLEM_MISSING, field->key, where,
                    zh ? "没有找到“%s”" : "\"%s\" was not found", title);
    }
    if (!json_is_number(value))
        return;
    double number = json_number_value(value);
    if ((!field->has_min || number >= field->min) && (!field->has_max || number <= field->max))
        return;
    g_autofree char *text = value_to_text(value);
    g_autofree char *limits = limits_text(zh, field->has_min, field->min, field->has_max, field->max);
    problem_add(problems, PROBLEM_RANGE, field->key, where, zh ? "“%s”是%s，%s" : "\"%s\" is %s, %s", title,
                text, limits);
}

static void check_table(const FormSet *set, const FormTable *table, const json_t *tables, const char *where,
                        GPtrArray *problems) {
    bool zh = form_set_is_chinese(set);
    int rows = (int)json_array_size(json_object_get(tables, table->key));
    const char *title = form_table_title(table, zh);
    if (rows == 0 && table->required)
        problem_add(problems, PROBLEM_MISSING, table->key, where, zh ? "“%s”没有内容" : "\"%s\" has no rows",
                    title);
    if (rows == 0 || ((table->min_rows < 0 || rows >= table->min_rows) &&
                      (table->max_rows < 0 || rows <= table->max_rows)))
        return;
    g_autofree char *limits =
        limits_text(zh, table->min_rows >= 0, table->min_rows, table->max_rows >= 0, table->max_rows);
    problem_add(problems, PROBLEM_RANGE, table->key, where, zh ? "“%s”有%d行，%s" : "\"%s\" has %d rows, %s",
                title, rows, limits);
}

/* The text of "{questions_answered}", "{sum(daily.questions)}" or "{count(questions)}". */
static char *placeholder_text(const Form *form, const char *expression, const json_t *values,
                              const json_t *tables) {
    const json_t *value = json_object_get(values, expression);
    if (value)
        return value_to_text(value);
    double number;
    g_autofree char *check = g_strdup_printf("%s == 0", expression);
    RuleNode *node = form_rule_parse(check, form, NULL);
    bool known = node && form_rule_left_value(node, values, tables, &number);
    form_rule_free(node);
    return known ? g_strdup_printf("%g", number) : g_strdup("?");
}

static char *fill_in(const Form *form, const char *text, const json_t *values, const json_t *tables) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = text; *p;) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        if (!end) {
            g_string_append_c(out, *p++);
            continue;
        }
        g_autofree char *expression = g_strndup(p + 1, (gsize)(end - p - 1));
        g_autofree char *value = placeholder_text(form, expression, values, tables);
        g_string_append(out, value);
        p = end + 1;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void check_rules(const FormSet *set, const Form *form, const json_t *fields, const json_t *tables,
                        const char *where, GPtrArray *problems) {
    bool zh = form_set_is_chinese(set);
    json_t *values = json_object();
    for (guint f = 0; f < form->fields->len; f++)
        if (value_of(fields, field_at(form, f)))
            json_object_set(values, field_at(form, f)->key, value_of(fields, field_at(form, f)));
    for (guint r = 0; r < form->rules->len; r++) {
        const FormRule *rule = g_ptr_array_index(form->rules, r);
        if (form_rule_evaluate(rule->parsed, values, tables) != RULE_FAILS)
            continue;
        const char *text = zh ? rule->text_zh : rule->text_en;
        if (!text)
            text = rule->text_zh ? rule->text_zh : rule->text_en ? rule->text_en : rule->check;
        g_autofree char *filled = fill_in(form, text, values, tables);
        problem_add(problems, rule->is_sum ? PROBLEM_SUM : PROBLEM_CONTRADICTION, rule->field, where, "%s",
                    filled);
    }
    json_decref(values);
}

void submission_check(const FormSet *set, const Form *form, const json_t *fields, const json_t *tables,
                      const char *where, GPtrArray *problems) {
    for (guint f = 0; f < form->fields->len; f++)
        check_field(set, field_at(form, f), fields, where, problems);
    for (guint t = 0; t < form->tables->len; t++)
        check_table(set, g_ptr_array_index(form->tables, t), tables, where, problems);
    check_rules(set, form, fields, tables, where, problems);
}

/* ---- building
 * --------------------------------------------------------------------------------------------------------------
 */

static void copy_problems(const GPtrArray *from, GPtrArray *to) {
    for (guint i = 0; i < from->len; i++) {
        const Problem *problem = g_ptr_array_index(from, i);
        problem_add(to, problem->code, problem->field, problem->where, "%s", problem->text);
    }
}

static bool is_figure(const Field *field) {
    return field->type == TYPE_COUNT || field->type == TYPE_NUMBER;
}

/* A blank form that we sent pre-filled and that came back as it was: of a form that must hold figures, only
 * what its head says (who, which period) is there. Text before the first figure belongs to the head. */
static bool is_head_only(const Match *match) {
    const Form *form = match->form;
    bool needs_figures = false, past_figures = false;
    for (guint f = 0; f < form->fields->len; f++) {
        const Field *field = field_at(form, f);
        bool is_head = field->type == TYPE_ORG || field->type == TYPE_PERSON || field->type == TYPE_PHONE ||
                       field->type == TYPE_EMAIL || field->type == TYPE_DATERANGE ||
                       (field->type == TYPE_TEXT && !past_figures);
        past_figures = past_figures || is_figure(field);
        needs_figures = needs_figures || (is_figure(field) && field->required);
        if (match->chosen[f] && !is_head)
            return false;
    }
    return needs_figures && json_object_size(match->tables) == 0;
}

/* Labels that nobody listed, so that a person can teach them: those that mean nothing, and those that were
 * guessed. */
static void add_strange_labels(json_t *out, const Match *match) {
    json_t *unmatched = json_array(), *guessed = json_array();
    for (guint i = 0; i < match->unmatched->len && i < UNMATCHED_MAX; i++)
        json_array_append_new(unmatched, json_string(g_ptr_array_index(match->unmatched, i)));
    for (guint f = 0; f < match->form->fields->len; f++) {
        const Candidate *candidate = match->chosen[f];
        if (candidate && candidate->is_guessed)
            json_array_append_new(guessed, json_pack("{s:s, s:s}", "field", field_at(match->form, f)->key,
                                                     "label", candidate->label));
    }
    if (json_array_size(unmatched))
        json_object_set(out, "unmatched", unmatched);
    if (json_array_size(guessed))
        json_object_set(out, "guessed", guessed);
    json_decref(unmatched);
    json_decref(guessed);
}

json_t *submission_build(const FormSet *set, const Match *match, const char *where, GPtrArray *problems) {
    const Form *form = match->form;
    json_t *fields = fields_to_json(match);
    json_t *org = form->org_field < 0 ? NULL : value_of(fields, field_at(form, (guint)form->org_field));
    json_t *period =
        form->period_field < 0 ? NULL : value_of(fields, field_at(form, (guint)form->period_field));
    json_t *out = json_pack("{s:s, s:O*, s:O*}", "form", form->id, "org", org, "period", period);
    g_autoptr(GPtrArray) own = problem_list_new();
    if (match->values_found == 0 || is_head_only(match)) {
        bool zh = form_set_is_chinese(set);
        problem_add(own, PROBLEM_EMPTY_FORM, NULL, where,
                    zh ? "“%s”没有填写内容" : "the form \"%s\" is not filled in", form_title(form, zh));
    } else {
        copy_problems(match->problems, own);
        submission_check(set, form, fields, match->tables, where, own);
    }
    copy_problems(own, problems);
    json_object_set_new(out, "fields", fields);
    json_object_set(out, "tables", match->tables);
    add_strange_labels(out, match);
    return out;
}

/* A shorter text that changes stands in many a value by chance. */
#define PART_CHARACTERS_MIN 4

/* What of a document changes when it is opened and stands in text, or is all of it; NULL where nothing does.
 */
static const char *volatile_text_in(const Document *document, const char *text) {
    for (guint i = 0; i < document->volatile_texts->len; i++) {
        const char *changing = g_ptr_array_index(document->volatile_texts, i);
        if (strcmp(changing, text) == 0 ||
            (document_visible_length(changing) >= PART_CHARACTERS_MIN && strstr(text, changing)))
            return changing;
    }
    return NULL;
}

static void doubt(const FormSet *set, const char *key, const char *title, const char *where, const char *text,
                  GPtrArray *problems) {
    g_autofree char *excerpt = value_excerpt(text);
    problem_add(problems, PROBLEM_VOLATILE, key, where,
                form_set_is_chinese(set)
                    ? "“%s”：“%s”在文件打开时会自动变化（如 TODAY()、日期域），请核对"
                    : "\"%s\": \"%s\" changes when the file is opened (such as TODAY() or a date field), "
                      "please check",
                title, excerpt);
}

/* The first text in the rows of a table that changes, as it stands in the document. */
static const char *volatile_text_of_rows(const Document *document, const json_t *rows) {
    size_t i;
    json_t *row, *value;
    const char *key;
    json_array_foreach(rows, i, row)
        json_object_foreach(row, key, value)
            if (json_is_string(value)) {
                const char *changing = volatile_text_in(document, json_string_value(value));
                if (changing)
                    return changing;
            }
    return NULL;
}

void submission_doubts(const FormSet *set, const Match *match, const Document *document,
                       GPtrArray *problems) {
    const Form *form = match->form;
    bool zh = form_set_is_chinese(set);
    if (!document->volatile_texts)
        return;
    for (guint f = 0; f < form->fields->len; f++) {
        const Candidate *candidate = match->chosen[f];
        const char *text = candidate ? volatile_text_in(document, candidate->raw) : NULL;
        if (text)
            doubt(set, field_at(form, f)->key, field_title(field_at(form, f), zh), candidate->source, text,
                  problems);
    }
    for (guint t = 0; t < form->tables->len; t++) {
        const FormTable *table = g_ptr_array_index(form->tables, t);
        const char *text = volatile_text_of_rows(document, json_object_get(match->tables, table->key));
        if (text)
            doubt(set, table->key, form_table_title(table, zh), document->name, text, problems);
    }
}

void submission_contradictions(const FormSet *set, const Match *used, const Match *other,
                               GPtrArray *problems) {
    bool zh = form_set_is_chinese(set);
    for (guint f = 0; used->form == other->form && f < used->form->fields->len; f++) {
        const Candidate *a = used->chosen[f], *b = other->chosen[f];
        if (!a || !b || json_equal(a->value, b->value))
            continue;
        g_autofree char *whole = value_to_text(a->value);
        g_autofree char *other_whole = value_to_text(b->value);
        g_autofree char *first = value_excerpt(whole);
        g_autofree char *second = value_excerpt(other_whole);
        problem_add(problems, PROBLEM_CONTRADICTION, field_at(used->form, f)->key, b->source,
                    zh ? "“%s”：附件中是“%s”，这里是“%s”，以附件为准"
                       : "\"%s\": the attachment says \"%s\", here \"%s\"; the attachment counts",
                    field_title(field_at(used->form, f), zh), first, second);
    }
}

json_t *submission_explain(const Match *match) {
    static const char *const verdicts[] = {
        [VALUE_ABSENT] = "blank", [VALUE_GOOD] = "good", [VALUE_BAD] = "bad"};
    json_t *places = json_array(), *unmatched = json_array();
    for (guint i = 0; i < match->candidates->len; i++) {
        const Candidate *candidate = g_ptr_array_index(match->candidates, i);
        json_array_append_new(
            places, json_pack("{s:s, s:s, s:s, s:s, s:f, s:s, s:b, s:b}", "field",
                              field_at(match->form, candidate->field)->key, "label", candidate->label, "raw",
                              candidate->raw, "source", candidate->source, "confidence",
                              candidate->confidence, "verdict", verdicts[candidate->verdict], "guessed",
                              candidate->is_guessed, "chosen", match->chosen[candidate->field] == candidate));
    }
    for (guint i = 0; i < match->unmatched->len; i++)
        json_array_append_new(unmatched, json_string(g_ptr_array_index(match->unmatched, i)));
    return json_pack("{s:o, s:o, s:f, s:i, s:i}", "places", places, "unmatched", unmatched, "score",
                     match->score, "labels_seen", (int)match->labels_seen, "values_found",
                     (int)match->values_found);
}
