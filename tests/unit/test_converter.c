/* The converter's host against converters that this test plays over the socket, the private folder, and what
 * a reading wishes for. */
#include "gateway/io/converter_host.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/io/converter_folder.h"
#include "gateway/io/ipc.h"
#include "gateway/io/log.h"
#include "parsers/conversion.h"

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

typedef struct {
    ConverterHost *host;
    int converter;    /* our end; -1: none */
    GString *answers; /* "tag:files:bytes " */
} Fixture;

static void on_done(json_t *converted, GBytes *data, const char *converter, gpointer tag,
                    gpointer user_data) {
    Fixture *fixture = user_data;
    g_autofree char *text = g_strndup(g_bytes_get_data(data, NULL), g_bytes_get_size(data));
    g_string_append_printf(fixture->answers, "%d:%zu:%s ", GPOINTER_TO_INT(tag), json_array_size(converted),
                           text ? text : "");
}

static void attach(Fixture *fixture) {
    int pair[2];
    g_assert_true(ipc_pair(pair, NULL));
    converter_host_attach(fixture->host, pair[0]);
    fixture->converter = pair[1];
}

static void leave(Fixture *fixture) {
    close(fixture->converter);
    fixture->converter = -1;
    converter_host_dispatch(fixture->host, true);
}

static void submit(Fixture *fixture, int tag, guint n_files) {
    json_t *wishes = json_array();
    for (guint i = 0; i < n_files; i++)
        json_array_append_new(wishes, json_pack("{s:s, s:s, s:s, s:s}", "sha256", DIGEST, "type", "doc",
                                                "target", "docx", "data", "ZG9j"));
    converter_host_submit(fixture->host, wishes, GINT_TO_POINTER(tag));
    json_decref(wishes);
}

/* The id of the next batch, which has this many files. */
static gint64 next_batch(const Fixture *fixture, guint n_files) {
    g_auto(IpcFrame) frame = {.fd = -1};
    g_assert_cmpint(ipc_receive(fixture->converter, &frame, 1000, NULL), ==, 1);
    g_assert_cmpint(frame.kind, ==, IPC_CONVERT);
    g_assert_cmpuint(json_array_size(json_object_get(frame.payload, "files")), ==, n_files);
    return json_integer_value(json_object_get(frame.payload, "id"));
}

static void say(Fixture *fixture, gint64 id, json_t *files, const char *bytes) {
    json_t *answer =
        json_pack("{s:I, s:s, s:o}", "id", (json_int_t)id, "converter", "Office 1", "files", files);
    int memfd = ipc_memfd("converted", bytes, strlen(bytes), NULL);
    g_assert_true(ipc_send(fixture->converter, IPC_CONVERTED, answer, memfd, 1000, NULL));
    close(memfd);
    json_decref(answer);
    converter_host_dispatch(fixture->host, true);
}

static void set_up(Fixture *fixture, gconstpointer unused) {
    fixture->host = converter_host_new(on_done, fixture);
    fixture->converter = -1;
    fixture->answers = g_string_new(NULL);
}

static void tear_down(Fixture *fixture, gconstpointer unused) {
    converter_host_free(fixture->host);
    if (fixture->converter >= 0)
        close(fixture->converter);
    g_string_free(fixture->answers, TRUE);
}

/* Two messages go in one batch; each gets its own files, a failed one is left out. */
static void test_batch(Fixture *fixture, gconstpointer unused) {
    attach(fixture);
    submit(fixture, 1, 2);
    converter_host_dispatch(fixture->host, false); /* it waits for company */
    g_assert_cmpint(converter_host_timeout_ms(fixture->host), >, 0);
    submit(fixture, 2, 1);
    converter_host_dispatch(fixture->host, true);
    gint64 id = next_batch(fixture, 3);
    say(fixture, id, json_pack("[{s:i}, {s:s}, {s:i}]", "bytes", 3, "failure", "refused", "bytes", 4),
        "onefour");
    g_assert_cmpstr(fixture->answers->str, ==, "1:1:one 2:1:four ");
    g_assert_cmpuint(converter_host_pending(fixture->host), ==, 0);
    g_assert_cmpint(converter_host_timeout_ms(fixture->host), ==, -1);
}

/* An answer that claims more bytes than came is no converter's of ours; nor is one to another batch. */
static void test_liar(Fixture *fixture, gconstpointer unused) {
    attach(fixture);
    submit(fixture, 1, 1);
    converter_host_dispatch(fixture->host, true);
    say(fixture, next_batch(fixture, 1), json_pack("[{s:i}]", "bytes", 400), "four");
    g_assert_cmpstr(fixture->answers->str, ==, "");
    attach(fixture);
    converter_host_dispatch(fixture->host, true);
    say(fixture, next_batch(fixture, 1) + 1, json_pack("[{s:i}]", "bytes", 4), "four");
    g_assert_cmpstr(fixture->answers->str, ==, "1:0: "); /* twice is enough */
}

static void test_died_twice(Fixture *fixture, gconstpointer unused) {
    for (int i = 0; i < 2; i++) {
        attach(fixture);
        if (i == 0)
            submit(fixture, 7, 1);
        converter_host_dispatch(fixture->host, true);
        next_batch(fixture, 1);
        leave(fixture);
    }
    g_assert_cmpstr(fixture->answers->str, ==, "7:0: ");
}

/* One that will not come back: what waits is answered, and nothing is asked for any more. */
static void test_gone(Fixture *fixture, gconstpointer unused) {
    attach(fixture);
    g_assert_true(converter_host_is_there(fixture->host));
    leave(fixture);
    g_assert_true(converter_host_is_there(fixture->host)); /* it is being started again */
    submit(fixture, 3, 1);
    converter_host_attach(fixture->host, -1);
    g_assert_false(converter_host_is_there(fixture->host));
    g_assert_cmpstr(fixture->answers->str, ==, "3:0: ");
}

/* Wishes that break the rules are left out; their message is answered all the same. */
static void test_hostile_wishes(Fixture *fixture, gconstpointer unused) {
    attach(fixture);
    json_t *wishes = json_pack("[{s:s}, {s:s, s:s, s:s, s:s}, i]", "sha256", DIGEST, "sha256", "../x", "type",
                               "doc", "target", "docx", "data", "ZG9j", 5);
    converter_host_submit(fixture->host, wishes, GINT_TO_POINTER(9));
    json_decref(wishes);
    submit(fixture, 1, 1);
    converter_host_dispatch(fixture->host, true);
    say(fixture, next_batch(fixture, 1), json_pack("[{s:i}]", "bytes", 3), "abc");
    g_assert_cmpstr(fixture->answers->str, ==, "9:0: 1:1:abc ");
}

/* Removed with what is in it; a link is removed, not followed; another's folder stays while it lives. */
static void test_folder(void) {
    g_autofree char *base = g_dir_make_tmp("converter-XXXXXX", NULL);
    g_autofree char *precious = g_build_filename(base, "precious", NULL);
    g_assert_true(g_file_set_contents(precious, "x", 1, NULL));
    ConverterFolder *first = converter_folder_new(base, NULL);
    g_autofree char *path = g_strdup(converter_folder_path(first));
    g_autofree char *below = g_build_filename(path, "a", "b", NULL);
    g_autofree char *link_path = g_build_filename(path, "a", "link", NULL);
    g_assert_cmpint(g_mkdir_with_parents(below, 0700), ==, 0);
    g_assert_cmpint(symlink(base, link_path), ==, 0);
    ConverterFolder *second = converter_folder_new(base, NULL);
    g_assert_true(g_file_test(below, G_FILE_TEST_IS_DIR));
    converter_folder_free(second);
    converter_folder_free(first);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(precious, G_FILE_TEST_EXISTS));
    g_unlink(precious);
    g_assert_cmpint(g_rmdir(base), ==, 0);
}

/* A first reading wishes once for each document, a second reads what it became; too large a one is a limit.
 */
static void test_wishes(void) {
    static const char text[] = "{\\rtf1 x}";
    g_autoptr(GBytes) rtf = g_bytes_new_static(text, strlen(text));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Conversions) first = conversions_new(NULL);
    bool is_converted = true;
    for (int i = 0; i < 2; i++)
        g_assert_null(conversions_read(first, rtf, FILE_RTF, "a.rtf", problems, &is_converted));
    g_assert_false(is_converted);
    g_assert_true(problem_list_has(problems, PROBLEM_UNSUPPORTED));
    g_assert_cmpuint(conversions_wishes(first)->len, ==, 1);
    const ConversionWish *wish = conversions_wishes(first)->pdata[0];
    g_assert_cmpint(wish->target, ==, FILE_DOCX);

    g_autoptr(Conversions) second = conversions_new("Office 1");
    g_autoptr(GBytes) broken = g_bytes_new_static("no docx", 7);
    conversions_add(second, wish->sha256, FILE_DOCX, broken);
    g_autoptr(Document) document = conversions_read(second, rtf, FILE_RTF, "a.rtf", problems, &is_converted);
    g_assert_true(is_converted);
    g_assert_cmpuint(conversions_wishes(second)->len, ==, 0);
    g_assert_true(problem_list_has(problems, PROBLEM_DAMAGED));

    char *much = g_malloc0(CONVERSION_PART_BYTES + 1);
    g_autoptr(GBytes) large = g_bytes_new_take(much, CONVERSION_PART_BYTES + 1);
    g_assert_null(conversions_read(first, large, FILE_RTF, "b.rtf", problems, &is_converted));
    g_assert_true(problem_list_has(problems, PROBLEM_LIMIT));
    g_assert_cmpuint(conversions_wishes(first)->len, ==, 1);
}

/* LibreOffice opens a compound file that it does not know as text in latin letters: that is no content. */
static void test_taken_for_text(void) {
    static const char html[] = "<meta charset=utf-8><p>\u00D0\u00CF\u00E0\u00A1";
    /* a header that says sectors of 512 bytes, and an empty directory */
    static const guint8 compound[1024] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, [30] = 9};
    g_autoptr(GBytes) data = g_bytes_new_static(compound, sizeof compound),
                      plain = g_bytes_new_static("{\\rtf1", 6);
    g_autoptr(GBytes) stand_in = g_bytes_new_static(html, strlen(html));
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Conversions) conversions = conversions_new("Office 1");
    for (int i = 0; i < 2; i++) {
        g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, i ? data : plain);
        conversions_add(conversions, digest, FILE_HTML, stand_in);
        bool is_converted = false;
        g_autoptr(Document) document =
            conversions_read(conversions, i ? data : plain, FILE_RTF, "a.rtf", problems, &is_converted);
        g_assert_true(is_converted);
        g_assert_cmpint(document != NULL, ==, i == 0);
        g_assert_cmpint(problem_list_has(problems, PROBLEM_DAMAGED), ==, i == 1);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    log_init(NULL, LOG_ERROR);
    g_test_add("/converter/batch", Fixture, NULL, set_up, test_batch, tear_down);
    g_test_add("/converter/liar", Fixture, NULL, set_up, test_liar, tear_down);
    g_test_add("/converter/died-twice", Fixture, NULL, set_up, test_died_twice, tear_down);
    g_test_add("/converter/gone", Fixture, NULL, set_up, test_gone, tear_down);
    g_test_add("/converter/hostile-wishes", Fixture, NULL, set_up, test_hostile_wishes, tear_down);
    g_test_add_func("/converter/folder", test_folder);
    g_test_add_func("/converter/wishes", test_wishes);
    g_test_add_func("/converter/taken_for_text", test_taken_for_text);
    return g_test_run();
}
