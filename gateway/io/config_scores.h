/* The group `scores` of fortnight.conf: its keys and types. What they mean is read by core/score_formula.h.
 */
#pragma once

#include "gateway/io/conf_file.h"

/* Ends with an empty row. */
extern const ConfKey CONFIG_SCORES_KEYS[];
