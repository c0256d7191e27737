/* What is left of a deadline, in milliseconds. */
#include "gateway/io/clock.h"

#include <unistd.h>

static void test_without_end(void) {
    g_assert_cmpint(clock_left_ms(-1), ==, -1);
}

/* A deadline of this very millisecond is over in the next one: it must never be read as "no deadline", which
 * poll(2) would wait out for ever. */
static void test_now(void) {
    const gint64 SPAN_MS = 200; /* as many changes of the millisecond, each a chance to be wrong */
    gint64 until_ms = clock_monotonic_ms() + SPAN_MS;
    for (gint64 now_ms = 0; now_ms < until_ms; now_ms = clock_monotonic_ms()) {
        int left_ms = clock_left_ms(now_ms > 0 ? now_ms : until_ms);
        g_assert_cmpint(left_ms, >=, 0);
        g_assert_cmpint(left_ms, <=, SPAN_MS);
    }
}

static void test_past_and_far(void) {
    g_assert_cmpint(clock_left_ms(0), ==, 0);
    g_assert_cmpint(clock_left_ms(G_MAXINT64), ==, G_MAXINT);
}

/* Work is counted, waiting is not. */
static void test_processor(void) {
    gint64 before_ms = clock_processor_ms(getpid());
    g_usleep(30000);
    gint64 waited_ms = clock_processor_ms(getpid()) - before_ms;
    volatile guint64 sum = 0;
    while (clock_processor_ms(getpid()) < before_ms + waited_ms + 50)
        sum += 1;
    g_assert_cmpint(waited_ms, <, 20);
    g_assert_cmpint(clock_processor_ms(-5), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/without-end", test_without_end);
    g_test_add_func("/clock/processor", test_processor);
    g_test_add_func("/clock/now", test_now);
    g_test_add_func("/clock/past-and-far", test_past_and_far);
    return g_test_run();
}
