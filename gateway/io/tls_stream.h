/* A stream for libetpan over GnuTLS: verified, with an absolute deadline and a byte budget for every command.
 *
 * libetpan's own TLS stream verifies nothing and its time-out is per read, so a server that sends a byte now
 * and then holds it for ever. This one is a mailstream_low_driver of ours; libetpan's mailstream (which owns
 * it) does the buffering. */
#pragma once

#include <glib.h>
#include <libetpan/mailstream.h>
#include <stdbool.h>

typedef enum {
    TLS_STREAM_IMPLICIT, /* TLS from the first byte (RFC 8314) */
    TLS_STREAM_STARTTLS, /* plain until tls_stream_upgrade() */
    TLS_STREAM_NONE,     /* loopback, or where allow_plain says so */
} TlsStreamMode;

#define TLS_STREAM_ERROR tls_stream_error_quark()
/* The domain of the errors below. */
GQuark tls_stream_error_quark(void);

typedef enum {
    TLS_STREAM_ERROR_UNREACHABLE, /* name not found, refused, no route */
    TLS_STREAM_ERROR_CLOSED,      /* the peer closed or reset the connection */
    TLS_STREAM_ERROR_TIMEOUT,     /* the command's deadline has passed */
    TLS_STREAM_ERROR_BUDGET,      /* the peer sent more than the command may answer */
    TLS_STREAM_ERROR_CANCELLED,   /* cancel_fd hung up */
    TLS_STREAM_ERROR_HANDSHAKE,   /* no common version or cipher, or no TLS at all */
    TLS_STREAM_ERROR_NAME,        /* the certificate is for another host */
    TLS_STREAM_ERROR_UNTRUSTED,   /* self-signed, unknown authority, revoked, weak */
    TLS_STREAM_ERROR_EXPIRED,     /* past its last day, or before its first */
    TLS_STREAM_ERROR_PLAIN,       /* a plain connection beyond this machine */
    TLS_STREAM_ERROR_INJECTED, /* plain text after STARTTLS, sent by whoever sits between (CVE-2011-0411) */
    TLS_STREAM_ERROR_SETTINGS, /* the CA file cannot be read */
} TlsStreamError;

/* What to do about an error of this domain, one sentence; NULL for others. */
const char *tls_stream_remedy(const GError *error);

/* Whether trying again later may help without anybody's doing. */
bool tls_stream_is_temporary(const GError *error);

typedef struct {
    const char *host; /* a name or an address: connected to, sent as SNI, looked for in the certificate */
    guint16 port;
    TlsStreamMode mode;
    const char *ca_file; /* PEM; NULL: the system's authorities */
    bool allow_plain;    /* TLS_STREAM_NONE beyond loopback */
    int timeout_ms;      /* for connecting and the handshake together */
    int cancel_fd;       /* -1 or a descriptor: every wait ends when it hangs up */
} TlsStreamOptions;

typedef struct TlsStream TlsStream;

/* Connects and, for TLS_STREAM_IMPLICIT, shakes hands and verifies chain, host name, purpose and dates before
 * anything of ours is sent. The strings of options are copied. Returns the stream, to be closed with
 * mailstream_close() or by libetpan; *ret_stream is borrowed from it. */
mailstream *tls_stream_connect(const TlsStreamOptions *options, TlsStream **ret_stream, GError **error);

/* Starts TLS on a stream of mode TLS_STREAM_STARTTLS, after the server has said OK. Fails if `stream` holds
 * bytes already. What the server said before must be asked again (RFC 3501, section 6.2.1). */
bool tls_stream_upgrade(TlsStream *self, mailstream *stream, GError **error);

/* Starts a command: it must end within timeout_ms and read at most budget_bytes. */
void tls_stream_begin(TlsStream *self, int timeout_ms, gsize budget_bytes);

/* Allows the command `bytes` more, and the time that they take on the slowest line that is still of use (8
 * KiB/s). Called as payload arrives, so that large messages have time and trickled ones have not. */
void tls_stream_grant(TlsStream *self, gsize bytes);

/* Moves the command's deadline by a time that was spent elsewhere, waiting for whoever takes the payload. */
void tls_stream_extend(TlsStream *self, gint64 ms);

/* Whether bytes that TLS has decrypted wait to be read; poll(2) does not see them. */
bool tls_stream_has_pending(const TlsStream *self);

/* The first failure of reading or writing since the connection was made; NULL if there was none. Borrowed. */
const GError *tls_stream_failure(const TlsStream *self);

/* "TLS1.3" …, or "plain". */
const char *tls_stream_protocol(const TlsStream *self);
