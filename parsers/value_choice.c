#include "parsers/value_choice.h"

#include <string.h>

#include "parsers/label.h"
#include "parsers/utf8.h"

#define CHOICE_MAX_BYTES  400  /* a list of options with their boxes */
#define CERTAIN_CONTAINED 0.85 /* the option's name stands inside a longer text */

typedef enum { MARK_NONE, MARK_TICK, MARK_BOX } Mark;

static Mark mark_at(gunichar c) {
    static const gunichar ticks[] = {0x2611, 0x2612, 0x25A0, 0x25CF, 0x221A, 0x2713,  0x2714, 0x2705, 0x25C9,
                                     0x25A3, 0x25FC, 0x2299, 0x2605, 0x2B1B, 0x1F5F9, 0xF052, 0xF0FE, 0};
    static const gunichar boxes[] = {0x2610, 0x25A1, 0x25CB, 0x25EF, 0x25FB, 0x3007, 0x2606, 0x2B1C, 0x00D7,
                                     0x2715, 0x2716, 0x2717, 0x2718, 0xF0A3, 0xF0A8, 0xF06F, 0};
    for (const gunichar *t = ticks; *t; t++)
        if (*t == c)
            return MARK_TICK;
    for (const gunichar *b = boxes; *b; b++)
        if (*b == c)
            return MARK_BOX;
    return MARK_NONE;
}

static bool opens(const char *p) {
    return *p == '[' || *p == '(' || g_str_has_prefix(p, "【");
}

static const char *closing(const char *p) {
    gsize length = strcspn(p, "])");
    const char *wide = strstr(p, "】");
    return wide && wide < p + length ? wide : p[length] ? p + length : NULL;
}

/* What stands in brackets from p up to end: a tick (or 是), an empty box (or 否), an instruction such as
 * "打√", or none of them. */
static Mark mark_in_brackets(const char *p, const char *end, bool *ret_is_instruction) {
    g_autofree char *inside = g_strndup(p, (gsize)(end - p));
    g_strstrip(inside);
    *ret_is_instruction = strstr(inside, "打") || strstr(inside, "选") || strstr(inside, "勾");
    if (*ret_is_instruction)
        return MARK_NONE;
    if (strcmp(inside, "是") == 0 || strcmp(inside, "对") == 0)
        return MARK_TICK;
    if (strcmp(inside, "否") == 0)
        return MARK_BOX;
    Mark found = MARK_BOX;
    for (const char *q = inside; *q; q = g_utf8_next_char(q)) {
        Mark mark = strchr("xXvV", *q) ? MARK_TICK : mark_at(utf8_char(q));
        if (mark == MARK_NONE && !utf8_is_space(utf8_char(q)))
            return MARK_NONE;
        found = mark == MARK_TICK ? MARK_TICK : found;
    }
    return found;
}

/* A lone V, or what the letters of a symbol font look like without it: R a ticked box, £ an empty one. Only
 * beside other boxes. */
static Mark letter_mark(const char *plain, const char *p) {
    bool is_pound = g_str_has_prefix(p, "£");
    bool is_lone = strchr("RVv", *p) && (p == plain || !g_ascii_isalnum(p[-1])) && !g_ascii_isalnum(p[1]);
    if (!is_pound && !is_lone)
        return MARK_NONE;
    if (is_pound)
        return strchr(plain, 'R') ? MARK_BOX : MARK_NONE;
    return strstr(plain, "□") || strstr(plain, "☐") || strstr(plain, "£") ? MARK_TICK : MARK_NONE;
}

static bool is_separator(gunichar c) {
    return utf8_is_space(c) || c == 0x3001 || c == ',' || c == ';' || c == '/' || c == '|' || c == 0x3002;
}

/* Text in one alphabet: every tick ☑, every box ☐, "[x]" and "(√)" as ☑, "[ ]", "（ ）" and "×" as ☐, what
 * separates options as one blank; instructions in brackets, fill-in lines and signs of variants are left out.
 */
static char *unify_marks(const char *text) {
    g_autofree char *plain = utf8_compatible(text);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = plain; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        const char *end = opens(p) ? closing(g_utf8_next_char(p)) : NULL;
        bool is_instruction = false;
        Mark mark = end ? mark_in_brackets(g_utf8_next_char(p), end, &is_instruction) : mark_at(c);
        if (mark == MARK_NONE && !end)
            mark = letter_mark(plain, p);
        if (mark != MARK_NONE)
            g_string_append(out, mark == MARK_TICK ? "\u2611" : "\u2610");
        if (end && (mark != MARK_NONE || is_instruction)) {
            p = end;
            continue;
        }
        if (mark != MARK_NONE || c == 0xFE0F || c == '_')
            continue;
        if (!is_separator(c))
            g_string_append_unichar(out, g_unichar_tolower(c));
        else if (out->len && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* "团帮青：是 专帮青：否": an answer behind each option, as its mark. Returns the text itself where there are
 * not several. */
static const char *mark_answers(const char *text, char **ret_marked) {
    static const char *const answers[][2] = {{":是", "\u2611"}, {":否", "\u2610"}};
    *ret_marked = NULL;
    if (!strstr(text, "否") || !strstr(text, "是"))
        return text;
    guint n = 0;
    g_autofree char *plain = utf8_compatible(text);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = plain; *p;) {
        guint which = 0;
        while (which < G_N_ELEMENTS(answers) && !g_str_has_prefix(p, answers[which][0]))
            which++;
        const char *next =
            which < G_N_ELEMENTS(answers) ? p + strlen(answers[which][0]) : g_utf8_next_char(p);
        if (which < G_N_ELEMENTS(answers) && !g_unichar_isalpha(utf8_char(next))) {
            g_string_append(out, answers[which][1]);
            n++;
        } else {
            g_string_append_len(out, p, next - p);
        }
        p = next;
    }
    return n < 2 ? text : (*ret_marked = g_string_free(g_steal_pointer(&out), FALSE));
}

static bool has_tick(const char *unified) {
    return strstr(unified, "\u2611") != NULL;
}

bool value_has_only_empty_boxes(const char *text) {
    if (strlen(text) > CHOICE_MAX_BYTES)
        return false;
    g_autofree char *unified = unify_marks(text);
    return strstr(unified, "\u2610") && !has_tick(unified);
}

/* The text that a tick belongs to: behind it where the line begins with a mark, before it otherwise.
 * "√☐专帮青" holds two marks in a row: the tick was typed into or beside the box. */
static char *ticked_text(const char *unified) {
    gunichar first = utf8_char(unified);
    bool mark_first = first == 0x2611 || first == 0x2610;
    const char *tick = strstr(unified, "\u2611");
    const char *behind = tick + strlen("\u2611");
    if (strstr(behind, "\u2611") && strstr(behind, "\u2611") != behind)
        return NULL; /* two choices are ticked */
    if (mark_first) {
        while (utf8_char(behind) == 0x2611 || utf8_char(behind) == 0x2610)
            behind = g_utf8_next_char(behind);
        const char *end = behind;
        while (*end && utf8_char(end) != 0x2611 && utf8_char(end) != 0x2610)
            end = g_utf8_next_char(end);
        return g_strndup(behind, (gsize)(end - behind));
    }
    const char *end = tick;
    while (end > unified && utf8_char(g_utf8_prev_char(end)) == 0x2610)
        end = g_utf8_prev_char(end);
    const char *start = end;
    while (start > unified && utf8_char(g_utf8_prev_char(start)) != 0x2610)
        start = g_utf8_prev_char(start);
    return g_strndup(start, (gsize)(end - start));
}

/* The only choice one of whose labels is text (whole), or stands in it (not whole). A label that is part of
 * another label which stands there too does not count: 答复 in 未答复. */
static const Choice *find_choice(const Field *field, const char *normal, bool whole) {
    const Choice *found = NULL;
    gsize found_length = 0;
    for (guint i = 0; i < field->choices->len; i++) {
        const Choice *choice = g_ptr_array_index(field->choices, i);
        for (guint j = 0; j < choice->labels->len; j++) {
            const char *label = g_ptr_array_index(choice->labels, j);
            if (whole ? strcmp(label, normal) != 0 : !*label || !strstr(normal, label))
                continue;
            gsize length = strlen(label);
            if (found && found != choice && length == found_length)
                return NULL;
            if (length > found_length) {
                found = choice;
                found_length = length;
            }
        }
    }
    if (!found || whole)
        return found;
    for (guint i = 0; i < field->choices->len;
         i++) { /* a second choice elsewhere in the text: "团帮青、专帮青" */
        const Choice *choice = g_ptr_array_index(field->choices, i);
        for (guint j = 0; choice != found && j < choice->labels->len; j++) {
            const char *label = g_ptr_array_index(choice->labels, j);
            bool part_of_found = false;
            for (guint k = 0; k < found->labels->len; k++)
                part_of_found |= strstr(g_ptr_array_index(found->labels, k), label) != NULL;
            if (*label && !part_of_found && strstr(normal, label))
                return NULL;
        }
    }
    return found;
}

/* ---- which option is ticked
 * ------------------------------------------------------------------------------------------ */

#define OPTIONS_MAX 16

typedef struct {
    const Choice *choice;
    const char *start, *end;
    bool is_ticked;
} Option;

/* The longest label of a choice that begins at p. */
static gsize option_at(const Field *field, const char *p, const Choice **ret_choice) {
    gsize longest = 0;
    for (guint i = 0; i < field->choices->len; i++) {
        const Choice *choice = g_ptr_array_index(field->choices, i);
        for (guint j = 0; j < choice->labels->len; j++) {
            const char *label = g_ptr_array_index(choice->labels, j);
            if (strlen(label) > longest && g_str_has_prefix(p, label)) {
                longest = strlen(label);
                *ret_choice = choice;
            }
        }
    }
    return longest;
}

static guint find_options(const Field *field, const char *unified, Option *options) {
    guint n = 0;
    for (const char *p = unified; *p && n < OPTIONS_MAX;) {
        const Choice *choice = NULL;
        gsize length = option_at(field, p, &choice);
        if (length)
            options[n++] = (Option){choice, p, p + length, false};
        p = length ? p + length : g_utf8_next_char(p);
    }
    return n;
}

static bool is_mark(const char *p) {
    return g_str_has_prefix(p, "\u2611") || g_str_has_prefix(p, "\u2610");
}

static bool has_mark(const char *start, const char *end) {
    for (const char *p = start; p < end; p = g_utf8_next_char(p))
        if (is_mark(p))
            return true;
    return false;
}

/* Gives the marks between two options (either may be NULL) to the one that they touch, else to the one that
 * is_before says: marks stand before all options or behind all. False where nobody can say whose a tick is.
 */
static bool assign_marks(const char *start, const char *end, Option *left, Option *right, bool is_before) {
    for (const char *p = start; p < end; p = g_utf8_next_char(p)) {
        if (!is_mark(p))
            continue;
        const char *first = p;
        bool tick = false, box = false;
        for (; p < end && is_mark(p); p = g_utf8_next_char(p)) {
            tick |= g_str_has_prefix(p, "\u2611");
            box |= g_str_has_prefix(p, "\u2610");
        }
        bool at_left = left && first == start, at_right = right && p == end;
        if (at_left && at_right && tick && box)
            return false;
        Option *owner = at_left != at_right             ? (at_left ? left : right)
                        : right && (is_before || !left) ? right
                                                        : left;
        owner->is_ticked |= tick;
        if (p == end)
            return true;
    }
    return true;
}

static const Choice *choose_ticked(const Field *field, const char *unified) {
    Option options[OPTIONS_MAX];
    guint n = find_options(field, unified, options);
    if (n == 0)
        return NULL;
    const char *end = unified + strlen(unified);
    bool is_before = has_mark(unified, options[0].start);
    bool is_behind = has_mark(options[n - 1].end, end);
    for (guint i = 0; i <= n; i++) {
        Option *left = i ? &options[i - 1] : NULL, *right = i < n ? &options[i] : NULL;
        if (!assign_marks(left ? left->end : unified, right ? right->start : end, left, right,
                          is_before || !is_behind))
            return NULL;
    }
    const Choice *found = NULL;
    for (guint i = 0; i < n; i++) {
        if (options[i].is_ticked && found && found != options[i].choice)
            return NULL;
        if (options[i].is_ticked)
            found = options[i].choice;
    }
    return found;
}

const Choice *value_choose(const Field *field, const char *text, double *certainty) {
    if (strlen(text) > CHOICE_MAX_BYTES)
        return NULL;
    g_autofree char *marked = NULL, *unified = unify_marks(mark_answers(text, &marked));
    if (has_tick(unified))
        return choose_ticked(field, unified);
    if (strstr(unified, "\u2610"))
        return NULL;
    g_autofree char *normal = label_normal_form(unified, -1);
    const Choice *choice = find_choice(field, normal, true);
    if (!choice) {
        choice = find_choice(field, normal, false);
        *certainty = CERTAIN_CONTAINED;
    }
    return choice;
}

bool value_choose_bool(const char *text, bool *ret_answer) {
    static const char *const yes[] = {"是", "yes", "y", "true", "有", "对", "1", "重复", "已", NULL};
    static const char *const no[] = {"否", "no",   "n",      "false", "无", "不是", "不",
                                     "0",  "没有", "不重复", "未",    "非", NULL};
    if (strlen(text) > CHOICE_MAX_BYTES)
        return false;
    g_autofree char *unified = unify_marks(text);
    g_autofree char *ticked = has_tick(unified) ? ticked_text(unified) : NULL;
    if (has_tick(unified) && !ticked)
        return false;
    g_autofree char *normal = label_normal_form(ticked ? ticked : unified, -1);
    if (strcmp(text, "×") == 0 || strcmp(text, "✗") == 0 || strcmp(text, "✘") == 0) { /* a lone cross */
        *ret_answer = false;
        return true;
    }
    if (ticked && !*normal) { /* a lone tick */
        *ret_answer = true;
        return true;
    }
    if (!ticked && strstr(unified, "\u2610"))
        return false;
    for (const char *const *word = yes; *word; word++)
        if (strcmp(normal, *word) == 0)
            return *ret_answer = true;
    for (const char *const *word = no; *word; word++)
        if (strcmp(normal, *word) == 0) {
            *ret_answer = false;
            return true;
        }
    return false;
}
