/* Repeated questions: what is one, what is proposed, and what a person said. */
#include "gateway/core/grouping.h"

#include <string.h>

#include "gateway/core/questions.h"

static TrackedQuestion *ask(GPtrArray *questions, const char *text, gint64 cluster, const char *answer) {
    TrackedQuestion *question = g_new0(TrackedQuestion, 1);
    question->id = questions->len + 1;
    question->text = g_strdup(text);
    question->cluster = cluster;
    question->answer = g_strdup(answer);
    question->answered_s = answer != NULL ? 1000 + question->id : 0;
    g_ptr_array_add(questions, question);
    return question;
}

static GPtrArray *sample(void) {
    GPtrArray *questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    ask(questions, "学生证丢了怎么补办", 0, NULL);             /* 1 */
    ask(questions, "请问学生证丢了，怎么补办？", 0, "带照片"); /* 2: the same words */
    ask(questions, "国家助学金什么时候发放到卡", 0, NULL);     /* 3 */
    ask(questions, "国家奖学金什么时候发放到卡", 0, NULL);     /* 4: alike, another matter */
    ask(questions, "校园网断了怎么办", 5, NULL);               /* 5 */
    ask(questions, "宿舍上不了网", 5, "联系网络中心");         /* 6: joined by a person */
    ask(questions, "食堂几点开门", 0, NULL);                   /* 7 */
    ask(questions, "学生证丢了怎么补办", 0, "教务处 101");     /* 8: the same words */
    return questions;
}

/* "1,2,8 5,6 …" */
static char *groups_text(const QuestionGroups *all) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < all->groups->len; i++) {
        const QuestionGroup *group = g_ptr_array_index(all->groups, i);
        for (guint j = 0; j < group->members->len; j++)
            g_string_append_printf(text, "%s%d",
                                   j > 0   ? ","
                                   : i > 0 ? " "
                                           : "",
                                   (int)((const TrackedQuestion *)g_ptr_array_index(group->members, j))->id);
    }
    return g_string_free(text, FALSE);
}

static void test_groups(void) {
    g_autoptr(GPtrArray) questions = sample();
    g_autoptr(QuestionGroups) all = question_groups_new(questions, NULL);
    g_autofree char *text = groups_text(all);
    g_assert_cmpstr(text, ==, "1,2,8 5,6 3 4 7");
    const QuestionGroup *first = g_ptr_array_index(all->groups, 0);
    const QuestionGroup *second = g_ptr_array_index(all->groups, 1);
    g_assert_cmpstr(first->answer, ==, "教务处 101");
    g_assert_cmpstr(second->answer, ==, "联系网络中心");
    g_assert_false(first->is_confirmed);
    g_assert_true(second->is_confirmed);
}

static void test_proposals(void) {
    g_autoptr(GPtrArray) questions = sample();
    g_autoptr(QuestionGroups) all = question_groups_new(questions, NULL);
    g_assert_cmpuint(all->proposals->len, ==, 1);
    const QuestionProposal *proposal = g_ptr_array_index(all->proposals, 0);
    g_assert_cmpuint(proposal->groups->len, ==, 2);
    g_autofree char *words = g_strjoinv(" ", proposal->words);
    g_assert_nonnull(strstr(words, "学金"));
    g_assert_null(strstr(words, "怎么"));
    /* a person has said no */
    g_autoptr(GArray) apart = g_array_new(FALSE, FALSE, sizeof(QuestionsApart));
    QuestionsApart pair = {3, 4};
    g_array_append_val(apart, pair);
    g_autoptr(QuestionGroups) again = question_groups_new(questions, apart);
    g_assert_cmpuint(again->proposals->len, ==, 0);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(QuestionGroups) empty = question_groups_new(none, NULL);
    g_assert_cmpuint(empty->groups->len + empty->proposals->len, ==, 0);
}

static void test_mail(void) {
    static const struct {
        const char *subject, *reply, *expected;
    } mails[] = {
        {"x", "老师好！\n请问暑假图书馆几点开门？谢谢。", "请问暑假图书馆几点开门？"},
        {"图书馆几点开门", "", "图书馆几点开门"},
        {"请问图书馆几点开门", "谢谢老师", "请问图书馆几点开门"},
        {"x", "宿舍热水几点供应\n周末有吗", "宿舍热水几点供应 周末有吗"},
        {"x", "When does the gym open? Thank you.", "When does the gym open?"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autofree char *text = question_of_mail(mails[i].subject, mails[i].reply);
        g_assert_cmpstr(text, ==, mails[i].expected);
    }
    g_autofree char *hostile = question_of_mail("\xff", "\xfe\xff?");
    g_assert_true(g_utf8_validate(hostile, -1, NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/grouping/groups", test_groups);
    g_test_add_func("/grouping/proposals", test_proposals);
    g_test_add_func("/grouping/mail", test_mail);
    return g_test_run();
}
