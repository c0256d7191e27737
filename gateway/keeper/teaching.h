/* Labels that a person teaches, by command or by answering a review notice (SPEC 3). */
#pragma once

#include "gateway/core/labels.h"
#include "gateway/keeper/keeper.h"
#include "gateway/store/labels.h"

/* Why a label cannot be taught for its field, a sentence in that language; NULL: it can. forms: what
 * form_set_new_from_json() takes. */
const char *teaching_fault(const json_t *forms, const StoreLabel *label, bool is_english);

/* Remembers the labels of a reader's line that nobody listed, in the caller's transaction. */
bool teaching_note(Keeper *keeper, const json_t *line, GError **error);

/* Puts what a review notice says of labels into its facts: those that were met and that no form lists, the
 * most frequent first. */
bool teaching_enclose(Keeper *keeper, Letter *letter, GError **error);

/* Carries an order out, in the caller's transaction: the label counts (or, forgotten, counts no more) for the
 * whole programme from the next message on. notice: the facts of the letter that is answered. *ret_text: one
 * sentence, in that language, of what became of it; the caller frees it. False where the store failed. */
bool teaching_apply(Keeper *keeper, const json_t *notice, const LabelOrder *order, const char *language,
                    gint64 message_id, bool *ret_is_done, char **ret_text, GError **error);
