#include "gateway/store/snapshot.h"

#include "gateway/store/explain.h"
#include "gateway/store/ledger.h"
#include "gateway/store/outbox.h"
#include "gateway/store/review.h"
#include "gateway/store/roster.h"
#include "gateway/store/submissions.h"
#include "tests/unit/store_fixture.h"

enum { T = FIXTURE_NOW_S };

static Programme *two_obligations(void) {
    Programme *programme = programme_new();
    static const char *const ids[] = {"receipt", "biweekly"};
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        Obligation *obligation = obligation_new();
        obligation->id = g_strdup(ids[i]);
        obligation->form = g_strdup(ids[i]);
        g_ptr_array_add(programme->obligations, obligation);
    }
    return programme;
}

static void record(Store *store, gint64 org, const char *obligation, const char *period, guint message,
                   RevisionOrigin origin) {
    g_autoptr(GError) error = NULL;
    json_t *fields = json_pack("{s:{s:i}}", "n", "value", (int)message);
    json_t *problems = json_pack("[{s:s}]", "code", "missing");
    const StoreRevision revision = {.org_id = org,
                                    .form = obligation != NULL ? obligation : "question_log",
                                    .obligation = obligation,
                                    .period = period,
                                    .message_id = store_fixture_message(store, message),
                                    .origin = origin,
                                    .received_s = T + message,
                                    .on_time = true,
                                    .digest = "d",
                                    .fields = fields,
                                    .problems = problems};
    REQUIRE(store_record(store, &revision, T, NULL, NULL, NULL, &error));
    json_decref(fields);
    json_decref(problems);
}

static void put(Store *store, const char *key, LetterKind kind, const char *period) {
    g_autoptr(GError) error = NULL;
    bool is_new;
    const Letter letter = {
        .key = (char *)key, .kind = kind, .to_address = (char *)"a@example.edu.cn", .period = (char *)period};
    REQUIRE(store_outbox_put(store, &letter, T, NULL, &is_new, &error));
}

static void fill(Store *store) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(store, &error));
    gint64 a = store_fixture_org(store, "甲"), b = store_fixture_org(store, "乙");
    const Contact contact = {
        .role = (char *)"liaison", .name = (char *)"王", .address = (char *)"w@example.edu.cn"};
    REQUIRE(store_contact_set(store, a, &contact, T, 0, NULL, &error));
    record(store, a, "biweekly", "2016-06-13", 1, REVISION_MAIL);
    record(store, a, "biweekly", "2016-06-27", 2, REVISION_HAND);
    record(store, b, "receipt", "2016-06-20", 3, REVISION_MAIL);
    record(store, b, "biweekly", "2016-06-27", 4, REVISION_MAIL);
    record(store, b, "biweekly", "2016-06-27", 5, REVISION_WITHDRAWAL);
    record(store, b, NULL, NULL, 6, REVISION_MAIL);
    put(store, "remind/old", LETTER_REMINDER, "2016-06-13");
    put(store, "remind/new", LETTER_REMINDER, "2016-06-27");
    put(store, "review/hour", LETTER_REVIEW_NOTICE, NULL);
    put(store, "ack/1", LETTER_ACK, NULL);
    const Exemption once = {.org_id = a,
                            .obligation = (char *)"biweekly",
                            .period = (char *)"2016-07-13",
                            .reason = (char *)"exams"};
    const Exemption always = {.org_id = b, .obligation = (char *)"biweekly"};
    REQUIRE(store_exempt(store, &once, T, &error));
    REQUIRE(store_exempt(store, &always, T, &error));
    REQUIRE(store_exempt(store, &always, T, &error));
    REQUIRE(store_meta_set_integer(store, STORE_META_RELEASED, T + 3, &error));
    REQUIRE(store_commit(store, &error));
}

static Snapshot *load(Store *store, const Programme *programme, const char *const *periods,
                      bool with_content) {
    g_autoptr(GError) error = NULL;
    const SnapshotScope scope = {.periods = periods, .with_content = with_content};
    Snapshot *snapshot = NULL;
    REQUIRE(store_snapshot(store, programme, &scope, &snapshot, &error));
    return snapshot;
}

static void test_everything(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(Programme) programme = two_obligations();
    fill(fixture->store);
    g_autoptr(Snapshot) snapshot = load(fixture->store, programme, NULL, true);
    g_assert_true(snapshot->programme == programme);
    g_assert_cmpuint(snapshot->organizations->len, ==, 2);
    g_assert_cmpuint(snapshot_organization(snapshot, 1)->contacts->len, ==, 1);
    g_assert_cmpuint(snapshot->submissions->len, ==, 4); /* not the withdrawn one */
    const Submission *by_hand = snapshot_submission(snapshot, "biweekly", "2016-06-27", 1);
    g_assert_true(by_hand->by_hand);
    g_assert_true(by_hand->on_time);
    g_assert_cmpint(by_hand->received_s, ==, T + 2);
    g_assert_cmpuint(by_hand->n_problems, ==, 1);
    g_assert_cmpint(json_integer_value(json_object_get(json_object_get(by_hand->fields, "n"), "value")), ==,
                    2);
    g_assert_cmpuint(json_array_size(by_hand->problems), ==, 1);
    g_assert_null(snapshot_submission(snapshot, "biweekly", "2016-06-27", 2));
    g_assert_cmpuint(snapshot->exemptions->len, ==, 2);
    const Exemption *once = snapshot->exemptions->pdata[0], *always = snapshot->exemptions->pdata[1];
    g_assert_cmpstr(once->reason, ==, "exams");
    g_assert_null(always->period);
    g_assert_cmpuint(g_hash_table_size(snapshot->letter_keys), ==, 4);
    g_assert_cmpint(GPOINTER_TO_INT(g_hash_table_lookup(snapshot->letter_keys, "remind/old")), ==,
                    OUTBOX_QUEUED + 1);
    g_assert_cmpint(snapshot->released_s, ==, T + 3);
    g_assert_cmpuint(snapshot->n_messages, ==, 6);
}

static void test_scope(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(Programme) programme = two_obligations();
    fill(fixture->store);
    static const char *const periods[] = {"2016-06-27", "2016-06-20", NULL}, *const none[] = {NULL};
    g_autoptr(Snapshot) some = load(fixture->store, programme, periods, false);
    g_assert_cmpuint(some->submissions->len, ==, 2);
    g_assert_null(((const Submission *)some->submissions->pdata[0])->fields);
    g_assert_nonnull(snapshot_submission(some, "receipt", "2016-06-20", 2));
    g_assert_true(g_hash_table_contains(some->letter_keys, "remind/new"));
    g_assert_true(g_hash_table_contains(some->letter_keys, "review/hour"));
    g_assert_false(g_hash_table_contains(some->letter_keys, "remind/old"));
    g_assert_false(g_hash_table_contains(some->letter_keys, "ack/1"));
    g_autoptr(Snapshot) bare = load(fixture->store, programme, none, true);
    g_assert_cmpuint(bare->submissions->len, ==, 0);
    g_assert_cmpuint(bare->organizations->len, ==, 2);
}

/* SPEC 4: fetched mail from an organization's address, or naming it, that is not recorded or in review, is
 * pending. */
static void test_pending(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    g_autoptr(Programme) programme = two_obligations();
    fill(store);
    static const struct {
        const char *why, *from;
        gint64 named;
        MessageEvent events[2];
        guint n_events;
        gint64 pending_for; /* 0: not pending */
    } cases[] = {
        {"just fetched, address known", "W@example.edu.cn", 0, {0}, 0, 1},
        {"address unknown", "x@example.edu.cn", 0, {0}, 0, 0},
        {"address unknown, names an organization", "x@example.edu.cn", 2, {MESSAGE_EVENT_READ}, 1, 2},
        {"named wins over the address", "w@example.edu.cn", 2, {MESSAGE_EVENT_READ}, 1, 2},
        {"in review", "w@example.edu.cn", 0, {MESSAGE_EVENT_REVIEW}, 1, 1},
        {"recorded", "w@example.edu.cn", 0, {MESSAGE_EVENT_READ, MESSAGE_EVENT_RECORD}, 2, 0},
        {"ignored", "w@example.edu.cn", 0, {MESSAGE_EVENT_READ, MESSAGE_EVENT_IGNORE}, 2, 0},
    };
    REQUIRE(store_begin(store, &error));
    gint64 ids[G_N_ELEMENTS(cases)];
    for (gint64 id = 1; id <= 6; id++) {
        REQUIRE(store_message_apply(store, id, MESSAGE_EVENT_READ, T, &error));
        REQUIRE(store_message_apply(store, id, MESSAGE_EVENT_RECORD, T, &error));
    }
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool is_new;
        g_autofree char *sha256 = store_fixture_sha256(100 + i);
        const StoreFetched fetched = {
            .sha256 = sha256, .location = sha256, .seen_s = T + i, .from_address = cases[i].from};
        REQUIRE(store_add_fetched(store, &fetched, &ids[i], &is_new, &error));
        REQUIRE(store_message_set_org(store, ids[i], cases[i].named, &error));
        for (guint e = 0; e < cases[i].n_events; e++)
            REQUIRE(store_message_apply(store, ids[i], cases[i].events[e], T, &error));
    }
    REQUIRE(store_review_open(store, ids[4], "encrypted", "有密码", T + 9, NULL, NULL, &error));
    REQUIRE(store_commit(store, &error));
    g_autoptr(Snapshot) snapshot = load(store, programme, NULL, false);
    guint next = 0;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        if (cases[i].pending_for == 0)
            continue;
        const PendingMail *mail = snapshot->pending->pdata[next++];
        g_assert_cmpint(mail->message_id, ==, ids[i]);
        g_assert_cmpint(mail->org_id, ==, cases[i].pending_for);
        g_assert_cmpint(mail->seen_s, ==, T + i);
    }
    g_assert_cmpuint(snapshot->pending->len, ==, next);
    g_assert_cmpuint(snapshot->n_review, ==, 1);
    g_assert_cmpuint(snapshot->reviews->len, ==, 1);
    const ReviewItem *item = snapshot->reviews->pdata[0];
    g_assert_cmpstr(item->code, ==, "encrypted");
    g_assert_cmpstr(item->from, ==, "w@example.edu.cn");
    g_assert_cmpint(item->since_s, ==, T + 9);

    json_t *explained = store_explain_period(store, 1, "biweekly", "2016-06-27", &error);
    REQUIRE(explained != NULL);
    g_assert_cmpuint(json_array_size(json_object_get(explained, "pending")), ==, 2);
    json_decref(explained);
}

static void test_explain(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    fill(store);
    json_t *message = store_explain_message(store, 2, &error),
           *letter = store_explain_letter(store, 1, &error);
    REQUIRE(message != NULL && letter != NULL);
    g_assert_cmpint(json_integer_value(json_object_get(json_object_get(message, "message"), "id")), ==, 2);
    g_assert_cmpstr(json_string_value(
                        json_object_get(json_array_get(json_object_get(message, "sightings"), 0), "folder")),
                    ==, "INBOX");
    g_assert_cmpstr(json_string_value(json_object_get(
                        json_array_get(json_object_get(message, "submissions"), 0), "origin")),
                    ==, "hand");
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(letter, "letter"), "key")), ==,
                    "remind/old");
    json_decref(message);
    json_decref(letter);
    g_assert_null(store_explain_message(store, 99, &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    json_t *owed = store_explain_period(store, 1, "biweekly", "2016-07-13", &error);
    REQUIRE(owed != NULL);
    g_assert_true(json_is_null(json_object_get(owed, "submission")));
    g_assert_cmpuint(json_array_size(json_object_get(owed, "exemptions")), ==, 1);
    json_decref(owed);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    STORE_TEST("/snapshot/everything", test_everything);
    STORE_TEST("/snapshot/scope", test_scope);
    STORE_TEST("/snapshot/pending", test_pending);
    STORE_TEST("/snapshot/explain", test_explain);
    return g_test_run();
}
