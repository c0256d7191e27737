/* A compiled template: a flat list of nodes. Private to mustache.c and mustache_template.c. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum { NODE_TEXT, NODE_VALUE, NODE_RAW, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL } MustacheNodeKind;

typedef struct {
    MustacheNodeKind kind;
    guint line;
    guint end;  /* sections: index of the node after the last one inside */
    char *text; /* literal text, or the tag's name */
} MustacheNode;

typedef struct {
    char *name;
    GArray *nodes; /* MustacheNode */
} MustacheTemplate;

/* Compiles; FORTNIGHT_ERROR_CONFIGURATION with "name:line: …" on a syntax error. */
MustacheTemplate *mustache_template_new(const char *name, const char *source, gsize length, GError **error);
void mustache_template_free(MustacheTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MustacheTemplate, mustache_template_free)
