#include "gateway/io/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/core/json_read.h"
#include "gateway/io/clock.h"

/* A peer that has begun a frame must end it in this time: it is a local process with the whole frame in its
 * memory. */
enum { FRAME_TIMEOUT_MS = 10000 };

/* Room for a batch of frames, so that neither end waits for the other's next poll. */
enum { SOCKET_BUFFER_BYTES = 1 << 20 };

typedef struct {
    guint32 length_bytes;
    guint16 kind;
    guint16 flags; /* reserved, 0 */
} Header;
G_STATIC_ASSERT(sizeof(Header) == 8);

void ipc_frame_clear(IpcFrame *frame) {
    g_clear_pointer(&frame->payload, json_decref);
    if (frame->fd >= 0)
        close(frame->fd);
    frame->fd = -1;
}

static void set_errno_error(GError **error, const char *what) {
    int code = errno;
    g_set_error(error, G_IO_ERROR, (int)g_io_error_from_errno(code), "%s: %s", what, g_strerror(code));
}

/* 1 ready (or hung up: the next call says so), 0 time is over, -1 error. */
static int wait_for(int socket_fd, short events, gint64 deadline_ms, GError **error) {
    for (;;) {
        struct pollfd poll_fd = {.fd = socket_fd, .events = events};
        int n = poll(&poll_fd, 1, clock_left_ms(deadline_ms));
        if (n >= 0)
            return n;
        if (errno != EINTR) {
            set_errno_error(error, "poll");
            return -1;
        }
    }
}

/* ---- sending ---- */

static ssize_t send_some(int socket_fd, struct iovec *parts, size_t n_parts, int fd) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Drops the first `bytes` bytes of a list of parts. */
static void skip_sent(struct iovec *parts, size_t n_parts, size_t bytes) {
    for (size_t i = 0; i < n_parts; i++) {
        size_t step = MIN(bytes, parts[i].iov_len);
        parts[i].iov_base = (char *)parts[i].iov_base + step;
        parts[i].iov_len -= step;
        bytes -= step;
    }
}

bool ipc_send(int socket_fd, IpcKind kind, const json_t *payload, int fd, int timeout_ms, GError **error) {
    g_autofree char *text = json_dumps(payload, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                            "frame: the payload is no valid JSON");
        return false;
    }
    size_t length = strlen(text);
    if (length > IPC_PAYLOAD_MAX) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "frame of %zu bytes is larger than %u",
                    length, IPC_PAYLOAD_MAX);
        return false;
    }
    Header header = {.length_bytes = (guint32)length, .kind = (guint16)kind};
    struct iovec parts[2] = {{&header, sizeof header}, {text, length}};
    gint64 deadline_ms = timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms;
    for (size_t left = sizeof header + length; left > 0;) {
        ssize_t n = send_some(socket_fd, parts, G_N_ELEMENTS(parts), fd);
        if (n > 0) {
            fd = -1; /* it went with the first byte */
            left -= (size_t)n;
            skip_sent(parts, G_N_ELEMENTS(parts), (size_t)n);
        } else if (errno == EAGAIN) {
            int ready = wait_for(socket_fd, POLLOUT, deadline_ms, error);
            if (ready == 0)
                g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "frame: the peer takes nothing");
            if (ready <= 0)
                return false;
        } else if (errno != EINTR) {
            set_errno_error(error, "frame");
            return false;
        }
    }
    return true;
}

/* ---- receiving ---- */

/* Takes the descriptor of a message into *fd; false if the peer sent more than one, or they were cut off. */
static bool take_descriptor(struct msghdr *message, int *fd) {
    bool fine = (message->msg_flags & MSG_CTRUNC) == 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int received;
            memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof received);
            if (*fd < 0) {
                *fd = received;
            } else {
                close(received);
                fine = false;
            }
        }
    }
    return fine;
}

/* One recvmsg(2) without waiting: bytes read, 0 at the end of file, -1 with errno. EBADMSG: the peer broke a
 * rule. */
static ssize_t receive_some(int socket_fd, void *bytes, size_t length, int *fd) {
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))]; /* more than one is refused, but must be seen to be closed */
        struct cmsghdr align;
    } control;
    struct iovec part = {bytes, length};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t n = recvmsg(socket_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n >= 0 && !take_descriptor(&message, fd)) {
        errno = EBADMSG;
        return -1;
    }
    return n;
}

/* Reads exactly `length` bytes; 1 done, 0 nothing came in time (only if nothing was read), -1 error. */
static int receive_all(int socket_fd, void *bytes, size_t length, int *fd, gint64 deadline_ms, bool is_start,
                       GError **error) {
    for (size_t got = 0; got < length;) {
        ssize_t n = receive_some(socket_fd, (char *)bytes + got, length - got, fd);
        if (n > 0) {
            if (got == 0 && is_start)
                deadline_ms = clock_monotonic_ms() + FRAME_TIMEOUT_MS;
            got += (size_t)n;
        } else if (n == 0) {
            bool is_clean = got == 0 && is_start;
            g_set_error_literal(error, G_IO_ERROR, is_clean ? G_IO_ERROR_CLOSED : G_IO_ERROR_PARTIAL_INPUT,
                                is_clean ? "the peer has left" : "the peer left within a frame");
            return -1;
        } else if (errno == EAGAIN) {
            int ready = wait_for(socket_fd, POLLIN, deadline_ms, error);
            if (ready == 0 && got == 0 && is_start)
                return 0;
            if (ready == 0)
                g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                    "the peer does not end its frame");
            if (ready <= 0)
                return -1;
        } else if (errno == ECONNRESET && got == 0 && is_start) {
            /* it left with frames of ours unread: an end as well */
            g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the peer has left");
            return -1;
        } else if (errno != EINTR) {
            set_errno_error(error, "frame");
            return -1;
        }
    }
    return 1;
}

static json_t *receive_payload(int socket_fd, const Header *header, int *fd, GError **error) {
    if (header->length_bytes > IPC_PAYLOAD_MAX || header->flags != 0 || header->kind < IPC_LIST ||
        header->kind > IPC_KIND_LAST) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    "frame: kind %u, length %u is no frame of ours", header->kind, header->length_bytes);
        return NULL;
    }
    g_autofree char *text = g_try_malloc(MAX(header->length_bytes, 1));
    if (text == NULL) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "frame: no memory");
        return NULL;
    }
    gint64 deadline_ms = clock_monotonic_ms() + FRAME_TIMEOUT_MS;
    if (receive_all(socket_fd, text, header->length_bytes, fd, deadline_ms, false, error) != 1)
        return NULL;
    json_error_t fault;
    json_t *payload = json_read(text, header->length_bytes);
    if (payload == NULL)
        payload = json_loadb(text, header->length_bytes, JSON_DECODE_ANY, &fault);
    if (payload == NULL)
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "frame: %s", fault.text);
    return payload;
}

int ipc_receive(int socket_fd, IpcFrame *ret_frame, int timeout_ms, GError **error) {
    Header header;
    g_auto(IpcFrame) frame = {.fd = -1};
    gint64 deadline_ms = timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms;
    int got = receive_all(socket_fd, &header, sizeof header, &frame.fd, deadline_ms, true, error);
    if (got != 1)
        return got;
    frame.kind = (IpcKind)header.kind;
    frame.payload = receive_payload(socket_fd, &header, &frame.fd, error);
    if (frame.payload == NULL)
        return -1;
    *ret_frame = frame;
    frame = (IpcFrame){.fd = -1};
    return 1;
}

/* ---- sockets and memory ---- */

bool ipc_pair(int ret_fds[2], GError **error) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        set_errno_error(error, "socketpair");
        return false;
    }
    for (int i = 0; i < 2; i++) {
        /* the kernel may grant less (net.core.wmem_max); then frames are only sent in more pieces */
        int size = SOCKET_BUFFER_BYTES;
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        ret_fds[i] = fds[i];
    }
    return true;
}

static bool write_all(int fd, const char *bytes, gsize length) {
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        length -= (gsize)n;
    }
    return true;
}

int ipc_memfd(const char *name, const void *bytes, gsize length, GError **error) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        set_errno_error(error, "memfd");
        return -1;
    }
    if (!write_all(fd, bytes, length) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        set_errno_error(error, "memfd");
        close(fd);
        return -1;
    }
    return fd;
}

typedef struct {
    void *address;
    gsize length;
} Mapping;

static void mapping_free(gpointer data) {
    Mapping *mapping = data;
    munmap(mapping->address, mapping->length);
    g_free(mapping);
}

GBytes *ipc_map(int fd, gsize max_bytes, GError **error) {
    const int needed = F_SEAL_WRITE | F_SEAL_SHRINK;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & needed) != needed) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the bytes are not sealed");
        return NULL;
    }
    struct stat status;
    if (fstat(fd, &status) != 0) {
        set_errno_error(error, "fstat");
        return NULL;
    }
    if ((guint64)status.st_size > max_bytes) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                    "%" G_GINT64_FORMAT " bytes are more than %" G_GSIZE_FORMAT, (gint64)status.st_size,
                    max_bytes);
        return NULL;
    }
    if (status.st_size == 0)
        return g_bytes_new_static("", 0);
    void *address = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) {
        set_errno_error(error, "mmap");
        return NULL;
    }
    Mapping *mapping = g_new(Mapping, 1);
    *mapping = (Mapping){address, (gsize)status.st_size};
    return g_bytes_new_with_free_func(address, mapping->length, mapping_free, mapping);
}
