/* XML as a stream of events, for documents from strangers: by xml_plain.h where that suffices, else by
 * libxml2's SAX2 without tree, network, entities or DTD. A DOCTYPE stops the reading (facts/email.md 5.2),
 * depth is capped, work is linear in the bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/problem.h"

typedef struct {
    const char *name; /* local name */
    int space;        /* index into XmlGrammar.spaces, or XML_ANY_SPACE */
    int token;        /* at least 1 */
} XmlName;

#define XML_ANY_SPACE (-1)

/* The names that a reader knows; everything else is token 0. */
typedef struct {
    const XmlName *names;
    guint n_names;
    const char *const *const
        *spaces; /* for each space a NULL-terminated list of its URIs (transitional, strict, …) */
    guint n_spaces;
} XmlGrammar;

typedef struct XmlAttributes XmlAttributes; /* valid during the call only */

typedef struct {
    const XmlGrammar *grammar;
    /* Returning false stops the reading (a limit of the reader's own). */
    bool (*start)(void *user, int token, const XmlAttributes *attributes);
    void (*end)(void *user, int token);
    void (*text)(void *user, const char *text, gsize length); /* valid UTF-8 */
} XmlHandler;

/* Reads bytes to the end. Of elements that repeat byte for byte, those that the grammar does not know may be
 * left out where they hold nothing that it knows. True where all was well-formed; else ret_code is
 * PROBLEM_DAMAGED, _BOMB (entities declared) or _LIMIT (depth, or start() returned false); what came before
 * was delivered, and every start() got its end(). */
bool xml_read(GBytes *bytes, const XmlHandler *handler, void *user, ProblemCode *ret_code);

/* Copies the value of the attribute with this local name, cut to size - 1 bytes; false if there is none. */
bool xml_attribute(const XmlAttributes *attributes, const char *name, char *buffer, gsize size);
/* The whole value, or NULL; the caller frees it. */
char *xml_attribute_dup(const XmlAttributes *attributes, const char *name);
/* An integer attribute within lowest..highest, or fallback. */
gint64 xml_attribute_int(const XmlAttributes *attributes, const char *name, gint64 lowest, gint64 highest,
                         gint64 fallback);
/* The on/off type of OOXML ([ECMA-376-1] 22.9.2.7): absent attribute is on; 0, false, off, none are off. */
bool xml_attribute_on(const XmlAttributes *attributes, const char *name);
