#include "gateway/keeper/fetch.h"

#include <string.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/log.h"
#include "gateway/store/ledger.h"

/* UIDs in one request to the fetcher, which cuts them into commands of its own size. */
#define FETCH_UIDS      1000
#define SEND_TIMEOUT_MS 10000 /* a fetcher that does not even take a frame is broken */

typedef enum { FETCH_IDLE, FETCH_LISTING, FETCH_FETCHING } FetchState;

struct Fetch {
    Keeper *keeper;
    TakeIn *take_in;
    int socket_fd;
    FetchState state;
    guint folder; /* index into config->folders */
    char *account;
    bool is_junk_folder;
    gint64 uidvalidity;
    GArray *uids; /* gint64: new ones of this folder */
    guint next_uid;
    GError *failure;
    guint quota_percent;
    bool is_watching, can_watch, has_news; /* between two passes: the server tells of new mail (IDLE) */
};

Fetch *fetch_new(Keeper *keeper, TakeIn *take_in) {
    Fetch *fetch = g_new0(Fetch, 1);
    fetch->keeper = keeper;
    fetch->take_in = take_in;
    fetch->socket_fd = -1;
    fetch->can_watch = true;
    return fetch;
}

void fetch_free(Fetch *fetch) {
    if (!fetch)
        return;
    if (fetch->socket_fd >= 0)
        close(fetch->socket_fd);
    g_free(fetch->account);
    g_clear_pointer(&fetch->uids, g_array_unref);
    g_clear_error(&fetch->failure);
    g_free(fetch);
}

int fetch_socket(const Fetch *fetch) {
    return fetch->socket_fd;
}

bool fetch_is_busy(const Fetch *fetch) {
    return fetch->state != FETCH_IDLE;
}

const GError *fetch_failure(const Fetch *fetch) {
    return fetch->failure;
}

static const char *folder_name(const Fetch *fetch) {
    return fetch->keeper->config->folders->pdata[fetch->folder];
}

/* ---- asking
 * ------------------------------------------------------------------------------------------------------ */

static bool ask_list(Fetch *fetch, GError **error) {
    fetch->state = FETCH_LISTING;
    if (fetch->socket_fd < 0)
        return true; /* asked again when a fetcher comes */
    json_t *payload = json_pack("{s:s}", "folder", folder_name(fetch));
    bool good = ipc_send(fetch->socket_fd, IPC_LIST, payload, -1, SEND_TIMEOUT_MS, error);
    json_decref(payload);
    return good;
}

static bool next_folder(Fetch *fetch, GError **error) {
    if (++fetch->folder < fetch->keeper->config->folders->len)
        return ask_list(fetch, error);
    fetch->state = FETCH_IDLE;
    return true;
}

static bool ask_fetch(Fetch *fetch, GError **error) {
    if (fetch->next_uid >= fetch->uids->len)
        return next_folder(fetch, error);
    fetch->state = FETCH_FETCHING;
    guint until = MIN(fetch->next_uid + FETCH_UIDS, fetch->uids->len);
    json_t *uids = json_array();
    for (; fetch->next_uid < until; fetch->next_uid++)
        json_array_append_new(uids, json_integer(g_array_index(fetch->uids, gint64, fetch->next_uid)));
    json_t *payload = json_pack("{s:s, s:o}", "folder", folder_name(fetch), "uids", uids);
    bool good = ipc_send(fetch->socket_fd, IPC_FETCH, payload, -1, SEND_TIMEOUT_MS, error);
    json_decref(payload);
    return good;
}

bool fetch_start(Fetch *fetch, GError **error) {
    fetch->folder = 0;
    fetch->has_news = false;
    fetch->quota_percent = 0;
    g_clear_error(&fetch->failure);
    return ask_list(fetch, error);
}

void fetch_set_socket(Fetch *fetch, int socket_fd) {
    if (fetch->socket_fd >= 0)
        close(fetch->socket_fd);
    fetch->socket_fd = socket_fd;
    fetch->is_watching = false;
    fetch->can_watch = true; /* asked anew: the next server, or the same one after an update, may know IDLE */
    if (socket_fd >= 0 && fetch->state != FETCH_IDLE) {
        g_autoptr(GError) error = NULL;
        if (!fetch_start(fetch, &error)) /* its end of file follows */
            log_error(LOG_WARNING, "fetch.restart", error);
    }
}

bool fetch_watch(Fetch *fetch, GError **error) {
    if (fetch->state != FETCH_IDLE || fetch->socket_fd < 0 || fetch->is_watching || !fetch->can_watch)
        return true;
    json_t *payload = json_pack("{s:s}", "folder", g_ptr_array_index(fetch->keeper->config->folders, 0));
    fetch->is_watching = ipc_send(fetch->socket_fd, IPC_WATCH, payload, -1, SEND_TIMEOUT_MS, error);
    json_decref(payload);
    return fetch->is_watching;
}

bool fetch_has_news(const Fetch *fetch) {
    return fetch->has_news;
}

void fetch_give_up(Fetch *fetch) {
    fetch_set_socket(fetch, -1);
    if (fetch->state == FETCH_IDLE)
        return;
    fetch->state = FETCH_IDLE;
    g_clear_error(&fetch->failure);
    fetch->failure = g_error_new(FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY,
                                 "mailbox: the fetcher ended again and again; its own messages stand above");
}

/* ---- answers
 * ----------------------------------------------------------------------------------------------------- */

/* The server refused: the pass ends, what was taken in stays. */
static bool end_pass(Fetch *fetch, const json_t *payload, GError **error) {
    if (json_is_true(json_object_get(payload, "missing"))) {
        /* a folder of the configuration that this mailbox does not have: the others still count */
        log_event(LOG_WARNING, "fetch.no_folder", LOG_NUMBER("folder", fetch->folder));
        return next_folder(fetch, error);
    }
    const char *text = json_string_value(json_object_get(payload, "error"));
    bool is_temporary = json_is_true(json_object_get(payload, "temporary"));
    g_clear_error(&fetch->failure);
    fetch->failure =
        g_error_new(FORTNIGHT_ERROR, is_temporary ? FORTNIGHT_ERROR_TEMPORARY : FORTNIGHT_ERROR_CONFIGURATION,
                    "mailbox folder \"%s\": %s", folder_name(fetch), text ? text : "unknown error");
    log_event(LOG_WARNING, "fetch.failed", LOG_NUMBER("folder", fetch->folder),
              LOG_NUMBER("temporary", is_temporary));
    fetch->state = FETCH_IDLE;
    return true;
}

static bool on_listed(Fetch *fetch, const json_t *payload, GError **error) {
    if (json_object_get(payload, "error"))
        return end_pass(fetch, payload, error);
    const char *account = json_string_value(json_object_get(payload, "account"));
    g_free(fetch->account);
    fetch->account = g_strdup(account ? account : "mailbox");
    fetch->uidvalidity = json_integer_value(json_object_get(payload, "uidvalidity"));
    if (json_object_get(payload, "quota_percent"))
        fetch->quota_percent = (guint)json_integer_value(json_object_get(payload, "quota_percent"));
    fetch->is_junk_folder = json_is_true(json_object_get(payload, "junk"));
    g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(gint64));
    size_t i;
    json_t *uid;
    json_array_foreach(json_object_get(payload, "uids"), i, uid) {
        gint64 value = json_integer_value(uid);
        g_array_append_val(listed, value);
    }
    g_clear_pointer(&fetch->uids, g_array_unref);
    Store *store = fetch->keeper->store;
    if (!store_new_uids(store, fetch->account, folder_name(fetch), fetch->uidvalidity, listed, &fetch->uids,
                        error))
        return false;
    fetch->next_uid = 0;
    log_event(LOG_INFO, "fetch.listed", LOG_NUMBER("folder", fetch->folder),
              LOG_NUMBER("listed", listed->len), LOG_NUMBER("new", fetch->uids->len));
    bool good = store_begin(store, error) &&
                store_folder_polled(store, fetch->account, folder_name(fetch), fetch->uidvalidity,
                                    keeper_now_s(fetch->keeper), error) &&
                store_commit(store, error);
    if (!good) {
        store_rollback(store);
        return false;
    }
    return ask_fetch(fetch, error);
}

static bool on_message(Fetch *fetch, IpcFrame *frame, GError **error) {
    const json_t *meta = frame->payload;
    g_autoptr(GBytes) bytes = NULL;
    int memfd = -1;
    if (frame->fd >= 0 &&
        !(bytes = ipc_map(frame->fd, (gsize)fetch->keeper->config->max_message_bytes, error)))
        return false;
    if (bytes) {
        memfd = frame->fd;
        frame->fd = -1;
    }
    gint64 size_bytes = json_integer_value(json_object_get(meta, "size"));
    gint64 received_s = json_integer_value(json_object_get(meta, "internaldate"));
    Arrival arrival = {
        .account = fetch->account,
        .folder = folder_name(fetch),
        .uidvalidity = fetch->uidvalidity,
        .uid = json_integer_value(json_object_get(meta, "uid")),
        .received_s = received_s > 0 ? received_s : keeper_now_s(fetch->keeper),
        .size_bytes = bytes ? (gint64)g_bytes_get_size(bytes) : size_bytes,
        .bytes = bytes,
        .memfd = memfd,
        .is_junk_folder = fetch->is_junk_folder,
    };
    take_in_add(fetch->take_in, &arrival);
    return true;
}

static void on_news(Fetch *fetch, const json_t *payload) {
    fetch->is_watching = false;
    fetch->has_news = json_is_true(json_object_get(payload, "news"));
    fetch->can_watch = json_is_true(json_object_get(payload, "possible"));
}

static bool on_frame(Fetch *fetch, IpcFrame *frame, GError **error) {
    switch (frame->kind) {
    case IPC_LISTED:
        return fetch->state == FETCH_LISTING ? on_listed(fetch, frame->payload, error) : true;
    case IPC_NEWS:
        on_news(fetch, frame->payload);
        return true;
    case IPC_MESSAGE:
        return fetch->state == FETCH_FETCHING ? on_message(fetch, frame, error) : true;
    case IPC_FETCHED:
        if (fetch->state != FETCH_FETCHING)
            return true;
        return json_object_get(frame->payload, "error") ? end_pass(fetch, frame->payload, error)
                                                        : ask_fetch(fetch, error);
    default:
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY,
                    "the fetcher sent an unexpected frame %d", frame->kind);
        return false;
    }
}

int fetch_dispatch(Fetch *fetch, GError **error) {
    g_auto(IpcFrame) frame = {.fd = -1};
    int received = ipc_receive(fetch->socket_fd, &frame, 0, error);
    if (received != 1)
        return received;
    return on_frame(fetch, &frame, error) ? 1 : -1;
}

guint fetch_left(const Fetch *fetch) {
    return fetch->uids && fetch->uids->len > fetch->next_uid ? fetch->uids->len - fetch->next_uid : 0;
}

guint fetch_quota_percent(const Fetch *fetch) {
    return fetch->quota_percent;
}
