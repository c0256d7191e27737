/* The text of one cell of a PDF table, put together from characters with places. For pdf.c. */
#pragma once

#include <glib.h>
#include <poppler.h>

typedef struct PdfCellText PdfCellText;

/* left, right: inner edges of the cell in points. */
PdfCellText *pdf_cell_new(double left, double right);
/* Adds a character in reading order. */
void pdf_cell_add(PdfCellText *cell, gunichar character, const PopplerRectangle *box);
/* The text: lines that only the width of the cell broke are joined again, others stay apart by \n. Frees the
 * cell; the caller owns the text. */
char *pdf_cell_finish(PdfCellText *cell);
