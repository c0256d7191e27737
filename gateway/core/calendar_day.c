#include "gateway/core/calendar_day.h"

#include <string.h>

bool calendar_digits_parse(const char *text, int n, int *ret_value) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (!g_ascii_isdigit(text[i]))
            return false;
        value = value * 10 + (text[i] - '0');
    }
    *ret_value = value;
    return true;
}

bool calendar_day_parse(const char *text, GDate *ret_day) {
    int year, month, day;
    if (text == NULL || strlen(text) != CALENDAR_DAY_BYTES - 1 || text[4] != '-' || text[7] != '-')
        return false;
    if (!calendar_digits_parse(text, 4, &year) || !calendar_digits_parse(text + 5, 2, &month) ||
        !calendar_digits_parse(text + 8, 2, &day))
        return false;
    if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    g_date_clear(ret_day, 1);
    g_date_set_dmy(ret_day, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return true;
}

void calendar_day_format(const GDate *day, char ret_text[CALENDAR_DAY_BYTES]) {
    g_snprintf(ret_text, CALENDAR_DAY_BYTES, "%04d-%02d-%02d", g_date_get_year(day) % 10000,
               (int)g_date_get_month(day) % 100, g_date_get_day(day) % 100);
}

GDate calendar_day_add(const GDate *day, int days) {
    GDate sum = *day;
    if (days >= 0)
        g_date_add_days(&sum, (guint)days);
    else
        g_date_subtract_days(&sum, (guint)-days);
    return sum;
}
