/* Several forms in one mail: each is decided and acknowledged as if it had come alone. */
#pragma once

#include "gateway/keeper/record.h"

/* Settles the further forms ("others") of a line, after the line itself. What a person said of the message
 * (job's confirmed organization) holds for those that name that organization or nobody on the roster. *state
 * becomes the most urgent of it and theirs. */
bool several_settle(Keeper *keeper, const ReadJob *job, const json_t *line, MessageState *state,
                    GError **error);

/* Whether what a person said of a message holds for a form in it. */
bool several_is_meant(const Keeper *keeper, const json_t *form, gint64 org_id);
