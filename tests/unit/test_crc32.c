/* Every length and alignment, as zlib has it. */
#include "parsers/crc32.h"

#include <string.h>
#include <zlib.h>

static void test_lengths(void) {
    enum { BYTES_MAX = 700 };
    GRand *random = g_rand_new_with_seed(20161127);
    guint8 bytes[BYTES_MAX + 16];
    for (guint i = 0; i < sizeof bytes; i++)
        bytes[i] = (guint8)g_rand_int(random);
    for (gsize length = 0; length <= BYTES_MAX; length++)
        for (gsize start = 0; start < 16; start += 5)
            g_assert_cmpuint(crc32_of(bytes + start, length), ==, crc32(0, bytes + start, (uInt)length));
    g_rand_free(random);
}

static void test_known(void) {
    g_assert_cmpuint(crc32_of((const guint8 *)"123456789", 9), ==, 0xCBF43926);
    g_autofree guint8 *zeros = g_malloc0(100000);
    g_assert_cmpuint(crc32_of(zeros, 100000), ==, crc32(0, zeros, 100000));
    memset(zeros, 0xFF, 100000);
    g_assert_cmpuint(crc32_of(zeros, 100000), ==, crc32(0, zeros, 100000));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/crc32/lengths", test_lengths);
    g_test_add_func("/crc32/known", test_known);
    return g_test_run();
}
