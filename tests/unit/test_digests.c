/* Digests to section heads and advisors, and what heads answer: approval.h, digests.h. */
#include "gateway/core/digests.h"

#include <string.h>
#include <time.h>

#include "gateway/core/approval.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/period.h"
#include "gateway/core/plan.h"
#include "gateway/core/simulate.h"
#include "gateway/core/status.h"
#include "tests/unit/world.h"

/* Organizations 1 and 2 of section 生活 (head@example.edu.cn), 3 of none; 1 and 3 share an advisor. The
 * digest goes out at 20:00 of the due day, the report is due at 23:59:59. */
static World *digest_world(void) {
    World *world = world_new();
    Obligation *report = (Obligation *)world_obligation(world, "report");
    report->has_digest = true;
    report->digest = (Stage){.days = 0, .second = 20 * 3600, .to = g_strdup("section_head+advisor")};
    Organization *one = world_organization(world, 1, "护理学院学生会", "one@example.edu.cn");
    Organization *two = world_organization(world, 2, "校学生会", "two@example.edu.cn");
    Organization *three = world_organization(world, 3, "研究生会", "three@example.edu.cn");
    one->section = g_strdup("生活");
    two->section = g_strdup("生活");
    world_contact(one, "advisor", "导师", "advisor@example.edu.cn", NULL);
    world_contact(three, "advisor", "导师", "Advisor@example.edu.cn", NULL);
    world->programme->quiet_from_second = 22 * 3600;
    world->programme->quiet_to_second = 7 * 3600;
    return world;
}

/* Keys of digests decided at an instant, with those of a section's digest cut to their kind: "section_digest
 * later" */
static char *digests_at(World *world, const char *now) {
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = plan(view, at(now));
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = g_ptr_array_index(letters, i);
        if (letter->kind != LETTER_SECTION_DIGEST && letter->kind != LETTER_ADVISOR_DIGEST)
            continue;
        g_autofree char *ids = json_dumps(json_object_get(letter->facts, "org_ids"), JSON_COMPACT);
        g_auto(GStrv) parts = g_strsplit(letter->key, "/", 2);
        g_string_append_printf(text, "%s%s%s", text->len > 0 ? " " : "", parts[0], ids);
        g_assert_cmpint(letter->expires_s, >, letter->not_before_s);
        g_assert_nonnull(letter->reason);
        view_decide_letter(view, letter->key, OUTBOX_SENT);
    }
    return g_string_free(text, FALSE);
}

static void assert_digests(World *world, const char *now, const char *expected, const char *why) {
    g_autofree char *text = digests_at(world, now);
    if (strcmp(text, expected) != 0)
        g_error("%s at %s:\n%s\ninstead of\n%s", why, now, text, expected);
}

static void test_when(void) {
    g_autoptr(World) world = digest_world();
    assert_digests(world, "2016-06-27T19:59", "", "before the evening");
    assert_digests(world, "2016-06-27T20:00", "section_digest[1,2] advisor_digest[1,3]", "the evening");
    assert_digests(world, "2016-06-27T20:05", "", "once");
    world_submission(world, 2, "2016-06-27", "2016-06-27T20:40", NULL, NULL);
    assert_digests(world, "2016-06-27T20:59", "", "gathered for an hour");
    assert_digests(world, "2016-06-27T21:00", "section_later[2]", "passed on");
    world_submission(world, 1, "2016-06-27", "2016-06-27T22:40", NULL, NULL);
    assert_digests(world, "2016-06-27T23:30", "", "not by night");
    assert_digests(world, "2016-06-28T07:00", "section_later[2,1]", "in the morning, before the summary");
    assert_digests(world, "2016-06-28T08:00", "", "once");
}

static void test_outage(void) {
    g_autoptr(World) world = digest_world();
    world_submission(world, 1, "2016-06-27", "2016-06-26T09:00", NULL, NULL);
    assert_digests(world, "2016-06-28T19:00", "section_digest[1,2] advisor_digest[1,3] section_later[1]",
                   "still of use the next day");
    g_autoptr(World) longer = digest_world();
    assert_digests(longer, "2016-06-29T09:00", "", "no longer after a day");
    assert_digests(longer, "2016-07-13T20:00", "section_digest[1,2] advisor_digest[1,3]",
                   "the next one comes");
}

/* What nobody reviewed is told once more next morning; what was reviewed is not. */
static void test_reviewed(void) {
    g_autoptr(World) world = digest_world();
    world_submission(world, 1, "2016-06-27", "2016-06-26T09:00", NULL, NULL);
    Submission *two = world_submission(world, 2, "2016-06-27", "2016-06-27T20:40", NULL, NULL);
    two->verdict = VERDICT_APPROVED;
    assert_digests(world, "2016-06-27T20:00", "section_digest[1,2] advisor_digest[1,3]", "the evening");
    assert_digests(world, "2016-06-27T21:30", "", "it was approved");
    g_autoptr(View) view = view_new(world->snapshot);
    g_assert_cmpint(plan_next_instant(view, at("2016-06-27T23:00")), ==, at("2016-06-28T07:00"));
    assert_digests(world, "2016-06-28T07:00", "section_later[1]", "told once more");
    const Obligation *report = world_obligation(world, "report");
    g_assert_cmpint(approval_state(view, report, two), ==, APPROVAL_APPROVED);
    two->verdict = VERDICT_RETURNED;
    g_assert_cmpint(approval_state(view, report, two), ==, APPROVAL_RETURNED);
    Submission *three = world_submission(world, 3, "2016-06-27", "2016-06-26T09:00", NULL, NULL);
    g_assert_cmpint(approval_state(view, report, three), ==, APPROVAL_NOT_ASKED);
}

static void test_still_due(void) {
    g_autoptr(World) world = digest_world();
    Submission *one = world_submission(world, 1, "2016-06-27", "2016-06-27T20:40", NULL, NULL);
    g_autoptr(View) view = view_new(world->snapshot);
    Letter later = {.kind = LETTER_SECTION_DIGEST,
                    .obligation = (char *)"report",
                    .period = (char *)"2016-06-27",
                    .expires_s = G_MAXINT64,
                    .facts = json_of("{'section':'生活','org_ids':[1],'is_later':true}")};
    g_assert_true(letter_still_due(view, &later, at("2016-06-28T07:00"), NULL));
    one->verdict = VERDICT_APPROVED;
    g_assert_false(letter_still_due(view, &later, at("2016-06-28T07:00"), NULL));
    json_decref(later.facts);
    g_autoptr(Letter) returned = digests_returned_letter(view, one, approval_head(world->programme, "生活"),
                                                         "附表不全", at("2016-06-28T07:00"));
    g_assert_cmpstr(returned->to_address, ==, "one@example.edu.cn");
    g_assert_cmpstr(returned->period, ==, "2016-06-27");
    g_assert_cmpint(returned->kind, ==, LETTER_RETURNED);
}

/* "A" or "R", numbers, reason, one a sentence. */
static char *words_of(const char *reply) {
    g_autoptr(GPtrArray) words = approval_read(reply);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++) {
        const ApprovalWord *word = g_ptr_array_index(words, i);
        g_string_append_printf(text, "%s%c", i > 0 ? "|" : "", word->verdict == VERDICT_APPROVED ? 'A' : 'R');
        for (guint n = 0; n < word->numbers->len; n++)
            g_string_append_printf(text, "%s%u", n > 0 ? "," : "", g_array_index(word->numbers, guint, n));
        if (*word->rest != '\0')
            g_string_append_printf(text, ":%s", word->rest);
    }
    return g_string_free(text, FALSE);
}

static void test_words(void) {
    static const struct {
        const char *reply, *expected;
    } rows[] = {
        {"通过", "A"},
        {"通过。", "A"},
        {"全部通过，辛苦了", "A:辛苦了"},
        {"同意", "A"},
        {"通过 1 3", "A1,3"},
        {"通过：1、3号，5", "A1,3,5"},
        {"通过１，３", "A1,3"},
        {"退回 2：数据与附表不符", "R2:数据与附表不符"},
        {"退回：附表不全", "R:附表不全"},
        {"退回 2份材料不全", "R:2份材料不全"},
        {"不通过 2 缺少案例", "R2:缺少案例"},
        {"审核不通过：太少", "R:太少"},
        {"通过 1\n退回 2：附表不全\n请补齐案例", "A1|R2:附表不全\n请补齐案例"},
        {"  各位好，\n\n通过 1 2\n谢谢", "A1,2"},
        {"approve", "A"},
        {"Approved 1, 3.", "A1,3"},
        {"return 2: the list is not complete", "R2:the list is not complete"},
        {"Returns are high this week", ""},
        {"approval pending", ""},
        {"请问什么时候截止？", ""},
        {"", ""},
        {"\xff\xfe", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = words_of(rows[i].reply);
        if (strcmp(text, rows[i].expected) != 0)
            g_error("“%s”: %s instead of %s", rows[i].reply, text, rows[i].expected);
    }
    /* a whole mail behind the word is cut, between characters */
    g_autoptr(GString) lengthy = g_string_new("退回 1：");
    for (guint i = 0; i < 5000; i++)
        g_string_append(lengthy, "长\n");
    g_autoptr(GPtrArray) words = approval_read(lengthy->str);
    const ApprovalWord *word = g_ptr_array_index(words, 0);
    g_assert_cmpuint(strlen(word->rest), <, 3000);
    g_assert_true(g_utf8_validate(word->rest, -1, NULL));
}

/* A term in fast motion: one digest a section, advisor and period. */
static void test_simulated(void) {
    g_autoptr(World) world = digest_world();
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = simulate(view, NULL, at("2016-06-20T00:00"), at("2016-09-01T00:00"));
    guint sections = 0, advisors = 0;
    for (guint i = 0; i < letters->len; i++) {
        const SimulatedLetter *letter = g_ptr_array_index(letters, i);
        sections += letter->letter->kind == LETTER_SECTION_DIGEST && letter->sent;
        advisors += letter->letter->kind == LETTER_ADVISOR_DIGEST && letter->sent;
    }
    g_assert_cmpuint(sections, ==, 5); /* 27 June to 27 August */
    g_assert_cmpuint(advisors, ==, 5);
}

/* --- what sections and persons owe themselves
 * ----------------------------------------------------------------------------- */

static Organization *add_party(World *world, gint64 id, OwedBy kind, const char *role, const char *name,
                               const char *section, const char *address) {
    if (world->snapshot->parties == NULL)
        world->snapshot->parties = g_ptr_array_new_with_free_func((GDestroyNotify)organization_free);
    Organization *party = organization_new();
    party->id = id;
    party->kind = kind;
    party->role = g_strdup(role);
    party->name = g_strdup(name);
    party->section = g_strdup(section);
    if (address != NULL)
        world_contact(party, role, "负责人", address, NULL);
    g_ptr_array_add(world->snapshot->parties, party);
    return party;
}

static Obligation *add_obligation(World *world, const char *id, OwedBy owed_by) {
    Obligation *obligation = obligation_new();
    obligation->id = g_strdup(id);
    obligation->title_zh = g_strdup("任务");
    obligation->owed_by = owed_by;
    obligation->schedule =
        (Schedule){.kind = SCHEDULE_MONTH_DAYS, .days = {14, 28}, .n_days = 2, .due_second = 18 * 3600};
    calendar_day_parse("2016-06-28", &obligation->schedule.first_due);
    const Stage reminder = {.days = 0, .second = 9 * 3600, .to = g_strdup("contact")};
    const Stage overdue = {.days = 1, .second = 9 * 3600, .to = g_strdup("contact+supervisor")};
    g_array_append_val(obligation->reminders, reminder);
    g_array_append_val(obligation->overdue, overdue);
    g_ptr_array_add(world->programme->obligations, obligation);
    return obligation;
}

/* "remind/…/org101 > head@example.edu.cn" of one obligation at an instant. */
static char *owed_at(World *world, const char *obligation, const char *now) {
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(GPtrArray) letters = plan(view, at(now));
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < letters->len; i++) {
        const Letter *letter = g_ptr_array_index(letters, i);
        if (g_strcmp0(letter->obligation, obligation) == 0)
            g_string_append_printf(text, "%s%s>%s", text->len > 0 ? " " : "", letter->key,
                                   letter->to_address);
    }
    return g_string_free(text, FALSE);
}

static void assert_owed(World *world, const char *obligation, const char *now, const char *expected,
                        const char *why) {
    g_autofree char *text = owed_at(world, obligation, now);
    if (strcmp(text, expected) != 0)
        g_error("%s at %s:\n%s\ninstead of\n%s", why, now, text, expected);
}

static void test_review_owed(void) {
    g_autoptr(World) world = digest_world();
    Obligation *review = add_obligation(world, "review", OWED_BY_SECTIONS);
    review->reviews = g_strdup("report");
    Organization *section = add_party(world, 101, OWED_BY_SECTIONS, "section_head", "生活板块负责人", "生活",
                                      "head@example.edu.cn");
    const char *remind = "remind/review/2016-06-28/T-0d/org101>head@example.edu.cn";
    assert_owed(world, "review", "2016-06-28T09:00", "", "nothing came, nothing to review");
    Submission *one = world_submission(world, 1, "2016-06-27", "2016-06-26T09:00", NULL, NULL);
    world_submission(world, 3, "2016-06-27", "2016-06-26T09:00", NULL, NULL); /* of no section */
    assert_owed(world, "review", "2016-06-28T09:00", remind, "one waits");
    one->verdict = VERDICT_RETURNED;
    assert_owed(world, "review", "2016-06-28T09:00", "", "it was returned");
    Submission *two = world_submission(world, 2, "2016-06-27", "2016-06-28T17:00", NULL, NULL);
    two->on_time = false;
    assert_owed(world, "review", "2016-06-29T09:00",
                "overdue/review/2016-06-28/T+1d/org101>head@example.edu.cn"
                " overdue/review/2016-06-28/T+1d/org101/supervisor>supervisor@example.edu.cn",
                "a late one waits: head and supervisor");
    two->received_s = at("2016-06-28T18:01");
    assert_owed(world, "review", "2016-06-29T09:00", "", "what came after its deadline is nobody's fault");
    assert_owed(world, "review", "2016-07-14T09:00", "", "the next period has nothing yet");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(Period) period = period_by_key(world->programme, review, "2016-06-28");
    g_assert_cmpint(view_standing(view, review, period, section), ==, STANDING_SUBMITTED);
    g_assert_cmpint(view_standing(view, review, period, view_organization(view, 1)), ==,
                    STANDING_NOT_CONCERNED);
    g_assert_cmpint(view_standing(view, world_obligation(world, "report"), period, section), ==,
                    STANDING_NOT_CONCERNED);
}

static void test_persons(void) {
    g_autoptr(World) world = digest_world();
    Obligation *duty = add_obligation(world, "expert", OWED_BY_PERSONS);
    duty->form = g_strdup("expert");
    duty->role = g_strdup("expert");
    add_party(world, 101, OWED_BY_SECTIONS, "section_head", "生活板块负责人", "生活", "head@example.edu.cn");
    add_party(world, 102, OWED_BY_PERSONS, "expert", "甲", NULL, "a@example.edu.cn");
    add_party(world, 103, OWED_BY_PERSONS, "expert", "乙", NULL, NULL);
    assert_owed(world, "expert", "2016-06-28T09:00", "remind/expert/2016-06-28/T-0d/org102>a@example.edu.cn",
                "each expert with an address");
    Submission *submission = world_submission(world, 102, "2016-06-28", "2016-06-28T10:00", NULL, NULL);
    g_free(submission->obligation);
    submission->obligation = g_strdup("expert");
    assert_owed(world, "expert", "2016-06-28T11:00", "", "it was sent");
    g_autoptr(View) view = view_new(world->snapshot);
    g_autoptr(Period) period = period_by_key(world->programme, duty, "2016-06-28");
    g_assert_cmpuint(view_owers(view, duty)->len, ==, 2);
    g_assert_true(view_party_of_address(view, duty, "A@example.edu.cn") == view_organization(view, 102));
    g_assert_null(view_party_of_address(view, duty, "head@example.edu.cn"));
    json_t *calls = status_call_list(view, duty, period),
           *rows = status_rows(view, duty, period, at("2016-06-29T10:00"));
    g_assert_cmpuint(json_array_size(calls), ==, 1);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(calls, 0), "organization")), ==, "乙");
    g_assert_cmpuint(json_array_size(rows), ==, 2);
    json_decref(calls);
    json_decref(rows);
}

/* SPEC: decisions for 10,000 organizations and 24 periods within a second on one core; with sections, digests
 * and reviews. The sanitizers take some ten times as much. */
static void test_speed(void) {
    enum { N_ORGANIZATIONS = 10000, N_PERIODS = 24, N_SECTIONS = 40 };
    g_autoptr(World) world = digest_world();
    Obligation *review = add_obligation(world, "review", OWED_BY_SECTIONS);
    review->reviews = g_strdup("report");
    for (guint i = 0; i < N_SECTIONS; i++) {
        RolePerson *head = g_new0(RolePerson, 1);
        head->role = g_strdup("section_head");
        head->section = g_strdup_printf("板块%02u", i);
        head->address = g_strdup_printf("head%u@example.edu.cn", i);
        g_ptr_array_add(world->programme->roles, head);
        add_party(world, 20000 + i, OWED_BY_SECTIONS, "section_head", head->section, head->section,
                  head->address);
    }
    g_autoptr(GPtrArray) periods = period_list(world->programme, world_obligation(world, "report"),
                                               at("2016-06-27T00:00"), at("2017-06-27T00:00"));
    for (gint64 id = 10; id < N_ORGANIZATIONS + 10; id++) {
        g_autofree char *address = g_strdup_printf("org%d@example.edu.cn", (int)id);
        Organization *organization = world_organization(world, id, "组织", address);
        organization->section = g_strdup_printf("板块%02d", (int)(id % N_SECTIONS));
        g_autofree char *advisor = g_strdup_printf("advisor%d@example.edu.cn", (int)(id / 3));
        world_contact(organization, "advisor", "导师", advisor, NULL);
    }
    for (guint i = 0; i < N_PERIODS; i++)
        for (gint64 id = 10; id < N_ORGANIZATIONS + 10; id++) {
            Submission *submission = g_new0(Submission, 1);
            const Period *period = g_ptr_array_index(periods, i);
            submission->org_id = id;
            submission->form = g_strdup("report");
            submission->obligation = g_strdup("report");
            submission->period = g_strdup(period->key);
            submission->revision = 1;
            submission->received_s = submission->revised_s = period->due_s - 86400;
            if (i < N_PERIODS - 1 || id % 2 == 0)
                g_ptr_array_add(world->snapshot->submissions, submission);
            else
                submission_free(submission);
        }
    const Period *last = g_ptr_array_index(periods, N_PERIODS - 1);
    clock_t start = clock();
    g_autoptr(View) view = view_new(world->snapshot);
    double index_s = (double)(clock() - start) / CLOCKS_PER_SEC;
    const gint64 instants[] = {last->due_s - 3 * 3600, last->due_s + 11 * 3600};
    for (gsize i = 0; i < G_N_ELEMENTS(instants); i++) {
        start = clock();
        g_autoptr(GPtrArray) letters = plan(view, instants[i]);
        double plan_s = (double)(clock() - start) / CLOCKS_PER_SEC;
        start = clock();
        plan_next_instant(view, instants[i]);
        g_test_message("index %.3f s, plan %.3f s for %u letters, next instant %.3f s", index_s, plan_s,
                       letters->len, (double)(clock() - start) / CLOCKS_PER_SEC);
        g_assert_cmpuint(letters->len, >, 1000);
        g_assert_cmpfloat(index_s + plan_s, <, 10.0);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digests/when", test_when);
    g_test_add_func("/digests/outage", test_outage);
    g_test_add_func("/digests/reviewed", test_reviewed);
    g_test_add_func("/digests/still_due", test_still_due);
    g_test_add_func("/digests/words", test_words);
    g_test_add_func("/digests/simulated", test_simulated);
    g_test_add_func("/digests/review_owed", test_review_owed);
    g_test_add_func("/digests/persons", test_persons);
    g_test_add_func("/digests/speed", test_speed);
    return g_test_run();
}
