/* Tables of a docx while they are being read: rows, cells and merges → Grid. For docx_story.c. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "parsers/document.h"

typedef enum { MERGE_NONE, MERGE_RESTART, MERGE_CONTINUE } CellMerge;

typedef struct {
    Block *block;
    int row;              /* -1 before the first */
    guint column;         /* of the next cell */
    guint row_first_cell; /* index into the grid's cells */
    bool is_row_deleted;
    GPtrArray *above; /* Cell* or NULL by column: open vertical merges */
    Cell *previous;   /* in the row */
    /* the cell being read */
    bool is_in_cell;
    GString *text;
    GPtrArray *nested; /* or NULL */
    guint span;
    CellMerge vertical, horizontal;
} DocxTable;

/* A table with this number in its document; docx_table_finish() frees it. */
DocxTable *docx_table_new(BlockOrigin origin, guint number);
/* The block with its grid, the rest is freed. */
Block *docx_table_finish(DocxTable *table);

/* Begins the next row; a deleted one (is_row_deleted) leaves the grid again at its end. */
void docx_table_start_row(DocxTable *table);
/* Ends the row. */
void docx_table_end_row(DocxTable *table);
/* Begins the next cell; span and merges are set in the struct while it is read. */
void docx_table_start_cell(DocxTable *table);
/* Appends a paragraph to the open cell. */
void docx_table_add_text(DocxTable *table, const char *text);
/* Takes a nested grid into the open cell. */
void docx_table_add_nested(DocxTable *table, Block *block);
/* Puts the cell into the grid. False where the grid is full: the caller counts its text as lost to a limit.
 */
bool docx_table_end_cell(DocxTable *table);
