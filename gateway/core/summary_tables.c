/* What the rows of submissions tell leaders: cases and articles. */
#include "gateway/core/summary_parts.h"

#include <string.h>

#include "gateway/core/definition.h"

/* The product's words for a question's life (SPEC 3.2, 3.3): a table with these columns holds questions,
 * whatever its form. */
#define COLUMN_ASKED  "asked_at"
#define COLUMN_STATUS "status"

#define LIST_ROWS_MAX 50

static const json_t *column_of(const json_t *table, const char *key) {
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column)
        if (strcmp(definition_key(column), key) == 0)
            return column;
    return NULL;
}

bool summary_holds_questions(const json_t *table) {
    return column_of(table, COLUMN_ASKED) != NULL && column_of(table, COLUMN_STATUS) != NULL;
}

static const char *cell_text(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text != NULL ? text : "";
}

/* --- other tables
 * ------------------------------------------------------------------------------------------- */

/* The column that names a row: the key of the table, else the first one of text that is no serial number. A
 * table without one holds figures and is not listed. */
static const char *naming_column(const json_t *table) {
    const char *first = NULL;
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column) {
        if (strcmp(definition_type(column), "text") != 0 || json_is_true(json_object_get(column, "serial")))
            continue;
        if (json_is_true(json_object_get(column, "is_key")))
            return definition_key(column);
        first = first != NULL ? first : definition_key(column);
    }
    return first;
}

static json_t *list_of(const SummaryContext *context, const json_t *table, const char *naming) {
    json_t *rows = json_array();
    gsize count = 0, i;
    json_t *row;
    for (guint j = 0; j < context->submissions->len; j++) {
        const Submission *submission = g_ptr_array_index(context->submissions, j);
        json_array_foreach(json_object_get(submission->tables, definition_key(table)), i, row) {
            const char *text = cell_text(row, naming);
            count++;
            if (*text != '\0' && json_array_size(rows) < LIST_ROWS_MAX)
                json_array_append_new(
                    rows, json_pack("{s:s, s:s, s:I}", "org", summary_org_name(context, submission->org_id),
                                    "text", text, "message_id", (json_int_t)submission->message_id));
        }
    }
    return json_pack("{s:s, s:s, s:I, s:o}", "key", definition_key(table), "title",
                     definition_title(table, context->language), "count", (json_int_t)count, "rows", rows);
}

json_t *summary_lists(const SummaryContext *context) {
    json_t *lists = json_array();
    gsize i;
    json_t *table;
    json_array_foreach(definition_tables(context->form), i, table) {
        const char *naming = naming_column(table);
        if (naming != NULL && !summary_holds_questions(table))
            json_array_append_new(lists, list_of(context, table, naming));
    }
    return lists;
}
