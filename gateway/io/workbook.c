#include "gateway/io/workbook.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_escape.h"

#define CELL_CHARS_MAX  32000 /* Excel takes 32,767 UTF-16 units; rare characters count two */
#define WIDTH_MIN       8     /* characters */
#define WIDTH_MAX       42    /* wider text wraps */
#define WIDTH_FILTER    3     /* room for the filter's button */
#define WIDTH_ROWS      500   /* that a width is measured from */
#define PAGE_CHARS      170
#define HEADER_HEIGHT   22 /* points */
#define CHART_WIDTH_PX  760
#define CHART_HEIGHT_PX 320
#define SHEET_NAME_MAX  31

typedef struct {
    lxw_workbook *book;
    lxw_format *title, *head, *head_right, *text, *wrapped, *number, *decimal, *percent, *day, *time;
    lxw_format *good, *warn, *bad;
} Book;

/* ---- formats
 * ----------------------------------------------------------------------------------------------------- */

static lxw_format *format_new(lxw_workbook *book, const char *number_format) {
    lxw_format *format = workbook_add_format(book);
    format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    if (number_format)
        format_set_num_format(format, number_format);
    return format;
}

static lxw_format *tone_new(lxw_workbook *book, lxw_color_t ink, lxw_color_t ground) {
    lxw_format *format = format_new(book, NULL);
    format_set_font_color(format, ink);
    format_set_bg_color(format, ground);
    return format;
}

static lxw_format *head_new(lxw_workbook *book, enum lxw_format_alignments align) {
    lxw_format *format = tone_new(book, LXW_COLOR_WHITE, 0x1D4F91);
    format_set_bold(format);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    format_set_align(format, (uint8_t)align);
    return format;
}

static void make_formats(Book *book) {
    lxw_workbook *out = book->book;
    book->title = format_new(out, NULL);
    format_set_bold(book->title);
    format_set_font_size(book->title, 14);
    book->head = head_new(out, LXW_ALIGN_LEFT);
    book->head_right = head_new(out, LXW_ALIGN_RIGHT);
    book->text = format_new(out, NULL);
    book->wrapped = format_new(out, NULL);
    format_set_text_wrap(book->wrapped);
    book->number = format_new(out, "#,##0");
    book->decimal = format_new(out, "#,##0.##");
    book->percent = format_new(out, "0%");
    book->day = format_new(out, "yyyy-mm-dd");
    book->time = format_new(out, "yyyy-mm-dd hh:mm");
    format_set_align(book->day, LXW_ALIGN_LEFT);
    format_set_align(book->time, LXW_ALIGN_LEFT);
    book->good = tone_new(out, 0x17502F, 0xE8F5EC);
    book->warn = tone_new(out, 0x6B4300, 0xFFF4DF);
    book->bad = tone_new(out, 0x7A1F16, 0xFDEAEA);
}

/* ---- cells
 * ------------------------------------------------------------------------------------------------------- */

static char *clean_text(const char *text) {
    return mustache_clean_line(text, CELL_CHARS_MAX);
}

/* Columns that a text takes: Chinese characters two. */
static double text_width(const char *text) {
    double width = 0;
    for (const char *p = text; *p && width < 4 * WIDTH_MAX; p = g_utf8_next_char(p))
        width += g_unichar_iswide(g_utf8_get_char(p)) ? 2 : 1;
    return width;
}

static bool read_time(const char *text, bool with_time, lxw_datetime *ret_time) {
    int parts[5] = {0};
    static const char shape[] = "####-##-##T##:##";
    gsize length = strlen(text);
    if (length != (with_time ? strlen(shape) : 10))
        return false;
    for (gsize i = 0, part = 0; i < length; i++) {
        if (shape[i] != '#') {
            if (text[i] != shape[i])
                return false;
            part++;
        } else if (!g_ascii_isdigit(text[i])) {
            return false;
        } else {
            parts[part] = parts[part] * 10 + (text[i] - '0');
        }
    }
    *ret_time = (lxw_datetime){parts[0], parts[1], parts[2], parts[3], parts[4], 0};
    return parts[0] >= 1900; /* Excel knows no earlier day */
}

static lxw_format *tone_format(const Book *book, const char *tone) {
    return g_strcmp0(tone, "good") == 0   ? book->good
           : g_strcmp0(tone, "warn") == 0 ? book->warn
           : g_strcmp0(tone, "bad") == 0  ? book->bad
                                          : book->text;
}

static void write_cell(const Book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
                       const char *type, const json_t *value) {
    const char *text = json_string_value(json_is_object(value) ? json_object_get(value, "text") : value);
    lxw_datetime at;
    bool is_time = g_strcmp0(type, "time") == 0;
    if (json_is_number(value)) {
        double number = json_number_value(value);
        lxw_format *format = g_strcmp0(type, "percent") == 0 ? book->percent
                             : number == floor(number)       ? book->number
                                                             : book->decimal;
        worksheet_write_number(sheet, row, column, number, format);
    } else if (text && (is_time || g_strcmp0(type, "day") == 0) && read_time(text, is_time, &at)) {
        worksheet_write_datetime(sheet, row, column, &at, is_time ? book->time : book->day);
    } else if (text) {
        g_autofree char *clean = clean_text(text);
        lxw_format *format = json_is_object(value)
                                 ? tone_format(book, json_string_value(json_object_get(value, "tone")))
                             : text_width(clean) > WIDTH_MAX ? book->wrapped
                                                             : book->text;
        worksheet_write_string(sheet, row, column, clean, format);
    }
}

static double cell_width(const char *type, const json_t *value) {
    const char *text = json_string_value(json_is_object(value) ? json_object_get(value, "text") : value);
    return g_strcmp0(type, "time") == 0 ? 16 : g_strcmp0(type, "day") == 0 ? 11 : text ? text_width(text) : 9;
}

/* ---- sheets
 * ------------------------------------------------------------------------------------------------------ */

static double set_widths(lxw_worksheet *sheet, const json_t *columns, const json_t *rows) {
    double total = 0;
    gsize c, r;
    json_t *column, *row;
    json_array_foreach(columns, c, column) {
        const char *type = json_string_value(json_object_get(column, "type"));
        double width = text_width(json_string_value(json_object_get(column, "title"))) + WIDTH_FILTER;
        json_array_foreach(rows, r, row) {
            if (r == WIDTH_ROWS)
                break;
            const json_t *value = json_array_get(row, c);
            if (!json_is_null(value))
                width = MAX(width, cell_width(type, value) + 1);
        }
        width = CLAMP(width, WIDTH_MIN, WIDTH_MAX);
        worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c, width, NULL);
        total += width;
    }
    return total;
}

/* A page holds so many characters across before they become too small to read. */
static void set_print(lxw_worksheet *sheet, lxw_row_t head, double width) {
    worksheet_set_landscape(sheet);
    worksheet_set_paper(sheet, 9); /* A4 */
    worksheet_fit_to_pages(sheet, (uint16_t)(1 + width / PAGE_CHARS), 0);
    worksheet_repeat_rows(sheet, head, head);
    worksheet_repeat_columns(sheet, 0, 0);
    worksheet_set_footer(sheet, "&L&A&R&P / &N");
}

/* Stacked columns of every figure over the first column (days or due dates). */
static void add_chart(const Book *book, lxw_worksheet *sheet, const char *name, const json_t *json,
                      lxw_row_t head, bool is_stacked) {
    static const lxw_color_t inks[] = {0x1D4F91, 0xD98A00, 0xB3261E, 0x6B7684};
    const json_t *columns = json_object_get(json, "columns");
    lxw_row_t last = head + (lxw_row_t)json_array_size(json_object_get(json, "rows"));
    lxw_chart *chart = workbook_add_chart(book->book, is_stacked ? LXW_CHART_COLUMN_STACKED : LXW_CHART_LINE);
    gsize first = is_stacked ? 2 : 1, end = json_array_size(columns) - (is_stacked ? 0 : 1);
    for (gsize c = first; c < end && c - first < G_N_ELEMENTS(inks); c++) {
        lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
        chart_series_set_categories(series, name, head + 1, 0, last, 0);
        chart_series_set_values(series, name, head + 1, (lxw_col_t)c, last, (lxw_col_t)c);
        chart_series_set_name_range(series, name, head, (lxw_col_t)c);
        lxw_chart_fill fill = {.color = inks[c - first]};
        lxw_chart_line line = {.color = inks[c - first], .width = 2};
        if (is_stacked)
            chart_series_set_fill(series, &fill);
        else
            chart_series_set_line(series, &line);
    }
    chart_axis_set_num_format(chart->x_axis, "mm-dd");
    chart_legend_set_position(chart, LXW_CHART_LEGEND_BOTTOM);
    lxw_chart_options options = {.x_scale = CHART_WIDTH_PX / 480.0, .y_scale = CHART_HEIGHT_PX / 288.0};
    worksheet_insert_chart_opt(sheet, head, (lxw_col_t)(json_array_size(columns) + 1), chart, &options);
}

/* A name that Excel allows and that no other sheet has. */
static char *sheet_name(const Book *book, const char *title) {
    g_autofree char *clean = mustache_clean_line(title, SHEET_NAME_MAX - 4);
    g_strdelimit(clean, "[]:*?/\\'", ' ');
    g_strstrip(clean);
    char *name = *clean ? g_strdup(clean) : g_strdup("-");
    for (guint i = 2; workbook_get_worksheet_by_name(book->book, name); i++) {
        g_free(name);
        name = g_strdup_printf("%s %u", clean, i);
    }
    return name;
}

static void add_sheet(const Book *book, const json_t *json, const char *caption) {
    const char *key = json_string_value(json_object_get(json, "key"));
    g_autofree char *name = sheet_name(book, json_string_value(json_object_get(json, "title")));
    lxw_worksheet *sheet = workbook_add_worksheet(book->book, name);
    const json_t *columns = json_object_get(json, "columns"), *rows = json_object_get(json, "rows");
    gsize n_columns = json_array_size(columns), n_rows = json_array_size(rows), c, r;
    lxw_row_t head = caption ? 1 : 0;
    json_t *item, *row;
    if (!sheet || n_columns == 0)
        return;
    if (caption) {
        g_autofree char *clean = clean_text(caption);
        worksheet_write_string(sheet, 0, 0, clean, book->title);
        worksheet_set_row(sheet, 0, HEADER_HEIGHT, NULL);
    }
    worksheet_set_row(sheet, head, HEADER_HEIGHT, NULL);
    json_array_foreach(columns, c, item) {
        g_autofree char *title = clean_text(json_string_value(json_object_get(item, "title")));
        const char *type = json_string_value(json_object_get(item, "type"));
        bool is_figure = g_strcmp0(type, "number") == 0 || g_strcmp0(type, "percent") == 0;
        worksheet_write_string(sheet, head, (lxw_col_t)c, title, is_figure ? book->head_right : book->head);
    }
    json_array_foreach(rows, r, row)
        json_array_foreach(row, c, item)
            write_cell(book, sheet, head + 1 + (lxw_row_t)r, (lxw_col_t)c,
                       json_string_value(json_object_get(json_array_get(columns, c), "type")), item);
    double width = set_widths(sheet, columns, rows);
    worksheet_freeze_panes(sheet, head + 1, 1);
    if (n_rows > 0)
        worksheet_autofilter(sheet, head, 0, head + (lxw_row_t)n_rows, (lxw_col_t)(n_columns - 1));
    set_print(sheet, head, width);
    bool is_periods = g_strcmp0(key, "periods") == 0;
    if (n_rows > 1 && (is_periods || g_strcmp0(key, "daily") == 0))
        add_chart(book, sheet, name, json, head, is_periods);
}

/* ---- the whole
 * ---------------------------------------------------------------------------------------------------- */

static GBytes *read_all(int fd) {
    off_t size = lseek(fd, 0, SEEK_END);
    char *data = size > 0 ? g_malloc((gsize)size) : NULL;
    if (data && pread(fd, data, (size_t)size, 0) == size)
        return g_bytes_new_take(data, (gsize)size);
    g_free(data);
    return NULL;
}

/* libxlsxwriter 1.1 writes to a name only: one that leads to memory. */
GBytes *workbook_render(const json_t *sheets, const char *title, gint64 created_s, const char *scratch_dir,
                        GError **error) {
    int fd = memfd_create("workbook", MFD_CLOEXEC);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *clean = clean_text(title);
    lxw_workbook_options options = {.tmpdir = (char *)scratch_dir};
    Book book = {.book = fd >= 0 ? workbook_new_opt(path, &options) : NULL};
    GBytes *bytes = NULL;
    lxw_error code = LXW_ERROR_MEMORY_MALLOC_FAILED;
    if (book.book) {
        lxw_doc_properties properties = {.title = clean, .created = (time_t)created_s};
        gsize i;
        json_t *sheet;
        workbook_set_properties(book.book, &properties);
        make_formats(&book);
        json_array_foreach(sheets, i, sheet)
            add_sheet(&book, sheet, i == 0 ? title : NULL);
        code = workbook_close(book.book);
        bytes = code == LXW_NO_ERROR ? read_all(fd) : NULL;
    }
    if (!bytes)
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "the workbook cannot be written: %s",
                    lxw_strerror(code));
    if (fd >= 0)
        close(fd);
    return bytes;
}

/* ---- CSV
 * ---------------------------------------------------------------------------------------------------------
 */

/* Signs that begin a formula, after white space, ASCII and full width. */
static bool looks_like_formula(const char *text) {
    while (g_unichar_isspace(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    gunichar first = g_utf8_get_char(text);
    return first && (first == '=' || first == '+' || first == '-' || first == '@' || first == 0xFF1D ||
                     first == 0xFF0B || first == 0xFF0D || first == 0xFF20);
}

static void append_csv(GString *csv, const char *text) {
    g_autofree char *clean = mustache_clean_line(text, 0);
    g_string_append_c(csv, '"');
    if (looks_like_formula(clean))
        g_string_append_c(csv, '\'');
    for (const char *p = clean; *p; p++) {
        if (*p == '"')
            g_string_append_c(csv, '"');
        g_string_append_c(csv, *p);
    }
    g_string_append_c(csv, '"');
}

static void append_csv_value(GString *csv, const json_t *value) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    const char *text = json_string_value(json_is_object(value) ? json_object_get(value, "text") : value);
    if (json_is_number(value))
        g_string_append(csv, g_ascii_formatd(buffer, sizeof buffer, "%.10g", json_number_value(value)));
    else if (text)
        append_csv(csv, text);
}

char *workbook_csv(const json_t *sheet) {
    GString *csv = g_string_new("\xEF\xBB\xBF");
    gsize r, c;
    json_t *row, *item;
    json_array_foreach(json_object_get(sheet, "columns"), c, item) {
        if (c)
            g_string_append_c(csv, ',');
        append_csv(csv, json_string_value(json_object_get(item, "title")));
    }
    g_string_append(csv, "\r\n");
    json_array_foreach(json_object_get(sheet, "rows"), r, row) {
        json_array_foreach(row, c, item) {
            if (c)
                g_string_append_c(csv, ',');
            append_csv_value(csv, item);
        }
        g_string_append(csv, "\r\n");
    }
    return g_string_free(csv, FALSE);
}
