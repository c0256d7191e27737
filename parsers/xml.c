#include "parsers/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "parsers/limits.h"
#include "parsers/xml_plain.h"
#include "parsers/xml_repeat.h"

/* Names are looked up once a spelling: libxml2 keeps one string for each, so its address is the key; the
 * plain reading hashes the bytes. */
#define CACHE_BITS  8
#define CACHE_SLOTS (1u << CACHE_BITS)
#define HASH_FACTOR                                                                                          \
    2654435769u /* 2^32 / golden ratio: spreads neighbours over the highest bits (Knuth 6.4) */

/* Namespaces in force at one place; documents of Office declare some forty. */
enum { NAMESPACES_MAX = 256 };

struct XmlAttributes {
    guint count;
    const xmlChar **values; /* 5 each: local name, prefix, URI, begin, end of the value; NULL: in plain */
    const XmlPlainAttribute *plain;
};

typedef struct {
    const void *name, *uri; /* uri: of libxml2 */
    guint64 head;           /* of the plain reading, with the generation of its namespaces */
    guint32 length, generation;
    int token;
} CacheSlot;

typedef struct {
    const char *prefix, *uri; /* as written */
    gsize prefix_length, uri_length;
    guint depth; /* of the element that declares it */
} Namespace;

typedef struct {
    const XmlHandler *handler;
    void *user;
    xmlParserCtxtPtr context; /* NULL in the plain reading */
    guint depth;
    int failure; /* ProblemCode or -1 */
    bool is_stopped, has_doctype;
    /* of the plain reading */
    guint n_namespaces, generation; /* generation: grows with every change of the namespaces */
    /* what it told: tags, and bytes of text since the last; libxml2 does not tell them again */
    gsize told_tags, told_text;
    CacheSlot cache[CACHE_SLOTS];
    /* from here on not cleared */
    int open[LIMIT_XML_DEPTH + 1]; /* tokens of the open elements */
    Namespace namespaces[NAMESPACES_MAX];
    XmlRepeat repeat;
} Reader;

/* text is without a NUL byte, as all that is well-formed. */
static bool is_text(const char *known, const char *text, gsize length) {
    return strncmp(known, text, length) == 0 && known[length] == 0;
}

static bool is_in_space(const XmlGrammar *grammar, int space, const char *uri, gsize length) {
    if (space == XML_ANY_SPACE)
        return true;
    const char *const *known = grammar->spaces[space];
    for (; uri && *known; known++)
        if (is_text(*known, uri, length))
            return true;
    return false;
}

static int find_token(const XmlGrammar *grammar, const char *name, gsize name_length, const char *uri,
                      gsize uri_length) {
    for (guint i = 0; i < grammar->n_names; i++)
        if (grammar->names[i].name[0] == name[0] && is_text(grammar->names[i].name, name, name_length) &&
            is_in_space(grammar, grammar->names[i].space, uri, uri_length))
            return grammar->names[i].token;
    return 0;
}

static int cached_token(Reader *reader, const xmlChar *name, const xmlChar *uri) {
    /* libxml2 packs names without gaps: neighbours such as "p" and "r" differ in the lowest bits only */
    guint32 hash = (guint32)((gsize)name + 31 * (gsize)uri) * HASH_FACTOR;
    CacheSlot *slot = &reader->cache[hash >> (32 - CACHE_BITS)];
    if (slot->name != name || slot->uri != uri)
        *slot = (CacheSlot){.name = name,
                            .uri = uri,
                            .token = find_token(reader->handler->grammar, (const char *)name,
                                                strlen((const char *)name), (const char *)uri,
                                                uri ? strlen((const char *)uri) : 0)};
    return slot->token;
}

static void stop(Reader *reader, ProblemCode code) {
    reader->is_stopped = true;
    if (reader->failure < 0)
        reader->failure = code;
    if (reader->context)
        xmlStopParser(reader->context);
}

/* ---- libxml2 ---- */

/* A tag that the plain reading told before it gave up. */
static bool was_told(Reader *reader) {
    if (reader->told_tags == 0) {
        reader->told_text = 0;
        return false;
    }
    reader->told_tags--;
    return true;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                     const xmlChar **values) {
    Reader *reader = user;
    if (reader->is_stopped || was_told(reader))
        return;
    if (reader->has_doctype || reader->depth >= LIMIT_XML_DEPTH) {
        stop(reader, reader->has_doctype ? PROBLEM_DAMAGED : PROBLEM_LIMIT);
        return;
    }
    int token = cached_token(reader, name, uri);
    reader->open[reader->depth++] = token;
    const XmlAttributes attributes = {.count = (guint)n_attributes, .values = values};
    if (!reader->handler->start(reader->user, token, &attributes))
        stop(reader, PROBLEM_LIMIT);
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    Reader *reader = user;
    if (reader->is_stopped || was_told(reader) || reader->depth == 0)
        return;
    reader->handler->end(reader->user, reader->open[--reader->depth]);
}

static void on_text(void *user, const xmlChar *text, int length) {
    Reader *reader = user;
    gsize told = reader->told_tags ? (gsize)length : MIN((gsize)length, reader->told_text);
    if (!reader->told_tags)
        reader->told_text -= told;
    text += told;
    length -= (int)told;
    if (reader->is_stopped || length == 0)
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

static void read_with_libxml2(Reader *reader, const char *data, gsize length) {
    xmlParserCtxtPtr context = length ? xmlCreateMemoryParserCtxt(data, (int)MIN(length, G_MAXINT)) : NULL;
    if (!context) {
        reader->failure = PROBLEM_DAMAGED;
        return;
    }
    reader->context = context;
    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                   XML_PARSE_NOCDATA);
    set_up(context->sax);
    context->userData = reader;
    xmlParseDocument(context);
    if (!context->wellFormed && reader->failure < 0)
        reader->failure = PROBLEM_DAMAGED;
    xmlFreeDoc(context->myDoc); /* made even without a tree where entities are declared */
    xmlFreeParserCtxt(context);
}

/* ---- the plain reading ---- */

/* Enters what a start tag declares; false: too much. */
static bool enter_namespaces(Reader *reader, const XmlPlainTag *tag) {
    for (guint i = 0; i < tag->n_attributes; i++) {
        const XmlPlainAttribute *attribute = &tag->attributes[i];
        if (!xml_plain_is_namespace(attribute))
            continue;
        if (reader->n_namespaces == NAMESPACES_MAX)
            return false;
        gsize skipped = MIN(strlen("xmlns:"), attribute->name_length);
        reader->namespaces[reader->n_namespaces++] =
            (Namespace){attribute->name + skipped, attribute->value, attribute->name_length - skipped,
                        attribute->value_length, reader->depth};
        reader->generation++;
    }
    return true;
}

static void leave_namespaces(Reader *reader) {
    while (reader->n_namespaces > 0 && reader->namespaces[reader->n_namespaces - 1].depth == reader->depth) {
        reader->n_namespaces--;
        reader->generation++;
    }
}

static int token_in_namespaces(const Reader *reader, const char *name, gsize length) {
    const char *colon = memchr(name, ':', length);
    gsize prefix_length = colon ? (gsize)(colon - name) : 0;
    const char *local = colon ? colon + 1 : name;
    const Namespace *found = NULL;
    for (guint i = reader->n_namespaces; i-- > 0 && !found;)
        if (reader->namespaces[i].prefix_length == prefix_length &&
            memcmp(reader->namespaces[i].prefix, name, prefix_length) == 0)
            found = &reader->namespaces[i];
    return find_token(reader->handler->grammar, local, (gsize)(name + length - local),
                      found ? found->uri : NULL, found ? found->uri_length : 0);
}

static inline bool is_slot_of(const CacheSlot *slot, const Reader *reader, const XmlPlainTag *tag) {
    return slot->head == tag->head && slot->length == tag->name_length &&
           slot->generation == reader->generation &&
           (slot->length <= sizeof tag->head || memcmp(slot->name, tag->name, slot->length) == 0);
}

/* A name has two places, side by side: the second where the first is another's in force. */
static int plain_token(Reader *reader, const XmlPlainTag *tag) {
    guint64 hash = (tag->head ^ (tag->head >> 32) ^ tag->name_length) * HASH_FACTOR;
    CacheSlot *slot = &reader->cache[(guint32)hash >> (32 - CACHE_BITS)];
    if (is_slot_of(slot, reader, tag))
        return slot->token;
    CacheSlot *other = slot + (slot == reader->cache ? 1 : -1);
    if (is_slot_of(other, reader, tag))
        return other->token;
    if (slot->length && slot->generation == reader->generation)
        slot = other;
    *slot = (CacheSlot){.name = tag->name,
                        .head = tag->head,
                        .length = (guint32)tag->name_length,
                        .generation = reader->generation,
                        .token = token_in_namespaces(reader, tag->name, tag->name_length)};
    return slot->token;
}

static bool start_plain(Reader *reader, int token, const XmlPlainAttribute *attributes, guint n_attributes) {
    reader->open[reader->depth++] = token;
    const XmlAttributes all = {.count = n_attributes, .plain = attributes};
    if (!reader->handler->start(reader->user, token, &all))
        stop(reader, PROBLEM_LIMIT);
    return !reader->is_stopped;
}

static void end_plain(Reader *reader) {
    reader->handler->end(reader->user, reader->open[--reader->depth]);
}

static bool on_plain_start(void *user, const XmlPlainTag *tag) {
    Reader *reader = user;
    if (tag->n_attributes > XML_PLAIN_ATTRIBUTES_MAX ||
        (tag->has_namespaces && !enter_namespaces(reader, tag))) {
        stop(reader, PROBLEM_LIMIT);
        return false;
    }
    int token = plain_token(reader, tag);
    reader->told_tags++;
    reader->told_text = 0;
    xml_repeat_start(&reader->repeat, reader->depth, token, tag);
    return start_plain(reader, token, tag->attributes, tag->n_attributes);
}

static bool on_plain_end(void *user, const char *behind) {
    Reader *reader = user;
    reader->told_tags++;
    reader->told_text = 0;
    end_plain(reader);
    xml_repeat_end(&reader->repeat, reader->depth, behind, reader->generation);
    leave_namespaces(reader);
    return true;
}

static void on_plain_text(void *user, const char *text, gsize length) {
    Reader *reader = user;
    reader->told_text += length;
    xml_repeat_abandon(&reader->repeat);
    reader->handler->text(reader->user, text, length);
}

/* Tells an element once more. What the handler does not know is told where it holds something that it knows.
 */
static void tell_repeated(Reader *reader, const XmlRepeatSpan *span) {
    guint base = reader->depth;
    for (guint i = 0; i < span->n_tags && !reader->is_stopped; i++) {
        const XmlRepeatTag *tag = &reader->repeat.tags[span->first_tag + i];
        while (reader->depth > base + tag->depth)
            end_plain(reader);
        while (reader->depth < base + tag->depth && start_plain(reader, 0, NULL, 0))
            ;
        if (!reader->is_stopped)
            start_plain(reader, tag->token, reader->repeat.attributes + tag->first_attribute,
                        tag->n_attributes);
    }
    while (reader->depth > base && !reader->is_stopped)
        end_plain(reader);
}

static bool on_plain_repeat(void *user, const char *tag, gsize left, gsize *ret_length) {
    Reader *reader = user;
    const XmlRepeatSpan *span = xml_repeat_find(&reader->repeat, tag, left, reader->generation);
    if (!span || reader->depth + span->height > LIMIT_XML_DEPTH)
        return true;
    reader->told_tags += span->n_told;
    reader->told_text = 0;
    tell_repeated(reader, span);
    *ret_length = span->length;
    return !reader->is_stopped;
}

bool xml_read(GBytes *bytes, const XmlHandler *handler, void *user, ProblemCode *ret_code) {
    static const XmlPlainEvents events = {on_plain_start, on_plain_end, on_plain_text, on_plain_repeat};
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autofree Reader *reader = g_new(Reader, 1);
    memset(reader, 0, offsetof(Reader, open));
    reader->handler = handler;
    reader->user = user;
    reader->failure = -1;
    xml_repeat_init(&reader->repeat);
    if (!xml_plain_read(data, length, &events, reader))
        read_with_libxml2(reader, data, length);
    while (reader->depth > 0)
        handler->end(user, reader->open[--reader->depth]);
    if (reader->failure >= 0)
        *ret_code = (ProblemCode)reader->failure;
    return reader->failure < 0;
}

/* ---- attributes ---- */

/* Without entity replacement libxml2 hands an ampersand on as a character reference. */
static void restore_ampersands(char *text) {
    char *at = text;
    while ((at = strstr(at, "&#38;"))) {
        at++;
        memmove(at, at + 4, strlen(at + 4) + 1);
    }
}

/* [XML] 3.3.3: white space as it is written is a space each, then references are resolved. */
static char *plain_value(const XmlPlainAttribute *attribute) {
    const char *end = attribute->value + attribute->value_length;
    g_autoptr(GString) written = g_string_sized_new(attribute->value_length);
    for (const char *at = attribute->value; at < end; at++)
        if (*at != '\r' || at + 1 == end || at[1] != '\n')
            g_string_append_c(written, g_ascii_isspace(*at) ? ' ' : *at);
    g_autoptr(GString) value = g_string_sized_new(written->len);
    xml_plain_append(value, written->str, written->len);
    return g_utf8_make_valid(value->str, (gssize)value->len);
}

/* By its local name: alone or behind one prefix, which is not that of a declaration. */
static bool find_plain(const XmlAttributes *attributes, const char *name, XmlPlainAttribute *ret_attribute) {
    gsize length = strlen(name);
    for (guint i = 0; i < attributes->count; i++) {
        const XmlPlainAttribute *attribute = &attributes->plain[i];
        gsize prefix = attribute->name_length - length; /* with its colon */
        if (attribute->name_length < length || attribute->name[prefix] != *name ||
            memcmp(attribute->name + prefix, name, length) != 0)
            continue;
        if (prefix == 0 || (attribute->name[prefix - 1] == ':' && !memchr(attribute->name, ':', prefix - 1) &&
                            memcmp(attribute->name, "xmlns:", MIN(prefix, strlen("xmlns:"))) != 0)) {
            *ret_attribute = *attribute;
            return true;
        }
    }
    return false;
}

/* It stands for itself: without reference or control character, as nearly all values. */
static bool is_simple(const XmlPlainAttribute *attribute) {
    bool has_high = false;
    for (gsize i = 0; i < attribute->value_length; i++) {
        guchar c = (guchar)attribute->value[i];
        has_high |= c >= 0x80;
        if (c < ' ' || c == '&')
            return false;
    }
    return !has_high || g_utf8_validate(attribute->value, (gssize)attribute->value_length, NULL);
}

char *xml_attribute_dup(const XmlAttributes *attributes, const char *name) {
    XmlPlainAttribute plain;
    if (!attributes->values)
        return !find_plain(attributes, name, &plain) ? NULL
               : is_simple(&plain)                   ? g_strndup(plain.value, plain.value_length)
                                                     : plain_value(&plain);
    for (guint i = 0; i < attributes->count; i++) {
        const xmlChar **attribute = attributes->values + 5 * i;
        if (strcmp((const char *)attribute[0], name) == 0) {
            char *copy = g_utf8_make_valid((const char *)attribute[3], attribute[4] - attribute[3]);
            restore_ampersands(copy);
            return copy;
        }
    }
    return NULL;
}

bool xml_attribute(const XmlAttributes *attributes, const char *name, char *buffer, gsize size) {
    XmlPlainAttribute plain;
    if (!attributes->values && find_plain(attributes, name, &plain) && is_simple(&plain)) {
        gsize length = MIN(plain.value_length, size - 1);
        memcpy(buffer, plain.value, length); /* may cut a character, as the other way does */
        buffer[length] = 0;
        return true;
    }
    g_autofree char *value = xml_attribute_dup(attributes, name);
    if (!value)
        return false;
    g_strlcpy(buffer, value, size);
    return true;
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
