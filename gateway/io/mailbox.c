#include "gateway/io/mailbox.h"

#include <string.h>

#include "gateway/io/tls_stream.h"
#include "parsers/mail_date.h"

G_DEFINE_QUARK(fortnight - mailbox - error, mailbox_error)

static const struct {
    bool is_temporary;
    const char *remedy;
} KINDS[] = {
    [MAILBOX_ERROR_TEMPORARY] = {true, "nothing needs doing: it is tried again"},
    [MAILBOX_ERROR_PROTOCOL] = {true,
                                "it is tried again on a new connection; if it stays, tell the provider"},
    [MAILBOX_ERROR_CHANGED] = {true, "nothing needs doing: the folder is listed again"},
    [MAILBOX_ERROR_LOGIN] =
        {false, "check user and password; 163, 126 and QQ want an authorization code (授权码) instead of the "
                "password, and IMAP switched on in their web settings"},
    [MAILBOX_ERROR_CLIENT] =
        {false, "switch IMAP on in the web settings, confirm this login there, or ask kefu@188.com"},
    [MAILBOX_ERROR_FOLDER] = {false, "correct the folder's name, or create it on the server"},
    [MAILBOX_ERROR_SETTINGS] = {false, "correct the configuration"},
    [MAILBOX_ERROR_STOPPED] = {true, "nothing needs doing"},
};

static int find_kind(const GError *error) {
    bool is_ours = error->domain == MAILBOX_ERROR && (guint)error->code < G_N_ELEMENTS(KINDS);
    return is_ours ? error->code : -1;
}

const char *mailbox_remedy(const GError *error) {
    int kind = find_kind(error);
    const char *remedy = kind >= 0 ? KINDS[kind].remedy : tls_stream_remedy(error);
    return remedy != NULL ? remedy : "see the log";
}

bool mailbox_is_temporary(const GError *error) {
    int kind = find_kind(error);
    if (kind >= 0)
        return KINDS[kind].is_temporary;
    return error->domain != TLS_STREAM_ERROR || tls_stream_is_temporary(error);
}

guint mailbox_wait_s(const GError *error) {
    enum { WAIT_MOST_S = 600 };
    static const char ASKED[] = "Suggested Backoff Time: ";
    const char *p = strstr(error->message, ASKED);
    if (p == NULL)
        return 0;
    guint64 ms = g_ascii_strtoull(p + strlen(ASKED), NULL, 10);
    return ms > WAIT_MOST_S * 1000 ? WAIT_MOST_S : (guint)((ms + 999) / 1000);
}

void mailbox_listing_clear(MailboxListing *listing) {
    g_clear_pointer(&listing->uids, g_array_unref);
}

static int compare_uids(gconstpointer a, gconstpointer b) {
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
    return x < y ? -1 : x > y;
}

void mailbox_sort_uids(GArray *uids) {
    g_array_sort(uids, compare_uids);
    guint n = 0;
    for (guint i = 0; i < uids->len; i++) {
        guint64 uid = g_array_index(uids, guint64, i);
        if (uid != 0 && (n == 0 || g_array_index(uids, guint64, n - 1) != uid))
            g_array_index(uids, guint64, n++) = uid;
    }
    g_array_set_size(uids, n);
}

/* ---- the class
 * -------------------------------------------------------------------------------------------------- */

bool mailbox_list(Mailbox *self, const char *folder, MailboxListing *ret_listing, GError **error) {
    return self->class->list(self, folder, ret_listing, error);
}

bool mailbox_fetch(Mailbox *self, const char *folder, const guint64 *uids, gsize n_uids,
                   MailboxReceiver receiver, gpointer data, GError **error) {
    return n_uids == 0 || self->class->fetch(self, folder, uids, n_uids, receiver, data, error);
}

char **mailbox_folders(Mailbox *self, GError **error) {
    return self->class->folders(self, error);
}

bool mailbox_watch(Mailbox *self, const char *folder, int wake_fd, bool *ret_has_news, bool *ret_is_possible,
                   GError **error) {
    *ret_has_news = *ret_is_possible = false;
    return self->class->watch == NULL ||
           self->class->watch(self, folder, wake_fd, ret_has_news, ret_is_possible, error);
}

char *mailbox_check(Mailbox *self, GError **error) {
    return self->class->check(self, error);
}

void mailbox_free(Mailbox *self) {
    self->class->free(self);
}

/* ---- dates
 * ------------------------------------------------------------------------------------------------------ */

/* The end of a header field that starts at p: the line break before the first line that does not continue it.
 */
static const char *field_end(const char *p, const char *end) {
    for (;;) {
        p = memchr(p, '\n', (gsize)(end - p));
        if (p == NULL || p + 1 >= end)
            return end;
        if (p[1] != ' ' && p[1] != '\t')
            return p;
        p++;
    }
}

gint64 mailbox_received_s(const char *message, gsize length) {
    enum { HEADER_MOST = 64 << 10 };
    static const char NAME[] = "Received:";
    const char *end = message + MIN(length, HEADER_MOST);
    for (const char *p = message; p < end && *p != '\n' && *p != '\r';) {
        const char *next = field_end(p, end);
        if ((gsize)(next - p) > strlen(NAME) && g_ascii_strncasecmp(p, NAME, strlen(NAME)) == 0) {
            const char *date = memrchr(p, ';', (gsize)(next - p));
            g_autofree char *text = date != NULL ? g_strndup(date + 1, (gsize)(next - date - 1)) : NULL;
            gint64 time_s = -1;
            if (text != NULL)
                mail_date_parse(text, &time_s, NULL);
            return time_s;
        }
        p = next + 1;
    }
    return -1;
}
