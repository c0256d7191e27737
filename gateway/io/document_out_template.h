/* A Word document from a template that people restyle in Word: {{placeholders}} and {{#sections}} of
 * mustache.h in its text. Word breaks a paragraph into runs wherever somebody stopped typing: the runs of a
 * paragraph that holds a tag are joined first, in the look of the first one. A paragraph of nothing but
 * section tags leaves no trace; a table row that begins with {{#x}} and ends with {{/x}} repeats as a row. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Renders document, headers and footers of a docx; all other parts are copied. strict: an unknown name is an
 * error. FORTNIGHT_ERROR_CONFIGURATION "word/document.xml:12: what is wrong", 12 the paragraph, counted from
 * the beginning, those in tables too. The caller owns the docx. */
GBytes *document_out_render(GBytes *docx, const json_t *facts, bool strict, GError **error);
