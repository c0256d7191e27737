/* Who is owed which letter now (SPEC 4): plan(view, now) → letters. Pure: the same state and instant give the
 * same list, in any zone of the machine. Every letter has a key, so deciding twice is harmless; letters whose
 * key stands in the snapshot are left out.
 *
 * Keys
 *   remind/OBLIGATION/PERIOD/T-1d/orgID: to the contact
 *   overdue/OBLIGATION/PERIOD/T+1d/orgID[/ROLE]: to the contact, and one to each further role of the stage
 *   summary/OBLIGATION/PERIOD/ADDRESS[/DIGEST-OF-SECTION]: to each leader and supervisor; to section heads,
 *     where the summary goes to them too, of their own section
 *   preview/OBLIGATION/PERIOD/DIGEST: to the liaison, of the summaries that wait for the word 发送
 *   duty/ …: rota.h
 *   section_digest/, section_later/, advisor_digest/ …: digests.h
 *   review/2016-06-27T11: the hour at whose end the newest open entry is told
 *   pinned_notice/OBLIGATION/PERIOD/ADDRESS: grouping.h
 *   passed/, nudge/, overdue_questions/, inquiry/ …: questions.h
 *   urgent/, urgent_notice/ …: urgent.h
 *   ack/MESSAGE, ack/MESSAGE/contact, ack/unknown/DAY/DIGEST, correction/MESSAGE, defect/MESSAGE: intake.h
 *
 * Stages: a stage is in force from its instant to the next stage's (reminders: to the due instant at the
 * most; the last overdue stage: REMINDERS_LAST_STAGE_S). Only the stage in force is decided, so an outage
 * ends in one letter, never in a burst. */
#pragma once

#include "gateway/core/view.h"

#define PLAN_SUMMARY_LIFE_S (2 * 86400) /* after an outage, a summary this late is still read */
#define PLAN_REVIEW_LIFE_S  (24 * 3600)

/* The letters to put into the outbox now, in order of obligation, period, stage, organization. GPtrArray of
 * Letter*, owned by it. Empty while the first contact is silent. Quiet hours move not_before_s to their end;
 * a letter that would expire before is left out. */
GPtrArray *plan(const View *view, gint64 now_s);

/* Whether a review notice tells of nothing but labels that nobody listed. */
bool plan_tells_labels_only(const Letter *letter);

/* The next instant after now_s at which plan() may answer otherwise by the clock alone (a stage, a summary, a
 * hold's end, an hour of review); G_MAXINT64 if there is none within a year. */
gint64 plan_next_instant(const View *view, gint64 now_s);

/* Asked again when it is about to be sent: is its reason still there? false: *ret_reason (may be NULL, caller
 * frees) is one English sentence for the record. Acks, corrections and defects are due until they expire. */
bool letter_still_due(const View *view, const Letter *letter, gint64 now_s, char **ret_reason);

/* True while a reminder that is still due must wait: mail of its organization is not yet recorded.
 * ret_until_s (may be NULL): the latest end of the wait. Asked before letter_still_due(); the letter stays
 * queued. */
bool letter_on_hold(const View *view, const Letter *letter, gint64 now_s, gint64 *ret_until_s);

/* When a letter that is due may leave: now, or where pace, quota or a server kept it until the night, after
 * the quiet hours. What was meant for the night (answers to who has just written) and what is urgent goes
 * now. */
gint64 letter_leaves_s(const Programme *programme, const Letter *letter, gint64 now_s);

/* Whether one more letter to an address is within the programme's limits. Urgent priority is exempt. */
#define LETTER_ACKS_PER_HOUR    5  /* facts: eleven-fold loops were seen elsewhere */
#define LETTER_ANSWERS_PER_HOUR 20 /* to orders of somebody with a role: a busy morning, no loop */
typedef enum {
    LETTER_MAY_LEAVE,
    LETTER_WAITS, /* too many answers within an hour: the next ones are soon enough, and a loop is slowed down
                   */
    LETTER_ONE_TOO_MANY /* the day is used up: a loop ends here */
} LetterLimit;
LetterLimit letter_limit(const Programme *programme, const Letter *letter, guint sent_to_address_today,
                         guint sent_to_address_this_hour);
