/* plan(): who is owed which letter at an instant; one table a rule of SPEC 4. */
#include "gateway/core/plan.h"

#include <string.h>

#include "gateway/core/explain.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/period.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reminders.h"
#include "tests/unit/world.h"

/* Organizations 1 (known, with an advisor, section 生活), 2 (known), 3 (nobody known). */
static World *plan_world(void) {
    World *world = world_new();
    Organization *one = world_organization(world, 1, "护理学院学生会", "one@example.edu.cn");
    one->section = g_strdup("生活");
    world_contact(one, "advisor", "指导老师", "advisor@example.edu.cn", NULL);
    world_organization(world, 2, "护理学院团委", "two@example.edu.cn");
    Organization *three = world_organization(world, 3, "社团联合会", NULL);
    world_contact(three, "leader", "乙", NULL, "13800000003");
    /* the receipts are in */
    for (gint64 id = 1; id <= 3; id++) {
        Submission *receipt = world_submission(world, id, "2016-06-20", "2016-06-10T09:00", NULL, NULL);
        g_free(receipt->form);
        g_free(receipt->obligation);
        receipt->form = g_strdup("receipt");
        receipt->obligation = g_strdup("receipt");
    }
    return world;
}

static gint compare_keys(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Keys, sorted, with @ for each that does not leave at once: "overdue/…/org1 summary/…". */
static char *plan_text(World *world, const char *now) {
    g_autoptr(View) view = view_new(world->snapshot);
    gint64 now_s = at(now);
    g_autoptr(GPtrArray) letters = plan(view, now_s);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = g_ptr_array_index(letters, i);
        g_assert_cmpint(letter->expires_s, >, letter->not_before_s);
        g_assert_cmpint(letter->not_before_s, >=, now_s);
        g_assert_nonnull(letter->reason);
        g_assert_nonnull(letter->to_address);
        g_ptr_array_add(keys, g_strconcat(letter->key, letter->not_before_s > now_s ? "@" : "", NULL));
    }
    g_ptr_array_sort(keys, compare_keys);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < keys->len; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", (char *)g_ptr_array_index(keys, i));
    return g_string_free(text, FALSE);
}

static void assert_plan(World *world, const char *now, const char *expected, const char *why) {
    g_autofree char *text = plan_text(world, now);
    if (strcmp(text, expected) != 0)
        g_error("%s at %s:\n%s\ninstead of\n%s", why, now, text, expected);
}

#define R27 "remind/report/2016-06-27/"
#define O27 "overdue/report/2016-06-27/"
#define S27                                                                                                  \
    "summary/report/2016-06-27/leader@example.edu.cn summary/report/2016-06-27/supervisor@example.edu.cn"

static void test_stages(void) {
    static const struct {
        const char *now, *expected, *why;
    } steps[] = {
        {"2016-06-24T08:59", "", "before the first stage"},
        {"2016-06-24T09:00", R27 "T-3d/org1 " R27 "T-3d/org2",
         "three days before; nobody known for 3: no letter"},
        {"2016-06-25T20:00", R27 "T-3d/org1 " R27 "T-3d/org2", "a late start still reminds once"},
        {"2016-06-26T09:00", R27 "T-1d/org1 " R27 "T-1d/org2", "only the stage in force, never a burst"},
        {"2016-06-27T08:29", R27 "T-1d/org1 " R27 "T-1d/org2", "still the day before's"},
        {"2016-06-27T08:30", R27 "T-0d/org1 " R27 "T-0d/org2", "the due day"},
        {"2016-06-27T23:59", "" R27 "T-0d/org1 " R27 "T-0d/org2", "until the last minute"},
        {"2016-06-28T00:00", "", "no reminder after the due instant"},
        {"2016-06-28T08:00", S27, "the summary"},
        {"2016-06-28T09:00", O27 "T+1d/org1 " O27 "T+1d/org1/advisor " O27 "T+1d/org2 " S27,
         "overdue, copy to the advisor where there is one"},
        {"2016-06-30T08:00", O27 "T+1d/org1 " O27 "T+1d/org1/advisor " O27 "T+1d/org2",
         "two days later no summary is news"},
        {"2016-06-30T09:00", O27 "T+3d/org1/section_head",
         "then the section head, where the section has one"},
        {"2016-07-02T09:00", "", "an outage ends in silence, not in old letters"},
        {"2016-07-10T09:00", "remind/report/2016-07-13/T-3d/org1 remind/report/2016-07-13/T-3d/org2",
         "only the next period"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(World) world = plan_world();
        assert_plan(world, steps[i].now, steps[i].expected, steps[i].why);
    }
}

/* Where the summary goes to section heads as well, each reads of the own section, and knows which it is. */
static void test_summary_of_section(void) {
    g_autoptr(World) world = plan_world();
    Obligation *report = (Obligation *)world_obligation(world, "report");
    g_free(report->summary.to);
    report->summary.to = g_strdup("leader+section_head");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = plan(view, at("2016-06-28T08:00"));
    guint heads = 0;
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = g_ptr_array_index(letters, i);
        const char *section = json_string_value(json_object_get(letter->facts, "section"));
        if (letter->kind != LETTER_SUMMARY || section == NULL)
            continue;
        heads++;
        g_assert_true(g_str_has_prefix(letter->key, "summary/report/2016-06-27/"));
        json_t *facts = letter_facts(view, letter, at("2016-06-28T08:00"));
        const json_t *rows = json_object_get(json_object_get(facts, "summary"), "organizations"), *row;
        gsize r;
        g_assert_cmpuint(json_array_size(rows), >, 0);
        json_array_foreach((json_t *)rows, r, row)
            g_assert_cmpstr(json_string_value(json_object_get(row, "section")), ==, section);
        json_decref(facts);
    }
    g_assert_cmpuint(heads, ==, 1);
}

static void set_pending(World *world, gint64 org_id, const char *seen) {
    PendingMail *mail = g_new0(PendingMail, 1);
    mail->message_id = 77;
    mail->org_id = org_id;
    mail->seen_s = at(seen);
    g_ptr_array_add(world->snapshot->pending, mail);
}

static void exempt(World *world, gint64 org_id, const char *period) {
    Exemption *exemption = g_new0(Exemption, 1);
    exemption->org_id = org_id;
    exemption->obligation = g_strdup("report");
    exemption->period = g_strdup(period);
    g_ptr_array_add(world->snapshot->exemptions, exemption);
}

/* Who does not owe is not written to. */
static void test_who_owes(void) {
    g_autoptr(World) world = plan_world();
    Organization *one = g_ptr_array_index(world->snapshot->organizations, 0);
    world_submission(world, 2, "2016-06-27", "2016-06-20T09:00", NULL, NULL);
    assert_plan(world, "2016-06-24T09:00", R27 "T-3d/org1", "no reminder to one who has submitted");
    assert_plan(world, "2016-07-10T09:00",
                "remind/report/2016-07-13/T-3d/org1 remind/report/2016-07-13/T-3d/org2",
                "the next is owed again");
    one->suspended = true;
    assert_plan(world, "2016-06-24T09:00", "", "suspended");
    one->suspended = false;
    one->since_s = at("2016-06-28T00:00");
    assert_plan(world, "2016-06-24T09:00", "", "joined after this period");
    one->since_s = at("2016-06-20T00:00");
    assert_plan(world, "2016-06-24T09:00", R27 "T-3d/org1", "joined before it was due");
    exempt(world, 1, "2016-06-27");
    assert_plan(world, "2016-06-24T09:00", "", "exempt from this one");
    assert_plan(world, "2016-07-10T09:00",
                "remind/report/2016-07-13/T-3d/org1 remind/report/2016-07-13/T-3d/org2", "not from the next");
    exempt(world, 1, NULL);
    assert_plan(world, "2016-07-10T09:00", "remind/report/2016-07-13/T-3d/org2", "exempt from all");
}

/* Deciding twice, late or after a crash adds nothing. */
static void extend(World *world, gint64 org_id, const char *period, const char *until) {
    Extension *extension = g_new0(Extension, 1);
    *extension = (Extension){.org_id = org_id,
                             .obligation = g_strdup("report"),
                             .period = g_strdup(period),
                             .until_s = at(until) + 59};
    if (world->snapshot->extensions == NULL)
        world->snapshot->extensions = g_ptr_array_new_with_free_func((GDestroyNotify)extension_free);
    g_ptr_array_add(world->snapshot->extensions, extension);
}

/* Who was granted more time is reminded by that time, and is neither overdue nor missing before. */
static void test_extended(void) {
    static const struct {
        const char *now, *expected, *why;
    } steps[] = {
        {"2016-06-27T12:00", R27 "T-0d/org2 " R27 "T-3d@2016-06-30/org1",
         "the stages move with the extension"},
        {"2016-06-28T07:00", R27 "T-3d@2016-06-30/org1", "the old due day has passed"},
        {"2016-06-29T09:00", R27 "T-1d@2016-06-30/org1 " S27 " " O27 "T+1d/org2", "its own last days"},
        {"2016-07-01T09:00", O27 "T+1d@2016-06-30/org1 " O27 "T+1d@2016-06-30/org1/advisor",
         "overdue at last"},
    };
    g_autoptr(World) world = plan_world();
    extend(world, 1, "2016-06-27", "2016-06-30T23:59");
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autofree char *text = plan_text(world, steps[i].now);
        g_auto(GStrv) keys = g_strsplit(steps[i].expected, " ", -1);
        for (char **key = keys; *key != NULL; key++)
            if (strstr(text, *key) == NULL)
                g_error("%s at %s:\n%s\nlacks\n%s", steps[i].why, steps[i].now, text, *key);
        if (i < 3)
            g_assert_null(strstr(text, O27 "T+1d/org1"));
    }
    g_autoptr(View) view = view_new(world->snapshot);
    const Organization *one = view_organization(view, 1), *two = view_organization(view, 2);
    const Obligation *report = world_obligation(world, "report");
    g_autoptr(Period) period = period_by_key(world->programme, report, "2016-06-27");
    g_autoptr(Letter) before = reminders_asked(view, report, period, one, "asked-7", at("2016-06-29T10:00"));
    g_autoptr(Letter) after = reminders_asked(view, report, period, two, "asked-7", at("2016-06-29T10:00"));
    g_assert_cmpstr(before->key, ==, R27 "asked-7/org1");
    g_assert_cmpstr(after->key, ==, O27 "asked-7/org2");
    g_assert_true(letter_still_due(view, before, at("2016-06-30T10:00"), NULL));
    g_assert_false(letter_still_due(view, before, at("2016-07-01T10:00"), NULL));
    g_assert_cmpint(plan_next_instant(view, at("2016-06-29T09:30")), ==, at("2016-06-30T08:30"));
    g_assert_cmpint(period->due_s, <, at("2016-06-28T00:00"));
}

static void test_once(void) {
    g_autoptr(World) world = plan_world();
    g_autoptr(View) view = view_new(world->snapshot);
    for (gint64 now_s = at("2016-06-20T00:00"); now_s < at("2016-07-02T00:00"); now_s += 1800) {
        g_autoptr(GPtrArray) letters = plan(view, now_s);
        for (guint i = 0; i < letters->len; i++) {
            const Letter *letter = g_ptr_array_index(letters, i);
            g_assert_false(view_letter_decided(view, letter->key));
            view_decide_letter(view, letter->key, i % 2 ? OUTBOX_SENT : OUTBOX_CANCELLED);
        }
        g_autoptr(GPtrArray) again = plan(view, now_s);
        g_assert_cmpuint(again->len, ==, 0);
    }
    /* 3 reminders to two, 3 overdue, 1 to the head, 2 summaries */
    g_assert_cmpuint(g_hash_table_size(world->snapshot->letter_keys), ==, 3 * 2 + 3 + 1 + 2);
}

static void test_silent_and_quiet(void) {
    g_autoptr(World) world = plan_world();
    world->snapshot->released_s = 0;
    assert_plan(world, "2016-06-24T09:00", "", "the first contact is silent");
    world->snapshot->released_s = at("2016-06-24T12:00");
    assert_plan(world, "2016-06-24T11:59", "", "not before the release");
    assert_plan(world, "2016-06-24T12:00", R27 "T-3d/org1 " R27 "T-3d/org2", "from the release on");
    world->programme->quiet_from_second = 22 * 3600;
    world->programme->quiet_to_second = 7 * 3600;
    assert_plan(world, "2016-06-24T23:00", R27 "T-3d/org1@ " R27 "T-3d/org2@", "waits for the morning");
    assert_plan(world, "2016-06-27T22:30", "", "the quiet hours outlast the due instant");
    static const struct {
        const char *from, *to, *at, *leaves;
    } quiet[] = {
        {"22:00", "07:00", "2016-06-24T21:59", "2016-06-24T21:59"},
        {"22:00", "07:00", "2016-06-24T22:00", "2016-06-25T07:00"},
        {"22:00", "07:00", "2016-06-25T06:59", "2016-06-25T07:00"},
        {"22:00", "07:00", "2016-06-25T07:00", "2016-06-25T07:00"},
        {"12:00", "14:00", "2016-06-25T13:00", "2016-06-25T14:00"},
        {"12:00", "14:00", "2016-06-25T14:00", "2016-06-25T14:00"},
        {"00:00", "00:00", "2016-06-25T00:00", "2016-06-25T00:00"},
        {"00:00", "06:00", "2016-12-31T05:00", "2016-12-31T06:00"},
        {"22:00", "00:00", "2016-12-31T23:00", "2017-01-01T00:00"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(quiet); i++) {
        int from_h, from_m, to_h, to_m;
        g_assert_cmpint(sscanf(quiet[i].from, "%d:%d", &from_h, &from_m), ==, 2);
        g_assert_cmpint(sscanf(quiet[i].to, "%d:%d", &to_h, &to_m), ==, 2);
        world->programme->quiet_from_second = from_h * 3600 + from_m * 60;
        world->programme->quiet_to_second = to_h * 3600 + to_m * 60;
        g_assert_cmpint(quiet_hours_after(world->programme, at(quiet[i].at)), ==, at(quiet[i].leaves));
    }
}

/* Waiting mail holds reminders back, at most 24 hours; then the liaison is told. */
static void test_pending(void) {
    g_autoptr(World) world = plan_world();
    set_pending(world, 1, "2016-06-24T08:30");
    assert_plan(world, "2016-06-24T09:00", R27 "T-3d/org2", "held");
    assert_plan(world, "2016-06-25T08:29", R27 "T-3d/org2", "still held");
    assert_plan(world, "2016-06-25T08:30", R27 "T-3d/org1 " R27 "T-3d/org2", "24 hours are over");
    assert_plan(world, "2016-06-25T09:00", R27 "T-3d/org1 " R27 "T-3d/org2 review/2016-06-25T09",
                "and the liaison is told at the full hour");
    g_autoptr(View) view = view_new(world->snapshot);
    gint64 until_s = 0;
    Letter letter = {.kind = LETTER_REMINDER, .org_id = 1};
    g_assert_true(letter_on_hold(view, &letter, at("2016-06-24T09:00"), &until_s));
    g_assert_cmpint(until_s, ==, at("2016-06-25T08:30"));
    g_assert_false(letter_on_hold(view, &letter, at("2016-06-25T08:30"), NULL));
    letter.org_id = 2;
    g_assert_false(letter_on_hold(view, &letter, at("2016-06-24T09:00"), NULL));
    letter = (Letter){.kind = LETTER_ACK, .org_id = 1};
    g_assert_false(letter_on_hold(view, &letter, at("2016-06-24T09:00"), NULL));
}

static void add_review(World *world, const char *since) {
    ReviewItem *item = g_new0(ReviewItem, 1);
    item->message_id = 5;
    item->code = g_strdup("unknown_sender");
    item->from = g_strdup("x@example.com");
    item->subject = g_strdup("双周报");
    item->since_s = at(since);
    g_ptr_array_add(world->snapshot->reviews, item);
}

/* One review notice an hour, for everything that is open. */
static void test_review(void) {
    g_autoptr(World) world = plan_world();
    add_review(world, "2016-07-03T10:05");
    assert_plan(world, "2016-07-03T10:30", "", "collected until the hour is full");
    assert_plan(world, "2016-07-03T11:00", "review/2016-07-03T11", "told");
    add_review(world, "2016-07-03T10:50");
    assert_plan(world, "2016-07-03T11:00", "review/2016-07-03T11", "one letter for both");
    {
        g_autoptr(View) view = view_new(world->snapshot);
        view_decide_letter(view, "review/2016-07-03T11", OUTBOX_SENT);
    }
    assert_plan(world, "2016-07-04T11:00", "", "not again");
    add_review(world, "2016-07-05T15:00");
    assert_plan(world, "2016-07-06T09:00", "review/2016-07-05T16",
                "after an outage one letter, for the newest");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = plan(view, at("2016-07-06T09:00"));
    json_t *facts = letter_facts(view, g_ptr_array_index(letters, 0), at("2016-07-06T09:00"));
    g_assert_cmpint(json_integer_value(json_object_get(facts, "count")), ==, 3);
    json_decref(facts);
    g_ptr_array_set_size(world->snapshot->reviews, 0);
    g_assert_false(letter_still_due(view, g_ptr_array_index(letters, 0), at("2016-07-06T09:00"), NULL));
}

/* Grace: overdue and summary wait for its end. */
static void test_grace(void) {
    g_autoptr(World) world = plan_world();
    ((Obligation *)world_obligation(world, "report"))->schedule.grace_s = 12 * 3600;
    assert_plan(world, "2016-06-28T09:00", "", "grace until noon");
    assert_plan(world, "2016-06-28T12:00", O27 "T+1d/org1 " O27 "T+1d/org1/advisor " O27 "T+1d/org2 " S27,
                "then both");
}

static Letter *letter_of(World *world, const char *now, guint index) {
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = plan(view, at(now));
    g_assert_cmpuint(letters->len, >, index);
    return g_ptr_array_steal_index(letters, index);
}

/* Asked again when it is about to leave. */
static void test_still_due(void) {
    g_autoptr(World) world = plan_world();
    g_free(world->programme->language); /* the table below quotes the English sentences */
    world->programme->language = g_strdup("en");
    g_autoptr(Letter) reminder = letter_of(world, "2016-06-24T09:00", 0);
    g_autoptr(Letter) overdue = letter_of(world, "2016-06-28T09:00", 0);
    Organization *one = g_ptr_array_index(world->snapshot->organizations, 0);
    g_assert_cmpint(overdue->kind, ==, LETTER_OVERDUE);
    struct {
        const Letter *letter;
        const char *now, *change, *reason;
    } steps[] = {
        {reminder, "2016-06-24T09:05", "", NULL},
        {reminder, "2016-06-26T09:00", "", "it has expired"},
        {overdue, "2016-06-28T09:05", "", NULL},
        {reminder, "2016-06-24T09:05", "submitted", "it has been submitted meanwhile"},
        {overdue, "2016-06-28T09:05", "submitted", "it has been submitted meanwhile"},
        {reminder, "2016-06-24T09:05", "suspended", "the organization is suspended"},
        {reminder, "2016-06-24T09:05", "exempt", "the organization is exempt from this period"},
        {reminder, "2016-06-24T09:05", "silent", "the first contact is still silent"},
        {overdue, "2016-06-28T09:05", "grace", "the period is not overdue: its due date has moved"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        const char *change = steps[i].change;
        Obligation *report = (Obligation *)world_obligation(world, "report");
        one->suspended = strcmp(change, "suspended") == 0;
        world->snapshot->released_s = strcmp(change, "silent") == 0 ? 0 : 1;
        report->schedule.grace_s = strcmp(change, "grace") == 0 ? 86400 : 0;
        g_ptr_array_set_size(world->snapshot->exemptions, 0);
        if (strcmp(change, "exempt") == 0)
            exempt(world, 1, "2016-06-27");
        if (strcmp(change, "submitted") == 0)
            world_submission(world, 1, "2016-06-27", "2016-06-24T09:01", NULL, NULL);
        g_autoptr(View) view = view_new(world->snapshot);
        g_autofree char *reason = NULL;
        bool due = letter_still_due(view, steps[i].letter, at(steps[i].now), &reason);
        g_assert_cmpstr(reason, ==, steps[i].reason);
        g_assert_true(due == (steps[i].reason == NULL));
        g_autoptr(GPtrArray) sentences =
            explain_letter(view, steps[i].letter, OUTBOX_QUEUED, at(steps[i].now));
        g_assert_cmpuint(sentences->len, ==, 4);
        if (strcmp(change, "submitted") == 0) { /* taken back */
            GPtrArray *all = world->snapshot->submissions;
            g_ptr_array_set_size(all, (gint)all->len - 1);
        }
    }
}

static void test_limits(void) {
    g_autoptr(World) world = plan_world();
    static const struct {
        LetterKind kind;
        int priority;
        guint today, hour;
        LetterLimit limit;
        const char *why;
    } limits[] = {
        {LETTER_ACK, PRIORITY_ACK, 0, 0, LETTER_MAY_LEAVE, "first"},
        {LETTER_ACK, PRIORITY_ACK, 19, 4, LETTER_MAY_LEAVE, "last"},
        {LETTER_ACK, PRIORITY_ACK, 20, 0, LETTER_ONE_TOO_MANY, "twenty a day"},
        {LETTER_ACK, PRIORITY_ACK, 5, 5, LETTER_WAITS, "five answers an hour: a loop"},
        {LETTER_DEFECT, PRIORITY_ACK, 5, 5, LETTER_WAITS, "defects are answers"},
        {LETTER_REMINDER, PRIORITY_REMINDER, 5, 5, LETTER_MAY_LEAVE, "reminders are none"},
        {LETTER_REMINDER, PRIORITY_URGENT, 100, 100, LETTER_MAY_LEAVE,
         "urgent matters have limits of their own"},
        {LETTER_ACK, PRIORITY_ACK, 20, 5, LETTER_ONE_TOO_MANY, "both: what ends the loop"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(limits); i++) {
        const Letter letter = {.kind = limits[i].kind, .priority = limits[i].priority};
        if (letter_limit(world->programme, &letter, limits[i].today, limits[i].hour) != limits[i].limit)
            g_error("%s", limits[i].why);
    }
    json_auto_t *facts = json_pack("{s:i}", "nth", 2);
    const Letter further = {.kind = LETTER_ACK, .priority = PRIORITY_ACK, .facts = facts};
    g_assert_cmpint(letter_limit(world->programme, &further, 20, 5), ==, LETTER_MAY_LEAVE);
}

/* Between now and plan_next_instant() nothing may change; found minute by minute. */
static void test_next_instant(void) {
    g_autoptr(World) world = plan_world();
    set_pending(world, 1, "2016-06-24T07:10");
    add_review(world, "2016-06-26T10:20");
    g_autoptr(View) view = view_new(world->snapshot);
    gint64 next_s = plan_next_instant(view, at("2016-06-23T00:00"));
    for (gint64 now_s = at("2016-06-23T00:00") + 60; now_s < at("2016-07-01T00:00"); now_s += 60) {
        g_autoptr(GPtrArray) letters = plan(view, now_s);
        if (letters->len > 0)
            g_assert_cmpint(next_s, <=, now_s);
        for (guint i = 0; i < letters->len; i++)
            view_decide_letter(view, ((Letter *)g_ptr_array_index(letters, i))->key, OUTBOX_SENT);
        if (now_s >= next_s)
            next_s = plan_next_instant(view, now_s);
        g_assert_cmpint(next_s, >, now_s);
    }
}

/* Facts of what plan() decides: every name, current at the time of sending. */
static void test_facts(void) {
    g_autoptr(World) world = plan_world();
    g_autoptr(Letter) reminder = letter_of(world, "2016-06-24T09:00", 0);
    g_autoptr(Letter) copy = letter_of(world, "2016-06-28T09:00", 1);
    g_autoptr(View) view = view_new(world->snapshot);
    json_t *facts = letter_facts(view, reminder, at("2016-06-25T09:00"));
    g_assert_cmpstr(json_string_value(json_object_get(facts, "stage")), ==, "T-3d");
    g_assert_cmpint(json_integer_value(json_object_get(facts, "days_left")), ==, 2);
    g_assert_cmpstr(json_string_value(json_object_get(facts, "days_left_text")), ==, "2天");
    g_assert_cmpstr(json_string_value(json_object_get(facts, "form_title")), ==, "双周报");
    g_assert_cmpuint(json_array_size(json_object_get(facts, "prefill")), ==, 2);
    g_assert_cmpuint(strlen(json_string_value(json_object_get(facts, "reference"))), ==, 8);
    json_decref(facts);
    facts = letter_facts(view, copy, at("2016-06-28T09:00"));
    g_assert_true(json_is_true(json_object_get(facts, "is_copy")));
    g_assert_cmpstr(json_string_value(json_object_get(facts, "copy_role")), ==, "advisor");
    g_assert_cmpstr(json_string_value(json_object_get(facts, "contact_name")), ==, "联络员");
    g_assert_cmpstr(json_string_value(json_object_get(facts, "late_text")), ==, "9小时");
    json_decref(facts);
    g_autoptr(Period) period =
        period_at(world->programme, world_obligation(world, "report"), at("2016-06-25T09:00"));
    g_autoptr(GPtrArray) sentences =
        explain_standing(view, world_obligation(world, "report"), period,
                         g_ptr_array_index(world->snapshot->organizations, 2), at("2016-06-25T09:00"));
    g_assert_cmpuint(sentences->len, ==, 4);
    g_assert_nonnull(strstr(g_ptr_array_index(sentences, 2), "电话名单"));
}

/* 10,000 organizations and 24 periods, all in the snapshot. The limit is generous: sanitizers cost several
 * times as much. */
static void test_speed(void) {
    enum { N_ORGANIZATIONS = 10000, N_PERIODS = 24 };
    g_autoptr(World) world = world_new();
    g_autoptr(GPtrArray) periods = period_list(world->programme, world_obligation(world, "report"),
                                               at("2016-06-27T00:00"), at("2017-06-27T00:00"));
    for (gint64 id = 1; id <= N_ORGANIZATIONS; id++) {
        g_autofree char *name = g_strdup_printf("组织%05d学生会", (int)id);
        g_autofree char *address = g_strdup_printf("org%d@example.edu.cn", (int)id);
        world_organization(world, id, name, address);
    }
    json_t *nothing = json_object();
    for (guint i = 0; i < N_PERIODS; i++)
        for (gint64 id = 1; id <= N_ORGANIZATIONS; id++) {
            Submission *submission = g_new0(Submission, 1);
            submission->org_id = id;
            submission->form = g_strdup("report");
            submission->obligation = g_strdup("report");
            submission->period = g_strdup(((Period *)g_ptr_array_index(periods, i))->key);
            submission->revision = 1;
            submission->fields = json_incref(nothing);
            submission->tables = json_incref(nothing);
            if (i < N_PERIODS - 1 || id % 2 == 0)
                g_ptr_array_add(world->snapshot->submissions, submission);
            else
                submission_free(submission);
        }
    json_decref(nothing);
    gint64 due_s = ((Period *)g_ptr_array_index(periods, N_PERIODS - 1))->due_s;
    g_test_timer_start();
    g_autoptr(View) view = view_new(world->snapshot);
    double index_s = g_test_timer_elapsed();
    g_test_timer_start();
    g_autoptr(GPtrArray) letters = plan(view, due_s - 3600);
    double plan_s = g_test_timer_elapsed();
    g_assert_cmpuint(letters->len, ==, N_ORGANIZATIONS / 2);
    g_test_timer_start();
    for (guint i = 0; i < letters->len; i++)
        g_assert_true(letter_still_due(view, g_ptr_array_index(letters, i), due_s - 3500, NULL));
    g_test_message("index %.3f s, plan %.3f s, %u letters asked again %.3f s", index_s, plan_s, letters->len,
                   g_test_timer_elapsed());
    g_assert_cmpfloat(index_s + plan_s, <, 10.0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan/stages", test_stages);
    g_test_add_func("/plan/summary_of_section", test_summary_of_section);
    g_test_add_func("/plan/who_owes", test_who_owes);
    g_test_add_func("/plan/extended", test_extended);
    g_test_add_func("/plan/once", test_once);
    g_test_add_func("/plan/silent_and_quiet", test_silent_and_quiet);
    g_test_add_func("/plan/pending", test_pending);
    g_test_add_func("/plan/review", test_review);
    g_test_add_func("/plan/grace", test_grace);
    g_test_add_func("/plan/still_due", test_still_due);
    g_test_add_func("/plan/limits", test_limits);
    g_test_add_func("/plan/next_instant", test_next_instant);
    g_test_add_func("/plan/facts", test_facts);
    g_test_add_func("/plan/speed", test_speed);
    return g_test_run();
}
