/* An outbox entry → the bytes that are handed to SMTP: facts from the current state, words by the templates,
 * MIME. An entry that was tried before keeps its bytes and its Message-ID. */
#pragma once

#include "gateway/keeper/keeper.h"
#include "gateway/store/outbox.h"

typedef struct {
    char *message_id; /* without <> */
    GBytes *bytes;    /* RFC 5322, CRLF */
} Envelope;

void envelope_free(Envelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Envelope, envelope_free)

typedef struct EnvelopeMaker EnvelopeMaker;

/* Loads the templates of the configuration. */
EnvelopeMaker *envelope_maker_new(Keeper *keeper, GError **error);
void envelope_maker_free(EnvelopeMaker *maker);

/* NULL and error where templates or facts do not allow it; _NOT_FOUND where a letter has nothing to say. */
Envelope *envelope_make(EnvelopeMaker *maker, const OutboxEntry *entry, GError **error);

/* The stable Message-ID of a letter (without <>): the same key has the same id for ever (SPEC 8.5). Whoever
 * does not know the database's salt cannot guess it: an answer to it comes from somebody who has the letter.
 * The caller frees it. */
char *envelope_message_id(const Programme *programme, const char *salt, const char *key);

/* Keeps the scores that a summary tells, as it was just made (gateway/store/scores.h): the next formula is
 * compared with them. Other letters, and programmes without scores: nothing. Inside a transaction. */
bool envelope_publish(EnvelopeMaker *maker, const OutboxEntry *entry, GError **error);
