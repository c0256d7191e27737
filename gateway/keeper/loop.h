/* The keeper's event loop: fetching, reading, recording and sending overlap in one thread. */
#pragma once

#include <jansson.h>

/* Role entry: control_fd is the supervisor's socket, which brings the other roles' sockets (IPC_ROLE).
 * settings:
 * {"config": path, "mode": "poll|run|ingest", "at": seconds or null} and for ingest those of files.h. Prints
 * what was done at the end of a pass on standard output. Returns an exit status of SPEC 7. */
int keeper_main(int control_fd, json_t *settings);
