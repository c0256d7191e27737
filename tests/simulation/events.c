#include "tests/simulation/events.h"

#define HOUR_S 3600
#define DAY_S  86400

typedef struct {
    GRand *random;
    GArray *events;
    gint64 from_s, to_s;
} Draw;

static gint64 between(Draw *draw, gint64 low, gint64 high) {
    return low + (gint64)(g_rand_double(draw->random) * (double)(high - low));
}

static bool chance(Draw *draw, double p) {
    return g_rand_double(draw->random) < p;
}

static void add(Draw *draw, Event event) {
    if (event.at_s <= draw->from_s || event.at_s >= draw->to_s)
        return;
    static const int around[] = {-1, 1};
    g_array_append_val(draw->events, event);
    for (gsize i = 0; i < G_N_ELEMENTS(around); i++) {
        Event look = {.at_s = event.at_s + around[i], .kind = HAPPENS_NOTHING};
        g_array_append_val(draw->events, look);
    }
}

/* Early, in time, in the last minutes or at the last second, late, or never. */
static gint64 arrival(Draw *draw, const Period *period) {
    double p = g_rand_double(draw->random);
    if (p < 0.10)
        return between(draw, period->due_s - 12 * DAY_S, period->due_s - 4 * DAY_S);
    if (p < 0.70)
        return between(draw, period->due_s - 4 * DAY_S, period->due_s);
    if (p < 0.80)
        return period->due_s + g_rand_int_range(draw->random, -600, 2400);
    if (p < 0.82)
        return period->due_s + g_rand_int_range(draw->random, 0, 2);
    if (p < 0.93)
        return between(draw, period->due_s, period->due_s + 8 * DAY_S);
    return 0;
}

static void draw_period(Draw *draw, gint64 org, guint number, const Period *period) {
    gint64 at_s = arrival(draw, period);
    if (chance(draw, 0.01))
        add(draw, (Event){.at_s = between(draw, period->due_s - 5 * DAY_S, period->due_s + 4 * DAY_S),
                          .kind = HAPPENS_EXEMPT,
                          .org = org,
                          .period = number});
    if (chance(draw, 0.005)) {
        gint64 seen_s = between(draw, period->due_s - 4 * DAY_S, period->due_s + 4 * DAY_S);
        add(draw, (Event){.at_s = seen_s, .kind = HAPPENS_HOLD, .org = org, .value = 1});
        add(draw, (Event){.at_s = between(draw, seen_s + 600, seen_s + 3 * DAY_S),
                          .kind = HAPPENS_HOLD,
                          .org = org});
    }
    if (at_s == 0)
        return;
    add(draw, (Event){.at_s = at_s, .kind = HAPPENS_REPORT, .org = org, .period = number, .value = 10});
    if (chance(draw, 0.03)) /* corrected by the form again */
        add(draw, (Event){.at_s = between(draw, at_s + 60, at_s + 3 * DAY_S),
                          .kind = HAPPENS_REPORT,
                          .org = org,
                          .period = number,
                          .value = 11});
    if (!chance(draw, 0.03))
        return;
    gint64 back_s = between(draw, at_s + 4 * DAY_S, at_s + 6 * DAY_S);
    if (chance(draw, 0.5))
        back_s = between(draw, at_s + 10, at_s + 2 * DAY_S);
    add(draw, (Event){.at_s = back_s, .kind = HAPPENS_WITHDRAW, .org = org, .period = number});
    if (chance(draw, 0.5))
        add(draw, (Event){.at_s = between(draw, back_s + 60, back_s + 5 * DAY_S),
                          .kind = HAPPENS_REPORT,
                          .org = org,
                          .period = number,
                          .value = 12});
}

static void draw_questions(Draw *draw) {
    for (gint64 id = 1; id <= YEARS_QUESTIONS; id++) {
        gint64 asked_s = between(draw, draw->from_s + DAY_S, draw->to_s - 20 * DAY_S);
        gint64 known_s = asked_s + (chance(draw, 0.2) ? between(draw, 20 * HOUR_S, 40 * HOUR_S)
                                                      : between(draw, 60, 10 * HOUR_S));
        gint64 answered_s =
            asked_s + (chance(draw, 0.1) ? 24 * HOUR_S + g_rand_int_range(draw->random, -60, 61)
                                         : between(draw, HOUR_S, 60 * HOUR_S));
        add(draw, (Event){.at_s = known_s,
                          .kind = HAPPENS_QUESTION,
                          .value = id,
                          .org = 1 + id % YEARS_ORGANIZATIONS,
                          .asked_s = asked_s});
        add(draw, (Event){.at_s = MAX(answered_s, known_s + 5), .kind = HAPPENS_ANSWER, .value = id});
    }
}

/* Something is away for a while; two absences of one kind do not overlap. */
static void draw_absences(Draw *draw, Happening kind, guint n, gint64 shortest_s, gint64 longest_s,
                          bool is_clock) {
    gint64 step_s = (draw->to_s - draw->from_s) / n;
    for (guint i = 0; i < n; i++) {
        gint64 start_s = draw->from_s + step_s * i + between(draw, DAY_S, step_s / 2);
        gint64 skew_s =
            is_clock ? g_rand_int_range(draw->random, 600, DAY_S + 1) * (chance(draw, 0.5) ? 1 : -1) : 0;
        add(draw, (Event){.at_s = start_s, .kind = kind, .value = skew_s});
        add(draw, (Event){.at_s = start_s + between(draw, shortest_s, longest_s),
                          .kind = kind,
                          .value = !is_clock});
    }
}

static void draw_suspensions(Draw *draw) {
    for (guint i = 0; i < 15; i++) {
        gint64 org = 1 + i * 13, start_s = between(draw, draw->from_s, draw->to_s);
        add(draw, (Event){.at_s = start_s, .kind = HAPPENS_SUSPEND, .org = org, .value = 1});
        add(draw, (Event){.at_s = start_s + between(draw, 5 * DAY_S, 90 * DAY_S),
                          .kind = HAPPENS_SUSPEND,
                          .org = org});
    }
}

static gint compare(gconstpointer a, gconstpointer b) {
    const Event *x = a, *y = b;
    return x->at_s < y->at_s ? -1 : x->at_s > y->at_s;
}

GArray *events_draw(guint32 seed, const GPtrArray *periods, gint64 from_s, gint64 to_s) {
    Draw draw = {.random = g_rand_new_with_seed(seed),
                 .events = g_array_new(FALSE, FALSE, sizeof(Event)),
                 .from_s = from_s,
                 .to_s = to_s};
    for (guint i = 0; i < periods->len; i++)
        for (gint64 org = 1; org <= YEARS_ORGANIZATIONS; org++)
            draw_period(&draw, org, i, g_ptr_array_index(periods, i));
    draw_questions(&draw);
    draw_suspensions(&draw);
    draw_absences(&draw, HAPPENS_UP, 25, HOUR_S, 4 * DAY_S, false);
    draw_absences(&draw, HAPPENS_MAILBOX, 25, HOUR_S, 30 * HOUR_S, false);
    draw_absences(&draw, HAPPENS_SERVER, 25, HOUR_S, DAY_S, false);
    draw_absences(&draw, HAPPENS_CLOCK, 12, HOUR_S, 2 * DAY_S, true);
    for (guint i = 0; i < 100; i++)
        add(&draw, (Event){.at_s = between(&draw, from_s, to_s), .kind = HAPPENS_RESTART});
    for (guint i = 0; i < YEARS_MINUTES; i++) {
        Event look = {.at_s = between(&draw, from_s, to_s) / 60 * 60, .kind = HAPPENS_NOTHING};
        g_array_append_val(draw.events, look);
    }
    g_array_sort(draw.events, compare);
    g_rand_free(draw.random);
    return draw.events;
}
