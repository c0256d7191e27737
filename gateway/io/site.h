/* The static page (SPEC 6): a folder of files that a browser shows from disk, without a server and without
 * anything from elsewhere. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "gateway/io/site_page.h"

/* Writes index.html (matrix of organizations and periods, open questions), a page a submission, style.css and
 * site.js into directory, which must exist; files of the same name are replaced. period: whose figures stand
 * on top. ret_pages: how many pages. FORTNIGHT_ERROR_CONFIGURATION or _PERMANENT with the file's name. */
bool site_write(const SiteSource *source, const Obligation *obligation, const Period *period,
                const char *directory, guint *ret_pages, GError **error);

/* Compiles the page's templates of a language, for `check`: "index.html:12: …". */
bool site_check(const char *templates_dir, const char *language, GError **error);
