/* Scores of the period, and a page an organization that says where each point comes from. */
#include "gateway/io/site_scores.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/summary_scores.h"

/* The page of what a point comes from, where it is a report of the obligation: those have pages. */
static json_t *link_of(const Site *site, const json_t *line) {
    const char *obligation = json_string_value(json_object_get(line, "obligation"));
    json_int_t id = json_integer_value(json_object_get(line, "submission_id"));
    if (id == 0 || g_strcmp0(obligation, site->obligation->id) != 0)
        return json_false();
    g_autofree char *link = g_strdup_printf("s%" JSON_INTEGER_FORMAT ".html", id);
    return json_string(link);
}

static json_t *lines_of(const Site *site, const json_t *trace) {
    json_t *lines = json_array(), *line;
    gsize i;
    json_array_foreach(trace, i, line) {
        const char *text = json_string_value(json_object_get(line, "because"));
        const char *state = json_string_value(json_object_get(line, "state"));
        bool is_known = g_strcmp0(state, "known") == 0 || g_strcmp0(state, "limit") == 0;
        json_array_append_new(lines,
                              json_pack("{s:O, s:O, s:o, s:b, s:o}", "rule", json_object_get(line, "rule"),
                                        "points", json_object_get(line, "points_text"), "text",
                                        site_masked(site, text ? text : ""), "unknown", !is_known, "link",
                                        link_of(site, line)));
    }
    return lines;
}

static bool write_score(Site *site, const Period *period, const json_t *row, const ScoreFormula *formula,
                        json_t *rows, GError **error) {
    json_int_t org_id = json_integer_value(json_object_get(row, "org_id"));
    bool is_scored = json_is_number(json_object_get(row, "score"));
    g_autofree char *name = g_strdup_printf("p%" JSON_INTEGER_FORMAT ".html", org_id);
    g_autofree char *span = calendar_span_text(&period->first, &period->last, site->source->language);
    json_t *shown = json_copy((json_t *)row);
    json_object_del(shown, "trace");
    json_object_set_new(shown, "link", is_scored ? json_string(name) : json_false());
    json_array_append_new(rows, shown);
    if (!is_scored)
        return true;
    json_t *facts = site_page_facts(site);
    json_object_update(facts, shown);
    json_object_set_new(facts, "span", json_string(span));
    json_object_set_new(facts, "formula", json_string(formula->version));
    json_object_set_new(facts, "lines", lines_of(site, json_object_get(row, "trace")));
    bool good = site_write_page(site, name, "score.html", facts, error);
    json_decref(facts);
    return good;
}

bool site_write_scores(Site *site, const Period *period, json_t *facts, GError **error) {
    const SiteSource *source = site->source;
    const ScoreFormula *formula = site->programme->scores;
    json_t *rows = json_array();
    json_object_set_new(facts, "scores", rows);
    json_object_set_new(facts, "registration", json_false());
    if (!formula || strcmp(formula->obligation, site->obligation->id) != 0)
        return true;
    g_autoptr(ScoreBook) book = score_book_new(source->view, source->now_s);
    json_object_set_new(facts, "registration", summary_registration(book, period, source->language));
    json_t *all = summary_score_rows(book, period, true, source->language), *row;
    bool good = true;
    gsize i;
    json_array_foreach(all, i, row)
        good = good && write_score(site, period, row, formula, rows, error);
    json_decref(all);
    return good;
}
