/* Instants, spans and durations as people read them: the texts of calendar.h. */
#include "gateway/core/calendar.h"

#include <string.h>

static const char *const weekdays_zh[] = {"", "一", "二", "三", "四", "五", "六", "日"};
static const char *const weekdays_en[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                          "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const months_en[] = {"",        "January",  "February", "March",  "April",
                                        "May",     "June",     "July",     "August", "September",
                                        "October", "November", "December"};

static bool is_english(const char *language) {
    return g_strcmp0(language, "en") == 0;
}

char *calendar_instant_text(GTimeZone *zone, gint64 at_s, const char *language) {
    GDate day;
    int second;
    calendar_local(zone, at_s, &day, &second);
    int hour = second / 3600, minute = second / 60 % 60;
    if (is_english(language))
        return g_strdup_printf("%s %d %s %d, %02d:%02d", weekdays_en[g_date_get_weekday(&day)],
                               g_date_get_day(&day), months_en[g_date_get_month(&day)], g_date_get_year(&day),
                               hour, minute);
    return g_strdup_printf("%d月%d日（星期%s）%02d:%02d", (int)g_date_get_month(&day), g_date_get_day(&day),
                           weekdays_zh[g_date_get_weekday(&day)], hour, minute);
}

char *calendar_span_text(const GDate *first, const GDate *last, const char *language) {
    bool one_day = g_date_compare(first, last) == 0;
    if (is_english(language)) {
        g_autofree char *end = g_strdup_printf("%d %s %d", g_date_get_day(last),
                                               months_en[g_date_get_month(last)], g_date_get_year(last));
        if (one_day)
            return g_steal_pointer(&end);
        if (g_date_get_year(first) != g_date_get_year(last))
            return g_strdup_printf("%d %s %d to %s", g_date_get_day(first),
                                   months_en[g_date_get_month(first)], g_date_get_year(first), end);
        return g_strdup_printf("%d %s to %s", g_date_get_day(first), months_en[g_date_get_month(first)], end);
    }
    g_autofree char *end = g_strdup_printf("%d月%d日", (int)g_date_get_month(last), g_date_get_day(last));
    if (one_day)
        return g_steal_pointer(&end);
    if (g_date_get_year(first) != g_date_get_year(last))
        return g_strdup_printf("%d年%d月%d日至%d年%s", g_date_get_year(first), (int)g_date_get_month(first),
                               g_date_get_day(first), g_date_get_year(last), end);
    return g_strdup_printf("%d月%d日至%s", (int)g_date_get_month(first), g_date_get_day(first), end);
}

char *calendar_duration_text(gint64 seconds, const char *language) {
    static const struct {
        gint64 seconds;
        const char *zh, *en;
    } units[] = {{CALENDAR_DAY_S, "天", "day"}, {3600, "小时", "hour"}, {60, "分钟", "minute"}};
    GString *text = g_string_new(NULL);
    gint64 rest = MAX(seconds, 60); /* less than a minute is said as one */
    int said = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(units) && said < 2; i++) {
        gint64 count = rest / units[i].seconds;
        rest %= units[i].seconds;
        if (count == 0) {
            if (said > 0)
                break; /* "3 days", not "3 days 5 minutes" */
            continue;
        }
        if (is_english(language))
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s%s", said > 0 ? " " : "", count,
                                   units[i].en, count == 1 ? "" : "s");
        else
            g_string_append_printf(text, "%" G_GINT64_FORMAT "%s", count, units[i].zh);
        said++;
    }
    return g_string_free(text, FALSE);
}
