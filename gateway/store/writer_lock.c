#include "gateway/store/writer_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/core/error.h"

enum { OWNER_ONLY = 0600, HOLDER_BYTES_MAX = 1024 };

static void describe_holder(int fd, char *text, gsize size_bytes) {
    ssize_t length = pread(fd, text, size_bytes - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    g_strstrip(text);
    if (text[0] == '\0')
        g_strlcpy(text, "a process that has not said which", size_bytes);
}

int writer_lock_take(const char *path, const char *holder, GError **error) {
    g_autofree char *lock_path = g_strconcat(path, ".lock", NULL);
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
    if (fd < 0) {
        int code = errno == ENOSPC ? FORTNIGHT_ERROR_DISK_FULL : FORTNIGHT_ERROR_CONFIGURATION;
        g_set_error(error, FORTNIGHT_ERROR, code, "lock file \"%s\": %s", lock_path, g_strerror(errno));
        return -1;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        int code = errno == EAGAIN || errno == EACCES ? FORTNIGHT_ERROR_BUSY : FORTNIGHT_ERROR_TEMPORARY;
        char text[HOLDER_BYTES_MAX];
        describe_holder(fd, text, sizeof text);
        g_set_error(error, FORTNIGHT_ERROR, code, "database \"%s\" is in use by %s", path, text);
        close(fd);
        return -1;
    }
    /* the text only informs: a disk that is too full for it must not keep the database shut */
    g_autofree char *line = g_strdup_printf("%.*s\n", HOLDER_BYTES_MAX - 2, holder);
    if (ftruncate(fd, 0) == 0 && pwrite(fd, line, strlen(line), 0) < 0)
        errno = 0;
    return fd;
}
