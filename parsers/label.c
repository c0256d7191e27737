#include "parsers/label.h"

#include <math.h>
#include <string.h>

#include "parsers/label_fold.h"
#include "parsers/utf8.h"

#define LIKENESS_MAX_CHARACTERS 40 /* longer texts are no labels; bounds the comparison at 40 * 40 steps */
#define FULL_WIDTH_FIRST        0xFF01 /* ！, the full-width form of the first printable ASCII character … */
#define FULL_WIDTH_LAST         0xFF5E /* … and ～, of the last */
#define PAIR_SHARE              0.35   /* how much neighbouring pairs count beside single characters */

static bool is_han(gunichar c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x3134F);
}

static void append_letters(GString *out, gunichar c) {
    if (g_unichar_isalnum(c) || g_unichar_ismark(c))
        g_string_append_unichar(out, g_unichar_tolower(c));
}

/* Usual marks of Chinese text whose NFKC holds no letter: 、。〈〉【】 and the like, – — ‘ ’ “ ” … */
static bool is_common_mark(gunichar c) {
    return (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020) || c == 0x2013 || c == 0x2014 ||
           (c >= 0x2018 && c <= 0x2026);
}

/* What is not ASCII, common Han, nor a mark that means nothing. */
static void append_rare(GString *out, const char *p) {
    gunichar c = g_utf8_get_char(p);
    if (is_han(c)) {
        g_string_append_unichar(out, label_fold(c));
        return;
    }
    if (c >= FULL_WIDTH_FIRST && c <= FULL_WIDTH_LAST) {
        char ascii = (char)(c - FULL_WIDTH_FIRST + '!');
        if (g_ascii_isalnum(ascii))
            g_string_append_c(out, g_ascii_tolower(ascii));
        return;
    }
    if (c >= 0x2460 && c <= 0x24FF &&
        !(c >= 0x24B6 && c <= 0x24E9)) /* ① ⑴ ⒈: list marks, not part of a word */
        return;
    g_autofree char *compatible = g_utf8_normalize(p, g_utf8_next_char(p) - p, G_NORMALIZE_ALL_COMPOSE);
    for (const char *q = compatible; q && *q; q = g_utf8_next_char(q))
        append_letters(out, g_utf8_get_char(q));
}

/* Nearly all text: ASCII, common Han and marks, none of which grows. Writes to to, which has room for all;
 * returns the end of what was written, and in ret_rest where something rare begins. */
static char *write_common(char *to, const char *text, const char *end, const char **ret_rest) {
    const char *p = text;
    while (p < end) {
        if ((guchar)*p < 0x80) {
            char c = *p++;
            if (g_ascii_isalnum(c))
                *to++ = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
            continue;
        }
        gunichar c = end - p >= 3 ? utf8_char(p) : 0;
        if (utf8_is_common_han(p) && c) {
            gunichar folded = label_fold(c);
            to[0] = (char)(0xE0 | (folded >> 12));
            to[1] = (char)(0x80 | ((folded >> 6) & 0x3F));
            to[2] = (char)(0x80 | (folded & 0x3F));
            to += 3;
        } else if (!is_common_mark(c)) {
            break;
        }
        p += 3;
    }
    *ret_rest = p;
    return to;
}

void label_append_normal(GString *out, const char *text, gssize length) {
    const char *end = text + (length < 0 ? (gssize)strlen(text) : length);
    for (const char *p = text; p < end;) {
        gsize before = out->len;
        g_string_set_size(out, before + (gsize)(end - p));
        char *written = write_common(out->str + before, p, end, &p);
        g_string_truncate(out, (gsize)(written - out->str));
        if (p < end) {
            append_rare(out, p);
            p = g_utf8_next_char(p);
        }
    }
}

char *label_normal_form(const char *text, gssize length) {
    gsize bytes = length < 0 ? strlen(text) : (gsize)length;
    const char *rest;
    char *normal = g_malloc(bytes + 1), *end = write_common(normal, text, text + bytes, &rest);
    *end = 0;
    if (rest == text + bytes)
        return normal;
    GString *out = g_string_sized_new(bytes + 1);
    g_string_append_len(out, normal, end - normal);
    g_free(normal);
    label_append_normal(out, rest, text + bytes - rest);
    return g_string_free(out, FALSE);
}

/* ---- list marks
 * ------------------------------------------------------------------------------------------------- */

static bool is_mark_digit(gunichar c) {
    return (c >= '0' && c <= '9') || (c >= 0xFF10 && c <= 0xFF19);
}

static bool is_han_numeral(gunichar c) {
    static const gunichar numerals[] = {0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D,
                                        0x4E03, 0x516B, 0x4E5D, 0x5341, 0};
    for (const gunichar *n = numerals; *n; n++)
        if (*n == c)
            return true;
    return false;
}

static bool is_open(gunichar c) {
    return c == '(' || c == 0xFF08 || c == '[' || c == 0x3010 || c == 0x3014;
}

static bool is_close(gunichar c) {
    return c == ')' || c == 0xFF09 || c == ']' || c == 0x3011 || c == 0x3015;
}

/* "第7项 ", "第三题：": what counts the items of a form or the questions of a survey; 0 where there is none.
 */
static gsize counted_mark(const char *text) {
    static const char *const nouns[] = {"项", "题", "问", NULL};
    const char *p = text + strlen("第");
    guint digits = 0;
    for (gunichar c = utf8_char(p); digits < 3 && (is_mark_digit(c) || is_han_numeral(c)); c = utf8_char(p)) {
        p = g_utf8_next_char(p);
        digits++;
    }
    for (const char *const *noun = nouns; digits && *noun; noun++) {
        if (!g_str_has_prefix(p, *noun))
            continue;
        const char *end = p + strlen(*noun);
        gunichar c = utf8_char(end);
        bool is_sign = c == ':' || c == 0xFF1A || c == 0x3001 || c == '.';
        return is_sign || utf8_is_space(c) ? (gsize)(g_utf8_next_char(end) - text) : 0;
    }
    return 0;
}

gsize label_list_mark(const char *text) {
    const char *p = utf8_skip_space(text);
    gunichar c = utf8_char(p);
    if (c == 0x7B2C) { /* 第 */
        gsize length = counted_mark(p);
        return length ? (gsize)(p - text) + length : 0;
    }
    bool is_bullet =
        c == 0x2022 || c == 0x25CF || c == 0x25A0 || c == 0x25C6 || c == 0x00B7 || c == 0xF0B7 || c == 0x27A2;
    bool is_roman = c >= 0x2160 && c <= 0x217F; /* Ⅷ */
    if (is_bullet || is_roman || (c >= 0x2460 && c <= 0x249B) || (c >= 0x2776 && c <= 0x2793)) {
        p = g_utf8_next_char(p);
        return (gsize)((is_roman && g_str_has_prefix(p, "、") ? g_utf8_next_char(p) : p) - text);
    }
    bool opened = is_open(c);
    if (opened)
        p = g_utf8_next_char(p);
    guint digits = 0;
    for (c = utf8_char(p); digits < 3 && (is_mark_digit(c) || is_han_numeral(c)); c = utf8_char(p)) {
        p = g_utf8_next_char(p);
        digits++;
    }
    if (digits == 0)
        return 0;
    if (opened ? !is_close(c) : !(is_close(c) || c == '.' || c == 0xFF0E || c == 0x3001))
        return 0;
    p = g_utf8_next_char(p);
    /* "3.14" is a date or a number, "2016.6.13" too */
    if (!opened && c == '.' && is_mark_digit(utf8_char(p)))
        return 0;
    return (gsize)(p - text);
}

/* ---- readings
 * ----------------------------------------------------------------------------------------------------- */

#define READINGS_MAX 8
#define READING_BYTES                                                                                        \
    (2 * LABEL_MAX_BYTES) /* of a normal form: NFKC grows few characters, and those little */

typedef struct {
    LabelVisit visit;
    gpointer data;
    guint n_seen;
    const char *seen[READINGS_MAX];
    gsize used;
    char room[READINGS_MAX * READING_BYTES]; /* the normal forms that were tried, each with its NUL byte */
} Readings;

/* Writes the normal form to ret_normal, cut where it becomes longer than any label could be. */
static gsize write_normal(char *ret_normal, const char *text, gsize length) {
    const char *end = text + length, *rest;
    gsize written = (gsize)(write_common(ret_normal, text, end, &rest) - ret_normal);
    if (rest < end) {
        g_autoptr(GString) more = g_string_sized_new(READING_BYTES);
        label_append_normal(more, rest, end - rest);
        gsize kept = MIN(more->len, READING_BYTES - 1 - written);
        while (((guchar)more->str[kept] & 0xC0) == 0x80) /* between two characters */
            kept--;
        memcpy(ret_normal + written, more->str, kept);
        written += kept;
    }
    ret_normal[written] = 0;
    return written;
}

/* text: at most LABEL_MAX_BYTES */
static bool try_reading(Readings *readings, const char *text, gsize length) {
    if (readings->n_seen == READINGS_MAX)
        return false;
    char *normal = readings->room + readings->used;
    gsize written = write_normal(normal, text, length);
    if (written == 0)
        return false;
    for (guint i = 0; i < readings->n_seen; i++)
        if (strcmp(readings->seen[i], normal) == 0)
            return false;
    readings->seen[readings->n_seen++] = normal;
    readings->used += written + 1;
    return readings->visit(normal, readings->data);
}

static bool ends_with(const char *text, gsize length, const char *suffix) {
    gsize n = strlen(suffix);
    return length >= n && text[length - 1] == suffix[n - 1] && memcmp(text + length - n, suffix, n) == 0;
}

static bool ends_in_colon(const char *start, const char *end) {
    return end > start && (end[-1] == ':' || ends_with(start, (gsize)(end - start), "："));
}

/* "提问量：（35）", "单位：[护理学院]" hold a value in brackets, "单位：（盖章）" a note. */
static bool holds_value(const char *open) {
    gunichar c = utf8_char(open);
    if (c != '(' && c != 0xFF08)
        return true;
    for (const char *p = open; *p && !is_close(utf8_char(p)); p = g_utf8_next_char(p))
        if (g_unichar_isdigit(utf8_char(p)))
            return true;
    return false;
}

/* The text without what stands in parentheses, in ret_bare, which has room for all of it; false where there
 * are none. */
static bool without_parentheses(const char *text, gsize length, char *ret_bare) {
    const char *open = text, *end = text + length;
    while (open < end && !is_open(utf8_char(open)))
        open = g_utf8_next_char(open);
    if (open >= end)
        return false;
    char *to = mempcpy(ret_bare, text, (gsize)(open - text));
    guint depth = 0;
    for (const char *p = open, *next; p < end; p = next) {
        gunichar c = utf8_char(p);
        next = MIN(g_utf8_next_char(p), end);
        if (is_open(c) && depth == 0 && ends_in_colon(ret_bare, to) && holds_value(p))
            return false;
        if (is_open(c))
            depth++;
        else if (is_close(c) && depth > 0)
            depth--;
        else if (depth == 0)
            to = mempcpy(to, p, (gsize)(next - p));
    }
    *to = 0;
    return true;
}

static guint count_letters(const char *start, const char *end) {
    guint n = 0;
    for (const char *p = start; p < end; p++)
        n += g_ascii_isalpha(*p) != 0;
    return n;
}

/* Of "单位 Organization", "QQ号 QQ No.", "Organization 单位" or "单位/Organization" the Chinese part and the
 * other part, each only where white space or a slash separates them: "联络员QQ" is one label of one language.
 * Not where a value may be part of it: no colon, no address, no wide gap. */
static bool try_languages(Readings *readings, const char *text, bool is_strict) {
    gsize length = strlen(text);
    if (!strpbrk(text, " \t\n\v\f\r/|\xC2\xE1\xE2\xE3\xEF") || /* no white space of any script, no slash */
        !strpbrk(text, "\xE3\xE4\xE5\xE6\xE7\xE8\xE9\xF0"))    /* no Chinese character begins so */
        return false;
    while (length && (text[length - 1] == ' ' || text[length - 1] == ':'))
        length--;
    gsize whole = strlen(text);
    if (ends_with(text, whole, "："))
        length = whole - strlen("：");
    const char *end = text + length;
    bool found = false;
    const char *first_han = NULL, *last_han = NULL;
    for (const char *p = text; p < end; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (is_han(c)) {
            first_han = first_han ? first_han : p;
            last_han = p;
        }
        bool gap = utf8_is_space(c) || c == '/' || c == '|' || c == 0xFF0F;
        if (c == ':' || c == 0xFF1A || c == '@' || c == '_' || c == '\t' ||
            (utf8_is_space(c) && utf8_is_space(utf8_char(g_utf8_next_char(p)))))
            return false;
        found |= gap;
    }
    /* "Answered within 24 h" over "24小时内答复数": a line each */
    const char *line = is_strict && found && first_han ? memchr(text, '\n', length) : NULL;
    if (line && (first_han < line) == (last_han > line))
        line = NULL;
    guint letters = count_letters(text, end), before = 0; /* of all, and before p */
    for (const char *p = text; found && first_han && p < end; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        before += g_ascii_isalpha(*p) != 0;
        if (line ? p != line : !(utf8_is_space(c) || c == '/' || c == '|' || c == 0xFF0F))
            continue;
        const char *rest = g_utf8_next_char(p);
        bool left = first_han < p;
        bool right = last_han > p;
        guint other = left ? letters - before : before; /* letters on the side without Chinese */
        if (left == right || other < 3)                 /* "联络员 QQ" */
            continue;
        /* not between the words of one language: "Questions answered 回答量" */
        if (is_strict && letters - other >= 3)
            continue;
        gsize head = (gsize)(p - text), tail = (gsize)(end - rest);
        return left ? try_reading(readings, text, head) || try_reading(readings, rest, tail)
                    : try_reading(readings, rest, tail) || try_reading(readings, text, head);
    }
    return false;
}

/* Of "QQ QQ No." the word that stands twice: two languages that share it. */
static bool try_repeated(Readings *readings, const char *text) {
    gsize word = strcspn(text, " \n/");
    const char *rest = text + word;
    rest += strspn(rest, " \n/");
    if (word < 2 || rest == text + word || strncmp(rest, text, word) != 0)
        return false;
    return try_reading(readings, text, word);
}

/* "提问量/条", "点赞量/次": a label and its unit. */
static bool try_without_unit(Readings *readings, const char *text) {
    static const char *const units[] = {"条", "个", "人", "次", "人次", "篇", "件", "名", "项", NULL};
    gsize length = strlen(text);
    if (!strpbrk(text, "/\xEF")) /* the lead byte of ／ */
        return false;
    for (const char *const *unit = units; *unit; unit++) {
        if (!ends_with(text, length, *unit))
            continue;
        gsize head = length - strlen(*unit);
        gsize slash = head && text[head - 1] == '/' ? 1
                      : head >= strlen("／") && strncmp(text + head - strlen("／"), "／", strlen("／")) == 0
                          ? strlen("／")
                          : 0;
        if (slash && head > slash && try_reading(readings, text, head - slash))
            return true;
    }
    return false;
}

/* Of "负责人姓名/电话" and "联系人及联系方式" the part before the phone: the value holds both, and the name
 * comes first. */
static bool try_without_phone(Readings *readings, const char *text) {
    static const char *const phones[] = {"联系电话", "联系方式", "手机号码", "手机号", "电话", "手机", NULL};
    static const char *const joints[] = {"/", "、", "及", "和", "与", "，", "／", NULL};
    gsize length = strlen(text);
    for (const char *const *phone = phones; *phone; phone++) {
        if (!ends_with(text, length, *phone))
            continue;
        gsize head = length - strlen(*phone);
        for (const char *const *joint = joints; *joint; joint++) {
            gsize width = strlen(*joint);
            if (head > width && strncmp(text + head - width, *joint, width) == 0)
                return try_reading(readings, text, head - width);
        }
    }
    return false;
}

bool label_each_reading(const char *text, gssize length, LabelVisit visit, gpointer data) {
    return label_each_likely_reading(text, length, NULL, visit, data);
}

bool label_each_likely_reading(const char *text, gssize length, const LabelLetters *letters, LabelVisit visit,
                               gpointer data) {
    gsize n = length < 0 ? strlen(text) : (gsize)length;
    if (n == 0 || n > LABEL_MAX_BYTES)
        return false;
    Readings readings; /* its room is not cleared: this is asked for every text of a document */
    readings.visit = visit;
    readings.data = data;
    readings.n_seen = 0;
    readings.used = 0;
    char whole[LABEL_MAX_BYTES + 1], bare[LABEL_MAX_BYTES + 1];
    memcpy(whole, text, n);
    whole[n] = 0;
    if (try_reading(&readings, whole, n))
        return true;
    /* all other readings leave something out */
    if (letters && readings.n_seen && !label_letters_may_hold(letters, readings.seen[0]))
        return false;
    const char *rest = whole + label_list_mark(whole);
    if (rest != whole && try_reading(&readings, rest, strlen(rest)))
        return true;
    bool has_bare = without_parentheses(rest, strlen(rest), bare);
    if (has_bare && try_reading(&readings, bare, strlen(bare)))
        return true;
    const char *words = has_bare ? bare : rest;
    return try_languages(&readings, words, true) || try_languages(&readings, words, false) ||
           try_repeated(&readings, words) || try_without_phone(&readings, rest) ||
           try_without_unit(&readings, rest);
}

/* ---- likeness
 * ---------------------------------------------------------------------------------------------------- */

struct LabelWeights {
    GHashTable *counts; /* gunichar → number of labels that hold it */
    guint labels;
};

LabelWeights *label_weights_new(void) {
    LabelWeights *weights = g_new0(LabelWeights, 1);
    weights->counts = g_hash_table_new(NULL, NULL);
    return weights;
}

void label_weights_free(LabelWeights *weights) {
    if (!weights)
        return;
    g_hash_table_unref(weights->counts);
    g_free(weights);
}

void label_weights_add(LabelWeights *weights, const char *normal) {
    weights->labels++;
    for (const char *p = normal; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (g_utf8_strchr(normal, p - normal, c)) /* a second time in this label */
            continue;
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(weights->counts, GUINT_TO_POINTER(c)));
        g_hash_table_insert(weights->counts, GUINT_TO_POINTER(c), GUINT_TO_POINTER(n + 1));
    }
}

static double weight_of(const LabelWeights *weights, gunichar c) {
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(weights->counts, GUINT_TO_POINTER(c)));
    return log(1 + (double)(weights->labels + 1) / (n + 0.5));
}

/* A normal form taken apart once, so that it can be compared with many. */
struct LabelPrint {
    guint n;
    guint64 mask;        /* a bit for each character, by its lowest bits: no common bit, nothing in common */
    double total, pairs; /* weights of all characters, of all pairs of neighbours */
    struct {
        gunichar character;
        double weight;
    } letters[LIKENESS_MAX_CHARACTERS];
};

static void print_init(LabelPrint *print, const LabelWeights *weights, const char *normal) {
    print->n = 0;
    print->mask = 0;
    print->total = print->pairs = 0;
    for (const char *p = normal; *p && print->n < LIKENESS_MAX_CHARACTERS; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        double weight = weight_of(weights, c);
        print->mask |= G_GUINT64_CONSTANT(1) << (c % 64);
        print->total += weight;
        if (print->n > 0)
            print->pairs += print->letters[print->n - 1].weight + weight;
        print->letters[print->n].character = c;
        print->letters[print->n++].weight = weight;
    }
}

LabelPrint *label_print_new(const LabelWeights *weights, const char *normal) {
    LabelPrint *print = g_new(LabelPrint, 1);
    print_init(print, weights, normal);
    return print;
}

void label_print_free(LabelPrint *print) {
    g_free(print);
}

/* Weights of the characters that both have, each of b's used once. */
static double shared_characters(const LabelPrint *a, const LabelPrint *b) {
    bool used[LIKENESS_MAX_CHARACTERS] = {false};
    double shared = 0;
    for (guint i = 0; i < a->n; i++)
        for (guint j = 0; j < b->n; j++)
            if (!used[j] && a->letters[i].character == b->letters[j].character) {
                used[j] = true;
                shared += 2 * a->letters[i].weight;
                break;
            }
    return shared;
}

static double shared_pairs(const LabelPrint *a, const LabelPrint *b) {
    bool used[LIKENESS_MAX_CHARACTERS] = {false};
    double shared = 0;
    for (guint i = 0; i + 1 < a->n; i++)
        for (guint j = 0; j + 1 < b->n; j++)
            if (!used[j] && a->letters[i].character == b->letters[j].character &&
                a->letters[i + 1].character == b->letters[j + 1].character) {
                used[j] = true;
                shared += 2 * (a->letters[i].weight + a->letters[i + 1].weight);
                break;
            }
    return shared;
}

double label_print_likeness(const LabelPrint *a, const LabelPrint *b) {
    if ((a->mask & b->mask) == 0)
        return 0;
    double characters = shared_characters(a, b) / (a->total + b->total), pairs = a->pairs + b->pairs;
    if (characters == 0)
        return 0;
    return pairs > 0 ? (1 - PAIR_SHARE) * characters + PAIR_SHARE * shared_pairs(a, b) / pairs : characters;
}

double label_likeness(const LabelWeights *weights, const char *a, const char *b) {
    LabelPrint x, y;
    print_init(&x, weights, a);
    print_init(&y, weights, b);
    return label_print_likeness(&x, &y);
}
