/* Which of our letters a mail answers: by In-Reply-To, else by the reference that the letter bears and the
 * mail repeats, else the only one that a correction or 作废 can mean. */
#pragma once

#include "gateway/core/intake.h"
#include "gateway/keeper/keeper.h"
#include "gateway/store/outbox.h"

typedef struct {
    OutboxEntry *entry;     /* NULL: none */
    Submission *submission; /* what it told of, with content; NULL: none, or withdrawn */
    GPtrArray *entries;     /* private: of reports */
    GPtrArray *reports; /* SentLetter*: where entry is NULL, those that it may mean; NULL: not looked at */
} Answered;

/* False where the store failed. *ret: empty where the line answers none. */
bool answered_find(Keeper *keeper, const json_t *line, Answered *ret, GError **error);
void answered_clear(Answered *answered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answered, answered_clear)

/* How long a mail that names no letter may look back. */
#define ANSWERED_RECENT_S (21 * 86400)
