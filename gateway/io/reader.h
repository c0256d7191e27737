/* The reader role: the only process that looks into mail. A warm parent, locked down (sandbox.h), forks one
 * child a message; the child is locked down further, reads (parsers/reading.h), writes its JSON lines into
 * a memfd and ends. A child that crashes, loops, eats memory or lies costs its one message. */
#pragma once

#include <glib.h>
#include <unistd.h>

/* Serves IPC_FORMS (first, and again when they change), then IPC_READ frames on a socket until the peer
 * leaves or sends IPC_STOP; each IPC_READ is answered by one IPC_RESULT, in order. Beyond what ipc.h names,
 * IPC_READ may hold "wall_ms" and "cpu_s": limits of this message, downwards from READER_WALL_MS and
 * READER_CPU_S. Returns an exit status. Runs no GLib loop; refuses to fork with a second thread in the
 * process. */
int reader_main(int socket_fd);

/* What a child leaves with where the message needs the reader that has all libraries (PDF, archives):
 * answered as failure READER_ELSEWHERE, and the host hands the message to such a one. */
enum { READER_CHILD_ELSEWHERE = 77 };
#define READER_ELSEWHERE "elsewhere"

/* Ends a child that lacks what its message needs. */
static inline G_NORETURN void reader_pass_on(void) {
    _exit(READER_CHILD_ELSEWHERE);
}

/* facts/email.md 5.2 */
enum { READER_WALL_MS = 60000, READER_CPU_S = 20 };
