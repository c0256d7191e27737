/* IDLE (RFC 2177), written here because libetpan's own trips over news that arrive before the server's "+".
 */
#include <poll.h>
#include <string.h>

#include "gateway/io/clock.h"
#include "gateway/io/imap_session.h"
#include "parsers/charset.h"

/* Servers allow 29 minutes, but address translators on the way forget a silent connection after five. */
enum { RENEW_MS = 5 * 60 * 1000 };

/* One more line of the server, or NULL: the stream has failed. It is valid until the next. */
static const char *read_line(Imap *self) {
    imap_begin(self);
    return mailimap_read_line(self->session);
}

static bool has_news(const char *line) {
    return g_str_has_prefix(line, "* ") && strstr(line, " EXISTS") != NULL;
}

/* Ends the connection: IDLE cannot be left in any other way once it has gone wrong. line: what the server
 * said; NULL: nothing. */
static bool fail(Imap *self, const char *line, GError **error) {
    enum { TEXT_MOST = 200 };
    if (line != NULL) {
        g_autofree char *text = charset_to_utf8(line, strnlen(line, TEXT_MOST), NULL, true, NULL);
        g_autofree char *clean = charset_clean(text, -1);
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_PROTOCOL, "IDLE: \"%s\" says \"%s\"",
                    self->options.stream.host, g_strstrip(clean));
    } else {
        imap_fail(self, MAILIMAP_ERROR_STREAM, "IDLE", error);
    }
    imap_drop(self);
    return false;
}

/* Says IDLE; true once the server idles. News may come before. */
static bool start(Imap *self, bool *ret_has_news, GError **error) {
    mailstream *stream = self->session->imap_stream;
    imap_begin(self);
    if (mailimap_send_current_tag(self->session) != MAILIMAP_NO_ERROR ||
        mailstream_write(stream, "IDLE\r\n", 6) < 0 || mailstream_flush(stream) < 0)
        return fail(self, NULL, error);
    const char *line;
    while ((line = read_line(self)) != NULL && line[0] != '+') {
        if (!g_str_has_prefix(line, "* ") || g_str_has_prefix(line, "* BYE"))
            return fail(self, line, error);
        *ret_has_news |= has_news(line);
    }
    return line != NULL || fail(self, NULL, error);
}

/* Says DONE and reads to the end of the command. */
static bool finish(Imap *self, bool *ret_has_news, GError **error) {
    mailstream *stream = self->session->imap_stream;
    g_autofree char *tag = g_strdup_printf("C%d ", self->session->imap_tag);
    imap_begin(self);
    if (mailstream_write(stream, "DONE\r\n", 6) < 0 || mailstream_flush(stream) < 0)
        return fail(self, NULL, error);
    const char *line;
    while ((line = read_line(self)) != NULL && !g_str_has_prefix(line, tag)) {
        if (g_str_has_prefix(line, "* BYE"))
            return fail(self, line, error);
        *ret_has_news |= has_news(line);
    }
    return line != NULL || fail(self, NULL, error);
}

static bool has_line(const Imap *self) {
    return self->session->imap_stream->read_buffer_len > 0 || tls_stream_has_pending(self->stream);
}

/* Waits within one IDLE until there are news, wake_fd is readable, or the deadline. */
static bool wait_idle(Imap *self, int wake_fd, gint64 deadline_ms, bool *ret_has_news, bool *ret_is_woken,
                      GError **error) {
    while (!*ret_has_news) {
        struct pollfd fds[2] = {
            {.fd = mailstream_low_get_fd(mailstream_get_low(self->session->imap_stream)), .events = POLLIN},
            {.fd = wake_fd, .events = POLLIN}};
        if (!has_line(self)) {
            int n = poll(fds, 2, clock_left_ms(deadline_ms));
            *ret_is_woken = n > 0 && fds[1].revents != 0;
            if (n == 0 || *ret_is_woken)
                return true;
            if (n < 0)
                continue; /* EINTR */
        }
        const char *line = read_line(self);
        if (line == NULL || !g_str_has_prefix(line, "* ") || g_str_has_prefix(line, "* BYE"))
            return fail(self, line, error);
        *ret_has_news = has_news(line);
    }
    return true;
}

bool imap_watch(Mailbox *mailbox, const char *folder, int wake_fd, bool *ret_has_news, bool *ret_is_possible,
                GError **error) {
    Imap *self = (Imap *)mailbox;
    bool is_woken = false, news = false;
    *ret_is_possible = true;
    while (!news && !is_woken) {
        if (!imap_open(self, NULL, error))
            return false;
        if (!imap_has(self, "IDLE")) {
            *ret_is_possible = false;
            return true;
        }
        if (g_strcmp0(self->selected, folder) != 0 && !imap_examine(self, folder, error))
            return false;
        if (!start(self, &news, error) ||
            !wait_idle(self, wake_fd, clock_monotonic_ms() + RENEW_MS, &news, &is_woken, error) ||
            !finish(self, &news, error))
            return false;
    }
    *ret_has_news = news;
    return true;
}
