/* Looks whether forms say less than they did, and puts the alert into the outbox (gateway/core/drift.h). */
#pragma once

#include "gateway/keeper/keeper.h"

/* For the running period of every obligation and the one before it, where anything was recorded since the
 * last look. Opens a transaction of its own. */
bool drift_look(Keeper *keeper, GError **error);
