#include "parsers/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "parsers/limits.h"

/* Names are looked up once a spelling: libxml2 keeps one string for each, so its address is the key. */
#define CACHE_BITS  9
#define CACHE_SLOTS (1u << CACHE_BITS)
#define HASH_FACTOR                                                                                          \
    2654435769u /* 2^32 / golden ratio: spreads neighbours over the highest bits (Knuth 6.4) */

struct XmlAttributes {
    int count;
    const xmlChar **values; /* 5 each: local name, prefix, URI, begin, end of the value */
};

typedef struct {
    const xmlChar *name, *uri;
    int token;
} CacheSlot;

typedef struct {
    const XmlHandler *handler;
    void *user;
    xmlParserCtxtPtr context;
    CacheSlot cache[CACHE_SLOTS];
    int open[LIMIT_XML_DEPTH + 1]; /* tokens of the open elements */
    guint depth;
    int failure; /* ProblemCode or -1 */
    bool is_stopped, has_doctype;
} Reader;

static bool is_in_space(const XmlGrammar *grammar, int space, const char *uri) {
    if (space == XML_ANY_SPACE)
        return true;
    const char *const *known = grammar->spaces[space];
    for (; uri && *known; known++)
        if (strcmp(*known, uri) == 0)
            return true;
    return false;
}

static int find_token(const XmlGrammar *grammar, const char *name, const char *uri) {
    for (guint i = 0; i < grammar->n_names; i++)
        if (grammar->names[i].name[0] == name[0] && strcmp(grammar->names[i].name, name) == 0 &&
            is_in_space(grammar, grammar->names[i].space, uri))
            return grammar->names[i].token;
    return 0;
}

static int cached_token(Reader *reader, const xmlChar *name, const xmlChar *uri) {
    /* libxml2 packs names without gaps: neighbours such as "p" and "r" differ in the lowest bits only */
    guint32 hash = (guint32)((gsize)name + 31 * (gsize)uri) * HASH_FACTOR;
    CacheSlot *slot = &reader->cache[hash >> (32 - CACHE_BITS)];
    if (slot->name != name || slot->uri != uri)
        *slot = (CacheSlot){name, uri,
                            find_token(reader->handler->grammar, (const char *)name, (const char *)uri)};
    return slot->token;
}

static void stop(Reader *reader, ProblemCode code) {
    reader->is_stopped = true;
    if (reader->failure < 0)
        reader->failure = code;
    xmlStopParser(reader->context);
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                     const xmlChar **values) {
    Reader *reader = user;
    if (reader->is_stopped)
        return;
    if (reader->has_doctype || reader->depth >= LIMIT_XML_DEPTH) {
        stop(reader, reader->has_doctype ? PROBLEM_DAMAGED : PROBLEM_LIMIT);
        return;
    }
    int token = cached_token(reader, name, uri);
    reader->open[reader->depth++] = token;
    const XmlAttributes attributes = {n_attributes, values};
    if (!reader->handler->start(reader->user, token, &attributes))
        stop(reader, PROBLEM_LIMIT);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    Reader *reader = user;
    if (reader->is_stopped || reader->depth == 0)
        return;
    reader->handler->end(reader->user, reader->open[--reader->depth]);
}

static void on_text(void *user, const xmlChar *text, int length) {
    Reader *reader = user;
    if (reader->is_stopped)
        return;
    if (g_utf8_validate((const char *)text, length, NULL)) {
        reader->handler->text(reader->user, (const char *)text, (gsize)length);
        return;
    }
    /* after an encoding error libxml2 goes on with bytes as they are */
    g_autofree char *valid = g_utf8_make_valid((const char *)text, length);
    reader->handler->text(reader->user, valid, strlen(valid));
}

static void on_doctype(void *user, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
    ((Reader *)user)->has_doctype = true;
}

static void on_entity(void *user, const xmlChar *name, int type, const xmlChar *public_id,
                      const xmlChar *system_id, xmlChar *content) {
    stop(user, PROBLEM_BOMB);
}

static void on_error(void *user, xmlErrorPtr error) {
    Reader *reader = user;
    /* namespace and attribute slips are harmless, the rest costs text */
    bool is_harmless = error->domain == XML_FROM_NAMESPACE || error->level < XML_ERR_ERROR;
    if (!is_harmless && reader->failure < 0)
        reader->failure = error->code == XML_ERR_ENTITY_LOOP || error->code == XML_ERR_INTERNAL_ERROR
                              ? PROBLEM_LIMIT
                              : PROBLEM_DAMAGED;
}

static void set_up(xmlSAXHandler *sax) {
    memset(sax, 0, sizeof *sax);
    sax->initialized = XML_SAX2_MAGIC;
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->characters = on_text;
    sax->ignorableWhitespace = on_text;
    sax->cdataBlock = on_text;
    sax->internalSubset = on_doctype;
    sax->entityDecl = on_entity;
    sax->serror = on_error;
}

bool xml_read(GBytes *bytes, const XmlHandler *handler, void *user, ProblemCode *ret_code) {
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree Reader *reader = g_new0(Reader, 1);
    *reader = (Reader){.handler = handler, .user = user, .failure = -1};
    xmlParserCtxtPtr context = length ? xmlCreateMemoryParserCtxt(data, (int)MIN(length, G_MAXINT)) : NULL;
    if (!context) {
        *ret_code = PROBLEM_DAMAGED;
        return false;
    }
    reader->context = context;
    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                   XML_PARSE_NOCDATA);
    set_up(context->sax);
    context->userData = reader;
    xmlParseDocument(context);
    if (!context->wellFormed && reader->failure < 0)
        reader->failure = PROBLEM_DAMAGED;
    while (reader->depth > 0)
        handler->end(user, reader->open[--reader->depth]);
    xmlFreeDoc(context->myDoc); /* made even without a tree where entities are declared */
    xmlFreeParserCtxt(context);
    if (reader->failure >= 0)
        *ret_code = (ProblemCode)reader->failure;
    return reader->failure < 0;
}

/* ---- attributes ---- */

static bool find_value(const XmlAttributes *attributes, const char *name, const char **ret_value,
                       gsize *ret_length) {
    for (int i = 0; i < attributes->count; i++) {
        const xmlChar **attribute = attributes->values + 5 * i;
        if (strcmp((const char *)attribute[0], name) == 0) {
            *ret_value = (const char *)attribute[3];
            *ret_length = (gsize)(attribute[4] - attribute[3]);
            return true;
        }
    }
    return false;
}

/* Without entity replacement libxml2 hands an ampersand on as a character reference. */
static void restore_ampersands(char *text) {
    char *at = text;
    while ((at = strstr(at, "&#38;"))) {
        at++;
        memmove(at, at + 4, strlen(at + 4) + 1);
    }
}

bool xml_attribute(const XmlAttributes *attributes, const char *name, char *buffer, gsize size) {
    const char *value;
    gsize length;
    if (!find_value(attributes, name, &value, &length))
        return false;
    length = MIN(length, size - 1);
    memcpy(buffer, value, length);
    buffer[length] = 0;
    restore_ampersands(buffer);
    return true;
}

char *xml_attribute_dup(const XmlAttributes *attributes, const char *name) {
    const char *value;
    gsize length;
    if (!find_value(attributes, name, &value, &length))
        return NULL;
    char *copy = g_utf8_make_valid(value, (gssize)length);
    restore_ampersands(copy);
    return copy;
}

gint64 xml_attribute_int(const XmlAttributes *attributes, const char *name, gint64 lowest, gint64 highest,
                         gint64 fallback) {
    char text[24];
    gint64 value;
    if (!xml_attribute(attributes, name, text, sizeof text) ||
        !g_ascii_string_to_signed(text, 10, lowest, highest, &value, NULL))
        return fallback;
    return value;
}

bool xml_attribute_on(const XmlAttributes *attributes, const char *name) {
    char value[8];
    if (!xml_attribute(attributes, name, value, sizeof value))
        return true;
    return strcmp(value, "0") != 0 && strcmp(value, "false") != 0 && strcmp(value, "off") != 0 &&
           strcmp(value, "none") != 0;
}
