/* Aligned columns on a terminal: East Asian characters are two cells wide. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Table Table;

/* headings: NULL-terminated; they are copied. */
Table *table_new(const char *const *headings);
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* Appends a row of as many cells as there are headings (NULL: empty); they are copied, controls dropped. */
void table_row(Table *table, const char *const *cells);

typedef enum { TABLE_PLAIN, TABLE_GOOD, TABLE_WARN, TABLE_BAD } TableTone;

/* The tone of one cell of the row appended last: green, yellow or red where colours are shown. */
void table_tone(Table *table, guint column, TableTone tone);

/* Prints the table; a column is at most 48 cells wide. Colours on a terminal, unless NO_COLOR is set or TERM
 * is "dumb". */
void table_print(const Table *table);

/* Prints it as CSV (RFC 4180) instead, cells whole; a text that a spreadsheet would take for a formula gets
 * an apostrophe before it. */
void table_print_csv(const Table *table);

/* Width in terminal cells. */
guint table_text_width(const char *text);
