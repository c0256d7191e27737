/* The styles of a docx, as far as they change what is read: hidden text, headings, numbering. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/package.h"
#include "parsers/xml.h"

typedef struct DocxStyles DocxStyles;

/* Why text is no value. Each can be switched off again for itself. */
enum { HIDDEN_BY_VANISH = 1, HIDDEN_BY_STRIKE = 2, HIDDEN_BY_DOUBLE_STRIKE = 4 };

typedef struct {
    guint8 hidden;   /* HIDDEN_BY_… of its text; 0: text that counts */
    bool is_heading; /* outline level 1 to 9, Title, heading N, 标题 */
    gint64 num_id;   /* of w:numPr, or 0 */
    gint64 level;    /* its level from 0 */
} DocxStyle;

/* Reads a styles part; an absent one gives an empty set. Never NULL; free with docx_styles_free(). */
DocxStyles *docx_styles_read(Package *package, const char *part);
void docx_styles_free(DocxStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocxStyles, docx_styles_free)

/* Switches what a property (DOCX_VANISH, DOCX_STRIKE, DOCX_DOUBLE_STRIKE) says on or off in `hidden`; other
 * tokens change nothing. Returns the bit, or 0. */
guint8 docx_hide(guint8 *hidden, int token, const XmlAttributes *attributes);

/* What a style says with all that it is based on; an unknown one says nothing. */
DocxStyle docx_styles_resolve(const DocxStyles *styles, const char *id);
