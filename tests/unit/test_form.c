#include "parsers/form.h"

#include <string.h>

#include "parsers/form_rule.h"
#include "parsers/form_words.h"
#include "parsers/label.h"

static FormSet *load(const char *form, GError **error) {
    g_autofree char *text = g_strdup_printf("{\"language\":\"en\",\"zone\":\"UTC\",\"forms\":[%s]}", form);
    json_error_t where;
    json_t *json = json_loads(text, 0, &where);
    g_assert_nonnull(json);
    FormSet *set = form_set_new_from_json(json, error);
    json_decref(json);
    return set;
}

static const char club[] =
    "{\"id\":\"weekly\",\"title_en\":\"Weekly report\",\"titles\":[\"Weekly report\"],"
    "\"groups\":[{\"key\":\"coach\",\"labels\":[\"Coach\"]}],"
    "\"fields\":[{\"key\":\"club\",\"type\":\"org\",\"labels\":[\"Club\"],\"required\":true},"
    "{\"key\":\"coach_phone\",\"type\":\"phone\",\"group\":\"coach\",\"labels\":[\"Phone\"]},"
    "{\"key\":\"played\",\"type\":\"count\",\"labels\":[\"Matches\"]},{\"key\":\"won\",\"type\":\"count\","
    "\"labels\":[\"Won\"]}],"
    "\"tables\":[{\"key\":\"matches\",\"columns\":[{\"key\":\"goals\",\"type\":\"count\",\"labels\":["
    "\"Goals\"]}]}],"
    "\"rules\":[{\"check\":\"won <= played\"},{\"check\":\"sum(matches.goals) == (won + 1) * "
    "2\",\"code\":\"sum\"},"
    "{\"check\":\"count(matches) == played\"}]}";

static const LabelMeaning *meaning(const FormSet *set, const char *label, guint index) {
    g_autofree char *normal = label_normal_form(label, -1);
    const GArray *meanings = form_set_meanings(set, normal);
    return meanings && index < meanings->len ? &g_array_index(meanings, LabelMeaning, index) : NULL;
}

static void test_index(void) {
    g_autoptr(GError) error = NULL;
    g_autoptr(FormSet) set = load(club, &error);
    g_assert_no_error(error);
    g_assert_cmpint(meaning(set, " club: ", 0)->kind, ==, LABEL_FIELD);
    g_assert_false(meaning(set, "club", 0)->needs_group);
    g_assert_true(meaning(set, "Phone", 0)->needs_group);
    g_assert_false(meaning(set, "Coach phone", 0)->needs_group);
    g_assert_cmpint(meaning(set, "Coach", 0)->kind, ==, LABEL_GROUP);
    g_assert_cmpint(meaning(set, "Goals", 0)->kind, ==, LABEL_COLUMN);
    g_assert_null(meaning(set, "Referee", 0));
    const Form *form = form_set_find(set, "weekly");
    g_assert_cmpint(form->org_field, ==, 0);
    g_assert_cmpint(form->period_field, ==, -1);
    g_assert_cmpstr(field_title(g_ptr_array_index(form->fields, 2), true), ==, "Matches");
    g_assert_cmpstr(form_title(form, false), ==, "Weekly report");
    g_assert_false(form_set_is_chinese(set));
}

static void test_rules(void) {
    static const struct {
        const char *values, *tables;
        RuleVerdict verdicts[3];
    } cases[] = {
        {"{\"won\":1,\"played\":2}",
         "{\"matches\":[{\"goals\":1},{\"goals\":3}]}",
         {RULE_HOLDS, RULE_HOLDS, RULE_HOLDS}},
        {"{\"won\":3,\"played\":2}", "{\"matches\":[{\"goals\":1}]}", {RULE_FAILS, RULE_FAILS, RULE_FAILS}},
        {"{\"won\":3}", "{}", {RULE_UNKNOWN, RULE_UNKNOWN, RULE_UNKNOWN}},
        {"{\"won\":1,\"played\":1}",
         "{\"matches\":[{\"goals\":null}]}",
         {RULE_HOLDS, RULE_UNKNOWN, RULE_HOLDS}},
    };
    g_autoptr(FormSet) set = load(club, NULL);
    const Form *form = form_set_nth(set, 0);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *values = json_loads(cases[i].values, 0, NULL), *tables = json_loads(cases[i].tables, 0, NULL);
        for (guint r = 0; r < 3; r++) {
            const FormRule *rule = g_ptr_array_index(form->rules, r);
            g_assert_cmpint(form_rule_evaluate(rule->parsed, values, tables), ==, cases[i].verdicts[r]);
        }
        json_decref(values);
        json_decref(tables);
    }
}

/* Every mistake is refused, and the message names its place. */
static void test_mistakes(void) {
    static const char *const cases[][2] = {
        {"{\"id\":\"a b\",\"fields\":[]}", "forms[0].id"},
        {"{\"id\":\"a\"}", "forms[0].fields"},
        {"{\"id\":\"a\",\"colour\":1}", "forms[0].colour"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"labels\":[]}]}", "forms[0].fields[0].labels"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"type\":\"colour\",\"labels\":[\"x\"]}]}",
         "forms[0].fields[0].type"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"group\":\"g\",\"labels\":[\"x\"]}]}",
         "forms[0].fields[0].group"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"type\":\"choice\",\"labels\":[\"x\"]}]}",
         "forms[0].fields[0].choices"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"labels\":[\"x\"]},{\"key\":\"k\",\"labels\":[\"y\"]}]}",
         "forms[0].fields[1].key"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"labels\":[\"x\"]}],\"rules\":[{\"check\":\"k <= z\"}]}",
         "forms[0].rules[0].check"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"labels\":[\"x\"]}],\"rules\":[{\"check\":\"k + 1\"}]}",
         "forms[0].rules[0].check"},
        {"{\"id\":\"a\",\"fields\":[{\"key\":\"k\",\"labels\":[\"x\"]}],\"rules\":[{\"check\":\"k < "
         "sum(t.c)\"}]}",
         "forms[0].rules[0].check"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(FormSet) set = load(cases[i][0], &error);
        g_assert_null(set);
        g_assert_error(error, FORM_ERROR, FORM_ERROR_INVALID);
        g_assert_true(g_str_has_prefix(error->message, cases[i][1]));
    }
}

/* What stands beside the value as its sample is cut out; nothing is left of a text that is one as a whole. */
static void test_samples(void) {
    static const char *const cases[][2] = {
        {"（如：XX学院）\n护理学院", "\n护理学院"},
        {"护理学院(例如 文学院)", "护理学院"},
        {"护理学院 （e.g. Arts） 学生会", "护理学院  学生会"},
        {"（如：XX学院）", NULL},
        {"护理学院（如：", NULL},
        {"护理学院（临床）", NULL},
        {"如：护理学院", NULL},
        {"", NULL},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *left = form_words_without_sample(cases[i][0]);
        g_test_message("%s", cases[i][0]);
        g_assert_cmpstr(left, ==, cases[i][1]);
    }
}

static void test_words(void) {
    static const struct {
        bool (*is)(const char *text);
        const char *text;
        bool expected;
    } cases[] = {
        {form_words_names_other_period, "附：上期数据", true},
        {form_words_names_other_period, "上期", true},
        {form_words_names_other_period, "二、上一期情况：", true},
        {form_words_names_other_period, "历史数据", true},
        {form_words_names_other_period, "附：上期与本期对比", false},
        {form_words_names_other_period, "本期与上期对比", false},
        {form_words_names_other_period, "上期问题：已解决", false},
        {form_words_names_other_period, "本期数据", false},
        {form_words_names_other_period, "", false},
        {form_words_is_total, "合 计：", true},
        {form_words_is_total, "6月14日至20日小计", true},
        {form_words_is_total, "总计划", false},
        {form_words_is_total, "", false},
        {form_words_is_other_period, "上期", true},
        {form_words_is_other_period, "去年同期", true},
        {form_words_is_other_period, "本期", false},
        {form_words_is_absent, "XXX", true},
        {form_words_is_absent, "某某", true},
        {form_words_is_absent, "XX学院学生会", true},
        {form_words_is_absent, "（×××）", true},
        {form_words_is_absent, "XX通讯社记者", false},
        {form_words_is_absent, "□□", true},
        {form_words_is_absent, "√", false},
        {form_words_is_absent, "请填写单位全称", true},
        {form_words_is_absent, "请假制度", false},
        {form_words_is_absent, "（限200字）", true},
        {form_words_is_absent, "限时开放", false},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(cases[i].is(cases[i].text), ==, cases[i].expected);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/form/index", test_index);
    g_test_add_func("/form/rules", test_rules);
    g_test_add_func("/form/mistakes", test_mistakes);
    g_test_add_func("/form/samples", test_samples);
    g_test_add_func("/form/words", test_words);
    return g_test_run();
}
