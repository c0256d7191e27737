/* Submissions and their revisions. A submission is what an organization owes or sends for one obligation and
 * period; each time it comes, is corrected, entered by hand, replayed or withdrawn, a revision is added.
 * Nothing is overwritten (SPEC 2.7). Current is the revision received last (of two received at the same
 * instant the later entered): a message that was read late never displaces a newer one. On time is judged by
 * the first one received since the last withdrawal. */
#pragma once

#include "gateway/core/json_text.h"
#include "gateway/core/model.h"
#include "gateway/store/store.h"

typedef enum {
    REVISION_MAIL,       /* a form that came by mail */
    REVISION_HAND,       /* entered by hand, with evidence in note (SPEC 5) */
    REVISION_CORRECTION, /* a reply such as "3: 12345" */
    REVISION_REPLAY,     /* the same message, read with today's rules */
    REVISION_WITHDRAWAL, /* 作废: no content; the submission is not current until it comes again */
    REVISION_ORIGINS
} RevisionOrigin;

/* "mail", "hand", … (static). */
const char *store_revision_origin_name(RevisionOrigin origin);

typedef struct {
    gint64 submission_id; /* add to this one (a correction by reply); 0: found by organization, obligation and
                             period */
    gint64 org_id;
    const char *form;
    const char *obligation,
        *period;       /* both NULL: settles none, every new content is a submission of its own */
    gint64 message_id; /* 0 only for REVISION_HAND and REVISION_WITHDRAWAL */
    RevisionOrigin origin;
    gint64 received_s;      /* INTERNALDATE, or as stated for REVISION_HAND */
    bool on_time;           /* was received_s on time, as the rules stood */
    const char *digest;     /* of the content, made by the caller: equal means "the same again" */
    const json_t *fields;   /* {"key": {"value","raw","source","confidence"}}; NULL: {} */
    const json_t *tables;   /* {"table": [{…},…]}; NULL: {} */
    const json_t *problems; /* [{…},…]; NULL: [] */
    JsonText fields_text, tables_text,
        problems_text;              /* the same as the reader wrote it, where that is known */
    const char *reader, *converter; /* versions, or NULL */
    const char *note;               /* evidence, or NULL */
} StoreRevision;

typedef enum {
    RECORDED_NEW,       /* the first revision of a submission */
    RECORDED_REVISION,  /* a further one */
    RECORDED_IDENTICAL, /* the current revision says the same: nothing was added */
    RECORDED_ALREADY    /* this message was recorded for it before (SPEC 8.3): nothing was added */
} RecordedAs;

/* Records a revision, its numbers and short texts in table `field`, and keeps the submission's current
 * revision, first receipt and punctuality up to date. ret_submission_id, ret_number (revision that now stands
 * for it), ret_as may be NULL. */
bool store_record(Store *store, const StoreRevision *revision, gint64 now_s, gint64 *ret_submission_id,
                  guint *ret_number, RecordedAs *ret_as, GError **error);

/* The current state of one submission with its content; NULL without error where there is none or it is
 * withdrawn. */
Submission *store_submission_get(Store *store, gint64 submission_id, GError **error);
Submission *store_submission_find(Store *store, gint64 org_id, const char *obligation, const char *period,
                                  GError **error);

/* The numbers that a submission's current revision holds, as fields ({"key": {"value"}}); new reference. */
json_t *store_submission_numbers(Store *store, gint64 submission_id, GError **error);

/* The submission that a message was recorded as last, or 0: for corrections by reply. */
bool store_submission_of_message(Store *store, gint64 message_id, gint64 *ret_submission_id, GError **error);

/* Notes that a message said what the submission's current revision says already. */
bool store_submission_resent(Store *store, gint64 submission_id, gint64 message_id, GError **error);

/* One revision's content {"number","origin","received_s","fields","tables","problems",…}; NULL without error
 * where there is none. */
json_t *store_revision_json(Store *store, gint64 submission_id, guint number, GError **error);

/* How much of a period was understood: its current submissions, and the values of fields over all of them. */
bool store_found_share(Store *store, const char *obligation, const char *period, guint *ret_submissions,
                       guint *ret_found, GError **error);

/* Sums over the current revisions of an obligation's period by plain SQL: {"questions_received": 1234, …} for
 * every field that holds numbers, and under "" the number of submissions. Independent of the summary's own
 * arithmetic. New reference. */
json_t *store_totals(Store *store, const char *obligation, const char *period, GError **error);

/* The periods of an obligation for which anything is on record: GPtrArray of char* keys, ascending,
 * owned by the caller. */
bool store_recorded_periods(Store *store, const char *obligation, GPtrArray **ret_keys, GError **error);
