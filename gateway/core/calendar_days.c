/* Due days of a schedule: the part of calendar.h that knows the kinds of schedules. */
#include "gateway/core/calendar.h"

#include "gateway/core/error.h"
#include <libical/ical.h>

/* A rule that has not reached the wanted days after this many instances is given up: 270 years of daily ones.
 */
#define RRULE_STEPS_MAX 100000
/* Looking back for the due day before one: a rule for 29 February is met every eight years at the longest. */
#define LOOK_BACK_MAX_DAYS (8 * 366 + 1)

static bool is_one_of(const Schedule *schedule, guint number) {
    for (guint i = 0; i < schedule->n_days; i++)
        if (schedule->days[i] == number)
            return true;
    return false;
}

static bool is_pattern_day(const Schedule *schedule, const GDate *day) {
    return is_one_of(schedule,
                     schedule->kind == SCHEDULE_MONTH_DAYS ? g_date_get_day(day) : g_date_get_weekday(day));
}

/* --- recurrence rules
 * --------------------------------------------------------------------------------------- */

static bool rrule_parse(const char *text, struct icalrecurrencetype *ret_rule) {
    icalerror_clear_errno(); /* sticky: an earlier bad rule would make a good one look bad */
    *ret_rule = icalrecurrencetype_from_string(text);
    return icalerrno == ICAL_NO_ERROR && ret_rule->freq != ICAL_NO_RECURRENCE;
}

static void rrule_clear(struct icalrecurrencetype *rule) {
    if (rule->rscale != NULL)
        icalmemory_free_buffer(rule->rscale);
    rule->rscale = NULL;
}

/* Why a rule is not one of days, or NULL. */
static const char *rrule_refusal(const struct icalrecurrencetype *rule) {
    if (rule->rscale != NULL)
        return "RSCALE is not supported";
    if (rule->freq < ICAL_DAILY_RECURRENCE)
        return "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY";
    if (rule->by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX || rule->by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
        rule->by_second[0] != ICAL_RECURRENCE_ARRAY_MAX)
        return "BYHOUR, BYMINUTE and BYSECOND are not supported: the time of day is a setting of its own";
    /* libical 3.0.16 expands these wrongly (its own later test vectors show it): better refused than a wrong
     * date */
    if (rule->by_week_no[0] != ICAL_RECURRENCE_ARRAY_MAX)
        return "BYWEEKNO is not supported";
    if (rule->by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX && rule->freq <= ICAL_WEEKLY_RECURRENCE)
        return "BYSETPOS is supported with MONTHLY and YEARLY only";
    for (gsize i = 0; rule->freq == ICAL_DAILY_RECURRENCE && i < G_N_ELEMENTS(rule->by_month_day) &&
                      rule->by_month_day[i] != ICAL_RECURRENCE_ARRAY_MAX;
         i++)
        if (rule->by_month_day[i] < 0)
            return "days counted from the end of a month are supported with MONTHLY only";
    return NULL;
}

/* libical compares UNTIL with local times as if it were one: an UNTIL in UTC is moved into the zone first. */
static void rrule_localize_until(struct icalrecurrencetype *rule, GTimeZone *zone) {
    if (icaltime_is_null_time(rule->until) || rule->until.is_date || !icaltime_is_utc(rule->until))
        return;
    GDate day;
    int second;
    calendar_local(zone, icaltime_as_timet(rule->until), &day, &second);
    rule->until.year = g_date_get_year(&day);
    rule->until.month = (int)g_date_get_month(&day);
    rule->until.day = g_date_get_day(&day);
    rule->until.hour = second / 3600;
    rule->until.minute = second / 60 % 60;
    rule->until.second = second % 60;
    rule->until.zone = NULL;
}

/* Calls visit for each due day from first_due on until it returns false. */
typedef bool (*DayVisit)(const GDate *day, gpointer data);
static void rrule_each(const Schedule *schedule, GTimeZone *zone, DayVisit visit, gpointer data) {
    struct icalrecurrencetype rule;
    if (!rrule_parse(schedule->rrule, &rule))
        return;
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    rrule_localize_until(&rule, zone != NULL ? zone : utc);
    struct icaltimetype start = icaltime_null_time();
    start.year = g_date_get_year(&schedule->first_due);
    start.month = (int)g_date_get_month(&schedule->first_due);
    start.day = g_date_get_day(&schedule->first_due);
    start.hour = schedule->due_second / 3600;
    start.minute = schedule->due_second / 60 % 60;
    start.second = schedule->due_second % 60;
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, start);
    for (guint i = 0; iterator != NULL && i < RRULE_STEPS_MAX; i++) {
        struct icaltimetype at = icalrecur_iterator_next(iterator);
        if (icaltime_is_null_time(at) ||
            !g_date_valid_dmy((GDateDay)at.day, (GDateMonth)at.month, (GDateYear)at.year))
            break;
        GDate day;
        g_date_clear(&day, 1);
        g_date_set_dmy(&day, (GDateDay)at.day, (GDateMonth)at.month, (GDateYear)at.year);
        if (!visit(&day, data))
            break;
    }
    if (iterator != NULL)
        icalrecur_iterator_free(iterator);
    rrule_clear(&rule);
}

/* --- checking
 * ----------------------------------------------------------------------------------------------- */

static bool days_check(const Schedule *schedule, GError **error) {
    guint most = schedule->kind == SCHEDULE_MONTH_DAYS ? 31 : 7;
    if (schedule->n_days == 0 || schedule->n_days > G_N_ELEMENTS(schedule->days)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "at least one day is needed");
        return false;
    }
    for (guint i = 0; i < schedule->n_days; i++)
        if (schedule->days[i] < 1 || schedule->days[i] > most ||
            (i > 0 && schedule->days[i] <= schedule->days[i - 1])) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "day %u: days from 1 to %u, ascending, are allowed", schedule->days[i], most);
            return false;
        }
    return true;
}

static bool rrule_check(const Schedule *schedule, GError **error) {
    struct icalrecurrencetype rule;
    if (!g_date_valid(&schedule->first_due)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "a recurrence rule needs the first due date, from which it counts");
        return false;
    }
    if (schedule->rrule == NULL || !rrule_parse(schedule->rrule, &rule)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "\"%s\" is not a recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR",
                    schedule->rrule != NULL ? schedule->rrule : "");
        return false;
    }
    const char *refusal = rrule_refusal(&rule);
    rrule_clear(&rule);
    if (refusal != NULL)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "\"%s\": %s", schedule->rrule,
                    refusal);
    return refusal == NULL;
}

bool calendar_check(const Schedule *schedule, GError **error) {
    if (schedule->due_second < 0 || schedule->due_second >= CALENDAR_DAY_S || schedule->grace_s < 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "the time of day must lie in 00:00:00 to 23:59:59, and grace must not be negative");
        return false;
    }
    if (g_date_valid(&schedule->first_due) && g_date_valid(&schedule->last_due) &&
        g_date_compare(&schedule->first_due, &schedule->last_due) > 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "the last due date lies before the first");
        return false;
    }
    switch (schedule->kind) {
    case SCHEDULE_ONCE:
        if (!g_date_valid(&schedule->once)) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "a due date is needed");
            return false;
        }
        return true;
    case SCHEDULE_MONTH_DAYS:
    case SCHEDULE_WEEKDAYS:
        return days_check(schedule, error);
    case SCHEDULE_RRULE:
        return rrule_check(schedule, error);
    }
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "unknown kind of schedule");
    return false;
}

/* --- due days
 * ----------------------------------------------------------------------------------------------- */

typedef struct {
    GDate from, to;
    GArray *days;
} Collector;

static bool collect_day(const GDate *day, gpointer data) {
    Collector *collector = data;
    if (g_date_compare(day, &collector->to) > 0 || collector->days->len >= CALENDAR_DAYS_MAX)
        return false;
    if (g_date_compare(day, &collector->from) >= 0)
        g_array_append_val(collector->days, *day);
    return true;
}

static void weekdays_each(const Schedule *schedule, const GDate *from, const GDate *to, DayVisit visit,
                          gpointer data) {
    guint weekday = g_date_get_weekday(from);
    for (guint32 number = g_date_get_julian(from), last = g_date_get_julian(to); number <= last; number++) {
        GDate day;
        g_date_clear(&day, 1);
        g_date_set_julian(&day, number);
        if (is_one_of(schedule, weekday) && !visit(&day, data))
            return;
        weekday = weekday % 7 + 1;
    }
}

static void month_days_each(const Schedule *schedule, const GDate *from, const GDate *to, DayVisit visit,
                            gpointer data) {
    guint year = g_date_get_year(from), month = g_date_get_month(from);
    guint last_year = g_date_get_year(to), last_month = g_date_get_month(to);
    for (; year < last_year || (year == last_year && month <= last_month);
         year += month / 12, month = month % 12 + 1) {
        guint length = g_date_get_days_in_month((GDateMonth)month, (GDateYear)year);
        for (guint i = 0; i < schedule->n_days && schedule->days[i] <= length; i++) {
            GDate day;
            g_date_clear(&day, 1);
            g_date_set_dmy(&day, (GDateDay)schedule->days[i], (GDateMonth)month, (GDateYear)year);
            if (g_date_compare(&day, from) < 0)
                continue;
            if (g_date_compare(&day, to) > 0 || !visit(&day, data))
                return;
        }
    }
}

/* Calls visit for each day of the pattern from..to until it returns false. */
static void pattern_each(const Schedule *schedule, const GDate *from, const GDate *to, DayVisit visit,
                         gpointer data) {
    if (g_date_compare(from, to) > 0)
        return;
    if (schedule->kind == SCHEDULE_MONTH_DAYS)
        month_days_each(schedule, from, to, visit, data);
    else
        weekdays_each(schedule, from, to, visit, data);
}

GArray *calendar_due_days(const Schedule *schedule, GTimeZone *zone, const GDate *from, const GDate *to) {
    Collector collector = {.from = *from, .to = *to, .days = g_array_new(FALSE, FALSE, sizeof(GDate))};
    if (!calendar_check(schedule, NULL))
        return collector.days;
    if (g_date_valid(&schedule->first_due) && g_date_compare(&schedule->first_due, &collector.from) > 0)
        collector.from = schedule->first_due;
    if (g_date_valid(&schedule->last_due) && g_date_compare(&schedule->last_due, &collector.to) < 0)
        collector.to = schedule->last_due;
    if (schedule->kind == SCHEDULE_ONCE)
        collect_day(&schedule->once, &collector);
    else if (schedule->kind == SCHEDULE_RRULE)
        rrule_each(schedule, zone, collect_day, &collector);
    else
        pattern_each(schedule, &collector.from, &collector.to, collect_day, &collector);
    return collector.days;
}

typedef struct {
    GDate limit, found;
    bool any;
} Predecessor;

static bool note_predecessor(const GDate *day, gpointer data) {
    Predecessor *predecessor = data;
    if (g_date_compare(day, &predecessor->limit) >= 0)
        return false;
    predecessor->found = *day;
    predecessor->any = true;
    return true;
}

bool calendar_previous_due_day(const Schedule *schedule, GTimeZone *zone, const GDate *day, GDate *ret_day) {
    Predecessor predecessor = {.limit = *day, .any = false};
    if (!calendar_check(schedule, NULL) || schedule->kind == SCHEDULE_ONCE)
        return false;
    if (schedule->kind == SCHEDULE_RRULE)
        rrule_each(schedule, zone, note_predecessor, &predecessor);
    else
        for (int i = 1; i <= LOOK_BACK_MAX_DAYS && !predecessor.any; i++) {
            GDate before = calendar_day_add(day, -i);
            if (is_pattern_day(schedule, &before))
                note_predecessor(&before, &predecessor);
        }
    if (predecessor.any)
        *ret_day = predecessor.found;
    return predecessor.any;
}
