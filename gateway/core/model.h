/* The nouns of the product as plain data: programme, organization, period, submission, letter, snapshot.
 * No I/O, no clock, no global. Instants are UTC seconds. The glossary with the Chinese terms stands in
 * gateway/README.md. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* ---- the programme: as configured, immutable after loading
 * ------------------------------------------------------ */

typedef enum { SCHEDULE_ONCE, SCHEDULE_MONTH_DAYS, SCHEDULE_WEEKDAYS, SCHEDULE_RRULE } ScheduleKind;
typedef enum { OFFDAY_KEEP, OFFDAY_PREVIOUS, OFFDAY_NEXT } OffdayPolicy;

typedef struct {
    ScheduleKind kind;
    GDate once;     /* SCHEDULE_ONCE */
    guint days[31]; /* SCHEDULE_MONTH_DAYS: 1..31, ascending; SCHEDULE_WEEKDAYS: 1 (Monday)..7 */
    guint n_days;
    char *rrule;     /* SCHEDULE_RRULE: RFC 5545 3.3.10, or NULL */
    GDate first_due; /* the first period's due date */
    GDate last_due;  /* invalid GDate: without end */
    int due_second;  /* of the local day, 86399 = 23:59:59 */
    int grace_s;
    OffdayPolicy offday;
    GDate from; /* of a later version: it holds for due dates from this day on; invalid: the first version */
} Schedule;

typedef struct {
    int days;   /* relative to the due date: -3, -1, 0, +1 … */
    int second; /* of the local day */
    char *to;   /* "contact", "contact+advisor", "section_head" … */
} Stage;

/* SPEC 4: leaders' letters wait for the liaison's word; APPROVE_FIRST: until one of the obligation has left.
 */
typedef enum { APPROVE_NEVER, APPROVE_FIRST, APPROVE_ALWAYS } Approve;
typedef enum { OWED_BY_ORGANIZATIONS, OWED_BY_SECTIONS, OWED_BY_PERSONS } OwedBy;

typedef struct {
    char *id;      /* "biweekly"; stable: it is part of letter keys */
    char *form;    /* form id whose submission settles it; or NULL where it is settled by reviewing */
    char *reviews; /* owed by sections: the obligation whose reports their heads approve or return; or NULL */
    char *role;    /* owed by sections or persons: who of the programme's roles; NULL: section_head */
    char *title_zh, *title_en;
    OwedBy owed_by;
    Schedule schedule; /* the first version; ask schedule.h, which knows them all */
    GArray *changes;   /* Schedule: later versions in order of their from */
    GArray *reminders; /* Stage, days <= 0 */
    GArray *overdue;   /* Stage, days > 0 */
    bool has_summary, has_digest;
    Stage summary; /* +1 day, 08:00 */
    Stage digest;  /* to section heads and advisors; days = 0, 20:00; to: "section_head+advisor" */
} Obligation;

typedef struct {
    GDate first, last; /* both included */
} DaySpan;

/* How a form feeds the roster (the contact receipt does): data, so that no C knows a programme's field names.
 */
typedef struct {
    char *role;                                     /* of the contact: "leader", "liaison", "advisor" … */
    char *name_field, *address_field, *phone_field; /* field keys of the form; NULL: the form does not ask */
} RosterContactMap;

typedef struct {
    char *form;                       /* form id */
    char *section_field, *team_field; /* field keys, or NULL */
    GPtrArray *contacts;              /* RosterContactMap* */
} RosterMap;

typedef struct HolidayTable HolidayTable; /* gateway/core/holidays.h */
typedef struct ScoreFormula ScoreFormula; /* gateway/core/score_formula.h */

typedef struct {
    char *role; /* "leader", "supervisor", "coordinator", "liaison", "operator", "section_head" */
    char *name, *address, *phone;
    char *section;  /* for section heads; or NULL */
    char *language; /* "zh" or "en" */
} RolePerson;

/* People who answer in person in turn. */
typedef struct {
    Obligation *turns; /* id, titles, schedule, reminders: its due days are the turns */
    char *roles;       /* "leader+supervisor": who takes turns, in the order of the configuration */
    char *copy;        /* the role that is told by copy, or NULL */
} Rota;

typedef struct {
    char *id, *title_zh, *title_en;
    char *language; /* default of letters: "zh" or "en" */
    char *zone_name;
    GTimeZone *zone;
    GPtrArray *obligations; /* Obligation* */
    GPtrArray *roles;       /* RolePerson* */
    GPtrArray *rotas;       /* Rota* */
    char *from_address, *from_name;
    char *id_domain;                        /* right side of our Message-IDs */
    int quiet_from_second, quiet_to_second; /* local day; equal: no quiet hours */
    guint letters_per_address_day;
    gint64 letter_ttl_s;                         /* an ack expires after this */
    Approve approve_summary;                     /* whether leaders' letters wait for the liaison */
    char *retention_text_zh, *retention_text_en; /* one line in every ack (PIPL art. 17) */
    const HolidayTable *holidays; /* not owned; NULL: Saturdays and Sundays are off, nothing else */
    GArray *vacations; /* DaySpan, owned; NULL: none. A period whose configured due date lies in one is not
                          owed */
    GPtrArray *roster_maps; /* RosterMap*, owned; NULL: no form feeds the roster */
    json_t *forms; /* owned reference: the JSON of form_set_new_from_json(); labels and types for letters and
                      totals */
    const ScoreFormula *scores; /* not owned; NULL: nothing is scored */
    bool open_roster; /* a form of a roster map that names an unlisted organization adds it; default: a person
                         decides */
} Programme;

/* ---- who
 * ------------------------------------------------------------------------------------------------------ */

typedef struct {
    char *role;                   /* "leader", "liaison", "advisor" */
    char *name, *address, *phone; /* may be NULL */
    bool is_dead;                 /* letters to the address came back, and none came from it since */
} Contact;

/* An organization; or a section or person that owes something itself: whoever is reminded, exempted, called.
 */
typedef struct {
    gint64 id;
    OwedBy kind; /* OWED_BY_ORGANIZATIONS: an organization */
    char *role;  /* of a section or person: as in Obligation.role; else NULL */
    char *name;
    char *section, *team; /* or NULL */
    GPtrArray *aliases;   /* char* */
    GPtrArray *contacts;  /* Contact* */
    gint64 since_s;       /* owes from periods due after this instant on; 0: always */
    bool suspended;
} Organization;

typedef struct {
    gint64 org_id;
    char *obligation, *period; /* period NULL: every period */
    char *reason;
} Exemption;

/* Until when an organization may still report a period. */
typedef struct {
    gint64 org_id;
    char *obligation, *period;
    gint64 until_s;
} Extension;

/* ---- what
 * ----------------------------------------------------------------------------------------------------- */

typedef struct {
    char *obligation;
    char *key;         /* local due date as configured, "2016-06-27"; stable even if an off-day moves due_s */
    GDate first, last; /* days that it covers */
    gint64 due_s;      /* last instant that is on time, grace not included */
    gint64 late_after_s; /* due_s + grace */
} Period;

/* What the head of its section said of a report (SPEC 1). */
typedef enum { VERDICT_NONE, VERDICT_APPROVED, VERDICT_RETURNED, VERDICTS } Verdict;

typedef struct {
    gint64 id, message_id, org_id;
    char *form, *obligation, *period; /* obligation and period NULL for forms that settle none */
    guint revision;                   /* from 1 */
    gint64 received_s;                /* INTERNALDATE of the message that first brought it for this period */
    gint64 revised_s;                 /* of the current revision */
    bool on_time;
    bool by_hand;
    guint n_problems;
    bool has_digest;
    guint8 digest[32]; /* of form, values and tables: equal means that both say the same (content_digest.h) */
    Verdict verdict;   /* on what it says now: a correction is judged anew */
    char *verdict_reason; /* why it was returned, or NULL */
    gint64 verdict_s;
    json_t *fields; /* {"key": {"value", "raw", "source", "confidence"}} */
    json_t *tables;
    json_t *problems;
} Submission;

/* Mail of an organization that is fetched but not recorded, or in review: holds its reminders back (SPEC 4).
 */
typedef struct {
    gint64 message_id, org_id, seen_s;
} PendingMail;

/* An open review entry: something needs a person. */
typedef struct {
    gint64 id;                 /* of the entry: the number by which people name it */
    gint64 message_id, org_id; /* org_id 0: unknown */
    char *code, *text;         /* as in IntakeDecision.review_code, review_text */
    char *from, *subject;
    gint64 since_s; /* when the entry was opened */
} ReviewItem;

typedef enum {
    QUESTION_OPEN,
    QUESTION_PASSED_ON, /* to its section's answerer */
    QUESTION_OVERDUE,   /* the coordinator was told */
    QUESTION_INQUIRED,  /* the section head was asked why */
    QUESTION_ANSWERED,
    QUESTION_EXPLAINED, /* the section head has said why; still without an answer */
    QUESTION_CLOSED,    /* the asker was calmed, or a person closed it */
    QUESTION_STATES
} QuestionState;

/* A question that reports, logs or mail told of. */
typedef struct {
    gint64 id, org_id, message_id; /* who told of it first, in which message; 0: nobody */
    char *text, *section;          /* section NULL: that of the organization */
    gint64 asked_s, known_s;       /* known_s: first known here; kept */
    QuestionState state;
    gint64 changed_s, passed_s, nudged_s, escalated_s, answered_s; /* 0: not yet */
    gint64 cluster; /* the first of those that a person said are one; 0: it stands alone */
    char *asker;    /* address of who asked by mail, or NULL */
    char *answer;   /* what was last answered, or NULL */
} TrackedQuestion;

/* Two questions of which a person said that they are not one. */
typedef struct {
    gint64 a, b; /* a < b */
} QuestionsApart;

/* Something urgent that was reported and is not settled. */
typedef struct {
    gint64 id, message_id, org_id; /* org_id 0: unknown */
    char *text, *from, *code;      /* code: what a person names to settle it */
    gint64 received_s, known_s;    /* known_s: recorded here; the hours of repetitions count from it */
    gint64 settled_s;              /* 0: not yet */
    char *handling;                /* what was done, once it is settled; may be NULL */
} UrgentMatter;

/* A turn of duty that was handed to somebody else. */
typedef struct {
    char *rota, *day, *person;
} RotaSwap;
void rota_swap_free(RotaSwap *swap);

/* Who answers an organization's questions, as its receipt says. */
typedef struct {
    gint64 org_id;
    char *name, *type; /* type of questions, or NULL */
} Answerer;

/* ---- letters
 * -------------------------------------------------------------------------------------------------- */

typedef enum {
    LETTER_ACK,
    LETTER_CORRECTION,
    LETTER_DEFECT,
    LETTER_REMINDER,
    LETTER_OVERDUE,
    LETTER_SUMMARY,
    LETTER_REVIEW_NOTICE,
    LETTER_OPERATOR_ALERT,
    LETTER_COMMAND_ANSWER,
    LETTER_QUESTION_PASSED,
    LETTER_OVERDUE_QUESTIONS,
    LETTER_INQUIRY,
    LETTER_URGENT,
    LETTER_URGENT_NOTICE,
    LETTER_SECTION_DIGEST,
    LETTER_ADVISOR_DIGEST,
    LETTER_RETURNED,
    LETTER_ANNOUNCE,
    LETTER_DUTY,
    LETTER_PINNED_NOTICE,
    LETTER_KINDS
} LetterKind;

/* Lower is sent first (SPEC 4). */
enum { PRIORITY_URGENT, PRIORITY_QUESTION, PRIORITY_ACK, PRIORITY_REMINDER, PRIORITY_SUMMARY };

typedef struct {
    char *key; /* "remind/biweekly/2016-06-27/T-1d/org42": unique in the outbox, for ever */
    LetterKind kind;
    char *to_address, *to_name;
    char *language;            /* "zh" or "en" */
    gint64 org_id;             /* or 0 */
    char *obligation, *period; /* or NULL */
    gint64 message_id;         /* store id of the message that it answers, or 0 */
    gint64 not_before_s, expires_s;
    int priority;  /* PRIORITY_… */
    bool held;     /* waits for approval */
    json_t *facts; /* what the template needs and cannot be found again later; may be NULL for letters whose
                      facts are derived at send time */
    char *reason;  /* one sentence: the rule and the facts, for explain and dry runs */
} Letter;

/* ---- everything that a decision may look at
 * ------------------------------------------------------------------- */

typedef struct {
    const Programme *programme; /* not owned */
    GPtrArray *organizations;   /* Organization* */
    GPtrArray *parties;         /* Organization*: sections and persons that owe something; NULL: none */
    GPtrArray *exemptions;      /* Exemption* */
    GPtrArray *extensions;      /* Extension*; NULL: none */
    GPtrArray *submissions;     /* Submission*: current revisions only */
    GPtrArray *pending;         /* PendingMail* */
    GPtrArray *reviews;         /* ReviewItem*: open entries; NULL: not loaded */
    GPtrArray *questions;       /* TrackedQuestion*: those not settled; NULL: not loaded */
    GPtrArray *asked;           /* TrackedQuestion*: the newest of any state; NULL: not loaded */
    GArray *apart;              /* QuestionsApart; NULL: not loaded */
    GPtrArray *swaps;           /* RotaSwap*; NULL: not loaded */
    GPtrArray *answerers;       /* Answerer*; NULL: not loaded */
    GPtrArray *urgents;         /* UrgentMatter*: not settled; NULL: not loaded */
    GPtrArray *settled_urgents; /* UrgentMatter*: those settled last, newest first; NULL: not loaded */
    GHashTable *letter_keys; /* char* key → GINT_TO_POINTER(OutboxState + 1): every letter ever decided */
    gint64 released_s;       /* end of the silent first contact; 0: still silent, nobody is written to */
    bool is_mailbox_unseen;  /* the last look into the mailbox failed: what is owed may lie there */
    gint64 label_met_s; /* of labels that nobody listed and the liaison was not told of: the first; 0: none */
    guint n_messages, n_review; /* counts for summaries */
    bool has_questions;         /* two or more are known: something may repeat */
    /* private to the look-ups, which fill them when first needed; leave them empty */
    GHashTable *organization_index, *submission_index;
    guint n_organizations_indexed, n_submissions_indexed;
} Snapshot;

typedef enum {
    OUTBOX_QUEUED,
    OUTBOX_HELD,
    OUTBOX_SENDING,
    OUTBOX_SENT,
    OUTBOX_RETRY,
    OUTBOX_REFUSED,
    OUTBOX_UNSURE,
    OUTBOX_EXPIRED,
    OUTBOX_CANCELLED,
    OUTBOX_DROPPED,
    OUTBOX_STATES
} OutboxState;

typedef enum {
    MESSAGE_FETCHED,
    MESSAGE_ARCHIVED,
    MESSAGE_READ,
    MESSAGE_CONVERTING,
    MESSAGE_RECORDED,
    MESSAGE_REVIEW,
    MESSAGE_IGNORED,
    MESSAGE_OVERSIZE,
    MESSAGE_STATES
} MessageState;

/* names as stored and printed: "queued", …; "archived", …; "ack", … */
const char *outbox_state_name(OutboxState state);
bool outbox_state_from_name(const char *name, OutboxState *ret_state);
const char *message_state_name(MessageState state);
bool message_state_from_name(const char *name, MessageState *ret_state);
const char *verdict_name(Verdict verdict); /* "none", "approved", "returned" */
bool verdict_from_name(const char *name, Verdict *ret_verdict);
const char *question_state_name(QuestionState state);
bool question_state_from_name(const char *name, QuestionState *ret_state);
const char *letter_kind_name(LetterKind kind);
bool letter_kind_from_name(const char *name, LetterKind *ret_kind);

void programme_free(Programme *programme);
void organization_free(Organization *organization);
void contact_free(Contact *contact);
void role_person_free(RolePerson *person);
void exemption_free(Exemption *exemption);
void extension_free(Extension *extension);
void period_free(Period *period);
void submission_free(Submission *submission);
void letter_free(Letter *letter);
void snapshot_free(Snapshot *snapshot);
void roster_map_free(RosterMap *map);
void review_item_free(ReviewItem *item);
void question_free(TrackedQuestion *question);
void answerer_free(Answerer *answerer);
void urgent_matter_free(UrgentMatter *matter);
/* All empty, with arrays that own what is put in; the strings are the caller's to set (g_strdup). */
Programme *programme_new(void);
RosterMap *roster_map_new(void);
Organization *organization_new(void);
Snapshot *snapshot_new(const Programme *programme);
Obligation *obligation_new(void);
void obligation_free(Obligation *obligation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Programme, programme_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Organization, organization_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Period, period_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Submission, submission_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Letter, letter_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Obligation, obligation_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TrackedQuestion, question_free)

/* Look-ups; the result belongs to the first argument, NULL if there is none. Those on a snapshot cost O(1)
 * and one pass over what was appended since the last one; elements may be appended or all removed, not
 * replaced in place. */
const Obligation *programme_obligation(const Programme *programme, const char *id);
/* Whose role it is: obligation->role, or "section_head" where none is set. */
const char *obligation_role(const Obligation *obligation);
const Obligation *programme_obligation_of_form(const Programme *programme, const char *form);
/* In one language, else in the other, else its id; never NULL. */
const char *obligation_title(const Obligation *obligation, bool is_english);
const Organization *snapshot_organization(const Snapshot *snapshot, gint64 org_id);
const Submission *snapshot_submission(const Snapshot *snapshot, const char *obligation, const char *period,
                                      gint64 org_id);
