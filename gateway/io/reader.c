#include "gateway/io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader_warm.h"
#include "gateway/io/sandbox.h"
#include "parsers/limits.h"
#include "parsers/reading.h"

/* All lines of a message; a mail with the text of every part stays far below, an mbox of thousands of mails
 * too. */
enum { RESULT_BYTES_MAX = 32 << 20 };
G_STATIC_ASSERT(RESULT_BYTES_MAX < IPC_PAYLOAD_MAX);

/* What a child may fill with data. With the message mapped beside it (72 MiB) and the libraries the largest
 * process stays below 512 MB (the corpora's limit for hostile files). */
enum { CHILD_MEMORY_BYTES = 400 << 20 };

/* The warm parent holds forms and one result; a result of many tiny JSON values grows when it is checked. */
enum { PARENT_MEMORY_BYTES = 640 << 20 };

/* The last words of a child: enough to see why it gave up. */
enum { LAST_WORDS_BYTES = 4096 };

/* The one descriptor of a child beside standard input, output and errors. */
enum { CHILD_RESULT_FD = 3 };

typedef struct {
    int socket_fd;
    int task_fd; /* /proc/self/task, opened before the doors close */
    FormSet *forms;
    SeccompFilter *filter; /* NULL in sanitizer builds */
} Reader;

typedef struct {
    pid_t pid;
    int result_fd, words_fd;
} Child;

typedef struct {
    const char *failure; /* NULL: none; else "crash", "timeout", "memory", "protocol" */
    char detail[96];
} Verdict;

/* ---- in the child ---- */

static gint64 integer_or(const json_t *request, const char *key, gint64 otherwise) {
    const json_t *value = json_object_get(request, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* {"lines":[…]} */
static char *read_message(const Reader *reader, GBytes *data, const json_t *request) {
    const ReadingOptions options = {
        .forms = reader->forms,
        .message = {json_string_value(json_object_get(request, "own_address")),
                    json_string_value(json_object_get(request, "id_domain"))},
        .with_text = json_is_true(json_object_get(request, "text")),
        .with_explanation = json_is_true(json_object_get(request, "explain")),
        .received_s = integer_or(request, "received", -1),
    };
    GPtrArray *lines = reading_parse(data, json_string_value(json_object_get(request, "file")), &options);
    json_t *array = json_array();
    for (guint i = 0; i < lines->len; i++)
        json_array_append(array, g_ptr_array_index(lines, i));
    json_t *result = json_pack("{s:o}", "lines", array);
    return json_dumps(result, JSON_COMPACT); /* nothing is freed: the process ends */
}

static G_NORETURN void run_child(const Reader *reader, GBytes *data, const json_t *request) {
    char *text = read_message(reader, data, request);
    gsize length = text != NULL ? strlen(text) : 0;
    for (gsize done = 0; done < length;) {
        ssize_t n = write(CHILD_RESULT_FD, text + done, length - done);
        if (n <= 0 && errno != EINTR)
            _exit(1);
        done += n > 0 ? (gsize)n : 0;
    }
    _exit(length > 0 ? 0 : 1);
}

static G_NORETURN void enter_child(const Reader *reader, GBytes *data, const json_t *request, int result_fd,
                                   int words_fd, pid_t parent) {
#ifndef FORTNIGHT_SANITIZER /* whose reports belong on standard error */
    dup2(words_fd, STDERR_FILENO);
#endif
    /* the answer's pipe alone stays: not the peer's socket, not the message's memfd, no other end of a pipe
     */
    if (dup2(result_fd, CHILD_RESULT_FD) < 0 || close_range(CHILD_RESULT_FD + 1, ~0u, 0) != 0)
        _exit(1);
    const SandboxLimits limits = {
        .cpu_s = (guint)CLAMP(integer_or(request, "cpu_s", READER_CPU_S), 1, READER_CPU_S),
        .memory_bytes = CHILD_MEMORY_BYTES,
    };
    if (!sandbox_die_with_parent(parent) || !sandbox_enter_child(&limits, reader->filter))
        _exit(1);
    run_child(reader, data, request);
}

/* ---- around the child ---- */

/* A forked child has only the forking thread: a lock that another one held would stay locked for ever. The
 * folder of tasks has two links and one more for each. */
static bool has_one_task(const Reader *reader) {
    struct stat status;
    return fstat(reader->task_fd, &status) == 0 && status.st_nlink == 3;
}

static bool start_child(const Reader *reader, GBytes *data, const json_t *request, Child *ret_child) {
    int result[2] = {-1, -1}, words[2] = {-1, -1};
    if (pipe2(result, O_CLOEXEC) != 0 || pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0) {
        if (result[0] >= 0) {
            close(result[0]);
            close(result[1]);
        }
        return false;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        enter_child(reader, data, request, result[1], words[1], parent);
    close(result[1]);
    close(words[1]);
    if (pid < 0) {
        close(result[0]);
        close(words[0]);
        return false;
    }
    *ret_child = (Child){pid, result[0], words[0]};
    return true;
}

/* Reads what the child writes, until it closes its end. NULL if nothing is over, with the verdict of why. */
static GByteArray *collect(const Child *child, gint64 deadline_ms, Verdict *verdict) {
    enum { STEP_BYTES = 64 << 10 }; /* what a pipe holds */
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (;;) {
        struct pollfd poll_fd = {.fd = child->result_fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (ready == 0) {
            verdict->failure = "timeout";
            g_strlcpy(verdict->detail, "wall clock", sizeof verdict->detail);
            return NULL;
        }
        guint length = bytes->len;
        g_byte_array_set_size(bytes, length + STEP_BYTES);
        ssize_t n = ready > 0 ? read(child->result_fd, bytes->data + length, STEP_BYTES) : -1;
        g_byte_array_set_size(bytes, length + (guint)MAX(n, 0));
        if (n == 0)
            return g_steal_pointer(&bytes);
        if ((n < 0 && errno != EINTR) || bytes->len > RESULT_BYTES_MAX) {
            verdict->failure = "protocol";
            g_strlcpy(verdict->detail, "result too long", sizeof verdict->detail);
            return NULL;
        }
    }
}

/* GLib, and only it, says so before it gives up. */
static bool died_of_memory(const Child *child) {
    char words[LAST_WORDS_BYTES];
    ssize_t n = read(child->words_fd, words, sizeof words);
    return n > 0 && memmem(words, (gsize)n, "failed to allocate", strlen("failed to allocate")) != NULL;
}

static void judge_end(const Child *child, int status, Verdict *verdict) {
    if (verdict->failure != NULL || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return;
    int signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal_number == SIGXCPU) {
        verdict->failure = "timeout";
        g_strlcpy(verdict->detail, "processor time", sizeof verdict->detail);
    } else if (signal_number == SIGKILL || died_of_memory(child)) {
        verdict->failure =
            "memory"; /* SIGKILL: not by us, so by the kernel that needs memory, or at the hard limit */
        g_strlcpy(verdict->detail, "out of memory", sizeof verdict->detail);
    } else {
        verdict->failure = "crash";
        if (signal_number > 0)
            g_snprintf(verdict->detail, sizeof verdict->detail, "SIG%s", sigabbrev_np(signal_number));
        else
            g_snprintf(verdict->detail, sizeof verdict->detail, "exit status %d", WEXITSTATUS(status));
    }
}

static void end_child(const Child *child, Verdict *verdict) {
    int status = 0;
    if (verdict->failure != NULL)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    judge_end(child, status, verdict);
    close(child->result_fd);
    close(child->words_fd);
}

/* ---- what a child says is checked as if it were hostile ---- */

static bool is_line(const json_t *line, const json_t *file) {
    static const char *const kinds[] = {"submission", "urgent",    "command", "correction", "question",
                                        "bounce",     "autoreply", "own",     "unknown"};
    const char *kind = json_string_value(json_object_get(line, "kind"));
    if (kind == NULL || !json_equal(json_object_get(line, "file"), file))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kind, kinds[i]) == 0)
            return json_is_array(json_object_get(line, "parts")) &&
                   json_is_array(json_object_get(line, "problems"));
    return false;
}

/* {"lines":[…]} of a message with this file name, or NULL. */
static json_t *check_result(const GByteArray *bytes, const json_t *file) {
    json_t *result = json_loadb((const char *)bytes->data, bytes->len, 0, NULL);
    const json_t *lines = json_object_get(result, "lines");
    bool is_fine = json_object_size(result) == 1 && json_array_size(lines) > 0;
    for (size_t i = 0; is_fine && i < json_array_size(lines); i++)
        is_fine = is_line(json_array_get(lines, i), file);
    if (is_fine)
        return result;
    json_decref(result);
    return NULL;
}

static json_t *read_one(const Reader *reader, GBytes *data, const json_t *request, Verdict *verdict) {
    Child child;
    gint64 wall_ms = CLAMP(integer_or(request, "wall_ms", READER_WALL_MS), 1, READER_WALL_MS);
    gint64 deadline_ms = clock_monotonic_ms() + wall_ms;
    if (!start_child(reader, data, request, &child)) {
        verdict->failure = "memory";
        g_snprintf(verdict->detail, sizeof verdict->detail, "fork: %s", g_strerror(errno));
        return NULL;
    }
    g_autoptr(GByteArray) bytes = collect(&child, deadline_ms, verdict);
    end_child(&child, verdict);
    if (verdict->failure != NULL)
        return NULL;
    json_t *result = check_result(bytes, json_object_get(request, "file"));
    if (result == NULL) {
        verdict->failure = "protocol";
        g_strlcpy(verdict->detail, "the answer breaks the rules", sizeof verdict->detail);
    }
    return result;
}

/* ---- serving ---- */

static bool serve_read(const Reader *reader, const IpcFrame *frame, GError **error) {
    Verdict verdict = {0};
    json_t *result = NULL;
    g_autoptr(GError) fault = NULL;
    g_autoptr(GBytes) data = frame->fd >= 0 ? ipc_map(frame->fd, LIMIT_MESSAGE_BYTES, &fault) : NULL;
    if (data == NULL || !json_is_string(json_object_get(frame->payload, "file"))) {
        verdict.failure = "protocol";
        g_strlcpy(verdict.detail, fault != NULL ? fault->message : "incomplete request",
                  sizeof verdict.detail);
    } else if (!has_one_task(reader)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "a second thread runs in the reader");
        return false;
    } else {
        result = read_one(reader, data, frame->payload, &verdict);
    }
    if (result == NULL)
        result = json_pack("{s:s, s:s}", "failure", verdict.failure, "detail", verdict.detail);
    json_object_set(result, "id", json_object_get(frame->payload, "id"));
    bool sent = ipc_send(reader->socket_fd, IPC_RESULT, result, -1, READER_WALL_MS, error);
    json_decref(result);
    return sent;
}

static bool take_forms(Reader *reader, const json_t *payload, GError **error) {
    FormSet *forms = form_set_new_from_json(payload, error);
    if (forms == NULL)
        return false;
    g_clear_pointer(&reader->forms, form_set_unref);
    reader->forms = forms;
    return true;
}

/* 1 to go on, 0 to leave in peace, -1 with error. */
static int serve(Reader *reader, GError **error) {
    g_auto(IpcFrame) frame = {.fd = -1};
    g_autoptr(GError) fault = NULL;
    if (ipc_receive(reader->socket_fd, &frame, -1, &fault) < 0) {
        if (g_error_matches(fault, G_IO_ERROR, G_IO_ERROR_CLOSED))
            return 0;
        g_propagate_error(error, g_steal_pointer(&fault));
        return -1;
    }
    switch (frame.kind) {
    case IPC_FORMS:
        return take_forms(reader, frame.payload, error) ? 1 : -1;
    case IPC_READ:
        return serve_read(reader, &frame, error) ? 1 : -1;
    case IPC_STOP:
        return 0;
    default:
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "frame of kind %d", (int)frame.kind);
        return -1;
    }
}

/* Forms come before the doors close: building them reads time zones. */
static bool prepare(Reader *reader, GError **error) {
    reader->task_fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (reader->task_fd < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "/proc/self/task: %s", g_strerror(errno));
        return false;
    }
    int served = serve(reader, error);
    if (served != 1)
        return served == 0; /* the peer has left already */
    if (reader->forms == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                            "the first frame must bring the forms");
        return false;
    }
    reader_warm(reader->forms);
#ifndef FORTNIGHT_SANITIZER
    setrlimit(RLIMIT_DATA, &(const struct rlimit){PARENT_MEMORY_BYTES, RLIM_INFINITY});
#endif
    return sandbox_child_filter(&reader->filter, error) && sandbox_apply(SANDBOX_READER, NULL, error);
}

int reader_main(int socket_fd) {
    Reader reader = {.socket_fd = socket_fd, .task_fd = -1};
    g_autoptr(GError) error = NULL;
    int served = prepare(&reader, &error) ? 1 : -1;
    while (served == 1)
        served = serve(&reader, &error);
    if (served < 0)
        log_error(LOG_ERROR, "reader.failed", error);
    g_clear_pointer(&reader.forms, form_set_unref);
    seccomp_filter_free(reader.filter);
    return served < 0 ? 1 : 0;
}
