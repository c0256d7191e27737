#include "parsers/xlsx_names.h"

enum { S, A, SPACES };

static const char *const S_URIS[] = {"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                     "http://purl.oclc.org/ooxml/spreadsheetml/main", NULL};
static const char *const A_URIS[] = {"http://schemas.openxmlformats.org/drawingml/2006/main",
                                     "http://purl.oclc.org/ooxml/drawingml/main", NULL};
static const char *const *const URIS[SPACES] = {[S] = S_URIS, [A] = A_URIS};

static const XmlName NAMES[] = {
    {"c", S, XLSX_CELL},
    {"v", S, XLSX_VALUE},
    {"row", S, XLSX_ROW},
    {"is", S, XLSX_INLINE},
    {"f", S, XLSX_FORMULA},
    {"si", S, XLSX_STRING},
    {"t", S, XLSX_TEXT},
    {"rPh", S, XLSX_PHONETIC},
    {"mergeCell", S, XLSX_MERGE},
    {"comment", S, XLSX_COMMENT},
    {"workbookPr", S, XLSX_PROPERTIES},
    {"sheet", S, XLSX_SHEET},
    {"numFmt", S, XLSX_NUMBER_FORMAT},
    {"rPr", S, XLSX_RUN_PROPERTIES},
    {"strike", S, XLSX_STRIKE},
    {"fonts", S, XLSX_FONTS},
    {"font", S, XLSX_FONT},
    {"cellXfs", S, XLSX_CELL_FORMATS},
    {"xf", S, XLSX_FORMAT},
    {"p", A, XLSX_DRAWING_PARAGRAPH},
    {"t", A, XLSX_DRAWING_TEXT},
};

const XmlGrammar XLSX_GRAMMAR = {NAMES, G_N_ELEMENTS(NAMES), URIS, SPACES};
