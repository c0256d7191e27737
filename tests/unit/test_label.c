#include "parsers/label.h"

#include <string.h>

#include "parsers/label_fold.h"

static void test_normal_form(void) {
    static const char *const cases[][2] = {
        {"姓  名：", "姓名"},
        {"联 系 电 话", "联系电话"},
        {"*组织名称", "组织名称"},
        {"Ｅ-mail：", "email"},
        {"24小时内答复数", "24小时内答复数"},
        {"２４小时", "24小时"},
        {"（姓名）", "姓名"},
        {"①提问量", "提问量"},
        {"____", ""},
        {"", ""},
        {"姓\xe3\x80\x80名", "姓名"},
        {"QQ 号", "qq号"},
        {"QUESTIONS Received", "questionsreceived"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *normal = label_normal_form(cases[i][0], -1);
        g_assert_cmpstr(normal, ==, cases[i][1]);
    }
}

/* Every pair is found, so the table of where each block begins is right. */
static void test_fold(void) {
    guint folded = 0;
    for (gunichar c = 1; c < 0x20000; c++)
        folded += label_fold(c) != c;
    g_assert_cmpuint(folded, ==, LABEL_FOLD_PAIRS);
    g_assert_cmpuint(label_fold(0x7D44), ==, 0x7EC4); /* 組 */
    g_assert_cmpuint(label_fold(0x4E7E), ==, 0x5E72); /* 乾, the first */
    g_assert_cmpuint(label_fold(0x9F8D), ==, 0x9F99); /* 龍, the last */
}

/* The same whatever stands around: the quick way and the careful one meet in one text. */
static void test_normal_form_joined(void) {
    static const char *const pieces[][2] = {
        {"組織", "组织"}, {"Ab1", "ab1"},         {"É", "é"},  {"、（…）", ""}, {"Ⅳ", "iv"}, {"㈱", "株"},
        {"𠀀", "𠀀"},     {"\xef\xb7\xba", NULL}, {"３", "3"}, {"·", ""},       {"㎡", "m2"}};
    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
        for (guint k = 0; k < G_N_ELEMENTS(pieces); k++) {
            g_autofree char *text = g_strconcat(pieces[i][0], pieces[k][0], pieces[i][0], NULL);
            g_autofree char *one = label_normal_form(pieces[i][0], -1);
            g_autofree char *other = label_normal_form(pieces[k][0], -1);
            g_autofree char *expected = g_strconcat(one, other, one, NULL);
            g_autofree char *normal = label_normal_form(text, -1);
            if (pieces[i][1])
                g_assert_cmpstr(one, ==, pieces[i][1]);
            g_assert_cmpstr(normal, ==, expected);
        }
}

static bool collect(const char *normal, gpointer data) {
    GString *out = data;
    g_string_append_printf(out, "%s|", normal);
    return false;
}

static void test_readings(void) {
    static const char *const cases[][2] = {
        {"提问量", "提问量|"},
        {"1、填报单位", "1填报单位|填报单位|"},
        {"（二）联络员", "二联络员|联络员|"},
        {"人数（人）", "人数人|人数|"},
        {"单位 Organization", "单位organization|单位|organization|"},
        {"Organization / 单位", "organization单位|单位|organization|"},
        {"联络员QQ", "联络员qq|"},
        {"联络员 QQ", "联络员qq|"},
        {"QQ QQ No.", "qqqqno|qq|"},
        {"24小时内答复 Answered within 24 h",
         "24小时内答复answeredwithin24h|24小时内答复|answeredwithin24h|"},
        {"（姓名）", "姓名|"},
        {"", ""},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        label_each_reading(cases[i][0], -1, collect, out);
        g_assert_cmpstr(out->str, ==, cases[i][1]);
    }
}

static bool check_is_text(const char *normal, gpointer data) {
    g_assert_true(g_utf8_validate(normal, -1, NULL));
    g_assert_cmpuint(strlen(normal), >, LABEL_MAX_BYTES);
    *(guint *)data += 1;
    return false;
}

/* U+FDFA is fifteen letters in NFKC: the normal form is cut, but not within one of them. */
static void test_grown_reading(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    guint n = 0;
    while (text->len + 3 <= LABEL_MAX_BYTES)
        g_string_append_unichar(text, 0xFDFA);
    label_each_reading(text->str, -1, check_is_text, &n);
    g_assert_cmpuint(n, >, 0);
}

static void test_list_marks(void) {
    static const struct {
        const char *text, *rest;
    } cases[] = {{"1、单位", "单位"},
                 {"(2) 单位", " 单位"},
                 {"一、指导老师", "指导老师"},
                 {"①单位", "单位"},
                 {"3.14", "3.14"},
                 {"24小时", "24小时"},
                 {"1. 单位", " 单位"},
                 {"三月", "三月"},
                 {"• 单位", " 单位"},
                 {"", ""}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(cases[i].text + label_list_mark(cases[i].text), ==, cases[i].rest);
}

/* The right label must be the likest of all, and by a margin, for words that nobody listed. */
static void test_likeness(void) {
    static const char *const labels[] = {
        "提问量",         "回答量",           "24小时内答复数", "未答复数", "点赞量", "专职团干部回答量",
        "学生骨干回答量", "专职团干部点赞量", "学生骨干点赞量", "转发量",   "评论量", "专家总数",
        "成员总数",       "存在问题",         "意见建议",       "下期计划", "单位",   "负责板块"};
    static const struct {
        const char *written;
        guint expected;
    } cases[] = {{"提问数量", 0},  {"团干部回答", 5},  {"骨干点赞数量", 8}, {"24h内答复", 2},
                 {"报送单位", 16}, {"专家的总数", 11}, {"下期的计划", 15}};
    g_autoptr(LabelWeights) weights = label_weights_new();
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
        label_weights_add(weights, labels[i]);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint best = 0;
        double first = -1, second = -1;
        for (guint j = 0; j < G_N_ELEMENTS(labels); j++) {
            double likeness = label_likeness(weights, cases[i].written, labels[j]);
            if (likeness > first) {
                second = first;
                first = likeness;
                best = j;
            } else
                second = MAX(second, likeness);
        }
        g_assert_cmpuint(best, ==, cases[i].expected);
        g_assert_cmpfloat(first - second, >, 0.1);
    }
    g_assert_cmpfloat(label_likeness(weights, "点赞量", "点赞量"), ==, 1);
    g_assert_cmpfloat(label_likeness(weights, "物资", "点赞量"), ==, 0);
    g_assert_cmpfloat(label_likeness(weights, "", "点赞量"), ==, 0);
}

static bool is_listed(const char *normal, gpointer data) {
    return strcmp(normal, "姓名") == 0 || strcmp(normal, "联系电话") == 0 || strcmp(normal, "email") == 0;
}

/* What lacks the letters of every label is passed over; whatever can be read as one is found all the same. */
static void test_likely_readings(void) {
    static const char *const labels[] = {"姓名", "联系电话", "email"};
    static const char *const written[] = {
        "姓名",        "1、姓名（必填）", "姓 名：",        "Ｅ-mail",          "联系电话 Telephone",
        "(2)联系电话", "姓名/联系电话",   "姓名及联系方式", "電話（联系电话）", "【姓名】"};
    static const char *const others[] = {"张三", "13800001234", "物理学院", "mail", "电话", "名", "", "——"};
    LabelLetters *letters = label_letters_new();
    for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
        label_letters_add(letters, labels[i]);
    guint found = 0;
    for (guint i = 0; i < G_N_ELEMENTS(written); i++) {
        bool is_label = label_each_reading(written[i], -1, is_listed, NULL);
        g_assert_cmpint(label_each_likely_reading(written[i], -1, letters, is_listed, NULL), ==, is_label);
        found += is_label;
    }
    g_assert_cmpuint(found, >=, 7);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(label_letters_may_hold(letters, others[i]));
    g_assert_true(label_letters_may_hold(letters, "负责人姓氏和名字"));
    label_letters_free(letters);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/label/fold", test_fold);
    g_test_add_func("/label/normal-form-joined", test_normal_form_joined);
    g_test_add_func("/label/normal_form", test_normal_form);
    g_test_add_func("/label/readings", test_readings);
    g_test_add_func("/label/likely_readings", test_likely_readings);
    g_test_add_func("/label/grown_reading", test_grown_reading);
    g_test_add_func("/label/list_marks", test_list_marks);
    g_test_add_func("/label/likeness", test_likeness);
    return g_test_run();
}
