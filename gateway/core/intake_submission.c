#include "gateway/core/intake_submission.h"

#include <math.h>
#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/core/period.h"
#include "parsers/correction.h"

/* SPEC 3.2: more than ten times as much, or less than a tenth. Below JUMP_MIN such changes are ordinary: 1
 * to 12. */
#define JUMP_FACTOR 10
#define JUMP_MIN    20

static double field_number(const json_t *fields, const char *key, bool *ret_is_given) {
    const json_t *value = json_object_get(json_object_get(fields, key), "value");
    *ret_is_given = json_is_number(value);
    return json_number_value(value);
}

/* Appends a problem for each number that jumped against the period before. */
static void add_jumps(const View *view, const Obligation *obligation, const Period *period,
                      Submission *submission) {
    const Programme *programme = view_programme(view);
    g_autoptr(Period) before = period_previous(programme, obligation, period);
    const Submission *last =
        before != NULL ? view_submission(view, obligation->id, before->key, submission->org_id) : NULL;
    if (last == NULL || last->fields == NULL)
        return;
    bool is_english = g_strcmp0(programme->language, "en") == 0;
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(definition_form(programme, submission->form)), i, field) {
        bool has_old, has_new;
        double old = field_number(last->fields, definition_key(field), &has_old);
        double new = field_number(submission->fields, definition_key(field), &has_new);
        double low = fmin(old, new), high = fmax(old, new);
        if (!definition_is_number(field) || !has_old || !has_new || low <= 0 || high < JUMP_MIN ||
            high <= JUMP_FACTOR * low)
            continue;
        g_autofree char *text =
            g_strdup_printf(is_english ? "“%s” was %.10g last period and is %.10g now: please check"
                                       : "“%s”上期为 %.10g，本期为 %.10g，相差超过十倍，请核对",
                            definition_title(field, programme->language), old, new);
        json_array_append_new(submission->problems,
                              json_pack("{s:s, s:s, s:s, s:s}", "class", "check", "code", "jump", "field",
                                        definition_key(field), "text", text));
    }
}

/* A deep copy of an object or array member, or an empty one. */
static json_t *copy_member(const json_t *parse, const char *name, bool is_array) {
    const json_t *member = json_object_get(parse, name);
    bool is_usable = is_array ? json_is_array(member) : json_is_object(member);
    return is_usable ? json_deep_copy(member) : is_array ? json_array() : json_object();
}

Submission *intake_submission_new(const View *view, const json_t *parse, const Obligation *obligation,
                                  const Period *period, gint64 org_id, const Submission *previous,
                                  gint64 message_id, gint64 received_s) {
    Submission *submission = g_new0(Submission, 1);
    submission->message_id = message_id;
    submission->org_id = org_id;
    submission->form = g_strdup(json_string_value(json_object_get(parse, "form")));
    submission->revision = previous != NULL ? previous->revision + 1 : 1;
    submission->received_s = previous != NULL ? previous->received_s : received_s;
    submission->revised_s = received_s;
    submission->fields = copy_member(parse, "fields", false);
    submission->tables = copy_member(parse, "tables", false);
    submission->problems = copy_member(parse, "problems", true);
    submission->on_time = true; /* what settles no period cannot be late */
    if (obligation != NULL && period != NULL) {
        submission->obligation = g_strdup(obligation->id);
        submission->period = g_strdup(period->key);
        submission->on_time = submission->received_s <= period->late_after_s;
        add_jumps(view, obligation, period, submission);
    }
    submission->n_problems = (guint)json_array_size(submission->problems);
    return submission;
}

/* ---- a form in two mails
 * ---------------------------------------------------------------------------------------- */

static bool lacks_something(const json_t *parse) {
    gsize i;
    json_t *problem;
    json_array_foreach(json_object_get(parse, "problems"), i, problem)
        if (g_strcmp0(json_string_value(json_object_get(problem, "code")), "missing") == 0)
            return true;
    return false;
}

/* What both say is the same: fields by their value, rows as a whole. */
static bool agrees(const json_t *old, const json_t *new) {
    if (json_is_array(old))
        return json_array_size(old) == 0 || json_array_size(new) == 0 ||
               json_equal((json_t *)old, (json_t *)new);
    return json_equal(json_object_get(old, "value"), json_object_get(new, "value"));
}

/* old and new together; NULL where they contradict. ret_adds: new has something that old has not. */
static json_t *together(const json_t *old, const json_t *new, bool *ret_adds) {
    json_t *both = json_deep_copy(old);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)new, key, value) {
        const json_t *known = json_object_get(old, key);
        bool is_empty = json_is_array(value) && json_array_size(value) == 0;
        if (known != NULL && !agrees(known, value)) {
            json_decref(both);
            return NULL;
        }
        if (is_empty || (known != NULL && !(json_is_array(known) && json_array_size(known) == 0)))
            continue;
        *ret_adds = true;
        json_object_set(both, key, value);
    }
    return both;
}

json_t *intake_submission_completed(const json_t *parse, const Submission *previous, const FormSet *forms) {
    const char *id = json_string_value(json_object_get(parse, "form"));
    const Form *form = forms != NULL && id != NULL ? form_set_find(forms, id) : NULL;
    if (form == NULL || previous->fields == NULL || g_strcmp0(previous->form, id) != 0 ||
        !lacks_something(parse))
        return NULL;
    bool adds = false;
    json_t *fields = together(previous->fields, json_object_get(parse, "fields"), &adds);
    json_t *tables =
        fields != NULL ? together(previous->tables, json_object_get(parse, "tables"), &adds) : NULL;
    json_t *completed = NULL;
    if (tables != NULL && adds) {
        g_autoptr(GHashTable) nothing = g_hash_table_new(g_str_hash, g_str_equal);
        completed = json_copy((json_t *)parse);
        json_object_set_new(
            completed, "problems",
            correction_problems(forms, form, fields, tables, json_object_get(parse, "problems"), nothing));
        json_object_set(completed, "fields", fields);
        json_object_set(completed, "tables", tables);
    }
    json_decref(fields);
    json_decref(tables);
    return completed;
}

static bool has_equal_values(const json_t *a, const json_t *b) {
    const char *key;
    json_t *field;
    if (json_object_size(a) != json_object_size(b))
        return false;
    json_object_foreach((json_t *)a, key, field)
        if (!json_equal(json_object_get(field, "value"), json_object_get(json_object_get(b, key), "value")))
            return false;
    return true;
}

bool intake_submission_is_same(const Submission *a, const Submission *b) {
    if (a->fields == NULL || b->fields == NULL)
        return false; /* contents are not loaded */
    /* an empty table and none are the same */
    bool no_tables = json_object_size(a->tables) == 0 && json_object_size(b->tables) == 0;
    return g_strcmp0(a->form, b->form) == 0 && has_equal_values(a->fields, b->fields) &&
           (no_tables || json_equal(a->tables, b->tables));
}

Submission *intake_submission_copy(const Submission *submission) {
    Submission *copy = g_memdup2(submission, sizeof *submission);
    copy->form = g_strdup(submission->form);
    copy->obligation = g_strdup(submission->obligation);
    copy->period = g_strdup(submission->period);
    copy->verdict_reason = g_strdup(submission->verdict_reason);
    json_incref(copy->fields);
    json_incref(copy->tables);
    json_incref(copy->problems);
    return copy;
}
