#include "gateway/keeper/read_queue.h"

#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/reader_host.h"
#include "gateway/store/ledger.h"

#define RECORD_BATCH 64 /* results a transaction: fsync is paid once for all */
/* A result waits no longer for company, nor for messages before it, which may be earlier ones of the same
 * organization: one slow message must not hold up an urgent one. */
#define RECORD_WAIT_MS 250
#define TURN_WAIT_MS   1000
#define WAITING_MAX    128 /* jobs for the readers: then nothing more is taken in … */
#define DONE_MAX       512 /* … nor while so many answers wait for their turn */
#define RECOVER_LIMIT  500 /* rows a query while taking up an earlier process's work */
/* What was just fetched and is kept for the readers; the rest comes from the archive. Each holds a
 * descriptor. */
#define HELD_BYTES_MAX (16u << 20)
#define HELD_MAX       256

struct ReadQueue {
    Keeper *keeper;
    ReaderHost *host;
    GQueue waiting;   /* ReadJob*: not yet with a reader */
    gsize held_bytes; /* of waiting jobs with their bytes */
    guint n_held;
    guint64 turns;
    GQueue out;      /* ReadJob*: with a reader, in the order of their turns */
    GPtrArray *done; /* ReadJob*: answered, not yet recorded */
};

static void add_done(ReadQueue *queue, ReadJob *job) {
    g_queue_remove(&queue->out, job);
    job->answered_ms = clock_monotonic_ms();
    g_ptr_array_add(queue->done, job);
}

/* All messages before it are answered. */
static bool is_its_turn(const ReadQueue *queue, const ReadJob *job) {
    const ReadJob *first = g_queue_peek_head((GQueue *)&queue->out);
    return first == NULL || job->turn < first->turn;
}

/* When it is recorded at the latest. */
static gint64 deadline_ms(const ReadQueue *queue, const ReadJob *job) {
    return job->answered_ms + (is_its_turn(queue, job) ? RECORD_WAIT_MS : TURN_WAIT_MS);
}

static void on_answer(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    ReadQueue *queue = user_data;
    ReadJob *job = tag;
    const char *failure = json_string_value(json_object_get(result, "failure"));
    const char *detail = json_string_value(json_object_get(result, "detail"));
    if (failure) {
        job->failure = g_strdup(failure);
        job->detail = g_strdup(detail);
    } else {
        read_job_set_answer(job, result, text);
    }
    add_done(queue, job);
}

ReadQueue *read_queue_new(Keeper *keeper) {
    ReadQueue *queue = g_new0(ReadQueue, 1);
    queue->keeper = keeper;
    queue->host = reader_host_new(keeper->config->forms, on_answer, queue);
    g_queue_init(&queue->waiting);
    g_queue_init(&queue->out);
    queue->done = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
    return queue;
}

void read_queue_free(ReadQueue *queue) {
    if (!queue)
        return;
    reader_host_free(queue->host);
    g_queue_clear_full(&queue->waiting, (GDestroyNotify)read_job_free);
    g_queue_clear_full(&queue->out, (GDestroyNotify)read_job_free);
    g_ptr_array_unref(queue->done);
    g_free(queue);
}

void read_queue_attach(ReadQueue *queue, int socket_fd, bool reads_pdf) {
    reader_host_attach(queue->host, socket_fd, reads_pdf);
}

void read_queue_attach_converter(ReadQueue *queue, int socket_fd) {
    reader_host_attach_converter(queue->host, socket_fd);
}

void read_queue_renew_forms(ReadQueue *queue) {
    reader_host_set_forms(queue->host, queue->keeper->config->forms);
}

void read_queue_add(ReadQueue *queue, ReadJob *job) {
    if (job->memfd >= 0 && (queue->n_held == HELD_MAX || queue->held_bytes + job->bytes > HELD_BYTES_MAX)) {
        close(job->memfd);
        job->memfd = -1;
    }
    if (job->memfd >= 0) {
        queue->n_held++;
        queue->held_bytes += job->bytes;
    }
    g_queue_push_tail(&queue->waiting, job);
}

guint read_queue_pending(const ReadQueue *queue) {
    return queue->waiting.length + reader_host_pending(queue->host) + queue->done->len;
}

bool read_queue_has_room(const ReadQueue *queue) {
    return read_queue_pending(queue) - queue->done->len < WAITING_MAX && queue->done->len < DONE_MAX;
}

guint read_queue_fds(const ReadQueue *queue, struct pollfd *fds, guint max) {
    return reader_host_fds(queue->host, fds, max);
}

int read_queue_timeout_ms(const ReadQueue *queue) {
    /* what was recorded may have made room, or come back to be read again: no event will tell of it */
    if (queue->waiting.length && !reader_host_is_full(queue->host))
        return 0;
    int readers_ms = reader_host_timeout_ms(queue->host);
    if (!queue->done->len)
        return readers_ms;
    gint64 first_ms = G_MAXINT64;
    for (guint i = 0; i < queue->done->len; i++)
        first_ms = MIN(first_ms, deadline_ms(queue, queue->done->pdata[i]));
    int batch_ms = clock_left_ms(first_ms);
    return readers_ms < 0 ? batch_ms : MIN(readers_ms, batch_ms);
}

/* ---- out
 * ---------------------------------------------------------------------------------------------------------
 */

static ReadJob *job_of_message(const StoreMessage *message) {
    ReadJob *job = read_job_new(message->id);
    job->received_s = message->received_s;
    job->seen_s = message->seen_s;
    job->sha256 = g_strdup(message->sha256);
    job->location = g_strdup(message->location);
    return job;
}

bool read_queue_recover(ReadQueue *queue, GError **error) {
    static const MessageState UNFINISHED[] = {MESSAGE_ARCHIVED, MESSAGE_READ};
    for (gsize i = 0; i < G_N_ELEMENTS(UNFINISHED); i++) {
        gint64 after_id = 0;
        for (bool more = true; more;) {
            g_autoptr(GPtrArray) messages = NULL;
            if (!store_messages_in_state(queue->keeper->store, UNFINISHED[i], after_id, RECOVER_LIMIT,
                                         &messages, error))
                return false;
            for (guint m = 0; m < messages->len; m++) {
                read_queue_add(queue, job_of_message(messages->pdata[m]));
                after_id = ((const StoreMessage *)messages->pdata[m])->id;
            }
            more = messages->len == RECOVER_LIMIT;
        }
    }
    if (queue->waiting.length)
        log_event(LOG_NOTICE, "reader.resumed", LOG_NUMBER("messages", queue->waiting.length));
    return true;
}

/* What does not come back from the archive as it was put there is a damaged message: a person looks at it. */
static void fail_job(ReadQueue *queue, ReadJob *job, const GError *error) {
    log_error(LOG_ERROR, "archive.unreadable", error);
    job->failure = g_strdup("archive");
    job->detail = g_strdup(error->message);
    add_done(queue, job);
}

/* The message's bytes: as fetched, or, after a restart or from a long queue, out of the archive. */
static int take_bytes(ReadQueue *queue, ReadJob *job, GError **error) {
    int memfd = job->memfd;
    if (memfd >= 0) {
        job->memfd = -1;
        queue->n_held--;
        queue->held_bytes -= job->bytes;
        return memfd;
    }
    g_autoptr(GBytes) bytes = archive_read(queue->keeper->archive, job->location, job->sha256, error);
    return bytes ? ipc_memfd("message", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error) : -1;
}

static void hand_out(ReadQueue *queue, ReadJob *job) {
    g_autoptr(GError) error = NULL;
    int memfd = take_bytes(queue, job, &error);
    job->turn = queue->turns++;
    g_queue_push_tail(&queue->out, job);
    if (memfd < 0) {
        fail_job(queue, job, error);
        return;
    }
    const Programme *programme = queue->keeper->config->programme;
    g_autofree char *name = g_strdup_printf("message %" G_GINT64_FORMAT, job->message_id);
    json_t *request = json_pack("{s:s, s:I, s:s, s:s}", "file", name, "received", (json_int_t)job->received_s,
                                "own_address", programme->from_address, "id_domain", programme->id_domain);
    if (job->seems_pdf)
        json_object_set_new(request, "pdf", json_true());
    reader_host_submit(queue->host, request, memfd, job);
}

/* ---- back
 * -------------------------------------------------------------------------------------------------------- */

static void read_again(ReadQueue *queue, const GArray *again, GPtrArray *jobs) {
    for (guint a = 0; a < again->len; a++)
        for (guint i = 0; i < jobs->len; i++) {
            ReadJob *job = jobs->pdata[i];
            if (!job || job->message_id != g_array_index(again, gint64, a))
                continue;
            g_clear_pointer(&job->failure, g_free);
            g_clear_pointer(&job->detail, g_free);
            read_queue_add(queue, job);
            jobs->pdata[i] = NULL;
            break;
        }
}

/* A batch that the store refuses is tried message by message, so that one which can never be recorded costs
 * only itself. */
static bool record_one_by_one(ReadQueue *queue, GPtrArray *jobs, GError **error) {
    for (guint i = 0; i < jobs->len; i++) {
        ReadJob *job = jobs->pdata[i];
        g_autoptr(GPtrArray) single = g_ptr_array_new();
        g_autoptr(GArray) again = g_array_new(FALSE, FALSE, sizeof(gint64));
        g_autoptr(GError) failure = NULL;
        g_ptr_array_add(single, job);
        if (record_batch(queue->keeper, single, again, &failure)) {
            read_again(queue, again, jobs);
            continue;
        }
        log_error(LOG_ERROR, "record.failed", failure);
        if (keeper_error_stops(failure) || !keeper_refresh(queue->keeper, error)) {
            if (error && !*error)
                g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        g_clear_pointer(&job->lines, json_decref);
        g_free(job->failure);
        job->failure = g_strdup("store");
        job->is_final = true;
        if (!record_batch(queue->keeper, single, again, error))
            return false;
    }
    return true;
}

/* By receipt: of two mails of one organization the first is the report, the second its correction, whichever
 * reader was faster. */
static gint by_receipt(gconstpointer a, gconstpointer b) {
    const ReadJob *first = *(const ReadJob *const *)a, *second = *(const ReadJob *const *)b;
    if (first->received_s != second->received_s)
        return first->received_s < second->received_s ? -1 : 1;
    return (first->message_id > second->message_id) - (first->message_id < second->message_id);
}

/* Takes out of done what may be recorded: what has had its turn, or waited long enough for it. */
static GPtrArray *take_recordable(ReadQueue *queue) {
    GPtrArray *jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
    gint64 now_ms = clock_monotonic_ms();
    guint kept = 0;
    for (guint i = 0; i < queue->done->len; i++) {
        ReadJob *job = queue->done->pdata[i];
        if (is_its_turn(queue, job) || deadline_ms(queue, job) <= now_ms)
            g_ptr_array_add(jobs, job);
        else
            queue->done->pdata[kept++] = job;
    }
    g_ptr_array_set_free_func(queue->done, NULL);
    g_ptr_array_set_size(queue->done, (gint)kept);
    g_ptr_array_set_free_func(queue->done, (GDestroyNotify)read_job_free);
    return jobs;
}

static bool record_done(ReadQueue *queue, GError **error) {
    g_autoptr(GPtrArray) jobs = take_recordable(queue);
    g_ptr_array_sort(jobs, by_receipt);
    g_autoptr(GArray) again = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GError) failure = NULL;
    if (record_batch(queue->keeper, jobs, again, &failure)) {
        read_again(queue, again, jobs);
        return true;
    }
    if (keeper_error_stops(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    return keeper_refresh(queue->keeper, error) && record_one_by_one(queue, jobs, error);
}

bool read_queue_dispatch(ReadQueue *queue, GError **error) {
    reader_host_dispatch(queue->host);
    /* before recording, so that the readers have something to do meanwhile; what cannot be handed out is done
     * as well, and must not become more than a batch */
    for (guint done_max = queue->done->len + RECORD_BATCH;
         queue->waiting.length && !reader_host_is_full(queue->host) && queue->done->len < done_max;)
        hand_out(queue, g_queue_pop_head(&queue->waiting));
    bool is_last = !queue->waiting.length && !reader_host_pending(queue->host);
    gint64 now_ms = clock_monotonic_ms();
    bool is_late = false;
    guint in_turn = 0;
    for (guint i = 0; i < queue->done->len; i++) {
        in_turn += is_its_turn(queue, queue->done->pdata[i]);
        is_late |= deadline_ms(queue, queue->done->pdata[i]) <= now_ms;
    }
    return (in_turn < RECORD_BATCH && !(in_turn && is_last) && !is_late) || record_done(queue, error);
}
