/* Periods: what they cover, when they end, their neighbours; assignment of a submission to one. */
#include "gateway/core/period.h"

#include <string.h>

#include "gateway/core/assign.h"
#include "gateway/core/holidays.h"
#include "gateway/core/schedule.h"
#include "tests/unit/world.h"

/* "2016-06-27 2016-06-14..2016-06-27 due 2016-06-27T23:59"; "none". */
static char *period_text(const World *world, const Period *period) {
    char first[CALENDAR_DAY_BYTES], last[CALENDAR_DAY_BYTES], due[CALENDAR_DAY_BYTES];
    GDate day;
    int second;
    if (period == NULL)
        return g_strdup("none");
    calendar_day_format(&period->first, first);
    calendar_day_format(&period->last, last);
    calendar_local(world->programme->zone, period->due_s, &day, &second);
    calendar_day_format(&day, due);
    return g_strdup_printf("%s %s..%s due %sT%02d:%02d", period->key, first, last, due, second / 3600,
                           second / 60 % 60);
}

static void assert_period(const World *world, const Period *period, const char *expected) {
    g_autofree char *text = period_text(world, period);
    g_assert_cmpstr(text, ==, expected);
}

static Obligation *report_of(World *world) {
    return (Obligation *)world_obligation(world, "report");
}

static void test_cover(void) {
    g_autoptr(World) world = world_new();
    const Obligation *report = report_of(world);
    g_autoptr(GPtrArray) periods =
        period_list(world->programme, report, at("2016-06-01T00:00"), at("2016-08-01T00:00"));
    g_assert_cmpuint(periods->len, ==, 3);
    assert_period(world, g_ptr_array_index(periods, 0),
                  "2016-06-27 2016-06-14..2016-06-27 due 2016-06-27T23:59");
    assert_period(world, g_ptr_array_index(periods, 1),
                  "2016-07-13 2016-06-28..2016-07-13 due 2016-07-13T23:59");
    assert_period(world, g_ptr_array_index(periods, 2),
                  "2016-07-27 2016-07-14..2016-07-27 due 2016-07-27T23:59");
}

static void test_at_and_neighbours(void) {
    g_autoptr(World) world = world_new();
    const Obligation *report = report_of(world);
    g_autoptr(Period) early = period_at(world->programme, report, at("2016-01-01T00:00"));
    assert_period(world, early, "2016-06-27 2016-06-14..2016-06-27 due 2016-06-27T23:59");
    g_autoptr(Period) last_second = period_at(world->programme, report, at("2016-07-13T23:59") + 59);
    g_assert_cmpstr(last_second->key, ==, "2016-07-13");
    g_autoptr(Period) after = period_at(world->programme, report, at("2016-07-13T23:59") + 60);
    g_assert_cmpstr(after->key, ==, "2016-07-27");
    g_autoptr(Period) next = period_next(world->programme, report, last_second);
    g_assert_cmpstr(next->key, ==, "2016-07-27");
    g_autoptr(Period) back = period_previous(world->programme, report, next);
    g_assert_cmpstr(back->key, ==, "2016-07-13");
    g_assert_null(period_previous(world->programme, report, early));
    g_autoptr(Period) receipt =
        period_at(world->programme, world_obligation(world, "receipt"), at("2016-01-01T00:00"));
    assert_period(world, receipt, "2016-06-20 2016-06-20..2016-06-20 due 2016-06-20T23:59");
    g_assert_null(period_next(world->programme, world_obligation(world, "receipt"), receipt));
    report_of(world)->schedule.last_due = after->last;
    g_assert_null(period_next(world->programme, report, after));
    g_assert_null(period_at(world->programme, report, after->due_s + 1));
}

static void test_by_key(void) {
    g_autoptr(World) world = world_new();
    static const struct {
        const char *key;
        bool exists;
        const char *why;
    } cases[] = {
        {"2016-06-27", true, "the first"},      {"2016-06-13", false, "before first_due"},
        {"2016-07-12", false, "not a due day"}, {"2017-02-27", true, "later"},
        {"2016-7-13", false, "not a key"},      {"", false, "empty"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Period) period = period_by_key(world->programme, report_of(world), cases[i].key);
        if ((period != NULL) != cases[i].exists)
            g_error("%s: %s", cases[i].key, cases[i].why);
    }
}

static void test_offday_and_vacation(void) {
    g_autoptr(World) world = world_new();
    Obligation *report = report_of(world);
    g_autoptr(HolidayTable) table = holiday_table_new();
    world->programme->holidays = table;
    report->schedule.offday = OFFDAY_NEXT;
    report->schedule.grace_s = 600;
    g_autoptr(Period) moved = period_by_key(world->programme, report, "2016-08-13"); /* a Saturday */
    assert_period(world, moved, "2016-08-13 2016-07-28..2016-08-13 due 2016-08-15T23:59");
    g_assert_cmpint(moved->late_after_s, ==, moved->due_s + 600);
    /* arrival on Monday is still this period, and the next one begins on the 14th as ever */
    g_autoptr(Period) monday = period_at(world->programme, report, at("2016-08-15T12:00"));
    g_assert_cmpstr(monday->key, ==, "2016-08-13");
    g_autoptr(Period) next = period_next(world->programme, report, moved);
    assert_period(world, next, "2016-08-27 2016-08-14..2016-08-27 due 2016-08-29T23:59");
    DaySpan vacation;
    calendar_day_parse("2016-08-01", &vacation.first);
    calendar_day_parse("2016-08-31", &vacation.last);
    g_array_append_val(world->programme->vacations, vacation);
    g_assert_null(period_by_key(world->programme, report, "2016-08-13"));
    g_autoptr(Period) autumn = period_at(world->programme, report, at("2016-08-01T12:00"));
    assert_period(world, autumn, "2016-09-13 2016-08-28..2016-09-13 due 2016-09-13T23:59");
    g_autoptr(Period) before = period_previous(world->programme, report, autumn);
    g_assert_cmpstr(before->key, ==, "2016-07-27");
    world->programme->holidays = NULL;
}

static void test_of_days(void) {
    g_autoptr(World) world = world_new();
    static const struct {
        const char *first, *last, *key, *why;
    } cases[] = {
        {"2016-06-14", "2016-06-27", "2016-06-27", "exactly"},
        {"2016-06-13", "2016-06-26", "2016-06-27", "a day early"},
        {"2016-06-28", "2016-07-12", "2016-07-13", "one day short"},
        {"2016-07-01", "2016-07-13", "2016-07-13", "from the first of the month"},
        {"2016-07-01", "2016-07-31", "2016-07-27", "a whole month: most days"},
        {"2016-07-13", "2016-07-13", "2016-07-13", "one day"},
        {"2016-05-01", "2016-05-13", NULL, "before the first period"},
        {"2016-07-14", "2016-07-13", NULL, "backwards"},
        {"2000-01-01", "2030-01-01", NULL, "a typing error"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GDate first, last;
        calendar_day_parse(cases[i].first, &first);
        calendar_day_parse(cases[i].last, &last);
        g_autoptr(Period) period = period_of_days(world->programme, report_of(world), &first, &last);
        if (g_strcmp0(period != NULL ? period->key : NULL, cases[i].key) != 0)
            g_error("%s: %s", cases[i].why, period != NULL ? period->key : "none");
    }
}

/* Rules: the first instance is as long as the next; zones with summer time keep the local hour. */
static void test_rule_and_zone(void) {
    g_autoptr(World) world = world_new();
    Obligation *report = report_of(world);
    report->schedule.kind = SCHEDULE_RRULE;
    report->schedule.rrule = g_strdup("FREQ=WEEKLY;BYDAY=FR");
    report->schedule.due_second = 17 * 3600;
    calendar_day_parse("2016-03-04", &report->schedule.first_due);
    g_time_zone_unref(world->programme->zone);
    world->programme->zone = g_time_zone_new_identifier("America/New_York");
    g_autoptr(Period) first = period_by_key(world->programme, report, "2016-03-04");
    assert_period(world, first, "2016-03-04 2016-02-27..2016-03-04 due 2016-03-04T17:00");
    g_autoptr(Period) winter = period_next(world->programme, report, first);
    g_autoptr(Period) summer = period_next(world->programme, report, winter);
    assert_period(world, summer, "2016-03-18 2016-03-12..2016-03-18 due 2016-03-18T17:00");
    g_assert_cmpint(summer->due_s - winter->due_s, ==, 7 * 86400 - 3600);
}

/* Over random schedules: periods follow each other without gap or overlap, and every day lies in exactly one;
 * found day by day. */
static void test_property(void) {
    g_autoptr(World) world = world_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(27);
    Obligation *report = report_of(world);
    static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"};
    g_date_clear(&report->schedule.first_due, 1);
    for (int round = 0; round < 60; round++) {
        Schedule *schedule = &report->schedule;
        g_time_zone_unref(world->programme->zone);
        world->programme->zone = g_time_zone_new_identifier(zones[round % 4]);
        schedule->kind = round % 2 ? SCHEDULE_MONTH_DAYS : SCHEDULE_WEEKDAYS;
        schedule->offday = (OffdayPolicy)(round % 3);
        schedule->n_days = 0;
        for (guint day = 1; day <= (round % 2 ? 31u : 7u); day++)
            if (g_rand_int_range(random, 0, 6) == 0 || day == 3)
                schedule->days[schedule->n_days++] = day;
        GDate from, day;
        calendar_day_parse("2015-01-20", &from);
        g_date_add_days(&from, (guint)g_rand_int_range(random, 0, 700));
        gint64 from_s = calendar_instant(world->programme->zone, &from, 0);
        g_autoptr(GPtrArray) periods =
            period_list(world->programme, report, from_s, from_s + 200 * CALENDAR_DAY_S);
        g_assert_cmpuint(periods->len, >, 3);
        for (guint i = 0; i < periods->len; i++) {
            const Period *period = g_ptr_array_index(periods, i);
            g_assert_cmpint(period->due_s, >=, from_s);
            /* walk back from the due day to the one before */
            day = calendar_day_add(&period->last, -1);
            for (bool is_due = false; !is_due; day = calendar_day_add(&day, is_due ? 0 : -1)) {
                guint number = round % 2 ? g_date_get_day(&day) : g_date_get_weekday(&day);
                for (guint j = 0; j < schedule->n_days; j++)
                    is_due |= schedule->days[j] == number;
            }
            g_assert_cmpint(g_date_days_between(&day, &period->first), ==, 1);
            if (i == 0)
                continue;
            const Period *before = g_ptr_array_index(periods, i - 1);
            g_assert_cmpint(g_date_days_between(&before->last, &period->first), ==, 1);
            g_assert_cmpint(before->due_s, <=, period->due_s);
            g_autoptr(Period) previous = period_previous(world->programme, report, period);
            g_assert_cmpstr(previous->key, ==, before->key);
            g_autoptr(Period) at_due = period_at(world->programme, report, period->due_s);
            g_assert_cmpint(at_due->due_s, ==, period->due_s);
        }
    }
}

/* --- versions, vacations, grace, holidays, zones, day by day
 * --------------------------------------------------------------------------- */

#define YEAR_FIRST 2014
#define YEAR_LAST  2018

/* The shipped tables: as the product reads them, and as plain lists for the walk. */
typedef struct {
    HolidayTable *table;
    GHashTable *listed; /* "2016-06-09" → 1 off, 2 worked */
} Shipped;

static Shipped load_shipped(void) {
    Shipped shipped = {holiday_table_new(), g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    for (int year = YEAR_FIRST; year <= YEAR_LAST; year++) {
        g_autofree char *path = g_strdup_printf("etc/holidays/%d.json", year);
        json_t *document = json_load_file(path, 0, NULL), *entry;
        gsize i;
        g_assert_true(holiday_table_add(shipped.table, document, NULL));
        json_array_foreach(json_object_get(document, "days"), i, entry)
            g_hash_table_insert(shipped.listed, g_strdup(json_string_value(json_object_get(entry, "date"))),
                                GINT_TO_POINTER(json_is_true(json_object_get(entry, "isOffDay")) ? 1 : 2));
        json_decref(document);
    }
    return shipped;
}

static bool works_on(const Shipped *shipped, const GDate *day) {
    char text[CALENDAR_DAY_BYTES];
    calendar_day_format(day, text);
    int listed = GPOINTER_TO_INT(g_hash_table_lookup(shipped->listed, text));
    return listed == 2 || (listed == 0 && g_date_get_weekday(day) < 6);
}

static bool has_day(const Schedule *schedule, const GDate *day) {
    guint number = schedule->kind == SCHEDULE_MONTH_DAYS ? g_date_get_day(day) : g_date_get_weekday(day);
    for (guint i = 0; i < schedule->n_days; i++)
        if (schedule->days[i] == number)
            return true;
    return false;
}

/* The version of a day, by looking at each. */
static const Schedule *walked_version(const Obligation *obligation, const GDate *day) {
    const Schedule *version = &obligation->schedule;
    for (guint i = 0; i < obligation->changes->len; i++)
        if (g_date_compare(&g_array_index(obligation->changes, Schedule, i).from, day) <= 0)
            version = &g_array_index(obligation->changes, Schedule, i);
    return version;
}

static gint64 walked_instant(GTimeZone *zone, const Schedule *schedule, const Shipped *shipped, GDate day) {
    while (schedule->offday != OFFDAY_KEEP && !works_on(shipped, &day))
        day = calendar_day_add(&day, schedule->offday == OFFDAY_NEXT ? 1 : -1);
    g_autoptr(GDateTime) at = g_date_time_new(zone, g_date_get_year(&day), (int)g_date_get_month(&day),
                                              g_date_get_day(&day), schedule->due_second / 3600,
                                              schedule->due_second / 60 % 60, schedule->due_second % 60);
    return g_date_time_to_unix(at);
}

static Schedule drawn_schedule(GRand *random) {
    Schedule schedule = {.kind = g_rand_boolean(random) ? SCHEDULE_MONTH_DAYS : SCHEDULE_WEEKDAYS,
                         .offday = (OffdayPolicy)g_rand_int_range(random, 0, 3),
                         .grace_s = g_rand_int_range(random, 0, 3) * 3600,
                         /* not in the small hours, where clocks change */
                         .due_second = g_rand_int_range(random, 6, 24) * 3600 - 1};
    for (guint day = 1; day <= (schedule.kind == SCHEDULE_MONTH_DAYS ? 28u : 7u); day++)
        if (g_rand_int_range(random, 0, 7) == 0 || day == 2)
            schedule.days[schedule.n_days++] = day;
    return schedule;
}

static char *whole_text(const Period *period) {
    char first[CALENDAR_DAY_BYTES];
    calendar_day_format(&period->first, first);
    return g_strdup_printf("%s from %s due %" G_GINT64_FORMAT " late %" G_GINT64_FORMAT, period->key, first,
                           period->due_s, period->late_after_s);
}

static void test_property_versions(void) {
    g_autoptr(World) world = world_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(2016);
    Shipped shipped = load_shipped();
    Programme *programme = world->programme;
    Obligation *report = report_of(world);
    programme->holidays = shipped.table;
    static const char *const zones[] = {"Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"};
    GDate start, end;
    calendar_day_parse("2015-01-01", &start);
    calendar_day_parse("2017-06-30", &end);
    for (int round = 0; round < 80; round++) {
        g_time_zone_unref(programme->zone);
        programme->zone = g_time_zone_new_identifier(zones[round % 4]);
        report->schedule = drawn_schedule(random);
        report->schedule.first_due = start;
        g_array_set_size(report->changes, 0);
        g_array_set_size(programme->vacations, 0);
        DaySpan vacation = {calendar_day_add(&start, g_rand_int_range(random, 100, 300)), start};
        vacation.last = calendar_day_add(&vacation.first, g_rand_int_range(random, 0, 60));
        g_array_append_val(programme->vacations, vacation);
        gint64 from_s = calendar_instant(programme->zone, &start, 0),
               to_s = calendar_instant(programme->zone, &end, 0);
        g_autoptr(GPtrArray) before = period_list(programme, report, from_s, to_s);
        GDate from = start;
        for (int n = g_rand_int_range(random, 0, 4); n > 0; n--) {
            Schedule change = drawn_schedule(random);
            from = calendar_day_add(&from, g_rand_int_range(random, 20, 250));
            change.from = change.first_due = from;
            g_array_append_val(report->changes, change);
        }
        g_assert_true(schedule_check(report, NULL));
        g_autoptr(GPtrArray) periods = period_list(programme, report, from_s, to_s);
        guint next = 0;
        GDate last_due;
        bool any = false;
        for (GDate day = start; g_date_compare(&day, &end) <= 0; day = calendar_day_add(&day, 1)) {
            const Schedule *version = walked_version(report, &day);
            if (!has_day(version, &day))
                continue;
            gint64 due_s = walked_instant(programme->zone, version, &shipped, day);
            bool is_free =
                g_date_compare(&day, &vacation.first) >= 0 && g_date_compare(&day, &vacation.last) <= 0;
            if (!is_free && due_s >= from_s && due_s <= to_s) {
                g_assert_cmpuint(next, <, periods->len);
                const Period *period = g_ptr_array_index(periods, next++);
                char key[CALENDAR_DAY_BYTES];
                calendar_day_format(&day, key);
                g_assert_cmpstr(period->key, ==, key);
                g_assert_cmpint(period->due_s, ==, due_s);
                g_assert_cmpint(period->late_after_s, ==, due_s + version->grace_s);
                if (any) /* it begins the day after the due day before, across a change too */
                    g_assert_cmpint(g_date_days_between(&last_due, &period->first), ==, 1);
                g_autoptr(Period) again = period_by_key(programme, report, key);
                g_autofree char *a = whole_text(period), *b = whole_text(again);
                g_assert_cmpstr(a, ==, b);
            }
            last_due = day;
            any = true;
        }
        g_assert_cmpuint(next, ==, periods->len);
        /* a change never rewrites a period due before it */
        for (guint i = 0; report->changes->len > 0 && i < before->len; i++) {
            const Period *old = g_ptr_array_index(before, i);
            if (g_date_compare(&old->last, &g_array_index(report->changes, Schedule, 0).from) >= 0)
                break;
            g_autofree char *a = whole_text(old), *b = whole_text(g_ptr_array_index(periods, i));
            g_assert_cmpstr(a, ==, b);
        }
    }
    g_hash_table_unref(shipped.listed);
    holiday_table_free(shipped.table);
}

/* --- assignment
 * --------------------------------------------------------------------------------------------- */

typedef struct {
    const char *received;
    const char *start, *end, *source; /* stated; or NULL */
    const char *settled;              /* periods that are recorded, or NULL */
    const char *key;                  /* expected */
    AssignRule rule;
    bool doubtful;
    const char *why;
} AssignCase;

static const AssignCase assign_cases[] = {
    {"2016-07-10T09:00", NULL, NULL, NULL, "2016-06-27", "2016-07-13", ASSIGN_RUNNING, false, "in its days"},
    {"2016-07-13T23:59", NULL, NULL, NULL, "2016-06-27", "2016-07-13", ASSIGN_RUNNING, false, "last minute"},
    {"2016-07-14T00:05", NULL, NULL, NULL, "2016-06-27", "2016-07-13", ASSIGN_OWED, false,
     "late: never the next slot"},
    {"2016-07-20T12:00", NULL, NULL, NULL, "2016-06-27", "2016-07-13", ASSIGN_OWED, false, "a week late"},
    {"2016-07-25T12:00", NULL, NULL, NULL, "2016-06-27", "2016-07-27", ASSIGN_RUNNING, false,
     "twelve days late: the running one"},
    {"2016-07-14T09:00", NULL, NULL, NULL, "2016-06-27 2016-07-13", "2016-07-13", ASSIGN_CORRECTS, false,
     "just settled: a correction"},
    {"2016-07-20T09:00", NULL, NULL, NULL, "2016-06-27 2016-07-13", "2016-07-27", ASSIGN_RUNNING, false,
     "early report of the next"},
    {"2016-07-26T09:00", NULL, NULL, NULL, "2016-06-27 2016-07-13 2016-07-27", "2016-07-27", ASSIGN_RUNNING,
     false, "again within the running period: a revision"},
    {"2016-07-14T09:00", "2016-07-14", "2016-07-27", "form", "2016-06-27", "2016-07-27", ASSIGN_STATED, false,
     "the form says so, although one is owed"},
    {"2016-07-26T09:00", "2016-06-28", "2016-07-13", "form", "2016-06-27", "2016-07-13", ASSIGN_STATED, false,
     "late, and says so"},
    {"2016-07-26T09:00", "2016-06-28", "2016-07-13", "subject", "2016-06-27", "2016-07-13", ASSIGN_SUBJECT,
     false, "the subject says so"},
    {"2016-07-26T09:00", "2016-06-28", "2016-07-13", "arrival", "2016-06-27", "2016-07-27", ASSIGN_RUNNING,
     false, "a range that the parser only guessed from arrival is not stated"},
    {"2016-07-10T09:00", "2015-06-28", "2015-07-13", "form", "2016-06-27", "2016-07-13", ASSIGN_STATED, true,
     "last year's date is a typing error"},
    {"2016-07-10T09:00", "2017-06-28", "2017-07-13", "form", "2016-06-27", "2016-07-13", ASSIGN_STATED, true,
     "next year's too"},
    {"2016-07-10T09:00", "nonsense", "2016-07-13", "form", "2016-06-27", "2016-07-13", ASSIGN_RUNNING, true,
     "not a date"},
    {"2016-06-02T09:00", NULL, NULL, NULL, NULL, "2016-06-27", ASSIGN_RUNNING, false,
     "before the first period began"},
};

static void test_assign(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(assign_cases); i++) {
        const AssignCase *c = &assign_cases[i];
        g_autoptr(World) world = world_new();
        world_organization(world, 1, "护理学院学生会", "a@example.edu.cn");
        g_auto(GStrv) settled = g_strsplit(c->settled != NULL ? c->settled : "", " ", -1);
        for (char **key = settled; *key != NULL && **key != '\0'; key++)
            world_submission(world, 1, *key, "2016-06-20T00:00", NULL, NULL);
        g_autoptr(View) view = view_new(world->snapshot);
        json_t *parse = c->start != NULL ? json_pack("{s:{s:s, s:s}, s:s?}", "period", "start", c->start,
                                                     "end", c->end, "period_source", c->source)
                                         : json_object();
        g_auto(Assignment) assignment = {0};
        g_assert_true(assign_period(view, report_of(world), 1, parse, at(c->received), &assignment));
        if (strcmp(assignment.period->key, c->key) != 0 || assignment.rule != c->rule ||
            (assignment.doubt != DOUBT_NONE) != c->doubtful)
            g_error("%s: %s by rule %d, doubtful %d", c->why, assignment.period->key, (int)assignment.rule,
                    (int)assignment.doubt);
        g_assert_nonnull(strstr(assignment.reason_zh, "截止"));
        g_assert_nonnull(strstr(assignment.reason_en, "due"));
        json_decref(parse);
    }
}

static void test_assign_ends(void) {
    g_autoptr(World) world = world_new();
    Obligation *report = report_of(world);
    calendar_day_parse("2016-07-13", &report->schedule.last_due);
    world_organization(world, 1, "护理学院学生会", NULL);
    g_autoptr(View) view = view_new(world->snapshot);
    g_auto(Assignment) late = {0}, receipt = {0}, never = {0};
    g_assert_true(assign_period(view, report, 1, NULL, at("2016-08-20T09:00"), &late));
    g_assert_cmpstr(late.period->key, ==, "2016-07-13");
    g_assert_true(
        assign_period(view, world_obligation(world, "receipt"), 1, NULL, at("2017-01-01T09:00"), &receipt));
    g_assert_cmpint(receipt.rule, ==, ASSIGN_ONCE);
    g_assert_false(assign_period(view, report, 1, NULL, at("2018-01-01T09:00"), &never));
    g_assert_null(never.period);
}

/* What a view remembers of periods changes no answer, in whatever order mail comes; the instants lie around
 * every due instant of half a year, and in a schedule that ends. */
static void test_assign_in_any_order(void) {
    static const gint64 AROUND_S[] = {-86400, -1, 0, 1, 3600, 2 * 86400, 7 * 86400};
    g_autoptr(World) world = world_new();
    Obligation *report = report_of(world);
    calendar_day_parse("2016-11-13", &report->schedule.last_due);
    world_organization(world, 1, "护理学院学生会", NULL);
    static const char *const settled[] = {"2016-06-27", "2016-07-27", "2016-08-13", "2016-10-27"};
    for (gsize i = 0; i < G_N_ELEMENTS(settled); i++)
        world_submission(world, 1, settled[i], "2016-06-20T00:00", NULL, NULL);
    g_autoptr(GPtrArray) periods =
        period_list(world->programme, report, at("2016-01-01T00:00"), at("2017-01-01T00:00"));
    g_autoptr(View) kept = view_new(world->snapshot);
    g_autoptr(GRand) random = g_rand_new_with_seed(20160627);
    g_assert_cmpuint(periods->len, >, 8);
    for (guint i = 0; i < 1000; i++) {
        const Period *period =
            g_ptr_array_index(periods, (guint)g_rand_int_range(random, 0, (gint32)periods->len));
        gint64 when_s = period->due_s + AROUND_S[g_rand_int_range(random, 0, G_N_ELEMENTS(AROUND_S))];
        g_autoptr(View) fresh = view_new(world->snapshot);
        g_auto(Assignment) expected = {0}, found = {0};
        bool is_assigned = assign_period(fresh, report, 1, NULL, when_s, &expected);
        g_assert_cmpint(assign_period(kept, report, 1, NULL, when_s, &found), ==, is_assigned);
        if (is_assigned)
            g_assert_cmpstr(found.period->key, ==, expected.period->key);
        g_assert_cmpint(found.rule, ==, expected.rule);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/period/cover", test_cover);
    g_test_add_func("/period/at_and_neighbours", test_at_and_neighbours);
    g_test_add_func("/period/by_key", test_by_key);
    g_test_add_func("/period/offday_and_vacation", test_offday_and_vacation);
    g_test_add_func("/period/of_days", test_of_days);
    g_test_add_func("/period/assign_in_any_order", test_assign_in_any_order);
    g_test_add_func("/period/rule_and_zone", test_rule_and_zone);
    g_test_add_func("/period/property", test_property);
    g_test_add_func("/period/property_versions", test_property_versions);
    g_test_add_func("/period/assign", test_assign);
    g_test_add_func("/period/assign_ends", test_assign_ends);
    return g_test_run();
}
