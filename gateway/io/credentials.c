#include "gateway/io/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/spawn.h"

/* OAuth2 tokens are the longest: about 2 KiB. */
enum { SECRET_BYTES_MAX = 4096 };

/* msmtp and mbsync users know this limit; a helper that asks a person is not one for a daemon. */
enum { COMMAND_TIMEOUT_MS = 30000 };

#define refuse(error, ...) g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, __VA_ARGS__)

void credentials_clear(char *secret) {
    if (secret == NULL)
        return;
    explicit_bzero(secret, strlen(secret));
    g_free(secret);
}

/* The first line of what was read, in a copy of its own; clears and frees what was read. */
static char *take_line(char *bytes, gsize length, const char *where, GError **error) {
    const char *end = memchr(bytes, '\n', length);
    gsize line = end != NULL ? (gsize)(end - bytes) : length;
    if (line > 0 && bytes[line - 1] == '\r')
        line--;
    char *secret = NULL;
    if (line == 0)
        refuse(error, "%s: the first line is empty; it must be the password alone", where);
    else if (!g_utf8_validate_len(bytes, line, NULL)) /* no NUL in it either */
        refuse(error, "%s: the first line is not valid UTF-8", where);
    else
        secret = g_strndup(bytes, line);
    explicit_bzero(bytes, length);
    g_free(bytes);
    return secret;
}

static char *read_open_file(int fd, const char *path, GError **error) {
    char *bytes = g_malloc0(SECRET_BYTES_MAX + 1);
    gsize length = 0;
    ssize_t n;
    while ((n = read(fd, bytes + length, SECRET_BYTES_MAX + 1 - length)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0)
            length += (gsize)n;
        if (n < 0 || length > SECRET_BYTES_MAX) {
            refuse(error, "%s: %s", path, n < 0 ? g_strerror(errno) : "too long for a password");
            explicit_bzero(bytes, length);
            g_free(bytes);
            return NULL;
        }
    }
    return take_line(bytes, length, path, error);
}

/* Looked at through the open descriptor, so that what is checked is what is read. */
static bool is_private(int fd, const char *path, GError **error) {
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        refuse(error, "%s: is not a file", path);
        return false;
    }
    if ((status.st_mode & 077) != 0) {
        refuse(error, "%s: others may read the password; run: chmod 600 %s", path, path);
        return false;
    }
    if (status.st_uid != geteuid() && status.st_uid != 0) {
        refuse(error, "%s: belongs to another user; run: chown %u %s", path, (guint)geteuid(), path);
        return false;
    }
    return true;
}

static char *read_file(const char *path, bool must_be_private, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hold us up */
    if (fd < 0) {
        refuse(error, "%s: %s; write the password alone into this file, mode 0600", path, g_strerror(errno));
        return NULL;
    }
    char *secret = NULL;
    if (!must_be_private || is_private(fd, path, error))
        secret = read_open_file(fd, path, error);
    close(fd);
    return secret;
}

static char *read_command(const json_t *command, GError **error) {
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    size_t index;
    json_t *word;
    json_array_foreach(command, index, word)
        g_ptr_array_add(argv, (gpointer)json_string_value(word));
    g_ptr_array_add(argv, NULL);
    if (argv->pdata[0] == NULL) {
        refuse(error, "password_command: must be a list of program and arguments");
        return NULL;
    }
    gsize length;
    char *output =
        spawn_capture((char *const *)argv->pdata, SECRET_BYTES_MAX, COMMAND_TIMEOUT_MS, &length, error);
    if (output == NULL) {
        g_prefix_error(error, "password_command: ");
        return NULL;
    }
    return take_line(output, length, "password_command", error);
}

static char *read_credential(const char *name, GError **error) {
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    if (folder == NULL || strchr(name, '/') != NULL || name[0] == '.' || name[0] == '\0') {
        refuse(error,
               folder == NULL
                   ? "credential \"%s\": not started by systemd with LoadCredential=%s:PATH in its unit"
                   : "credential \"%s\": is no name (LoadCredential=%s:PATH)",
               name, name);
        return NULL;
    }
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return read_file(path, false, error); /* systemd answers for who may read there */
}

char *credentials_read(const json_t *server, GError **error) {
    const char *file = json_string_value(json_object_get(server, "password_file"));
    const char *credential = json_string_value(json_object_get(server, "credential"));
    const json_t *command = json_object_get(server, "password_command");
    if (file != NULL)
        return read_file(file, true, error);
    if (command != NULL)
        return read_command(command, error);
    if (credential != NULL)
        return read_credential(credential, error);
    refuse(error, "no password_file, password_command or credential is set");
    return NULL;
}
