/* Scores as they were published: kept once, added again only where they or the formula differ. */
#include "gateway/store/scores.h"

#include "gateway/core/error.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/world.h"

static void publish(Store *store, const char *formula, const char *scores, gint64 now_s, bool expected) {
    g_autoptr(GError) error = NULL;
    json_t *json = json_of(scores);
    bool added = !expected;
    REQUIRE(store_begin(store, &error));
    REQUIRE(store_scores_publish(store, "biweekly", "2016-06-27", formula, json, 0, now_s, &added, &error));
    REQUIRE(store_commit(store, &error));
    g_assert_true(added == expected);
    json_decref(json);
}

static void test_publish(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    g_assert_cmpint(store_fixture_org(store, "甲社"), ==, 1);
    g_assert_cmpint(store_fixture_org(store, "乙社"), ==, 2);
    REQUIRE(store_commit(store, &error));
    json_t *none = store_scores_published(store, "biweekly", "2016-06-27", &error);
    g_assert_true(json_is_null(none));
    json_decref(none);
    static const char first[] =
        "[{'org_id':1,'points':7821,'lines':{'按时提交':2000}},{'org_id':2,'points':0,'lines':{}}]";
    publish(store, "aaa", first, 100, true);
    publish(store, "aaa", first, 200, false);
    publish(store, "aaa",
            "[{'org_id':2,'points':0,'lines':{}},{'org_id':1,'points':7821,'lines':{'按时提交':2000}}]", 200,
            false);
    publish(store, "bbb", first, 300, true); /* another formula, the same points */
    publish(store, "bbb", "[{'org_id':1,'points':7821,'lines':{'按时提交':1500}}]", 400, true);
    json_t *last = store_scores_published(store, "biweekly", "2016-06-27", &error);
    json_t *expected = json_of("{'formula':'bbb','at_s':400,'letter':0,'scores':[{'org_id':1,'points':7821,'"
                               "lines':{'按时提交':1500}}]}");
    g_assert_true(json_equal(last, expected));
    json_decref(last);
    json_decref(expected);
    json_t *other = store_scores_published(store, "biweekly", "2016-07-13", &error);
    g_assert_true(json_is_null(other));
    json_decref(other);
    REQUIRE_ERROR(store_scores_publish(store, "biweekly", "2016-06-27", "ccc", NULL, 0, 500, NULL, &error),
                  FORTNIGHT_ERROR_PERMANENT);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    STORE_TEST("/store-scores/publish", test_publish);
    return g_test_run();
}
