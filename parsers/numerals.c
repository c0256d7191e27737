#include "parsers/numerals.h"

#include <string.h>

#define LETTERS_MAX  780 /* Word repeats letters 30 times at the most */
#define ROMAN_MAX    32767
#define COUNTING_MAX 9999

static const char *const DIGITS[] = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
static const char *const LEGAL_DIGITS[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
static const char *const STEMS[] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"};
static const char *const BRANCHES[] = {"子", "丑", "寅", "卯", "辰", "巳",
                                       "午", "未", "申", "酉", "戌", "亥"};

/* 1234 → 一千二百三十四, 10 → 十, 105 → 一百零五 */
static char *count_chinese(gint64 value, const char *const *digits, const char *const *units,
                           const char *zero) {
    GString *text = g_string_new(NULL);
    bool is_gap = false;
    gint64 scale = 1000;
    for (int unit = 3; unit >= 0; unit--, scale /= 10) {
        gint64 digit = value / scale % 10;
        if (digit == 0) {
            is_gap = text->len > 0;
            continue;
        }
        if (is_gap)
            g_string_append(text, zero);
        is_gap = false;
        bool is_bare_ten = unit == 1 && digit == 1 && text->len == 0 && digits == DIGITS;
        if (!is_bare_ten)
            g_string_append(text, digits[digit]);
        g_string_append(text, units[unit]);
    }
    return g_string_free(text, FALSE);
}

static char *spell_digits(gint64 value, const char *const *digits) {
    char decimal[24];
    g_snprintf(decimal, sizeof decimal, "%" G_GINT64_FORMAT, value);
    GString *text = g_string_new(NULL);
    for (const char *at = decimal; *at; at++)
        g_string_append(text, digits[*at - '0']);
    return g_string_free(text, FALSE);
}

/* a … z, aa, bb … */
static char *letters(gint64 value, char first) {
    return g_strnfill((gsize)((value - 1) / 26 + 1), (char)(first + (value - 1) % 26));
}

static char *roman(gint64 value, bool is_upper) {
    static const struct {
        int value;
        const char *text;
    } PARTS[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
                 {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(PARTS); i++)
        for (; value >= PARTS[i].value; value -= PARTS[i].value)
            g_string_append(text, PARTS[i].text);
    if (is_upper)
        g_string_ascii_up(text);
    return g_string_free(text, FALSE);
}

static char *one_character(gunichar first, gint64 index) {
    GString *text = g_string_new(NULL);
    g_string_append_unichar(text, first + (gunichar)index);
    return g_string_free(text, FALSE);
}

static char *full_width(gint64 value) {
    static const char *const FULL[] = {"０", "１", "２", "３", "４", "５", "６", "７", "８", "９"};
    return spell_digits(value, FULL);
}

static bool is_one_of(const char *format, const char *const *list) {
    return g_strv_contains(list, format);
}

static char *format_chinese(gint64 value, const char *format) {
    static const char *const UNITS[] = {"", "十", "百", "千"}, *const LEGAL_UNITS[] = {"", "拾", "佰", "仟"};
    static const char *const COUNTING[] = {"chineseCounting",           "chineseCountingThousand",
                                           "japaneseCounting",          "taiwaneseCounting",
                                           "taiwaneseCountingThousand", NULL};
    static const char *const SPELLED[] = {"ideographDigital", "japaneseDigitalTenThousand",
                                          "taiwaneseDigital", NULL};
    static const char *const LEGAL[] = {"chineseLegalSimplified", "ideographLegalTraditional",
                                        "japaneseLegal", NULL};
    if (is_one_of(format, COUNTING) && value >= 1 && value <= COUNTING_MAX)
        return count_chinese(value, DIGITS, UNITS, "零");
    if (is_one_of(format, LEGAL) && value >= 1 && value <= COUNTING_MAX)
        return count_chinese(value, LEGAL_DIGITS, LEGAL_UNITS, "零");
    if (is_one_of(format, SPELLED))
        return spell_digits(value, DIGITS);
    if (strcmp(format, "ideographTraditional") == 0 && value >= 1 && value <= 10)
        return g_strdup(STEMS[value - 1]);
    if (strcmp(format, "ideographZodiac") == 0 && value >= 1 && value <= 12)
        return g_strdup(BRANCHES[value - 1]);
    return NULL;
}

static const char *ordinal_ending(gint64 value) {
    static const char *const ENDINGS[] = {"th", "st", "nd", "rd"};
    gint64 last = value % 10;
    return last > 3 || value % 100 / 10 == 1 ? "th" : ENDINGS[last];
}

static char *format_western(gint64 value, const char *format) {
    static const char *const CIRCLES[] = {"decimalEnclosedCircle", "decimalEnclosedCircleChinese", NULL};
    bool is_upper = g_str_has_prefix(format, "upper");
    if ((strcmp(format, "lowerLetter") == 0 || strcmp(format, "upperLetter") == 0) && value >= 1 &&
        value <= LETTERS_MAX)
        return letters(value, is_upper ? 'A' : 'a');
    if ((strcmp(format, "lowerRoman") == 0 || strcmp(format, "upperRoman") == 0) && value >= 1 &&
        value <= ROMAN_MAX)
        return roman(value, is_upper);
    if (is_one_of(format, CIRCLES) && value >= 1 && value <= 20)
        return one_character(0x2460, value - 1);
    if (strcmp(format, "decimalEnclosedParen") == 0 && value >= 1 && value <= 20)
        return one_character(0x2474, value - 1);
    if (g_str_has_prefix(format, "decimalFullWidth"))
        return full_width(value);
    if (strcmp(format, "ordinal") == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT "%s", value, ordinal_ending(value));
    if (strcmp(format, "decimalZero") == 0)
        return g_strdup_printf("%02" G_GINT64_FORMAT, value);
    return NULL;
}

char *numerals_format(gint64 value, const char *format) {
    char *text = NULL;
    if (format && value >= 0)
        text = format_chinese(value, format);
    if (format && value >= 0 && !text)
        text = format_western(value, format);
    return text ? text : g_strdup_printf("%" G_GINT64_FORMAT, value);
}
