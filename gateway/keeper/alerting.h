/* Conditions that a person has to end (gateway/core/alert.h): found, kept across restarts, told to the
 * operator by letter and by the configured command. */
#pragma once

#include "gateway/core/alert.h"
#include "gateway/keeper/keeper.h"

/* One condition as it is found now. detail: NULL or why. Where it ends, what waits to be told of it is
 * cancelled. */
bool alerting_note(Keeper *keeper, AlertCode code, bool holds, const char *detail, GError **error);

/* What the keeper sees by itself, to be asked every minute: room on the disk, and whether those of the
 * waiting messages are read at all. */
bool alerting_look(Keeper *keeper, guint waiting, GError **error);

/* A pass over the mailbox has ended: failure NULL, or why it did not reach its end. quota_percent: how full
 * the mailbox is, 0: not known. */
bool alerting_note_mailbox(Keeper *keeper, const GError *failure, guint quota_percent, GError **error);

/* The same of the server that takes letters. */
bool alerting_note_transport(Keeper *keeper, const GError *failure, GError **error);
