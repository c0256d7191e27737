/* What becomes of a message that was read: recorded, review or ignored; which submission, which letters,
 * which roster changes (SPEC 2.5-2.8, 4). A pure function; the keeper stores its answer in one transaction.
 */
#pragma once

#include "gateway/core/assign.h"
#include "gateway/core/reason.h"
#include "gateway/core/roster.h"
#include "parsers/form.h"

/* Our own letter that a message answers. */
typedef struct {
    const Letter *letter; /* as it was decided: whom it went to, the problems that it numbered */
    const Submission
        *submission; /* what it told of, as it stands now, with content; NULL: none, or withdrawn */
} AnsweredLetter;

/* A letter that left, and its Message-ID. */
typedef struct {
    const Letter *letter;
    const char *message_id;
} SentLetter;

/* How a submission's content came about. */
typedef enum { CONTENT_FORM, CONTENT_CORRECTION, CONTENT_WITHDRAWAL } ContentOrigin;

/* What the ledger knows of a message beside the parse result. Strings are borrowed. */
typedef struct {
    gint64 id;         /* store id */
    gint64 received_s; /* INTERNALDATE: judges on time */
    gint64 seen_s;     /* first seen by us */
    const char *from;  /* address alone, or NULL / "": none */
    const char *from_name;
    guint from_count; /* mailboxes over all From headers; 0: not known */
    const char *message_id, *subject, *in_reply_to;
    bool automatic;   /* any AutomaticKind but AUTOMATIC_NO */
    bool junk_folder; /* from the spam folder: never answered */
    bool by_hand;     /* `ingest --org`: entered by a person */
    guint nth;        /* of several forms in one mail: 2, 3 …; 0: the first, or the only one */
    bool replay;      /* parsed again: no letter is owed */
    bool bounce_news; /* a bounce of a letter of ours: its address is dead from now on */
    const AnsweredLetter *answered; /* or NULL: it answers nothing that we sent */
    const GPtrArray *reports;       /* SentLetter*: which a correction without answered may mean; or NULL */
    const FormSet *forms;           /* the programme's; NULL: corrections need a person */
    /* The caller's view holds no contents of submissions, but it lends those that are named: the decision
     * stops there. */
    bool lends_contents;
    /* what a person said (review assign, ingest --org): the organization, or 0; the period's key, or NULL */
    gint64 confirmed_org_id;
    const char *confirmed_period;
} MessageFacts;

typedef struct {
    MessageState state;                        /* MESSAGE_RECORDED, MESSAGE_REVIEW or MESSAGE_IGNORED */
    RosterMatch who;                           /* org_id also where state is review: its mail is pending */
    char *obligation, *period;                 /* or NULL */
    char *period_reason_zh, *period_reason_en; /* or NULL */

    /* To record, or NULL. id is 0. org_id 0: of the organization that roster_updates adds, else of the
     * programme itself. revision is 1 + the current one's; on_time and received_s are those of the first. A
     * correction or withdrawal has the id of the submission that it changes; a withdrawal has no content. */
    Submission *submission;
    ContentOrigin origin;
    /* Where facts->lends_contents: submissions of the view (else NULL) without whose content, or without
     * whose numbers, nothing could be decided; all other members are meaningless then. */
    const Submission *needs_content, *needs_numbers;
    json_t *unread;   /* [{text}]: lines of a correction that were not understood, or NULL */
    bool is_revision; /* a submission for this period existed */
    /* the same values and tables as the current revision: nothing is stored, the ack says so */
    bool is_identical;
    gint64 identical_id; /* of the submission that says the same, else 0 */

    /* One of the codes below where state is MESSAGE_REVIEW; else NULL. */
    char *review_code;
    char *review_text; /* plain, in the programme's language */
    char *review_text_zh, *review_text_en;

    bool is_question;  /* its question is known from now on (asking_take_mail()) */
    char *urgent_text; /* what the message raises the alarm about (urgent.h), or NULL */

    GPtrArray *letters;        /* Letter*, owned: ack, correction or defect; empty while silent */
    ReasonCode no_letter;      /* why nobody is answered; REASON_NONE where letters is not empty */
    GPtrArray *roster_updates; /* RosterUpdate*, owned */
} IntakeDecision;
void intake_decision_free(IntakeDecision *decision);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IntakeDecision, intake_decision_free)

/* Decides. parse: one JSON object of SPEC 3.4. Never NULL; anything that is not understood is review. Review
 * codes: unknown_sender, unknown_org, ambiguous_org, contradiction_org, several_from, no_from,
 * automatic_form, junk_form, no_form, wrong_form, empty_form, encrypted, damaged, scan, cloud_link, bomb,
 * limit, unsupported, bounce, no_org, no_period, command, correction, question, reader_failed. */
IntakeDecision *intake_decide(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s);

/* Whom a reader's answer tells of (roster_identify() with all that it holds). */
void intake_identify(const View *view, const json_t *parse, const char *from, const char *subject,
                     RosterMatch *ret_match);

/* A decision on mail whose orders were carried out elsewhere (a command, an answer to a notice): recorded, or
 * review "command" where nothing in it was understood; the sender is answered with title and lines (json
 * array of {"text"}, taken over), how: what to do next, or NULL. Never NULL. */
IntakeDecision *intake_answer(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s,
                              bool is_understood, const char *title, json_t *lines, const char *how);

/* Puts the recorded submission, roster changes and letter keys of a decision into the view, so that the next
 * message of a batch sees them. org_id: the id that the store gave to the submission's organization. Copies.
 */
void intake_apply(View *view, const IntakeDecision *decision, gint64 org_id);

/* The one-sentence text of a review code; language "zh" or "en"; static; the code itself if unknown. */
const char *intake_review_text(const char *code, const char *language);
/* What a sender should do about a defect code (encrypted, scan, cloud_link …); static; NULL if the code is
 * not answered. */
const char *intake_defect_remedy(const char *code, const char *language);
