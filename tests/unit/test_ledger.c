#include "gateway/store/ledger.h"

#include "gateway/core/error.h"
#include "gateway/store/review.h"
#include "tests/unit/store_fixture.h"

/* DESIGN 2: fetched → archived → read (→ converting) → recorded | review | ignored; oversize. "" = not
 * allowed. */
static const char *const expected[MESSAGE_STATES][MESSAGE_EVENTS] = {
    /*                       archive    read    convert       record      review    ignore     replay */
    [MESSAGE_FETCHED] = {"archived", "", "", "", "", "", ""},
    [MESSAGE_ARCHIVED] = {"", "read", "", "", "review", "", "archived"},
    [MESSAGE_READ] = {"", "", "converting", "recorded", "review", "ignored", "archived"},
    [MESSAGE_CONVERTING] = {"", "read", "", "", "review", "", "archived"},
    [MESSAGE_RECORDED] = {"", "", "", "", "review", "", "archived"},
    [MESSAGE_REVIEW] = {"", "", "", "recorded", "", "ignored", "archived"},
    [MESSAGE_IGNORED] = {"", "", "", "", "review", "", "archived"},
    [MESSAGE_OVERSIZE] = {"archived", "", "", "", "", "", ""},
};

static void test_transitions(void) {
    for (guint state = 0; state < MESSAGE_STATES; state++)
        for (guint event = 0; event < MESSAGE_EVENTS; event++) {
            MessageState next = MESSAGE_STATES;
            bool allowed = store_message_next(state, event, &next);
            g_test_message("%s, %s", message_state_name(state), store_message_event_name(event));
            g_assert_cmpstr(allowed ? message_state_name(next) : "", ==, expected[state][event]);
        }
    MessageState untouched = MESSAGE_READ;
    g_assert_false(store_message_next(MESSAGE_STATES, MESSAGE_EVENT_READ, &untouched));
    g_assert_false(store_message_next(MESSAGE_READ, MESSAGE_EVENTS, &untouched));
    g_assert_cmpint(untouched, ==, MESSAGE_READ);
}

static void test_illegal_transition_writes_nothing(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 id = store_fixture_message(fixture->store, 1);
    REQUIRE_ERROR(store_message_apply(fixture->store, id, MESSAGE_EVENT_RECORD, 5, &error),
                  FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_message_apply(fixture->store, 99, MESSAGE_EVENT_READ, 5, &error),
                  FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_message_apply(fixture->store, id, MESSAGE_EVENT_READ, 5, &error));
    REQUIRE(store_commit(fixture->store, &error)); /* the refused ones left the transaction usable */
    g_autoptr(StoreMessage) message = store_message_get(fixture->store, id, &error);
    REQUIRE(message != NULL);
    g_assert_cmpint(message->state, ==, MESSAGE_READ);
}

static void add(Store *store, const char *folder, gint64 uidvalidity, gint64 uid, guint bytes, gint64 *ret_id,
                bool *ret_new) {
    g_autoptr(GError) error = NULL;
    g_autofree char *sha256 = bytes != 0 ? store_fixture_sha256(bytes) : NULL;
    const StoreFetched fetched = {.account = "gateway@example.edu.cn",
                                  .folder = folder,
                                  .uidvalidity = uidvalidity,
                                  .uid = uid,
                                  .sha256 = sha256,
                                  .location = sha256,
                                  .size_bytes = 38000,
                                  .received_s = FIXTURE_NOW_S,
                                  .seen_s = FIXTURE_NOW_S + 1,
                                  .message_id = "same@example.edu.cn"};
    REQUIRE(store_add_fetched(store, &fetched, ret_id, ret_new, &error));
}

static void test_identity(StoreFixture *fixture, gconstpointer data) {
    /* bytes 0: too large to fetch */
    static const struct {
        const char *why, *folder;
        gint64 uidvalidity, uid;
        guint bytes;
        gint64 id;
        bool is_new;
    } steps[] = {
        {"the first message", "INBOX", 1, 1, 11, 1, true},
        {"the same place and bytes again: nothing", "INBOX", 1, 1, 11, 1, false},
        {"the same bytes under another UID", "INBOX", 1, 2, 11, 1, false},
        {"under another UIDVALIDITY", "INBOX", 2, 1, 11, 1, false},
        {"in another folder", "Archive", 1, 1, 11, 1, false},
        {"the same Message-ID with other bytes is another message", "INBOX", 1, 3, 12, 2, true},
        {"the largest UID there is", "INBOX", 4294967295, 4294967295, 13, 3, true},
        {"too large to fetch", "INBOX", 1, 5, 0, 4, true},
        {"seen again", "INBOX", 1, 5, 0, 4, false},
        {"another one", "INBOX", 1, 6, 0, 5, true},
        {"the limit was raised: the row stays", "INBOX", 1, 5, 14, 4, false},
    };
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        gint64 id = 0;
        bool is_new = false;
        g_test_message("%s", steps[i].why);
        add(fixture->store, steps[i].folder, steps[i].uidvalidity, steps[i].uid, steps[i].bytes, &id,
            &is_new);
        g_assert_cmpint(id, ==, steps[i].id);
        g_assert_cmpint(is_new, ==, steps[i].is_new);
    }
    REQUIRE(store_commit(fixture->store, &error));
    guint oversize;
    REQUIRE(store_count_messages(fixture->store, MESSAGE_OVERSIZE, &oversize, &error));
    g_assert_cmpuint(oversize, ==, 1);
    g_autoptr(StoreMessage) raised = store_message_get(fixture->store, 4, &error);
    g_assert_cmpint(raised->state, ==, MESSAGE_ARCHIVED);
    g_autoptr(StoreMessage) oldest =
        store_message_by_message_id(fixture->store, "same@example.edu.cn", &error);
    g_assert_cmpint(oldest->id, ==, 1);
    g_assert_null(store_message_by_message_id(fixture->store, "other@example.edu.cn", &error));
    g_assert_no_error(error);
    REQUIRE_ERROR(store_message_get(fixture->store, 77, &error) != NULL, FORTNIGHT_ERROR_NOT_FOUND);
}

static void test_new_uids(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    for (guint n = 2; n <= 10; n += 2)
        store_fixture_message(fixture->store, n);
    REQUIRE(store_commit(fixture->store, &error));
    static const gint64 listed[] = {11, 3, 2, 3, 10, 4294967295, 1};
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_vals(list, listed, G_N_ELEMENTS(listed));
    g_autoptr(GArray) unknown = NULL, all = NULL, other = NULL;
    REQUIRE(store_new_uids(fixture->store, "gateway@example.edu.cn", "INBOX", 1, list, &unknown, &error));
    static const gint64 wanted[] = {1, 3, 11, 4294967295};
    g_assert_cmpmem(unknown->data, unknown->len * sizeof(gint64), wanted, sizeof wanted);
    REQUIRE(store_known_uids(fixture->store, "gateway@example.edu.cn", "INBOX", 1, &all, &error));
    g_assert_cmpuint(all->len, ==, 5);
    REQUIRE(store_known_uids(fixture->store, "gateway@example.edu.cn", "INBOX", 2, &other, &error));
    g_assert_cmpuint(other->len, ==, 0);
}

static void test_polls(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    gint64 polled_s = -1;
    REQUIRE(store_folder_last_poll(fixture->store, "a", "INBOX", &polled_s, &error));
    g_assert_cmpint(polled_s, ==, 0);
    REQUIRE(store_begin(fixture->store, &error));
    REQUIRE(store_folder_polled(fixture->store, "a", "INBOX", 7, 100, &error));
    REQUIRE(store_folder_polled(fixture->store, "a", "INBOX", 8, 200, &error));
    REQUIRE(store_commit(fixture->store, &error));
    REQUIRE(store_folder_last_poll(fixture->store, "a", "INBOX", &polled_s, &error));
    g_assert_cmpint(polled_s, ==, 200);
}

static void test_attempts(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    guint attempts = 0;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 id = store_fixture_message(fixture->store, 1);
    for (guint i = 1; i <= STORE_READ_ATTEMPTS_MAX; i++) {
        REQUIRE(store_message_attempted(fixture->store, id, &attempts, &error));
        g_assert_cmpuint(attempts, ==, i);
    }
    REQUIRE_ERROR(store_message_attempted(fixture->store, 5, &attempts, &error), FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_commit(fixture->store, &error));
}

static void test_restart_takes_up(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    for (guint n = 1; n <= 5; n++)
        store_fixture_message(fixture->store, n);
    REQUIRE(store_message_apply(fixture->store, 3, MESSAGE_EVENT_READ, 1, &error));
    REQUIRE(store_commit(fixture->store, &error));
    store_fixture_reopen(fixture, FIXTURE_NOW_S);
    g_autoptr(GPtrArray) page = NULL, rest = NULL;
    REQUIRE(store_messages_in_state(fixture->store, MESSAGE_ARCHIVED, 0, 2, &page, &error));
    g_assert_cmpuint(page->len, ==, 2);
    const StoreMessage *last = page->pdata[1];
    REQUIRE(store_messages_in_state(fixture->store, MESSAGE_ARCHIVED, last->id, 100, &rest, &error));
    g_assert_cmpuint(rest->len, ==, 2);
    g_assert_cmpint(((const StoreMessage *)rest->pdata[0])->id, ==, 4);
}

static void test_reading(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    json_t *first = json_pack("[{s:s,s:s,s:s,s:s}]", "kind", "submission", "from", "a@example.edu.cn",
                              "subject", "双周报", "message_id", "x1@example.edu.cn");
    json_t *second = json_pack("[{s:s,s:s},{s:s}]", "kind", "question", "from", "", "kind", "unknown");
    REQUIRE(store_begin(fixture->store, &error));
    gint64 id = store_fixture_message(fixture->store, 1);
    json_t *none = store_reading_load(fixture->store, id, NULL, &error);
    g_assert_cmpuint(json_array_size(none), ==, 0);
    REQUIRE(store_reading_save(fixture->store, id, first, NULL, "parsers 1", NULL, 1, &error));
    REQUIRE(store_reading_save(fixture->store, id, second, NULL, "parsers 2", "LibreOffice 7.4", 2, &error));
    REQUIRE(store_commit(fixture->store, &error));
    g_autofree char *reader = NULL;
    json_t *loaded = store_reading_load(fixture->store, id, &reader, &error);
    g_assert_true(json_equal(loaded, second));
    g_assert_cmpstr(reader, ==, "parsers 2");
    g_autoptr(StoreMessage) message = store_message_get(fixture->store, id, &error);
    g_assert_cmpstr(message->kind, ==, "question");
    g_assert_cmpstr(message->from_address, ==,
                    "a@example.edu.cn"); /* an empty one does not erase what is known */
    g_assert_cmpstr(message->subject, ==, "双周报");
    json_decref(none);
    json_decref(first);
    json_decref(second);
    json_decref(loaded);
}

static void test_reviews(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    gint64 first = 0, again = 0, other = 0;
    bool is_new = false;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 id = store_fixture_message(fixture->store, 1);
    REQUIRE(store_review_open(fixture->store, id, "encrypted", "有密码", 10, &first, &is_new, &error));
    g_assert_true(is_new);
    REQUIRE(store_review_open(fixture->store, id, "encrypted", "有密码", 20, &again, &is_new, &error));
    g_assert_false(is_new);
    g_assert_cmpint(again, ==, first);
    REQUIRE(store_review_open(fixture->store, id, "unknown_sender", "不认识", 30, &other, &is_new, &error));
    g_assert_true(is_new);
    REQUIRE(store_review_close(fixture->store, first, "accepted by liaison", 40, &error));
    REQUIRE_ERROR(store_review_close(fixture->store, first, "again", 41, &error), FORTNIGHT_ERROR_NOT_FOUND);
    g_autoptr(GPtrArray) open = NULL, all = NULL, late = NULL;
    REQUIRE(store_review_list(fixture->store, true, 0, 10, &open, &error));
    REQUIRE(store_review_list(fixture->store, false, 0, 10, &all, &error));
    REQUIRE(store_review_list(fixture->store, false, 30, 10, &late, &error));
    g_assert_cmpuint(open->len, ==, 1);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpuint(late->len, ==, 1);
    g_assert_cmpstr(((const StoreReview *)all->pdata[0])->outcome, ==, "accepted by liaison");
    REQUIRE(store_review_close_message(fixture->store, id, "rejected", 50, &error));
    REQUIRE(store_commit(fixture->store, &error));
    g_autoptr(GPtrArray) none = NULL;
    REQUIRE(store_review_list(fixture->store, true, 0, 10, &none, &error));
    g_assert_cmpuint(none->len, ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ledger/transitions", test_transitions);
    STORE_TEST("/ledger/illegal-transition-writes-nothing", test_illegal_transition_writes_nothing);
    STORE_TEST("/ledger/identity", test_identity);
    STORE_TEST("/ledger/new-uids", test_new_uids);
    STORE_TEST("/ledger/polls", test_polls);
    STORE_TEST("/ledger/attempts", test_attempts);
    STORE_TEST("/ledger/restart-takes-up", test_restart_takes_up);
    STORE_TEST("/ledger/reading", test_reading);
    STORE_TEST("/ledger/reviews", test_reviews);
    return g_test_run();
}
