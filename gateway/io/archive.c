/* Why a file a message and fdatasync() for each, at the end of a batch. 64 files of 38 KB, ms a batch (ext4
 * without a journal on a shared virtual disk, medians of a few runs; other systems differ, the order hardly):
 *     fsync() of each file as it is written, then of 256 folders      42
 *     write all, start write-back, fdatasync() each, fsync() 256      36
 *     the same with 16 folders                                        25   (this one)
 *     the same from 16 threads                                        23
 *     write all, rename all, one syncfs()                             20
 * syncfs() is a little faster, but only Linux defines it (errors are reported since 5.8), and it waits for
 * everything that anybody else wrote to that file system. fdatasync() before rename() and fsync() of the
 * folder after it is what POSIX gives a meaning to. */
#include "gateway/io/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "gateway/core/digest.h"
#include "gateway/core/error.h"

enum {
    FOLDERS = 16, /* by the digest's first digit */
    FOLDER_MODE = 0700,
    FILE_MODE = 0600,
    LOCATION_LENGTH = 2 + DIGEST_HEX_LENGTH + 4, /* "a/" digest ".eml" */
};
#define SUFFIX     ".eml"
#define NEW_FOLDER "new" /* begins the name of the folder with files that are not durable yet */

typedef struct {
    int fd;
    char *location;
} Pending;

struct Archive {
    char *directory;
    int directory_fd, new_fd;
    char *new_name;
    int folder_fds[FOLDERS];
    GHashTable *pending;   /* location → Pending*: written, not durable */
    bool touched[FOLDERS]; /* folders whose entries are not durable yet */
};

static bool fail(int error_number, const char *what, const char *name, GError **error) {
    int code =
        error_number == ENOSPC || error_number == EDQUOT ? FORTNIGHT_ERROR_DISK_FULL
        : error_number == ENOENT                         ? FORTNIGHT_ERROR_NOT_FOUND
        : error_number == EACCES || error_number == EROFS || error_number == ENOTDIR || error_number == EPERM
            ? FORTNIGHT_ERROR_CONFIGURATION
            : FORTNIGHT_ERROR_TEMPORARY;
    g_set_error(error, FORTNIGHT_ERROR, code, "archive: cannot %s \"%s\": %s", what, name,
                g_strerror(error_number));
    return false;
}

static void pending_free(gpointer data) {
    Pending *pending = data;
    close(pending->fd);
    g_free(pending->location);
    g_free(pending);
}

/* ---- opening
 * ---------------------------------------------------------------------------------------------------- */

/* Opens a folder in the archive, made first where it is absent; -1 and error. */
static int open_folder(Archive *archive, const char *name, bool make, GError **error) {
    if (make && mkdirat(archive->directory_fd, name, FOLDER_MODE) < 0 && errno != EEXIST) {
        fail(errno, "make folder", name, error);
        return -1;
    }
    int fd = openat(archive->directory_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        fail(errno, "open folder", name, error);
    return fd;
}

/* A hint: ext4 puts the folders of this one far from each other, and from what else there is, by their names.
 * Without a journal it passes over all inodes that were freed within minutes in the same place: 0.2 ms for
 * each new file after some thousand were removed nearby, 0.02 elsewhere. */
static void spread_folders(int directory_fd) {
    int flags = 0;
    if (ioctl(directory_fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_TOPDIR_FL) == 0) {
        flags |= FS_TOPDIR_FL;
        ioctl(directory_fd, FS_IOC_SETFLAGS, &flags);
    }
}

/* What an interrupted batch left was never in the ledger: the server shows it again. */
static bool remove_new_folder(Archive *archive, const char *folder_name, GError **error) {
    int fd = open_folder(archive, folder_name, false, error);
    if (fd < 0)
        return false;
    g_autofree char *path = g_build_filename(archive->directory, folder_name, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    bool good = true;
    for (const char *name; good && folder != NULL && (name = g_dir_read_name(folder)) != NULL;)
        good = unlinkat(fd, name, 0) == 0 || errno == ENOENT || fail(errno, "remove", name, error);
    close(fd);
    return good && (unlinkat(archive->directory_fd, folder_name, AT_REMOVEDIR) == 0 ||
                    fail(errno, "remove", folder_name, error));
}

/* "new" is what all of them were called before their names were drawn. */
static bool is_new_folder(const char *name) {
    return strcmp(name, NEW_FOLDER) == 0 || g_str_has_prefix(name, NEW_FOLDER "-");
}

static bool remove_new_folders(Archive *archive, GError **error) {
    g_autoptr(GDir) folders = g_dir_open(archive->directory, 0, NULL);
    const char *name;
    while (folders != NULL && (name = g_dir_read_name(folders)) != NULL)
        if (is_new_folder(name) && !remove_new_folder(archive, name, error))
            return false;
    return true;
}

/* Its name is drawn, and by it the place. */
static bool make_new_folder(Archive *archive, GError **error) {
    archive->new_name = g_strdup_printf(NEW_FOLDER "-%08x", g_random_int());
    archive->new_fd = open_folder(archive, archive->new_name, true, error);
    return archive->new_fd >= 0;
}

static bool open_folders(Archive *archive, ArchiveMode mode, GError **error) {
    bool make = mode == ARCHIVE_WRITE;
    if (make)
        spread_folders(archive->directory_fd);
    for (guint i = 0; i < FOLDERS; i++) {
        const char name[] = {"0123456789abcdef"[i], '\0'};
        archive->folder_fds[i] = open_folder(archive, name, make, error);
        if (archive->folder_fds[i] < 0)
            return false;
    }
    if (!make)
        return true;
    if (!remove_new_folders(archive, error) || !make_new_folder(archive, error))
        return false;
    return fsync(archive->directory_fd) == 0 || fail(errno, "sync", archive->directory, error);
}

Archive *archive_open(const char *directory, ArchiveMode mode, GError **error) {
    g_autoptr(Archive) archive = g_new0(Archive, 1);
    archive->directory = g_strdup(directory);
    archive->pending = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, pending_free);
    archive->new_fd = -1;
    for (guint i = 0; i < FOLDERS; i++)
        archive->folder_fds[i] = -1;
    if (mode == ARCHIVE_WRITE)
        g_mkdir_with_parents(directory, FOLDER_MODE);
    archive->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (archive->directory_fd < 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "archive: cannot open \"%s\": %s",
                    directory, g_strerror(errno));
        return NULL;
    }
    if (!open_folders(archive, mode, error))
        return NULL;
    return g_steal_pointer(&archive);
}

/* Removes the files of a batch that did not become durable. */
static void drop_batch(Archive *archive) {
    GHashTableIter iter;
    gpointer location;
    g_hash_table_iter_init(&iter, archive->pending);
    while (g_hash_table_iter_next(&iter, &location, NULL))
        unlinkat(archive->new_fd, (const char *)location + 2, 0);
    g_hash_table_remove_all(archive->pending);
}

void archive_close(Archive *archive) {
    if (archive == NULL)
        return;
    drop_batch(archive);
    g_hash_table_unref(archive->pending);
    for (guint i = 0; i < FOLDERS; i++)
        if (archive->folder_fds[i] >= 0)
            close(archive->folder_fds[i]);
    if (archive->new_fd >= 0) {
        close(archive->new_fd);
        unlinkat(archive->directory_fd, archive->new_name, AT_REMOVEDIR); /* else the next one removes it */
    }
    g_free(archive->new_name);
    if (archive->directory_fd >= 0)
        close(archive->directory_fd);
    g_free(archive->directory);
    g_free(archive);
}

bool archive_has_room(Archive *archive, guint64 low_water_bytes, guint64 needed_bytes, GError **error) {
    struct statvfs system;
    if (fstatvfs(archive->directory_fd, &system) < 0)
        return fail(errno, "ask for room in", archive->directory, error);
    guint64 free_bytes = (guint64)system.f_bavail * system.f_frsize;
    if (free_bytes >= low_water_bytes && free_bytes - low_water_bytes >= needed_bytes)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DISK_FULL,
                "archive \"%s\": %" G_GUINT64_FORMAT " KiB free, new mail needs %" G_GUINT64_FORMAT
                " KiB, %" G_GUINT64_FORMAT " MiB are to stay free; make room",
                archive->directory, free_bytes >> 10, needed_bytes >> 10, low_water_bytes >> 20);
    return false;
}

/* ---- locations
 * -------------------------------------------------------------------------------------------------- */

static char *location_of(const char *sha256) {
    return g_strdup_printf("%c/%s" SUFFIX, sha256[0], sha256);
}

/* The folder of a location and the file's name in it; false and _DAMAGED for what location_of() never made: a
 * location comes from the database, and must not lead anywhere else. */
static bool split_location(Archive *archive, const char *location, guint *ret_folder, const char **ret_name,
                           GError **error) {
    bool is_ours = strlen(location) == LOCATION_LENGTH && strspn(location, "0123456789abcdef") == 1 &&
                   location[1] == '/' && strspn(location + 2, "0123456789abcdef") == DIGEST_HEX_LENGTH &&
                   location[0] == location[2] && strcmp(location + 2 + DIGEST_HEX_LENGTH, SUFFIX) == 0;
    if (!is_ours) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED, "archive: \"%s\" is no place in \"%s\"",
                    location, archive->directory);
        return false;
    }
    *ret_folder = (guint)g_ascii_xdigit_value(location[0]);
    *ret_name = location + 2;
    return true;
}

static GBytes *read_file(int folder_fd, const char *name, GError **error) {
    int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) {
        fail(errno, "open", name, error);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    gsize size = (gsize)status.st_size, done = 0;
    guchar *bytes = g_try_malloc(size + 1);
    ssize_t got = bytes != NULL ? 1 : -1;
    while (got > 0 && done < size) {
        got = read(fd, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            done += (gsize)got;
    }
    int error_number = got < 0 ? errno : EIO;
    close(fd);
    if (done == size && bytes != NULL)
        return g_bytes_new_take(bytes, size);
    g_free(bytes);
    fail(error_number, "read", name, error);
    return NULL;
}

GBytes *archive_read(Archive *archive, const char *location, const char *sha256, GError **error) {
    guint folder;
    const char *name;
    if (!split_location(archive, location, &folder, &name, error))
        return NULL;
    g_autoptr(GBytes) bytes = read_file(archive->folder_fds[folder], name, error);
    if (bytes == NULL || sha256 == NULL)
        return g_steal_pointer(&bytes);
    g_autofree char *digest = digest_sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    if (strcmp(digest, sha256) == 0)
        return g_steal_pointer(&bytes);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED, "archive: \"%s\" is not what was written",
                location);
    return NULL;
}

bool archive_check(const char *location, const char *sha256, gint64 size_bytes, gpointer user_data,
                   GError **error) {
    g_autoptr(GBytes) bytes = archive_read(user_data, location, sha256, error);
    if (bytes == NULL)
        return false;
    if ((gint64)g_bytes_get_size(bytes) == size_bytes)
        return true;
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_DAMAGED,
                "archive: \"%s\" has another size than the ledger says", location);
    return false;
}

/* ---- writing
 * ---------------------------------------------------------------------------------------------------- */

static bool write_all(int fd, const guchar *bytes, gsize length) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            length -= (gsize)written;
        }
    }
    return true;
}

static bool write_new(Archive *archive, const char *location, GBytes *bytes, GError **error) {
    const char *name = location + 2;
    int fd = openat(archive->new_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0)
        return fail(errno, "make", name, error);
    gsize length;
    const guchar *data = g_bytes_get_data(bytes, &length);
    if (!write_all(fd, data, length)) {
        int error_number = errno;
        close(fd);
        unlinkat(archive->new_fd, name, 0);
        return fail(error_number, "write", name, error);
    }
    /* a hint: write-back of this file runs while the next ones are written */
    sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    Pending *pending = g_new(Pending, 1);
    pending->fd = fd;
    pending->location = g_strdup(location);
    g_hash_table_insert(archive->pending, pending->location, pending);
    return true;
}

/* Are exactly these bytes there? A file that differs (a damaged disk) is written anew. */
static bool is_there(Archive *archive, guint folder, const char *location, GBytes *bytes) {
    struct stat status;
    if (fstatat(archive->folder_fds[folder], location + 2, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        (gsize)status.st_size != g_bytes_get_size(bytes))
        return false;
    g_autoptr(GBytes) there = read_file(archive->folder_fds[folder], location + 2, NULL);
    return there != NULL && g_bytes_equal(there, bytes);
}

bool archive_put(Archive *archive, GBytes *bytes, char **ret_sha256, char **ret_location, GError **error) {
    if (archive->new_fd < 0) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_PERMANENT,
                    "archive \"%s\" was opened for reading", archive->directory);
        return false;
    }
    /* each holds a descriptor */
    if (g_hash_table_size(archive->pending) >= ARCHIVE_BATCH_MAX && !archive_sync(archive, error))
        return false;
    g_autofree char *sha256 = digest_sha256(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_autofree char *location = location_of(sha256);
    guint folder = (guint)g_ascii_xdigit_value(sha256[0]);
    if (!g_hash_table_contains(archive->pending, location) && !is_there(archive, folder, location, bytes) &&
        !write_new(archive, location, bytes, error))
        return false;
    /* also where it was there: whoever renamed it may have died before the folder was synced */
    archive->touched[folder] = true;
    *ret_sha256 = g_steal_pointer(&sha256);
    *ret_location = g_steal_pointer(&location);
    return true;
}

static bool sync_files(Archive *archive, GError **error) {
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, archive->pending);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Pending *pending = value;
        if (fdatasync(pending->fd) < 0)
            return fail(errno, "sync", pending->location, error);
    }
    return true;
}

static bool rename_files(Archive *archive, GError **error) {
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, archive->pending);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const char *location = key, *name = location + 2;
        guint folder = (guint)g_ascii_xdigit_value(location[0]);
        if (renameat(archive->new_fd, name, archive->folder_fds[folder], name) < 0)
            return fail(errno, "rename", location, error);
    }
    return true;
}

static bool sync_folders(Archive *archive, GError **error) {
    for (guint i = 0; i < FOLDERS; i++) {
        if (archive->touched[i] && fsync(archive->folder_fds[i]) < 0)
            return fail(errno, "sync folder of", archive->directory, error);
        archive->touched[i] = false;
    }
    return true;
}

bool archive_sync(Archive *archive, GError **error) {
    bool durable = sync_files(archive, error) && rename_files(archive, error) && sync_folders(archive, error);
    if (durable)
        g_hash_table_remove_all(archive->pending);
    else
        drop_batch(archive);
    return durable;
}

bool archive_remove(Archive *archive, const char *location, GError **error) {
    guint folder;
    const char *name;
    if (!split_location(archive, location, &folder, &name, error))
        return false;
    if (unlinkat(archive->folder_fds[folder], name, 0) < 0 && errno != ENOENT)
        return fail(errno, "remove", location, error);
    return fsync(archive->folder_fds[folder]) == 0 || fail(errno, "sync folder of", location, error);
}
