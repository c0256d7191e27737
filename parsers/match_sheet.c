#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define STEPS_MAX 3 /* rows between a label and its value below: units, another period */
#define UNITS_MIN 2 /* units below each other that make a column of units */

/* True where text begins with the name of a group: 联络员 in 联络员QQ号. */
static bool begins_with_group(const Matcher *m, const char *text) {
    for (guint g = 0; g < m->form->groups->len; g++) {
        const FormGroup *group = g_ptr_array_index(m->form->groups, g);
        for (guint i = 0; i < group->labels->len; i++)
            if (g_str_has_prefix(text, g_ptr_array_index(group->labels, i)))
                return true;
    }
    return false;
}

/* "姓名：张三": a listed label up to the first colon; "联络员QQ号：", "提问条数：": a text that asks for
 * something. */
static bool begins_with_label(Matcher *m, const char *text) {
    const char *colon = utf8_find_either(text, ":", "：");
    if (!colon || colon == text || colon - text > LABEL_MAX_BYTES)
        return false;
    if (!*utf8_skip_space(g_utf8_next_char(colon)) || begins_with_group(m, text + label_list_mark(text)))
        return true;
    g_autoptr(GArray) meanings = matcher_meanings(m, text, colon - text);
    return meanings != NULL;
}

/* "组织名称  Organization", a wide gap between them: one field, named in two languages. NULL where the second
 * word is none of its labels, but its value. */
static GArray *meanings_twice(Matcher *m, const char *text) {
    const char *gap = strlen(text) <= LABEL_MAX_BYTES ? strstr(text, "  ") : NULL;
    if (!gap || gap == text)
        return NULL;
    GArray *left = matcher_meanings(m, text, gap - text);
    const LabelMeaning *field = matcher_find(left, LABEL_FIELD);
    g_autoptr(GArray) right = field ? matcher_meanings(m, utf8_skip_space(gap), -1) : NULL;
    for (guint i = 0; right && i < right->len; i++) {
        const LabelMeaning *other = &g_array_index(right, LabelMeaning, i);
        if (other->kind == LABEL_FIELD && other->index == field->index)
            return left;
    }
    g_clear_pointer(&left, g_array_unref);
    return NULL;
}

bool spot_is_free(const Spot *spot) {
    return spot && !spot->meanings && !spot->is_pair && !spot->used;
}

/* "指标 | 单位 | 数值" over "提问量 | 条 | 35": a column of units, whose head is no label of an organization.
 */
static void mark_units(Sheet *sheet) {
    for (guint c = 1; c + 1 < sheet->columns; c++)
        for (guint row = 0; row + UNITS_MIN <= sheet->rows; row++) {
            guint end = row;
            while (end < sheet->rows && sheet_at(sheet, end, c) &&
                   form_words_is_unit(sheet_at(sheet, end, c)->text))
                end++;
            if (end - row < UNITS_MIN) {
                row = end;
                continue;
            }
            Spot *head = row ? sheet_at(sheet, row - 1, c) : NULL;
            if (head && !head->is_pair && head->column_span == 1 && !utf8_has_digit(head->text))
                head->used = true;
            for (guint k = 0; head && head->used && k < sheet->columns; k++)
                if (sheet_at(sheet, row - 1, k) && !sheet_at(sheet, row - 1, k)->meanings)
                    sheet_at(sheet, row - 1, k)->used = true;
            for (; row < end; row++)
                sheet_at(sheet, row, c)->is_unit = true;
        }
}

/* "项目 | 上期 | 本期": the figures below 上期 are none of this report's. */
static void mark_other_periods(Sheet *sheet) {
    for (guint i = 0; i < sheet->n_spots; i++) {
        const Spot *head = &sheet->spots[i];
        const Spot *first = sheet_at(sheet, head->row, 0);
        /* below an earlier head it is marked already, and so is all that it would mark */
        bool heads_column = head->column > 0 && !head->is_unit && first && !first->meanings &&
                            form_words_is_other_period(head->text) && head->row + 1 < sheet->rows;
        for (guint row = head->row; heads_column && row < sheet->rows; row++) {
            Spot *spot = sheet_at(sheet, row, head->column);
            if (spot &&
                (spot->meanings || spot->column != head->column || spot->column_span != head->column_span))
                break;
            if (spot)
                spot->used = spot->is_unit = true;
        }
    }
}

/* A title across the grid is nobody's value: the empty label below a second copy's title would take it. */
static void mark_titles(const Matcher *m, Sheet *sheet) {
    for (guint row = 1; row < sheet->rows; row++) {
        Spot *first = sheet_at(sheet, row, 0);
        if (first && first->row == row && !first->meanings && *first->text && first->column_span > 1 &&
            !sheet_at(sheet, row, first->column_span) && match_titles(m->set, first->text, NULL))
            first->used = true;
    }
}

/* "上期 | 20 | 18" over "本期 | 35 | 33": the same, lying down. */
static void mark_other_rows(Sheet *sheet) {
    bool is_below_labels = false;
    for (guint row = 1; row < sheet->rows && sheet->columns > 2; row++) {
        const Spot *head = sheet_at(sheet, row, 0), *above = sheet_at(sheet, row - 1, 1);
        is_below_labels |= above && above->meanings;
        if (!is_below_labels || !head || head->row != row || head->column_span > 1 || head->meanings ||
            !form_words_is_other_period(head->text))
            continue;
        for (guint c = 0; c < sheet->columns; c++) {
            Spot *spot = sheet_at(sheet, row, c);
            if (spot && spot->row == row && spot->row_span == 1 && !spot->meanings)
                spot->used = spot->is_unit = true;
        }
    }
}

/* "附：上期数据" alone in a row, below a form: all that follows is not of this report. */
static void mark_appendix(Sheet *sheet) {
    bool is_below_labels = false, is_appendix = false;
    for (guint row = 0; row < sheet->rows; row++) {
        const Spot *only = NULL;
        guint texts = 0;
        for (guint c = 0; c < sheet->columns && texts < 2; c++) {
            Spot *spot = sheet_at(sheet, row, c);
            if (!spot || spot->row != row || spot->column != c || !*spot->text)
                continue;
            only = spot;
            texts++;
            is_below_labels |= spot->meanings != NULL;
        }
        is_appendix |=
            texts == 1 && is_below_labels && !only->meanings && form_words_names_other_period(only->text);
        for (guint c = 0; is_appendix && c < sheet->columns; c++)
            if (sheet_at(sheet, row, c))
                sheet_at(sheet, row, c)->used = true;
    }
}

Sheet *sheet_new(Matcher *m, const Grid *grid) {
    Sheet *sheet = g_new0(Sheet, 1);
    sheet->grid = grid;
    sheet->rows = grid->rows;
    sheet->columns = grid->columns;
    g_autofree const Cell **index = grid_index(grid);
    sheet->n_spots = index ? MIN(grid->cells->len, m->cells_left) : 0;
    m->cells_left -= sheet->n_spots;
    sheet->spots = g_new0(Spot, sheet->n_spots + 1);
    sheet->at = g_new0(Spot *, index ? (gsize)grid->rows * grid->columns + 1 : 1);
    if (!index)
        sheet->rows = sheet->columns = 0;
    g_autoptr(GHashTable) by_cell = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < sheet->n_spots; i++) {
        Spot *spot = &sheet->spots[i];
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        *spot = (Spot){.row = cell->row,
                       .column = cell->column,
                       .row_span = cell->row_span,
                       .column_span = cell->column_span,
                       .text = cell->text,
                       .cell = cell};
        bool has_nested = cell->nested && cell->nested->len;
        spot->blank = !has_nested && form_words_is_absent(cell->text);
        if (*cell->text && !g_hash_table_contains(m->no_labels, cell->text))
            spot->meanings = matcher_meanings(m, cell->text, -1);
        if (*cell->text && !spot->meanings)
            spot->meanings = meanings_twice(m, cell->text);
        spot->is_pair = !spot->meanings && begins_with_label(m, cell->text);
        g_hash_table_insert(by_cell, (gpointer)cell, spot);
    }
    sheet->is_blank = g_new(bool, grid->columns + 1);
    memset(sheet->is_blank, true, grid->columns + 1);
    for (guint i = 0; i < sheet->n_spots; i++)
        if (*sheet->spots[i].text && sheet->spots[i].column < grid->columns)
            sheet->is_blank[sheet->spots[i].column] = false;
    for (gsize i = 0; index && i < (gsize)grid->rows * grid->columns; i++)
        sheet->at[i] = index[i] ? g_hash_table_lookup(by_cell, index[i]) : NULL;
    mark_units(sheet);
    mark_other_periods(sheet);
    mark_other_rows(sheet);
    mark_titles(m, sheet);
    mark_appendix(sheet);
    return sheet;
}

void sheet_free(Sheet *sheet) {
    if (!sheet)
        return;
    for (guint i = 0; i < sheet->n_spots; i++)
        g_clear_pointer(&sheet->spots[i].meanings, g_array_unref);
    g_free(sheet->spots);
    g_free(sheet->at);
    g_free(sheet->is_blank);
    g_free(sheet);
}

Spot *sheet_at(const Sheet *sheet, guint row, guint column) {
    return row < sheet->rows && column < sheet->columns ? sheet->at[(gsize)row * sheet->columns + column]
                                                        : NULL;
}

bool spot_means(const Spot *spot, LabelKind kind) {
    return spot && matcher_find(spot->meanings, kind);
}

/* The neighbour to the right in that row. A column in which nothing stands at all is a spacer, and is stepped
 * over. */
Spot *sheet_right(const Sheet *sheet, const Spot *spot, guint row) {
    guint column = spot->column + spot->column_span;
    Spot *right = sheet_at(sheet, row, column);
    if (right && (strcmp(right->text, ":") == 0 || strcmp(right->text, "：") == 0))
        return sheet_at(sheet, row, column + right->column_span);
    if (right && right->is_unit) {
        Spot *figure = right;
        while (figure && figure->is_unit)
            figure = sheet_at(sheet, row, figure->column + figure->column_span);
        return spot_is_free(figure) ? figure : right;
    }
    if (right && !*right->text && right->column_span == 1 && column + 1 < sheet->columns &&
        sheet->is_blank[column]) {
        Spot *next = sheet_at(sheet, row, column + 1);
        if (next && !next->meanings)
            return next;
    }
    return right;
}

Spot *sheet_below(const Sheet *sheet, const Spot *spot) {
    Spot *below = sheet_at(sheet, spot->row + spot->row_span, spot->column);
    /* labels, their units, the figures of other periods, their values */
    for (guint looked = 0; below && looked < STEPS_MAX && *below->text; looked++) {
        if (!(below->used && below->is_unit) && !form_words_is_unit(below->text))
            break;
        below = sheet_at(sheet, below->row + below->row_span, below->column);
    }
    return below;
}

Spot *sheet_above(const Sheet *sheet, const Spot *spot) {
    return spot->row ? sheet_at(sheet, spot->row - 1, spot->column) : NULL;
}
