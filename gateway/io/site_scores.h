/* Scores and their traces on the site. */
#pragma once

#include "gateway/io/site_page.h"

/* The scores of the period: sets facts "scores" [{place_text, name, section, score_text, previous_text,
 * link}] (empty where nothing is scored) and "registration" {text} or false, and writes a page an
 * organization with the trace. */
bool site_write_scores(Site *site, const Period *period, json_t *facts, GError **error);
