#include "gateway/store/submissions.h"

#include "gateway/core/error.h"
#include "gateway/store/explain.h"
#include "tests/unit/store_fixture.h"

enum { T = FIXTURE_NOW_S };

/* Fields {"n": {"value": value}, …} with one of each type. New reference. */
static json_t *fields_of(int value) {
    return json_pack("{s:{s:i,s:s,s:s,s:f},s:{s:s},s:{s:b},s:{s:{s:s,s:s}},s:{s:n}}", "n", "value", value,
                     "raw", "３５条", "source", "双周报.docx 表1 第4行第2列", "confidence", 0.98, "reporter",
                     "value", "李明", "done", "value", 1, "period", "value", "start", "2016-06-14", "end",
                     "2016-06-27", "nothing", "value");
}

typedef struct {
    const char *why;
    guint message; /* number of its bytes; 0: none */
    RevisionOrigin origin;
    gint64 received_s;
    bool on_time;
    int value; /* of field n, and the digest */
    RecordedAs as;
    guint number;
    /* afterwards: */
    guint current; /* 0: withdrawn */
    gint64 first_s;
    bool first_on_time;
} Step;

static void run_step(Store *store, gint64 org, const gint64 *messages, const Step *step, const char *period) {
    g_autoptr(GError) error = NULL;
    g_autofree char *digest = g_strdup_printf("digest-%d", step->value);
    json_t *fields = fields_of(step->value);
    const StoreRevision revision = {.org_id = org,
                                    .form = "biweekly",
                                    .obligation = "biweekly",
                                    .period = period,
                                    .message_id = step->message != 0 ? messages[step->message] : 0,
                                    .origin = step->origin,
                                    .received_s = step->received_s,
                                    .on_time = step->on_time,
                                    .digest = digest,
                                    .fields = fields};
    gint64 id = 0;
    guint number = 0;
    RecordedAs as = RECORDED_NEW;
    g_test_message("%s", step->why);
    REQUIRE(store_record(store, &revision, T + 1000, &id, &number, &as, &error));
    json_decref(fields);
    g_assert_cmpint(as, ==, step->as);
    g_assert_cmpuint(number, ==, step->number);
    g_autoptr(Submission) current = store_submission_get(store, id, &error);
    g_assert_no_error(error);
    g_assert_cmpint(current != NULL, ==, step->current != 0);
    if (current == NULL)
        return;
    g_assert_cmpuint(current->revision, ==, step->current);
    g_assert_cmpint(current->received_s, ==, step->first_s);
    g_assert_cmpint(current->on_time, ==, step->first_on_time);
}

static void test_revisions(StoreFixture *fixture, gconstpointer data) {
    static const Step steps[] = {
        {"first, late", 1, REVISION_MAIL, T + 50, false, 35, RECORDED_NEW, 1, 1, T + 50, false},
        {"the same message again: after a crash", 1, REVISION_MAIL, T + 50, false, 35, RECORDED_ALREADY, 1, 1,
         T + 50, false},
        {"even if it reads differently today", 1, REVISION_MAIL, T + 50, false, 36, RECORDED_ALREADY, 1, 1,
         T + 50, false},
        {"sent again with the same content", 2, REVISION_MAIL, T + 60, false, 35, RECORDED_IDENTICAL, 1, 1,
         T + 50, false},
        {"with other content", 3, REVISION_MAIL, T + 70, false, 40, RECORDED_REVISION, 2, 2, T + 50, false},
        {"an earlier one that was read late: first, not current", 4, REVISION_MAIL, T + 10, true, 33,
         RECORDED_REVISION, 3, 2, T + 10, true},
        {"a correction by reply", 5, REVISION_CORRECTION, T + 80, false, 41, RECORDED_REVISION, 4, 4, T + 10,
         true},
        {"replay that reads an old message as before", 3, REVISION_REPLAY, T + 70, false, 40,
         RECORDED_IDENTICAL, 2, 4, T + 10, true},
        {"replay that reads it differently stays behind the newer one", 3, REVISION_REPLAY, T + 70, false, 42,
         RECORDED_REVISION, 5, 4, T + 10, true},
        {"replay of the newest counts", 5, REVISION_REPLAY, T + 80, false, 43, RECORDED_REVISION, 6, 6,
         T + 10, true},
        {"by hand, on paper", 0, REVISION_HAND, T + 90, false, 44, RECORDED_REVISION, 7, 7, T + 10, true},
        {"withdrawn", 6, REVISION_WITHDRAWAL, T + 100, false, 0, RECORDED_REVISION, 8, 0, 0, false},
        {"withdrawn twice", 7, REVISION_WITHDRAWAL, T + 110, false, 0, RECORDED_IDENTICAL, 8, 0, 0, false},
        {"comes again: judged anew", 8, REVISION_MAIL, T + 120, false, 44, RECORDED_REVISION, 9, 9, T + 120,
         false},
    };
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 org = store_fixture_org(fixture->store, "护理学院学生会"), messages[10];
    for (guint i = 1; i < G_N_ELEMENTS(messages); i++)
        messages[i] = store_fixture_message(fixture->store, i);
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
        run_step(fixture->store, org, messages, &steps[i], "2016-06-27");
    REQUIRE(store_commit(fixture->store, &error));

    gint64 of_message = 0;
    REQUIRE(store_submission_of_message(fixture->store, messages[2], &of_message, &error));
    g_assert_cmpint(of_message, ==, 1); /* also one that said nothing new */
    g_autoptr(GPtrArray) findings = NULL;
    REQUIRE(store_verify(fixture->store, NULL, NULL, &findings, &error));
    g_assert_cmpuint(findings->len, ==, 0);
    json_t *explained = store_explain_period(fixture->store, org, "biweekly", "2016-06-27", &error);
    REQUIRE(explained != NULL);
    g_assert_cmpuint(json_array_size(json_object_get(explained, "revisions")), ==, 9);
    json_decref(explained);
}

static void test_history_is_kept(StoreFixture *fixture, gconstpointer data) {
    const Step first = {"first", 1, REVISION_MAIL, T, true, 35, RECORDED_NEW, 1, 1, T, true};
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 org = store_fixture_org(fixture->store, "甲");
    const gint64 messages[] = {0, store_fixture_message(fixture->store, 1)};
    run_step(fixture->store, org, messages, &first, "2016-06-27");
    REQUIRE(store_commit(fixture->store, &error));
    json_t *revision = store_revision_json(fixture->store, 1, 1, &error), *fields = fields_of(35);
    g_assert_true(json_equal(json_object_get(revision, "fields"), fields)); /* exactly what was said */
    g_assert_cmpstr(json_string_value(json_object_get(revision, "origin")), ==, "mail");
    g_assert_null(store_revision_json(fixture->store, 1, 2, &error));
    g_assert_no_error(error);
    json_decref(revision);
    json_decref(fields);
}

static void test_without_obligation(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 org = store_fixture_org(store, "甲");
    StoreRevision log = {.org_id = org, .form = "question_log", .received_s = T, .digest = "one"};
    static const struct {
        const char *why, *digest;
        guint message;
        RecordedAs as;
        gint64 submission;
    } steps[] = {
        {"an export", "one", 1, RECORDED_NEW, 1},
        {"the next one is a submission of its own", "two", 2, RECORDED_NEW, 2},
        {"the first export mailed again", "one", 3, RECORDED_IDENTICAL, 1},
        {"the second message after a crash", "two", 2, RECORDED_ALREADY, 2},
    };
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        gint64 submission = 0;
        RecordedAs as = RECORDED_NEW;
        log.digest = steps[i].digest;
        log.message_id = store_fixture_message(store, steps[i].message);
        g_test_message("%s", steps[i].why);
        REQUIRE(store_record(store, &log, T, &submission, NULL, &as, &error));
        g_assert_cmpint(as, ==, steps[i].as);
        g_assert_cmpint(submission, ==, steps[i].submission);
    }
    RecordedAs as = RECORDED_NEW;
    const StoreRevision correction = {.submission_id = 2,
                                      .form = "question_log",
                                      .message_id = store_fixture_message(store, 9),
                                      .origin = REVISION_CORRECTION,
                                      .received_s = T + 1,
                                      .digest = "two, corrected"};
    REQUIRE(store_record(store, &correction, T, NULL, NULL, &as, &error));
    g_assert_cmpint(as, ==, RECORDED_REVISION);
    REQUIRE(store_commit(store, &error));
}

static void test_refused(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    static const struct {
        StoreRevision revision;
        int code;
    } cases[] = {
        {{.org_id = 1, .form = "f", .obligation = "o", .message_id = 1, .digest = "d"},
         FORTNIGHT_ERROR_INPUT},
        {{.org_id = 1, .form = "f", .digest = "d"}, FORTNIGHT_ERROR_INPUT},
        {{.org_id = 1, .form = "f", .message_id = 1}, FORTNIGHT_ERROR_INPUT},
        {{.submission_id = 5, .form = "f", .message_id = 1, .digest = "d"}, FORTNIGHT_ERROR_NOT_FOUND},
        {{.org_id = 1, .form = "f", .message_id = 1, .digest = "d", .origin = REVISION_WITHDRAWAL},
         FORTNIGHT_ERROR_NOT_FOUND},
    };
    REQUIRE(store_begin(store, &error));
    store_fixture_org(store, "甲");
    store_fixture_message(store, 1);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        REQUIRE_ERROR(store_record(store, &cases[i].revision, T, NULL, NULL, NULL, &error), cases[i].code);
    /* an organization that does not exist is a broken reference: nothing of the transaction survives */
    const StoreRevision stray = {.org_id = 99, .form = "f", .message_id = 1, .digest = "d"};
    REQUIRE_ERROR(store_record(store, &stray, T, NULL, NULL, NULL, &error), FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_commit(store, &error), FORTNIGHT_ERROR_PERMANENT);
}

static void test_totals(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 messages[7] = {0};
    for (guint i = 1; i < G_N_ELEMENTS(messages); i++)
        messages[i] = store_fixture_message(store, i);
    gint64 a = store_fixture_org(store, "甲"), b = store_fixture_org(store, "乙"),
           c = store_fixture_org(store, "丙");
    const Step first = {"", 1, REVISION_MAIL, T, true, 100, RECORDED_NEW, 1, 1, T, true},
               second = {"", 2, REVISION_MAIL, T + 1, true, 7, RECORDED_REVISION, 2, 2, T, true},
               other = {"", 3, REVISION_MAIL, T, true, 5, RECORDED_NEW, 1, 1, T, true},
               gone = {"", 4, REVISION_MAIL, T, true, 1000, RECORDED_NEW, 1, 1, T, true},
               withdrawal = {"", 5, REVISION_WITHDRAWAL, T + 1, true, 0, RECORDED_REVISION, 2, 0, 0, false},
               elsewhere = {"", 6, REVISION_MAIL, T, true, 50, RECORDED_NEW, 1, 1, T, true};
    run_step(store, a, messages, &first, "2016-06-27");
    run_step(store, a, messages, &second, "2016-06-27");
    run_step(store, b, messages, &other, "2016-06-27");
    run_step(store, c, messages, &gone, "2016-06-27");
    run_step(store, c, messages, &withdrawal, "2016-06-27");
    run_step(store, a, messages, &elsewhere, "2016-07-13");
    REQUIRE(store_commit(store, &error));
    json_t *totals = store_totals(store, "biweekly", "2016-06-27", &error);
    json_t *wanted = json_pack("{s:i,s:i,s:i}", "", 2, "n", 12, "done", 2);
    g_assert_true(json_equal(totals, wanted));
    json_decref(totals);
    json_decref(wanted);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    STORE_TEST("/submissions/revisions", test_revisions);
    STORE_TEST("/submissions/history-is-kept", test_history_is_kept);
    STORE_TEST("/submissions/without-obligation", test_without_obligation);
    STORE_TEST("/submissions/refused", test_refused);
    STORE_TEST("/submissions/totals", test_totals);
    return g_test_run();
}
