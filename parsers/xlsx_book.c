#include "parsers/xlsx_book.h"

#include <string.h>

#include "parsers/limits.h"
#include "parsers/xlsx_names.h"

/* Excel itself stops at 65,490 cell formats and has no more than a few hundred sheets in practice. */
#define FORMATS_MAX 65536u
#define SHEETS_MAX  1000u

static void sheet_free(gpointer data) {
    XlsxSheet *sheet = data;
    g_free(sheet->name);
    g_free(sheet->relation_id);
    g_free(sheet);
}

void xlsx_book_free(XlsxBook *book) {
    if (!book)
        return;
    g_ptr_array_unref(book->sheets);
    g_string_free(book->string_bytes, TRUE);
    g_array_unref(book->string_offsets);
    g_array_unref(book->formats);
    g_free(book);
}

static void ignore_end(void *user, int token) {
}

static void ignore_text(void *user, const char *text, gsize length) {
}

/* ---- workbook ---- */

static bool on_book_start(void *user, int token, const XmlAttributes *attributes) {
    XlsxBook *book = user;
    char value[16] = "";
    if (token == XLSX_PROPERTIES && xml_attribute(attributes, "date1904", value, sizeof value))
        book->is_1904 = xml_attribute_on(attributes, "date1904");
    if (token != XLSX_SHEET || book->sheets->len >= SHEETS_MAX)
        return true;
    XlsxSheet *sheet = g_new0(XlsxSheet, 1);
    sheet->name = xml_attribute_dup(attributes, "name");
    sheet->relation_id = xml_attribute_dup(attributes, "id");
    sheet->is_hidden =
        xml_attribute(attributes, "state", value, sizeof value) && strcmp(value, "visible") != 0;
    g_ptr_array_add(book->sheets, sheet);
    return true;
}

/* ---- shared strings ---- */

typedef struct {
    XlsxBook *book;
    bool is_in_text;
    guint phonetic; /* depth inside rPh: how to pronounce it, not what it says */
} StringReading;

static bool on_string_start(void *user, int token, const XmlAttributes *attributes) {
    StringReading *reading = user;
    XlsxBook *book = reading->book;
    if (token == XLSX_STRING)
        g_array_append_val(book->string_offsets, book->string_bytes->len);
    reading->phonetic += token == XLSX_PHONETIC;
    reading->is_in_text = token == XLSX_TEXT && !reading->phonetic;
    return true;
}

static void on_string_end(void *user, int token) {
    StringReading *reading = user;
    if (token == XLSX_STRING)
        g_string_append_c(reading->book->string_bytes, 0);
    reading->phonetic -= token == XLSX_PHONETIC;
    reading->is_in_text = false;
}

static void on_string_text(void *user, const char *text, gsize length) {
    StringReading *reading = user;
    if (reading->is_in_text)
        g_string_append_len(reading->book->string_bytes, text, (gssize)length);
}

const char *xlsx_book_string(const XlsxBook *book, gint64 index) {
    if (index < 0 || index >= (gint64)book->string_offsets->len)
        return NULL;
    return book->string_bytes->str + g_array_index(book->string_offsets, gsize, index);
}

/* ---- number formats ---- */

typedef struct {
    XlsxBook *book;
    GHashTable *codes; /* id → NumberFormat* */
    bool is_in_cell_formats;
} StyleReading;

static void read_format_code(StyleReading *reading, const XmlAttributes *attributes) {
    g_autofree char *code = xml_attribute_dup(attributes, "formatCode");
    gint64 id = xml_attribute_int(attributes, "numFmtId", 0, G_MAXINT32, -1);
    if (!code || id < 0)
        return;
    NumberFormat format = xlsx_format_of_code(code);
    g_hash_table_replace(reading->codes, GINT_TO_POINTER((int)id), g_memdup2(&format, sizeof format));
}

static bool on_style_start(void *user, int token, const XmlAttributes *attributes) {
    StyleReading *reading = user;
    if (token == XLSX_NUMBER_FORMAT) {
        read_format_code(reading, attributes);
    } else if (token == XLSX_CELL_FORMATS) {
        reading->is_in_cell_formats = true;
    } else if (token == XLSX_FORMAT && reading->is_in_cell_formats &&
               reading->book->formats->len < FORMATS_MAX) {
        gint64 id = xml_attribute_int(attributes, "numFmtId", 0, G_MAXINT32, 0);
        const NumberFormat *own = g_hash_table_lookup(reading->codes, GINT_TO_POINTER((int)id));
        NumberFormat format = own ? *own : xlsx_format_of_id((guint)id);
        g_array_append_val(reading->book->formats, format);
    }
    return true;
}

static void on_style_end(void *user, int token) {
    if (token == XLSX_CELL_FORMATS)
        ((StyleReading *)user)->is_in_cell_formats = false;
}

NumberFormat xlsx_book_format(const XlsxBook *book, gint64 style) {
    if (style < 0 || style >= (gint64)book->formats->len)
        return (NumberFormat){NUMBER_PLAIN, 0};
    return g_array_index(book->formats, NumberFormat, style);
}

XlsxBook *xlsx_book_read(Package *package, const char *part, const GPtrArray *relations) {
    XlsxBook *book = g_new0(XlsxBook, 1);
    book->sheets = g_ptr_array_new_with_free_func(sheet_free);
    book->string_bytes = g_string_new(NULL);
    book->string_offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
    book->formats = g_array_new(FALSE, FALSE, sizeof(NumberFormat));
    const XmlHandler book_handler = {&XLSX_GRAMMAR, on_book_start, ignore_end, ignore_text};
    package_read_xml(package, part, &book_handler, book);
    const char *strings = package_related(relations, "sharedStrings");
    StringReading string_reading = {book, false, 0};
    const XmlHandler string_handler = {&XLSX_GRAMMAR, on_string_start, on_string_end, on_string_text};
    if (strings)
        package_read_xml(package, strings, &string_handler, &string_reading);
    const char *styles = package_related(relations, "styles");
    g_autoptr(GHashTable) codes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    StyleReading style_reading = {book, codes, false};
    const XmlHandler style_handler = {&XLSX_GRAMMAR, on_style_start, on_style_end, ignore_text};
    if (styles)
        package_read_xml(package, styles, &style_handler, &style_reading);
    return book;
}
