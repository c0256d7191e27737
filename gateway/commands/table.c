#include "gateway/commands/table.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_MAX 48 /* wider cells are cut with an ellipsis: a terminal has 80 to 200 */

struct Table {
    guint columns;
    GPtrArray *cells; /* char*, row by row, headings first */
};

static guint character_width(gunichar c) {
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

guint table_text_width(const char *text) {
    guint width = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        width += character_width(g_utf8_get_char(p));
    return width;
}

static char *clean_cell(const char *text) {
    GString *clean = g_string_new(NULL);
    guint width = 0;
    for (const char *p = text ? text : ""; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_iscntrl(c))
            c = ' ';
        if (g_unichar_type(c) == G_UNICODE_FORMAT)
            continue; /* bidi controls would disorder the row */
        width += character_width(c);
        if (width >= COLUMN_MAX) {
            g_string_append(clean, "…");
            break;
        }
        g_string_append_unichar(clean, c);
    }
    return g_string_free(clean, FALSE);
}

Table *table_new(const char *const *headings) {
    Table *table = g_new0(Table, 1);
    table->columns = g_strv_length((char **)headings);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    table_row(table, headings);
    return table;
}

void table_free(Table *table) {
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void table_row(Table *table, const char *const *cells) {
    for (guint i = 0; i < table->columns; i++)
        g_ptr_array_add(table->cells, clean_cell(cells[i]));
}

void table_print(const Table *table) {
    g_autofree guint *widths = g_new0(guint, table->columns);
    for (guint i = 0; i < table->cells->len; i++)
        widths[i % table->columns] =
            MAX(widths[i % table->columns], table_text_width(table->cells->pdata[i]));
    for (guint i = 0; i < table->cells->len; i++) {
        guint column = i % table->columns;
        const char *cell = table->cells->pdata[i];
        bool is_last = column + 1 == table->columns;
        printf("%s%*s", cell, is_last ? 0 : (int)(widths[column] - table_text_width(cell) + 2), "");
        if (is_last)
            putchar('\n');
    }
}
