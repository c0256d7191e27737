/* The announcement at the start of a term (SPEC 4): to everyone expected, what will be owed and when. Pure.
 *
 * Key: announce/FIRST-DUE..LAST-DUE/orgID, so that the same term is announced once to each. Facts kept with
 * it:
 * {"tasks": [{"obligation", "title", "count", "is_review", "periods" [keys], "dates" [text]}], "span_text"}.
 */
#pragma once

#include "gateway/core/view.h"

/* No more due dates of one obligation than this are listed. */
#define ANNOUNCE_DATES_MAX 60

/* The letters that announce what is due in from_s..to_s and were not sent before; whom nobody can be written
 * to stands on the call list. GPtrArray of Letter*, owned by it. */
GPtrArray *announce_letters(const View *view, gint64 from_s, gint64 to_s, gint64 now_s);
