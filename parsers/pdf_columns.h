/* Tables without rules on a PDF page: pieces of text that stand beside and below each other, in whatever
 * order poppler gives them. For pdf.c. */
#pragma once

#include <glib.h>
#include <poppler.h>

typedef struct {
    char *text;           /* without white space around it; owned */
    double y;             /* middle of its first character */
    PopplerRectangle box; /* around it; height 0 where unknown */
} PdfLine;

/* A run of text in a line, a wide gap or the line's edge on both sides. */
typedef struct {
    guint line;  /* index of its line */
    gsize start; /* in the line's text; it goes on to the next piece of the line, or the end */
    double from, to, top, bottom;
} PdfPiece;

typedef struct {
    double top, bottom;
    GPtrArray *rows; /* GStrv: texts of the cells, "" where there is none */
    guint columns;
} PdfColumns;

/* Takes the tables out of a page's lines: at least three rows of three or more pieces that stand in columns,
 * and lines between them that go on in some of these. lines: PdfLine, whose texts are cut; pieces: PdfPiece
 * of all of them, by line and start. PdfColumns* from top to bottom; free with g_ptr_array_unref(). */
GPtrArray *pdf_columns_take(GArray *lines, const GArray *pieces);
