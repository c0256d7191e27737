#include "gateway/io/imap_session.h"

#include <string.h>

#include "gateway/io/utf7.h"
#include "parsers/charset.h"

/* ---- errors
 * ----------------------------------------------------------------------------------------------------- */

/* The server's text for people: Chinese providers answer in GBK. */
static char *server_text(const Imap *self) {
    enum { TEXT_MOST = 400 };
    const char *text = self->session != NULL ? self->session->imap_response : NULL;
    if (text == NULL || *text == '\0')
        return g_strdup("no reason given");
    g_autofree char *utf8 = charset_to_utf8(text, strnlen(text, TEXT_MOST), NULL, true, NULL);
    char *clean = charset_clean(utf8, -1);
    return g_strstrip(g_strdelimit(clean, "\n\t", ' '));
}

/* Whether the answer is a tagged BAD. libetpan gives the same result for it as for a wrong tag, but only the
 * latter leaves the session in disorder. */
static bool is_bad_answer(const Imap *self, int result) {
    if (result != MAILIMAP_ERROR_PROTOCOL || self->session == NULL)
        return false;
    const MMAPString *read = self->session->imap_stream_buffer;
    const char *end = read->str + read->len;
    const char *line = read->len >= 2 ? memrchr(read->str, '\n', read->len - 2) : NULL;
    g_autofree char *start = g_strdup_printf("C%d BAD", self->session->imap_tag);
    line = line != NULL ? line + 1 : read->str;
    return (gsize)(end - line) > strlen(start) && g_ascii_strncasecmp(line, start, strlen(start)) == 0;
}

bool imap_is_broken(const Imap *self, int result) {
    if (self->stream != NULL && tls_stream_failure(self->stream) != NULL)
        return true;
    switch (result) {
    case MAILIMAP_ERROR_BAD_STATE:
    case MAILIMAP_ERROR_STREAM:
    case MAILIMAP_ERROR_PARSE:
    case MAILIMAP_ERROR_MEMORY: /* a body handler that said stop within a literal */
    case MAILIMAP_ERROR_FATAL:
    case MAILIMAP_ERROR_NEEDS_MORE_DATA:
        return true;
    case MAILIMAP_ERROR_PROTOCOL:
        return !is_bad_answer(self, result);
    default:
        return false;
    }
}

/* Words in a refusal that make it another kind of error than the command suggests; first match counts. */
static const struct {
    const char *text; /* in the answer's text or response code (RFC 5530), without regard to case */
    MailboxError code;
} REFUSALS[] = {
    {"Unsafe Login", MAILBOX_ERROR_CLIENT},
    {"login is not safe", MAILBOX_ERROR_CLIENT},
    {"UNAVAILABLE", MAILBOX_ERROR_TEMPORARY},
    {"INUSE", MAILBOX_ERROR_TEMPORARY},
    {"Too many simultaneous", MAILBOX_ERROR_TEMPORARY},
    {"throttled", MAILBOX_ERROR_TEMPORARY},
    {"not connected", MAILBOX_ERROR_TEMPORARY}, /* Exchange: "User is authenticated but not connected" */
    {"try again", MAILBOX_ERROR_TEMPORARY},
    {"NONEXISTENT", MAILBOX_ERROR_FOLDER},
};

static bool contains(const char *text, const char *word) {
    g_autofree char *low_text = text != NULL ? g_ascii_strdown(text, -1) : NULL;
    g_autofree char *low_word = g_ascii_strdown(word, -1);
    return low_text != NULL && strstr(low_text, low_word) != NULL;
}

static MailboxError classify_refusal(const Imap *self, const char *what) {
    const struct mailimap_response_info *info = self->session->imap_response_info;
    for (gsize i = 0; i < G_N_ELEMENTS(REFUSALS); i++)
        if (contains(self->session->imap_response, REFUSALS[i].text) ||
            (info != NULL && contains(info->rsp_atom, REFUSALS[i].text)))
            return REFUSALS[i].code;
    if (g_str_has_prefix(what, "LOGIN") || g_str_has_prefix(what, "AUTHENTICATE"))
        return MAILBOX_ERROR_LOGIN;
    return g_str_has_prefix(what, "EXAMINE") ? MAILBOX_ERROR_FOLDER : MAILBOX_ERROR_TEMPORARY;
}

bool imap_fail(Imap *self, int result, const char *what, GError **error) {
    const GError *failure = self->stream != NULL ? tls_stream_failure(self->stream) : NULL;
    if (failure != NULL) {
        g_propagate_prefixed_error(error, g_error_copy(failure), "%s: ", what);
    } else if (imap_is_broken(self, result)) {
        g_autofree char *text = server_text(self);
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_PROTOCOL,
                    "%s: \"%s\" answers what is no IMAP (%d): %s", what, self->options.stream.host, result,
                    text);
    } else {
        g_autofree char *text = server_text(self);
        g_set_error(error, MAILBOX_ERROR, (int)classify_refusal(self, what), "%s: \"%s\" says \"%s\"", what,
                    self->options.stream.host, text);
    }
    if (imap_is_broken(self, result))
        imap_drop(self);
    return false;
}

/* ---- the connection
 * --------------------------------------------------------------------------------------------- */

void imap_begin(Imap *self) {
    tls_stream_begin(self->stream, self->options.stream.timeout_ms, IMAP_ANSWER_BYTES);
}

void imap_drop(Imap *self) {
    if (self->session == NULL)
        return;
    if (self->session->imap_stream != NULL)
        mailstream_close(self->session->imap_stream);
    self->session->imap_stream = NULL; /* else mailimap_free() says LOGOUT and waits */
    mailimap_free(self->session);
    self->session = NULL;
    self->stream = NULL;
    g_clear_pointer(&self->selected, g_free);
    g_clear_pointer(&self->junk, g_hash_table_unref);
    self->batch = 0; /* a broken connection may have been too much at once */
}

/* RFC 2971, in the only form that NetEase accepts. Its refusal is no error: some servers know ID and refuse
 * it. */
static int send_id(Imap *self) {
    const char *const pairs[] = {"name",   "fortnight", "version",       "0.1",
                                 "vendor", "fortnight", "support-email", self->options.user};
    struct mailimap_id_params_list *params = mailimap_id_params_list_new_empty();
    gsize n = strchr(self->options.user, '@') != NULL ? G_N_ELEMENTS(pairs) : G_N_ELEMENTS(pairs) - 2;
    for (gsize i = 0; i < n; i += 2) /* it copies them */
        mailimap_id_params_list_add_name_value(params, (char *)pairs[i], (char *)pairs[i + 1]);
    struct mailimap_id_params_list *answer = NULL;
    imap_begin(self);
    int result = mailimap_id(self->session, params, &answer);
    if (result == MAILIMAP_NO_ERROR && answer != NULL)
        mailimap_id_params_list_free(answer);
    mailimap_id_params_list_free(params);
    return result;
}

static bool send_id_or_fail(Imap *self, GError **error) {
    int result = send_id(self);
    return !imap_is_broken(self, result) || imap_fail(self, result, "ID", error);
}

/* By hand: mailimap_capability() follows a null pointer where a server says OK and lists nothing. */
static bool ask_capabilities(Imap *self, GError **error) {
    imap_begin(self);
    int result = mailimap_custom_command(self->session, "CAPABILITY");
    return result == MAILIMAP_NO_ERROR || imap_fail(self, result, "CAPABILITY", error);
}

/* mailimap_has_extension() follows a null pointer where a server names none. */
bool imap_has(const Imap *self, const char *capability) {
    const struct mailimap_connection_info *info = self->session->imap_connection_info;
    return info != NULL && info->imap_capability != NULL && info->imap_capability->cap_list != NULL &&
           mailimap_has_extension(self->session, capability);
}

static bool upgrade(Imap *self, GError **error) {
    imap_begin(self);
    int result = mailimap_starttls(self->session);
    if (result != MAILIMAP_NO_ERROR && !imap_is_broken(self, result)) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_HANDSHAKE, "\"%s\" refuses STARTTLS",
                    self->options.stream.host);
        return false;
    }
    if (result != MAILIMAP_NO_ERROR)
        return imap_fail(self, result, "STARTTLS", error);
    return tls_stream_upgrade(self->stream, self->session->imap_stream, error) &&
           ask_capabilities(self, error);
}

static bool log_in(Imap *self, GError **error) {
    /* LOGIN, never AUTHENTICATE PLAIN: Coremail and others advertise the latter and refuse it (facts) */
    bool is_token = self->options.uses_xoauth2;
    const char *password = secret_text(self->password);
    imap_begin(self);
    int result = is_token ? mailimap_oauth2_authenticate(self->session, self->options.user, password)
                          : mailimap_login(self->session, self->options.user, password);
    mailstream *stream = self->session->imap_stream;
    explicit_bzero(stream->write_buffer, stream->buffer_max_size);
    return result == MAILIMAP_NO_ERROR || imap_fail(self, result, is_token ? "AUTHENTICATE" : "LOGIN", error);
}

/* From the greeting to the state in which folders can be opened. */
static bool start_session(Imap *self, int greeting, GError **error) {
    if (greeting != MAILIMAP_NO_ERROR_AUTHENTICATED && greeting != MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
        return imap_fail(self, greeting, "greeting", error);
    bool is_open = greeting == MAILIMAP_NO_ERROR_AUTHENTICATED; /* PREAUTH */
    if (self->options.stream.mode == TLS_STREAM_STARTTLS) {
        if (is_open) { /* whoever sits between may send it to keep us from STARTTLS (CVE-2020-12398) */
            g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_INJECTED,
                        "\"%s\" wants no STARTTLS: it greets with PREAUTH", self->options.stream.host);
            return false;
        }
        if (!upgrade(self, error))
            return false;
    } else if (!ask_capabilities(self, error)) {
        return false;
    }
    if (!is_open && imap_has(self, "ID") && !send_id_or_fail(self, error))
        return false;
    if (!is_open && !log_in(self, error))
        return false;
    return send_id_or_fail(self, error); /* NetEase wants it after LOGIN, whether listed or not */
}

bool imap_open(Imap *self, bool *ret_is_new, GError **error) {
    if (ret_is_new != NULL)
        *ret_is_new = self->session == NULL;
    if (self->session != NULL)
        return true;
    TlsStream *tls = NULL;
    mailstream *stream = tls_stream_connect(&self->options.stream, &tls, error);
    if (stream == NULL)
        return false;
    self->session = mailimap_new(0, NULL);
    self->stream = tls;
    mailimap_set_163_workaround_enabled(self->session, 1); /* tags that are no pure numbers */
    imap_begin(self);
    if (start_session(self, mailimap_connect(self->session, stream), error))
        return true;
    imap_drop(self);
    return false;
}

bool imap_examine(Imap *self, const char *folder, GError **error) {
    const char *known = g_hash_table_lookup(self->wire_names, folder);
    g_autofree char *wire = known != NULL ? g_strdup(known) : utf7_encode(folder);
    if (wire == NULL || strpbrk(wire, "\r\n") != NULL) {
        g_set_error(error, MAILBOX_ERROR, MAILBOX_ERROR_FOLDER,
                    "a folder's name is UTF-8 without line breaks");
        return false;
    }
    g_clear_pointer(&self->selected, g_free);
    imap_begin(self);
    int result = mailimap_examine(self->session, wire);
    if (result != MAILIMAP_NO_ERROR) {
        g_autofree char *what = g_strdup_printf("EXAMINE \"%s\"", folder);
        return imap_fail(self, result, what, error);
    }
    const struct mailimap_selection_info *info = self->session->imap_selection_info;
    self->uidvalidity = info != NULL ? info->sel_uidvalidity : 0;
    self->selected = g_strdup(folder);
    return true;
}
