/* The walls themselves: each try runs in a child that has put them up, and the parent looks at how the child
 * ended. (That the roles put them up is seen on the release build, tests/e2e/test_sandbox.py.) */
#include "gateway/io/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/landlock.h"

/* A try returns 0 where it was allowed, else errno. */
typedef int (*Try)(void);

static int result(long value) {
    return value >= 0 ? 0 : errno;
}

static int try_read_open(void) {
    return result(open("/etc/hostname", O_RDONLY));
}

static int try_write_open(void) {
    return result(open("/dev/null", O_WRONLY));
}

static int try_create(void) {
    return result(open("/tmp/fortnight-test-never", O_RDONLY | O_CREAT, 0600));
}

static int try_unnamed(void) {
    return result(open("/tmp", O_TMPFILE | O_RDWR, 0600));
}

static int try_unlink(void) {
    return result(unlink("/tmp/fortnight-test-never"));
}

static int try_inet(void) {
    return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_inet_high_bits(void) {
    return result(syscall(SYS_socket, (1L << 32) | AF_INET, SOCK_STREAM, 0));
}

static int try_packet(void) {
    return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int try_unix(void) {
    return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int try_fork(void) {
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return result(child);
}

static int try_exec(void) {
    return result(execl("/bin/true", "true", NULL));
}

static int try_ptrace(void) {
    return result(syscall(SYS_ptrace, 0, 0, NULL, NULL));
}

static int try_namespace(void) {
    return result(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0L));
}

static int try_io_uring(void) {
    return result(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_kill_parent(void) {
    return result(kill(getppid(), 0));
}

static int try_raise_limit(void) {
    const struct rlimit limit = {100, 100};
    return result(setrlimit(RLIMIT_NOFILE, &limit));
}

static int try_writable_code(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                   MAP_FAILED
               ? 0
               : errno;
}

static int try_memfd(void) {
    return result(memfd_create("x", 0));
}

static int try_memory(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ? 0
                                                                                                      : errno;
}

enum { KILLED = -1 };

static int run(void (*prepare)(gconstpointer), gconstpointer argument, Try attempt) {
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
            _exit(255);
        prepare(argument);
        _exit(attempt());
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    if (WIFSIGNALED(status)) {
        g_assert_cmpint(WTERMSIG(status), ==, SIGSYS);
        return KILLED;
    }
    g_assert_cmpint(WEXITSTATUS(status), !=, 255);
    return WEXITSTATUS(status);
}

static void install(gconstpointer filter) {
    if (!seccomp_filter_install(filter))
        _exit(255);
}

static void test_seccomp(void) {
    enum { UNTESTED = 1000 };
    static const struct {
        Try attempt;
        int network, local, reader, child, blind;
        const char *what;
    } cases[] = {
        {try_memory, 0, 0, 0, 0, 0, "memory"},
        {try_read_open, 0, 0, 0, 0, EPERM, "open a file for reading"},
        {try_write_open, 0, 0, EPERM, EPERM, EPERM, "open a file for writing"},
        {try_create, UNTESTED, UNTESTED, EPERM, EPERM, EPERM, "create a file"},
        {try_unnamed, UNTESTED, UNTESTED, EPERM, EPERM, EPERM, "create a file without name"},
        {try_unlink, UNTESTED, UNTESTED, EPERM, EPERM, EPERM, "remove a file"},
        {try_inet, 0, EAFNOSUPPORT, EPERM, EPERM, EPERM, "Internet socket"},
        {try_inet_high_bits, EAFNOSUPPORT, EAFNOSUPPORT, EPERM, EPERM, EPERM,
         "the same, hidden behind high bits"},
        {try_packet, EAFNOSUPPORT, EAFNOSUPPORT, EPERM, EPERM, EPERM, "raw socket"},
        {try_unix, 0, 0, EPERM, EPERM, EPERM, "local socket"},
        {try_fork, EPERM, EPERM, 0, EPERM, EPERM, "child process"},
        {try_exec, KILLED, KILLED, KILLED, KILLED, KILLED, "another program"},
        {try_ptrace, KILLED, KILLED, KILLED, KILLED, KILLED, "ptrace"},
        {try_namespace, EPERM, EPERM, EPERM, EPERM, EPERM, "namespace"},
        {try_io_uring, EPERM, EPERM, EPERM, EPERM, EPERM, "io_uring"},
        {try_kill_parent, UNTESTED, UNTESTED, 0, EPERM, EPERM, "signal"},
        {try_raise_limit, UNTESTED, UNTESTED, 0, EPERM, EPERM, "set a limit"},
        {try_writable_code, UNTESTED, UNTESTED, EPERM, EPERM, EPERM,
         "memory that is writable and executable"},
        {try_memfd, UNTESTED, UNTESTED, 0, EPERM, EPERM, "memory outside the limits"},
    };
    for (int profile = SECCOMP_NETWORK; profile <= SECCOMP_READER_BLIND; profile++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(SeccompFilter) filter = seccomp_filter_new((SeccompProfile)profile, &error);
        g_assert_no_error(error);
        for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
            const int expected[] = {cases[i].network, cases[i].local, cases[i].reader, cases[i].child,
                                    cases[i].blind};
            if (expected[profile] == UNTESTED)
                continue;
            g_test_message("profile %d: %s", profile, cases[i].what);
            g_assert_cmpint(run(install, filter, cases[i].attempt), ==, expected[profile]);
        }
    }
}

/* ---- Landlock ---- */

static char *base; /* BASE/read/file, BASE/write/file, BASE/hidden */

static void confine(gconstpointer unused) {
    g_autofree char *readable = g_build_filename(base, "read", NULL);
    g_autofree char *writable = g_build_filename(base, "write", NULL);
    g_autofree char *absent = g_build_filename(base, "absent", NULL);
    const LandlockRule rules[] = {
        {readable, LANDLOCK_READ}, {writable, LANDLOCK_WRITE}, {absent, LANDLOCK_READ}};
    if (!landlock_confine(rules, G_N_ELEMENTS(rules), false, NULL))
        _exit(255);
}

static int open_below(const char *name, int flags) {
    g_autofree char *path = g_build_filename(base, name, NULL);
    return result(open(path, flags, 0600));
}

static int try_read_readable(void) {
    return open_below("read/file", O_RDONLY);
}

static int try_write_readable(void) {
    return open_below("read/file", O_WRONLY);
}

static int try_create_writable(void) {
    return open_below("write/new", O_WRONLY | O_CREAT | O_TRUNC);
}

static int try_rename_writable(void) {
    g_autofree char *from = g_build_filename(base, "write", "file", NULL);
    g_autofree char *to = g_build_filename(base, "write", "folder", "file", NULL);
    return result(rename(from, to));
}

static int try_read_hidden(void) {
    return open_below("hidden", O_RDONLY);
}

static int try_climb(void) {
    return open_below("read/../hidden", O_RDONLY);
}

static int try_link_out(void) {
    return open_below("read/link", O_RDONLY); /* points to ../hidden */
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (!g_file_test(child, G_FILE_TEST_IS_SYMLINK) && g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_tree(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

static void make_tree(void) {
    static const char *const folders[] = {"read", "write", "write/folder"};
    static const char *const files[] = {"read/file", "write/file", "hidden"};
    base = g_dir_make_tmp("fortnight-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(base, folders[i], NULL);
        g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(base, files[i], NULL);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
    }
    g_autofree char *link = g_build_filename(base, "read", "link", NULL);
    g_assert_cmpint(symlink("../hidden", link), ==, 0);
}

static void test_landlock(void) {
    if (landlock_abi() == 0) {
        g_test_skip("this kernel has no Landlock");
        return;
    }
    static const struct {
        Try attempt;
        int expected, since_abi;
        const char *what;
    } cases[] = {
        {try_read_readable, 0, 1, "read below a readable folder"},
        {try_write_readable, EACCES, 1, "write there"},
        {try_read_hidden, EACCES, 1, "read beside it"},
        {try_climb, EACCES, 1, "read beside it by .."},
        {try_link_out, EACCES, 1, "read beside it by a link"},
        {try_create_writable, 0, 1, "create below a writable folder"},
        {try_rename_writable, 0, 2, "rename between its folders"},
        {try_kill_parent, EPERM, 6, "signal a process outside"},
    };
    make_tree();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].what);
        if (landlock_abi() >= cases[i].since_abi)
            g_assert_cmpint(run(confine, NULL, cases[i].attempt), ==, cases[i].expected);
    }
    remove_tree(base);
    g_clear_pointer(&base, g_free);
}

static void test_limits(void) {
    pid_t child = fork();
    if (child == 0) {
        const SandboxLimits limits = {.cpu_s = 1, .memory_bytes = 1 << 20, .file_bytes = 0};
        if (!sandbox_enter_child(&limits, NULL))
            _exit(1);
        for (volatile guint64 i = 0;; i++)
            ;
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGXCPU);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox/seccomp", test_seccomp);
    g_test_add_func("/sandbox/landlock", test_landlock);
    g_test_add_func("/sandbox/limits", test_limits);
    return g_test_run();
}
