#include "tests/unit/store_fixture.h"

#include <glib/gstdio.h>

#include "gateway/core/error.h"
#include "gateway/store/ledger.h"
#include "gateway/store/roster.h"

static void remove_tree(const char *directory) {
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
}

void store_fixture_reopen(StoreFixture *fixture, gint64 now_s) {
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&fixture->store, store_close);
    fixture->store = store_open(fixture->path, STORE_WRITE, FIXTURE_PROGRAMME, "pid 1: test", now_s, &error);
    g_assert_no_error(error);
}

void store_fixture_set_up(StoreFixture *fixture, gconstpointer data) {
    fixture->directory = g_dir_make_tmp("fortnight-test-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->directory, "store.db", NULL);
    store_fixture_reopen(fixture, FIXTURE_NOW_S);
}

void store_fixture_tear_down(StoreFixture *fixture, gconstpointer data) {
    store_close(fixture->store);
    remove_tree(fixture->directory);
    g_free(fixture->path);
    g_free(fixture->directory);
}

gint64 store_fixture_org(Store *store, const char *name) {
    g_autoptr(GError) error = NULL;
    gint64 id = 0;
    const StoreOrganization organization = {.name = name, .normal = name};
    REQUIRE(store_org_upsert(store, &organization, FIXTURE_NOW_S, &id, NULL, &error));
    return id;
}

char *store_fixture_sha256(guint n) {
    return g_strdup_printf("%064x", n);
}

gint64 store_fixture_message(Store *store, guint n) {
    g_autoptr(GError) error = NULL;
    g_autofree char *sha256 = store_fixture_sha256(n), *location = g_strdup_printf("0/%s.eml", sha256);
    gint64 id = 0;
    bool is_new;
    const StoreFetched fetched = {.account = "gateway@example.edu.cn",
                                  .folder = "INBOX",
                                  .uidvalidity = 1,
                                  .uid = n,
                                  .sha256 = sha256,
                                  .location = location,
                                  .size_bytes = 1000 + n,
                                  .received_s = FIXTURE_NOW_S + n,
                                  .seen_s = FIXTURE_NOW_S + n};
    REQUIRE(store_add_fetched(store, &fetched, &id, &is_new, &error));
    return id;
}
