#include "gateway/core/dossier.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/file_name.h"
#include "gateway/core/period.h"

/* A value longer than this is prose with a paragraph of its own. */
#define SHORT_CHARACTERS 20

typedef struct {
    const DossierSource *source;
    const Programme *programme;
    bool is_english;
    guint count; /* of cases so far */
} Work;

static json_t *text_or_false(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_false();
}

static const json_t *table_of(const Work *work, const Submission *submission) {
    gsize i;
    json_t *table;
    json_array_foreach(definition_tables(definition_form(work->programme, submission->form)), i, table)
        if (strcmp(definition_key(table), work->source->table) == 0)
            return table;
    return NULL;
}

/* --- one case
 * ------------------------------------------------------------------------------------------------ */

/* The first text that is no serial number, or the table's key. */
static const json_t *title_column(const json_t *table) {
    const json_t *first = NULL;
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column) {
        if (strcmp(definition_type(column), "text") != 0 || json_is_true(json_object_get(column, "serial")))
            continue;
        if (json_is_true(json_object_get(column, "is_key")))
            return column;
        first = first != NULL ? first : column;
    }
    return first;
}

static json_t *case_facts(Work *work, const json_t *table, const json_t *row, guint number) {
    const char *language = work->source->language;
    const json_t *titled = title_column(table);
    g_autoptr(GString) detail = g_string_new(NULL);
    g_autofree char *title =
        titled != NULL ? definition_value_text(json_object_get(row, definition_key(titled)), language) : NULL;
    json_t *body = json_array(), *column;
    gsize i;
    json_array_foreach(definition_columns(table), i, column) {
        const json_t *value = json_object_get(row, definition_key(column));
        if (column == titled || value == NULL || json_is_true(json_object_get(column, "serial")))
            continue;
        g_autofree char *text = definition_value_text(value, language);
        if (text == NULL || *text == '\0')
            continue;
        if (strcmp(definition_type(column), "text") == 0 && g_utf8_strlen(text, -1) > SHORT_CHARACTERS)
            json_array_append_new(
                body, json_pack("{s:s, s:s}", "label", definition_title(column, language), "text", text));
        else
            g_string_append_printf(detail, "%s%s", detail->len > 0 ? " · " : "", text);
    }
    const char *untitled = work->is_english ? "untitled" : "未命名";
    bool has_title = title != NULL && *title != '\0';
    g_autofree char *name = g_strdup_printf("%02u_%s.txt", number, has_title ? title : untitled);
    g_autofree char *file = file_name_safe(name, "case.txt");
    json_t *facts = json_pack("{s:I, s:s, s:o, s:s}", "number", (json_int_t)number, "title",
                              has_title ? title : untitled, "body", body, "file", file);
    json_object_set_new(facts, "detail_text", text_or_false(detail->str));
    return facts;
}

/* --- by organization
 * ----------------------------------------------------------------------------------------- */

/* NULL: it tells of none. */
static json_t *report_facts(Work *work, const Submission *submission, const Period *period, guint *number) {
    const json_t *table = table_of(work, submission);
    const json_t *rows = table != NULL ? json_object_get(submission->tables, definition_key(table)) : NULL;
    if (json_array_size(rows) == 0)
        return NULL;
    g_autofree char *span = calendar_span_text(&period->first, &period->last, work->source->language);
    json_t *cases = json_array(), *row;
    gsize i;
    json_array_foreach(rows, i, row)
        json_array_append_new(cases, case_facts(work, table, row, ++*number));
    return json_pack("{s:s, s:s, s:I, s:b, s:[], s:o}", "period", period->key, "span_text", span,
                     "message_id", (json_int_t)submission->message_id, "has_attachments", 0, "attachments",
                     "cases", cases);
}

static bool is_within(const DossierSource *source, const Period *period) {
    return (!g_date_valid(&source->first) || g_date_compare(&period->last, &source->first) >= 0) &&
           (!g_date_valid(&source->last) || g_date_compare(&period->last, &source->last) <= 0);
}

static gint compare_received(gconstpointer a, gconstpointer b) {
    const Submission *x = *(const Submission *const *)a, *y = *(const Submission *const *)b;
    return x->received_s != y->received_s ? (x->received_s < y->received_s ? -1 : 1)
                                          : (x->id > y->id) - (x->id < y->id);
}

/* Its submissions that settle a period, in order of receipt; GPtrArray by organization's id. */
static GHashTable *by_organization(const View *view) {
    const GPtrArray *all = view_snapshot(view)->submissions;
    GHashTable *table =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < all->len; i++) {
        Submission *submission = g_ptr_array_index(all, i);
        if (submission->obligation == NULL)
            continue;
        GPtrArray *list = g_hash_table_lookup(table, &submission->org_id);
        if (list == NULL) {
            list = g_ptr_array_new();
            g_hash_table_insert(table, &submission->org_id, list);
        }
        g_ptr_array_add(list, submission);
    }
    return table;
}

static json_t *organization_facts(Work *work, const Organization *organization, GPtrArray *submissions,
                                  guint place) {
    json_t *reports = json_array();
    guint number = 0;
    g_ptr_array_sort(submissions, compare_received);
    for (guint i = 0; i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        const Obligation *obligation = programme_obligation(work->programme, submission->obligation);
        g_autoptr(Period) period =
            obligation != NULL ? period_by_key(work->programme, obligation, submission->period) : NULL;
        json_t *report = period != NULL && is_within(work->source, period)
                             ? report_facts(work, submission, period, &number)
                             : NULL;
        if (report != NULL)
            json_array_append_new(reports, report);
    }
    if (number == 0) {
        json_decref(reports);
        return NULL;
    }
    work->count += number;
    g_autofree char *name = g_strdup_printf("%03u_%s", place, organization->name);
    g_autofree char *folder = file_name_safe(name, "organization");
    json_t *facts =
        json_pack("{s:I, s:s, s:s, s:I, s:o}", "number", (json_int_t)place, "name", organization->name,
                  "folder", folder, "count", (json_int_t)number, "reports", reports);
    json_object_set_new(facts, "section", text_or_false(organization->section));
    return facts;
}

/* --- the whole
 * ----------------------------------------------------------------------------------------------- */

static char *span_text(const DossierSource *source) {
    bool has_first = g_date_valid(&source->first), has_last = g_date_valid(&source->last);
    char first[CALENDAR_DAY_BYTES] = "", last[CALENDAR_DAY_BYTES] = "";
    if (has_first)
        calendar_day_format(&source->first, first);
    if (has_last)
        calendar_day_format(&source->last, last);
    return has_first || has_last ? g_strdup_printf("%s – %s", first, last) : g_strdup("");
}

static void set_head(const Work *work, json_t *facts, guint organizations) {
    const DossierSource *source = work->source;
    const Programme *programme = work->programme;
    const char *own = work->is_english ? programme->title_en : programme->title_zh;
    const char *title = own != NULL ? own : programme->title_zh != NULL ? programme->title_zh : programme->id;
    g_autofree char *span = span_text(source);
    g_autofree char *at = calendar_instant_text(programme->zone, source->now_s, source->language);
    json_object_set_new(facts, "programme", json_pack("{s:s, s:s}", "id", programme->id, "title", title));
    json_object_set_new(facts, "title_text", json_string(work->is_english ? "Case dossier" : "案例汇编"));
    json_object_set_new(facts, "span_text", text_or_false(span));
    json_object_set_new(facts, "at_text", json_string(at));
    json_object_set_new(facts, "language", json_string(source->language));
    json_object_set_new(facts, "count", json_integer(work->count));
    json_object_set_new(facts, "organization_count", json_integer(organizations));
    json_object_set_new(facts, "has_cases", json_boolean(work->count > 0));
}

json_t *dossier_facts(const DossierSource *source) {
    Work work = {.source = source,
                 .programme = view_programme(source->view),
                 .is_english = g_strcmp0(source->language, "en") == 0};
    const GPtrArray *organizations = view_snapshot(source->view)->organizations;
    g_autoptr(GHashTable) submissions = by_organization(source->view);
    json_t *list = json_array(), *facts = json_object();
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        GPtrArray *own = g_hash_table_lookup(submissions, &organization->id);
        json_t *entry = own != NULL
                            ? organization_facts(&work, organization, own, (guint)json_array_size(list) + 1)
                            : NULL;
        if (entry != NULL)
            json_array_append_new(list, entry);
    }
    set_head(&work, facts, (guint)json_array_size(list));
    json_object_set_new(facts, "organizations", list);
    return facts;
}
