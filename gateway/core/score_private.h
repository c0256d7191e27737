/* Private to score*.c: people joined to accounts, and what facts are worth. */
#pragma once

#include "gateway/core/scores.h"

/* What an export says of an account. */
typedef struct {
    const json_t *row;
    const Submission *export;
} ScoreActivity;

struct ScoreBook {
    const View *view;
    const Programme *programme;
    const ScoreFormula *formula;
    const Obligation *obligation;
    gint64 now_s;
    GPtrArray *people;      /* ScorePerson*, owned, by organization */
    GHashTable *receipts;   /* &Organization.id → the newest Submission* */
    GHashTable *by_org;     /* &Organization.id → GPtrArray of ScorePerson* */
    GHashTable *by_account; /* account key → ScorePerson* (the first) */
    GHashTable *activity;   /* period key → GHashTable account key → ScoreActivity* */
};

/* Fills the last five. */
void score_people_join(ScoreBook *book);
void score_people_clear(ScoreBook *book);

/* One organization (person NULL) or person in one period. */
typedef struct {
    const ScoreBook *book;
    const Period *period;
    const Organization *organization;
    const ScorePerson *person;
    const Submission *report;  /* or NULL */
    const Submission *receipt; /* or NULL */
    const GPtrArray *people;   /* of the organization, or NULL */
    GHashTable *activity;      /* of the period, or NULL */
} ScoreCase;

/* The value of a fact; its state and where it comes from are set in every case. */
void score_fact_value(const ScoreCase *at, const ScoreFact *fact, ScoreLine *ret_line);
