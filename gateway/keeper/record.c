#include "gateway/keeper/record.h"

#include <unistd.h>

#include "gateway/io/log.h"
#include "gateway/keeper/alarm.h"
#include "gateway/keeper/answered.h"
#include "gateway/keeper/approving.h"
#include "gateway/keeper/asking.h"
#include "gateway/keeper/bouncing.h"
#include "gateway/keeper/judging.h"
#include "gateway/keeper/ordering.h"
#include "gateway/keeper/reviewing.h"
#include "gateway/keeper/settle.h"
#include "gateway/keeper/several.h"
#include "gateway/keeper/teaching.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"
#include "gateway/store/review.h"

ReadJob *read_job_new(gint64 message_id) {
    ReadJob *job = g_new0(ReadJob, 1);
    job->message_id = message_id;
    job->memfd = -1;
    return job;
}

void read_job_free(ReadJob *job) {
    if (!job)
        return;
    if (job->memfd >= 0)
        close(job->memfd);
    json_decref(job->lines);
    g_clear_pointer(&job->answer, g_bytes_unref);
    g_free(job->texts);
    g_free(job->sha256);
    g_free(job->location);
    g_free(job->note);
    g_free(job->confirmed_period);
    g_free(job->failure);
    g_free(job->detail);
    g_free(job);
}

void read_job_set_answer(ReadJob *job, json_t *result, GBytes *text) {
    JsonText lines, line;
    gsize length, n = 0;
    job->lines = json_incref(json_object_get(result, "lines"));
    const char *start = text ? g_bytes_get_data(text, &length) : NULL;
    if (!start || !json_text_member((JsonText){start, length}, "lines", &lines))
        return;
    g_autofree JsonText *texts = g_new0(JsonText, json_array_size(job->lines));
    while (n < json_array_size(job->lines) && json_text_next(&lines, &line))
        texts[n++] = line;
    if (n < json_array_size(job->lines))
        return;
    job->texts = g_steal_pointer(&texts);
    job->answer = g_bytes_ref(text);
}

JsonText read_job_text(const ReadJob *job, const json_t *line) {
    size_t i;
    json_t *one;
    json_array_foreach(job->lines, i, one) {
        if (one == line && job->texts)
            return job->texts[i];
    }
    return (JsonText){NULL, 0};
}

const char *read_job_converter(const ReadJob *job) {
    size_t i;
    json_t *line;
    json_array_foreach(job->lines, i, line) {
        const char *name = json_string_value(json_object_get(line, "converter"));
        if (name)
            return name;
    }
    return NULL;
}

static MessageEvent event_of(MessageState state) {
    return state == MESSAGE_RECORDED  ? MESSAGE_EVENT_RECORD
           : state == MESSAGE_IGNORED ? MESSAGE_EVENT_IGNORE
                                      : MESSAGE_EVENT_REVIEW;
}

MessageState record_worst_state(MessageState a, MessageState b) {
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
    const MessageEvent events[] = {MESSAGE_EVENT_READ, event_of(state)};
    return store_message_apply_all(keeper->store, message_id, events, G_N_ELEMENTS(events), now_s, error) &&
           store_journal_append(keeper->store, &event, now_s, error);
}

static void count_state(KeeperCounts *counts, MessageState state) {
    counts->recorded += state == MESSAGE_RECORDED;
    counts->review += state == MESSAGE_REVIEW;
    counts->ignored += state == MESSAGE_IGNORED;
}

/* The liaison's answer to a review notice is carried out; anything else is decided by what it holds. */
static IntakeDecision *record_line(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    g_auto(Answered) answers = {0};
    if (!answered_find(keeper, line, &answers, error))
        return NULL;
    const OutboxEntry *answered = answers.entry;
    const UrgentMatter *matter = alarm_settled_by(keeper, job, line, answered);
    if (matter)
        return alarm_settle(keeper, job, line, matter, error);
    if (answered && judging_is_answer(job, line, answered))
        return judging_answer(keeper, job, line, answered, error);
    if (answered && approving_is_answer(job, line, answered))
        return approving_answer(keeper, job, line, answered, error);
    if (!answered && judging_is_unaddressed(keeper, job, line))
        return judging_ask_back(keeper, job, line, error);
    if (ordering_is_order(keeper, job, line, answered))
        return ordering_answer(keeper, job, line, answered, error);
    if (answered && asking_is_answer(job, line, answered))
        return asking_answer(keeper, job, line, answered, error);
    return answered && reviewing_is_answer(keeper, job, line, answered)
               ? reviewing_answer(keeper, job, line, answered, error)
               : settle_line(keeper, job, line, error);
}

static bool record_read(Keeper *keeper, const ReadJob *job, GError **error) {
    MessageState state = MESSAGE_IGNORED;
    if (!store_reading_save(keeper->store, job->message_id, job->lines, job->texts, RECORD_READER_VERSION,
                            read_job_converter(job), keeper_now_s(keeper), error))
        return false;
    size_t i;
    json_t *line;
    if (!bouncing_note(keeper, job, json_array_get(job->lines, 0), error))
        return false;
    json_array_foreach(job->lines, i, line) {
        if (!teaching_note(keeper, line, error))
            return false;
        g_autoptr(IntakeDecision) decision = record_line(keeper, job, line, error);
        if (!decision)
            return false;
        state = i ? record_worst_state(state, decision->state) : decision->state;
        if (decision->state != MESSAGE_IGNORED && !several_settle(keeper, job, line, &state, error))
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
