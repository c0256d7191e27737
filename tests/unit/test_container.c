#include <locale.h>
#include <string.h>

#include "parsers/container.h"
#include "parsers/problem.h"
#include "parsers/zip.h"
#include "tests/unit/zip_writer.h"

static GPtrArray *read_all(GBytes *bytes, GPtrArray *problems) {
    return container_read(bytes, FILE_ZIP, "a.zip", 0, problems);
}

static void test_names(void) {
    /* a GBK name whose second character ends in 0x5C (a backslash byte), a UTF-8 one, a folder, a hostile one
     */
    const ZipWriterEntry entries[] = {
        {"\xd7\xca\xc1\xcf\\\x95\x5c.txt", "one", 3, 0, true, 0, 0},
        {"\xe8\xb5\x84\xe6\x96\x99.txt", "two", 3, 0x800, false, 0, 0},
        {"folder/", "", 0, 0, false, 0, 0},
        {"../../etc/passwd", "three", 5, 0, false, 0, 0},
    };
    g_autoptr(GBytes) bytes = zip_writer_write(entries, G_N_ELEMENTS(entries));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) read = read_all(bytes, problems);
    const char *const NAMES[] = {"资料/昞.txt", "资料.txt", "../../etc/passwd"};
    g_assert_cmpuint(read->len, ==, G_N_ELEMENTS(NAMES));
    for (guint i = 0; i < read->len; i++) {
        const ContainerEntry *entry = g_ptr_array_index(read, i);
        g_assert_cmpstr(entry->name, ==, NAMES[i]);
        g_assert_null(entry->verdict);
    }
    g_assert_cmpuint(problems->len, ==, 0);
}

static void test_prefixed(void) {
    const ZipWriterEntry entry = {"a.txt", "hello", 5, 0, true, 0, 0};
    g_autoptr(GBytes) plain = zip_writer_write(&entry, 1);
    GByteArray *array = g_byte_array_new();
    g_byte_array_append(array, (const guint8 *)"MZ program in front", 19);
    g_byte_array_append(array, g_bytes_get_data(plain, NULL), (guint)g_bytes_get_size(plain));
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(array);
    g_autoptr(ZipFile) zip = zip_open(bytes, NULL);
    g_assert_nonnull(zip);
    g_autoptr(GBytes) content = zip_read(zip, zip_find(zip, "A.TXT"), 100, NULL);
    g_assert_cmpmem(g_bytes_get_data(content, NULL), g_bytes_get_size(content), "hello", 5);
}

typedef struct {
    ZipWriterEntry entries[2];
    guint n;
    ProblemCode code;
} BadCase;

static void test_refusals(void) {
    g_autofree char *zeros = g_malloc0(8u << 20);
    const BadCase CASES[] = {
        {{{"a", "secret", 6, 1, false, 0, 0}}, 1, PROBLEM_ENCRYPTED},
        {{{"a", zeros, 8u << 20, 0, true, 0, 0}}, 1, PROBLEM_BOMB},
        {{{"a", zeros, 8u << 20, 0, true, 5, 0}}, 1, PROBLEM_BOMB}, /* the declared size lies */
        {{{"a", "hello", 5, 0, true, 4, 0}}, 1, PROBLEM_DAMAGED},
        {{{"a", "hello", 5, 0, true, 0, 7}}, 1, PROBLEM_DAMAGED},
        {{{"a", "hello", 5, 0, false, 0, 0}, {"b", "hello", 5, 0, false, 0, (guint32)-35}},
         2,
         PROBLEM_BOMB}, /* overlap */
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GBytes) bytes = zip_writer_write(CASES[i].entries, CASES[i].n);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(GPtrArray) read = read_all(bytes, problems);
        g_test_message("case %u", i);
        g_assert_true(problem_list_has(problems, CASES[i].code));
    }
}

static void test_truncated(void) {
    g_autofree char *text = g_strnfill(5000, 'x');
    const ZipWriterEntry entries[] = {{"a.txt", "first", 5, 0, false, 0, 0},
                                      {"b.txt", text, 5000, 0, false, 0, 0}};
    g_autoptr(GBytes) whole = zip_writer_write(entries, 2);
    g_autoptr(GBytes) bytes = g_bytes_new_from_bytes(whole, 0, g_bytes_get_size(whole) / 2);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) read = read_all(bytes, problems);
    g_assert_true(problem_list_has(problems, PROBLEM_DAMAGED));
    const ContainerEntry *first = g_ptr_array_index(read, 0);
    g_assert_cmpmem(g_bytes_get_data(first->data, NULL), g_bytes_get_size(first->data), "first", 5);
}

static void test_every_cut_and_flip(void) {
    const ZipWriterEntry entries[] = {{"a.txt", "hello hello hello", 17, 0, true, 0, 0},
                                      {"b", "x", 1, 0, false, 0, 0}};
    g_autoptr(GBytes) whole = zip_writer_write(entries, 2);
    gsize length = g_bytes_get_size(whole);
    for (gsize i = 0; i < length; i++) {
        g_autofree guint8 *cut = g_memdup2(g_bytes_get_data(whole, NULL), i);
        g_autoptr(GBytes) part = g_bytes_new(cut, i);
        g_autoptr(GPtrArray) problems = problem_list_new();
        g_autoptr(GPtrArray) read = read_all(part, problems);
        g_assert_cmpuint(problems->len, >, 0);
        guint8 *flipped = g_memdup2(g_bytes_get_data(whole, NULL), length);
        flipped[i] ^= 0xFF;
        g_autoptr(GBytes) other = g_bytes_new_take(flipped, length);
        g_autoptr(GPtrArray) again = read_all(other, problems); /* no crash is all that is asked */
        g_assert_cmpuint(again->len, <=, 3);
    }
}

static void test_budget(void) {
    const ZipWriterEntry entries[] = {{"a", "12345", 5, 0, false, 0, 0}, {"b", "12345", 5, 0, false, 0, 0}};
    g_autoptr(GBytes) bytes = zip_writer_write(entries, 2);
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(GPtrArray) read = container_read(bytes, FILE_ZIP, "a.zip", 7, problems);
    const ContainerEntry *second = g_ptr_array_index(read, 1);
    g_assert_cmpuint(g_bytes_get_size(second->data), ==, 2);
    g_assert_cmpstr(second->verdict, ==, "limit");
}

int main(int argc, char **argv) {
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/container/names", test_names);
    g_test_add_func("/container/prefixed", test_prefixed);
    g_test_add_func("/container/refusals", test_refusals);
    g_test_add_func("/container/truncated", test_truncated);
    g_test_add_func("/container/every-cut-and-flip", test_every_cut_and_flip);
    g_test_add_func("/container/budget", test_budget);
    return g_test_run();
}
