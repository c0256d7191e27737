#include "gateway/keeper/settle.h"

#include <string.h>

#include "gateway/core/content_digest.h"
#include "gateway/core/error.h"
#include "gateway/core/intake.h"
#include "gateway/io/log.h"
#include "gateway/keeper/alarm.h"
#include "gateway/keeper/answered.h"
#include "gateway/keeper/asking.h"
#include "gateway/store/bounces.h"
#include "gateway/store/ledger.h"
#include "gateway/store/outbox.h"
#include "gateway/store/review.h"
#include "gateway/store/roster.h"
#include "gateway/store/submissions.h"

/* ---- what the decision is given
 * ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *line, const char *key) {
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

MessageFacts settle_facts(const ReadJob *job, const json_t *line) {
    const char *kind = text_of(line, "kind");
    const json_t *automatic = json_object_get(line, "automatic");
    return (MessageFacts){
        .id = job->message_id,
        .received_s = job->received_s,
        .seen_s = job->seen_s,
        .from = text_of(line, "from"),
        .from_name = text_of(line, "from_name"),
        .from_count = (guint)json_integer_value(json_object_get(line, "from_count")),
        .message_id = text_of(line, "message_id"),
        .subject = text_of(line, "subject"),
        .in_reply_to = text_of(line, "in_reply_to"),
        .automatic = strcmp(kind, "bounce") == 0 || strcmp(kind, "autoreply") == 0 ||
                     strcmp(kind, "own") == 0 ||
                     (json_is_string(automatic) && strcmp(json_string_value(automatic), "no") != 0),
        .junk_folder = job->is_junk_folder,
        .by_hand = job->by_hand_org_id != 0,
        .confirmed_org_id = job->by_hand_org_id ? job->by_hand_org_id : job->confirmed_org_id,
        .confirmed_period = job->confirmed_period,
        .nth = (guint)json_integer_value(json_object_get(line, "nth")),
        .replay = job->is_replay,
    };
}

static void take_content_back(Submission *submission) {
    if (!submission)
        return;
    g_clear_pointer(&submission->fields, json_decref);
    g_clear_pointer(&submission->tables, json_decref);
    g_clear_pointer(&submission->problems, json_decref);
}

#define LENT_ROUNDS_MAX                                                                                      \
    3 /* the period as stated, the one that it turns out to be, and what that is compared with */

/* The view holds no contents, so that memory does not grow with the history: those that this decision asked
 * for are loaded for its time. */
static bool lend_contents(Keeper *keeper, const IntakeDecision *decision, GError **error) {
    Submission *content = (Submission *)decision->needs_content,
               *numbers = (Submission *)decision->needs_numbers;
    if (content) {
        g_autoptr(Submission) stored = store_submission_get(keeper->store, content->id, error);
        if (!stored) {
            if (error && !*error)
                g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED,
                            "submission %" G_GINT64_FORMAT " is known and not stored", content->id);
            return false;
        }
        content->fields = json_incref(stored->fields);
        content->tables = json_incref(stored->tables);
        content->problems = json_incref(stored->problems);
    }
    return !numbers ||
           (numbers->fields = store_submission_numbers(keeper->store, numbers->id, error)) != NULL;
}

/* ---- what the decision changes
 * ------------------------------------------------------------------------------------ */

static bool apply_roster_update(Keeper *keeper, const RosterUpdate *update, gint64 message_id,
                                gint64 *ret_org_id, GError **error) {
    gint64 org_id = update->org_id, now_s = keeper_now_s(keeper);
    const Organization *known = org_id ? view_organization(keeper->view, org_id) : NULL;
    const char *name = known ? known->name : update->name;
    g_autofree char *normal = roster_normal_name(name ? name : "");
    StoreOrganization organization = {
        .name = name, .normal = normal, .section = update->section, .team = update->team};
    if (name && !store_org_upsert(keeper->store, &organization, now_s, &org_id, NULL, error))
        return false;
    for (guint i = 0; update->contacts && i < update->contacts->len; i++)
        if (!store_contact_set(keeper->store, org_id, update->contacts->pdata[i], now_s, message_id, NULL,
                               error))
            return false;
    *ret_org_id = org_id;
    keeper->roster_changed = true;
    return true;
}

/* Content that is the line's own can be stored as the reader wrote it. */
static void set_texts(const ReadJob *job, const json_t *line, StoreRevision *revision) {
    static const char *const MEMBERS[] = {"fields", "tables", "problems"};
    const json_t *content[] = {revision->fields, revision->tables, revision->problems};
    JsonText *texts[] = {&revision->fields_text, &revision->tables_text, &revision->problems_text};
    JsonText found[G_N_ELEMENTS(MEMBERS)];
    json_text_members(read_job_text(job, line), MEMBERS, G_N_ELEMENTS(MEMBERS), found);
    for (gsize i = 0; i < G_N_ELEMENTS(MEMBERS); i++)
        if (content[i] && content[i] == json_object_get(line, MEMBERS[i]))
            *texts[i] = found[i];
}

static RevisionOrigin origin_of(const ReadJob *job, ContentOrigin origin) {
    return origin == CONTENT_CORRECTION   ? REVISION_CORRECTION
           : origin == CONTENT_WITHDRAWAL ? REVISION_WITHDRAWAL
           : job->is_replay               ? REVISION_REPLAY
           : job->by_hand_org_id          ? REVISION_HAND
                                          : REVISION_MAIL;
}

static bool apply_submission(Keeper *keeper, const ReadJob *job, const json_t *line,
                             const IntakeDecision *decision, GError **error) {
    Submission *submission = decision->submission;
    char digest[CONTENT_DIGEST_HEX_BYTES];
    content_digest_set(submission);
    content_digest_format(submission, digest);
    StoreRevision revision = {
        .submission_id = submission->id,
        .org_id = submission->org_id,
        .form = submission->form,
        .obligation = submission->obligation,
        .period = submission->period,
        .message_id = job->message_id,
        .origin = origin_of(job, decision->origin),
        .received_s = job->received_s,
        .on_time = submission->on_time,
        .digest = digest,
        .fields = submission->fields,
        .tables = submission->tables,
        .problems = submission->problems,
        .reader = RECORD_READER_VERSION,
        .converter = read_job_converter(job),
        .note = job->note,
    };
    set_texts(job, line, &revision);
    guint number = 0;
    RecordedAs as;
    if (!store_record(keeper->store, &revision, keeper_now_s(keeper), &submission->id, &number, &as, error))
        return false;
    submission->revision = number;
    if (decision->origin == CONTENT_WITHDRAWAL) /* the view does not follow what is taken away */
        keeper->roster_changed = true;
    return true;
}

static bool apply_letters(Keeper *keeper, const IntakeDecision *decision, GError **error) {
    for (guint i = 0; i < decision->letters->len; i++)
        if (!store_outbox_put(keeper->store, decision->letters->pdata[i], keeper_now_s(keeper), NULL, NULL,
                              error))
            return false;
    return true;
}

static bool apply_decision(Keeper *keeper, const ReadJob *job, const json_t *line, IntakeDecision *decision,
                           GError **error) {
    gint64 org_id = decision->who.org_id, now_s = keeper_now_s(keeper);
    for (guint i = 0; decision->roster_updates && i < decision->roster_updates->len; i++)
        if (!apply_roster_update(keeper, decision->roster_updates->pdata[i], job->message_id, &org_id, error))
            return false;
    if (decision->submission) {
        if (!decision->submission->org_id)
            decision->submission->org_id = org_id;
        if (!apply_submission(keeper, job, line, decision, error) ||
            (decision->origin != CONTENT_WITHDRAWAL &&
             !asking_take_submission(keeper, job, decision->submission, error)))
            return false;
    }
    if (decision->identical_id &&
        !store_submission_resent(keeper->store, decision->identical_id, job->message_id, error))
        return false;
    if (decision->review_code && !store_review_open(keeper->store, job->message_id, decision->review_code,
                                                    decision->review_text, now_s, NULL, NULL, error))
        return false;
    /* of several forms the first says whose the message is */
    if (org_id && !json_object_get(line, "nth") &&
        !store_message_set_org(keeper->store, job->message_id, org_id, error))
        return false;
    return apply_letters(keeper, decision, error);
}

static void log_decision(const ReadJob *job, const IntakeDecision *decision) {
    static const char *const EVENTS[] = {[MESSAGE_RECORDED] = "intake.recorded",
                                         [MESSAGE_REVIEW] = "intake.review",
                                         [MESSAGE_IGNORED] = "intake.ignored"};
    log_event(LOG_INFO, EVENTS[decision->state], LOG_ID_NUMBER("m", job->message_id),
              LOG_NUMBER("org", decision->who.org_id), LOG_TEXT("obligation", decision->obligation),
              LOG_TEXT("period", decision->period), LOG_TEXT("code", decision->review_code),
              LOG_NUMBER("letters", decision->letters->len));
}

/* ---- one line
 * ----------------------------------------------------------------------------------------------------- */

/* Decides on one line of the reader's answer. */
static IntakeDecision *decide(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    g_auto(Answered) answers = {0};
    if (!answered_find(keeper, line, &answers, error) ||
        (strcmp(text_of(line, "kind"), "bounce") == 0 &&
         !store_bounce_was_news(keeper->store, job->message_id, &facts.bounce_news, error)))
        return NULL;
    AnsweredLetter answered = {answers.entry ? answers.entry->letter : NULL, answers.submission};
    facts.answered = answers.entry ? &answered : NULL;
    facts.reports = answers.reports;
    facts.forms = keeper->forms;
    facts.lends_contents = true;
    /* with contents to compare a decision may turn to another period, which needs others */
    g_autoptr(GPtrArray) lent = g_ptr_array_new_with_free_func((GDestroyNotify)take_content_back);
    for (guint round = 1;; round++) {
        facts.lends_contents = round <= LENT_ROUNDS_MAX;
        g_autoptr(IntakeDecision) decision = intake_decide(keeper->view, &facts, line, keeper_now_s(keeper));
        if (!decision->needs_content && !decision->needs_numbers)
            return g_steal_pointer(&decision);
        g_ptr_array_add(lent, (Submission *)decision->needs_content);
        g_ptr_array_add(lent, (Submission *)decision->needs_numbers);
        if (!lend_contents(keeper, decision, error))
            return NULL;
    }
}

bool settle_decision(Keeper *keeper, const ReadJob *job, const json_t *line, IntakeDecision *decision,
                     GError **error) {
    if (!apply_decision(keeper, job, line, decision, error))
        return false;
    Submission *submission = decision->submission;
    take_content_back(submission); /* the view holds none */
    intake_apply(keeper->view, decision, submission ? submission->org_id : decision->who.org_id);
    log_decision(job, decision);
    return !keeper->roster_changed || keeper_refresh(keeper, error);
}

IntakeDecision *settle_line(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    g_autoptr(IntakeDecision) decision = decide(keeper, job, line, error);
    if (!decision || !alarm_raise(keeper, job, decision, line, error) ||
        (decision->is_question && !asking_take_mail(keeper, job, line, decision->who.org_id, error)) ||
        !settle_decision(keeper, job, line, decision, error))
        return NULL;
    return g_steal_pointer(&decision);
}
