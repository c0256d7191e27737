/* Questions, what happened to them, and who answers (SPEC 1, 8.7). What may happen is core's table; this
 * keeps the state, the instants and the record. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

/* Adds a question; its id is filled in by ret_id. normal: the words that make it the same; source: the row
 * that said so, or NULL. */
bool store_question_add(Store *store, const TrackedQuestion *question, const char *normal, const char *source,
                        gint64 now_s, gint64 *ret_id, GError **error);

/* Why a state changes. Strings may be NULL, ids 0. */
typedef struct {
    const char *event; /* "pass_on", "nudge", "escalate" … */
    gint64 message_id, letter_id;
    const char *text;  /* an explanation, or what was done */
    gint64 answered_s; /* 0: not known, or not answered */
} QuestionChange;

/* The state and its instant, and an entry of the record. _NOT_FOUND. */
bool store_question_change(Store *store, gint64 id, QuestionState state, const QuestionChange *change,
                           gint64 now_s, GError **error);

/* The words, section or asker's instant of a row were corrected. */
bool store_question_correct(Store *store, gint64 id, const char *text, const char *normal, gint64 asked_s,
                            GError **error);

/* GPtrArray of TrackedQuestion*, owned by the caller: all that are not settled; those with the same words;
 * the one that a row said (at most one); the newest of any state. */
bool store_questions_unsettled(Store *store, GPtrArray **ret_questions, GError **error);
bool store_questions_named(Store *store, const char *normal, GPtrArray **ret_questions, GError **error);
bool store_questions_of_source(Store *store, const char *source, GPtrArray **ret_questions, GError **error);
bool store_questions_newest(Store *store, guint limit, GPtrArray **ret_questions, GError **error);

/* One question; _NOT_FOUND. The caller owns it. */
TrackedQuestion *store_question_get(Store *store, gint64 id, GError **error);

/* ---- which are one: a group bears the id of its first question
 * ------------------------------------------------------- */

/* All of a group, by id. */
bool store_questions_of_cluster(Store *store, gint64 cluster, GPtrArray **ret_questions, GError **error);

/* Puts a question into a group, or takes it out (cluster 0); why is noted with it. */
bool store_question_set_cluster(Store *store, gint64 id, gint64 cluster, const QuestionChange *why,
                                gint64 now_s, GError **error);

/* A person said that two are not one; takes that back; all such pairs (GArray of QuestionsApart, the
 * caller's). */
bool store_questions_set_apart(Store *store, gint64 id, gint64 other, gint64 now_s, GError **error);
bool store_questions_join_apart(Store *store, gint64 id, gint64 other, GError **error);
bool store_questions_apart(Store *store, GArray **ret_pairs, GError **error);

/* Replaces the answerers of an organization (GPtrArray of Answerer*). */
bool store_answerers_set(Store *store, gint64 org_id, const GPtrArray *answerers, GError **error);
bool store_answerers(Store *store, GPtrArray **ret_answerers, GError **error);
