#include "tests/fuzz/memory_stream.h"

#include <string.h>

#include "gateway/io/mailbox.h"
#include "gateway/io/tls_stream.h"

enum { BUFFER_BYTES = 8192 };

struct TlsStream {
    mailstream_low low;
    const uint8_t *bytes;
    size_t length;
    GError *failure;
};

static const uint8_t *next_bytes;
static size_t next_length;

void memory_stream_set(const uint8_t *bytes, size_t length) {
    next_bytes = bytes;
    next_length = length;
}

static ssize_t low_read(mailstream_low *low, void *buffer, size_t size) {
    TlsStream *self = low->data;
    size_t n = MIN(size, self->length);
    if (n == 0 && self->failure == NULL)
        g_set_error_literal(&self->failure, TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED, "closed");
    if (n == 0)
        return -1;
    memcpy(buffer, self->bytes, n);
    self->bytes += n;
    self->length -= n;
    return (ssize_t)n;
}

static ssize_t low_write(mailstream_low *low, const void *buffer, size_t size) {
    return (ssize_t)size;
}

static int low_close(mailstream_low *low) {
    return 0;
}

static int low_get_fd(mailstream_low *low) {
    return -1;
}

static void low_free(mailstream_low *low) {
    TlsStream *self = low->data;
    g_clear_error(&self->failure);
    g_free(self);
}

static void low_cancel(mailstream_low *low) {
}

mailstream *tls_stream_connect(const TlsStreamOptions *options, TlsStream **ret_stream, GError **error) {
    static mailstream_low_driver driver = {.mailstream_read = low_read,
                                           .mailstream_write = low_write,
                                           .mailstream_close = low_close,
                                           .mailstream_get_fd = low_get_fd,
                                           .mailstream_free = low_free,
                                           .mailstream_cancel = low_cancel};
    TlsStream *self = g_new0(TlsStream, 1);
    *self = (TlsStream){.low = {.data = self, .driver = &driver}, .bytes = next_bytes, .length = next_length};
    next_length = 0;
    *ret_stream = self;
    return mailstream_new(&self->low, BUFFER_BYTES);
}

bool tls_stream_upgrade(TlsStream *self, mailstream *stream, GError **error) {
    return true;
}

void tls_stream_begin(TlsStream *self, int timeout_ms, gsize budget_bytes) {
}

void tls_stream_grant(TlsStream *self, gsize bytes) {
}

void tls_stream_extend(TlsStream *self, gint64 ms) {
}

bool tls_stream_has_pending(const TlsStream *self) {
    return false;
}

const GError *tls_stream_failure(const TlsStream *self) {
    return self->failure;
}

const char *tls_stream_protocol(const TlsStream *self) {
    return "memory";
}

GQuark tls_stream_error_quark(void) {
    return g_quark_from_static_string("tls-stream-error");
}

const char *tls_stream_remedy(const GError *error) {
    return NULL;
}

bool tls_stream_is_temporary(const GError *error) {
    return false;
}
