/* One pass of events over a part. Three stacks say where text goes: containers (the story, tables in it, text
 * boxes), paragraphs (a text box stands inside a paragraph) and fields. Content controls, insertions, links
 * and smart tags are simply looked through, so a value is found at whatever level they wrap it. */
#include "parsers/docx_story.h"

#include <string.h>

#include "parsers/docx_field.h"
#include "parsers/docx_names.h"
#include "parsers/docx_table.h"
#include "parsers/limits.h"
#include "parsers/numerals.h"
#include "parsers/ticks.h"
#include "parsers/utf8.h"

typedef struct {
    DocxTable *table; /* NULL: a story or a text box */
    BlockOrigin origin;
    GPtrArray *blocks; /* of a story or text box; not owned */
} Container;

typedef struct {
    GString *text;
    guint number; /* from 1, in the order of their beginnings */
    char *style;
    gint64 num_id, level; /* -1: not said */
    bool is_centred, is_heading, has_bold;
    /* the run being read */
    guint8 hidden; /* HIDDEN_BY_… */
    char *symbol_font;
} Paragraph;

typedef struct {
    bool is_instruction; /* between begin and separate */
    gsize dropped;       /* characters of text elements in there */
    DocxFieldName name;
    DocxShowing showing;
    /* legacy form fields */
    int checked, checked_default; /* -1: not said */
    bool is_checkbox;
    GPtrArray *choices; /* char* of a drop-down, or NULL */
    gint64 choice;
} Field;

typedef struct {
    int tick; /* -1: no checkbox; else its state */
    bool is_tick_written;
    bool is_placeholder; /* what it shows is not an entry */
    bool is_prompt;      /* … and is a prompt of Word, to be left out */
} Control;

typedef struct {
    gsize seen_before; /* characters seen when the alternatives began */
    bool has_choice;
} Alternate;

typedef struct {
    DocxContext *context;
    BlockOrigin origin;
    guint8 tokens[LIMIT_XML_DEPTH + 1];
    guint depth;
    guint skip_from;  /* depth of the element that is left out; 0: none */
    guint text_depth; /* depth of the open text element; 0: none */
    GArray *containers, *paragraphs, *fields, *controls, *alternates;
    GPtrArray *boxes; /* Block*: contents of text boxes, appended at the end of the story */
    GString *hidden;  /* what is no value: hidden, deleted and struck text, prompts; the end of the story */
    bool is_shown_since;       /* text that counts came after what is in `hidden` */
    guint notes, n_paragraphs; /* counted so far */
    guint instructions;        /* fields in the instruction state */
    DocxShowing simple;        /* of a w:fldSimple */
} Story;

#define SOFT_HYPHEN 0xAD /* where a word may be broken; shown only where it is */

#define FONT_BYTES 40 /* symbol fonts have shorter names */

#define LAST(array, type) (&g_array_index((array), type, (array)->len - 1))

static Paragraph *paragraph_of(const Story *story) {
    return story->paragraphs->len ? LAST(story->paragraphs, Paragraph) : NULL;
}

static Container *container_of(const Story *story) {
    return LAST(story->containers, Container);
}

static guint parent_token(const Story *story) {
    return story->depth >= 2 ? story->tokens[story->depth - 2] : DOCX_NONE;
}

static gsize visible_length(const char *text, gsize length) {
    gsize visible = 0;
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at)) {
        guchar lead = (guchar)*at; /* between these bytes begin Chinese characters, all of them visible */
        gunichar c = lead >= 0xE4 && lead <= 0xE9 ? lead : utf8_char(at);
        if (c < 0x80 ? c > ' ' : !utf8_is_space(c) && !(c >= 0x200B && c <= 0x200D) && c != 0xFEFF)
            visible++;
    }
    return visible;
}

/* ---- text ---- */

/* Text without further questions: breaks, ticks, marks. */
static void write_text(Story *story, const char *text, gsize length) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph || paragraph->hidden || story->instructions)
        return;
    if (story->context->text_bytes + length > LIMIT_TEXT_BYTES) {
        story->context->is_over_limit = true;
        return;
    }
    story->context->text_bytes += length;
    story->is_shown_since = true;
    g_string_append_len(paragraph->text, text, (gssize)length);
}

static void write_character(Story *story, gunichar character) {
    char utf8[6];
    write_text(story, utf8, (gsize)g_unichar_to_utf8(character, utf8));
}

static Control *current_control(const Story *story) {
    return story->controls->len ? LAST(story->controls, Control) : NULL;
}

/* Text that is no value, because it is not shown, but that somebody wrote. */
static void keep_hidden(Story *story, const char *text, gsize length) {
    if (story->context->text_bytes + length > LIMIT_TEXT_BYTES) {
        story->context->is_over_limit = true;
        story->context->dropped += visible_length(text, length);
        return;
    }
    story->context->text_bytes += length;
    if (story->is_shown_since && story->hidden->len && story->hidden->str[story->hidden->len - 1] != '\n')
        g_string_append_c(story->hidden, ' ');
    story->is_shown_since = false;
    g_string_append_len(story->hidden, text, (gssize)length);
}

static void end_hidden_line(Story *story) {
    if (story->hidden->len && story->hidden->str[story->hidden->len - 1] != '\n')
        g_string_append_c(story->hidden, '\n');
}

/* A checkbox control shows its state as one character of any font: the state is written instead. */
static bool replace_by_tick(Story *story, gsize characters) {
    Control *control = current_control(story);
    if (!control || control->tick < 0)
        return false;
    if (!control->is_tick_written)
        write_character(story, control->tick ? TICK_CHECKED : TICK_UNCHECKED);
    bool is_first = !control->is_tick_written;
    control->is_tick_written = true;
    return is_first && characters <= 1;
}

/* A control that still shows its placeholder. Authors of templates also build whole forms out of
 * placeholders, so only what begins like one of Word's own prompts is left out. */
static bool is_prompt(Story *story, const char *text, gsize length) {
    static const char *const PROMPTS[] = {"单击",   "点击",           "选择一项",   "請按", "按一下",
                                          "Click ", "Choose an item", "Enter text", "Tap "};
    Control *control = current_control(story);
    if (!control || !control->is_placeholder)
        return false;
    for (guint i = 0; i < G_N_ELEMENTS(PROMPTS); i++)
        control->is_prompt |=
            length >= strlen(PROMPTS[i]) && strncmp(text, PROMPTS[i], strlen(PROMPTS[i])) == 0;
    return control->is_prompt;
}

/* The text of w:t, with the rules for what is not shown. */
static void take_text(Story *story, const char *text, gsize length) {
    DocxContext *context = story->context;
    Paragraph *paragraph = paragraph_of(story);
    gsize visible = visible_length(text, length);
    context->seen += visible;
    if (!paragraph)
        return; /* text outside of any paragraph: the count at the end will tell */
    if (story->instructions) {
        LAST(story->fields, Field)->dropped += visible;
    } else if (paragraph->hidden || is_prompt(story, text, length)) {
        keep_hidden(story, text, length);
    } else if (replace_by_tick(story, visible)) {
        context->dropped += visible;
    } else if (context->text_bytes + length > LIMIT_TEXT_BYTES) {
        context->is_over_limit = true;
        context->dropped += visible;
    } else if (paragraph->symbol_font) {
        g_autofree char *converted = ticks_convert(paragraph->symbol_font, text, length);
        write_text(story, converted, strlen(converted));
    } else {
        write_text(story, text, length);
    }
}

static void write_symbol(Story *story, const XmlAttributes *attributes) {
    char code[8] = "", font[FONT_BYTES] = "";
    guint64 value;
    xml_attribute(attributes, "font", font, sizeof font);
    if (!xml_attribute(attributes, "char", code, sizeof code) ||
        !g_ascii_string_to_unsigned(code, 16, 1, 0xFFFF, &value, NULL))
        return;
    gunichar character = ticks_from_symbol(font, (gunichar)value);
    if (g_unichar_validate(character) && !replace_by_tick(story, 1))
        write_character(story, character);
}

/* ---- paragraphs ---- */

static void start_paragraph(Story *story) {
    Paragraph paragraph = {
        .text = g_string_new(NULL), .number = ++story->n_paragraphs, .num_id = -1, .level = -1};
    g_array_append_val(story->paragraphs, paragraph);
}

static void reset_run(Paragraph *paragraph) {
    paragraph->hidden = 0;
    g_clear_pointer(&paragraph->symbol_font, g_free);
}

static void put_paragraph(Story *story, const Paragraph *paragraph, const char *text) {
    Container *container = container_of(story);
    if (container->table && container->table->is_in_cell) {
        docx_table_add_text(container->table, text);
        return;
    }
    if (!*text)
        return;
    /* a stray paragraph between rows belongs to the story around the table */
    guint index = story->containers->len;
    while (g_array_index(story->containers, Container, index - 1).table)
        index--;
    const Container *around = &g_array_index(story->containers, Container, index - 1);
    if (around->blocks->len >= LIMIT_PARAGRAPHS) {
        story->context->is_over_limit = true;
        story->context->dropped += document_visible_length(text);
        return;
    }
    Block *block = block_new_paragraph(around->origin, text);
    block->is_heading = paragraph->is_heading || (paragraph->is_centred && paragraph->has_bold);
    g_ptr_array_add(around->blocks, block);
}

/* "1." in front, unless it is a bullet before nothing. */
static void add_mark(Story *story, Paragraph *paragraph, const DocxStyle *style) {
    gint64 num_id = paragraph->num_id >= 0 ? paragraph->num_id : style->num_id;
    gint64 level = paragraph->level >= 0 ? paragraph->level : style->level;
    bool is_bullet = false;
    g_autofree char *mark =
        num_id > 0 ? docx_numbering_next(story->context->numbering, num_id, level, &is_bullet) : NULL;
    if (!mark || (is_bullet && !paragraph->text->len))
        return;
    if (paragraph->text->len)
        g_string_prepend_c(paragraph->text, ' ');
    g_string_prepend(paragraph->text, mark);
}

static void end_paragraph(Story *story) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph)
        return;
    end_hidden_line(story);
    DocxStyle style = docx_styles_resolve(story->context->styles, paragraph->style);
    add_mark(story, paragraph, &style);
    paragraph->is_heading |= style.is_heading;
    put_paragraph(story, paragraph, paragraph->text->str);
    reset_run(paragraph);
    g_string_free(paragraph->text, TRUE);
    g_free(paragraph->style);
    g_array_set_size(story->paragraphs, story->paragraphs->len - 1);
}

static void read_paragraph_property(Story *story, int token, const XmlAttributes *attributes) {
    Paragraph *paragraph = paragraph_of(story);
    char value[16] = "";
    if (!paragraph)
        return;
    if (token == DOCX_PSTYLE) {
        g_free(paragraph->style);
        paragraph->style = xml_attribute_dup(attributes, "val");
        paragraph->hidden = 0;
    } else if (token == DOCX_LEVEL) {
        paragraph->level = xml_attribute_int(attributes, "val", 0, 8, 0);
    } else if (token == DOCX_NUM_ID) {
        paragraph->num_id = xml_attribute_int(attributes, "val", 0, G_MAXINT32, 0);
    } else if (token == DOCX_OUTLINE) {
        paragraph->is_heading = xml_attribute_int(attributes, "val", 0, 9, 9) < 9;
    } else if (token == DOCX_ALIGN && parent_token(story) == DOCX_PPR) {
        xml_attribute(attributes, "val", value, sizeof value);
        paragraph->is_centred = strcmp(value, "center") == 0;
    }
}

/* Properties count only where they are those of a run; the same names describe paragraph marks and controls.
 */
static void read_run_property(Story *story, int token, const XmlAttributes *attributes) {
    Paragraph *paragraph = paragraph_of(story);
    bool is_of_run =
        story->depth >= 3 && parent_token(story) == DOCX_RPR && story->tokens[story->depth - 3] == DOCX_R;
    if (!paragraph || !is_of_run)
        return;
    if (token >= DOCX_VANISH && token <= DOCX_DOUBLE_STRIKE) {
        docx_hide(&paragraph->hidden, token, attributes);
    } else if (token == DOCX_BOLD) {
        paragraph->has_bold |= xml_attribute_on(attributes, "val");
    } else if (token == DOCX_RSTYLE) {
        g_autofree char *id = xml_attribute_dup(attributes, "val");
        paragraph->hidden |= docx_styles_resolve(story->context->styles, id).hidden;
    } else if (token == DOCX_FONTS) {
        char font[FONT_BYTES];
        if (xml_attribute(attributes, "ascii", font, sizeof font) && ticks_is_symbol_font(font)) {
            g_free(paragraph->symbol_font);
            paragraph->symbol_font = g_strdup(font);
        }
    }
}

static void start_run(Story *story) {
    Paragraph *paragraph = paragraph_of(story);
    if (!paragraph)
        return;
    reset_run(paragraph);
    if (paragraph->style)
        paragraph->hidden = docx_styles_resolve(story->context->styles, paragraph->style).hidden;
}

/* ---- tables ---- */

static void start_table(Story *story) {
    Container container = {docx_table_new(story->origin, ++story->context->tables),
                           container_of(story)->origin, NULL};
    g_array_append_val(story->containers, container);
}

static void end_table(Story *story) {
    Container *container = container_of(story);
    if (!container->table)
        return;
    Block *block = docx_table_finish(g_steal_pointer(&container->table));
    block->origin = container->origin;
    g_array_set_size(story->containers, story->containers->len - 1);
    Container *parent = container_of(story);
    if (parent->table && parent->table->is_in_cell) {
        docx_table_add_nested(parent->table, block);
        return;
    }
    for (guint i = story->containers->len; i-- > 0;) {
        parent = &g_array_index(story->containers, Container, i);
        if (!parent->table) {
            g_ptr_array_add(parent->blocks, block);
            return;
        }
    }
}

static void end_cell(Story *story) {
    DocxContext *context = story->context;
    DocxTable *table = container_of(story)->table;
    if (!table || !table->is_in_cell)
        return;
    bool is_kept = context->cells < LIMIT_CELLS && docx_table_end_cell(table);
    context->cells++;
    if (is_kept)
        return;
    context->is_over_limit = true;
    context->dropped += visible_length(table->text->str, table->text->len);
    table->is_in_cell = false;
    g_clear_pointer(&table->nested, g_ptr_array_unref);
}

static CellMerge merge_of(const XmlAttributes *attributes) {
    char value[12] = "continue"; /* w:vMerge without w:val continues */
    xml_attribute(attributes, "val", value, sizeof value);
    return strcmp(value, "restart") == 0 ? MERGE_RESTART : MERGE_CONTINUE;
}

static void read_table_event(Story *story, int token, const XmlAttributes *attributes) {
    DocxTable *table = container_of(story)->table;
    if (token == DOCX_TBL)
        start_table(story);
    if (!table)
        return;
    if (token == DOCX_TR)
        docx_table_start_row(table);
    else if (token == DOCX_TC)
        docx_table_start_cell(table);
    else if (token == DOCX_GRID_SPAN)
        table->span = (guint)xml_attribute_int(attributes, "val", 1, 1000, 1);
    else if (token == DOCX_VMERGE)
        table->vertical = merge_of(attributes);
    else if (token == DOCX_HMERGE)
        table->horizontal = merge_of(attributes);
    else if (token == DOCX_GRID_BEFORE && !table->is_in_cell)
        table->column = (guint)xml_attribute_int(attributes, "val", 0, 1000, 0);
}

/* w:del: a deletion with its content, the mark of a deleted row, or the mark of a deleted paragraph end. */
static void start_deletion(Story *story) {
    guint parent = parent_token(story);
    if (parent == DOCX_TRPR && container_of(story)->table)
        container_of(story)->table->is_row_deleted = true;
    else if (parent != DOCX_RPR)
        story->skip_from = story->depth;
}

static void start_text_box(Story *story) {
    Container container = {NULL, ORIGIN_TEXT_BOX, story->boxes};
    g_array_append_val(story->containers, container);
}

static void end_text_box(Story *story) {
    if (story->containers->len > 1 && !container_of(story)->table)
        g_array_set_size(story->containers, story->containers->len - 1);
}

/* ---- fields ---- */

static bool is_of_page(const Story *story) {
    return story->origin == ORIGIN_HEADER || story->origin == ORIGIN_FOOTER;
}

/* What a field in a header or footer shows serves the page; nobody fills it in. */
static DocxShowing start_showing(const Story *story, const char *instruction) {
    const Paragraph *paragraph = is_of_page(story) || story->instructions ? NULL : paragraph_of(story);
    return docx_showing_start(instruction, paragraph ? paragraph->text : NULL,
                              paragraph ? paragraph->number : 0);
}

static void end_showing(const Story *story, DocxShowing *showing) {
    const Paragraph *paragraph = paragraph_of(story);
    docx_showing_end(showing, paragraph ? paragraph->text : NULL, paragraph ? paragraph->number : 0,
                     story->context->volatile_texts);
}

static void start_simple_field(Story *story, const XmlAttributes *attributes) {
    char instruction[32] = ""; /* its first word is enough */
    xml_attribute(attributes, "instr", instruction, sizeof instruction);
    story->simple = start_showing(story, instruction);
}

/* From here on stands what the field shows; the name of a converter's copy does not count. */
static void show_field(Story *story, Field *field) {
    const char *name = story->context->package->name;
    story->instructions -= field->is_instruction;
    field->is_instruction = false;
    field->showing = start_showing(story, field->name.word);
    if (!docx_field_shows_copy(&field->name, name))
        return;
    write_text(story, name, strlen(name));
    field->is_instruction = true;
    story->instructions++;
}

static void close_field(Story *story) {
    Field *field = LAST(story->fields, Field);
    story->instructions -= field->is_instruction;
    story->context->dropped += field->dropped;
    if (field->choices)
        g_ptr_array_unref(field->choices);
    g_array_set_size(story->fields, story->fields->len - 1);
}

static void read_field_char(Story *story, const XmlAttributes *attributes) {
    char type[12] = "";
    xml_attribute(attributes, "fldCharType", type, sizeof type);
    if (strcmp(type, "begin") == 0 && story->fields->len < LIMIT_XML_DEPTH) {
        Field field = {.is_instruction = true, .checked = -1, .checked_default = -1};
        g_array_append_val(story->fields, field);
        story->instructions++;
    } else if (story->fields->len && strcmp(type, "separate") == 0) {
        show_field(story, LAST(story->fields, Field));
    } else if (story->fields->len && strcmp(type, "end") == 0) {
        end_showing(story, &LAST(story->fields, Field)->showing);
        close_field(story);
    }
}

static void read_form_field(Story *story, int token, const XmlAttributes *attributes) {
    Field *field = story->fields->len ? LAST(story->fields, Field) : NULL;
    if (!field)
        return;
    guint parent = parent_token(story);
    if (token == DOCX_FF_CHECKBOX) {
        field->is_checkbox = true;
    } else if (token == DOCX_FF_CHECKED && parent == DOCX_FF_CHECKBOX) {
        field->checked = xml_attribute_on(attributes, "val");
    } else if (token == DOCX_FF_DEFAULT && parent == DOCX_FF_CHECKBOX) {
        field->checked_default = xml_attribute_on(attributes, "val");
    } else if (token == DOCX_FF_RESULT) {
        field->choice = xml_attribute_int(attributes, "val", 0, G_MAXINT16, 0);
    } else if (token == DOCX_FF_ENTRY) {
        if (!field->choices)
            field->choices = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(field->choices, xml_attribute_dup(attributes, "val"));
    }
}

/* What a legacy form field shows stands in its data, not in its result. */
static void end_form_field(Story *story) {
    Field *field = story->fields->len ? LAST(story->fields, Field) : NULL;
    if (!field || !field->is_instruction)
        return;
    guint outer = story->instructions - 1;
    story->instructions = outer; /* written as if the field were shown already */
    if (field->is_checkbox) {
        int state = field->checked >= 0 ? field->checked : field->checked_default;
        write_character(story, state > 0 ? TICK_CHECKED : TICK_UNCHECKED);
    } else if (field->choices && field->choice < field->choices->len) {
        const char *chosen = g_ptr_array_index(field->choices, field->choice);
        if (chosen)
            write_text(story, chosen, strlen(chosen));
    }
    story->instructions = outer + 1;
}

/* ---- controls and alternatives ---- */

static void read_control(Story *story, int token, const XmlAttributes *attributes) {
    Control *control = current_control(story);
    if (token == DOCX_SDT) {
        Control fresh = {.tick = -1};
        g_array_append_val(story->controls, fresh);
    } else if (!control) {
        return;
    } else if (token == DOCX_PLACEHOLDER) {
        control->is_placeholder = xml_attribute_on(attributes, "val");
    } else if (token == DOCX_SDT_CHECKBOX) {
        control->tick = 0;
    } else if (token == DOCX_SDT_CHECKED) {
        control->tick = xml_attribute_on(attributes, "val");
    }
}

static void end_control(Story *story) {
    Control *control = current_control(story);
    if (!control)
        return;
    if (control->tick >= 0)
        replace_by_tick(story, 0);
    g_array_set_size(story->controls, story->controls->len - 1);
}

/* Both branches of mc:AlternateContent hold the same: the first choice is taken, the fallback only where that
 * brought no text. */
static void read_alternate(Story *story, int token) {
    if (token == DOCX_ALTERNATE) {
        Alternate fresh = {story->context->seen, false};
        g_array_append_val(story->alternates, fresh);
        return;
    }
    if (!story->alternates->len)
        return;
    Alternate *alternate = LAST(story->alternates, Alternate);
    bool is_superfluous = token == DOCX_CHOICE
                              ? alternate->has_choice
                              : alternate->has_choice && story->context->seen > alternate->seen_before;
    if (is_superfluous)
        story->skip_from = story->depth;
    alternate->has_choice = true;
}

static void start_note(Story *story, const XmlAttributes *attributes) {
    char type[24] = "normal"; /* separators and continuation notices are no text of the author */
    xml_attribute(attributes, "type", type, sizeof type);
    if (strcmp(type, "normal") != 0)
        story->skip_from = story->depth;
    else
        story->notes++;
}

/* As they are shown where nothing else is asked for: footnotes 1, 2, endnotes i, ii. */
static void write_note_mark(Story *story, const char *format) {
    g_autofree char *mark = numerals_format(story->notes, format);
    write_text(story, mark, strlen(mark));
}

static void note_reference(Story *story, const XmlAttributes *attributes) {
    char *id = xml_attribute_dup(attributes, "id");
    if (id && story->context->references->len < LIMIT_ARCHIVE_ENTRIES)
        g_ptr_array_add(story->context->references, id);
    else
        g_free(id);
}

/* ---- events ---- */

static void start_content(Story *story, int token, const XmlAttributes *attributes) {
    switch (token) {
    case DOCX_P:
        start_paragraph(story);
        break;
    case DOCX_R:
        start_run(story);
        break;
    case DOCX_T:
        story->text_depth = story->depth;
        break;
    case DOCX_TAB:
        write_character(story, '\t');
        break;
    case DOCX_BR:
        write_character(story, '\n');
        break;
    case DOCX_HYPHEN:
        write_character(story, '-');
        break;
    case DOCX_SOFT_HYPHEN:
        write_character(story, SOFT_HYPHEN);
        break;
    case DOCX_SYM:
        write_symbol(story, attributes);
        break;
    case DOCX_SKIP:
    case DOCX_INSTRUCTION:
    case DOCX_GUIDE:
    case DOCX_DEL_TEXT:
        story->skip_from = story->depth;
        break;
    case DOCX_DEL:
        start_deletion(story);
        break;
    case DOCX_TEXT_BOX:
        start_text_box(story);
        break;
    case DOCX_NOTE:
        start_note(story, attributes);
        break;
    case DOCX_FOOTNOTE_MARK:
        write_note_mark(story, "decimal");
        break;
    case DOCX_ENDNOTE_MARK:
        write_note_mark(story, "lowerRoman");
        break;
    case DOCX_ALT_CHUNK:
        story->context->has_foreign = true;
        break;
    default:
        break;
    }
}

static void start_reference(Story *story, int token, const XmlAttributes *attributes) {
    if (token == DOCX_FOOTNOTE_REF || token == DOCX_ENDNOTE_REF)
        story->context->has_notes = true;
    else
        note_reference(story, attributes);
}

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Story *story = user;
    story->tokens[story->depth++] = (guint8)token;
    if (story->skip_from)
        return true;
    if (token >= DOCX_P && token <= DOCX_ALT_CHUNK)
        start_content(story, token, attributes);
    else if (token >= DOCX_VANISH && token <= DOCX_BOLD)
        read_run_property(story, token, attributes);
    else if (token >= DOCX_PSTYLE && token <= DOCX_OUTLINE)
        read_paragraph_property(story, token, attributes);
    else if (token >= DOCX_TBL && token <= DOCX_GRID_BEFORE)
        read_table_event(story, token, attributes);
    else if (token >= DOCX_SDT && token <= DOCX_SDT_CHECKED)
        read_control(story, token, attributes);
    else if (token == DOCX_FLD_CHAR)
        read_field_char(story, attributes);
    else if (token == DOCX_FLD_SIMPLE)
        start_simple_field(story, attributes);
    else if (token >= DOCX_FF_DATA && token <= DOCX_FF_ENTRY)
        read_form_field(story, token, attributes);
    else if (token >= DOCX_ALTERNATE && token <= DOCX_FALLBACK)
        read_alternate(story, token);
    else if (token >= DOCX_HEADER_REF && token <= DOCX_ENDNOTE_REF)
        start_reference(story, token, attributes);
    return true;
}

static void end_row(Story *story) {
    DocxTable *table = container_of(story)->table;
    if (!table)
        return;
    if (table->is_row_deleted)
        for (guint i = table->row_first_cell; i < table->block->grid->cells->len; i++) {
            const Cell *cell = g_ptr_array_index(table->block->grid->cells, i);
            keep_hidden(story, cell->text, strlen(cell->text));
            end_hidden_line(story);
        }
    docx_table_end_row(table);
}

static void end_element(Story *story, int token) {
    switch (token) {
    case DOCX_P:
        end_paragraph(story);
        break;
    case DOCX_T:
        story->text_depth = 0;
        break;
    case DOCX_TBL:
        end_table(story);
        break;
    case DOCX_TR:
        end_row(story);
        break;
    case DOCX_TC:
        end_cell(story);
        break;
    case DOCX_TEXT_BOX:
        end_text_box(story);
        break;
    case DOCX_SDT:
        end_control(story);
        break;
    case DOCX_FF_DATA:
        end_form_field(story);
        break;
    case DOCX_FLD_SIMPLE:
        end_showing(story, &story->simple);
        break;
    case DOCX_ALTERNATE:
        if (story->alternates->len)
            g_array_set_size(story->alternates, story->alternates->len - 1);
        break;
    default:
        break;
    }
}

static void on_end(void *user, int token) {
    Story *story = user;
    if (!story->skip_from)
        end_element(story, token);
    else if (story->skip_from == story->depth)
        story->skip_from = 0;
    story->depth--;
}

/* Whether what is left out at this place is text that somebody wrote: deleted, or the reading of a word. */
static bool is_kept_hidden(const Story *story) {
    guint token = story->tokens[story->depth - 1];
    return token == DOCX_DEL_TEXT || (token == DOCX_T && story->tokens[story->skip_from - 1] == DOCX_GUIDE);
}

static void on_text(void *user, const char *text, gsize length) {
    Story *story = user;
    if (story->text_depth == story->depth && !story->skip_from) {
        take_text(story, text, length);
    } else if (story->skip_from == story->depth && story->tokens[story->depth - 1] == DOCX_INSTRUCTION) {
        if (story->fields->len)
            docx_field_name_take(&LAST(story->fields, Field)->name, text, length);
    } else if (story->skip_from && is_kept_hidden(story)) {
        story->context->seen += visible_length(text, length);
        keep_hidden(story, text, length);
    }
}

void docx_story_read_bytes(DocxContext *context, GBytes *bytes, BlockOrigin origin, GPtrArray *blocks) {
    Story story = {
        .context = context,
        .origin = origin,
        .containers = g_array_new(FALSE, FALSE, sizeof(Container)),
        .paragraphs = g_array_new(FALSE, FALSE, sizeof(Paragraph)),
        .fields = g_array_new(FALSE, FALSE, sizeof(Field)),
        .controls = g_array_new(FALSE, FALSE, sizeof(Control)),
        .alternates = g_array_new(FALSE, FALSE, sizeof(Alternate)),
        .boxes = g_ptr_array_new(),
        .hidden = g_string_new(NULL),
    };
    Container root = {NULL, origin, blocks};
    g_array_append_val(story.containers, root);
    const XmlHandler handler = {&DOCX_GRAMMAR, on_start, on_end, on_text};
    ProblemCode code;
    if (!xml_read(bytes, &handler, &story, &code))
        problem_add_reading(context->package->problems, code, context->package->name);
    for (guint i = 0; i < story.boxes->len; i++)
        g_ptr_array_add(blocks, g_ptr_array_index(story.boxes, i));
    g_strchomp(story.hidden->str);
    if (*story.hidden->str)
        g_ptr_array_add(blocks, block_new_paragraph(ORIGIN_HIDDEN, story.hidden->str));
    g_string_free(story.hidden, TRUE);
    while (story.fields
               ->len) { /* a field without end swallowed what follows: that is a loss, not a field code */
        LAST(story.fields, Field)->dropped = 0;
        close_field(&story);
    }
    g_array_unref(story.containers);
    g_array_unref(story.paragraphs);
    g_array_unref(story.fields);
    g_array_unref(story.controls);
    g_array_unref(story.alternates);
    g_ptr_array_unref(story.boxes);
}

bool docx_story_read(DocxContext *context, const char *part, BlockOrigin origin, GPtrArray *blocks) {
    g_autoptr(GBytes) bytes = package_part(context->package, part);
    if (!bytes)
        return false;
    docx_story_read_bytes(context, bytes, origin, blocks);
    return true;
}
