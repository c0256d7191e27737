/* Which period people mean. */
#include "gateway/core/period_choice.h"

#include "tests/unit/world.h"

static const struct {
    const char *at, *text, *expected; /* expected: "obligation/key", NULL: none */
} choices[] = {
    {"2016-06-24T09:00", "", "report/2016-06-27"},
    {"2016-06-29T09:00", "", "report/2016-06-27"}, /* young: the last one is talked about */
    {"2016-07-08T09:00", "", "report/2016-07-13"},
    {"2016-06-29T09:00", "本期", "report/2016-07-13"},
    {"2016-07-08T09:00", "上期", "report/2016-06-27"},
    {"2016-07-08T09:00", "last", "report/2016-06-27"},
    {"2016-07-08T09:00", "2016-06-27", "report/2016-06-27"},
    {"2016-07-08T09:00", "report/2016-06-27", "report/2016-06-27"},
    {"2016-07-08T09:00", "双周报 6月27日", "report/2016-06-27"},
    {"2016-07-08T09:00", "6-27", "report/2016-06-27"},
    {"2016-07-08T09:00", "2016年6月27日", "report/2016-06-27"},
    {"2016-07-08T09:00", "2016-06-20", "receipt/2016-06-20"},
    {"2016-07-08T09:00", "receipt", "receipt/2016-06-20"},
    {"2016-07-08T09:00", "2016-06-28", NULL},
    {"2016-07-08T09:00", "2016-02-30", NULL},
    {"2016-07-08T09:00", "明天", NULL},
    {"2016-07-08T09:00", "99999-1", NULL},
    {"2016-07-08T09:00", "nothing/2016-06-27", NULL},
};

static void test_choices(void) {
    g_autoptr(World) world = world_new();
    const Programme *programme = world->programme;
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++) {
        const Obligation *obligation;
        g_autoptr(Period) period = NULL;
        gint64 now_s = at(choices[i].at);
        g_autofree char *chosen = period_choose(programme, choices[i].text, now_s, &obligation, &period)
                                      ? g_strdup_printf("%s/%s", obligation->id, period->key)
                                      : NULL;
        g_test_message("%s: %s", choices[i].at, choices[i].text);
        g_assert_cmpstr(chosen, ==, choices[i].expected);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/period_choice/choices", test_choices);
    return g_test_run();
}
