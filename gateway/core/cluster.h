/* Repeated questions: which are the same, which are alike (SPEC 1). The same are only those whose normal
 * forms are equal, letter by letter; everything else is a proposal for a person, however alike it looks.
 * Likeness is the cosine of two sets of characters and pairs of characters, weighted by how telling each is
 * among all questions; neighbours are ranked by it times the share of common characters in the same order.
 * Memory is linear in the text; time is bounded a question. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Of a question longer than this only the start is compared, in characters. */
#define CLUSTER_TEXT_MAX 400

/* Likeness from which two questions are proposed as one. */
#define CLUSTER_PROPOSE 0.5

/* Normal form: NFKC, case folded; only letters, digits and what changes the meaning: "+#%", marks between
 * digits ("3.5"), a stop after a negation ("不，能"); without polite openings ("请问", "老师好"). "" where
 * nothing is left. The caller frees it. */
char *cluster_normal_form(const char *question);

/* True where both normal forms are equal and not empty: may be merged without a person. */
bool cluster_is_same(const char *question, const char *other);

/* Questions taken apart, with their inverted index. */
typedef struct ClusterIndex ClusterIndex;

/* Indexes n questions; the strings are not kept. Free with cluster_index_free(). */
ClusterIndex *cluster_index_new(const char *const *questions, guint n);
void cluster_index_free(ClusterIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClusterIndex, cluster_index_free)

typedef struct {
    guint question;  /* its place in the list */
    double likeness; /* 0..1, with the order counted; 1: the same */
} ClusterNeighbour;

/* The n questions most alike to one, best first, at most n, the same ones first: GArray of ClusterNeighbour,
 * owned by the caller. */
GArray *cluster_neighbours(const ClusterIndex *index, guint question, guint n);

/* The words that two questions share and that tell most, at most n, the most telling first. The caller frees
 * them with g_strfreev(). */
GStrv cluster_shared_words(const ClusterIndex *index, const char *question, const char *other, guint n);

/* Proposed groups: ret_groups[i] (n elements, the caller's) is the place of the first question of i's group;
 * i itself where it stands alone. Never together: questions that name different numbers, and questions of
 * the same characters in another order ("甲转乙", "乙转甲"). Each member is alike to the first one. */
void cluster_groups(const ClusterIndex *index, guint *ret_groups);
