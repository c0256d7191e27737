#include "gateway/io/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

enum { SHA256_BYTES = 32 };

char *digest_sha256(const void *bytes, gsize length) {
    static const char hex[] = "0123456789abcdef";
    guchar digest[SHA256_BYTES];
    /* fails only where the library forbids SHA-256 altogether: nothing of this program could work then */
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, digest) < 0)
        g_error("SHA-256 is not available");
    char *text = g_malloc(DIGEST_HEX_LENGTH + 1);
    for (guint i = 0; i < SHA256_BYTES; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 0xf];
    }
    text[DIGEST_HEX_LENGTH] = '\0';
    return text;
}
