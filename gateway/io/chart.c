#include "gateway/io/chart.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_escape.h"

#define SCALE          2 /* pixels of the PNG a CSS pixel: sharp on telephones */
#define PERIODS_HEIGHT 196
#define TRENDS_HEIGHT  132
#define TRENDS_MAX     3
#define GAP            14
#define LABEL_CHARS    24
#define FONT           "sans-serif"
#define SAMPLE         "青年之声应交未交镕 Aa 0123"

typedef struct {
    double red, green, blue;
} Ink;

static const Ink ink_text = {0.12, 0.16, 0.22}, ink_soft = {0.42, 0.46, 0.52}, ink_line = {0.88, 0.90, 0.93},
                 ink_good = {0.11, 0.31, 0.57};

typedef struct {
    cairo_surface_t *surface;
    cairo_t *cairo;
} Canvas;

/* ---- drawing
 * ----------------------------------------------------------------------------------------------------- */

static void set_ink(const Canvas *canvas, Ink ink) {
    cairo_set_source_rgb(canvas->cairo, ink.red, ink.green, ink.blue);
}

static Canvas canvas_new(int height) {
    Canvas canvas = {cairo_image_surface_create(CAIRO_FORMAT_RGB24, CHART_WIDTH * SCALE, height * SCALE),
                     NULL};
    canvas.cairo = cairo_create(canvas.surface);
    cairo_scale(canvas.cairo, SCALE, SCALE);
    cairo_set_source_rgb(canvas.cairo, 1, 1, 1);
    cairo_paint(canvas.cairo);
    return canvas;
}

static cairo_status_t append(void *bytes, const unsigned char *data, unsigned int length) {
    g_byte_array_append(bytes, data, length);
    return CAIRO_STATUS_SUCCESS;
}

/* Ends the canvas. */
static GBytes *canvas_png(Canvas *canvas, GError **error) {
    GByteArray *bytes = g_byte_array_new();
    cairo_status_t status = cairo_status(canvas->cairo);
    cairo_surface_flush(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(canvas->surface, append, bytes);
    cairo_destroy(canvas->cairo);
    cairo_surface_destroy(canvas->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        return g_byte_array_free_to_bytes(bytes);
    g_byte_array_unref(bytes);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "a chart cannot be drawn: %s",
                cairo_status_to_string(status));
    return NULL;
}

typedef enum { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT } Align;

static PangoLayout *layout_new(const Canvas *canvas, const char *text, int size, bool is_bold) {
    g_autofree char *clean = mustache_clean_line(text, LABEL_CHARS);
    PangoLayout *layout = pango_cairo_create_layout(canvas->cairo);
    PangoFontDescription *font = pango_font_description_from_string(FONT);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, clean, -1);
    return layout;
}

/* y is the top of the text; width 0: as wide as it is. Returns the width that it took. */
static double draw_text(const Canvas *canvas, double x, double y, double width, Align align, int size,
                        Ink ink, bool is_bold, const char *text) {
    PangoLayout *layout = layout_new(canvas, text, size, is_bold);
    int taken, height;
    if (width > 0) {
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_alignment(layout, align == ALIGN_CENTER  ? PANGO_ALIGN_CENTER
                                           : align == ALIGN_RIGHT ? PANGO_ALIGN_RIGHT
                                                                  : PANGO_ALIGN_LEFT);
    }
    set_ink(canvas, ink);
    cairo_move_to(canvas->cairo, x, y);
    pango_cairo_show_layout(canvas->cairo, layout);
    pango_layout_get_pixel_size(layout, &taken, &height);
    g_object_unref(layout);
    return taken;
}

static void draw_box(const Canvas *canvas, double x, double y, double width, double height, Ink ink) {
    set_ink(canvas, ink);
    cairo_rectangle(canvas->cairo, x, y, width, height);
    cairo_fill(canvas->cairo);
}

/* ---- received against expected
 * ----------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *zh, *en;
    Ink ink;
} Series;

static const Series series[] = {{"on_time", "按时", "on time", {0.11, 0.31, 0.57}},
                                {"late", "迟交", "late", {0.85, 0.54, 0.00}},
                                {"missing", "未交", "missing", {0.82, 0.36, 0.32}}};

static double number_of(const json_t *object, const char *name) {
    return json_number_value(json_object_get(object, name));
}

static void draw_legend(const Canvas *canvas, bool is_english) {
    double x = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(series); i++) {
        draw_box(canvas, x, 4, 10, 10, series[i].ink);
        x += 15;
        x += draw_text(canvas, x, 0, 0, ALIGN_LEFT, 15, ink_soft, false,
                       is_english ? series[i].en : series[i].zh) +
             GAP;
    }
}

/* One column, from its foot upwards; the figure stands in its part where there is room. */
static void draw_column(const Canvas *canvas, const json_t *period, double x, double width, double foot,
                        double unit) {
    for (gsize i = 0; i < G_N_ELEMENTS(series); i++) {
        double value = number_of(period, series[i].name), height = value * unit;
        if (height <= 0)
            continue;
        foot -= height;
        draw_box(canvas, x, foot, width, height, series[i].ink);
        g_autofree char *figure = g_strdup_printf("%.0f", value);
        if (height >= 15)
            draw_text(canvas, x, foot + height / 2 - 8, width, ALIGN_CENTER, 14, (Ink){1, 1, 1}, true,
                      figure);
    }
}

GBytes *chart_periods(const json_t *history, const char *language, GError **error) {
    const double top = 30, foot = PERIODS_HEIGHT - 24;
    bool is_english = g_strcmp0(language, "en") == 0;
    Canvas canvas = canvas_new(PERIODS_HEIGHT);
    gsize n = json_array_size(history), i, s;
    double largest = 1;
    json_t *period;
    json_array_foreach(history, i, period) {
        double sum = 0;
        for (s = 0; s < G_N_ELEMENTS(series); s++)
            sum += number_of(period, series[s].name);
        largest = fmax(largest, sum);
    }
    draw_legend(&canvas, is_english);
    draw_box(&canvas, 0, foot, CHART_WIDTH, 1, ink_line);
    double slot = (double)CHART_WIDTH / (double)MAX(n, 4), width = fmin(slot * 0.6, 64);
    json_array_foreach(history, i, period) {
        double x = (double)i * slot;
        bool is_last = i + 1 == n;
        draw_column(&canvas, period, x + (slot - width) / 2, width, foot, (foot - top) / largest);
        draw_text(&canvas, x, foot + 4, slot, ALIGN_CENTER, 15, is_last ? ink_text : ink_soft, is_last,
                  json_string_value(json_object_get(period, "label")));
    }
    return canvas_png(&canvas, error);
}

/* ---- trends
 * ------------------------------------------------------------------------------------------------------ */

static void find_range(const json_t *points, double *ret_low, double *ret_high) {
    gsize i;
    json_t *point;
    double low = 0, high = 0; /* from zero on: a small change must not look like a fall */
    json_array_foreach(points, i, point) {
        const json_t *value = json_object_get(point, "value");
        if (json_is_number(value)) {
            low = fmin(low, json_number_value(value));
            high = fmax(high, json_number_value(value));
        }
    }
    *ret_low = low;
    *ret_high = high > low ? high : 1;
}

static void draw_end(const Canvas *canvas, double x, double y, double left, double width,
                     const json_t *point) {
    g_autofree char *figure = g_strdup_printf("%.10g", number_of(point, "value"));
    set_ink(canvas, ink_good);
    cairo_arc(canvas->cairo, x, y, 4, 0, 2 * G_PI);
    cairo_fill(canvas->cairo);
    draw_text(canvas, left, 20, width, ALIGN_LEFT, 20, ink_text, true, figure);
}

/* A line through the known points; what nobody reported leaves a gap. */
static void draw_line(const Canvas *canvas, const json_t *points, double left, double width) {
    const double top = 56, foot = TRENDS_HEIGHT - 26;
    double low, high;
    gsize n = json_array_size(points), i;
    json_t *point, *last = NULL;
    bool is_open = false;
    double x = 0, y = 0, last_x = 0, last_y = 0;
    find_range(points, &low, &high);
    draw_box(canvas, left, foot + 3, width, 1, ink_line);
    set_ink(canvas, ink_good);
    cairo_set_line_width(canvas->cairo, 2);
    json_array_foreach(points, i, point) {
        const json_t *value = json_object_get(point, "value");
        if (!json_is_number(value)) {
            is_open = false;
            continue;
        }
        x = left + 4 + (width - 8) * (n > 1 ? (double)i / (double)(n - 1) : 1);
        y = foot - (foot - top) * (json_number_value(value) - low) / (high - low);
        if (is_open)
            cairo_line_to(canvas->cairo, x, y);
        else
            cairo_move_to(canvas->cairo, x, y);
        is_open = true;
        last = point;
        last_x = x;
        last_y = y;
    }
    cairo_stroke(canvas->cairo);
    if (last)
        draw_end(canvas, last_x, last_y, left, width, last);
    draw_text(canvas, left, foot + 7, width, ALIGN_LEFT, 14, ink_soft, false,
              json_string_value(json_object_get(json_array_get(points, 0), "label")));
    draw_text(canvas, left, foot + 7, width, ALIGN_RIGHT, 14, ink_soft, false,
              json_string_value(json_object_get(json_array_get(points, n - 1), "label")));
}

GBytes *chart_trends(const json_t *trends, GError **error) {
    Canvas canvas = canvas_new(TRENDS_HEIGHT);
    gsize n = MIN(json_array_size(trends), TRENDS_MAX);
    double slot = (double)(CHART_WIDTH + GAP * 2) / TRENDS_MAX, width = slot - GAP * 2;
    for (gsize i = 0; i < n; i++) {
        const json_t *trend = json_array_get(trends, i);
        double left = (double)i * slot;
        draw_text(&canvas, left, 0, width, ALIGN_LEFT, 15, ink_soft, false,
                  json_string_value(json_object_get(trend, "label")));
        draw_line(&canvas, json_object_get(trend, "points"), left, width);
    }
    return canvas_png(&canvas, error);
}

/* ---- fonts
 * ------------------------------------------------------------------------------------------------------- */

bool chart_font_works(char **ret_family) {
    Canvas canvas = canvas_new(1);
    PangoLayout *layout = layout_new(&canvas, SAMPLE, 13, false);
    bool works = pango_layout_get_unknown_glyphs_count(layout) == 0;
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
    if (works && ret_family && run) {
        PangoFontDescription *font = pango_font_describe(run->item->analysis.font);
        *ret_family = g_strdup(pango_font_description_get_family(font));
        pango_font_description_free(font);
    }
    pango_layout_iter_free(iter);
    g_object_unref(layout);
    cairo_destroy(canvas.cairo);
    cairo_surface_destroy(canvas.surface);
    return works;
}
