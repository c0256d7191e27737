/* Who is proposed for preference in awards, and whose award places would be reduced (SPEC 1): a proposal for
 * people to decide, with its reasons, by the rules in the configuration. */
#pragma once

#include "gateway/core/scores.h"

/* {organizations [{org_id, name, score_text, rank, reason_text}], persons [{name, account, organization,
 * score_text, rank, reason_text}], reductions [{org_id, name, percent, percent_text, places_lost, places,
 * reason_text}], rule_text} over the periods. organizations: the best by the rule, none with a report
 * missing; those level with the last one are proposed too. reductions: the most first; places_lost is rounded
 * down, in favour of the organization. New reference; JSON null where no rule is configured. */
json_t *score_awards(const ScoreBook *book, const GPtrArray *periods, const char *language);
