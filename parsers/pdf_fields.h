/* What was entered into the form fields of a PDF page, where the page's own text does not show it. For pdf.c.
 */
#pragma once

#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

typedef struct {
    PopplerRectangle box; /* points from the left and top, as those of characters */
    char *text;           /* an entry, or U+2611 and U+2610 of a box to be ticked */
    bool is_tick;         /* what is drawn inside is the tick and no text */
    bool is_written;      /* stands in the document; set by who writes it */
} PdfField;

/* PdfField* of a page of that height, from top to bottom, then from left to right; perhaps empty. Free with
 * g_ptr_array_unref(). */
GPtrArray *pdf_fields_find(PopplerPage *page, double height);

/* The first field that is not written yet and stands left of a character on its line, or NULL. */
PdfField *pdf_fields_before(const GPtrArray *fields, const PopplerRectangle *box);

/* Whether a character is the tick that is drawn into a field. */
bool pdf_fields_is_tick(const GPtrArray *fields, const PopplerRectangle *box);

/* Notes that readers have fastened to a page, and text written onto it: char*, free with g_ptr_array_unref().
 */
GPtrArray *pdf_fields_notes(PopplerPage *page);
