/* The blank form of an obligation as a Word document in the official layout: title, two label-value pairs a
 * row, prose over the whole width, then the list tables with empty rows. What the definition says is all that
 * is known; the labels are those that parsers/match reads again. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* form: its definition (definition_form()). prefill: [{"key","value"}] in words for people, or NULL.
 * language: of headings; labels stay in the language that the form is read in. The caller owns the docx. */
GBytes *document_out_form(const json_t *form, const json_t *prefill, const char *language, GError **error);

#define DOCX_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
