/* Passwords and authorization codes (facts/email.md 5.5): from a file of mode 0600, a command, or systemd's
 * credentials. Never in a command line, the environment, a log or a configuration file. Only the supervisor
 * reads them. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* The secret of a server: `server` is the "mailbox" or "transport" group of the configuration, with one of
 *   "password_file"     a path; refused where group or others may read it, or it belongs to somebody else
 * (root may own it) "password_command"  a list: program and arguments, run without a shell, 30 s; its first
 * line is the secret "credential"        a name below $CREDENTIALS_DIRECTORY (LoadCredential= of the systemd
 * unit) Valid UTF-8, one line, not empty, at most 4096 bytes. The caller ends it with credentials_clear().
 * Errors are FORTNIGHT_ERROR_CONFIGURATION with the remedy, or _TEMPORARY where the command takes too long;
 * they never hold the secret. */
char *credentials_read(const json_t *server, GError **error);

/* Overwrites and frees a secret; NULL is fine. */
void credentials_clear(char *secret);
