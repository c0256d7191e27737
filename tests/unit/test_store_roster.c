#include "gateway/store/roster.h"

#include "gateway/core/error.h"
#include "gateway/store/submissions.h"
#include "tests/unit/store_fixture.h"

enum { T = FIXTURE_NOW_S };

static void assert_named(Store *store, const char *normal, gint64 wanted, guint wanted_candidates) {
    g_autoptr(GError) error = NULL;
    gint64 id = -1;
    guint candidates = 99;
    REQUIRE(store_org_by_name(store, normal, &id, &candidates, &error));
    g_assert_cmpint(id, ==, wanted);
    g_assert_cmpuint(candidates, ==, wanted_candidates);
}

static void assert_address(Store *store, const char *address, gint64 wanted) {
    g_autoptr(GError) error = NULL;
    gint64 id = -1;
    REQUIRE(store_org_by_address(store, address, &id, NULL, &error));
    g_assert_cmpint(id, ==, wanted);
}

static void test_names(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 a = store_fixture_org(store, "护理学院学生会"), b = store_fixture_org(store, "护理学院团委");
    REQUIRE(store_org_add_alias(store, a, "护院学生会", "护院学生会", &error));
    REQUIRE(store_org_add_alias(store, a, "护院学生会", "护院学生会", &error));
    REQUIRE(store_org_add_alias(store, a, "护理学院", "护理学院", &error));
    REQUIRE(store_org_add_alias(store, b, "护理学院", "护理学院", &error));
    assert_named(store, "护理学院学生会", a, 1);
    assert_named(store, "护院学生会", a, 1);
    assert_named(store, "护理学院", 0, 2); /* stands for two: decides nothing */
    assert_named(store, "文学院", 0, 0);

    gint64 id = 0;
    bool is_new = true;
    const StoreOrganization by_alias = {
        .name = "护院学生会", .normal = "护院学生会", .section = "学习", .team = "青帮青"};
    REQUIRE(store_org_upsert(store, &by_alias, T, &id, &is_new, &error));
    g_assert_cmpint(id, ==, a);
    g_assert_false(is_new);
    const StoreOrganization ambiguous = {.name = "护理学院", .normal = "护理学院"};
    REQUIRE_ERROR(store_org_upsert(store, &ambiguous, T, &id, &is_new, &error), FORTNIGHT_ERROR_INPUT);

    REQUIRE_ERROR(store_org_rename(store, b, "护理学院学生会", "护理学院学生会", &error),
                  FORTNIGHT_ERROR_PERMANENT);
    REQUIRE(store_org_rename(store, b, "护理学院团总支", "护理学院团总支", &error));
    assert_named(store, "护理学院团总支", b, 1);
    assert_named(store, "护理学院团委", b, 1); /* the old name still finds it */
    REQUIRE(store_org_set_suspended(store, b, true, &error));
    REQUIRE_ERROR(store_org_set_suspended(store, 99, true, &error), FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_commit(store, &error));

    g_autoptr(GPtrArray) all = NULL;
    REQUIRE(store_orgs(store, &all, &error));
    g_assert_cmpuint(all->len, ==, 2);
    const Organization *first = all->pdata[0], *second = all->pdata[1];
    g_assert_cmpstr(first->name, ==, "护理学院学生会");
    g_assert_cmpstr(first->team, ==, "青帮青");
    g_assert_cmpuint(first->aliases->len, ==, 2);
    g_assert_true(second->suspended);
}

/* Name, address and phone of an organization's present holder of a role as one text. */
static char *present(Store *store, guint org_index, const char *role) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) all = NULL;
    REQUIRE(store_orgs(store, &all, &error));
    const Organization *organization = all->pdata[org_index];
    for (guint i = 0; i < organization->contacts->len; i++) {
        const Contact *contact = organization->contacts->pdata[i];
        if (g_strcmp0(contact->role, role) == 0)
            return g_strdup_printf("%s %s %s", contact->name ? contact->name : "-",
                                   contact->address ? contact->address : "-",
                                   contact->phone ? contact->phone : "-");
    }
    return g_strdup("nobody");
}

static void test_contacts(StoreFixture *fixture, gconstpointer data) {
    static const struct {
        const char *why;
        const char *name, *address, *phone;
        gint64 from_s;
        bool changed;
        const char *present;
    } steps[] = {
        {"the first", "王", "w@example.edu.cn", "13800000001", T, true, "王 w@example.edu.cn 13800000001"},
        {"the same again", "王", "w@example.edu.cn", NULL, T + 1, false, "王 w@example.edu.cn 13800000001"},
        {"a new phone, the rest is kept", "王", NULL, "13800000002", T + 2, true,
         "王 w@example.edu.cn 13800000002"},
        {"nothing but an address", NULL, "w2@example.edu.cn", NULL, T + 3, true,
         "王 w2@example.edu.cn 13800000002"},
        {"another person has none of it", "赵", "z@example.edu.cn", NULL, T + 9, true,
         "赵 z@example.edu.cn -"},
        {"older news comes late", "钱", "q@example.edu.cn", NULL, T + 5, false, "赵 z@example.edu.cn -"},
    };
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 org = store_fixture_org(store, "甲"), message = store_fixture_message(store, 1);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        bool changed = false;
        const Contact said = {(char *)"liaison", (char *)steps[i].name, (char *)steps[i].address,
                              (char *)steps[i].phone};
        g_test_message("%s", steps[i].why);
        REQUIRE(store_contact_set(store, org, &said, steps[i].from_s, message, &changed, &error));
        g_assert_cmpint(changed, ==, steps[i].changed);
        g_autofree char *now = present(store, 0, "liaison");
        g_assert_cmpstr(now, ==, steps[i].present);
    }
    assert_address(store, "Z@Example.EDU.cn", org);
    assert_address(store, "w@example.edu.cn", 0); /* spoke for it once */
    assert_address(store, "q@example.edu.cn", 0);
    gint64 other = store_fixture_org(store, "乙");
    const Contact both = {
        .role = (char *)"leader", .name = (char *)"赵", .address = (char *)"z@example.edu.cn"};
    REQUIRE(store_contact_set(store, other, &both, T, 0, NULL, &error));
    assert_address(store, "z@example.edu.cn", 0); /* speaks for two */
    REQUIRE(store_contact_end(store, org, "liaison", T + 20, &error));
    assert_address(store, "z@example.edu.cn", other);
    REQUIRE_ERROR(store_contact_set(store, 99, &both, T, 0, NULL, &error), FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_commit(store, &error));
}

static void record(Store *store, gint64 org, const char *period, guint message) {
    g_autoptr(GError) error = NULL;
    const StoreRevision revision = {.org_id = org,
                                    .form = "biweekly",
                                    .obligation = "biweekly",
                                    .period = period,
                                    .message_id = store_fixture_message(store, message),
                                    .received_s = T,
                                    .digest = "d"};
    REQUIRE(store_record(store, &revision, T, NULL, NULL, NULL, &error));
}

static void test_merge(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 from = store_fixture_org(store, "学生会"), into = store_fixture_org(store, "护理学院学生会");
    const Contact liaison = {
        .role = (char *)"liaison", .name = (char *)"王", .address = (char *)"w@example.edu.cn"};
    const Contact leader = {
        .role = (char *)"leader", .name = (char *)"李", .address = (char *)"l@example.edu.cn"};
    const Contact other = {
        .role = (char *)"liaison", .name = (char *)"赵", .address = (char *)"z@example.edu.cn"};
    REQUIRE(store_contact_set(store, from, &liaison, T, 0, NULL, &error));
    REQUIRE(store_contact_set(store, from, &leader, T, 0, NULL, &error));
    REQUIRE(store_contact_set(store, into, &other, T, 0, NULL, &error));
    REQUIRE(store_org_add_alias(store, from, "院会", "院会", &error));
    record(store, from, "2016-06-13", 1);
    record(store, from, "2016-06-27", 2);
    record(store, into, "2016-06-27", 3);

    REQUIRE_ERROR(store_org_merge(store, into, into, T, &error), FORTNIGHT_ERROR_INPUT);
    REQUIRE(store_org_merge(store, from, into, T + 9, &error));
    REQUIRE_ERROR(store_org_merge(store, from, into, T + 9, &error), FORTNIGHT_ERROR_NOT_FOUND);
    assert_named(store, "学生会", into, 1);
    assert_named(store, "院会", into, 1);
    assert_address(store, "l@example.edu.cn", into);
    assert_address(store, "z@example.edu.cn", into);
    assert_address(store, "w@example.edu.cn", 0); /* the role was taken */
    g_autoptr(Submission) moved = store_submission_find(store, into, "biweekly", "2016-06-13", &error);
    g_assert_nonnull(moved);
    g_autoptr(Submission) kept = store_submission_find(store, from, "biweekly", "2016-06-27", &error);
    g_assert_nonnull(kept);
    REQUIRE(store_commit(store, &error));
    g_autoptr(GPtrArray) all = NULL;
    REQUIRE(store_orgs(store, &all, &error));
    g_assert_cmpuint(all->len, ==, 1);
    g_autoptr(GPtrArray) findings = NULL;
    REQUIRE(store_verify(store, NULL, NULL, &findings, &error));
    g_assert_cmpuint(findings->len, ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    STORE_TEST("/store-roster/names", test_names);
    STORE_TEST("/store-roster/contacts", test_contacts);
    STORE_TEST("/store-roster/merge", test_merge);
    return g_test_run();
}
