/* The element names of SpreadsheetML (ECMA-376-1 part 18) that mean something here. */
#pragma once

#include "parsers/xml.h"

enum {
    XLSX_NONE,
    /* workbook */
    XLSX_PROPERTIES,
    XLSX_SHEET,
    /* strings */
    XLSX_STRING,
    XLSX_TEXT,
    XLSX_PHONETIC,
    XLSX_RUN_PROPERTIES,
    XLSX_STRIKE,
    /* styles */
    XLSX_NUMBER_FORMAT,
    XLSX_FONTS,
    XLSX_FONT,
    XLSX_CELL_FORMATS,
    XLSX_FORMAT,
    /* sheet */
    XLSX_ROW,
    XLSX_CELL,
    XLSX_VALUE,
    XLSX_INLINE,
    XLSX_FORMULA,
    XLSX_MERGE,
    /* comments */
    XLSX_COMMENT,
    /* drawing */
    XLSX_DRAWING_PARAGRAPH,
    XLSX_DRAWING_TEXT,
};

extern const XmlGrammar XLSX_GRAMMAR;
