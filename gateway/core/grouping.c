#include "gateway/core/grouping.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/cluster.h"
#include "gateway/core/plan.h"
#include "gateway/core/questions.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

#define WORDS_MAX     4
#define GROUPS_MAX    20 /* told in one letter */
#define PROPOSALS_MAX 20
#define SOURCES_MAX   6

static void group_free(QuestionGroup *group) {
    g_ptr_array_unref(group->members);
    g_free(group);
}

static void proposal_free(QuestionProposal *proposal) {
    g_array_unref(proposal->groups);
    g_strfreev(proposal->words);
    g_free(proposal);
}

void question_groups_free(QuestionGroups *groups) {
    if (groups == NULL)
        return;
    g_ptr_array_unref(groups->groups);
    g_ptr_array_unref(groups->proposals);
    g_free(groups);
}

static const TrackedQuestion *member(const QuestionGroup *group, guint i) {
    return g_ptr_array_index(group->members, i);
}

/* ---- what is one
 * ------------------------------------------------------------------------------------------------ */

/* The group of a question: by a person's word, by its words, or a new one. */
static QuestionGroup *group_of(GPtrArray *groups, GHashTable *by_cluster, GHashTable *by_words,
                               TrackedQuestion *question) {
    char *normal = cluster_normal_form(question->text);
    QuestionGroup *joined =
        question->cluster != 0 ? g_hash_table_lookup(by_cluster, &question->cluster) : NULL;
    QuestionGroup *same = *normal != '\0' ? g_hash_table_lookup(by_words, normal) : NULL;
    QuestionGroup *group = joined != NULL ? joined : same;
    if (group == NULL) {
        group = g_new0(QuestionGroup, 1);
        group->members = g_ptr_array_new();
        g_ptr_array_add(groups, group);
    }
    group->is_confirmed = group->is_confirmed || (joined != NULL && same != joined);
    if (question->cluster != 0 && joined == NULL)
        g_hash_table_insert(by_cluster, &question->cluster, group);
    if (*normal != '\0' && same == NULL)
        g_hash_table_insert(by_words, normal, group);
    else
        g_free(normal);
    return group;
}

static gint compare_questions(gconstpointer a, gconstpointer b) {
    const TrackedQuestion *x = *(const TrackedQuestion *const *)a, *y = *(const TrackedQuestion *const *)b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static gint compare_groups(gconstpointer a, gconstpointer b) {
    const QuestionGroup *x = *(const QuestionGroup *const *)a, *y = *(const QuestionGroup *const *)b;
    if (x->members->len != y->members->len)
        return x->members->len > y->members->len ? -1 : 1;
    return member(x, 0)->id < member(y, 0)->id ? -1 : 1;
}

GPtrArray *question_groups_sure(const GPtrArray *questions) {
    GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)group_free);
    g_autoptr(GHashTable) by_cluster = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(GHashTable) by_words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) ordered = g_ptr_array_new();
    for (guint i = 0; i < questions->len; i++)
        g_ptr_array_add(ordered, g_ptr_array_index(questions, i));
    g_ptr_array_sort(ordered, compare_questions);
    gint64 answered_s = 0;
    for (guint i = 0; i < ordered->len; i++) {
        TrackedQuestion *question = g_ptr_array_index(ordered, i);
        QuestionGroup *group = group_of(groups, by_cluster, by_words, question);
        g_ptr_array_add(group->members, question);
        answered_s = group->answer == NULL ? 0 : answered_s;
        if (question->answer != NULL && question->answered_s >= answered_s) {
            group->answer = question->answer;
            answered_s = question->answered_s;
        }
    }
    g_ptr_array_sort(groups, compare_groups);
    return groups;
}

/* ---- what is proposed
 * -------------------------------------------------------------------------------------------- */

static guint apart_hash(gconstpointer key) {
    const QuestionsApart *pair = key;
    return g_int64_hash(&pair->a) * 31 + g_int64_hash(&pair->b);
}

static gboolean apart_equal(gconstpointer a, gconstpointer b) {
    return memcmp(a, b, sizeof(QuestionsApart)) == 0;
}

/* A person said of one pair of their questions that they are not one. */
static bool are_apart(GHashTable *apart, const QuestionGroup *x, const QuestionGroup *y) {
    if (g_hash_table_size(apart) == 0)
        return false;
    for (guint i = 0; i < x->members->len; i++)
        for (guint j = 0; j < y->members->len; j++) {
            gint64 a = member(x, i)->id, b = member(y, j)->id;
            const QuestionsApart pair = {MIN(a, b), MAX(a, b)};
            if (g_hash_table_contains(apart, &pair))
                return true;
        }
    return false;
}

static void propose(QuestionGroups *all, const ClusterIndex *index, const guint *places, guint head,
                    GHashTable *apart) {
    const QuestionGroup *first = g_ptr_array_index(all->groups, head);
    g_autoptr(GArray) together = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_val(together, head);
    for (guint i = 0; i < all->groups->len; i++) {
        bool fits = i != head && places[i] == head;
        for (guint j = 0; fits && j < together->len; j++)
            fits = !are_apart(apart, g_ptr_array_index(all->groups, g_array_index(together, guint, j)),
                              g_ptr_array_index(all->groups, i));
        if (fits)
            g_array_append_val(together, i);
    }
    if (together->len < 2)
        return;
    const QuestionGroup *second = g_ptr_array_index(all->groups, g_array_index(together, guint, 1));
    QuestionProposal *proposal = g_new0(QuestionProposal, 1);
    proposal->words = cluster_shared_words(index, member(first, 0)->text, member(second, 0)->text, WORDS_MAX);
    proposal->groups = g_steal_pointer(&together);
    g_ptr_array_add(all->proposals, proposal);
}

QuestionGroups *question_groups_new(const GPtrArray *questions, const GArray *apart) {
    QuestionGroups *all = g_new0(QuestionGroups, 1);
    g_autoptr(GHashTable) pairs = g_hash_table_new(apart_hash, apart_equal);
    all->groups = question_groups_sure(questions);
    all->proposals = g_ptr_array_new_with_free_func((GDestroyNotify)proposal_free);
    for (guint i = 0; apart != NULL && i < apart->len; i++)
        g_hash_table_add(pairs, &g_array_index(apart, QuestionsApart, i));
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    for (guint i = 0; i < all->groups->len; i++)
        g_ptr_array_add(texts, member(g_ptr_array_index(all->groups, i), 0)->text);
    g_autofree guint *places = g_new0(guint, all->groups->len + 1);
    g_autoptr(ClusterIndex) index = cluster_index_new((const char *const *)texts->pdata, texts->len);
    cluster_groups(index, places);
    g_autoptr(GHashTable) heads = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < all->groups->len; i++)
        if (places[i] != i && g_hash_table_add(heads, GUINT_TO_POINTER(places[i] + 1)))
            propose(all, index, places, places[i], pairs);
    return all;
}

/* ---- the draft of the pinned notice
 * ------------------------------------------------------------------------------ */

GPtrArray *question_groups_asked(const View *view, const Period *period) {
    const GPtrArray *asked = view_snapshot(view)->asked;
    GTimeZone *zone = view_programme(view)->zone;
    GPtrArray *found = g_ptr_array_new();
    gint64 from_s = calendar_instant(zone, &period->first, 0);
    gint64 until_s = calendar_instant(zone, &period->last, CALENDAR_DAY_S - 1);
    for (guint i = 0; asked != NULL && i < asked->len; i++) {
        TrackedQuestion *question = g_ptr_array_index(asked, i);
        if (question->asked_s >= from_s && question->asked_s <= until_s)
            g_ptr_array_add(found, question);
    }
    return found;
}

/* Who told of it: organizations once each, or the sender of the mail. */
static json_t *sources_of(const View *view, const QuestionGroup *group) {
    json_t *sources = json_array();
    g_autoptr(GHashTable) told = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < group->members->len; i++) {
        const TrackedQuestion *question = member(group, i);
        const Organization *organization = view_organization(view, question->org_id);
        const char *name = organization != NULL ? organization->name : question->asker;
        if (name == NULL || !g_hash_table_add(told, (gpointer)&question->org_id) ||
            json_array_size(sources) >= SOURCES_MAX)
            continue;
        json_array_append_new(
            sources, json_pack("{s:s, s:I}", "name", name, "message_id", (json_int_t)question->message_id));
    }
    return sources;
}

static json_t *group_facts(const View *view, const QuestionGroup *group, guint number) {
    json_t *ids = json_array(), *wordings = json_array();
    g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < group->members->len; i++) {
        const TrackedQuestion *question = member(group, i);
        json_array_append_new(ids, json_integer(question->id));
        if (g_hash_table_add(said, cluster_normal_form(question->text)) && i > 0)
            json_array_append_new(wordings, json_pack("{s:s}", "text", question->text));
    }
    json_t *sources = sources_of(view, group);
    return json_pack("{s:i, s:I, s:s, s:i, s:b, s:o, s:o, s:b, s:o, s:o}", "number", (int)number, "id",
                     (json_int_t)member(group, 0)->id, "question", member(group, 0)->text, "count",
                     (int)group->members->len, "has_wordings", json_array_size(wordings) > 0, "wordings",
                     wordings, "answer", group->answer != NULL ? json_string(group->answer) : json_false(),
                     "has_sources", json_array_size(sources) > 0, "sources", sources, "ids", ids);
}

static json_t *proposal_facts(const QuestionGroups *all, const QuestionProposal *proposal,
                              const char *language) {
    bool is_english = g_strcmp0(language, "en") == 0;
    json_t *members = json_array();
    g_autoptr(GString) numbers = g_string_new(NULL);
    for (guint i = 0; i < proposal->groups->len; i++) {
        const QuestionGroup *group =
            g_ptr_array_index(all->groups, g_array_index(proposal->groups, guint, i));
        g_string_append_printf(numbers, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", member(group, 0)->id);
        json_array_append_new(members,
                              json_pack("{s:I, s:s, s:i}", "id", (json_int_t)member(group, 0)->id, "question",
                                        member(group, 0)->text, "count", (int)group->members->len));
    }
    g_autofree char *words = g_strjoinv(is_english ? ", " : "、", proposal->words);
    return json_pack("{s:o, s:s, s:o}", "members", members, "numbers", numbers->str, "words",
                     *words != '\0' ? json_string(words) : json_false());
}

void question_groups_plan(const View *view, const Obligation *obligation, const Period *period,
                          gint64 until_s, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const RolePerson *person = roster_role(programme, "coordinator", NULL);
    if (person == NULL || person->address == NULL || *person->address == '\0')
        person = roster_role(programme, "liaison", NULL);
    if (person == NULL || person->address == NULL || *person->address == '\0' ||
        !view_snapshot(view)->has_questions || !questions_stand_in(programme, obligation->form))
        return;
    g_autofree char *address = roster_normal_address(person->address);
    g_autofree char *key = g_strdup_printf("pinned_notice/%s/%s/%s", obligation->id, period->key, address);
    g_autoptr(Letter) letter = reminders_letter_new(programme, LETTER_PINNED_NOTICE, PRIORITY_SUMMARY,
                                                    obligation, period, now_s, until_s);
    if (view_letter_decided(view, key) || letter->not_before_s >= until_s)
        return;
    letter->key = g_steal_pointer(&key);
    letter->to_address = g_strdup(person->address);
    letter->to_name = g_strdup(person->name);
    if (person->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(person->language);
    }
    letter->reason = reason_text(REASON_PINNED, programme->language, "obligation", obligation->id, "period",
                                 period->key, NULL);
    g_ptr_array_add(letters, g_steal_pointer(&letter));
}

bool question_groups_facts(const View *view, const Period *period, const char *language, json_t *facts) {
    g_autoptr(GPtrArray) asked = question_groups_asked(view, period);
    g_autoptr(QuestionGroups) all = question_groups_new(asked, view_snapshot(view)->apart);
    json_t *clusters = json_array(), *proposals = json_array();
    for (guint i = 0; i < all->groups->len && json_array_size(clusters) < GROUPS_MAX; i++) {
        const QuestionGroup *group = g_ptr_array_index(all->groups, i);
        if (group->members->len > 1)
            json_array_append_new(clusters, group_facts(view, group, (guint)json_array_size(clusters) + 1));
    }
    for (guint i = 0; i < all->proposals->len && i < PROPOSALS_MAX; i++)
        json_array_append_new(proposals, proposal_facts(all, g_ptr_array_index(all->proposals, i), language));
    bool has_clusters = json_array_size(clusters) > 0, has_proposals = json_array_size(proposals) > 0;
    json_object_set_new(facts, "has_clusters", json_boolean(has_clusters));
    json_object_set_new(facts, "has_proposals", json_boolean(has_proposals));
    json_object_set_new(facts, "count", json_integer((json_int_t)json_array_size(clusters)));
    json_object_set_new(facts, "clusters", clusters);
    json_object_set_new(facts, "proposals", proposals);
    return has_clusters || has_proposals;
}
