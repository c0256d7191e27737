/* Stages of a period: the instants at which those who owe it are written to, and which stage is in force
 * (plan.h). */
#pragma once

#include "gateway/core/view.h"

#define REMINDERS_LAST_STAGE_S (2 * 86400) /* an overdue letter that is older says nothing new */
#define REMINDERS_HOLD_MAX_S   (24 * 3600) /* SPEC 4: pending mail holds reminders back at most this long */

/* A stage of one period, with its place on the clock. */
typedef struct {
    const Stage *stage; /* belongs to the obligation */
    bool is_overdue;
    gint64 from_s, until_s; /* in force from from_s on, no longer at until_s */
} StageSpan;

/* All stages of a period in order of time: GArray of StageSpan. A reminder ends at the due instant at the
 * latest; an overdue stage never begins before grace is over. */
GArray *reminders_stages(const Programme *programme, const Obligation *obligation, const Period *period);

/* The stage in force at now_s, or NULL. It belongs to stages. */
const StageSpan *reminders_stage_at(const GArray *stages, gint64 now_s);

/* The instant of a stage of a period (relative to the local day on which it is really due). */
gint64 reminders_instant(const Programme *programme, const Period *period, const Stage *stage);

/* "T-3d", "T-0d", "T+1d". The caller frees it. */
char *reminders_stage_name(const Stage *stage);

/* Appends to letters what the organizations that owe the period are sent in this stage and have not been
 * sent. */
void reminders_plan(const View *view, const Obligation *obligation, const Period *period,
                    const StageSpan *span, gint64 now_s, GPtrArray *letters);

/* The same for organizations that were granted an extension: their stages count from the day until which they
 * may report. */
void reminders_plan_extended(const View *view, gint64 now_s, GPtrArray *letters);

/* The next instant after now_s at which a stage of an extended period comes into force, or G_MAXINT64. */
gint64 reminders_next_extended(const View *view, gint64 now_s);

/* What an organization is sent because somebody asks for it now, whatever stage is in force: a reminder
 * before the due instant, an overdue letter after it, to its contact. tag: makes the key unique. NULL where
 * it owes nothing, is held back, or nobody can be written to. The caller owns it. */
Letter *reminders_asked(const View *view, const Obligation *obligation, const Period *period,
                        const Organization *organization, const char *tag, gint64 now_s);

/* True while mail of the organization that is not yet recorded holds its reminders back (SPEC 4,
 * REMINDERS_HOLD_MAX_S), or while nobody knows what the mailbox holds. */
bool reminders_is_held(const View *view, gint64 org_id, gint64 now_s);

/* A letter to nobody yet, with what all planned letters share. The caller owns it. */
Letter *reminders_letter_new(const Programme *programme, LetterKind kind, int priority,
                             const Obligation *obligation, const Period *period, gint64 now_s,
                             gint64 until_s);
