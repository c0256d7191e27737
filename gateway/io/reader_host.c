#include "gateway/io/reader_host.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/converter_host.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader.h"
#include "gateway/io/reader_answer.h"
#include "gateway/io/spawn.h"
#include "parsers/limits.h"

/* Messages at one reader: the one it reads, and the next ones, so that it never waits for us while we write a
 * batch to disk (50 ms for 256 messages, 2 ms to read one). Messages of megabytes are held in memory: of
 * those, two. */
enum { DEPTH_MIN = 4, DEPTH_MAX = 32, DEPTH_LARGE = 2, DEPTH_BYTES = 2 << 20 };
/* At all readers together: each holds a descriptor. */
enum { WITH_READERS_MAX = 128 };

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
    gsize bytes;
    gpointer tag;
    guint attempts;
    json_t *first; /* what was read without a converter, while it is at work */
    GBytes *first_text;
    bool needs_pdf; /* the small reader has said so, or who handed it in guesses so */
} Job;

typedef struct {
    int socket_fd;      /* -1: died, not yet replaced */
    pid_t pid;          /* 0: not ours */
    GQueue jobs;        /* Job*, in the order of their answers */
    gsize bytes;        /* of their messages */
    gint64 deadline_ms; /* for the first of them; -1: none */
    bool has_answered;
    bool has_old_forms; /* it gets no message until it has the new ones, once it has answered what it has */
    bool reads_pdf;     /* a "pdf-reader"; the others read everything else, in half the time */
} Slot;

struct ReaderHost {
    json_t *forms;
    ReaderDone done;
    gpointer user_data;
    GPtrArray *slots;  /* Slot* */
    GQueue waiting[2]; /* Job*; [1]: for a reader of PDF */
    ConverterHost *converter;
    GPtrArray *converting; /* Job*: with the converter */
    gint64 next_id;
    guint stillborn;
    bool given_up[2]; /* a reader that the supervisor will not replace; [1]: of PDF */
    bool spawns;
};

/* ---- jobs ---- */

static void job_free(Job *job) {
    json_decref(job->request);
    json_decref(job->first);
    g_clear_pointer(&job->first_text, g_bytes_unref);
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

static void answer(ReaderHost *host, Job *job, json_t *result, GBytes *text) {
    host->done(result, text, job->tag, host->user_data);
    job_free(job);
}

static void answer_failure(ReaderHost *host, Job *job, const char *failure, const char *detail) {
    json_t *result =
        json_pack("{s:I, s:s, s:s}", "id", (json_int_t)job->id, "failure", failure, "detail", detail);
    answer(host, job, result, NULL);
    json_decref(result);
}

static void wait_for_reader(ReaderHost *host, Job *job) {
    g_queue_push_tail(&host->waiting[job->needs_pdf], job);
}

static guint count_waiting(const ReaderHost *host) {
    return host->waiting[false].length + host->waiting[true].length;
}

/* ---- conversions ---- */

/* The message with what stands in for its parts behind it, in place of the message. */
static bool add_stand_ins(Job *job, GBytes *data, GError **error) {
    g_autoptr(GBytes) message = ipc_map(job->memfd, LIMIT_MESSAGE_BYTES, error);
    if (message == NULL)
        return false;
    gsize message_bytes, data_bytes;
    const void *start = g_bytes_get_data(message, &message_bytes),
               *rest = g_bytes_get_data(data, &data_bytes);
    g_autoptr(GByteArray) both = g_byte_array_sized_new((guint)(message_bytes + data_bytes));
    g_byte_array_append(both, start, (guint)message_bytes);
    g_byte_array_append(both, rest, (guint)data_bytes);
    int memfd = ipc_memfd("message", both->data, both->len, error);
    if (memfd < 0)
        return false;
    close(job->memfd);
    job->memfd = memfd;
    job->bytes = both->len;
    json_object_set_new(job->request, "message_bytes", json_integer((json_int_t)message_bytes));
    return true;
}

static void on_converted(json_t *converted, GBytes *data, const char *converter, gpointer tag,
                         gpointer user_data) {
    ReaderHost *host = user_data;
    Job *job = tag;
    g_autoptr(GError) error = NULL;
    guint index;
    if (g_ptr_array_find(host->converting, job, &index))
        g_ptr_array_steal_index_fast(host->converting, index);
    if (json_array_size(converted) == 0 || !add_stand_ins(job, data, &error)) {
        if (error != NULL)
            log_error(LOG_WARNING, "converter.lost_result", error);
        answer(host, job, job->first, job->first_text);
        return;
    }
    json_object_del(job->request, "convert");
    json_object_set(job->request, "converted", converted);
    json_object_set_new(job->request, "converter", json_string(converter));
    wait_for_reader(host, job);
}

/* True where the message waits for the converter: its answer comes later. Once a message, whatever its child
 * says. */
static bool is_converting(ReaderHost *host, Job *job, json_t *result, GBytes *text) {
    const json_t *wishes = json_object_get(result, "wishes");
    bool is_wanted =
        json_array_size(wishes) > 0 && job->first == NULL && converter_host_is_there(host->converter);
    if (is_wanted)
        converter_host_submit(host->converter, wishes, job);
    json_object_del(result, "wishes");
    if (!is_wanted)
        return false;
    job->first = json_incref(result);
    job->first_text = g_bytes_ref(text);
    g_ptr_array_add(host->converting, job);
    return true;
}

/* ---- slots ---- */

static Slot *add_slot(ReaderHost *host) {
    Slot *slot = g_new0(Slot, 1);
    slot->socket_fd = -1;
    slot->deadline_ms = -1;
    g_queue_init(&slot->jobs);
    g_ptr_array_add(host->slots, slot);
    return slot;
}

static bool start_slot(Slot *slot, GError **error) {
    int pair[2];
    if (!ipc_pair(pair, error))
        return false;
    const char *arguments[] = {"--log", log_level_name(log_lowest()), NULL};
    slot->pid = spawn_role(slot->reads_pdf ? "pdf-reader" : "reader", arguments, &pair[1], 1,
                           SPAWN_DIES_WITH_PARENT, error);
    close(pair[1]);
    if (slot->pid < 0) {
        slot->pid = 0;
        close(pair[0]);
        return false;
    }
    slot->socket_fd = pair[0];
    slot->has_answered = false;
    return true;
}

static bool send_forms(ReaderHost *host, Slot *slot, GError **error) {
    slot->has_old_forms = false;
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
    slot->bytes = 0;
    Job *suspect = g_queue_pop_head(&slot->jobs);
    for (Job *job; (job = g_queue_pop_tail(&slot->jobs)) != NULL;)
        g_queue_push_head(&host->waiting[slot->reads_pdf], job);
    if (suspect != NULL && ++suspect->attempts >= ATTEMPTS_MAX)
        answer_failure(host, suspect, "crash", "the reader died with it");
    else if (suspect != NULL)
        g_queue_push_head(&host->waiting[slot->reads_pdf], suspect);
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
static void give_up(ReaderHost *host, bool reads_pdf) {
    for (guint i = 0; i < host->slots->len; i++) {
        const Slot *slot = host->slots->pdata[i];
        if (slot->reads_pdf == reads_pdf && slot->socket_fd >= 0)
            return;
    }
    for (Job *job; (job = g_queue_pop_head(&host->waiting[reads_pdf])) != NULL;)
        answer_failure(host, job, "crash", "no reader can be started");
}

/* ---- flow ---- */

static bool has_room(const ReaderHost *host, const Slot *slot) {
    guint depth = slot->bytes > DEPTH_BYTES
                      ? DEPTH_LARGE
                      : CLAMP(WITH_READERS_MAX / host->slots->len, DEPTH_MIN, DEPTH_MAX);
    return slot->socket_fd >= 0 && !slot->has_old_forms && slot->jobs.length < depth;
}

static Slot *idlest_slot(const ReaderHost *host, bool reads_pdf) {
    Slot *best = NULL;
    for (guint i = 0; i < host->slots->len; i++) {
        Slot *slot = host->slots->pdata[i];
        if (slot->reads_pdf == reads_pdf && has_room(host, slot) &&
            (best == NULL || slot->jobs.length < best->jobs.length))
            best = slot;
    }
    return best;
}

static void hand_out_to(ReaderHost *host, bool reads_pdf) {
    GQueue *waiting = &host->waiting[reads_pdf];
    for (Slot *slot; waiting->length > 0 && (slot = idlest_slot(host, reads_pdf)) != NULL;) {
        Job *job = g_queue_pop_head(waiting);
        g_autoptr(GError) error = NULL;
        g_queue_push_tail(&slot->jobs, job);
        slot->bytes += job->bytes;
        if (slot->jobs.length == 1)
            start_watch(slot);
        if (!ipc_send(slot->socket_fd, IPC_READ, job->request, job->memfd, SEND_TIMEOUT_MS, &error))
            lose_slot(host, slot, error->message);
    }
}

/* A reader with nothing left to answer has room for the frame: this never waits. */
static void renew_forms(ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++) {
        Slot *slot = host->slots->pdata[i];
        g_autoptr(GError) error = NULL;
        if (slot->has_old_forms && slot->socket_fd >= 0 && slot->jobs.length == 0 &&
            !send_forms(host, slot, &error))
            lose_slot(host, slot, error->message);
    }
}

static void hand_out(ReaderHost *host) {
    renew_forms(host);
    hand_out_to(host, false);
    hand_out_to(host, true);
}

static bool has_reader_of_pdf(const ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++)
        if (((const Slot *)host->slots->pdata[i])->reads_pdf)
            return true;
    return false;
}

/* True where the message goes on to a reader of PDF; one of ours is started when it is first needed. */
static bool is_for_elsewhere(ReaderHost *host, const Slot *slot, Job *job, const json_t *payload) {
    if (slot->reads_pdf ||
        g_strcmp0(json_string_value(json_object_get(payload, "failure")), READER_ELSEWHERE) != 0)
        return false;
    if (host->given_up[true] && !has_reader_of_pdf(host))
        return false;
    if (host->spawns && !has_reader_of_pdf(host))
        add_slot(host)->reads_pdf = true; /* dispatch starts it */
    job->needs_pdf = true;
    wait_for_reader(host, job);
    return true;
}

/* An answer must be that of the first message under way; anything else is no reader of ours. */
static bool take_result(ReaderHost *host, Slot *slot, const IpcFrame *frame) {
    const Job *first = g_queue_peek_head(&slot->jobs);
    bool is_whole = frame->fd >= 0 || json_is_string(json_object_get(frame->payload, "failure"));
    if (frame->kind != IPC_RESULT || first == NULL || !is_whole ||
        json_integer_value(json_object_get(frame->payload, "id")) != first->id)
        return false;
    Job *job = g_queue_pop_head(&slot->jobs);
    slot->bytes -= job->bytes;
    slot->has_answered = true;
    host->stillborn = 0;
    start_watch(slot);
    if (frame->fd < 0 && is_for_elsewhere(host, slot, job, frame->payload))
        return true;
    g_autoptr(GBytes) text = NULL;
    json_t *result =
        frame->fd >= 0 ? reader_answer_take(frame->fd, json_object_get(job->request, "file"), &text) : NULL;
    if (job->first != NULL &&
        result == NULL) /* what it became cannot be read: then the first reading counts */
        answer(host, job, job->first, job->first_text);
    else if (frame->fd < 0)
        answer(host, job, frame->payload, NULL);
    else if (result == NULL)
        answer_failure(host, job, "protocol", "the answer breaks the rules");
    else if (!is_converting(host, job, result, text))
        answer(host, job, result, text);
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

/* Messages that are with a reader, or wait for one. */
static guint count_reading(const ReaderHost *host) {
    guint pending = count_waiting(host);
    for (guint i = 0; i < host->slots->len; i++)
        pending += ((const Slot *)host->slots->pdata[i])->jobs.length;
    return pending;
}

void reader_host_dispatch(ReaderHost *host) {
    for (guint i = 0; i < host->slots->len; i++)
        receive_results(host, host->slots->pdata[i]);
    if (host->spawns && count_waiting(host) > 0)
        revive_slots(host);
    for (guint pdf = 0; pdf < 2; pdf++)
        if (host->spawns || host->given_up[pdf])
            give_up(host, pdf);
    converter_host_dispatch(host->converter, count_reading(host) == 0);
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
    host->converter = converter_host_new(on_converted, host);
    host->converting = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    return host;
}

void reader_host_free(ReaderHost *host) {
    if (host == NULL)
        return;
    g_queue_clear_full(&host->waiting[false], (GDestroyNotify)job_free);
    g_queue_clear_full(&host->waiting[true], (GDestroyNotify)job_free);
    g_ptr_array_unref(host->slots);
    converter_host_free(host->converter);
    g_ptr_array_unref(host->converting);
    json_decref(host->forms);
    g_free(host);
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

void reader_host_attach(ReaderHost *host, int socket_fd, bool reads_pdf) {
    if (socket_fd < 0) {
        host->given_up[reads_pdf] = true;
        reader_host_dispatch(host);
        return;
    }
    Slot *slot = NULL;
    for (guint i = 0; i < host->slots->len && slot == NULL; i++) {
        Slot *old = host->slots->pdata[i];
        if (old->socket_fd < 0 && old->reads_pdf == reads_pdf)
            slot = old;
    }
    if (slot == NULL)
        slot = add_slot(host);
    slot->socket_fd = socket_fd;
    slot->has_answered = false;
    slot->reads_pdf = reads_pdf;
    g_autoptr(GError) error = NULL;
    if (!send_forms(host, slot, &error))
        lose_slot(host, slot, error->message);
    hand_out(host);
}

void reader_host_set_forms(ReaderHost *host, json_t *forms) {
    json_decref(host->forms);
    host->forms = json_incref(forms);
    for (guint i = 0; i < host->slots->len; i++)
        ((Slot *)host->slots->pdata[i])->has_old_forms = true;
    hand_out(host);
}

void reader_host_submit(ReaderHost *host, json_t *request, int memfd, gpointer tag) {
    Job *job = g_new0(Job, 1);
    struct stat status;
    gsize bytes = fstat(memfd, &status) == 0 ? (gsize)status.st_size : 0;
    *job = (Job){.id = host->next_id++, .request = request, .memfd = memfd, .bytes = bytes, .tag = tag};
    json_object_set_new(request, "id", json_integer(job->id));
    if (converter_host_is_there(host->converter))
        json_object_set_new(request, "convert", json_true());
    job->needs_pdf = json_is_true(json_object_get(request, "pdf")) && has_reader_of_pdf(host);
    wait_for_reader(host, job);
    hand_out(host);
}

void reader_host_attach_converter(ReaderHost *host, int socket_fd) {
    converter_host_attach(host->converter, socket_fd);
}

void reader_host_spawn_converter(ReaderHost *host, const char *base) {
    converter_host_spawn_later(host->converter, base);
}

bool reader_host_is_full(const ReaderHost *host) {
    return count_waiting(host) > 0 || idlest_slot(host, false) == NULL ||
           converter_host_is_full(host->converter);
}

guint reader_host_pending(const ReaderHost *host) {
    return count_reading(host) + converter_host_pending(host->converter);
}

guint reader_host_fds(const ReaderHost *host, struct pollfd *fds, guint max) {
    guint n = 0;
    if (converter_host_socket(host->converter) >= 0 && n < max)
        fds[n++] = (struct pollfd){.fd = converter_host_socket(host->converter), .events = POLLIN};
    for (guint i = 0; i < host->slots->len && n < max; i++) {
        const Slot *slot = host->slots->pdata[i];
        if (slot->socket_fd >= 0)
            fds[n++] = (struct pollfd){.fd = slot->socket_fd, .events = POLLIN};
    }
    return n;
}

int reader_host_timeout_ms(const ReaderHost *host) {
    int timeout_ms = converter_host_timeout_ms(host->converter);
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
