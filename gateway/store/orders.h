/* Orders by mail that wait to be confirmed by a one-time code. The code itself is never stored: only its
 * salted digest, from the moment on at which the letter that holds it is made. */
#pragma once

#include "gateway/store/store.h"

#define ORDER_ATTEMPTS_MAX 5 /* wrong codes from an address; then its orders are void */

typedef struct {
    gint64 id, message_id;
    char *address, *command, *argument;
    gint64 created_s, expires_s;
} MailOrder;

void store_order_free(MailOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailOrder, store_order_free)

/* Enters one. ret_id: what its letter names. */
bool store_order_add(Store *store, const MailOrder *order, gint64 *ret_id, GError **error);

/* How many an address has given in from_s..: for limits. */
bool store_orders_since(Store *store, const char *address, gint64 from_s, guint *ret_count, GError **error);

/* Sets the code of an order that is not used; an earlier code no longer counts. */
bool store_order_set_code(Store *store, gint64 id, const char *code, GError **error);

/* The order of an address that waits at at_s: the one of that id, or (id 0) the one of that code. NULL
 * without error: there is none, or it is used, expired or void. */
bool store_order_find(Store *store, const char *address, gint64 id, const char *code, gint64 at_s,
                      MailOrder **ret_order, GError **error);

/* It was carried out: never again. */
bool store_order_use(Store *store, gint64 id, gint64 now_s, GError **error);

/* A wrong code came from an address: one attempt of each of its orders is gone. */
bool store_orders_missed(Store *store, const char *address, GError **error);
