/* One pass of events, as in docx_story.c: a stack of containers (story, table, text box, note) says where
 * paragraphs go. */
#include "parsers/odf_story.h"

#include <string.h>

#include "parsers/limits.h"
#include "parsers/volatile.h"
#include "parsers/xlsx_format.h"

/* Repeated rows and cells are how a sheet says "empty to the end"; with content they are rare and short. */
#define REPEAT_MAX  1000
#define COLUMNS_MAX 16384
#define ROWS_MAX    1048576
#define SPACES_MAX  200

enum {
    ODF_NONE,
    ODF_P,
    ODF_HEADING,
    ODF_SPACE,
    ODF_TAB,
    ODF_BREAK,
    ODF_TABLE,
    ODF_ROW,
    ODF_CELL,
    ODF_COVERED,
    ODF_TEXT_BOX,
    ODF_NOTE_BODY,
    ODF_HEADER,
    ODF_FOOTER,
    ODF_ITEM,
    ODF_SKIP,
    ODF_FIELD, /* shows the moment, the file or whoever opens it, unless it is fixed */
    ODF_STYLE,
    ODF_TABLE_PROPERTIES,
    ODF_TEXT_PROPERTIES,
    ODF_SPAN,
};

enum { TEXT, TABLE, DRAW, OFFICE, STYLE, SPACES };

#define URN "urn:oasis:names:tc:opendocument:xmlns:"
static const char *const TEXT_URIS[] = {URN "text:1.0", "http://openoffice.org/2000/text", NULL};
static const char *const TABLE_URIS[] = {URN "table:1.0", "http://openoffice.org/2000/table", NULL};
static const char *const DRAW_URIS[] = {URN "drawing:1.0", NULL};
static const char *const OFFICE_URIS[] = {URN "office:1.0", "http://openoffice.org/2000/office", NULL};
static const char *const STYLE_URIS[] = {URN "style:1.0", "http://openoffice.org/2000/style", NULL};
static const char *const *const URIS[SPACES] = {[TEXT] = TEXT_URIS,
                                                [TABLE] = TABLE_URIS,
                                                [DRAW] = DRAW_URIS,
                                                [OFFICE] = OFFICE_URIS,
                                                [STYLE] = STYLE_URIS};

static const XmlName NAMES[] = {
    {"p", TEXT, ODF_P},
    {"h", TEXT, ODF_HEADING},
    {"s", TEXT, ODF_SPACE},
    {"tab", TEXT, ODF_TAB},
    {"line-break", TEXT, ODF_BREAK},
    {"table", TABLE, ODF_TABLE},
    {"table-row", TABLE, ODF_ROW},
    {"table-cell", TABLE, ODF_CELL},
    {"covered-table-cell", TABLE, ODF_COVERED},
    {"text-box", DRAW, ODF_TEXT_BOX},
    {"note-body", TEXT, ODF_NOTE_BODY},
    {"note-citation", TEXT, ODF_SKIP},
    {"date", TEXT, ODF_FIELD},
    {"time", TEXT, ODF_FIELD},
    {"modification-date", TEXT, ODF_FIELD},
    {"modification-time", TEXT, ODF_FIELD},
    {"print-date", TEXT, ODF_FIELD},
    {"print-time", TEXT, ODF_FIELD},
    {"editing-duration", TEXT, ODF_FIELD},
    {"editing-cycles", TEXT, ODF_FIELD},
    {"file-name", TEXT, ODF_FIELD},
    {"author-name", TEXT, ODF_FIELD},
    {"author-initials", TEXT, ODF_FIELD},
    {"tracked-changes", TEXT, ODF_SKIP},
    {"ruby-text", TEXT, ODF_SKIP},
    {"annotation", OFFICE, ODF_SKIP},
    {"forms", OFFICE, ODF_SKIP},
    {"header", STYLE, ODF_HEADER},
    {"header-first", STYLE, ODF_HEADER},
    {"footer", STYLE, ODF_FOOTER},
    {"footer-first", STYLE, ODF_FOOTER},
    {"list-item", TEXT, ODF_ITEM},
    {"style", STYLE, ODF_STYLE},
    {"table-properties", STYLE, ODF_TABLE_PROPERTIES},
    {"text-properties", STYLE, ODF_TEXT_PROPERTIES},
    {"span", TEXT, ODF_SPAN},
};
static const XmlGrammar GRAMMAR = {NAMES, G_N_ELEMENTS(NAMES), URIS, SPACES};

typedef struct {
    BlockOrigin origin;
    GPtrArray *blocks; /* where finished blocks go, unless inside a cell */
    /* of a table; block NULL otherwise */
    Block *block, *hidden; /* hidden: the rows that are not shown, or NULL */
    guint row, column, row_repeat;
    bool is_row_hidden;
    bool is_in_cell;
    GString *text;
    GPtrArray *nested;
    guint repeat, row_span, column_span;
    char *value;      /* what a typed cell holds, or NULL */
    bool is_volatile; /* … and it changes when the file is opened */
} Container;

typedef struct {
    GString *text;
    bool is_heading, is_space_due;
} Paragraph;

typedef struct {
    OdfContext *context;
    GArray *containers, *paragraphs;
    GPtrArray *later;          /* Block*: text boxes and notes, appended at the end */
    GHashTable *hidden_styles; /* char*: table styles that hide their sheet */
    GHashTable *unread_styles; /* char* → HIDES or SHOWS: whether text of this style is struck or hidden */
    GString *unread;           /* that text, kept at the very end */
    bool hides[LIMIT_XML_DEPTH + 1]; /* by depth: text in the open element is struck or hidden */
    char *style;
    guint depth, skip_from; /* as in docx_story.c */
    bool is_item;           /* the next paragraph begins a list item */
    gssize field_from;      /* where a field begins in the paragraph; -1: none */
} Story;

enum { HIDES = 1, SHOWS };

#define LAST(array, type) (&g_array_index((array), type, (array)->len - 1))

static Container *container_of(const Story *story) {
    return LAST(story->containers, Container);
}

static Paragraph *paragraph_of(const Story *story) {
    return story->paragraphs->len ? LAST(story->paragraphs, Paragraph) : NULL;
}

/* ---- text ---- */

static bool is_unread(const Story *story) {
    return story->hides[story->depth];
}

/* What is struck or hidden is no value, but somebody wrote it. */
static void end_unread_line(Story *story) {
    if (story->unread->len && story->unread->str[story->unread->len - 1] != '\n')
        g_string_append_c(story->unread, '\n');
}

static void write_text(Story *story, const char *text, gsize length) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph)
        return;
    if (story->context->text_bytes + length > LIMIT_TEXT_BYTES) {
        story->context->is_over_limit = true;
        return;
    }
    story->context->text_bytes += length;
    g_string_append_len(is_unread(story) ? story->unread : paragraph->text, text, (gssize)length);
}

/* Runs of white space are one (ODF 6.1.2); text:s says where there are more. */
static void take_text(Story *story, const char *text, gsize length) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph)
        return;
    for (gsize i = 0; i < length;) {
        gsize word = 0;
        while (i + word < length && !strchr(" \t\r\n", text[i + word]))
            word++;
        if (word) {
            if (paragraph->is_space_due && (is_unread(story) ? story->unread : paragraph->text)->len)
                write_text(story, " ", 1);
            paragraph->is_space_due = false;
            g_autofree char *copy = g_strndup(text + i, word);
            gsize visible = document_visible_length(copy);
            story->context->seen += visible;
            if (story->context->text_bytes + word > LIMIT_TEXT_BYTES)
                story->context->dropped += visible;
            write_text(story, copy, word);
        }
        paragraph->is_space_due |= i + word < length;
        i += word + 1;
    }
}

static void write_spaces(Story *story, const XmlAttributes *attributes) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph)
        return;
    if (paragraph->is_space_due)
        write_text(story, " ", 1);
    paragraph->is_space_due = false;
    for (gint64 i = xml_attribute_int(attributes, "c", 1, SPACES_MAX, 1); i > 0; i--)
        write_text(story, " ", 1);
}

static void start_paragraph(Story *story, bool is_heading) {
    Paragraph paragraph = {g_string_new(NULL), is_heading, false};
    g_array_append_val(story->paragraphs, paragraph);
    if (story->is_item) /* the numbers of lists stand in styles: what matters is where an item begins */
        write_text(story, "• ", strlen("• "));
    story->is_item = false;
}

static void end_paragraph(Story *story) {
    Paragraph *paragraph = paragraph_of(story);
    Container *container = container_of(story);
    if (!paragraph)
        return;
    end_unread_line(story);
    const char *text = paragraph->text->str;
    if (container->block && container->is_in_cell) {
        if (*text && container->text->len)
            g_string_append_c(container->text, '\n');
        g_string_append(container->text, text);
    } else if (*text && container->blocks->len < LIMIT_PARAGRAPHS) {
        Block *block = block_new_paragraph(container->origin, text);
        block->is_heading = paragraph->is_heading;
        g_ptr_array_add(container->blocks, block);
    } else if (*text) {
        story->context->is_over_limit = true;
        story->context->dropped += document_visible_length(text);
    }
    g_string_free(paragraph->text, TRUE);
    g_array_set_size(story->paragraphs, story->paragraphs->len - 1);
}

/* Fields in headers and footers serve the page. */
static void start_field(Story *story, const XmlAttributes *attributes) {
    const Paragraph *paragraph = paragraph_of(story);
    BlockOrigin origin = container_of(story)->origin;
    char fixed[8] = "";
    bool is_fixed =
        xml_attribute(attributes, "fixed", fixed, sizeof fixed) && xml_attribute_on(attributes, "fixed");
    bool counts = paragraph && !is_fixed && origin != ORIGIN_HEADER && origin != ORIGIN_FOOTER;
    story->field_from = counts ? (gssize)paragraph->text->len : -1;
}

static void end_field(Story *story) {
    const Paragraph *paragraph = paragraph_of(story);
    if (paragraph && story->field_from >= 0 && paragraph->text->len > (gsize)story->field_from)
        g_ptr_array_add(story->context->volatile_texts, g_strdup(paragraph->text->str + story->field_from));
    story->field_from = -1;
}

/* ---- tables ---- */

static void start_table(Story *story, const XmlAttributes *attributes) {
    Container outer = *container_of(story);
    g_autofree char *style = xml_attribute_dup(attributes, "style-name");
    bool is_hidden = style && g_hash_table_contains(story->hidden_styles, style);
    Container table = {.origin = is_hidden ? ORIGIN_HIDDEN : outer.origin,
                       .blocks = outer.blocks,
                       .text = g_string_new(NULL)};
    table.block = block_new_grid(table.origin, ++story->context->tables);
    g_autofree char *name = story->context->is_spreadsheet ? xml_attribute_dup(attributes, "name") : NULL;
    table.block->grid->name = g_strdup(name);
    g_array_append_val(story->containers, table);
}

static void put_block(Story *story, Block *block) {
    Container *container = container_of(story);
    if (!block->grid->cells->len) {
        block_free(block);
        return;
    }
    if (!container->block || !container->is_in_cell) {
        g_ptr_array_add(container->blocks, block);
        return;
    }
    if (!container->nested)
        container->nested = g_ptr_array_new_with_free_func((GDestroyNotify)block_free);
    g_ptr_array_add(container->nested, block);
}

static void end_table(Story *story) {
    Container table = *container_of(story);
    if (!table.block)
        return;
    g_array_set_size(story->containers, story->containers->len - 1);
    g_string_free(table.text, TRUE);
    g_free(table.value);
    g_clear_pointer(&table.nested, g_ptr_array_unref);
    put_block(story, table.block);
    if (table.hidden)
        put_block(story, table.hidden);
}

static void start_row(Container *table, const XmlAttributes *attributes) {
    char visibility[12] = "visible";
    table->column = 0;
    table->row_repeat = (guint)xml_attribute_int(attributes, "number-rows-repeated", 1, ROWS_MAX, 1);
    xml_attribute(attributes, "visibility", visibility, sizeof visibility);
    table->is_row_hidden = strcmp(visibility, "visible") != 0;
}

/* "PT09H30M00S" → "09:30" */
static char *duration_text(const char *duration) {
    double hours = 0, minutes = 0, seconds = 0;
    if (!g_str_has_prefix(duration, "PT"))
        return g_strdup(duration);
    for (const char *at = duration + 2; *at;) {
        char *end;
        double number = g_ascii_strtod(at, &end);
        if (end == at || !*end)
            break;
        *(*end == 'H' ? &hours : *end == 'M' ? &minutes : &seconds) = number;
        at = end + 1;
    }
    return xlsx_format_number((hours * 3600 + minutes * 60 + seconds) / 86400,
                              (NumberFormat){NUMBER_ELAPSED, 0}, false);
}

/* "2016-06-13T09:30:00" without what is zero at its end. */
static char *date_text(char *date) {
    if (g_str_has_suffix(date, "T00:00:00"))
        date[strlen(date) - 9] = 0;
    else if (strlen(date) == 19 && g_str_has_suffix(date, ":00"))
        date[16] = 0;
    return date;
}

static char *typed_value(const XmlAttributes *attributes) {
    char type[16] = "";
    xml_attribute(attributes, "value-type", type, sizeof type);
    g_autofree char *value = xml_attribute_dup(attributes, "value");
    char *date = xml_attribute_dup(attributes, "date-value");
    if (date)
        return date_text(date);
    g_autofree char *time = xml_attribute_dup(attributes, "time-value");
    if (time)
        return duration_text(time);
    char *end = value;
    double number = value ? g_ascii_strtod(value, &end) : 0;
    if (!value || end == value || *end || strcmp(type, "string") == 0)
        return NULL;
    return xlsx_format_number(
        number, (NumberFormat){strcmp(type, "percentage") == 0 ? NUMBER_PERCENT : NUMBER_PLAIN, 0}, false);
}

static void start_cell(Story *story, Container *table, int token, const XmlAttributes *attributes) {
    table->is_in_cell = true;
    table->repeat = (guint)xml_attribute_int(attributes, "number-columns-repeated", 1, COLUMNS_MAX, 1);
    table->row_span = table->column_span = 1;
    if (token == ODF_CELL) {
        table->row_span = (guint)xml_attribute_int(attributes, "number-rows-spanned", 1, ROWS_MAX, 1);
        table->column_span =
            (guint)xml_attribute_int(attributes, "number-columns-spanned", 1, COLUMNS_MAX, 1);
    }
    g_string_truncate(table->text, 0);
    g_clear_pointer(&table->value, g_free);
    table->is_volatile = false;
    if (!story->context->is_spreadsheet)
        return;
    table->value = typed_value(attributes);
    g_autofree char *formula = xml_attribute_dup(attributes, "formula");
    table->is_volatile = formula && volatile_is_formula(formula, strlen(formula));
}

/* One place of the grid; a repeated cell stands in several. */
static void put_cell(Story *story, Container *table, guint row, guint column) {
    OdfContext *context = story->context;
    if (table->is_row_hidden && !table->hidden) {
        table->hidden = block_new_grid(ORIGIN_HIDDEN, ++context->tables);
        table->hidden->grid->name = g_strdup(table->block->grid->name);
    }
    Grid *grid = table->is_row_hidden ? table->hidden->grid : table->block->grid;
    Cell *cell = context->cells < LIMIT_CELLS
                     ? grid_add_cell(grid, row, column, table->row_span, table->column_span, table->text->str)
                     : NULL;
    context->cells++;
    if (cell) {
        cell->nested = g_steal_pointer(&table->nested);
    } else {
        context->is_over_limit = true;
        context->dropped += document_visible_length(table->text->str);
    }
}

static void end_cell(Story *story, Container *table) {
    table->is_in_cell = false;
    if (table->value && !is_unread(story)) {
        story->context->dropped += document_visible_length(table->text->str);
        g_string_assign(table->text, table->value);
    }
    if (table->is_volatile)
        g_ptr_array_add(story->context->volatile_texts, g_strdup(table->text->str));
    /* in a sheet, empty places are no cells unless they are merged; a table of a text has every one of its
     * cells */
    bool is_place = !story->context->is_spreadsheet || table->row_span > 1 || table->column_span > 1;
    if (table->text->len || table->nested || is_place)
        for (guint i = 0; i < MIN(table->repeat, REPEAT_MAX) && table->column + i < COLUMNS_MAX; i++)
            put_cell(story, table, table->row, table->column + i);
    g_clear_pointer(&table->nested, g_ptr_array_unref);
    table->column = MIN(table->column + table->repeat, COLUMNS_MAX);
}

/* Rows repeated with content are copied; empty ones only count. */
static void end_row(Story *story, Container *table) {
    Grid *grid = table->is_row_hidden && table->hidden ? table->hidden->grid : table->block->grid;
    guint end = grid->cells->len, first = end;
    while (first > 0 && ((const Cell *)g_ptr_array_index(grid->cells, first - 1))->row == table->row)
        first--;
    for (guint copy = 1; first < end && copy < MIN(table->row_repeat, REPEAT_MAX); copy++)
        for (guint i = first; i < end && story->context->cells < LIMIT_CELLS; i++, story->context->cells++) {
            const Cell *cell = g_ptr_array_index(grid->cells, i);
            grid_add_cell(grid, table->row + copy, cell->column, 1, cell->column_span, cell->text);
        }
    table->row = MIN(table->row + table->row_repeat, ROWS_MAX);
}

/* A covered cell takes its place; what stands in it is hidden by the merge and kept with a cell of its own.
 */
static void end_covered(Story *story, Container *table) {
    bool has_text = table->text->len > 0;
    table->is_in_cell = false;
    if (has_text)
        put_cell(story, table, table->row, table->column);
    g_clear_pointer(&table->nested, g_ptr_array_unref);
    table->column = MIN(table->column + table->repeat, COLUMNS_MAX);
}

/* ---- events ---- */

static void start_story(Story *story, BlockOrigin origin, GPtrArray *blocks) {
    Container container = {.origin = origin, .blocks = blocks};
    g_array_append_val(story->containers, container);
}

static void start_table_event(Story *story, int token, const XmlAttributes *attributes) {
    Container *container = container_of(story);
    if (token == ODF_TABLE)
        start_table(story, attributes);
    else if (container->block && token == ODF_ROW)
        start_row(container, attributes);
    else if (container->block)
        start_cell(story, container, token, attributes);
}

static void note_style(Story *story, int token, const XmlAttributes *attributes) {
    char display[8] = "true";
    if (token == ODF_STYLE) {
        g_autofree char *parent = xml_attribute_dup(attributes, "parent-style-name");
        g_free(story->style);
        story->style = xml_attribute_dup(attributes, "name");
        gpointer inherited = parent ? g_hash_table_lookup(story->unread_styles, parent) : NULL;
        if (inherited && story->style)
            g_hash_table_insert(story->unread_styles, g_strdup(story->style), inherited);
    } else if (xml_attribute(attributes, "display", display, sizeof display) &&
               strcmp(display, "false") == 0 && story->style) {
        g_hash_table_add(story->hidden_styles, g_strdup(story->style));
    }
}

/* Both ways of striking (ODF 1.2 part 1, 20.358 and 20.360), and hidden text (20.370). */
static void note_text_style(Story *story, const XmlAttributes *attributes) {
    static const char *const NAMES_OF[] = {"text-line-through-style", "text-line-through-type", "display"};
    bool is_said = false, is_on = false;
    char value[16] = "";
    for (guint i = 0; i < G_N_ELEMENTS(NAMES_OF); i++) {
        if (!xml_attribute(attributes, NAMES_OF[i], value, sizeof value))
            continue;
        is_said = true;
        is_on |= i < 2 ? strcmp(value, "none") != 0 : strcmp(value, "none") == 0;
    }
    if (is_said && story->style)
        g_hash_table_insert(story->unread_styles, g_strdup(story->style),
                            GINT_TO_POINTER(is_on ? HIDES : SHOWS));
}

static void look_up_style(Story *story, const XmlAttributes *attributes) {
    g_autofree char *style = xml_attribute_dup(attributes, "style-name");
    gpointer said = style ? g_hash_table_lookup(story->unread_styles, style) : NULL;
    if (said)
        story->hides[story->depth] = GPOINTER_TO_INT(said) == HIDES;
}

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Story *story = user;
    story->depth++;
    story->hides[story->depth] = story->hides[story->depth - 1];
    if (story->skip_from)
        return true;
    bool has_text_style = token == ODF_P || token == ODF_SPAN || token == ODF_HEADING || token == ODF_CELL;
    if (has_text_style && g_hash_table_size(story->unread_styles))
        look_up_style(story, attributes);
    if (token == ODF_SKIP)
        story->skip_from = story->depth;
    else if (token == ODF_P || token == ODF_HEADING)
        start_paragraph(story, token == ODF_HEADING);
    else if (token == ODF_SPACE)
        write_spaces(story, attributes);
    else if (token == ODF_TAB || token == ODF_BREAK)
        write_text(story, token == ODF_TAB ? "\t" : "\n", 1);
    else if (token >= ODF_TABLE && token <= ODF_COVERED)
        start_table_event(story, token, attributes);
    else if (token == ODF_TEXT_BOX)
        start_story(story, ORIGIN_TEXT_BOX, story->later);
    else if (token == ODF_NOTE_BODY)
        start_story(story, ORIGIN_NOTE, story->later);
    else if (token == ODF_FIELD)
        start_field(story, attributes);
    else if (token == ODF_HEADER || token == ODF_FOOTER)
        start_story(story, token == ODF_HEADER ? ORIGIN_HEADER : ORIGIN_FOOTER, container_of(story)->blocks);
    else if (token == ODF_ITEM)
        story->is_item = true;
    else if (token == ODF_STYLE || token == ODF_TABLE_PROPERTIES)
        note_style(story, token, attributes);
    else if (token == ODF_TEXT_PROPERTIES)
        note_text_style(story, attributes);
    return true;
}

static void end_element(Story *story, int token) {
    Container *container = container_of(story);
    if (token == ODF_P || token == ODF_HEADING)
        end_paragraph(story);
    else if (token == ODF_TABLE)
        end_table(story);
    else if (token == ODF_ROW && container->block)
        end_row(story, container);
    else if (token == ODF_CELL && container->block)
        end_cell(story, container);
    else if (token == ODF_COVERED && container->block)
        end_covered(story, container);
    else if (token >= ODF_TEXT_BOX && token <= ODF_FOOTER && !container->block && story->containers->len > 1)
        g_array_set_size(story->containers, story->containers->len - 1);
    else if (token == ODF_FIELD)
        end_field(story);
    else if (token == ODF_STYLE) /* properties outside of any, as those of a list's numbers, are no style's */
        g_clear_pointer(&story->style, g_free);
    else if (token == ODF_ITEM)
        story->is_item = false;
}

static void on_end(void *user, int token) {
    Story *story = user;
    if (!story->skip_from)
        end_element(story, token);
    else if (story->skip_from == story->depth)
        story->skip_from = 0;
    story->depth--;
}

static void on_text(void *user, const char *text, gsize length) {
    Story *story = user;
    if (!story->skip_from)
        take_text(story, text, length);
}

bool odf_story_read(OdfContext *context, const char *part, GPtrArray *blocks) {
    g_autoptr(GPtrArray) later = g_ptr_array_new();
    Story story = {
        .context = context,
        .containers = g_array_new(FALSE, FALSE, sizeof(Container)),
        .paragraphs = g_array_new(FALSE, FALSE, sizeof(Paragraph)),
        .later = later,
        .field_from = -1,
        .hidden_styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .unread_styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .unread = g_string_new(NULL),
    };
    start_story(&story, ORIGIN_BODY, blocks);
    const XmlHandler handler = {&GRAMMAR, on_start, on_end, on_text};
    bool is_there = package_read_xml(context->package, part, &handler, &story);
    for (guint i = 0; i < later->len; i++)
        g_ptr_array_add(blocks, g_ptr_array_index(later, i));
    g_strchomp(story.unread->str);
    if (*story.unread->str)
        g_ptr_array_add(blocks, block_new_paragraph(ORIGIN_HIDDEN, story.unread->str));
    g_string_free(story.unread, TRUE);
    g_array_unref(story.containers);
    g_array_unref(story.paragraphs);
    g_hash_table_unref(story.hidden_styles);
    g_hash_table_unref(story.unread_styles);
    g_free(story.style);
    return is_there;
}
