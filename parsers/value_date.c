#include "parsers/value_date.h"

#include <stdlib.h>
#include <string.h>

#include "parsers/utf8.h"
#include "parsers/value_number.h"

#define YEAR_FIRST     1990
#define YEAR_LAST      2099
#define RANGE_MAX_DAYS 400    /* a year of report, and some slack */
#define SERIAL_FIRST   36526  /* 2000-01-01 as a spreadsheet's day number */
#define SERIAL_LAST    73050  /* 2099-12-31 */
#define SERIAL_EPOCH   693594 /* Julian day of GDate for serial 0: 1899-12-30 */
#define SKIP_MAX       24     /* characters before the date: "自", "汇报周期：" */

static void skip_space(const char **cursor) {
    *cursor = number_skip_blanks(*cursor);
}

static bool take(const char **cursor, const char *token) {
    skip_space(cursor);
    /* asked for dozens of words at every place, so the first byte first */
    if (g_ascii_tolower(**cursor) != g_ascii_tolower(*token) ||
        g_ascii_strncasecmp(*cursor, token, strlen(token)) != 0)
        return false;
    *cursor += strlen(token);
    return true;
}

static int month_by_name(const char **cursor) {
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    for (int m = 0; m < 12 && g_ascii_isalpha(**cursor); m++) {
        gsize length = strlen(names[m]);
        if (g_ascii_strncasecmp(*cursor, names[m], length) != 0)
            length = 3;
        if (g_ascii_strncasecmp(*cursor, names[m], length) == 0 && !g_ascii_isalpha((*cursor)[length])) {
            *cursor += length;
            take(cursor, ".");
            return m + 1;
        }
    }
    return 0;
}

static int full_year(int year, guint digits) {
    return digits == 2 ? 2000 + year : year;
}

static bool is_possible(const CivilTime *t) {
    if (t->year && (t->year < YEAR_FIRST || t->year > YEAR_LAST))
        return false;
    if (t->month < 1 || t->month > 12 || t->day < 1)
        return false;
    /* without a year 29 February may be one */
    return g_date_valid_dmy((GDateDay)t->day, (GDateMonth)t->month, (GDateYear)(t->year ? t->year : 2000));
}

/* the rest of "2016年6月13日" behind its year, or of "6月13日" behind the month */
static bool read_day_of_month(const char **cursor, CivilTime *t) {
    guint digits;
    skip_space(cursor);
    if (!number_read_whole(cursor, &t->day, &digits) || digits > 3)
        return false;
    if (!take(cursor, "日"))
        take(cursor, "号");
    return is_possible(t);
}

/* "2016-6-13", "16.6.13", "6/13" behind the first number; sep is the character that followed it */
static bool read_separated(const char **cursor, int first, guint first_digits, CivilTime *t) {
    char sep = **cursor;
    int second, third;
    guint digits;
    (*cursor)++;
    skip_space(cursor);
    if (!number_read_whole(cursor, &second, &digits) || digits > 2)
        return false;
    const char *before = *cursor;
    if (**cursor == sep && g_ascii_isdigit((*cursor)[1])) {
        (*cursor)++;
        if (!number_read_whole(cursor, &third, &digits))
            return false;
        if (first_digits == 4 || (first_digits == 2 && digits <= 2)) {
            *t = (CivilTime){full_year(first, first_digits), second, third, -1, 0};
            if (digits <= 2 && is_possible(t))
                return true;
        }
        /* 13/6/2016 and 6/13/2016: only where one order is impossible */
        if (digits == 4 && first_digits <= 2) {
            bool day_first = first > 12;
            if (!day_first && second <= 12 && first != second)
                return false;
            *t = (CivilTime){third, day_first ? second : first, day_first ? first : second, -1, 0};
            return is_possible(t);
        }
        *cursor = before; /* "6-14-6-27": the second sign joins a range */
    }
    if (first_digits > 2)
        return false;
    *t = (CivilTime){0, first, second, -1, 0};
    return is_possible(t);
}

static bool read_date(const char **cursor, CivilTime *t) {
    const char *start = *cursor;
    int number, month = month_by_name(cursor);
    guint digits;
    *t = (CivilTime){.hour = -1};
    if (month) { /* June 13, 2016 */
        t->month = month;
        skip_space(cursor);
        if (!number_read_whole(cursor, &t->day, &digits) || digits > 2)
            return false;
        static const char *const ordinals[] = {"st", "nd", "rd", "th"};
        for (guint i = 0; i < G_N_ELEMENTS(ordinals); i++)
            if (take(cursor, ordinals[i]))
                break;
        const char *before = *cursor;
        take(cursor, ",");
        skip_space(cursor);
        if (number_read_whole(cursor, &number, &digits) && digits == 4)
            t->year = number;
        else
            *cursor = before;
        return is_possible(t);
    }
    if (!number_read_whole(cursor, &number, &digits))
        return false;
    const char *behind = *cursor;
    if (digits == 8 && g_ascii_isdigit(*start)) { /* 20160613 */
        *t = (CivilTime){number / 10000, number / 100 % 100, number % 100, -1, 0};
        return is_possible(t);
    }
    if (take(cursor, "年")) {
        t->year = full_year(number, digits);
        skip_space(cursor);
        if (!number_read_whole(cursor, &t->month, &digits) ||
            !(take(cursor, "月") || take(cursor, ".") || take(cursor, "-")))
            return false;
        return read_day_of_month(cursor, t);
    }
    if (take(cursor, "月")) {
        t->month = number;
        take(cursor, "份");
        return read_day_of_month(cursor, t);
    }
    *cursor = behind;
    skip_space(cursor);
    month = month_by_name(cursor);
    if (month && digits <= 2) { /* 13 June 2016 */
        t->month = month;
        t->day = number;
        behind = *cursor;
        skip_space(cursor);
        if (number_read_whole(cursor, &number, &digits) && digits == 4)
            t->year = number;
        else
            *cursor = behind;
        return is_possible(t);
    }
    *cursor = behind;
    if (**cursor == '-' || **cursor == '/' || **cursor == '.')
        return read_separated(cursor, number, digits, t);
    return false;
}

/* ---- time of day
 * ---------------------------------------------------------------------------------------------------- */

/* What may stand between date and time: a weekday, T, a comma, morning or afternoon. Returns hours to add, or
 * -1 for "before noon". */
static int skip_to_time(const char **cursor) {
    static const struct {
        const char *word;
        int add;
    } words[] = {{"(", 0},     {")", 0},     {"星期", 0},  {"周", 0},    {"一", 0},    {"二", 0},
                 {"三", 0},    {"四", 0},    {"五", 0},    {"六", 0},    {"日", 0},    {"天", 0},
                 {",", 0},     {"T", 0},     {"上午", -1}, {"凌晨", -1}, {"早上", -1}, {"早晨", -1},
                 {"中午", 12}, {"下午", 12}, {"晚上", 12}, {"傍晚", 12}, {"晚", 12}};
    int add = 0;
    for (guint i = 0; i < 10; i++) {
        guint w = 0;
        while (w < G_N_ELEMENTS(words) && !take(cursor, words[w].word))
            w++;
        if (w == G_N_ELEMENTS(words))
            break;
        if (words[w].add)
            add = words[w].add;
    }
    skip_space(cursor);
    return add;
}

static void read_time(const char **cursor, CivilTime *t) {
    const char *start = *cursor;
    int add = skip_to_time(cursor), hour, minute = 0;
    guint digits;
    if (!number_read_whole(cursor, &hour, &digits) || digits > 3 || hour > 24) {
        *cursor = start;
        return;
    }
    bool colon = **cursor == ':' && g_ascii_isdigit((*cursor)[1]);
    bool word = !colon && (take(cursor, "时") || take(cursor, "点"));
    if (!colon && !word) {
        *cursor = start;
        return;
    }
    if (colon) {
        (*cursor)++;
        number_read_whole(cursor, &minute, &digits);
        if (**cursor == ':' && g_ascii_isdigit((*cursor)[1])) { /* seconds are read and dropped */
            int seconds;
            (*cursor)++;
            number_read_whole(cursor, &seconds, &digits);
        }
        if (take(cursor, "pm"))
            add = 12;
        else if (take(cursor, "am"))
            add = -1;
    } else if (take(cursor, "半"))
        minute = 30;
    else if (number_read_whole(cursor, &minute, &digits))
        take(cursor, "分");
    if (add == 12 && hour < 12)
        hour += hour == 0 ? 0 : 12;
    else if (add == -1 && hour == 12)
        hour = 0;
    if (hour > 23 || minute > 59) {
        *cursor = start;
        return;
    }
    t->hour = hour;
    t->minute = minute;
}

/* ---- the missing year
 * ------------------------------------------------------------------------------------------------ */

static GDate to_date(const CivilTime *t) {
    GDate date;
    g_date_clear(&date, 1);
    if (g_date_valid_dmy((GDateDay)t->day, (GDateMonth)t->month, (GDateYear)t->year))
        g_date_set_dmy(&date, (GDateDay)t->day, (GDateMonth)t->month, (GDateYear)t->year);
    return date;
}

static bool fill_year(CivilTime *t, const GDate *reference) {
    if (t->year)
        return true;
    if (!reference || !g_date_valid(reference))
        return false;
    int best = G_MAXINT, year = 0;
    for (int y = g_date_get_year(reference) - 1; y <= g_date_get_year(reference) + 1; y++) {
        CivilTime trial = *t;
        trial.year = y;
        GDate date = to_date(&trial);
        if (!g_date_valid(&date))
            continue;
        int distance = abs(g_date_days_between(reference, &date));
        if (distance < best) {
            best = distance;
            year = y;
        }
    }
    t->year = year;
    return year != 0;
}

/* ---- whole texts
 * ----------------------------------------------------------------------------------------------------- */

/* In one alphabet, without the blanks of "2016 . 6 . 14", and "2016、6、14" with points. */
static char *plain_text(const char *text) {
    char *plain = utf8_compatible(text);
    if (!strstr(plain, "、") && !strstr(plain, " .") && !strstr(plain, ". "))
        return plain;
    g_autoptr(GString) out = g_string_sized_new(strlen(plain));
    for (const char *p = plain; *p;) {
        const char *sign = p + strspn(p, " ");
        gsize width = *sign == '.' ? 1 : g_str_has_prefix(sign, "、") ? strlen("、") : 0;
        const char *next = sign + width + strspn(sign + width, " ");
        bool joins = width && g_ascii_isdigit(*next) && out->len && g_ascii_isdigit(out->str[out->len - 1]);
        if (joins) {
            g_string_append_c(out, '.');
        } else {
            next = sign > p ? sign : g_utf8_next_char(p); /* a run of blanks is passed at once */
            g_string_append_len(out, p, next - p);
        }
        p = next;
    }
    g_free(plain);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The first place where a date can be read, within the first characters. */
static bool find_date(const char **cursor, CivilTime *t) {
    const char *p = *cursor;
    for (guint skipped = 0; *p && skipped < SKIP_MAX; skipped++, p = g_utf8_next_char(p)) {
        const char *q = p;
        if (utf8_is_space(utf8_char(p)) || !read_date(&q, t)) {
            /* not from the middle of a number on, and not the rest of a date whose year is impossible */
            if (g_ascii_isdigit(*p))
                while (g_ascii_isdigit(p[1]))
                    p++;
            if (g_ascii_isdigit(*p) && g_str_has_prefix(p + 1, "年"))
                return false;
            continue;
        }
        read_time(&q, t);
        *cursor = q;
        return true;
    }
    return false;
}

/* A spreadsheet's day number that no style marked as a date. */
static bool parse_serial(const char *plain, CivilTime *ret_time) {
    char *end = NULL;
    double serial = g_ascii_strtod(plain, &end);
    if (end == plain || serial < SERIAL_FIRST || serial > SERIAL_LAST)
        return false;
    skip_space((const char **)&end);
    if (*end)
        return false;
    guint32 days = (guint32)serial;
    double rest = serial - days;
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_julian(&date, SERIAL_EPOCH + days);
    int minutes = (int)(rest * 24 * 60 + 0.5);
    *ret_time =
        (CivilTime){g_date_get_year(&date), (int)g_date_get_month(&date), g_date_get_day(&date), -1, 0};
    if (minutes > 0 && minutes < 24 * 60) {
        ret_time->hour = minutes / 60;
        ret_time->minute = minutes % 60;
    }
    return true;
}

bool date_parse(const char *text, const GDate *reference, CivilTime *ret_time) {
    g_autofree char *plain = plain_text(text);
    const char *p = plain;
    CivilTime t;
    if (parse_serial(plain, ret_time))
        return true;
    if (!find_date(&p, &t) || !fill_year(&t, reference))
        return false;
    *ret_time = t;
    return true;
}

static bool take_joint(const char **cursor) {
    static const char *const joints[] = {"至", "到", "--", "—",     "–",    "－",   "-", "~",
                                         "〜", "∼",  "to", "until", "till", "日至", ">", "→"};
    bool found = false;
    for (guint again = 0; again < 3; again++)
        for (guint i = 0; i < G_N_ELEMENTS(joints); i++)
            if (take(cursor, joints[i])) {
                found = true;
                break;
            }
    skip_space(cursor);
    return found;
}

/* What joins two days that are written out, the first one before *cursor: "2016-06-14/2016-06-27", "…_…",
 * "…起，…止", "开始：…，结束：…". */
static bool take_weak_joint(const char **cursor, bool is_begun) {
    static const char *const ends[] = {"结束", "截止", "终止", "止", "end", NULL};
    static const char *const words[] = {"日期", "时间", "于", ":", NULL}; /* behind one of them */
    const char *p = *cursor;
    const char *year = *p == '/' || *p == '_' ? p + 1 : p[-1] == '_' ? p : NULL; /* "_" counts as a blank */
    if (year && strspn(year, "0123456789") >= 4) {
        *cursor = year;
        return true;
    }
    bool is_cut = take(&p, ",") || take(&p, ";") || take(&p, "、");
    bool is_end = false;
    for (const char *const *end = ends; *end && !is_end; end++)
        is_end = take(&p, *end);
    for (const char *const *more = words; is_end && *more; more++)
        take(&p, *more);
    if (!is_end && !(is_cut && (is_begun || take_joint(&p))))
        return false;
    skip_space(&p);
    *cursor = p;
    return true;
}

/* "（星期二）" behind a date, 起 or 开始 too; true where one of these stood. */
static bool skip_weekday(const char **cursor) {
    static const char *const days[] = {"一", "二", "三", "四", "五", "六", "日", "天"};
    const char *start = *cursor;
    bool opened = take(cursor, "(");
    bool named = take(cursor, "星期") || take(cursor, "周") || take(cursor, "礼拜");
    bool day = false;
    for (guint i = 0; named && i < G_N_ELEMENTS(days) && !day; i++)
        day = take(cursor, days[i]);
    if (!day || (opened && !take(cursor, ")")))
        *cursor = start;
    return take(cursor, "起") || take(cursor, "开始");
}

/* "12-18 September 2026", "3 to 9 Oct": the month stands once, behind both days. */
static bool find_days_of_named_month(const char *plain, CivilTime *start, CivilTime *end) {
    for (const char *p = plain; *p; p++) {
        int day;
        guint digits;
        const char *q = p;
        if (!g_ascii_isdigit(*p) || (p > plain && (g_ascii_isalnum(p[-1]) || strchr("-/.", p[-1]))) ||
            !number_read_whole(&q, &day, &digits) || digits > 2 || !take_joint(&q))
            continue;
        const char *second = q;
        while (g_ascii_isdigit(*q))
            q++;
        skip_space(&q);
        if (q == second || !month_by_name(&q) || !read_date(&second, end))
            continue;
        *start = (CivilTime){end->year, end->month, day, -1, 0};
        return is_possible(start);
    }
    return false;
}

bool date_parse_range(const char *text, const GDate *reference, CivilTime *ret_start, CivilTime *ret_end) {
    g_autofree char *plain = plain_text(text);
    const char *p = plain;
    CivilTime start, end = {.hour = -1};
    bool is_behind = find_days_of_named_month(plain, &start, &end);
    if (!is_behind && !find_date(&p, &start))
        return false;
    bool begun = skip_weekday(&p);
    if (!is_behind && !take_joint(&p) && !take_weak_joint(&p, begun))
        return false;
    const char *second = p;
    if (!is_behind && !read_date(&p, &end)) {
        guint digits;
        p = second; /* "6月14日—27日", "6.14-27" */
        end = (CivilTime){start.year, start.month, 0, -1, 0};
        if (!number_read_whole(&p, &end.day, &digits) || digits > 3 || !is_possible(&end))
            return false;
    }
    /* One stated year serves both; a range over New Year states it on one side only. */
    bool start_known = start.year != 0, end_known = end.year != 0;
    if (!start_known && !end_known && !fill_year(&end, reference))
        return false;
    if (!start.year) {
        start.year = end.year;
        if (start.month > end.month)
            start.year--;
    } else if (!end.year) {
        end.year = start.year;
        if (end.month < start.month)
            end.year++;
    }
    GDate first = to_date(&start), last = to_date(&end);
    if (!g_date_valid(&first) || !g_date_valid(&last))
        return false;
    int days = g_date_days_between(&first, &last);
    if (days < 0 || days > RANGE_MAX_DAYS)
        return false;
    *ret_start = start;
    *ret_end = end;
    return true;
}

char *date_format(const CivilTime *time) {
    if (time->hour < 0)
        return g_strdup_printf("%04d-%02d-%02d", time->year, time->month, time->day);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d", time->year, time->month, time->day, time->hour,
                           time->minute);
}
