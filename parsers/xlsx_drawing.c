#include "parsers/xlsx_drawing.h"

#include <string.h>

#include "parsers/limits.h"
#include "parsers/ole_object.h"
#include "parsers/xlsx_names.h"

/* Charts of one sheet; no report has as many. */
#define CHARTS_MAX 50u

typedef struct {
    XlsxContext *context;
    GString *text;
    BlockOrigin origin;
    int paragraph_token, text_token;
    bool is_in_text;
} Reading;

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Reading *reading = user;
    reading->is_in_text = token == reading->text_token;
    if (token == reading->paragraph_token)
        g_string_truncate(reading->text, 0);
    return reading->context->text_bytes < LIMIT_TEXT_BYTES;
}

static void on_end(void *user, int token) {
    Reading *reading = user;
    reading->is_in_text = false;
    if (token != reading->paragraph_token || !reading->text->len)
        return;
    reading->context->text_bytes += reading->text->len;
    document_add_paragraph(reading->context->document, reading->origin, reading->text->str);
}

static void on_text(void *user, const char *text, gsize length) {
    Reading *reading = user;
    if (reading->is_in_text)
        g_string_append_len(reading->text, text, (gssize)length);
}

static void read_part(XlsxContext *context, const char *part, BlockOrigin origin, int paragraph_token,
                      int text_token) {
    Reading reading = {context, g_string_new(NULL), origin, paragraph_token, text_token, false};
    const XmlHandler handler = {&XLSX_GRAMMAR, on_start, on_end, on_text};
    package_read_xml(context->package, part, &handler, &reading);
    if (context->text_bytes >= LIMIT_TEXT_BYTES)
        context->is_over_limit = true;
    g_string_free(reading.text, TRUE);
}

static void read_charts(XlsxContext *context, const char *drawing) {
    g_autoptr(GPtrArray) relations = package_relations(context->package, drawing);
    guint n_charts = 0;
    for (guint i = 0; i < relations->len; i++) {
        const Relation *relation = g_ptr_array_index(relations, i);
        if (relation->is_external || strcmp(relation->type, "chart") != 0)
            continue;
        if (n_charts++ == CHARTS_MAX) {
            context->has_loss = true;
            break;
        }
        read_part(context, relation->target, ORIGIN_HIDDEN, XLSX_DRAWING_PARAGRAPH, XLSX_DRAWING_TEXT);
    }
}

/* Files embedded in a sheet are not read; equations and charts of the old kind hold nothing else. */
static bool has_files(XlsxContext *context, const GPtrArray *relations) {
    for (guint i = 0; i < relations->len && !context->has_unread; i++) {
        const Relation *relation = g_ptr_array_index(relations, i);
        if (relation->is_external)
            continue;
        if (strcmp(relation->type, "package") == 0)
            return true;
        if (strcmp(relation->type, "oleObject") != 0)
            continue;
        g_autoptr(GBytes) object = package_part(context->package, relation->target);
        if (!object || !ole_object_is_drawing(object))
            return true;
    }
    return false;
}

void xlsx_drawing_read(XlsxContext *context, const char *part, bool is_hidden) {
    g_autoptr(GPtrArray) relations = package_relations(context->package, part);
    context->has_unread |= has_files(context, relations);
    const char *drawing = package_related(relations, "drawing");
    const char *comments = package_related(relations, "comments");
    if (drawing) {
        read_part(context, drawing, is_hidden ? ORIGIN_HIDDEN : ORIGIN_TEXT_BOX, XLSX_DRAWING_PARAGRAPH,
                  XLSX_DRAWING_TEXT);
        read_charts(context, drawing);
    }
    if (comments)
        read_part(context, comments, is_hidden ? ORIGIN_HIDDEN : ORIGIN_NOTE, XLSX_COMMENT, XLSX_TEXT);
}
