/* Pages of the site that lead from a total to its messages (SPEC 6). */
#pragma once

#include "gateway/io/site_page.h"

/* A page a total of the period with every submission that it is summed from; appends to rows
 * {label, value, previous, change_text, has_previous, reported_by, link}. */
bool site_write_totals(Site *site, const Period *period, const json_t *totals, json_t *rows, GError **error);
