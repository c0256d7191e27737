#include "gateway/io/conf_file.h"

#include <glib/gstdio.h>
#include <string.h>

#include "gateway/core/error.h"

static void test_durations(void) {
    static const struct {
        const char *text;
        gint64 seconds; /* -1: refused */
    } CASES[] = {{"90s", 90},     {"15m", 900},      {"24h", 86400}, {"3d", 259200},
                 {"2w", 1209600}, {"1.5h", 5400},    {"10", -1},     {"", -1},
                 {"h", -1},       {"5 parsecs", -1}, {"1e99d", -1},  {"15 m", 900}};
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 seconds = -1;
        g_test_message("\"%s\"", CASES[i].text);
        g_assert_cmpint(conf_parse_duration(CASES[i].text, &seconds), ==, CASES[i].seconds >= 0);
        g_assert_cmpint(seconds, ==, CASES[i].seconds);
    }
}

static void test_sizes(void) {
    static const struct {
        const char *text;
        gint64 bytes; /* -1: refused */
    } CASES[] = {{"4096", 4096}, {"50MB", 50000000}, {"72MiB", 75497472}, {"1GiB", 1073741824},
                 {"-1MB", -1},   {"9999999GB", -1},  {"1 TB", -1}};
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 bytes = -1;
        g_test_message("\"%s\"", CASES[i].text);
        g_assert_cmpint(conf_parse_size(CASES[i].text, &bytes), ==, CASES[i].bytes >= 0);
        g_assert_cmpint(bytes, ==, CASES[i].bytes);
    }
}

static void test_times(void) {
    static const struct {
        const char *text;
        int second; /* -1: refused */
    } CASES[] = {{"00:00", 0}, {"23:59", 86340}, {"23:59:59", 86399}, {"8:30", 30600}, {"24:00", -1},
                 {"12", -1},   {"12:60", -1},    {"1:2:3:4", -1},     {"012:00", -1}};
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        int second = -1;
        g_test_message("\"%s\"", CASES[i].text);
        g_assert_cmpint(conf_parse_time(CASES[i].text, &second), ==, CASES[i].second >= 0);
        g_assert_cmpint(second, ==, CASES[i].second);
    }
}

static const char *const COLOURS[] = {"red", "green", NULL};
static const ConfKey INNER[] = {{"port", CONF_INTEGER, .required = true, .min = 1, .max = 65535},
                                {NULL, CONF_ANY}};
static const ConfKey KEYS[] = {
    {"name", CONF_STRING, .required = true},
    {"colour", CONF_CHOICE, .choices = COLOURS},
    {"wait", CONF_DURATION, .min = 60, .max = 3600},
    {"day", CONF_DATE},
    {"who", CONF_ADDRESS},
    {"title", CONF_TITLE},
    {"days", CONF_INTEGERS, .min = 1, .max = 31},
    {"server", CONF_GROUP, .keys = INNER},
    {"servers", CONF_LIST, .keys = INNER},
    {NULL, CONF_ANY},
};

/* Every mistake names file, line, key and what is allowed. */
static void test_mistakes(void) {
    static const struct {
        const char *text, *expected; /* part of the message, after "FILE:" */
    } CASES[] = {
        {"name = \"a\";\nnmae = \"b\";\n", "2: nmae: unknown key; did you mean \"name\"?"},
        {"name = \"a\";\ncolour = \"blue\";\n",
         "2: colour: \"blue\" is not allowed; allowed: \"red\", \"green\""},
        {"colour = \"red\";\n", ": name: is missing"},
        {"name = 5;\n", "1: name: must be a text in quotes"},
        {"name = \"a\";\n\nwait = \"5s\";\n", "3: wait: \"5s\" is out of range; allowed: 60 to 3600 seconds"},
        {"name = \"a\"; wait = 60;\n", "1: wait: must be a duration in quotes"},
        {"name = \"a\"; day = \"2016-02-30\";\n", "1: day: must be a date"},
        {"name = \"a\"; who = \"a b@c\";\n", "1: who: must be one e-mail address"},
        {"name = \"a\"; days = [13, 32];\n", "1: days: entry 2 must be a whole number from 1 to 31"},
        {"name = \"a\"; server = { port = 70000; };\n",
         "1: server.port: 70000 is out of range; allowed: 1 to 65535"},
        {"name = \"a\"; servers = ( { port = 1; }, { prot = 2; } );\n",
         "1: servers[1].prot: unknown key; did you mean \"port\"?"},
        {"name = \"a\"\nday = ;\n", "2: syntax error"},
        {"name = \"\xc4\xe3\";\n", "1: the file must be UTF-8"},
    };
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "fortnight-conf-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    g_assert_cmpint(fd, >=, 0);
    g_close(fd, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(path, CASES[i].text, -1, NULL));
        g_assert_null(conf_file_load(path, KEYS, &error));
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
        g_test_message("%s", error->message);
        g_assert_true(g_str_has_prefix(error->message, path));
        g_assert_nonnull(strstr(error->message, CASES[i].expected));
    }
    g_unlink(path);
}

static void test_values(void) {
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "fortnight-conf-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    g_close(fd, NULL);
    /* a byte order mark, Windows line ends, a duration and a title in one language */
    static const char TEXT[] = "\xef\xbb\xbfname = \"甲\";\r\nwait = \"15m\";\r\ntitle = { zh = \"双周报\"; "
                               "};\r\nservers = ( { port = 993; } );\r\n";
    g_assert_true(g_file_set_contents(path, TEXT, -1, NULL));
    g_autoptr(GError) error = NULL;
    json_t *json = conf_file_load(path, KEYS, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(json_string_value(json_object_get(json, "name")), ==, "甲");
    g_assert_cmpint(json_integer_value(json_object_get(json, "wait")), ==, 900);
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(json, "title"), "en")), ==, "双周报");
    g_assert_cmpuint(json_array_size(json_object_get(json, "servers")), ==, 1);
    g_assert_cmpuint(conf_file_line(path, "servers[0].port"), ==, 4);
    json_decref(json);
    g_unlink(path);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conf_file/durations", test_durations);
    g_test_add_func("/conf_file/sizes", test_sizes);
    g_test_add_func("/conf_file/times", test_times);
    g_test_add_func("/conf_file/mistakes", test_mistakes);
    g_test_add_func("/conf_file/values", test_values);
    return g_test_run();
}
