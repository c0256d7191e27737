#include "gateway/keeper/post.h"

#include <string.h>
#include <unistd.h>

#include "gateway/core/calendar.h"
#include "gateway/core/error.h"
#include "gateway/core/plan.h"
#include "gateway/core/questions.h"
#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/smtp_reply.h"
#include "gateway/keeper/asking.h"
#include "gateway/keeper/drift.h"
#include "gateway/keeper/envelope.h"
#include "gateway/keeper/teaching.h"
#include "gateway/store/journal.h"
#include "gateway/store/labels.h"
#include "gateway/store/outbox.h"

#define SEND_TIMEOUT_MS 10000
#define LOOK_MS         50  /* the outbox is asked at most this often while nothing happens */
#define LIMIT_LOOK_S    600 /* a letter beyond an address's answers an hour is looked at again after this */
#define HOLD_LOOK_S                                                                                          \
    600 /* a letter that mail of its organization holds back is looked at again after this                   \
         */
#define QUARTER_S       900       /* providers count in windows of 15 minutes (facts/email.md 2.2) */
#define URGENT_SHARE    5         /* one in five letters of a day is kept for what is urgent */
#define BREAKER_S       (30 * 60) /* after "account or configuration refused" nothing is tried for this long */
#define UNREACHABLE_MAX 3 /* letters in a row that found no working server: the others would not either */
#define UNREACHABLE_S   (5 * 60) /* … and are not tried for this long */
#define RETRY_MAX_S     (4 * 3600)
#define PASS_WAIT_MAX_S 60 /* a pass waits for the pace this long, then leaves the rest to the next pass */

struct Post {
    Keeper *keeper;
    EnvelopeMaker *maker;
    int socket_fd;
    gint64 sending_id; /* letter with the sender, 0: none */
    gint64 look_ms;    /* monotonic: not before */
    gint64 last_sent_s;
    gint64 breaker_until_s;
    bool has_due;
    bool is_given_up;  /* no sender will come */
    guint unreachable; /* letters in a row that ended as SMTP_TEMPORARY */
    GError *failure;   /* why the last letter could not leave, where it is not about that letter */
};

Post *post_new(Keeper *keeper, GError **error) {
    EnvelopeMaker *maker = envelope_maker_new(keeper, error);
    if (!maker)
        return NULL;
    Post *post = g_new0(Post, 1);
    post->keeper = keeper;
    post->maker = maker;
    post->socket_fd = -1;
    return post;
}

void post_free(Post *post) {
    if (!post)
        return;
    if (post->socket_fd >= 0)
        close(post->socket_fd);
    envelope_maker_free(post->maker);
    g_clear_error(&post->failure);
    g_free(post);
}

int post_socket(const Post *post) {
    return post->socket_fd;
}

const GError *post_failure(const Post *post) {
    return post->failure;
}

bool post_is_busy(const Post *post) {
    return post->sending_id != 0;
}

bool post_has_due(const Post *post) {
    return post->has_due && !post->is_given_up;
}

int post_timeout_ms(const Post *post) {
    return post->has_due ? MAX(clock_left_ms(post->look_ms), 10) : -1;
}

/* One small transaction around a change of the outbox. */
typedef bool (*Change)(Post *post, gpointer data, GError **error);

static bool in_transaction(Post *post, Change change, gpointer data, GError **error) {
    Store *store = post->keeper->store;
    if (store_begin(store, error) && change(post, data, error) && store_commit(store, error))
        return true;
    store_rollback(store);
    return false;
}

/* ---- deciding
 * ---------------------------------------------------------------------------------------------------- */

static bool put_letters(Post *post, gpointer data, GError **error) {
    const GPtrArray *letters = data;
    gint64 now_s = keeper_now_s(post->keeper);
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = letters->pdata[i];
        gint64 id;
        bool is_new;
        if (!store_outbox_put(post->keeper->store, letter, now_s, &id, &is_new, error))
            return false;
        JournalEvent event = {
            .event = "letter.decided", .letter_id = id, .org_id = letter->org_id, .detail = letter->key};
        if (is_new && letter->kind == LETTER_REVIEW_NOTICE &&
            !store_labels_told(post->keeper->store, now_s, error))
            return false;
        if (is_new && (!store_journal_append(post->keeper->store, &event, now_s, error) ||
                       !asking_letter_decided(post->keeper, letter, id, error)))
            return false;
    }
    return true;
}

static bool tell_no_labels(Post *post, gpointer data G_GNUC_UNUSED, GError **error) {
    return store_labels_told(post->keeper->store, keeper_now_s(post->keeper), error);
}

/* Puts labels into review notices. One that would tell of labels only, all of which are known by now, is left
 * out. */
static bool complete_notices(Post *post, GPtrArray *letters, GError **error) {
    for (guint i = 0; i < letters->len; i++) {
        Letter *letter = letters->pdata[i];
        if (letter->kind != LETTER_REVIEW_NOTICE)
            continue;
        if (!teaching_enclose(post->keeper, letter, error))
            return false;
        if (!plan_tells_labels_only(letter) || json_object_get(letter->facts, "labels"))
            continue;
        if (!in_transaction(post, tell_no_labels, NULL, error))
            return false;
        g_ptr_array_remove_index(letters, i--);
    }
    return true;
}

bool post_plan(Post *post, gint64 *ret_next_s, GError **error) {
    Keeper *keeper = post->keeper;
    /* reviews and pending mail are what the view does not follow by itself */
    if (!keeper_refresh(keeper, error))
        return false;
    gint64 now_s = keeper_now_s(keeper);
    if (!drift_look(keeper, error))
        return false;
    g_autoptr(GPtrArray) letters = plan(keeper->view, now_s);
    if (!complete_notices(post, letters, error))
        return false;
    if (letters->len && !in_transaction(post, put_letters, letters, error))
        return false;
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = letters->pdata[i];
        view_decide_letter(keeper->view, letter->key, letter->held ? OUTBOX_HELD : OUTBOX_QUEUED);
        questions_follow(keeper->view, letter, now_s);
    }
    log_event(LOG_INFO, "plan.decided", LOG_NUMBER("letters", letters->len));
    *ret_next_s = plan_next_instant(keeper->view, now_s);
    post->look_ms = 0;
    return true;
}

/* ---- pace and quota (facts/email.md 2.2)
 * ------------------------------------------------------------------------- */

static gint64 day_start_s(const Post *post, gint64 now_s) {
    GDate today;
    GTimeZone *zone = post->keeper->config->programme->zone;
    calendar_local(zone, now_s, &today, NULL);
    return calendar_instant(zone, &today, 0);
}

/* The largest priority number that may leave now; -1: none. ret_wait_s: when the pace alone holds a letter
 * back, for how long. */
static bool allowed_priority(Post *post, int *ret_priority, gint64 *ret_wait_s, GError **error) {
    const Config *config = post->keeper->config;
    gint64 now_s = keeper_now_s(post->keeper);
    guint quarter = 0, today = 0;
    *ret_priority = G_MAXINT;
    *ret_wait_s = MAX(0, post->last_sent_s + (gint64)config->pace_interval_s - now_s);
    if (now_s < post->breaker_until_s) {
        *ret_priority = -1;
        return true;
    }
    if (config->pace_quarter &&
        !store_outbox_count(post->keeper->store, NULL, now_s - QUARTER_S, now_s + 1, &quarter, error))
        return false;
    if (config->pace_day &&
        !store_outbox_count(post->keeper->store, NULL, day_start_s(post, now_s), now_s + 1, &today, error))
        return false;
    if ((config->pace_quarter && quarter >= config->pace_quarter) ||
        (config->pace_day && today >= config->pace_day))
        *ret_priority = PRIORITY_URGENT;
    else if (config->pace_day && today >= config->pace_day - config->pace_day / URGENT_SHARE)
        *ret_priority = PRIORITY_QUESTION;
    if (config->pace_day && today >= config->pace_day)
        *ret_priority = -1;
    return true;
}

/* ---- sending
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
    OutboxEntry *entry;
    OutboxEvent event;
    const char *reason;
    Envelope *envelope;
    gint64 retry_s;
} Move;

static bool apply_event(Post *post, gpointer data, GError **error) {
    const Move *move = data;
    return store_outbox_apply(post->keeper->store, move->entry->id, move->event, move->reason,
                              keeper_now_s(post->keeper), error);
}

static bool postpone(Post *post, gpointer data, GError **error) {
    const Move *move = data;
    return store_outbox_postpone(post->keeper->store, move->entry->id, move->retry_s, error);
}

static bool start_letter(Post *post, gpointer data, GError **error) {
    const Move *move = data;
    return store_outbox_start(post->keeper->store, move->entry->id, move->envelope->message_id,
                              move->envelope->bytes, keeper_now_s(post->keeper), error) &&
           envelope_publish(post->maker, move->entry, error);
}

/* A letter whose reason is gone, or that would be one too many for its address, does not leave, or not yet
 * (retry_s). ret_move: what happens to it. */
static bool is_still_wanted(Post *post, OutboxEntry *entry, Move *ret_move, char **ret_reason,
                            GError **error) {
    Keeper *keeper = post->keeper;
    gint64 now_s = keeper_now_s(keeper);
    *ret_move = (Move){.entry = entry, .event = OUTBOX_EVENT_CANCEL};
    if (!letter_still_due(keeper->view, entry->letter, now_s, ret_reason))
        return false;
    guint today = 0, hour = 0;
    const char *address = entry->letter->to_address;
    if (!store_outbox_count(keeper->store, address, day_start_s(post, now_s), now_s + 1, &today, error) ||
        !store_outbox_count(keeper->store, address, now_s - 3600, now_s + 1, &hour, error))
        return false;
    LetterLimit limit = letter_limit(keeper->config->programme, entry->letter, today, hour);
    if (limit == LETTER_MAY_LEAVE)
        return true;
    if (limit == LETTER_WAITS) {
        ret_move->retry_s = now_s + LIMIT_LOOK_S;
        return false;
    }
    ret_move->event = OUTBOX_EVENT_DROP;
    *ret_reason =
        g_strdup_printf("limit of letters to one address reached: %u today, %u within an hour", today, hour);
    return false;
}

static bool hand_over(Post *post, OutboxEntry *entry, Envelope *envelope, GError **error) {
    Move move = {.entry = entry, .envelope = envelope};
    if (!in_transaction(post, start_letter, &move, error))
        return false;
    int memfd = ipc_memfd("letter", g_bytes_get_data(envelope->bytes, NULL),
                          g_bytes_get_size(envelope->bytes), error);
    if (memfd < 0)
        return false;
    json_t *payload =
        json_pack("{s:I, s:s, s:s}", "id", (json_int_t)entry->id, "from",
                  post->keeper->config->programme->from_address, "to", entry->letter->to_address);
    g_autoptr(GError) failure = NULL;
    post->sending_id = entry->id;
    post->last_sent_s = keeper_now_s(post->keeper);
    if (!ipc_send(post->socket_fd, IPC_SEND, payload, memfd, SEND_TIMEOUT_MS, &failure)) {
        log_error(LOG_WARNING, "sender.gone", failure);
        post_set_socket(post, -1);
    }
    json_decref(payload);
    close(memfd);
    return true;
}

/* A letter that cannot be made (a broken template) waits for a person, and does not hold up the others. */
static bool refuse_unmade(Post *post, OutboxEntry *entry, const GError *failure, GError **error) {
    log_error(LOG_ERROR, "letter.unmade", failure);
    Move move = {.entry = entry, .event = OUTBOX_EVENT_HOLD, .reason = failure->message};
    return in_transaction(post, apply_event, &move, error);
}

static bool send_one(Post *post, OutboxEntry *entry, GError **error) {
    Move move;
    gint64 now_s = keeper_now_s(post->keeper), until_s = 0;
    if (letter_on_hold(post->keeper->view, entry->letter, now_s, &until_s)) {
        move = (Move){.entry = entry, .retry_s = CLAMP(until_s, now_s + 1, now_s + HOLD_LOOK_S)};
        return in_transaction(post, postpone, &move, error);
    }
    gint64 leaves_s = letter_leaves_s(post->keeper->config->programme, entry->letter, now_s);
    if (leaves_s > now_s) {
        move = (Move){.entry = entry, .retry_s = leaves_s};
        return in_transaction(post, postpone, &move, error);
    }
    g_autofree char *reason = NULL;
    g_autoptr(GError) failure = NULL;
    if (!is_still_wanted(post, entry, &move, &reason, &failure)) {
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        if (move.retry_s)
            return in_transaction(post, postpone, &move, error);
        move.reason = reason;
        post->keeper->counts.gone++;
        log_event(LOG_INFO, "letter.cancelled", LOG_ID_NUMBER("l", entry->id));
        return in_transaction(post, apply_event, &move, error);
    }
    g_autoptr(Envelope) envelope = envelope_make(post->maker, entry, &failure);
    bool is_empty = entry->letter->kind == LETTER_PINNED_NOTICE &&
                    g_error_matches(failure, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND);
    if (!envelope && is_empty) {
        move = (Move){.entry = entry, .event = OUTBOX_EVENT_CANCEL, .reason = failure->message};
        post->keeper->counts.gone++;
        return in_transaction(post, apply_event, &move, error);
    }
    if (!envelope)
        return refuse_unmade(post, entry, failure, error);
    return hand_over(post, entry, envelope, error);
}

/* ---- outcomes
 * ---------------------------------------------------------------------------------------------------- */

typedef struct {
    gint64 id;
    SmtpOutcome outcome;
    int code;
    gint64 retry_after_s;
    const char *reply;
} Sent;

/* 15 minutes, an hour, four hours, or what the server's answer asks for (facts/email.md 2.3). */
static gint64 retry_wait_s(const Sent *sent, guint attempts) {
    gint64 first_s = sent->retry_after_s > 0 ? sent->retry_after_s : SMTP_RETRY_S;
    return MIN(first_s << (2 * MIN(attempts ? attempts - 1 : 0, 4u)), RETRY_MAX_S);
}

static bool apply_outcome(Post *post, gpointer data, GError **error) {
    const Sent *sent = data;
    Store *store = post->keeper->store;
    gint64 now_s = keeper_now_s(post->keeper);
    g_autoptr(OutboxEntry) entry = store_outbox_get(store, sent->id, error);
    if (!entry)
        return false;
    JournalEvent event = {.event = sent->outcome == SMTP_SENT ? "letter.sent" : "letter.not_sent",
                          .letter_id = sent->id};
    if (!store_journal_append(store, &event, now_s, error))
        return false;
    switch (sent->outcome) {
    case SMTP_SENT:
        return store_outbox_sent(store, sent->id, sent->code, sent->reply, now_s, error);
    case SMTP_UNSURE:
        return store_outbox_lost(store, sent->id, sent->reply, now_s, error);
    case SMTP_RECIPIENT_REFUSED:
    case SMTP_TOO_LARGE:
    case SMTP_CONTENT_REFUSED:
        return store_outbox_refused(store, sent->id, sent->code, sent->reply, now_s, error);
    default: {
        gint64 wait_s = retry_wait_s(sent, entry->attempts);
        if (sent->outcome == SMTP_RETRY_NEXT_DAY)
            wait_s += day_start_s(post, now_s) + CALENDAR_DAY_S - now_s;
        return store_outbox_deferred(store, sent->id, sent->code, sent->reply, now_s + wait_s, now_s, error);
    }
    }
}

/* Is it about the server or our account, not about this letter? Then the others wait too. */
static void note_failure(Post *post, const Sent *sent) {
    gint64 now_s = keeper_now_s(post->keeper);
    const char *reply = sent->reply ? sent->reply : "no reply";
    g_clear_error(&post->failure);
    post->unreachable = sent->outcome == SMTP_TEMPORARY ? post->unreachable + 1 : 0;
    if (sent->outcome == SMTP_ACCOUNT) {
        post->breaker_until_s = now_s + BREAKER_S;
        post->failure = g_error_new(FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                                    "letters cannot leave: %s; `fortnight check` tells what to do", reply);
    } else if (sent->outcome == SMTP_TEMPORARY) {
        if (post->unreachable >= UNREACHABLE_MAX)
            post->breaker_until_s = now_s + UNREACHABLE_S;
        post->failure = g_error_new(FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY,
                                    "letters cannot leave now: %s; they are tried again", reply);
    }
}

static void count_outcome(Post *post, SmtpOutcome outcome) {
    KeeperCounts *counts = &post->keeper->counts;
    switch (outcome) {
    case SMTP_SENT:
        counts->sent++;
        break;
    case SMTP_UNSURE:
        counts->unsure++;
        break;
    case SMTP_RECIPIENT_REFUSED:
    case SMTP_TOO_LARGE:
    case SMTP_CONTENT_REFUSED:
        counts->refused++;
        break;
    default:
        counts->retried++;
        break;
    }
}

static bool on_sent(Post *post, const json_t *payload, GError **error) {
    const char *outcome = json_string_value(json_object_get(payload, "outcome"));
    Sent sent = {.id = json_integer_value(json_object_get(payload, "id")),
                 .code = (int)json_integer_value(json_object_get(payload, "code")),
                 .retry_after_s = json_integer_value(json_object_get(payload, "retry_after_s")),
                 .reply = json_string_value(json_object_get(payload, "reply"))};
    if (sent.id != post->sending_id || !smtp_outcome_from_name(outcome ? outcome : "", &sent.outcome))
        return true; /* an answer to nothing: the letter under way becomes unsure when the sender leaves */
    post->sending_id = 0;
    post->look_ms = 0;
    log_event(LOG_INFO, "letter.outcome", LOG_ID_NUMBER("l", sent.id), LOG_TEXT("outcome", outcome),
              LOG_NUMBER("code", sent.code));
    count_outcome(post, sent.outcome);
    note_failure(post, &sent);
    return in_transaction(post, apply_outcome, &sent, error);
}

static bool recover(Post *post, gpointer data, GError **error) {
    return store_outbox_recover(post->keeper->store, keeper_now_s(post->keeper), data, error);
}

void post_set_socket(Post *post, int socket_fd) {
    if (post->socket_fd >= 0)
        close(post->socket_fd);
    post->socket_fd = socket_fd;
    if (!post->sending_id)
        return;
    g_autoptr(GError) error = NULL;
    guint count = 0;
    post->sending_id = 0;
    if (in_transaction(post, recover, &count, &error))
        post->keeper->counts.unsure += count;
    else
        log_error(LOG_ERROR, "letter.unsure", error);
}

void post_give_up(Post *post) {
    post_set_socket(post, -1);
    post->is_given_up = true;
}

/* ---- a turn
 * ------------------------------------------------------------------------------------------------------ */

static bool take_answers(Post *post, GError **error) {
    while (post->socket_fd >= 0) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) failure = NULL;
        int received = ipc_receive(post->socket_fd, &frame, 0, &failure);
        if (received == 0)
            return true;
        if (received < 0) {
            log_event(LOG_WARNING, "sender.gone");
            post_set_socket(post, -1);
        } else if (frame.kind == IPC_SENT && !on_sent(post, frame.payload, error)) {
            return false;
        }
    }
    return true;
}

static bool expire(Post *post, gpointer data, GError **error) {
    return store_outbox_expire(post->keeper->store, keeper_now_s(post->keeper), data, error);
}

static bool next_letter(Post *post, GError **error) {
    int priority;
    gint64 wait_s;
    guint expired = 0;
    post->has_due = false;
    post->look_ms = clock_monotonic_ms() + LOOK_MS;
    if (!allowed_priority(post, &priority, &wait_s, error))
        return false;
    if (priority < 0)
        return true;
    g_autoptr(GPtrArray) due = NULL;
    if (!in_transaction(post, expire, &expired, error) ||
        !store_outbox_due(post->keeper->store, keeper_now_s(post->keeper), priority, 1, &due, error))
        return false;
    post->keeper->counts.gone += expired;
    if (!due->len)
        return true;
    OutboxEntry *entry = due->pdata[0];
    bool is_urgent = entry->letter->priority == PRIORITY_URGENT;
    post->has_due = wait_s <= PASS_WAIT_MAX_S || is_urgent;
    if (wait_s > 0 && !is_urgent)
        return true;
    post->look_ms = 0;
    return send_one(post, entry, error);
}

bool post_dispatch(Post *post, GError **error) {
    if (!take_answers(post, error))
        return false;
    for (guint i = 0; i < 100 && post->socket_fd >= 0 && !post->sending_id && !clock_left_ms(post->look_ms);
         i++)
        if (!next_letter(post, error))
            return false;
    return true;
}
