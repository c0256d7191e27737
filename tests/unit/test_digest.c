#include "gateway/core/digest.h"

#include <string.h>

/* FIPS 180-4 example values; the million times "a" is the third of them. */
static void test_known_answers(void) {
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *digest = digest_sha256(cases[i].text, strlen(cases[i].text));
        g_assert_cmpstr(digest, ==, cases[i].digest);
    }
    g_autofree char *million = g_strnfill(1000000, 'a');
    g_autofree char *digest = digest_sha256(million, 1000000);
    g_assert_cmpstr(digest, ==, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/known-answers", test_known_answers);
    return g_test_run();
}
