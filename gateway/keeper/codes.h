/* One-time codes of orders by mail: made when the letter that holds one is made, so that nothing but that
 * letter ever holds it in clear (SPEC 4, 8.9). */
#pragma once

#include "gateway/keeper/keeper.h"

#define CODE_LIFE_S (2 * 3600) /* mail may be slow */

/* A new code for an order, in a transaction of its own; an earlier one no longer counts. Written for people:
 * "K7WM-3XQP". The caller frees it; NULL on error. */
char *codes_issue(Keeper *keeper, gint64 order_id, GError **error);
