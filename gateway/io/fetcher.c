#include "gateway/io/fetcher.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/io/imap.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "gateway/io/mailbox.h"
#include "gateway/io/mailbox_dir.h"
#include "gateway/io/sandbox.h"
#include "parsers/charset.h"

/* facts/email.md 7; 163 itself takes 71,680,000 bytes */
#define MAX_MESSAGE_BYTES_DEFAULT ((gint64)72 << 20)

enum { TIMEOUT_S_DEFAULT = 60, TIMEOUT_S_MOST = 3600 };

enum { HEADER_TEXT_MOST_BYTES = 256 << 10 }; /* what a mailbox passes on of a message that is too large */

typedef struct {
    int socket_fd;
    Mailbox *mailbox;      /* NULL: the settings are no good; every frame is answered so */
    const GError *failure; /* then the reason */
    const char *account;
    guint64 n_sent; /* messages of the fetch under way */
} Fetcher;

/* ---- settings
 * --------------------------------------------------------------------------------------------------- */

static const char *text_setting(const json_t *settings, const char *key, const char *fallback) {
    const char *value = json_string_value(json_object_get(settings, key));
    return value != NULL && *value != '\0' ? value : fallback;
}

/* A number between first and last, or the fallback where it is absent. */
static bool number_setting(const json_t *settings, const char *key, gint64 fallback, gint64 first,
                           gint64 last, gint64 *ret_value, GError **error) {
    const json_t *value = json_object_get(settings, key);
    if (value == NULL || json_is_null(value)) {
        *ret_value = fallback;
        return true;
    }
    gint64 number = json_integer_value(value);
    if (!json_is_integer(value) || number < first || number > last) {
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS,
                    "%s: a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " is needed", key,
                    first, last);
        return false;
    }
    *ret_value = number;
    return true;
}

static bool mode_setting(const json_t *settings, TlsStreamMode *ret_mode, GError **error) {
    static const char *const NAMES[] = {
        [TLS_STREAM_IMPLICIT] = "implicit", [TLS_STREAM_STARTTLS] = "starttls", [TLS_STREAM_NONE] = "none"};
    const char *name = text_setting(settings, "tls", NAMES[TLS_STREAM_IMPLICIT]);
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *ret_mode = (TlsStreamMode)i;
            return true;
        }
    g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS,
                "tls: \"%s\" is none of implicit, starttls, none", name);
    return false;
}

/* Moves the password into a Secret and wipes it from the settings. */
static Secret *take_password(json_t *settings, GError **error) {
    json_t *value = json_object_get(settings, "password");
    if (!json_is_string(value)) {
        g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, "password: is missing");
        return NULL;
    }
    Secret *secret = secret_new(json_string_value(value), error);
    explicit_bzero((char *)json_string_value(value), json_string_length(value));
    json_object_del(settings, "password");
    if (secret != NULL && strpbrk(secret_text(secret), "\r\n") != NULL) {
        g_clear_pointer(&secret, secret_free);
        g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, "password: has a line break in it");
    }
    return secret;
}

static Mailbox *new_imap(int socket_fd, json_t *settings, guint64 max_message_bytes, GError **error) {
    g_autoptr(Secret) password = take_password(settings, error);
    ImapOptions options = {
        .stream = {.host = text_setting(settings, "host", NULL),
                   .ca_file = text_setting(settings, "ca_file", NULL),
                   .allow_plain = json_is_true(json_object_get(settings, "allow_plain")),
                   .cancel_fd = socket_fd},
        .user = text_setting(settings, "user", NULL),
        .uses_xoauth2 = strcmp(text_setting(settings, "auth", "login"), "xoauth2") == 0,
        .max_message_bytes = max_message_bytes,
    };
    gint64 port = 0, timeout_s = 0, batch = 0;
    if (password == NULL || !mode_setting(settings, &options.stream.mode, error))
        return NULL;
    gint64 usual_port = options.stream.mode == TLS_STREAM_IMPLICIT ? 993 : 143;
    if (!number_setting(settings, "port", usual_port, 1, G_MAXUINT16, &port, error) ||
        !number_setting(settings, "timeout_s", TIMEOUT_S_DEFAULT, 1, TIMEOUT_S_MOST, &timeout_s, error) ||
        !number_setting(settings, "batch", 0, 0, IMAP_BATCH_MOST, &batch, error))
        return NULL;
    if (options.stream.host == NULL || options.user == NULL || strpbrk(options.user, "\r\n") != NULL) {
        g_set_error_literal(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS,
                            "host, user: both are needed, without line breaks");
        return NULL;
    }
    options.stream.port = (guint16)port;
    options.stream.timeout_ms = (int)timeout_s * 1000;
    options.batch = (guint)batch;
    return imap_new(&options, g_steal_pointer(&password));
}

static Mailbox *new_mailbox(int socket_fd, json_t *settings, GError **error) {
    gint64 max_message_bytes = 0;
    if (!number_setting(settings, "max_message_bytes", MAX_MESSAGE_BYTES_DEFAULT, 1, G_MAXINT32,
                        &max_message_bytes, error))
        return NULL;
    const char *kind = text_setting(settings, "kind", "");
    if (strcmp(kind, "imap") == 0)
        return new_imap(socket_fd, settings, (guint64)max_message_bytes, error);
    const char *path = text_setting(settings, "path", NULL);
    if (strcmp(kind, "directory") == 0 && path != NULL)
        return mailbox_dir_new(path, (guint64)max_message_bytes);
    g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS,
                "kind: \"%s\" is neither imap nor directory with a path", kind);
    return NULL;
}

/* ---- answers
 * ---------------------------------------------------------------------------------------------------- */

/* Sends a payload, which is freed. */
static bool answer(const Fetcher *self, IpcKind kind, json_t *payload, int fd, GError **error) {
    bool ok = ipc_send(self->socket_fd, kind, payload, fd, -1, error);
    json_decref(payload);
    return ok;
}

static bool answer_error(const Fetcher *self, IpcKind kind, const char *folder, const GError *why,
                         GError **error) {
    g_autofree char *text = g_strdup_printf("%s; %s", why->message, mailbox_remedy(why));
    json_t *payload = json_pack("{s:s,s:s,s:s,s:b}", "account", self->account, "folder", folder, "error",
                                text, "temporary", mailbox_is_temporary(why));
    guint wait_s = mailbox_wait_s(why);
    if (wait_s > 0)
        json_object_set_new(payload, "wait_s", json_integer(wait_s));
    if (g_error_matches(why, MAILBOX_ERROR, MAILBOX_ERROR_FOLDER))
        json_object_set_new(payload, "missing", json_true());
    return answer(self, kind, payload, -1, error);
}

static bool serve_folders(Fetcher *self, GError **error) {
    g_autoptr(GError) why = NULL;
    g_auto(GStrv) names = mailbox_folders(self->mailbox, &why);
    if (names == NULL)
        return answer_error(self, IPC_LISTED, "*", why, error);
    json_t *folders = json_array();
    for (char **name = names; *name != NULL; name++)
        json_array_append_new(folders, json_string(*name));
    return answer(self, IPC_LISTED,
                  json_pack("{s:s,s:s,s:o}", "account", self->account, "folder", "*", "folders", folders), -1,
                  error);
}

static bool serve_list(Fetcher *self, const char *folder, GError **error) {
    if (strcmp(folder, "*") == 0)
        return serve_folders(self, error);
    g_autoptr(GError) why = NULL;
    g_auto(MailboxListing) listing = {0};
    if (!mailbox_list(self->mailbox, folder, &listing, &why))
        return answer_error(self, IPC_LISTED, folder, why, error);
    json_t *uids = json_array();
    for (guint i = 0; i < listing.uids->len; i++)
        json_array_append_new(uids, json_integer((json_int_t)g_array_index(listing.uids, guint64, i)));
    json_t *payload = json_pack("{s:s,s:s,s:I,s:o}", "account", self->account, "folder", folder,
                                "uidvalidity", (json_int_t)listing.uidvalidity, "uids", uids);
    if (listing.is_junk)
        json_object_set_new(payload, "junk", json_true());
    if (listing.quota_percent > 0)
        json_object_set_new(payload, "quota_percent", json_integer((json_int_t)listing.quota_percent));
    return answer(self, IPC_LISTED, payload, -1, error);
}

/* The header of a message that is too large, as text: whoever sent it can be told. NULL where it could not be
 * had. */
static json_t *header_text(int fd) {
    g_autoptr(GBytes) bytes = fd >= 0 ? ipc_map(fd, HEADER_TEXT_MOST_BYTES, NULL) : NULL;
    if (bytes == NULL)
        return NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autofree char *text = charset_to_utf8(data, length, NULL, false, NULL);
    return json_string(text);
}

static bool send_message(const MailboxMessage *message, gpointer data, GError **error) {
    Fetcher *self = data;
    json_t *flags = json_array();
    for (const char *const *flag = message->flags; *flag != NULL; flag++)
        json_array_append_new(flags, json_string(*flag));
    json_t *payload = json_pack("{s:I,s:o,s:I}", "uid", (json_int_t)message->uid, "flags", flags, "size",
                                (json_int_t)message->size_bytes);
    if (message->internaldate_s >= 0)
        json_object_set_new(payload, "internaldate", json_integer(message->internaldate_s));
    self->n_sent++;
    if (!message->is_oversize)
        return answer(self, IPC_MESSAGE, payload, message->fd, error);
    json_object_set_new(payload, "oversize", json_true());
    json_t *header = header_text(message->fd);
    if (header != NULL)
        json_object_set_new(payload, "header", header);
    return answer(self, IPC_MESSAGE, payload, -1, error);
}

/* The UIDs of a request, ascending; NULL if it has none or something else. */
static GArray *read_uids(const json_t *payload) {
    const json_t *list = json_object_get(payload, "uids");
    GArray *uids = g_array_new(FALSE, FALSE, sizeof(guint64));
    size_t index;
    const json_t *value;
    json_array_foreach(list, index, value) {
        guint64 uid = (guint64)json_integer_value(value);
        g_array_append_val(uids, uid);
    }
    mailbox_sort_uids(uids);
    return uids;
}

static bool serve_fetch(Fetcher *self, const char *folder, const json_t *request, GError **error) {
    g_autoptr(GError) why = NULL;
    g_autoptr(GArray) uids = read_uids(request);
    self->n_sent = 0;
    bool ok = mailbox_fetch(self->mailbox, folder, (const guint64 *)(void *)uids->data, uids->len,
                            send_message, self, &why);
    if (!ok)
        return answer_error(self, IPC_FETCHED, folder, why, error);
    return answer(self, IPC_FETCHED,
                  json_pack("{s:s,s:I}", "folder", folder, "count", (json_int_t)self->n_sent), -1, error);
}

/* Waits for news until the keeper has something else to ask. */
static bool serve_watch(Fetcher *self, const char *folder, GError **error) {
    g_autoptr(GError) why = NULL;
    bool has_news = false, is_possible = false;
    if (!mailbox_watch(self->mailbox, folder, self->socket_fd, &has_news, &is_possible, &why))
        return answer_error(self, IPC_NEWS, folder, why, error);
    json_t *payload = json_pack("{s:s,s:b,s:b}", "folder", folder, "news", has_news, "possible", is_possible);
    return answer(self, IPC_NEWS, payload, -1, error);
}

static bool serve_check(Fetcher *self, GError **error) {
    g_autoptr(GError) why = NULL;
    g_autofree char *detail = mailbox_check(self->mailbox, &why);
    json_t *payload =
        json_pack("{s:b,s:s,s:s}", "ok", detail != NULL, "detail", detail != NULL ? detail : why->message,
                  "remedy", detail != NULL ? "" : mailbox_remedy(why));
    return answer(self, IPC_CHECKED, payload, -1, error);
}

/* ---- the loop
 * --------------------------------------------------------------------------------------------------- */

/* Says the same about every request: `check` and the keeper show it to a person. */
static bool serve_failure(const Fetcher *self, IpcKind kind, const char *folder, GError **error) {
    if (kind == IPC_CHECK)
        return answer(self, IPC_CHECKED,
                      json_pack("{s:b,s:s,s:s}", "ok", false, "detail", self->failure->message, "remedy",
                                mailbox_remedy(self->failure)),
                      -1, error);
    IpcKind reply = kind == IPC_LIST ? IPC_LISTED : kind == IPC_WATCH ? IPC_NEWS : IPC_FETCHED;
    return answer_error(self, reply, folder, self->failure, error);
}

static bool serve(Fetcher *self, const IpcFrame *frame, GError **error) {
    const char *folder = text_setting(frame->payload, "folder", "INBOX");
    if (self->mailbox == NULL)
        return serve_failure(self, frame->kind, folder, error);
    switch (frame->kind) {
    case IPC_LIST:
        return serve_list(self, folder, error);
    case IPC_FETCH:
        return serve_fetch(self, folder, frame->payload, error);
    case IPC_WATCH:
        return serve_watch(self, folder, error);
    case IPC_CHECK:
        return serve_check(self, error);
    default:
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_SETTINGS, "frame of kind %d is not for a fetcher",
                    (int)frame->kind);
        return false;
    }
}

static bool run(Fetcher *self, GError **error) {
    for (;;) {
        g_auto(IpcFrame) frame = {.fd = -1};
        g_autoptr(GError) why = NULL;
        int got = ipc_receive(self->socket_fd, &frame, -1, &why);
        if (got == 1 && frame.kind == IPC_STOP)
            return true;
        bool is_served = got == 1 && serve(self, &frame, &why);
        /* a peer that left while it was being answered has left as well */
        if (!is_served && (g_error_matches(why, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
                           g_error_matches(why, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE)))
            return true;
        if (!is_served) {
            g_propagate_error(error, g_steal_pointer(&why));
            return false;
        }
    }
}

static bool confine(const json_t *settings, GError **error) {
    const char *readable[] = {text_setting(settings, "path", NULL), NULL, NULL};
    const char *ca_file = text_setting(settings, "ca_file", NULL);
    readable[readable[0] != NULL ? 1 : 0] = ca_file;
    return sandbox_apply(SANDBOX_FETCHER, &(SandboxPaths){.readable = readable}, error);
}

int fetcher_main(int socket_fd, json_t *settings) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) failure = NULL;
    signal(SIGPIPE, SIG_IGN); /* a server that hangs up is an error, not the end of us */
    g_autoptr(Mailbox) mailbox = new_mailbox(socket_fd, settings, &failure);
    Fetcher self = {.socket_fd = socket_fd,
                    .mailbox = mailbox,
                    .failure = failure,
                    .account = text_setting(settings, "account", "")};
    if (confine(settings, &error) && run(&self, &error))
        return EXIT_SUCCESS;
    log_error(LOG_ERROR, "fetcher.failed", error);
    return EXIT_FAILURE;
}
