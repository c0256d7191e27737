/* The journal: append-only, each entry chained to the one before by SHA-256, so that a change of history
 * shows (SPEC 8). It holds ids and salted digests only: no name, address or text, so that it stays verifiable
 * after `forget`. */
#pragma once

#include "gateway/store/store.h"

typedef struct {
    const char
        *event; /* fixed name, "intake.accepted": lower-case ASCII letters, digits, '.', '_'; at most 64 */
    gint64 message_id, letter_id, org_id, submission_id; /* 0: not concerned */
    const char *detail; /* only its salted digest is kept: proves later what was said; or NULL */
} JournalEvent;

/* Appends in the caller's transaction. _INPUT for an event name that is none. */
bool store_journal_append(Store *store, const JournalEvent *event, gint64 now_s, GError **error);

/* True where detail is what the entry was made with. _NOT_FOUND. */
bool store_journal_proves(Store *store, gint64 entry_id, const char *detail, bool *ret_proves,
                          GError **error);

/* Walks the whole chain; the first broken entry is named in ret_finding (NULL where the chain is whole). */
bool store_journal_verify(Store *store, char **ret_finding, GError **error);
