/* For tests of the store: a database in a directory of its own, with a roster and messages at hand. */
#pragma once

#include "gateway/core/model.h"
#include "gateway/store/store.h"

#define FIXTURE_PROGRAMME "test"
#define FIXTURE_NOW_S     1467000000 /* 2016-06-27 */

typedef struct {
    char *directory, *path;
    Store *store; /* open for writing, no transaction */
} StoreFixture;

/* For g_test_add(): makes the directory, opens the store; and the reverse. */
void store_fixture_set_up(StoreFixture *fixture, gconstpointer data);
void store_fixture_tear_down(StoreFixture *fixture, gconstpointer data);
#define STORE_TEST(path, function)                                                                           \
    g_test_add(path, StoreFixture, NULL, store_fixture_set_up, function, store_fixture_tear_down)

/* Closes and opens the store again, as a restart does. */
void store_fixture_reopen(StoreFixture *fixture, gint64 now_s);

/* Fails the test with the error's message unless ok. */
#define REQUIRE(ok)                                                                                          \
    do {                                                                                                     \
        bool require_ok = (ok);                                                                              \
        g_assert_no_error(error);                                                                            \
        g_assert_true(require_ok);                                                                           \
    } while (0)

/* Fails the test unless error is FORTNIGHT_ERROR with this code; clears it. */
#define REQUIRE_ERROR(ok, wanted)                                                                            \
    do {                                                                                                     \
        bool require_ok = (ok);                                                                              \
        g_assert_false(require_ok);                                                                          \
        g_assert_error(error, FORTNIGHT_ERROR, wanted);                                                      \
        g_clear_error(&error);                                                                               \
    } while (0)

/* Inside a transaction: an organization with this name (also its normal form); a message with made-up bytes
 * number n, seen in INBOX. */
gint64 store_fixture_org(Store *store, const char *name);
gint64 store_fixture_message(Store *store, guint n);

/* 64 hex digits made from n. The caller frees it. */
char *store_fixture_sha256(guint n);
