/* Scores as leaders read them: a few in the letter, all in the workbook, all with their trace on the page. */
#pragma once

#include "gateway/core/scores.h"
#include "gateway/core/summary_sheets.h"

/* The standings block of the summary letter: {title_text, best [{place, name, rate_text, detail_text}], rest,
 * last [as best]}, the first and the last ones as many as configured (scores.shown); rate_text is the score,
 * detail_text what changed against the period before. False where nothing is scored. New reference. */
json_t *summary_scores_facts(const ScoreBook *book, const Period *period, const char *language);

/* {people, registered, percent, unknown, text}: accounts of the organizations' people; unknown: accounts of
 * the period's export that no receipt names. False where no receipt tells of people. New reference. */
json_t *summary_registration(const ScoreBook *book, const Period *period, const char *language);

/* [{place, place_text, org_id, name, section, team, score, score_text, previous_text, trace [as
 * score_trace_json()]}] of a period, best first, those not scored last with score null; trace is empty there
 * and without with_trace. New reference. */
json_t *summary_score_rows(const ScoreBook *book, const Period *period, bool with_trace,
                           const char *language);

/* The scores of a period as they are kept when they are published: [{org_id, points, lines}], in hundredths.
 * New reference. */
json_t *summary_scores_kept(const ScoreBook *book, const Period *period);

/* Appends the sheets "scores" (a column a rule), "persons" and "accounts" (registration by organization) to
 * sheets; of a section's summary only its organizations. */
void summary_score_sheets(const SheetSource *source, json_t *sheets);
