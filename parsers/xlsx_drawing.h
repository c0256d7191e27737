/* What stands on a sheet but in no cell: text boxes, comments, the words of charts. For xlsx.c. */
#pragma once

#include "parsers/xlsx_sheet.h"

/* Adds paragraphs for the drawing and the comments of a sheet or chart sheet, whose part this is; is_hidden:
 * the sheet is. Words of charts are hidden: their numbers stand in cells. */
void xlsx_drawing_read(XlsxContext *context, const char *part, bool is_hidden);
