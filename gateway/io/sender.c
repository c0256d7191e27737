#include "gateway/io/sender.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/sandbox.h"
#include "gateway/io/transport.h"

#define LETTER_MAX_BYTES                                                                                     \
    (64u << 20)                 /* what providers take is less; a letter with a workbook is far below        \
                                 */
#define ANSWER_TIMEOUT_MS 60000 /* the keeper reads its answers within a tick */

typedef struct {
    int fd;
    Transport *transport; /* NULL: settings are wrong */
    GError *why_not;
} Sender;

static const char *text_of(const json_t *payload, const char *key) {
    const char *text = json_string_value(json_object_get(payload, key));
    return text ? text : "";
}

static void deliver(Sender *sender, const IpcFrame *frame, TransportResult *ret_result) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) letter = frame->fd >= 0 ? ipc_map(frame->fd, LETTER_MAX_BYTES, &error) : NULL;
    if (!sender->transport)
        *ret_result = (TransportResult){.outcome = SMTP_ACCOUNT, .reply = g_strdup(sender->why_not->message)};
    else if (!letter)
        *ret_result =
            (TransportResult){.outcome = SMTP_CONTENT_REFUSED,
                              .reply = g_strdup(error ? error->message : "no letter came with the request")};
    else
        transport_send(sender->transport, text_of(frame->payload, "from"), text_of(frame->payload, "to"),
                       letter, ret_result);
}

static bool answer_send(Sender *sender, const IpcFrame *frame, GError **error) {
    g_auto(TransportResult) result = {0};
    deliver(sender, frame, &result);
    log_event(LOG_INFO, "sender.result", LOG_TEXT("outcome", smtp_outcome_name(result.outcome)),
              LOG_NUMBER("code", result.code));
    json_t *answer = json_pack("{s:O?,s:s,s:i,s:i,s:s}", "id", json_object_get(frame->payload, "id"),
                               "outcome", smtp_outcome_name(result.outcome), "code", (int)result.code,
                               "retry_after_s", (int)result.retry_after_s, "reply", result.reply);
    bool ok = ipc_send(sender->fd, IPC_SENT, answer, -1, ANSWER_TIMEOUT_MS, error);
    json_decref(answer);
    return ok;
}

static bool answer_check(Sender *sender, GError **error) {
    g_autofree char *detail = NULL;
    g_autofree char *remedy = NULL;
    bool found = false;
    if (sender->transport) {
        found = transport_check(sender->transport, &detail, &remedy);
    } else {
        detail = g_strdup(sender->why_not->message);
        remedy = g_strdup("correct the transport section of the configuration");
    }
    json_t *answer = json_pack("{s:b,s:s,s:s}", "ok", (int)found, "detail", detail, "remedy", remedy);
    bool ok = ipc_send(sender->fd, IPC_CHECKED, answer, -1, ANSWER_TIMEOUT_MS, error);
    json_decref(answer);
    return ok;
}

/* Serves one frame. false: the loop ends; error is set where that is no clean end. */
static bool serve(Sender *sender, GError **error) {
    g_auto(IpcFrame) frame = {.fd = -1};
    if (ipc_receive(sender->fd, &frame, -1, error) != 1) {
        if (g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_CLOSED))
            g_clear_error(error);
        return false;
    }
    switch (frame.kind) {
    case IPC_SEND:
        return answer_send(sender, &frame, error);
    case IPC_CHECK:
        return answer_check(sender, error);
    case IPC_STOP:
        return false;
    default:
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "frame of kind %d is not for the sender",
                    (int)frame.kind);
        return false;
    }
}

static bool confine(const json_t *settings, GError **error) {
    const char *readable[] = {json_string_value(json_object_get(settings, "ca_file")), NULL};
    const char *writable[] = {json_string_value(json_object_get(settings, "path")), NULL};
    return sandbox_apply(SANDBOX_SENDER, &(SandboxPaths){.readable = readable, .writable = writable}, error);
}

/* The transport has its own copy, cleared at its end. */
static void wipe_credential(json_t *settings) {
    const char *password = json_string_value(json_object_get(settings, "password"));
    if (password)
        explicit_bzero((char *)password, strlen(password));
    json_object_del(settings, "password");
}

int sender_main(int socket_fd, json_t *settings) {
    g_autoptr(GError) error = NULL;
    Sender sender = {.fd = socket_fd};
    signal(SIGPIPE, SIG_IGN);
    if (!confine(settings, &error)) {
        log_error(LOG_ERROR, "sender.unconfined", error);
        return 1;
    }
    sender.transport = transport_new(settings, &sender.why_not);
    wipe_credential(settings);
    if (!sender.transport)
        log_error(LOG_ERROR, "sender.settings", sender.why_not);
    while (serve(&sender, &error))
        ;
    if (error)
        log_error(LOG_ERROR, "sender.protocol", error);
    transport_free(sender.transport);
    g_clear_error(&sender.why_not);
    return error ? 1 : 0;
}
