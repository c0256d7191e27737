/* Fetched bytes → archive and ledger (SPEC 2.2, 8.1): many messages are written, made durable together, then
 * entered in one transaction; only after that anything else happens to them. */
#pragma once

#include "gateway/keeper/keeper.h"
#include "gateway/keeper/record.h"

/* One batch: more cost memory, two descriptors each, and readers that run out of work meanwhile; fewer cost a
 * sync each. */
#define TAKE_IN_MESSAGES 128
#define TAKE_IN_BYTES    (16u << 20)

typedef struct TakeIn TakeIn;

/* An empty batch; keeper must outlive it. */
TakeIn *take_in_new(Keeper *keeper);
void take_in_free(TakeIn *take_in);

/* Adds a message to the batch; strings are copied, bytes referenced. memfd, sealed, holds the same bytes and
 * is taken over
 * (-1: none): the reader is given it, instead of what is read back from the archive. bytes NULL: too large,
 * only entered. account NULL: from a file, no sighting. by_hand_org_id and note: `ingest --org`, else 0 and
 * NULL. */
typedef struct {
    const char *account, *folder;
    gint64 uidvalidity, uid;
    gint64 received_s;
    gint64 size_bytes;
    GBytes *bytes;
    int memfd;
    bool is_junk_folder;
    gint64 by_hand_org_id;
    const char *note;
} Arrival;
void take_in_add(TakeIn *take_in, const Arrival *arrival);

/* Full: commit before more is added. */
bool take_in_is_full(const TakeIn *take_in);
bool take_in_is_empty(const TakeIn *take_in);

/* Makes the batch durable and empties it. New messages that are to be read are appended to ret_jobs
 * (ReadJob*). On failure nothing is entered and the batch is dropped: the server still has it, it will be
 * seen again. */
bool take_in_commit(TakeIn *take_in, GPtrArray *ret_jobs, GError **error);
