#include "gateway/io/document_out_form.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/io/document_out_package.h"
#include "parsers/label.h"

/* A4 with margins of 2 cm, in twentieths of a point; the grid of four columns fills the width. */
#define PAGE                                                                                                 \
    "<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" "       \
    "w:left=\"1134\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>"
#define LABEL_WIDTH  1900
#define VALUE_WIDTH  2919
#define WIDTH        (2 * (LABEL_WIDTH + VALUE_WIDTH))
#define ROW_HEIGHT   454  /* 8 mm: a line of handwriting */
#define PROSE_HEIGHT 1134 /* 2 cm */
#define EMPTY_ROWS   6    /* of a list table; Word adds more with the tab key */

#define NAMESPACE "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define XML       "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define BORDERS                                                                                              \
    "<w:tblBorders><w:top w:val=\"single\" w:sz=\"8\"/><w:left w:val=\"single\" w:sz=\"8\"/><w:bottom "      \
    "w:val=\"single\" w:sz=\"8\"/><w:right w:val=\"single\" w:sz=\"8\"/><w:insideH w:val=\"single\" "        \
    "w:sz=\"4\"/><w:insideV w:val=\"single\" w:sz=\"4\"/></w:tblBorders>"

static const char content_types[] =
    XML "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default "
        "Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        "<Default Extension=\"xml\" ContentType=\"application/xml\"/><Override "
        "PartName=\"/word/document.xml\" "
        "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>"
        "<Override PartName=\"/word/styles.xml\" "
        "ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/></Types>";
static const char package_rels[] =
    XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "
        "Id=\"rId1\" "
        "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" "
        "Target=\"word/document.xml\"/></Relationships>";
static const char document_rels[] =
    XML "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship "
        "Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" "
        "Target=\"styles.xml\"/></Relationships>";
static const char styles[] =
    XML "<w:styles " NAMESPACE "><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" "
        "w:hAnsi=\"Times New Roman\" w:eastAsia=\"宋体\" w:cs=\"Times New Roman\"/><w:sz w:val=\"21\"/>"
        "<w:szCs w:val=\"21\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>"
        "<w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">"
        "<w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name "
        "w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"120\" w:after=\"240\"/>"
        "<w:jc w:val=\"center\"/></w:pPr><w:rPr><w:rFonts w:eastAsia=\"黑体\"/><w:b/><w:sz "
        "w:val=\"36\"/></w:rPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name "
        "w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:keepNext/><w:spacing w:before=\"240\" "
        "w:after=\"80\"/></w:pPr><w:rPr><w:rFonts w:eastAsia=\"黑体\"/><w:b/><w:sz "
        "w:val=\"24\"/></w:rPr></w:style></w:styles>";

/* ---- which label the reader knows again
 * ------------------------------------------------------------------------------ */

static bool has_label(const json_t *definition, const char *normal) {
    gsize i;
    json_t *label;
    json_array_foreach(json_object_get(definition, "labels"), i, label) {
        g_autofree char *known = label_normal_form(json_string_value(label), -1);
        if (strcmp(known, normal) == 0)
            return true;
    }
    return false;
}

static const json_t *group_of(const json_t *form, const json_t *field) {
    const char *key = json_string_value(json_object_get(field, "group"));
    gsize i;
    json_t *group;
    json_array_foreach(json_object_get(form, "groups"), i, group)
        if (key && g_strcmp0(json_string_value(json_object_get(group, "key")), key) == 0)
            return group;
    return NULL;
}

/* "指导老师姓名" is the group's label and the field's together. */
static bool is_grouped_label(const json_t *group, const json_t *field, const char *normal) {
    gsize i;
    json_t *label;
    json_array_foreach(json_object_get(group, "labels"), i, label) {
        g_autofree char *head = label_normal_form(json_string_value(label), -1);
        if (*head && g_str_has_prefix(normal, head) && has_label(field, normal + strlen(head)))
            return true;
    }
    return false;
}

static const char *first_label(const json_t *definition) {
    const char *label = json_string_value(json_array_get(json_object_get(definition, "labels"), 0));
    return label ? label : definition_key(definition);
}

/* The title in the letter's language where the reader takes it for a label of this field, else the first
 * label. */
static char *label_of(const json_t *form, const json_t *field, const char *language) {
    const json_t *group = group_of(form, field);
    const char *title = definition_title(field, language);
    g_autofree char *normal = label_normal_form(title, -1);
    bool needs_group = group && !json_is_true(json_object_get(group, "optional"));
    if ((!needs_group && has_label(field, normal)) || (group && is_grouped_label(group, field, normal)))
        return g_strdup(title);
    return needs_group ? g_strconcat(first_label(group), first_label(field), NULL)
                       : g_strdup(first_label(field));
}

/* ---- the body
 * ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const json_t *form, *prefill;
    const char *language;
    GString *xml;
    guint column; /* of the row under way: 0 (none) or 2 */
} Body;

static const char *prefilled(const Body *body, const char *key) {
    gsize i;
    json_t *entry;
    json_array_foreach(body->prefill, i, entry)
        if (g_strcmp0(json_string_value(json_object_get(entry, "key")), key) == 0)
            return json_string_value(json_object_get(entry, "value"));
    return NULL;
}

static void add_cell(GString *xml, int width, int columns, bool is_label, const char *text) {
    g_string_append_printf(xml, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>", width);
    if (columns > 1)
        g_string_append_printf(xml, "<w:gridSpan w:val=\"%d\"/>", columns);
    if (is_label)
        g_string_append(xml, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F5F9\"/>");
    g_string_append_printf(xml,
                           "<w:vAlign w:val=\"center\"/></w:tcPr><w:p><w:pPr><w:jc w:val=\"%s\"/></w:pPr>",
                           is_label ? "center" : "left");
    if (text && *text) {
        g_string_append(xml, "<w:r><w:t xml:space=\"preserve\">");
        document_out_text(xml, text);
        g_string_append(xml, "</w:t></w:r>");
    }
    g_string_append(xml, "</w:p></w:tc>");
}

static void start_row(GString *xml, int height, bool is_head) {
    g_string_append_printf(xml,
                           "<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"%d\" w:hRule=\"atLeast\"/>%s"
                           "</w:trPr>",
                           height, is_head ? "<w:tblHeader/>" : "");
}

static void end_half_row(Body *body) {
    if (body->column == 0)
        return;
    add_cell(body->xml, LABEL_WIDTH, 1, true, NULL);
    add_cell(body->xml, VALUE_WIDTH, 1, false, NULL);
    g_string_append(body->xml, "</w:tr>");
    body->column = 0;
}

/* The choices as boxes to tick; the reader takes a ticked one for the value. */
static char *boxes(const json_t *field, const char *chosen) {
    g_autoptr(GString) text = g_string_new(NULL);
    gsize i;
    json_t *choice;
    json_array_foreach(json_object_get(field, "choices"), i, choice) {
        const char *value = json_string_value(json_object_get(choice, "value"));
        g_string_append_printf(text, "%s%s%s", i ? "  " : "", g_strcmp0(value, chosen) == 0 ? "☑" : "□",
                               value ? value : "");
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void add_field(Body *body, const json_t *field, bool is_prose) {
    bool is_choice = json_array_size(json_object_get(field, "choices")) > 0;
    const char *known = prefilled(body, definition_key(field));
    g_autofree char *value = is_choice ? boxes(field, known) : g_strdup(known);
    g_autofree char *label = label_of(body->form, field, body->language);
    bool is_wide = is_prose || is_choice || strcmp(definition_type(field), "daterange") == 0;
    if (is_wide)
        end_half_row(body);
    if (body->column == 0)
        start_row(body->xml, is_prose ? PROSE_HEIGHT : ROW_HEIGHT, false);
    add_cell(body->xml, LABEL_WIDTH, 1, true, label);
    add_cell(body->xml, is_wide ? WIDTH - LABEL_WIDTH : VALUE_WIDTH, is_wide ? 3 : 1, false, value);
    body->column = is_wide ? 0 : (body->column + 2) % 4;
    if (body->column == 0)
        g_string_append(body->xml, "</w:tr>");
}

static void start_table(GString *xml, const int *widths, guint n) {
    g_string_append(xml, "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:jc w:val=\"center\"/>" BORDERS
                         "<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
    for (guint i = 0; i < n; i++)
        g_string_append_printf(xml, "<w:gridCol w:w=\"%d\"/>", widths[i]);
    g_string_append(xml, "</w:tblGrid>");
}

/* Text that follows the first figure is prose (issues, plans); before it, it names something. */
static void add_fields(Body *body) {
    static const int widths[] = {LABEL_WIDTH, VALUE_WIDTH, LABEL_WIDTH, VALUE_WIDTH};
    bool past_figures = false;
    gsize i;
    json_t *field;
    start_table(body->xml, widths, G_N_ELEMENTS(widths));
    json_array_foreach(definition_fields(body->form), i, field) {
        past_figures = past_figures || definition_is_number(field);
        add_field(body, field, past_figures && strcmp(definition_type(field), "text") == 0);
    }
    end_half_row(body);
    g_string_append(body->xml, "</w:tbl>");
}

static void add_paragraph(GString *xml, const char *style, const char *text) {
    g_string_append_printf(xml, "<w:p><w:pPr><w:pStyle w:val=\"%s\"/></w:pPr><w:r><w:t>", style);
    document_out_text(xml, text);
    g_string_append(xml, "</w:t></w:r></w:p>");
}

static void add_list(Body *body, const json_t *table) {
    const json_t *columns = definition_columns(table);
    guint n = (guint)json_array_size(columns);
    if (n == 0)
        return;
    g_autofree int *widths = g_new(int, n);
    double weight = 0;
    gsize i;
    json_t *column;
    json_array_foreach(columns, i, column) {
        const char *type = definition_type(column);
        bool is_serial = json_is_true(json_object_get(column, "serial"));
        widths[i] = is_serial ? 2 : strcmp(type, "text") == 0 ? 6 : definition_is_number(column) ? 3 : 4;
        weight += widths[i];
    }
    for (i = 0; i < n; i++)
        widths[i] = (int)(WIDTH * widths[i] / weight);
    add_paragraph(body->xml, "Heading1", definition_title(table, body->language));
    start_table(body->xml, widths, n);
    for (guint row = 0; row <= EMPTY_ROWS; row++) {
        start_row(body->xml, ROW_HEIGHT, row == 0);
        json_array_foreach(columns, i, column) {
            g_autofree char *label = row == 0 ? label_of(body->form, column, body->language) : NULL;
            add_cell(body->xml, widths[i], 1, row == 0, label);
        }
        g_string_append(body->xml, "</w:tr>");
    }
    g_string_append(body->xml, "</w:tbl>");
}

GBytes *document_out_form(const json_t *form, const json_t *prefill, const char *language, GError **error) {
    g_autoptr(GString) xml = g_string_new(XML "<w:document " NAMESPACE "><w:body>");
    Body body = {.form = form, .prefill = prefill, .language = language, .xml = xml};
    gsize i;
    json_t *table;
    add_paragraph(xml, "Title", definition_title(form, language));
    if (json_array_size(definition_fields(form)) > 0)
        add_fields(&body);
    json_array_foreach(definition_tables(form), i, table)
        add_list(&body, table);
    /* Word wants a paragraph after a table at the end */
    g_string_append(xml, "<w:p/><w:sectPr>" PAGE "</w:sectPr></w:body></w:document>");
    g_autoptr(DocumentPackage) package = document_package_new();
    document_package_add(package, "[Content_Types].xml", content_types, strlen(content_types));
    document_package_add(package, "_rels/.rels", package_rels, strlen(package_rels));
    document_package_add(package, "word/document.xml", xml->str, xml->len);
    document_package_add(package, "word/_rels/document.xml.rels", document_rels, strlen(document_rels));
    document_package_add(package, "word/styles.xml", styles, strlen(styles));
    return document_package_finish(package, error);
}
