/* Which period a submission belongs to, with the reason (SPEC 2.6): stated in the form, then in the subject,
 * title or file name, then by arrival. */
#pragma once

#include "gateway/core/view.h"

typedef enum {
    ASSIGN_STATED,
    ASSIGN_SUBJECT,
    ASSIGN_TITLE,
    ASSIGN_OWED,
    ASSIGN_CORRECTS,
    ASSIGN_RUNNING,
    ASSIGN_ONCE
} AssignRule;

/* What is doubtful about it; every kind but the first is a problem that the sender is told of. */
typedef enum {
    DOUBT_NONE,
    DOUBT_FITS_NONE, /* what is stated fits no period of this schedule, or lies far away */
    DOUBT_YEAR,      /* the year was mistyped */
    DOUBT_STALE /* the form states a period that has been reported already, the subject (or everything else) a
                   later one */
} AssignDoubt;

typedef struct {
    Period *period; /* owned */
    AssignRule rule;
    AssignDoubt doubt;
    char *reason_zh, *reason_en;
} Assignment;
void assignment_clear(Assignment *assignment);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Assignment, assignment_clear)

/* parse: the reader's answer; its "period", "period_source" and "period_said" count. Stated in the form (or
 * as a range in the subject): the period that shares most days, unless it lies further than
 * ASSIGN_STATED_MAX_S from arrival: then the same days of another year. Where that one has been reported
 * already and subject, title or file name name another that is owed, theirs. Else what words in form,
 * subject, title or file name mean (assign_said.h). By arrival: the earliest period due within
 * ASSIGN_LATE_MAX_S before (at most 5/7 of a period) that the organization still owes; else, in the first
 * quarter after a due instant, the period that has just been settled (a correction); else the running one.
 * false: the schedule has no period near (ret untouched). org_id 0: unknown, then nothing counts as settled.
 */
#define ASSIGN_STATED_MAX_S (300 * 86400)
#define ASSIGN_LATE_MAX_S                                                                                    \
    (10 * 86400) /* later than this, a report without a stated period belongs to the running one */
bool assign_period(const View *view, const Obligation *obligation, gint64 org_id, const json_t *parse,
                   gint64 received_s, Assignment *ret_assignment);

/* Where a form states a period that the organization has reported, but comes towards the end of a later one
 * that it owes: that later one (for a caller who sees that the figures are others, too); false: it does not.
 */
bool assign_later_owed(const View *view, const Obligation *obligation, gint64 org_id, const Period *stated,
                       gint64 received_s, Assignment *ret_assignment);
