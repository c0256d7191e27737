/* One sheet of a workbook → grids of a document. For xlsx.c. */
#pragma once

#include "parsers/document.h"
#include "parsers/xlsx_book.h"

/* What the sheets of one document share besides the book. */
typedef struct {
    Package *package;
    const XlsxBook *book;
    Document *document;
    guint cells;      /* against LIMIT_CELLS */
    gsize text_bytes; /* against LIMIT_TEXT_BYTES */
    bool is_over_limit;
    bool has_unread; /* files embedded in sheets */
    bool has_loss;   /* a string that is not there, a formula without result, charts beyond a limit */
} XlsxContext;

/* Appends the sheet's visible rows as a grid, hidden ones as another with ORIGIN_HIDDEN. Rows and columns
 * keep their numbers in the sheet, unless it is so sparse that empty rows have to be left out
 * (LIMIT_GRID_PLACES). */
void xlsx_sheet_read(XlsxContext *context, const XlsxSheet *sheet, const char *part);
