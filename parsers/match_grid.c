/* Label and value in cells: beside, below, above, in the same cell; groups by row, column and heading;
 * matrices of persons. */
#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"
#include "parsers/value_number.h"

#define REACH_ROWS   30 /* how far above a group's name, or the head 合计 of a figure, may stand */
#define HEADS_MIN    3  /* figures or labels below a row that make it one of heads */
#define PARALLEL_MAX 40 /* lines of a cell that each have a value in the next cell */
#define JOINED_CELLS 16 /* a value spread over cells: a range in three, a phone with one digit a cell */

typedef enum { TAKE_RIGHT, TAKE_BELOW, TAKE_ABOVE } Take;

static Place place_of(const Sheet *sheet, const Spot *spot) {
    return (Place){.grid = sheet->grid, .row = spot->row, .column = spot->column};
}

static bool is_label(const Spot *spot) {
    return spot &&
           (spot_means(spot, LABEL_FIELD) || spot_means(spot, LABEL_GROUP) || spot_means(spot, LABEL_COLUMN));
}

/* ---- which group a place belongs to
 * ----------------------------------------------------------------------------------- */

/* A number, a date, a phone; not "24小时以内回答数", which has digits as a word has. */
static bool is_figure(const char *text) {
    double value;
    bool is_exact;
    guint digits = 0, letters = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        digits += g_ascii_isdigit(*p);
        letters += utf8_is_common_han(p);
    }
    return (digits && (digits > 2 || letters < 4)) || number_parse(text, &value, &is_exact);
}

/* "学生骨干 | 点赞量" over "5 | 120", "学生骨干 | 5 | 点赞量 | 120": a figure of its own, not whose the rest
 * is. */
static bool has_own_figure(const Sheet *sheet, const Spot *group, guint row) {
    const Spot *below = sheet_below(sheet, group);
    return !is_label(sheet_right(sheet, group, row)) || (below && !below->meanings && is_figure(below->text));
}

/* A group named in the same row to the left, by a cell that spans this row or stands in it. */
static int group_to_the_left(const Matcher *m, const Sheet *sheet, guint row, guint column) {
    for (guint c = column; c-- > 0;) {
        const Spot *spot = sheet_at(sheet, row, c);
        const LabelMeaning *group = spot ? matcher_find(spot->meanings, LABEL_GROUP) : NULL;
        if (group && matcher_group_is_near(m, group->index) && has_own_figure(sheet, spot, row))
            return -1;
        if (group)
            return group->index;
    }
    return -1;
}

/* A group named by the last cell of the row, behind a value: "姓名 | 张三 | 电话 | 138… | 负责人". */
static int group_to_the_right(const Sheet *sheet, const Spot *at) {
    const Spot *last = sheet->columns ? sheet_at(sheet, at->row, sheet->columns - 1) : NULL;
    const LabelMeaning *group = last ? matcher_find(last->meanings, LABEL_GROUP) : NULL;
    const Spot *before = group && last->column ? sheet_at(sheet, at->row, last->column - 1) : NULL;
    return before && last->column > at->column && !before->meanings ? group->index : -1;
}

/* A group whose cell stands above this column, in a row that names several groups. */
static int group_above(const Matcher *m, const Sheet *sheet, const Spot *at) {
    for (guint row = at->row, looked = 0; row-- > 0 && looked < REACH_ROWS; looked++) {
        const Spot *spot = sheet_at(sheet, row, at->column);
        const LabelMeaning *group = spot ? matcher_find(spot->meanings, LABEL_GROUP) : NULL;
        if (!group)
            continue;
        if (matcher_group_is_near(m, group->index) && looked > 0)
            return -1;
        guint groups = 0;
        for (guint c = 0; c < sheet->columns; c++) {
            const Spot *other = sheet_at(sheet, row, c);
            groups += other && other->column == c && spot_means(other, LABEL_GROUP);
        }
        return groups >= 2 ? group->index : -1;
    }
    return -1;
}

/* The group named by the first cell of an earlier row whose column is empty since: merged by eye, not by
 * markup. */
static int group_of_column_above(const Sheet *sheet, const Spot *at) {
    for (guint row = at->row, looked = 0; row-- > 0 && looked < REACH_ROWS; looked++) {
        const Spot *spot = sheet_at(sheet, row, 0);
        if (spot && *spot->text) {
            const LabelMeaning *group = matcher_find(spot->meanings, LABEL_GROUP);
            return group ? group->index : -1;
        }
    }
    return -1;
}

static int group_at(const Matcher *m, const Sheet *sheet, const Spot *at, bool *ret_inherited) {
    *ret_inherited = false;
    int group = group_to_the_left(m, sheet, at->row, at->column);
    if (group < 0)
        group = group_to_the_right(sheet, at);
    if (group < 0)
        group = group_above(m, sheet, at);
    const Spot *first = sheet_at(sheet, at->row, 0);
    if (group < 0 && first && !*first->text && first != at)
        group = group_of_column_above(sheet, at);
    if (group >= 0)
        return group;
    *ret_inherited = !m->group_is_heading;
    return m->group;
}

/* ---- values beside their label
 * ------------------------------------------------------------------------------------------ */

/* value_parse() of a spot's text, which labels on all its sides ask for, twice each. */
static ValueVerdict verdict_at(Matcher *m, guint field, Spot *spot) {
    for (guint i = 0; i < SPOT_TRIES; i++)
        if (spot->tried[i] == field + 1)
            return spot->verdicts[i];
    ValueVerdict verdict = value_parse(matcher_field_at(m, field), spot->text, m->context, NULL, NULL);
    guint slot = spot->tries++ % SPOT_TRIES;
    spot->tried[slot] = field < G_MAXUINT16 ? (guint16)(field + 1) : 0;
    spot->verdicts[slot] = (guint8)verdict;
    return verdict;
}

/* How well a spot would serve as the value of field: 1 typed, 0.5 any text, 0 blank, -1 none, a label, or no
 * such value. */
static double fitness(Matcher *m, int field, Spot *spot) {
    if (!spot)
        return -1;
    if (spot->blank)
        return 0;
    if (!spot_is_free(spot) || field < 0)
        return -1;
    const Field *f = matcher_field_at(m, (guint)field);
    if (verdict_at(m, (guint)field, spot) != VALUE_GOOD)
        return -1;
    bool weak = f->type == TYPE_TEXT || f->type == TYPE_PERSON || f->type == TYPE_ORG;
    return weak ? 0.5 : 1;
}

/* "指导老师 | 姓名 | …" over several rows, or 负责人 across columns over "姓名 | 手机": it says whose the
 * labels beside or below it are, and has no value of its own. */
static bool only_names_group(const Sheet *sheet, const Spot *spot) {
    if (!spot_means(spot, LABEL_GROUP))
        return false;
    if (spot->column_span > 1 && is_label(sheet_below(sheet, spot)))
        return true;
    const Spot *right = spot->row_span > 1 ? sheet_right(sheet, spot, spot->row) : NULL;
    return right && right->meanings && right->row_span < spot->row_span;
}

static int field_of(Matcher *m, const Sheet *sheet, const Spot *spot, double *ret_sure) {
    bool inherited;
    int group = group_at(m, sheet, spot, &inherited);
    return matcher_field(m, spot->meanings, group, inherited, ret_sure);
}

/* Votes of one row's labels for each direction; ret_beside: how many have a place for a value beside them. */
static guint weigh_row(Matcher *m, const Sheet *sheet, guint row, double votes[3], guint *ret_beside) {
    guint labels = 0, beside = 0;
    bool filled = false;
    double sure;
    const Spot *last = NULL;
    for (guint c = 0; c < sheet->columns; c++) {
        const Spot *spot = sheet_at(sheet, row, c);
        if (!spot || spot == last || spot->used || spot->row != row || !is_label(spot) ||
            only_names_group(sheet, spot))
            continue;
        last = spot;
        int field = field_of(m, sheet, spot, &sure);
        if (field < 0)
            continue;
        labels++;
        Spot *right = sheet_right(sheet, spot, row);
        beside += spot_is_free(right);
        filled |= spot_is_free(right) && *right->text;
        votes[TAKE_RIGHT] += fitness(m, field, right);
        votes[TAKE_BELOW] += fitness(m, field, sheet_below(sheet, spot));
        votes[TAKE_ABOVE] += fitness(m, field, sheet_above(sheet, spot));
    }
    *ret_beside = labels == 1 && !filled ? 0 : beside;
    return labels;
}

static bool has_parentheses(const char *text) {
    return g_str_has_prefix(text, "（") || g_str_has_prefix(text, "(");
}

/* Whether rows of labels in this grid stand above or below their values: all of them vote, brackets around a
 * label are a sign of "below the line". */
static bool labels_stand_below(Matcher *m, const Sheet *sheet) {
    double above = 0, below = 0;
    for (guint row = 0; row < sheet->rows; row++) {
        double votes[3] = {0, 0, 0};
        guint beside, labels = weigh_row(m, sheet, row, votes, &beside);
        if (!labels || beside * 2 > labels || votes[TAKE_RIGHT] >= MAX(votes[TAKE_BELOW], votes[TAKE_ABOVE]))
            continue;
        above += votes[TAKE_ABOVE];
        below += votes[TAKE_BELOW];
        const Spot *first = sheet_at(sheet, row, 0);
        if (first && is_label(first) && has_parentheses(first->text))
            above += 0.5;
    }
    return above > below;
}

static Take direction_of(Matcher *m, const Sheet *sheet, guint row, bool labels_below) {
    double votes[3] = {0, 0, 0};
    guint beside, labels = weigh_row(m, sheet, row, votes, &beside);
    double other = labels_below ? votes[TAKE_ABOVE] : votes[TAKE_BELOW];
    /* what stands beside the label is no such value, but perhaps a reworded label like it */
    bool only_other = votes[TAKE_RIGHT] <= -(double)labels && other >= labels;
    if (other > 0 && other > votes[TAKE_RIGHT] && (beside * 2 <= labels || only_other))
        return labels_below ? TAKE_ABOVE : TAKE_BELOW;
    return TAKE_RIGHT;
}

/* The free cell of a row that stands at *column or next behind it, and *column behind that cell; NULL where a
 * label or a taken cell comes first, or the row ends. */
static Spot *next_free(const Sheet *sheet, guint row, guint *column) {
    Spot *spot = NULL;
    while (!spot && *column < sheet->columns)
        spot = sheet_at(sheet, row, (*column)++);
    if (!spot_is_free(spot))
        return NULL;
    *column = spot->column + spot->column_span;
    return spot;
}

/* The texts of a row from a column on, up to the next label, as one. */
static char *joined_to_the_right(const Sheet *sheet, guint row, guint column) {
    g_autoptr(GString) out = g_string_new(NULL);
    const Spot *spot;
    for (guint n = 0; n < JOINED_CELLS && (spot = next_free(sheet, row, &column)); n++)
        g_string_append(out, spot->text);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* A choice such as 未答复 may be a label elsewhere: where its own label asks for it, it is a value. */
static bool is_choice_of(Matcher *m, const Field *field, const Spot *spot) {
    return spot && !spot->used && field->type == TYPE_CHOICE && spot->meanings &&
           value_parse(field, spot->text, m->context, NULL, NULL) == VALUE_GOOD;
}

static bool is_total(const Spot *spot) {
    return spot && form_words_is_total(spot->text);
}

/* "板块 | 提问量" over a row a section: the figures below a label are parts of one, and only a row of totals
 * states it. The value itself where nothing like it stands below; NULL where there are parts and no total. */
static Spot *whole_below(Matcher *m, const Sheet *sheet, Spot *value, int field) {
    Spot *next = sheet_at(sheet, value->row + value->row_span, value->column), *whole = value;
    for (; fitness(m, field, next) > 0 && next->column_span == value->column_span;
         next = sheet_at(sheet, next->row + next->row_span, next->column)) {
        if (is_total(sheet_at(sheet, next->row, 0)))
            return is_total(next) ? NULL : next;
        whole = NULL;
    }
    return whole;
}

/* "提问量 | 20 | 15 | 35" with a head over each column: of several figures that below 合计, else none. */
static Spot *whole_beside(Matcher *m, const Sheet *sheet, Spot *value, int field) {
    Spot *whole = value;
    for (Spot *next = value; fitness(m, field, next) > 0;
         next = sheet_at(sheet, next->row, next->column + next->column_span)) {
        if (value->row > 0 && next != value)
            whole = NULL;
        for (guint row = value->row, looked = 0; row-- > 0 && looked < REACH_ROWS; looked++) {
            const Spot *head = sheet_at(sheet, row, next->column);
            if (is_total(head) && head->column > 0)
                return next;
        }
    }
    return whole;
}

/* "职务 | 负责人 | 电话 | 138…": the name of a group as the value of a text, where values stand beside
 * labels. */
static bool is_group_as_text(const Sheet *sheet, const Field *field, const Spot *spot) {
    if (!spot || spot->used || field->type != TYPE_TEXT || field->group < 0 ||
        !spot_means(spot, LABEL_GROUP) || spot_means(spot, LABEL_FIELD))
        return false;
    const Spot *next = sheet_right(sheet, spot, spot->row),
               *value = next ? sheet_right(sheet, next, next->row) : NULL;
    const Spot *first = sheet_at(sheet, spot->row, 0),
               *second = first ? sheet_right(sheet, first, first->row) : NULL;
    bool beside = is_label(next) && spot_is_free(value) && *value->text;
    return beside || (!next && is_label(first) && spot_is_free(second) && *second->text) ||
           (!next && is_label(first) && second && second->used);
}

/* "所属队伍 | ☑团帮青 | □专帮青 | □青帮青", or each option over the cell for its tick: all options as one
 * text; NULL where one cell holds the answer. */
static char *joined_options(const Sheet *sheet, const Spot *label, const Spot *from) {
    g_autoptr(GString) out = g_string_new(NULL);
    const Spot *spot;
    guint options = 0;
    for (guint c = from->column; options < JOINED_CELLS && (spot = next_free(sheet, from->row, &c));) {
        const Spot *below = label->row_span > 1 ? sheet_below(sheet, spot) : NULL;
        options += *spot->text != 0;
        g_string_append_printf(out, " %s%s", spot->text, spot_is_free(below) ? below->text : "");
    }
    return options > 1 ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static void mark_options(const Sheet *sheet, const Spot *label, const Spot *from) {
    Spot *spot;
    for (guint row = from->row; row < label->row + label->row_span; row++)
        for (guint c = from->column; (spot = next_free(sheet, row, &c));)
            spot->used = true;
}

/* "汇报周期 | 开始 | 6月14日" over "结束 | 6月27日": all that stands beside a label of several rows. */
static char *joined_rows(const Sheet *sheet, const Spot *label, const Spot *from) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint row = label->row; row < label->row + label->row_span; row++) {
        g_autofree char *text = joined_to_the_right(sheet, row, from->column);
        g_string_append_printf(out, "%s%s", row > label->row ? "," : "", text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void take_right(Matcher *m, const Sheet *sheet, const Spot *label, int field, double sure) {
    Spot *value = sheet_right(sheet, label, label->row);
    const Field *f = matcher_field_at(m, (guint)field);
    if (f->type == TYPE_COUNT && spot_is_free(value))
        value = whole_beside(m, sheet, value, field);
    if (!spot_is_free(value) && !is_choice_of(m, f, value) && !is_group_as_text(sheet, f, value)) {
        matcher_add(m, (guint)field, "", place_of(sheet, label), sure, label->text);
        return;
    }
    g_autofree char *options = f->type == TYPE_CHOICE ? joined_options(sheet, label, value) : NULL;
    if (options) {
        matcher_add(m, (guint)field, options, place_of(sheet, value), sure * SURE_BELOW, label->text);
        mark_options(sheet, label, value);
        return;
    }
    if (f->type != TYPE_TEXT && verdict_at(m, (guint)field, value) == VALUE_BAD) {
        g_autofree char *joined = f->type == TYPE_DATERANGE && label->row_span > 1
                                      ? joined_rows(sheet, label, value)
                                      : joined_to_the_right(sheet, value->row, value->column);
        value->used = true;
        if (value_parse(f, joined, m->context, NULL, NULL) == VALUE_GOOD) {
            matcher_add(m, (guint)field, joined, place_of(sheet, value), sure * SURE_BELOW, label->text);
            return;
        }
    }
    value->used = true;
    matcher_add(m, (guint)field, value->text, place_of(sheet, value), sure, label->text);
}

static bool is_alone(const Sheet *sheet, const Spot *spot) {
    return spot->column == 0 && !sheet_right(sheet, spot, spot->row);
}

/* "四、下期计划" below "三、存在问题": counted in the same way. */
static bool is_next_heading(const char *label, const char *text) {
    const char *start = utf8_skip_space(label), *next = utf8_skip_space(text);
    gsize mark = label_list_mark(start), next_mark = label_list_mark(next);
    if (!mark || !next_mark || g_ascii_isdigit(*start) != g_ascii_isdigit(*next))
        return false;
    const char *end = g_utf8_prev_char(start + mark), *next_end = g_utf8_prev_char(next + next_mark);
    return utf8_char(end) == utf8_char(next_end);
}

/* A text that goes on in the rows below its first, a row a paragraph; NULL where it has one row. */
static char *joined_below(const Sheet *sheet, const Spot *label, Spot *value) {
    g_autoptr(GString) out = g_string_new(value->text);
    Spot *next = value;
    guint rows = 0;
    while ((next = sheet_at(sheet, next->row + next->row_span, 0)) && rows < JOINED_CELLS &&
           spot_is_free(next) && *next->text && is_alone(sheet, next) &&
           !form_words_is_instruction(next->text) && !is_next_heading(label->text, next->text)) {
        g_string_append_printf(out, "\n%s", next->text);
        next->used = true;
        rows++;
    }
    return rows ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}

static void take_vertical(Matcher *m, const Sheet *sheet, const Spot *label, int field, double sure,
                          Take take) {
    Spot *value = take == TAKE_BELOW ? sheet_below(sheet, label) : sheet_above(sheet, label);
    const Field *f = matcher_field_at(m, (guint)field);
    bool is_below = spot_is_free(value) && take == TAKE_BELOW;
    bool is_wide = is_below && f->type == TYPE_TEXT && is_alone(sheet, label) && is_alone(sheet, value);
    g_autofree char *joined = is_wide ? joined_below(sheet, label, value) : NULL;
    if (is_below && !is_wide)
        value = whole_below(m, sheet, value, field);
    if (!spot_is_free(value)) {
        matcher_add(m, (guint)field, "", place_of(sheet, label), sure, label->text);
        return;
    }
    value->used = true;
    matcher_add(m, (guint)field, joined ? joined : value->text, place_of(sheet, value),
                sure * (take == TAKE_BELOW ? SURE_BELOW : SURE_ABOVE), label->text);
}

/* "提问情况 | 答复情况" over "提问量 | 回答量 | 点赞量": heads over a row that has only labels, neither a
 * label nor its value. */
static bool stand_over_labels(const Sheet *sheet, const Spot *left, const Spot *right) {
    guint row = left->row + left->row_span, labels = 0;
    if (left->row != right->row || row >= sheet->rows)
        return false;
    for (guint c = 0; c < sheet->columns; c++) {
        const Spot *spot = sheet_at(sheet, row, c);
        if (!is_label(spot))
            return false;
        labels += spot->column == c;
    }
    return labels >= HEADS_MIN;
}

/* A label that only table columns have: a record written as pairs. */
static void take_record(Matcher *m, const Sheet *sheet, const Spot *label) {
    Spot *value = sheet_right(sheet, label, label->row);
    const LabelMeaning *column = matcher_find(label->meanings, LABEL_COLUMN);
    if (value && stand_over_labels(sheet, label, value))
        return;
    int group = group_to_the_left(m, sheet, label->row, label->column);
    /* somebody's particulars, or a figure of the form, in words that only a list has */
    if (spot_is_free(value) && (group >= 0 || (!m->record && m->section < 0)))
        matcher_unlisted(m, label->text, value->text, place_of(sheet, value), group);
    if (group >= 0 && spot_is_free(value)) {
        value->used = true;
        return;
    }
    const FormTable *table = g_ptr_array_index(m->form->tables, column->index);
    if ((spot_is_free(value) || is_choice_of(m, g_ptr_array_index(table->columns, column->column), value)) &&
        match_record_add(m, label->meanings, value->text, place_of(sheet, label)))
        value->used = true;
}

/* ---- matrices: groups down one side, labels along the other
 * ----------------------------------------------------------- */

static int find_matrix_field(Matcher *m, const Spot *row_head, const Spot *column_head) {
    double sure;
    const LabelMeaning *group = row_head ? matcher_find(row_head->meanings, LABEL_GROUP) : NULL;
    if (!group || !column_head || !spot_means(column_head, LABEL_FIELD))
        return -1;
    int field = matcher_field(m, column_head->meanings, group->index, false, &sure);
    return field >= 0 && matcher_field_at(m, (guint)field)->group == group->index ? field : -1;
}

/* "手机：138…" under the label of a phone: the value says again what it is. */
static bool is_worded_value(Matcher *m, int field, const Spot *spot) {
    const Field *f = matcher_field_at(m, (guint)field);
    return spot && spot->is_pair && !spot->used && !spot->meanings &&
           (f->type == TYPE_PHONE || f->type == TYPE_EMAIL) &&
           value_parse(f, spot->text, m->context, NULL, NULL) == VALUE_GOOD;
}

/* A header row of bare labels over rows that begin with a group; or the same turned by ninety degrees. */
static void match_matrix(Matcher *m, Sheet *sheet, guint header_row) {
    guint labels = 0, groups = 0;
    if (spot_means(sheet_at(sheet, header_row, 0), LABEL_GROUP))
        return;
    for (guint c = 1; c < sheet->columns; c++) {
        const Spot *head = sheet_at(sheet, header_row, c);
        if (!head || head->column != c || head->used)
            continue;
        labels += spot_means(head, LABEL_FIELD) && !spot_means(head, LABEL_GROUP);
        groups += spot_means(head, LABEL_GROUP);
    }
    bool turned = groups >= 2 && groups > labels;
    const Spot *next = sheet_at(sheet, header_row + 1, 0), *after = sheet_at(sheet, header_row + 2, 0);
    bool two_groups = spot_means(next, LABEL_GROUP) && spot_means(after, LABEL_GROUP);
    if (!turned && labels < (two_groups ? 1 : 2))
        return;
    for (guint row = header_row + 1; row < sheet->rows; row++) {
        Spot *head = sheet_at(sheet, row, 0);
        bool belongs = head && !head->used && head->row == row &&
                       (turned ? spot_means(head, LABEL_FIELD) && !spot_means(head, LABEL_GROUP)
                               : spot_means(head, LABEL_GROUP));
        if (!belongs)
            break;
        /* "负责人 | 姓名 | …" is a row of pairs, not of a matrix */
        const Spot *beside = sheet_right(sheet, head, row);
        if (beside && is_label(beside))
            break;
        for (guint c = 1; c < sheet->columns; c++) {
            const Spot *top = sheet_at(sheet, header_row, c);
            Spot *value = sheet_at(sheet, row, c);
            int field = turned ? find_matrix_field(m, top, head) : find_matrix_field(m, head, top);
            if (field < 0 || !(spot_is_free(value) || is_worded_value(m, field, value)))
                continue;
            value->used = head->used = true;
            matcher_add(m, (guint)field, value->text, place_of(sheet, value), SURE_EXACT,
                        turned ? head->text : top->text);
        }
    }
}

/* ---- one grid
 * -----------------------------------------------------------------------------------------------------------
 */

/* Notes what a spot names for the places after it. */
static void note_context(Matcher *m, const Sheet *sheet, const Spot *spot) {
    const LabelMeaning *group = matcher_find(spot->meanings, LABEL_GROUP);
    const LabelMeaning *table = matcher_find(spot->meanings, LABEL_TABLE);
    bool alone = !sheet_right(sheet, spot, spot->row) && spot->column == 0;
    if (group && !matcher_group_is_near(m, group->index)) {
        m->group = group->index;
        m->group_is_heading = alone || spot->row_span > 1;
    }
    if (table && alone)
        m->section = table->index;
}

static void match_nested(Matcher *m, const Sheet *sheet, const Spot *spot, guint depth) {
    if (!spot->cell->nested || depth >= MATCH_NESTING)
        return;
    int group = group_to_the_left(m, sheet, spot->row, spot->column);
    const Spot *left = spot->column ? sheet_at(sheet, spot->row, spot->column - 1) : NULL;
    const LabelMeaning *table = left ? matcher_find(left->meanings, LABEL_TABLE) : NULL;
    if (group >= 0) {
        m->group = group;
        m->group_is_heading = true;
    }
    if (table)
        m->section = table->index;
    for (guint i = 0; i < spot->cell->nested->len; i++) {
        const Block *block = g_ptr_array_index(spot->cell->nested, i);
        if (block->grid)
            match_grid(m, block->grid, depth + 1);
    }
}

/* The fields that the lines of a cell name, each with a value it takes in the line beside it; NULL where one
 * names none, or has another's value. */
static GArray *parallel_fields(Matcher *m, const Sheet *sheet, const Spot *spot, char *const *labels,
                               char *const *values) {
    g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(int));
    bool inherited;
    double sure;
    int group = group_at(m, sheet, spot, &inherited);
    for (guint i = 0; labels[i]; i++) {
        g_autoptr(GArray) meanings = matcher_meanings(m, labels[i], -1);
        int field = meanings ? matcher_field(m, meanings, group, inherited, &sure) : -1;
        if (field < 0 ||
            value_parse(matcher_field_at(m, (guint)field), values[i], m->context, NULL, NULL) == VALUE_BAD)
            return NULL;
        g_array_append_val(fields, field);
    }
    return g_steal_pointer(&fields);
}

/* "单位/n提问量/n回答量 | 护理学院学生会/n35/n33": a column of labels in one cell, their values in the next.
 */
static bool match_parallel(Matcher *m, const Sheet *sheet, Spot *spot) {
    Spot *beside = strchr(spot->text, '\n') ? sheet_right(sheet, spot, spot->row) : NULL;
    if (!spot_is_free(beside) || !strchr(beside->text, '\n'))
        return false;
    g_auto(GStrv) labels = g_strsplit(spot->text, "\n", PARALLEL_MAX + 1);
    g_auto(GStrv) values = g_strsplit(beside->text, "\n", PARALLEL_MAX + 1);
    if (g_strv_length(labels) != g_strv_length(values) || g_strv_length(labels) > PARALLEL_MAX)
        return false;
    g_autoptr(GArray) fields = parallel_fields(m, sheet, spot, labels, values);
    for (guint i = 0; fields && i < fields->len; i++)
        matcher_add(m, (guint)g_array_index(fields, int, i), values[i], place_of(sheet, beside),
                    SURE_EXACT * SURE_BELOW, labels[i]);
    if (fields)
        spot->used = beside->used = true;
    return fields != NULL;
}

/* A cell that may hold "标签：值", several of them, or a label over its value. */
static void match_cell_text(Matcher *m, const Sheet *sheet, Spot *spot) {
    if (spot->used || spot->meanings || spot->blank)
        return;
    if (!match_parallel(m, sheet, spot) && match_inline(m, spot->text, place_of(sheet, spot)))
        spot->used = true;
}

static void match_spot(Matcher *m, Sheet *sheet, Spot *spot, Take take) {
    double sure;
    if (spot->used || !spot->meanings)
        return;
    int field = field_of(m, sheet, spot, &sure);
    bool is_group = spot_means(spot, LABEL_GROUP);
    note_context(m, sheet, spot);
    const Spot *right = sheet_right(sheet, spot, spot->row);
    /* "指导老师 | 姓名 | …": the group only says whose; with a value beside it, it is the name itself */
    if (is_group && field >= 0 && matcher_field_at(m, (guint)field)->is_group_default) {
        bool vertical =
            take != TAKE_RIGHT && spot->row_span == 1 &&
            fitness(m, field, take == TAKE_BELOW ? sheet_below(sheet, spot) : sheet_above(sheet, spot)) > 0;
        if (!vertical &&
            (!right || right->meanings || right->used || (right->cell->nested && right->cell->nested->len) ||
             (spot->row_span > 1 && spot->row_span > right->row_span)))
            return;
    }
    if (field < 0) {
        if (spot_means(spot, LABEL_COLUMN))
            take_record(m, sheet, spot);
        return;
    }
    const Field *f = matcher_field_at(m, (guint)field);
    if (take == TAKE_RIGHT)
        take_right(m, sheet, spot, field, SURE_EXACT * sure);
    else
        take_vertical(m, sheet, spot, field, SURE_EXACT * sure, take);
    if (f->group >= 0 && !matcher_group_is_near(m, f->group)) {
        m->group_is_heading &= m->group == f->group;
        m->group = f->group;
    }
}

/* A row of heads, each over a column: many stand over figures, and it has none itself. */
static bool heads_figures(const Sheet *sheet, guint row) {
    guint over = 0, spots = 0;
    for (guint c = 0; c < sheet->columns; c++) {
        const Spot *spot = sheet_at(sheet, row, c);
        if (!spot || spot->row != row || spot->column != c || spot->blank)
            continue;
        const Spot *below = sheet_below(sheet, spot);
        if (is_figure(spot->text))
            return false;
        over += below && !below->meanings && is_figure(below->text);
        spots++;
    }
    return over >= HEADS_MIN && over * 2 > spots;
}

/* A text with a value beside it that means nothing to the form: perhaps a reworded label. */
static void note_unlisted(Matcher *m, const Sheet *sheet, Spot *spot, Take take) {
    Spot *beside = sheet_right(sheet, spot, spot->row), *below = sheet_below(sheet, spot);
    Spot *value = take == TAKE_BELOW ? below : take == TAKE_ABOVE ? sheet_above(sheet, spot) : beside;
    /* a row of reworded labels over their figures */
    bool over_figures = take == TAKE_RIGHT && spot_is_free(below) && is_figure(below->text) &&
                        !is_figure(spot->text) && (!spot_is_free(beside) || !is_figure(beside->text));
    if (over_figures)
        value = below;
    if (!spot_is_free(value) || !*value->text || stand_over_labels(sheet, spot, value))
        return;
    bool inherited;
    int group = group_at(m, sheet, spot, &inherited);
    matcher_unlisted(m, spot->text, value->text, place_of(sheet, value), group);
    value->used = true;
}

/* Labels and their values first; what is left over may be a reworded label, so it is looked at when they are
 * known. */
static void match_pairs(Matcher *m, Sheet *sheet, const Take *takes, int *groups, guint depth) {
    for (guint row = 0; row < sheet->rows; row++) {
        for (guint c = 0; c < sheet->columns; c++) {
            Spot *spot = sheet_at(sheet, row, c);
            if (!spot || spot->row != row || spot->column != c)
                continue;
            match_spot(m, sheet, spot, takes[row]);
            match_cell_text(m, sheet, spot);
            match_nested(m, sheet, spot, depth);
        }
        groups[row] = m->group;
    }
}

void match_grid(Matcher *m, const Grid *grid, guint depth) {
    g_autoptr(Sheet) sheet = sheet_new(m, grid);
    for (guint row = 0; row < sheet->rows; row++)
        match_matrix(m, sheet, row);
    match_tables(m, sheet);
    bool labels_below = labels_stand_below(m, sheet);
    g_autofree Take *takes = g_new0(Take, sheet->rows + 1);
    g_autofree int *groups = g_new0(int, sheet->rows + 1);
    for (guint row = 0; row < sheet->rows; row++)
        takes[row] = direction_of(m, sheet, row, labels_below);
    match_pairs(m, sheet, takes, groups, depth);
    int group = m->group;
    guint headed = G_MAXUINT; /* the row that was last looked at as a head */
    for (guint i = 0; i < sheet->n_spots; i++) {
        Spot *spot = &sheet->spots[i];
        guint row = spot->row;
        m->group = groups[row];
        if (spot->used || spot->meanings || spot->blank)
            continue;
        if (row != headed && takes[row] == TAKE_RIGHT && heads_figures(sheet, row))
            takes[row] = TAKE_BELOW;
        headed = row;
        note_unlisted(m, sheet, spot, takes[row]);
    }
    m->group = matcher_group_is_near(m, group) ? -1 : group;
    match_record_flush(m);
}
