#include "gateway/io/site.h"

#include <string.h>

#include "gateway/core/approval.h"
#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/error.h"
#include "gateway/core/period.h"
#include "gateway/core/summary.h"
#include "gateway/core/summary_history.h"
#include "gateway/io/site_page.h"
#include "gateway/io/site_scores.h"
#include "gateway/io/site_totals.h"

/* A list of people: it has a column of phones or mail addresses. */
static bool holds_people(const json_t *table) {
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column)
        if (strcmp(definition_type(column), "phone") == 0 || strcmp(definition_type(column), "email") == 0)
            return true;
    return false;
}

/* ---- a submission's page
 * ------------------------------------------------------------------------------------------ */

static json_t *field_rows(const Site *site, const json_t *form, const Submission *submission) {
    json_t *rows = json_array();
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(form), i, field) {
        const json_t *found = json_object_get(submission->fields, definition_key(field));
        if (!found)
            continue;
        g_autofree char *value =
            definition_value_text(json_object_get(found, "value"), site->source->language);
        const char *origin = json_string_value(json_object_get(found, "source"));
        json_array_append_new(rows, json_pack("{s:s, s:o, s:s}", "label",
                                              definition_title(field, site->source->language), "value",
                                              site_masked(site, value), "source", origin ? origin : ""));
    }
    return rows;
}

static json_t *table_rows(const Site *site, const json_t *table, const json_t *lines) {
    json_t *rows = json_array();
    gsize i, c;
    json_t *line, *column;
    json_array_foreach(lines, i, line) {
        json_t *cells = json_array();
        json_array_foreach(definition_columns(table), c, column) {
            g_autofree char *value =
                definition_value_text(json_object_get(line, definition_key(column)), site->source->language);
            json_array_append_new(cells, site_masked(site, value));
        }
        json_array_append_new(rows, json_pack("{s:o}", "cells", cells));
    }
    return rows;
}

static json_t *table_list(const Site *site, const json_t *form, const Submission *submission) {
    json_t *list = json_array();
    gsize i, c;
    json_t *table, *column;
    json_array_foreach(definition_tables(form), i, table) {
        const json_t *lines = json_object_get(submission->tables, definition_key(table));
        bool is_hidden = holds_people(table) && !site->source->with_personal_data;
        if (json_array_size(lines) == 0)
            continue;
        json_t *columns = json_array();
        json_array_foreach(definition_columns(table), c, column)
            json_array_append_new(columns, json_string(definition_title(column, site->source->language)));
        json_array_append_new(list, json_pack("{s:s, s:I, s:b, s:o, s:o}", "title",
                                              definition_title(table, site->source->language), "count",
                                              (json_int_t)json_array_size(lines), "shown", !is_hidden,
                                              "columns", columns, "rows",
                                              is_hidden ? json_array() : table_rows(site, table, lines)));
    }
    return list;
}

static json_t *problem_rows(const Site *site, const Submission *submission) {
    json_t *rows = json_array();
    gsize i;
    json_t *problem;
    json_array_foreach(submission->problems, i, problem) {
        const char *text = json_string_value(json_object_get(problem, "text"));
        if (text)
            json_array_append_new(rows, site_masked(site, text));
    }
    return rows;
}

static json_t *approval_facts(const Site *site, const Submission *submission) {
    ApprovalState state = approval_state(site->source->view, site->obligation, submission);
    const char *text = approval_text(state, site->source->language);
    return *text ? json_string(text) : json_false();
}

static bool write_submission(Site *site, const Organization *organization, const Period *period,
                             const Submission *submission, GError **error) {
    const char *language = site->source->language;
    const json_t *form = definition_form(site->programme, submission->form);
    g_autofree char *name = g_strdup_printf("s%" G_GINT64_FORMAT ".html", submission->id);
    g_autofree char *span = calendar_span_text(&period->first, &period->last, language);
    g_autofree char *received =
        calendar_instant_text(site->programme->zone, submission->received_s, language);
    json_t *facts = site_page_facts(site), *problems = problem_rows(site, submission);
    json_object_update_new(
        facts, json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:b, s:o, s:o, s:o, s:b}", "organization",
                         organization->name, "span", span, "received", received, "on_time",
                         submission->on_time, "revision", (json_int_t)submission->revision, "message",
                         (json_int_t)submission->message_id, "by_hand", submission->by_hand, "fields",
                         field_rows(site, form, submission), "tables", table_list(site, form, submission),
                         "problems", problems, "has_problems", json_array_size(problems) > 0));
    json_object_set_new(facts, "approval_text", approval_facts(site, submission));
    bool good = site_write_page(site, name, "submission.html", facts, error);
    json_decref(facts);
    return good;
}

/* ---- the matrix
 * -------------------------------------------------------------------------------------------------- */

/* {state, sign, text, link}: state names the colour, sign and text say the same without it. */
static json_t *cell_of(const Site *site, const Organization *organization, const Period *period,
                       const Submission *submission) {
    Standing standing = view_standing(site->source->view, site->obligation, period, organization);
    bool is_over = site->source->now_s > period->late_after_s;
    const char *state = submission                  ? (submission->on_time ? "good" : "late")
                        : standing == STANDING_OWED ? (is_over ? "missing" : "open")
                                                    : "none";
    static const struct {
        const char *state, *sign;
    } signs[] = {{"good", "✓"}, {"late", "◷"}, {"missing", "✗"}, {"open", "…"}, {"none", "–"}};
    const char *sign = "";
    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strcmp(signs[i].state, state) == 0)
            sign = signs[i].sign;
    json_t *cell =
        json_pack("{s:s, s:s, s:O, s:b}", "state", state, "sign", sign, "text",
                  json_object_get(site->words, state), "problems", submission && submission->n_problems > 0);
    g_autofree char *link = submission ? g_strdup_printf("s%" G_GINT64_FORMAT ".html", submission->id) : NULL;
    json_object_set_new(cell, "approval_text", submission ? approval_facts(site, submission) : json_false());
    json_object_set_new(cell, "link", link ? json_string(link) : json_false());
    return cell;
}

static json_t *matrix_row(Site *site, const Organization *organization, const GPtrArray *periods,
                          GError **error) {
    json_t *cells = json_array();
    for (guint p = 0; p < periods->len; p++) {
        const Period *period = periods->pdata[p];
        const Submission *submission =
            view_submission(site->source->view, site->obligation->id, period->key, organization->id);
        if (submission && !write_submission(site, organization, period, submission, error)) {
            json_decref(cells);
            return NULL;
        }
        json_array_append_new(cells, cell_of(site, organization, period, submission));
    }
    return json_pack("{s:s, s:s, s:o}", "name", organization->name, "section",
                     organization->section ? organization->section : "", "cells", cells);
}

static GPtrArray *shown_periods(const Site *site, const Period *latest) {
    g_autoptr(GPtrArray) keys = summary_history_keys(site->programme, site->obligation, latest);
    GPtrArray *periods = g_ptr_array_new_with_free_func((GDestroyNotify)period_free);
    for (guint i = 0; i + 1 < keys->len; i++) {
        const char *key = keys->pdata[i];
        const GPtrArray *got = view_period_submissions(site->source->view, site->obligation->id, key);
        if (periods->len || (got && got->len) || i + 2 == keys->len) /* none before the first report */
            g_ptr_array_add(periods, period_by_key(site->programme, site->obligation, key));
    }
    return periods;
}

/* Personal data in one text of each row. */
static void mask_texts(const Site *site, json_t *rows, const char *name) {
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *text = json_string_value(json_object_get(row, name));
        if (text)
            json_object_set_new(row, name, site_masked(site, text));
    }
}

/* period: whose figures stand on top; latest: the last column. */
static bool write_index(Site *site, const Period *period, const Period *latest, GError **error) {
    const SiteSource *source = site->source;
    g_autoptr(GPtrArray) periods = shown_periods(site, latest);
    const GPtrArray *organizations = view_owers(source->view, site->obligation);
    json_t *rows = json_array(), *columns = json_array();
    bool good = true;
    for (guint i = 0; good && i < organizations->len; i++) {
        json_t *row = matrix_row(site, organizations->pdata[i], periods, error);
        good = row != NULL;
        if (good)
            json_array_append_new(rows, row);
    }
    for (guint p = 0; p < periods->len; p++)
        json_array_append_new(columns, json_string(((const Period *)periods->pdata[p])->key));
    json_t *facts = site_page_facts(site);
    json_t *model = summary_model(source->view, site->obligation, period, source->language, source->now_s);
    json_object_set_new(facts, "rows", rows);
    json_object_set_new(facts, "periods", columns);
    json_object_set(facts, "counts", json_object_get(model, "counts"));
    mask_texts(site, json_object_get(model, "open_questions"), "question");
    mask_texts(site, json_object_get(model, "repeated"), "question");
    mask_texts(site, json_object_get(model, "urgent"), "text");
    mask_texts(site, json_object_get(model, "urgent"), "handling");
    mask_texts(site, json_object_get(model, "urgent"), "org");
    json_object_set(facts, "questions", json_object_get(model, "open_questions"));
    json_object_set(facts, "repeated", json_object_get(model, "repeated"));
    json_object_set(facts, "urgent", json_object_get(model, "urgent"));
    json_object_set_new(facts, "totals", json_array());
    good = good && site_write_totals(site, period, json_object_get(model, "totals"),
                                     json_object_get(facts, "totals"), error);
    good = good && site_write_scores(site, period, facts, error);
    json_object_set_new(facts, "standings",
                        summary_standings(source->view, site->obligation, period, source->now_s));
    json_object_set(facts, "period", json_object_get(model, "period"));
    json_object_set(facts, "final", json_object_get(model, "final"));
    json_decref(model);
    good = good && site_write_page(site, "index.html", "index.html", facts, error);
    json_decref(facts);
    return good;
}

/* ---- files
 * ------------------------------------------------------------------------------------------------------- */

static char *read_template(const Site *site, const char *name, gsize *ret_length, GError **error) {
    g_autofree char *path = g_build_filename(site->source->templates_dir, "site", name, NULL);
    g_autoptr(GError) cause = NULL;
    char *bytes;
    if (g_file_get_contents(path, &bytes, ret_length, &cause))
        return bytes;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s", cause->message);
    return NULL;
}

static bool load(Site *site, GError **error) {
    static const char *const pages[] = {"index.html", "submission.html", "total.html", "score.html",
                                        "head.html"};
    gsize length;
    g_autofree char *words = read_template(site, "words.json", &length, error);
    json_t *all = words ? json_loadb(words, length, 0, NULL) : NULL;
    site->words = json_incref(json_object_get(all, site->source->language));
    json_decref(all);
    if (!site->words) {
        if (error && !*error)
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "site/words.json has no words in “%s”", site->source->language);
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *text = read_template(site, pages[i], &length, error);
        if (!text || !mustache_set_add(site->templates, pages[i], text, length, error))
            return false;
    }
    return true;
}

static bool copy_file(const Site *site, const char *name, GError **error) {
    gsize length;
    g_autofree char *bytes = read_template(site, name, &length, error);
    g_autofree char *path = g_build_filename(site->directory, name, NULL);
    g_autoptr(GError) cause = NULL;
    if (!bytes)
        return false;
    if (g_file_set_contents(path, bytes, (gssize)length, &cause))
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT, "%s", cause->message);
    return false;
}

bool site_write(const SiteSource *source, const Obligation *obligation, const Period *period,
                const char *directory, guint *ret_pages, GError **error) {
    const Programme *programme = view_programme(source->view);
    Site site = {.source = source,
                 .programme = programme,
                 .obligation = obligation,
                 .templates = mustache_set_new(),
                 .directory = directory};
    g_autoptr(Period) running = period_at(programme, obligation, source->now_s);
    bool good = load(&site, error);
    good = good && write_index(&site, period, running ? running : period, error) &&
           copy_file(&site, "style.css", error) && copy_file(&site, "site.js", error);
    mustache_set_free(site.templates);
    json_decref(site.words);
    if (good)
        *ret_pages = site.pages;
    return good;
}

bool site_check(const char *templates_dir, const char *language, GError **error) {
    const SiteSource source = {.templates_dir = templates_dir, .language = language};
    Site site = {.source = &source, .templates = mustache_set_new()};
    bool good = load(&site, error);
    if (!good)
        g_prefix_error(error, "site: ");
    mustache_set_free(site.templates);
    json_decref(site.words);
    return good;
}
