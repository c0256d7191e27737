/* The text of one cell of a PDF table, put together from characters with places. For pdf.c. */
#pragma once

#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

typedef struct PdfCellText PdfCellText;

/* left, right: inner edges of the cell in points. */
PdfCellText *pdf_cell_new(double left, double right);
/* Adds a character in reading order. */
void pdf_cell_add(PdfCellText *cell, gunichar character, const PopplerRectangle *box);
/* Points that are left behind the last line; G_MAXDOUBLE where there is none. */
double pdf_cell_room(const PdfCellText *cell);
/* Whether the text may be the rest of one that left so much room at the end of its cell. */
bool pdf_cell_goes_on(const PdfCellText *cell, double room);
/* Whether nothing was added. */
bool pdf_cell_is_empty(const PdfCellText *cell);
/* Two parts of a text that the end of a page cut; the caller owns the result. */
char *pdf_cell_join(const char *text, const char *rest);
/* The text: lines that only the width of the cell broke are joined again, others stay apart by \n. Frees the
 * cell; the caller owns the text. */
char *pdf_cell_finish(PdfCellText *cell);
