/* Questions on their way into the store and out of it (SPEC 1, 8.7): what submissions and mail tell of, what
 * letters about them change, and the answers to those letters. In the caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* The questions and answerers that a recorded submission tells of. */
bool asking_take_submission(Keeper *keeper, const ReadJob *job, const Submission *submission, GError **error);

/* A letter about questions was put into the outbox: what happens to its questions. Nothing for other letters.
 */
bool asking_letter_decided(Keeper *keeper, const Letter *letter, gint64 letter_id, GError **error);

/* A line of mail that answers one of our letters about questions, from the address that it went to. */
bool asking_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered);

/* Settles or explains the questions, and answers with what was done. The caller owns the result; NULL on
 * error. */
IntakeDecision *asking_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                              const OutboxEntry *answered, GError **error);
