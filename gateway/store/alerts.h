/* Conditions that a person has to end, as long as they hold: they outlive the process that found them. */
#pragma once

#include "gateway/store/store.h"

/* Whether a condition held when it was last looked at. */
bool store_alert_is_held(Store *store, const char *code, bool *ret_held, GError **error);

/* It holds (still): since when without a break, and how often it was found. In the caller's transaction. */
bool store_alert_hold(Store *store, const char *code, gint64 now_s, gint64 *ret_since_s, guint *ret_times,
                      GError **error);

/* It holds no more: letters about it that have not left are cancelled. In the caller's transaction. */
bool store_alert_clear(Store *store, const char *code, gint64 now_s, GError **error);
