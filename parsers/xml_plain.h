/* The plain case of XML 1.0 [XML]: UTF-8, well-formed, no DOCTYPE, so no entities but the five that are built
 * in. Nearly every document is of this kind, and reading it takes a sixth of the time that a complete parser
 * takes; what does not fit is left to libxml2 (xml.c), whose events this reading must equal. No allocation
 * but for text with references; linear in the bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    /* A start tag; name as written, with its prefix; attributes are the bytes between name and end of the
     * tag, for xml_plain_attribute, which may declare namespaces if has_namespaces. Returning false ends the
     * reading. */
    bool (*start)(void *user, const char *name, gsize name_length, const char *attributes, gsize length,
                  bool has_namespaces);
    /* The end of the innermost open element; returning false ends the reading. */
    bool (*end)(void *user);
    /* Valid UTF-8, references resolved, line ends as one line feed. */
    void (*text)(void *user, const char *text, gsize length);
} XmlPlainEvents;

typedef struct {
    const char *name, *value; /* as written, in the bytes that were read */
    gsize name_length, value_length;
} XmlPlainAttribute;

/* Checks the bytes, then tells their events, to the end or until one of them ends the reading. False, and
 * nothing told, where they are not of the plain kind. */
bool xml_plain_read(const char *data, gsize length, const XmlPlainEvents *events, void *user);

/* Takes the next attribute off *at, which ends at end; false at the end. */
bool xml_plain_attribute(const char **at, const char *end, XmlPlainAttribute *ret_attribute);

/* Whether it declares a namespace: xmlns or xmlns:prefix [XML-NAMES]. */
bool xml_plain_is_namespace(const XmlPlainAttribute *attribute);

/* Appends text with its references resolved and its line ends made one line feed ([XML] 2.11, 4.1, 4.6);
 * false at an unknown or impossible reference. */
bool xml_plain_append(GString *out, const char *text, gsize length);
