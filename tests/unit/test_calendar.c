/* Local days, due days, holidays: against tables, a walk day by day, and public vectors where they are
 * present. */
#include "gateway/core/calendar.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/holidays.h"

static GDate day_of(const char *text) {
    GDate day;
    if (!calendar_day_parse(text, &day))
        g_error("not a day: %s", text);
    return day;
}

static Schedule month_days(const guint *days, guint n_days) {
    Schedule schedule = {.kind = SCHEDULE_MONTH_DAYS, .n_days = n_days, .due_second = 86399};
    memcpy(schedule.days, days, n_days * sizeof *days);
    return schedule;
}

static Schedule rule(char *rrule, const char *first) {
    Schedule schedule = {.kind = SCHEDULE_RRULE, .rrule = rrule, .due_second = 86399};
    schedule.first_due = day_of(first);
    return schedule;
}

/* "2016-06-13,2016-06-27" */
static char *days_text(const Schedule *schedule, const char *from, const char *to) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
    GDate first = day_of(from), last = day_of(to);
    g_autoptr(GArray) days = calendar_due_days(schedule, zone, &first, &last);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < days->len; i++) {
        char day[CALENDAR_DAY_BYTES];
        calendar_day_format(&g_array_index(days, GDate, i), day);
        g_string_append_printf(text, "%s%s", i > 0 ? "," : "", day);
    }
    return g_string_free(text, FALSE);
}

static void test_parse(void) {
    static const struct {
        const char *text;
        bool good;
        const char *why;
    } cases[] = {
        {"2016-06-27", true, "as configured"},
        {"2016-02-29", true, "leap year"},
        {"2015-02-29", false, "no leap year"},
        {"1900-02-29", false, "centuries are none"},
        {"2016-6-27", false, "two digits"},
        {"2016-06-31", false, "June has 30"},
        {"2016-13-01", false, "twelve months"},
        {"2016/06/27", false, "hyphens"},
        {"2016-06-27 ", false, "nothing behind"},
        {"0000-01-01", false, "no year 0"},
        {"-016-06-27", false, "no sign"},
        {"", false, "empty"},
        {NULL, false, "absent"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GDate day;
        char text[CALENDAR_DAY_BYTES];
        bool good = calendar_day_parse(cases[i].text, &day);
        if (good != cases[i].good)
            g_error("%s: %s", cases[i].text, cases[i].why);
        if (good) {
            calendar_day_format(&day, text);
            g_assert_cmpstr(text, ==, cases[i].text);
        }
    }
}

static void test_instant(void) {
    static const struct {
        const char *zone, *day;
        int second;
        gint64 at_s;
        const char *why;
    } cases[] = {
        {"Asia/Shanghai", "2016-06-27", 86399, 1467043199, "15:59:59 UTC"},
        {"UTC", "1970-01-01", 0, 0, "the epoch"},
        {"America/New_York", "2016-06-27", 0, 1467000000, "summer time"},
        {"America/New_York", "2016-12-27", 0, 1482814800, "standard time"},
        {"America/New_York", "2016-03-13", 9000, 1457852400,
         "02:30 does not exist: 03:00 is the next instant"},
        {"America/New_York", "2016-11-06", 5400, 1478413800, "01:30 comes twice: the later one"},
        {"America/New_York", "2016-11-06", 86399, 1478494799, "a day of 25 hours ends at 23:59:59"},
        {"Asia/Kathmandu", "2016-06-27", 0, 1466964900, "a zone of 5:45"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(cases[i].zone);
        GDate day = day_of(cases[i].day), back;
        int second;
        gint64 at_s = calendar_instant(zone, &day, cases[i].second);
        if (at_s != cases[i].at_s)
            g_error("%s %s: %" G_GINT64_FORMAT, cases[i].day, cases[i].why, at_s);
        calendar_local(zone, at_s, &back, &second);
        g_assert_cmpint(g_date_compare(&day, &back), ==, 0);
    }
}

static void test_due_days(void) {
    char biweekly[] = "FREQ=MONTHLY;BYMONTHDAY=13,27", fridays[] = "FREQ=WEEKLY;BYDAY=FR";
    char last_day[] = "FREQ=MONTHLY;BYMONTHDAY=-1", thirtieth[] = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    char until[] = "FREQ=DAILY;UNTIL=20160628T155959Z", count[] = "FREQ=WEEKLY;INTERVAL=2;COUNT=2";
    Schedule once = {.kind = SCHEDULE_ONCE, .due_second = 86399, .once = day_of("2016-06-20")};
    Schedule bounded = month_days((const guint[]){13, 27}, 2);
    bounded.first_due = day_of("2016-06-27");
    bounded.last_due = day_of("2016-07-27");
    Schedule weekdays = {.kind = SCHEDULE_WEEKDAYS, .days = {1, 5}, .n_days = 2, .due_second = 61200};
    const struct {
        Schedule schedule;
        const char *from, *to, *days, *why;
    } cases[] = {
        {once, "2016-06-01", "2016-12-31", "2016-06-20", "once"},
        {once, "2016-06-21", "2016-12-31", "", "once is over"},
        {bounded, "2016-06-01", "2016-12-31", "2016-06-27,2016-07-13,2016-07-27", "first and last due"},
        {month_days((const guint[]){31}, 1), "2016-01-01", "2016-05-31", "2016-01-31,2016-03-31,2016-05-31",
         "months without the day are left out"},
        {month_days((const guint[]){29}, 1), "2015-02-01", "2015-03-01", "", "no 29 February"},
        {weekdays, "2016-06-01", "2016-06-13", "2016-06-03,2016-06-06,2016-06-10,2016-06-13", "Mon, Fri"},
        {rule(biweekly, "2016-06-27"), "2016-06-01", "2016-08-01", "2016-06-27,2016-07-13,2016-07-27",
         "the programme's own schedule as a rule"},
        {rule(fridays, "2016-06-03"), "2016-06-04", "2016-06-17", "2016-06-10,2016-06-17", "weekly"},
        {rule(last_day, "2016-01-31"), "2016-01-01", "2016-04-30",
         "2016-01-31,2016-02-29,2016-03-31,2016-04-30", "the last day of a month"},
        {rule(thirtieth, "2016-01-01"), "2016-01-01", "2040-01-01", "", "an impossible rule ends"},
        {rule(until, "2016-06-27"), "2016-06-01", "2016-08-01", "2016-06-27,2016-06-28",
         "UNTIL in UTC is the end of that local day"},
        {rule(count, "2016-06-27"), "2016-06-01", "2016-12-31", "2016-06-27,2016-07-11", "COUNT"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *days = days_text(&cases[i].schedule, cases[i].from, cases[i].to);
        if (strcmp(days, cases[i].days) != 0)
            g_error("%s: %s instead of %s", cases[i].why, days, cases[i].days);
    }
}

static void test_check(void) {
    char hourly[] = "FREQ=HOURLY", nonsense[] = "EVERY OTHER DAY", hours[] = "FREQ=DAILY;BYHOUR=9,18";
    char scale[] = "RSCALE=CHINESE;FREQ=YEARLY", empty[] = "";
    Schedule late = month_days((const guint[]){13}, 1), backwards = late, no_days = late, unsorted = late,
             day_32 = late, no_first = rule(hours, "2016-01-01"), weekday_8 = late;
    late.due_second = 86400;
    backwards.first_due = day_of("2016-06-27");
    backwards.last_due = day_of("2016-06-26");
    no_days.n_days = 0;
    unsorted = month_days((const guint[]){27, 13}, 2);
    day_32.days[0] = 32;
    g_date_clear(&no_first.first_due, 1);
    weekday_8.kind = SCHEDULE_WEEKDAYS;
    weekday_8.days[0] = 8;
    const Schedule bad[] = {late,
                            backwards,
                            no_days,
                            unsorted,
                            day_32,
                            no_first,
                            weekday_8,
                            rule(hourly, "2016-01-01"),
                            rule(nonsense, "2016-01-01"),
                            rule(hours, "2016-01-01"),
                            rule(scale, "2016-01-01"),
                            rule(empty, "2016-01-01"),
                            rule(NULL, "2016-01-01"),
                            {.kind = SCHEDULE_ONCE}};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        if (calendar_check(&bad[i], &error))
            g_error("bad schedule %zu was accepted", i);
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
        g_assert_cmpuint(strlen(error->message), >, 10);
        g_autofree char *days = days_text(&bad[i], "2016-01-01", "2016-12-31");
        g_assert_cmpstr(days, ==, "");
    }
    /* a good rule after a bad one: libical's error number is sticky */
    char weekly[] = "FREQ=WEEKLY";
    Schedule good = rule(weekly, "2016-01-01");
    g_assert_true(calendar_check(&good, NULL));
}

/* Every day of a month schedule against a walk day by day, and against the same as a rule. */
static void test_property_days(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(20160612);
    for (int round = 0; round < 300; round++) {
        bool is_month = g_rand_boolean(random);
        int most = is_month ? 31 : 7;
        Schedule schedule = {.kind = is_month ? SCHEDULE_MONTH_DAYS : SCHEDULE_WEEKDAYS, .due_second = 86399};
        for (int day = 1; day <= most; day++)
            if (g_rand_int_range(random, 0, 5) == 0)
                schedule.days[schedule.n_days++] = (guint)day;
        if (schedule.n_days == 0)
            continue;
        GDate from = day_of("2014-01-01");
        g_date_add_days(&from, (guint)g_rand_int_range(random, 0, 1500));
        GDate to = calendar_day_add(&from, g_rand_int_range(random, 0, 500));
        g_autoptr(GArray) days = calendar_due_days(&schedule, NULL, &from, &to);
        guint next = 0;
        for (GDate day = from; g_date_compare(&day, &to) <= 0; g_date_add_days(&day, 1)) {
            guint number = is_month ? g_date_get_day(&day) : g_date_get_weekday(&day);
            bool is_due = false;
            for (guint i = 0; i < schedule.n_days; i++)
                is_due |= schedule.days[i] == number;
            bool is_listed = next < days->len && g_date_compare(&g_array_index(days, GDate, next), &day) == 0;
            g_assert_true(is_due == is_listed);
            next += is_listed;
        }
        g_assert_cmpuint(next, ==, days->len);
    }
    char own[] = "FREQ=MONTHLY;BYMONTHDAY=13,27";
    Schedule as_rule = rule(own, "2016-06-13"), as_days = month_days((const guint[]){13, 27}, 2);
    g_autofree char *a = days_text(&as_rule, "2016-06-13", "2026-06-13");
    g_autofree char *b = days_text(&as_days, "2016-06-13", "2026-06-13");
    g_assert_cmpstr(a, ==, b);
    g_assert_cmpuint(strlen(a), ==, 241 * 11 - 1); /* ten years and a day */
}

static void test_holidays(void) {
    g_autoptr(HolidayTable) table = holiday_table_new();
    g_autoptr(GError) error = NULL;
    json_error_t json_error;
    json_t *good =
        json_loads("{\"year\":2016,\"days\":[{\"date\":\"2016-06-12\",\"isOffDay\":false},"
                   "{\"date\":\"2016-06-09\",\"isOffDay\":true},{\"date\":\"2016-06-10\",\"isOffDay\":true},"
                   "{\"date\":\"2016-06-11\",\"isOffDay\":true}]}",
                   0, &json_error);
    g_assert_true(holiday_table_add(table, good, &error));
    json_decref(good);
    g_assert_true(holiday_table_has_year(table, 2016));
    g_assert_false(holiday_table_has_year(table, 2017));
    static const struct {
        const char *day;
        OffdayPolicy policy;
        const char *moved, *why;
    } cases[] = {
        {"2016-06-10", OFFDAY_KEEP, "2016-06-10", "kept"},
        {"2016-06-10", OFFDAY_NEXT, "2016-06-12", "a Sunday that is worked"},
        {"2016-06-10", OFFDAY_PREVIOUS, "2016-06-08", "before the holiday"},
        {"2016-06-12", OFFDAY_PREVIOUS, "2016-06-12", "a make-up day is no off-day"},
        {"2016-06-18", OFFDAY_NEXT, "2016-06-20", "a weekend that is not listed"},
        {"2016-06-19", OFFDAY_PREVIOUS, "2016-06-17", "back to Friday"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GDate day = day_of(cases[i].day), moved = calendar_move_offday(table, cases[i].policy, &day);
        char text[CALENDAR_DAY_BYTES];
        calendar_day_format(&moved, text);
        if (strcmp(text, cases[i].moved) != 0)
            g_error("%s: %s", cases[i].why, text);
    }
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"year\":2016}",
        "{\"year\":\"2016\",\"days\":[]}",
        "{\"year\":2016,\"days\":[{\"date\":\"2016-06-31\",\"isOffDay\":true}]}",
        "{\"year\":2016,\"days\":[{\"date\":\"2016-06-30\"}]}",
        "{\"year\":99999,\"days\":[]}"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) bad_error = NULL;
        json_t *document = json_loads(bad[i], 0, &json_error);
        g_assert_false(holiday_table_add(table, document, &bad_error));
        g_assert_error(bad_error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
        json_decref(document);
    }
    Schedule schedule = month_days((const guint[]){13}, 1);
    GDate from = day_of("2016-01-01"), to = day_of("2018-12-31");
    g_autoptr(GArray) kept = calendar_missing_years(table, &schedule, &from, &to);
    g_assert_cmpuint(kept->len, ==, 0);
    schedule.offday = OFFDAY_NEXT;
    g_autoptr(GArray) missing = calendar_missing_years(table, &schedule, &from, &to);
    g_assert_cmpuint(missing->len, ==, 2);
    g_assert_cmpint(g_array_index(missing, int, 0), ==, 2017);
}

static void test_texts(void) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
    GDate a = day_of("2016-06-14"), b = day_of("2016-06-27"), c = day_of("2017-01-13");
    const struct {
        char *text;
        const char *expected;
    } cases[] = {
        {calendar_instant_text(zone, 1467043199, "zh"), "6月27日（星期一）23:59"},
        {calendar_instant_text(zone, 1467043199, "en"), "Monday 27 June 2016, 23:59"},
        {calendar_span_text(&a, &b, "zh"), "6月14日至6月27日"},
        {calendar_span_text(&a, &b, "en"), "14 June to 27 June 2016"},
        {calendar_span_text(&b, &c, "zh"), "2016年6月27日至2017年1月13日"},
        {calendar_span_text(&a, &a, "zh"), "6月14日"},
        {calendar_duration_text(3 * 86400 + 2 * 3600 + 59, "zh"), "3天2小时"},
        {calendar_duration_text(86400, "en"), "1 day"},
        {calendar_duration_text(3 * 86400 + 300, "en"), "3 days"},
        {calendar_duration_text(7260, "en"), "2 hours 1 minute"},
        {calendar_duration_text(5, "zh"), "1分钟"},
        {calendar_duration_text(-5, "en"), "1 minute"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpstr(cases[i].text, ==, cases[i].expected);
        g_free(cases[i].text);
    }
}

/* The shipped table: every year is there, what is decreed is known, nothing is listed twice. */
static void test_shipped_holidays(void) {
    g_autoptr(HolidayTable) table = holiday_table_new();
    for (int year = 2007; year <= 2027; year++) {
        g_autofree char *path = g_strdup_printf("etc/holidays/%d.json", year);
        json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, NULL), *entry;
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        gsize i;
        g_assert_nonnull(document);
        g_assert_cmpint(json_integer_value(json_object_get(document, "year")), ==, year);
        json_array_foreach(json_object_get(document, "days"), i, entry)
            g_assert_true(
                g_hash_table_add(seen, (gpointer)json_string_value(json_object_get(entry, "date"))));
        g_assert_true(holiday_table_add(table, document, NULL));
        g_assert_true(holiday_table_has_year(table, (GDateYear)year) == (year < 2027));
        json_decref(document);
    }
    static const struct {
        const char *day;
        bool works;
    } days[] = {{"2016-06-12", true},  {"2016-06-09", false}, {"2016-10-08", true},
                {"2020-01-31", false}, {"2027-03-01", true},  {"2027-03-06", false}};
    for (gsize i = 0; i < G_N_ELEMENTS(days); i++) {
        GDate day = day_of(days[i].day);
        g_assert_true(holiday_is_working(table, &day) == days[i].works);
    }
}

/* --- public vectors
 * ----------------------------------------------------------------------------------------- */

static char *shared_path(const char *name) {
    const char *shared = g_getenv("FORTNIGHT_SHARED");
    return g_build_filename(shared != NULL ? shared : "../shared", "corpora", name, NULL);
}

/* Every day of every year with a table: listed days as listed, others by the weekday. */
static void test_vectors_holidays(void) {
    guint n_years = 0;
    for (int year = 2007; year <= 2035; year++) {
        g_autofree char *name = g_strdup_printf("holiday-cn/%d.json", year);
        g_autofree char *path = shared_path(name);
        json_t *document = json_load_file(path, 0, NULL);
        if (document == NULL)
            continue;
        g_autoptr(HolidayTable) table = holiday_table_new();
        g_assert_true(holiday_table_add(table, document, NULL));
        g_autofree char *first = g_strdup_printf("%d-01-01", year);
        for (GDate day = day_of(first); g_date_get_year(&day) == year; g_date_add_days(&day, 1)) {
            char text[CALENDAR_DAY_BYTES];
            bool expected = g_date_get_weekday(&day) <= G_DATE_FRIDAY;
            gsize i;
            json_t *entry;
            calendar_day_format(&day, text);
            json_array_foreach(json_object_get(document, "days"), i, entry)
                if (strcmp(json_string_value(json_object_get(entry, "date")), text) == 0)
                    expected = json_is_false(json_object_get(entry, "isOffDay"));
            if (holiday_is_working(table, &day) != expected)
                g_error("%s is taken wrongly", text);
        }
        json_decref(document);
        n_years++;
    }
    if (n_years == 0)
        g_test_skip("no holiday-cn beside the repository");
    else
        g_test_message("%u years", n_years);
}

typedef struct {
    char *rrule, *start, *start_at, *instances;
} Vector;

static bool vector_matches(const Vector *vector, bool *ret_refused) {
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (sscanf(vector->start, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute, &second) < 3)
        g_error("odd vector: %s", vector->start);
    Schedule schedule = {
        .kind = SCHEDULE_RRULE, .rrule = vector->rrule, .due_second = hour * 3600 + minute * 60 + second};
    g_date_clear(&schedule.first_due, 1);
    g_date_set_dmy(&schedule.first_due, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    *ret_refused = !calendar_check(&schedule, NULL);
    if (*ret_refused || strstr(vector->instances, "***") != NULL)
        return *ret_refused; /* *** : the rule must be refused */
    /* START-AT: the instances before it are listed, but the walk begins there */
    const char *first = vector->start_at != NULL ? vector->start_at : "";
    GDate from = schedule.first_due, to = day_of("2100-01-01");
    if (vector->start_at != NULL) {
        g_autofree char *date = g_strdup_printf("%.4s-%.2s-%.2s", first, first + 4, first + 6);
        from = day_of(date);
    }
    g_autoptr(GArray) days = calendar_due_days(&schedule, NULL, &from, &to);
    g_auto(GStrv) expected = g_strsplit(vector->instances, ",", -1);
    bool ends = strstr(vector->rrule, "COUNT=") != NULL || strstr(vector->rrule, "UNTIL=") != NULL;
    guint next = 0;
    for (char **instance = expected; *instance != NULL; instance++) {
        if (strncmp(*instance, first, 8) < 0)
            continue;
        if (next >= days->len)
            return false;
        const GDate *found = &g_array_index(days, GDate, next++);
        g_autofree char *text = g_strdup_printf("%04d%02d%02d", g_date_get_year(found),
                                                (int)g_date_get_month(found), g_date_get_day(found));
        if (strncmp(text, *instance, 8) != 0)
            return false;
    }
    return !ends || next == days->len;
}

/* Recurrence rules with known instances. Rules of hours and minutes are refused, which counts as right. */
static void test_vectors_rrule(void) {
    g_autofree char *path = shared_path("libical-rrule/icalrecur_test.txt");
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_test_skip("no libical-rrule beside the repository");
        return;
    }
    g_auto(GStrv) blocks = g_strsplit(text, "\n\n", -1);
    guint right = 0, refused = 0, wrong = 0;
    for (char **block = blocks; *block != NULL; block++) {
        Vector vector = {0};
        g_auto(GStrv) lines = g_strsplit(*block, "\n", -1);
        for (char **line = lines; *line != NULL; line++) {
            g_strchomp(*line);
            if (g_str_has_prefix(*line, "RRULE:"))
                vector.rrule = *line + 6;
            else if (g_str_has_prefix(*line, "DTSTART:"))
                vector.start = *line + 8;
            else if (g_str_has_prefix(*line, "START-AT:"))
                vector.start_at = *line + 9;
            else if (g_str_has_prefix(*line, "INSTANCES:"))
                vector.instances = *line + 10;
        }
        if (vector.rrule == NULL || vector.start == NULL || vector.instances == NULL)
            continue;
        bool was_refused;
        if (!vector_matches(&vector, &was_refused)) {
            wrong++;
            g_test_message("wrong: %s from %s", vector.rrule, vector.start);
        } else if (was_refused) {
            refused++;
        } else {
            right++;
        }
    }
    g_test_message("%u right, %u refused, %u wrong", right, refused, wrong);
    g_assert_cmpuint(wrong, ==, 0);
    g_assert_cmpuint(right, >, 50);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calendar/parse", test_parse);
    g_test_add_func("/calendar/instant", test_instant);
    g_test_add_func("/calendar/due_days", test_due_days);
    g_test_add_func("/calendar/check", test_check);
    g_test_add_func("/calendar/property_days", test_property_days);
    g_test_add_func("/calendar/holidays", test_holidays);
    g_test_add_func("/calendar/shipped_holidays", test_shipped_holidays);
    g_test_add_func("/calendar/texts", test_texts);
    g_test_add_func("/calendar/vectors_holidays", test_vectors_holidays);
    g_test_add_func("/calendar/vectors_rrule", test_vectors_rrule);
    return g_test_run();
}
