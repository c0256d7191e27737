/* What short texts say about a period. */
#include "parsers/period_words.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *text, *said; /* said: compact JSON, or NULL */
} cases[] = {
    {"双周报6.14-6.27", "{\"end\":\"2016-06-27\",\"start\":\"2016-06-14\"}"},
    {"计算机科学与技术学院大学生心理协会6月14日至27日双周报",
     "{\"end\":\"2016-06-27\",\"start\":\"2016-06-14\"}"},
    {"2016年第1期（6.14-6.27）", "{\"end\":\"2016-06-27\",\"start\":\"2016-06-14\"}"},
    {"双周报0614-0627", "{\"end\":\"2016-06-27\",\"start\":\"2016-06-14\"}"},
    {"六月十四日至六月二十七日", "{\"end\":\"2016-06-27\",\"start\":\"2016-06-14\"}"},
    {"12.28-1.13", "{\"end\":\"2016-01-13\",\"start\":\"2015-12-28\"}"},
    {"07/09/2016 - 11/09/2016", "{\"end\":\"2016-09-11\",\"start\":\"2016-09-07\"}"},
    {"9/7/2016 - 9/11/2016", "{\"end\":\"2016-09-11\",\"start\":\"2016-09-07\"}"},
    {"07.09.16 – 11.09.16", "{\"end\":\"2016-09-11\",\"start\":\"2016-09-07\"}"},
    {"6月下半月双周报", "{\"end\":\"2016-06-30\",\"start\":\"2016-06-16\",\"words\":true}"},
    {"2016年6月份上半月", "{\"end\":\"2016-06-15\",\"start\":\"2016-06-01\",\"words\":true}"},
    {"双周报（六月下）", "{\"end\":\"2016-06-30\",\"start\":\"2016-06-16\",\"words\":true}"},
    {"6月第二期", "{\"month\":\"2016-06\",\"turn\":2}"},
    {"第3期双周报", "{\"number\":3}"},
    {"第３期", "{\"number\":3}"},
    {"双周报（总第十二期）", "{\"number\":12}"},
    {"2017年第1期", "{\"number\":1,\"year\":2017}"},
    {"期数：4", "{\"number\":4}"},
    {"Weekly report, week 12", "{\"number\":12,\"week\":true}"},
    {"Week no. 3", "{\"number\":3,\"week\":true}"},
    {"Report 3", "{\"number\":3}"},
    {"Week commencing Monday 6 June", "{\"day\":\"2016-06-06\",\"named\":true}"},
    {"Rowing Club - w/e 10 June 2016", "{\"day\":\"2016-06-10\",\"named\":true}"},
    {"截至6月27日", "{\"day\":\"2016-06-27\",\"named\":true}"},
    {"Weekly report 14 June 2016", "{\"day\":\"2016-06-14\"}"},
    {"双周报20160626", "{\"day\":\"2016-06-26\"}"},
    {"双周报", NULL},
    {"Weekly report", NULL},
    {"第一临床学院学生会双周报", NULL},
    {"上半年工作总结", NULL},
    {"第999期", NULL},
    {"6月上半年", NULL},
    {"", NULL},
    {"\xff\xfe第", NULL},
};

static void test_words(void) {
    GDate reference;
    g_date_clear(&reference, 1);
    g_date_set_dmy(&reference, 28, G_DATE_JUNE, 2016);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *said = period_words_read(cases[i].text, &reference);
        g_autofree char *text = said != NULL ? json_dumps(said, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
        if (g_strcmp0(text, cases[i].said) != 0)
            g_error("“%s”: %s", cases[i].text, text != NULL ? text : "nothing");
        json_decref(said);
    }
}

/* Without a day to count from, what has no year says nothing; long texts end. */
static void test_limits(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 50000; i++)
        g_string_append(text, "1月第");
    json_t *said = period_words_read(text->str, NULL);
    json_decref(said);
    g_assert_null(period_words_read("6月下半月", NULL));
    g_assert_null(period_words_read("6.14-6.27", NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/period_words/words", test_words);
    g_test_add_func("/period_words/limits", test_limits);
    return g_test_run();
}
