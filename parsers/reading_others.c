#include "parsers/reading_others.h"

#include <string.h>

#include "parsers/problem.h"
#include "parsers/reading_period.h"
#include "parsers/submission.h"

#define OTHERS_MAX  60  /* forms of one mail: a secretary who sends for a whole university */
#define FILLED_MIN  2   /* values that make an attached form more than a blank one */
#define MARKED_RANK 100 /* a word for "corrected" says more than any number of a copy */
#define COPY_LAST   50  /* "(2)" is the number of a copy, "(2016)" a year */

static const json_t *chosen(const Match *match, int field) {
    return field >= 0 && match->chosen[field] != NULL ? match->chosen[field]->value : NULL;
}

/* The file's name; "" for the mail's own text. */
static const char *name_of(const Source *source) {
    return source->part != NULL ? source->part->name : source->document->name;
}

static bool is_filled(const Source *source) {
    bool is_file = source->part != NULL || *source->document->name != '\0';
    return source->match != NULL && is_file && source->match->values_found >= FILLED_MIN;
}

static bool differ(const json_t *a, const json_t *b) {
    return a != NULL && b != NULL && !json_equal((json_t *)a, (json_t *)b);
}

/* What a source alone says of its period: new reference. */
static json_t *told_period(const Source *source, const ValueContext *context) {
    json_t *told = json_object(),
           *stated = (json_t *)chosen(source->match, source->match->form->period_field);
    if (stated != NULL)
        json_object_set(told, "period", stated);
    reading_period_add(told, source, NULL, context);
    json_t *period = json_incref(json_object_get(told, "period"));
    if (period == NULL) {
        period = json_copy(json_array_get(json_object_get(told, "period_said"), 0));
        json_object_del(period, "source");
    }
    json_decref(told);
    return period;
}

/* The same form for the same organization and period, as far as both say. */
static bool is_version(const Source *a, const Source *b, const ValueContext *context) {
    if (!is_filled(a) || !is_filled(b) || a->match->form != b->match->form)
        return false;
    int org = a->match->form->org_field;
    if (differ(chosen(a->match, org), chosen(b->match, org)))
        return false;
    json_t *first = told_period(a, context), *second = told_period(b, context);
    bool same_period = !differ(first, second);
    json_decref(first);
    json_decref(second);
    return same_period;
}

/* How new a file says that it is. */
static guint version_rank(const char *name) {
    static const char *const marks[] = {"更正",  "修改",      "修订",       "改后",    "改）",    "改)",
                                        "最新",  "新版",      "终稿",       "终版",    "最终",    "补充",
                                        "final", "corrected", "correction", "revised", "updated", "new"};
    g_autofree char *plain = g_utf8_normalize(name, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_ascii_strdown(plain != NULL ? plain : "", -1);
    guint rank = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (strstr(folded, marks[i]) != NULL)
            rank = MARKED_RANK;
    const char *open = strrchr(folded, '(');
    guint64 number = 0;
    g_autofree char *digits = open != NULL ? g_strndup(open + 1, strspn(open + 1, "0123456789")) : NULL;
    if (digits != NULL && g_ascii_string_to_unsigned(digits, 10, 1, COPY_LAST, &number, NULL))
        rank += (guint)number;
    return rank;
}

static bool is_newer(const Source *a, const Source *b) {
    guint rank = version_rank(name_of(a)), other = version_rank(name_of(b));
    if (rank != other)
        return rank > other;
    return a->match->values_found >= b->match->values_found; /* asked of the later one */
}

const Source *reading_newest(const GPtrArray *sources, const Source *best, const ValueContext *context) {
    const Source *newest = best;
    if (best == NULL || !is_filled(best))
        return best;
    bool is_behind = false;
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        is_behind = is_behind || source == newest;
        if (source == newest || !is_version(best, source, context))
            continue;
        bool wins = is_behind ? is_newer(source, newest) : !is_newer(newest, source);
        if (wins) {
            newest = source;
            is_behind = true;
        }
    }
    return newest;
}

/* True where both hold a field and its values differ. */
static bool contradict(const Match *a, const Match *b) {
    for (guint f = 0; f < a->form->fields->len; f++)
        if (differ(chosen(a, (int)f), chosen(b, (int)f)))
            return true;
    return false;
}

/* Older versions of a form are not taken, but never silently. */
static void name_versions(const FormSet *set, const GPtrArray *sources, const Source *counts,
                          const ValueContext *context, GPtrArray *problems) {
    bool zh = form_set_is_chinese(set);
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (source != counts && is_version(counts, source, context) &&
            contradict(counts->match, source->match))
            problem_add(
                problems, PROBLEM_CONTRADICTION, NULL, name_of(source),
                zh ? "“%s”是同一期的另一份，内容不同：以“%s”为准"
                   : "\"%s\" is another version of the same report and says something else: \"%s\" counts",
                name_of(source), name_of(counts));
    }
}

static bool is_blank(const GPtrArray *problems) {
    for (guint i = 0; i < problems->len; i++)
        if (((const Problem *)g_ptr_array_index(problems, i))->code == PROBLEM_EMPTY_FORM)
            return true;
    return false;
}

void reading_others_add(json_t *out, const FormSet *set, const GPtrArray *sources, const Source *best,
                        const ValueContext *context, GPtrArray *problems) {
    json_t *others = json_array();
    if (is_filled(best))
        name_versions(set, sources, best, context, problems);
    for (guint i = 0; i < sources->len && json_array_size(others) < OTHERS_MAX; i++) {
        const Source *source = g_ptr_array_index(sources, i);
        if (source == best || !is_filled(source) || is_version(best, source, context) ||
            reading_newest(sources, source, context) != source)
            continue;
        g_autoptr(GPtrArray) own = problem_list_new();
        json_t *other = submission_build(set, source->match,
                                         *source->document->name ? source->document->name : NULL, own);
        submission_doubts(set, source->match, source->document, own);
        reading_period_add(other, source, NULL, context);
        name_versions(set, sources, source, context, own);
        json_object_set_new(other, "problems", problem_list_to_json(own, form_set_is_chinese(set)));
        if (!is_blank(own))
            json_array_append(others, other);
        json_decref(other);
    }
    if (json_array_size(others) > 0)
        json_object_set(out, "others", others);
    json_decref(others);
}
