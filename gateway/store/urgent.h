/* Urgent matters: raised, told, settled with what was done (SPEC 1). */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* Adds a matter; one a message: raised again by the same message it stays as it was, and ret_id is 0. */
bool store_urgent_add(Store *store, const UrgentMatter *matter, gint64 now_s, gint64 *ret_id, GError **error);

/* GPtrArray of UrgentMatter*, owned by the caller: those that are not settled, oldest first. */
bool store_urgents(Store *store, GPtrArray **ret_matters, GError **error);

/* GPtrArray of UrgentMatter*, owned by the caller: the last STORE_SETTLED_MAX that were settled, newest
 * first.
 */
#define STORE_SETTLED_MAX 200 /* more than a term brings; summaries pick those of their period */
bool store_urgents_settled(Store *store, GPtrArray **ret_matters, GError **error);

/* Settles a matter; message: where it was said. ret_done (may be NULL): false where it was settled before. */
bool store_urgent_settle(Store *store, gint64 id, gint64 message_id, const char *handling, gint64 now_s,
                         bool *ret_done, GError **error);
