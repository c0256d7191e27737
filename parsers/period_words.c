#include "parsers/period_words.h"

#include <stdlib.h>
#include <string.h>

#include "parsers/utf8.h"
#include "parsers/value_date.h"
#include "parsers/value_number.h"

#define TEXT_BYTES_MAX 400 /* a longer text is no subject */
#define NUMBER_LAST    400 /* of a period: daily reports for a year */
#define SLASH_RANGE_DAYS                                                                                     \
    45 /* of two orders of day and month, the one that gives a range of a period's length */
#define HALF_MONTH_LAST   15 /* the last day of 上半月 */
#define MONTH_MIDDLE      15
#define CONSIDERED_STARTS 80 /* places of a text at which a range may begin */

/* ---- patterns
 * --------------------------------------------------------------------------------------------------- */

#define HAN_NUMBER "[〇零一二三四五六七八九十百]"
#define YEAR       "(?:(\\d{4})\\s*年度?\\s*)?"
#define MONTH      "(\\d{1,2}|" HAN_NUMBER "{1,2})\\s*月份?的?\\s*"

typedef enum {
    PATTERN_HALF,
    PATTERN_TURN,
    PATTERN_NUMBER,
    PATTERN_COUNT,
    PATTERN_WEEK,
    PATTERN_NAMED,
    PATTERN_DIGITS,
    PATTERN_SLASH,
    N_PATTERNS
} PatternId;

static const char *const patterns[N_PATTERNS] = {
    [PATTERN_HALF] = YEAR MONTH "\\(?([上下])(?:半月|半(?!年)|(?=\\s*双|\\)|\\s|$))",
    [PATTERN_TURN] = YEAR MONTH "\\(?第\\s*(\\d{1,2}|" HAN_NUMBER "{1,2})\\s*[期次]",
    [PATTERN_NUMBER] = YEAR "\\(?总?第\\s*(\\d{1,3}|" HAN_NUMBER "{1,5})\\s*[期次]",
    [PATTERN_COUNT] = "(?:期数|期次|期号|期别)\\s*:?\\s*第?\\s*(\\d{1,3}|" HAN_NUMBER "{1,5})",
    [PATTERN_WEEK] = "(?<![a-z])(week|wk|report|issue|period|no\\.|number|#)\\s*(?:no\\.?|number|#)?\\s*:?"
                     "\\s*(\\d{1,3})(?![\\d/:-]|\\.\\d|\\s*(?:st|nd|rd|th)?"
                     "\\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|to\\b|[-–]\\s*\\d))",
    [PATTERN_NAMED] = "(?:(?<![a-z])(?:w/c|w/b|w/"
                      "e|week\\s+(?:commencing|beginning|starting|ending|of|to))|截至|截止|截止到)\\s*:?\\s*",
    [PATTERN_DIGITS] = "(?<!\\d)(\\d{2})(\\d{2})\\s*[-~—–至到]+\\s*(\\d{2})(\\d{2})(?!\\d)",
    [PATTERN_SLASH] = "(?<!\\d)(\\d{1,2})([/"
                      ".])(\\d{1,2})\\2(\\d{4}|\\d{2})\\s*(?:[-~—–至到]+|to|until)\\s*(\\d{1,2})\\2(\\d{1,2})"
                      "\\2(\\d{4}|\\d{2})(?!\\d)",
};

/* A pattern is compiled when a text first holds one of its words: most subjects hold none. */
static const char *const triggers[N_PATTERNS][8] = {
    [PATTERN_HALF] = {"上", "下"},
    [PATTERN_TURN] = {"月"},
    [PATTERN_NUMBER] = {"第"},
    [PATTERN_COUNT] = {"期"},
    [PATTERN_WEEK] = {"w", "report", "issue", "period", "no.", "number", "#"},
    [PATTERN_NAMED] = {"w/", "week", "截"},
    [PATTERN_DIGITS] = {"-", "~", "—", "–", "至", "到"},
    [PATTERN_SLASH] = {"/", "."},
};

static bool may_match(PatternId id, const char *text) {
    for (gsize i = 0; i < G_N_ELEMENTS(triggers[id]) && triggers[id][i] != NULL; i++)
        if (strcasestr(text, triggers[id][i]) != NULL)
            return true;
    return false;
}

/* One thread reads; without just-in-time code, for which the reader's sandbox has no place. */
static GRegex *regex_of(PatternId id) {
    static GRegex *compiled[N_PATTERNS];
    if (compiled[id] == NULL)
        compiled[id] = g_regex_new(patterns[id], G_REGEX_CASELESS, 0, NULL);
    return compiled[id];
}

void period_words_warm(void) {
    for (guint id = 0; id < N_PATTERNS; id++)
        regex_of((PatternId)id);
}

/* The number that group n matched, 0 where it matched nothing. */
static int number_of(const GMatchInfo *match, int n) {
    g_autofree char *text = g_match_info_fetch(match, n);
    const char *p = text;
    int value = 0;
    guint digits;
    return p != NULL && *p != '\0' && number_read_whole(&p, &value, &digits) ? value : 0;
}

static GMatchInfo *find(PatternId id, const char *text) {
    GMatchInfo *match = NULL;
    if (!may_match(id, text))
        return NULL;
    if (g_regex_match(regex_of(id), text, 0, &match))
        return match;
    g_match_info_free(match);
    return NULL;
}

/* ---- ranges
 * ----------------------------------------------------------------------------------------------------- */

static json_t *range_json(const CivilTime *start, const CivilTime *end) {
    CivilTime first = *start, last = *end;
    first.hour = last.hour = -1;
    g_autofree char *from = date_format(&first), *to = date_format(&last);
    return json_pack("{s:s, s:s}", "start", from, "end", to);
}

/* How a date may begin: a number in figures, a word of Latin letters, a Chinese numeral. */
typedef enum { NO_START, DIGITS, LATIN, NUMERALS } StartKind;

static StartKind start_kind(const char *p) {
    if ((guchar)*p < 0x80)
        return g_ascii_isdigit(*p) ? DIGITS : g_ascii_isalpha(*p) ? LATIN : NO_START;
    return g_utf8_strchr("〇一二三四五六七八九十", -1, utf8_char(p)) != NULL ? NUMERALS : NO_START;
}

/* Two dates with a joint, wherever the first begins. */
static json_t *read_range(const char *text, const GDate *reference) {
    StartKind before = NO_START;
    guint considered = 0;
    for (const char *p = text; *p != '\0' && considered < CONSIDERED_STARTS; p = g_utf8_next_char(p)) {
        StartKind kind = start_kind(p);
        CivilTime start, end;
        bool is_start = kind != NO_START && kind != before;
        before = kind;
        if (!is_start)
            continue;
        considered++;
        if (date_parse_range(p, reference, &start, &end))
            return range_json(&start, &end);
    }
    return NULL;
}

static int month_distance(int year, int month, const GDate *reference) {
    GDate middle;
    g_date_clear(&middle, 1);
    g_date_set_dmy(&middle, MONTH_MIDDLE, (GDateMonth)month, (GDateYear)year);
    return abs(g_date_days_between(reference, &middle));
}

/* The year that a month without one belongs to; 0: it cannot be told. */
static int year_near(int month, const GDate *reference) {
    int best = 0;
    if (reference == NULL || month < 1 || month > 12)
        return 0;
    for (int year = g_date_get_year(reference) - 1; year <= g_date_get_year(reference) + 1; year++)
        if (best == 0 || month_distance(year, month, reference) < month_distance(best, month, reference))
            best = year;
    return best;
}

/* "0614-0627" */
static json_t *read_digits(const char *text, const GDate *reference) {
    g_autoptr(GMatchInfo) match = find(PATTERN_DIGITS, text);
    if (match == NULL)
        return NULL;
    g_autofree char *dotted = g_strdup_printf("%d.%d-%d.%d", number_of(match, 1), number_of(match, 2),
                                              number_of(match, 3), number_of(match, 4));
    return read_range(dotted, reference);
}

/* "07/09/2026 - 11/09/2026": of the two orders, the one that makes a range of a period's length. */
static json_t *read_slashes(const char *text, const GDate *reference) {
    g_autoptr(GMatchInfo) match = find(PATTERN_SLASH, text);
    for (int day_first = 1; match != NULL && day_first >= 0; day_first--) {
        int from[] = {number_of(match, 1), number_of(match, 3)},
            to[] = {number_of(match, 5), number_of(match, 6)};
        g_autofree char *written = g_strdup_printf(
            "%d-%d-%d - %d-%d-%d", number_of(match, 4) % 100 + 2000, from[day_first], from[!day_first],
            number_of(match, 7) % 100 + 2000, to[day_first], to[!day_first]);
        CivilTime start, end;
        GDate first, last;
        if (!date_parse_range(written, reference, &start, &end))
            continue;
        g_date_clear(&first, 1);
        g_date_clear(&last, 1);
        g_date_set_dmy(&first, (GDateDay)start.day, (GDateMonth)start.month, (GDateYear)start.year);
        g_date_set_dmy(&last, (GDateDay)end.day, (GDateMonth)end.month, (GDateYear)end.year);
        if (g_date_days_between(&first, &last) <= SLASH_RANGE_DAYS)
            return range_json(&start, &end);
    }
    return NULL;
}

/* "6月下半月" */
static json_t *read_half(const char *text, const GDate *reference) {
    g_autoptr(GMatchInfo) match = find(PATTERN_HALF, text);
    if (match == NULL)
        return NULL;
    int month = number_of(match, 2), year = number_of(match, 1);
    g_autofree char *half = g_match_info_fetch(match, 3);
    year = year != 0 ? year : year_near(month, reference);
    if (year < 1990 || year > 2099 || month < 1 || month > 12)
        return NULL;
    bool is_second = strcmp(half, "下") == 0;
    CivilTime start = {year, month, is_second ? HALF_MONTH_LAST + 1 : 1, -1, 0};
    CivilTime end = {
        year, month,
        is_second ? g_date_get_days_in_month((GDateMonth)month, (GDateYear)year) : HALF_MONTH_LAST, -1, 0};
    json_t *out = range_json(&start, &end);
    json_object_set_new(out, "words", json_true());
    return out;
}

/* ---- numbers
 * ---------------------------------------------------------------------------------------------------- */

/* "6月第二期" */
static json_t *read_turn(const char *text, const GDate *reference) {
    g_autoptr(GMatchInfo) match = find(PATTERN_TURN, text);
    if (match == NULL)
        return NULL;
    int month = number_of(match, 2), year = number_of(match, 1), turn = number_of(match, 3);
    year = year != 0 ? year : year_near(month, reference);
    if (year < 1990 || year > 2099 || month < 1 || month > 12 || turn < 1)
        return NULL;
    g_autofree char *key = g_strdup_printf("%04d-%02d", year, month);
    return json_pack("{s:s, s:i}", "month", key, "turn", turn);
}

static json_t *number_json(int number) {
    return number >= 1 && number <= NUMBER_LAST ? json_pack("{s:i}", "number", number) : NULL;
}

/* "第3期", "2017年第1期", "期数：3", "Week 12", "Report 3" */
static json_t *read_number(const char *text) {
    g_autoptr(GMatchInfo) chinese = find(PATTERN_NUMBER, text);
    if (chinese != NULL) {
        json_t *out = number_json(number_of(chinese, 2));
        if (out != NULL && number_of(chinese, 1) != 0)
            json_object_set_new(out, "year", json_integer(number_of(chinese, 1)));
        return out;
    }
    g_autoptr(GMatchInfo) count = find(PATTERN_COUNT, text);
    if (count != NULL)
        return number_json(number_of(count, 1));
    g_autoptr(GMatchInfo) week = find(PATTERN_WEEK, text);
    if (week == NULL)
        return NULL;
    g_autofree char *word = g_match_info_fetch(week, 1);
    json_t *out = number_json(number_of(week, 2));
    if (out != NULL && g_ascii_strncasecmp(word, "w", 1) == 0)
        json_object_set_new(out, "week", json_true());
    return out;
}

/* ---- days
 * ------------------------------------------------------------------------------------------------------- */

static json_t *day_json(const CivilTime *day, bool is_named) {
    CivilTime plain = *day;
    plain.hour = -1;
    g_autofree char *text = date_format(&plain);
    json_t *out = json_pack("{s:s}", "day", text);
    if (is_named)
        json_object_set_new(out, "named", json_true());
    return out;
}

/* "w/c 7 September", "截至6月27日": said to be of the period; any other day may be that of writing. */
static json_t *read_day(const char *text, const GDate *reference) {
    g_autoptr(GMatchInfo) named = find(PATTERN_NAMED, text);
    CivilTime day;
    int end = 0;
    if (named != NULL && g_match_info_fetch_pos(named, 0, NULL, &end) &&
        date_parse(text + end, reference, &day))
        return day_json(&day, true);
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
        if ((p == text || !g_ascii_isdigit(p[-1])) && date_parse(p, reference, &day))
            return day_json(&day, false);
    return NULL;
}

json_t *period_words_read(const char *text, const GDate *reference) {
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, TEXT_BYTES_MAX));
    g_autofree char *plain = utf8_compatible(valid);
    json_t *out = NULL;
    if (strpbrk(plain, "0123456789") == NULL && strstr(plain, "月") == NULL && strstr(plain, "第") == NULL)
        return NULL;
    if ((out = read_slashes(plain, reference)) != NULL || (out = read_range(plain, reference)) != NULL ||
        (out = read_digits(plain, reference)) != NULL || (out = read_half(plain, reference)) != NULL ||
        (out = read_turn(plain, reference)) != NULL || (out = read_number(plain)) != NULL)
        return out;
    return read_day(plain, reference);
}
