/* Repeated questions (SPEC 1): which are one because their words are the same or a person said so, and which
 * are proposed to a person as one, with the reason. Pure. */
#pragma once

#include "gateway/core/view.h"

/* Questions that are one. */
typedef struct {
    GPtrArray *members; /* TrackedQuestion*, by id; not owned */
    bool is_confirmed;  /* a person joined different words */
    const char *answer; /* the newest answer given to one of them, or NULL */
} QuestionGroup;

/* Groups that may be one. */
typedef struct {
    GArray *groups; /* guint: places in QuestionGroups.groups, by the first question */
    GStrv words;    /* what they share and what tells most */
} QuestionProposal;

typedef struct {
    GPtrArray *groups;    /* QuestionGroup*, the largest first */
    GPtrArray *proposals; /* QuestionProposal*, the most questions first */
} QuestionGroups;

void question_groups_free(QuestionGroups *groups);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QuestionGroups, question_groups_free)

/* Groups questions (TrackedQuestion*). apart: GArray of QuestionsApart that are never proposed together, or
 * NULL. Nothing that differs by a letter is in one group unless a person said so. */
QuestionGroups *question_groups_new(const GPtrArray *questions, const GArray *apart);

/* Only those that are one: QuestionGroup* in an owning array, the largest first. */
GPtrArray *question_groups_sure(const GPtrArray *questions);

/* The questions of a snapshot that were asked within a period, of any state: GPtrArray of TrackedQuestion*,
 * not owned; the caller frees the array. */
GPtrArray *question_groups_asked(const View *view, const Period *period);

/* Appends the draft of the pinned notice that is owed after the summary, until until_s: to the
 * coordinator, else to the liaison. Key: pinned_notice/OBLIGATION/PERIOD/ADDRESS. */
void question_groups_plan(const View *view, const Obligation *obligation, const Period *period,
                          gint64 until_s, gint64 now_s, GPtrArray *letters);

/* What the pinned notice draft says (letter_facts.h). False: nothing repeats and nothing is proposed. */
bool question_groups_facts(const View *view, const Period *period, const char *language, json_t *facts);
