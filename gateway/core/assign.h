/* Which period a submission belongs to, with the reason (SPEC 2.6): stated in the form, then in the subject,
 * then by arrival. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    ASSIGN_STATED,
    ASSIGN_SUBJECT,
    ASSIGN_ARRIVAL,
    ASSIGN_OWED,
    ASSIGN_EARLY,
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
 * "arrival" or NULL). By arrival: within ASSIGN_LATE_MAX_S after a due instant, the earliest period that the
 * organization still owes; else the period that is running; if that one is settled, it is a revision of it,
 * never the next one's report, unless arrival lies in the next one's own days. false: the schedule has no
 * period near (ret untouched). org_id 0: unknown, then nothing counts as settled. */
#define ASSIGN_LATE_MAX_S                                                                                    \
    (10 * 86400) /* later than this, a report without a stated period belongs to the running one */
bool assign_period(const View *view, const Obligation *obligation, gint64 org_id, const json_t *stated,
                   const char *source, gint64 received_s, Assignment *ret_assignment);
