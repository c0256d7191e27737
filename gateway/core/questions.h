/* Questions and their 24-hour clock (SPEC 1, 8.7): what a submission's tables say of questions, when two
 * mentions are the same question, what may happen to it, and which letters that owes now. Pure.
 *
 * Keys of letters: passed/…, nudge/…, overdue_questions/…, inquiry/…: followed by the first question's id, a
 * digest of all ids and the address, so that the letter of a set of questions is made once. */
#pragma once

#include "gateway/core/view.h"

#define QUESTION_LIMIT_S (24 * 3600) /* answered within 24 hours */
#define QUESTION_NUDGE_S (18 * 3600) /* the answerer is told once more */
/* Two mentions with the same words are the same question when asked at most so far apart: exports round. */
#define QUESTION_SAME_S (2 * 3600)

/* Two questions of one group, by a person's word, asked at most so far apart are one asking: what settles one
 * settles the other. Later ones were asked anew. */
#define QUESTION_SAME_ASKING_S (48 * 3600)

typedef enum {
    QUESTION_EVENT_PASS_ON,  /* told to the section's answerer */
    QUESTION_EVENT_ESCALATE, /* overdue: told to the coordinator */
    QUESTION_EVENT_INQUIRE,  /* the section head was asked why */
    QUESTION_EVENT_EXPLAIN,  /* … and has said why */
    QUESTION_EVENT_ANSWER,   /* a report, log or reply says that it is answered */
    QUESTION_EVENT_CALM,     /* 已安抚, or a person closes it */
    QUESTION_EVENTS
} QuestionEvent;

/* Pure: the state after an event; false where nothing changes. Every state × event stands in one table. */
bool question_next(QuestionState state, QuestionEvent event, QuestionState *ret_next);
/* "pass_on", "escalate" … (static). */
const char *question_event_name(QuestionEvent event);

/* One row of a table that holds questions. Strings belong to the submission. */
typedef struct {
    const char *text, *section, *answered_by; /* "" where not given */
    gint64 asked_s;                           /* never after received_s; received_s where not given */
    bool has_asked;
    bool is_answered;
    gint64 answered_s; /* 0: not known when */
    gint64 number;     /* of the row, 0: none */
} QuestionMention;

/* The questions of a submission, in its order: GArray of QuestionMention, owned by the caller. Tables with
 * the columns question and status hold questions, whatever the form; what a status means is the form's data.
 */
GArray *questions_of_submission(const Programme *programme, const Submission *submission);

/* True of a form with such a table. */
bool questions_stand_in(const Programme *programme, const char *form);

/* What a mail asks: the sentences of its text that ask, else the text, else the subject; one line of at most
 * QUESTION_TEXT_MAX characters. The caller frees it. */
#define QUESTION_TEXT_MAX 300
char *question_of_mail(const char *subject, const char *reply);

/* True where a mention at asked_s is that of a known question with the same normal form. day_only: one of the
 * two instants is the first of a local day, which stands for the whole day. */
bool question_is_same_time(GTimeZone *zone, gint64 asked_s, gint64 other_s);

/* True once it is overdue: later of asked + 24 h and first known, and still open. What was overdue before the
 * first contact was released is history: nobody is written to. */
bool question_is_overdue(const TrackedQuestion *question, gint64 released_s, gint64 now_s);

/* What becomes due by the clock alone next for a question, or G_MAXINT64. */
gint64 question_next_instant(const TrackedQuestion *question, gint64 released_s, gint64 now_s);

/* Appends the letters that questions owe now; all of one kind to one person go in one. Each has in its facts
 * {"event", "question_ids"}: the event happens to these questions in the transaction that keeps the letter.
 */
void questions_plan(const View *view, gint64 now_s, GPtrArray *letters);

/* The event that a letter is about, or QUESTION_EVENTS: none (a nudge, a copy). */
QuestionEvent questions_letter_event(const Letter *letter);

/* Lets the view's questions follow a letter that was decided: for simulations and between two snapshots. */
void questions_follow(const View *view, const Letter *letter, gint64 now_s);

/* True while at least one question of a letter is still open. */
bool questions_letter_is_due(const View *view, const Letter *letter);

/* Adds what letters about questions say: questions [{number, id, text, organization, section, asked_text,
 * age_text, until_text}], count. Questions that were settled meanwhile are left out. */
void questions_set_facts(const View *view, const Letter *letter, gint64 now_s, json_t *facts);
