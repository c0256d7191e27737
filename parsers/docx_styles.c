#include "parsers/docx_styles.h"

#include <string.h>

#include "parsers/docx_names.h"

/* Word itself stops at 11; a cycle must end. */
#define BASED_ON_MAX 20

typedef struct {
    char *based_on;
    guint8 hidden, hidden_said; /* HIDDEN_BY_…, and which of them are said */
    int heading;                /* -1: not said */
    gint64 num_id, level;       /* -1: not said */
} Style;

struct DocxStyles {
    GHashTable *by_id; /* char* → Style* */
};

typedef struct {
    DocxStyles *styles;
    Style *style; /* inside w:style */
} Reading;

static void style_free(gpointer data) {
    Style *style = data;
    g_free(style->based_on);
    g_free(style);
}

static bool is_heading_name(const char *name) {
    return g_ascii_strncasecmp(name, "heading ", 8) == 0 || g_ascii_strcasecmp(name, "title") == 0 ||
           g_ascii_strcasecmp(name, "subtitle") == 0 || g_str_has_prefix(name, "标题");
}

guint8 docx_hide(guint8 *hidden, int token, const XmlAttributes *attributes) {
    guint8 bit = token == DOCX_VANISH          ? HIDDEN_BY_VANISH
                 : token == DOCX_STRIKE        ? HIDDEN_BY_STRIKE
                 : token == DOCX_DOUBLE_STRIKE ? HIDDEN_BY_DOUBLE_STRIKE
                                               : 0;
    *hidden = (guint8)(xml_attribute_on(attributes, "val") ? *hidden | bit : *hidden & ~bit);
    return bit;
}

static void start_style(Reading *reading, const XmlAttributes *attributes) {
    char *id = xml_attribute_dup(attributes, "styleId");
    if (!id)
        return;
    Style *style = g_new0(Style, 1);
    *style = (Style){NULL, 0, 0, -1, -1, -1};
    g_hash_table_replace(reading->styles->by_id, id, style);
    reading->style = style;
}

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Reading *reading = user;
    Style *style = reading->style;
    if (token == DOCX_STYLE) {
        start_style(reading, attributes);
        return true;
    }
    if (!style)
        return true;
    if (token == DOCX_BASED_ON && !style->based_on) {
        style->based_on = xml_attribute_dup(attributes, "val");
    } else if (token >= DOCX_VANISH && token <= DOCX_DOUBLE_STRIKE) {
        style->hidden_said |= docx_hide(&style->hidden, token, attributes);
    } else if (token == DOCX_NUM_ID) {
        style->num_id = xml_attribute_int(attributes, "val", 0, G_MAXINT32, -1);
    } else if (token == DOCX_LEVEL) {
        style->level = xml_attribute_int(attributes, "val", 0, 8, -1);
    } else if (token == DOCX_OUTLINE) {
        style->heading = xml_attribute_int(attributes, "val", 0, 9, 9) < 9;
    } else if (token == DOCX_NAME) {
        g_autofree char *name = xml_attribute_dup(attributes, "val");
        if (name && is_heading_name(name))
            style->heading = 1;
    }
    return true;
}

static void on_end(void *user, int token) {
    if (token == DOCX_STYLE)
        ((Reading *)user)->style = NULL;
}

static void on_text(void *user, const char *text, gsize length) {
}

DocxStyles *docx_styles_read(Package *package, const char *part) {
    Reading reading = {g_new0(DocxStyles, 1), NULL};
    reading.styles->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
    const XmlHandler handler = {&DOCX_GRAMMAR, on_start, on_end, on_text};
    if (part)
        package_read_xml(package, part, &handler, &reading);
    return reading.styles;
}

void docx_styles_free(DocxStyles *styles) {
    if (!styles)
        return;
    g_hash_table_unref(styles->by_id);
    g_free(styles);
}

DocxStyle docx_styles_resolve(const DocxStyles *styles, const char *id) {
    Style found = {NULL, 0, 0, -1, -1, -1};
    for (guint i = 0; id && i < BASED_ON_MAX; i++) {
        const Style *style = g_hash_table_lookup(styles->by_id, id);
        if (!style)
            break;
        found.hidden |= style->hidden & ~found.hidden_said;
        found.hidden_said |= style->hidden_said;
        found.heading = found.heading < 0 ? style->heading : found.heading;
        found.num_id = found.num_id < 0 ? style->num_id : found.num_id;
        found.level = found.level < 0 ? style->level : found.level;
        id = style->based_on;
    }
    return (DocxStyle){found.hidden, found.heading > 0, MAX(found.num_id, 0), MAX(found.level, 0)};
}
