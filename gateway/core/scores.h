/* Scores by the configured formula (score_formula.h; SPEC 1, issue of numbers): what a period or a term is
 * worth for each organization and person, with every step kept, so that each point can say where it comes
 * from.
 *
 * Facts offered to summaries and pages: score_book_standings() (rank, score, periods counted, late, missing
 * of every organization), score_book_period() (the lines of one), score_book_person_standings(),
 * score_book_registration(). As JSON with sentences: score_text.h.
 *
 * Exact: whole numbers throughout, points in hundredths (_e2), values in thousandths (_e3), each line rounded
 * once, half away from zero; a score is the sum of its lines. What is not known has a state of its own and is
 * never taken as 0 in silence. */
#pragma once

#include "gateway/core/score_formula.h"
#include "gateway/core/view.h"

/* What is known of a fact. */
typedef enum {
    SCORE_KNOWN,
    SCORE_NO_REPORT,  /* nothing was sent for the period */
    SCORE_NOT_GIVEN,  /* the report does not say; the export does not name the accounts */
    SCORE_NO_RECEIPT, /* no form tells of the organization's people */
    SCORE_NO_EXPORT,  /* no activity export belongs to the period */
    SCORE_NOT_LOADED, /* the view was read without contents: a mistake of the caller */
    SCORE_NOTHING,    /* a share of nothing: what it is divided by is 0 */
} ScoreState;

typedef struct {
    ScoreState state;
    gint64 value_e3;
    gint64 of_e3;      /* with ScoreRule.of */
    gint64 divisor_e3; /* of `per`: days, people, a number; SCORE_VALUE_UNIT without */
    gint64 points_e2;
    bool is_capped;
    const ScoreFact *unknown; /* the fact (or share's whole) that state speaks of; NULL: known */
    const Submission *from;   /* what said so, or NULL; belongs to the view */
    const json_t *field;      /* {"value","raw","source"} of it, or NULL */
} ScoreLine;

/* How a period was worth what it is. points_e2 is the sum of the lines and limit_e2 (what the formula's
 * minimum or maximum added or took away). */
typedef struct {
    guint n_lines; /* one a rule, in the formula's order */
    ScoreLine lines[SCORE_RULES_MAX];
    gint64 limit_e2, points_e2;
} ScoreResult;

/* One of an organization's people, as its newest receipt says. */
typedef struct {
    const Organization *organization;
    const Submission *receipt;
    const char *name, *account; /* as written; account "" where none is given */
    const char *group;          /* of ScorePeople.group, or NULL */
    char *account_key;          /* compared form */
    const json_t *row;
} ScorePerson;

/* A view joined with its receipts and activity exports. */
typedef struct ScoreBook ScoreBook;

/* The view must have the contents of the periods that are asked for, of the newest receipts and of the
 * exports (store_snapshot() brings the latter two along), and outlive the book. Its programme must have
 * scores. */
ScoreBook *score_book_new(const View *view, gint64 now_s);
void score_book_free(ScoreBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScoreBook, score_book_free)

/* What it was made from; not owned. */
const ScoreFormula *score_book_formula(const ScoreBook *book);
/* Not owned. */
const View *score_book_view(const ScoreBook *book);
/* The obligation that is scored; not owned. */
const Obligation *score_book_obligation(const ScoreBook *book);

/* The periods of a term (NULL: all) that were over at now_s, oldest first. GPtrArray of Period*, owned by it.
 */
GPtrArray *score_periods(const Programme *programme, const ScoreTerm *term, gint64 now_s);

/* What a period is worth; false: it is not scored, because nothing is owed (exempt, suspended, joined later)
 * or nothing has come and it is not over. */
bool score_book_period(const ScoreBook *book, const Period *period, const Organization *organization,
                       ScoreResult *ret_result);
/* The same of a person; false: it has no account, or no export belongs to the period. */
bool score_book_person(const ScoreBook *book, const Period *period, const ScorePerson *person,
                       ScoreResult *ret_result);

/* The result of several periods: lines hold the sums of points (values are not added up); a score that is a
 * mean is points_e2 / n, rounded. n of 0: not scored. */
gint64 score_combined(const ScoreFormula *formula, gint64 total_e2, guint n);

typedef struct {
    const Organization *organization; /* of a person: its organization */
    const ScorePerson *person;        /* NULL in standings of organizations */
    guint rank;                       /* from 1, equal scores share one; 0: not scored */
    guint periods;                    /* scored ones */
    gint64 total_e2, score_e2;
    guint late, missing; /* reports */
} ScoreRow;

/* Over some periods, best first, equal ones in the roster's order, those not scored last. GArray of ScoreRow.
 */
GArray *score_book_standings(const ScoreBook *book, const GPtrArray *periods);
GArray *score_book_person_standings(const ScoreBook *book, const GPtrArray *periods);

/* The sum of a fact over periods for an organization, in thousandths; ret_known: of how many periods it is
 * known. */
gint64 score_book_fact_sum(const ScoreBook *book, const GPtrArray *periods, const Organization *organization,
                           const ScoreFact *fact, guint *ret_known);

/* People and those with an account, of one organization or (NULL) of all. False where no receipt tells. */
bool score_book_registration(const ScoreBook *book, const Organization *organization, guint *ret_people,
                             guint *ret_registered);
/* All people, by organization: GPtrArray of ScorePerson*, owned by the book. */
const GPtrArray *score_book_people(const ScoreBook *book);
/* Accounts of a period's exports that no receipt names: char*, sorted; the caller owns the array. */
GPtrArray *score_book_unknown_accounts(const ScoreBook *book, const Period *period);
/* The export (one of them) that tells of a period, or NULL. */
const Submission *score_book_export(const ScoreBook *book, const Period *period);
/* The period that an export tells of: the one that it states, else, in the first half of a running period,
 * the one before. The caller frees it; NULL: none. */
Period *score_export_period(const Programme *programme, const Submission *export);
