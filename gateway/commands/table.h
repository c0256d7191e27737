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

/* Prints the table; a column is at most 48 cells wide. */
void table_print(const Table *table);

/* Width in terminal cells. */
guint table_text_width(const char *text);
