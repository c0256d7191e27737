/* A term in fast motion: the same plan() in a loop, with what arrives meanwhile. */
#include "gateway/core/simulate.h"

#include <string.h>

#include "tests/unit/world.h"

static Submission *report_of(gint64 org_id, const char *period, gint64 received_s) {
    Submission *submission = g_new0(Submission, 1);
    submission->org_id = org_id;
    submission->form = g_strdup("report");
    submission->obligation = g_strdup("report");
    submission->period = g_strdup(period);
    submission->revision = 1;
    submission->received_s = submission->revised_s = received_s;
    submission->on_time = true;
    submission->fields = json_object();
    submission->tables = json_object();
    submission->problems = json_array();
    return submission;
}

static void event_clear(gpointer data) {
    submission_free(((SimulatedEvent *)data)->submission);
}

static void add_event(GArray *events, const char *when, gint64 org_id, const char *period) {
    SimulatedEvent event = {.at_s = at(when), .submission = report_of(org_id, period, at(when))};
    g_array_append_val(events, event);
}

static GArray *events_new(void) {
    GArray *events = g_array_new(FALSE, FALSE, sizeof(SimulatedEvent));
    g_array_set_clear_func(events, event_clear);
    return events;
}

/* A line a letter, in order of time. */
static char *log_of(const GPtrArray *letters) {
    GString *text = g_string_new(NULL);
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
    for (guint i = 0; i < letters->len; i++) {
        const SimulatedLetter *letter = g_ptr_array_index(letters, i);
        GDate day;
        int second;
        char date[CALENDAR_DAY_BYTES];
        calendar_local(zone, MAX(letter->at_s, letter->letter->not_before_s), &day, &second);
        calendar_day_format(&day, date);
        g_string_append_printf(text, "%s %02d:%02d %s%s%s\n", date, second / 3600, second / 60 % 60,
                               letter->letter->key,
                               letter->sent ? "" : " not: ", letter->sent ? "" : letter->cancelled_reason);
    }
    return g_string_free(text, FALSE);
}

static void test_story(void) {
    g_autoptr(World) world = world_new();
    world_organization(world, 1, "甲社", "one@example.edu.cn");
    world_organization(world, 2, "乙社", "two@example.edu.cn");
    g_ptr_array_remove_index(world->programme->obligations, 0); /* reports only */
    g_autoptr(GArray) events = events_new();
    add_event(events, "2016-06-25T10:00", 1, "2016-06-27");
    add_event(events, "2016-06-29T10:00", 2, "2016-06-27");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = simulate(view, events, at("2016-06-20T00:00"), at("2016-07-05T00:00"));
    g_autofree char *log = log_of(letters);
    g_assert_cmpstr(log, ==,
                    "2016-06-24 09:00 remind/report/2016-06-27/T-3d/org1\n"
                    "2016-06-24 09:00 remind/report/2016-06-27/T-3d/org2\n"
                    "2016-06-26 09:00 remind/report/2016-06-27/T-1d/org2\n"
                    "2016-06-27 08:30 remind/report/2016-06-27/T-0d/org2\n"
                    "2016-06-28 08:00 summary/report/2016-06-27/leader@example.edu.cn\n"
                    "2016-06-28 08:00 summary/report/2016-06-27/supervisor@example.edu.cn\n"
                    "2016-06-28 09:00 overdue/report/2016-06-27/T+1d/org2\n");
}

/* A letter that waited for the morning is not sent if the report came in the night. */
static void test_cancelled(void) {
    g_autoptr(World) world = world_new();
    world_organization(world, 1, "甲社", "one@example.edu.cn");
    g_ptr_array_remove_index(world->programme->obligations, 0);
    world->programme->quiet_from_second = 8 * 3600 + 1800;
    world->programme->quiet_to_second = 12 * 3600;
    g_autoptr(GArray) events = events_new();
    add_event(events, "2016-06-24T10:00", 1, "2016-06-27");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = simulate(view, events, at("2016-06-20T00:00"), at("2016-06-27T00:00"));
    g_autofree char *log = log_of(letters);
    g_assert_cmpstr(log, ==, "2016-06-24 12:00 remind/report/2016-06-27/T-3d/org1 not: 其间已经收到\n");
}

/* 200 organizations over half a year: nobody is written to who has submitted, no key comes twice. */
static void test_term(void) {
    g_autoptr(World) world = world_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    g_ptr_array_remove_index(world->programme->obligations, 0);
    static const char *const periods[] = {"2016-09-13", "2016-09-27", "2016-10-13", "2016-10-27",
                                          "2016-11-13", "2016-11-27", "2016-12-13", "2016-12-27"};
    calendar_day_parse("2016-09-13", &((Obligation *)world_obligation(world, "report"))->schedule.first_due);
    for (gint64 id = 1; id <= 200; id++) {
        g_autofree char *name = g_strdup_printf("组织%d", (int)id);
        g_autofree char *address = g_strdup_printf("org%d@example.edu.cn", (int)id);
        world_organization(world, id, name, id % 20 == 0 ? NULL : address);
    }
    g_autoptr(GArray) events = events_new();
    g_autoptr(GHashTable) arrivals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (gsize i = 0; i < G_N_ELEMENTS(periods); i++) {
        GDate due;
        calendar_day_parse(periods[i], &due);
        gint64 noon_s = calendar_instant(world->programme->zone, &due, 43200);
        GArray *round = g_array_new(FALSE, FALSE, sizeof(gint64));
        for (gint64 id = 1; id <= 200; id++)
            if (g_rand_int_range(random, 0, 10) != 0)
                g_array_append_val(round, id);
        for (guint j = 0; j < round->len; j++) {
            gint64 id = g_array_index(round, gint64, j);
            gint64 at_s = noon_s - 6 * 86400 + (gint64)j * 2500;
            SimulatedEvent event = {.at_s = at_s, .submission = report_of(id, periods[i], at_s)};
            g_array_append_val(events, event);
            gint64 *arrival = g_new(gint64, 1);
            *arrival = at_s;
            g_hash_table_insert(arrivals, g_strdup_printf("%s/org%d", periods[i], (int)id), arrival);
        }
        g_array_unref(round);
    }
    g_autoptr(View) view = view_new(world->snapshot);
    g_test_timer_start();
    g_autoptr(GPtrArray) letters = simulate(view, events, at("2016-09-01T00:00"), at("2017-01-31T00:00"));
    double elapsed_s = g_test_timer_elapsed();
    g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < letters->len; i++) {
        const SimulatedLetter *letter = g_ptr_array_index(letters, i);
        g_assert_true(g_hash_table_add(keys, letter->letter->key));
        if (letter->letter->org_id == 0)
            continue;
        g_assert_cmpint(letter->letter->org_id % 20, !=, 0);
        g_autofree char *owed =
            g_strdup_printf("%s/org%d", letter->letter->period, (int)letter->letter->org_id);
        const gint64 *arrival = g_hash_table_lookup(arrivals, owed);
        if (arrival != NULL && letter->sent)
            g_assert_cmpint(letter->at_s, <, *arrival);
    }
    g_test_message("%u letters in %.3f s", letters->len, elapsed_s);
    g_assert_cmpuint(letters->len, >, 1000);
    g_assert_cmpfloat(elapsed_s, <, 30.0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulate/story", test_story);
    g_test_add_func("/simulate/cancelled", test_cancelled);
    g_test_add_func("/simulate/term", test_term);
    return g_test_run();
}
