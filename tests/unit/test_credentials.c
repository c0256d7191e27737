/* Where a password may come from, and what is refused with which remedy. */
#include "gateway/io/credentials.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/core/error.h"
#include "gateway/io/clock.h"
#include "gateway/io/spawn.h"

static char *folder;

static char *write_file(const char *name, const char *text, gssize length, int mode) {
    char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, length, NULL));
    g_assert_cmpint(g_chmod(path, mode), ==, 0);
    return path;
}

static char *read_secret(json_t *server, GError **error) {
    char *secret = credentials_read(server, error);
    json_decref(server);
    return secret;
}

static void test_file(void) {
    g_autofree char *long_text = g_strnfill(5000, 'x');
    const struct {
        const char *text;
        gssize length;
        int mode;
        const char *secret, *message; /* one of them */
    } cases[] = {
        {"secret", -1, 0600, "secret", NULL},
        {"secret\n", -1, 0400, "secret", NULL},
        {"secret\r\nanother line\n", -1, 0600, "secret", NULL},
        {" with spaces \n", -1, 0600, " with spaces ", NULL},
        {"授权码", -1, 0600, "授权码", NULL},
        {"", 0, 0600, NULL, "first line is empty"},
        {"\nsecret", -1, 0600, NULL, "first line is empty"},
        {"se\0cret", 7, 0600, NULL, "not valid UTF-8"},
        {"\xff\xfe", 2, 0600, NULL, "not valid UTF-8"},
        {"secret", -1, 0640, NULL, "chmod 600"},
        {"secret", -1, 0604, NULL, "chmod 600"},
        {long_text, -1, 0600, NULL, "too long"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_file("password", cases[i].text, cases[i].length, cases[i].mode);
        g_autoptr(GError) error = NULL;
        char *secret = read_secret(json_pack("{s:s}", "password_file", path), &error);
        g_assert_cmpstr(secret, ==, cases[i].secret);
        if (cases[i].message != NULL) {
            g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
            g_assert_nonnull(strstr(error->message, cases[i].message));
            g_assert_null(strstr(error->message, "secret"));
        }
        credentials_clear(secret);
    }
}

static void test_no_file(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(read_secret(json_pack("{s:s}", "password_file", "/nonexistent/password"), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_clear_error(&error);
    g_assert_null(read_secret(json_pack("{s:s}", "password_file", folder), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_clear_error(&error);
    g_assert_null(read_secret(json_object(), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
}

static void test_command(void) {
    static const struct {
        const char *words[4];
        const char *secret, *message;
    } cases[] = {
        {{"printf", "%s\\n", "token"}, "token", NULL},
        {{"printf", "%s", "$HOME;ls"}, "$HOME;ls", NULL}, /* no shell */
        {{"sh", "-c", "echo token; exit 3"}, NULL, "exit status 3"},
        {{"sh", "-c", "kill -9 $$"}, NULL, "signal 9"},
        {{"/nonexistent/helper"}, NULL, "cannot be started"},
        {{"true"}, NULL, "first line is empty"},
        {{"head", "-c9000", "/dev/zero"}, NULL, "more than 4096"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *words = json_array();
        for (gsize n = 0; n < 4 && cases[i].words[n] != NULL; n++)
            json_array_append_new(words, json_string(cases[i].words[n]));
        g_autoptr(GError) error = NULL;
        char *secret = read_secret(json_pack("{s:o}", "password_command", words), &error);
        g_assert_cmpstr(secret, ==, cases[i].secret);
        if (cases[i].message != NULL) {
            g_assert_nonnull(error);
            g_assert_nonnull(strstr(error->message, cases[i].message));
        }
        credentials_clear(secret);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(read_secret(json_pack("{s:[]}", "password_command"), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
}

/* A command that hangs is ended with all that it started, also where its output stays open or is closed
 * early. */
static void test_command_hangs(void) {
    char *const commands[][4] = {
        {(char *)"sh", (char *)"-c", (char *)"sleep 60 & sleep 60", NULL},
        {(char *)"sh", (char *)"-c", (char *)"exec >&-; sleep 60", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
        gint64 start_ms = clock_monotonic_ms();
        gsize length;
        g_autoptr(GError) error = NULL;
        g_assert_null(spawn_capture(commands[i], 100, 200, &length, &error));
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_TEMPORARY);
        g_assert_cmpint(clock_monotonic_ms() - start_ms, <, 5000);
    }
}

/* A command gets no descriptor of ours. */
static void test_command_descriptors(void) {
    int leak = fcntl(STDERR_FILENO, F_DUPFD, 50); /* without close-on-exec, as a library might leave one */
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)"ls /proc/self/fd | wc -l", NULL};
    gsize length;
    g_autoptr(GError) error = NULL;
    g_autofree char *output = spawn_capture(argv, 100, 10000, &length, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(g_strstrip(output), ==, "4"); /* 0, 1, 2 and the folder that ls reads */
    close(leak);
}

static void test_systemd(void) {
    g_autofree char *path = write_file("imap-pass", "secret\n", -1, 0440);
    g_autoptr(GError) error = NULL;
    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_assert_null(read_secret(json_pack("{s:s}", "credential", "imap-pass"), &error));
    g_assert_nonnull(strstr(error->message, "LoadCredential="));
    g_clear_error(&error);

    g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
    char *secret = read_secret(json_pack("{s:s}", "credential", "imap-pass"), &error);
    g_assert_cmpstr(secret, ==, "secret");
    credentials_clear(secret);
    g_assert_null(read_secret(json_pack("{s:s}", "credential", "../imap-pass"), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_clear_error(&error);
    g_assert_null(read_secret(json_pack("{s:s}", "credential", "smtp-pass"), &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("fortnight-XXXXXX", NULL);
    g_test_add_func("/credentials/file", test_file);
    g_test_add_func("/credentials/no-file", test_no_file);
    g_test_add_func("/credentials/command", test_command);
    g_test_add_func("/credentials/command-hangs", test_command_hangs);
    g_test_add_func("/credentials/command-descriptors", test_command_descriptors);
    g_test_add_func("/credentials/systemd", test_systemd);
    int status = g_test_run();
    static const char *const names[] = {"password", "imap-pass"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return status;
}
