/* Frames: what is sent arrives, what breaks a rule is cut off. */
#include "gateway/io/ipc.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int fds[2];
} Pair;

static void pair_clear(Pair *pair) {
    for (int i = 0; i < 2; i++)
        if (pair->fds[i] >= 0)
            close(pair->fds[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

static Pair pair_new(void) {
    Pair pair;
    g_autoptr(GError) error = NULL;
    g_assert_true(ipc_pair(pair.fds, &error));
    return pair;
}

static void pair_close(Pair *pair, int end) {
    close(pair->fds[end]);
    pair->fds[end] = -1;
}

static void assert_refused(int fd, int code) {
    g_auto(IpcFrame) frame = {.fd = -1};
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(ipc_receive(fd, &frame, 1000, &error), ==, -1);
    g_assert_error(error, G_IO_ERROR, code);
    g_assert_null(frame.payload);
}

static void test_round_trip(void) {
    g_auto(Pair) pair = pair_new();
    g_autoptr(GError) error = NULL;
    int memfd = ipc_memfd("letter", "bytes\0of it", 11, &error);
    g_assert_no_error(error);
    json_t *payload = json_pack("{s:i,s:s}", "id", 7, "file", "双周报.docx");
    g_assert_true(ipc_send(pair.fds[0], IPC_READ, payload, memfd, 1000, &error));
    g_assert_true(ipc_send(pair.fds[0], IPC_STOP, payload, -1, 1000, &error));
    close(memfd);

    g_auto(IpcFrame) frame = {.fd = -1};
    g_assert_cmpint(ipc_receive(pair.fds[1], &frame, 1000, &error), ==, 1);
    g_assert_cmpint(frame.kind, ==, IPC_READ);
    g_assert_true(json_equal(frame.payload, payload));
    g_assert_cmpint(fcntl(frame.fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    g_autoptr(GBytes) bytes = ipc_map(frame.fd, 11, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "bytes\0of it", 11);

    g_auto(IpcFrame) second = {.fd = -1};
    g_assert_cmpint(ipc_receive(pair.fds[1], &second, 1000, &error), ==, 1);
    g_assert_cmpint(second.kind, ==, IPC_STOP);
    g_assert_cmpint(second.fd, ==, -1);
    json_decref(payload);
}

static void test_nothing_and_end(void) {
    g_auto(Pair) pair = pair_new();
    g_auto(IpcFrame) frame = {.fd = -1};
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(ipc_receive(pair.fds[1], &frame, 0, &error), ==, 0);
    g_assert_cmpint(ipc_receive(pair.fds[1], &frame, 20, &error), ==, 0);
    g_assert_no_error(error);
    pair_close(&pair, 0);
    assert_refused(pair.fds[1], G_IO_ERROR_CLOSED);
}

/* A peer that leaves with our frames unread resets the stream: that is an end, not a fault. */
static void test_end_with_unread(void) {
    g_auto(Pair) pair = pair_new();
    g_autoptr(GError) error = NULL;
    json_t *payload = json_object();
    g_assert_true(ipc_send(pair.fds[1], IPC_STOP, payload, -1, 1000, &error));
    json_decref(payload);
    pair_close(&pair, 0);
    assert_refused(pair.fds[1], G_IO_ERROR_CLOSED);
}

static gpointer send_large(gpointer data) {
    Pair *pair = data;
    g_autofree char *text = g_strnfill(6 << 20, 'x');
    json_t *payload = json_string(text);
    g_autoptr(GError) error = NULL;
    bool sent = ipc_send(pair->fds[0], IPC_RESULT, payload, -1, 10000, &error);
    json_decref(payload);
    return GINT_TO_POINTER(sent);
}

static void test_large(void) {
    g_auto(Pair) pair = pair_new();
    g_auto(IpcFrame) frame = {.fd = -1};
    g_autoptr(GError) error = NULL;
    GThread *thread = g_thread_new("sender", send_large, &pair);
    g_assert_cmpint(ipc_receive(pair.fds[1], &frame, 10000, &error), ==, 1);
    g_assert_true(GPOINTER_TO_INT(g_thread_join(thread)));
    g_assert_cmpuint(json_string_length(frame.payload), ==, 6 << 20);
}

static void test_peer_takes_nothing(void) {
    g_auto(Pair) pair = pair_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(6 << 20, 'x');
    json_t *payload = json_string(text);
    g_assert_false(ipc_send(pair.fds[0], IPC_RESULT, payload, -1, 50, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    json_decref(payload);
}

static void test_too_large_to_send(void) {
    g_auto(Pair) pair = pair_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(IPC_PAYLOAD_MAX, 'x'); /* the quotes make it too long */
    json_t *payload = json_string(text);
    g_assert_false(ipc_send(pair.fds[0], IPC_RESULT, payload, -1, 1000, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
    json_decref(payload);
}

static void test_broken_frames(void) {
    static const struct {
        guint32 length;
        guint16 kind, flags;
        const char *payload;
        int code;
        const char *why;
    } cases[] = {
        {IPC_PAYLOAD_MAX + 1, IPC_READ, 0, "", G_IO_ERROR_INVALID_DATA, "length above the limit"},
        {2, 0, 0, "{}", G_IO_ERROR_INVALID_DATA, "kind 0"},
        {2, IPC_KIND_LAST + 1, 0, "{}", G_IO_ERROR_INVALID_DATA, "unknown kind"},
        {2, IPC_READ, 1, "{}", G_IO_ERROR_INVALID_DATA, "flags are reserved"},
        {2, IPC_READ, 0, "{x", G_IO_ERROR_INVALID_DATA, "no JSON"},
        {4, IPC_READ, 0, "{}{}", G_IO_ERROR_INVALID_DATA, "two values"},
        {4, IPC_READ, 0, "\"\xff\xfe\"", G_IO_ERROR_INVALID_DATA, "no UTF-8"},
        {0, IPC_READ, 0, "", G_IO_ERROR_INVALID_DATA, "empty payload"},
        {9, IPC_READ, 0, "{}", G_IO_ERROR_PARTIAL_INPUT, "ends within the payload"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_auto(Pair) pair = pair_new();
        g_assert_cmpint(write(pair.fds[0], &cases[i].length, 4), ==, 4);
        g_assert_cmpint(write(pair.fds[0], &cases[i].kind, 2), ==, 2);
        g_assert_cmpint(write(pair.fds[0], &cases[i].flags, 2), ==, 2);
        gssize length = (gssize)strlen(cases[i].payload);
        g_assert_cmpint(write(pair.fds[0], cases[i].payload, (gsize)length), ==, length);
        pair_close(&pair, 0);
        assert_refused(pair.fds[1], cases[i].code);
    }
}

static guint open_descriptors(void) {
    guint count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Descriptors that come with a refused frame must not pile up in the receiver. */
static void test_two_descriptors(void) {
    g_auto(Pair) pair = pair_new();
    guint before = open_descriptors();
    struct {
        guint32 length;
        guint16 kind, flags;
        char payload[2];
    } wire = {2, IPC_READ, 0, "{}"};
    struct iovec part = {&wire, 10};
    char control[CMSG_SPACE(2 * sizeof(int))] __attribute__((aligned(sizeof(size_t)))) = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(header), (int[2]){0, 1}, 2 * sizeof(int));
    g_assert_cmpint(sendmsg(pair.fds[0], &message, 0), ==, 10);
    assert_refused(pair.fds[1], G_IO_ERROR_INVALID_DATA);
    g_assert_cmpuint(open_descriptors(), ==, before);
}

static void test_map_rules(void) {
    g_autoptr(GError) error = NULL;
    int open_fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    g_assert_cmpint(write(open_fd, "abc", 3), ==, 3);
    g_assert_null(ipc_map(open_fd, 100, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_clear_error(&error);
    close(open_fd);

    int sealed = ipc_memfd("sealed", "abcd", 4, &error);
    g_assert_null(ipc_map(sealed, 3, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE);
    g_clear_error(&error);
    g_assert_cmpint(write(sealed, "x", 1), ==, -1);
    g_autoptr(GBytes) bytes = ipc_map(sealed, 4, &error);
    close(sealed); /* the bytes stay */
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "abcd", 4);

    int empty = ipc_memfd("empty", NULL, 0, &error);
    g_autoptr(GBytes) nothing = ipc_map(empty, 4, &error);
    g_assert_cmpuint(g_bytes_get_size(nothing), ==, 0);
    close(empty);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ipc/round-trip", test_round_trip);
    g_test_add_func("/ipc/nothing-and-end", test_nothing_and_end);
    g_test_add_func("/ipc/end-with-unread", test_end_with_unread);
    g_test_add_func("/ipc/large", test_large);
    g_test_add_func("/ipc/peer-takes-nothing", test_peer_takes_nothing);
    g_test_add_func("/ipc/too-large-to-send", test_too_large_to_send);
    g_test_add_func("/ipc/broken-frames", test_broken_frames);
    g_test_add_func("/ipc/two-descriptors", test_two_descriptors);
    g_test_add_func("/ipc/map-rules", test_map_rules);
    return g_test_run();
}
