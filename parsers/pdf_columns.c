#include "parsers/pdf_columns.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "parsers/pdf_cell.h"

/* Fewer would as well be a line of a form with its blanks, or two sentences that happen to stand so. */
#define ROWS_MIN    3u
#define COLUMNS_MIN 3u
/* Edges or middles of one column's texts differ by this many points. */
#define ALIGNED_POINTS 3.0
/* Share of its height by which the middle of a piece may be off its row's. */
#define ROW_SHARE 0.4
/* Rows are at most so many heights apart, from top to top; lines of one cell so many. */
#define ROW_DISTANCE_MAX  3.0
#define LINE_DISTANCE_MAX 1.6
/* By how much a table's texts may reach beyond those of its plainest rows, in points. */
#define MARGIN_POINTS 24.0
/* Tables side by side on a page: for each of them all its text is looked through. */
#define SEEDS_MAX 20u
/* Runs of text on a page that people read; beyond, rows that are looked at again and again would cost too
 * much, and all stays in the lines. */
#define PIECES_MAX 10000u
/* Share of the width of its column that a text of a page set in columns fills. */
#define PROSE_SHARE 0.6

typedef struct {
    PdfPiece place;
    gsize end;    /* in the line's text */
    bool is_used; /* stands in a table now */
} Piece;

/* What stands at one height, from left to right. */
typedef struct {
    Piece **pieces;
    guint n;
    double top, height;
} Row;

static void columns_free(gpointer data) {
    PdfColumns *columns = data;
    g_ptr_array_unref(columns->rows);
    g_free(columns);
}

/* ---- rows ---- */

static double middle_of(const Piece *piece) {
    return (piece->place.top + piece->place.bottom) / 2;
}

static double height_of(const Piece *piece) {
    return piece->place.bottom - piece->place.top;
}

static bool is_level(const Piece *one, const Piece *other) {
    return fabs(middle_of(other) - middle_of(one)) <= MIN(height_of(one), height_of(other)) * ROW_SHARE;
}

static int compare_heights(gconstpointer a, gconstpointer b) {
    double one = middle_of(*(Piece *const *)a), other = middle_of(*(Piece *const *)b);
    return one < other ? -1 : one > other;
}

static int compare_places(gconstpointer a, gconstpointer b) {
    const Piece *one = *(Piece *const *)a, *other = *(Piece *const *)b;
    return one->place.from < other->place.from ? -1 : one->place.from > other->place.from;
}

/* Rows over one array of all pieces, sorted by height. */
static GArray *rows_of(GPtrArray *pieces) {
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_ptr_array_sort(pieces, compare_heights);
    for (guint i = 0; i < pieces->len;) {
        const Piece *first = g_ptr_array_index(pieces, i);
        guint end = i + 1;
        while (end < pieces->len && is_level(first, g_ptr_array_index(pieces, end)))
            end++;
        Row row = {(Piece **)pieces->pdata + i, end - i, first->place.top, height_of(first)};
        qsort(row.pieces, row.n, sizeof *row.pieces, compare_places);
        g_array_append_val(rows, row);
        i = end;
    }
    return rows;
}

/* Rows as poppler's lines have them; one without pieces for a line of several heights. pieces: in their
 * order. */
static GArray *rows_of_lines(const GPtrArray *pieces) {
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));
    for (guint i = 0; i < pieces->len;) {
        const Piece *first = g_ptr_array_index(pieces, i);
        bool is_row = true;
        guint end = i + 1;
        for (; end < pieces->len; end++) {
            const Piece *piece = g_ptr_array_index(pieces, end), *before = g_ptr_array_index(pieces, end - 1);
            if (piece->place.line != first->place.line)
                break;
            is_row &= is_level(first, piece) && piece->place.from > before->place.to;
        }
        Row row = {(Piece **)pieces->pdata + i, is_row ? end - i : 0, first->place.top, height_of(first)};
        g_array_append_val(rows, row);
        i = end;
    }
    return rows;
}

static const PdfPiece *place_at(const Row *row, guint i) {
    return &row->pieces[i]->place;
}

/* ---- columns ---- */

static bool is_aligned(const PdfPiece *one, const PdfPiece *other) {
    return fabs(one->from - other->from) <= ALIGNED_POINTS || fabs(one->to - other->to) <= ALIGNED_POINTS ||
           fabs((one->from + one->to) - (other->from + other->to)) / 2 <= ALIGNED_POINTS;
}

static bool is_near(const Row *row, const Row *above, double heights) {
    double distance = row->top - above->top;
    return distance > 0 && distance <= above->height * heights;
}

/* As many pieces, and none of them reaches into the column of another. */
static bool has_same_columns(const Row *row, const Row *other) {
    bool is_same = other->n == row->n;
    for (guint i = 1; is_same && i < row->n; i++)
        is_same = place_at(other, i - 1)->to < place_at(row, i)->from &&
                  place_at(row, i - 1)->to < place_at(other, i)->from;
    return is_same;
}

static bool is_next_row(const Row *row, const Row *next) {
    bool is_row = has_same_columns(row, next);
    for (guint i = 0; is_row && i < row->n; i++)
        is_row = is_aligned(place_at(row, i), place_at(next, i));
    return is_row;
}

/* The column of a row in which a piece goes on: it begins below its text and ends before the next; -1: none.
 */
static int column_of(const Row *row, const PdfPiece *piece) {
    for (guint i = 0; i < row->n; i++)
        if (fabs(piece->from - place_at(row, i)->from) <= ALIGNED_POINTS)
            return i + 1 == row->n || piece->to < place_at(row, i + 1)->from ? (int)i : -1;
    return -1;
}

static bool goes_on(const Row *row, const Row *next) {
    bool is_rest = next->n < row->n;
    for (guint i = 0; is_rest && i < next->n; i++)
        is_rest = column_of(row, place_at(next, i)) >= 0;
    return is_rest;
}

/* A page set in three columns looks like a table, but its lines fill them; of a table some column is short.
 */
static bool is_prose(const Row *rows, guint n) {
    guint columns = rows[0].n;
    for (guint column = 0; column + 1 < columns; column++) {
        double share = 0;
        guint n_full = 0;
        for (guint i = 0; i < n; i++) {
            if (rows[i].n != columns)
                continue;
            const PdfPiece *piece = place_at(&rows[i], column), *next = place_at(&rows[i], column + 1);
            share += (piece->to - piece->from) / MAX(next->from - piece->from, 1);
            n_full++;
        }
        if (share < n_full * PROSE_SHARE)
            return false;
    }
    return true;
}

/* The number of rows from the first on that are a table's, lines that go on included; 0 where there is none.
 */
static guint find_aligned(const Row *rows, guint n) {
    if (rows[0].n < COLUMNS_MIN)
        return 0;
    guint n_full = 1, last = 0, end = 1;
    for (; end < n; end++) {
        if (is_near(&rows[end], &rows[end - 1], ROW_DISTANCE_MAX) && is_next_row(&rows[last], &rows[end])) {
            n_full++;
            last = end;
        } else if (!is_near(&rows[end], &rows[end - 1], LINE_DISTANCE_MAX) ||
                   !goes_on(&rows[last], &rows[end])) {
            break;
        }
    }
    return n_full >= ROWS_MIN && !is_prose(rows, end) ? end : 0;
}

static guint find_table(const Row *rows, guint n) {
    guint found = find_aligned(rows, n);
    if (found || n < 2 || rows[0].n < COLUMNS_MIN || !is_near(&rows[1], &rows[0], ROW_DISTANCE_MAX) ||
        !has_same_columns(&rows[1], &rows[0]))
        return found;
    found = find_aligned(rows + 1, n - 1); /* labels may stand in the middle of columns whose texts do not */
    return found ? found + 1 : 0;
}

/* ---- texts ---- */

static PdfColumns *make_table(const GArray *lines, const Row *rows, guint n) {
    PdfColumns *table = g_new0(PdfColumns, 1);
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    table->columns = rows[0].n;
    table->top = rows[0].top;
    table->bottom = rows[n - 1].top + rows[n - 1].height / 2;
    const Row *row = rows;
    for (guint i = 0; i < n; i++) {
        bool is_row = rows[i].n == table->columns;
        if (is_row) {
            row = &rows[i];
            char **cells = g_new0(char *, table->columns + 1);
            for (guint k = 0; k < table->columns; k++)
                cells[k] = g_strdup("");
            g_ptr_array_add(table->rows, cells);
        }
        char **cells = g_ptr_array_index(table->rows, table->rows->len - 1);
        for (guint k = 0; k < rows[i].n; k++) {
            Piece *piece = rows[i].pieces[k];
            int column = is_row ? (int)k : column_of(row, &piece->place);
            const PdfLine *line = &g_array_index(lines, PdfLine, piece->place.line);
            g_autofree char *text =
                g_strstrip(g_strndup(line->text + piece->place.start, piece->end - piece->place.start));
            g_autofree char *before = cells[column];
            cells[column] = pdf_cell_join(before, text);
            piece->is_used = true;
        }
    }
    return table;
}

/* What stands in tables now leaves the lines; pieces are in the order of the lines. */
static void cut_lines(GArray *lines, const Piece *pieces, guint n) {
    for (guint i = n; i-- > 0;) {
        if (!pieces[i].is_used)
            continue;
        char *text = g_array_index(lines, PdfLine, pieces[i].place.line).text;
        memmove(text + pieces[i].place.start, text + pieces[i].end, strlen(text + pieces[i].end) + 1);
        g_strchomp(text);
    }
}

/* Tables among the pieces that stand in none yet, between two edges. */
static void take_between(GArray *lines, Piece *pieces, guint n_pieces, double left, double right,
                         GPtrArray *tables) {
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (guint i = 0; i < n_pieces; i++) {
        const PdfPiece *place = &pieces[i].place;
        if (!pieces[i].is_used && place->from >= left && place->to <= right && place->bottom > place->top)
            g_ptr_array_add(sorted, &pieces[i]);
    }
    g_autoptr(GArray) rows = rows_of(sorted);
    for (guint i = 0; i < rows->len;) {
        const Row *row = &g_array_index(rows, Row, i);
        guint n = find_table(row, rows->len - i);
        if (n)
            g_ptr_array_add(tables, make_table(lines, row, n));
        i += MAX(n, 1);
    }
}

/* Where a table stands whole in poppler's lines, only what is between its edges can belong to it: of two
 * pages side by side each has its own. */
static void take_beside_others(GArray *lines, Piece *pieces, guint n_pieces, GPtrArray *tables) {
    g_autoptr(GPtrArray) in_order = g_ptr_array_new();
    for (guint i = 0; i < n_pieces; i++)
        if (pieces[i].place.bottom > pieces[i].place.top)
            g_ptr_array_add(in_order, &pieces[i]);
    g_autoptr(GArray) rows = rows_of_lines(in_order);
    guint seeds = SEEDS_MAX;
    for (guint i = 0; i < rows->len && seeds;) {
        const Row *row = &g_array_index(rows, Row, i);
        guint n = row->n && !row->pieces[0]->is_used ? find_table(row, rows->len - i) : 0;
        double left = G_MAXDOUBLE, right = 0;
        for (guint k = 0; k < n; k++)
            for (guint m = 0; m < row[k].n; m++) {
                left = MIN(left, place_at(&row[k], m)->from);
                right = MAX(right, place_at(&row[k], m)->to);
            }
        if (n) {
            take_between(lines, pieces, n_pieces, left - MARGIN_POINTS, right + MARGIN_POINTS, tables);
            seeds--;
        }
        i += MAX(n, 1);
    }
}

static int compare_tables(gconstpointer a, gconstpointer b) {
    const PdfColumns *one = *(PdfColumns *const *)a, *other = *(PdfColumns *const *)b;
    return one->top < other->top ? -1 : one->top > other->top;
}

GPtrArray *pdf_columns_take(GArray *lines, const GArray *pieces) {
    GPtrArray *tables = g_ptr_array_new_with_free_func(columns_free);
    if (pieces->len < ROWS_MIN * COLUMNS_MIN || pieces->len > PIECES_MAX)
        return tables;
    g_autofree Piece *all = g_new0(Piece, pieces->len);
    for (guint i = 0; i < pieces->len; i++) {
        const PdfPiece *piece = &g_array_index(pieces, PdfPiece, i), *next = piece + 1;
        all[i].place = *piece;
        all[i].end = i + 1 < pieces->len && next->line == piece->line
                         ? next->start
                         : strlen(g_array_index(lines, PdfLine, piece->line).text);
    }
    take_beside_others(lines, all, pieces->len, tables);
    take_between(lines, all, pieces->len, -G_MAXDOUBLE, G_MAXDOUBLE, tables);
    g_ptr_array_sort(tables, compare_tables);
    if (tables->len)
        cut_lines(lines, all, pieces->len);
    return tables;
}
