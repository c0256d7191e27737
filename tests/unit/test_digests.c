/* Digests to section heads and advisors, and what heads answer: approval.h, digests.h. */
#include "gateway/core/digests.h"

#include <string.h>

#include "gateway/core/approval.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/plan.h"
#include "gateway/core/simulate.h"
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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digests/when", test_when);
    g_test_add_func("/digests/outage", test_outage);
    g_test_add_func("/digests/reviewed", test_reviewed);
    g_test_add_func("/digests/still_due", test_still_due);
    g_test_add_func("/digests/words", test_words);
    g_test_add_func("/digests/simulated", test_simulated);
    return g_test_run();
}
