/* "Did you mean": how far two words are apart. */
#pragma once

#include <glib.h>

/* Edit distance (Levenshtein): letters inserted, dropped or replaced. Words longer than SUGGEST_WORD_MAX are
 * compared by their start. */
#define SUGGEST_WORD_MAX 24
guint suggest_distance(const char *a, const char *b);
