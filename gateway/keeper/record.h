/* Reader results → decisions → store: everything that one message changes is one part of one transaction
 * (SPEC 2.7, 2.8). */
#pragma once

#include "gateway/core/json_text.h"
#include "gateway/keeper/keeper.h"

#define RECORD_READER_VERSION "1" /* changes when the parsers' answers do: replay looks at it */

/* One message on its way through the reader. */
typedef struct {
    gint64 message_id;       /* store id */
    char *sha256, *location; /* of its bytes in the archive */
    int memfd;               /* its bytes as they were fetched, sealed; -1: in the archive alone */
    gsize bytes;             /* how many, where memfd is given */
    gint64 received_s, seen_s;
    guint64 turn;       /* counts the jobs that were handed to readers */
    gint64 answered_ms; /* monotonic */
    bool is_junk_folder;
    bool seems_pdf;          /* a guess by its bytes: to the reader of PDF at once */
    gint64 by_hand_org_id;   /* `ingest --org`, else 0 */
    char *note;              /* evidence of an entry by hand, or NULL */
    gint64 confirmed_org_id; /* a person said whose it is (review), else 0 */
    char *confirmed_period;  /* and of which period, or NULL */
    bool is_replay;          /* read again: no letter is owed */
    json_t *lines;           /* what the reader said (array); NULL: it failed */
    GBytes *answer;          /* its words, or NULL */
    JsonText *texts;         /* of each line in them, or NULL: lines are written anew */
    bool is_final;           /* no further try */
    char *failure, *detail;  /* "crash", "timeout", "memory", "protocol"; NULL where lines stand */
} ReadJob;

/* An empty job for a message; free with read_job_free(). */
ReadJob *read_job_new(gint64 message_id);
void read_job_free(ReadJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReadJob, read_job_free)

/* What the reader said: {"lines":[…]} (a reference is kept), and the text that it was read from, or NULL. */
void read_job_set_answer(ReadJob *job, json_t *result, GBytes *text);

/* The text of one of its lines; start NULL where it is not known. */
JsonText read_job_text(const ReadJob *job, const json_t *line);

/* Name and version of the converter that a document of the message went through, or NULL; borrowed. */
const char *read_job_converter(const ReadJob *job);

/* Records all jobs of a batch (ReadJob*) in one transaction and counts them. A job whose reading failed for
 * the first times is put into ret_again (gint64 message ids) instead, to be read once more; at the last time
 * it becomes a review entry. */
bool record_batch(Keeper *keeper, const GPtrArray *jobs, GArray *ret_again, GError **error);

/* A message with several lines (an mbox as a message) or forms ends in the most urgent of their states. */
MessageState record_worst_state(MessageState a, MessageState b);
