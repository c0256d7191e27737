/* sd_notify(3) without a library: one datagram to the service manager. */
#pragma once

/* Sends a state such as "READY=1" to $NOTIFY_SOCKET; does nothing where it is not set, nor where nobody
 * listens. */
void notify_state(const char *state);
