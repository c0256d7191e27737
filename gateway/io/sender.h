/* The sender role (DESIGN 1): holds the SMTP session and its credential; no database, no files. */
#pragma once

#include <jansson.h>

/* Serves frames from socket_fd until IPC_STOP or a clean end of file (returns 0) or a broken peer (returns
 * 1).
 * - IPC_SEND {"id","from","to"} and a letter is answered by IPC_SENT
 *   {"id","outcome","code","retry_after_s","reply"} (smtp_reply.h)
 * - IPC_CHECK {} is answered by IPC_CHECKED {"ok","detail","remedy"}
 *
 * settings: see transport_new(); the credential in them is wiped. Wrong settings do not end the role: every
 * letter is then answered with outcome "account" and the reason, so that the operator hears of it. */
int sender_main(int socket_fd, json_t *settings);
