/* The urgent channel in the store (SPEC 1): raising a matter, and settling it with what was done. In the
 * caller's transaction. */
#pragma once

#include "gateway/keeper/settle.h"

/* The matter that a decision raises; nothing where it raises none. */
bool alarm_raise(Keeper *keeper, const ReadJob *job, const IntakeDecision *decision, const json_t *line,
                 GError **error);

/* The unsettled matter that a line settles: an answer to one of our urgent letters from the address that it
 * went to, or "已处理 CODE …" from somebody who was told. NULL: none. Belongs to the view. */
const UrgentMatter *alarm_settled_by(const Keeper *keeper, const ReadJob *job, const json_t *line,
                                     const OutboxEntry *answered);

/* Settles it, makes the drafts of the notice, answers the sender; where it says nothing of what was done,
 * asks for that. The caller owns the result; NULL on error. */
IntakeDecision *alarm_settle(Keeper *keeper, const ReadJob *job, const json_t *line,
                             const UrgentMatter *matter, GError **error);
