/* SHA-256 (FIPS 180-4), the name of a message's bytes. By GnuTLS, which uses the processor's own
 * instructions. */
#pragma once

#include <glib.h>

#define DIGEST_BYTES      32
#define DIGEST_HEX_LENGTH 64

/* As it is. */
void digest_sha256_bytes(const void *bytes, gsize length, guint8 ret_digest[DIGEST_BYTES]);

/* 64 lower-case hex digits, as `sha256sum` prints them. The caller frees it; never NULL. */
char *digest_sha256(const void *bytes, gsize length);
