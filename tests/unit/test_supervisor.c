/* The real supervisor with roles of this program's own: started as `--role NAME`, they check what they were
 * given, and the keeper's exit status says whether all was right. */
#include "gateway/io/supervisor.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"

enum { RIGHT = 42, WRONG = 43 };

static int open_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* ---- roles ---- */

/* Tells the keeper what it was given, then waits for its end. */
static void run_worker(const char *mode, json_t *settings, int descriptors) {
    if (g_strcmp0(mode, "die") == 0)
        _exit(1);
    json_t *report = json_pack("{s:O, s:i}", "settings", settings, "descriptors", descriptors);
    IpcFrame frame = {.fd = -1};
    ipc_send(ROLE_SOCKET_FD, IPC_CHECKED, report, -1, 1000, NULL);
    ipc_receive(ROLE_SOCKET_FD, &frame, -1, NULL);
    _exit(0);
}

static json_t *next_role(int *ret_fd) {
    IpcFrame frame = {.fd = -1};
    if (ipc_receive(ROLE_SOCKET_FD, &frame, 20000, NULL) != 1 || frame.kind != IPC_ROLE)
        _exit(WRONG);
    *ret_fd = frame.fd;
    return frame.payload;
}

/* The report of the next role; its socket stays open. */
static json_t *next_report(const char **ret_role) {
    int fd;
    IpcFrame frame = {.fd = -1};
    *ret_role = json_string_value(json_object_get(next_role(&fd), "role"));
    if (ipc_receive(fd, &frame, 20000, NULL) != 1 || frame.kind != IPC_CHECKED)
        _exit(WRONG);
    return frame.payload;
}

/* 0, 1, 2, the socket; the settings are read and closed. */
static bool is_report(const json_t *report, const char *key, const char *value) {
    const char *got = json_string_value(json_object_get(json_object_get(report, "settings"), key));
    return g_strcmp0(got, value) == 0 && json_integer_value(json_object_get(report, "descriptors")) == 4;
}

static void keep_joined(int descriptors) {
    const char *names[3];
    bool right =
        descriptors == 4 && signal(SIGINT, SIG_DFL) == SIG_IGN && signal(SIGTERM, SIG_DFL) == SIG_DFL;
    for (int i = 0; i < 3; i++) {
        const json_t *report = next_report(&names[i]);
        bool is_fetcher = strcmp(names[i], "fetcher") == 0;
        right &= is_report(report, "password", is_fetcher ? "secret" : NULL);
        right &= is_report(report, "host", is_fetcher ? "imap.example.com" : NULL);
    }
    right &= strcmp(names[0], "fetcher") == 0 && strcmp(names[1], "reader") == 0 &&
             strcmp(names[2], "reader") == 0;
    _exit(right ? RIGHT : WRONG);
}

static void keep_given_up(void) {
    for (int i = 0; i < 3; i++) {
        int fd;
        if (json_object_get(next_role(&fd), "gone") != NULL || fd < 0)
            _exit(WRONG);
    }
    int fd;
    const json_t *gone = json_object_get(next_role(&fd), "gone");
    _exit(json_is_true(gone) && fd < 0 ? RIGHT : WRONG);
}

static void keep_until_stop(bool obeys) {
    const char *role;
    next_report(&role);
    kill(getppid(), SIGTERM);
    IpcFrame frame = {.fd = -1};
    if (ipc_receive(ROLE_SOCKET_FD, &frame, 20000, NULL) != 1 || frame.kind != IPC_STOP)
        _exit(WRONG);
    if (obeys)
        _exit(RIGHT);
    kill(getppid(), SIGTERM);
    for (;;)
        pause();
}

static void keep_first_life(const char *mark) {
    if (!g_file_test(mark, G_FILE_TEST_EXISTS)) {
        g_file_set_contents(mark, "", 0, NULL);
        kill(getpid(), SIGKILL);
    }
    const char *role;
    next_report(&role);
    _exit(RIGHT);
}

static void run_role(const char *name) {
    json_t *settings = supervisor_settings(ROLE_SETTINGS_FD, NULL);
    int descriptors = open_descriptors();
    if (settings == NULL)
        _exit(WRONG);
    const char *mode = json_string_value(json_object_get(settings, "mode"));
    if (strcmp(name, "keeper") != 0)
        run_worker(mode, settings, descriptors);
    if (strcmp(mode, "joined") == 0)
        keep_joined(descriptors);
    if (strcmp(mode, "given-up") == 0)
        keep_given_up();
    if (strcmp(mode, "stop") == 0 || strcmp(mode, "deaf") == 0)
        keep_until_stop(strcmp(mode, "stop") == 0);
    if (strcmp(mode, "crash-once") == 0)
        keep_first_life(json_string_value(json_object_get(settings, "mark")));
    if (strcmp(mode, "crash") == 0)
        kill(getpid(), SIGKILL);
    _exit(WRONG);
}

/* ---- tests ---- */

static int run(SupervisorRole *roles, guint n_roles, json_t *keeper, bool one_shot) {
    const SupervisorPlan plan = {
        .roles = roles, .n_roles = n_roles, .keeper_settings = keeper, .one_shot = one_shot};
    int descriptors = open_descriptors();
    int status = supervisor_run(&plan);
    g_assert_cmpint(open_descriptors(), ==, descriptors);
    for (guint i = 0; i < n_roles; i++)
        json_decref(roles[i].settings);
    json_decref(keeper);
    return status;
}

static int run_worker_with(const char *keeper_mode, const char *worker_mode, bool one_shot) {
    SupervisorRole roles[] = {{"fetcher", 1, json_pack("{s:s}", "mode", worker_mode), false}};
    return run(roles, 1, json_pack("{s:s}", "mode", keeper_mode), one_shot);
}

static void test_joined(void) {
    g_autofree char *folder = g_dir_make_tmp("fortnight-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "password", NULL);
    g_assert_true(g_file_set_contents_full(path, "secret\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    SupervisorRole roles[] = {
        {"fetcher", 1, json_pack("{s:s, s:s}", "host", "imap.example.com", "password_file", path), true},
        {"reader", 2, NULL, false},
    };
    g_assert_cmpint(run(roles, 2, json_pack("{s:s}", "mode", "joined"), true), ==, RIGHT);
    g_unlink(path);
    g_rmdir(folder);
}

static void test_no_credential(void) {
    SupervisorRole roles[] = {
        {"fetcher", 1, json_pack("{s:s}", "password_file", "/nonexistent/password"), true}};
    g_assert_cmpint(run(roles, 1, json_pack("{s:s}", "mode", "joined"), true), ==, 2);
}

static void test_given_up(void) {
    g_assert_cmpint(run_worker_with("given-up", "die", true), ==, RIGHT);
}

static void test_stop(void) {
    g_assert_cmpint(run_worker_with("stop", "", false), ==, RIGHT);
}

/* A keeper that does not leave is ended by the second signal. */
static void test_deaf(void) {
    gint64 start_ms = clock_monotonic_ms();
    g_assert_cmpint(run_worker_with("deaf", "", false), ==, EX_TEMPFAIL);
    g_assert_cmpint(clock_monotonic_ms() - start_ms, <, 10000);
}

static void test_crash_one_shot(void) {
    g_assert_cmpint(run_worker_with("crash", "", true), ==, EX_TEMPFAIL);
}

/* In the daemon a keeper that crashes gets a second life, with new sockets to all. */
static void test_crash_daemon(void) {
    g_autofree char *folder = g_dir_make_tmp("fortnight-XXXXXX", NULL);
    g_autofree char *mark = g_build_filename(folder, "mark", NULL);
    SupervisorRole roles[] = {{"reader", 1, NULL, false}};
    g_assert_cmpint(run(roles, 1, json_pack("{s:s, s:s}", "mode", "crash-once", "mark", mark), false), ==,
                    RIGHT);
    g_unlink(mark);
    g_rmdir(folder);
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "--role") == 0)
        run_role(argv[2]);
    g_test_init(&argc, &argv, NULL);
    log_init(NULL, LOG_ERROR);
    g_test_add_func("/supervisor/joined", test_joined);
    g_test_add_func("/supervisor/no-credential", test_no_credential);
    g_test_add_func("/supervisor/given-up", test_given_up);
    g_test_add_func("/supervisor/stop", test_stop);
    g_test_add_func("/supervisor/deaf", test_deaf);
    g_test_add_func("/supervisor/crash-one-shot", test_crash_one_shot);
    g_test_add_func("/supervisor/crash-daemon", test_crash_daemon);
    return g_test_run();
}
