/* Periods of an obligation (SPEC 5): key, the days that it covers, the last instant that is on time. A period
 * covers the day after the previous configured due day to its own (due 13th: 28th to 13th), wherever an
 * off-day moves its due instant. */
#pragma once

#include "gateway/core/model.h"

/* The periods whose due instant (off-day moved) lies in from_s..to_s, both included, ascending. GPtrArray of
 * Period*, owned by it. */
GPtrArray *period_list(const Programme *programme, const Obligation *obligation, gint64 from_s, gint64 to_s);

/* The period that an instant falls into: the first one due at or after it. NULL after the last. The caller
 * frees it. */
Period *period_at(const Programme *programme, const Obligation *obligation, gint64 at_s);

/* The neighbour of a period, or NULL. The caller frees it. */
Period *period_next(const Programme *programme, const Obligation *obligation, const Period *period);
Period *period_previous(const Programme *programme, const Obligation *obligation, const Period *period);

/* The period with a key ("2016-06-27"), or NULL where the schedule has none that day. The caller frees it. */
Period *period_by_key(const Programme *programme, const Obligation *obligation, const char *key);

/* The number-th period (from 1) that is due by the pattern on a day from..to, days before off-days move them;
 * NULL where there are not so many. The caller frees it. */
Period *period_nth(const Programme *programme, const Obligation *obligation, const GDate *from,
                   const GDate *to, gint64 number);

/* The period that shares most days with first..last (equal: the later), or NULL if none shares any. The
 * caller frees it. */
Period *period_of_days(const Programme *programme, const Obligation *obligation, const GDate *first,
                       const GDate *last);

/* A copy; the caller frees it. */
Period *period_copy(const Period *period);
