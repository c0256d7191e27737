/* What a person writes to settle review entries (gateway/core/review.h), labels that were taught (labels.h),
 * forms that say less (drift.h). */
#include "gateway/core/review.h"

#include <string.h>

#include "gateway/core/drift.h"
#include "gateway/core/labels.h"
#include "gateway/core/period.h"
#include "tests/unit/world.h"

static void test_orders(void) {
    static const struct {
        const char *text, *orders; /* orders: "ID VERB ARGUMENT|" each */
    } cases[] = {
        {"1 归属 护理学院学生会", "1 0 护理学院学生会|"},
        {"1：归属：护理学院学生会 2016-06-27", "1 0 护理学院学生会 2016-06-27|"},
        {"１２、通过", "12 1 |"},
        {"3. 拒绝 重复，见昨天的", "3 2 重复,见昨天的|"},
        {"3 reject", "3 2 |"},
        {"#7 Assign Rowing Club", "7 0 Rowing Club|"},
        {"老师好：\n2 accept\n\n4拒绝\n谢谢", "2 1 |4 2 |"},
        {"5 accepted by everybody", ""},
        {"通过", ""},
        {"3 月再说", ""},
        {"0 通过", ""},
        {"99999999999 通过", ""},
        {"", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) orders = review_orders_parse(cases[i].text);
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint j = 0; j < orders->len; j++) {
            const ReviewOrder *order = g_ptr_array_index(orders, j);
            g_string_append_printf(text, "%d %d %s|", (int)order->id, (int)order->verb, order->argument);
        }
        g_assert_cmpstr(text->str, ==, cases[i].orders);
    }
    g_autoptr(GString) many = g_string_new(NULL);
    for (guint i = 1; i <= 500; i++)
        g_string_append_printf(many, "%u 通过\n", i);
    g_autoptr(GPtrArray) bounded = review_orders_parse(many->str);
    g_assert_cmpuint(bounded->len, ==, REVIEW_ORDERS_MAX);
}

static void test_resolve(void) {
    g_autoptr(World) world = world_new();
    world_organization(world, 1, "护理学院学生会", NULL);
    world_organization(world, 2, "社团联合会", NULL);
    g_ptr_array_add(world_organization(world, 3, "艺术学院学生会", NULL)->aliases, g_strdup("学生会"));
    g_ptr_array_add(world_organization(world, 4, "法学院学生会", NULL)->aliases, g_strdup("学生会"));
    g_autoptr(View) view = view_new(world->snapshot);
    static const struct {
        const char *argument;
        gint64 org_id; /* 0: refused */
        const char *period;
    } cases[] = {{"护理学院学生会", 1, NULL},
                 {"护理学院 学生会 2016-06-27", 1, "2016-06-27"},
                 {"社团联合会2016-07-13", 2, "2016-07-13"},
                 {"学生会", 0, NULL},
                 {"天文社", 0, NULL},
                 {"", 0, NULL},
                 {"2016-06-27", 0, NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 org_id = 0;
        g_autofree char *period = NULL, *why = NULL;
        bool found = review_resolve(view, cases[i].argument, i % 2 ? "en" : "zh", &org_id, &period, &why);
        g_assert_cmpint(org_id, ==, cases[i].org_id);
        g_assert_true(found == (cases[i].org_id != 0));
        g_assert_true(found == (why == NULL));
        g_assert_cmpstr(period, ==, cases[i].period);
    }
}

static void test_labels(void) {
    g_autoptr(World) world = world_new();
    json_t *learnt = json_of(
        "[{'form':'report','field':'asked','label':'热度'},{'form':'report','field':'daily.asked',"
        "'label':'当日'},{'form':'report','field':'gone','label':'甲'},{'form':'gone','field':'asked',"
        "'label':'乙'}]");
    json_t *merged = labels_merge(world->programme->forms, learnt);
    g_autofree char *text = json_dumps(merged, 0), *before = json_dumps(world->programme->forms, 0);
    g_assert_nonnull(strstr(text, "[\"提问量\", \"热度\"]"));
    g_assert_nonnull(strstr(text, "[\"提问量\", \"当日\"]"));
    g_assert_null(strstr(text, "\"甲\""));
    g_assert_null(strstr(before, "热度"));
    g_assert_true(labels_has_field(merged, "report", "daily.asked"));
    g_assert_false(labels_has_field(merged, "report", "daily.nothing"));
    g_assert_false(labels_has_field(merged, "report", "nothing.asked"));
    json_decref(merged);
    json_decref(learnt);
}

static void test_drift(void) {
    static const struct {
        guint submissions_before, found_before, submissions_now, found_now, percent;
        bool is_alarming;
    } cases[] = {/* of 7 fields */
                 {10, 70, 10, 70, 20, false}, {10, 70, 10, 57, 20, false}, {10, 70, 10, 55, 20, true},
                 {10, 70, 10, 55, 30, false}, {2, 14, 10, 10, 20, false},  {10, 70, 2, 2, 20, false},
                 {3, 21, 3, 3, 20, true},     {10, 40, 10, 70, 20, false}, {0, 0, 5, 5, 20, false}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(World) world = world_new();
        g_autoptr(View) view = view_new(world->snapshot);
        const Obligation *obligation = world_obligation(world, "report");
        g_autoptr(Period) period = period_by_key(world->programme, obligation, "2016-07-13");
        FoundShare before = {cases[i].submissions_before, cases[i].found_before},
                   now = {cases[i].submissions_now, cases[i].found_now};
        gint64 now_s = at("2016-07-10T09:00");
        g_autoptr(Letter) letter =
            drift_alert(view, obligation, period, before, now, cases[i].percent, now_s);
        g_assert_true((letter != NULL) == cases[i].is_alarming);
        if (letter == NULL)
            continue;
        g_assert_cmpstr(letter->key, ==, "alert/drift/report/2016-07-13");
        g_assert_cmpstr(letter->to_address, ==, "liaison@example.edu.cn"); /* there is no operator here */
        view_decide_letter(view, letter->key, OUTBOX_SENT);
        g_assert_null(drift_alert(view, obligation, period, before, now, cases[i].percent, now_s));
    }
}

static void assert_label(const char *line, guint number, const char *label, const char *field) {
    g_autoptr(GPtrArray) orders = labels_orders_parse(line);
    g_assert_cmpuint(orders->len, ==, field != NULL);
    if (field == NULL)
        return;
    const LabelOrder *order = orders->pdata[0];
    g_assert_cmpuint(order->number, ==, number);
    g_assert_cmpstr(order->label, ==, label);
    g_assert_cmpstr(order->field, ==, field);
}

static void test_label_orders(void) {
    assert_label("标签 报送数 = 提问量", 0, "报送数", "提问量");
    assert_label("標籤：“报送数”＝「提问量」\r", 0, "报送数", "提问量");
    assert_label("Label Reported = Questions received", 0, "Reported", "Questions received");
    assert_label("３＝提问量", 3, NULL, "提问量");
    assert_label("3 = 通过率", 3, NULL, "通过率");
    static const char *const nothing[] = {"报送数 = 提问量",
                                          "labels a = b",
                                          "标签 = 提问量",
                                          "3 =",
                                          "0 = a",
                                          "-1 = a",
                                          "99999999999999999999 = a",
                                          "3 归属 甲",
                                          "",
                                          "="};
    for (gsize i = 0; i < G_N_ELEMENTS(nothing); i++)
        assert_label(nothing[i], 0, NULL, NULL);
    g_autoptr(GPtrArray) orders = labels_orders_parse("你好\n1 = 甲\n\n标签 乙 = 丙");
    g_assert_cmpuint(orders->len, ==, 2);
    g_autoptr(GPtrArray) reviews = review_orders_parse("3 = 通过率\n4 通过");
    g_assert_cmpuint(reviews->len, ==, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/review/orders", test_orders);
    g_test_add_func("/review/labels", test_labels);
    g_test_add_func("/review/label-orders", test_label_orders);
    g_test_add_func("/review/resolve", test_resolve);
    g_test_add_func("/review/drift", test_drift);
    return g_test_run();
}
