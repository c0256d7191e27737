#include "gateway/core/intake_letters.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/intake_submission.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"

/* Where the programme sets no life of an answer: two days later the sender has asked again. */
#define ANSWER_LIFE_S (48 * 3600)

/* Why nobody may be answered, or REASON_NONE. */
static ReasonCode silence(const Intake *intake) {
    const MessageFacts *facts = intake->facts;
    gint64 released_s = view_snapshot(intake->view)->released_s;
    const struct {
        bool holds;
        ReasonCode reason;
    } rules[] = {
        {facts->replay, REASON_MUTE_READ_AGAIN},
        {facts->by_hand, REASON_MUTE_BY_HAND},
        {released_s == 0, REASON_MUTE_SILENT},
        {facts->received_s < released_s, REASON_MUTE_BEFORE_RELEASE},
        {facts->from == NULL || *facts->from == '\0', REASON_MUTE_NO_ADDRESS},
        {facts->automatic, REASON_MUTE_AUTOMATIC},
        {facts->junk_folder, REASON_MUTE_JUNK},
        {facts->from_count > 1, REASON_MUTE_SEVERAL_FROM},
        {facts->from != NULL && intake->programme->from_address != NULL &&
             g_ascii_strcasecmp(facts->from, intake->programme->from_address) == 0,
         REASON_MUTE_OWN},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].holds)
            return rules[i].reason;
    return REASON_NONE;
}

bool intake_letters_may_answer(const Intake *intake) {
    return silence(intake) == REASON_NONE;
}

void intake_letters_none(const Intake *intake, ReasonCode reason) {
    if (intake->decision->no_letter == REASON_NONE)
        intake->decision->no_letter = reason;
}

/* True if letters may be made; else says why not. */
static bool may_answer(const Intake *intake) {
    ReasonCode reason = silence(intake);
    if (reason != REASON_NONE)
        intake_letters_none(intake, reason);
    return reason == REASON_NONE;
}

const char *intake_letters_language(const Intake *intake) {
    return intake->manager != NULL && intake->manager->language != NULL ? intake->manager->language
                                                                        : intake->programme->language;
}

/* Takes facts over. */
static Letter *answer_new(const Intake *intake, LetterKind kind, char *key, const char *address,
                          const char *name, json_t *facts, ReasonCode reason) {
    const MessageFacts *message = intake->facts;
    g_autofree char *received =
        calendar_instant_text(intake->programme->zone, message->received_s, intake_letters_language(intake));
    Letter *letter = g_new0(Letter, 1);
    gint64 life_s = intake->programme->letter_ttl_s > 0 ? intake->programme->letter_ttl_s : ANSWER_LIFE_S;
    letter->key = key;
    letter->kind = kind;
    letter->to_address = g_strdup(address);
    letter->to_name = g_strdup(name);
    letter->language = g_strdup(intake_letters_language(intake));
    letter->message_id = message->id;
    letter->not_before_s = intake->now_s; /* who has just written is awake: quiet hours are for others */
    letter->expires_s = intake->now_s + life_s;
    letter->priority = PRIORITY_ACK;
    letter->reason = reason_text(reason, intake->programme->language, NULL);
    json_object_set_new(facts, "received_text", json_string(received));
    json_object_set_new(facts, "sender", json_string(message->from));
    json_object_set_new(facts, "subject", json_string(message->subject != NULL ? message->subject : ""));
    letter->facts = facts;
    return letter;
}

static void put(const Intake *intake, Letter *letter) {
    g_ptr_array_add(intake->decision->letters, letter);
}

/* What an ack says beside the submission itself. */
static json_t *ack_facts(const Intake *intake, const Period *period, const Submission *previous) {
    const IntakeDecision *decision = intake->decision;
    const Submission *submission = decision->submission;
    const char *language = intake_letters_language(intake);
    bool is_english = g_strcmp0(language, "en") == 0;
    json_t *facts = letter_facts_of_submission(intake->programme, submission, previous, language);
    bool is_late = period != NULL && !submission->on_time;
    const char *reason = is_english ? decision->period_reason_en : decision->period_reason_zh;
    g_autofree char *late =
        is_late ? calendar_duration_text(submission->received_s - period->due_s, language) : NULL;
    json_object_set_new(facts, "settles", json_boolean(period != NULL));
    json_object_set_new(facts, "on_time", json_boolean(period != NULL && submission->on_time));
    json_object_set_new(facts, "late", json_boolean(is_late));
    json_object_set_new(facts, "late_text", late != NULL ? json_string(late) : json_false());
    json_object_set_new(facts, "period_reason", reason != NULL ? json_string(reason) : json_false());
    json_object_set_new(facts, "is_revision", json_boolean(decision->is_revision));
    json_object_set_new(facts, "is_identical", json_boolean(decision->is_identical));
    json_object_set_new(facts, "by_hand", json_boolean(submission->by_hand));
    json_object_set_new(facts, "has_unread", json_boolean(json_array_size(decision->unread) > 0));
    json_object_set(facts, "unread", decision->unread != NULL ? decision->unread : json_false());
    return facts;
}

/* What both letters of an ack share. */
static Letter *ack_letter(const Intake *intake, const char *key_tail, const char *address, const char *name,
                          json_t *facts) {
    const IntakeDecision *decision = intake->decision;
    bool is_correction = decision->is_revision && !decision->is_identical;
    if (intake->facts->nth > 0)
        json_object_set_new(facts, "nth", json_integer(intake->facts->nth));
    g_autofree char *nth = intake->facts->nth > 0 ? g_strdup_printf("/%u", intake->facts->nth) : g_strdup("");
    char *key = g_strdup_printf("%s/%" G_GINT64_FORMAT "%s%s", is_correction ? "correction" : "ack",
                                intake->facts->id, nth, key_tail);
    Letter *letter =
        answer_new(intake, is_correction ? LETTER_CORRECTION : LETTER_ACK, key, address, name, facts,
                   is_correction            ? REASON_ACK_CHANGED
                   : decision->is_identical ? REASON_ACK_SAME
                                            : REASON_ACK);
    letter->org_id = decision->who.org_id;
    letter->obligation = g_strdup(decision->obligation);
    letter->period = g_strdup(decision->period);
    return letter;
}

void intake_letters_ack(const Intake *intake, const Period *period, const Submission *previous) {
    const MessageFacts *message = intake->facts;
    if (!may_answer(intake))
        return;
    const Organization *organization = view_organization(intake->view, intake->decision->who.org_id);
    json_t *facts = ack_facts(intake, period, previous);
    json_object_set_new(facts, "is_copy", json_false());
    json_object_set_new(facts, "unknown_sender", json_false());
    put(intake, ack_letter(intake, "", message->from, message->from_name, facts));
    const Contact *contact = organization != NULL ? roster_contact(organization) : NULL;
    if (contact == NULL || g_ascii_strcasecmp(contact->address, message->from) == 0)
        return;
    json_t *copy_facts = json_deep_copy(facts);
    json_object_set_new(copy_facts, "is_copy", json_true());
    Letter *copy = ack_letter(intake, "/contact", contact->address, contact->name, copy_facts);
    copy->not_before_s = quiet_hours_after(intake->programme, intake->now_s);
    put(intake, copy);
}

void intake_letters_command(const Intake *intake, const char *title, json_t *lines, const char *how) {
    json_t *facts = json_pack("{s:s, s:b, s:o}", "title_text", title, "has_lines", json_array_size(lines) > 0,
                              "lines", lines);
    json_object_set_new(facts, "how_text", how != NULL ? json_string(how) : json_false());
    if (!may_answer(intake)) {
        json_decref(facts);
        return;
    }
    const MessageFacts *message = intake->facts;
    Letter *letter =
        answer_new(intake, LETTER_COMMAND_ANSWER, g_strdup_printf("answer/%" G_GINT64_FORMAT, message->id),
                   message->from, message->from_name, facts, REASON_ANSWER);
    letter->org_id = intake->decision->who.org_id;
    put(intake, letter);
}

void intake_letters_unknown(const Intake *intake) {
    const MessageFacts *message = intake->facts;
    GDate day;
    char text[CALENDAR_DAY_BYTES];
    if (!may_answer(intake))
        return;
    g_autofree char *address = roster_normal_address(message->from);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, address, -1);
    calendar_local(intake->programme->zone, intake->now_s, &day, NULL);
    calendar_day_format(&day, text);
    char *key = g_strdup_printf("ack/unknown/%s/%.16s", text, digest);
    if (view_letter_decided(intake->view, key)) {
        intake_letters_none(intake, REASON_MUTE_ONCE_A_DAY);
        g_free(key);
        return;
    }
    /* nothing of the roster, no verdict: only what the message itself says */
    g_autoptr(Submission) submission = intake_submission_new(intake->view, intake->parse, NULL, NULL, 0, NULL,
                                                             message->id, message->received_s);
    json_t *facts =
        letter_facts_of_submission(intake->programme, submission, NULL, intake_letters_language(intake));
    json_object_set_new(facts, "unknown_sender", json_true());
    json_object_set_new(facts, "is_copy", json_false());
    put(intake,
        answer_new(intake, LETTER_ACK, key, message->from, message->from_name, facts, REASON_ACK_UNKNOWN));
}

/* What the message was meant to settle: of the form that it holds, else what the organization sends again and
 * again. The letter then carries the blank form and says until when. */
static void name_owed(const Intake *intake, Letter *letter) {
    const char *form = json_string_value(json_object_get(intake->parse, "form"));
    const Organization *organization = view_organization(intake->view, letter->org_id);
    const Obligation *obligation =
        form != NULL ? programme_obligation_of_form(intake->programme, form) : NULL;
    for (guint i = 0; obligation == NULL && i < intake->programme->obligations->len; i++) {
        const Obligation *other = g_ptr_array_index(intake->programme->obligations, i);
        if (other->schedule.kind != SCHEDULE_ONCE && other->owed_by == OWED_BY_ORGANIZATIONS)
            obligation = other;
    }
    g_auto(Assignment) assignment = {0};
    if (organization == NULL || obligation == NULL ||
        !assign_period(intake->view, obligation, organization->id, NULL, intake->facts->received_s,
                       &assignment) ||
        view_standing(intake->view, obligation, assignment.period, organization) != STANDING_OWED)
        return;
    letter->obligation = g_strdup(obligation->id);
    letter->period = g_strdup(assignment.period->key);
}

void intake_letters_defect(const Intake *intake, const char *code) {
    const char *language = intake_letters_language(intake);
    const MessageFacts *message = intake->facts;
    if (!may_answer(intake))
        return;
    json_t *parts = json_array();
    gsize i;
    json_t *part;
    json_array_foreach(json_object_get(intake->parse, "parts"), i, part)
        json_array_append_new(parts, json_pack("{s:O?, s:O?}", "name", json_object_get(part, "name"),
                                               "verdict", json_object_get(part, "verdict")));
    json_t *facts =
        json_pack("{s:s, s:s, s:s, s:o}", "code", code, "reason_text", intake_review_text(code, language),
                  "remedy_text", intake_defect_remedy(code, language), "parts", parts);
    Letter *letter =
        answer_new(intake, LETTER_DEFECT, g_strdup_printf("defect/%" G_GINT64_FORMAT, message->id),
                   message->from, message->from_name, facts, REASON_DEFECT);
    letter->org_id = intake->decision->who.org_id;
    name_owed(intake, letter);
    put(intake, letter);
}
