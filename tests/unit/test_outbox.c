#include "gateway/store/outbox.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/roster.h"
#include "gateway/store/bounces.h"
#include "gateway/store/roster.h"
#include "tests/unit/store_fixture.h"

/* DESIGN 2: queued | held → sending → sent | retry | refused | unsure, ends expired, cancelled, dropped. "" =
 * not allowed. */
static const char *const expected[OUTBOX_STATES][OUTBOX_EVENTS] = {
    /* start, sent, defer, refuse, lose, expire, cancel, drop, hold, release, requeue */
    [OUTBOX_QUEUED] = {"sending", "", "", "", "", "expired", "cancelled", "dropped", "held", "", ""},
    [OUTBOX_HELD] = {"", "", "", "", "", "expired", "cancelled", "dropped", "", "queued", ""},
    [OUTBOX_SENDING] = {"", "sent", "retry", "refused", "unsure", "", "", "", "", "", ""},
    [OUTBOX_SENT] = {"", "", "", "", "", "", "", "", "", "", ""},
    [OUTBOX_RETRY] = {"sending", "", "", "", "", "expired", "cancelled", "dropped", "held", "", "queued"},
    [OUTBOX_REFUSED] = {"", "", "", "", "", "", "", "dropped", "", "", "queued"},
    [OUTBOX_UNSURE] = {"sending", "sent", "", "refused", "", "expired", "cancelled", "dropped", "", "",
                       "queued"},
    [OUTBOX_EXPIRED] = {"", "", "", "", "", "", "", "", "", "", ""},
    [OUTBOX_CANCELLED] = {"", "", "", "", "", "", "", "", "", "", ""},
    [OUTBOX_DROPPED] = {"", "", "", "", "", "", "", "", "", "", ""},
};

static void test_transitions(void) {
    for (guint state = 0; state < OUTBOX_STATES; state++)
        for (guint event = 0; event < OUTBOX_EVENTS; event++) {
            OutboxState next = OUTBOX_STATES;
            bool allowed = store_outbox_next(state, event, &next);
            g_test_message("%s, %s", outbox_state_name(state), store_outbox_event_name(event));
            g_assert_cmpstr(allowed ? outbox_state_name(next) : "", ==, expected[state][event]);
        }
    OutboxState untouched = OUTBOX_HELD;
    g_assert_false(store_outbox_next(OUTBOX_STATES, OUTBOX_EVENT_START, &untouched));
    g_assert_false(store_outbox_next(OUTBOX_QUEUED, OUTBOX_EVENTS, &untouched));
    g_assert_cmpint(untouched, ==, OUTBOX_HELD);
}

enum { T = FIXTURE_NOW_S, HOUR_S = 3600 };

/* Puts a letter that may go from not_before_s on and expires a day later. */
static gint64 put(Store *store, const char *key, int priority, gint64 not_before_s, bool held) {
    g_autoptr(GError) error = NULL;
    gint64 id = 0;
    bool is_new = false;
    const Letter letter = {.key = (char *)key,
                           .kind = LETTER_REMINDER,
                           .to_address = (char *)"a@example.edu.cn",
                           .language = (char *)"zh",
                           .not_before_s = not_before_s,
                           .expires_s = not_before_s + 24 * HOUR_S,
                           .priority = priority,
                           .held = held,
                           .reason = (char *)"owes the report"};
    REQUIRE(store_outbox_put(store, &letter, T, &id, &is_new, &error));
    g_assert_true(is_new);
    return id;
}

static void start(Store *store, gint64 id, const char *text, gint64 now_s) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    REQUIRE(store_outbox_start(store, id, "l1@gateway.example.edu.cn", bytes, now_s, &error));
}

static void assert_state(Store *store, gint64 id, OutboxState state, gint64 due_s, bool has_bytes) {
    g_autoptr(GError) error = NULL;
    g_autoptr(OutboxEntry) entry = store_outbox_get(store, id, &error);
    REQUIRE(entry != NULL);
    g_assert_cmpstr(outbox_state_name(entry->state), ==, outbox_state_name(state));
    g_assert_cmpint(entry->due_s, ==, due_s);
    g_assert_cmpint(entry->bytes != NULL, ==, has_bytes);
}

/* Keys of the letters that are due, joined by spaces. The caller frees it. */
static char *due_keys(Store *store, gint64 now_s, int max_priority, guint limit) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = NULL;
    REQUIRE(store_outbox_due(store, now_s, max_priority, limit, &entries, &error));
    g_autoptr(GString) keys = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++)
        g_string_append_printf(keys, "%s%s", i > 0 ? " " : "",
                               ((const OutboxEntry *)entries->pdata[i])->letter->key);
    return g_string_free(g_steal_pointer(&keys), FALSE);
}

static void test_one_letter_per_key(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 org = store_fixture_org(store, "甲"), message = store_fixture_message(store, 1);
    const Letter letter = {.key = (char *)"ack/1",
                           .kind = LETTER_ACK,
                           .to_address = (char *)"a@example.edu.cn",
                           .to_name = (char *)"张老师",
                           .language = (char *)"zh",
                           .org_id = org,
                           .obligation = (char *)"biweekly",
                           .period = (char *)"2016-06-27",
                           .message_id = message,
                           .not_before_s = T + 5,
                           .expires_s = T + 500,
                           .priority = 2,
                           .facts = json_pack("{s:i}", "n", 7),
                           .reason = (char *)"recorded"};
    gint64 id = 0, again = 0;
    bool is_new = false;
    REQUIRE(store_outbox_put(store, &letter, T, &id, &is_new, &error));
    g_assert_true(is_new);
    REQUIRE(store_outbox_apply(store, id, OUTBOX_EVENT_CANCEL, "test", T, &error));
    REQUIRE(store_outbox_put(store, &letter, T + 1, &again, &is_new, &error)); /* also after its end */
    g_assert_false(is_new);
    g_assert_cmpint(again, ==, id);
    REQUIRE(store_commit(store, &error));

    g_autoptr(OutboxEntry) entry = store_outbox_by_key(store, "ack/1", &error);
    REQUIRE(entry != NULL);
    g_assert_cmpint(entry->letter->kind, ==, LETTER_ACK);
    g_assert_cmpstr(entry->letter->to_name, ==, "张老师");
    g_assert_cmpstr(entry->letter->period, ==, "2016-06-27");
    g_assert_cmpint(entry->letter->org_id, ==, org);
    g_assert_cmpint(entry->letter->message_id, ==, message);
    g_assert_cmpint(entry->letter->expires_s, ==, T + 500);
    g_assert_true(json_equal(entry->letter->facts, letter.facts));
    json_decref(letter.facts);
    REQUIRE_ERROR(store_outbox_by_key(store, "ack/2", &error) != NULL, FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE_ERROR(store_outbox_get(store, 99, &error) != NULL, FORTNIGHT_ERROR_NOT_FOUND);
}

static void test_due_order(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    put(store, "summary", 4, T - 100, false);
    put(store, "reminder-late", 3, T - 10, false);
    put(store, "reminder-early", 3, T - 20, false);
    put(store, "urgent", 0, T, false);
    put(store, "not-yet", 0, T + 1, false);
    put(store, "held", 0, T - 50, true);
    put(store, "too-late", 0, T - 24 * HOUR_S, false);
    REQUIRE(store_commit(store, &error));
    g_autofree char *all = due_keys(store, T, 9, 10), *quiet = due_keys(store, T, 0, 10),
                    *first = due_keys(store, T, 9, 2);
    g_assert_cmpstr(all, ==, "urgent reminder-early reminder-late summary");
    g_assert_cmpstr(quiet, ==, "urgent");
    g_assert_cmpstr(first, ==, "urgent reminder-early");
    REQUIRE(store_begin(store, &error));
    guint expired = 0;
    REQUIRE(store_outbox_expire(store, T, &expired, &error));
    g_assert_cmpuint(expired, ==, 1);
    REQUIRE(store_commit(store, &error));
    gint64 due_s = 0;
    REQUIRE(store_outbox_next_due(store, &due_s, &error));
    g_assert_cmpint(due_s, ==, T - 100);
    guint counts[OUTBOX_STATES];
    REQUIRE(store_outbox_counts(store, counts, &error));
    g_assert_cmpuint(counts[OUTBOX_QUEUED], ==, 5);
    g_assert_cmpuint(counts[OUTBOX_HELD], ==, 1);
    g_assert_cmpuint(counts[OUTBOX_EXPIRED], ==, 1);
    g_autoptr(GPtrArray) held = NULL, newest = NULL;
    REQUIRE(store_outbox_list(store, OUTBOX_HELD, 10, &held, &error));
    REQUIRE(store_outbox_list(store, OUTBOX_STATES, 3, &newest, &error));
    g_assert_cmpuint(held->len, ==, 1);
    g_assert_cmpuint(newest->len, ==, 3);
    g_assert_cmpstr(((const OutboxEntry *)newest->pdata[0])->letter->key, ==, "too-late");
}

static void test_retry_sends_the_same_bytes(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 id = put(store, "k", 3, T, false);
    start(store, id, "bytes", T);
    assert_state(store, id, OUTBOX_SENDING, 0, true);
    REQUIRE(store_outbox_deferred(store, id, 451, "451 4.7.1 greylisted", T + HOUR_S, T, &error));
    assert_state(store, id, OUTBOX_RETRY, T + HOUR_S, true);
    g_autofree char *early = due_keys(store, T + HOUR_S - 1, 9, 9), *due = due_keys(store, T + HOUR_S, 9, 9);
    g_assert_cmpstr(early, ==, "");
    g_assert_cmpstr(due, ==, "k");
    g_autoptr(GBytes) other = g_bytes_new_static("other", 5);
    REQUIRE_ERROR(store_outbox_start(store, id, "m", other, T + HOUR_S, &error), FORTNIGHT_ERROR_PERMANENT);
    start(store, id, "bytes", T + HOUR_S);
    REQUIRE(store_outbox_sent(store, id, 250, "250 2.0.0 ok", T + HOUR_S + 1, &error));
    assert_state(store, id, OUTBOX_SENT, 0, false);
    REQUIRE_ERROR(store_outbox_sent(store, id, 250, "again", T, &error), FORTNIGHT_ERROR_PERMANENT);
    REQUIRE(store_commit(store, &error));
    g_autoptr(OutboxEntry) entry = store_outbox_by_message_id(store, "l1@gateway.example.edu.cn", &error);
    g_assert_cmpint(entry->id, ==, id);
    g_assert_cmpuint(entry->attempts, ==, 2);
    g_assert_cmpint(entry->reply_code, ==, 250);
    g_assert_cmpstr(entry->reply, ==, "250 2.0.0 ok");
    g_assert_false(entry->is_copy);
}

/* SPEC 8.5: where the outcome is unknown, one more try with the same Message-ID, marked, then a person. */
static void test_unsure(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 id = put(fixture->store, "k", 3, T, false);
    start(fixture->store, id, "bytes", T);
    REQUIRE(store_commit(fixture->store, &error));
    store_fixture_reopen(fixture, T + 10); /* the process died while it was being sent */
    assert_state(fixture->store, id, OUTBOX_UNSURE, T + 10 + STORE_UNSURE_WAIT_S, true);
    g_autoptr(GPtrArray) due = NULL;
    REQUIRE(store_outbox_due(fixture->store, T + 10 + STORE_UNSURE_WAIT_S, 9, 9, &due, &error));
    g_assert_cmpuint(due->len, ==, 1);
    const OutboxEntry *entry = due->pdata[0];
    g_assert_true(entry->is_copy);
    g_assert_cmpstr(entry->message_id, ==, "l1@gateway.example.edu.cn");
    g_assert_cmpmem(g_bytes_get_data(entry->bytes, NULL), g_bytes_get_size(entry->bytes), "bytes", 5);

    REQUIRE(store_begin(fixture->store, &error));
    start(fixture->store, id, "bytes", T + 2 * HOUR_S);
    REQUIRE(store_outbox_lost(fixture->store, id, "connection cut after the data", T + 2 * HOUR_S, &error));
    assert_state(fixture->store, id, OUTBOX_UNSURE, 0, true); /* only a person moves it now */
    REQUIRE(store_outbox_apply(fixture->store, id, OUTBOX_EVENT_REQUEUE, "operator", T + 3 * HOUR_S, &error));
    assert_state(fixture->store, id, OUTBOX_QUEUED, T + 3 * HOUR_S, true);
    REQUIRE(store_commit(fixture->store, &error));
}

static void test_people_decide(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    gint64 held = put(store, "held", 4, T + 5, true), refused = put(store, "refused", 3, T, false),
           dropped = put(store, "dropped", 3, T, false);
    assert_state(store, held, OUTBOX_HELD, 0, false);
    REQUIRE(store_outbox_apply(store, held, OUTBOX_EVENT_RELEASE, "approved", T, &error));
    assert_state(store, held, OUTBOX_QUEUED, T + 5, false);
    start(store, refused, "bytes", T);
    REQUIRE(store_outbox_refused(store, refused, 550, "550 5.1.1 no such user", T, &error));
    assert_state(store, refused, OUTBOX_REFUSED, 0, false);
    REQUIRE(store_outbox_apply(store, refused, OUTBOX_EVENT_REQUEUE, "address repaired", T + 60, &error));
    start(store, refused, "other bytes", T + 60); /* its outcome was known: it may be written anew */
    REQUIRE(store_outbox_apply(store, dropped, OUTBOX_EVENT_DROP, "operator", T, &error));
    assert_state(store, dropped, OUTBOX_DROPPED, 0, false);
    REQUIRE_ERROR(store_outbox_apply(store, dropped, OUTBOX_EVENT_REQUEUE, NULL, T, &error),
                  FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_outbox_apply(store, held, OUTBOX_EVENT_SENT, NULL, T, &error),
                  FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_outbox_apply(store, 99, OUTBOX_EVENT_DROP, NULL, T, &error),
                  FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_commit(store, &error));
}

/* A day's quota counts what the server has or may have taken. */
static void test_quota(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    REQUIRE(store_begin(store, &error));
    static const char *const keys[] = {"sent", "sending", "lost", "deferred", "refused", "before"};
    gint64 ids[G_N_ELEMENTS(keys)];
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        ids[i] = put(store, keys[i], 3, T - 10, false);
        start(store, ids[i], "bytes", i < 5 ? T : T - 1);
    }
    REQUIRE(store_outbox_sent(store, ids[0], 250, "250 ok", T + 1, &error));
    REQUIRE(store_outbox_lost(store, ids[2], "cut", T + 1, &error));
    REQUIRE(store_outbox_postpone(store, ids[2], T + 9 * HOUR_S, &error));
    assert_state(store, ids[2], OUTBOX_UNSURE, T + 9 * HOUR_S, true); /* or it is due for ever */
    REQUIRE(store_outbox_deferred(store, ids[3], 421, "421 busy", T + 99, T + 1, &error));
    REQUIRE(store_outbox_refused(store, ids[4], 550, "550 no", T + 1, &error));
    REQUIRE(store_outbox_sent(store, ids[5], 250, "250 ok", T + 1, &error));
    guint all = 0, one = 0, none = 0;
    REQUIRE(store_outbox_count(store, NULL, T, T + 24 * HOUR_S, &all, &error));
    REQUIRE(store_outbox_count(store, "A@example.edu.cn", T, T + 24 * HOUR_S, &one, &error));
    REQUIRE(store_outbox_count(store, "b@example.edu.cn", T, T + 24 * HOUR_S, &none, &error));
    g_assert_cmpuint(all, ==, 3);
    g_assert_cmpuint(one, ==, 3);
    g_assert_cmpuint(none, ==, 0);
    REQUIRE(store_commit(store, &error));
}

static bool bounce(Store *store, guint message, const char *address, const char *klass, gint64 now_s) {
    g_autoptr(GError) error = NULL;
    bool is_news = true;
    REQUIRE(store_bounce_add(store, store_fixture_message(store, message), address, klass, now_s, &is_news,
                             &error));
    return is_news;
}

static void test_bounces(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    Store *store = fixture->store;
    const char *address = "a@example.edu.cn";
    bool is_over = true, is_news = false;
    REQUIRE(store_begin(store, &error));
    gint64 org = store_fixture_org(store, "护理学院学生会");
    const Contact liaison = {.role = (char *)"liaison", .address = (char *)"A@example.edu.cn"};
    REQUIRE(store_contact_set(store, org, &liaison, T - 10, 0, NULL, &error));
    g_assert_false(bounce(store, 1, address, "hard", T)); /* nothing was sent there */
    gint64 id = put(store, "remind/1", T, 2, false);
    start(store, id, "x", T);
    REQUIRE(store_outbox_sent(store, id, 250, "250 ok", T, &error));
    g_assert_false(bounce(store, 2, "b@example.edu.cn", "hard", T + 1));
    g_assert_false(bounce(store, 3, address, "other", T + 1));
    g_assert_false(bounce(store, 4, address, "soft", T + 1));
    g_assert_false(bounce(store, 4, address, "soft", T + 1)); /* one message counts once */
    g_assert_false(bounce(store, 5, address, "soft", T + 2));
    g_assert_true(bounce(store, 6, address, "soft", T + 3));
    g_assert_false(bounce(store, 7, address, "hard", T + 4)); /* known already */
    g_autoptr(GPtrArray) dead = NULL;
    REQUIRE(store_orgs(store, &dead, &error));
    g_assert_true(roster_needs_call(dead->pdata[0]));
    g_assert_nonnull(roster_contact(dead->pdata[0])); /* no door opens for somebody else */
    const Contact leader = {.role = (char *)"leader", .address = (char *)"l@example.edu.cn"};
    REQUIRE(store_contact_set(store, org, &leader, T + 4, 0, NULL, &error));
    g_autoptr(GPtrArray) other = NULL;
    REQUIRE(store_orgs(store, &other, &error));
    g_assert_false(roster_needs_call(other->pdata[0]));
    g_assert_cmpstr(roster_contact(other->pdata[0])->role, ==, "leader");
    REQUIRE(store_bounce_over(store, "A@EXAMPLE.edu.cn", T + 5, &is_over, &error));
    g_assert_true(is_over);
    g_autoptr(GPtrArray) live = NULL;
    REQUIRE(store_orgs(store, &live, &error));
    g_assert_cmpstr(roster_contact(live->pdata[0])->role, ==, "liaison");
    g_assert_true(bounce(store, 8, address, "hard", T + 6));
    REQUIRE(store_bounce_was_news(store, store_fixture_message(store, 8), &is_news, &error));
    g_assert_true(is_news);
    REQUIRE(store_bounce_over(store, "nobody@example.edu.cn", T + 7, &is_over, &error));
    g_assert_false(is_over);
    REQUIRE(store_commit(store, &error));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outbox/transitions", test_transitions);
    STORE_TEST("/outbox/one-letter-per-key", test_one_letter_per_key);
    STORE_TEST("/outbox/due-order", test_due_order);
    STORE_TEST("/outbox/retry-sends-the-same-bytes", test_retry_sends_the_same_bytes);
    STORE_TEST("/outbox/unsure", test_unsure);
    STORE_TEST("/outbox/people-decide", test_people_decide);
    STORE_TEST("/outbox/quota", test_quota);
    STORE_TEST("/outbox/bounces", test_bounces);
    return g_test_run();
}
