/* What a person says of repeated questions: these are one, these are not; by command or by mail. In the
 * caller's transaction. message_id: who says so, or 0 for a command. */
#pragma once

#include "gateway/keeper/keeper.h"

/* Makes one group of questions and of the groups that they are in. What one of them was answered settles
 * those asked within two days of it. False with *ret_why (a sentence, the caller frees it) where a number is
 * none; false without it where the store failed. */
bool joining_merge(Keeper *keeper, const GArray *ids, gint64 message_id, bool is_english, char **ret_why,
                   GError **error);

/* These are not one: of several that are in one group only the first stays, and they are not proposed
 * together again. One alone leaves its group, or is kept from those that it is proposed with. */
bool joining_split(Keeper *keeper, const GArray *ids, gint64 message_id, bool is_english, char **ret_why,
                   GError **error);

/* The numbers of a text, "3 5，7": GArray of gint64, each once, at most JOINING_MAX; the caller frees it. */
#define JOINING_MAX 50
GArray *joining_numbers(const char *text);
