/* The submission that a parse result makes: the part of intake.h that compares it with what was recorded
 * before. */
#pragma once

#include "gateway/core/assign.h"
#include "gateway/core/view.h"
#include "parsers/form.h"

/* The submission of a parse result for an organization, obligation and period (obligation and period NULL: it
 * settles none). previous: the current revision, or NULL. Adds check problems against the period before
 * (JUMP). The caller owns it. */
Submission *intake_submission_new(const View *view, const json_t *parse, const Obligation *obligation,
                                  const Period *period, gint64 org_id, const Submission *previous,
                                  gint64 message_id, gint64 received_s);

/* Where a form only completes what stands (it lacks something required, contradicts no value of the current
 * revision and adds some), a copy of parse with both together, its problems looked for again; else NULL: it
 * replaces what stands. New reference. */
json_t *intake_submission_completed(const json_t *parse, const Submission *previous, const FormSet *forms);

/* Adds what the sender should know about the period that was chosen, as a problem of the form's period field.
 */
void intake_submission_add_doubt(const Programme *programme, Submission *submission, AssignDoubt doubt);

/* True where at least half the figures of a form differ from those on record (at least FIGURES_MIN were given
 * in both): another report, not a correction. */
#define FIGURES_MIN 3
bool intake_submission_has_other_figures(const json_t *parse, const Submission *known);

/* True where parse lacks something required: then it may only complete what stands, whose content must be
 * known. */
bool intake_submission_may_complete(const json_t *parse);

/* True if both say the same: equal values and equal tables, wherever they were found. Gives submission its
 * digest; false where known has neither digest nor content. */
bool intake_submission_is_same(Submission *submission, const Submission *known);

/* The organization's submission of the period before, or NULL. */
const Submission *intake_submission_before(const View *view, const Obligation *obligation,
                                           const Period *period, gint64 org_id);

/* A copy that shares the JSON (which nobody changes). The caller owns it. */
Submission *intake_submission_copy(const Submission *submission);
