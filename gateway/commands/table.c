#include "gateway/commands/table.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/io/workbook.h"

#define COLUMN_MAX 48 /* wider cells are cut with an ellipsis: a terminal has 80 to 200 */

struct Table {
    guint columns;
    GPtrArray *cells; /* char*, row by row, headings first */
    GArray *tones;    /* TableTone, one a cell */
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

/* Without controls and bidi marks, which would disorder the row. */
static char *clean_cell(const char *text) {
    GString *clean = g_string_new(NULL);
    for (const char *p = text ? text : ""; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_type(c) != G_UNICODE_FORMAT)
            g_string_append_unichar(clean, g_unichar_iscntrl(c) ? ' ' : c);
    }
    return g_string_free(clean, FALSE);
}

/* As much of a cell as its column shows. */
static char *cut_cell(const char *text) {
    GString *cut = g_string_new(NULL);
    guint width = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        width += character_width(c);
        if (width >= COLUMN_MAX) {
            g_string_append(cut, "…");
            break;
        }
        g_string_append_unichar(cut, c);
    }
    return g_string_free(cut, FALSE);
}

Table *table_new(const char *const *headings) {
    Table *table = g_new0(Table, 1);
    table->columns = g_strv_length((char **)headings);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    table->tones = g_array_new(FALSE, TRUE, sizeof(TableTone));
    table_row(table, headings);
    return table;
}

void table_free(Table *table) {
    g_ptr_array_unref(table->cells);
    g_array_unref(table->tones);
    g_free(table);
}

void table_row(Table *table, const char *const *cells) {
    for (guint i = 0; i < table->columns; i++)
        g_ptr_array_add(table->cells, clean_cell(cells[i]));
    g_array_set_size(table->tones, table->cells->len);
}

void table_tone(Table *table, guint column, TableTone tone) {
    g_array_index(table->tones, TableTone, table->cells->len - table->columns + column) = tone;
}

static bool shows_colours(void) {
    const char *none = g_getenv("NO_COLOR"); /* any text but an empty one: no colours (no-color.org) */
    return isatty(STDOUT_FILENO) && (!none || !*none) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
}

void table_print(const Table *table) {
    static const char *const COLOURS[] = {
        [TABLE_PLAIN] = "", [TABLE_GOOD] = "\033[32m", [TABLE_WARN] = "\033[33m", [TABLE_BAD] = "\033[31m"};
    bool has_colours = shows_colours();
    g_autofree guint *widths = g_new0(guint, table->columns);
    g_autoptr(GPtrArray) cut = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < table->cells->len; i++) {
        g_ptr_array_add(cut, cut_cell(table->cells->pdata[i]));
        widths[i % table->columns] = MAX(widths[i % table->columns], table_text_width(cut->pdata[i]));
    }
    for (guint i = 0; i < cut->len; i++) {
        guint column = i % table->columns;
        TableTone tone = has_colours ? g_array_index(table->tones, TableTone, i) : TABLE_PLAIN;
        bool is_last = column + 1 == table->columns;
        int pad = is_last ? 0 : (int)(widths[column] - table_text_width(cut->pdata[i]) + 2);
        printf("%s%s%s%*s", COLOURS[tone], (const char *)cut->pdata[i], tone == TABLE_PLAIN ? "" : "\033[0m",
               pad, "");
        if (is_last)
            putchar('\n');
    }
}

void table_print_csv(const Table *table) {
    json_t *sheet = json_pack("{s:[], s:[]}", "columns", "rows"), *row = NULL;
    for (guint i = 0; i < table->cells->len; i++) {
        const char *cell = table->cells->pdata[i];
        if (i < table->columns) {
            json_array_append_new(json_object_get(sheet, "columns"),
                                  json_pack("{s:s, s:s}", "title", cell, "type", "text"));
            continue;
        }
        if (i % table->columns == 0)
            json_array_append_new(json_object_get(sheet, "rows"), row = json_array());
        json_array_append_new(row, json_string(cell));
    }
    g_autofree char *csv = workbook_csv(sheet);
    fputs(csv, stdout);
    json_decref(sheet);
}
