#include "parsers/mail_date.h"

#include <string.h>

#define CHINA_OFFSET_S (8 * 3600)
#define TOKENS_MAX     16 /* a date has at most ten; more is something else */

typedef struct {
    int day, month, year; /* 0: not yet read (year: -1) */
    int hour, minute, second;
    bool has_time, is_afternoon, is_morning;
    bool has_zone;
    int offset_s;
} Parts;

static int month_of(const char *word, gsize length) {
    static const char NAMES[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (length < 3)
        return 0;
    for (int i = 0; i < 12; i++)
        if (g_ascii_strncasecmp(word, NAMES + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

/* Up to max_digits digits at *p; -1 where there is none. */
static int number_at(const char **p, int max_digits) {
    int value = -1;
    for (int i = 0; i < max_digits && g_ascii_isdigit(**p); i++)
        value = MAX(value, 0) * 10 + (*(*p)++ - '0');
    return value;
}

/* "+0800", "-08:00", "+8" */
static bool zone_of_digits(const char *p, int *ret_offset_s) {
    int sign = *p == '-' ? -1 : 1;
    p++;
    const char *start = p;
    int value = number_at(&p, 4);
    if (value < 0)
        return false;
    int hours = p - start <= 2 ? value : value / 100, minutes = p - start <= 2 ? 0 : value % 100;
    if (*p == ':') {
        p++;
        minutes = number_at(&p, 2);
    }
    if (hours > 14 || minutes < 0 || minutes > 59)
        return false;
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool zone_of_name(const char *word, gsize length, int *ret_offset_s) {
    static const struct {
        const char *name;
        int offset_s;
    } ZONES[] = {
        {"cst", CHINA_OFFSET_S},
        {"gmt", 0},
        {"ut", 0},
        {"utc", 0},
        {"z", 0},
        {"bst", 3600},
        {"est", -5 * 3600},
        {"edt", -4 * 3600},
        {"cdt", -5 * 3600},
        {"mst", -7 * 3600},
        {"mdt", -6 * 3600},
        {"pst", -8 * 3600},
        {"pdt", -7 * 3600},
        {"jst", 9 * 3600},
        {"kst", 9 * 3600},
        {"hkt", CHINA_OFFSET_S},
        {"sgt", CHINA_OFFSET_S},
        {"met", 3600},
        {"cet", 3600},
        {"cest", 7200},
        {"mest", 7200},
        {"eet", 7200},
        {"eest", 3 * 3600},
        {"msk", 3 * 3600},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(ZONES); i++) {
        if (strlen(ZONES[i].name) == length && g_ascii_strncasecmp(word, ZONES[i].name, length) == 0) {
            *ret_offset_s = ZONES[i].offset_s;
            return true;
        }
    }
    return false;
}

static void read_time(const char *p, Parts *parts) {
    int hour = number_at(&p, 2);
    char separator = *p;
    if (separator != ':' && separator != '.')
        return;
    p++;
    int minute = number_at(&p, 2), second = 0;
    if (*p == separator) {
        p++;
        second = number_at(&p, 2);
    }
    if (hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return;
    parts->hour = hour;
    parts->minute = minute;
    parts->second = MIN(second, 59); /* a leap second */
    parts->has_time = true;
    if (*p == '.')
        while (*p == '.' || g_ascii_isdigit(*p))
            p++;
    if (*p == '+' || *p == '-')
        parts->has_zone = zone_of_digits(p, &parts->offset_s);
    else if (g_ascii_toupper(*p) == 'Z' && p[1] == '\0')
        parts->has_zone = true;
}

/* "2016-6-13", "2016/06/13", "2016-06-13T10:00:00", "13-Jun-2016" */
static bool read_joined_date(const char *word, Parts *parts) {
    const char *p = word;
    int first = number_at(&p, 4);
    if (first < 0 || strchr("-/.", *p) == NULL || *p == '\0')
        return false;
    char separator = *p++;
    int month = g_ascii_isdigit(*p) ? number_at(&p, 2) : month_of(p, strlen(p));
    while (g_ascii_isalpha(*p))
        p++;
    if (*p != separator)
        return false;
    p++;
    int last = number_at(&p, 4);
    if (first > 31) {
        parts->year = first;
        parts->day = last;
    } else {
        parts->day = first;
        parts->year = last;
    }
    parts->month = month;
    if (*p == 'T')
        read_time(p + 1, parts);
    return true;
}

static void read_word(const char *word, gsize length, Parts *parts) {
    const char *end_of_digits = word;
    while (g_ascii_isdigit(*end_of_digits))
        end_of_digits++;
    if ((*word == '+' || *word == '-') && parts->has_time && !parts->has_zone) {
        parts->has_zone = zone_of_digits(word, &parts->offset_s);
    } else if (end_of_digits == word) {
        int month = month_of(word, length);
        int offset_s = 0;
        if (g_ascii_strncasecmp(word, "am", 2) == 0 && length == 2)
            parts->is_morning = true;
        else if (g_ascii_strncasecmp(word, "pm", 2) == 0 && length == 2)
            parts->is_afternoon = true;
        else if (month > 0 && parts->month == 0)
            parts->month = month;
        else if (!parts->has_zone && zone_of_name(word, length, &offset_s)) {
            parts->offset_s = offset_s;
            parts->has_zone = true;
            const char *sign = word + strcspn(word, "+-"); /* "GMT+0800" is split before */
            if (*sign != '\0')
                zone_of_digits(sign, &parts->offset_s);
        }
    } else if (*end_of_digits == ':' || (*end_of_digits == '.' && parts->year >= 0 && !parts->has_time)) {
        read_time(word, parts);
    } else if (!read_joined_date(word, parts)) {
        const char *p = word;
        int value = number_at(&p, 4);
        gsize digits = (gsize)(p - word);
        if (digits <= 2 && parts->day == 0 && value <= 31)
            parts->day = value;
        else if (parts->year < 0)
            parts->year = digits >= 3 ? value : value < 50 ? 2000 + value : 1900 + value; /* RFC 5322 4.3 */
    }
}

static bool finish(Parts *parts, gint64 *ret_time_s, int *ret_offset_s) {
    if (parts->year >= 0 && parts->year < 50)
        parts->year += 2000;
    else if (parts->year >= 50 && parts->year < 1000)
        parts->year += 1900;
    if (parts->is_afternoon && parts->hour < 12)
        parts->hour += 12;
    if (parts->is_morning && parts->hour == 12)
        parts->hour = 0;
    if (parts->year < 1970 || parts->month < 1 || parts->month > 12 || parts->day < 1 ||
        parts->day > g_date_get_days_in_month((GDateMonth)parts->month, (GDateYear)parts->year))
        return false;
    g_autoptr(GDateTime) local =
        g_date_time_new_utc(parts->year, parts->month, parts->day, parts->hour, parts->minute, parts->second);
    if (local == NULL)
        return false;
    int offset_s = parts->has_zone ? parts->offset_s : CHINA_OFFSET_S;
    *ret_time_s = g_date_time_to_unix(local) - offset_s;
    if (ret_offset_s != NULL)
        *ret_offset_s = offset_s;
    return true;
}

bool mail_date_parse(const char *text, gint64 *ret_time_s, int *ret_offset_s) {
    if (text == NULL)
        return false;
    Parts parts = {.year = -1};
    guint tokens = 0, comment_depth = 0;
    for (const char *p = text; *p != '\0' && tokens < TOKENS_MAX;) {
        if (*p == '(' || *p == ')') {
            comment_depth = *p == '(' ? comment_depth + 1 : comment_depth - (comment_depth > 0);
            p++;
            continue;
        }
        if (comment_depth > 0 || g_ascii_isspace(*p) || *p == ',' || *p == ';') {
            p++;
            continue;
        }
        const char *start = p;
        while (*p != '\0' && !g_ascii_isspace(*p) && strchr(",;()", *p) == NULL &&
               !(p > start && (*p == '+' || *p == '-') && g_ascii_isalpha(p[-1]) && g_ascii_isdigit(p[1]) &&
                 !g_ascii_isdigit(*start))) /* "GMT+0800" is two words, "13-Jun-2016" one */
            p++;
        g_autofree char *word = g_strndup(start, (gsize)(p - start));
        bool had_zone = parts.has_zone;
        if (had_zone && (*word == '+' || *word == '-') && parts.offset_s == 0)
            zone_of_digits(word, &parts.offset_s); /* "GMT +0800" */
        else
            read_word(word, (gsize)(p - start), &parts);
        tokens++;
    }
    return finish(&parts, ret_time_s, ret_offset_s);
}
