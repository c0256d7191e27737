/* Letters of ours that came back (SPEC 2.3), and which addresses are dead since. */
#pragma once

#include "gateway/store/store.h"

/* Keeps what a bounce says, once a message. Nothing is kept unless a letter was handed to SMTP for that
 * address in the last STORE_BOUNCE_DAYS days. klass: "hard" counts at once, "soft" at the
 * STORE_BOUNCE_SOFT_MAX-th within those days, others never. *ret_news: the address is dead from now on and
 * was not before; ret_news may be NULL. */
#define STORE_BOUNCE_DAYS     14
#define STORE_BOUNCE_SOFT_MAX 3
bool store_bounce_add(Store *store, gint64 message_id, const char *address, const char *klass, gint64 now_s,
                      bool *ret_news, GError **error);

/* Mail came from the address: it is not dead. *ret_changed: it was thought to be. */
bool store_bounce_over(Store *store, const char *address, gint64 now_s, bool *ret_changed, GError **error);

/* Whether the message was the one that made an address dead (*ret_news above). */
bool store_bounce_was_news(Store *store, gint64 message_id, bool *ret_news, GError **error);
