/* Who has, who has not, who is late, whom to telephone: rows for `fortnight status`. */
#pragma once

#include "gateway/core/view.h"

/* [{"org_id","organization","section","team","state","received","on_time","late_s","problems","revision","by_hand","message_id",
 * "pending","extended_until"}], one row an organization in the roster's order; state: standing_name(), with
 * "missing" in place of "owed" once the due instant and grace are past. received: local "2016-06-27T21:14" or
 * null. New reference. */
json_t *status_rows(const View *view, const Obligation *obligation, const Period *period, gint64 now_s);

/* [{"org_id","organization","section","contact","phone"}]: organizations that owe the period and have no
 * known address. New reference. */
json_t *status_call_list(const View *view, const Obligation *obligation, const Period *period);
