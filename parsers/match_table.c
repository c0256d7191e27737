/* List tables: a header row of column labels, rows below it. */
#include <string.h>

#include "parsers/form_likeness.h"
#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/limits.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define TURNED_TRIES        20   /* rows of one grid at which a turned list may begin */
#define COLUMNS_MAX         64   /* grid columns of one list table that are looked at */
#define HEAD_MAX_CHARACTERS 12   /* of a reworded column head: a longer text is a value */
#define LIKE_MIN            0.45 /* as for fields: likeness below this is chance */
#define LIKE_MARGIN         0.12
#define KEY_NEEDS_OTHERS    3 /* columns that are known before an unknown one is taken for the key */

typedef struct {
    guint table, matched;
    int columns[COLUMNS_MAX]; /* per grid column: the table's column, or -1 */
} Header;

static const FormTable *table_at(const Matcher *m, guint index) {
    return g_ptr_array_index(m->form->tables, index);
}

static const Field *column_at(const FormTable *table, guint index) {
    return g_ptr_array_index(table->columns, index);
}

static bool needs_key(const FormTable *table) {
    for (guint c = 0; c < table->columns->len; c++)
        if (column_at(table, c)->is_key)
            return true;
    return false;
}

static guint listed_columns(Matcher *m, guint table, GArray *const *meanings, guint n, int *ret_columns,
                            bool *ret_has_key) {
    const FormTable *t = table_at(m, table);
    guint matched = 0;
    bool has_key = false;
    g_autofree bool *taken = g_new0(bool, t->columns->len + 1);
    for (guint i = 0; i < n; i++) {
        guint column;
        ret_columns[i] = -1;
        if (!matcher_find_column(meanings[i], table, &column))
            continue;
        has_key |= column_at(t, column)->is_key;
        if (taken[column]) /* the key again: the table stands twice side by side */
            ret_columns[i] = column_at(t, column)->is_serial || has_key ? (int)column : -1;
        else
            ret_columns[i] = (int)column;
        matched += !taken[column] && !column_at(t, column)->is_serial;
        taken[column] = true;
    }
    *ret_has_key = has_key || !needs_key(t);
    return matched;
}

guint match_header_columns(Matcher *m, guint table, GArray *const *meanings, guint n, int *ret_columns) {
    bool has_key;
    guint matched = listed_columns(m, table, meanings, n, ret_columns, &has_key);
    return has_key ? matched : 0;
}

/* The column that a reworded header names: clearly the likest of those that are not named yet, or -1. */
static int likest_column(const Matcher *m, guint table, const char *text, const int *columns, guint n) {
    const FormTable *t = table_at(m, table);
    g_autofree double *scores = g_new0(double, t->columns->len + 1);
    g_autofree char *normal = label_normal_form(text, -1);
    form_likeness_columns(m->form->likeness, normal, table, scores);
    for (guint i = 0; i < n; i++)
        if (columns[i] >= 0)
            scores[columns[i]] = 0;
    guint best = 0;
    double second = 0;
    for (guint c = 1; c < t->columns->len; c++) {
        second = MAX(second, MIN(scores[c], scores[best]));
        best = scores[c] > scores[best] ? c : best;
    }
    return scores[best] >= LIKE_MIN && scores[best] - second >= LIKE_MARGIN ? (int)best : -1;
}

/* Columns of a header row, listed ones and, where enough are listed, reworded ones: "学生提出的问题 |
 * 提问时间 | 状态". The only unknown head is the key if that is missing. 0 where this row does not head the
 * table. */
static guint header_columns(Matcher *m, guint table, Spot *const *spots, GArray *const *meanings, guint n,
                            int *ret_columns) {
    const FormTable *t = table_at(m, table);
    bool has_key;
    guint matched = listed_columns(m, table, meanings, n, ret_columns, &has_key), unknown = 0, last = 0;
    if (matched < (m->section == (int)table ? 1 : 2))
        return has_key ? matched : 0;
    for (guint i = 0; i < n; i++) {
        const Spot *spot = spots[i];
        if (ret_columns[i] >= 0 || spot->meanings || spot->blank || spot->is_pair ||
            utf8_has_digit(spot->text) || g_utf8_strlen(spot->text, -1) > HEAD_MAX_CHARACTERS)
            continue;
        int column = likest_column(m, table, spot->text, ret_columns, n);
        ret_columns[i] = column;
        if (column < 0) {
            unknown++;
            last = i;
            continue;
        }
        has_key |= column_at(t, (guint)column)->is_key;
        matched++;
    }
    for (guint c = 0; c < t->columns->len && !has_key && unknown == 1 && matched >= KEY_NEEDS_OTHERS; c++)
        if (column_at(t, c)->is_key && column_at(t, c)->type == TYPE_TEXT) {
            ret_columns[last] = (int)c;
            has_key = true;
            matched++;
        }
    return has_key ? matched : 0;
}

/* ---- rows
 * ----------------------------------------------------------------------------------------------------------------
 */

static bool row_is_sample(const char *const *cells, guint n) {
    for (guint i = 0; i < n; i++)
        if (cells[i] && form_words_is_sample(cells[i]))
            return true;
    return false;
}

/* 合计 in one of the first cells that hold anything */
static bool row_is_total(const char *const *cells, guint n) {
    guint looked = 0;
    for (guint i = 0; i < n && looked < 2; i++) {
        if (!cells[i] || !*cells[i])
            continue;
        looked++;
        if (form_words_is_total(cells[i]))
            return true;
    }
    return false;
}

static void note_cell(Matcher *m, const FormTable *table, const Field *column, const char *raw, Place place) {
    g_autofree char *source = matcher_source(m, place);
    g_autofree char *text = value_excerpt(raw);
    bool zh = form_set_is_chinese(m->set);
    problem_add(m->match->problems, PROBLEM_INVALID, table->key, source,
                zh ? "“%s”一列的“%s”无法识别" : "\"%s\": cannot read \"%s\"", field_title(column, zh), text);
}

/* What the row before has in this column, where a cell says that it is the same; NULL where it has nothing.
 */
static json_t *same_as_before(const Matcher *m, guint table, const Field *column, const char *text) {
    const GPtrArray *rows = m->rows[table];
    if (rows->len == 0 || column->is_key || column->is_serial || !form_words_is_same(text))
        return NULL;
    return json_copy(json_object_get(g_ptr_array_index(rows, rows->len - 1), column->key));
}

bool match_add_row(Matcher *m, guint table, const char *const *cells, Place place) {
    const FormTable *t = table_at(m, table);
    guint n = t->columns->len, filled = 0;
    bool has_key = false, bad = false;
    bool nameless = false; /* a word where each row has its date: a sum by whatever name */
    if (m->rows[table]->len >= LIMIT_TABLE_ROWS || row_is_sample(cells, n) || row_is_total(cells, n))
        return false;
    json_t *row = json_object();
    for (guint c = 0; c < n; c++) {
        const Field *column = column_at(t, c);
        json_t *value = NULL;
        if (!cells[c])
            continue;
        ValueVerdict verdict = value_parse(column, cells[c], m->context, &value, NULL);
        bad |= verdict == VALUE_BAD;
        nameless |=
            verdict == VALUE_BAD && column->is_key && column->type != TYPE_TEXT && !utf8_has_digit(cells[c]);
        if (verdict != VALUE_GOOD && !(value = same_as_before(m, table, column, cells[c])))
            continue;
        if (column->is_serial && column->type != TYPE_COUNT) /* a number that only counts the rows */
            json_decref(value);
        else
            json_object_set_new(row, column->key, value);
        filled += !column->is_serial;
        has_key |= column->is_key;
    }
    bool real = has_key || (filled >= 2 && !nameless);
    for (guint c = 0; real && bad && c < n; c++)
        if (cells[c] && value_parse(column_at(t, c), cells[c], m->context, NULL, NULL) == VALUE_BAD)
            note_cell(m, t, column_at(t, c), cells[c], place);
    if (real)
        g_ptr_array_add(m->rows[table], json_incref(row));
    json_decref(row);
    return real;
}

/* ---- header rows
 * ---------------------------------------------------------------------------------------------------------
 */

/* Distinct spots that begin or pass through a row, left to right. */
static guint row_spots(const Sheet *sheet, guint row, Spot **out, guint max) {
    guint n = 0;
    const Spot *last = NULL;
    for (guint c = 0; c < sheet->columns && n < max; c++) {
        Spot *spot = sheet_at(sheet, row, c);
        if (spot && spot != last)
            out[n++] = spot;
        last = spot;
    }
    return n;
}

/* True where the row below the header begins with a group's label: then it is a matrix of persons, not a
 * list. */
static bool is_matrix(const Sheet *sheet, guint header_row) {
    guint groups = 0;
    for (guint r = header_row + 1; r < sheet->rows && r <= header_row + 4; r++) {
        const Spot *first = sheet_at(sheet, r, 0);
        groups += first && first->row > header_row && spot_means(first, LABEL_GROUP);
    }
    return groups >= 2 || (groups == 1 && sheet->rows - header_row <= 2);
}

/* A row of a form ("姓名 | 张三 | 职务 | 部长") and not a header: values stand between its labels, or blanks.
 */
static bool has_values_between(Spot *const *spots, guint n, const int *columns, guint matched) {
    guint others = 0, blanks = 0, last_label = 0;
    for (guint i = 0; i < n; i++)
        if (columns[i] >= 0)
            last_label = i;
    for (guint i = 0; i < n; i++) {
        if (columns[i] >= 0)
            continue;
        if (*spots[i]->text)
            others++;
        else if (i < last_label && i > 0)
            blanks++;
    }
    return others > matched / 2 + (matched >= 4) || blanks > matched / 3;
}

/* True where the row below holds what these columns ask for: dates below 日期, figures below 提问量. Other
 * texts between the heads are then columns of no interest, not values. */
static bool heads_typed_row(Matcher *m, const Sheet *sheet, guint row, const Header *header,
                            Spot *const *spots, guint n) {
    const FormTable *table = table_at(m, header->table);
    guint good = 0;
    for (guint i = 0; i < n; i++)
        if (utf8_has_digit(spots[i]->text) || spot_means(spots[i], LABEL_GROUP) ||
            g_utf8_strlen(spots[i]->text, -1) > HEAD_MAX_CHARACTERS)
            return false;
    for (guint c = 0; c < sheet->columns && c < COLUMNS_MAX; c++) {
        const Spot *spot = header->columns[c] >= 0 ? sheet_at(sheet, row + 1, c) : NULL;
        const Field *column = spot ? column_at(table, (guint)header->columns[c]) : NULL;
        if (!column || spot->blank)
            continue;
        if (spot->meanings || value_parse(column, spot->text, m->context, NULL, NULL) == VALUE_BAD)
            return false;
        good += !column->is_serial && column->type != TYPE_TEXT && column->type != TYPE_PERSON;
    }
    return good > 0;
}

static bool row_has_labels(const Sheet *sheet, guint row, guint at_least) {
    Spot *spots[COLUMNS_MAX];
    guint n = row_spots(sheet, row, spots, COLUMNS_MAX), labels = 0, texts = 0;
    for (guint i = 0; i < n; i++) {
        texts += *spots[i]->text != 0;
        labels += spots[i]->meanings != NULL;
    }
    return texts && labels * 2 >= texts && labels >= at_least;
}

/* "二、负责人" across the grid, or 负责人 and 联络员 each across some columns: the labels below are those
 * persons', not a list's. */
static bool is_group_heading(const Sheet *sheet, guint row) {
    Spot *spots[COLUMNS_MAX];
    guint n = row_spots(sheet, row, spots, COLUMNS_MAX), wide = 0;
    for (guint i = 0; i < n; i++)
        wide += spots[i]->column_span > 1 && spot_means(spots[i], LABEL_GROUP);
    if (wide >= 2)
        return true;
    return n == 1 && spot_means(spots[0], LABEL_GROUP) && !spot_means(spots[0], LABEL_TABLE);
}

/* A list of one column: its key's label stands alone in its row and means nothing else. */
static bool is_only_column(Matcher *m, guint table, Spot *const *spots, guint n) {
    const Spot *only = NULL;
    guint column;
    for (guint i = 0; i < n; i++) {
        if (!*spots[i]->text)
            continue;
        if (only)
            return false;
        only = spots[i];
    }
    return only && only->meanings && only->meanings->len == 1 &&
           matcher_find_column(only->meanings, table, &column) &&
           column_at(table_at(m, table), column)->is_key;
}

static bool find_header(Matcher *m, const Sheet *sheet, guint row, Header *header) {
    Spot *spots[COLUMNS_MAX];
    GArray *meanings[COLUMNS_MAX];
    int columns[COLUMNS_MAX];
    guint n = row_spots(sheet, row, spots, COLUMNS_MAX);
    header->matched = 0;
    for (guint i = 0; i < n; i++) {
        if (spots[i]->used)
            return false;
        meanings[i] = spots[i]->meanings;
    }
    for (guint t = 0; t < m->form->tables->len; t++) {
        guint matched = header_columns(m, t, spots, meanings, n, columns);
        if (matched < MIN(2, table_at(m, t)->columns->len) && !is_only_column(m, t, spots, n))
            continue;
        bool better = matched > header->matched || (matched == header->matched && m->section == (int)t);
        if (!better)
            continue;
        Header found = {.table = t, .matched = matched};
        for (guint c = 0; c < COLUMNS_MAX; c++)
            found.columns[c] = -1;
        for (guint i = 0; i < n; i++)
            if (spots[i]->column < COLUMNS_MAX)
                found.columns[spots[i]->column] = columns[i];
        if (has_values_between(spots, n, columns, matched) &&
            (matched < 2 || !heads_typed_row(m, sheet, row, &found, spots, n)))
            continue;
        *header = found;
    }
    return header->matched > 0;
}

/* ---- data rows
 * -----------------------------------------------------------------------------------------------------------
 */

static bool is_foreign(const char *text) {
    if (strlen(text) > LABEL_MAX_BYTES)
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    return form_words_is_foreign_label(normal);
}

/* True where a row cannot belong to the list any more: a heading, another header, label/value pairs of the
 * form. */
static bool ends_list(Matcher *m, const Sheet *sheet, guint row, const Header *header) {
    Spot *spots[COLUMNS_MAX];
    guint n = row_spots(sheet, row, spots, COLUMNS_MAX), texts = 0;
    const Spot *first = NULL;
    for (guint i = 0; i < n; i++)
        if (*spots[i]->text) {
            texts++;
            if (!first)
                first = spots[i];
        }
    if (!first)
        return false;
    if (texts == 1 && n == 1)
        return first->meanings != NULL || form_words_is_instruction(first->text) ||
               match_titles(m->set, first->text, NULL);
    if (form_words_is_instruction(first->text) || (n < sheet->columns && is_foreign(first->text)))
        return true;
    bool pair = spot_means(first, LABEL_FIELD) || spot_means(first, LABEL_GROUP);
    int column = first->column < COLUMNS_MAX ? header->columns[first->column] : -1;
    const Field *f = column >= 0 ? column_at(table_at(m, header->table), (guint)column) : NULL;
    if (f && f->type == TYPE_CHOICE && value_parse(f, first->text, m->context, NULL, NULL) == VALUE_GOOD)
        return false; /* 未答复: a state here, a label elsewhere */
    return pair && (n < sheet->columns || texts <= 2 || row_has_labels(sheet, row, 1));
}

static bool repeats_header(Matcher *m, const Sheet *sheet, guint row, const Header *header) {
    guint same = 0;
    for (guint c = 0; c < sheet->columns && c < COLUMNS_MAX; c++) {
        const Spot *spot = sheet_at(sheet, row, c);
        guint column;
        if (header->columns[c] >= 0 && spot && matcher_find_column(spot->meanings, header->table, &column) &&
            (int)column == header->columns[c])
            same++;
    }
    return same >= MAX(header->matched, 1);
}

static void mark_row(const Sheet *sheet, guint row) {
    for (guint c = 0; c < sheet->columns; c++) {
        Spot *spot = sheet_at(sheet, row, c);
        if (spot)
            spot->used = true;
    }
}

/* One grid row holds a record, or several side by side where the header repeats its columns. */
static guint add_grid_row(Matcher *m, const Sheet *sheet, guint row, const Header *header) {
    const FormTable *table = table_at(m, header->table);
    g_autofree const char **cells = g_new0(const char *, table->columns->len);
    guint added = 0, start = 0;
    bool any = false;
    Spot *whole[COLUMNS_MAX];
    if (sheet->columns > 1 && header->matched > 1 &&
        row_spots(sheet, row, whole, COLUMNS_MAX) == 1) /* a remark across the table */
        return 0;
    for (guint c = 0; c < sheet->columns && c < COLUMNS_MAX; c++) {
        int column = header->columns[c];
        const Spot *spot = column < 0 ? NULL : sheet_at(sheet, row, c);
        if (!spot)
            continue;
        if (cells[column]) {
            added += match_add_row(m, header->table, cells,
                                   (Place){.grid = sheet->grid, .row = row, .column = start});
            memset(cells, 0, table->columns->len * sizeof *cells);
            start = c;
        }
        /* a key that spans rows is one record, other spanning cells count for each of theirs */
        bool key_again = spot->row < row && column_at(table, (guint)column)->is_key;
        cells[column] = key_again ? "" : spot->text;
        any = true;
    }
    if (any)
        added +=
            match_add_row(m, header->table, cells, (Place){.grid = sheet->grid, .row = row, .column = start});
    return added;
}

static void see_header(Matcher *m, const Header *header) {
    for (guint c = 0; c < COLUMNS_MAX; c++)
        if (header->columns[c] >= 0)
            matcher_see_column(m, header->table, (guint)header->columns[c]);
}

static guint take_rows(Matcher *m, const Sheet *sheet, guint row, const Header *header) {
    for (; row < sheet->rows; row++) {
        if (repeats_header(m, sheet, row, header)) {
            mark_row(sheet, row);
            continue;
        }
        Header other;
        /* another head, as of the contacts below the members: "身份 | 姓名 | 联系电话" */
        if (ends_list(m, sheet, row, header) || row_has_labels(sheet, row, 2) ||
            (find_header(m, sheet, row, &other) && other.matched >= 2 && other.table != header->table))
            break;
        add_grid_row(m, sheet, row, header);
        mark_row(sheet, row);
    }
    return row;
}

/* Where the header runs down the first column ("日期 | 6.14 | 6.15 …"): every further column is a record. */
static bool take_transposed(Matcher *m, const Sheet *sheet, guint row) {
    GArray *meanings[COLUMNS_MAX];
    Spot *heads[COLUMNS_MAX];
    int columns[COLUMNS_MAX];
    guint n = 0, known = 0;
    for (guint r = row; r < sheet->rows && n < COLUMNS_MAX; r++, n++) {
        Spot *spot = sheet_at(sheet, r, 0);
        if (!spot || spot->used ||
            (spot->meanings ? !matcher_find(spot->meanings, LABEL_COLUMN) : !*spot->text))
            break;
        heads[n] = spot;
        meanings[n] = spot->meanings;
        known += spot->meanings != NULL;
    }
    while (n && !meanings[n - 1]) /* what follows the list is not part of it */
        n--;
    if (known * 2 < n)
        return false;
    if (n < 2 || sheet->columns < 4) /* two records at least, else it is a plain form */
        return false;
    for (guint t = 0; t < m->form->tables->len; t++) {
        if (header_columns(m, t, heads, meanings, n, columns) < MAX(2, n - 1))
            continue;
        const FormTable *table = table_at(m, t);
        guint good = 0, values = 0;
        for (guint i = 0; i < n; i++)
            for (guint c = 1; columns[i] >= 0 && c < sheet->columns; c++) {
                const Spot *spot = sheet_at(sheet, row + i, c);
                if (!spot || spot->blank)
                    continue;
                /* labels or spanning cells among the values: a form, not a list */
                values += spot->meanings || spot->is_pair || spot->column_span > 1 ? sheet->columns * n : 1;
                good += value_parse(column_at(table, (guint)columns[i]), spot->text, m->context, NULL,
                                    NULL) == VALUE_GOOD;
            }
        if (values < 4 || good * 5 < values * 4)
            continue;
        g_autofree const char **cells = g_new0(const char *, table->columns->len);
        for (guint c = 1; c < sheet->columns; c++) {
            memset(cells, 0, table->columns->len * sizeof *cells);
            for (guint i = 0; i < n; i++) {
                const Spot *spot = sheet_at(sheet, row + i, c);
                if (spot && columns[i] >= 0)
                    cells[columns[i]] = spot->text;
            }
            match_add_row(m, t, cells, (Place){.grid = sheet->grid, .row = row, .column = c});
        }
        for (guint i = 0; i < n; i++) {
            if (columns[i] >= 0)
                matcher_see_column(m, t, (guint)columns[i]);
            mark_row(sheet, row + i);
        }
        return true;
    }
    return false;
}

/* A grid without any label after a list table of the same width is its next page. */
static bool continues_list(Matcher *m, const Sheet *sheet) {
    if (m->last_table < 0 || m->last_header->len != sheet->columns || sheet->rows == 0)
        return false;
    for (guint i = 0; i < sheet->n_spots; i++)
        if (sheet->spots[i].meanings)
            return false;
    return true;
}

void match_tables(Matcher *m, Sheet *sheet) {
    Header header = {0};
    int section = m->section;
    guint tries = 0;
    if (continues_list(m, sheet)) {
        header.table = (guint)m->last_table;
        header.matched = 1;
        for (guint c = 0; c < COLUMNS_MAX; c++)
            header.columns[c] = c < m->last_header->len ? g_array_index(m->last_header, int, c) : -1;
        take_rows(m, sheet, 0, &header);
        return;
    }
    m->last_table = -1;
    for (guint row = 0; row < sheet->rows; row++) {
        const Spot *first = sheet_at(sheet, row, 0);
        const LabelMeaning *heading =
            first && !first->used ? matcher_find(first->meanings, LABEL_TABLE) : NULL;
        if (heading && !sheet_right(sheet, first, row))
            m->section = heading->index;
        if (first && first->used)
            continue;
        if (tries < TURNED_TRIES && first && spot_means(first, LABEL_COLUMN) && ++tries &&
            take_transposed(m, sheet, row))
            continue;
        if (!find_header(m, sheet, row, &header) || is_matrix(sheet, row) ||
            (row && is_group_heading(sheet, row - 1)))
            continue;
        if (row + 1 < sheet->rows && row_has_labels(sheet, row + 1, 1) &&
            !repeats_header(m, sheet, row + 1, &header) && !ends_list(m, sheet, row + 1, &header))
            continue;
        mark_row(sheet, row);
        see_header(m, &header);
        row = take_rows(m, sheet, row + 1, &header) - 1;
        m->last_table = row + 1 >= sheet->rows ? (int)header.table : -1;
        g_array_set_size(m->last_header, 0);
        g_array_append_vals(m->last_header, header.columns, MIN(sheet->columns, COLUMNS_MAX));
    }
    m->section = section;
}
