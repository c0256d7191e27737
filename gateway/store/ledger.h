/* The ledger: which messages the server showed, where their bytes are, how far they came, what the reader
 * said. A message is its bytes (SHA-256); where it was seen is a sighting (account, folder, UIDVALIDITY,
 * UID). The same bytes seen twice are one message with two sightings; the same Message-ID with other bytes is
 * another message. */
#pragma once

#include "gateway/core/json_text.h"
#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* ---- what the server shows
 * -------------------------------------------------------------------------------------- */

/* UIDs (gint64, ascending) in the ledger for a folder under this UIDVALIDITY. Free with g_array_unref(). */
bool store_known_uids(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                      GArray **ret_uids, GError **error);

/* Those of listed (gint64, any order) that the ledger does not have: what is to be fetched, ascending, each
 * once. */
bool store_new_uids(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                    const GArray *listed, GArray **ret_uids, GError **error);

/* Notes that a folder was listed; the last such instant, or 0 for never. */
bool store_folder_polled(Store *store, const char *account, const char *folder, gint64 uidvalidity,
                         gint64 now_s, GError **error);
bool store_folder_last_poll(Store *store, const char *account, const char *folder, gint64 *ret_polled_s,
                            GError **error);

/* ---- taking in
 * -------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *account, *folder; /* account NULL: taken from a file (`ingest`), no sighting */
    gint64 uidvalidity, uid;
    const char
        *sha256; /* 64 lower-case hex digits; NULL: too large, bytes were not fetched → MESSAGE_OVERSIZE */
    gint64 size_bytes;
    const char *location; /* of archive_put(); NULL with sha256 */
    gint64 received_s;    /* INTERNALDATE, or what `ingest` was told */
    gint64 seen_s;        /* when it was fetched */
    const char *message_id, *from_address,
        *subject; /* where already known, else NULL; reading fills them in */
} StoreFetched;

/* Enters a message whose bytes are durable in the archive (SPEC 2.2, 8.2), in state archived (or oversize),
 * and its sighting. ret_id: its id; ret_new: false where these bytes were known already (only the sighting is
 * new, or nothing at all). */
bool store_add_fetched(Store *store, const StoreFetched *fetched, gint64 *ret_id, bool *ret_new,
                       GError **error);

/* ---- one message
 * ------------------------------------------------------------------------------------------------ */

typedef struct {
    gint64 id;
    char *sha256;   /* NULL for oversize */
    char *location; /* NULL for oversize, or after it was purged */
    gint64 size_bytes, received_s, seen_s;
    MessageState state;
    guint attempts;                            /* readings that ended without a result */
    char *message_id, *from_address, *subject; /* NULL: not known */
    char *kind;                                /* of SPEC 3.4, NULL before it was read */
    gint64 org_id;                             /* identified organization, or 0 */
} StoreMessage;

void store_message_free(StoreMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMessage, store_message_free)

/* One message; _NOT_FOUND where there is none. */
StoreMessage *store_message_get(Store *store, gint64 id, GError **error);

/* By bytes or by Message-ID header (without <>; the oldest of several); NULL without error where there is
 * none. */
StoreMessage *store_message_by_sha256(Store *store, const char *sha256, GError **error);
StoreMessage *store_message_by_message_id(Store *store, const char *message_id, GError **error);

/* Messages in a state with id > after_id, ascending, at most limit: what a restart takes up again.
 * StoreMessage* in an owning array. */
bool store_messages_in_state(Store *store, MessageState state, gint64 after_id, guint limit,
                             GPtrArray **ret_messages, GError **error);

/* How many messages are in a state. */
bool store_count_messages(Store *store, MessageState state, guint *ret_count, GError **error);

/* ---- its states (DESIGN 2)
 * -------------------------------------------------------------------------------------- */

typedef enum {
    MESSAGE_EVENT_ARCHIVE, /* bytes are durable (also: fetched after all, the size limit was raised) */
    MESSAGE_EVENT_READ,    /* the reader's lines are stored */
    MESSAGE_EVENT_CONVERT, /* a part goes through the converter */
    MESSAGE_EVENT_RECORD,  /* a submission was recorded, or a person accepted it */
    MESSAGE_EVENT_REVIEW,  /* needs a person */
    MESSAGE_EVENT_IGNORE,  /* own, automatic, bounce, or rejected by a person */
    MESSAGE_EVENT_REPLAY,  /* to be read again from the archive */
    MESSAGE_EVENTS
} MessageEvent;

/* "archive", "read", … (static). */
const char *store_message_event_name(MessageEvent event);

/* Pure: the state after event, false where it is not allowed in this state. */
bool store_message_next(MessageState state, MessageEvent event, MessageState *ret_next);

/* Moves a message on; _PERMANENT for an illegal transition, _NOT_FOUND. */
bool store_message_apply(Store *store, gint64 id, MessageEvent event, gint64 now_s, GError **error);

/* The same for events one after the other, all or none, for the price of one. */
bool store_message_apply_all(Store *store, gint64 id, const MessageEvent *events, guint n_events,
                             gint64 now_s, GError **error);

/* Counts one reading that ended without a result (crash, timeout, memory). After STORE_READ_ATTEMPTS_MAX the
 * message belongs into review: the first try and two more. */
#define STORE_READ_ATTEMPTS_MAX 3
bool store_message_attempted(Store *store, gint64 id, guint *ret_attempts, GError **error);

/* Which organization a message is from, once that is known (0: forgotten again). */
bool store_message_set_org(Store *store, gint64 id, gint64 org_id, GError **error);

/* ---- what the reader said
 * --------------------------------------------------------------------------------------- */

/* Stores the JSON lines (array of objects as SPEC 3.4 prints them; texts: the same word for word, or NULL) of
 * a message, in place of earlier ones, and takes message_id, from, subject and kind of the first line into
 * the ledger. reader: version of parsers and forms; converter: its name and version, or NULL where none was
 * used. The state is not touched. */
bool store_reading_save(Store *store, gint64 message_id, const json_t *lines, const JsonText *texts,
                        const char *reader, const char *converter, gint64 now_s, GError **error);

/* The lines as stored (new reference, an empty array before the first reading) and the reader's version (or
 * NULL). */
json_t *store_reading_load(Store *store, gint64 message_id, char **ret_reader, GError **error);
