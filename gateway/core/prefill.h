/* What a blank form can already say for an organization: what the period and the roster tell, and what does
 * not change from one report to the next. */
#pragma once

#include "gateway/core/view.h"

/* [{"key","label","value"}] in the order of the obligation's form; values as a person would write them, so
 * that they are read again. period NULL, or without contents of the period before in the view: less is known.
 * New reference. */
json_t *prefill_values(const View *view, const Obligation *obligation, const Period *period,
                       const Organization *organization, const char *language);
