#include "parsers/value_number.h"

#include <math.h>
#include <string.h>

#include "parsers/utf8.h"

#define NUMERAL_MAX_CHARACTERS 24 /* more digits are no count */
#define UNIT_MAX_CHARACTERS    4  /* 条, 人次, 位同学, items */

static int han_digit(gunichar c) {
    static const gunichar digits[][3] = {
        {0x96F6, 0x3007, 0x25CB}, {0x4E00, 0x58F9, 0}, {0x4E8C, 0x8D30, 0x4E24}, {0x4E09, 0x53C1, 0},
        {0x56DB, 0x8086, 0},      {0x4E94, 0x4F0D, 0}, {0x516D, 0x9646, 0},      {0x4E03, 0x67D2, 0},
        {0x516B, 0x634C, 0},      {0x4E5D, 0x7396, 0}};
    for (int d = 0; d < 10; d++)
        for (guint i = 0; i < 3; i++)
            if (c && digits[d][i] == c)
                return d;
    return -1;
}

/* 十 百 千 万 亿 and their formal twins */
static double han_power(gunichar c) {
    switch (c) {
    case 0x5341:
    case 0x62FE:
        return 10;
    case 0x767E:
    case 0x4F70:
        return 100;
    case 0x5343:
    case 0x4EDF:
        return 1000;
    case 0x4E07:
    case 0x842C:
        return 10000;
    case 0x4EBF:
        return 100000000;
    default:
        return 0;
    }
}

/* "一百二十", "十一", "二〇一六", "一万二" (of thousands, as it is said); advances only where it succeeds */
static bool read_han(const char **cursor, double *ret_value) {
    const char *p = *cursor;
    double total = 0, section = 0, digit = -1, row = 0, last_power = 0;
    guint characters = 0, powers = 0, digits = 0, digits_since = 0;
    for (;; p = g_utf8_next_char(p), characters++) {
        gunichar c = utf8_char(p);
        int d = han_digit(c);
        double power = han_power(c);
        if (characters > NUMERAL_MAX_CHARACTERS || (d < 0 && power == 0))
            break;
        if (d >= 0) {
            row = row * 10 + d;
            digit = d;
            digits++;
            digits_since++;
            continue;
        }
        powers++;
        last_power = power;
        digits_since = 0;
        if (power >= 10000) {
            total = (total + section + MAX(digit, 0)) * power;
            section = 0;
        } else
            section += (digit < 0 ? 1 : digit) * power;
        digit = -1;
    }
    if (characters == 0 || (digits == 0 && characters > powers))
        return false;
    if (digits_since == 1 && last_power >= 100)
        digit *= last_power / 10;
    *ret_value = powers == 0 ? row : total + section + MAX(digit, 0);
    *cursor = p;
    return true;
}

bool number_read_whole(const char **cursor, int *ret_value, guint *ret_digits) {
    const char *p = *cursor;
    int value = 0;
    guint digits = 0;
    for (; g_ascii_isdigit(*p); p++)
        if (++digits <= 8)
            value = value * 10 + (*p - '0');
    if (digits > 8)
        return false;
    if (digits == 0) {
        double number;
        const char *start = p;
        if (!read_han(&p, &number) || number > 99999999)
            return false;
        value = (int)number;
        digits = (guint)g_utf8_strlen(start, p - start);
        /* "二〇一六" is written digit by digit like 2016; "十三" counts as two digits, as 13 does */
    }
    *ret_value = value;
    *ret_digits = digits;
    *cursor = p;
    return true;
}

/* Reads the numeral at *cursor: ASCII digits (grouped with commas, with decimals) or Chinese numerals, with
 * 万/千 after digits. Advances *cursor behind it. False where none stands there. */
static bool read_numeral(const char **cursor, double *ret_value) {
    const char *p = *cursor;
    if (!g_ascii_isdigit(*p))
        return read_han(cursor, ret_value);
    double value = 0, scale = 1;
    guint digits = 0;
    for (;; p++) {
        if (g_ascii_isdigit(*p)) {
            value = value * 10 + (*p - '0');
            if (++digits > NUMERAL_MAX_CHARACTERS)
                return false;
        } else if (!(*p == ',' && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]) && g_ascii_isdigit(p[3]) &&
                     !g_ascii_isdigit(p[4])))
            break;
    }
    if (*p == '.' && g_ascii_isdigit(p[1]))
        for (p++; g_ascii_isdigit(*p); p++)
            value += (*p - '0') * (scale /= 10);
    double power = han_power(utf8_char(p));
    if (power >= 1000) {
        value *= power;
        p = g_utf8_next_char(p);
    }
    *ret_value = value;
    *cursor = p;
    return true;
}

const char *number_skip_blanks(const char *text) {
    while (utf8_is_space(utf8_char(text)) || *text == '_')
        text = g_utf8_next_char(text);
    return text;
}

/* 约, 共计, about …: words that may stand before the number */
static const char *skip_prefixes(const char *p) {
    static const char *const words[] = {
        "大约",   "大概",  "约为",    "约",     "总共",   "共计",  "合计", "总计", "累计", "共有",
        "共",     "计",    "近",      "将近",   "为",     "是",    "达",   "有",   "本期", "平台",
        "收集到", "收集",  "收到",    "接到",   "已答复", "答复",  "回答", "提问", "一共", "实有",
        "现有",   "about", "approx.", "approx", "ca.",    "total", "~",    "≈",    ":",    "：",
        "(",      "[",     "【",      "“",      "\"",     "「",    "<",    "/",    NULL};
    for (guint again = 0; again < 5; again++) {
        p = number_skip_blanks(p);
        const char *before = p;
        for (const char *const *w = words; *w; w++)
            if (**w == g_ascii_tolower(*p) && g_ascii_strncasecmp(p, *w, strlen(*w)) == 0) {
                p += strlen(*w);
                break;
            }
        if (p == before)
            break;
    }
    return number_skip_blanks(p);
}

/* "[35]条", "“35”": what closes what skip_prefixes opened. */
static const char *skip_close(const char *p) {
    static const char *const marks[] = {")", "]", "】", "”", "\"", "」", ">", NULL};
    p = number_skip_blanks(p);
    for (const char *const *mark = marks; *mark; mark++)
        if (utf8_has_prefix(p, *mark))
            return number_skip_blanks(p + strlen(*mark));
    return p;
}

/* 条/期: a figure of this period; 条/人 is another thing. */
static const char *skip_period(const char *p, bool is_bare) {
    static const char *const words[] = {"/期", "/本期", "/双周", "/半月", NULL};
    p = number_skip_blanks(p);
    for (const char *const *word = words; *word && !is_bare; word++)
        if (utf8_has_prefix(p, *word))
            return number_skip_blanks(p + strlen(*word));
    return p;
}

/* "35/": the other of two was struck out. */
static const char *skip_last_slash(const char *p) {
    return *p == '/' && !*number_skip_blanks(p + 1) ? number_skip_blanks(p + 1) : p;
}

static bool ends_clause(gunichar c) {
    return !c || c == 0x2191 || c == 0x2193 || c == ')' || c == ']' || c == '(' || c == '[' || c == ',' ||
           c == ';' || c == '.' || c == 0x3002 || c == 0x3001 || c == 0x3010 || c == '\n' || c == 0x3014;
}

/* 48条其中重复3条, 48条含重复 */
static bool begins_remark(const char *p) {
    return utf8_has_prefix(p, "其中") || utf8_has_prefix(p, "含");
}

bool number_parse(const char *text, double *ret_value, bool *ret_is_exact) {
    g_autofree char *plain = utf8_compatible(text);
    const char *p = skip_prefixes(plain);
    double value;
    if (!read_numeral(&p, &value) || value > NUMBER_MAX)
        return false;
    bool exact = true;
    static const char *const vague[] = {"余", "多", "+", "来", "几", "左右", "上下"};
    for (guint i = 0; i < G_N_ELEMENTS(vague); i++)
        if (*p == *vague[i] && utf8_has_prefix(p, vague[i])) {
            exact = false;
            p += strlen(vague[i]);
        }
    const char *unit = p = skip_close(p);
    while (g_unichar_isalpha(utf8_char(p)) && !begins_remark(p))
        p = g_utf8_next_char(p);
    if (g_utf8_strlen(unit, p - unit) > UNIT_MAX_CHARACTERS * (g_ascii_isalpha(*unit) ? 2 : 1))
        return false;
    bool is_bare = p == unit;
    p = skip_last_slash(skip_period(p, is_bare));
    if (!ends_clause(utf8_char(p)) && !begins_remark(p))
        return false;
    if (is_bare && *p && g_ascii_isdigit(*number_skip_blanks(g_utf8_next_char(p)))) /* "35、40": which? */
        return false;
    *ret_value = value;
    *ret_is_exact = exact;
    return true;
}
