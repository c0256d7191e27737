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
    /* styles */
    XLSX_NUMBER_FORMAT,
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
