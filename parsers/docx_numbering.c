#include "parsers/docx_numbering.h"

#include <string.h>

#include "parsers/docx_names.h"
#include "parsers/numerals.h"

#define LEVELS 9

typedef struct {
    char *format; /* "decimal", "chineseCounting", …; NULL: decimal */
    char *text;   /* "%1." */
    gint64 start;
} Level;

typedef struct {
    Level levels[LEVELS];
    gint64 counters[LEVELS];
    bool is_counted[LEVELS];
} AbstractList;

typedef struct {
    gint64 abstract_id;
    gint64 start_override[LEVELS]; /* -1: none */
    bool is_overridden[LEVELS];    /* applied already */
    Level levels[LEVELS];          /* own ones; text NULL: the abstract list's */
} List;

struct DocxNumbering {
    GHashTable *abstracts; /* id → AbstractList* */
    GHashTable *lists;     /* id → List* */
};

typedef struct {
    DocxNumbering *numbering;
    AbstractList *abstract;
    List *list;
    gint64 level; /* open w:lvl or w:lvlOverride, or -1 */
} Reading;

static void clear_levels(Level *levels) {
    for (guint i = 0; i < LEVELS; i++) {
        g_free(levels[i].format);
        g_free(levels[i].text);
    }
}

static void abstract_free(gpointer data) {
    clear_levels(((AbstractList *)data)->levels);
    g_free(data);
}

static void list_free(gpointer data) {
    clear_levels(((List *)data)->levels);
    g_free(data);
}

static gpointer key_of(gint64 id) {
    return GINT_TO_POINTER((int)id);
}

static void start_list(Reading *reading, const XmlAttributes *attributes) {
    gint64 id = xml_attribute_int(attributes, "numId", 0, G_MAXINT32, -1);
    if (id < 0)
        return;
    List *list = g_new0(List, 1);
    for (guint i = 0; i < LEVELS; i++)
        list->start_override[i] = -1;
    g_hash_table_replace(reading->numbering->lists, key_of(id), list);
    reading->list = list;
}

static void start_abstract(Reading *reading, const XmlAttributes *attributes) {
    gint64 id = xml_attribute_int(attributes, "abstractNumId", 0, G_MAXINT32, -1);
    if (id < 0)
        return;
    AbstractList *abstract = g_new0(AbstractList, 1); /* 17.9.25: without w:start a level begins with 0 */
    g_hash_table_replace(reading->numbering->abstracts, key_of(id), abstract);
    reading->abstract = abstract;
}

static void set_text(char **target, const XmlAttributes *attributes) {
    g_free(*target);
    *target = xml_attribute_dup(attributes, "val");
}

static void read_level(Reading *reading, int token, const XmlAttributes *attributes) {
    if (reading->level < 0 || (!reading->abstract && !reading->list))
        return;
    Level *level = reading->abstract ? &reading->abstract->levels[reading->level]
                                     : &reading->list->levels[reading->level];
    if (token == DOCX_START)
        level->start = xml_attribute_int(attributes, "val", 0, G_MAXINT16, 1);
    else if (token == DOCX_FORMAT)
        set_text(&level->format, attributes);
    else if (token == DOCX_LVL_TEXT)
        set_text(&level->text, attributes);
    else if (token == DOCX_START_OVERRIDE && reading->list)
        reading->list->start_override[reading->level] =
            xml_attribute_int(attributes, "val", 0, G_MAXINT16, 1);
}

static bool on_start(void *user, int token, const XmlAttributes *attributes) {
    Reading *reading = user;
    if (token == DOCX_ABSTRACT_NUM)
        start_abstract(reading, attributes);
    else if (token == DOCX_NUM)
        start_list(reading, attributes);
    else if (token == DOCX_ABSTRACT_ID && reading->list)
        reading->list->abstract_id = xml_attribute_int(attributes, "val", 0, G_MAXINT32, -1);
    else if (token == DOCX_LVL || token == DOCX_LVL_OVERRIDE)
        reading->level = xml_attribute_int(attributes, "ilvl", 0, LEVELS - 1, -1);
    else
        read_level(reading, token, attributes);
    return true;
}

static void on_end(void *user, int token) {
    Reading *reading = user;
    if (token == DOCX_ABSTRACT_NUM)
        reading->abstract = NULL;
    else if (token == DOCX_NUM)
        reading->list = NULL;
    if (token == DOCX_LVL_OVERRIDE || (token == DOCX_LVL && !reading->list))
        reading->level = -1;
}

static void on_text(void *user, const char *text, gsize length) {
}

DocxNumbering *docx_numbering_read(Package *package, const char *part) {
    DocxNumbering *numbering = g_new0(DocxNumbering, 1);
    numbering->abstracts = g_hash_table_new_full(NULL, NULL, NULL, abstract_free);
    numbering->lists = g_hash_table_new_full(NULL, NULL, NULL, list_free);
    Reading reading = {numbering, NULL, NULL, -1};
    const XmlHandler handler = {&DOCX_GRAMMAR, on_start, on_end, on_text};
    if (part)
        package_read_xml(package, part, &handler, &reading);
    return numbering;
}

void docx_numbering_free(DocxNumbering *numbering) {
    if (!numbering)
        return;
    g_hash_table_unref(numbering->abstracts);
    g_hash_table_unref(numbering->lists);
    g_free(numbering);
}

/* ---- counting ---- */

static const Level *level_of(const List *list, const AbstractList *abstract, gint64 level) {
    return list->levels[level].text ? &list->levels[level] : &abstract->levels[level];
}

static void count(List *list, AbstractList *abstract, gint64 level) {
    if (list->start_override[level] >= 0 && !list->is_overridden[level]) {
        abstract->counters[level] = list->start_override[level];
        list->is_overridden[level] = abstract->is_counted[level] = true;
    } else if (!abstract->is_counted[level]) {
        abstract->counters[level] = level_of(list, abstract, level)->start;
        abstract->is_counted[level] = true;
    } else {
        abstract->counters[level]++;
    }
    for (gint64 below = level + 1; below < LEVELS; below++)
        abstract->is_counted[below] = false;
}

/* "%1.%2" with the counters of the levels put in. */
static char *fill_in(const List *list, AbstractList *abstract, const Level *shown) {
    GString *mark = g_string_new(NULL);
    for (const char *at = shown->text; *at; at++) {
        if (*at != '%' || at[1] < '1' || at[1] > '9') {
            g_string_append_c(mark, *at);
            continue;
        }
        gint64 level = *++at - '1';
        const Level *source = level_of(list, abstract, level);
        gint64 value = abstract->is_counted[level] ? abstract->counters[level] : source->start;
        g_autofree char *numeral = numerals_format(value, source->format);
        g_string_append(mark, numeral);
    }
    return g_string_free(mark, FALSE);
}

char *docx_numbering_next(DocxNumbering *numbering, gint64 num_id, gint64 level, bool *ret_is_bullet) {
    List *list = g_hash_table_lookup(numbering->lists, key_of(num_id));
    AbstractList *abstract =
        list ? g_hash_table_lookup(numbering->abstracts, key_of(list->abstract_id)) : NULL;
    if (!abstract || level < 0 || level >= LEVELS)
        return NULL;
    count(list, abstract, level);
    const Level *shown = level_of(list, abstract, level);
    if (!shown->text || !*shown->text || g_strcmp0(shown->format, "none") == 0)
        return NULL;
    *ret_is_bullet = g_strcmp0(shown->format, "bullet") == 0;
    /* bullets are mostly codes of a symbol font, which would be a riddle elsewhere */
    return *ret_is_bullet ? g_strdup("•") : fill_in(list, abstract, shown);
}
