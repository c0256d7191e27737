#include "gateway/core/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

void digest_sha256_bytes(const void *bytes, gsize length, guint8 ret_digest[DIGEST_BYTES]) {
    /* fails only where the library forbids SHA-256 altogether: nothing of this program could work then */
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, ret_digest) < 0)
        g_error("SHA-256 is not available");
}

char *digest_sha256(const void *bytes, gsize length) {
    static const char hex[] = "0123456789abcdef";
    guint8 digest[DIGEST_BYTES];
    digest_sha256_bytes(bytes, length, digest);
    char *text = g_malloc(DIGEST_HEX_LENGTH + 1);
    for (guint i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 0xf];
    }
    text[DIGEST_HEX_LENGTH] = '\0';
    return text;
}
