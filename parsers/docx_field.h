/* Fields of Word (ECMA-376-1 17.16): what their instruction asks for, and what they show. For docx_story.c.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The first word of an instruction, which may be torn into several elements; longer ones are cut. */
typedef struct {
    char word[16];
    bool is_whole; /* something stands behind it */
} DocxFieldName;

/* More of an instruction. */
void docx_field_name_take(DocxFieldName *name, const char *text, gsize length);

/* True where the field shows a document's file name, but that of the copy which a converter read: name, of
 * the document that came (may be NULL), is of a kind that only a converter reads. */
bool docx_field_shows_copy(const DocxFieldName *field, const char *name);

/* What a field shows, where that changes whenever the document is opened. */
typedef struct {
    bool is_open;
    guint paragraph; /* number of the one in which it began … */
    gsize from;      /* … and behind how many of its bytes */
} DocxShowing;

/* A field with this instruction begins to show behind text, that of the paragraph with this number (NULL:
 * where nobody sees it). */
DocxShowing docx_showing_start(const char *instruction, const GString *text, guint paragraph);
/* It ends: appends what it showed to texts (char*, whole characters), unless it spans paragraphs. */
void docx_showing_end(DocxShowing *showing, const GString *text, guint paragraph, GPtrArray *texts);
