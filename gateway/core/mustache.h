/* Mustache, a small subset (mustache(5)): {{x}} escaped for where it stands, {{{x}}} and {{&x}} as they are,
 * {{#x}} {{^x}} {{/x}} sections, {{>name}} partials, {{! comments }}, dotted names, {{.}}. Facts are JSON. No
 * I/O: the caller brings the sources.
 *
 * False in a section: null, false, 0, "", [], {}; as a value, null and false are empty. Added to the subset:
 *   list.any      whether a list has entries         list.length   how many
 *   @index        the entry's number, from 1         @first @last  whether it is the first or last one
 * Lines that hold nothing but one section tag, comment or partial leave no trace. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "gateway/core/mustache_escape.h"

#define MUSTACHE_SOURCE_MAX (256u << 10) /* bytes of one template: people write them */
#define MUSTACHE_OUTPUT_MAX (8u << 20)   /* bytes rendered: far above any letter, far below harm */
#define MUSTACHE_VALUE_MAX                                                                                   \
    1000                      /* characters of one escaped value; then an ellipsis: a field may hold 16 KiB */
#define MUSTACHE_DEPTH_MAX 24 /* sections and partials open at once */

/* Templates by name; each may use every other as a partial. */
typedef struct MustacheSet MustacheSet;

/* An empty set. The caller frees it. */
MustacheSet *mustache_set_new(void);
void mustache_set_free(MustacheSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MustacheSet, mustache_set_free)

/* Compiles a template (UTF-8, at most MUSTACHE_SOURCE_MAX bytes) under a name, replacing one of that name.
 * FORTNIGHT_ERROR_CONFIGURATION with "name:line: what is wrong" on a syntax error; the set is then unchanged.
 */
bool mustache_set_add(MustacheSet *set, const char *name, const char *source, gsize length, GError **error);

/* Whether a template of that name was added. */
bool mustache_set_has(const MustacheSet *set, const char *name);

/* The line of the first unescaped tag ({{{x}}} or {{&x}}) of a template, 0 if there is none or no such
 * template. */
guint mustache_set_raw_line(const MustacheSet *set, const char *name);

/* Renders a template with facts (a JSON object). Strict: an unknown variable is an error, else it is empty; a
 * missing partial, too much output or depth always is (FORTNIGHT_ERROR_CONFIGURATION, "name:line: …"). The
 * caller frees *ret_text. */
bool mustache_render(const MustacheSet *set, const char *name, const json_t *facts, MustacheEscape escape,
                     bool strict, char **ret_text, GError **error);
