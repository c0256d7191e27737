/* Of several places that a field's value could come from, the one that is taken, or none where they
 * contradict each other. */
#include <string.h>

#include "parsers/match_private.h"

#define CLEARLY_SURER 0.08 /* so much surer that the other place does not count */

static void note(Matcher *m, ProblemCode code, const Field *field, const Candidate *candidate, const char *zh,
                 const char *en) {
    bool chinese = form_set_is_chinese(m->set);
    g_autofree char *excerpt = value_excerpt(candidate->raw);
    problem_add(m->match->problems, code, field->key, candidate->source,
                chinese ? "“%s”：%s“%s”" : "\"%s\": %s \"%s\"", field_title(field, chinese),
                chinese ? zh : en, excerpt);
}

/* The surest good candidate of a field; ret_rival: the surest good one with another value, or NULL. */
static Candidate *surest(const Matcher *m, guint field, Candidate **ret_rival, Candidate **ret_bad) {
    Candidate *best = NULL;
    *ret_rival = *ret_bad = NULL;
    for (guint i = 0; i < m->match->candidates->len; i++) {
        Candidate *candidate = g_ptr_array_index(m->match->candidates, i);
        if (candidate->field != field)
            continue;
        if (candidate->verdict == VALUE_BAD && !*ret_bad)
            *ret_bad = candidate;
        if (candidate->verdict == VALUE_GOOD && (!best || candidate->confidence > best->confidence))
            best = candidate;
    }
    for (guint i = 0; best && i < m->match->candidates->len; i++) {
        Candidate *candidate = g_ptr_array_index(m->match->candidates, i);
        if (candidate->field == field && candidate->verdict == VALUE_GOOD &&
            !json_equal(candidate->value, best->value) &&
            (!*ret_rival || candidate->confidence > (*ret_rival)->confidence))
            *ret_rival = candidate;
    }
    return best;
}

/* The day that a part of a range states; NULL where there is none, or two that are equally sure. */
static const Candidate *sure_day(const Matcher *m, guint part) {
    Candidate *rival, *bad, *best = surest(m, part, &rival, &bad);
    return rival && best->confidence - rival->confidence < CLEARLY_SURER ? NULL : best;
}

/* Two fields that state the first and the last day are the range that the form has instead. */
static void join_parts(Matcher *m, guint part) {
    guint range = (guint)matcher_field_at(m, part)->part_of;
    const Candidate *start = sure_day(m, part), *end = sure_day(m, part + 1);
    if (!start || !end || matcher_has_value(m, range))
        return;
    Candidate *whole = g_new0(Candidate, 1);
    whole->field = range;
    whole->value = json_pack("{s:O, s:O}", "start", start->value, "end", end->value);
    whole->raw = g_strdup_printf("%s – %s", start->raw, end->raw);
    whole->label = g_strdup_printf("%s – %s", start->label, end->label);
    whole->source = g_strdup(start->source);
    whole->confidence = MIN(start->confidence, end->confidence);
    bool is_order = strcmp(json_string_value(start->value), json_string_value(end->value)) <= 0;
    whole->verdict = is_order ? VALUE_GOOD : VALUE_BAD;
    g_ptr_array_add(m->match->candidates, whole);
}

void match_pick(Matcher *m) {
    for (guint f = 0; f < m->form->fields->len; f++)
        if (matcher_field_at(m, f)->part_of >= 0 && !matcher_field_at(m, f)->is_end)
            join_parts(m, f);
    for (guint f = 0; f < m->form->fields->len; f++) {
        const Field *field = matcher_field_at(m, f);
        if (field->part_of >= 0)
            continue;
        Candidate *rival, *bad, *best = surest(m, f, &rival, &bad);
        if (!best) {
            if (bad)
                note(m, PROBLEM_INVALID, field, bad, "无法识别", "cannot read");
            continue;
        }
        if (rival && best->confidence - rival->confidence < CLEARLY_SURER) {
            note(m, PROBLEM_AMBIGUOUS, field, rival, "填写不一致，另有", "stated twice, also");
            continue;
        }
        if (best->is_guessed)
            note(m, PROBLEM_GUESSED, field, best, "按相近的标签识别，请核对：",
                 "found by a similar label, please check:");
        m->match->chosen[f] = best;
        m->match->values_found++;
    }
}
