/* The fetcher: the role that holds the mailbox and its credential, and nothing else (DESIGN 1). */
#pragma once

#include <jansson.h>

/* Serves frames (ipc.h) from socket_fd until it closes or IPC_STOP comes; returns the process's exit status.
 *
 * settings, an object:
 *   kind "imap" or "directory"; account: a name for log and ledger; max_message_bytes (default 72 MiB)
 *   imap: host, port, tls "implicit" (default), "starttls" or "none", allow_plain (for "none" beyond
 * loopback), ca_file, user, password, auth "login" (default) or "xoauth2", timeout_s (default 60), batch
 * (default 0: grows from 50) directory: path The password is moved out of settings. The process confines
 * itself (sandbox.h) before it looks at anything of others. */
int fetcher_main(int socket_fd, json_t *settings);
