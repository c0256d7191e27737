/* How the last periods of an obligation went: for charts, standings and the workbook. */
#pragma once

#include "gateway/core/view.h"

#define HISTORY_PERIODS 8 /* four months of fortnights: a trend that fits a telephone's width */

/* [{key, label, expected, received, on_time, late, missing}], oldest first, the given period last; only
 * periods since the obligation began. label: the due day, short ("6月27日", "27 Jun"). What the view holds of
 * them is counted: contents are not needed. New reference. */
json_t *summary_history(const View *view, const Obligation *obligation, const Period *period,
                        const char *language);

/* Keys of those periods, oldest first; NULL-terminated array of char*, owned by the result. */
GPtrArray *summary_history_keys(const Programme *programme, const Obligation *obligation,
                                const Period *period);

/* [{org_id, name, section, team, owed, on_time, late, missing, problems, rate}] over those periods: rate
 * (0..1) of on-time ones, or null where nothing was owed; best first, then by name. An open period counts
 * only once it is late. New reference. */
json_t *summary_standings(const View *view, const Obligation *obligation, const Period *period, gint64 now_s);

/* The same for a letter: {title_text, best [{place, name, rate_text, detail_text}], rest (how many stand
 * between), last [...]}; false where nothing was owed or all are equal. Equal ones share a place.
 * New reference. */
json_t *summary_standings_facts(const View *view, const Obligation *obligation, const Period *period,
                                const char *language, gint64 now_s);
