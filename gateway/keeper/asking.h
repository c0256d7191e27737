/* Questions on their way into the store and out of it (SPEC 1, 8.7): what submissions and mail tell of, what
 * letters about them change, and the answers to those letters. In the caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* The questions and answerers that a recorded submission tells of. */
bool asking_take_submission(Keeper *keeper, const ReadJob *job, const Submission *submission, GError **error);

/* A question that came by mail: known from now on, asked when it arrived. org_id: whose address it came from,
 * or 0. The same words that still wait for an answer, or were asked within two days, are the same question.
 */
bool asking_take_mail(Keeper *keeper, const ReadJob *job, const json_t *line, gint64 org_id, GError **error);

/* Whatever settled one of its group settles an open question that was asked within two days of it. */
bool asking_follow_group(Keeper *keeper, const TrackedQuestion *question, GError **error);

/* A letter about questions was put into the outbox: what happens to its questions. Nothing for other letters.
 */
bool asking_letter_decided(Keeper *keeper, const Letter *letter, gint64 letter_id, GError **error);

/* A line of mail that answers one of our letters about questions, from the address that it went to. */
bool asking_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered);

/* Settles or explains the questions, and answers with what was done. The caller owns the result; NULL on
 * error. */
IntakeDecision *asking_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                              const OutboxEntry *answered, GError **error);
