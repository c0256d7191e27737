/* The formula of scores as configured (etc/README.md explains it to its authors): a list of rules, each a
 * fact, how many points a unit of it is worth, at most how many. Data only; what it makes of a period is
 * scores.h.
 *
 * Facts of a report: received, on_time, late, missing, complete (1 or 0), late_days, problems, problems.CODE
 * (number of problems of that code or class); FIELD (a number field's value; 1 for a text or choice that is
 * filled in); TABLE (rows), TABLE.COLUMN (sum of a column). Of an organization's people: people (on its
 * receipt), people.registered (with an account), people.active, people.COLUMN (sum of the activity export's
 * column over them). Facts of a person: COLUMN, active. */
#pragma once

#include "gateway/core/model.h"

#define SCORE_WEIGHT_UNIT 10000 /* weights are kept in ten-thousandths of a point */
#define SCORE_POINT_UNIT  100   /* points in hundredths (_e2) */
#define SCORE_VALUE_UNIT  1000  /* values of facts in thousandths (_e3) */
#define SCORE_RULES_MAX   64

typedef enum {
    SCORE_FACT_RECEIVED,
    SCORE_FACT_ON_TIME,
    SCORE_FACT_LATE,
    SCORE_FACT_MISSING,
    SCORE_FACT_COMPLETE,
    SCORE_FACT_LATE_DAYS,
    SCORE_FACT_PROBLEMS, /* key: code or class, NULL: all */
    SCORE_FACT_NUMBER,   /* key: field of type count or number */
    SCORE_FACT_FILLED,   /* key: any other field */
    SCORE_FACT_ROWS,     /* key: table */
    SCORE_FACT_SUM,      /* key: table, column */
    SCORE_FACT_PEOPLE,
    SCORE_FACT_REGISTERED,
    SCORE_FACT_ACTIVE,
    SCORE_FACT_ACTIVITY, /* column: of the activity export */
} ScoreFactKind;

typedef struct {
    ScoreFactKind kind;
    char *name;         /* as configured */
    char *key, *column; /* as the kind needs them, or NULL */
    char *title_zh, *title_en;
    char *where_column;     /* only rows whose column holds one of where_words; NULL: all rows */
    GPtrArray *where_words; /* char*, normal (roster_normal_name()) */
    char *where_text;       /* the words as configured, for sentences */
} ScoreFact;

typedef enum { SCORE_PER_NOTHING, SCORE_PER_DAY, SCORE_PER_PERSON, SCORE_PER_NUMBER } ScorePer;

typedef struct {
    char *title_zh, *title_en;
    ScoreFact *fact;
    ScoreFact *of; /* the fact is taken as a share of this one; NULL: as it is */
    ScorePer per;
    gint64 per_e3; /* SCORE_PER_NUMBER: above 0 */
    gint64 weight_e4;
    gint64 cap_e2;        /* at most so many points, up or down; -1: no cap */
    gint64 if_missing_e2; /* points where the fact is not known */
    gint64 if_none_e2;    /* points where there is nothing to take a share of */
} ScoreRule;

typedef struct {
    char *id, *title_zh, *title_en;
    GDate first, last; /* periods whose configured due date lies in it, both included */
} ScoreTerm;

/* A share of award places taken away for every unit of a fact over the term. */
typedef struct {
    ScoreFact *fact;
    gint64 percent_e2; /* each */
} ScoreReduction;

typedef struct {
    bool is_set;
    gint64 places;           /* of an organization before anything is taken away */
    gint64 top;              /* how many organizations are proposed at most; 0: none */
    gint64 persons;          /* how many persons */
    gint64 from_e2;          /* only with at least so many points */
    gint64 late_max;         /* only with at most so many late reports; none missing */
    gint64 reduction_max_e2; /* percent; never more than this is taken away */
    GPtrArray *reductions;   /* ScoreReduction* */
} ScoreAwards;

/* Where people and their accounts stand. */
typedef struct {
    char *form, *table, *account, *name;                     /* form NULL: nothing is known of people */
    char *activity_form, *activity_table, *activity_account; /* activity_form NULL: no exports */
    char *group; /* column of the people's table that names what kind of person it is, or NULL */
} ScorePeople;

struct ScoreFormula {
    char *title_zh, *title_en;
    char *obligation;              /* whose periods are scored */
    GPtrArray *rules;              /* ScoreRule*: organizations */
    GPtrArray *person_rules;       /* ScoreRule*; empty: persons are not scored */
    guint decimals;                /* 0..2: of every rule's points, hence of the score */
    gint64 minimum_e2, maximum_e2; /* of a period's score; G_MININT64, G_MAXINT64: no bound */
    bool term_is_sum;              /* a term's score: the sum of its periods, else their mean */
    guint shown;      /* standings in a letter: so many from the top and from the bottom; 0: all */
    GPtrArray *terms; /* ScoreTerm* */
    ScorePeople people;
    ScoreAwards awards;
    char *version; /* 12 hexadecimal digits of the digest of the configured formula: another formula, another
                      version */
};

/* Reads the group `scores` of the configuration (checked for keys and types by the schema, gateway/io/
 * config_scores.c). FORTNIGHT_ERROR_CONFIGURATION; ret_place then names the setting
 * ("scores.organizations[2].fact") and is the caller's. The caller frees the formula. */
ScoreFormula *score_formula_new(const json_t *json, const Programme *programme, char **ret_place,
                                GError **error);
void score_formula_free(ScoreFormula *formula);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScoreFormula, score_formula_free)

/* True where the formula asks about people of organizations, or scores persons. */
bool score_formula_needs_people(const ScoreFormula *formula);

/* The title in a language; never NULL. */
const char *score_rule_title(const ScoreRule *rule, const char *language);
const char *score_fact_title(const ScoreFact *fact, const char *language);
/* The term with that id, or NULL. */
const ScoreTerm *score_formula_term(const ScoreFormula *formula, const char *id);
