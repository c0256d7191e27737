#include "gateway/core/calendar.h"

#include <string.h>

#include "gateway/core/holidays.h"

/* Instants outside 1970..2200 are clamped: nothing is due there, and GDateTime would refuse the far ends. */
#define INSTANT_MIN_S G_GINT64_CONSTANT(0)
#define INSTANT_MAX_S G_GINT64_CONSTANT(7258118400)

gint64 calendar_instant(GTimeZone *zone, const GDate *day, int second) {
    g_return_val_if_fail(second >= 0 && second < CALENDAR_DAY_S, 0);
    g_autoptr(GDateTime) at =
        g_date_time_new(zone, g_date_get_year(day), (gint)g_date_get_month(day), g_date_get_day(day),
                        second / 3600, second / 60 % 60, second % 60);
    return at != NULL ? g_date_time_to_unix(at) : INSTANT_MAX_S;
}

void calendar_local(GTimeZone *zone, gint64 at_s, GDate *ret_day, int *ret_second) {
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(CLAMP(at_s, INSTANT_MIN_S, INSTANT_MAX_S));
    g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
    int year, month, day_of_month;
    g_date_time_get_ymd(local, &year, &month, &day_of_month);
    g_date_clear(ret_day, 1);
    g_date_set_dmy(ret_day, (GDateDay)day_of_month, (GDateMonth)month, (GDateYear)year);
    if (ret_second != NULL)
        *ret_second = g_date_time_get_hour(local) * 3600 + g_date_time_get_minute(local) * 60 +
                      g_date_time_get_second(local);
}

bool calendar_time_parse(const char *text, GTimeZone *zone, gint64 *ret_at_s) {
    GDate day;
    int hour = 0, minute = 0;
    gsize length = text != NULL ? strlen(text) : 0;
    if (length != 10 && length != 16)
        return false;
    g_autofree char *date = g_strndup(text, 10);
    if (!calendar_day_parse(date, &day))
        return false;
    if (length == 16 && (text[10] != 'T' || text[13] != ':' || !calendar_digits_parse(text + 11, 2, &hour) ||
                         !calendar_digits_parse(text + 14, 2, &minute) || hour > 23 || minute > 59))
        return false;
    *ret_at_s = calendar_instant(zone, &day, hour * 3600 + minute * 60);
    return true;
}

GDate calendar_move_offday(const HolidayTable *holidays, OffdayPolicy policy, const GDate *day) {
    /* the longest holiday so far is eleven days; a table that knows no working day must not loop */
    enum { MOVE_MAX_DAYS = 60 };
    if (policy == OFFDAY_KEEP)
        return *day;
    GDate moved = *day;
    for (int i = 0; i < MOVE_MAX_DAYS && !holiday_is_working(holidays, &moved); i++)
        moved = calendar_day_add(&moved, policy == OFFDAY_NEXT ? 1 : -1);
    return moved;
}

GArray *calendar_missing_years(const HolidayTable *holidays, const Schedule *schedule, const GDate *from,
                               const GDate *to) {
    GArray *years = g_array_new(FALSE, FALSE, sizeof(int));
    GDate first = *from, last = *to;
    if (schedule->offday == OFFDAY_KEEP)
        return years;
    if (g_date_valid(&schedule->first_due) && g_date_compare(&schedule->first_due, &first) > 0)
        first = schedule->first_due;
    if (g_date_valid(&schedule->last_due) && g_date_compare(&schedule->last_due, &last) < 0)
        last = schedule->last_due;
    for (int year = g_date_get_year(&first); year <= g_date_get_year(&last); year++)
        if (!holiday_table_has_year(holidays, (GDateYear)year))
            g_array_append_val(years, year);
    return years;
}
