/* libcurl 7.88.1 as measured (facts/email.md 2.5, facts/libraries.md 2): its result code says little, so the
 * dialogue is followed through the debug callback: the commands that went out give the stage, the lines that
 * came in give the reply. Nothing of it is logged, since the commands hold the credential.
 *
 * Outcome: a reply of 4xx or 5xx is classified; without one it depends on what the server may have: before
 * the last byte of the letter was handed to libcurl nothing can have been accepted (temporary), afterwards it
 * may (unsure). */
#include "gateway/io/smtp.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/mustache_escape.h"
#include "parsers/charset.h"

#define TIMEOUT_DEFAULT_S    60
#define TIMEOUT_MAX_S        3600
#define CONNECT_TIMEOUT_S    30
#define SLOWEST_BYTES_S      16384 /* a letter may take as long as its size at this speed needs */
#define SMTP_GOODBYE         "221"
#define REPLY_MAX_BYTES      2000 /* of one reply kept: RFC 5321 4.5.3.1.5 allows 512 a line */
#define CONNECTION_MAX_AGE_S 240  /* servers drop idle clients after 5 minutes (RFC 5321 4.5.3.2.7) */

typedef struct {
    SmtpStage stage;
    guint code;     /* of the last complete reply in this transaction, 0: none */
    GString *reply; /* its lines */
    bool complete;  /* the next line starts a new reply */
    bool replied;   /* anything came in */
} Dialogue;

typedef struct {
    Transport base;
    CURL *curl;
    char *url, *user, *password;
    bool is_oauth;
    long timeout_s;
    Dialogue dialogue;
    char why[CURL_ERROR_SIZE]; /* what libcurl says of the last failure; empty: nothing */
    const char *bytes;         /* the letter, while it is sent */
    gsize length, sent;
} SmtpTransport;

/* ---- following the dialogue -------------------------------------------------------------------------- */

/* Lines may come in pieces of any size; libcurl hands over whole ones. */
static void take_reply_line(Dialogue *dialogue, const char *line, gsize length) {
    if (length < 3 || !g_ascii_isdigit(line[0]) || !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
        return;
    if (strncmp(line, SMTP_GOODBYE, 3) == 0)
        return; /* libcurl says QUIT by itself after a refusal, which must stay the last reply */
    if (dialogue->complete)
        g_string_truncate(dialogue->reply, 0);
    if (dialogue->reply->len < REPLY_MAX_BYTES)
        g_string_append_len(dialogue->reply, line,
                            (gssize)MIN(length, REPLY_MAX_BYTES - dialogue->reply->len));
    dialogue->complete = length == 3 || line[3] != '-';
    dialogue->replied = true;
    if (dialogue->complete)
        dialogue->code = (guint)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
    if (dialogue->complete && dialogue->stage == SMTP_STAGE_DATA && dialogue->code == 354)
        dialogue->stage = SMTP_STAGE_DOT;
}

static void take_command(Dialogue *dialogue, const char *command, gsize length) {
    static const struct {
        const char *verb;
        SmtpStage stage;
    } verbs[] = {{"AUTH", SMTP_STAGE_LOGIN},
                 {"MAIL", SMTP_STAGE_MAIL},
                 {"RCPT", SMTP_STAGE_RCPT},
                 {"DATA", SMTP_STAGE_DATA}};
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (length >= 4 && g_ascii_strncasecmp(command, verbs[i].verb, 4) == 0)
            dialogue->stage = verbs[i].stage;
}

static int on_debug(CURL *curl, curl_infotype type, char *data, size_t length, void *user_data) {
    Dialogue *dialogue = user_data;
    if (type == CURLINFO_HEADER_OUT) {
        take_command(dialogue, data, length);
    } else if (type == CURLINFO_HEADER_IN) {
        for (const char *line = data, *end = data + length; line < end;) {
            const char *stop = memchr(line, '\n', (gsize)(end - line));
            gsize size = stop ? (gsize)(stop + 1 - line) : (gsize)(end - line);
            take_reply_line(dialogue, line, size);
            line += size;
        }
    }
    return 0;
}

static size_t on_read(char *buffer, size_t size, size_t count, void *user_data) {
    SmtpTransport *smtp = user_data;
    gsize length = MIN(size * count, smtp->length - smtp->sent);
    memcpy(buffer, smtp->bytes + smtp->sent, length);
    smtp->sent += length;
    return length;
}

static size_t discard(char *data, size_t size, size_t count, void *user_data) {
    return size * count;
}

/* ---- outcome ----------------------------------------------------------------------------------------- */

/* The reply as one clean line: providers answer in UTF-8 or GBK (facts/email.md 1.1). */
static char *reply_line(const SmtpTransport *smtp, CURLcode result) {
    const Dialogue *dialogue = &smtp->dialogue;
    const char *why = *smtp->why ? smtp->why : curl_easy_strerror(result);
    if (!dialogue->reply->len)
        return mustache_clean_line(why, 0);
    g_autofree char *text = charset_to_utf8(dialogue->reply->str, dialogue->reply->len, NULL, true, NULL);
    g_autofree char *line = mustache_clean_line(text, 0);
    if (dialogue->code >= 400 || result == CURLE_OK)
        return g_steal_pointer(&line);
    g_autofree char *clean = mustache_clean_line(why, 0);
    return g_strdup_printf("%s (last reply: %s)", clean, line);
}

static SmtpVerdict judge(const SmtpTransport *smtp, CURLcode result) {
    const Dialogue *dialogue = &smtp->dialogue;
    if (result == CURLE_OK || dialogue->code >= 400)
        return smtp_reply_classify(dialogue->stage, dialogue->code, dialogue->reply->str);
    if (dialogue->stage == SMTP_STAGE_DOT)
        return smtp->sent == smtp->length ? (SmtpVerdict){SMTP_UNSURE, 0}
                                          : (SmtpVerdict){SMTP_TEMPORARY, SMTP_RETRY_S};
    switch (result) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_LOGIN_DENIED:
    case CURLE_SSL_ISSUER_ERROR:
        return (SmtpVerdict){SMTP_ACCOUNT, 0};
    default:
        return (SmtpVerdict){SMTP_TEMPORARY, SMTP_RETRY_S};
    }
}

/* A kept connection may have died meanwhile: nothing was said yet, or the server said goodbye. */
static bool died_while_kept(const SmtpTransport *smtp, CURLcode result) {
    long connects = 1;
    curl_easy_getinfo(smtp->curl, CURLINFO_NUM_CONNECTS, &connects);
    const Dialogue *dialogue = &smtp->dialogue;
    return result != CURLE_OK && connects == 0 && dialogue->stage <= SMTP_STAGE_MAIL &&
           (!dialogue->replied || dialogue->code == 421);
}

/* ---- one transfer ------------------------------------------------------------------------------------ */

static void set_common_options(SmtpTransport *smtp, const json_t *settings) {
    CURL *curl = smtp->curl;
    const char *tls = json_string_value(json_object_get(settings, "tls"));
    const char *ca_file = json_string_value(json_object_get(settings, "ca_file"));
    curl_easy_setopt(curl, CURLOPT_URL, smtp->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* no proxy from the environment */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(g_strcmp0(tls, "none") == 0 ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (ca_file && *ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)MIN(CONNECT_TIMEOUT_S, smtp->timeout_s));
    curl_easy_setopt(curl, CURLOPT_FTP_RESPONSE_TIMEOUT, smtp->timeout_s); /* of every reply, SMTP too */
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)CONNECTION_MAX_AGE_S);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->why);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &smtp->dialogue);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    if (smtp->user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, smtp->user);
        curl_easy_setopt(curl, smtp->is_oauth ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, smtp->password);
        curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS,
                         smtp->is_oauth ? "AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN");
    }
}

static CURLcode perform(SmtpTransport *smtp, bool fresh) {
    g_string_truncate(smtp->dialogue.reply, 0);
    smtp->dialogue = (Dialogue){.stage = SMTP_STAGE_CONNECT, .reply = smtp->dialogue.reply, .complete = true};
    smtp->sent = 0;
    long total_s =
        CONNECT_TIMEOUT_S + 6 * smtp->timeout_s + (long)(smtp->length / SLOWEST_BYTES_S); /* six replies */
    curl_easy_setopt(smtp->curl, CURLOPT_TIMEOUT, total_s);
    curl_easy_setopt(smtp->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    smtp->why[0] = '\0';
    return curl_easy_perform(smtp->curl);
}

static CURLcode perform_alive(SmtpTransport *smtp) {
    CURLcode result = perform(smtp, false);
    return died_while_kept(smtp, result) ? perform(smtp, true) : result;
}

static void smtp_send(Transport *transport, const char *from, const char *to, GBytes *letter,
                      TransportResult *ret_result) {
    SmtpTransport *smtp = (SmtpTransport *)transport;
    g_autofree char *sender = g_strdup_printf("<%s>", from);
    g_autofree char *recipient = g_strdup_printf("<%s>", to);
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    smtp->bytes = g_bytes_get_data(letter, &smtp->length);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, NULL);
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)smtp->length);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, sender);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, recipients);
    CURLcode result = perform_alive(smtp);
    SmtpVerdict verdict = judge(smtp, result);
    *ret_result = (TransportResult){.outcome = verdict.outcome,
                                    .code = smtp->dialogue.code,
                                    .retry_after_s = verdict.retry_after_s,
                                    .reply = reply_line(smtp, result)};
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    smtp->bytes = NULL;
    smtp->length = 0;
}

static const char *remedy_of(CURLcode result, const Dialogue *dialogue) {
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "check transport.host and the machine's name resolution";
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
        return "check transport.host and transport.port, and that the firewall lets them through";
    case CURLE_PEER_FAILED_VERIFICATION:
        return "the server's certificate is not trusted or for another name: check transport.host, or set "
               "transport.ca_file";
    case CURLE_SSL_CACERT_BADFILE:
        return "check transport.ca_file, or install ca-certificates";
    case CURLE_USE_SSL_FAILED:
        return "the server offers no STARTTLS here: set transport.tls = \"implicit\" and its port (465)";
    case CURLE_SSL_CONNECT_ERROR:
        return "the server does not speak TLS 1.2 here: check transport.port and transport.tls";
    case CURLE_LOGIN_DENIED:
        return "enable SMTP in the mailbox's web settings and store its authorization code (授权码), not the "
               "web password";
    default:
        return dialogue->stage == SMTP_STAGE_LOGIN ? "check transport.user and the credential"
                                                   : "see the server's reply";
    }
}

static bool smtp_check(Transport *transport, char **ret_detail, char **ret_remedy) {
    SmtpTransport *smtp = (SmtpTransport *)transport;
    curl_easy_setopt(smtp->curl, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(smtp->curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
    CURLcode result = perform_alive(smtp);
    /* libcurl goes on without logging in where the server offers no AUTH that it may use */
    bool no_login = result == CURLE_OK && smtp->user && smtp->dialogue.stage < SMTP_STAGE_LOGIN;
    bool ok = result == CURLE_OK && !no_login;
    *ret_detail = no_login ? g_strdup("the server offers no login here") : reply_line(smtp, result);
    *ret_remedy = g_strdup(ok         ? ""
                           : no_login ? "check transport.tls and transport.port"
                                      : remedy_of(result, &smtp->dialogue));
    return ok;
}

/* ---- settings ---------------------------------------------------------------------------------------- */

static void free_secret(char *secret) {
    if (secret)
        explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

static void smtp_free(Transport *transport) {
    SmtpTransport *smtp = (SmtpTransport *)transport;
    curl_easy_cleanup(smtp->curl);
    g_string_free(smtp->dialogue.reply, TRUE);
    g_free(smtp->url);
    g_free(smtp->user);
    free_secret(smtp->password);
    g_free(smtp);
}

static const TransportOps smtp_ops = {smtp_send, smtp_check, smtp_free};

static bool is_host(const char *host) {
    gsize length = host ? strlen(host) : 0;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(host[i]) && !strchr(".-:", host[i]))
            return false;
    return length > 0 && length <= 253;
}

static bool is_loopback(const char *host) {
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);
    return g_ascii_strcasecmp(host, "localhost") == 0 || (address && g_inet_address_get_is_loopback(address));
}

static bool fail(GError **error, const char *key, const char *what) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "transport.%s: %s", key, what);
    return false;
}

static bool check_settings(const json_t *settings, GError **error) {
    const char *host = json_string_value(json_object_get(settings, "host"));
    const char *tls = json_string_value(json_object_get(settings, "tls"));
    const char *ehlo = json_string_value(json_object_get(settings, "ehlo"));
    const char *user = json_string_value(json_object_get(settings, "user"));
    json_int_t port = json_integer_value(json_object_get(settings, "port"));
    if (!is_host(host))
        return fail(error, "host", "is missing or no host name");
    if (port < 1 || port > 65535)
        return fail(error, "port", "must be 1 to 65535");
    if (g_strcmp0(tls, "implicit") != 0 && g_strcmp0(tls, "starttls") != 0 && g_strcmp0(tls, "none") != 0)
        return fail(error, "tls", "“implicit”, “starttls” and “none” are allowed");
    if (g_str_equal(tls, "none") && !is_loopback(host) &&
        !json_is_true(json_object_get(settings, "allow_plain")))
        return fail(error, "tls",
                    "“none” is for a server on this machine only; use “implicit”, or say allow_plain = true");
    if (ehlo && *ehlo && !is_host(ehlo))
        return fail(error, "ehlo", "must be a domain name");
    if (user && *user && !json_string_value(json_object_get(settings, "password")) &&
        g_strcmp0(json_string_value(json_object_get(settings, "auth")), "none") != 0)
        return fail(error, "password_file", "a user without a credential");
    return true;
}

static char *make_url(const json_t *settings) {
    bool is_implicit = g_strcmp0(json_string_value(json_object_get(settings, "tls")), "implicit") == 0;
    const char *host = json_string_value(json_object_get(settings, "host"));
    const char *ehlo = json_string_value(json_object_get(settings, "ehlo"));
    bool is_ipv6 = strchr(host, ':') != NULL;
    return g_strdup_printf("%s://%s%s%s:%d/%s", is_implicit ? "smtps" : "smtp", is_ipv6 ? "[" : "", host,
                           is_ipv6 ? "]" : "", (int)json_integer_value(json_object_get(settings, "port")),
                           ehlo && *ehlo ? ehlo : "localhost");
}

Transport *smtp_transport_new(const json_t *settings, GError **error) {
    static gsize initialised = 0;
    if (!check_settings(settings, error))
        return NULL;
    if (g_once_init_enter(&initialised)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        g_once_init_leave(&initialised, 1);
    }
    const char *user = json_string_value(json_object_get(settings, "user"));
    const char *auth = json_string_value(json_object_get(settings, "auth"));
    json_int_t timeout_s = json_integer_value(json_object_get(settings, "timeout_s"));
    SmtpTransport *smtp = g_new0(SmtpTransport, 1);
    smtp->base.ops = &smtp_ops;
    smtp->curl = curl_easy_init();
    smtp->dialogue.reply = g_string_new(NULL);
    smtp->is_oauth = g_strcmp0(auth, "xoauth2") == 0;
    smtp->url = make_url(settings);
    smtp->timeout_s = timeout_s > 0 ? (long)MIN(timeout_s, TIMEOUT_MAX_S) : TIMEOUT_DEFAULT_S;
    if (user && *user && g_strcmp0(auth, "none") != 0) {
        smtp->user = g_strdup(user);
        smtp->password = g_strdup(json_string_value(json_object_get(settings, "password")));
    }
    set_common_options(smtp, settings);
    return &smtp->base;
}
