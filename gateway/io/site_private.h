/* The static page under way: what site*.c share. Private to them. */
#pragma once

#include "gateway/core/mustache.h"
#include "gateway/io/site.h"

typedef struct {
    const SiteSource *source;
    const Programme *programme;
    const Obligation *obligation;
    MustacheSet *templates;
    json_t *words;
    const char *directory;
    guint pages;
} Site;

/* A text as the page may show it: personal data masked unless it is wanted. New reference. */
json_t *site_masked(const Site *site, const char *text);

/* What every page says: programme, obligation, words, instant. New reference. */
json_t *site_page_facts(const Site *site);

/* Renders a template of the site into a file of the directory. FORTNIGHT_ERROR_PERMANENT where it cannot be
 * written. */
bool site_write_page(Site *site, const char *name, const char *template, const json_t *facts, GError **error);

/* A page a total of the period with every submission that it is summed from; appends to rows
 * {label, value, previous, change_text, has_previous, reported_by, link}. */
bool site_write_totals(Site *site, const Period *period, const json_t *totals, json_t *rows, GError **error);

/* The scores of the period: sets facts "scores" [{place_text, name, section, score_text, previous_text,
 * link}] (empty where nothing is scored) and "registration" {text} or false, and writes a page an
 * organization with the trace. */
bool site_write_scores(Site *site, const Period *period, json_t *facts, GError **error);
