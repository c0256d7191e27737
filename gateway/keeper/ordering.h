/* Orders by mail (SPEC 4): help, form, status for everybody on the roster; the others for managers, and only
 * as an answer to one of our letters or after a one-time code. Carried out in the caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* A line of mail that is an order from somebody on the roster, or that confirms one. answered: our letter
 * that it answers, or NULL. */
bool ordering_is_order(const Keeper *keeper, const ReadJob *job, const json_t *line,
                       const OutboxEntry *answered);

/* Carries it out, asks for confirmation or refuses, and answers. The caller owns the result; NULL on error.
 */
IntakeDecision *ordering_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                const OutboxEntry *answered, GError **error);
