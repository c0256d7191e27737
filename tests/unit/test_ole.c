#include "parsers/ole.h"

#include <string.h>

#include "parsers/ole_object.h"
#include "tests/unit/ole_writer.h"

static GBytes *stream_of(GBytes *file, const char *name, gsize most_bytes) {
    gsize length;
    const guint8 *data = g_bytes_get_data(file, &length);
    return ole_stream(data, length, name, most_bytes);
}

/* Streams in small sectors and in whole ones. */
static void test_streams(void) {
    static const gsize LENGTHS[] = {1, 64, 65, 4095, 4096, 50000};
    g_autofree guint8 *bytes = g_malloc(50000);
    for (guint i = 0; i < 50000; i++)
        bytes[i] = (guint8)(i * 7 + i / 251);
    for (guint i = 0; i < G_N_ELEMENTS(LENGTHS); i++) {
        g_autoptr(GBytes) file = ole_writer_write("CONTENTS", 0, bytes, LENGTHS[i]);
        g_autoptr(GBytes) stream = stream_of(file, "Contents", 50000);
        gsize length;
        const void *data = g_bytes_get_data(stream, &length);
        g_assert_cmpmem(data, length, bytes, LENGTHS[i]);
        g_assert_null(stream_of(file, "Content", 50000));
        g_assert_null(stream_of(file, "CONTENTS", LENGTHS[i] - 1));
    }
}

/* Every file that is cut short, and every one with a byte that lies, is read inside its bounds and ends. */
static void test_bad(void) {
    g_autofree guint8 *bytes = g_malloc0(5000);
    for (guint size = 100; size <= 5000; size += 4900) {
        g_autoptr(GBytes) file = ole_writer_write("Package", 0, bytes, size);
        gsize length;
        const guint8 *data = g_bytes_get_data(file, &length);
        for (gsize cut = 0; cut < length; cut += 61) {
            g_autofree guint8 *copy = g_memdup2(data, cut);
            g_autoptr(GBytes) stream = ole_stream(copy, cut, "Package", 5000);
            g_assert_true(!stream || g_bytes_get_size(stream) == size);
        }
        for (gsize at = 8; at < 4 * 512; at++) {
            g_autofree guint8 *copy = g_memdup2(data, length);
            copy[at] = (guint8)(at % 3 ? ~copy[at] : copy[at] + 1);
            g_autoptr(GBytes) stream = ole_stream(copy, length, "Package", 5000);
            g_assert_true(!stream || g_bytes_get_size(stream) <= 5000);
        }
    }
}

static void test_objects(void) {
    /* "a.txt", its path, where it lay, "hello" */
    static const guint8 NATIVE[] = "\0\0\0\0\2\0a.txt\0C:\\a.txt\0\0\0\3\0\3\0\0\0C:\0\5\0\0\0hello";
    gsize length = sizeof NATIVE - 1;
    g_autofree char *name = NULL, *none = NULL;
    g_autoptr(GBytes) object = ole_writer_write("\001Ole10Native", 0, NATIVE, length);
    g_autoptr(GBytes) file = ole_object_file(object, 1000, &name);
    g_assert_cmpmem(g_bytes_get_data(file, NULL), g_bytes_get_size(file), "hello", 5);
    g_assert_cmpstr(name, ==, "a.txt");
    for (gsize cut = 1; cut <= length; cut++) {
        g_autoptr(GBytes) shorter = ole_writer_write("\001Ole10Native", 0, NATIVE, length - cut);
        g_assert_null(ole_object_file(shorter, 1000, &none));
        g_assert_null(none);
    }
    g_assert_false(ole_object_is_drawing(object));
    g_autoptr(GBytes) equation = ole_writer_write("Equation Native", 0x0002CE02, "x", 1);
    g_assert_true(ole_object_is_drawing(equation));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ole/streams", test_streams);
    g_test_add_func("/ole/bad", test_bad);
    g_test_add_func("/ole/objects", test_objects);
    return g_test_run();
}
