/* Digests on the evening of the due day (SPEC 1, 4): to the head of each section and to each advisor, who of
 * theirs has sent it, who has not, what is wrong. What comes to a section later, and what its head has not
 * reviewed by the next morning, is passed on to the head. Pure.
 *
 * Keys
 *   section_digest/OBLIGATION/PERIOD/DIGEST-OF-SECTION/ADDRESS
 *   section_later/OBLIGATION/PERIOD/DIGEST-OF-SECTION/2016-06-28T07: when its newest report is told
 *   advisor_digest/OBLIGATION/PERIOD/ADDRESS
 * Facts kept with a letter: {"section", "org_ids": [whom its numbers mean, from 1], "is_later"}. */
#pragma once

#include "gateway/core/view.h"

#define DIGEST_LIFE_S (24 * 3600)
/* Reports that come this long after the digest are still passed on to the section head. */
#define DIGEST_LATER_S (14 * 24 * 3600)

/* Appends the digests of a period that are owed now. Nothing where the obligation has none. */
void digests_plan(const View *view, const Obligation *obligation, const Period *period, gint64 now_s,
                  GPtrArray *letters);

/* The next instant at which digests_plan() may answer otherwise by the clock alone; G_MAXINT64: none. */
gint64 digests_next_instant(const View *view, const Obligation *obligation, const Period *period,
                            gint64 now_s);

/* Whether a digest still tells something: a later one only while it holds a report that is not reviewed. */
bool digests_letter_is_due(const View *view, const Letter *letter);

/* What the letter tells, from the current state: see letter_facts.h. period may not be NULL. */
void digests_set_facts(const View *view, const Letter *letter, const Obligation *obligation,
                       const Period *period, gint64 now_s, json_t *facts);

/* The letter to an organization whose report was returned, keyed returned/SUBMISSION/REVISION; NULL where
 * nobody can be written to. head: who returned it. The caller owns it. */
Letter *digests_returned_letter(const View *view, const Submission *submission, const RolePerson *head,
                                const char *reason, gint64 now_s);
