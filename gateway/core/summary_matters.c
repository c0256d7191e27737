/* What is tracked beside the forms: open questions, urgent matters, questions that repeat. */
#include "gateway/core/summary_parts.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/grouping.h"
#include "gateway/core/questions.h"

/* A question that nobody was told of for this long is history of the mailbox, not news. */
#define QUESTION_MEMORY_S (62 * CALENDAR_DAY_S)
#define QUESTIONS_MAX     200 /* shown; a summary is read in one minute, the count is whole */
#define MATTERS_MAX       50
#define REPEATED_MAX      10

static json_t *text_or_false(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_false();
}

/* Takes text over. */
static void set_text(json_t *object, const char *name, char *text) {
    json_object_set_new(object, name, text_or_false(text));
    g_free(text);
}

/* --- open questions
 * ------------------------------------------------------------------------------------------ */

static const char *state_text(const SummaryContext *context, QuestionState state) {
    static const struct {
        const char *zh, *en;
    } texts[QUESTION_STATES] = {
        [QUESTION_OPEN] = {"未转交", "not passed on"},  [QUESTION_PASSED_ON] = {"已转交", "passed on"},
        [QUESTION_OVERDUE] = {"已报协管", "escalated"}, [QUESTION_INQUIRED] = {"已询问", "asked why"},
        [QUESTION_EXPLAINED] = {"已说明", "explained"},
    };
    return context->is_english ? texts[state].en : texts[state].zh;
}

static bool is_open(const SummaryContext *context, const TrackedQuestion *question) {
    bool is_settled = question->state == QUESTION_ANSWERED || question->state == QUESTION_CLOSED;
    bool is_told = question->passed_s != 0 || question->escalated_s != 0;
    return !is_settled && context->now_s - question->asked_s > QUESTION_LIMIT_S &&
           (is_told || context->now_s - question->asked_s <= QUESTION_MEMORY_S) &&
           summary_concerns(context, question->org_id, question->section);
}

static gint compare_age(gconstpointer a, gconstpointer b) {
    const TrackedQuestion *x = *(const TrackedQuestion *const *)a, *y = *(const TrackedQuestion *const *)b;
    if (x->asked_s != y->asked_s)
        return x->asked_s < y->asked_s ? -1 : 1;
    return strcmp(x->text, y->text);
}

static json_t *question_row(const SummaryContext *context, const TrackedQuestion *question) {
    const Organization *organization = view_organization(context->view, question->org_id);
    const char *section = question->section != NULL ? question->section
                          : organization != NULL    ? organization->section
                                                    : NULL;
    gint64 age_s = context->now_s - question->asked_s;
    json_t *row =
        json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "org", summary_org_name(context, question->org_id),
                  "question", question->text, "age_hours", (json_int_t)(age_s / 3600), "state",
                  question_state_name(question->state), "state_text", state_text(context, question->state),
                  "message_id", (json_int_t)question->message_id);
    json_object_set_new(row, "section", text_or_false(section));
    set_text(row, "asked_text",
             calendar_instant_text(context->programme->zone, question->asked_s, context->language));
    set_text(row, "age_text", calendar_duration_text(age_s, context->language));
    return row;
}

json_t *summary_open_questions(const SummaryContext *context, guint *ret_count) {
    const GPtrArray *questions = view_snapshot(context->view)->questions;
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    for (guint i = 0; questions != NULL && i < questions->len; i++)
        if (is_open(context, g_ptr_array_index(questions, i)))
            g_ptr_array_add(open, g_ptr_array_index(questions, i));
    g_ptr_array_sort(open, compare_age);
    json_t *list = json_array();
    for (guint i = 0; i < open->len && i < QUESTIONS_MAX; i++)
        json_array_append_new(list, question_row(context, g_ptr_array_index(open, i)));
    *ret_count = open->len;
    return list;
}

/* --- urgent matters
 * ------------------------------------------------------------------------------------------ */

static bool is_of_period(const SummaryContext *context, const UrgentMatter *matter) {
    GDate day;
    calendar_local(context->programme->zone, matter->received_s, &day, NULL);
    return g_date_compare(&day, &context->period->first) >= 0 &&
           g_date_compare(&day, &context->period->last) <= 0;
}

/* Unsettled ones stay in every summary, but for the mailbox's history, of which nobody was told. */
static bool is_shown(const SummaryContext *context, const UrgentMatter *matter) {
    gint64 released_s = view_snapshot(context->view)->released_s;
    bool waits = matter->settled_s == 0 && released_s != 0 && matter->known_s >= released_s;
    return matter->received_s <= context->now_s && (waits || is_of_period(context, matter)) &&
           summary_concerns(context, matter->org_id, NULL);
}

static json_t *urgent_row(const SummaryContext *context, const UrgentMatter *matter) {
    const char *org = summary_org_name(context, matter->org_id);
    bool is_settled = matter->settled_s != 0 && matter->settled_s <= context->now_s;
    json_t *row =
        json_pack("{s:s, s:s, s:b, s:I}", "org", *org == '\0' && matter->from != NULL ? matter->from : org,
                  "text", matter->text, "is_open", !is_settled, "message_id", (json_int_t)matter->message_id);
    GTimeZone *zone = context->programme->zone;
    json_object_set_new(row, "handling", text_or_false(is_settled ? matter->handling : NULL));
    set_text(row, "received_text", calendar_instant_text(zone, matter->received_s, context->language));
    set_text(row, "settled_text",
             is_settled ? calendar_instant_text(zone, matter->settled_s, context->language) : NULL);
    return row;
}

static void add_urgents(const SummaryContext *context, const GPtrArray *matters, json_t *list, guint *count) {
    for (guint i = 0; matters != NULL && i < matters->len; i++) {
        const UrgentMatter *matter = g_ptr_array_index(matters, i);
        if (!is_shown(context, matter))
            continue;
        ++*count;
        if (json_array_size(list) < MATTERS_MAX)
            json_array_append_new(list, urgent_row(context, matter));
    }
}

json_t *summary_urgent(const SummaryContext *context, guint *ret_open, guint *ret_settled) {
    const Snapshot *snapshot = view_snapshot(context->view);
    json_t *list = json_array();
    *ret_open = *ret_settled = 0;
    add_urgents(context, snapshot->urgents, list, ret_open);
    add_urgents(context, snapshot->settled_urgents, list, ret_settled);
    return list;
}

/* --- repeated questions
 * ------------------------------------------------------------------------------------------ */

/* The questions of the period: those that are known by any way, else what the reports tell. Owning: the
 * second.
 */
static GPtrArray *period_questions(const SummaryContext *context) {
    if (view_snapshot(context->view)->asked != NULL)
        return question_groups_asked(context->view, context->period);
    GPtrArray *told = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    for (guint i = 0; i < context->submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(context->submissions, i);
        g_autoptr(GArray) mentions = questions_of_submission(context->programme, submission);
        for (guint j = 0; j < mentions->len; j++) {
            TrackedQuestion *question = g_new0(TrackedQuestion, 1);
            question->id = told->len + 1;
            question->text = g_strdup(g_array_index(mentions, QuestionMention, j).text);
            question->org_id = submission->org_id;
            g_ptr_array_add(told, question);
        }
    }
    return told;
}

static json_t *repeated_row(const QuestionGroup *group) {
    g_autoptr(GHashTable) organizations = g_hash_table_new(g_int64_hash, g_int64_equal);
    const TrackedQuestion *first = g_ptr_array_index(group->members, 0);
    for (guint i = 0; i < group->members->len; i++) {
        TrackedQuestion *question = g_ptr_array_index(group->members, i);
        if (question->org_id != 0)
            g_hash_table_add(organizations, &question->org_id);
    }
    json_t *row =
        json_pack("{s:s, s:I, s:I}", "question", first->text, "count", (json_int_t)group->members->len,
                  "organizations", (json_int_t)g_hash_table_size(organizations));
    json_object_set_new(row, "answer", text_or_false(group->answer));
    return row;
}

json_t *summary_repeated(const SummaryContext *context) {
    g_autoptr(GPtrArray) all = period_questions(context);
    g_autoptr(GPtrArray) concerned = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        const TrackedQuestion *question = g_ptr_array_index(all, i);
        if (summary_concerns(context, question->org_id, question->section))
            g_ptr_array_add(concerned, g_ptr_array_index(all, i));
    }
    GPtrArray *groups = question_groups_sure(concerned);
    json_t *list = json_array();
    for (guint i = 0; i < groups->len && i < REPEATED_MAX; i++) {
        const QuestionGroup *group = g_ptr_array_index(groups, i);
        if (group->members->len > 1)
            json_array_append_new(list, repeated_row(group));
    }
    g_ptr_array_unref(groups);
    return list;
}
