/* SMTP submission by libcurl (the only file that includes it): one connection kept, one recipient a
 * transaction, TLS verified. */
#pragma once

#include "gateway/io/transport.h"

/* settings: "host", "port" (1..65535), "tls" ("implicit" | "starttls" | "none"), "ca_file" (default: the
 * system's), "user" and "password" (both or none), "auth" ("login" | "xoauth2" with the token as password |
 * "none"), "ehlo" (a domain name), "timeout_s" (of one reply, default 60), "allow_plain" (else tls "none" is
 * for loopback only). FORTNIGHT_ERROR_CONFIGURATION. */
Transport *smtp_transport_new(const json_t *settings, GError **error);
