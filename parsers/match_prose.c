/* Figures in sentences: "本期共收集提问35条，回答33条，其中24小时内答复30条". */
#include <string.h>

#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define CLAUSE_MAX_BYTES 120 /* a longer clause tells a story */
#define LABEL_MIN_BYTES  6   /* two Chinese characters */
#define STARTS_MAX       16  /* places at which the label may begin in its clause */

static bool ends_clause(gunichar c) {
    return c == 0xFF0C || c == ',' || c == 0x3002 || c == 0xFF1B || c == ';' || c == 0x3001 || c == '\n' ||
           c == 0xFF1A || c == ':' || c == 0xFF08 || c == '(' || c == 0xFF09 || c == ')';
}

/* Words between a label and its figure: 共, 为, 达到, 了 … */
static const char *skip_back(const char *start, const char *end) {
    static const char *const words[] = {"共计", "共有", "总计", "合计", "达到", "约", "共", "为",
                                        "是",   "了",   "达",   "有",   "计",   " ",  "_",  NULL};
    for (bool again = true; again;) {
        again = false;
        for (const char *const *w = words; *w && !again; w++) {
            gsize length = strlen(*w);
            again = (gsize)(end - start) > length && strncmp(end - length, *w, length) == 0;
            if (again)
                end -= length;
        }
    }
    return end;
}

/* The number field whose listed label ends at `end`, as it stands or with 数 or 量 behind it; the longest
 * counts. */
static int find_field(Matcher *m, const char *start, const char *end, const char **ret_label) {
    static const char *const endings[] = {"", "数", "量", "人数", NULL};
    guint starts = 0;
    int group = matcher_group_is_near(m, m->group) ? m->group : -1;
    for (const char *p = start; p < end && starts < STARTS_MAX && end - p >= LABEL_MIN_BYTES;
         p = g_utf8_next_char(p), starts++) {
        for (const char *const *ending = endings; *ending; ending++) {
            g_autofree char *label = g_strdup_printf("%.*s%s", (int)(end - p), p, *ending);
            g_autoptr(GArray) meanings = matcher_meanings(m, label, -1);
            double sure;
            int field = meanings ? matcher_field(m, meanings, group, false, &sure) : -1;
            bool is_figure = field >= 0 && (matcher_field_at(m, (guint)field)->type == TYPE_COUNT ||
                                            matcher_field_at(m, (guint)field)->type == TYPE_NUMBER);
            if (is_figure) {
                *ret_label = p;
                return field;
            }
        }
    }
    return -1;
}

static void read_clause(Matcher *m, const char *start, const char *end, Place place) {
    if (end - start > CLAUSE_MAX_BYTES)
        return;
    for (const char *p = start; p < end; p = g_utf8_next_char(p)) {
        bool begins_number = g_unichar_isdigit(utf8_char(p)) &&
                             (p == start || !g_unichar_isdigit(utf8_char(g_utf8_prev_char(p))));
        if (!begins_number || p == start)
            continue;
        if (!m->figures_left) {
            problem_add_reading(m->match->problems, PROBLEM_LIMIT,
                                *m->document->name ? m->document->name : NULL);
            return;
        }
        m->figures_left--;
        const char *label_end = skip_back(start, p), *label = NULL;
        int field = find_field(m, start, label_end, &label);
        if (field < 0)
            continue;
        g_autofree char *value = g_strndup(p, (gsize)(end - p));
        g_autofree char *name = g_strndup(label, (gsize)(label_end - label));
        if (value_parse(matcher_field_at(m, (guint)field), value, m->context, NULL, NULL) == VALUE_GOOD)
            matcher_add(m, (guint)field, value, place, SURE_PROSE, name);
        return;
    }
}

/* "收集问题数（ 35 ）条": the figure in a gap between brackets stands in its sentence; NULL where there is
 * none. */
static char *open_gaps(const char *text) {
    static const char *const marks[][2] = {{"（", "）"}, {"(", ")"}, {"【", "】"}, {"[", "]"}, {"“", "”"}};
    g_autoptr(GString) out = g_string_sized_new(strlen(text));
    bool found = false;
    for (const char *p = text; *p;) {
        const char *end = NULL;
        for (guint i = 0; i < G_N_ELEMENTS(marks) && !end; i++) {
            const char *from = p + strlen(marks[i][0]), *q = from;
            if (!utf8_has_prefix(p, marks[i][0]))
                continue;
            while (*q && (utf8_is_space(utf8_char(q)) || g_unichar_isdigit(utf8_char(q)) || *q == '_'))
                q = g_utf8_next_char(q);
            if (q == from || !utf8_has_prefix(q, marks[i][1]))
                break;
            g_string_append_len(out, from, q - from);
            end = q + strlen(marks[i][1]);
        }
        found |= end != NULL;
        if (!end) {
            end = g_utf8_next_char(p);
            g_string_append_len(out, p, end - p);
        }
        p = end;
    }
    return found ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

void match_prose(Matcher *m, const char *text, Place place) {
    if (problem_list_has(m->match->problems, PROBLEM_LIMIT))
        return;
    g_autofree char *opened = open_gaps(text);
    const char *start = text = opened ? opened : text;
    for (const char *p = text;; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (c && !ends_clause(c))
            continue;
        read_clause(m, start, p, place);
        if (!c)
            return;
        start = g_utf8_next_char(p);
    }
}
