/* The static page (SPEC 6): a folder of files that a browser shows from disk, without a server and without
 * anything from elsewhere. */
#pragma once

#include <glib.h>
#include <stdbool.h>

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

/* Writes index.html (matrix of organizations and periods, open questions), a page a submission, style.css and
 * site.js into directory, which must exist; files of the same name are replaced. period: whose figures stand
 * on top. ret_pages: how many pages. FORTNIGHT_ERROR_CONFIGURATION or _PERMANENT with the file's name. */
bool site_write(const SiteSource *source, const Obligation *obligation, const Period *period,
                const char *directory, guint *ret_pages, GError **error);

/* Compiles the page's templates of a language, for `check`: "index.html:12: …". */
bool site_check(const char *templates_dir, const char *language, GError **error);

/* text with phone numbers as 138****0001 and mail addresses as a***@example.edu.cn. The caller frees it. */
char *site_mask(const char *text);
