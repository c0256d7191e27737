#include "gateway/io/tls_stream.h"

#include <errno.h>
#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/io/clock.h"

/* What our own list adds to GnuTLS's NORMAL: nothing older than TLS 1.2, keys of 112 bits of strength (RSA
 * 2048). */
static const char PRIORITY[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-3DES-CBC:-ARCFOUR-128:%PROFILE_MEDIUM";

/* libetpan moves the rest of its buffer after each line: larger is slower with many short messages
 * (measured). */
enum { BUFFER_BYTES = 32 << 10 };

enum {
    SLOWEST_BYTES_PER_S = 8 << 10
}; /* 8 KiB/s: below it a message of 72 MiB would take more than two and a half hours */

struct TlsStream {
    int fd;
    int cancel_fd;
    int timeout_ms;
    char *host;
    char *ca_file;
    gnutls_session_t session; /* NULL while plain */
    gnutls_certificate_credentials_t credentials;
    gint64 deadline_ms; /* monotonic */
    gsize budget_bytes;
    GError *failure;
};

G_DEFINE_QUARK(fortnight - tls - stream - error, tls_stream_error)

static const struct {
    bool is_temporary;
    const char *remedy;
} KINDS[] = {
    [TLS_STREAM_ERROR_UNREACHABLE] = {true, "check host and port, and whether this machine has a network"},
    [TLS_STREAM_ERROR_CLOSED] = {true, "nothing needs doing: it is tried again"},
    [TLS_STREAM_ERROR_TIMEOUT] = {true,
                                  "nothing needs doing: it is tried again; if it stays, ask the provider"},
    [TLS_STREAM_ERROR_BUDGET] = {true,
                                 "if it stays, tell the provider: the server sends what nobody asked for"},
    [TLS_STREAM_ERROR_CANCELLED] = {true, "nothing needs doing"},
    [TLS_STREAM_ERROR_HANDSHAKE] =
        {false, "check port and tls (implicit: 993, starttls: 143); the server must offer TLS 1.2"},
    [TLS_STREAM_ERROR_NAME] = {false, "set host to a name that the certificate is for"},
    [TLS_STREAM_ERROR_UNTRUSTED] =
        {false, "if the server is yours, set ca_file to its authority's certificate; if not, do not connect"},
    [TLS_STREAM_ERROR_EXPIRED] = {false,
                                  "the server needs a new certificate, or this machine's clock is wrong"},
    [TLS_STREAM_ERROR_PLAIN] = {false, "set tls to implicit (port 993) or starttls"},
    [TLS_STREAM_ERROR_INJECTED] = {false, "somebody may be reading along: set tls to implicit (port 993)"},
    [TLS_STREAM_ERROR_SETTINGS] = {false, "set ca_file to a readable PEM file, or leave it out"},
};

const char *tls_stream_remedy(const GError *error) {
    bool is_ours = error->domain == TLS_STREAM_ERROR && (guint)error->code < G_N_ELEMENTS(KINDS);
    return is_ours ? KINDS[error->code].remedy : NULL;
}

bool tls_stream_is_temporary(const GError *error) {
    bool is_ours = error->domain == TLS_STREAM_ERROR && (guint)error->code < G_N_ELEMENTS(KINDS);
    return is_ours && KINDS[error->code].is_temporary;
}

/* ---- waiting
 * ---------------------------------------------------------------------------------------------------- */

/* True when fd is ready (or has failed: the next call says how). */
static bool wait_ready(int fd, short events, int cancel_fd, gint64 deadline_ms, GError **error) {
    for (;;) {
        /* no events asked of cancel_fd: only its hanging up counts */
        struct pollfd fds[2] = {{.fd = fd, .events = events}, {.fd = cancel_fd}};
        int n = poll(fds, 2, clock_left_ms(deadline_ms));
        if (n < 0 && errno != EINTR) {
            g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED, "poll: %s", g_strerror(errno));
            return false;
        }
        if (n == 0) {
            g_set_error_literal(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_TIMEOUT,
                                "the server did not answer in time");
            return false;
        }
        if (n > 0 && fds[1].revents != 0) {
            g_set_error_literal(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_CANCELLED, "stopped");
            return false;
        }
        if (n > 0)
            return true;
    }
}

/* ---- TLS
 * -------------------------------------------------------------------------------------------------------- */

static bool load_authorities(TlsStream *self, GError **error) {
    if (self->credentials != NULL)
        return true;
    gnutls_certificate_allocate_credentials(&self->credentials);
    int n = self->ca_file != NULL ? gnutls_certificate_set_x509_trust_file(self->credentials, self->ca_file,
                                                                           GNUTLS_X509_FMT_PEM)
                                  : gnutls_certificate_set_x509_system_trust(self->credentials);
    if (n > 0)
        return true;
    g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_SETTINGS, "no certificate authority in \"%s\"%s%s",
                self->ca_file != NULL ? self->ca_file : "the system's store", n < 0 ? ": " : "",
                n < 0 ? gnutls_strerror(n) : "");
    return false;
}

/* The names that the server's certificate is for, as "a, b"; "nobody" where it names none. */
static char *certificate_names(gnutls_session_t session) {
    enum { NAMES_MOST = 8 }; /* enough to see what is wrong */
    GString *names = g_string_new(NULL);
    guint n_chain = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n_chain);
    gnutls_x509_crt_t certificate = NULL;
    if (n_chain > 0 && gnutls_x509_crt_init(&certificate) == 0 &&
        gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0) {
        for (guint i = 0; i < NAMES_MOST; i++) {
            char name[256];
            size_t size = sizeof name;
            int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);
            if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
                break;
            if (type == GNUTLS_SAN_DNSNAME)
                g_string_append_printf(names, "%s\"%.*s\"", names->len > 0 ? ", " : "",
                                       (int)MIN(size, sizeof name), name);
        }
    }
    if (certificate != NULL)
        gnutls_x509_crt_deinit(certificate);
    if (names->len == 0)
        g_string_append(names, "nobody");
    return g_string_free(names, FALSE);
}

/* Says what failed first: an untrusted chain matters more than the name in it. */
static void set_certificate_error(TlsStream *self, GError **error) {
    guint status = gnutls_session_get_verify_cert_status(self->session);
    guint dates = GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED;
    guint harmless = GNUTLS_CERT_INVALID | dates | GNUTLS_CERT_UNEXPECTED_OWNER;
    if ((status & ~harmless) != 0) {
        gnutls_datum_t text = {0};
        gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0);
        guint n_chain = 0;
        gnutls_certificate_get_peers(self->session, &n_chain);
        bool is_alone = (status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0 && n_chain == 1;
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_UNTRUSTED,
                    "the certificate of \"%s\" is not trusted%s: %s", self->host,
                    is_alone ? " (self-signed, or of an unknown authority)" : "",
                    text.data != NULL ? g_strstrip((char *)text.data) : "unknown reason");
        gnutls_free(text.data);
    } else if ((status & dates) != 0) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_EXPIRED, "the certificate of \"%s\" %s",
                    self->host, (status & GNUTLS_CERT_EXPIRED) != 0 ? "has expired" : "is not valid yet");
    } else {
        g_autofree char *names = certificate_names(self->session);
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_NAME, "the certificate of \"%s\" is for %s",
                    self->host, names);
    }
}

static void set_tls_error(TlsStream *self, int code, GError **error) {
    if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
        set_certificate_error(self, error);
    } else if (code == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_HANDSHAKE,
                    "\"%s\" refused the TLS handshake: %s", self->host,
                    gnutls_alert_get_name(gnutls_alert_get(self->session)));
    } else if (code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_PULL_ERROR ||
               code == GNUTLS_E_PUSH_ERROR) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED, "\"%s\" closed the connection",
                    self->host);
    } else {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_HANDSHAKE, "TLS with \"%s\" failed: %s",
                    self->host, gnutls_strerror(code));
    }
}

/* Waits for what GnuTLS waits for. */
static bool wait_tls(TlsStream *self, GError **error) {
    short events = gnutls_record_get_direction(self->session) == 1 ? POLLOUT : POLLIN;
    return wait_ready(self->fd, events, self->cancel_fd, self->deadline_ms, error);
}

static bool start_tls(TlsStream *self, GError **error) {
    if (!load_authorities(self, error))
        return false;
    gnutls_init(&self->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    int code = gnutls_priority_set_direct(self->session, PRIORITY, NULL);
    if (code == 0)
        code = gnutls_credentials_set(self->session, GNUTLS_CRD_CERTIFICATE, self->credentials);
    if (code == 0 && !g_hostname_is_ip_address(self->host)) /* RFC 6066: no addresses in SNI */
        code = gnutls_server_name_set(self->session, GNUTLS_NAME_DNS, self->host, strlen(self->host));
    if (code != 0) {
        set_tls_error(self, code, error);
        return false;
    }
    gnutls_typed_vdata_st wanted[] = {
        {.type = GNUTLS_DT_DNS_HOSTNAME, .data = (guchar *)self->host},
        {.type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (guchar *)GNUTLS_KP_TLS_WWW_SERVER},
    };
    gnutls_session_set_verify_cert2(self->session, wanted, G_N_ELEMENTS(wanted), 0);
    gnutls_transport_set_int(self->session, self->fd);
    while ((code = gnutls_handshake(self->session)) < 0) {
        if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED) {
            if (!wait_tls(self, error))
                return false;
        } else if (gnutls_error_is_fatal(code)) {
            set_tls_error(self, code, error);
            return false;
        }
    }
    return true;
}

/* ---- the driver
 * ------------------------------------------------------------------------------------------------- */

/* Remembers the first failure. Always -1: libetpan loops for ever where a driver returns 0 at the end of the
 * file. */
static ssize_t fail(TlsStream *self, GError *error) {
    if (self->failure == NULL)
        self->failure = error;
    else
        g_error_free(error);
    return -1;
}

static ssize_t fail_closed(TlsStream *self, int code) {
    return fail(self,
                g_error_new(TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED, "\"%s\" closed the connection%s%s",
                            self->host, code != 0 ? ": " : "", code != 0 ? g_strerror(code) : ""));
}

/* Whether a TLS call may be made again; if not, the failure is set. */
static bool may_repeat_tls(TlsStream *self, ssize_t code) {
    GError *error = NULL;
    if (code == GNUTLS_E_AGAIN) {
        if (wait_tls(self, &error))
            return true;
    } else if (code != GNUTLS_E_REHANDSHAKE && !gnutls_error_is_fatal((int)code)) {
        return true; /* a warning, or EINTR */
    } else {
        set_tls_error(self, (int)code, &error);
    }
    fail(self, error);
    return false;
}

/* Whether a plain call may be made again, by errno. */
static bool may_repeat_plain(TlsStream *self, short events) {
    GError *error = NULL;
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN) {
        fail_closed(self, errno);
        return false;
    }
    if (wait_ready(self->fd, events, self->cancel_fd, self->deadline_ms, &error))
        return true;
    fail(self, error);
    return false;
}

/* A peer that always has bytes ready never makes us wait, so the deadline is looked at here too. */
static bool is_allowed(TlsStream *self) {
    if (self->failure != NULL)
        return false;
    if (clock_left_ms(self->deadline_ms) == 0) {
        fail(self, g_error_new(TLS_STREAM_ERROR, TLS_STREAM_ERROR_TIMEOUT,
                               "\"%s\" did not finish its answer in time", self->host));
        return false;
    }
    return true;
}

static ssize_t driver_read(mailstream_low *low, void *buffer, size_t count) {
    TlsStream *self = low->data;
    while (is_allowed(self)) {
        if (self->budget_bytes == 0)
            return fail(self, g_error_new(TLS_STREAM_ERROR, TLS_STREAM_ERROR_BUDGET, "\"%s\" sends too much",
                                          self->host));
        size_t most = MIN(count, self->budget_bytes);
        ssize_t n = self->session != NULL ? gnutls_record_recv(self->session, buffer, most)
                                          : recv(self->fd, buffer, most, 0);
        if (n > 0) {
            self->budget_bytes -= (gsize)n;
            return n;
        }
        if (n == 0)
            return fail_closed(self, 0);
        if (!(self->session != NULL ? may_repeat_tls(self, n) : may_repeat_plain(self, POLLIN)))
            break;
    }
    return -1;
}

static ssize_t driver_write(mailstream_low *low, const void *buffer, size_t count) {
    TlsStream *self = low->data;
    while (is_allowed(self)) {
        ssize_t n = self->session != NULL ? gnutls_record_send(self->session, buffer, count)
                                          : send(self->fd, buffer, count, MSG_NOSIGNAL);
        if (n >= 0)
            return n;
        if (!(self->session != NULL ? may_repeat_tls(self, n) : may_repeat_plain(self, POLLOUT)))
            return -1;
    }
    return -1;
}

static int driver_close(mailstream_low *low) {
    TlsStream *self = low->data;
    if (self->session != NULL && self->failure == NULL)
        gnutls_bye(self->session, GNUTLS_SHUT_WR); /* does not wait: the descriptor is non-blocking */
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    return 0;
}

static void stream_free(TlsStream *self) {
    if (self->session != NULL)
        gnutls_deinit(self->session);
    if (self->credentials != NULL)
        gnutls_certificate_free_credentials(self->credentials);
    if (self->fd >= 0)
        close(self->fd);
    g_clear_error(&self->failure);
    g_free(self->host);
    g_free(self->ca_file);
    g_free(self);
}

static void driver_free(mailstream_low *low) {
    stream_free(low->data);
    free(low); /* libetpan's, of malloc() */
}

static int driver_get_fd(mailstream_low *low) {
    return ((TlsStream *)low->data)->fd;
}

static void driver_cancel(mailstream_low *low) {
}

/* ---- connecting
 * ------------------------------------------------------------------------------------------------- */

static bool is_loopback(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static int connect_to(const TlsStream *self, const struct addrinfo *address, GError **error) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int code = 0;
    if (fd < 0 || (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        code = errno;
    } else if (!wait_ready(fd, POLLOUT, self->cancel_fd, self->deadline_ms, error)) {
        close(fd);
        return -1;
    } else {
        socklen_t size = sizeof code;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
    }
    if (code == 0) {
        const int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    g_set_error_literal(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_UNREACHABLE, g_strerror(code));
    return -1;
}

/* Tries each address of the host in turn. */
static bool connect_host(TlsStream *self, const TlsStreamOptions *options, GError **error) {
    g_autofree char *service = g_strdup_printf("%u", options->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int code = getaddrinfo(self->host, service, &hints, &addresses);
    if (code != 0) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_UNREACHABLE, "\"%s\": %s", self->host,
                    gai_strerror(code));
        return false;
    }
    g_autoptr(GError) last = NULL;
    for (const struct addrinfo *a = addresses; a != NULL && self->fd < 0; a = a->ai_next) {
        g_clear_error(&last);
        if (options->mode == TLS_STREAM_NONE && !options->allow_plain && !is_loopback(a->ai_addr))
            g_set_error_literal(&last, TLS_STREAM_ERROR, TLS_STREAM_ERROR_PLAIN,
                                "a connection without TLS is made to this machine only");
        else
            self->fd = connect_to(self, a, &last);
    }
    freeaddrinfo(addresses);
    if (self->fd >= 0)
        return true;
    g_propagate_prefixed_error(error, g_steal_pointer(&last), "\"%s\", port %u: ", self->host, options->port);
    return false;
}

mailstream *tls_stream_connect(const TlsStreamOptions *options, TlsStream **ret_stream, GError **error) {
    static mailstream_low_driver driver = {
        .mailstream_read = driver_read,
        .mailstream_write = driver_write,
        .mailstream_close = driver_close,
        .mailstream_get_fd = driver_get_fd,
        .mailstream_free = driver_free,
        .mailstream_cancel = driver_cancel,
    };
    TlsStream *self = g_new0(TlsStream, 1);
    self->fd = -1;
    self->cancel_fd = options->cancel_fd;
    self->timeout_ms = options->timeout_ms;
    self->host = g_strdup(options->host);
    self->ca_file = g_strdup(options->ca_file);
    tls_stream_begin(self, options->timeout_ms, 0);
    if (!connect_host(self, options, error) ||
        (options->mode == TLS_STREAM_IMPLICIT && !start_tls(self, error))) {
        stream_free(self);
        return NULL;
    }
    *ret_stream = self;
    return mailstream_new(mailstream_low_new(self, &driver), BUFFER_BYTES);
}

bool tls_stream_upgrade(TlsStream *self, mailstream *stream, GError **error) {
    /* what came before the handshake was not the server's, or cannot be told from what was not */
    char byte;
    bool has_more = stream->read_buffer_len > 0 || recv(self->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    if (has_more) {
        g_set_error(error, TLS_STREAM_ERROR, TLS_STREAM_ERROR_INJECTED,
                    "\"%s\" sent plain text after it had agreed to STARTTLS", self->host);
        return false;
    }
    tls_stream_begin(self, self->timeout_ms, 0);
    return start_tls(self, error);
}

void tls_stream_begin(TlsStream *self, int timeout_ms, gsize budget_bytes) {
    self->deadline_ms = clock_monotonic_ms() + timeout_ms;
    self->budget_bytes = budget_bytes;
}

void tls_stream_grant(TlsStream *self, gsize bytes) {
    self->budget_bytes += bytes;
    self->deadline_ms += (gint64)bytes * 1000 / SLOWEST_BYTES_PER_S;
}

void tls_stream_extend(TlsStream *self, gint64 ms) {
    self->deadline_ms += ms;
}

bool tls_stream_has_pending(const TlsStream *self) {
    return self->session != NULL && gnutls_record_check_pending(self->session) > 0;
}

const GError *tls_stream_failure(const TlsStream *self) {
    return self->failure;
}

const char *tls_stream_protocol(const TlsStream *self) {
    return self->session != NULL ? gnutls_protocol_get_name(gnutls_protocol_get_version(self->session))
                                 : "plain";
}
