/* The charts of a summary: what is drawn is checked where it can be measured, in the pixels. */
#include "gateway/io/chart.h"

#include <cairo.h>
#include <string.h>

/* fontconfig keeps what it has read; libraries of the system are not ours to free */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libfontconfig\n";
}

typedef struct {
    const guint8 *data;
    gsize length, at;
} Reader;

static cairo_status_t read_bytes(void *closure, unsigned char *data, unsigned int length) {
    Reader *reader = closure;
    if (reader->length - reader->at < length)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(data, reader->data + reader->at, length);
    reader->at += length;
    return CAIRO_STATUS_SUCCESS;
}

/* Pixels of a colour (0xRRGGBB). */
static guint count_pixels(GBytes *png, guint32 colour) {
    Reader reader = {.at = 0};
    reader.data = g_bytes_get_data(png, &reader.length);
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_bytes, &reader);
    g_assert_cmpint(cairo_surface_status(surface), ==, CAIRO_STATUS_SUCCESS);
    g_assert_cmpint(cairo_image_surface_get_width(surface), ==, 2 * CHART_WIDTH);
    guint count = 0;
    for (int y = 0; y < cairo_image_surface_get_height(surface); y++) {
        const guint32 *row = (const guint32 *)(void *)(cairo_image_surface_get_data(surface) +
                                                       y * cairo_image_surface_get_stride(surface));
        for (int x = 0; x < cairo_image_surface_get_width(surface); x++)
            count += (row[x] & 0xFFFFFF) == colour;
    }
    cairo_surface_destroy(surface);
    return count;
}

static json_t *period_of(const char *label, int on_time, int late, int missing) {
    return json_pack("{s:s, s:i, s:i, s:i}", "label", label, "on_time", on_time, "late", late, "missing",
                     missing);
}

#define COLOUR_ON_TIME 0x1C4F91

static guint on_time_pixels(int on_time, const char *label) {
    json_t *history =
        json_pack("[o, o]", period_of("6月13日", 10, 0, 0), period_of(label, on_time, 0, 10 - on_time));
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) png = chart_periods(history, "zh", &error);
    g_autoptr(GBytes) again = chart_periods(history, "zh", NULL);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(png, again));
    json_decref(history);
    return count_pixels(png, COLOUR_ON_TIME);
}

static void test_columns_grow(void) {
    guint full = on_time_pixels(10, "6月27日"), half = on_time_pixels(5, "6月27日"),
          none = on_time_pixels(0, "6月27日");
    g_assert_cmpuint(none, >, 1000);
    g_assert_cmpuint(full - none, >, 15 * (full - half) / 10); /* linear, but for the figures inside */
    g_assert_cmpuint(half, >, none);
}

static void test_hostile_labels(void) {
    g_autofree char *word = g_strnfill(10000, 'w');
    const char *labels[] = {word, "\u202e</svg>\x01", "𠮷镕😀", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        g_assert_cmpuint(on_time_pixels(10, labels[i]), >, 1000);
}

static void test_trends(void) {
    json_t *trends = json_pack("[{s:s, s:[{s:s, s:i}, {s:s, s:n}, {s:s, s:i}]}, {s:s, s:[]}]", "label",
                               "提问量", "points", "label", "a", "value", 3, "label", "b", "value", "label",
                               "c", "value", 5, "label", "空", "points");
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) png = chart_trends(trends, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(count_pixels(png, COLOUR_ON_TIME), >, 50); /* the point at the end */
    json_decref(trends);
}

static void test_font(void) {
    g_autofree char *family = NULL;
    g_assert_true(chart_font_works(&family));
    g_assert_nonnull(family);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chart/columns grow with their figures", test_columns_grow);
    g_test_add_func("/chart/hostile labels", test_hostile_labels);
    g_test_add_func("/chart/trends", test_trends);
    g_test_add_func("/chart/font", test_font);
    return g_test_run();
}
