/* What the sheets of a workbook share: their list, strings, number formats, epoch. For xlsx.c and
 * xlsx_sheet.c. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/package.h"
#include "parsers/xlsx_format.h"

typedef struct {
    char *name, *relation_id;
    bool is_hidden;
} XlsxSheet;

typedef struct {
    GPtrArray *sheets; /* XlsxSheet*, in the workbook's order */
    bool is_1904;
    GString *string_bytes;  /* all shared strings, each with its NUL */
    GArray *string_offsets; /* gsize */
    GHashTable *rich;       /* index of a shared string with runs of its own → its struck text, char* */
    GArray *formats;        /* NumberFormat of each cell format */
    GByteArray *is_struck;  /* whether the font of each cell format is struck through */
} XlsxBook;

/* Reads the workbook part and what it refers to. Never NULL. */
XlsxBook *xlsx_book_read(Package *package, const char *part, const GPtrArray *relations);
void xlsx_book_free(XlsxBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XlsxBook, xlsx_book_free)

/* A shared string, or NULL where the index points nowhere. */
const char *xlsx_book_string(const XlsxBook *book, gint64 index);
/* The struck runs of a shared string, "" where it has runs and none is struck; NULL where all of it looks as
 * its cell does. */
const char *xlsx_book_struck_string(const XlsxBook *book, gint64 index);
/* The number format of a cell's style index. */
NumberFormat xlsx_book_format(const XlsxBook *book, gint64 style);
/* Whether a cell's style strikes its text through. */
bool xlsx_book_strikes(const XlsxBook *book, gint64 style);
