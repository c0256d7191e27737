/* The transactional outbox: one letter per key for ever, its state, its bytes as sent, what the server
 * answered (SPEC 4, 8.5). */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* Enters a letter (queued, or held) unless its key was ever used; ret_new says which; ret_id, ret_new may be
 * NULL. Belongs into the transaction that justifies the letter. */
bool store_outbox_put(Store *store, const Letter *letter, gint64 now_s, gint64 *ret_id, bool *ret_new,
                      GError **error);

/* ---- its states (DESIGN 2)
 * -------------------------------------------------------------------------------------- */

typedef enum {
    OUTBOX_EVENT_START,   /* handed to SMTP */
    OUTBOX_EVENT_SENT,    /* accepted by the server */
    OUTBOX_EVENT_DEFER,   /* refused for now: again later */
    OUTBOX_EVENT_REFUSE,  /* refused for good */
    OUTBOX_EVENT_LOSE,    /* nobody knows whether it was accepted: unsure */
    OUTBOX_EVENT_EXPIRE,  /* too late to be of use */
    OUTBOX_EVENT_CANCEL,  /* its reason is gone */
    OUTBOX_EVENT_DROP,    /* a person says no */
    OUTBOX_EVENT_HOLD,    /* waits for approval */
    OUTBOX_EVENT_RELEASE, /* approved */
    OUTBOX_EVENT_REQUEUE, /* a person says: again */
    OUTBOX_EVENTS
} OutboxEvent;

/* "start", "sent", … (static). */
const char *store_outbox_event_name(OutboxEvent event);

/* Pure: the state after event, false where it is not allowed in this state. */
bool store_outbox_next(OutboxState state, OutboxEvent event, OutboxState *ret_next);

/* ---- sending
 * ---------------------------------------------------------------------------------------------------- */

typedef struct {
    gint64 id;
    Letter *letter;
    OutboxState state;
    gint64 created_s, due_s; /* due_s: not before this instant; 0 where only a person moves it */
    gint64 updated_s;
    guint attempts;   /* times handed to SMTP */
    char *message_id; /* of its bytes, without <>; NULL before the first attempt */
    GBytes *bytes;    /* as handed to SMTP; NULL before, after they were dropped, and in lists */
    int reply_code;   /* 0: none yet */
    char *reply;      /* the server's last full line or the error, or NULL */
    bool is_copy;     /* next attempt is a second copy after an unknown outcome (SPEC 8.5: to be marked) */
} OutboxEntry;

void store_outbox_entry_free(OutboxEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboxEntry, store_outbox_entry_free)

/* Letters that may go now, by priority, then by time; at most limit; with bytes where an earlier attempt left
 * them. Those past expires_s are not among them (see store_outbox_expire()). max_priority: leave out those
 * with a larger number (quiet hours, quota). */
bool store_outbox_due(Store *store, gint64 now_s, int max_priority, guint limit, GPtrArray **ret_entries,
                      GError **error);

/* When the next letter becomes due, 0 where none waits. */
bool store_outbox_next_due(Store *store, gint64 *ret_due_s, GError **error);

/* → sending. message_id and bytes as they are handed to SMTP: kept until the outcome is known, so that a
 * retry sends the same. Commit before the first byte goes out. */
bool store_outbox_start(Store *store, gint64 id, const char *message_id, GBytes *bytes, gint64 now_s,
                        GError **error);

/* The outcome of an attempt: sent, refused; deferred until retry_s; or lost (unsure: tried once more
 * STORE_UNSURE_WAIT_S later with the same bytes, the second time it waits for a person). reply may be NULL.
 */
#define STORE_UNSURE_WAIT_S (30 * 60)
bool store_outbox_sent(Store *store, gint64 id, int code, const char *reply, gint64 now_s, GError **error);
bool store_outbox_refused(Store *store, gint64 id, int code, const char *reply, gint64 now_s, GError **error);
bool store_outbox_deferred(Store *store, gint64 id, int code, const char *reply, gint64 retry_s, gint64 now_s,
                           GError **error);
bool store_outbox_lost(Store *store, gint64 id, const char *reply, gint64 now_s, GError **error);

/* A waiting letter (queued, retry, unsure) is not looked at again before due_s; its state stays. Nothing
 * happens to one that is not waiting. */
bool store_outbox_postpone(Store *store, gint64 id, gint64 due_s, GError **error);

/* Any other event: expire, cancel, drop, hold, release, requeue; reason is kept for `explain`. _PERMANENT for
 * an illegal one. */
bool store_outbox_apply(Store *store, gint64 id, OutboxEvent event, const char *reason, gint64 now_s,
                        GError **error);

/* Ends all that are past expires_s and not under way; ret_count may be NULL. */
bool store_outbox_expire(Store *store, gint64 now_s, guint *ret_count, GError **error);

/* Everything in `sending` → unsure: after the sender died. store_open() does it for what the last process
 * left. */
bool store_outbox_recover(Store *store, gint64 now_s, guint *ret_count, GError **error);

/* Letters handed to SMTP in [from_s, until_s): a calendar day of the programme's zone, for quotas. address
 * NULL: all. Attempts that were refused or deferred are not counted, those whose outcome is unknown are. */
bool store_outbox_count(Store *store, const char *address, gint64 from_s, gint64 until_s, guint *ret_count,
                        GError **error);

/* ---- looking
 * ---------------------------------------------------------------------------------------------------- */

/* One letter by id or key, with bytes; _NOT_FOUND. */
OutboxEntry *store_outbox_get(Store *store, gint64 id, GError **error);
OutboxEntry *store_outbox_by_key(Store *store, const char *key, GError **error);

/* The letter whose bytes bear this Message-ID (without <>): for replies and bounces. NULL without error where
 * there is none. */
OutboxEntry *store_outbox_by_message_id(Store *store, const char *message_id, GError **error);

/* The letter to an address whose Message-ID begins with these digits in lower case (its reference, as it
 * stands in the letter); NULL without error where there is none. */
OutboxEntry *store_outbox_by_reference(Store *store, const char *address, const char *reference,
                                       GError **error);

/* Letters of a kind (or of another) that an address was sent since an instant, newest first, at most limit,
 * without bytes. */
bool store_outbox_sent_to(Store *store, const char *address, LetterKind kind, LetterKind other,
                          gint64 since_s, guint limit, GPtrArray **ret_entries, GError **error);

/* Letters in a state (OUTBOX_STATES: in any), newest first, at most limit, without bytes. */
bool store_outbox_list(Store *store, OutboxState state, guint limit, GPtrArray **ret_entries, GError **error);

/* How many letters are in each state: ret_counts has OUTBOX_STATES elements. */
bool store_outbox_counts(Store *store, guint *ret_counts, GError **error);
