/* fortnight scores: scores and standings of a period or term, persons, proposals for awards, and what a
 * change of the formula changes (SPEC 1). */
#include "gateway/core/scores.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/score_scope.h"
#include "gateway/commands/table.h"
#include "gateway/core/score_awards.h"
#include "gateway/core/score_text.h"
#include "gateway/core/summary_scores.h"
#include "gateway/io/workbook.h"
#include "gateway/store/scores.h"

typedef struct {
    gboolean persons, csv, diff, awards;
    char *language;
} Options;

/* ---- a period or term
 * --------------------------------------------------------------------------------------------- */

static json_t *row_json(const ScoreRow *row) {
    bool is_scored = row->periods > 0;
    g_autofree char *score = score_points_text(row->score_e2);
    json_t *json = json_pack("{s:I, s:s, s:s, s:o, s:s, s:I}", "rank", (json_int_t)row->rank, "name",
                             row->person ? row->person->name : row->organization->name, "organization",
                             row->organization->name, "score",
                             is_scored ? json_real((double)row->score_e2 / SCORE_POINT_UNIT) : json_null(),
                             "score_text", is_scored ? score : "", "periods", (json_int_t)row->periods);
    if (row->person) {
        json_object_set_new(json, "account", json_string(row->person->account));
        return json;
    }
    json_object_set_new(json, "org_id", json_integer(row->organization->id));
    json_object_set_new(json, "late", json_integer(row->late));
    json_object_set_new(json, "missing", json_integer(row->missing));
    return json;
}

static json_t *rows_json(const ScoreScope *scope, const GArray *rows, const char *language) {
    json_t *list = json_array();
    for (guint i = 0; i < rows->len; i++) {
        const ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        json_t *json = row_json(row);
        ScoreResult result;
        const Period *only = scope->term ? NULL : scope->periods->pdata[0];
        const ScoreFormula *formula = score_book_formula(scope->book);
        const GPtrArray *rules = row->person ? formula->person_rules : formula->rules;
        bool is_scored =
            only && (row->person ? score_book_person(scope->book, only, row->person, &result)
                                 : score_book_period(scope->book, only, row->organization, &result));
        if (is_scored)
            json_object_set_new(json, "trace", score_trace_json(formula, rules, &result, language));
        json_array_append_new(list, json);
    }
    return list;
}

static void print_rows(const ScoreScope *scope, const GArray *rows, bool is_persons) {
    const char *const organization_headings[] = {"place",   "organization", "section", "score",
                                                 "periods", "late",         "missing", NULL};
    const char *const person_headings[] = {"place", "name",    "account", "organization",
                                           "score", "periods", NULL};
    g_autoptr(Table) table = table_new(is_persons ? person_headings : organization_headings);
    for (guint i = 0; i < rows->len; i++) {
        const ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        g_autofree char *place = row->rank ? g_strdup_printf("%u", row->rank) : g_strdup("-"),
                        *score = row->rank ? score_points_text(row->score_e2) : g_strdup("-"),
                        *periods = g_strdup_printf("%u", row->periods),
                        *late = g_strdup_printf("%u", row->late),
                        *missing = g_strdup_printf("%u", row->missing);
        if (is_persons)
            table_row(table, (const char *[]){place, row->person->name, row->person->account,
                                              row->organization->name, score, periods});
        else
            table_row(table, (const char *[]){place, row->organization->name, row->organization->section,
                                              score, periods, late, missing});
    }
    table_print(table);
    if (rows->len == 0)
        puts(is_persons ? "no persons: none are scored, or no receipt tells of any" : "no organizations");
    printf("formula %s; `fortnight explain score NAME %s` says why\n",
           score_book_formula(scope->book)->version, scope->name);
}

/* The same table as a sheet, for CSV of a term. New reference. */
static json_t *term_sheet(const GArray *rows, bool is_persons) {
    json_t *sheet =
        json_pack("{s:s, s:s, s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}, "
                  "{s:s, s:s}], s:[]}",
                  "key", "scores", "title", "scores", "columns", "title", "place", "type", "number", "title",
                  "name", "type", "text", "title", is_persons ? "account" : "section", "type", "text",
                  "title", "score", "type", "number", "title", "periods", "type", "number", "title",
                  is_persons ? "organization" : "late", "type", is_persons ? "text" : "number", "title",
                  is_persons ? "position" : "missing", "type", is_persons ? "text" : "number", "rows");
    for (guint i = 0; i < rows->len; i++) {
        const ScoreRow *row = &g_array_index(rows, ScoreRow, i);
        json_t *json = json_array();
        json_array_append_new(json, row->rank ? json_integer(row->rank) : json_null());
        json_array_append_new(json, json_string(is_persons ? row->person->name : row->organization->name));
        json_array_append_new(json, json_string(is_persons                   ? row->person->account
                                                : row->organization->section ? row->organization->section
                                                                             : ""));
        json_array_append_new(json,
                              row->rank ? json_real((double)row->score_e2 / SCORE_POINT_UNIT) : json_null());
        json_array_append_new(json, json_integer(row->periods));
        json_array_append_new(json,
                              is_persons ? json_string(row->organization->name) : json_integer(row->late));
        json_array_append_new(json, is_persons ? json_string(row->person->group ? row->person->group : "")
                                               : json_integer(row->missing));
        json_array_append_new(json_object_get(sheet, "rows"), json);
    }
    return sheet;
}

static int print_csv(const ScoreScope *scope, const GArray *rows, const Options *options) {
    json_t *sheets = json_array(), *sheet = NULL, *item;
    const char *wanted = options->persons ? "persons" : "scores";
    gsize i;
    if (!scope->term) {
        const SheetSource source = {.view = score_book_view(scope->book),
                                    .obligation = score_book_obligation(scope->book),
                                    .period = scope->periods->pdata[0],
                                    .language = options->language,
                                    .now_s = scope->now_s};
        summary_score_sheets(&source, sheets);
        json_array_foreach(sheets, i, item)
            if (strcmp(json_string_value(json_object_get(item, "key")), wanted) == 0)
                sheet = json_incref(item);
    }
    if (!sheet)
        sheet = term_sheet(rows, options->persons);
    g_autofree char *csv = workbook_csv(sheet);
    fputs(csv, stdout);
    json_decref(sheet);
    json_decref(sheets);
    return EXIT_DONE;
}

static int show(const Context *context, const ScoreScope *scope, const Options *options) {
    g_autoptr(GArray) rows = options->persons ? score_book_person_standings(scope->book, scope->periods)
                                              : score_book_standings(scope->book, scope->periods);
    if (options->csv)
        return print_csv(scope, rows, options);
    if (!context->json) {
        print_rows(scope, rows, options->persons);
        return EXIT_DONE;
    }
    json_t *periods = json_array();
    for (guint i = 0; i < scope->periods->len; i++)
        json_array_append_new(periods, json_string(((const Period *)scope->periods->pdata[i])->key));
    json_t *json = json_pack("{s:s, s:s, s:o, s:o}", scope->term ? "term" : "period", scope->name, "formula",
                             score_book_formula(scope->book)->version, "periods", periods, "scores",
                             rows_json(scope, rows, options->language));
    if (!scope->term)
        json_object_set_new(json, "registration",
                            summary_registration(scope->book, scope->periods->pdata[0], options->language));
    context_print_json(json);
    json_decref(json);
    return EXIT_DONE;
}

/* ---- proposals
 * ------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int show_awards(const Context *context, const ScoreScope *scope, const Options *options) {
    json_t *awards = score_awards(scope->book, scope->periods, options->language), *item;
    static const char *const lists[] = {"organizations", "persons"};
    gsize i;
    if (context->json) {
        context_print_json(awards);
    } else if (json_is_null(awards)) {
        puts("no rule for awards is configured (scores.awards)");
    } else {
        puts(text_of(awards, "rule_text"));
        for (gsize l = 0; l < G_N_ELEMENTS(lists); l++) {
            g_autoptr(Table) table = table_new((const char *[]){lists[l], "score", "because", NULL});
            json_array_foreach(json_object_get(awards, lists[l]), i, item)
                table_row(table, (const char *[]){text_of(item, "name"), text_of(item, "score_text"),
                                                  text_of(item, "reason_text")});
            table_print(table);
        }
        g_autoptr(Table) table =
            table_new((const char *[]){"reduction for", "percent", "places", "because", NULL});
        json_array_foreach(json_object_get(awards, "reductions"), i, item) {
            g_autofree char *places =
                g_strdup_printf("-%d of %d", (int)json_integer_value(json_object_get(item, "places_lost")),
                                (int)json_integer_value(json_object_get(item, "places")));
            table_row(table, (const char *[]){text_of(item, "name"), text_of(item, "percent_text"), places,
                                              text_of(item, "reason_text")});
        }
        table_print(table);
    }
    json_decref(awards);
    return EXIT_DONE;
}

/* ---- what a changed formula changes
 * ---------------------------------------------------------------------------- */

/* "按时提交 20.00 → 30.00; …": rules whose points differ, or that only one of the two has. The caller frees
 * it. */
static char *changed_rules(const json_t *then, const json_t *now) {
    GString *text = g_string_new(NULL);
    const char *rule;
    json_t *value;
    json_object_foreach((json_t *)now, rule, value) {
        const json_t *old = json_object_get(then, rule);
        if (old && json_equal((json_t *)old, value))
            continue;
        g_autofree char *was = old ? score_points_text(json_integer_value(old)) : g_strdup("-"),
                        *is = score_points_text(json_integer_value(value));
        g_string_append_printf(text, "%s%s %s → %s", text->len ? "; " : "", rule, was, is);
    }
    json_object_foreach((json_t *)then, rule, value)
        if (!json_object_get(now, rule)) {
            g_autofree char *was = score_points_text(json_integer_value(value));
            g_string_append_printf(text, "%s%s %s → -", text->len ? "; " : "", rule, was);
        }
    return g_string_free(text, FALSE);
}

static const json_t *score_of(const json_t *scores, json_int_t org_id) {
    gsize i;
    json_t *score;
    json_array_foreach(scores, i, score)
        if (json_integer_value(json_object_get(score, "org_id")) == org_id)
            return score;
    return NULL;
}

static void add_difference(const ScoreScope *scope, json_int_t org_id, const json_t *then, const json_t *now,
                           json_t *list) {
    const Organization *organization = view_organization(score_book_view(scope->book), org_id);
    json_int_t was = json_integer_value(json_object_get(then, "points")),
               is = json_integer_value(json_object_get(now, "points"));
    g_autofree char *rules = changed_rules(json_object_get(then, "lines"), json_object_get(now, "lines"));
    g_autofree char *was_text = then ? score_points_text(was) : g_strdup("-"),
                    *is_text = now ? score_points_text(is) : g_strdup("-"),
                    *change = score_points_text(is - was);
    if (then && now && was == is && !*rules)
        return;
    json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "org_id", org_id, "name",
                                          organization ? organization->name : "", "published", was_text,
                                          "now", is_text, "change", change, "rules", rules));
}

/* {period, published_formula, formula, published_text, differences}; NULL after an error. */
static json_t *difference_of(const Context *context, const ScoreScope *scope, const Period *period,
                             GError **error) {
    const char *obligation = score_book_obligation(scope->book)->id;
    json_t *published = store_scores_published(context->store, obligation, period->key, error);
    if (!published)
        return NULL;
    json_t *then = json_object_get(published, "scores"), *now = summary_scores_kept(scope->book, period),
           *list = json_array(), *score;
    gsize i;
    json_array_foreach(json_is_null(published) ? NULL : now, i, score) {
        json_int_t org_id = json_integer_value(json_object_get(score, "org_id"));
        add_difference(scope, org_id, score_of(then, org_id), score, list);
    }
    json_array_foreach(then, i, score) {
        json_int_t org_id = json_integer_value(json_object_get(score, "org_id"));
        if (!score_of(now, org_id))
            add_difference(scope, org_id, score, NULL, list);
    }
    g_autofree char *at = context_local_text(context, json_integer_value(json_object_get(published, "at_s")));
    json_t *result = json_pack(
        "{s:s, s:o, s:s, s:s, s:o}", "period", period->key, "published_formula",
        json_is_null(published) ? json_null() : json_incref(json_object_get(published, "formula")), "formula",
        score_book_formula(scope->book)->version, "published_text", at, "differences", list);
    json_decref(now);
    json_decref(published);
    return result;
}

static void print_difference(const json_t *difference) {
    const json_t *list = json_object_get(difference, "differences");
    gsize i;
    json_t *item;
    if (json_is_null(json_object_get(difference, "published_formula"))) {
        printf("%s: nothing was published yet\n", text_of(difference, "period"));
        return;
    }
    printf("%s: published %s with formula %s, now %s: %zu differences\n", text_of(difference, "period"),
           text_of(difference, "published_text"), text_of(difference, "published_formula"),
           text_of(difference, "formula"), json_array_size(list));
    if (!json_array_size(list))
        return;
    g_autoptr(Table) table =
        table_new((const char *[]){"organization", "published", "now", "change", "rules", NULL});
    json_array_foreach(list, i, item)
        table_row(table,
                  (const char *[]){text_of(item, "name"), text_of(item, "published"), text_of(item, "now"),
                                   text_of(item, "change"), text_of(item, "rules")});
    table_print(table);
}

static int show_differences(const Context *context, const ScoreScope *scope) {
    g_autoptr(GError) error = NULL;
    json_t *all = json_array();
    bool differs = false;
    for (guint p = 0; p < scope->periods->len; p++) {
        json_t *difference = difference_of(context, scope, scope->periods->pdata[p], &error);
        if (!difference) {
            json_decref(all);
            return context_fail(g_steal_pointer(&error));
        }
        differs = differs || json_array_size(json_object_get(difference, "differences")) > 0;
        if (!context->json)
            print_difference(difference);
        json_array_append_new(all, difference);
    }
    if (context->json)
        context_print_json(all);
    json_decref(all);
    return differs ? EXIT_ATTENTION : EXIT_DONE;
}

int command_scores(int argc, char **argv) {
    g_auto(Context) context = {0};
    g_auto(ScoreScope) scope = {0};
    g_autofree char *language = NULL;
    Options options = {0};
    const GOptionEntry extra[] = {
        {"persons", 0, 0, G_OPTION_ARG_NONE, &options.persons,
         "persons by their accounts, instead of organizations", NULL},
        {"awards", 0, 0, G_OPTION_ARG_NONE, &options.awards,
         "proposals for preference and for reduction of award places", NULL},
        {"diff", 0, 0, G_OPTION_ARG_NONE, &options.diff,
         "against what was last published with a summary; exit status 1 where it differs", NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, "as CSV on standard output, a column a rule", NULL},
        {"language", 'l', 0, G_OPTION_ARG_STRING, &language, "zh or en (default: the programme's)",
         "LANGUAGE"},
        {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "[PERIOD|TERM]",
        "Scores and standings by the formula in the configuration (scores). PERIOD is a due date such as "
        "2016-06-27, TERM one of\nthe configured terms, or \"all\". `fortnight explain score NAME PERIOD` "
        "says "
        "where each point comes from.");
    if (status == CONTEXT_GO_ON)
        status = score_scope_open(&context, context.arguments ? context.arguments[0] : NULL, &scope);
    if (status != CONTEXT_GO_ON)
        return status;
    options.language = language ? language : context.config->programme->language;
    if (options.diff)
        return show_differences(&context, &scope);
    return options.awards ? show_awards(&context, &scope, &options) : show(&context, &scope, &options);
}
