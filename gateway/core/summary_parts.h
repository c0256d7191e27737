/* The parts of the summary model (summary.h), each a list of its own. Private to summary*.c. */
#pragma once

#include "gateway/core/view.h"

/* What all parts are made from. */
typedef struct {
    const View *view;
    const Programme *programme;
    const Obligation *obligation;
    const Period *period;
    const char *section;                   /* only what concerns this section; NULL: everything */
    const json_t *form;                    /* definition, or NULL */
    const GPtrArray *submissions, *before; /* of the period and the one before; maybe empty */
    const char *language;
    bool is_english;
    gint64 now_s;
} SummaryContext;

/* Name of a submission's organization ("" for the programme itself); belongs to the snapshot. */
const char *summary_org_name(const SummaryContext *context, gint64 org_id);

/* True of an organization (0: nobody's) that the summary is about. section: of the thing itself, or NULL. */
bool summary_concerns(const SummaryContext *context, gint64 org_id, const char *section);
/* "+3", "−2", "0". New reference. */
json_t *summary_change_text(double change);

/* Every number field of the form, summed. New reference. */
json_t *summary_totals(const SummaryContext *context);
/* Questions asked more than 24 hours ago that nobody has settled, oldest first; at most 200 of *ret_count.
 * New reference. */
json_t *summary_open_questions(const SummaryContext *context, guint *ret_count);
/* True of a table (definition) whose rows are questions with the times and the state of their life. */
bool summary_holds_questions(const json_t *table);
/* Urgent matters of the period, and older ones that are not settled, which come first. New reference. */
json_t *summary_urgent(const SummaryContext *context, guint *ret_open, guint *ret_settled);
/* Questions of the period's submissions that stand there more than once, the most frequent first. New
 * reference. */
json_t *summary_repeated(const SummaryContext *context);
/* The organizations of a model by their "section" or "team", as they come. New reference. */
json_t *summary_groups(const json_t *model, const char *by);
/* The rows of the form's other tables. New reference. */
json_t *summary_lists(const SummaryContext *context);
