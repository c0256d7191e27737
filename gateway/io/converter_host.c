#include "gateway/io/converter_host.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/io/clock.h"
#include "gateway/io/converter.h"
#include "gateway/io/converter_folder.h"
#include "gateway/io/converter_run.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/spawn.h"
#include "parsers/conversion.h"

/* A start of LibreOffice costs as much as twenty documents, so one waits this long for company. */
enum { GATHER_MS = 1000 };

/* Beyond the converter's own deadline: starting, writing files, a machine that is busy. */
enum { GRACE_MS = 30000 };

enum { SEND_TIMEOUT_MS = 2000 };

/* The converter dies only by a defect or from outside; a batch that was there twice when it happened stays
 * unconverted. */
enum { ATTEMPTS_MAX = 2 };

/* One message's wishes always fit into a batch. */
G_STATIC_ASSERT(CONVERSION_PARTS <= CONVERTER_FILES_MAX);
G_STATIC_ASSERT(CONVERSION_MESSAGE_BYTES <= CONVERTER_BYTES_MAX);

typedef struct {
    char *sha256, *type, *target;
    GBytes *data;
} WishedFile;

typedef struct {
    GPtrArray *files; /* WishedFile* */
    gsize bytes;
    gpointer tag;
    guint attempts;
} Request;

struct ConverterHost {
    ConverterHostDone done;
    gpointer user_data;
    int socket_fd; /* -1: none, or died */
    pid_t pid;     /* of one that we started; else 0 */
    char *program; /* to start one ourselves, else NULL */
    char *base;
    ConverterFolder *folder;
    bool is_there;
    GQueue waiting; /* Request* */
    gsize waiting_bytes;
    gint64 since_ms;    /* the first of them has waited */
    GQueue under_way;   /* Request*: one batch */
    gint64 deadline_ms; /* of it; -1: none */
    gint64 batch_id;
};

/* ---- requests ---- */

static void file_free(gpointer data) {
    WishedFile *file = data;
    g_bytes_unref(file->data);
    g_free(file->sha256);
    g_free(file->type);
    g_free(file->target);
    g_free(file);
}

static void request_free(gpointer data) {
    Request *request = data;
    g_ptr_array_unref(request->files);
    g_free(request);
}

static bool is_digest(const char *text) {
    return text != NULL && strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static WishedFile *file_of_wish(const json_t *wish) {
    const char *sha256 = json_string_value(json_object_get(wish, "sha256"));
    const char *type = json_string_value(json_object_get(wish, "type"));
    const char *target = json_string_value(json_object_get(wish, "target"));
    const char *text = json_string_value(json_object_get(wish, "data"));
    if (!is_digest(sha256) || type == NULL || target == NULL || text == NULL)
        return NULL;
    gsize length;
    guchar *bytes = g_base64_decode(text, &length);
    WishedFile *file = g_new(WishedFile, 1);
    *file = (WishedFile){g_strdup(sha256), g_strdup(type), g_strdup(target), g_bytes_new_take(bytes, length)};
    return file;
}

static void put_back(ConverterHost *host, Request *request) {
    if (host->waiting.length == 0)
        host->since_ms = clock_monotonic_ms();
    host->waiting_bytes += request->bytes;
    g_queue_push_head(&host->waiting, request);
}

void converter_host_submit(ConverterHost *host, const json_t *wishes, gpointer tag) {
    Request *request = g_new0(Request, 1);
    request->files = g_ptr_array_new_with_free_func(file_free);
    request->tag = tag;
    for (size_t i = 0; i < json_array_size(wishes) && request->files->len < CONVERSION_PARTS; i++) {
        WishedFile *file = file_of_wish(json_array_get(wishes, i));
        gsize length = file != NULL ? g_bytes_get_size(file->data) : 0;
        if (file != NULL && length <= CONVERSION_MESSAGE_BYTES - request->bytes) {
            g_ptr_array_add(request->files, file);
            request->bytes += length;
        } else if (file != NULL) {
            file_free(file);
        }
    }
    if (host->waiting.length == 0)
        host->since_ms = clock_monotonic_ms();
    host->waiting_bytes += request->bytes;
    g_queue_push_tail(&host->waiting, request);
}

/* ---- answers ---- */

static void answer_nothing(ConverterHost *host, Request *request) {
    json_t *nothing = json_array();
    g_autoptr(GBytes) none = g_bytes_new_static("", 0);
    host->done(nothing, none, "", request->tag, host->user_data);
    json_decref(nothing);
    request_free(request);
}

static void give_up(ConverterHost *host) {
    host->is_there = false;
    host->waiting_bytes = 0;
    for (Request *request; (request = g_queue_pop_head(&host->waiting)) != NULL;)
        answer_nothing(host, request);
}

static void lose(ConverterHost *host, const char *why) {
    log_event(LOG_WARNING, "converter.lost", LOG_TEXT("why", why),
              LOG_NUMBER("messages", host->under_way.length));
    close(host->socket_fd);
    host->socket_fd = -1;
    host->deadline_ms = -1;
    if (host->pid > 0) {
        kill(host->pid, SIGKILL);
        waitpid(host->pid, NULL, 0);
        host->pid = 0;
    }
    for (Request *request; (request = g_queue_pop_tail(&host->under_way)) != NULL;)
        if (++request->attempts >= ATTEMPTS_MAX)
            answer_nothing(host, request);
        else
            put_back(host, request);
}

/* The next files of an answer that belong to one request; false where the answer does not fit the batch. */
static bool answer_request(ConverterHost *host, const Request *request, const IpcFrame *frame, GBytes *data,
                           gsize *at_file, gsize *at_byte) {
    const json_t *results = json_object_get(frame->payload, "files");
    const char *converter = json_string_value(json_object_get(frame->payload, "converter"));
    json_t *converted = json_array();
    gsize start = *at_byte, room = g_bytes_get_size(data);
    bool fits = converter != NULL;
    for (guint i = 0; fits && i < request->files->len; i++) {
        const WishedFile *file = request->files->pdata[i];
        const json_t *bytes = json_object_get(json_array_get(results, (*at_file)++), "bytes");
        json_int_t length = json_integer_value(bytes);
        fits = length >= 0 && (gsize)length <= room - *at_byte;
        if (!fits || length == 0)
            continue;
        *at_byte += (gsize)length;
        json_array_append_new(converted, json_pack("{s:s, s:s, s:I}", "sha256", file->sha256, "target",
                                                   file->target, "bytes", length));
    }
    if (fits) {
        g_autoptr(GBytes) own = g_bytes_new_from_bytes(data, start, *at_byte - start);
        host->done(converted, own, converter, request->tag, host->user_data);
    }
    json_decref(converted);
    return fits;
}

static bool take_answer(ConverterHost *host, const IpcFrame *frame) {
    if (frame->kind != IPC_CONVERTED || frame->fd < 0 || host->under_way.length == 0 ||
        json_integer_value(json_object_get(frame->payload, "id")) != host->batch_id)
        return false;
    g_autoptr(GBytes) data = ipc_map(frame->fd, CONVERTER_BYTES_MAX, NULL);
    gsize at_file = 0, at_byte = 0;
    while (data != NULL && host->under_way.length > 0) {
        if (!answer_request(host, g_queue_peek_head(&host->under_way), frame, data, &at_file, &at_byte))
            return false;
        request_free(g_queue_pop_head(&host->under_way));
    }
    host->deadline_ms = -1;
    return data != NULL;
}

static void receive(ConverterHost *host) {
    while (host->socket_fd >= 0) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) error = NULL;
        int got = ipc_receive(host->socket_fd, &frame, 0, &error);
        if (got == 0 && host->deadline_ms >= 0 && clock_left_ms(host->deadline_ms) == 0)
            lose(host, "stuck");
        else if (got == 0)
            return;
        else if (got < 0)
            lose(host, error->message);
        else if (!take_answer(host, &frame))
            lose(host, "answer out of turn");
    }
}

/* ---- batches ---- */

/* Moves what fits into one batch from the waiting ones to those under way. */
static json_t *gather(ConverterHost *host, GByteArray *bytes) {
    json_t *files = json_array();
    const Request *next;
    while ((next = g_queue_peek_head(&host->waiting)) != NULL &&
           json_array_size(files) + next->files->len <= CONVERTER_FILES_MAX &&
           bytes->len + next->bytes <= CONVERTER_BYTES_MAX) {
        for (guint i = 0; i < next->files->len; i++) {
            const WishedFile *file = next->files->pdata[i];
            gsize length = g_bytes_get_size(file->data);
            g_byte_array_append(bytes, g_bytes_get_data(file->data, NULL), (guint)length);
            json_array_append_new(files, json_pack("{s:s, s:s, s:I}", "type", file->type, "target",
                                                   file->target, "bytes", (json_int_t)length));
        }
        host->waiting_bytes -= next->bytes;
        g_queue_push_tail(&host->under_way, g_queue_pop_head(&host->waiting));
    }
    host->since_ms = clock_monotonic_ms();
    return files;
}

static void hand_out(ConverterHost *host) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    json_t *files = gather(host, bytes);
    json_t *batch = json_pack("{s:I, s:o}", "id", (json_int_t)++host->batch_id, "files", files);
    int memfd = ipc_memfd("batch", bytes->data, bytes->len, &error);
    host->deadline_ms = clock_monotonic_ms() + CONVERTER_BATCH_MS + GRACE_MS;
    if (memfd < 0 || !ipc_send(host->socket_fd, IPC_CONVERT, batch, memfd, SEND_TIMEOUT_MS, &error))
        lose(host, error->message);
    if (memfd >= 0)
        close(memfd);
    json_decref(batch);
}

static bool is_due(const ConverterHost *host, bool is_last) {
    return host->waiting.length > 0 && (is_last || host->waiting.length >= CONVERTER_FILES_MAX ||
                                        clock_left_ms(host->since_ms + GATHER_MS) == 0);
}

/* ---- a converter of our own ---- */

static int settings_memfd(const ConverterHost *host, GError **error) {
    json_t *settings = converter_settings(host->program, converter_folder_path(host->folder));
    char *text = json_dumps(settings, JSON_COMPACT);
    int fd = ipc_memfd("settings", text, strlen(text), error);
    free(text);
    json_decref(settings);
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET); /* the role reads on from here */
    return fd;
}

static bool spawn(ConverterHost *host, GError **error) {
    int pair[2] = {-1, -1};
    if (host->folder == NULL && (host->folder = converter_folder_new(host->base, error)) == NULL)
        return false;
    int settings = settings_memfd(host, error);
    if (settings >= 0 && ipc_pair(pair, error)) {
        const char *arguments[] = {"--log", log_level_name(log_lowest()), NULL};
        host->pid = spawn_role("converter", arguments, (const int[]){pair[1], settings}, 2,
                               SPAWN_DIES_WITH_PARENT, error);
        close(pair[1]);
        if (host->pid > 0) {
            host->socket_fd = pair[0];
        } else {
            host->pid = 0;
            close(pair[0]);
        }
    }
    if (settings >= 0)
        close(settings);
    return host->socket_fd >= 0;
}

bool converter_host_spawn_later(ConverterHost *host, const char *base) {
    host->program = converter_program();
    host->base = g_strdup(base);
    host->is_there = host->program != NULL;
    return host->is_there;
}

/* ---- the rest ---- */

void converter_host_dispatch(ConverterHost *host, bool is_last) {
    g_autoptr(GError) error = NULL;
    receive(host);
    if (host->under_way.length > 0 || !is_due(host, is_last))
        return;
    if (host->socket_fd < 0 && host->program != NULL && !spawn(host, &error)) {
        log_error(LOG_WARNING, "converter.start_failed", error);
        give_up(host);
    } else if (host->socket_fd >= 0) {
        hand_out(host);
    }
}

ConverterHost *converter_host_new(ConverterHostDone done, gpointer user_data) {
    ConverterHost *host = g_new0(ConverterHost, 1);
    host->done = done;
    host->user_data = user_data;
    host->socket_fd = -1;
    host->deadline_ms = -1;
    g_queue_init(&host->waiting);
    g_queue_init(&host->under_way);
    return host;
}

void converter_host_free(ConverterHost *host) {
    if (host == NULL)
        return;
    if (host->socket_fd >= 0)
        close(host->socket_fd);
    if (host->pid > 0) {
        kill(host->pid, SIGKILL); /* and what it started with it */
        waitpid(host->pid, NULL, 0);
    }
    g_queue_clear_full(&host->waiting, request_free);
    g_queue_clear_full(&host->under_way, request_free);
    converter_folder_free(host->folder);
    g_free(host->program);
    g_free(host->base);
    g_free(host);
}

void converter_host_attach(ConverterHost *host, int socket_fd) {
    if (host->socket_fd >= 0)
        lose(host, "replaced");
    host->socket_fd = socket_fd;
    host->is_there = socket_fd >= 0;
    if (socket_fd < 0)
        give_up(host);
}

bool converter_host_is_there(const ConverterHost *host) {
    return host->is_there;
}

bool converter_host_is_full(const ConverterHost *host) {
    return host->waiting.length >= CONVERTER_FILES_MAX || host->waiting_bytes >= CONVERTER_BYTES_MAX;
}

guint converter_host_pending(const ConverterHost *host) {
    return host->waiting.length + host->under_way.length;
}

int converter_host_socket(const ConverterHost *host) {
    return host->socket_fd;
}

int converter_host_timeout_ms(const ConverterHost *host) {
    if (host->deadline_ms >= 0)
        return clock_left_ms(host->deadline_ms);
    return host->waiting.length > 0 && (host->socket_fd >= 0 || host->program != NULL)
               ? clock_left_ms(host->since_ms + GATHER_MS)
               : -1;
}
