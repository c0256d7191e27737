#include "gateway/core/summary.h"

#include <string.h>

#include "gateway/core/approval.h"
#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/period.h"
#include "gateway/core/roster.h"
#include "gateway/core/summary_parts.h"

/* A form with more problems than this is read as a whole: the first ones say enough. */
#define PROBLEM_TEXTS_MAX 10
/* So many of those that are not reviewed are named in the letter; status and workbook mark each. */
#define PENDING_NAMES_MAX 10

static json_t *text_or_false(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_false();
}

/* Takes text over. */
static void set_text(json_t *object, const char *name, char *text) {
    json_object_set_new(object, name, text_or_false(text));
    g_free(text);
}

/* --- organizations
 * ------------------------------------------------------------------------------------------ */

typedef struct {
    guint expected, received, on_time, late, missing, exempt, with_problems;
    guint pending, approved, returned; /* of those that a section head reviews */
    json_t *pending_list;
    json_t *missing_list, *late_list, *problem_list, *exempt_list, *organizations;
} Tally;

/* The period with the organization's extension; its strings are the context's. */
static Period own_period(const SummaryContext *context, const Organization *organization) {
    Period own = *context->period;
    view_extend(context->view, &own, organization->id);
    return own;
}

/* How the state of an organization is called. */
static const char *state_text(const SummaryContext *context, const Organization *organization,
                              Standing standing, const Submission *submission) {
    static const struct {
        const char *zh, *en;
    } texts[] = {
        [STANDING_OWED] = {"未交", "missing"},
        [STANDING_SUBMITTED] = {"按时", "on time"},
        [STANDING_EXEMPT] = {"免报", "exempt"},
        [STANDING_SUSPENDED] = {"暂停", "suspended"},
        [STANDING_NOT_YET] = {"尚未加入", "joined later"},
        [STANDING_NOT_CONCERNED] = {"不涉及", "not concerned"},
    };
    if (submission != NULL && !submission->on_time)
        return context->is_english ? "late" : "迟交";
    gint64 late_after_s = own_period(context, organization).late_after_s;
    if (standing == STANDING_OWED && context->now_s <= late_after_s)
        return late_after_s > context->period->late_after_s ? (context->is_english ? "extended" : "已延期")
               : context->is_english                        ? "expected"
                                                            : "待交";
    return context->is_english ? texts[standing].en : texts[standing].zh;
}

static void add_missing(const SummaryContext *context, const Organization *organization, Tally *tally) {
    const Contact *contact = roster_contact(organization);
    const Contact *phone = roster_phone_contact(organization);
    const Contact *shown = contact != NULL ? contact : phone;
    json_t *row = json_pack("{s:I, s:s, s:b}", "org_id", (json_int_t)organization->id, "name",
                            organization->name, "call", contact == NULL);
    json_object_set_new(row, "section", text_or_false(organization->section));
    json_object_set_new(row, "contact", text_or_false(shown != NULL ? shown->name : NULL));
    json_object_set_new(row, "phone", text_or_false(phone != NULL ? phone->phone : NULL));
    json_array_append_new(tally->missing_list, row);
    tally->missing++;
}

static void add_exempt(const SummaryContext *context, const Organization *organization, Tally *tally) {
    const Exemption *exemption =
        view_exemption(context->view, context->obligation, context->period, organization);
    json_t *row = json_pack("{s:s}", "name", organization->name);
    json_object_set_new(row, "reason", text_or_false(exemption != NULL ? exemption->reason : NULL));
    json_array_append_new(tally->exempt_list, row);
    tally->exempt++;
}

static char *late_text(const SummaryContext *context, const Organization *organization,
                       const Submission *submission) {
    return calendar_duration_text(submission->received_s - own_period(context, organization).due_s,
                                  context->language);
}

static char *received_text(const SummaryContext *context, const Submission *submission) {
    return calendar_instant_text(context->programme->zone, submission->received_s, context->language);
}

static void add_late(const SummaryContext *context, const Organization *organization,
                     const Submission *submission, Tally *tally) {
    json_t *row = json_pack("{s:I, s:s, s:I, s:I}", "org_id", (json_int_t)organization->id, "name",
                            organization->name, "message_id", (json_int_t)submission->message_id, "late_s",
                            (json_int_t)(submission->received_s - own_period(context, organization).due_s));
    set_text(row, "late_text", late_text(context, organization, submission));
    set_text(row, "received_text", received_text(context, submission));
    json_array_append_new(tally->late_list, row);
    tally->late++;
}

static void add_problems(const Organization *organization, const Submission *submission, Tally *tally) {
    json_t *texts = json_array();
    gsize i;
    json_t *problem;
    json_array_foreach(submission->problems, i, problem) {
        const char *text = json_string_value(json_object_get(problem, "text"));
        if (text != NULL && i < PROBLEM_TEXTS_MAX)
            json_array_append_new(texts, json_string(text));
    }
    json_array_append_new(tally->problem_list,
                          json_pack("{s:I, s:s, s:I, s:o, s:I}", "org_id", (json_int_t)organization->id,
                                    "name", organization->name, "count", (json_int_t)submission->n_problems,
                                    "texts", texts, "message_id", (json_int_t)submission->message_id));
    tally->with_problems++;
}

static void add_approval(const SummaryContext *context, const Organization *organization,
                         const Submission *submission, Tally *tally) {
    ApprovalState state = approval_state(context->view, context->obligation, submission);
    tally->pending += state == APPROVAL_PENDING;
    tally->approved += state == APPROVAL_APPROVED;
    tally->returned += state == APPROVAL_RETURNED;
    if (state == APPROVAL_PENDING && tally->pending <= PENDING_NAMES_MAX)
        json_array_append_new(tally->pending_list, json_pack("{s:s}", "name", organization->name));
}

static json_t *organization_row(const SummaryContext *context, const Organization *organization,
                                Standing standing, const Submission *submission) {
    bool is_submitted = submission != NULL, is_late = is_submitted && !submission->on_time;
    json_t *row = json_pack("{s:I, s:s, s:s, s:s, s:b, s:I, s:I}", "org_id", (json_int_t)organization->id,
                            "name", organization->name, "state", standing_name(standing), "state_text",
                            state_text(context, organization, standing, submission), "by_hand",
                            is_submitted && submission->by_hand, "revision",
                            (json_int_t)(is_submitted ? submission->revision : 0), "problems",
                            (json_int_t)(is_submitted ? submission->n_problems : 0));
    json_object_set_new(row, "section", text_or_false(organization->section));
    json_object_set_new(row, "team", text_or_false(organization->team));
    set_text(row, "received_text", is_submitted ? received_text(context, submission) : NULL);
    set_text(row, "late_text", is_late ? late_text(context, organization, submission) : NULL);
    json_object_set_new(row, "message_id",
                        is_submitted ? json_integer(submission->message_id) : json_false());
    json_object_set_new(
        row, "approval_text",
        text_or_false(is_submitted
                          ? approval_text(approval_state(context->view, context->obligation, submission),
                                          context->language)
                          : NULL));
    return row;
}

static void tally_organization(const SummaryContext *context, const Organization *organization,
                               Tally *tally) {
    const Obligation *obligation = context->obligation;
    const Submission *submission =
        view_submission(context->view, obligation->id, context->period->key, organization->id);
    Standing standing = view_standing(context->view, obligation, context->period, organization);
    if (standing == STANDING_OWED || standing == STANDING_SUBMITTED)
        tally->expected++;
    /* who was granted more time is expected, and not missing yet */
    bool is_extended = context->now_s > context->period->late_after_s &&
                       context->now_s <= own_period(context, organization).late_after_s;
    if (standing == STANDING_OWED && !is_extended)
        add_missing(context, organization, tally);
    else if (standing == STANDING_EXEMPT)
        add_exempt(context, organization, tally);
    if (submission != NULL) {
        tally->received++;
        if (submission->on_time)
            tally->on_time++;
        else
            add_late(context, organization, submission, tally);
        if (submission->n_problems > 0)
            add_problems(organization, submission, tally);
        add_approval(context, organization, submission, tally);
    }
    json_array_append_new(tally->organizations,
                          organization_row(context, organization, standing, submission));
}

static gint compare_lateness(gconstpointer a, gconstpointer b) {
    json_int_t x = json_integer_value(json_object_get(*(json_t *const *)a, "late_s"));
    json_int_t y = json_integer_value(json_object_get(*(json_t *const *)b, "late_s"));
    return x < y ? -1 : x > y;
}

/* A new list in order; the old one is released. */
static json_t *sorted(json_t *list, GCompareFunc compare) {
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    gsize i;
    json_t *row;
    json_array_foreach(list, i, row)
        g_ptr_array_add(rows, row);
    g_ptr_array_sort(rows, compare);
    json_t *ordered = json_array();
    for (guint j = 0; j < rows->len; j++)
        json_array_append(ordered, g_ptr_array_index(rows, j));
    json_decref(list);
    return ordered;
}

/* --- the whole
 * ---------------------------------------------------------------------------------------------- */

static json_int_t percent(guint part, guint whole) {
    return whole > 0 ? ((json_int_t)part * 100 + whole / 2) / whole : 0;
}

static void set_head(const SummaryContext *context, json_t *model) {
    const Programme *programme = context->programme;
    const Obligation *obligation = context->obligation;
    const Period *period = context->period;
    bool en = context->is_english;
    char first[CALENDAR_DAY_BYTES], last[CALENDAR_DAY_BYTES];
    calendar_day_format(&period->first, first);
    calendar_day_format(&period->last, last);
    const char *programme_title =
        en && programme->title_en != NULL ? programme->title_en : programme->title_zh;
    const char *title = en && obligation->title_en != NULL ? obligation->title_en : obligation->title_zh;
    json_t *period_json = json_pack("{s:s, s:s, s:s, s:I}", "key", period->key, "first", first, "last", last,
                                    "due", (json_int_t)period->due_s);
    set_text(period_json, "span_text", calendar_span_text(&period->first, &period->last, context->language));
    set_text(period_json, "due_text",
             calendar_instant_text(programme->zone, period->due_s, context->language));
    json_object_set_new(model, "programme",
                        json_string(programme_title != NULL ? programme_title : programme->id));
    json_object_set_new(
        model, "obligation",
        json_pack("{s:s, s:s}", "id", obligation->id, "title", title != NULL ? title : obligation->id));
    json_object_set_new(model, "period", period_json);
    json_object_set_new(model, "language", json_string(context->language));
    json_object_set_new(model, "section", text_or_false(context->section));
    set_text(model, "at_text", calendar_instant_text(programme->zone, context->now_s, context->language));
    json_object_set_new(model, "final", json_boolean(context->now_s > period->late_after_s));
}

static json_t *counts_of(const Tally *tally) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "expected", (json_int_t)tally->expected,
                     "received", (json_int_t)tally->received, "on_time", (json_int_t)tally->on_time, "late",
                     (json_int_t)tally->late, "missing", (json_int_t)tally->missing, "exempt",
                     (json_int_t)tally->exempt, "with_problems", (json_int_t)tally->with_problems,
                     "received_percent", percent(tally->received, tally->expected), "on_time_percent",
                     percent(tally->on_time, tally->expected));
}

/* How far section heads have come with their review; false where nobody reviews. */
static json_t *review_of(const Tally *tally) {
    if (tally->pending + tally->approved + tally->returned == 0)
        return json_false();
    guint more = tally->pending > PENDING_NAMES_MAX ? tally->pending - PENDING_NAMES_MAX : 0;
    return json_pack("{s:I, s:I, s:I, s:b, s:O, s:I}", "pending", (json_int_t)tally->pending, "approved",
                     (json_int_t)tally->approved, "returned", (json_int_t)tally->returned, "has_pending",
                     tally->pending > 0, "pending_list", tally->pending_list, "pending_more",
                     (json_int_t)more);
}

/* The period's submissions that the summary is about; the caller frees it. */
static GPtrArray *submissions_of(const SummaryContext *context, const Period *period) {
    GPtrArray *submissions = g_ptr_array_new();
    const GPtrArray *all =
        period != NULL ? view_period_submissions(context->view, context->obligation->id, period->key) : NULL;
    for (guint i = 0; all != NULL && i < all->len; i++) {
        Submission *submission = g_ptr_array_index(all, i);
        if (summary_concerns(context, submission->org_id, NULL))
            g_ptr_array_add(submissions, submission);
    }
    return submissions;
}

static void set_matters(const SummaryContext *context, json_t *model, json_t *counts) {
    guint questions, open, settled;
    json_object_set_new(model, "open_questions", summary_open_questions(context, &questions));
    json_object_set_new(model, "urgent", summary_urgent(context, &open, &settled));
    json_object_set_new(model, "repeated", summary_repeated(context));
    json_object_set_new(counts, "open_questions", json_integer(questions));
    json_object_set_new(counts, "urgent_open", json_integer(open));
    json_object_set_new(counts, "urgent_settled", json_integer(settled));
}

static json_t *model_of(const SummaryContext *context) {
    Tally tally = {.pending_list = json_array(),
                   .missing_list = json_array(),
                   .late_list = json_array(),
                   .problem_list = json_array(),
                   .exempt_list = json_array(),
                   .organizations = json_array()};
    const GPtrArray *organizations = view_owers(context->view, context->obligation);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        if (summary_concerns(context, organization->id, NULL))
            tally_organization(context, organization, &tally);
    }
    json_t *model = json_object(), *counts = counts_of(&tally);
    set_head(context, model);
    json_object_set_new(model, "counts", counts);
    json_object_set_new(model, "review", review_of(&tally));
    json_decref(tally.pending_list);
    json_object_set_new(counts, "received_change_text",
                        context->before->len > 0
                            ? summary_change_text((double)tally.received - context->before->len)
                            : json_false());
    json_object_set_new(model, "missing", tally.missing_list);
    json_object_set_new(model, "late", sorted(tally.late_list, compare_lateness));
    json_object_set_new(model, "problems", tally.problem_list);
    json_object_set_new(model, "totals", summary_totals(context));
    set_matters(context, model, counts);
    json_object_set_new(model, "lists", summary_lists(context));
    json_object_set_new(model, "organizations", tally.organizations);
    json_object_set_new(model, "exempt", tally.exempt_list);
    json_object_set_new(model, "sections", summary_groups(model, "section"));
    json_object_set_new(model, "teams", summary_groups(model, "team"));
    return model;
}

json_t *summary_model_of_section(const View *view, const Obligation *obligation, const Period *period,
                                 const char *section, const char *language, gint64 now_s) {
    const Programme *programme = view_programme(view);
    SummaryContext context = {
        .view = view,
        .programme = programme,
        .obligation = obligation,
        .period = period,
        .section = section,
        .form = definition_form(programme, obligation->form),
        .language = language,
        .is_english = g_strcmp0(language, "en") == 0,
        .now_s = now_s,
    };
    g_autoptr(Period) previous = period_previous(programme, obligation, period);
    g_autoptr(GPtrArray) submissions = submissions_of(&context, period);
    g_autoptr(GPtrArray) before = submissions_of(&context, previous);
    context.submissions = submissions;
    context.before = before;
    return model_of(&context);
}

json_t *summary_model(const View *view, const Obligation *obligation, const Period *period,
                      const char *language, gint64 now_s) {
    return summary_model_of_section(view, obligation, period, NULL, language, now_s);
}
