/* Which period a submission belongs to, with the reason (SPEC 2.6): stated in the form, then in the subject,
 * then by arrival. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    ASSIGN_STATED,
    ASSIGN_SUBJECT,
    ASSIGN_OWED,
    ASSIGN_CORRECTS,
    ASSIGN_RUNNING,
    ASSIGN_ONCE
} AssignRule;

typedef struct {
    Period *period; /* owned */
    AssignRule rule;
    bool doubtful; /* what the form states fits no period of this schedule, or lies far away: arrival decided
                      instead */
    char *reason_zh, *reason_en;
} Assignment;
void assignment_clear(Assignment *assignment);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Assignment, assignment_clear)

/* stated: {"start","end"} of the parse result or NULL; source: its "period_source" ("form", "subject",
 * "arrival" or NULL). Stated: the period that shares most days, unless it lies further than
 * ASSIGN_STATED_MAX_S from arrival (a wrong year). By arrival: the earliest period due within
 * ASSIGN_LATE_MAX_S before (at most 5/7 of a period) that the organization still owes; else, in the first
 * quarter after a due instant, the period that has just been settled (a correction); else the running one.
 * false: the schedule has no period near (ret untouched). org_id 0: unknown, then nothing counts as settled.
 */
#define ASSIGN_STATED_MAX_S (300 * 86400)
#define ASSIGN_LATE_MAX_S                                                                                    \
    (10 * 86400) /* later than this, a report without a stated period belongs to the running one */
bool assign_period(const View *view, const Obligation *obligation, gint64 org_id, const json_t *stated,
                   const char *source, gint64 received_s, Assignment *ret_assignment);
