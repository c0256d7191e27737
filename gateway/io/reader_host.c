#include "gateway/io/reader_host.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader.h"
#include "gateway/io/reader_answer.h"
#include "gateway/io/spawn.h"

/* Messages at one reader: the one it reads, and the next ones, so that it never waits for us. */
enum { DEPTH = 4 };

/* A reader dies only by a defect or from outside; a message that was there twice when it happened is answered
 * as a crash. */
enum { ATTEMPTS_MAX = 2 };

/* Readers of our own that died in a row without having answered anything: then they cannot be started. */
enum { STILLBORN_MAX = 3 };

/* Beyond a message's wall clock: forking, checking, sending, and a machine that is busy. */
enum { GRACE_MS = 15000 };

/* A frame to a reader is small and its socket has room; if not, it is stuck. */
enum { SEND_TIMEOUT_MS = 2000 };

typedef struct {
    gint64 id;
    json_t *request;
    int memfd;
    gpointer tag;
    guint attempts;
} Job;

typedef struct {
    int socket_fd;      /* -1: died, not yet replaced */
    pid_t pid;          /* 0: not ours */
    GQueue jobs;        /* Job*, in the order of their answers */
    gint64 deadline_ms; /* for the first of them; -1: none */
    bool has_answered;
} Slot;

struct ReaderHost {
    json_t *forms;
    ReaderDone done;
    gpointer user_data;
    GPtrArray *slots; /* Slot* */
    GQueue waiting;   /* Job* */
    gint64 next_id;
    guint stillborn;
    guint given_up; /* readers that the supervisor will not replace */
    bool spawns;
};

/* ---- jobs ---- */

static void job_free(Job *job) {
    json_decref(job->request);
    if (job->memfd >= 0)
        close(job->memfd);
    g_free(job);
}

static void slot_free(gpointer data) {
    Slot *slot = data;
    if (slot->socket_fd >= 0)
        close(slot->socket_fd);
    if (slot->pid > 0) {
        kill(slot->pid, SIGKILL);
        waitpid(slot->pid, NULL, 0);
    }
    g_queue_clear_full(&slot->jobs, (GDestroyNotify)job_free);
    g_free(slot);
}

static gint64 job_deadline_ms(const Job *job) {
    const json_t *wall_ms = json_object_get(job->request, "wall_ms");
    return clock_monotonic_ms() + GRACE_MS +
           (json_is_integer(wall_ms) ? json_integer_value(wall_ms) : READER_WALL_MS);
}

static void start_watch(Slot *slot) {
    const Job *first = g_queue_peek_head(&slot->jobs);
    slot->deadline_ms = first != NULL ? job_deadline_ms(first) : -1;
}

static void answer(ReaderHost *host, Job *job, json_t *result) {
    host->done(result, job->tag, host->user_data);
    job_free(job);
}

static void answer_failure(ReaderHost *host, Job *job, const char *failure, const char *detail) {
    json_t *result =
        json_pack("{s:I, s:s, s:s}", "id", (json_int_t)job->id, "failure", failure, "detail", detail);
    answer(host, job, result);
    json_decref(result);
}

/* ---- slots ---- */

static bool start_slot(Slot *slot, GError **error) {
    int pair[2];
    if (!ipc_pair(pair, error))
        return false;
    const char *arguments[] = {"--log", log_level_name(log_lowest()), NULL};
    slot->pid = spawn_role("reader", arguments, &pair[1], 1, SPAWN_DIES_WITH_PARENT, error);
    close(pair[1]);
    if (slot->pid < 0) {
        slot->pid = 0;
        close(pair[0]);
        return false;
    }
    slot->socket_fd = pair[0];
    return true;
}

static bool send_forms(ReaderHost *host, Slot *slot, GError **error) {
    slot->has_answered = false;
    return ipc_send(slot->socket_fd, IPC_FORMS, host->forms, -1, SEND_TIMEOUT_MS, error);
}

/* A reader has died or is stuck: its messages go back, the first one with one attempt less. */
static void lose_slot(ReaderHost *host, Slot *slot, const char *why) {
    log_event(LOG_WARNING, "reader.lost", LOG_TEXT("why", why), LOG_NUMBER("messages", slot->jobs.length));
    close(slot->socket_fd);
    slot->socket_fd = -1;
    slot->deadline_ms = -1;
    if (slot->pid > 0) {
        kill(slot->pid, SIGKILL);
        waitpid(slot->pid, NULL, 0);
        slot->pid = 0;
    }
    host->stillborn = slot->has_answered ? 0 : host->stillborn + 1;
    Job *suspect = g_queue_pop_head(&slot->jobs);
    for (Job *job; (job = g_queue_pop_tail(&slot->jobs)) != NULL;)
        g_queue_push_head(&host->waiting, job);
    if (suspect != NULL && ++suspect->attempts >= ATTEMPTS_MAX)
        answer_failure(host, suspect, "crash", "the reader died with it");
    else if (suspect != NULL)
        g_queue_push_head(&host->waiting, suspect);
}

static void revive_slots(ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++) {
        Slot *slot = host->slots->pdata[i];
        g_autoptr(GError) error = NULL;
        if (slot->socket_fd >= 0 || host->stillborn >= STILLBORN_MAX)
            continue;
        if (!start_slot(slot, &error)) {
            host->stillborn++;
            log_error(LOG_ERROR, "reader.start_failed", error);
        } else if (!send_forms(host, slot, &error)) {
            lose_slot(host, slot, error->message);
        }
    }
}

/* No reader is left, and none can be started: every message gets its answer all the same. */
static void give_up(ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++)
        if (((Slot *)host->slots->pdata[i])->socket_fd >= 0)
            return;
    for (Job *job; (job = g_queue_pop_head(&host->waiting)) != NULL;)
        answer_failure(host, job, "crash", "no reader can be started");
}

/* ---- flow ---- */

static Slot *idlest_slot(const ReaderHost *host) {
    Slot *best = NULL;
    for (guint i = 0; i < host->slots->len; i++) {
        Slot *slot = host->slots->pdata[i];
        if (slot->socket_fd >= 0 && slot->jobs.length < DEPTH &&
            (best == NULL || slot->jobs.length < best->jobs.length))
            best = slot;
    }
    return best;
}

static void hand_out(ReaderHost *host) {
    for (Slot *slot; host->waiting.length > 0 && (slot = idlest_slot(host)) != NULL;) {
        Job *job = g_queue_pop_head(&host->waiting);
        g_autoptr(GError) error = NULL;
        g_queue_push_tail(&slot->jobs, job);
        if (slot->jobs.length == 1)
            start_watch(slot);
        if (!ipc_send(slot->socket_fd, IPC_READ, job->request, job->memfd, SEND_TIMEOUT_MS, &error))
            lose_slot(host, slot, error->message);
    }
}

/* An answer must be that of the first message under way; anything else is no reader of ours. */
static bool take_result(ReaderHost *host, Slot *slot, const IpcFrame *frame) {
    const Job *first = g_queue_peek_head(&slot->jobs);
    bool is_whole = frame->fd >= 0 || json_is_string(json_object_get(frame->payload, "failure"));
    if (frame->kind != IPC_RESULT || first == NULL || !is_whole ||
        json_integer_value(json_object_get(frame->payload, "id")) != first->id)
        return false;
    Job *job = g_queue_pop_head(&slot->jobs);
    slot->has_answered = true;
    host->stillborn = 0;
    start_watch(slot);
    if (frame->fd < 0) {
        answer(host, job, frame->payload);
        return true;
    }
    json_t *result = reader_answer_take(frame->fd, json_object_get(job->request, "file"));
    if (result == NULL) {
        answer_failure(host, job, "protocol", "the answer breaks the rules");
        return true;
    }
    json_object_set(result, "id", json_object_get(frame->payload, "id"));
    answer(host, job, result);
    json_decref(result);
    return true;
}

static void receive_results(ReaderHost *host, Slot *slot) {
    while (slot->socket_fd >= 0) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) error = NULL;
        int got = ipc_receive(slot->socket_fd, &frame, 0, &error);
        if (got == 0 && slot->deadline_ms >= 0 && clock_left_ms(slot->deadline_ms) == 0)
            lose_slot(host, slot, "stuck");
        else if (got == 0)
            return;
        else if (got < 0)
            lose_slot(host, slot, error->message);
        else if (!take_result(host, slot, &frame))
            lose_slot(host, slot, "answer out of turn");
    }
}

void reader_host_dispatch(ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++)
        receive_results(host, host->slots->pdata[i]);
    if (host->spawns && host->waiting.length > 0) {
        revive_slots(host);
        give_up(host);
    } else if (host->given_up > 0 && host->given_up >= host->slots->len) {
        give_up(host);
    }
    hand_out(host);
}

/* ---- the rest ---- */

ReaderHost *reader_host_new(json_t *forms, ReaderDone done, gpointer user_data) {
    ReaderHost *host = g_new0(ReaderHost, 1);
    host->forms = json_incref(forms);
    host->done = done;
    host->user_data = user_data;
    host->slots = g_ptr_array_new_with_free_func(slot_free);
    host->next_id = 1;
    g_queue_init(&host->waiting);
    return host;
}

void reader_host_free(ReaderHost *host) {
    if (host == NULL)
        return;
    g_queue_clear_full(&host->waiting, (GDestroyNotify)job_free);
    g_ptr_array_unref(host->slots);
    json_decref(host->forms);
    g_free(host);
}

static Slot *add_slot(ReaderHost *host) {
    Slot *slot = g_new0(Slot, 1);
    slot->socket_fd = -1;
    slot->deadline_ms = -1;
    g_queue_init(&slot->jobs);
    g_ptr_array_add(host->slots, slot);
    return slot;
}

bool reader_host_spawn(ReaderHost *host, guint n, GError **error) {
    host->spawns = true;
    for (guint i = 0; i < n; i++) {
        Slot *slot = add_slot(host);
        if (!start_slot(slot, error) || !send_forms(host, slot, error))
            return false;
    }
    return true;
}

void reader_host_attach(ReaderHost *host, int socket_fd) {
    if (socket_fd < 0) {
        host->given_up++;
        reader_host_dispatch(host);
        return;
    }
    Slot *slot = NULL;
    for (guint i = 0; i < host->slots->len && slot == NULL; i++)
        if (((Slot *)host->slots->pdata[i])->socket_fd < 0)
            slot = host->slots->pdata[i];
    if (slot == NULL)
        slot = add_slot(host);
    slot->socket_fd = socket_fd;
    g_autoptr(GError) error = NULL;
    if (!send_forms(host, slot, &error))
        lose_slot(host, slot, error->message);
    hand_out(host);
}

void reader_host_submit(ReaderHost *host, json_t *request, int memfd, gpointer tag) {
    Job *job = g_new0(Job, 1);
    *job = (Job){.id = host->next_id++, .request = request, .memfd = memfd, .tag = tag};
    json_object_set_new(request, "id", json_integer(job->id));
    g_queue_push_tail(&host->waiting, job);
    hand_out(host);
}

bool reader_host_is_full(const ReaderHost *host) {
    return host->waiting.length > 0 || idlest_slot(host) == NULL;
}

guint reader_host_pending(const ReaderHost *host) {
    guint pending = host->waiting.length;
    for (guint i = 0; i < host->slots->len; i++)
        pending += ((const Slot *)host->slots->pdata[i])->jobs.length;
    return pending;
}

guint reader_host_fds(const ReaderHost *host, struct pollfd *fds, guint max) {
    guint n = 0;
    for (guint i = 0; i < host->slots->len && n < max; i++) {
        const Slot *slot = host->slots->pdata[i];
        if (slot->socket_fd >= 0)
            fds[n++] = (struct pollfd){.fd = slot->socket_fd, .events = POLLIN};
    }
    return n;
}

int reader_host_timeout_ms(const ReaderHost *host) {
    int timeout_ms = -1;
    for (guint i = 0; i < host->slots->len; i++) {
        int left_ms = clock_left_ms(((const Slot *)host->slots->pdata[i])->deadline_ms);
        if (left_ms >= 0 && (timeout_ms < 0 || left_ms < timeout_ms))
            timeout_ms = left_ms;
    }
    return timeout_ms;
}

void reader_host_wait(ReaderHost *host) {
    enum { FDS_MAX = 64 };
    struct pollfd fds[FDS_MAX];
    guint n = reader_host_fds(host, fds, FDS_MAX);
    poll(fds, n, n > 0 ? reader_host_timeout_ms(host) : 0);
    reader_host_dispatch(host);
}
