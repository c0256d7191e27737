/* The one document model: every format becomes blocks (paragraphs, and grids of cells with spans), each with
 * its origin. A new format never touches the forms; a new form never touches the formats. All text is valid
 * UTF-8 without control characters other than \n and \t. Ticks of every encoding are U+2611 (checked) and
 * U+2610 (unchecked). */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "parsers/problem.h"

typedef enum {
    ORIGIN_BODY,
    ORIGIN_HEADER,
    ORIGIN_FOOTER,
    ORIGIN_TEXT_BOX,
    ORIGIN_NOTE,
    ORIGIN_HIDDEN /* hidden, deleted or struck: text is kept, values are not taken from it */
} BlockOrigin;

typedef enum { BLOCK_PARAGRAPH, BLOCK_GRID } BlockKind;

typedef struct Block Block;

typedef struct {
    guint row, column;           /* of its first place, from 0 */
    guint row_span, column_span; /* at least 1 */
    char *text;                  /* paragraphs of the cell joined by \n, nested grids left out; never NULL */
    GPtrArray *nested;           /* Block* that stand inside this cell (grids), or NULL */
} Cell;

typedef struct {
    guint rows, columns;
    GPtrArray *cells; /* Cell*, row by row; a merged cell stands once, in its first place */
    char *name;       /* sheet name, or NULL */
    guint number;     /* table number in the document, from 1, nested tables counted after their parent */
    gsize places;     /* covered by cells, kept by grid_add_cell(): bounds the work of grid_index() */
} Grid;

struct Block {
    BlockKind kind;
    BlockOrigin origin;
    guint number;    /* paragraph number in the document from 1 (grids: table number) */
    guint page;      /* page from 1, or 0 where the format has none */
    bool is_heading; /* title, heading style or centred bold line, where known */
    char *text;      /* BLOCK_PARAGRAPH: its text, automatic list mark included; else NULL */
    Grid *grid;      /* BLOCK_GRID; else NULL */
};

typedef struct {
    char *name;                /* of the part that it was read from, "" for a body */
    GPtrArray *blocks;         /* Block*, in reading order */
    char *title;               /* document property, or NULL */
    GPtrArray *volatile_texts; /* char*: what stands in blocks and changes when the file is opened, or NULL */
    gsize volatile_length;     /* their visible characters */
} Document;

/* An empty document; name is copied. */
Document *document_new(const char *name);
void document_free(Document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Document, document_free)

/* Appends a paragraph; text is copied and cleaned (control characters dropped, invalid UTF-8 replaced). The
 * block stays owned by the document. */
Block *document_add_paragraph(Document *document, BlockOrigin origin, const char *text);

/* A paragraph or grid block that is not in a list yet; text is copied and cleaned. */
Block *block_new_paragraph(BlockOrigin origin, const char *text);
/* Appends a block and takes it; a paragraph gets its number, a grid keeps its own. */
void document_take_block(Document *document, Block *block);

/* Appends an empty grid; fill it with grid_add_cell(). */
Grid *document_add_grid(Document *document, BlockOrigin origin, const char *sheet_name);

/* A grid block that is not in a document's list: for Cell.nested. */
Block *block_new_grid(BlockOrigin origin, guint number);
void block_free(Block *block);

/* Appends a cell and widens rows and columns; text is copied and cleaned. Spans that would cover more than
 * LIMIT_GRID_PLACES places together are not kept (facts/email.md 4.4). NULL beyond LIMIT_CELLS (the caller
 * adds the problem). */
Cell *grid_add_cell(Grid *grid, guint row, guint column, guint row_span, guint column_span, const char *text);

/* Widens a cell by one row or column, for formats that mark merges cell by cell; false (and nothing done)
 * where spans of the grid would cover too much. */
bool grid_extend_cell(Grid *grid, Cell *cell, guint more_rows, guint more_columns);

/* The cell that covers a place (also by its span), or NULL. O(1) after the first call on a finished grid is
 * not needed: grids are small; use grid_index() for loops. */
const Cell *grid_cell_at(const Grid *grid, guint row, guint column);

/* rows*columns table of pointers to the covering cells (NULL where none), row by row; free with g_free().
 * NULL if larger than LIMIT_GRID_PLACES. */
const Cell **grid_index(const Grid *grid);

/* Plain text as corpora contract: paragraphs end in \n, cells in \t, rows in \n; merged cells once; sheet
 * names left out. */
char *document_to_text(const Document *document);

/* [[["cell",…],…],…]: grids, rows, cells; a merged cell stands in its first place, the others are "". New
 * reference. */
json_t *document_grids_to_json(const Document *document);

/* Notes that text, which stands in a block, changes when the file is opened (parsers/volatile.h). Copied;
 * text without visible characters, and beyond DOCUMENT_VOLATILE_MAX texts, is only counted. */
#define DOCUMENT_VOLATILE_MAX 1000u
void document_note_volatile(Document *document, const char *text);

/* Number of visible characters (white space not counted) in all blocks. */
gsize document_text_length(const Document *document);

/* Number of characters of valid UTF-8 text that are not white space. */
gsize document_visible_length(const char *text);
