/* One line of a reader's answer → decision → store: submission, roster, review, letters, in the caller's
 * transaction. */
#pragma once

#include "gateway/core/intake.h"
#include "gateway/keeper/record.h"
#include "gateway/store/outbox.h"

/* What a decision is told of a message; strings belong to job and line. */
MessageFacts settle_facts(const ReadJob *job, const json_t *line);

/* Writes what was decided on a line, and lets the view follow. */
bool settle_decision(Keeper *keeper, const ReadJob *job, const json_t *line, IntakeDecision *decision,
                     GError **error);

/* Decides on a line and writes it. The caller owns the result; NULL on error. */
IntakeDecision *settle_line(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error);
