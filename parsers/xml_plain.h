/* The plain case of XML 1.0 [XML]: UTF-8, well-formed, no DOCTYPE, so no entities but the five that are built
 * in. Nearly every document is of this kind, and reading it takes a quarter of libxml2's instructions
 * (measured on docx of templates/); what does not fit is left to libxml2 (xml.c), whose events this reading
 * must equal: libxml2 goes on where it ended. No allocation but for text and values with references; linear
 * in the bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
    const char *name, *value; /* as written, in the bytes that were read */
    gsize name_length, value_length;
} XmlPlainAttribute;

/* xmlns or xmlns:prefix [XML-NAMES] */
static inline bool xml_plain_is_namespace(const XmlPlainAttribute *attribute) {
    gsize length = strlen("xmlns");
    return *attribute->name == 'x' && attribute->name_length >= length &&
           memcmp(attribute->name, "xmlns", length) == 0 &&
           (attribute->name_length == length || attribute->name[length] == ':');
}

/* A start tag. More attributes than that are not told: n_attributes is then XML_PLAIN_ATTRIBUTES_MAX + 1. */
#define XML_PLAIN_ATTRIBUTES_MAX 256
typedef struct {
    const char *name; /* as written, with its prefix */
    gsize name_length;
    guint64 head; /* the first bytes of the name, and nothing else: names of up to eight bytes are equal where
                     heads and lengths are */
    const XmlPlainAttribute *attributes;
    guint n_attributes;
    bool has_namespaces; /* some attribute declares one */
} XmlPlainTag;

typedef struct {
    /* Returning false ends the reading. */
    bool (*start)(void *user, const XmlPlainTag *tag);
    /* The end of the innermost open element, and where the bytes go on; returning false ends the reading. */
    bool (*end)(void *user, const char *behind);
    /* Valid UTF-8, references resolved, line ends as one line feed. */
    void (*text)(void *user, const char *text, gsize length);
    /* For the "<" of a start tag whose name ends in "Pr", as properties in Office files do: how many of the
     * left bytes are an element that was told otherwise already and is passed over; 0: none. Returning false
     * ends the reading. */
    bool (*repeat)(void *user, const char *tag, gsize left, gsize *ret_length);
} XmlPlainEvents;

/* Tells the events of the bytes, to the end or until one of them ends the reading. False where they are not
 * of the plain kind: what was told is then what stands before the place at which that showed. */
bool xml_plain_read(const char *data, gsize length, const XmlPlainEvents *events, void *user);

/* Appends text with its references resolved and its line ends made one line feed ([XML] 2.11, 4.1, 4.6);
 * false at an unknown or impossible reference. */
bool xml_plain_append(GString *out, const char *text, gsize length);
