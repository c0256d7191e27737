#include "gateway/io/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/credentials.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/notify.h"
#include "gateway/io/spawn.h"

/* Restarting: after 1, 2, 4 … s; a process that lived for LIFE_GOOD_MS starts the row anew. */
enum { BACKOFF_FIRST_MS = 1000, BACKOFF_MAX_MS = 300000, LIFE_GOOD_MS = 60000 };

/* In a poll nobody waits for five minutes: a role that died this often is given up. */
enum { ONE_SHOT_DEATHS_MAX = 3 };

/* What is under way (a letter with a slow server, a batch) may end; systemd's own limit is 90 s. */
enum { STOP_TIMEOUT_MS = 30000 };

/* After the keeper the others see their sockets close; they have nothing to finish. */
enum { FAREWELL_MS = 2000 };

/* The keeper always reads its control socket. */
enum { CONTROL_TIMEOUT_MS = 5000 };

/* A command that tells somebody may need a network; what it prints is of no use. */
enum { ALERT_TIMEOUT_MS = 15000, ALERT_OUTPUT_MAX = 4096 };

/* Settings are handed over before the role runs, so they must fit into a pipe; unprivileged ones may have 1
 * MiB. */
enum { SETTINGS_BYTES_MAX = 1 << 20 };

typedef struct {
    const SupervisorRole *role; /* NULL: the keeper */
    pid_t pid;                  /* 0: not running */
    guint deaths;               /* in a row */
    gint64 started_ms;
    gint64 restart_ms; /* when to start it again; -1: not waiting for that */
} Process;

typedef struct {
    const SupervisorPlan *plan;
    Process keeper;
    GArray *processes; /* Process: the other roles */
    int control_fd;    /* to the keeper */
    int signal_fd;
    bool is_stopping, is_keeper_mute;
    gint64 kill_ms; /* when stopping: end of patience; else -1 */
} Supervisor;

/* ---- settings ---- */

static void *secret_malloc(size_t size) {
    return malloc(size);
}

/* jansson's memory may hold a password: it is cleared before it is given back. */
static void secret_free(void *memory) {
    if (memory == NULL)
        return;
    explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/* A pipe with these bytes, its write end closed; -1 and error. */
static int filled_pipe(const char *text, GError **error) {
    int fds[2];
    size_t length = strlen(text);
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY, "pipe: %s", g_strerror(errno));
        return -1;
    }
    fcntl(fds[1], F_SETPIPE_SZ, (int)MIN(length + 1, SETTINGS_BYTES_MAX));
    ssize_t written = write(fds[1], text, length);
    close(fds[1]);
    if (written == (ssize_t)length)
        return fds[0];
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                "settings of %zu bytes do not fit into a pipe", length);
    close(fds[0]);
    return -1;
}

/* The settings of a role with its secret, as a pipe. */
static int settings_pipe(json_t *settings, bool has_credential, GError **error) {
    json_t *whole = settings != NULL ? json_copy(settings) : json_object();
    char *secret = has_credential ? credentials_read(settings, error) : NULL;
    int fd = -1;
    if (!has_credential || secret != NULL) {
        if (secret != NULL)
            json_object_set_new(whole, "password", json_string(secret));
        char *text = json_dumps(whole, JSON_COMPACT);
        fd = filled_pipe(text, error);
        secret_free(text);
    }
    credentials_clear(secret);
    json_decref(whole);
    return fd;
}

json_t *supervisor_settings(int fd, GError **error) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, SETTINGS_BYTES_MAX + 1); /* at once: growing would leave copies behind */
    fcntl(fd, F_SETFL, 0);
    gsize length = 0;
    ssize_t n;
    while ((n = read(fd, bytes->data + length, bytes->len - length)) > 0 || (n < 0 && errno == EINTR))
        length += n > 0 ? (gsize)n : 0;
    close(fd);
    json_error_t fault;
    json_t *settings = json_loadb((const char *)bytes->data, length, 0, &fault);
    explicit_bzero(bytes->data, length);
    if (json_is_object(settings))
        return settings;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT, "settings: %s",
                settings == NULL ? fault.text : "no object");
    json_decref(settings);
    return NULL;
}

/* ---- starting ---- */

/* Starts a process with one end of a new socketpair and its settings; the other end is returned. -1 and
 * error. */
static int start_process(const Supervisor *supervisor, Process *process, GError **error) {
    const SupervisorRole *role = process->role;
    int settings = role != NULL ? settings_pipe(role->settings, role->has_credential, error)
                                : settings_pipe(supervisor->plan->keeper_settings, false, error);
    if (settings < 0)
        return -1;
    int pair[2] = {-1, -1};
    if (ipc_pair(pair, error)) {
        /* a keeper that loses its supervisor ends what it has begun: its control socket closes */
        pid_t pid = spawn_role(role != NULL ? role->name : "keeper", supervisor->plan->arguments,
                               (const int[]){pair[1], settings}, 2,
                               role != NULL ? SPAWN_DIES_WITH_PARENT : SPAWN_SHARES_OUTPUT, error);
        close(pair[1]);
        if (pid > 0) {
            process->pid = pid;
            process->started_ms = clock_monotonic_ms();
            process->restart_ms = -1;
        } else {
            close(pair[0]);
            pair[0] = -1;
        }
    }
    close(settings);
    return pair[0];
}

static bool tell_keeper(const Supervisor *supervisor, const char *role, int fd, GError **error) {
    json_t *payload =
        fd >= 0 ? json_pack("{s:s}", "role", role) : json_pack("{s:s, s:b}", "role", role, "gone", 1);
    bool told = ipc_send(supervisor->control_fd, IPC_ROLE, payload, fd, CONTROL_TIMEOUT_MS, error);
    json_decref(payload);
    return told;
}

static bool start_role(const Supervisor *supervisor, Process *process, GError **error) {
    int peer = start_process(supervisor, process, error);
    if (peer < 0)
        return false;
    g_autoptr(GError) untold = NULL; /* a keeper that takes no frame is dying: the loop sees its end */
    if (!tell_keeper(supervisor, process->role->name, peer, &untold))
        log_error(LOG_WARNING, "supervisor.keeper_silent", untold);
    close(peer);
    log_event(LOG_INFO, "role.started", LOG_TEXT("started", process->role->name),
              LOG_NUMBER("pid", process->pid));
    return true;
}

static bool start_all(Supervisor *supervisor, GError **error) {
    supervisor->control_fd = start_process(supervisor, &supervisor->keeper, error);
    if (supervisor->control_fd < 0)
        return false;
    for (guint i = 0; i < supervisor->processes->len; i++)
        if (!start_role(supervisor, &g_array_index(supervisor->processes, Process, i), error))
            return false;
    notify_state("READY=1");
    return true;
}

/* ---- ends ---- */

static void plan_restart(const Supervisor *supervisor, Process *process) {
    gint64 now_ms = clock_monotonic_ms();
    if (now_ms - process->started_ms >= LIFE_GOOD_MS)
        process->deaths = 0;
    guint doublings = MIN(process->deaths, 16);
    gint64 delay_ms = MIN((gint64)BACKOFF_FIRST_MS << doublings, BACKOFF_MAX_MS);
    process->deaths++;
    /* between half and all of it, so that roles that died together do not come back together */
    process->restart_ms = now_ms + delay_ms / 2 + g_random_int_range(0, (gint32)(delay_ms / 2) + 1);
    if (process->role == NULL || !supervisor->plan->one_shot || process->deaths < ONE_SHOT_DEATHS_MAX)
        return;
    process->restart_ms = -1;
    g_autoptr(GError) untold = NULL;
    log_event(LOG_ERROR, "role.given_up", LOG_TEXT("gone", process->role->name));
    if (!tell_keeper(supervisor, process->role->name, -1, &untold))
        log_error(LOG_WARNING, "supervisor.keeper_silent", untold);
}

/* A role that leaves by itself has seen its socket close: at the end of a pass it may be faster than the
 * keeper. */
static void log_end(const char *name, pid_t pid, int status) {
    bool is_clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    log_event(is_clean ? LOG_INFO : LOG_WARNING, "role.ended", LOG_TEXT("ended", name),
              LOG_NUMBER("pid", pid), LOG_TEXT("by", WIFSIGNALED(status) ? "signal" : "exit"),
              LOG_NUMBER("status", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
}

static Process *find_process(const Supervisor *supervisor, pid_t pid) {
    for (guint i = 0; i < supervisor->processes->len; i++)
        if (g_array_index(supervisor->processes, Process, i).pid == pid)
            return &g_array_index(supervisor->processes, Process, i);
    return NULL;
}

/* Reaps what has ended; true if the keeper is among it, with its wait status. */
static bool reap(Supervisor *supervisor, int *ret_keeper_status) {
    bool keeper_ended = false;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        Process *process = find_process(supervisor, pid);
        if (pid == supervisor->keeper.pid) {
            supervisor->keeper.pid = 0;
            keeper_ended = true;
            *ret_keeper_status = status;
        } else if (process != NULL) {
            process->pid = 0;
            if (supervisor->is_stopping)
                continue;
            log_end(process->role->name, pid, status);
            plan_restart(supervisor, process);
        }
    }
    return keeper_ended;
}

static void kill_all(const Supervisor *supervisor) {
    if (supervisor->keeper.pid > 0)
        kill(supervisor->keeper.pid, SIGKILL);
    for (guint i = 0; i < supervisor->processes->len; i++)
        if (g_array_index(supervisor->processes, Process, i).pid > 0)
            kill(g_array_index(supervisor->processes, Process, i).pid, SIGKILL);
}

static bool any_runs(const Supervisor *supervisor) {
    for (guint i = 0; i < supervisor->processes->len; i++)
        if (g_array_index(supervisor->processes, Process, i).pid > 0)
            return true;
    return supervisor->keeper.pid > 0;
}

/* After the keeper: lets the roles leave, ends those that do not. */
static void end_all(Supervisor *supervisor) {
    gint64 deadline_ms = clock_monotonic_ms() + FAREWELL_MS;
    int unused;
    supervisor->is_stopping = true;
    if (supervisor->control_fd >= 0)
        close(supervisor->control_fd);
    supervisor->control_fd = -1;
    for (reap(supervisor, &unused); any_runs(supervisor); reap(supervisor, &unused)) {
        struct pollfd poll_fd = {.fd = supervisor->signal_fd, .events = POLLIN};
        struct signalfd_siginfo info;
        if (clock_left_ms(deadline_ms) == 0)
            kill_all(supervisor);
        /* the signal only wakes us; what ended is asked of waitpid() */
        if (poll(&poll_fd, 1, MAX(clock_left_ms(deadline_ms), 10)) > 0 &&
            read(supervisor->signal_fd, &info, sizeof info) < 0 && errno != EAGAIN && errno != EINTR)
            kill_all(supervisor);
    }
}

/* ---- the loop ---- */

static void begin_stop(Supervisor *supervisor) {
    if (supervisor->is_stopping) {
        kill_all(supervisor);
        return;
    }
    log_event(LOG_NOTICE, "supervisor.stopping");
    notify_state("STOPPING=1");
    supervisor->is_stopping = true;
    supervisor->kill_ms = clock_monotonic_ms() + STOP_TIMEOUT_MS;
    json_t *nothing = json_object();
    g_autoptr(GError) error = NULL;
    if (!ipc_send(supervisor->control_fd, IPC_STOP, nothing, -1, CONTROL_TIMEOUT_MS, &error))
        supervisor->kill_ms = clock_monotonic_ms();
    json_decref(nothing);
}

static void take_signals(Supervisor *supervisor) {
    struct signalfd_siginfo info;
    while (read(supervisor->signal_fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            begin_stop(supervisor);
}

static gint64 next_deadline_ms(const Supervisor *supervisor) {
    gint64 next_ms = supervisor->kill_ms;
    for (guint i = 0; i < supervisor->processes->len && !supervisor->is_stopping; i++) {
        gint64 restart_ms = g_array_index(supervisor->processes, Process, i).restart_ms;
        if (restart_ms >= 0 && (next_ms < 0 || restart_ms < next_ms))
            next_ms = restart_ms;
    }
    return next_ms;
}

static void restart_due(const Supervisor *supervisor) {
    for (guint i = 0; i < supervisor->processes->len; i++) {
        Process *process = &g_array_index(supervisor->processes, Process, i);
        g_autoptr(GError) error = NULL;
        if (process->restart_ms < 0 || clock_left_ms(process->restart_ms) > 0)
            continue;
        if (!start_role(supervisor, process, &error)) {
            log_error(LOG_ERROR, "role.start_failed", error);
            process->started_ms = clock_monotonic_ms();
            plan_restart(supervisor, process);
        }
    }
}

/* The operator's second channel: the configured command with what the keeper says. It is waited for, so that
 * a flood of alerts cannot become a flood of processes. */
static void run_alert_command(const Supervisor *supervisor, const json_t *alert) {
    static const char *const members[] = {"code", "cause_text", "remedy_text"};
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    gsize length;
    for (guint i = 0; supervisor->plan->alert_command[i] != NULL; i++)
        g_ptr_array_add(argv, (gpointer)supervisor->plan->alert_command[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *text = json_string_value(json_object_get(alert, members[i]));
        g_ptr_array_add(argv, (gpointer)(text != NULL ? text : ""));
    }
    g_ptr_array_add(argv, NULL);
    g_autofree char *output =
        spawn_capture((char *const *)argv->pdata, ALERT_OUTPUT_MAX, ALERT_TIMEOUT_MS, &length, &error);
    if (output == NULL)
        log_error(LOG_ERROR, "alert.command_failed", error);
}

/* What the keeper sends: alerts. */
static void take_alerts(Supervisor *supervisor) {
    for (int received = 1; received > 0;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) closed = NULL;
        received = ipc_receive(supervisor->control_fd, &frame, 0, &closed);
        if (received < 0)
            supervisor->is_keeper_mute = true; /* it has ended: its end follows */
        else if (received > 0 && frame.kind == IPC_ALERT && supervisor->plan->alert_command != NULL)
            run_alert_command(supervisor, frame.payload);
    }
}

/* Until the keeper ends; its wait status. */
static int watch(Supervisor *supervisor) {
    int status = 0;
    while (!reap(supervisor, &status)) {
        struct pollfd fds[] = {
            {.fd = supervisor->signal_fd, .events = POLLIN},
            {.fd = supervisor->is_keeper_mute ? -1 : supervisor->control_fd, .events = POLLIN}};
        poll(fds, G_N_ELEMENTS(fds), clock_left_ms(next_deadline_ms(supervisor)));
        if (fds[1].revents != 0)
            take_alerts(supervisor);
        take_signals(supervisor);
        if (supervisor->kill_ms >= 0 && clock_left_ms(supervisor->kill_ms) == 0)
            kill_all(supervisor);
        if (!supervisor->is_stopping)
            restart_due(supervisor);
    }
    return status;
}

/* Waits out the keeper's back-off; false if a signal asks us to leave. */
static bool wait_restart(Supervisor *supervisor) {
    plan_restart(supervisor, &supervisor->keeper);
    struct pollfd poll_fd = {.fd = supervisor->signal_fd, .events = POLLIN};
    struct signalfd_siginfo info;
    while (clock_left_ms(supervisor->keeper.restart_ms) > 0) {
        poll(&poll_fd, 1, clock_left_ms(supervisor->keeper.restart_ms));
        while (read(supervisor->signal_fd, &info, sizeof info) == sizeof info)
            if (info.ssi_signo != SIGCHLD)
                return false;
    }
    return true;
}

/* One life of a keeper: exit status, or -1 where it crashed and everything is to be started again. */
static int run_once(Supervisor *supervisor) {
    g_autoptr(GError) error = NULL;
    supervisor->is_stopping = supervisor->is_keeper_mute = false;
    supervisor->kill_ms = -1;
    if (!start_all(supervisor, &error)) {
        log_error(LOG_ERROR, "supervisor.start_failed", error);
        kill_all(supervisor);
        end_all(supervisor);
        return fortnight_error_exit_status(error);
    }
    int status = watch(supervisor);
    bool was_asked = supervisor->is_stopping;
    end_all(supervisor);
    if (WIFEXITED(status) && WEXITSTATUS(status) != SUPERVISOR_AGAIN)
        return WEXITSTATUS(status);
    log_end("keeper", 0, status);
    return supervisor->plan->one_shot || was_asked ? EX_TEMPFAIL : -1;
}

int supervisor_run(const SupervisorPlan *plan) {
    Supervisor supervisor = {.plan = plan, .control_fd = -1, .keeper = {.restart_ms = -1}};
    supervisor.processes = g_array_new(FALSE, TRUE, sizeof(Process));
    for (guint i = 0; i < plan->n_roles; i++)
        for (guint n = 0; n < plan->roles[i].count; n++) {
            Process process = {.role = &plan->roles[i], .restart_ms = -1};
            g_array_append_val(supervisor.processes, process);
        }
    sigset_t signals, before;
    sigemptyset(&signals);
    const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
        sigaddset(&signals, numbers[i]);
    sigprocmask(SIG_BLOCK, &signals, &before);
    supervisor.signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    json_set_alloc_funcs(secret_malloc, secret_free);
    int status = -1;
    while (status < 0) {
        status = run_once(&supervisor);
        if (status < 0 && !wait_restart(&supervisor))
            status = EX_TEMPFAIL;
    }
    json_set_alloc_funcs(malloc, free);
    close(supervisor.signal_fd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    g_array_unref(supervisor.processes);
    return status;
}
