#include "gateway/core/intake_submission.h"

#include <math.h>
#include <string.h>

#include "gateway/core/content_digest.h"
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

/* The submission of the period before, or NULL. */
const Submission *intake_submission_before(const View *view, const Obligation *obligation,
                                           const Period *period, gint64 org_id) {
    g_autoptr(Period) before = period_previous(view_programme(view), obligation, period);
    return before != NULL ? view_submission(view, obligation->id, before->key, org_id) : NULL;
}

static void add_problem(Submission *submission, json_t *problem) {
    json_t *own = json_copy(submission->problems);
    json_array_append_new(own, problem);
    json_decref(submission->problems);
    submission->problems = own;
}

/* Appends a problem for each number that jumped against the period before. */
static void add_jumps(const View *view, const Obligation *obligation, const Period *period,
                      Submission *submission) {
    const Programme *programme = view_programme(view);
    const Submission *last = intake_submission_before(view, obligation, period, submission->org_id);
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
        add_problem(submission, json_pack("{s:s, s:s, s:s, s:s}", "class", "check", "code", "jump", "field",
                                          definition_key(field), "text", text));
    }
}

static void add_check(Submission *submission, const char *code, const char *field, const char *text) {
    add_problem(submission, json_pack("{s:s, s:s, s:s*, s:s}", "class", "check", "code", code, "field", field,
                                      "text", text));
    submission->n_problems = (guint)json_array_size(submission->problems);
}

/* How many figures both hold, and how many of them differ. */
static guint compare_figures(const json_t *old, const json_t *new, guint *ret_different) {
    const char *key;
    json_t *field;
    guint common = 0;
    *ret_different = 0;
    json_object_foreach((json_t *)old, key, field) {
        bool has_old, has_new;
        double before = field_number(old, key, &has_old), after = field_number(new, key, &has_new);
        common += has_old && has_new;
        *ret_different += has_old && has_new && fabs(before - after) > 0;
    }
    return common;
}

bool intake_submission_has_other_figures(const json_t *parse, const Submission *known) {
    guint different, common = compare_figures(known->fields, json_object_get(parse, "fields"), &different);
    return common >= FIGURES_MIN && different * 2 >= common;
}

/* Every figure is that of the period before: the old form was sent again. */
static void add_copied(const View *view, const Obligation *obligation, const Period *period,
                       Submission *submission) {
    const Programme *programme = view_programme(view);
    const Submission *last = intake_submission_before(view, obligation, period, submission->org_id);
    guint different,
        common = last != NULL ? compare_figures(last->fields, submission->fields, &different) : 0;
    if (common < FIGURES_MIN || different > 0)
        return;
    add_check(submission, "contradiction", NULL,
              g_strcmp0(programme->language, "en") == 0
                  ? "every figure is that of the last period: please check that this is the new report"
                  : "各项数字与上一期完全相同，请确认填写的是本期的数字");
}

static const char *period_field(const json_t *form) {
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(form), i, field)
        if (g_strcmp0(json_string_value(json_object_get(field, "type")), "daterange") == 0)
            return definition_key(field);
    return NULL;
}

void intake_submission_add_doubt(const Programme *programme, Submission *submission, AssignDoubt doubt) {
    static const struct {
        const char *zh, *en;
    } texts[] = {
        [DOUBT_NONE] = {NULL, NULL},
        [DOUBT_FITS_NONE] = {"所写的周期与报送安排不符，已按收到的时间登记",
                             "the period as written fits none of the schedule: taken by its arrival"},
        [DOUBT_YEAR] = {"所写周期的年份有误，已按今年登记",
                        "the year of the period is mistyped: taken as this year's"},
        [DOUBT_STALE] =
            {"表中写的周期已经报过，这次的数字不同：已登记为之后的一期；如是更正，请回复说明",
             "the period in the form has been reported already: taken for the one after it; if it is a "
             "correction, please say so"},
    };
    if (texts[doubt].zh == NULL)
        return;
    add_check(submission, "contradiction", period_field(definition_form(programme, submission->form)),
              g_strcmp0(programme->language, "en") == 0 ? texts[doubt].en : texts[doubt].zh);
}

/* An object or array member, shared with the parse result (which nobody changes), or an empty one. */
static json_t *share_member(const json_t *parse, const char *name, bool is_array) {
    json_t *member = json_object_get(parse, name);
    bool is_usable = is_array ? json_is_array(member) : json_is_object(member);
    return is_usable ? json_incref(member) : is_array ? json_array() : json_object();
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
    submission->fields = share_member(parse, "fields", false);
    submission->tables = share_member(parse, "tables", false);
    submission->problems = share_member(parse, "problems", true);
    submission->on_time = true; /* what settles no period cannot be late */
    if (obligation != NULL && period != NULL) {
        submission->obligation = g_strdup(obligation->id);
        submission->period = g_strdup(period->key);
        submission->on_time = submission->received_s <= period->late_after_s;
        add_jumps(view, obligation, period, submission);
        add_copied(view, obligation, period, submission);
    }
    submission->n_problems = (guint)json_array_size(submission->problems);
    return submission;
}

/* ---- a form in two mails
 * ---------------------------------------------------------------------------------------- */

bool intake_submission_may_complete(const json_t *parse) {
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
        !intake_submission_may_complete(parse))
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

bool intake_submission_is_same(Submission *submission, const Submission *known) {
    Submission other = *known;
    content_digest_set(&other);
    content_digest_set(submission);
    return submission->has_digest && other.has_digest &&
           memcmp(submission->digest, other.digest, sizeof other.digest) == 0;
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
