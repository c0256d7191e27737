#include "parsers/value_choice.h"

#include <string.h>

#include "parsers/label.h"
#include "parsers/utf8.h"

#define CHOICE_MAX_BYTES  400  /* a list of options with their boxes */
#define CERTAIN_CONTAINED 0.85 /* the option's name stands inside a longer text */

typedef enum { MARK_NONE, MARK_TICK, MARK_BOX } Mark;

static Mark mark_at(gunichar c) {
    static const gunichar ticks[] = {0x2611, 0x2612, 0x25A0, 0x25CF, 0x221A, 0x2713,
                                     0x2714, 0x2705, 0x25C9, 0xF052, 0xF0FE, 0};
    static const gunichar boxes[] = {0x2610, 0x25A1, 0x25CB, 0x25EF, 0x25FB,
                                     0x3007, 0xF0A3, 0xF0A8, 0xF06F, 0};
    for (const gunichar *t = ticks; *t; t++)
        if (*t == c)
            return MARK_TICK;
    for (const gunichar *b = boxes; *b; b++)
        if (*b == c)
            return MARK_BOX;
    return MARK_NONE;
}

/* Text in one alphabet: every tick ☑, every box ☐, "[x]" and "(√)" as ☑, "[ ]" and "（ ）" as ☐, no white
 * space. */
static char *unify_marks(const char *text) {
    g_autofree char *plain = utf8_compatible(text);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = plain; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (utf8_is_space(c))
            continue;
        if (*p == '[' || *p == '(') {
            const char *q = p + 1;
            Mark inside = MARK_BOX;
            for (; *q && (utf8_is_space(utf8_char(q)) || mark_at(utf8_char(q)) != MARK_NONE || *q == 'x' ||
                          *q == 'X' || *q == 'v' || *q == 'V');
                 q = g_utf8_next_char(q))
                if (!utf8_is_space(utf8_char(q)) && mark_at(utf8_char(q)) != MARK_BOX)
                    inside = MARK_TICK;
            if (*q == ']' || *q == ')') {
                g_string_append(out, inside == MARK_TICK ? "\u2611" : "\u2610");
                p = q;
                continue;
            }
        }
        Mark mark = mark_at(c);
        if (mark == MARK_NONE)
            g_string_append_unichar(out, g_unichar_tolower(c));
        else
            g_string_append(out, mark == MARK_TICK ? "\u2611" : "\u2610");
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
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

const Choice *value_choose(const Field *field, const char *text, double *certainty) {
    if (strlen(text) > CHOICE_MAX_BYTES)
        return NULL;
    g_autofree char *unified = unify_marks(text);
    g_autofree char *ticked = has_tick(unified) ? ticked_text(unified) : NULL;
    if (has_tick(unified) && !ticked)
        return NULL;
    if (!has_tick(unified) && strstr(unified, "\u2610"))
        return NULL;
    g_autofree char *normal = label_normal_form(ticked ? ticked : unified, -1);
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
