#include "gateway/io/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/reader_image.h"

enum { EXEC_FAILED = 127 }; /* as a shell says it */

/* First descriptor that a role gets; below stand input, output, errors. */
enum { FIRST_FD = 3, FDS_MAX = 8 };

static void set_error(GError **error, FortnightError code, const char *what) {
    int number = errno;
    g_set_error(error, FORTNIGHT_ERROR, code, "%s: %s", what, g_strerror(number));
}

/* ---- in the child: async-signal-safe only ---- */

static void reset_signals(void) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool to_null(int fd, int flags) {
    int null = open("/dev/null", flags | O_CLOEXEC);
    return null >= 0 && dup2(null, fd) == fd;
}

/* Moves fds to 3, 4, … and closes all others; *image, unless it is -1, moves behind them and closes at the
 * exec. First out of the way, so that none is overwritten before it is moved. */
static bool arrange(const int *fds, guint n_fds, int *image) {
    int aside[FDS_MAX + 1];
    guint kept = n_fds + (*image >= 0);
    for (guint i = 0; i < kept; i++)
        if ((aside[i] = fcntl(i < n_fds ? fds[i] : *image, F_DUPFD_CLOEXEC, FIRST_FD + FDS_MAX + 1)) < 0)
            return false;
    for (guint i = 0; i < kept; i++)
        if (dup3(aside[i], FIRST_FD + (int)i, i < n_fds ? 0 : O_CLOEXEC) < 0)
            return false;
    if (*image >= 0)
        *image = FIRST_FD + (int)n_fds;
    return close_range(FIRST_FD + kept, ~0u, 0) == 0;
}

/* fork(2); the child has all signals at their defaults. -1 and error in the parent. */
static pid_t fork_clean(GError **error) {
    pid_t child = fork();
    if (child < 0)
        set_error(error, FORTNIGHT_ERROR_TEMPORARY, "fork");
    if (child == 0)
        reset_signals();
    return child;
}

/* ---- roles ---- */

pid_t spawn_role(const char *role, const char *const *arguments, const int *fds, guint n_fds,
                 SpawnFlags flags, GError **error) {
    g_return_val_if_fail(n_fds <= FDS_MAX, -1);
    g_autoptr(GPtrArray) argv = g_ptr_array_new(); /* built before the fork: no allocation after it */
    g_ptr_array_add(argv, (gpointer) "fortnight");
    g_ptr_array_add(argv, (gpointer) "--role");
    g_ptr_array_add(argv, (gpointer)role);
    for (; arguments != NULL && *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    int image = strcmp(role, "reader") == 0 ? reader_image_open() : -1;
    pid_t parent = getpid();
    pid_t child = fork_clean(error);
    if (child != 0) {
        if (image >= 0)
            close(image);
        return child;
    }
    /* a terminal sends these to all; who started the roles tells them to leave */
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    bool ready = to_null(STDIN_FILENO, O_RDONLY) && arrange(fds, n_fds, &image);
    if (ready && (flags & SPAWN_SHARES_OUTPUT) == 0)
        ready = to_null(STDOUT_FILENO, O_WRONLY);
    if (ready && (flags & SPAWN_DIES_WITH_PARENT) != 0)
        ready = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
    if (ready && image >= 0)
        fexecve(image, (char *const *)argv->pdata, environ);
    if (ready)
        execv("/proc/self/exe", (char *const *)argv->pdata);
    _exit(EXEC_FAILED);
}

/* ---- commands ---- */

static pid_t start_command(char *const *argv, int output, GError **error) {
    pid_t child = fork_clean(error);
    if (child != 0)
        return child;
    int no_image = -1;
    setpgid(0, 0);
    if (to_null(STDIN_FILENO, O_RDONLY) && dup2(output, STDOUT_FILENO) >= 0 && arrange(NULL, 0, &no_image))
        execvp(argv[0], argv);
    _exit(EXEC_FAILED);
}

/* Reads to the end of file or max_bytes + 1; false if time is over. Grows by hand: a secret must not stay
 * behind in memory that a realloc gave back. */
static bool read_output(int fd, char *bytes, gsize room, gint64 deadline_ms, gsize *ret_length) {
    gsize length = 0;
    while (length < room) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (ready == 0)
            return false;
        ssize_t n = ready > 0 ? read(fd, bytes + length, room - length) : -1;
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return false;
        length += n > 0 ? (gsize)n : 0;
    }
    *ret_length = length;
    return true;
}

/* True if the command has ended well before the deadline; kills its group in any case. */
static bool finish_command(pid_t child, const char *name, bool was_read, gint64 deadline_ms, GError **error) {
    int status = 0;
    pid_t ended = 0;
    /* its output is closed, so its end is near; a wait of a millisecond is short against starting a program
     */
    while (was_read && (ended = waitpid(child, &status, WNOHANG)) == 0 && clock_left_ms(deadline_ms) > 0)
        g_usleep(1000);
    kill(-child, SIGKILL);
    if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (ended != child) {
        waitpid(child, &status, 0);
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "command \"%s\" takes too long", name);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == EXEC_FAILED) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "command \"%s\" cannot be started",
                    name);
    } else {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "command \"%s\" failed (%s %d)",
                    name, WIFEXITED(status) ? "exit status" : "signal",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    }
    return false;
}

char *spawn_capture(char *const *argv, gsize max_bytes, int timeout_ms, gsize *ret_length, GError **error) {
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        set_error(error, FORTNIGHT_ERROR_TEMPORARY, "pipe");
        return NULL;
    }
    gint64 deadline_ms = clock_monotonic_ms() + timeout_ms;
    gsize length = 0, room = max_bytes + 1; /* one more shows that it is too much; and holds the final NUL */
    char *bytes = NULL;
    pid_t child = start_command(argv, pipe_fds[1], error);
    close(pipe_fds[1]);
    if (child > 0) {
        bytes = g_malloc0(room);
        bool was_read = read_output(pipe_fds[0], bytes, room, deadline_ms, &length);
        bool is_fine = finish_command(child, argv[0], was_read, deadline_ms, error);
        if (is_fine && length == room)
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "command \"%s\" printed more than %" G_GSIZE_FORMAT " bytes", argv[0], max_bytes);
        if (!is_fine || length == room) {
            explicit_bzero(bytes, room);
            g_clear_pointer(&bytes, g_free);
        }
    }
    close(pipe_fds[0]);
    if (bytes != NULL)
        *ret_length = length;
    return bytes;
}
