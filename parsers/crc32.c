#include "parsers/crc32.h"

#include <zlib.h>

#ifdef __x86_64__
#include <immintrin.h>

#define FOLD_BYTES 64u /* four lanes of 16 bytes */

/* Remainders of powers of x by the polynomial, bits reflected: what 64 and 16 bytes of distance multiply by,
 * the reduction to 64 bits, and Barrett's pair (Gopal et al., "Fast CRC Computation for Generic Polynomials
 * Using PCLMULQDQ Instruction", 2009). */
static const guint64 BY_64_BYTES[2] = {0x0154442bd4, 0x01c6e41596};
static const guint64 BY_16_BYTES[2] = {0x01751997d0, 0x00ccaa009e};
static const guint64 BY_8_BYTES[2] = {0x0163cd6124, 0};
static const guint64 BARRETT[2] = {0x01db710641, 0x01f7011641};

#define TARGET __attribute__((target("pclmul,sse4.1")))

TARGET static inline __m128i load(const void *at) {
    return _mm_loadu_si128((const __m128i *)at);
}

/* lane moved on by the distance of the constants, and what stands there added */
TARGET static inline __m128i fold(__m128i lane, __m128i constants, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(lane, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(lane, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

/* 128 bits to the 32 of the remainder */
TARGET static guint32 reduce(__m128i lane) {
    const __m128i low_half = _mm_setr_epi32(~0, 0, ~0, 0);
    __m128i folded = _mm_clmulepi64_si128(lane, load(BY_16_BYTES), 0x10);
    lane = _mm_xor_si128(_mm_srli_si128(lane, 8), folded);
    folded = _mm_srli_si128(lane, 4);
    lane = _mm_clmulepi64_si128(_mm_and_si128(lane, low_half), load(BY_8_BYTES), 0x00);
    lane = _mm_xor_si128(lane, folded);
    folded = _mm_clmulepi64_si128(_mm_and_si128(lane, low_half), load(BARRETT), 0x10);
    folded = _mm_clmulepi64_si128(_mm_and_si128(folded, low_half), load(BARRETT), 0x00);
    return (guint32)_mm_extract_epi32(_mm_xor_si128(lane, folded), 1);
}

/* length: a multiple of 16, at least FOLD_BYTES. crc as between two pieces, not inverted. */
TARGET static guint32 by_multiplication(guint32 crc, const guint8 *bytes, gsize length) {
    __m128i lanes[4];
    for (guint i = 0; i < G_N_ELEMENTS(lanes); i++)
        lanes[i] = load(bytes + 16 * i);
    lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)crc));
    const guint8 *end = bytes + length;
    for (bytes += FOLD_BYTES; end - bytes >= (ptrdiff_t)FOLD_BYTES; bytes += FOLD_BYTES)
        for (guint i = 0; i < G_N_ELEMENTS(lanes); i++)
            lanes[i] = fold(lanes[i], load(BY_64_BYTES), load(bytes + 16 * i));
    __m128i lane = lanes[0];
    for (guint i = 1; i < G_N_ELEMENTS(lanes); i++)
        lane = fold(lane, load(BY_16_BYTES), lanes[i]);
    for (; bytes < end; bytes += 16)
        lane = fold(lane, load(BY_16_BYTES), load(bytes));
    return reduce(lane);
}

guint32 crc32_of(const guint8 *bytes, gsize length) {
    gsize folded = length & ~(gsize)15;
    if (length < FOLD_BYTES || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
        return (guint32)crc32_z(0, bytes, length);
    return (guint32)crc32_z(~by_multiplication(~0u, bytes, folded), bytes + folded, length - folded);
}

#else

guint32 crc32_of(const guint8 *bytes, gsize length) {
    return (guint32)crc32_z(0, bytes, length);
}

#endif
