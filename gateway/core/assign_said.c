#include "gateway/core/assign_said.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"

/* What is named by number or day lies at most this far from the day on which it is named … */
#define SAID_MAX_S (120 * CALENDAR_DAY_S)
/* … a period by a mistyped year nearer, … */
#define OTHER_YEAR_MAX_S (60 * CALENDAR_DAY_S)
/* … and begins at most this long after. */
#define SAID_EARLY_MAX_S (20 * CALENDAR_DAY_S)
#define WEEK_MIDDLE      3 /* days from an ISO week's Monday to its Thursday, which is in most weekly periods */

static bool is_near(const Programme *programme, const Period *period, gint64 received_s, gint64 most_s) {
    return ABS(period->due_s - received_s) <= most_s &&
           calendar_instant(programme->zone, &period->first, 0) <= received_s + SAID_EARLY_MAX_S;
}

/* Takes period; NULL where it is too far away to be meant. */
static Period *if_near(const Programme *programme, Period *period, gint64 received_s) {
    g_autoptr(Period) candidate = period;
    return candidate != NULL && is_near(programme, candidate, received_s, SAID_MAX_S)
               ? g_steal_pointer(&candidate)
               : NULL;
}

static Period *nth_of_year(const Programme *programme, const Obligation *obligation, int year,
                           gint64 number) {
    GDate from, to;
    g_date_clear(&from, 1);
    g_date_clear(&to, 1);
    g_date_set_dmy(&from, 1, G_DATE_JANUARY, (GDateYear)year);
    g_date_set_dmy(&to, 31, G_DATE_DECEMBER, (GDateYear)year);
    return period_nth(programme, obligation, &from, &to, number);
}

/* "第3期": the third of the programme, else the third of the year; "Week 37": else that week of the year. */
static Period *by_number(const Programme *programme, const Obligation *obligation, const json_t *hint,
                         gint64 received_s) {
    gint64 number = json_integer_value(json_object_get(hint, "number"));
    int said_year = (int)json_integer_value(json_object_get(hint, "year"));
    const GDate *first = &obligation->schedule.first_due;
    GDate here;
    calendar_local(programme->zone, received_s, &here, NULL);
    GDate horizon = calendar_day_add(&here, SAID_MAX_S / CALENDAR_DAY_S);
    Period *found = NULL;
    if (g_date_valid(first) && (said_year == 0 || said_year == g_date_get_year(first)))
        found = if_near(programme, period_nth(programme, obligation, first, &horizon, number), received_s);
    int year = said_year != 0 ? said_year : g_date_get_year(&here);
    if (found == NULL && year >= 1970 && year <= 2100)
        found = if_near(programme, nth_of_year(programme, obligation, year, number), received_s);
    if (found != NULL || !json_is_true(json_object_get(hint, "week")) || number > 53)
        return found;
    GDate fourth; /* 4 January lies in week 1 (ISO 8601) */
    g_date_clear(&fourth, 1);
    g_date_set_dmy(&fourth, 4, G_DATE_JANUARY, (GDateYear)year);
    GDate monday = calendar_day_add(&fourth, 1 - (int)g_date_get_weekday(&fourth) + 7 * ((int)number - 1));
    GDate middle = calendar_day_add(&monday, WEEK_MIDDLE);
    return if_near(programme, period_of_days(programme, obligation, &middle, &middle), received_s);
}

/* "6月第二期": the second due day of the month. */
static Period *by_month(const Programme *programme, const Obligation *obligation, const json_t *hint,
                        gint64 received_s) {
    g_autofree char *text = g_strdup_printf("%s-01", json_string_value(json_object_get(hint, "month")));
    GDate from;
    if (!calendar_day_parse(text, &from))
        return NULL;
    GDate to = calendar_day_add(
        &from, g_date_get_days_in_month(g_date_get_month(&from), g_date_get_year(&from)) - 1);
    return if_near(
        programme,
        period_nth(programme, obligation, &from, &to, json_integer_value(json_object_get(hint, "turn"))),
        received_s);
}

static Period *by_day(const Programme *programme, const Obligation *obligation, const json_t *hint,
                      gint64 received_s) {
    GDate day, here;
    if (!calendar_day_parse(json_string_value(json_object_get(hint, "day")), &day))
        return NULL;
    calendar_local(programme->zone, received_s, &here, NULL);
    int before = g_date_days_between(&day, &here);
    if (!json_is_true(json_object_get(hint, "named")) && before >= 0 && before <= 1)
        return NULL;
    return if_near(programme, period_of_days(programme, obligation, &day, &day), received_s);
}

static Period *by_days(const Programme *programme, const Obligation *obligation, const json_t *hint,
                       gint64 received_s) {
    GDate first, last;
    if (!calendar_day_parse(json_string_value(json_object_get(hint, "start")), &first) ||
        !calendar_day_parse(json_string_value(json_object_get(hint, "end")), &last))
        return NULL;
    return if_near(programme, period_of_days(programme, obligation, &first, &last), received_s);
}

Period *assign_said(const Programme *programme, const Obligation *obligation, const json_t *hint,
                    gint64 received_s) {
    static const struct {
        const char *key;
        Period *(*find)(const Programme *, const Obligation *, const json_t *, gint64);
    } kinds[] = {{"start", by_days}, {"number", by_number}, {"month", by_month}, {"day", by_day}};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (json_object_get(hint, kinds[i].key) != NULL)
            return kinds[i].find(programme, obligation, hint, received_s);
    return NULL;
}

/* A day in another year; 29 February becomes the 28th. */
static GDate in_year(const GDate *day, int year) {
    GDate moved;
    g_date_clear(&moved, 1);
    GDateDay last = g_date_get_days_in_month(g_date_get_month(day), (GDateYear)year);
    g_date_set_dmy(&moved, MIN(g_date_get_day(day), last), g_date_get_month(day), (GDateYear)year);
    return moved;
}

Period *assign_other_year(const Programme *programme, const Obligation *obligation, const GDate *first,
                          const GDate *last, gint64 received_s) {
    GDate here;
    g_autoptr(Period) best = NULL;
    calendar_local(programme->zone, received_s, &here, NULL);
    int length = g_date_days_between(first, last);
    for (int year = g_date_get_year(&here) - 1; year <= g_date_get_year(&here) + 1; year++) {
        GDate from = in_year(first, year), to = calendar_day_add(&from, length);
        g_autoptr(Period) period = length >= 0 ? period_of_days(programme, obligation, &from, &to) : NULL;
        if (period == NULL || !is_near(programme, period, received_s, OTHER_YEAR_MAX_S) ||
            (best != NULL && ABS(best->due_s - received_s) <= ABS(period->due_s - received_s)))
            continue;
        g_clear_pointer(&best, period_free);
        best = g_steal_pointer(&period);
    }
    return g_steal_pointer(&best);
}
