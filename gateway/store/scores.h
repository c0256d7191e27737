/* Scores as leaders were told them: so that a change of the formula can say what it changes. */
#pragma once

#include "gateway/store/store.h"

/* Keeps the scores of a period that a letter tells. scores: [{"org_id", "points", "lines" {rule: points}}],
 * points in hundredths. Where they are the same as the last published ones of the period, formula included,
 * nothing is added. letter_id: 0 for none. ret_added may be NULL. */
bool store_scores_publish(Store *store, const char *obligation, const char *period, const char *formula,
                          const json_t *scores, gint64 letter_id, gint64 now_s, bool *ret_added,
                          GError **error);

/* The last published ones of a period: {"formula", "at_s", "letter", "scores" [as above]}; JSON null where
 * there are none. New reference; NULL on error. */
json_t *store_scores_published(Store *store, const char *obligation, const char *period, GError **error);
