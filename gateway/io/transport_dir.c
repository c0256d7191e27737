#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/transport.h"

#define NAME_RECIPIENT_MAX 100 /* characters of the address in a file name: 255 bytes are allowed in all */
#define FILE_MODE          0600

typedef struct {
    Transport base;
    char *path;
    int fd; /* of the directory */
    guint64 next;
} DirectoryTransport;

/* One more than the highest number that a file name in the directory starts with. */
static guint64 next_number(const char *path) {
    guint64 highest = 0;
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    const char *name;
    while (directory && (name = g_dir_read_name(directory))) {
        gsize digits = strspn(name, "0123456789");
        g_autofree char *text = g_strndup(name, digits);
        guint64 number;
        if (digits && g_str_has_suffix(name, ".eml") &&
            g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &number, NULL))
            highest = MAX(highest, number);
    }
    return highest + 1;
}

static char *file_name(const DirectoryTransport *directory, const char *to) {
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(clock_now_s());
    g_autofree char *time = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    g_autofree char *recipient = g_strndup(to, NAME_RECIPIENT_MAX);
    g_strcanon(recipient, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.+-_", '_');
    return g_strdup_printf("%06" G_GUINT64_FORMAT "-%s-%s.eml", directory->next, time, recipient);
}

static bool write_all(int fd, const char *bytes, gsize length) {
    while (length) {
        gssize written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (gsize)written;
    }
    return true;
}

/* Temporary name, sync, rename, sync: a reader never sees half a letter, a power cut loses none that was
 * reported as sent. */
static bool write_letter(const DirectoryTransport *directory, const char *name, GBytes *letter) {
    g_autofree char *temporary = g_strconcat(".", name, ".tmp", NULL);
    int fd =
        openat(directory->fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0)
        return false;
    gsize length;
    const char *bytes = g_bytes_get_data(letter, &length);
    bool ok = write_all(fd, bytes, length) && fsync(fd) == 0;
    int cause = errno;
    ok = close(fd) == 0 && ok && renameat(directory->fd, temporary, directory->fd, name) == 0 &&
         fsync(directory->fd) == 0;
    if (!ok) {
        cause = cause ? cause : errno;
        unlinkat(directory->fd, temporary, 0);
        errno = cause;
    }
    return ok;
}

static void directory_send(Transport *transport, const char *from, const char *to, GBytes *letter,
                           TransportResult *ret_result) {
    DirectoryTransport *directory = (DirectoryTransport *)transport;
    g_autofree char *name = file_name(directory, to);
    errno = 0;
    if (write_letter(directory, name, letter)) {
        directory->next++;
        *ret_result = (TransportResult){
            .outcome = SMTP_SENT, .code = 250, .reply = g_strdup_printf("250 written to %s", name)};
        return;
    }
    *ret_result = (TransportResult){.outcome = SMTP_TEMPORARY,
                                    .retry_after_s = SMTP_RETRY_S,
                                    .reply = g_strdup_printf("%s: %s", directory->path, g_strerror(errno))};
}

static bool directory_check(Transport *transport, char **ret_detail, char **ret_remedy) {
    DirectoryTransport *directory = (DirectoryTransport *)transport;
    bool ok = faccessat(directory->fd, ".", W_OK | X_OK, 0) == 0;
    *ret_detail = ok ? g_strdup_printf("letters are written to %s", directory->path)
                     : g_strdup_printf("%s: %s", directory->path, g_strerror(errno));
    *ret_remedy = g_strdup(ok ? "" : "let the user that runs fortnight write to transport.path");
    return ok;
}

static void directory_free(Transport *transport) {
    DirectoryTransport *directory = (DirectoryTransport *)transport;
    if (directory->fd >= 0)
        close(directory->fd);
    g_free(directory->path);
    g_free(directory);
}

static const TransportOps directory_ops = {directory_send, directory_check, directory_free};

Transport *transport_directory_new(const json_t *settings, GError **error) {
    const char *path = json_string_value(json_object_get(settings, "path"));
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "transport.path: “%s” cannot be opened: %s", path ? path : "",
                    path ? g_strerror(errno) : "not set");
        return NULL;
    }
    DirectoryTransport *directory = g_new0(DirectoryTransport, 1);
    directory->base.ops = &directory_ops;
    directory->path = g_strdup(path);
    directory->fd = fd;
    directory->next = next_number(path);
    return &directory->base;
}
