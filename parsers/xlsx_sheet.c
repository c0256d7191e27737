#include "parsers/xlsx_sheet.h"

#include <string.h>

#include "parsers/limits.h"
#include "parsers/volatile.h"
#include "parsers/xlsx_names.h"

/* The size of a sheet in Excel. */
#define ROWS_MAX    1048576
#define COLUMNS_MAX 16384
/* Merges beyond this are not those of a form. */
#define MERGES_MAX 20000u

typedef struct {
    guint row, column;
    guint row_span, column_span;
    char *text;
    bool is_hidden;
} SheetCell;

typedef struct {
    guint first_row, first_column, last_row, last_column;
} Merge;

typedef enum {
    CELL_NUMBER,
    CELL_SHARED,
    CELL_INLINE,
    CELL_STRING,
    CELL_BOOLEAN,
    CELL_ERROR,
    CELL_DATE
} CellType;

typedef struct {
    XlsxContext *context;
    GPtrArray *cells; /* SheetCell*, in file order */
    GArray *merges;
    gint64 row, column; /* of the cell being read, from 0 */
    bool is_row_hidden;
    /* the cell being read */
    CellType type;
    gint64 style;
    bool is_in_value, is_in_inline, is_in_formula, has_formula, has_value;
    bool is_unread;              /* the formula names something that a converter could not read */
    bool is_volatile;            /* its result changes when the file is opened */
    gint64 shared;               /* group of cells with one formula, which stands in the first; -1: none */
    GHashTable *volatile_groups; /* of those, as keys; NULL: none yet */
    guint phonetic;
    GString *value;
    bool is_rich, is_run_struck; /* of the text in the cell itself */
    GString *struck;             /* struck runs of all cells, a line each */
} Reading;

static void sheet_cell_free(gpointer data) {
    g_free(((SheetCell *)data)->text);
    g_free(data);
}

/* "B12" → row 11, column 1; what stands before is kept where a half is missing. Returns the end. */
static const char *parse_reference(const char *at, gint64 *row, gint64 *column) {
    gint64 letters = 0, digits = 0;
    while (*at == '$')
        at++;
    for (; g_ascii_isalpha(*at) && letters <= COLUMNS_MAX; at++)
        letters = letters * 26 + (g_ascii_toupper(*at) - 'A' + 1);
    while (*at == '$')
        at++;
    for (; g_ascii_isdigit(*at) && digits <= ROWS_MAX; at++)
        digits = digits * 10 + (*at - '0');
    if (letters >= 1 && letters <= COLUMNS_MAX)
        *column = letters - 1;
    if (digits >= 1 && digits <= ROWS_MAX)
        *row = digits - 1;
    return at;
}

/* ---- events ---- */

static CellType type_of(const XmlAttributes *attributes) {
    static const struct {
        const char *name;
        CellType type;
    } TYPES[] = {{"s", CELL_SHARED},  {"inlineStr", CELL_INLINE}, {"str", CELL_STRING},
                 {"b", CELL_BOOLEAN}, {"e", CELL_ERROR},          {"d", CELL_DATE}};
    char name[12] = "";
    xml_attribute(attributes, "t", name, sizeof name);
    for (guint i = 0; i < G_N_ELEMENTS(TYPES); i++)
        if (strcmp(name, TYPES[i].name) == 0)
            return TYPES[i].type;
    return CELL_NUMBER;
}

static void start_row(Reading *reading, const XmlAttributes *attributes) {
    char hidden[8];
    reading->row = xml_attribute_int(attributes, "r", 1, ROWS_MAX, reading->row + 2) - 1;
    reading->column = -1;
    reading->is_row_hidden =
        xml_attribute(attributes, "hidden", hidden, sizeof hidden) && xml_attribute_on(attributes, "hidden");
}

static void start_cell(Reading *reading, const XmlAttributes *attributes) {
    char reference[16] = "";
    reading->column++;
    if (xml_attribute(attributes, "r", reference, sizeof reference))
        parse_reference(reference, &reading->row, &reading->column);
    reading->type = type_of(attributes);
    reading->style = xml_attribute_int(attributes, "s", 0, G_MAXINT32, 0);
    reading->has_formula = reading->has_value = reading->is_unread = reading->is_volatile = false;
    reading->is_rich = reading->is_run_struck = false;
    g_string_truncate(reading->value, 0);
}

static void add_merge(Reading *reading, const XmlAttributes *attributes) {
    char reference[40] = "";
    gint64 rows[2] = {-1, -1}, columns[2] = {-1, -1};
    xml_attribute(attributes, "ref", reference, sizeof reference);
    const char *at = parse_reference(reference, &rows[0], &columns[0]);
    if (*at == ':')
        parse_reference(at + 1, &rows[1], &columns[1]);
    if (rows[0] < 0 || columns[0] < 0 || rows[1] < rows[0] || columns[1] < columns[0] ||
        reading->merges->len >= MERGES_MAX)
        return;
    Merge merge = {(guint)rows[0], (guint)columns[0], (guint)rows[1], (guint)columns[1]};
    g_array_append_val(reading->merges, merge);
}

/* What LibreOffice writes into a formula for a name that it does not know; Excel has #NAME? there. */
static bool has_unread_name(const char *formula, gsize length) {
    return memmem(formula, length, "#NAME!", strlen("#NAME!")) != NULL;
}

static void start_formula(Reading *reading, const XmlAttributes *attributes) {
    reading->has_formula = true;
    reading->shared = xml_attribute_int(attributes, "si", 0, G_MAXINT32, -1);
    reading->is_volatile =
        reading->shared >= 0 && reading->volatile_groups &&
        g_hash_table_contains(reading->volatile_groups, GINT_TO_POINTER((int)reading->shared));
}

static void take_formula(Reading *reading, const char *text, gsize length) {
    if (reading->type == CELL_ERROR)
        reading->is_unread |= has_unread_name(text, length);
    if (reading->is_volatile || !volatile_is_formula(text, length))
        return;
    reading->is_volatile = true;
    if (reading->shared < 0)
        return;
    if (!reading->volatile_groups)
        reading->volatile_groups = g_hash_table_new(NULL, NULL);
    g_hash_table_add(reading->volatile_groups, GINT_TO_POINTER((int)reading->shared));
}

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Reading *reading = user;
    if (token == XLSX_ROW)
        start_row(reading, attributes);
    else if (token == XLSX_CELL)
        start_cell(reading, attributes);
    else if (token == XLSX_MERGE)
        add_merge(reading, attributes);
    else if (token == XLSX_FORMULA)
        start_formula(reading, attributes);
    else if (token == XLSX_INLINE)
        reading->is_in_inline = true;
    else if (token == XLSX_PHONETIC)
        reading->phonetic++;
    else if (token == XLSX_RUN_PROPERTIES)
        reading->is_rich = true;
    else if (token == XLSX_STRIKE)
        reading->is_run_struck = xml_attribute_on(attributes, "val");
    reading->is_in_value =
        token == XLSX_VALUE || (token == XLSX_TEXT && reading->is_in_inline && !reading->phonetic);
    reading->has_value |= reading->is_in_value;
    reading->is_in_formula = token == XLSX_FORMULA;
    return !reading->context->is_over_limit;
}

/* Counts at once, for the value that it stands in may be given up. */
static void keep_struck(Reading *reading, const char *text, gsize length) {
    XlsxContext *context = reading->context;
    if (context->text_bytes + length > LIMIT_TEXT_BYTES) {
        context->is_over_limit = true;
        return;
    }
    context->text_bytes += length;
    g_string_append_len(reading->struck, text, (gssize)length);
}

static void on_text(void *user, const char *text, gsize length) {
    Reading *reading = user;
    if (reading->is_in_formula)
        take_formula(reading, text, length);
    if (!reading->is_in_value)
        return;
    if (reading->is_run_struck)
        keep_struck(reading, text, length);
    else if (reading->value->len + length <= LIMIT_TEXT_BYTES)
        g_string_append_len(reading->value, text, (gssize)length);
}

/* ---- values ---- */

static char *number_text(const Reading *reading, const char *stored) {
    char *end;
    double value = g_ascii_strtod(stored, &end);
    if (end == stored || *end)
        return g_strdup(stored);
    return xlsx_format_number(value, xlsx_book_format(reading->context->book, reading->style),
                              reading->context->book->is_1904);
}

static char *shared_text(Reading *reading, const char *stored) {
    gint64 index = -1;
    g_ascii_string_to_signed(stored, 10, 0, G_MAXINT32, &index, NULL);
    const char *shared = xlsx_book_string(reading->context->book, index);
    reading->context->has_loss |= !shared;
    const char *struck = xlsx_book_struck_string(reading->context->book, index);
    reading->is_rich = struck != NULL;
    if (struck)
        keep_struck(reading, struck, strlen(struck));
    return g_strdup(shared);
}

static char *cell_text(Reading *reading) {
    char *stored = reading->type == CELL_INLINE || reading->type == CELL_STRING
                       ? reading->value->str
                       : g_strstrip(reading->value->str);
    if (!*stored)
        return NULL;
    switch (reading->type) {
    case CELL_SHARED:
        return shared_text(reading, stored);
    case CELL_BOOLEAN:
        return g_strdup(strcmp(stored, "0") == 0 ? "FALSE" : "TRUE");
    case CELL_NUMBER:
        return number_text(reading, stored);
    default:
        return g_strdup(stored);
    }
}

static void end_cell(Reading *reading) {
    XlsxContext *context = reading->context;
    /* a formula whose result nobody stored, or which a converter could not work out: what the author saw is
     * not in the file */
    context->has_loss |= reading->has_formula && (!reading->has_value || reading->is_unread);
    g_autofree char *text = cell_text(reading);
    if (reading->struck->len && reading->struck->str[reading->struck->len - 1] != '\n')
        g_string_append_c(reading->struck, '\n');
    if (!text || !*text || reading->row < 0)
        return;
    gsize length = strlen(text);
    if (context->cells >= LIMIT_CELLS || context->text_bytes + length > LIMIT_TEXT_BYTES) {
        context->is_over_limit = true;
        return;
    }
    context->cells++;
    context->text_bytes += length;
    if (reading->is_volatile)
        document_note_volatile(context->document, text);
    SheetCell *cell = g_new0(SheetCell, 1);
    *cell = (SheetCell){(guint)reading->row,
                        (guint)reading->column,
                        1,
                        1,
                        g_steal_pointer(&text),
                        reading->is_row_hidden ||
                            (!reading->is_rich && xlsx_book_strikes(context->book, reading->style))};
    g_ptr_array_add(reading->cells, cell);
}

static void on_end(void *user, int token) {
    Reading *reading = user;
    reading->is_in_value = reading->is_in_formula = false;
    if (token == XLSX_CELL)
        end_cell(reading);
    else if (token == XLSX_INLINE)
        reading->is_in_inline = false;
    else if (token == XLSX_PHONETIC)
        reading->phonetic--;
    else if (token == XLSX_TEXT)
        reading->is_run_struck = false;
}

/* ---- grids ---- */

static int compare_places(gconstpointer a, gconstpointer b) {
    const SheetCell *one = *(const SheetCell *const *)a, *other = *(const SheetCell *const *)b;
    if (one->row != other->row)
        return one->row < other->row ? -1 : 1;
    return one->column < other->column ? -1 : one->column > other->column;
}

static SheetCell *cell_at(const GPtrArray *cells, guint row, guint column) {
    guint low = 0, high = cells->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        SheetCell *cell = g_ptr_array_index(cells, middle);
        if (cell->row == row && cell->column == column)
            return cell;
        if (cell->row < row || (cell->row == row && cell->column < column))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Spans go to the cell in the first place; an empty merged cell becomes a cell too, because it is where a
 * value belongs. */
static void apply_merges(Reading *reading, guint last_row) {
    guint n_sorted = reading->cells->len;
    g_autoptr(GPtrArray) blank = g_ptr_array_new();
    for (guint i = 0; i < reading->merges->len; i++) {
        const Merge *merge = &g_array_index(reading->merges, Merge, i);
        SheetCell *cell = n_sorted ? cell_at(reading->cells, merge->first_row, merge->first_column) : NULL;
        if (!cell && merge->first_row <= last_row && reading->context->cells < LIMIT_CELLS) {
            cell = g_new0(SheetCell, 1);
            *cell = (SheetCell){merge->first_row, merge->first_column, 1, 1, g_strdup(""), false};
            reading->context->cells++;
            g_ptr_array_add(blank, cell);
        }
        if (!cell)
            continue;
        cell->row_span = merge->last_row - merge->first_row + 1;
        cell->column_span = merge->last_column - merge->first_column + 1;
    }
    for (guint i = 0; i < blank->len; i++)
        g_ptr_array_add(reading->cells, g_ptr_array_index(blank, i));
    g_ptr_array_sort(reading->cells, compare_places);
}

static bool is_too_sparse(const GPtrArray *cells) {
    guint rows = 0, columns = 0;
    for (guint i = 0; i < cells->len; i++) {
        const SheetCell *cell = g_ptr_array_index(cells, i);
        rows = MAX(rows, cell->row + 1);
        columns = MAX(columns, cell->column + 1);
    }
    return (gsize)rows * columns > LIMIT_GRID_PLACES;
}

static void add_grid(const Reading *reading, BlockOrigin origin, bool is_hidden, const char *name) {
    Grid *grid = NULL;
    bool is_sparse = is_too_sparse(reading->cells);
    guint row = 0, previous_row = 0;
    for (guint i = 0; i < reading->cells->len; i++) {
        const SheetCell *cell = g_ptr_array_index(reading->cells, i);
        if (cell->is_hidden != is_hidden)
            continue;
        if (!is_sparse)
            row = cell->row;
        else if (grid && cell->row != previous_row)
            row++;
        previous_row = cell->row;
        if (!grid)
            grid = document_add_grid(reading->context->document, origin, name);
        grid_add_cell(grid, row, cell->column, cell->row_span, cell->column_span, cell->text);
    }
}

void xlsx_sheet_read(XlsxContext *context, const XlsxSheet *sheet, const char *part) {
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(sheet_cell_free);
    g_autoptr(GArray) merges = g_array_new(FALSE, FALSE, sizeof(Merge));
    Reading reading = {.context = context,
                       .cells = cells,
                       .merges = merges,
                       .row = -1,
                       .column = -1,
                       .value = g_string_new(NULL),
                       .struck = g_string_new(NULL)};
    const XmlHandler handler = {&XLSX_GRAMMAR, on_start, on_end, on_text};
    package_read_xml(context->package, part, &handler, &reading);
    g_string_free(reading.value, TRUE);
    g_clear_pointer(&reading.volatile_groups, g_hash_table_unref);
    g_ptr_array_sort(cells, compare_places);
    if (cells->len) {
        const SheetCell *last = g_ptr_array_index(cells, cells->len - 1);
        apply_merges(&reading, last->row);
    }
    add_grid(&reading, sheet->is_hidden ? ORIGIN_HIDDEN : ORIGIN_BODY, false, sheet->name);
    add_grid(&reading, ORIGIN_HIDDEN, true, sheet->name);
    g_strchomp(reading.struck->str);
    if (*reading.struck->str)
        document_add_paragraph(context->document, ORIGIN_HIDDEN, reading.struck->str);
    g_string_free(reading.struck, TRUE);
}
