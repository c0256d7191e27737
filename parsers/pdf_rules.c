#include "parsers/pdf_rules.h"

#include <cairo.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Two pixels a point: a hair line still darkens one. */
#define SCALE 2.0
/* A page is drawn within this many pixels either way; a poster is drawn smaller. */
#define PIXELS_MAX 2400.0
/* Anything darker is ink: a hair line between two pixels is a light grey in both. */
#define INK_BELOW 200u
/* In points: shorter strokes are those of letters, thicker ones are areas. */
#define HORIZONTAL_MIN 20.0
#define VERTICAL_MIN   12.0
#define THICKNESS_MAX  3.0
/* Lines that should meet miss each other by this much. */
#define JOIN_SLACK 2.5
/* Columns and rows closer than this are one edge drawn twice. */
#define EDGE_SLACK 3.0
/* Columns and rows of a form are wider on the average; closer lines are shading, barcodes or drawn-out
 * letters. */
#define COLUMN_MEAN_MIN 14.0
#define ROW_MEAN_MIN    9.0
/* Drawings full of lines are no forms. */
#define LINES_MAX 1500u
#define EDGES_MAX 300u

typedef struct {
    double at, from, to; /* horizontal: y, x from, x to; vertical: x, y from, y to */
    guint group;
} Line;

typedef struct {
    guint at, from, to, thickness;
    bool is_open;
} Run;

static void table_free(gpointer data) {
    PdfTable *table = data;
    g_array_unref(table->xs);
    g_array_unref(table->ys);
    g_array_unref(table->cells);
    g_free(table->cell_index);
    g_free(table);
}

/* ---- lines ---- */

typedef struct {
    const guint8 *pixels;
    int stride;
    guint width, height;
    double scale;
} Picture;

static bool is_ink(const Picture *picture, guint x, guint y) {
    const guint8 *pixel = picture->pixels + (gsize)y * (gsize)picture->stride + 4 * (gsize)x;
    return (pixel[0] + 2u * pixel[1] + pixel[2]) / 4 < INK_BELOW;
}

/* A run continues the one above (or left of) it if they overlap for the most part. */
static void add_run(GArray *runs, GArray *open, guint at, guint from, guint to) {
    for (guint i = 0; i < open->len; i++) {
        Run *run = &g_array_index(runs, Run, g_array_index(open, guint, i));
        guint overlap = MIN(run->to, to) - MIN(MAX(run->from, from), MIN(run->to, to));
        if (run->at + run->thickness == at && overlap * 2 > to - from) {
            run->thickness++;
            run->from = MIN(run->from, from);
            run->to = MAX(run->to, to);
            return;
        }
    }
    Run run = {at, from, to, 1, true};
    guint index = runs->len;
    g_array_append_val(runs, run);
    g_array_append_val(open, index);
}

static void close_runs(GArray *runs, GArray *open, guint at) {
    for (guint i = open->len; i-- > 0;) {
        const Run *run = &g_array_index(runs, Run, g_array_index(open, guint, i));
        if (run->at + run->thickness < at)
            g_array_remove_index_fast(open, i);
    }
}

/* Straight strokes of at least `shortest` points, across rows (horizontal) or columns of the picture. */
static GArray *find_lines(const Picture *picture, bool is_horizontal, double shortest) {
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(Run)), *open = g_array_new(FALSE, FALSE, sizeof(guint));
    guint across = is_horizontal ? picture->height : picture->width;
    guint along = is_horizontal ? picture->width : picture->height;
    guint least = (guint)(shortest * picture->scale);
    for (guint at = 0; at < across && runs->len < LINES_MAX * 4; at++) {
        close_runs(runs, open, at);
        guint from = 0;
        for (guint i = 0; i <= along; i++) {
            bool ink = i < along && (is_horizontal ? is_ink(picture, i, at) : is_ink(picture, at, i));
            if (ink)
                continue;
            if (i - from >= least)
                add_run(runs, open, at, from, i);
            from = i + 1;
        }
    }
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(Line));
    for (guint i = 0; i < runs->len && lines->len < LINES_MAX; i++) {
        const Run *run = &g_array_index(runs, Run, i);
        if (run->thickness > THICKNESS_MAX * picture->scale)
            continue;
        Line line = {(run->at + run->thickness / 2.0) / picture->scale, run->from / picture->scale,
                     run->to / picture->scale, 0};
        g_array_append_val(lines, line);
    }
    g_array_unref(runs);
    g_array_unref(open);
    return lines;
}

/* ---- tables ---- */

static guint root_of(guint *parents, guint node) {
    while (parents[node] != node)
        node = parents[node] = parents[parents[node]];
    return node;
}

/* Lines that touch belong to one table: each gets the number of its group. */
static void group_lines(GArray *horizontals, GArray *verticals) {
    guint n = horizontals->len + verticals->len;
    g_autofree guint *parents = g_new(guint, MAX(n, 1));
    for (guint i = 0; i < n; i++)
        parents[i] = i;
    for (guint h = 0; h < horizontals->len; h++)
        for (guint v = 0; v < verticals->len; v++) {
            const Line *across = &g_array_index(horizontals, Line, h),
                       *down = &g_array_index(verticals, Line, v);
            if (down->at > across->from - JOIN_SLACK && down->at < across->to + JOIN_SLACK &&
                across->at > down->from - JOIN_SLACK && across->at < down->to + JOIN_SLACK)
                parents[root_of(parents, h)] = root_of(parents, horizontals->len + v);
        }
    for (guint i = 0; i < n; i++) {
        GArray *lines = i < horizontals->len ? horizontals : verticals;
        g_array_index(lines, Line, i < horizontals->len ? i : i - horizontals->len).group =
            root_of(parents, i);
    }
}

static int compare_doubles(gconstpointer a, gconstpointer b) {
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

static GArray *edges_of(const GArray *lines, guint group) {
    GArray *all = g_array_new(FALSE, FALSE, sizeof(double)),
           *edges = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        if (line->group == group)
            g_array_append_val(all, line->at);
    }
    g_array_sort(all, compare_doubles);
    for (guint i = 0; i < all->len && edges->len < EDGES_MAX; i++) {
        double edge = g_array_index(all, double, i);
        if (!edges->len || edge - g_array_index(edges, double, edges->len - 1) > EDGE_SLACK)
            g_array_append_val(edges, edge);
    }
    g_array_unref(all);
    return edges;
}

static bool is_drawn(const GArray *lines, guint group, double at, double middle) {
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        if (line->group == group && fabs(line->at - at) <= EDGE_SLACK && line->from <= middle &&
            middle <= line->to)
            return true;
    }
    return false;
}

typedef struct {
    PdfTable *table;
    guint rows, columns;
    bool *has_right, *has_below; /* a line right of and below each place */
} Places;

static double middle_of(const GArray *edges, guint i) {
    return (g_array_index(edges, double, i) + g_array_index(edges, double, i + 1)) / 2;
}

static void find_walls(Places *places, const GArray *horizontals, const GArray *verticals, guint group) {
    const GArray *xs = places->table->xs, *ys = places->table->ys;
    places->has_right = g_new0(bool, (gsize)places->rows * places->columns);
    places->has_below = g_new0(bool, (gsize)places->rows * places->columns);
    for (guint row = 0; row < places->rows; row++)
        for (guint column = 0; column < places->columns; column++) {
            gsize place = (gsize)row * places->columns + column;
            places->has_right[place] =
                is_drawn(verticals, group, g_array_index(xs, double, column + 1), middle_of(ys, row));
            places->has_below[place] =
                is_drawn(horizontals, group, g_array_index(ys, double, row + 1), middle_of(xs, column));
        }
}

/* Places without a line between them are one cell; it grows to the right first, then down. */
static PdfCell grow_cell(const Places *places, guint row, guint column) {
    PdfCell cell = {row, column, 1, 1};
    const guint *index = places->table->cell_index;
    while (column + cell.column_span < places->columns) {
        gsize last = (gsize)row * places->columns + column + cell.column_span - 1;
        if (places->has_right[last] || index[last + 1] != G_MAXUINT)
            break;
        cell.column_span++;
    }
    for (; row + cell.row_span < places->rows; cell.row_span++) {
        bool is_open = true;
        for (guint i = 0; i < cell.column_span && is_open; i++) {
            gsize last = (gsize)(row + cell.row_span - 1) * places->columns + column + i;
            is_open = !places->has_below[last] && index[last + places->columns] == G_MAXUINT &&
                      (i + 1 == cell.column_span || !places->has_right[last + places->columns]);
        }
        if (!is_open)
            break;
    }
    return cell;
}

static void fill_cells(Places *places) {
    PdfTable *table = places->table;
    gsize n = (gsize)places->rows * places->columns;
    table->cell_index = g_new(guint, n);
    for (gsize i = 0; i < n; i++)
        table->cell_index[i] = G_MAXUINT;
    for (guint row = 0; row < places->rows; row++)
        for (guint column = 0; column < places->columns; column++) {
            if (table->cell_index[(gsize)row * places->columns + column] != G_MAXUINT)
                continue;
            PdfCell cell = grow_cell(places, row, column);
            for (guint r = row; r < row + cell.row_span; r++)
                for (guint c = column; c < column + cell.column_span; c++)
                    table->cell_index[(gsize)r * places->columns + c] = table->cells->len;
            g_array_append_val(table->cells, cell);
        }
}

static double mean_gap(const GArray *edges) {
    if (edges->len < 2)
        return 0;
    return (g_array_index(edges, double, edges->len - 1) - g_array_index(edges, double, 0)) /
           (edges->len - 1);
}

/* How far the lines of a group across its upper or lower edge reach. */
static void reach_of(const GArray *horizontals, guint group, double y, double *ret_from, double *ret_to) {
    *ret_from = G_MAXDOUBLE;
    *ret_to = -G_MAXDOUBLE;
    for (guint i = 0; i < horizontals->len; i++) {
        const Line *line = &g_array_index(horizontals, Line, i);
        if (line->group == group && fabs(line->at - y) <= EDGE_SLACK) {
            *ret_from = MIN(*ret_from, line->from);
            *ret_to = MAX(*ret_to, line->to);
        }
    }
}

/* A table whose sides are not drawn has one more column where both its first and its last line reach beyond
 * the outermost line down. */
static void add_open_sides(PdfTable *table, const GArray *horizontals, guint group) {
    if (table->xs->len < 1 || table->ys->len < 2)
        return;
    double upper_from, upper_to, lower_from, lower_to;
    reach_of(horizontals, group, g_array_index(table->ys, double, 0), &upper_from, &upper_to);
    reach_of(horizontals, group, g_array_index(table->ys, double, table->ys->len - 1), &lower_from,
             &lower_to);
    double first = g_array_index(table->xs, double, 0),
           last = g_array_index(table->xs, double, table->xs->len - 1);
    if (fabs(upper_from - lower_from) <= EDGE_SLACK && first - upper_from >= COLUMN_MEAN_MIN)
        g_array_prepend_val(table->xs, upper_from);
    if (fabs(upper_to - lower_to) <= EDGE_SLACK && upper_to - last >= COLUMN_MEAN_MIN)
        g_array_append_val(table->xs, upper_to);
}

/* A table of the lines of one group, or NULL if they enclose fewer than two cells. */
static PdfTable *make_table(const GArray *horizontals, const GArray *verticals, guint group) {
    PdfTable *table = g_new0(PdfTable, 1);
    table->ys = edges_of(horizontals, group);
    table->xs = edges_of(verticals, group);
    table->cells = g_array_new(FALSE, FALSE, sizeof(PdfCell));
    add_open_sides(table, horizontals, group);
    if (mean_gap(table->xs) >= COLUMN_MEAN_MIN && mean_gap(table->ys) >= ROW_MEAN_MIN) {
        Places places = {table, table->ys->len - 1, table->xs->len - 1, NULL, NULL};
        find_walls(&places, horizontals, verticals, group);
        fill_cells(&places);
        g_free(places.has_right);
        g_free(places.has_below);
    }
    if (table->cells->len >= 2)
        return table;
    table_free(table);
    return NULL;
}

GPtrArray *pdf_rules_find(PopplerPage *page, double width, double height) {
    GPtrArray *tables = g_ptr_array_new_with_free_func(table_free);
    double scale = MIN(SCALE, PIXELS_MAX / MAX(MAX(width, height), 1));
    guint w = (guint)(width * scale), h = (guint)(height * scale);
    if (w < 2 || h < 2)
        return tables;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)w, (int)h);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_scale(cairo, scale, scale);
    poppler_page_render(page, cairo);
    cairo_surface_flush(surface);
    if (cairo_status(cairo) == CAIRO_STATUS_SUCCESS) {
        Picture picture = {cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface), w,
                           h, scale};
        g_autoptr(GArray) horizontals = find_lines(&picture, true, HORIZONTAL_MIN);
        g_autoptr(GArray) verticals = find_lines(&picture, false, VERTICAL_MIN);
        group_lines(horizontals, verticals);
        g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
        for (guint i = 0; i < horizontals->len; i++) {
            guint group = g_array_index(horizontals, Line, i).group;
            PdfTable *table = g_hash_table_add(done, GUINT_TO_POINTER(group))
                                  ? make_table(horizontals, verticals, group)
                                  : NULL;
            if (table)
                g_ptr_array_add(tables, table);
        }
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return tables;
}

static int interval_of(const GArray *edges, double at) {
    if (at < g_array_index(edges, double, 0) || at >= g_array_index(edges, double, edges->len - 1))
        return -1;
    guint i = 0;
    while (g_array_index(edges, double, i + 1) <= at)
        i++;
    return (int)i;
}

int pdf_table_cell_at(const PdfTable *table, double x, double y) {
    int column = interval_of(table->xs, x), row = interval_of(table->ys, y);
    if (column < 0 || row < 0)
        return -1;
    return (int)table->cell_index[(gsize)row * (table->xs->len - 1) + (gsize)column];
}
