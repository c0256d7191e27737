/* Table rows that are written as label/value pairs, one record after the other:
 * "问题1：…  提问时间：…  状态：…", or a small grid for each question. */
#include <string.h>

#include "parsers/match_private.h"

struct Record {
    guint table;
    char **cells; /* per column, owned */
    guint columns, filled;
    Place place;
};

void match_record_flush(Matcher *m) {
    struct Record *record = m->record;
    if (!record)
        return;
    const FormTable *table = g_ptr_array_index(m->form->tables, record->table);
    bool has_key = false;
    for (guint c = 0; c < record->columns; c++)
        has_key |= record->cells[c] && ((const Field *)g_ptr_array_index(table->columns, c))->is_key;
    /* one pair alone is a label that happens to be a column's too */
    if (has_key && record->filled >= 2)
        match_add_row(m, record->table, (const char *const *)record->cells, record->place);
    for (guint c = 0; c < record->columns; c++)
        g_free(record->cells[c]);
    g_free(record->cells);
    g_free(record);
    m->record = NULL;
}

static void start_record(Matcher *m, guint table, Place place) {
    match_record_flush(m);
    m->record = g_new0(struct Record, 1);
    m->record->table = table;
    m->record->columns = ((const FormTable *)g_ptr_array_index(m->form->tables, table))->columns->len;
    m->record->cells = g_new0(char *, m->record->columns + 1);
    m->record->place = place;
}

/* The table that a column label belongs to: that of the open record, of the heading above, or the only one.
 */
static int table_of(const Matcher *m, const GArray *meanings, guint *ret_column) {
    if (m->record && matcher_find_column(meanings, m->record->table, ret_column))
        return (int)m->record->table;
    if (m->section >= 0 && matcher_find_column(meanings, (guint)m->section, ret_column))
        return m->section;
    int found = -1;
    for (guint i = 0; meanings && i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->kind != LABEL_COLUMN)
            continue;
        if (found >= 0 && found != meaning->index)
            return -1;
        found = meaning->index;
        *ret_column = meaning->column;
    }
    return found;
}

bool match_record_add(Matcher *m, const GArray *meanings, const char *value, Place place) {
    guint column;
    int table = table_of(m, meanings, &column);
    if (table < 0)
        return false;
    if (!m->record || m->record->table != (guint)table || m->record->cells[column])
        start_record(m, (guint)table, place);
    m->record->cells[column] = g_strdup(value);
    m->record->filled++;
    matcher_see_column(m, (guint)table, column);
    return true;
}
