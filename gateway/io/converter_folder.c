#include "gateway/io/converter_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_PREFIX "fortnight-convert-"

/* A folder this much older than a new one is not just being made by another process that has not locked it
 * yet. */
enum { STALE_AFTER_S = 10 };

enum { WALK_FDS = 16 };

struct ConverterFolder {
    char *path;
    int lock_fd;
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place) {
    remove(path); /* what cannot be removed shows in its parent, which then stays too */
    return 0;
}

static int remove_below(const char *path, const struct stat *status, int type, struct FTW *place) {
    return place->level > 0 ? remove_entry(path, status, type, place) : 0;
}

bool converter_folder_clear(const char *path, bool with_itself) {
    nftw(path, with_itself ? remove_entry : remove_below, WALK_FDS, FTW_DEPTH | FTW_PHYS);
    if (with_itself)
        return access(path, F_OK) != 0;
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    return directory != NULL && g_dir_read_name(directory) == NULL;
}

/* Opens and locks a folder of ours; -1 where another process holds it, or it is no folder of this user. */
static int lock_folder(const char *path, struct stat *ret_status) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, ret_status) == 0 && ret_status->st_uid == geteuid() &&
        flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void clear_stale(const char *base, time_t newest_s) {
    g_autoptr(GDir) directory = g_dir_open(base, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        if (!g_str_has_prefix(name, NAME_PREFIX))
            continue;
        g_autofree char *path = g_build_filename(base, name, NULL);
        struct stat status;
        int fd = lock_folder(path, &status);
        if (fd < 0)
            continue;
        if (status.st_mtime < newest_s - STALE_AFTER_S)
            converter_folder_clear(path, true);
        close(fd);
    }
}

ConverterFolder *converter_folder_new(const char *base, GError **error) {
    g_autofree char *path = g_build_filename(base, NAME_PREFIX "XXXXXX", NULL);
    struct stat status = {0};
    int fd = -1;
    if (g_mkdir_with_parents(base, 0700) == 0 && g_mkdtemp_full(path, 0700) != NULL)
        fd = lock_folder(path, &status);
    if (fd < 0) {
        int code = errno;
        g_set_error(error, G_IO_ERROR, (int)g_io_error_from_errno(code),
                    "\"%s\": no folder for converting documents: %s", base, g_strerror(code));
        return NULL;
    }
    clear_stale(base, status.st_mtime);
    ConverterFolder *folder = g_new(ConverterFolder, 1);
    *folder = (ConverterFolder){g_canonicalize_filename(path, NULL), fd};
    return folder;
}

void converter_folder_free(ConverterFolder *folder) {
    if (folder == NULL)
        return;
    converter_folder_clear(folder->path, true);
    close(folder->lock_fd);
    g_free(folder->path);
    g_free(folder);
}

const char *converter_folder_path(const ConverterFolder *folder) {
    return folder->path;
}
