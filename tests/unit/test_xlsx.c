#include <locale.h>
#include <string.h>

#include "parsers/formats.h"
#include "parsers/limits.h"
#include "parsers/xlsx_format.h"
#include "tests/unit/ole_writer.h"
#include "tests/unit/zip_writer.h"

#define S   "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
#define A   "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\""
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static const char BOOK[] =
    "<workbook " S " xmlns:r=\"" REL "\"><sheets><sheet name=\"双周报\" sheetId=\"1\" r:id=\"b\"/>"
    "<sheet name=\"A&amp;B\" sheetId=\"2\" state=\"hidden\" r:id=\"a\"/></sheets></workbook>";
static const char RELATIONS[] =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    "<Relationship Id=\"a\" Type=\"" REL "/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"b\" Type=\"" REL "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>"
    "<Relationship Id=\"s\" Type=\"" REL "/sharedStrings\" Target=\"sharedStrings.xml\"/>"
    "<Relationship Id=\"t\" Type=\"" REL "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char STRINGS[] = "<sst " S "><si><t>单位</t></si><si><r><t>护理</t></r><r><t>学院</t></r><rPh "
                              "sb=\"0\" eb=\"1\"><t>huli</t></rPh></si></sst>";
static const char STYLES[] =
    "<styleSheet " S
    "><numFmts><numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>"
    "</numFmts><cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"
    "<xf numFmtId=\"176\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>";

static Document *read_styled(const char *visible, const char *hidden, const char *strings, const char *styles,
                             GPtrArray *problems) {
    g_autofree char *one = g_strconcat("<worksheet " S ">", hidden, "</worksheet>", NULL);
    g_autofree char *two = g_strconcat("<worksheet " S ">", visible, "</worksheet>", NULL);
    const ZipWriterEntry entries[] = {
        {"xl/workbook.xml", BOOK, sizeof BOOK - 1, 0, true, 0, 0},
        {"xl/_rels/workbook.xml.rels", RELATIONS, sizeof RELATIONS - 1, 0, true, 0, 0},
        {"xl/sharedStrings.xml", strings, strlen(strings), 0, true, 0, 0},
        {"xl/styles.xml", styles, strlen(styles), 0, true, 0, 0},
        {"xl/worksheets/sheet1.xml", one, strlen(one), 0, true, 0, 0},
        {"xl/worksheets/sheet2.xml", two, strlen(two), 0, true, 0, 0},
    };
    g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
    return xlsx_read(bytes, "a.xlsx", problems);
}

static Document *read_book(const char *visible, const char *hidden, GPtrArray *problems) {
    return read_styled(visible, hidden, STRINGS, STYLES, problems);
}

static void test_values(void) {
    static const char SHEET[] =
        "<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
        "<row r=\"2\"><c r=\"A2\"><v>1.3800001234E10</v></c><c r=\"B2\" s=\"1\"><v>42534</v></c>"
        "<c r=\"C2\" s=\"2\"><v>42534.395833333336</v></c>"
        "<c><v>0.95</v></c><c t=\"b\"><v>1</v></c><c "
        "t=\"inlineStr\"><is><t>in</t><rPh><t>x</t></rPh></is></c>"
        "<c t=\"str\"><f>A1</f><v>sum</v></c><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c></row>"
        "<row r=\"3\" hidden=\"1\"><c r=\"A3\"><v>7</v></c></row></sheetData><mergeCells>"
        "<mergeCell ref=\"A1:B1\"/><mergeCell ref=\"D1:E1\"/></mergeCells>";
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document =
        read_book(SHEET, "<sheetData><row><c><v>1</v></c></row></sheetData>", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==,
                    "单位\t护理学院\t\t\n13800001234\t2016-06-13\t2016-06-13T09:30:00\t0.95\tTRUE\tin\tsum\t#"
                    "DIV/0!\t\n7\t\n1\t\n");
    g_assert_cmpuint(document->blocks->len, ==, 3);
    const Block *sheet = g_ptr_array_index(document->blocks, 0),
                *row = g_ptr_array_index(document->blocks, 1),
                *hidden = g_ptr_array_index(document->blocks, 2);
    g_assert_cmpint(sheet->origin, ==, ORIGIN_BODY);
    g_assert_cmpstr(sheet->grid->name, ==, "双周报");
    g_assert_cmpuint(grid_cell_at(sheet->grid, 0, 1)->column_span, ==, 2);
    g_assert_cmpuint(grid_cell_at(sheet->grid, 0, 4)->column_span, ==, 2);
    g_assert_cmpint(row->origin, ==, ORIGIN_HIDDEN);
    g_assert_nonnull(grid_cell_at(row->grid, 2, 0));
    g_assert_cmpint(hidden->origin, ==, ORIGIN_HIDDEN);
    g_assert_cmpstr(hidden->grid->name, ==, "A&B");
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_losses(void) {
    const struct {
        const char *cells;
        ProblemCode code;
    } LOSSES[] = {{"<c r=\"A1\"><f>SUM(B1:B2)</f></c>", PROBLEM_LOSS},
                  {"<c r=\"A1\" t=\"s\"><v>99</v></c>", PROBLEM_LOSS},
                  {"<c r=\"A1\"><v>1", PROBLEM_DAMAGED}};
    for (guint i = 0; i < G_N_ELEMENTS(LOSSES); i++) {
        g_autofree char *sheet = g_strconcat("<sheetData><row>", LOSSES[i].cells, "</row></sheetData>", NULL);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = read_book(sheet, "", problems);
        g_assert_true(problem_list_has(problems, LOSSES[i].code));
    }
}

/* Struck cells and runs are kept, but hidden; runs of their own overrule the font of their cell. */
static void test_struck(void) {
    static const char SHEET[] =
        "<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>12</v></c><c r=\"B1\"><v>15</v></c></row><row "
        "r=\"2\">"
        "<c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" s=\"1\" t=\"s\"><v>0</v></c><c r=\"C2\" "
        "t=\"inlineStr\"><is><r>"
        "<rPr><strike "
        "val=\"0\"/></rPr><t>in</t></r><r><rPr><strike/></rPr><t>out</t></r></is></c></row></sheetData>";
    static const char STYLES_2[] =
        "<styleSheet " S
        "><fonts><font/><font><strike/></font></fonts><dxfs><dxf><font><strike/></font></dxf></dxfs>"
        "<cellXfs><xf fontId=\"0\"/><xf fontId=\"1\"/></cellXfs></styleSheet>";
    static const char STRINGS_2[] =
        "<sst " S "><si><r><rPr><strike/></rPr><t>7</t></r><r><t>8</t></r></si></sst>";
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_styled(SHEET, "", STRINGS_2, STYLES_2, problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "15\t\n8\t8\tin\t\n12\t\n7\n7\nout\n");
    static const BlockOrigin ORIGINS[] = {ORIGIN_BODY, ORIGIN_HIDDEN, ORIGIN_HIDDEN};
    g_assert_cmpuint(document->blocks->len, ==, G_N_ELEMENTS(ORIGINS));
    for (guint i = 0; i < G_N_ELEMENTS(ORIGINS); i++)
        g_assert_cmpint(((Block *)g_ptr_array_index(document->blocks, i))->origin, ==, ORIGINS[i]);
}

/* A struck text that many cells share counts in each. */
static void test_struck_limit(void) {
    enum { CELLS = 129 };
    g_autofree char *text = g_strnfill(LIMIT_TEXT_BYTES / (CELLS - 1), 'x');
    g_autofree char *strings =
        g_strconcat("<sst " S "><si><r><rPr><strike/></rPr><t>", text, "</t></r></si></sst>", NULL);
    g_autoptr(GString) sheet = g_string_new("<sheetData><row>");
    for (guint i = 0; i < CELLS; i++)
        g_string_append(sheet, "<c t=\"s\"><v>0</v></c>");
    g_string_append(sheet, "</row></sheetData>");
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_styled(sheet->str, "", strings, "<styleSheet " S "/>", problems);
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
    g_assert_cmpuint(document_text_length(document), ==, LIMIT_TEXT_BYTES);
}

/* A stray cell in the last corner and a merge over everything: bounded, and the form stays readable. */
static void test_sparse(void) {
    static const char SHEET[] = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c "
                                "r=\"XFD1048576\"><v>2</v></c></row>"
                                "</sheetData><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>";
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = read_book(SHEET, "", problems);
    const Grid *grid = ((Block *)g_ptr_array_index(document->blocks, 0))->grid;
    g_autofree const Cell **index = grid_index(grid);
    g_assert_nonnull(index);
    g_assert_cmpuint(grid->rows, ==, 2);
    GString *many = g_string_new("<sheetData><row>");
    for (guint i = 0; i < LIMIT_CELLS + 10; i++)
        g_string_append_printf(many, "<c r=\"A%u\"><v>%u</v></c>", i + 1, i * 7919);
    g_string_append(many, "</row></sheetData>");
    g_autoptr(Document) large = read_book(many->str, "", problems);
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
    g_string_free(many, TRUE);
}

static void test_formats(void) {
    const struct {
        const char *code;
        guint id;
        double value;
        bool is_1904;
        const char *text;
    } FORMATS[] = {
        {NULL, 0, 35, false, "35"},
        {NULL, 0, 0.1 + 0.2, false, "0.3"},
        {NULL, 0, 1e20, false, "1e+20"},
        {NULL, 9, 0.07, false, "7%"},
        {NULL, 10, 0.9512, false, "95.12%"},
        {NULL, 14, 42534, false, "2016-06-13"},
        {NULL, 14, 42534, true, "2020-06-14"},
        {NULL, 14, 1, false, "1900-01-01"},
        {NULL, 14, 61, false, "1900-03-01"},
        {NULL, 20, 0.395833333333333, false, "09:30"},
        {NULL, 31, 42534, false, "2016-06-13"},
        {NULL, 58, 42534, false, "2016-06-13"},
        {NULL, 22, 42534.9999999, false, "2016-06-14"},
        {"[$-804]yyyy\"年\"m\"月\"d\"日\";@", 0, 42534, false, "2016-06-13"},
        {"m/d", 0, 42534, false, "2016-06-13"},
        {"h:mm:ss AM/PM", 0, 0.5 + 1.0 / 86400, false, "12:00:01 PM"},
        {"m/d/yyyy h:mm am/pm", 0, 42534, false, "2016-06-13"},
        {"m/d/yyyy h:mm am/pm", 0, 42534.03125, false, "2016-06-13 12:45:00 AM"},
        {NULL, 18, 0.9375, false, "10:30 PM"},
        {"h:mm", 0, (6 * 3600 + 15 * 60 + 0.7) / 86400, false, "06:15"},
        {"h:mm:ss", 0, (6 * 3600 + 15 * 60 + 0.7) / 86400, false, "06:15:01"},
        {NULL, 19, (6 * 3600 + 15 * 60 + 0.7) / 86400, false, "06:15:01 AM"},
        {NULL, 14, 42534 + 59.7 / 86400, false, "2016-06-13T00:00:59"},
        {"[h]:mm", 0, 1.5, false, "36:00"},
        {"0\"条 d\"", 0, 35, false, "35"},
        {"[Red]0.00", 0, 1.5, false, "1.5"},
        {"00000000", 0, 1234, false, "00001234"},
        {"General", 0, 2.5, false, "2.5"},
        {"0.00E+00", 0, 13800001234.0, false, "13800001234"},
        {"yyyy-mm-dd", 0, -1, false, "-1"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        NumberFormat format =
            FORMATS[i].code ? xlsx_format_of_code(FORMATS[i].code) : xlsx_format_of_id(FORMATS[i].id);
        g_autofree char *text = xlsx_format_number(FORMATS[i].value, format, FORMATS[i].is_1904);
        g_assert_cmpstr(text, ==, FORMATS[i].text);
    }
}

/* Text boxes and comments are text, words of charts are kept; a chart may be a sheet of its own. */
static void test_drawings(void) {
    static const char BOOK_2[] = "<workbook " S " xmlns:r=\"" REL "\"><sheets><sheet name=\"s\" r:id=\"b\"/>"
                                 "<sheet name=\"c\" r:id=\"c\"/></sheets></workbook>";
    static const char RELATIONS_2[] = "<Relationships><Relationship Id=\"b\" Type=\"" REL
                                      "/worksheet\" Target=\"s.xml\"/><Relationship Id=\"c\" Type=\"" REL
                                      "/chartsheet\" Target=\"c.xml\"/></Relationships>";
    static const char SHEET[] =
        "<worksheet " S "><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>";
    static const char SHEET_RELATIONS[] = "<Relationships><Relationship Id=\"d\" Type=\"" REL
                                          "/drawing\" Target=\"d.xml\"/><Relationship Id=\"e\" Type=\"" REL
                                          "/comments\" Target=\"e.xml\"/></Relationships>";
    static const char CHART_SHEET[] = "<chartsheet " S "/>";
    static const char DRAWING[] = "<d " A "><a:p><a:r><a:t>box</a:t></a:r></a:p></d>";
    static const char DRAWING_RELATIONS[] =
        "<Relationships><Relationship Id=\"x\" Type=\"" REL "/chart\" Target=\"chart.xml\"/></Relationships>";
    static const char CHART[] = "<c " A "><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c>";
    static const char COMMENTS[] =
        "<comments " S "><commentList><comment ref=\"A1\"><text><r><t>re</t></r><r>"
        "<t>mark</t></r></text></comment></commentList></comments>";
#define PART(name, text)                                                                                     \
    { "xl/" name, text, sizeof text - 1, 0, true, 0, 0 }
    const ZipWriterEntry entries[] = {
        PART("workbook.xml", BOOK_2), PART("_rels/workbook.xml.rels", RELATIONS_2),
        PART("s.xml", SHEET),         PART("_rels/s.xml.rels", SHEET_RELATIONS),
        PART("c.xml", CHART_SHEET),   PART("_rels/c.xml.rels", SHEET_RELATIONS),
        PART("d.xml", DRAWING),       PART("_rels/d.xml.rels", DRAWING_RELATIONS),
        PART("chart.xml", CHART),     PART("e.xml", COMMENTS)};
    g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = xlsx_read(bytes, "a.xlsx", problems);
    g_autofree char *text = document_to_text(document);
    g_assert_cmpstr(text, ==, "1\t\nbox\nSales\nremark\nbox\nSales\nremark\n");
    static const BlockOrigin ORIGINS[] = {ORIGIN_BODY, ORIGIN_TEXT_BOX, ORIGIN_HIDDEN, ORIGIN_NOTE};
    for (guint i = 0; i < G_N_ELEMENTS(ORIGINS); i++)
        g_assert_cmpint(((Block *)g_ptr_array_index(document->blocks, i))->origin, ==, ORIGINS[i]);
    g_assert_cmpuint(problems->len, ==, 0);
}

/* A file that is embedded in a sheet is told; an equation is none. */
static void test_embedded(void) {
    static const char BOOK_2[] =
        "<workbook " S " xmlns:r=\"" REL "\"><sheets><sheet name=\"s\" r:id=\"b\"/></sheets></workbook>";
    static const char RELATIONS_2[] =
        "<Relationships><Relationship Id=\"b\" Type=\"" REL "/worksheet\" Target=\"s.xml\"/></Relationships>";
    static const char SHEET[] =
        "<worksheet " S "><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>";
    static const char SHEET_RELATIONS[] =
        "<Relationships><Relationship Id=\"o\" Type=\"" REL "/oleObject\" Target=\"o.bin\"/></Relationships>";
    static const guint32 CLASSES[] = {0x00020820, 0x0002CE02}; /* a sheet of Excel 97, an equation */
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
        g_autoptr(GBytes) object = ole_writer_write("Workbook", CLASSES[i], "x", 1);
        gsize length;
        const void *data = g_bytes_get_data(object, &length);
        const ZipWriterEntry entries[] = {PART("workbook.xml", BOOK_2),
                                          PART("_rels/workbook.xml.rels", RELATIONS_2),
                                          PART("s.xml", SHEET),
                                          PART("_rels/s.xml.rels", SHEET_RELATIONS),
                                          {"xl/o.bin", data, length, 0, true, 0, 0}};
        g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = xlsx_read(bytes, "a.xlsx", problems);
        g_assert_nonnull(document);
        g_assert_cmpint(problem_list_has(problems, PROBLEM_EMBEDDED), ==, i == 0);
        g_assert_cmpuint(problems->len, ==, i == 0);
    }
}

/* More charts than any report has are not read, and that is said. */
static void test_many_charts(void) {
    enum { CHARTS = 60, CHARTS_READ = 50 };
    static const char BOOK_2[] = "<workbook " S " xmlns:r=\"" REL "\"><sheets><sheet name=\"c\" r:id=\"c\"/>"
                                 "</sheets></workbook>";
    static const char RELATIONS_2[] = "<Relationships><Relationship Id=\"c\" Type=\"" REL
                                      "/chartsheet\" Target=\"c.xml\"/></Relationships>";
    static const char DRAWINGS[] =
        "<Relationships><Relationship Id=\"d\" Type=\"" REL "/drawing\" Target=\"d.xml\"/></Relationships>";
    static const char CHART[] = "<c " A "><a:p><a:r><a:t>x</a:t></a:r></a:p></c>";
    g_autoptr(GString) charts = g_string_new("<Relationships>");
    for (guint i = 0; i < CHARTS; i++)
        g_string_append(charts, "<Relationship Id=\"x\" Type=\"" REL "/chart\" Target=\"x.xml\"/>");
    g_string_append(charts, "</Relationships>");
    const ZipWriterEntry entries[] = {
        PART("workbook.xml", BOOK_2), PART("_rels/workbook.xml.rels", RELATIONS_2),
        PART("c.xml", "<c/>"),        PART("_rels/c.xml.rels", DRAWINGS),
        PART("d.xml", "<d/>"),        {"xl/_rels/d.xml.rels", charts->str, charts->len, 0, true, 0, 0},
        PART("x.xml", CHART)};
    g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = xlsx_read(bytes, "a.xlsx", problems);
    g_assert_cmpuint(document->blocks->len, ==, CHARTS_READ);
    g_assert_true(problem_list_has(problems, PROBLEM_LOSS));
}

/* A converter that does not know a name writes this formula; a person's own error is a value. */
static void test_unread_formula(void) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) fine = read_book(
        "<sheetData><row><c t=\"e\"><f>A1*#REF!</f><v>#REF!</v></c></row></sheetData>", "", problems);
    g_assert_nonnull(fine);
    g_assert_cmpuint(problems->len, ==, 0);
    g_autoptr(Document) lost = read_book(
        "<sheetData><row><c t=\"e\"><f>A1*#NAME!x</f><v>#VALUE!</v></c></row></sheetData>", "", problems);
    g_assert_nonnull(lost);
    g_assert_true(problem_list_has(problems, PROBLEM_LOSS));
}

/* What changes when the book is opened: formulas of their own, and of a group. */
static void test_volatile(void) {
    static const struct {
        const char *cells, *changes; /* NULL: nothing does */
        guint n;
    } BOOKS[] = {
        {"<c s=\"1\"><f>TODAY()</f><v>42534</v></c>", "2016-06-13", 1},
        {"<c><f t=\"shared\" ref=\"A1:B1\" si=\"4\">RAND()*2</f><v>1.5</v></c><c><f t=\"shared\" si=\"4\"/>"
         "<v>0.5</v></c><c><f t=\"shared\" si=\"5\"/><v>7</v></c>",
         "1.5", 2},
        {"<c t=\"str\"><f>\"TODAY()\"</f><v>TODAY()</v></c><c><f>SUM(A1)</f><v>3</v></c>", NULL, 0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(BOOKS); i++) {
        g_autofree char *sheet = g_strconcat("<sheetData><row>", BOOKS[i].cells, "</row></sheetData>", NULL);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(Document) document = read_book(sheet, "", problems);
        g_assert_cmpuint(document->volatile_texts ? document->volatile_texts->len : 0, ==, BOOKS[i].n);
        if (BOOKS[i].n)
            g_assert_cmpstr(g_ptr_array_index(document->volatile_texts, 0), ==, BOOKS[i].changes);
    }
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xlsx/values", test_values);
    g_test_add_func("/xlsx/losses", test_losses);
    g_test_add_func("/xlsx/struck", test_struck);
    g_test_add_func("/xlsx/struck_limit", test_struck_limit);
    g_test_add_func("/xlsx/sparse", test_sparse);
    g_test_add_func("/xlsx/drawings", test_drawings);
    g_test_add_func("/xlsx/embedded", test_embedded);
    g_test_add_func("/xlsx/many_charts", test_many_charts);
    g_test_add_func("/xlsx/unread_formula", test_unread_formula);
    g_test_add_func("/xlsx/formats", test_formats);
    g_test_add_func("/xlsx/volatile", test_volatile);
    return g_test_run();
}
