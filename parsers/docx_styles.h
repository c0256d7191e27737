/* The styles of a docx, as far as they change what is read: hidden text, headings, numbering. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/package.h"

typedef struct DocxStyles DocxStyles;

typedef struct {
    bool is_hidden;  /* w:vanish */
    bool is_heading; /* outline level 1 to 9, Title, heading N, 标题 */
    gint64 num_id;   /* of w:numPr, or 0 */
    gint64 level;    /* its level from 0 */
} DocxStyle;

/* Reads a styles part; an absent one gives an empty set. Never NULL; free with docx_styles_free(). */
DocxStyles *docx_styles_read(Package *package, const char *part);
void docx_styles_free(DocxStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocxStyles, docx_styles_free)

/* What a style says with all that it is based on; an unknown one says nothing. */
DocxStyle docx_styles_resolve(const DocxStyles *styles, const char *id);
