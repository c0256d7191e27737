/* The schedule of an obligation through its versions (SPEC 5): a change holds from a due date on and never
 * rewrites a past period. The first version is Obligation.schedule; each later one holds from its own `from`.
 */
#pragma once

#include "gateway/core/model.h"

/* The version that a due day falls under; belongs to the obligation. */
const Schedule *schedule_of_day(const Obligation *obligation, const GDate *day);

/* The configured due days from..to, each by the version of its day, as calendar_due_days(). A GArray of
 * GDate. */
GArray *schedule_due_days(const Obligation *obligation, GTimeZone *zone, const GDate *from, const GDate *to);

/* The due day before one, across a change, as calendar_previous_due_day(). false: there is none. */
bool schedule_previous_due_day(const Obligation *obligation, GTimeZone *zone, const GDate *day,
                               GDate *ret_day);

/* The longest grace of any version, in seconds. */
int schedule_grace_max_s(const Obligation *obligation);

/* Checks every version (calendar_check()) and their order: each begins after the one before. */
bool schedule_check(const Obligation *obligation, GError **error);
