#include "gateway/core/letter_facts.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/digests.h"
#include "gateway/core/grouping.h"
#include "gateway/core/intake.h"
#include "gateway/core/period.h"
#include "gateway/core/prefill.h"
#include "gateway/core/questions.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"
#include "gateway/core/summary.h"

/* A review notice lists at most this many entries; the count says how many there are. */
#define REVIEW_ITEMS_MAX 50

/* One letter on its way to its facts. */
typedef struct {
    const View *view;
    const Programme *programme;
    const Letter *letter;
    const char *language;
    bool is_english;
    gint64 now_s;
    const Obligation *obligation;     /* or NULL */
    const Period *period;             /* or NULL */
    const Organization *organization; /* or NULL */
    json_t *facts;
} Facts;

static json_t *text_or_false(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_false();
}

/* Takes text over. */
static void set_text(json_t *object, const char *name, char *text) {
    json_object_set_new(object, name, text_or_false(text));
    g_free(text);
}

static json_t *address_facts(const char *name, const char *address) {
    json_t *facts = json_object();
    json_object_set_new(facts, "name", text_or_false(name));
    json_object_set_new(facts, "address", text_or_false(address));
    return facts;
}

/* The template engine is strict: every name of a kind exists, even where its value is not known. */
static void set_defaults(json_t *facts, LetterKind kind) {
    static const char *const names[LETTER_KINDS][32] = {
        [LETTER_ACK] = {"form_title", "received_text", "on_time",  "late",          "late_text",
                        "settles",    "period_reason", "revision", "is_revision",   "is_identical",
                        "is_copy",    "sender",        "subject",  "by_hand",       "unknown_sender",
                        "fields",     "tables",        "problems", "problem_count", "has_problems",
                        "changes",    "has_changes",   "unread",   "has_unread",    NULL},
        [LETTER_DEFECT] = {"code", "reason_text", "remedy_text", "subject", "received_text", "parts",
                           "form_title", "sender", NULL},
        [LETTER_REMINDER] = {"stage", "days_left", "days_left_text", "due_today", "form_title", "prefill",
                             "review", NULL},
        [LETTER_OVERDUE] = {"stage", "days_late", "late_text", "since_text", "form_title", "is_copy",
                            "copy_role", "contact_name", "review", NULL},
        [LETTER_SUMMARY] = {"is_preview", "held_names", "summary", NULL},
        [LETTER_REVIEW_NOTICE] = {"count", "has_items", "items", "held", "has_held", "labels", "has_labels",
                                  NULL},
        [LETTER_QUESTION_PASSED] = {"questions", "count", "is_nudge", NULL},
        [LETTER_OVERDUE_QUESTIONS] = {"questions", "count", NULL},
        [LETTER_INQUIRY] = {"questions", "count", "is_copy", "head_name", "explanation_text", NULL},
        [LETTER_URGENT] = {"text", "received_text", "seen_text", "code", "sender", "reporter", "repeat",
                           "is_repeat", NULL},
        [LETTER_URGENT_NOTICE] = {"text", "received_text", "seen_text", "code", "sender", "reporter",
                                  "handling_text", "settled_text", NULL},
        [LETTER_SECTION_DIGEST] = {"section", "counts", "reports", "missing", "exempt", "has_reports",
                                   "has_missing", "has_exempt", "has_pending", "is_open", "is_later", NULL},
        [LETTER_ADVISOR_DIGEST] = {"counts", "reports", "missing", "exempt", "has_reports", "has_missing",
                                   "has_exempt", "has_pending", "is_open", NULL},
        [LETTER_DUTY] = {"title", "when_text", "person_name", "is_copy", NULL},
        [LETTER_ANNOUNCE] = {"tasks", "span_text", NULL},
        [LETTER_RETURNED] = {"form_title", "reason_text", "head_name", "section", NULL},
        [LETTER_PINNED_NOTICE] = {"count", "clusters", "has_clusters", "proposals", "has_proposals", NULL},
        [LETTER_OPERATOR_ALERT] = {"code", "cause_text", "detail_text", "remedy_text", "since_text", NULL},
        [LETTER_COMMAND_ANSWER] = {"title_text", "lines", "has_lines", "how_text", "subject", "sender",
                                   "received_text", "code_text", "until_text", NULL},
    };
    const char *const *list = names[kind == LETTER_CORRECTION ? LETTER_ACK : kind];
    for (gsize i = 0; list[i] != NULL; i++)
        json_object_set_new(facts, list[i], json_false());
}

/* --- every letter
 * ------------------------------------------------------------------------------------------- */

static json_t *period_facts(const Facts *f) {
    char first[CALENDAR_DAY_BYTES], last[CALENDAR_DAY_BYTES];
    if (f->period == NULL)
        return json_false();
    calendar_day_format(&f->period->first, first);
    calendar_day_format(&f->period->last, last);
    json_t *facts = json_pack("{s:s, s:s, s:s, s:I}", "key", f->period->key, "first", first, "last", last,
                              "due", (json_int_t)f->period->due_s);
    set_text(facts, "span_text", calendar_span_text(&f->period->first, &f->period->last, f->language));
    set_text(facts, "due_text", calendar_instant_text(f->programme->zone, f->period->due_s, f->language));
    return facts;
}

static json_t *organization_facts(const Facts *f) {
    if (f->organization == NULL)
        return json_false();
    json_t *facts =
        json_pack("{s:I, s:s}", "id", (json_int_t)f->organization->id, "name", f->organization->name);
    json_object_set_new(facts, "section", text_or_false(f->organization->section));
    json_object_set_new(facts, "team", text_or_false(f->organization->team));
    return facts;
}

static json_t *help_facts(const Facts *f) {
    const RolePerson *liaison = roster_role(f->programme, "liaison", NULL);
    if (liaison == NULL)
        return json_false();
    json_t *facts = address_facts(liaison->name, liaison->address);
    json_object_set_new(facts, "phone", text_or_false(liaison->phone));
    return facts;
}

static const char *title_of(const Facts *f, const char *zh, const char *en) {
    const char *first = f->is_english ? en : zh, *second = f->is_english ? zh : en;
    return first != NULL ? first : second != NULL ? second : "";
}

static void set_common(const Facts *f) {
    const Programme *programme = f->programme;
    json_t *facts = f->facts;
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, f->letter->key, -1);
    /* until the letter has a Message-ID: previews, dry runs */
    set_text(facts, "reference", letter_reference(digest));
    json_object_set_new(facts, "kind", json_string(letter_kind_name(f->letter->kind)));
    json_object_set_new(facts, "language", json_string(f->language));
    json_object_set_new(facts, "key", json_string(f->letter->key));
    set_text(facts, "now_text", calendar_instant_text(programme->zone, f->now_s, f->language));
    json_object_set_new(facts, "programme",
                        json_pack("{s:s, s:s}", "id", programme->id, "title",
                                  title_of(f, programme->title_zh, programme->title_en)));
    json_object_set_new(facts, "from", address_facts(programme->from_name, programme->from_address));
    json_object_set_new(facts, "to", address_facts(f->letter->to_name, f->letter->to_address));
    json_object_set_new(facts, "help", help_facts(f));
    json_object_set_new(
        facts, "retention_text",
        text_or_false(title_of(f, programme->retention_text_zh, programme->retention_text_en)));
    json_object_set_new(facts, "organization", organization_facts(f));
    json_object_set_new(facts, "obligation",
                        f->obligation == NULL
                            ? json_false()
                            : json_pack("{s:s, s:s}", "id", f->obligation->id, "title",
                                        title_of(f, f->obligation->title_zh, f->obligation->title_en)));
    json_object_set_new(facts, "period", period_facts(f));
}

/* --- reminders
 * ---------------------------------------------------------------------------------------------- */

static char *form_title_of(const Facts *f) {
    const json_t *form = f->obligation != NULL ? definition_form(f->programme, f->obligation->form) : NULL;
    if (form != NULL)
        return g_strdup(definition_title(form, f->language));
    return f->obligation != NULL ? g_strdup(title_of(f, f->obligation->title_zh, f->obligation->title_en))
                                 : NULL;
}

/* Of a section head's duty to review: what waits; false where a form settles it. */
static json_t *review_facts(const Facts *f) {
    if (f->obligation->reviews == NULL || f->organization == NULL)
        return json_false();
    Review review = view_review(f->view, f->obligation, f->period, f->organization);
    return json_pack("{s:I, s:I}", "pending", (json_int_t)review.pending, "total", (json_int_t)review.total);
}

/* The part of a letter's key after a number of slashes, up to the next. The caller frees it; NULL: there is
 * none. */
static char *key_part(const char *key, guint index) {
    g_auto(GStrv) parts = g_strsplit(key, "/", 6);
    return index < g_strv_length(parts) ? g_strdup(parts[index]) : NULL;
}

static void set_reminder(const Facts *f) {
    GDate today, due;
    if (f->period == NULL)
        return;
    calendar_local(f->programme->zone, f->now_s, &today, NULL);
    calendar_local(f->programme->zone, f->period->due_s, &due, NULL);
    int days = MAX(g_date_days_between(&today, &due), 0);
    set_text(f->facts, "stage", key_part(f->letter->key, 3));
    json_object_set_new(f->facts, "days_left", json_integer(days));
    set_text(f->facts, "days_left_text",
             days == 0 ? g_strdup(f->is_english ? "today" : "今天")
                       : calendar_duration_text((gint64)days * CALENDAR_DAY_S, f->language));
    json_object_set_new(f->facts, "due_today", json_boolean(days == 0));
    set_text(f->facts, "form_title", form_title_of(f));
    json_object_set_new(f->facts, "review", review_facts(f));
    json_object_set_new(f->facts, "prefill",
                        f->organization != NULL
                            ? prefill_values(f->view, f->obligation, f->period, f->organization, f->language)
                            : json_array());
}

static void set_overdue(const Facts *f) {
    if (f->period == NULL)
        return;
    gint64 late_s = MAX(f->now_s - f->period->due_s, 0);
    const Contact *contact = f->organization != NULL ? roster_contact(f->organization) : NULL;
    g_autofree char *role = key_part(f->letter->key, 5);
    set_text(f->facts, "stage", key_part(f->letter->key, 3));
    json_object_set_new(f->facts, "days_late", json_integer(late_s / CALENDAR_DAY_S));
    set_text(f->facts, "late_text", calendar_duration_text(late_s, f->language));
    set_text(f->facts, "since_text",
             calendar_instant_text(f->programme->zone, f->period->due_s, f->language));
    set_text(f->facts, "form_title", form_title_of(f));
    json_object_set_new(f->facts, "review", review_facts(f));
    json_object_set_new(f->facts, "is_copy", json_boolean(role != NULL));
    json_object_set_new(f->facts, "copy_role", text_or_false(role));
    json_object_set_new(f->facts, "contact_name", text_or_false(contact != NULL ? contact->name : NULL));
}

/* --- review notice
 * ------------------------------------------------------------------------------------------ */

static json_t *org_name_or_false(const Facts *f, gint64 org_id) {
    const Organization *organization = view_organization(f->view, org_id);
    return organization != NULL ? json_string(organization->name) : json_false();
}

static json_t *review_item_facts(const Facts *f, const ReviewItem *item) {
    json_t *facts = json_object();
    json_object_set_new(facts, "number", json_integer(item->id)); /* the same in every letter and list */
    json_object_set_new(facts, "message_id", json_integer(item->message_id));
    json_object_set_new(facts, "code", text_or_false(item->code));
    json_object_set_new(
        facts, "text",
        text_or_false(item->text != NULL ? item->text : intake_review_text(item->code, f->language)));
    json_object_set_new(facts, "remedy_text", text_or_false(intake_defect_remedy(item->code, f->language)));
    json_object_set_new(facts, "from", text_or_false(item->from));
    json_object_set_new(facts, "subject", text_or_false(item->subject));
    set_text(facts, "since_text", calendar_instant_text(f->programme->zone, item->since_s, f->language));
    json_object_set_new(facts, "organization", org_name_or_false(f, item->org_id));
    return facts;
}

static void set_review(const Facts *f) {
    const Snapshot *snapshot = view_snapshot(f->view);
    json_t *items = json_array(), *held = json_array();
    guint count = snapshot->reviews != NULL ? snapshot->reviews->len : 0;
    for (guint i = 0; i < count && i < REVIEW_ITEMS_MAX; i++)
        json_array_append_new(items, review_item_facts(f, g_ptr_array_index(snapshot->reviews, i)));
    for (guint i = 0; snapshot->pending != NULL && i < snapshot->pending->len; i++) {
        const PendingMail *mail = g_ptr_array_index(snapshot->pending, i);
        if (f->now_s - mail->seen_s < REMINDERS_HOLD_MAX_S || json_array_size(held) >= REVIEW_ITEMS_MAX)
            continue;
        json_t *facts = json_object();
        json_object_set_new(facts, "organization", org_name_or_false(f, mail->org_id));
        set_text(facts, "since_text", calendar_instant_text(f->programme->zone, mail->seen_s, f->language));
        json_array_append_new(held, facts);
    }
    json_object_set_new(f->facts, "count", json_integer(count));
    json_object_set_new(f->facts, "has_items", json_boolean(count > 0));
    json_object_set_new(f->facts, "items", items);
    json_object_set_new(f->facts, "has_held", json_boolean(json_array_size(held) > 0));
    json_object_set_new(f->facts, "held", held);
}

/* --- summary
 * ------------------------------------------------------------------------------------------------ */

static void set_summary(const Facts *f) {
    static const char *const lists[] = {"missing",        "late",   "problems", "totals",
                                        "open_questions", "urgent", "repeated", "lists",
                                        "organizations",  "exempt", "sections", "teams"};
    if (f->obligation == NULL || f->period == NULL)
        return;
    const char *section = json_string_value(json_object_get(f->letter->facts, "section"));
    json_t *summary =
        summary_model_of_section(f->view, f->obligation, f->period, section, f->language, f->now_s);
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *name = g_strconcat("has_", lists[i], NULL);
        json_object_set_new(summary, name,
                            json_boolean(json_array_size(json_object_get(summary, lists[i])) > 0));
    }
    json_object_set_new(f->facts, "summary", summary);
}

char *letter_reference(const char *message_id) {
    return g_ascii_strup(message_id, LETTER_REFERENCE_DIGITS);
}

json_t *letter_facts(const View *view, const Letter *letter, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const char *language = letter->language != NULL ? letter->language : programme->language;
    g_autoptr(Period) period = NULL;
    Facts f = {.view = view,
               .programme = programme,
               .letter = letter,
               .language = language,
               .is_english = g_strcmp0(language, "en") == 0,
               .now_s = now_s,
               .organization = letter->org_id != 0 ? view_organization(view, letter->org_id) : NULL,
               .facts = json_object()};
    if (letter->obligation != NULL)
        f.obligation = programme_obligation(programme, letter->obligation);
    if (f.obligation != NULL && letter->period != NULL)
        f.period = period = period_by_key(programme, f.obligation, letter->period);
    if (f.period != NULL)
        view_extend(view, period, letter->org_id);
    set_defaults(f.facts, letter->kind);
    set_common(&f);
    switch (letter->kind) {
    case LETTER_REMINDER:
        set_reminder(&f);
        break;
    case LETTER_OVERDUE:
        set_overdue(&f);
        break;
    case LETTER_SUMMARY:
        set_summary(&f);
        break;
    case LETTER_REVIEW_NOTICE:
        set_review(&f);
        break;
    case LETTER_SECTION_DIGEST:
    case LETTER_ADVISOR_DIGEST:
        if (f.period != NULL)
            digests_set_facts(view, letter, f.obligation, f.period, now_s, f.facts);
        break;
    case LETTER_RETURNED:
        set_text(f.facts, "form_title", form_title_of(&f));
        break;
    case LETTER_PINNED_NOTICE:
        if (f.period != NULL)
            question_groups_facts(view, f.period, language, f.facts);
        break;
    case LETTER_QUESTION_PASSED:
    case LETTER_OVERDUE_QUESTIONS:
    case LETTER_INQUIRY:
        questions_set_facts(view, letter, now_s, f.facts);
        break;
    case LETTER_ANNOUNCE:
    case LETTER_DUTY:
    case LETTER_URGENT:
    case LETTER_URGENT_NOTICE:
    case LETTER_ACK:
    case LETTER_CORRECTION:
    case LETTER_DEFECT:
    case LETTER_OPERATOR_ALERT:
    case LETTER_COMMAND_ANSWER:
    case LETTER_KINDS:
        break; /* all of it stands in letter->facts */
    }
    if (letter->facts != NULL)
        json_object_update(f.facts, letter->facts);
    return f.facts;
}
