/* Starting other processes: roles of this program by exec of itself, and configured commands. Both get
 * nothing but the descriptors named here; standard input is /dev/null, standard error is shared. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef enum {
    SPAWN_DIES_WITH_PARENT = 1, /* SIGKILL when this process ends, however it ends */
    SPAWN_SHARES_OUTPUT = 2,    /* keeps standard output; else it is /dev/null */
} SpawnFlags;

/* Starts `fortnight --role ROLE [ARGUMENTS…]` (the role "reader" from its own small program, reader_image.h)
 * with fds[0] as descriptor 3, fds[1] as 4 and so on. arguments: NULL-terminated, or NULL. The caller keeps
 * its descriptors and reaps the child. Needs no GLib loop, starts no thread. SIGINT and SIGHUP are ignored in
 * it, other signals at their defaults. -1 and error if it cannot be forked; a failed exec is exit status 127.
 */
pid_t spawn_role(const char *role, const char *const *arguments, const int *fds, guint n_fds,
                 SpawnFlags flags, GError **error);

/* Runs a command without a shell in its own process group and returns what it printed, at most max_bytes.
 * argv[0] is looked for in PATH. After timeout_ms the group is killed. FORTNIGHT_ERROR_CONFIGURATION if it
 * cannot be started, fails or prints too much, _TEMPORARY if it takes too long. The output is never logged;
 * the caller clears and frees it. */
char *spawn_capture(char *const *argv, gsize max_bytes, int timeout_ms, gsize *ret_length, GError **error);
