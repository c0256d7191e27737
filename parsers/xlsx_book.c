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
    g_hash_table_unref(book->rich);
    g_array_unref(book->formats);
    g_byte_array_unref(book->is_struck);
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
    bool is_rich;   /* a run says how it looks */
    bool is_struck; /* the run being read */
    GString *struck;
    guint phonetic; /* depth inside rPh: how to pronounce it, not what it says */
} StringReading;

static bool on_string_start(void *user, int token, const XmlAttributes *attributes) {
    StringReading *reading = user;
    XlsxBook *book = reading->book;
    if (token == XLSX_STRING)
        g_array_append_val(book->string_offsets, book->string_bytes->len);
    else if (token == XLSX_RUN_PROPERTIES)
        reading->is_rich = true;
    else if (token == XLSX_STRIKE)
        reading->is_struck = xml_attribute_on(attributes, "val");
    reading->phonetic += token == XLSX_PHONETIC;
    reading->is_in_text = token == XLSX_TEXT && !reading->phonetic;
    return true;
}

static void end_string(StringReading *reading) {
    XlsxBook *book = reading->book;
    g_string_append_c(book->string_bytes, 0);
    if (reading->is_rich)
        g_hash_table_insert(book->rich, GUINT_TO_POINTER(book->string_offsets->len - 1),
                            g_strdup(reading->struck->str));
    g_string_truncate(reading->struck, 0);
    reading->is_rich = false;
}

static void on_string_end(void *user, int token) {
    StringReading *reading = user;
    if (token == XLSX_STRING)
        end_string(reading);
    else if (token == XLSX_TEXT)
        reading->is_struck = false;
    reading->phonetic -= token == XLSX_PHONETIC;
    reading->is_in_text = false;
}

static void on_string_text(void *user, const char *text, gsize length) {
    StringReading *reading = user;
    if (reading->is_in_text)
        g_string_append_len(reading->is_struck ? reading->struck : reading->book->string_bytes, text,
                            (gssize)length);
}

const char *xlsx_book_string(const XlsxBook *book, gint64 index) {
    if (index < 0 || index >= (gint64)book->string_offsets->len)
        return NULL;
    return book->string_bytes->str + g_array_index(book->string_offsets, gsize, index);
}

const char *xlsx_book_struck_string(const XlsxBook *book, gint64 index) {
    return index < 0 || index > G_MAXUINT ? NULL
                                          : g_hash_table_lookup(book->rich, GUINT_TO_POINTER((guint)index));
}

/* ---- number formats and fonts ---- */

typedef struct {
    XlsxBook *book;
    GHashTable *codes;  /* id → NumberFormat* */
    GByteArray *struck; /* whether each font is */
    bool is_in_fonts, is_in_cell_formats;
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
    } else if (token == XLSX_FONTS) {
        reading->is_in_fonts = true;
    } else if (token == XLSX_FONT && reading->is_in_fonts && reading->struck->len < FORMATS_MAX) {
        g_byte_array_append(reading->struck, &(guint8){false}, 1);
    } else if (token == XLSX_STRIKE && reading->is_in_fonts && reading->struck->len) {
        reading->struck->data[reading->struck->len - 1] = xml_attribute_on(attributes, "val");
    } else if (token == XLSX_CELL_FORMATS) {
        reading->is_in_cell_formats = true;
    } else if (token == XLSX_FORMAT && reading->is_in_cell_formats &&
               reading->book->formats->len < FORMATS_MAX) {
        gint64 id = xml_attribute_int(attributes, "numFmtId", 0, G_MAXINT32, 0);
        const NumberFormat *own = g_hash_table_lookup(reading->codes, GINT_TO_POINTER((int)id));
        NumberFormat format = own ? *own : xlsx_format_of_id((guint)id);
        g_array_append_val(reading->book->formats, format);
        gint64 font = xml_attribute_int(attributes, "fontId", 0, FORMATS_MAX, FORMATS_MAX);
        guint8 is_struck = font < reading->struck->len && reading->struck->data[font];
        g_byte_array_append(reading->book->is_struck, &is_struck, 1);
    }
    return true;
}

static void on_style_end(void *user, int token) {
    if (token == XLSX_CELL_FORMATS)
        ((StyleReading *)user)->is_in_cell_formats = false;
    else if (token == XLSX_FONTS)
        ((StyleReading *)user)->is_in_fonts = false;
}

NumberFormat xlsx_book_format(const XlsxBook *book, gint64 style) {
    if (style < 0 || style >= (gint64)book->formats->len)
        return (NumberFormat){NUMBER_PLAIN, 0};
    return g_array_index(book->formats, NumberFormat, style);
}

bool xlsx_book_strikes(const XlsxBook *book, gint64 style) {
    return style >= 0 && style < (gint64)book->is_struck->len && book->is_struck->data[style];
}

XlsxBook *xlsx_book_read(Package *package, const char *part, const GPtrArray *relations) {
    XlsxBook *book = g_new0(XlsxBook, 1);
    book->sheets = g_ptr_array_new_with_free_func(sheet_free);
    book->string_bytes = g_string_new(NULL);
    book->string_offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
    book->rich = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    book->formats = g_array_new(FALSE, FALSE, sizeof(NumberFormat));
    book->is_struck = g_byte_array_new();
    const XmlHandler book_handler = {&XLSX_GRAMMAR, on_book_start, ignore_end, ignore_text};
    package_read_xml(package, part, &book_handler, book);
    const char *strings = package_related(relations, "sharedStrings");
    StringReading string_reading = {.book = book, .struck = g_string_new(NULL)};
    const XmlHandler string_handler = {&XLSX_GRAMMAR, on_string_start, on_string_end, on_string_text};
    if (strings)
        package_read_xml(package, strings, &string_handler, &string_reading);
    g_string_free(string_reading.struck, TRUE);
    const char *styles = package_related(relations, "styles");
    g_autoptr(GHashTable) codes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GByteArray) struck = g_byte_array_new();
    StyleReading style_reading = {.book = book, .codes = codes, .struck = struck};
    const XmlHandler style_handler = {&XLSX_GRAMMAR, on_style_start, on_style_end, ignore_text};
    if (styles)
        package_read_xml(package, styles, &style_handler, &style_reading);
    return book;
}
