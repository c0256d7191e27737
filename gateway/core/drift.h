/* When forms suddenly say less than they did: a reworded template, a new client, a reader that lost
 * something. The share of a form's fields that is found is compared with the period before. Pure. */
#pragma once

#include "gateway/core/view.h"

/* How much of a period's submissions was understood. */
typedef struct {
    guint submissions;
    guint found; /* values of fields, over all of them */
} FoundShare;

/* Fewer submissions than this, in either period, say nothing. */
#define DRIFT_SUBMISSIONS_MIN 3

/* The alert to the operator (or, where there is none, the liaison), once for each form and period, where the
 * share of fields found fell by more than percent points since `before`; NULL: no reason, decided already, or
 * still silent. The caller owns it. */
Letter *drift_alert(const View *view, const Obligation *obligation, const Period *period, FoundShare before,
                    FoundShare now, guint percent, gint64 now_s);
