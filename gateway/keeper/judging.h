/* Section heads' answers to their digests (SPEC 1): 通过, 退回：理由. Only who is head of that section now,
 * by reply to our own letter. In the caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* A line of mail that answers a section digest, from the address that it went to. */
bool judging_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered);

/* A mail of its own in which a section head says 通过 or 退回 and names no digest. */
bool judging_is_unaddressed(const Keeper *keeper, const ReadJob *job, const json_t *line);

/* Changes nothing: asks the head which digest is meant. The caller owns the result; NULL on error. */
IntakeDecision *judging_ask_back(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error);

/* Keeps the verdicts, tells the organizations whose report is returned why, and answers with what was done.
 * The caller owns the result; NULL on error. */
IntakeDecision *judging_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                               const OutboxEntry *answered, GError **error);
