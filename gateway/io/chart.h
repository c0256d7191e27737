/* The small charts of a summary as PNG (cairo, pango), twice as fine as they are shown. They say nothing that
 * the words and tables do not say: a letter without them is complete. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#define CHART_WIDTH 598 /* CSS pixels: the width of a letter's text; the PNG has two pixels each */

/* One stacked column a period: on time, late, missing. history: as summary_history() makes it. The caller
 * owns the PNG. FORTNIGHT_ERROR_TEMPORARY where cairo fails (memory). */
GBytes *chart_periods(const json_t *history, const char *language, GError **error);

/* Up to three small lines side by side. trends: [{"label", "points" [{"label", "value": number or null}]}].
 * The caller owns the PNG. */
GBytes *chart_trends(const json_t *trends, GError **error);

/* True where the installed fonts have every character of the sample (Chinese, Latin, figures); else the
 * charts would show boxes. ret_family: the font's name, the caller frees it; may be NULL. */
bool chart_font_works(char **ret_family);
