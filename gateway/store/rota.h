/* Turns of duty that were handed to somebody else. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* Says who takes a rota's turn of a day ("2016-06-22"); a later word replaces an earlier one. */
bool store_rota_swap(Store *store, const char *rota, const char *day, const char *person, gint64 now_s,
                     GError **error);

/* All of them: GPtrArray of RotaSwap*, owned by the caller. */
bool store_rota_swaps(Store *store, GPtrArray **ret_swaps, GError **error);
