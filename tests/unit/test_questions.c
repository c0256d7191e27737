/* The 24-hour clock of questions: every state × event, every boundary, whom each letter goes to. */
#include "gateway/core/questions.h"

#include "gateway/core/calendar.h"

#define HOUR 3600

static void test_states(void) {
    /* the same table a second time: what may happen, by hand */
    static const struct {
        QuestionState from;
        QuestionEvent event;
        QuestionState to;
    } allowed[] = {
        {QUESTION_OPEN, QUESTION_EVENT_PASS_ON, QUESTION_PASSED_ON},
        {QUESTION_OPEN, QUESTION_EVENT_ESCALATE, QUESTION_OVERDUE},
        {QUESTION_OPEN, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
        {QUESTION_OPEN, QUESTION_EVENT_CALM, QUESTION_CLOSED},
        {QUESTION_PASSED_ON, QUESTION_EVENT_ESCALATE, QUESTION_OVERDUE},
        {QUESTION_PASSED_ON, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
        {QUESTION_PASSED_ON, QUESTION_EVENT_CALM, QUESTION_CLOSED},
        {QUESTION_OVERDUE, QUESTION_EVENT_INQUIRE, QUESTION_INQUIRED},
        {QUESTION_OVERDUE, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
        {QUESTION_OVERDUE, QUESTION_EVENT_CALM, QUESTION_CLOSED},
        {QUESTION_INQUIRED, QUESTION_EVENT_EXPLAIN, QUESTION_EXPLAINED},
        {QUESTION_INQUIRED, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
        {QUESTION_INQUIRED, QUESTION_EVENT_CALM, QUESTION_CLOSED},
        {QUESTION_EXPLAINED, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
        {QUESTION_EXPLAINED, QUESTION_EVENT_CALM, QUESTION_CLOSED},
        {QUESTION_CLOSED, QUESTION_EVENT_ANSWER, QUESTION_ANSWERED},
    };
    guint found = 0;
    for (QuestionState from = 0; from < QUESTION_STATES; from++)
        for (QuestionEvent event = 0; event < QUESTION_EVENTS; event++) {
            QuestionState to = QUESTION_STATES, expected = QUESTION_STATES;
            for (gsize i = 0; i < G_N_ELEMENTS(allowed); i++)
                if (allowed[i].from == from && allowed[i].event == event)
                    expected = allowed[i].to;
            bool changed = question_next(from, event, &to);
            g_assert_cmpint(to, ==, expected);
            found += changed;
        }
    g_assert_cmpuint(found, ==, G_N_ELEMENTS(allowed));
}

static void test_clock(void) {
    const gint64 asked = 1000000;
    static const struct {
        gint64 known, released, now; /* after asked */
        QuestionState state;
        bool overdue;
    } rows[] = {
        {0, -1, 24 * HOUR - 1, QUESTION_OPEN, false},     /* 23:59:59 */
        {0, -1, 24 * HOUR, QUESTION_OPEN, true},          /* the instant itself */
        {0, -1, 24 * HOUR, QUESTION_PASSED_ON, true},     /**/
        {0, -1, 24 * HOUR, QUESTION_OVERDUE, false},      /* once */
        {0, -1, 24 * HOUR, QUESTION_ANSWERED, false},     /**/
        {0, -1, 24 * HOUR, QUESTION_CLOSED, false},       /**/
        {30 * HOUR, -1, 30 * HOUR, QUESTION_OPEN, true},  /* first known when it was late */
        {30 * HOUR, -1, 29 * HOUR, QUESTION_OPEN, false}, /* a clock that jumped back */
        {0, 25 * HOUR, 30 * HOUR, QUESTION_OPEN, false},  /* overdue before the release: history */
        {0, 23 * HOUR, 24 * HOUR, QUESTION_OPEN, true},   /* it becomes overdue after it */
        {26 * HOUR, 25 * HOUR, 26 * HOUR, QUESTION_OPEN, true},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        TrackedQuestion question = {
            .asked_s = asked, .known_s = asked + rows[i].known, .state = rows[i].state};
        gint64 released = asked + rows[i].released, now = asked + rows[i].now;
        if (question_is_overdue(&question, released, now) != rows[i].overdue)
            g_error("row %zu", i);
        gint64 next = question_next_instant(&question, released, now);
        g_assert_cmpint(next, >, now);
        if (!rows[i].overdue && next != G_MAXINT64 && next >= asked + 24 * HOUR)
            g_assert_true(question_is_overdue(&question, released, next));
    }
}

static void test_same_time(void) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {"2016-06-14T09:30", "2016-06-14T09:30", true},  {"2016-06-14T09:30", "2016-06-14T11:30", true},
        {"2016-06-14T09:30", "2016-06-14T11:31", false}, {"2016-06-14T09:30", "2016-06-14", true},
        {"2016-06-14T23:30", "2016-06-14", true},        {"2016-06-15T03:30", "2016-06-14", false},
        {"2016-06-13T21:00", "2016-06-14", false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 a, b;
        g_assert_true(calendar_time_parse(rows[i].a, zone, &a));
        g_assert_true(calendar_time_parse(rows[i].b, zone, &b));
        if (question_is_same_time(zone, a, b) != rows[i].same)
            g_error("%s %s", rows[i].a, rows[i].b);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/questions/states", test_states);
    g_test_add_func("/questions/clock", test_clock);
    g_test_add_func("/questions/same-time", test_same_time);
    return g_test_run();
}
