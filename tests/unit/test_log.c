/* A line of the log stays one line, and a value can neither break it nor pretend to be another field. */
#include "gateway/io/log.h"

#include <string.h>

#define RENDER(role, event, ...)                                                                             \
    log_render(role, event, (const LogField[]){__VA_ARGS__},                                                 \
               sizeof((const LogField[]){__VA_ARGS__}) / sizeof(LogField))

static void test_order(void) {
    g_autofree char *line =
        RENDER(NULL, "intake.accepted", LOG_TEXT("form", "biweekly"), LOG_ID("m", "4f1c9a02"),
               LOG_NUMBER("org", 12), LOG_TEXT("period", "2016-06-13"));
    g_assert_cmpstr(line, ==, "m=4f1c9a02 intake.accepted form=biweekly org=12 period=2016-06-13");
    g_autofree char *with_role = RENDER("keeper", "poll.done", LOG_NUMBER("messages", -3));
    g_assert_cmpstr(with_role, ==, "poll.done role=keeper messages=-3");
    g_autofree char *bare = log_render(NULL, "keeper.ready", NULL, 0);
    g_assert_cmpstr(bare, ==, "keeper.ready");
    g_autofree char *numbered = RENDER(NULL, "letter.sent", LOG_ID_NUMBER("l", 7));
    g_assert_cmpstr(numbered, ==, "l=7 letter.sent");
}

static void test_values(void) {
    static const struct {
        const char *value, *expected, *why;
    } cases[] = {
        {"plain", "e k=plain", "a word stays as it is"},
        {"two words", "e k=\"two words\"", "a space would start another field"},
        {"", "e k=\"\"", "empty is seen"},
        {NULL, "e k=\"\"", "so is nothing"},
        {"a\nnotice m=1 intake.accepted", "e k=\"a\\u000anotice m=1 intake.accepted\"", "no second line"},
        {"a\" x=\"1", "e k=\"a\\\" x=\\\"1\"", "no way out of the quotes"},
        {"back\\", "e k=\"back\\\\\"", "nor by escaping the quote"},
        {"\x1b[2J", "e k=\"\\u001b[2J\"", "no terminal codes"},
        {"a=b", "e k=\"a=b\"", "no field in a value"},
        {"\xe2\x80\xae"
         "abc",
         "e k=\"\\u202eabc\"", "no bidi override"},
        {"双周报", "e k=\"双周报\"", "text of other scripts is readable"},
        {"\xff\xfe", "e k=\"\xef\xbf\xbd\xef\xbf\xbd\"", "invalid bytes are replaced"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *line = RENDER(NULL, "e", LOG_TEXT("k", cases[i].value));
        g_assert_cmpstr(line, ==, cases[i].expected);
    }
}

static void test_long_value(void) {
    g_autofree char *value = g_strnfill(100000, 'x');
    g_autofree char *line = RENDER(NULL, "e", LOG_TEXT("k", value));
    g_assert_cmpuint(strlen(line), <, 500);
}

static void test_levels(void) {
    LogLevel level;
    g_assert_true(log_level_parse("warning", &level));
    g_assert_cmpint(level, ==, LOG_WARNING);
    g_assert_cmpstr(log_level_name(LOG_ERROR), ==, "error");
    g_assert_false(log_level_parse("loud", &level));
}

static void print_in_child(void) {
    log_init("reader", LOG_NOTICE);
    log_event(LOG_INFO, "not.shown");
    log_event(LOG_WARNING, "shown.event", LOG_NUMBER("n", 1));
    g_log("Poppler", G_LOG_LEVEL_MESSAGE, "text of a private letter");
}

static void test_output(void) {
    if (g_test_subprocess()) {
        print_in_child();
        return;
    }
    g_unsetenv("JOURNAL_STREAM");
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("20*T*Z warning shown.event role=reader n=1\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log/order", test_order);
    g_test_add_func("/log/values", test_values);
    g_test_add_func("/log/long-value", test_long_value);
    g_test_add_func("/log/levels", test_levels);
    g_test_add_func("/log/output", test_output);
    return g_test_run();
}
