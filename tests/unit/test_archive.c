#include "gateway/io/archive.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/core/digest.h"
#include "gateway/core/error.h"

typedef struct {
    char *directory;
    Archive *archive;
} Fixture;

static void remove_tree(const char *path) {
    g_autoptr(GDir) dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_remove(path);
}

static void set_up(Fixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    fixture->directory = g_dir_make_tmp("fortnight-archive-XXXXXX", NULL);
    fixture->archive = archive_open(fixture->directory, ARCHIVE_WRITE, &error);
    g_assert_no_error(error);
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    archive_close(fixture->archive);
    remove_tree(fixture->directory);
    g_free(fixture->directory);
}

static void put(Archive *archive, const char *text, char **ret_sha256, char **ret_location) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    archive_put(archive, bytes, ret_sha256, ret_location, &error);
    g_assert_no_error(error);
}

static void sync_now(Archive *archive) {
    g_autoptr(GError) error = NULL;
    archive_sync(archive, &error);
    g_assert_no_error(error);
}

static bool is_file(const Fixture *fixture, const char *location) {
    g_autofree char *path = g_build_filename(fixture->directory, location, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static void write_file(const Fixture *fixture, const char *location, const char *text) {
    g_autofree char *path = g_build_filename(fixture->directory, location, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void assert_reads(Archive *archive, const char *location, const char *sha256, const char *text) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = archive_read(archive, location, sha256, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), text, strlen(text));
}

static void test_round_trip(Fixture *fixture, gconstpointer data) {
    g_autofree char *sha256 = NULL, *location = NULL, *empty_sha256 = NULL, *empty = NULL;
    put(fixture->archive, "From: a\r\n\r\nb", &sha256, &location);
    put(fixture->archive, "", &empty_sha256, &empty);
    g_autofree char *digest = digest_sha256("From: a\r\n\r\nb", 12);
    g_assert_cmpstr(sha256, ==, digest);
    g_assert_false(is_file(fixture, location)); /* appears complete and durable, or not at all */
    sync_now(fixture->archive);
    assert_reads(fixture->archive, location, sha256, "From: a\r\n\r\nb");
    assert_reads(fixture->archive, empty, empty_sha256, "");
    g_autoptr(GError) error = NULL;
    g_autoptr(Archive) reader = archive_open(fixture->directory, ARCHIVE_READ, &error);
    g_assert_no_error(error);
    assert_reads(reader, location, NULL, "From: a\r\n\r\nb");
    g_assert_true(archive_check(location, sha256, 12, reader, &error));
    g_assert_false(archive_check(location, sha256, 13, reader, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED);
}

static void test_same_bytes(Fixture *fixture, gconstpointer data) {
    char *sha256[3], *location[3];
    put(fixture->archive, "same", &sha256[0], &location[0]);
    put(fixture->archive, "same", &sha256[1], &location[1]); /* in the same batch */
    sync_now(fixture->archive);
    g_autofree char *path = g_build_filename(fixture->directory, location[0], NULL);
    struct stat before, after, healed;
    g_assert_cmpint(stat(path, &before), ==, 0);
    put(fixture->archive, "same", &sha256[2], &location[2]); /* in a later one */
    sync_now(fixture->archive);
    g_assert_cmpint(stat(path, &after), ==, 0);
    g_assert_cmpint(before.st_ino, ==, after.st_ino);
    for (guint i = 1; i < 3; i++)
        g_assert_cmpstr(location[i], ==, location[0]);
    /* damaged since: written anew */
    g_autofree char *again_sha256 = NULL, *again = NULL;
    write_file(fixture, location[0], "sane");
    put(fixture->archive, "same", &again_sha256, &again);
    sync_now(fixture->archive);
    assert_reads(fixture->archive, again, again_sha256, "same");
    g_assert_cmpint(stat(path, &healed), ==, 0);
    g_assert_cmpint(healed.st_mode & 0777, ==, 0600);
    for (guint i = 0; i < 3; i++) {
        g_free(sha256[i]);
        g_free(location[i]);
    }
}

static void test_damage_is_seen(Fixture *fixture, gconstpointer data) {
    g_autofree char *sha256 = NULL, *location = NULL;
    g_autoptr(GError) error = NULL;
    put(fixture->archive, "bytes", &sha256, &location);
    sync_now(fixture->archive);
    write_file(fixture, location, "bites");
    g_assert_null(archive_read(fixture->archive, location, sha256, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED);
    g_clear_error(&error);
    g_assert_true(archive_remove(fixture->archive, location, &error));
    g_assert_true(archive_remove(fixture->archive, location, &error));
    g_assert_null(archive_read(fixture->archive, location, sha256, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND);
}

/* A location comes from the database and must not lead out of the archive. */
static void test_foreign_locations(Fixture *fixture, gconstpointer data) {
    static const char *const locations[] = {
        "",
        "../etc/passwd",
        "/etc/passwd",
        "e/../../../../../../../../../../../../../../../../../../../../../../etc/pas",
        "a/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.eml",
        "e/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.EML",
        "e/E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.eml",
        "new/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8.eml",
    };
    for (guint i = 0; i < G_N_ELEMENTS(locations); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(archive_read(fixture->archive, locations[i], NULL, &error));
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED);
        g_clear_error(&error);
        g_assert_false(archive_remove(fixture->archive, locations[i], &error));
    }
    g_autofree char *sha256 = digest_sha256("", 0), *location = g_strdup_printf("e/%s.eml", sha256),
                    *path = g_build_filename(fixture->directory, location, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
    g_assert_null(archive_read(fixture->archive, location, NULL, &error)); /* no link is followed */
}

static void test_interrupted_batch(Fixture *fixture, gconstpointer data) {
    g_autofree char *sha256 = NULL, *location = NULL;
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&fixture->archive, archive_close);
    g_autofree char *folder = g_build_filename(fixture->directory, "new-of-the-dead", NULL);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    write_file(fixture, "new-of-the-dead/half", "half");
    write_file(fixture, "newest", "somebody's own");
    fixture->archive = archive_open(fixture->directory, ARCHIVE_WRITE, &error);
    g_assert_no_error(error);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
    g_assert_true(is_file(fixture, "newest"));
    put(fixture->archive, "never synced", &sha256, &location);
    g_clear_pointer(&fixture->archive, archive_close);
    g_assert_false(is_file(fixture, location));
    fixture->archive = archive_open(fixture->directory, ARCHIVE_READ, &error);
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
    g_assert_false(archive_put(fixture->archive, bytes, &sha256, &location, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT);
}

/* More messages in a batch than a process may hold descriptors. */
static void test_large_batch(Fixture *fixture, gconstpointer data) {
    enum { MESSAGES = 1500 };
    struct rlimit before, limit;
    getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    limit.rlim_cur = 512;
    setrlimit(RLIMIT_NOFILE, &limit);
    g_autoptr(GPtrArray) locations = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < MESSAGES; i++) {
        g_autofree char *text = g_strdup_printf("message %u", i), *sha256 = NULL, *location = NULL;
        put(fixture->archive, text, &sha256, &location);
        g_ptr_array_add(locations, g_steal_pointer(&location));
    }
    sync_now(fixture->archive);
    for (guint i = 0; i < MESSAGES; i++)
        g_assert_true(is_file(fixture, locations->pdata[i]));
    setrlimit(RLIMIT_NOFILE, &before);
}

static void test_room(Fixture *fixture, gconstpointer data) {
    g_autoptr(GError) error = NULL;
    g_assert_true(archive_has_room(fixture->archive, 0, 1, &error));
    g_assert_false(archive_has_room(fixture->archive, 1ULL << 62, 0, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL);
    g_clear_error(&error);
    g_assert_false(archive_has_room(fixture->archive, 1, G_MAXUINT64, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL);
}

enum { CANNOT_MOUNT = 77, SMALL_BYTES = 256 * 1024 };

/* On a small file system of its own: what does not fit is refused, what was durable stays, and it goes on
 * when there is room. */
static int full_disk_child(const char *directory) {
    if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", directory, "tmpfs", 0, "size=1m") < 0)
        return CANNOT_MOUNT;
    g_autoptr(GError) error = NULL;
    g_autoptr(Archive) archive = archive_open(directory, ARCHIVE_WRITE, &error);
    g_autoptr(GPtrArray) locations = g_ptr_array_new_with_free_func(g_free);
    guchar fill = 'a';
    for (;; fill++) {
        g_autofree guchar *data = g_malloc(SMALL_BYTES);
        memset(data, fill, SMALL_BYTES);
        g_autoptr(GBytes) bytes = g_bytes_new(data, SMALL_BYTES);
        g_autofree char *sha256 = NULL, *location = NULL;
        if (!archive_put(archive, bytes, &sha256, &location, &error) || !archive_sync(archive, &error))
            break;
        g_ptr_array_add(locations, g_steal_pointer(&location));
    }
    if (!g_error_matches(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL) || locations->len < 3)
        return 1;
    g_autoptr(GBytes) small = g_bytes_new_static("x", 1);
    g_autofree char *sha256 = NULL, *location = NULL;
    return archive_remove(archive, locations->pdata[0], NULL) &&
                   archive_put(archive, small, &sha256, &location, NULL) && archive_sync(archive, NULL) &&
                   archive_check(location, sha256, 1, archive, NULL)
               ? 0
               : 2;
}

static void test_disk_full(Fixture *fixture, gconstpointer data) {
    pid_t child = fork();
    if (child == 0)
        _exit(full_disk_child(fixture->directory));
    int status = 0;
    waitpid(child, &status, 0);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT_MOUNT)
        g_test_skip("no right to mount a small file system here");
    else
        g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static void test_cannot_open(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(archive_open("/proc/no/such", ARCHIVE_WRITE, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_clear_error(&error);
    g_assert_null(archive_open("/nonexistent", ARCHIVE_READ, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
}

#define ARCHIVE_TEST(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ARCHIVE_TEST("/archive/round-trip", test_round_trip);
    ARCHIVE_TEST("/archive/same-bytes", test_same_bytes);
    ARCHIVE_TEST("/archive/damage-is-seen", test_damage_is_seen);
    ARCHIVE_TEST("/archive/foreign-locations", test_foreign_locations);
    ARCHIVE_TEST("/archive/interrupted-batch", test_interrupted_batch);
    ARCHIVE_TEST("/archive/large-batch", test_large_batch);
    ARCHIVE_TEST("/archive/room", test_room);
    ARCHIVE_TEST("/archive/disk-full", test_disk_full);
    g_test_add_func("/archive/cannot-open", test_cannot_open);
    return g_test_run();
}
