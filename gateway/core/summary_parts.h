/* The parts of the summary model (summary.h), each a list of its own. Private to summary*.c. */
#pragma once

#include "gateway/core/view.h"

/* What all parts are made from. */
typedef struct {
    const View *view;
    const Programme *programme;
    const Obligation *obligation;
    const Period *period;
    const json_t *form;           /* definition, or NULL */
    const GPtrArray *submissions; /* of the period, or NULL */
    const char *language;
    bool is_english;
    gint64 now_s;
} SummaryContext;

/* Name of a submission's organization ("" for the programme itself); belongs to the snapshot. */
const char *summary_org_name(const SummaryContext *context, gint64 org_id);

/* Every number field of the form, summed. New reference. */
json_t *summary_totals(const SummaryContext *context);
/* Questions asked more than 24 hours ago whose latest mention leaves them open, oldest first. New reference.
 */
json_t *summary_open_questions(const SummaryContext *context);
/* True of a table (definition) whose rows are questions with the times and the state of their life. */
bool summary_holds_questions(const json_t *table);
/* Urgent matters of the period. New reference. */
json_t *summary_urgent(const SummaryContext *context);
/* The rows of the form's other tables. New reference. */
json_t *summary_lists(const SummaryContext *context);
