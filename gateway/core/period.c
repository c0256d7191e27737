#include "gateway/core/period.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/schedule.h"

/* An off-day moves a due day at most this far (calendar_move_offday() stops at 60), so this much more is
 * looked at on both sides of a range of instants. */
#define MARGIN_DAYS 61
/* What a report states beyond this is no period (a typing error in a year): not worth looking through. */
#define STATED_SPAN_MAX_DAYS 400

/* How far to look for a neighbour, in steps: most schedules answer in the first, a yearly one in the second.
 */
static const int horizons_days[] = {45, 400, 4000, 20000};

static bool is_in_vacation(const Programme *programme, const GDate *day) {
    for (guint i = 0; programme->vacations != NULL && i < programme->vacations->len; i++) {
        const DaySpan *span = &g_array_index(programme->vacations, DaySpan, i);
        if (g_date_compare(day, &span->first) >= 0 && g_date_compare(day, &span->last) <= 0)
            return true;
    }
    return false;
}

/* The first day that the period due on `day` covers. */
static GDate first_covered(const Programme *programme, const Obligation *obligation, const GDate *day) {
    GDate before;
    if (obligation->schedule.kind == SCHEDULE_ONCE)
        return *day;
    if (schedule_previous_due_day(obligation, programme->zone, day, &before))
        return calendar_day_add(&before, 1);
    /* the first instance of a rule has no predecessor: it is as long as the next one */
    GDate from = calendar_day_add(day, 1), to = calendar_day_add(day, horizons_days[1]);
    g_autoptr(GArray) next = schedule_due_days(obligation, programme->zone, &from, &to);
    if (next->len == 0)
        return *day;
    int length = g_date_days_between(day, &g_array_index(next, GDate, 0));
    return calendar_day_add(day, 1 - length);
}

static Period *period_new(const Programme *programme, const Obligation *obligation, const GDate *day) {
    const Schedule *schedule = schedule_of_day(obligation, day);
    Period *period = g_new0(Period, 1);
    GDate moved = calendar_move_offday(programme->holidays, schedule->offday, day);
    period->obligation = g_strdup(obligation->id);
    period->key = g_malloc(CALENDAR_DAY_BYTES);
    calendar_day_format(day, period->key);
    period->last = *day;
    period->first = first_covered(programme, obligation, day);
    period->due_s = calendar_instant(programme->zone, &moved, schedule->due_second);
    period->late_after_s = period->due_s + schedule->grace_s;
    return period;
}

Period *period_copy(const Period *period) {
    Period *copy = g_memdup2(period, sizeof *period);
    copy->obligation = g_strdup(period->obligation);
    copy->key = g_strdup(period->key);
    return copy;
}

GPtrArray *period_list(const Programme *programme, const Obligation *obligation, gint64 from_s, gint64 to_s) {
    GPtrArray *periods = g_ptr_array_new_with_free_func((GDestroyNotify)period_free);
    GDate from, to;
    if (from_s > to_s)
        return periods;
    calendar_local(programme->zone, from_s, &from, NULL);
    calendar_local(programme->zone, to_s, &to, NULL);
    from = calendar_day_add(&from, -MARGIN_DAYS);
    to = calendar_day_add(&to, MARGIN_DAYS);
    g_autoptr(GArray) days = schedule_due_days(obligation, programme->zone, &from, &to);
    for (guint i = 0; i < days->len; i++) {
        const GDate *day = &g_array_index(days, GDate, i);
        const Schedule *schedule = schedule_of_day(obligation, day);
        GDate moved = calendar_move_offday(programme->holidays, schedule->offday, day);
        gint64 due_s = calendar_instant(programme->zone, &moved, schedule->due_second);
        if (due_s >= from_s && due_s <= to_s && !is_in_vacation(programme, day))
            g_ptr_array_add(periods, period_new(programme, obligation, day));
    }
    return periods;
}

Period *period_at(const Programme *programme, const Obligation *obligation, gint64 at_s) {
    for (gsize i = 0; i < G_N_ELEMENTS(horizons_days); i++) {
        g_autoptr(GPtrArray) periods =
            period_list(programme, obligation, at_s, at_s + (gint64)horizons_days[i] * CALENDAR_DAY_S);
        if (periods->len > 0)
            return period_copy(g_ptr_array_index(periods, 0));
    }
    return NULL;
}

/* The nearest owed due day after (step 1) or before (step -1) a period's own. */
static Period *neighbour(const Programme *programme, const Obligation *obligation, const Period *period,
                         int step) {
    for (gsize i = 0; i < G_N_ELEMENTS(horizons_days); i++) {
        GDate near = calendar_day_add(&period->last, step);
        GDate far = period->last;
        /* no schedule reaches back before the year 1970 */
        int reach =
            step > 0 ? horizons_days[i] : MIN(horizons_days[i], (int)g_date_get_julian(&far) - 719163);
        far = calendar_day_add(&far, step * MAX(reach, 1));
        g_autoptr(GArray) days = step > 0 ? schedule_due_days(obligation, programme->zone, &near, &far)
                                          : schedule_due_days(obligation, programme->zone, &far, &near);
        for (guint j = 0; j < days->len; j++) {
            const GDate *day = &g_array_index(days, GDate, step > 0 ? j : days->len - 1 - j);
            if (!is_in_vacation(programme, day))
                return period_new(programme, obligation, day);
        }
    }
    return NULL;
}

Period *period_next(const Programme *programme, const Obligation *obligation, const Period *period) {
    return neighbour(programme, obligation, period, 1);
}

Period *period_previous(const Programme *programme, const Obligation *obligation, const Period *period) {
    return neighbour(programme, obligation, period, -1);
}

Period *period_by_key(const Programme *programme, const Obligation *obligation, const char *key) {
    GDate day;
    if (!calendar_day_parse(key, &day) || is_in_vacation(programme, &day))
        return NULL;
    g_autoptr(GArray) days = schedule_due_days(obligation, programme->zone, &day, &day);
    return days->len > 0 ? period_new(programme, obligation, &day) : NULL;
}

Period *period_nth(const Programme *programme, const Obligation *obligation, const GDate *from,
                   const GDate *to, gint64 number) {
    gint64 counted = 0;
    /* by pieces, so that "the third" of ten years does not look at all of them */
    for (GDate first = *from, last; g_date_compare(&first, to) <= 0; first = calendar_day_add(&last, 1)) {
        last = calendar_day_add(&first, horizons_days[1]);
        if (g_date_compare(&last, to) > 0)
            last = *to;
        g_autoptr(GArray) days = schedule_due_days(obligation, programme->zone, &first, &last);
        for (guint i = 0; i < days->len; i++) {
            const GDate *day = &g_array_index(days, GDate, i);
            if (!is_in_vacation(programme, day) && ++counted == number)
                return period_new(programme, obligation, day);
        }
    }
    return NULL;
}

static int shared_days(const Period *period, const GDate *first, const GDate *last) {
    const GDate *from = g_date_compare(&period->first, first) > 0 ? &period->first : first;
    const GDate *to = g_date_compare(&period->last, last) < 0 ? &period->last : last;
    return g_date_days_between(from, to) + 1;
}

Period *period_of_days(const Programme *programme, const Obligation *obligation, const GDate *first,
                       const GDate *last) {
    if (g_date_compare(first, last) > 0 || g_date_days_between(first, last) > STATED_SPAN_MAX_DAYS)
        return NULL;
    g_autoptr(Period) best = NULL;
    int most = 0;
    GDate to = calendar_day_add(last, horizons_days[1]);
    g_autoptr(GArray) days = schedule_due_days(obligation, programme->zone, first, &to);
    for (guint i = 0; i < days->len; i++) {
        const GDate *day = &g_array_index(days, GDate, i);
        if (is_in_vacation(programme, day))
            continue;
        g_autoptr(Period) period = period_new(programme, obligation, day);
        int shared = shared_days(period, first, last);
        if (shared > 0 && shared >= most) {
            most = shared;
            g_clear_pointer(&best, period_free);
            best = g_steal_pointer(&period);
        } else if (shared <= 0 && g_date_compare(&period->first, last) > 0) {
            break; /* ascending: the rest lies later still */
        }
    }
    return g_steal_pointer(&best);
}
