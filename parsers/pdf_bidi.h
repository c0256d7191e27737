/* Lines of a PDF that run from right to left, as poppler gives them: each word between marks of direction,
 * letters in reading order, boxes in the order in which they stand from left to right. Made straight: every
 * letter with its own box, words in reading order, ligatures the right way round. For pdf.c. */
#pragma once

#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

typedef struct {
    gunichar c;
    PopplerRectangle box; /* {-1, -1, -1, -1} where poppler gave none */
} PdfLetter;

/* Hebrew, Arabic and their kin, and their forms of presentation. */
bool pdf_bidi_is_from_right(gunichar c);
/* Whether the text holds such marks: all other text is right as it is. */
bool pdf_bidi_has_marks(const char *text);

/* PdfLetter of valid UTF-8 text with its n_boxes boxes (none for marks); marks are gone, forms of
 * presentation are plain letters (NFKC), what was drawn twice at one place stands once. *ret_unsure:
 * ligatures of lam and alef of which nobody can tell whether poppler turned them round. The caller owns the
 * result. */
GArray *pdf_bidi_letters(const char *text, const PopplerRectangle *boxes, guint n_boxes, guint *ret_unsure);
