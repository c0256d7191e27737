#include "gateway/keeper/record.h"

#include <string.h>

#include "gateway/core/intake.h"
#include "gateway/io/log.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"
#include "gateway/store/outbox.h"
#include "gateway/store/review.h"
#include "gateway/store/roster.h"
#include "gateway/store/submissions.h"

#define READER_VERSION "1" /* changes when the parsers' answers do: replay looks at it */

ReadJob *read_job_new(gint64 message_id) {
    ReadJob *job = g_new0(ReadJob, 1);
    job->message_id = message_id;
    return job;
}

void read_job_free(ReadJob *job) {
    if (!job)
        return;
    json_decref(job->lines);
    g_free(job->sha256);
    g_free(job->location);
    g_free(job->note);
    g_free(job->failure);
    g_free(job->detail);
    g_free(job);
}

/* ---- what the decision is given
 * ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *line, const char *key) {
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

static MessageFacts facts_of(const ReadJob *job, const json_t *line) {
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
        .confirmed_org_id = job->by_hand_org_id,
    };
}

static void take_content_back(Submission *submission) {
    if (!submission)
        return;
    g_clear_pointer(&submission->fields, json_decref);
    g_clear_pointer(&submission->tables, json_decref);
    g_clear_pointer(&submission->problems, json_decref);
}

/* The view holds no contents, so that memory does not grow with the history: those that this decision
 * compares with are loaded for its time. Returns the submissions whose content was borrowed; NULL on error.
 */
static GPtrArray *lend_contents(Keeper *keeper, const IntakeDecision *decision, GError **error) {
    g_autoptr(GPtrArray) lent = g_ptr_array_new_with_free_func((GDestroyNotify)take_content_back);
    g_autoptr(GPtrArray) compared = intake_compared(keeper->view, decision);
    for (guint i = 0; i < compared->len; i++) {
        Submission *known = compared->pdata[i];
        if (known->fields)
            continue;
        g_autoptr(Submission) stored =
            store_submission_find(keeper->store, known->org_id, known->obligation, known->period, error);
        if (!stored)
            return NULL;
        known->fields = json_incref(stored->fields);
        known->tables = json_incref(stored->tables);
        known->problems = json_incref(stored->problems);
        g_ptr_array_add(lent, known);
    }
    return g_steal_pointer(&lent);
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

/* Equal content, whatever its order or source, has an equal digest. */
static char *content_digest(const Submission *submission) {
    json_t *values = json_object();
    const char *key;
    json_t *field;
    json_object_foreach((json_t *)submission->fields, key, field) {
        json_object_set(values, key, json_object_get(field, "value"));
    }
    json_t *content = json_pack("{s:o, s:O?}", "fields", values, "tables", submission->tables);
    g_autofree char *text = json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(content);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text ? text : "", -1);
}

static bool apply_submission(Keeper *keeper, const ReadJob *job, Submission *submission, GError **error) {
    g_autofree char *digest = content_digest(submission);
    StoreRevision revision = {
        .org_id = submission->org_id,
        .form = submission->form,
        .obligation = submission->obligation,
        .period = submission->period,
        .message_id = job->message_id,
        .origin = job->by_hand_org_id ? REVISION_HAND : REVISION_MAIL,
        .received_s = job->received_s,
        .on_time = submission->on_time,
        .digest = digest,
        .fields = submission->fields,
        .tables = submission->tables,
        .problems = submission->problems,
        .reader = READER_VERSION,
        .note = job->note,
    };
    guint number = 0;
    RecordedAs as;
    if (!store_record(keeper->store, &revision, keeper_now_s(keeper), &submission->id, &number, &as, error))
        return false;
    submission->revision = number;
    return true;
}

static bool apply_letters(Keeper *keeper, const IntakeDecision *decision, GError **error) {
    for (guint i = 0; i < decision->letters->len; i++)
        if (!store_outbox_put(keeper->store, decision->letters->pdata[i], keeper_now_s(keeper), NULL, NULL,
                              error))
            return false;
    return true;
}

static MessageEvent event_of(MessageState state) {
    return state == MESSAGE_RECORDED  ? MESSAGE_EVENT_RECORD
           : state == MESSAGE_IGNORED ? MESSAGE_EVENT_IGNORE
                                      : MESSAGE_EVENT_REVIEW;
}

static bool apply_decision(Keeper *keeper, const ReadJob *job, IntakeDecision *decision, GError **error) {
    gint64 org_id = decision->who.org_id, now_s = keeper_now_s(keeper);
    for (guint i = 0; decision->roster_updates && i < decision->roster_updates->len; i++)
        if (!apply_roster_update(keeper, decision->roster_updates->pdata[i], job->message_id, &org_id, error))
            return false;
    if (decision->submission) {
        if (!decision->submission->org_id)
            decision->submission->org_id = org_id;
        if (!apply_submission(keeper, job, decision->submission, error))
            return false;
    }
    if (decision->review_code && !store_review_open(keeper->store, job->message_id, decision->review_code,
                                                    decision->review_text, now_s, NULL, NULL, error))
        return false;
    if (org_id && !store_message_set_org(keeper->store, job->message_id, org_id, error))
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

/* ---- one message
 * -------------------------------------------------------------------------------------------------- */

/* Decides on one line of the reader's answer. */
static IntakeDecision *decide(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    MessageFacts facts = facts_of(job, line);
    g_autoptr(IntakeDecision) decision = intake_decide(keeper->view, &facts, line, keeper_now_s(keeper));
    g_autoptr(GPtrArray) lent = lend_contents(keeper, decision, error);
    if (!lent)
        return NULL;
    if (lent->len == 0)
        return g_steal_pointer(&decision);
    return intake_decide(keeper->view, &facts, line, keeper_now_s(keeper));
}

/* A message with several lines (an mbox as a message) ends in the most urgent of their states. */
static MessageState worst_state(MessageState a, MessageState b) {
    if (a == MESSAGE_REVIEW || b == MESSAGE_REVIEW)
        return MESSAGE_REVIEW;
    return a == MESSAGE_RECORDED || b == MESSAGE_RECORDED ? MESSAGE_RECORDED : MESSAGE_IGNORED;
}

static bool finish_message(Keeper *keeper, gint64 message_id, MessageState state, GError **error) {
    JournalEvent event = {.event = state == MESSAGE_RECORDED ? "intake.recorded"
                                   : state == MESSAGE_REVIEW ? "intake.review"
                                                             : "intake.ignored",
                          .message_id = message_id};
    gint64 now_s = keeper_now_s(keeper);
    return store_message_apply(keeper->store, message_id, MESSAGE_EVENT_READ, now_s, error) &&
           store_message_apply(keeper->store, message_id, event_of(state), now_s, error) &&
           store_journal_append(keeper->store, &event, now_s, error);
}

static void count_state(KeeperCounts *counts, MessageState state) {
    counts->recorded += state == MESSAGE_RECORDED;
    counts->review += state == MESSAGE_REVIEW;
    counts->ignored += state == MESSAGE_IGNORED;
}

static bool record_read(Keeper *keeper, const ReadJob *job, GError **error) {
    MessageState state = MESSAGE_IGNORED;
    if (!store_reading_save(keeper->store, job->message_id, job->lines, READER_VERSION, NULL,
                            keeper_now_s(keeper), error))
        return false;
    size_t i;
    json_t *line;
    json_array_foreach(job->lines, i, line) {
        g_autoptr(IntakeDecision) decision = decide(keeper, job, line, error);
        if (!decision || !apply_decision(keeper, job, decision, error))
            return false;
        intake_apply(keeper->view, decision,
                     decision->submission ? decision->submission->org_id : decision->who.org_id);
        if (decision->submission && decision->submission->obligation)
            take_content_back((Submission *)view_submission(keeper->view, decision->submission->obligation,
                                                            decision->submission->period,
                                                            decision->submission->org_id));
        state = i ? worst_state(state, decision->state) : decision->state;
        log_decision(job, decision);
        if (keeper->roster_changed && !keeper_refresh(keeper, error))
            return false;
    }
    count_state(&keeper->counts, state);
    return finish_message(keeper, job->message_id, state, error);
}

/* A reader that crashed, looped or lied costs one message: it is tried again, then a person looks at it. */
static bool record_failure(Keeper *keeper, const ReadJob *job, GArray *ret_again, GError **error) {
    guint attempts;
    if (!store_message_attempted(keeper->store, job->message_id, &attempts, error))
        return false;
    log_event(LOG_WARNING, "reader.failed", LOG_ID_NUMBER("m", job->message_id),
              LOG_TEXT("failure", job->failure), LOG_NUMBER("attempt", attempts));
    if (attempts < STORE_READ_ATTEMPTS_MAX && !job->is_final) {
        g_array_append_val(ret_again, job->message_id);
        return true;
    }
    keeper->counts.review++;
    g_autofree char *text = g_strdup_printf(
        "%s (%s)", intake_review_text("reader_failed", keeper->config->programme->language), job->failure);
    return store_review_open(keeper->store, job->message_id, "reader_failed", text, keeper_now_s(keeper),
                             NULL, NULL, error) &&
           finish_message(keeper, job->message_id, MESSAGE_REVIEW, error);
}

static bool record_all(Keeper *keeper, const GPtrArray *jobs, GArray *ret_again, GError **error) {
    for (guint i = 0; i < jobs->len; i++) {
        const ReadJob *job = jobs->pdata[i];
        if (!(job->lines ? record_read(keeper, job, error) : record_failure(keeper, job, ret_again, error))) {
            g_prefix_error(error, "message %" G_GINT64_FORMAT ": ", job->message_id);
            return false;
        }
    }
    return true;
}

bool record_batch(Keeper *keeper, const GPtrArray *jobs, GArray *ret_again, GError **error) {
    KeeperCounts before = keeper->counts;
    if (store_begin(keeper->store, error) && record_all(keeper, jobs, ret_again, error) &&
        store_commit(keeper->store, error))
        return true;
    store_rollback(keeper->store);
    keeper->counts = before;
    return false;
}
