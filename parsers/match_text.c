/* Label and value in running lines: "标签：值", several in one line, "标签____值____", a label alone with the
 * value on the next lines, headings that name a group or a table. */
#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/limits.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define PAIRS_MAX         16  /* labels in one line */
#define STARTS_MAX        8   /* places in one line at which a label may begin before its colon */
#define VALUE_LINES_MAX   60  /* lines of one free text */
#define LABEL_REACH_BYTES 480 /* a label with its gaps and brackets */
#define LEADING_MAX       60  /* bytes of a label without a colon */

typedef struct {
    const char *label, *value;
    gsize label_length, value_length;
    GArray *meanings; /* NULL: not listed */
} Pair;

static void pairs_clear(Pair *pairs, guint n) {
    for (guint i = 0; i < n; i++)
        g_clear_pointer(&pairs[i].meanings, g_array_unref);
}

static bool is_break(gunichar c) {
    return utf8_is_space(c) || c == '_' || c == ';' || c == ',' || c == 0xFF1B || c == 0xFF0C ||
           c == 0x3002 || c == 0x3001 || c == '|' || c == 0xFF5C || c == 0x3011 || c == ')' || c == 0xFF09;
}

/* Two blanks, a tab or an ideographic space: what separates columns, not words. */
static bool is_wide_break(const char *text, const char *at) {
    if (at <= text)
        return false;
    const char *before = g_utf8_prev_char(at);
    gunichar c = utf8_char(before);
    if (c == '\t' || c == 0x3000 || c == '_')
        return true;
    return utf8_is_space(c) && before > text && utf8_is_space(utf8_char(g_utf8_prev_char(before)));
}

/* The colon or equals sign at p, in bytes; 0 where there is none or it belongs to a time or an address. */
static gsize colon_at(const char *text, const char *p) {
    gunichar c = utf8_char(p);
    if (c != ':' && c != 0xFF1A && c != 0xFE13 && c != 0x2236 && c != 0xFE30 && c != 0xFE55 && c != '=' &&
        c != 0xFF1D)
        return 0;
    const char *after = g_utf8_next_char(p);
    if (c == ':' && after[0] == '/' && after[1] == '/')
        return 0;
    if (p > text && g_ascii_isdigit(p[-1]) && g_ascii_isdigit(*after))
        return 0;
    return (gsize)(after - p);
}

/* The longest listed label that ends at colon and begins at a break behind start (at start itself for the
 * first pair). */
static bool find_label(Matcher *m, const char *text, const char *start, const char *colon, bool first,
                       Pair *pair) {
    const char *starts[STARTS_MAX];
    guint n = 0;
    start = MIN(utf8_skip_space(start), colon);
    starts[n++] = start;
    for (const char *p = start; p < colon; p = g_utf8_next_char(p)) {
        const char *next = g_utf8_next_char(p);
        if (!is_break(utf8_char(p)) || next >= colon || is_break(utf8_char(next)))
            continue;
        if (first && !is_wide_break(text, next))
            continue;
        if (n == STARTS_MAX) /* the nearest to the colon count */
            memmove(starts + 1, starts + 2, (STARTS_MAX - 2) * sizeof *starts);
        starts[n < STARTS_MAX ? n++ : STARTS_MAX - 1] = next;
    }
    for (guint i = 0; i < n; i++) {
        gsize length = (gsize)(colon - starts[i]);
        if (length > LABEL_MAX_BYTES || length == 0)
            continue;
        pair->meanings = matcher_meanings(m, starts[i], (gssize)length);
        if (pair->meanings) {
            pair->label = starts[i];
            pair->label_length = length;
            return true;
        }
    }
    return false;
}

/* "张三 审核人：": where a label that is no form's begins behind one blank, or NULL. */
static const char *foreign_start(const char *start, const char *colon) {
    const char *begin = NULL;
    for (const char *p = start; p < colon; p = g_utf8_next_char(p))
        if (is_break(utf8_char(p)))
            begin = g_utf8_next_char(p);
    if (!begin || begin >= colon || colon - begin > LABEL_MAX_BYTES)
        return NULL;
    g_autofree char *normal = label_normal_form(begin, colon - begin);
    return form_words_is_foreign_label(normal) ? begin : NULL;
}

/* A short text at the start of a line or column that ends in a colon: a label, though not one of ours. */
static bool find_unlisted(const char *text, const char *start, const char *colon, bool first, Pair *pair) {
    const char *begin = start;
    for (const char *p = start; p < colon; p = g_utf8_next_char(p))
        if (is_wide_break(text, p))
            begin = p;
    if (!first && begin == start && !(begin = foreign_start(start, colon)))
        return false;
    glong characters = g_utf8_strlen(begin, colon - begin);
    if (characters < 2 || characters > 20)
        return false;
    for (const char *p = begin; p < colon; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (c == 0xFF0C || c == 0x3002 || c == ',' || c == 0xFF1F || c == '?' || c == 0xFF01)
            return false;
    }
    pair->label = begin;
    pair->label_length = (gsize)(colon - begin);
    pair->meanings = NULL;
    return true;
}

/* No label begins farther before its colon: keeps a line of many colons linear. */
static const char *near_start(const char *start, const char *colon) {
    if (colon - start <= LABEL_REACH_BYTES)
        return start;
    start = colon - LABEL_REACH_BYTES;
    while (((guchar)*start & 0xC0) == 0x80)
        start++;
    return start;
}

static guint split_pairs(Matcher *m, const char *text, Pair *pairs) {
    guint n = 0;
    const char *start = text;
    for (const char *p = text; *p && n < PAIRS_MAX && p - text < LIMIT_FIELD_BYTES;) {
        gsize width = colon_at(text, p);
        Pair pair = {0};
        bool equals = width && (*p == '=' || utf8_char(p) == 0xFF1D);
        const char *from = width ? near_start(start, p) : start;
        bool first = n == 0 && from == text;
        if (width && (find_label(m, text, from, p, first, &pair) ||
                      (!equals && find_unlisted(text, from, p, first, &pair)))) {
            if (n)
                pairs[n - 1].value_length = (gsize)(pair.label - pairs[n - 1].value);
            pair.value = p + width;
            pair.value_length = strlen(pair.value);
            pairs[n++] = pair;
            start = pair.value;
        }
        p = width ? p + width : g_utf8_next_char(p);
    }
    return n;
}

/* ---- a label without a colon ---- */

/* "填报人是张三", "汇报周期为…" */
static bool is_copula(const char *p) {
    return utf8_has_prefix(p, "为") || utf8_has_prefix(p, "是");
}

static gsize clause_length(const char *text) {
    static const char *const ends[] = {"。", "，", "；", "\n", NULL};
    gsize length = strlen(text);
    for (const char *const *e = ends; *e; e++) {
        const char *end = strstr(text, *e);
        length = end ? MIN(length, (gsize)(end - text)) : length;
    }
    return length;
}

/* "【提问量】35", "[提问量] 35" */
static bool find_bracketed(Matcher *m, const char *text, Pair *pair) {
    static const char *const brackets[][2] = {{"【", "】"}, {"[", "]"}, {"〔", "〕"}, {"［", "］"},
                                              {"「", "」"}, {"<", ">"}, {"《", "》"}};
    for (guint i = 0; i < G_N_ELEMENTS(brackets); i++) {
        const char *inside = text + strlen(brackets[i][0]);
        const char *end = utf8_has_prefix(text, brackets[i][0]) ? strstr(inside, brackets[i][1]) : NULL;
        if (!end || end == inside || end - inside > LEADING_MAX)
            continue;
        double sure;
        pair->meanings = matcher_meanings(m, inside, end - inside);
        if (pair->meanings && matcher_field(m, pair->meanings, m->group, true, &sure) >= 0) {
            *pair = (Pair){.label = inside,
                           .label_length = (gsize)(end - inside),
                           .value = end + strlen(brackets[i][1]),
                           .meanings = pair->meanings};
            pair->value_length = strlen(pair->value);
            return true;
        }
        g_clear_pointer(&pair->meanings, g_array_unref);
    }
    return false;
}

/* Blanks, lines, dots, dashes, arrows. */
static bool is_filler(gunichar c) {
    return utf8_is_space(c) || c == '_' || c == 0xFF3F || c == 0x2026 || c == 0x2014 || c == 0x00B7 ||
           c == 0x2192 || c == 0xFF0D || c == 0x2500 || c == 0x2501;
}

/* What may stand between a label and its value: fillers, 为 and 是; signs that words hold too only where two
 * stand together. */
static bool is_leader(const char *p, gunichar before) {
    gunichar c = utf8_char(p);
    return is_filler(c) || (c == '.' && p[1] == '.') || is_copula(p) ||
           (c == '-' && (p[1] == '-' || before == ' ')) || (c == '~' && p[1] == '~') ||
           (c == 0x3002 && utf8_has_prefix(g_utf8_next_char(p), "。"));
}

/* "提问量（35）条", "提问量,35": only a figure stands so. */
static bool is_figure_mark(gunichar c) {
    return c == '(' || c == 0xFF08 || c == '[' || c == 0x3010 || c == ',' || c == 0xFF0C || c == ';';
}

static const char *skip_leaders(const char *value) {
    for (bool first = true; *value; first = false, value = g_utf8_next_char(value)) {
        gunichar c = utf8_char(value);
        if (!is_filler(c) && c != '.' && c != '-' && c != '~' && c != 0x3002 && !(first && is_copula(value)))
            break;
    }
    return value;
}

/* "提问量____35____", "提问量 35", "提问量……35", "提问量35条", "提问量——35" at the start of a line: only
 * listed labels, and only with a value that fits. */
static bool find_leading(Matcher *m, const char *text, Pair *pair) {
    const char *ends[STARTS_MAX * 2];
    guint n = 0;
    gsize mark = label_list_mark(text);
    const char *start = text + mark;
    if (find_bracketed(m, text, pair))
        return true;
    for (const char *p = start; *p && p - start < LEADING_MAX && n < G_N_ELEMENTS(ends);
         p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p), before = p > start ? utf8_char(g_utf8_prev_char(p)) : 0;
        bool filler = is_leader(p, before) || is_figure_mark(c);
        bool digit = g_ascii_isdigit(*p) || (c >= 0xFF10 && c <= 0xFF19);
        bool after_letter = before && g_unichar_isalpha(before);
        if (p > start && (filler || (digit && after_letter)) && !utf8_is_space(before) && before != '_' &&
            before != 0xFF3F)
            ends[n++] = p;
    }
    while (n-- > 0) { /* the longest first: "QQ 号 123" */
        pair->meanings = matcher_meanings(m, start, ends[n] - start);
        if (!pair->meanings)
            continue;
        double sure;
        int field = matcher_field(m, pair->meanings, m->group, true, &sure);
        bool figure_only = is_figure_mark(utf8_char(ends[n]));
        const char *value = skip_leaders(ends[n] + (figure_only && strchr(",;", *ends[n]) != NULL));
        if (utf8_has_prefix(value, "，"))
            value += strlen("，");
        if (figure_only && (field < 0 || matcher_field_at(m, (guint)field)->type == TYPE_TEXT))
            field = -1;
        bool fill_in = *ends[n] == '_' || utf8_has_prefix(ends[n], "＿");
        if (field >= 0 && ((fill_in && !*value) || value_parse(matcher_field_at(m, (guint)field), value,
                                                               m->context, NULL, NULL) == VALUE_GOOD)) {
            pair->label = start;
            pair->label_length = (gsize)(ends[n] - start);
            pair->value = value;
            pair->value_length = is_copula(ends[n]) && matcher_field_at(m, (guint)field)->type != TYPE_TEXT
                                     ? clause_length(value)
                                     : strlen(value);
            return true;
        }
        g_clear_pointer(&pair->meanings, g_array_unref);
    }
    return false;
}

/* ---- lines
 * ------------------------------------------------------------------------------------------------------------
 */

typedef struct {
    Matcher *m;
    GPtrArray *lines;
    guint to;
    const Place *fixed;
    bool in_list; /* the label that is read stands in a numbered list: its neighbours are labels, too */
    bool any;
} Reader;

static const char *line_text(const Reader *reader, guint index) {
    return ((const Line *)g_ptr_array_index(reader->lines, index))->text;
}

static Place line_place(const Reader *reader, guint index) {
    const Line *line = g_ptr_array_index(reader->lines, index);
    return reader->fixed ? *reader->fixed : (Place){.paragraph = line->block};
}

static bool is_empty(const char *text) {
    return !*utf8_skip_space(text);
}

/* "答：", "答案：" as exports of surveys have it before each answer. */
static const char *skip_answer_mark(const char *text) {
    static const char *const marks[] = {"答：", "答:", "答案：", "答案:", NULL};
    const char *start = utf8_skip_space(text);
    for (const char *const *mark = marks; *mark; mark++)
        if (g_str_has_prefix(start, *mark))
            return utf8_skip_space(start + strlen(*mark));
    return text;
}

/* True where a line begins something of its own, so that it cannot continue the value above it. */
static bool begins_item(Matcher *m, const char *text) {
    Pair pairs[PAIRS_MAX], leading = {0};
    text = skip_answer_mark(text);
    if (form_words_is_instruction(text))
        return true;
    GArray *whole = matcher_meanings(m, text, -1);
    if (whole) {
        g_array_unref(whole);
        return true;
    }
    guint n = split_pairs(m, text, pairs);
    bool begins = n > 0 && (pairs[0].meanings || label_list_mark(text) == 0);
    pairs_clear(pairs, n);
    if (!begins && find_leading(m, text, &leading)) {
        begins = true;
        g_array_unref(leading.meanings);
    }
    return begins;
}

/* What stands right above a table: short, and no sentence. */
static bool is_heading(const char *line) {
    return g_utf8_strlen(line, -1) <= 16 && !strstr(line, "。") && !strstr(line, "；") && !strstr(line, "，");
}

/* A name below a finished sentence, perhaps with a phone. */
static bool is_signature(const char *value, const char *line) {
    bool finished =
        g_str_has_suffix(value, "。") || g_str_has_suffix(value, ".") || g_str_has_suffix(value, "！");
    guint letters = 0;
    for (const char *p = line; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (c == 0x3002 || c == 0xFF0C || c == 0xFF1B)
            return false;
        letters += g_unichar_isalpha(c);
    }
    return finished && label_list_mark(line) == 0 && letters <= 5;
}

/* Lines from `index` on that continue a free text, joined to value; returns the first that does not. */
static guint append_lines(Reader *reader, guint index, GString *value) {
    for (guint n = 0; index < reader->to && n < VALUE_LINES_MAX; n++) {
        guint next = index;
        while (next < reader->to && is_empty(line_text(reader, next)))
            next++;
        /* a blank line ends a text, unless a numbered item follows */
        if (next >= reader->to ||
            (next > index && value->len && label_list_mark(line_text(reader, next)) == 0))
            break;
        const Line *line = g_ptr_array_index(reader->lines, next);
        if (reader->in_list && label_list_mark(line->text) && utf8_find_either(line->text, ":", "："))
            break;
        if (next + 1 >= reader->to && reader->m->grid_follows && is_heading(line->text))
            break;
        const char *text = value->len ? line->text : skip_answer_mark(line->text);
        if (line->used || begins_item(reader->m, line->text) ||
            match_titles(reader->m->set, line->text, NULL) || form_words_is_closing(line->text) ||
            is_signature(value->str, line->text))
            break;
        if (value->len)
            g_string_append_c(value, '\n');
        g_string_append(value, text);
        index = next + 1;
    }
    return index;
}

/* "6月14日至" whose end stands on the next line */
static guint take_second_half(const Reader *reader, guint next, const Field *field, GString *value) {
    const ValueContext *context = reader->m->context;
    const Line *line = g_ptr_array_index(reader->lines, next);
    if (line->used || value_parse(field, value->str, context, NULL, NULL) != VALUE_BAD)
        return next;
    g_autofree char *both = g_strconcat(value->str, " ", line->text, NULL);
    if (value_parse(field, both, context, NULL, NULL) != VALUE_GOOD)
        return next;
    g_string_assign(value, both);
    return next + 1;
}

/* The value on the line behind a label that stands alone: short types take one line that fits, free text
 * takes what follows. */
static guint take_next_lines(Reader *reader, guint index, const Field *field, GString *value) {
    guint next = index;
    if (next < reader->to && is_empty(line_text(reader, next)) && next + 1 < reader->to)
        next++;
    if (next >= reader->to || ((const Line *)g_ptr_array_index(reader->lines, next))->used)
        return index;
    const char *text = skip_answer_mark(line_text(reader, next));
    if (is_empty(text) || begins_item(reader->m, text))
        return index;
    if (field->type == TYPE_TEXT) {
        /* a signature is short and has no punctuation */
        bool sentence = label_list_mark(text) || g_utf8_strlen(text, -1) > 8 || next == index;
        return sentence ? append_lines(reader, next, value) : index;
    }
    ValueVerdict verdict = value_parse(field, text, reader->m->context, NULL, NULL);
    if (verdict == VALUE_BAD && (field->type != TYPE_DATERANGE || next + 1 >= reader->to))
        return index;
    g_string_assign(value, text);
    if (verdict != VALUE_BAD)
        return next + 1;
    guint end = take_second_half(reader, next + 1, field, value);
    if (end == next + 1)
        g_string_truncate(value, 0);
    return end == next + 1 ? index : end;
}

/* "张三，" before the next label */
static void drop_separator(char *value) {
    static const char *const separators[] = {"，", "；", "、", "。", "｜", ",", ";", "|", "/", NULL};
    g_strchomp(value);
    for (const char *const *s = separators; *s; s++)
        if (g_str_has_suffix(value, *s)) {
            value[strlen(value) - strlen(*s)] = 0;
            return;
        }
}

/* Below a heading such as 学生骨干 a figure is theirs until another field comes, or the same one again. */
static bool leaves_near_group(const Matcher *m, int field) {
    return matcher_group_is_near(m, m->group) && field >= 0 &&
           (matcher_field_at(m, (guint)field)->group != m->group || matcher_has_value(m, (guint)field));
}

/* Handles one pair; returns the first line that it did not use. */
static guint take_pair(Reader *reader, guint index, const Pair *pair, bool is_last) {
    Matcher *m = reader->m;
    double sure;
    guint next = index + 1;
    g_autofree char *label = g_strndup(pair->label, pair->label_length);
    g_autofree char *raw = g_strndup(pair->value, pair->value_length);
    if (!is_last)
        drop_separator(raw);
    g_autoptr(GString) value = g_string_new(raw);
    bool blank = is_empty(raw);
    Place place = line_place(reader, index);
    if (!pair->meanings) {
        if (is_last && blank)
            g_string_truncate(value, 0);
        else if (is_last && label_list_mark(raw) && next < reader->to &&
                 label_list_mark(line_text(reader, next)) && !label_list_mark(line_text(reader, index)))
            next = append_lines(reader, next, value);
        matcher_unlisted(m, label, value->str, place, m->group);
        return next;
    }
    reader->any = true;
    reader->in_list = label_list_mark(line_text(reader, index)) > 0;
    const LabelMeaning *group = matcher_find(pair->meanings, LABEL_GROUP),
                       *table = matcher_find(pair->meanings, LABEL_TABLE);
    bool in_record = m->record && matcher_find(pair->meanings, LABEL_COLUMN) && m->section >= 0;
    int field = matcher_field(m, pair->meanings, m->group, !m->group_is_heading, &sure);
    if (leaves_near_group(m, field)) {
        m->group = -1;
        field = matcher_field(m, pair->meanings, -1, false, &sure);
    }
    if (in_record && match_record_add(m, pair->meanings, raw, place))
        return next;
    if (table && blank && is_last) {
        m->section = table->index;
        if (field < 0 || matcher_field_at(m, (guint)field)->type != TYPE_TEXT)
            return next;
    }
    if (group) {
        m->group = group->index;
        m->group_is_heading = blank;
    }
    if (field < 0 && group && matcher_group_is_near(m, group->index)) {
        if (!blank) /* "学生骨干：回答量5，点赞量12" */
            match_prose(m, raw, place);
        return next;
    }
    if (field < 0) {
        match_record_add(m, pair->meanings, raw, place);
        return next;
    }
    const Field *f = matcher_field_at(m, (guint)field);
    if (group && blank && f->is_group_default && is_last && next < reader->to &&
        begins_item(m, line_text(reader, next)))
        return next;
    if (is_last && blank) {
        g_string_truncate(value, 0);
        next = take_next_lines(reader, next, f, value);
        sure *= value->len ? SURE_NEXT_LINE : 1;
    } else if (is_last && f->type == TYPE_DATERANGE && next < reader->to)
        next = take_second_half(reader, next, f, value);
    else if (is_last && f->type == TYPE_TEXT && !form_words_is_absent(raw))
        next = append_lines(reader, next, value);
    matcher_add(m, (guint)field, value->str, place, SURE_EXACT * sure, label);
    if (f->group >= 0 && f->group != m->group) {
        m->group = f->group;
        m->group_is_heading = false;
    }
    return next;
}

/* A line that is a label as a whole: a heading, or a label whose value follows. */
static guint take_whole(Reader *reader, guint index, GArray *meanings) {
    Matcher *m = reader->m;
    const LabelMeaning *table = matcher_find(meanings, LABEL_TABLE),
                       *group = matcher_find(meanings, LABEL_GROUP);
    reader->any = true;
    if (table)
        m->section = table->index;
    if (group) {
        m->group = group->index;
        m->group_is_heading = true;
    }
    if (table || (group && index + 1 < reader->to && begins_item(m, line_text(reader, index + 1))))
        return index + 1;
    const char *text = line_text(reader, index);
    Pair pair = {
        .label = text, .label_length = strlen(text), .value = text + strlen(text), .meanings = meanings};
    return take_pair(reader, index, &pair, true);
}

/* Skips the template's own instructions: their heading and the numbered lines below it. */
static guint skip_instructions(const Reader *reader, guint index) {
    for (index++; index < reader->to; index++)
        if (label_list_mark(line_text(reader, index)) == 0)
            break;
    return index;
}

/* "单位  护理学院    板块  学习": true where the text at p, behind a wide gap, begins with a label of its
 * own. */
static bool begins_column(Matcher *m, const char *p) {
    const char *end = p;
    while (*end && !utf8_is_space(utf8_char(end)) && *end != '_' && !utf8_has_prefix(end, "＿"))
        end = g_utf8_next_char(end);
    if (!*end || end == p || end - p > LABEL_MAX_BYTES)
        return false;
    g_autoptr(GArray) meanings = matcher_meanings(m, p, end - p);
    double sure;
    return meanings && matcher_field(m, meanings, m->group, true, &sure) >= 0;
}

/* A line of several labels without colons, each with its value behind a gap. Returns index where it is none.
 */
static guint take_columns(Reader *reader, guint index) {
    Matcher *m = reader->m;
    const char *text = utf8_skip_space(line_text(reader, index)), *starts[PAIRS_MAX + 1];
    guint n = 0;
    if (utf8_find_either(text, ":", "：") || !begins_column(m, text + label_list_mark(text)))
        return index;
    starts[n++] = text;
    for (const char *p = text; *p && n < PAIRS_MAX; p = g_utf8_next_char(p))
        if (!utf8_is_space(utf8_char(p)) && *p != '_' && is_wide_break(text, p) && begins_column(m, p))
            starts[n++] = p;
    if (n < 2)
        return index;
    starts[n] = text + strlen(text);
    for (guint i = 0; i < n; i++) { /* the first must have a value, else it is a row of labels */
        g_autofree char *column = g_strndup(starts[i], (gsize)(starts[i + 1] - starts[i]));
        Pair leading = {0};
        if (!find_leading(m, column, &leading)) {
            if (i == 0)
                return index;
            continue;
        }
        take_pair(reader, index, &leading, false);
        g_array_unref(leading.meanings);
    }
    return index + 1;
}

static guint take_line(Reader *reader, guint index) {
    Matcher *m = reader->m;
    const char *text = line_text(reader, index);
    Pair pairs[PAIRS_MAX], leading = {0};
    if (((const Line *)g_ptr_array_index(reader->lines, index))->used || is_empty(text))
        return index + 1;
    if (form_words_is_instruction(text))
        return skip_instructions(reader, index);
    GArray *whole = matcher_meanings(m, text, -1);
    if (whole) {
        guint next = take_whole(reader, index, whole);
        g_array_unref(whole);
        return next;
    }
    guint next = take_columns(reader, index), n;
    if (next > index)
        return next;
    next = index + 1;
    n = split_pairs(m, text, pairs);
    int group_before = m->group;
    for (guint i = 0; i < n; i++)
        next = take_pair(reader, index, &pairs[i], i + 1 == n);
    if (m->group != group_before &&
        matcher_group_is_near(m, m->group)) /* named in this line, for this line */
        m->group = -1;
    bool had_listed = n > 0 && pairs[0].meanings;
    pairs_clear(pairs, n);
    if (n == 0 && find_leading(m, text, &leading)) {
        next = take_pair(reader, index, &leading, true);
        g_array_unref(leading.meanings);
        if (!reader->fixed) /* "提问量35条，回答量33条" */
            match_prose(m, leading.value, line_place(reader, index));
    } else if (!reader->fixed && (n == 0 || (n == 1 && !had_listed)))
        match_prose(m, text, line_place(reader, index));
    return next;
}

#define SIGNATURE_LINES 10 /* below 此致 */
#define FORM_BEGUN      3  /* values: a greeting before the form may thank, too */

/* 此致, 敬礼 … near the end of a letter: what follows is its signature. */
static bool ends_letter(const Reader *reader, guint index) {
    const Matcher *m = reader->m;
    return !reader->fixed && !*m->document->name && m->match->candidates->len >= FORM_BEGUN &&
           reader->to - index <= SIGNATURE_LINES && form_words_is_closing(line_text(reader, index));
}

bool match_text(Matcher *m, GPtrArray *lines, guint from, guint to, const Place *fixed) {
    Reader reader = {.m = m, .lines = lines, .to = to, .fixed = fixed};
    while (from < to && !ends_letter(&reader, from))
        from = take_line(&reader, from);
    return reader.any;
}

/* "张三\n（姓名）": the last line of a cell is the label of what stands above it. */
static bool label_below(Matcher *m, GPtrArray *lines, Place place) {
    if (lines->len < 2)
        return false;
    const char *last = ((const Line *)g_ptr_array_index(lines, lines->len - 1))->text;
    const char *first = ((const Line *)g_ptr_array_index(lines, 0))->text;
    double sure;
    g_autoptr(GArray) meanings = matcher_meanings(m, last, -1);
    g_autoptr(GArray) first_meanings = matcher_meanings(m, first, -1);
    int field =
        meanings && !first_meanings ? matcher_field(m, meanings, m->group, !m->group_is_heading, &sure) : -1;
    if (field < 0 || begins_item(m, first))
        return false;
    g_autoptr(GString) value = g_string_new(first);
    for (guint i = 1; i + 1 < lines->len; i++)
        g_string_append_printf(value, "\n%s", ((const Line *)g_ptr_array_index(lines, i))->text);
    matcher_add(m, (guint)field, value->str, place, SURE_ABOVE * sure, last);
    return true;
}

bool match_inline(Matcher *m, const char *text, Place place) {
    g_autoptr(GPtrArray) lines = matcher_lines_new();
    g_auto(GStrv) parts = g_strsplit(text, "\n", -1);
    for (guint i = 0; parts[i]; i++)
        if (!is_empty(parts[i]))
            matcher_add_line(lines, parts[i], 0);
    bool grid_follows = m->grid_follows; /* below the lines before this grid, not below a cell's */
    m->grid_follows = false;
    bool any = label_below(m, lines, place) || match_text(m, lines, 0, lines->len, &place);
    m->grid_follows = grid_follows;
    return any;
}
