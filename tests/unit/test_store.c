#include "gateway/store/schema.h"
#include "gateway/store/store.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"
#include "gateway/store/outbox.h"
#include "gateway/store/submissions.h"
#include "tests/unit/store_fixture.h"

enum { T = FIXTURE_NOW_S };

/* Changes a closed database behind the store's back. */
static void tamper(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    char *message = NULL;
    sqlite3_exec(db, sql, NULL, NULL, &message);
    g_assert_cmpstr(message, ==, NULL);
    sqlite3_close(db);
}

static Store *open_store(StoreFixture *fixture, StoreMode mode, const char *programme, GError **error) {
    return store_open(fixture->path, mode, programme, "pid 2: second", T, error);
}

static void test_one_writer(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    g_assert_null(open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_BUSY);
    g_assert_nonnull(strstr(error->message, "pid 1: test")); /* names the holder */
    g_clear_error(&error);

    /* a reader is not kept waiting, also while a transaction is open, and sees what is committed */
    REQUIRE(store_begin(fixture->store, &error));
    REQUIRE(store_meta_set(fixture->store, "k", "new", &error));
    g_autoptr(Store) reader = open_store(fixture, STORE_READ, FIXTURE_PROGRAMME, &error);
    REQUIRE(reader != NULL);
    g_assert_null(store_meta_get(reader, "k", &error));
    REQUIRE(store_commit(fixture->store, &error));
    g_autofree char *value = store_meta_get(reader, "k", &error);
    g_assert_cmpstr(value, ==, "new");
    REQUIRE_ERROR(store_begin(reader, &error), FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_meta_set(reader, "k", "x", &error), FORTNIGHT_ERROR_PERMANENT);

    g_clear_pointer(&fixture->store, store_close);
    fixture->store = open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, &error);
    REQUIRE(fixture->store != NULL);
}

/* Death releases the lock: nothing has to be cleaned up by hand. */
static void test_lock_of_the_dead(StoreFixture *fixture, gconstpointer data) {
    g_clear_pointer(&fixture->store, store_close);
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        Store *store = open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, NULL);
        if (write(ready[1], store != NULL ? "y" : "n", 1) == 1)
            pause();
        _exit(1);
    }
    char answer = 0;
    g_assert_cmpint(read(ready[0], &answer, 1), ==, 1);
    g_assert_cmpint(answer, ==, 'y');
    g_autoptr(GError) error = NULL;
    g_assert_null(open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_BUSY);
    g_clear_error(&error);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    store_fixture_reopen(fixture, T);
}

static void test_refused_files(StoreFixture *fixture, gconstpointer data) {
    g_autofree char *ours_again =
        g_strdup_printf("PRAGMA application_id = 1718776942; PRAGMA user_version = %d;"
                        " UPDATE meta SET value = 'x' WHERE key = 'programme'",
                        schema_newest());
    const struct {
        const char *why, *sql; /* done to the closed database */
        int code;
    } cases[] = {
        {"a newer schema", "PRAGMA user_version = 999", FORTNIGHT_ERROR_CONFIGURATION},
        {"another program's file", "PRAGMA user_version = 1; PRAGMA application_id = 7",
         FORTNIGHT_ERROR_CONFIGURATION},
        {"another programme's file", ours_again, FORTNIGHT_ERROR_CONFIGURATION},
    };
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_clear_pointer(&fixture->store, store_close);
        tamper(fixture->path, cases[i].sql);
        for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
            g_test_message("%s", cases[i].why);
            g_assert_null(open_store(fixture, (StoreMode)mode, FIXTURE_PROGRAMME, &error));
            g_assert_error(error, FORTNIGHT_ERROR, cases[i].code);
            g_clear_error(&error);
        }
    }
    static const char *const missing[] = {"/nonexistent/store.db", "/proc/store.db"};
    for (guint i = 0; i < G_N_ELEMENTS(missing); i++)
        REQUIRE_ERROR(store_open(missing[i], STORE_WRITE, "p", "h", T, &error) != NULL,
                      FORTNIGHT_ERROR_CONFIGURATION);
    REQUIRE_ERROR(store_open(missing[0], STORE_READ, "p", "h", T, &error) != NULL,
                  FORTNIGHT_ERROR_CONFIGURATION);
}

static void test_meta(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    gint64 value = 0;
    REQUIRE(store_meta_get_integer(fixture->store, STORE_META_FIRST_START, -1, &value, &error));
    g_assert_cmpint(value, ==, T);
    REQUIRE(store_meta_get_integer(fixture->store, STORE_META_RELEASED, -1, &value, &error));
    g_assert_cmpint(value, ==, -1);
    REQUIRE_ERROR(store_meta_set(fixture->store, "k", "v", &error),
                  FORTNIGHT_ERROR_PERMANENT); /* no transaction */
    REQUIRE(store_begin(fixture->store, &error));
    REQUIRE(store_meta_set_integer(fixture->store, STORE_META_RELEASED, 1LL << 40, &error));
    store_rollback(fixture->store);
    REQUIRE(store_meta_get_integer(fixture->store, STORE_META_RELEASED, -1, &value, &error));
    g_assert_cmpint(value, ==, -1);
    REQUIRE(store_begin(fixture->store, &error));
    REQUIRE(store_meta_set_integer(fixture->store, STORE_META_RELEASED, 1LL << 40, &error));
    REQUIRE(store_commit(fixture->store, &error));
    store_fixture_reopen(fixture, T + 1);
    REQUIRE(store_meta_get_integer(fixture->store, STORE_META_RELEASED, -1, &value, &error));
    g_assert_cmpint(value, ==, 1LL << 40);
    REQUIRE(store_meta_get_integer(fixture->store, STORE_META_FIRST_START, -1, &value, &error));
    g_assert_cmpint(value, ==, T);
}

/* After a database error nothing of the transaction is committed, whatever the caller does. */
static void test_failed_transaction(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    store_fixture_message(fixture->store, 1);
    REQUIRE_ERROR(store_message_set_org(fixture->store, 1, 99, &error), FORTNIGHT_ERROR_PERMANENT);
    store_fixture_message(fixture->store, 2);
    REQUIRE_ERROR(store_commit(fixture->store, &error), FORTNIGHT_ERROR_PERMANENT);
    REQUIRE_ERROR(store_meta_set(fixture->store, "k", "v", &error),
                  FORTNIGHT_ERROR_PERMANENT); /* it is over */
    g_autoptr(GPtrArray) messages = NULL;
    REQUIRE(store_messages_in_state(fixture->store, MESSAGE_ARCHIVED, 0, 10, &messages, &error));
    g_assert_cmpuint(messages->len, ==, 0);
}

/* ---- integrity
 * -------------------------------------------------------------------------------------------------- */

static void fill(Store *store) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(store, &error));
    gint64 org = store_fixture_org(store, "甲");
    for (guint n = 1; n <= 20; n++) {
        gint64 message = store_fixture_message(store, n);
        const JournalEvent event = {
            .event = "intake.accepted", .message_id = message, .org_id = org, .detail = "李明 13800000000"};
        REQUIRE(store_journal_append(store, &event, T + n, &error));
    }
    REQUIRE(store_commit(store, &error));
}

/* All findings as one text. */
static char *findings_of(Store *store, StoreArchiveCheck check, gpointer user_data) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    REQUIRE(store_verify(store, check, user_data, &findings, &error));
    g_ptr_array_add(findings, NULL);
    return g_strjoinv("; ", (char **)findings->pdata);
}

static bool all_but_one(const char *location, const char *sha256, gint64 size_bytes, gpointer user_data,
                        GError **error) {
    guint *calls = user_data;
    if (++*calls != 7)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "is not there");
    return false;
}

static void test_verify_archive(StoreFixture *fixture, gconstpointer data) {
    fill(fixture->store);
    guint calls = 0;
    g_autofree char *findings = findings_of(fixture->store, all_but_one, &calls);
    g_assert_cmpuint(calls, ==, 20);
    g_assert_cmpstr(findings, ==, "archived message 7: is not there");
}

static void test_journal(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    fill(fixture->store);
    bool proves = false;
    REQUIRE(store_journal_proves(fixture->store, 3, "李明 13800000000", &proves, &error));
    g_assert_true(proves);
    REQUIRE(store_journal_proves(fixture->store, 3, "李明 13800000001", &proves, &error));
    g_assert_false(proves);
    REQUIRE_ERROR(store_journal_proves(fixture->store, 33, "", &proves, &error), FORTNIGHT_ERROR_NOT_FOUND);
    REQUIRE(store_begin(fixture->store, &error));
    static const char *const names[] = {"", "Intake", "intake accepted", "intake|x", "收"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const JournalEvent event = {.event = names[i]};
        REQUIRE_ERROR(store_journal_append(fixture->store, &event, T, &error), FORTNIGHT_ERROR_INPUT);
    }
    store_rollback(fixture->store);
}

static void test_verify_finds(StoreFixture *fixture, gconstpointer data) {
    static const struct {
        const char *sql, *finding;
    } cases[] = {
        {"UPDATE journal SET at_s = at_s + 1 WHERE id = 5", "journal: entry 5 is not what was written"},
        {"UPDATE journal SET org_id = 2 WHERE id = 20", "journal: entry 20 is not what was written"},
        {"DELETE FROM journal WHERE id = 5", "journal: entry 5 is not what was written"},
        {"DELETE FROM journal WHERE id = 20", "journal: ends at 19 of 20 entries"},
        {"UPDATE message SET org_id = 77 WHERE id = 3", "row that refers to nothing: message 3"},
        {"UPDATE message SET location = NULL WHERE id = 3", "message without bytes: 3"},
        {"UPDATE message SET state = 'review' WHERE id = 3", "message in review without an entry: 3"},
        {"INSERT INTO submission (id, org_id, form, current) VALUES (4, 1, 'f', 1)",
         "submission without the revision that counts: 4"},
        {"PRAGMA ignore_check_constraints = 1; UPDATE message SET state = 'lost' WHERE id = 3",
         "database file: CHECK constraint failed in message"},
    };
    fill(fixture->store);
    g_clear_pointer(&fixture->store, store_close);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(fixture->path, &bytes, &length, NULL));
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_true(g_file_set_contents(fixture->path, bytes, (gssize)length, NULL));
        g_autofree char *sql = g_strconcat(
            "DROP TRIGGER journal_is_kept; DROP TRIGGER journal_is_not_deleted;", cases[i].sql, NULL);
        tamper(fixture->path, sql);
        store_fixture_reopen(fixture, T);
        g_autofree char *findings = findings_of(fixture->store, NULL, NULL);
        g_assert_cmpstr(findings, ==, cases[i].finding);
        g_clear_pointer(&fixture->store, store_close);
    }
    /* without the triggers gone, SQL itself refuses */
    g_assert_true(g_file_set_contents(fixture->path, bytes, (gssize)length, NULL));
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(fixture->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, "UPDATE journal SET at_s = 0", NULL, NULL, NULL), ==, SQLITE_CONSTRAINT);
    g_assert_cmpint(sqlite3_exec(db, "DELETE FROM journal", NULL, NULL, NULL), ==, SQLITE_CONSTRAINT);
    sqlite3_close(db);
}

static void test_damaged(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    fill(fixture->store);
    REQUIRE(store_quick_check(fixture->store, &error));
    g_clear_pointer(&fixture->store, store_close);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(fixture->path, &bytes, &length, NULL));
    memset(bytes, 'x', 4096);
    g_assert_true(g_file_set_contents(fixture->path, bytes, (gssize)length, NULL));
    REQUIRE_ERROR(open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, &error) != NULL,
                  FORTNIGHT_ERROR_DAMAGED);
}

/* A page in the middle: opens, and is found by the check. */
static void test_damaged_page(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    fill(fixture->store);
    g_clear_pointer(&fixture->store, store_close);
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(fixture->path, &bytes, &length, NULL));
    char *page = memmem(bytes, length, "intake.accepted", 15);
    g_assert_nonnull(page);
    memset(bytes + (page - bytes) / 4096 * 4096, 0xff, 512);
    g_assert_true(g_file_set_contents(fixture->path, bytes, (gssize)length, NULL));
    store_fixture_reopen(fixture, T);
    REQUIRE_ERROR(store_quick_check(fixture->store, &error), FORTNIGHT_ERROR_DAMAGED);
}

static void test_backup(StoreFixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    fill(fixture->store);
    g_autofree char *copy = g_build_filename(fixture->directory, "copy.db", NULL);
    REQUIRE(store_backup(fixture->store, copy, &error));
    REQUIRE_ERROR(store_backup(fixture->store, copy, &error), FORTNIGHT_ERROR_INPUT);
    g_autoptr(Store) restored = store_open(copy, STORE_WRITE, FIXTURE_PROGRAMME, "h", T, &error);
    REQUIRE(restored != NULL);
    g_autofree char *findings = findings_of(restored, NULL, NULL);
    g_assert_cmpstr(findings, ==, "");
    guint count;
    REQUIRE(store_count_messages(restored, MESSAGE_ARCHIVED, &count, &error));
    g_assert_cmpuint(count, ==, 20);
}

/* ---- crashes
 * ---------------------------------------------------------------------------------------------------- */

enum { STEPS = 6 };

/* One message's whole way in one transaction, killed by its own hand after `die_after` steps (STEPS: not at
 * all). */
static bool process_message(Store *store, guint n, gint64 org, guint die_after, GError **error) {
    g_autofree char *key = g_strdup_printf("ack/%u", n), *sha256 = store_fixture_sha256(n);
    const Letter letter = {
        .key = key, .to_address = (char *)"a@example.edu.cn", .not_before_s = T, .expires_s = T + 9};
    const StoreFetched fetched = {.account = "a",
                                  .folder = "INBOX",
                                  .uidvalidity = 1,
                                  .uid = n,
                                  .sha256 = sha256,
                                  .location = sha256,
                                  .received_s = T,
                                  .seen_s = T};
    const JournalEvent event = {.event = "intake.accepted", .message_id = n};
    StoreRevision revision = {.org_id = org, .form = "log", .received_s = T, .digest = key};
    gint64 id = 0;
    bool is_new;
    for (guint step = 0; step < STEPS; step++) {
        bool ok = true;
        if (step == die_after)
            kill(getpid(), SIGKILL);
        switch (step) {
        case 0:
            ok = store_begin(store, error);
            break;
        case 1:
            ok = store_add_fetched(store, &fetched, &id, &is_new, error);
            break;
        case 2:
            revision.message_id = id;
            ok = store_record(store, &revision, T, NULL, NULL, NULL, error);
            break;
        case 3:
            ok = store_outbox_put(store, &letter, T, NULL, &is_new, error);
            break;
        case 4:
            ok = store_journal_append(store, &event, T, error);
            break;
        default:
            ok = store_commit(store, error);
        }
        if (!ok)
            return false;
    }
    if (die_after == STEPS)
        kill(getpid(), SIGKILL);
    return true;
}

/* Rows of message, submission, outbox and journal must be equally many; returns how many. */
static guint assert_consistent(StoreFixture *fixture) {
    g_autoptr(GError) error = NULL;
    store_fixture_reopen(fixture, T);
    g_autofree char *findings = findings_of(fixture->store, NULL, NULL);
    g_assert_cmpstr(findings, ==, "");
    guint messages = 0, counts[OUTBOX_STATES];
    REQUIRE(store_count_messages(fixture->store, MESSAGE_ARCHIVED, &messages, &error));
    REQUIRE(store_outbox_counts(fixture->store, counts, &error));
    g_assert_cmpuint(counts[OUTBOX_QUEUED], ==, messages);
    g_clear_pointer(&fixture->store, store_close);
    sqlite3 *db = NULL;
    sqlite3_stmt *count = NULL;
    g_assert_cmpint(sqlite3_open(fixture->path, &db), ==, SQLITE_OK);
    sqlite3_prepare_v2(db, "SELECT (SELECT count(*) FROM submission), (SELECT count(*) FROM journal)", -1,
                       &count, NULL);
    g_assert_cmpint(sqlite3_step(count), ==, SQLITE_ROW);
    g_assert_cmpuint((guint)sqlite3_column_int(count, 0), ==, messages);
    g_assert_cmpuint((guint)sqlite3_column_int(count, 1), ==, messages);
    sqlite3_finalize(count);
    sqlite3_close(db);
    return messages;
}

static gint64 add_org(StoreFixture *fixture) {
    g_autoptr(GError) error = NULL;
    REQUIRE(store_begin(fixture->store, &error));
    gint64 org = store_fixture_org(fixture->store, "甲");
    REQUIRE(store_commit(fixture->store, &error));
    g_clear_pointer(&fixture->store, store_close);
    return org;
}

/* Killed at each step of a transaction: only before or after, never between. */
static void test_killed_at_each_step(StoreFixture *fixture, gconstpointer data) {
    gint64 org = add_org(fixture);
    for (guint die_after = 0; die_after <= STEPS; die_after++) {
        pid_t child = fork();
        if (child == 0) {
            Store *store = open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, NULL);
            if (store != NULL)
                process_message(store, 1, org, die_after, NULL);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpuint(assert_consistent(fixture), ==, die_after < STEPS ? 0 : 1);
    }
}

/* Killed at any moment: everything that was announced as committed is there, nothing is there in part. */
static void test_killed_at_any_moment(StoreFixture *fixture, gconstpointer data) {
    enum { ROUNDS = 25, LONGEST_US = 60000 };
    gint64 org = add_org(fixture);
    guint done = 0;
    for (guint round = 0; round < ROUNDS; round++) {
        int announced[2];
        g_assert_cmpint(pipe2(announced, O_CLOEXEC), ==, 0);
        pid_t child = fork();
        if (child == 0) {
            Store *store = open_store(fixture, STORE_WRITE, FIXTURE_PROGRAMME, NULL);
            for (guint n = done + 1; store != NULL && process_message(store, n, org, STEPS + 1, NULL); n++)
                if (write(announced[1], &n, sizeof n) != sizeof n)
                    break;
            _exit(0);
        }
        close(announced[1]);
        g_usleep((gulong)g_test_rand_int_range(0, LONGEST_US));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        guint last = done, n;
        while (read(announced[0], &n, sizeof n) == sizeof n)
            last = n;
        close(announced[0]);
        guint found = assert_consistent(fixture);
        g_assert_cmpuint(found, >=, last);
        g_assert_cmpuint(found, <=, last + 1);
        done = found;
    }
    g_test_message("%u messages over %d deaths", done, ROUNDS);
}

/* ---- a full disk
 * ------------------------------------------------------------------------------------------------ */

/* In a child with a small file system of its own: fills it, sees _DISK_FULL, makes room, goes on. */
static int full_disk_child(const char *directory) {
    enum { CANNOT_MOUNT = 77, TOO_MANY = 100000 };
    if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", directory, "tmpfs", 0, "size=2m") < 0)
        return CANNOT_MOUNT;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(directory, "full.db", NULL),
                    *filler = g_build_filename(directory, "filler", NULL);
    g_autofree char *ballast = g_strnfill(512 * 1024, 'x');
    if (!g_file_set_contents(filler, ballast, 512 * 1024, NULL))
        return 1;
    g_autoptr(Store) store = store_open(path, STORE_WRITE, FIXTURE_PROGRAMME, "h", T, &error);
    guint n = 1;
    gint64 org = 0;
    if (store == NULL || !store_begin(store, &error))
        return 2;
    org = store_fixture_org(store, "甲");
    if (!store_commit(store, &error))
        return 3;
    while (n < TOO_MANY && process_message(store, n, org, STEPS + 1, &error))
        n++;
    if (!g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL)) {
        g_printerr("# %u: %s\n", n, error != NULL ? error->message : "no error");
        return 4;
    }
    store_rollback(store);
    g_unlink(filler);
    if (!process_message(store, n, org, STEPS + 1, NULL))
        return 5;
    g_autofree char *findings = findings_of(store, NULL, NULL);
    return findings[0] == '\0' ? 0 : 6;
}

static void test_disk_full(StoreFixture *fixture, gconstpointer data) {
    pid_t child = fork();
    if (child == 0)
        _exit(full_disk_child(fixture->directory));
    int status = 0;
    waitpid(child, &status, 0);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        g_test_skip("no right to mount a small file system here");
    else
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    STORE_TEST("/store/one-writer", test_one_writer);
    STORE_TEST("/store/lock-of-the-dead", test_lock_of_the_dead);
    STORE_TEST("/store/refused-files", test_refused_files);
    STORE_TEST("/store/meta", test_meta);
    STORE_TEST("/store/failed-transaction", test_failed_transaction);
    STORE_TEST("/store/verify-archive", test_verify_archive);
    STORE_TEST("/store/journal", test_journal);
    STORE_TEST("/store/verify-finds", test_verify_finds);
    STORE_TEST("/store/damaged", test_damaged);
    STORE_TEST("/store/damaged-page", test_damaged_page);
    STORE_TEST("/store/backup", test_backup);
    STORE_TEST("/store/killed-at-each-step", test_killed_at_each_step);
    STORE_TEST("/store/killed-at-any-moment", test_killed_at_any_moment);
    STORE_TEST("/store/disk-full", test_disk_full);
    return g_test_run();
}
