/* What a person decides on review entries (SPEC 2): applied to the store in the caller's transaction, by
 * command or by the liaison's answer to a review notice. */
#pragma once

#include "gateway/core/review.h"
#include "gateway/keeper/settle.h"

/* What became of an order. */
typedef struct {
    bool is_done; /* the entry is closed */
    char *text;   /* one sentence, in the language that was asked for */
} ReviewOutcome;
void review_outcome_clear(ReviewOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReviewOutcome, review_outcome_clear)

/* Carries an order out. by: "command" or "mail", kept with the entry. An order that is not possible is no
 * error: the outcome says why. False where the store failed. */
bool reviewing_apply(Keeper *keeper, const ReviewOrder *order, const char *by, const char *language,
                     ReviewOutcome *ret_outcome, GError **error);

/* A line of mail that answers a review notice, from the liaison to whom that went. */
bool reviewing_is_answer(const Keeper *keeper, const ReadJob *job, const json_t *line,
                         const OutboxEntry *answered);

/* Carries out its orders, those that teach labels among them, answers with what became of each. The caller
 * owns the result; NULL on error. */
IntakeDecision *reviewing_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                 const OutboxEntry *answered, GError **error);
