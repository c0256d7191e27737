/* A page of the static site: what every kind of page is made with. */
#pragma once

#include "gateway/core/mustache.h"
#include "gateway/core/view.h"
#include "gateway/io/progress.h"

typedef struct {
    const View *view; /* with contents of all submissions */
    const char *templates_dir;
    const char *language;
    gint64 now_s;
    Progress *progress;      /* told of each page, or NULL */
    bool with_personal_data; /* else phones and addresses are masked, lists of people only counted */
} SiteSource;

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

/* text with phone numbers as 138****0001 and mail addresses as a***@example.edu.cn. The caller frees it. */
char *site_mask(const char *text);
