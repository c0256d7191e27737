#include "gateway/core/digests.h"

#include <string.h>

#include "gateway/core/approval.h"
#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

#define HOUR_S 3600
/* What a digest says of one report: enough to approve it, the rest stands in the summary. */
#define PROBLEMS_MAX 5
#define FIGURES_MAX  8
/* What still waits for its head is told once more so long after the digest: next morning, before the summary.
 */
#define NUDGE_S         (11 * HOUR_S)
#define RETURNED_LIFE_S (7 * CALENDAR_DAY_S)

static gint64 digest_instant(const Programme *programme, const Obligation *obligation, const Period *period) {
    return reminders_instant(programme, period, &obligation->digest);
}

static bool goes_to(const Obligation *obligation, const char *role) {
    g_auto(GStrv) to = g_strsplit(obligation->digest.to != NULL ? obligation->digest.to : "", "+", -1);
    return g_strv_contains((const char *const *)to, role);
}

/* Whether an organization has anything to do with the period. */
static bool is_concerned(const View *view, const Obligation *obligation, const Period *period,
                         const Organization *organization) {
    Standing standing = view_standing(view, obligation, period, organization);
    return standing == STANDING_OWED || standing == STANDING_SUBMITTED || standing == STANDING_EXEMPT;
}

static bool is_pending(const View *view, const Obligation *obligation, const Submission *submission) {
    return approval_state(view, obligation, submission) == APPROVAL_PENDING;
}

static Letter *digest_letter(const View *view, LetterKind kind, const Obligation *obligation,
                             const Period *period, const char *address, const char *name,
                             const char *language, gint64 now_s, gint64 until_s) {
    Letter *letter = reminders_letter_new(view_programme(view), kind, PRIORITY_REMINDER, obligation, period,
                                          now_s, until_s);
    letter->to_address = g_strdup(address);
    letter->to_name = g_strdup(name);
    if (language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(language);
    }
    return letter;
}

/* Takes the letter over; leaves it out where the quiet hours outlast it. */
static void put(Letter *letter, GPtrArray *letters) {
    if (letter->not_before_s < letter->expires_s)
        g_ptr_array_add(letters, letter);
    else
        letter_free(letter);
}

/* --- section heads
 * --------------------------------------------------------------------------------------------- */

/* Keys stay ASCII and short, whatever a section is called. */
static char *section_key(const char *what, const Obligation *obligation, const Period *period,
                         const char *section, const char *tail) {
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, section, -1);
    return g_strdup_printf("%s/%s/%s/%.12s/%s", what, obligation->id, period->key, digest, tail);
}

static void plan_section(const View *view, const Obligation *obligation, const Period *period,
                         const RolePerson *head, gint64 from_s, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    g_autofree char *address = roster_normal_address(head->address);
    g_autofree char *key = section_key("section_digest", obligation, period, head->section, address);
    if (view_letter_decided(view, key))
        return;
    json_t *ids = json_array();
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        if (g_strcmp0(organization->section, head->section) == 0 &&
            is_concerned(view, obligation, period, organization))
            json_array_append_new(ids, json_integer(organization->id));
    }
    if (json_array_size(ids) == 0) {
        json_decref(ids);
        return;
    }
    Letter *letter = digest_letter(view, LETTER_SECTION_DIGEST, obligation, period, head->address, head->name,
                                   head->language, now_s, from_s + DIGEST_LIFE_S);
    letter->key = g_steal_pointer(&key);
    letter->facts = json_pack("{s:s, s:o}", "section", head->section, "org_ids", ids);
    letter->reason = reason_text(REASON_SECTION_DIGEST, programme->language, "obligation", obligation->id,
                                 "period", period->key, "section", head->section, NULL);
    put(letter, letters);
}

/* What came to one section after its digest and waits for its head. */
typedef struct {
    const RolePerson *head;
    json_t *ids;
    gint64 newest_s;
} Later;

static void later_free(gpointer data) {
    Later *later = data;
    json_decref(later->ids);
    g_free(later);
}

static Later *later_of(GPtrArray *list, const RolePerson *head) {
    for (guint i = 0; i < list->len; i++) {
        Later *later = g_ptr_array_index(list, i);
        if (later->head == head)
            return later;
    }
    Later *later = g_new0(Later, 1);
    later->head = head;
    later->ids = json_array();
    g_ptr_array_add(list, later);
    return later;
}

static gint64 hour_end(gint64 at_s) {
    return (at_s / HOUR_S + 1) * HOUR_S;
}

/* When a report that is not reviewed is told beside the digest of from_s: what came after it, at the end of
 * its hour; what stood in it, next morning. */
static gint64 told_s(const Submission *submission, gint64 from_s) {
    return submission->revised_s > from_s ? hour_end(submission->revised_s) : from_s + NUDGE_S;
}

/* By section: reports that are not reviewed and to be told by now_s. */
static GPtrArray *collect_later(const View *view, const Obligation *obligation, const Period *period,
                                gint64 from_s, gint64 now_s) {
    GPtrArray *list = g_ptr_array_new_with_free_func(later_free);
    const GPtrArray *submissions = view_period_submissions(view, obligation->id, period->key);
    for (guint i = 0; submissions != NULL && i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        if (told_s(submission, from_s) > now_s || !is_pending(view, obligation, submission))
            continue;
        const Organization *organization = view_organization(view, submission->org_id);
        Later *later = later_of(list, approval_head(view_programme(view), organization->section));
        json_array_append_new(later->ids, json_integer(submission->org_id));
        later->newest_s = MAX(later->newest_s, told_s(submission, from_s));
    }
    return list;
}

static void plan_later(const View *view, const Obligation *obligation, const Period *period, gint64 from_s,
                       gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    /* by night they gather, and go in one letter when the quiet hours are over */
    if (now_s >= from_s + DIGEST_LATER_S || quiet_hours_after(programme, now_s) != now_s)
        return;
    g_autoptr(GPtrArray) list = collect_later(view, obligation, period, from_s, now_s);
    for (guint i = 0; i < list->len; i++) {
        const Later *later = g_ptr_array_index(list, i);
        const RolePerson *head = later->head;
        GDate day;
        int second;
        char text[CALENDAR_DAY_BYTES];
        calendar_local(programme->zone, later->newest_s, &day, &second);
        calendar_day_format(&day, text);
        g_autofree char *hour = g_strdup_printf("%sT%02d", text, second / HOUR_S);
        g_autofree char *key = section_key("section_later", obligation, period, head->section, hour);
        if (view_letter_decided(view, key))
            continue;
        g_autofree char *count = g_strdup_printf("%zu", json_array_size(later->ids));
        Letter *letter = digest_letter(view, LETTER_SECTION_DIGEST, obligation, period, head->address,
                                       head->name, head->language, now_s, now_s + DIGEST_LIFE_S);
        letter->key = g_steal_pointer(&key);
        letter->facts =
            json_pack("{s:s, s:O, s:b}", "section", head->section, "org_ids", later->ids, "is_later", 1);
        letter->reason = reason_text(REASON_SECTION_LATER, programme->language, "section", head->section,
                                     "count", count, NULL);
        put(letter, letters);
    }
}

/* --- advisors
 * -------------------------------------------------------------------------------------------------- */

static void plan_advisors(const View *view, const Obligation *obligation, const Period *period, gint64 from_s,
                          gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    g_autoptr(GHashTable) by_address = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        const Contact *advisor = roster_contact_of_role(organization, "advisor");
        if (advisor == NULL || !is_concerned(view, obligation, period, organization))
            continue;
        g_autofree char *address = roster_normal_address(advisor->address);
        g_autofree char *key =
            g_strdup_printf("advisor_digest/%s/%s/%s", obligation->id, period->key, address);
        if (view_letter_decided(view, key))
            continue;
        Letter *letter = g_hash_table_lookup(by_address, address);
        if (letter == NULL) {
            letter = digest_letter(view, LETTER_ADVISOR_DIGEST, obligation, period, advisor->address,
                                   advisor->name, NULL, now_s, from_s + DIGEST_LIFE_S);
            if (letter->not_before_s >= letter->expires_s) {
                letter_free(letter);
                return; /* the quiet hours outlast all of them */
            }
            letter->key = g_steal_pointer(&key);
            letter->facts = json_pack("{s:[]}", "org_ids");
            letter->reason = reason_text(REASON_ADVISOR_DIGEST, programme->language, "obligation",
                                         obligation->id, "period", period->key, NULL);
            g_hash_table_insert(by_address, g_steal_pointer(&address), letter);
            g_ptr_array_add(letters, letter);
        }
        json_array_append_new(json_object_get(letter->facts, "org_ids"), json_integer(organization->id));
    }
}

void digests_plan(const View *view, const Obligation *obligation, const Period *period, gint64 now_s,
                  GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    if (!obligation->has_digest)
        return;
    gint64 from_s = digest_instant(programme, obligation, period);
    if (now_s < from_s)
        return;
    bool to_heads = goes_to(obligation, "section_head");
    if (now_s < from_s + DIGEST_LIFE_S) {
        for (guint i = 0; to_heads && i < programme->roles->len; i++) {
            const RolePerson *head = g_ptr_array_index(programme->roles, i);
            if (head->section != NULL && approval_head(programme, head->section) == head)
                plan_section(view, obligation, period, head, from_s, now_s, letters);
        }
        if (goes_to(obligation, "advisor"))
            plan_advisors(view, obligation, period, from_s, now_s, letters);
    }
    if (to_heads)
        plan_later(view, obligation, period, from_s, now_s, letters);
}

gint64 digests_next_instant(const View *view, const Obligation *obligation, const Period *period,
                            gint64 now_s) {
    const Programme *programme = view_programme(view);
    if (!obligation->has_digest)
        return G_MAXINT64;
    gint64 from_s = digest_instant(programme, obligation, period), next_s = G_MAXINT64;
    if (now_s < from_s)
        return from_s;
    if (now_s >= from_s + DIGEST_LATER_S || !goes_to(obligation, "section_head"))
        return next_s;
    const GPtrArray *submissions = view_period_submissions(view, obligation->id, period->key);
    for (guint i = 0; submissions != NULL && i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        gint64 at_s = quiet_hours_after(programme, told_s(submission, from_s));
        if (at_s > now_s && at_s < next_s)
            next_s = at_s;
    }
    return next_s;
}

bool digests_letter_is_due(const View *view, const Letter *letter) {
    const Obligation *obligation = programme_obligation(view_programme(view), letter->obligation);
    if (obligation == NULL)
        return false;
    if (!json_is_true(json_object_get(letter->facts, "is_later")))
        return true;
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(letter->facts, "org_ids"), i, id) {
        const Submission *submission =
            view_submission(view, letter->obligation, letter->period, json_integer_value(id));
        if (submission != NULL && is_pending(view, obligation, submission))
            return true;
    }
    return false;
}

/* --- what they tell
 * -------------------------------------------------------------------------------------------- */

typedef struct {
    const View *view;
    const Programme *programme;
    const Obligation *obligation;
    const Period *period;
    const char *language;
    bool is_english;
    gint64 now_s;
    json_t *reports, *missing, *exempt;
    guint late, with_problems, pending;
} Tale;

static json_t *text_or_false(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_false();
}

/* "提问量 35，回答量 30": the numbers that a report gives, in the form's order. The caller frees it. */
static char *figures_text(const Tale *tale, const Submission *submission) {
    const json_t *form = definition_form(tale->programme, submission->form);
    GString *text = g_string_new(NULL);
    guint count = 0;
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(form), i, field) {
        const json_t *value =
            json_object_get(json_object_get(submission->fields, definition_key(field)), "value");
        if (!definition_is_number(field) || !json_is_number(value) || count++ >= FIGURES_MAX)
            continue;
        g_autofree char *number = definition_value_text(value, tale->language);
        g_string_append_printf(text, "%s%s %s",
                               text->len == 0     ? ""
                               : tale->is_english ? ", "
                                                  : "，",
                               definition_title(field, tale->language), number);
    }
    return g_string_free(text, FALSE);
}

static json_t *problem_texts(const Submission *submission) {
    json_t *texts = json_array();
    gsize i;
    json_t *problem;
    json_array_foreach(submission->problems, i, problem) {
        const json_t *text = json_object_get(problem, "text");
        if (json_is_string(text) && json_array_size(texts) < PROBLEMS_MAX)
            json_array_append_new(texts, json_string(json_string_value(text)));
    }
    return texts;
}

static void tell_report(Tale *tale, const Organization *organization, const Submission *submission,
                        guint number) {
    g_autofree char *received =
        calendar_instant_text(tale->programme->zone, submission->received_s, tale->language);
    g_autofree char *late =
        submission->on_time
            ? NULL
            : calendar_duration_text(submission->received_s - tale->period->due_s, tale->language);
    g_autofree char *figures = figures_text(tale, submission);
    ApprovalState state = approval_state(tale->view, tale->obligation, submission);
    json_t *texts = problem_texts(submission);
    json_t *row = json_pack("{s:i, s:I, s:s, s:s, s:i, s:b, s:o, s:s, s:b, s:b, s:b}", "number", (int)number,
                            "org_id", (json_int_t)organization->id, "name", organization->name,
                            "received_text", received, "problem_count", (int)submission->n_problems,
                            "has_problems", json_array_size(texts) > 0, "problems", texts, "approval",
                            approval_name(state), "is_pending", state == APPROVAL_PENDING, "is_approved",
                            state == APPROVAL_APPROVED, "is_returned", state == APPROVAL_RETURNED);
    json_object_set_new(row, "late_text", text_or_false(late));
    json_object_set_new(row, "figures_text", text_or_false(figures));
    json_object_set_new(row, "approval_text", text_or_false(approval_text(state, tale->language)));
    json_object_set_new(row, "return_reason", text_or_false(submission->verdict_reason));
    json_object_set_new(row, "section", text_or_false(organization->section));
    json_array_append_new(tale->reports, row);
    tale->late += !submission->on_time;
    tale->with_problems += submission->n_problems > 0;
    tale->pending += state == APPROVAL_PENDING;
}

static void tell_missing(Tale *tale, const Organization *organization) {
    const Contact *contact = roster_contact(organization), *phone = roster_phone_contact(organization);
    const Contact *shown = contact != NULL ? contact : phone;
    json_t *row = json_pack("{s:s}", "name", organization->name);
    json_object_set_new(row, "contact", text_or_false(shown != NULL ? shown->name : NULL));
    json_object_set_new(row, "phone", text_or_false(phone != NULL ? phone->phone : NULL));
    json_array_append_new(tale->missing, row);
}

static void tell_organization(Tale *tale, const Organization *organization, guint number) {
    const Submission *submission =
        view_submission(tale->view, tale->obligation->id, tale->period->key, organization->id);
    Standing standing = view_standing(tale->view, tale->obligation, tale->period, organization);
    if (submission != NULL)
        tell_report(tale, organization, submission, number);
    else if (standing == STANDING_OWED)
        tell_missing(tale, organization);
    else if (standing == STANDING_EXEMPT)
        json_array_append_new(tale->exempt, json_pack("{s:s}", "name", organization->name));
}

void digests_set_facts(const View *view, const Letter *letter, const Obligation *obligation,
                       const Period *period, gint64 now_s, json_t *facts) {
    Tale tale = {.view = view,
                 .programme = view_programme(view),
                 .obligation = obligation,
                 .period = period,
                 .language = letter->language,
                 .is_english = g_strcmp0(letter->language, "en") == 0,
                 .now_s = now_s,
                 .reports = json_array(),
                 .missing = json_array(),
                 .exempt = json_array()};
    gsize i;
    json_t *id;
    json_array_foreach(json_object_get(letter->facts, "org_ids"), i, id) {
        const Organization *organization = view_organization(view, json_integer_value(id));
        if (organization != NULL)
            tell_organization(&tale, organization, (guint)i + 1);
    }
    gsize received = json_array_size(tale.reports), missing = json_array_size(tale.missing);
    json_t *counts =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "expected", (json_int_t)(received + missing), "received",
                  (json_int_t)received, "missing", (json_int_t)missing, "late", (json_int_t)tale.late,
                  "with_problems", (json_int_t)tale.with_problems, "pending", (json_int_t)tale.pending);
    json_object_set_new(facts, "counts", counts);
    json_object_set_new(facts, "has_reports", json_boolean(received > 0));
    json_object_set_new(facts, "has_missing", json_boolean(missing > 0));
    json_object_set_new(facts, "has_exempt", json_boolean(json_array_size(tale.exempt) > 0));
    json_object_set_new(facts, "has_pending", json_boolean(tale.pending > 0));
    json_object_set_new(facts, "is_open", json_boolean(now_s <= period->late_after_s));
    json_object_set_new(facts, "reports", tale.reports);
    json_object_set_new(facts, "missing", tale.missing);
    json_object_set_new(facts, "exempt", tale.exempt);
}

Letter *digests_returned_letter(const View *view, const Submission *submission, const RolePerson *head,
                                const char *reason, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const Organization *organization = view_organization(view, submission->org_id);
    const Contact *contact = organization != NULL ? roster_contact(organization) : NULL;
    const Obligation *obligation = programme_obligation(programme, submission->obligation);
    if (contact == NULL || obligation == NULL)
        return NULL;
    Letter *letter = digest_letter(view, LETTER_RETURNED, obligation, NULL, contact->address, contact->name,
                                   NULL, now_s, now_s + RETURNED_LIFE_S);
    letter->key = g_strdup_printf("returned/%" G_GINT64_FORMAT "/%u", submission->id, submission->revision);
    letter->org_id = submission->org_id;
    letter->period = g_strdup(submission->period);
    letter->reason = reason_text(REASON_RETURNED, programme->language, NULL);
    letter->facts = json_pack("{s:s}", "reason_text", reason);
    json_object_set_new(letter->facts, "head_name", text_or_false(head->name));
    json_object_set_new(letter->facts, "section", text_or_false(head->section));
    return letter;
}
