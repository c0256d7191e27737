#include "parsers/mail_date.h"

typedef struct {
    const char *text;
    const char *expected; /* in UTC; NULL: no date */
    int offset_s;
} Case;

static const Case CASES[] = {
    {"Mon, 13 Jun 2016 10:00:00 +0800", "2016-06-13T02:00:00Z", 28800},
    {"Mon, 13 Jun 2016 10:00:00 +0800 (CST)", "2016-06-13T02:00:00Z", 28800},
    {"Mon, 13 Jun 2016 10:00:00 CST", "2016-06-13T02:00:00Z", 28800},
    {"13 Jun 16 10:00 GMT", "2016-06-13T10:00:00Z", 0},
    {"Mon, 13 Jun 2016 10:00:00 -0330", "2016-06-13T13:30:00Z", -12600},
    {"Mon, 13 Jun 2016 10:00:00 GMT+0800", "2016-06-13T02:00:00Z", 28800},
    {"Mon, 13 Jun 2016 10:00:00 GMT +08:00", "2016-06-13T02:00:00Z", 28800},
    {"Mon Jun 13 10:00:00 2016", "2016-06-13T02:00:00Z", 28800},
    {"Mon Jun 13 10:00:00 PDT 2016", "2016-06-13T17:00:00Z", -25200},
    {"2016-6-13 10:00", "2016-06-13T02:00:00Z", 28800},
    {"2016/06/13 10:00:00 +0000", "2016-06-13T10:00:00Z", 0},
    {"2016-06-13T10:00:00Z", "2016-06-13T10:00:00Z", 0},
    {"2016-06-13T10:00:00.123+08:00", "2016-06-13T02:00:00Z", 28800},
    {"13-Jun-2016 10:00:00 +0800", "2016-06-13T02:00:00Z", 28800},
    {"Mon, 13 Jun 2016 10:00:60 +0800", "2016-06-13T02:00:59Z", 28800},
    {"Mon , 13 (day) Jun (month) 2016 10:00", "2016-06-13T02:00:00Z", 28800},
    {"Mon, 13 Jun 2016 1:05:00 PM +0800", "2016-06-13T05:05:00Z", 28800},
    {"30 Feb 2016 10:00:00 +0800", NULL, 0},
    {"Mon, 13 Jun 1066 10:00:00 +0800", NULL, 0},
    {"tomorrow", NULL, 0},
    {"", NULL, 0},
    {"99999999999999999999 Jun 2016", NULL, 0},
};

static void test_parse(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        gint64 time_s = -7;
        int offset_s = -7;
        g_test_message("%s", CASES[i].text);
        bool found = mail_date_parse(CASES[i].text, &time_s, &offset_s);
        g_assert_cmpint(found, ==, CASES[i].expected != NULL);
        if (!found) {
            g_assert_cmpint(time_s, ==, -7);
            continue;
        }
        g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(time_s);
        g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
        g_assert_cmpstr(text, ==, CASES[i].expected);
        g_assert_cmpint(offset_s, ==, CASES[i].offset_s);
    }
    g_assert_false(mail_date_parse(NULL, NULL, NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-date/parse", test_parse);
    return g_test_run();
}
