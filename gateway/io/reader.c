#include "gateway/io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/core/json_write.h"
#include "gateway/io/clock.h"
#include "gateway/io/converter.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader_answer.h"
#include "gateway/io/reader_warm.h"
#include "gateway/io/sandbox.h"
#include "parsers/limits.h"
#include "parsers/reading.h"

/* A message, and what stands in for its parts. */
enum { READ_BYTES_MAX = LIMIT_MESSAGE_BYTES + CONVERTER_BYTES_MAX };

/* What a child may fill with data. With the message mapped beside it (72 MiB) and the libraries the largest
 * process stays below 512 MB (the corpora's limit for hostile files). */
enum { CHILD_MEMORY_BYTES = 400 << 20 };

/* The warm parent holds the forms; what its children answer it never looks into. */
enum { PARENT_MEMORY_BYTES = 640 << 20 };

/* Of a confidence: 0.98, not 0.97999999999999998. */
enum { REAL_DIGITS = 15 };

/* The last words of a child: enough to see why it gave up. */
enum { LAST_WORDS_BYTES = 4096 };

/* The one descriptor of a child beside standard input, output and errors: the memory for its answer. */
enum { CHILD_ANSWER_FD = 3 };

typedef struct {
    int socket_fd;
    int task_fd; /* /proc/self/task, opened before the doors close */
    FormSet *forms;
    SeccompFilter *filter; /* NULL in sanitizer builds */
} Reader;

typedef struct {
    pid_t pid;
    int answer_fd; /* memfd */
    int words_fd;  /* what it says on standard error */
} Child;

typedef struct {
    const char *failure; /* NULL: none; else "crash", "timeout", "memory", "protocol", READER_ELSEWHERE */
    char detail[96];
} Verdict;

/* ---- in the child ---- */

static gint64 integer_or(const json_t *request, const char *key, gint64 otherwise) {
    const json_t *value = json_object_get(request, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* What stands in for parts lies behind the message in the same bytes: sets *ret_message, and returns what the
 * reading may use and wish for; NULL where there is no converter. */
static Conversions *take_conversions(GBytes *data, const json_t *request, GBytes **ret_message) {
    gsize room = g_bytes_get_size(data);
    gsize at = (gsize)CLAMP(integer_or(request, "message_bytes", (gint64)room), 0, (gint64)room);
    const json_t *converted = json_object_get(request, "converted");
    *ret_message = g_bytes_new_from_bytes(data, 0, at);
    if (!json_is_true(json_object_get(request, "convert")) && converted == NULL)
        return NULL;
    Conversions *conversions = conversions_new(json_string_value(json_object_get(request, "converter")));
    for (size_t i = 0; i < json_array_size(converted); i++) {
        const json_t *entry = json_array_get(converted, i);
        gsize length = (gsize)CLAMP(integer_or(entry, "bytes", 0), 0, (gint64)(room - at));
        bool is_sheet = g_strcmp0(json_string_value(json_object_get(entry, "target")), "xlsx") == 0;
        const char *sha256 = json_string_value(json_object_get(entry, "sha256"));
        if (sha256 != NULL)
            conversions_add(conversions, sha256, is_sheet ? FILE_XLSX : FILE_DOCX,
                            g_bytes_new_from_bytes(data, at, length));
        at += length;
    }
    return conversions;
}

static json_t *wishes_to_json(const Conversions *conversions) {
    const GPtrArray *wishes = conversions_wishes(conversions);
    json_t *array = json_array();
    for (guint i = 0; i < wishes->len; i++) {
        const ConversionWish *wish = wishes->pdata[i];
        gsize length;
        const guchar *bytes = g_bytes_get_data(wish->data, &length);
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:s, s:s}", "sha256", wish->sha256, "type",
                                        sniff_type_name(wish->type), "target", sniff_type_name(wish->target),
                                        "data", g_base64_encode(bytes, length)));
    }
    return array;
}

/* {"lines":[…]}, and "wishes" where there are any; see reader_answer.h */
static char *read_message(const Reader *reader, GBytes *data, const json_t *request) {
    GBytes *message;
    Conversions *conversions = take_conversions(data, request, &message);
    const ReadingOptions options = {
        .forms = reader->forms,
        .message = {json_string_value(json_object_get(request, "own_address")),
                    json_string_value(json_object_get(request, "id_domain")), .leaves_memory = true},
        .with_text = json_is_true(json_object_get(request, "text")),
        .with_attachments = json_is_true(json_object_get(request, "attachments")),
        .with_explanation = json_is_true(json_object_get(request, "explain")),
        .received_s = integer_or(request, "received", -1),
        .conversions = conversions,
    };
    GPtrArray *lines = reading_parse(message, json_string_value(json_object_get(request, "file")), &options);
    json_t *array = json_array();
    for (guint i = 0; i < lines->len; i++)
        json_array_append(array, g_ptr_array_index(lines, i));
    json_t *result = json_pack("{s:o}", "lines", array);
    if (json_is_true(json_object_get(request, "convert")) && conversions_wishes(conversions)->len > 0)
        json_object_set_new(result, "wishes", wishes_to_json(conversions));
    return json_write(result, REAL_DIGITS); /* nothing is freed: the process ends */
}

static G_NORETURN void run_child(const Reader *reader, GBytes *data, const json_t *request) {
    char *text = read_message(reader, data, request);
    gsize length = text != NULL ? strlen(text) : 0;
    for (gsize done = 0; done < length;) {
        ssize_t n = write(CHILD_ANSWER_FD, text + done, length - done);
        if (n <= 0 && errno != EINTR)
            _exit(1);
        done += n > 0 ? (gsize)n : 0;
    }
    _exit(length > 0 ? 0 : 1);
}

static G_NORETURN void enter_child(const Reader *reader, GBytes *data, const json_t *request, int answer_fd,
                                   int words_fd, pid_t parent) {
#ifndef FORTNIGHT_SANITIZER /* whose reports belong on standard error */
    dup2(words_fd, STDERR_FILENO);
#endif
    /* the answer's memory alone stays: not the peer's socket, not the message's memfd, no end of a pipe */
    if (dup2(answer_fd, CHILD_ANSWER_FD) < 0 || close_range(CHILD_ANSWER_FD + 1, ~0u, 0) != 0)
        _exit(1);
    const SandboxLimits limits = {
        .cpu_s = (guint)CLAMP(integer_or(request, "cpu_s", READER_CPU_S), 1, READER_CPU_S),
        .memory_bytes = CHILD_MEMORY_BYTES,
        .file_bytes = READER_ANSWER_BYTES_MAX,
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
    int words[2];
    int answer_fd = memfd_create("answer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (answer_fd < 0)
        return false;
    if (pipe2(words, O_CLOEXEC | O_NONBLOCK) != 0) {
        close(answer_fd);
        return false;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        enter_child(reader, data, request, answer_fd, words[1], parent);
    close(words[1]);
    if (pid < 0) {
        close(answer_fd);
        close(words[0]);
        return false;
    }
    *ret_child = (Child){pid, answer_fd, words[0]};
    return true;
}

/* Waits until the child has ended; false, with the verdict, where it has to be ended. */
static bool await_end(const Child *child, gint64 deadline_ms, Verdict *verdict) {
    int process_fd = pidfd_open(child->pid, 0), ready = -1;
    while (process_fd >= 0 && ready < 0) {
        struct pollfd poll_fd = {.fd = process_fd, .events = POLLIN};
        ready = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (ready < 0 && errno != EINTR)
            break;
    }
    if (process_fd >= 0)
        close(process_fd);
    if (ready > 0)
        return true;
    verdict->failure = ready == 0 ? "timeout" : "crash";
    g_strlcpy(verdict->detail, ready == 0 ? "wall clock" : "its end cannot be awaited",
              sizeof verdict->detail);
    return false;
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
    if (WIFEXITED(status) && WEXITSTATUS(status) == READER_CHILD_ELSEWHERE) {
        verdict->failure = READER_ELSEWHERE;
        g_strlcpy(verdict->detail, "needs a reader of PDF", sizeof verdict->detail);
    } else if (signal_number == SIGXFSZ) {
        verdict->failure = "protocol";
        g_strlcpy(verdict->detail, "result too long", sizeof verdict->detail);
    } else if (signal_number == SIGXCPU) {
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
    close(child->words_fd);
}

/* The child's answer as a sealed memfd, to be checked by whoever asked; -1 with the verdict. */
static int read_one(const Reader *reader, GBytes *data, const json_t *request, Verdict *verdict) {
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    Child child;
    gint64 wall_ms = CLAMP(integer_or(request, "wall_ms", READER_WALL_MS), 1, READER_WALL_MS);
    gint64 deadline_ms = clock_monotonic_ms() + wall_ms;
    if (!start_child(reader, data, request, &child)) {
        verdict->failure = "memory";
        g_snprintf(verdict->detail, sizeof verdict->detail, "fork: %s", g_strerror(errno));
        return -1;
    }
    await_end(&child, deadline_ms, verdict);
    end_child(&child, verdict);
    /* the child is gone, so nothing writes any more */
    if (verdict->failure == NULL && fcntl(child.answer_fd, F_ADD_SEALS, seals) != 0) {
        verdict->failure = "protocol";
        g_snprintf(verdict->detail, sizeof verdict->detail, "seal: %s", g_strerror(errno));
    }
    if (verdict->failure == NULL)
        return child.answer_fd;
    close(child.answer_fd);
    return -1;
}

/* ---- serving ---- */

static bool serve_read(const Reader *reader, const IpcFrame *frame, GError **error) {
    Verdict verdict = {0};
    int answer_fd = -1;
    g_autoptr(GError) fault = NULL;
    g_autoptr(GBytes) data = frame->fd >= 0 ? ipc_map(frame->fd, READ_BYTES_MAX, &fault) : NULL;
    if (data == NULL || !json_is_string(json_object_get(frame->payload, "file"))) {
        verdict.failure = "protocol";
        g_strlcpy(verdict.detail, fault != NULL ? fault->message : "incomplete request",
                  sizeof verdict.detail);
    } else if (!has_one_task(reader)) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "a second thread runs in the reader");
        return false;
    } else {
        answer_fd = read_one(reader, data, frame->payload, &verdict);
    }
    json_t *result = json_pack("{s:O?}", "id", json_object_get(frame->payload, "id"));
    if (answer_fd < 0) {
        json_object_set_new(result, "failure", json_string(verdict.failure));
        json_object_set_new(result, "detail", json_string(verdict.detail));
    }
    bool sent = ipc_send(reader->socket_fd, IPC_RESULT, result, answer_fd, READER_WALL_MS, error);
    json_decref(result);
    if (answer_fd >= 0)
        close(answer_fd);
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
