/* A snapshot with its indexes: constant-time look-ups for decisions over thousands of organizations. The
 * snapshot must outlive it and change only through view_record() while it lives. Building costs one pass over
 * the snapshot. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/core/names.h"

typedef struct View View;

/* Builds the indexes; the caller frees the view, then the snapshot. */
View *view_new(Snapshot *snapshot);
void view_free(View *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_free)

/* What it was built over; not owned. */
const Snapshot *view_snapshot(const View *view);
/* The programme of the snapshot; not owned. */
const Programme *view_programme(const View *view);

/* Look-ups; the result belongs to the snapshot, NULL if there is none. */
const Organization *view_organization(const View *view, gint64 org_id);
const Submission *view_submission(const View *view, const char *obligation, const char *period,
                                  gint64 org_id);
/* Who owes an obligation or may: the organizations, or the sections or persons of its role. GPtrArray of
 * Organization*, belongs to the view. */
const GPtrArray *view_owers(const View *view, const Obligation *obligation);
/* The section or person of an obligation that an address speaks for, or NULL. */
const Organization *view_party_of_address(const View *view, const Obligation *obligation,
                                          const char *address);
/* Submissions of one period: GPtrArray of Submission* (not owned), or NULL. */
const GPtrArray *view_period_submissions(const View *view, const char *obligation, const char *period);
/* Oldest mail of an organization that is not yet recorded, or NULL. */
const PendingMail *view_pending(const View *view, gint64 org_id);
/* The organization that an address speaks for; NULL if unknown or if it speaks for several (then
 * *ret_ambiguous is true). */
const Organization *view_address(const View *view, const char *address, bool *ret_ambiguous);
/* Organizations whose name or alias has this normal form (roster_normal_name()): GPtrArray of Organization*,
 * or NULL. */
const GPtrArray *view_named(const View *view, const char *normal_name);
/* Every name and alias, taken apart: GPtrArray of NameEntry*, and the words that they are made of. Both
 * belong to the view, until view_forget_names(). */
typedef struct {
    const Organization *organization;
    char *normal; /* roster_normal_name() */
    NameForm *form;
} NameEntry;
const GPtrArray *view_names(const View *view, const NameVocabulary **ret_vocabulary);
/* Organizations, their names or addresses changed in the snapshot: the next look-up by name or address builds
 * its index again. */
void view_forget_names(View *view);
bool view_letter_decided(const View *view, const char *key);

/* The periods of an obligation that were due before an instant, ascending: all of the last back_s seconds,
 * and perhaps some before; ret_running: the one due next, or NULL. Remembered for the instants until then,
 * since the mail of days asks for the same. Both belong to the view, until the next call. */
const GPtrArray *view_arrival(const View *view, const Obligation *obligation, gint64 at_s, gint64 back_s,
                              const Period **ret_running);

/* Why an organization owes a period, or does not. */
typedef enum {
    STANDING_OWED,
    STANDING_SUBMITTED,
    STANDING_EXEMPT,
    STANDING_SUSPENDED,
    STANDING_NOT_YET,      /* it joined later (since_s) */
    STANDING_NOT_CONCERNED /* owed by others; or a review of which nothing has come */
} Standing;
Standing view_standing(const View *view, const Obligation *obligation, const Period *period,
                       const Organization *organization);
/* The exemption that frees an organization from a period, or NULL. */
const Exemption *view_exemption(const View *view, const Obligation *obligation, const Period *period,
                                const Organization *organization);
/* Moves a period's due instant to the day until which an organization was granted an extension; the period
 * stays what it is. False where there is none. */
bool view_extend(const View *view, Period *period, gint64 org_id);
/* How far a section's head has come with the reports that a period of a reviewing obligation is about: those
 * of its section that came in time to be reviewed. */
typedef struct {
    guint total, pending;
    gint64 last_s; /* the last verdict, 0: none */
} Review;
/* The period that a review is about: the last one of the reviewed obligation that was due since the review
 * before. NULL: none, or nothing is reviewed. The caller frees it. */
Period *view_reviewed_period(const Programme *programme, const Obligation *obligation, const Period *period);
Review view_review(const View *view, const Obligation *obligation, const Period *period,
                   const Organization *section);
/* "owed", "submitted", "exempt", "suspended", "not_yet", "not_concerned" (static). */
const char *standing_name(Standing standing);

/* Adds or replaces a submission, or a decided letter, in the snapshot and the indexes: for batches and for
 * simulate. The submission is taken over; the key is copied. */
void view_add_organization(View *view, Organization *organization); /* taken over; its id is new */
void view_record(View *view, Submission *submission);
void view_decide_letter(View *view, const char *key, OutboxState state);
