/* Which addresses are dead: bounces of our letters, and mail that shows that an address lives (SPEC 2.3). */
#pragma once

#include "gateway/keeper/read_queue.h"

/* Keeps what a message that was read says about addresses, before it is decided on; inside the transaction
 * that records it. line: the reader's first. */
bool bouncing_note(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error);
