/* The first process: starts the roles by exec of itself, hands each its credential, joins them to the keeper,
 * restarts what dies. It has no database, no network, no mail (DESIGN 1). */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Descriptors of a role: its peer's socket (the keeper's: its control socket), and a pipe with its settings.
 */
enum { ROLE_SOCKET_FD = 3, ROLE_SETTINGS_FD = 4 };

typedef struct {
    const char
        *name;   /* "fetcher", "sender", "reader": as main.c knows it and IPC_ROLE tells it to the keeper */
    guint count; /* processes of it, at least 1 */
    json_t *settings;    /* object, or NULL: {}; borrowed */
    bool has_credential; /* the secret of `settings` (credentials.h) is read at each start and added as
                            "password" */
} SupervisorRole;

typedef struct {
    const SupervisorRole *roles;
    guint n_roles;
    json_t *keeper_settings;          /* object, or NULL: {}; borrowed */
    const char *const *arguments;     /* further arguments of every role, NULL-terminated, or NULL */
    const char *const *alert_command; /* run with code, cause and remedy as further arguments for IPC_ALERT,
                                         or NULL */
    bool one_shot; /* poll: a role that died three times stays dead, a keeper that crashes is not restarted */
} SupervisorPlan;

/* What a keeper's exit status says to the supervisor: what stopped it passes with time (full disk, busy
 * database); a daemon starts it again. Never leaves the program. */
#define SUPERVISOR_AGAIN 3

/* The keeper shares standard output. Runs until the keeper has left, and returns its exit status; 75 where it
 * crashed (one_shot) or could not be started, 2 where a credential cannot be had at the start. Roles that die
 * are restarted after 1, 2, 4 … 300 s with jitter, at once where they had lived for a minute; the keeper is
 * told by IPC_ROLE {"role"} with the new socket, or {"role","gone":true} without one where a role is given
 * up. If a keeper crashes, or ends with SUPERVISOR_AGAIN, all are started afresh. SIGTERM, SIGINT and SIGHUP:
 * IPC_STOP to the keeper, which has 30 s to leave; a second one, or their end: SIGKILL. Tells systemd READY
 * and STOPPING. Blocks SIGCHLD, SIGTERM, SIGINT, SIGHUP while it runs; must be the only waiter for children.
 * Runs no GLib loop, starts no thread. */
int supervisor_run(const SupervisorPlan *plan);

/* In a role: reads its settings to the end of the pipe and closes it. NULL and error if they are no JSON
 * object. */
json_t *supervisor_settings(int fd, GError **error);
