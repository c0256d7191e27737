/* The stream's promises where no TLS is needed to see them: the end of the file, deadlines, budgets,
 * cancelling, writing to a peer that is gone. Certificates and STARTTLS are tested end to end
 * (tests/e2e/test_imap_bad.py). */
#include "gateway/io/tls_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/io/clock.h"

/* A peer on loopback: what a test makes it do, in a thread of its own. */
typedef struct {
    int listener;
    guint16 port;
    void (*serve)(int fd);
    GThread *thread;
} Peer;

static gpointer peer_main(gpointer data) {
    Peer *peer = data;
    int fd = accept(peer->listener, NULL, NULL);
    peer->serve(fd);
    close(fd);
    return NULL;
}

static void peer_start(Peer *peer, void (*serve)(int fd)) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(bind(peer->listener, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(listen(peer->listener, 1), ==, 0);
    getsockname(peer->listener, (struct sockaddr *)&address, &size);
    peer->port = ntohs(address.sin_port);
    peer->serve = serve;
    peer->thread = g_thread_new("peer", peer_main, peer);
}

static void peer_stop(Peer *peer) {
    g_thread_join(peer->thread);
    close(peer->listener);
}

static mailstream *connect_plain(guint16 port, int cancel_fd, TlsStream **ret_stream) {
    TlsStreamOptions options = {.host = "127.0.0.1",
                                .port = port,
                                .mode = TLS_STREAM_NONE,
                                .timeout_ms = 2000,
                                .cancel_fd = cancel_fd};
    g_autoptr(GError) error = NULL;
    mailstream *stream = tls_stream_connect(&options, ret_stream, &error);
    g_assert_no_error(error);
    return stream;
}

static void serve_and_leave(int fd) {
    g_assert_cmpint(write(fd, "hello", 5), ==, 5);
}

static void test_end_of_file(void) {
    Peer peer;
    TlsStream *tls = NULL;
    peer_start(&peer, serve_and_leave);
    mailstream *stream = connect_plain(peer.port, -1, &tls);
    tls_stream_begin(tls, 2000, 1000);
    char buffer[16];
    g_assert_cmpint(mailstream_read(stream, buffer, 5), ==, 5);
    g_assert_null(tls_stream_failure(tls));
    g_assert_cmpint(mailstream_read(stream, buffer, 5), ==, -1); /* 0 would make libetpan loop */
    g_assert_cmpint(mailstream_read(stream, buffer, 5), ==, -1);
    g_assert_error(tls_stream_failure(tls), TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED);
    g_assert_true(tls_stream_is_temporary(tls_stream_failure(tls)));
    mailstream_close(stream);
    peer_stop(&peer);
}

/* A byte every 50 ms until the other side has had enough. */
static void serve_slowly(int fd) {
    while (send(fd, "x", 1, MSG_NOSIGNAL) == 1)
        g_usleep(50000);
}

static void test_deadline_is_absolute(void) {
    Peer peer;
    TlsStream *tls = NULL;
    peer_start(&peer, serve_slowly);
    mailstream *stream = connect_plain(peer.port, -1, &tls);
    tls_stream_begin(tls, 400, 1000);
    gint64 start_ms = clock_monotonic_ms();
    char byte;
    while (mailstream_read(stream, &byte, 1) == 1) {
    }
    gint64 took_ms = clock_monotonic_ms() - start_ms;
    g_assert_error(tls_stream_failure(tls), TLS_STREAM_ERROR, TLS_STREAM_ERROR_TIMEOUT);
    g_assert_cmpint(took_ms, >=, 350);
    g_assert_cmpint(took_ms, <, 3000);
    mailstream_close(stream);
    peer_stop(&peer);
}

/* Payload earns time, waiting elsewhere is not counted. */
static void test_deadline_moves(void) {
    Peer peer;
    TlsStream *tls = NULL;
    peer_start(&peer, serve_slowly);
    mailstream *stream = connect_plain(peer.port, -1, &tls);
    tls_stream_begin(tls, 200, 1000);
    tls_stream_grant(tls, 2 << 10); /* at 8 KiB/s: 250 ms */
    tls_stream_extend(tls, 300);
    gint64 start_ms = clock_monotonic_ms();
    char byte;
    while (mailstream_read(stream, &byte, 1) == 1) {
    }
    g_assert_cmpint(clock_monotonic_ms() - start_ms, >=, 700);
    mailstream_close(stream);
    peer_stop(&peer);
}

static void serve_flood(int fd) {
    static const char BLOCK[4096];
    while (send(fd, BLOCK, sizeof BLOCK, MSG_NOSIGNAL) > 0) {
    }
}

static void test_budget(void) {
    Peer peer;
    TlsStream *tls = NULL;
    peer_start(&peer, serve_flood);
    mailstream *stream = connect_plain(peer.port, -1, &tls);
    tls_stream_begin(tls, 5000, 100000);
    g_autofree char *buffer = g_malloc(1 << 16);
    gsize total = 0;
    ssize_t n;
    while ((n = mailstream_read(stream, buffer, 1 << 16)) > 0)
        total += (gsize)n;
    g_assert_cmpuint(total, ==, 100000);
    g_assert_error(tls_stream_failure(tls), TLS_STREAM_ERROR, TLS_STREAM_ERROR_BUDGET);
    mailstream_close(stream);
    peer_stop(&peer);
}

static void serve_nothing(int fd) {
    char byte;
    while (read(fd, &byte, 1) > 0) {
    }
}

static gpointer hang_up_later(gpointer data) {
    g_usleep(100000);
    close(GPOINTER_TO_INT(data));
    return NULL;
}

static void test_cancel(void) {
    Peer peer;
    TlsStream *tls = NULL;
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_assert_cmpint(write(pair[1], "x", 1), ==, 1); /* a frame that waits is no reason to stop */
    peer_start(&peer, serve_nothing);
    mailstream *stream = connect_plain(peer.port, pair[0], &tls);
    tls_stream_begin(tls, 20000, 1000);
    GThread *thread = g_thread_new("closer", hang_up_later, GINT_TO_POINTER(pair[1]));
    gint64 start_ms = clock_monotonic_ms();
    char byte;
    g_assert_cmpint(mailstream_read(stream, &byte, 1), ==, -1);
    g_assert_error(tls_stream_failure(tls), TLS_STREAM_ERROR, TLS_STREAM_ERROR_CANCELLED);
    gint64 took_ms = clock_monotonic_ms() - start_ms;
    g_assert_cmpint(took_ms, >=, 50);
    g_assert_cmpint(took_ms, <, 5000);
    g_thread_join(thread);
    mailstream_close(stream);
    close(pair[0]);
    peer_stop(&peer);
}

static void serve_gone(int fd) {
    struct linger now = {.l_onoff = 1, .l_linger = 0}; /* a reset, not a farewell */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* SIGPIPE is not ignored in this test: it would end it. */
static void test_write_to_nobody(void) {
    Peer peer;
    TlsStream *tls = NULL;
    peer_start(&peer, serve_gone);
    mailstream *stream = connect_plain(peer.port, -1, &tls);
    g_thread_join(peer.thread);
    tls_stream_begin(tls, 2000, 1000);
    for (int i = 0; i < 100 && tls_stream_failure(tls) == NULL; i++) {
        mailstream_write(stream, "NOOP\r\n", 6);
        mailstream_flush(stream);
        g_usleep(1000);
    }
    g_assert_error(tls_stream_failure(tls), TLS_STREAM_ERROR, TLS_STREAM_ERROR_CLOSED);
    mailstream_close(stream);
    close(peer.listener);
}

static void test_refuses_plain(void) {
    static const struct {
        const char *host;
        int code;
    } CASES[] = {
        {"192.0.2.1", TLS_STREAM_ERROR_PLAIN}, /* TEST-NET: refused before any packet */
        {"127.0.0.1", TLS_STREAM_ERROR_UNREACHABLE},
        {"::1", TLS_STREAM_ERROR_UNREACHABLE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        TlsStreamOptions options = {
            .host = CASES[i].host, .port = 1, .mode = TLS_STREAM_NONE, .timeout_ms = 1000, .cancel_fd = -1};
        g_autoptr(GError) error = NULL;
        TlsStream *tls = NULL;
        g_assert_null(tls_stream_connect(&options, &tls, &error));
        g_assert_error(error, TLS_STREAM_ERROR, CASES[i].code);
        g_assert_nonnull(tls_stream_remedy(error));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tls_stream/end-of-file", test_end_of_file);
    g_test_add_func("/tls_stream/deadline-is-absolute", test_deadline_is_absolute);
    g_test_add_func("/tls_stream/deadline-moves", test_deadline_moves);
    g_test_add_func("/tls_stream/budget", test_budget);
    g_test_add_func("/tls_stream/cancel", test_cancel);
    g_test_add_func("/tls_stream/write-to-nobody", test_write_to_nobody);
    g_test_add_func("/tls_stream/refuses-plain", test_refuses_plain);
    return g_test_run();
}
