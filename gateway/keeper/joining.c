#include "gateway/keeper/joining.h"

#include <string.h>

#include "gateway/core/cluster.h"
#include "gateway/core/error.h"
#include "gateway/core/grouping.h"
#include "gateway/keeper/asking.h"
#include "gateway/store/journal.h"
#include "gateway/store/questions.h"

/* What may be proposed with a question is looked for among so many. */
#define LOOKED_AT_MAX 20000

GArray *joining_numbers(const char *text) {
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
    while (*text != '\0' && numbers->len < JOINING_MAX) {
        gsize digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9) {
            text = digits > 0 ? text + digits : g_utf8_next_char(text);
            continue;
        }
        gint64 number = (gint64)g_ascii_strtoull(text, NULL, 10);
        bool is_known = false;
        for (guint i = 0; i < numbers->len; i++)
            is_known = is_known || g_array_index(numbers, gint64, i) == number;
        if (!is_known)
            g_array_append_val(numbers, number);
        text += digits;
    }
    return numbers;
}

/* ---- loading
 * ---------------------------------------------------------------------------------------------------- */

/* The questions of these numbers, TrackedQuestion* in an owning array; NULL: see joining_merge(). */
static GPtrArray *load(Keeper *keeper, const GArray *ids, bool is_english, char **ret_why, GError **error) {
    g_autoptr(GPtrArray) questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    for (guint i = 0; i < ids->len; i++) {
        g_autoptr(GError) failure = NULL;
        gint64 id = g_array_index(ids, gint64, i);
        TrackedQuestion *question = store_question_get(keeper->store, id, &failure);
        if (!question && g_error_matches(failure, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND)) {
            *ret_why = g_strdup_printf(is_english ? "There is no question %" G_GINT64_FORMAT
                                                  : "没有编号为 %" G_GINT64_FORMAT " 的问题",
                                       id);
            return NULL;
        }
        if (!question) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        g_ptr_array_add(questions, question);
    }
    return g_steal_pointer(&questions);
}

static bool contains(const GPtrArray *questions, gint64 id) {
    for (guint i = 0; i < questions->len; i++)
        if (((const TrackedQuestion *)questions->pdata[i])->id == id)
            return true;
    return false;
}

/* Adds the others of their groups. */
static bool add_members(Keeper *keeper, GPtrArray *questions, GError **error) {
    guint named = questions->len;
    for (guint i = 0; i < named; i++) {
        const TrackedQuestion *question = questions->pdata[i];
        g_autoptr(GPtrArray) members = NULL;
        if (question->cluster &&
            !store_questions_of_cluster(keeper->store, question->cluster, &members, error))
            return false;
        while (members && members->len) {
            TrackedQuestion *member = g_ptr_array_steal_index_fast(members, 0);
            if (contains(questions, member->id))
                question_free(member);
            else
                g_ptr_array_add(questions, member);
        }
    }
    return true;
}

static bool note(Keeper *keeper, const char *event, const TrackedQuestion *question, gint64 message_id,
                 GError **error) {
    JournalEvent entry = {.event = event, .message_id = message_id, .org_id = question->org_id};
    return store_journal_append(keeper->store, &entry, keeper_now_s(keeper), error);
}

/* ---- one
 * -------------------------------------------------------------------------------------------------------- */

bool joining_merge(Keeper *keeper, const GArray *ids, gint64 message_id, bool is_english, char **ret_why,
                   GError **error) {
    g_autoptr(GPtrArray) questions = load(keeper, ids, is_english, ret_why, error);
    if (!questions || !add_members(keeper, questions, error))
        return false;
    gint64 first = G_MAXINT64, now_s = keeper_now_s(keeper);
    for (guint i = 0; i < questions->len; i++)
        first = MIN(first, ((const TrackedQuestion *)questions->pdata[i])->id);
    QuestionChange why = {.event = "merge", .message_id = message_id};
    for (guint i = 0; i < questions->len; i++) {
        TrackedQuestion *question = questions->pdata[i];
        if (question->cluster != first &&
            (!store_question_set_cluster(keeper->store, question->id, first, &why, now_s, error) ||
             !note(keeper, "question.merged", question, message_id, error)))
            return false;
        question->cluster = first;
        for (guint j = 0; j < i; j++)
            if (!store_questions_join_apart(keeper->store, question->id,
                                            ((const TrackedQuestion *)questions->pdata[j])->id, error))
                return false;
    }
    for (guint i = 0; i < questions->len; i++)
        if (!asking_follow_group(keeper, questions->pdata[i], error))
            return false;
    keeper->roster_changed = true; /* the view does not follow questions by itself */
    return true;
}

/* ---- not one
 * -------------------------------------------------------------------------------------------------------- */

/* What is left of a group bears its first question's number; a single one is in none. */
static bool settle_rest(Keeper *keeper, const GPtrArray *rest, const QuestionChange *why, GError **error) {
    gint64 now_s = keeper_now_s(keeper);
    gint64 first = rest->len > 1 ? ((const TrackedQuestion *)rest->pdata[0])->id : 0;
    for (guint i = 0; i < rest->len; i++) {
        const TrackedQuestion *question = rest->pdata[i];
        if (question->cluster != first &&
            !store_question_set_cluster(keeper->store, question->id, first, why, now_s, error))
            return false;
    }
    return true;
}

static bool set_apart(Keeper *keeper, const TrackedQuestion *question, const TrackedQuestion *other,
                      GError **error) {
    return question->id == other->id || cluster_is_same(question->text, other->text) ||
           store_questions_set_apart(keeper->store, question->id, other->id, keeper_now_s(keeper), error);
}

/* Takes it out of its group. */
static bool take_out(Keeper *keeper, const TrackedQuestion *question, const QuestionChange *why,
                     GError **error) {
    g_autoptr(GPtrArray) members = NULL;
    g_autoptr(GPtrArray) rest = g_ptr_array_new();
    if (!store_questions_of_cluster(keeper->store, question->cluster, &members, error))
        return false;
    for (guint i = 0; i < members->len; i++) {
        const TrackedQuestion *other = members->pdata[i];
        if (other->id == question->id)
            continue;
        if (!set_apart(keeper, question, other, error))
            return false;
        g_ptr_array_add(rest, members->pdata[i]);
    }
    return store_question_set_cluster(keeper->store, question->id, 0, why, keeper_now_s(keeper), error) &&
           settle_rest(keeper, rest, why, error);
}

static bool holds(const QuestionGroup *group, gint64 id) {
    return contains(group->members, id);
}

/* Keeps it from those that it is proposed with now. */
static bool refuse_proposals(Keeper *keeper, const TrackedQuestion *question, GError **error) {
    g_autoptr(GPtrArray) newest = NULL;
    g_autoptr(GArray) apart = NULL;
    if (!store_questions_newest(keeper->store, LOOKED_AT_MAX, &newest, error) ||
        !store_questions_apart(keeper->store, &apart, error))
        return false;
    g_autoptr(QuestionGroups) all = question_groups_new(newest, apart);
    for (guint p = 0; p < all->proposals->len; p++) {
        const QuestionProposal *proposal = all->proposals->pdata[p];
        bool is_its = false;
        for (guint i = 0; i < proposal->groups->len; i++)
            is_its =
                is_its || holds(all->groups->pdata[g_array_index(proposal->groups, guint, i)], question->id);
        for (guint i = 0; is_its && i < proposal->groups->len; i++) {
            const QuestionGroup *group = all->groups->pdata[g_array_index(proposal->groups, guint, i)];
            if (!holds(group, question->id) && !set_apart(keeper, question, group->members->pdata[0], error))
                return false;
        }
    }
    return true;
}

/* One of the first n is in the same group. */
static bool shares_group(const TrackedQuestion *question, const GPtrArray *questions, guint n) {
    for (guint i = 0; i < n; i++)
        if (((const TrackedQuestion *)questions->pdata[i])->cluster == question->cluster)
            return true;
    return false;
}

bool joining_split(Keeper *keeper, const GArray *ids, gint64 message_id, bool is_english, char **ret_why,
                   GError **error) {
    g_autoptr(GPtrArray) questions = load(keeper, ids, is_english, ret_why, error);
    QuestionChange why = {.event = "split", .message_id = message_id};
    if (!questions)
        return false;
    for (guint i = 0; i < questions->len; i++) {
        g_autoptr(TrackedQuestion) question = /* as it is after the last one went */
            store_question_get(keeper->store, ((const TrackedQuestion *)questions->pdata[i])->id, error);
        if (!question || !note(keeper, "question.split", question, message_id, error))
            return false;
        /* of two that are named, one leaves; of one that is named alone, all others are meant */
        bool leaves = question->cluster && (questions->len == 1 || shares_group(question, questions, i));
        bool alone = !question->cluster && questions->len == 1;
        if ((leaves && !take_out(keeper, question, &why, error)) ||
            (alone && !refuse_proposals(keeper, question, error)))
            return false;
        for (guint j = 0; j < i; j++)
            if (!set_apart(keeper, question, questions->pdata[j], error))
                return false;
    }
    keeper->roster_changed = true;
    return true;
}
