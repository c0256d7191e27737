/* Local days and instants, and the due days of a schedule (SPEC 5). Nothing here depends on TZ or on the
 * clock. */
#pragma once

#include "gateway/core/calendar_day.h"
#include "gateway/core/model.h"

#define CALENDAR_DAY_S 86400

/* The instant of a second (0..86399) of a local day. Of a local time that a change of the clocks skips, the
 * first instant after the gap; of one that comes twice, the later: nobody loses time. */
gint64 calendar_instant(GTimeZone *zone, const GDate *day, int second);

/* The local day, and the second of it, of an instant. ret_second may be NULL. */
void calendar_local(GTimeZone *zone, gint64 at_s, GDate *ret_day, int *ret_second);

/* "2016-06-14T09:30" (or a date alone: its first instant) in the zone; strict as above. */
bool calendar_time_parse(const char *text, GTimeZone *zone, gint64 *ret_at_s);

/* For people: "6月27日（星期一）23:59" or "Monday 27 June 2016, 23:59"; language "zh" or "en". The caller
 * frees it. */
char *calendar_instant_text(GTimeZone *zone, gint64 at_s, const char *language);
/* "6月14日至6月27日" or "14 June to 27 June 2016". The caller frees it. */
char *calendar_span_text(const GDate *first, const GDate *last, const char *language);
/* "3天2小时", "25分钟" or "3 days 2 hours", "25 minutes"; at most two units, at least one minute. The caller
 * frees it. */
char *calendar_duration_text(gint64 seconds, const char *language);

/* Checks a schedule before it is used: days in range, dates that fit, a readable RRULE (RFC 5545 3.3.10) of
 * daily or rarer frequency. Refused by name: HOURLY and finer, BYHOUR, BYMINUTE, BYSECOND (the time of day
 * stands apart), RSCALE, and what libical 3.0.16 expands wrongly: BYWEEKNO, BYSETPOS of days and weeks,
 * negative BYMONTHDAY of days. */
bool calendar_check(const Schedule *schedule, GError **error);

/* The configured due days from..to, both included, ascending: first_due and last_due respected, off-days and
 * vacations not. At most CALENDAR_DAYS_MAX. A GArray of GDate. A schedule that calendar_check() refuses has
 * none. */
#define CALENDAR_DAYS_MAX 20000 /* more than fifty years of daily periods */
GArray *calendar_due_days(const Schedule *schedule, GTimeZone *zone, const GDate *from, const GDate *to);

/* The same without first_due as a lower bound, where the pattern goes on before it (days of the month,
 * weekdays): the day before which a first period begins. false: there is none. */
bool calendar_previous_due_day(const Schedule *schedule, GTimeZone *zone, const GDate *day, GDate *ret_day);

/* The day on which a period due on `day` really ends, by the off-day policy and the table (NULL: weekends).
 */
GDate calendar_move_offday(const HolidayTable *holidays, OffdayPolicy policy, const GDate *day);

/* Years that the schedule touches from..to and the table does not know: GArray of int, ascending; empty where
 * the policy is to keep the date. For a warning. */
GArray *calendar_missing_years(const HolidayTable *holidays, const Schedule *schedule, const GDate *from,
                               const GDate *to);
