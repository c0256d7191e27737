/* What the rows of submissions tell leaders: open questions, urgent matters, cases and articles. */
#include "gateway/core/summary_parts.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/roster.h"

/* The product's words for a question's life (SPEC 3.2, 3.3): a table with these columns holds questions,
 * whatever its form. The words of a status are the form's data (maps_to). */
#define COLUMN_ASKED       "asked_at"
#define COLUMN_STATUS      "status"
#define COLUMN_ANSWERED_AT "answered_at"
#define COLUMN_ANSWERED_BY "answered_by"
#define COLUMN_QUESTION    "question"
#define MEANING_ANSWERED   "answered"
#define FIELD_URGENT       "urgent"

#define QUESTION_LIMIT_S (24 * 3600) /* SPEC 1: answered within 24 hours */
/* A question that nobody mentioned again for this long is not news for this period's summary. */
#define QUESTION_MEMORY_S (62 * CALENDAR_DAY_S)
#define QUESTIONS_MAX     200 /* shown; a summary is read in one minute */
#define LIST_ROWS_MAX     50

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

/* --- questions
 * ---------------------------------------------------------------------------------------------- */

typedef struct {
    const json_t *row;
    const Submission *submission;
    gint64 asked_s;
    bool is_open;
} Question;

/* The latest word on each question counts: a later report or log may say that it was answered. */
static void note_question(const SummaryContext *context, const json_t *table, const json_t *row,
                          const Submission *submission, GHashTable *questions) {
    gint64 asked_s;
    const char *text = cell_text(row, COLUMN_QUESTION);
    if (!calendar_time_parse(cell_text(row, COLUMN_ASKED), context->programme->zone, &asked_s))
        return;
    g_autofree char *normal = roster_normal_name(text);
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT " %s", asked_s, normal);
    const Question *known = g_hash_table_lookup(questions, key);
    if (known != NULL && known->submission->revised_s > submission->revised_s)
        return;
    const char *meaning =
        definition_choice_meaning(column_of(table, COLUMN_STATUS), cell_text(row, COLUMN_STATUS));
    Question *question = g_new0(Question, 1);
    question->row = row;
    question->submission = submission;
    question->asked_s = asked_s;
    question->is_open =
        *cell_text(row, COLUMN_ANSWERED_AT) == '\0' && g_strcmp0(meaning, MEANING_ANSWERED) != 0;
    g_hash_table_insert(questions, g_steal_pointer(&key), question);
}

static void note_questions(const SummaryContext *context, const Submission *submission,
                           GHashTable *questions) {
    const json_t *form = definition_form(context->programme, submission->form);
    gsize i, j;
    json_t *table, *row;
    json_array_foreach(definition_tables(form), i, table) {
        if (!summary_holds_questions(table))
            continue;
        json_array_foreach(json_object_get(submission->tables, definition_key(table)), j, row)
            note_question(context, table, row, submission, questions);
    }
}

static gint compare_age(gconstpointer a, gconstpointer b) {
    const Question *x = *(const Question *const *)a, *y = *(const Question *const *)b;
    if (x->asked_s != y->asked_s)
        return x->asked_s < y->asked_s ? -1 : 1;
    return strcmp(cell_text(x->row, COLUMN_QUESTION), cell_text(y->row, COLUMN_QUESTION));
}

static json_t *question_row(const SummaryContext *context, const Question *question) {
    gint64 age_s = context->now_s - question->asked_s;
    g_autofree char *asked =
        calendar_instant_text(context->programme->zone, question->asked_s, context->language);
    g_autofree char *age = calendar_duration_text(age_s, context->language);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "org", summary_org_name(context, question->submission->org_id),
        "question", cell_text(question->row, COLUMN_QUESTION), "asked_text", asked, "age_text", age,
        "age_hours", (json_int_t)(age_s / 3600), "answered_by", cell_text(question->row, COLUMN_ANSWERED_BY),
        "message_id", (json_int_t)question->submission->message_id);
}

json_t *summary_open_questions(const SummaryContext *context) {
    const GPtrArray *submissions = view_snapshot(context->view)->submissions;
    g_autoptr(GHashTable) questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        if (submission->revised_s > context->now_s - QUESTION_MEMORY_S &&
            submission->revised_s <= context->now_s)
            note_questions(context, submission, questions);
    }
    g_autoptr(GPtrArray) open = g_ptr_array_new();
    GHashTableIter iterator;
    gpointer value;
    g_hash_table_iter_init(&iterator, questions);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const Question *question = value;
        if (question->is_open && context->now_s - question->asked_s > QUESTION_LIMIT_S)
            g_ptr_array_add(open, value);
    }
    g_ptr_array_sort(open, compare_age);
    json_t *list = json_array();
    for (guint i = 0; i < open->len && i < QUESTIONS_MAX; i++)
        json_array_append_new(list, question_row(context, g_ptr_array_index(open, i)));
    return list;
}

/* --- urgent matters
 * ----------------------------------------------------------------------------------------- */

/* "无": one of the words by which the form's data says that there is nothing. */
static bool is_absent_word(const json_t *field, const char *text) {
    gsize i;
    json_t *word;
    g_autofree char *normal = roster_normal_name(text);
    json_array_foreach(json_object_get(field, "absent"), i, word) {
        g_autofree char *absent = roster_normal_name(json_string_value(word));
        if (strcmp(absent, normal) == 0)
            return true;
    }
    return *normal == '\0';
}

json_t *summary_urgent(const SummaryContext *context) {
    json_t *list = json_array();
    const json_t *field = NULL;
    gsize i;
    json_t *item;
    json_array_foreach(definition_fields(context->form), i, item)
        if (strcmp(definition_key(item), FIELD_URGENT) == 0)
            field = item;
    for (guint j = 0; field != NULL && context->submissions != NULL && j < context->submissions->len; j++) {
        const Submission *submission = g_ptr_array_index(context->submissions, j);
        const char *text = cell_text(json_object_get(submission->fields, FIELD_URGENT), "value");
        if (!is_absent_word(field, text))
            json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "org",
                                                  summary_org_name(context, submission->org_id), "text", text,
                                                  "message_id", (json_int_t)submission->message_id));
    }
    return list;
}

/* --- other tables
 * ------------------------------------------------------------------------------------------- */

/* The column that names a row: the first one of text. A table without one holds figures and is not listed. */
static const char *naming_column(const json_t *table) {
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column)
        if (strcmp(definition_type(column), "text") == 0)
            return definition_key(column);
    return NULL;
}

static json_t *list_of(const SummaryContext *context, const json_t *table, const char *naming) {
    json_t *rows = json_array();
    gsize count = 0, i;
    json_t *row;
    for (guint j = 0; context->submissions != NULL && j < context->submissions->len; j++) {
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
