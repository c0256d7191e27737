#include "parsers/xlsx_format.h"

#include <math.h>
#include <string.h>

#define DAY_S  86400
#define HOUR_S 3600
#define NOON_S (12 * HOUR_S)
/* 9999-12-31, the last day that Excel knows. */
#define SERIAL_MAX 2958465.999999
/* Excel believes that 1900 was a leap year; serials from here on are counted from 1899-12-30. */
#define SERIAL_AFTER_FEBRUARY_1900 60
/* A clock time is stored as a share of a day, in as few as eight digits. */
#define SECOND_NOISE 0.01
/* Beyond this a double no longer holds every integer: scientific notation says so. */
#define EXACT_MAX 1e15

/* Ids without a code in the file; 27 to 58 are the East Asian ones of Excel in Chinese. */
NumberFormat xlsx_format_of_id(guint id) {
    static const struct {
        guint first, last;
        NumberKind kind;
    } RANGES[] = {
        {9, 10, NUMBER_PERCENT},  {14, 17, NUMBER_DATE}, {18, 21, NUMBER_TIME}, {22, 22, NUMBER_DATE},
        {27, 31, NUMBER_DATE},    {32, 35, NUMBER_TIME}, {36, 36, NUMBER_DATE}, {45, 45, NUMBER_TIME},
        {46, 46, NUMBER_ELAPSED}, {47, 47, NUMBER_TIME}, {50, 54, NUMBER_DATE}, {55, 56, NUMBER_TIME},
        {57, 58, NUMBER_DATE},
    };
    static const guint WITH_SECONDS[] = {19, 21, 33, 35, 45, 46, 47, 56}, HALF_DAYS[] = {18, 19};
    NumberFormat format = {.kind = NUMBER_PLAIN};
    for (guint i = 0; i < G_N_ELEMENTS(RANGES); i++)
        if (id >= RANGES[i].first && id <= RANGES[i].last)
            format.kind = RANGES[i].kind;
    for (guint i = 0; i < G_N_ELEMENTS(WITH_SECONDS); i++)
        format.has_seconds |= id == WITH_SECONDS[i];
    for (guint i = 0; i < G_N_ELEMENTS(HALF_DAYS); i++)
        format.has_half_days |= id == HALF_DAYS[i];
    return format;
}

typedef struct {
    bool has_year_or_day, has_month, has_hour, has_second, has_half_day, has_percent, has_digit, is_elapsed;
} CodeScan;

/* [h] counts hours beyond a day; [Red], [$-804] and [>100] say nothing about the value. */
static const char *scan_bracket(const char *at, CodeScan *scan) {
    const char *end = strchr(at, ']');
    if (!end)
        return at + strlen(at) - 1;
    gsize letters = 0;
    while (at + 1 + letters < end && strchr("hHmMsS", at[1 + letters]))
        letters++;
    scan->is_elapsed |= letters > 0 && at + 1 + letters == end;
    return end;
}

static CodeScan scan_code(const char *code) {
    CodeScan scan = {0};
    for (const char *at = code; *at && *at != ';'; at++) {
        char c = g_ascii_tolower(*at);
        if (*at == '"') {
            const char *end = strchr(at + 1, '"');
            if (!end)
                break;
            at = end;
        } else if ((*at == '\\' || *at == '_' || *at == '*') && at[1]) {
            at = g_utf8_next_char(at + 1) - 1;
        } else if (*at == '[') {
            at = scan_bracket(at, &scan);
        } else {
            scan.has_year_or_day |=
                c == 'y' || c == 'd' || (c == 'a' && g_ascii_strncasecmp(at, "aaa", 3) == 0);
            if (c == 'a' && g_ascii_strncasecmp(at, "am/pm", 5) == 0) {
                scan.has_half_day = true;
                at += strlen("am/pm") - 1;
                continue;
            }
            scan.has_month |= c == 'm';
            scan.has_hour |= c == 'h';
            scan.has_second |= c == 's';
            scan.has_percent |= c == '%';
            scan.has_digit |= c == '0' || c == '#' || c == '?';
        }
    }
    return scan;
}

NumberFormat xlsx_format_of_code(const char *code) {
    if (g_ascii_strncasecmp(code, "general", 7) == 0)
        return (NumberFormat){.kind = NUMBER_PLAIN};
    gsize zeros = strspn(code, "0");
    if (zeros >= 2 && (code[zeros] == 0 || code[zeros] == ';'))
        return (NumberFormat){.kind = NUMBER_PADDED, .digits = (guint)MIN(zeros, 32)};
    CodeScan scan = scan_code(code);
    NumberFormat format = {
        .kind = NUMBER_PLAIN, .has_seconds = scan.has_second, .has_half_days = scan.has_half_day};
    bool has_clock = scan.has_hour || scan.has_second;
    if (scan.is_elapsed)
        format.kind = NUMBER_ELAPSED;
    else if (scan.has_year_or_day || (scan.has_month && !has_clock && !scan.has_digit))
        format.kind = NUMBER_DATE;
    else if (has_clock)
        format.kind = NUMBER_TIME;
    else if (scan.has_percent && scan.has_digit)
        format.kind = NUMBER_PERCENT;
    return format;
}

static char *format_plain(double value) {
    char text[64];
    if (value == trunc(value) && fabs(value) < EXACT_MAX)
        return g_strdup_printf("%.0f", value);
    g_ascii_formatd(text, sizeof text, "%.15g", value);
    return g_strdup(text);
}

static void append_clock(GString *text, gint64 seconds, bool is_instant) {
    g_string_append_printf(text, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    if (seconds % 60 || is_instant)
        g_string_append_printf(text, ":%02d", (int)(seconds % 60));
}

/* Midnight is 12 AM, noon 12 PM. */
static void append_half_day_clock(GString *text, gint64 seconds, bool is_instant) {
    bool is_afternoon = seconds >= NOON_S;
    gint64 hours = seconds / HOUR_S % 12;
    append_clock(text, (hours ? hours : 12) * HOUR_S + seconds % HOUR_S, is_instant);
    g_string_append(text, is_afternoon ? " PM" : " AM");
}

/* 6:15:00.7 is shown as 06:15:01 by a clock with seconds, as 06:15 by one without. */
static gint64 seconds_of(double days, bool has_seconds) {
    double seconds = days * DAY_S;
    return has_seconds ? (gint64)llround(seconds) : (gint64)floor(seconds + SECOND_NOISE);
}

/* A format that shows only the date or only the time may hide the other half, which is data all the same. */
static char *format_date(double value, NumberFormat format, bool is_1904) {
    NumberKind kind = format.kind;
    gint64 days = (gint64)floor(value);
    gint64 seconds = seconds_of(value - (double)days, format.has_seconds);
    days += seconds / DAY_S;
    seconds %= DAY_S;
    GString *text = g_string_new(NULL);
    if (days >= 1 || (kind == NUMBER_DATE && seconds == 0)) {
        GDate date;
        g_date_clear(&date, 1);
        g_date_set_dmy(&date, is_1904 ? 1 : 30, is_1904 ? G_DATE_JANUARY : G_DATE_DECEMBER,
                       is_1904 ? 1904 : 1899);
        g_date_add_days(&date, (guint)(days + (!is_1904 && days < SERIAL_AFTER_FEBRUARY_1900)));
        g_string_append_printf(text, "%04d-%02d-%02d", g_date_get_year(&date), g_date_get_month(&date),
                               g_date_get_day(&date));
        if (seconds || kind == NUMBER_TIME)
            g_string_append_c(text, format.has_half_days ? ' ' : 'T');
    }
    if ((seconds || kind == NUMBER_TIME) && format.has_half_days)
        append_half_day_clock(text, seconds, days >= 1);
    else if (seconds || kind == NUMBER_TIME)
        append_clock(text, seconds, days >= 1);
    return g_string_free(text, FALSE);
}

char *xlsx_format_number(double value, NumberFormat format, bool is_1904) {
    if (!isfinite(value))
        return g_strdup("");
    bool is_serial = value >= 0 && value <= SERIAL_MAX;
    if ((format.kind == NUMBER_DATE || format.kind == NUMBER_TIME) && is_serial)
        return format_date(value, format, is_1904);
    if (format.kind == NUMBER_ELAPSED && is_serial) {
        GString *text = g_string_new(NULL);
        append_clock(text, (gint64)llround(value * DAY_S), false);
        return g_string_free(text, FALSE);
    }
    if (format.kind == NUMBER_PERCENT) {
        /* 0.07 * 100 is 7.000000000000001, which 15 digits show as 7 */
        g_autofree char *percent = format_plain(value * 100);
        return g_strconcat(percent, "%", NULL);
    }
    if (format.kind == NUMBER_PADDED && value >= 0 && value < EXACT_MAX && value == trunc(value))
        return g_strdup_printf("%0*.0f", (int)format.digits, value);
    return format_plain(value);
}
