/* PDF by poppler: characters with their places; those inside tables, ruled or set in columns, become grids,
 * the rest paragraphs in poppler's order. A page without text that is mostly picture is a scan. */
#include <poppler.h>
#include <string.h>

#include "parsers/formats.h"
#include "parsers/limits.h"
#include "parsers/pdf_bidi.h"
#include "parsers/pdf_cell.h"
#include "parsers/pdf_columns.h"
#include "parsers/pdf_fields.h"
#include "parsers/pdf_rules.h"
#include "parsers/pdf_tail.h"

#define PAGES_MAX 200
/* Drawing a page costs some 30 ms: no form has its tables behind this many. */
#define DRAWN_PAGES_MAX 30
/* Share of a page at its top and its bottom where running titles and page numbers stand. */
#define MARGIN_SHARE 0.1
/* Share of a character's height beyond which the next one is not beside it. */
#define FAR_SHARE 0.8
/* Share of an em beyond which it may be another column's; a typewriter's space is 0.6. */
#define PIECE_GAP_SHARE 0.8
/* Boxes of one font and size differ in height by less than this share. */
#define SAME_FONT_SHARE 0.05
/* Words put together in a page: each looks at all lines. */
#define BROKEN_WORDS_MAX 500u
/* A page with less text than this is judged by its pictures. */
#define SCAN_TEXT_MAX 10u
/* … which make it a scan where they cover so much of it. */
#define SCAN_AREA_MIN 0.4

typedef struct {
    Document *document;
    gsize text_bytes, seen, dropped;
    guint cells, scans;
    guint unsure; /* ligatures that may stand the wrong way round */
    bool is_over_limit;
    PdfTail tail;
} Reading;

/* ---- tables ---- */

static PdfCellText **new_cells(const PdfTable *table) {
    PdfCellText **cells = g_new0(PdfCellText *, table->cells->len);
    for (guint i = 0; i < table->cells->len; i++) {
        const PdfCell *place = &g_array_index(table->cells, PdfCell, i);
        cells[i] = pdf_cell_new(g_array_index(table->xs, double, place->column),
                                g_array_index(table->xs, double, place->column + place->column_span));
    }
    return cells;
}

/* Adds rows that go on from the page before; the header that is repeated above them is dropped. Returns the
 * number of rows of the grid that stand above row 0 of table. */
static gint64 go_on(Reading *reading, const PdfTable *table, char **texts, guint n_header, bool is_cut_row) {
    Grid *grid = reading->tail.grid;
    for (guint i = 0; i < table->cells->len; i++) {
        const PdfCell *place = &g_array_index(table->cells, PdfCell, i);
        if (place->row < n_header)
            reading->dropped += document_visible_length(texts[i]);
        if (!is_cut_row || place->row != n_header || !*texts[i])
            continue;
        Cell *above = (Cell *)grid_cell_at(grid, grid->rows - 1, place->column);
        if (!above) { /* it was beyond a limit */
            reading->dropped += document_visible_length(texts[i]);
            continue;
        }
        char *joined = pdf_cell_join(above->text, texts[i]);
        g_free(above->text);
        above->text = joined;
    }
    return (gint64)grid->rows - n_header - is_cut_row;
}

static Grid *add_grid(Reading *reading, guint page) {
    const GPtrArray *blocks = reading->document->blocks;
    Grid *grid = document_add_grid(reading->document, ORIGIN_BODY, NULL);
    ((Block *)g_ptr_array_index(blocks, blocks->len - 1))->page = page;
    return grid;
}

static void add_cell(Reading *reading, Grid *grid, PdfCell place, const char *text) {
    bool is_kept = reading->cells++ < LIMIT_CELLS &&
                   grid_add_cell(grid, place.row, place.column, place.row_span, place.column_span, text);
    reading->is_over_limit |= !is_kept;
    reading->dropped += is_kept ? 0 : document_visible_length(text);
}

static void add_table(Reading *reading, const PdfTable *table, PdfCellText **cells, guint page) {
    bool goes_on = pdf_tail_goes_on(&reading->tail, table, page);
    PdfTail tail = {0};
    pdf_tail_set(&tail, NULL, table, cells, page);
    g_auto(GStrv) texts = g_new0(char *, table->cells->len + 1);
    /* whether a row was cut is seen before its texts are finished, by the header's length only afterwards */
    bool is_cut[PDF_HEADER_ROWS_MAX + 1] = {false};
    for (guint row = 0; goes_on && row <= PDF_HEADER_ROWS_MAX; row++)
        is_cut[row] = pdf_tail_is_cut_row(&reading->tail, table, cells, row);
    for (guint i = 0; i < table->cells->len; i++)
        texts[i] = pdf_cell_finish(cells[i]);
    g_free(cells);
    guint n_header = goes_on ? pdf_tail_header_rows(&reading->tail, table, texts) : 0;
    gint64 above = goes_on ? go_on(reading, table, texts, n_header, is_cut[n_header]) : 0;
    Grid *grid = goes_on ? reading->tail.grid : add_grid(reading, page);
    for (guint i = 0; i < table->cells->len; i++) {
        PdfCell place = g_array_index(table->cells, PdfCell, i);
        if (place.row < n_header + (goes_on && is_cut[n_header]))
            continue;
        place.row = (guint)(place.row + above);
        add_cell(reading, grid, place, texts[i]);
    }
    pdf_tail_clear(&reading->tail);
    reading->tail = tail;
    reading->tail.grid = grid;
}

/* ---- pages ---- */

typedef struct {
    Reading *reading;
    GPtrArray *tables;    /* PdfTable* */
    PdfCellText ***cells; /* for each table its texts, or NULL once it stands in the document */
    int *order;           /* tables in the order in which their text begins */
    guint n_order;
    GArray *lines;        /* PdfLine: text outside of tables */
    GPtrArray *columns;   /* PdfColumns*: tables without rules that are not yet in the document */
    GPtrArray *fields;    /* PdfField* */
    GString *line;        /* being gathered */
    GArray *pieces;       /* PdfPiece: of all lines */
    double height;        /* of the page */
    double line_y;        /* middle of its first character */
    double em, em_height; /* of the last character: em of its font, height of its box */
    PopplerRectangle line_box, last_box;
    guint page;
} PageReading;

/* Tables that hold text and end above y go into the document. */
static void flush_tables(PageReading *page, double y) {
    for (guint i = 0; i < page->n_order; i++) {
        guint table = (guint)page->order[i];
        const PdfTable *place = g_ptr_array_index(page->tables, table);
        if (page->cells[table] && g_array_index(place->ys, double, place->ys->len - 1) <= y)
            add_table(page->reading, place, g_steal_pointer(&page->cells[table]), page->page);
    }
}

/* The line that was gathered waits until the whole page was seen: text of a table may come after it. */
static void end_line(PageReading *page) {
    PdfLine line = {g_strchomp(g_strdup(page->line->str)), page->line_y, page->line_box};
    g_string_truncate(page->line, 0);
    if (*line.text)
        g_array_append_val(page->lines, line);
    else
        g_free(line.text);
}

static void add_columns(PageReading *page, const PdfColumns *table) {
    pdf_tail_clear(&page->reading->tail);
    Grid *grid = add_grid(page->reading, page->page);
    for (guint row = 0; row < table->rows->len; row++) {
        char **cells = g_ptr_array_index(table->rows, row);
        for (guint column = 0; column < table->columns; column++)
            add_cell(page->reading, grid, (PdfCell){row, column, 1, 1}, cells[column]);
    }
}

/* The same for tables without rules. */
static void flush_columns(PageReading *page, double y) {
    for (guint i = 0; i < page->columns->len;) {
        const PdfColumns *table = g_ptr_array_index(page->columns, i);
        if (table->bottom > y) {
            i++;
            continue;
        }
        flush_tables(page, table->top);
        add_columns(page, table);
        g_ptr_array_remove_index(page->columns, i);
    }
}

static void add_line(PageReading *page, const PdfLine *line) {
    Reading *reading = page->reading;
    flush_columns(page, line->y);
    flush_tables(page, line->y);
    if (line->y > page->height * MARGIN_SHARE && line->y < page->height * (1 - MARGIN_SHARE))
        pdf_tail_clear(&reading->tail); /* something stands between */
    if (reading->document->blocks->len < LIMIT_PARAGRAPHS) {
        document_add_paragraph(reading->document, ORIGIN_BODY, line->text)->page = page->page;
    } else {
        reading->is_over_limit = true;
        reading->dropped += document_visible_length(line->text);
    }
}

/* Lines that stand below each other are at most this many heights apart, from top to top. */
#define LINE_DISTANCE_MAX 2.0

/* The line below: the nearest that begins within the width of this one, or NULL. */
static PdfLine *line_below(const PageReading *page, const PdfLine *line) {
    double height = line->box.y2 - line->box.y1, nearest = height * LINE_DISTANCE_MAX;
    PdfLine *below = NULL;
    for (guint i = 0; i < page->lines->len; i++) {
        PdfLine *other = &g_array_index(page->lines, PdfLine, i);
        double distance = other->box.y1 - line->box.y1;
        bool is_under = other->box.x1 < line->box.x2 && other->box.x2 > line->box.x1;
        if (is_under && distance > height / 2 && distance < nearest) {
            nearest = distance;
            below = other;
        }
    }
    return below;
}

/* The hyphen that breaks a word at the end of a line of latin letters, or NULL. */
static char *hyphen_of(char *text) {
    gsize length = strlen(text);
    if (length >= 3 && text[length - 1] == '-' && g_ascii_isalpha(text[length - 2]))
        return text + length - 1;
    return g_str_has_suffix(text, "\u00AD") || g_str_has_suffix(text, "\u2010")
               ? g_utf8_prev_char(text + length)
               : NULL;
}

/* A word that was broken at the end of a line is put together again on that line. */
static void join_broken_words(PageReading *page) {
    guint budget = BROKEN_WORDS_MAX;
    for (guint i = 0; i < page->lines->len && budget; i++) {
        PdfLine *line = &g_array_index(page->lines, PdfLine, i);
        char *hyphen = hyphen_of(line->text);
        if (!hyphen || line->box.y2 <= line->box.y1)
            continue;
        budget--;
        PdfLine *below = line_below(page, line);
        if (!below || !g_unichar_islower(g_utf8_get_char(below->text)))
            continue;
        gsize word = strcspn(below->text, " \t");
        page->reading->dropped += g_utf8_strlen(hyphen, -1);
        *hyphen = 0;
        g_autofree char *head = line->text, *tail = below->text;
        g_autofree char *first = g_strndup(tail, word);
        line->text = g_strconcat(head, first, NULL);
        below->text = g_strchug(g_strdup(tail + word));
    }
}

/* The page into the document: lines in poppler's order, each table before the first line below it. */
static void end_page(PageReading *page) {
    end_line(page);
    page->columns = pdf_columns_take(page->lines, page->pieces);
    join_broken_words(page);
    for (guint i = 0; i < page->lines->len; i++) {
        PdfLine *line = &g_array_index(page->lines, PdfLine, i);
        if (*g_strchug(line->text))
            add_line(page, line);
        g_free(line->text);
    }
    flush_columns(page, G_MAXDOUBLE);
    flush_tables(page, G_MAXDOUBLE);
    g_ptr_array_unref(page->columns);
}

static int table_at(const PageReading *page, double x, double y, int *ret_cell) {
    for (guint i = 0; i < page->tables->len; i++) {
        *ret_cell = pdf_table_cell_at(g_ptr_array_index(page->tables, i), x, y);
        if (*ret_cell >= 0)
            return (int)i;
    }
    return -1;
}

/* Poppler writes no space where text goes on elsewhere: behind a bullet, in another column, above or below.
 */
static bool is_far_apart(const PageReading *page, const PopplerRectangle *box, gunichar c) {
    double height = box->y2 - box->y1;
    if (!page->line->len || height <= 0 || pdf_bidi_is_from_right(c) || c == ' ' ||
        g_str_has_suffix(page->line->str, " "))
        return false;
    return box->x1 - page->last_box.x2 > height * FAR_SHARE ||
           ABS(box->y1 - page->last_box.y1) > height * FAR_SHARE;
}

static void take_character(PageReading *page, gunichar c, const PopplerRectangle *box);

/* The entry of a field as if it were drawn, evenly over its width. */
static void write_field(PageReading *page, PdfField *field) {
    field->is_written = true;
    page->reading->seen += document_visible_length(field->text);
    glong length = g_utf8_strlen(field->text, -1), i = 0;
    double step = (field->box.x2 - field->box.x1) / (double)MAX(length, 1);
    for (const char *at = field->text; *at; at = g_utf8_next_char(at), i++) {
        double x = field->box.x1 + step * (double)i;
        PopplerRectangle box = {x, field->box.y1, x + step, field->box.y2};
        gunichar c = g_utf8_get_char(at);
        take_character(page, c == '\n' || c == '\r' ? ' ' : c, &box);
    }
}

/* An em of the font: a wide character's width, else about a box's height. */
static double em_of(PageReading *page, gunichar c, const PopplerRectangle *box) {
    double height = box->y2 - box->y1;
    if (g_unichar_iswide(c))
        page->em = box->x2 - box->x1;
    else if (ABS(height - page->em_height) > height * SAME_FONT_SHARE)
        page->em = height;
    page->em_height = height;
    return page->em;
}

/* Keeps count of the pieces of the line: a new one begins behind a wide gap, or at another height. */
static void note_piece(PageReading *page, gunichar c, const PopplerRectangle *box) {
    double height = box->y2 - box->y1, em = em_of(page, c, box);
    PdfPiece *last = page->pieces->len ? &g_array_index(page->pieces, PdfPiece, page->pieces->len - 1) : NULL;
    if (last && last->line == page->lines->len && box->x1 - last->to <= em * PIECE_GAP_SHARE &&
        ABS(box->y1 - last->top) <= height * FAR_SHARE) {
        last->to = MAX(last->to, box->x2);
        return;
    }
    PdfPiece piece = {page->lines->len, page->line->len, box->x1, box->x2, box->y1, box->y2};
    g_array_append_val(page->pieces, piece);
}

static bool is_visible(gunichar c) {
    return c > ' ' && !g_unichar_isspace(c);
}

static void write_character(PageReading *page, gunichar c, const PopplerRectangle *box) {
    if (!page->line->len) {
        if (!is_visible(c))
            return;
        page->line_y = (box->y1 + box->y2) / 2;
        page->line_box = *box;
    }
    if (is_far_apart(page, box, c))
        g_string_append_c(page->line, ' ');
    if (is_visible(c))
        note_piece(page, c, box);
    page->last_box = *box;
    PopplerRectangle *around = &page->line_box;
    *around = (PopplerRectangle){MIN(around->x1, box->x1), MIN(around->y1, box->y1), MAX(around->x2, box->x2),
                                 MAX(around->y2, box->y2)};
    g_string_append_unichar(page->line, c);
}

static void take_character(PageReading *page, gunichar c, const PopplerRectangle *box) {
    int cell, table = table_at(page, (box->x1 + box->x2) / 2, (box->y1 + box->y2) / 2, &cell);
    if (table >= 0 && page->cells[table]) {
        bool is_first = true;
        for (guint i = 0; i < page->n_order; i++)
            is_first &= page->order[i] != table;
        if (is_first) {
            end_line(page);
            page->order[page->n_order++] = table;
        }
        pdf_cell_add(page->cells[table][cell], c, box);
    } else if (c == '\n') {
        end_line(page);
    } else {
        write_character(page, c, box);
    }
}

static bool is_in_table(const PageReading *page, const PopplerRectangle *box) {
    int cell;
    return table_at(page, (box->x1 + box->x2) / 2, (box->y1 + box->y2) / 2, &cell) >= 0;
}

/* Behind the nearest line that ends left of the field; false where there is none. */
static bool attach_field(PageReading *page, PdfField *field) {
    double middle = (field->box.y1 + field->box.y2) / 2;
    PdfLine *label = NULL;
    for (guint i = 0; i < page->lines->len; i++) {
        PdfLine *line = &g_array_index(page->lines, PdfLine, i);
        if (middle > line->box.y1 && middle < line->box.y2 &&
            (line->box.x1 + line->box.x2) / 2 < field->box.x1 && line->box.x2 < field->box.x2 &&
            (!label || line->box.x2 > label->box.x2))
            label = line;
    }
    if (!label)
        return false;
    g_autofree char *before = label->text;
    label->text = g_strconcat(before, " ", field->text, NULL);
    label->box.x2 = field->box.x2;
    page->reading->seen += document_visible_length(field->text);
    field->is_written = true;
    return true;
}

/* A character of the page's text, and before it the fields that stand left of it. */
static void take_shown(PageReading *page, gunichar c, const PopplerRectangle *box) {
    if (c > ' ' && pdf_fields_is_tick(page->fields, box)) {
        page->reading->dropped++;
        return;
    }
    for (PdfField *field = c > ' ' ? pdf_fields_before(page->fields, box) : NULL; field;
         field = pdf_fields_before(page->fields, box))
        if (page->line->len || is_in_table(page, &field->box) || !attach_field(page, field))
            write_field(page, field);
    take_character(page, c, box);
}

/* What no text stands right of. */
static void take_other_fields(PageReading *page) {
    end_line(page);
    for (guint i = 0; i < page->fields->len; i++) {
        PdfField *field = g_ptr_array_index(page->fields, i);
        if (field->is_written || (!is_in_table(page, &field->box) && attach_field(page, field)))
            continue;
        write_field(page, field);
        end_line(page);
    }
}

static void take_letter(PageReading *page, gunichar c, const PopplerRectangle *box) {
    page->reading->seen += is_visible(c);
    if (page->reading->text_bytes++ >= LIMIT_TEXT_BYTES) {
        page->reading->is_over_limit = true;
        page->reading->dropped += is_visible(c);
        return;
    }
    take_shown(page, c, box);
}

static void take_letters_from_right(PageReading *page, const char *text, const PopplerRectangle *boxes,
                                    guint n_boxes) {
    guint unsure;
    g_autoptr(GArray) letters = pdf_bidi_letters(text, boxes, n_boxes, &unsure);
    page->reading->unsure += unsure;
    for (guint i = 0; i < letters->len; i++) {
        const PdfLetter *letter = &g_array_index(letters, PdfLetter, i);
        take_letter(page, letter->c, &letter->box);
    }
}

/* Characters and their boxes; text of a table that was begun stays out of the lines, and the table stands
 * where it began. */
static void take_text(PageReading *page, PopplerPage *poppler, const char *text, PopplerRectangle area) {
    PopplerRectangle *boxes = NULL;
    guint n_boxes = 0, i = 0;
    if (!poppler_page_get_text_layout_for_area(poppler, &area, &boxes, &n_boxes))
        n_boxes = 0;
    if (pdf_bidi_has_marks(text)) {
        take_letters_from_right(page, text, boxes, n_boxes);
    } else {
        static const PopplerRectangle NOWHERE = {-1, -1, -1, -1};
        for (const char *at = text; *at; at = g_utf8_next_char(at), i++)
            take_letter(page, g_utf8_get_char(at), i < n_boxes && *at != '\n' ? &boxes[i] : &NOWHERE);
    }
    g_free(boxes);
    take_other_fields(page);
    end_page(page);
}

/* The part of a page that pictures cover; overlapping ones count twice, which does no harm here. */
static double picture_share(PopplerPage *page, double width, double height) {
    double area = 0;
    GList *mappings = poppler_page_get_image_mapping(page);
    for (GList *at = mappings; at; at = at->next) {
        const PopplerImageMapping *mapping = at->data;
        area += (mapping->area.x2 - mapping->area.x1) * (mapping->area.y2 - mapping->area.y1);
    }
    poppler_page_free_image_mapping(mappings);
    return area / MAX(width * height, 1);
}

/* Takes the text of an area where it is longer than what there is. */
static void try_area(PopplerPage *page, PopplerRectangle area, char **text, PopplerRectangle *text_area) {
    char *other = poppler_page_get_text_for_area(page, &area);
    if (other && (!*text || document_visible_length(other) > document_visible_length(*text))) {
        g_free(*text);
        *text = g_steal_pointer(&other);
        *text_area = area;
    }
    g_free(other);
}

/* Where the last line begins at its left, in whole points; 0 where there is none. */
static double last_line_left(PopplerPage *page, double width, double height) {
    PopplerRectangle along_right = {width, 0, width, height};
    cairo_region_t *region = poppler_page_get_selected_region(page, 1, POPPLER_SELECTION_WORD, &along_right);
    cairo_rectangle_int_t line = {0};
    if (region && cairo_region_num_rectangles(region))
        cairo_region_get_rectangle(region, cairo_region_num_rectangles(region) - 1, &line);
    cairo_region_destroy(region);
    return line.x;
}

/* Text of a page and the area that it was asked for. Poppler selects from corner to corner along the lines:
 * from the left one it misses the beginning of what is written from right to left, and the other way round,
 * and of a last line from right to left it takes nothing unless it is hit; so the longest text is taken. */
static char *page_text(PopplerPage *page, double width, double height, PopplerRectangle *ret_area) {
    char *text = NULL;
    *ret_area = (PopplerRectangle){0, 0, width, height};
    try_area(page, *ret_area, &text, ret_area);
    try_area(page, (PopplerRectangle){width, 0, 0, height}, &text, ret_area);
    if (text && pdf_bidi_has_marks(text)) {
        double left = last_line_left(page, width, height);
        try_area(page, (PopplerRectangle){width, 0, left, height}, &text, ret_area);
        try_area(page, (PopplerRectangle){0, 0, left, height}, &text, ret_area);
    }
    return text;
}

static void read_page(Reading *reading, PopplerPage *poppler, guint number) {
    double width, height;
    poppler_page_get_size(poppler, &width, &height);
    PopplerRectangle area;
    g_autofree char *text = page_text(poppler, width, height, &area);
    if (!text || document_visible_length(text) < SCAN_TEXT_MAX)
        reading->scans += picture_share(poppler, width, height) > SCAN_AREA_MIN;
    g_autoptr(GPtrArray) fields = pdf_fields_find(poppler, height);
    if ((!text || !*text) && !fields->len)
        return;
    PageReading page = {
        .reading = reading, .line = g_string_new(NULL), .height = height, .page = number, .fields = fields};
    page.lines = g_array_new(FALSE, FALSE, sizeof(PdfLine));
    page.pieces = g_array_new(FALSE, FALSE, sizeof(PdfPiece));
    page.tables = number <= DRAWN_PAGES_MAX ? pdf_rules_find(poppler, width, height) : g_ptr_array_new();
    page.cells = g_new0(PdfCellText **, page.tables->len + 1);
    page.order = g_new0(int, page.tables->len + 1);
    for (guint i = 0; i < page.tables->len; i++)
        page.cells[i] = new_cells(g_ptr_array_index(page.tables, i));
    take_text(&page, poppler, text ? text : "", area);
    for (guint i = 0; i < page.tables->len; i++) { /* ruled, but nothing in it */
        const PdfTable *table = g_ptr_array_index(page.tables, i);
        for (guint k = 0; page.cells[i] && k < table->cells->len; k++)
            g_free(pdf_cell_finish(page.cells[i][k]));
        g_free(page.cells[i]);
    }
    g_free(page.cells);
    g_free(page.order);
    g_ptr_array_unref(page.tables);
    g_string_free(page.line, TRUE);
    g_array_unref(page.lines);
    g_array_unref(page.pieces);
}

static void read_notes(Reading *reading, PopplerPage *poppler, guint number) {
    g_autoptr(GPtrArray) notes = pdf_fields_notes(poppler);
    for (guint i = 0; i < notes->len && reading->document->blocks->len < LIMIT_PARAGRAPHS; i++)
        document_add_paragraph(reading->document, ORIGIN_NOTE, g_ptr_array_index(notes, i))->page = number;
}

static void report(const Reading *reading, const char *name, GPtrArray *problems) {
    if (reading->is_over_limit)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (reading->scans)
        problem_add_reading(problems, PROBLEM_SCAN, name);
    if (reading->unsure || document_text_length(reading->document) + reading->dropped < reading->seen)
        problem_add_reading(problems, PROBLEM_LOSS, name);
}

Document *pdf_read(GBytes *data, const char *name, GPtrArray *problems) {
    g_autoptr(GError) error = NULL;
    PopplerDocument *pdf = poppler_document_new_from_bytes(data, NULL, &error);
    if (!pdf) {
        bool is_encrypted = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
        problem_add_reading(problems, is_encrypted ? PROBLEM_ENCRYPTED : PROBLEM_DAMAGED, name);
        return NULL;
    }
    Reading reading = {.document = document_new(name)};
    int n_pages = poppler_document_get_n_pages(pdf);
    reading.is_over_limit = n_pages > PAGES_MAX;
    for (int i = 0; i < MIN(n_pages, PAGES_MAX); i++) {
        PopplerPage *page = poppler_document_get_page(pdf, i);
        if (!page) {
            problem_add_reading(problems, PROBLEM_DAMAGED, name);
            continue;
        }
        read_page(&reading, page, (guint)i + 1);
        read_notes(&reading, page, (guint)i + 1);
        g_object_unref(page);
    }
    g_object_unref(pdf);
    pdf_tail_clear(&reading.tail);
    report(&reading, name, problems);
    if (n_pages <= 0)
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
    return reading.document;
}
