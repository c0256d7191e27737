/* The liaison's answer to the preview of a summary (SPEC 4): 发送 lets the leaders' letters leave. In the
 * caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* A line of mail that answers the preview, from the address that it went to. */
bool approving_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered);

/* Releases the letters that still wait, and answers with what was done. The caller owns the result; NULL on
 * error. */
IntakeDecision *approving_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                 const OutboxEntry *answered, GError **error);
