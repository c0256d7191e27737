/* Automatic numbering of a docx (ECMA-376-1 17.9): the marks that Word shows but does not store in the text.
 */
#pragma once

#include <glib.h>

#include "parsers/package.h"

typedef struct DocxNumbering DocxNumbering;

/* Reads a numbering part; an absent one gives an empty set. Never NULL. */
DocxNumbering *docx_numbering_read(Package *package, const char *part);
void docx_numbering_free(DocxNumbering *numbering);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocxNumbering, docx_numbering_free)

/* Counts the next paragraph of a list on level 0..8 and returns its mark ("1.", "（二）", "•"), or NULL where
 * there is none. ret_is_bullet: set where the mark is a bullet. The caller frees it. */
char *docx_numbering_next(DocxNumbering *numbering, gint64 num_id, gint64 level, bool *ret_is_bullet);
