/* What becomes of a message: one table a rule of SPEC 2.5-2.8 and 4. */
#include "gateway/core/intake.h"

#include <string.h>

#include "gateway/core/content_digest.h"
#include "gateway/core/explain.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/plan.h"
#include "tests/unit/world.h"

#define NURSING "nursing@example.edu.cn"

#define REPORT(org, extra)                                                                                   \
    "{'kind':'submission','form':'report','org':'" org "','fields':{'org':{'value':'" org "'},"              \
    "'asked':{'value':35,'raw':'３５','source':'表1','confidence':0.98}},'tables':{},'problems':[" extra     \
    "]}"

static World *intake_world(void) {
    World *world = world_new();
    Organization *nursing = world_organization(world, 1, "护理学院学生会", NURSING);
    world_contact(nursing, "leader", "乙", "boss@example.edu.cn", NULL);
    world_organization(world, 2, "护理学院团委", "league@example.edu.cn");
    world_organization(world, 3, "社团联合会", NULL); /* expected, nobody known */
    return world;
}

/* "recorded 1 report 2016-07-13 r1 on time |ack/7>a@example.com", "review unknown_sender 1 |…", "ignored". */
static char *decision_text(const IntakeDecision *decision) {
    GString *text = g_string_new(message_state_name(decision->state));
    if (decision->review_code != NULL)
        g_string_append_printf(text, " %s", decision->review_code);
    if (decision->who.org_id != 0)
        g_string_append_printf(text, " %d", (int)decision->who.org_id);
    if (decision->period != NULL)
        g_string_append_printf(text, " %s %s", decision->obligation, decision->period);
    if (decision->submission != NULL)
        g_string_append_printf(text, " r%u %s", decision->submission->revision,
                               decision->submission->on_time ? "on time" : "late");
    if (decision->is_identical)
        g_string_append(text, " identical");
    for (guint i = 0; i < decision->letters->len; i++) {
        const Letter *letter = g_ptr_array_index(decision->letters, i);
        const char *key = g_str_has_prefix(letter->key, "ack/unknown/") ? "ack/unknown" : letter->key;
        g_string_append_printf(text, " |%s>%s", key, letter->to_address);
    }
    return g_string_free(text, FALSE);
}

typedef struct {
    const char *from, *received, *parse;
    const char *expected, *why;
    /* deviations from an ordinary message */
    guint from_count;
    bool automatic, junk, by_hand, replay, silent, lends, bounce_news;
    gint64 confirmed_org_id;
} Case;

static const Case cases[] = {
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""),
     "recorded 1 report 2016-07-13 r1 on time |ack/7>" NURSING, "an ordinary report"},
    {NURSING, "2016-07-14T00:10", REPORT("护理学院学生会", ""),
     "recorded 1 report 2016-07-13 r1 late |ack/7>" NURSING, "ten minutes late"},
    {"boss@example.edu.cn", "2016-07-10T09:00", REPORT("护理学院学生会", ""),
     "recorded 1 report 2016-07-13 r1 on time |ack/7>boss@example.edu.cn |ack/7/contact>" NURSING,
     "another registered sender: copy to the contact"},
    {"x@example.com", "2016-07-10T09:00", REPORT("护理学院学生会", ""),
     "review unknown_sender 1 |ack/unknown>x@example.com", "unknown sender, known name"},
    {"x@example.com", "2016-07-10T09:00", REPORT("社团联合会", ""),
     "review unknown_sender 3 |ack/unknown>x@example.com",
     "a report gives nobody rights, even where nobody is known"},
    {"x@example.com", "2016-07-10T09:00", REPORT("外国语学院团委", ""),
     "review unknown_org |ack/unknown>x@example.com", "nobody on the list"},
    {"x@example.com", "2016-07-10T09:00", REPORT("", ""), "review no_org |ack/unknown>x@example.com",
     "no organization at all"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院团委", ""), "review contradiction_org",
     "the form names somebody else: nobody is answered until a person decides"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "review several_from", "two From: no answer",
     .from_count = 2},
    {"", "2016-07-10T09:00", REPORT("护理学院学生会", ""), "review no_from", "no From"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "review automatic_form",
     "Precedence: bulk must not vanish", .automatic = true},
    {NURSING, "2016-07-10T09:00", "{'kind':'autoreply','form':null,'problems':[]}", "ignored",
     "out of office"},
    {NURSING, "2016-07-10T09:00", "{'kind':'question','problems':[]}", "ignored", "list mail without a form",
     .automatic = true},
    {"mailer-daemon@example.com", "2016-07-10T09:00", "{'kind':'bounce','form':'report','problems':[]}",
     "ignored", "a bounce that carries our form"},
    {"mailer-daemon@example.com", "2016-07-10T09:00",
     "{'kind':'bounce','bounce':{'recipient':'" NURSING "','class':'hard','reason':'user unknown'}}",
     "review bounce", "a letter of ours came back: a person is told, nobody is written to",
     .bounce_news = true},
    {"gateway@example.edu.cn", "2016-07-10T09:00", "{'kind':'own','form':'report','problems':[]}", "ignored",
     "own mail"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "review junk_form",
     "spam folder: never answered", .junk = true},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[]}", "ignored", "spam", .junk = true},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[{'code':'encrypted','text':'有密码'}]}",
     "review encrypted 1 |defect/7>" NURSING, "password: a known sender is told what to do"},
    {"x@example.com", "2016-07-10T09:00",
     "{'kind':'unknown','problems':[{'code':'encrypted','text':'有密码'}]}", "review encrypted",
     "an unknown one is not"},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[{'code':'scan','text':''}]}",
     "review scan 1 |defect/7>" NURSING, "a photograph"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'unknown','problems':[{'code':'no_form'},{'code':'cloud_link','text':'云附件'}]}",
     "review cloud_link 1 |defect/7>" NURSING, "the telling problem wins over no_form"},
    {NURSING, "2016-07-10T09:00", "{'kind':'submission','form':'report','problems':[{'code':'empty_form'}]}",
     "review empty_form 1 |defect/7>" NURSING, "the blank template"},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[{'code':'wrong_form'}]}",
     "review wrong_form 1 |defect/7>" NURSING, "another document"},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[{'code':'unsupported'}]}",
     "review unsupported 1 |defect/7>" NURSING, ".doc without a converter"},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','problems':[]}", "review no_form 1 |answer/7>" NURSING,
     "a few words without a form: a person, and what could be ordered"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'unknown','reply':'老师好，上次说的活动照片我们下周整理好以后再发给您。','problems':[]}",
     "review no_form 1", "a sentence: a person, no letter"},
    {NURSING, "2016-07-10T09:00", "{'kind':'unknown','parts':[{'name':'照片.jpg'}],'problems':[]}",
     "review no_form 1", "something attached: a person, no letter"},
    {NURSING, "2016-07-10T09:00", "{'kind':'question','problems':[]}", "recorded 1 |answer/7>" NURSING,
     "a question: recorded with its clock, the sender is told so"},
    {"x@example.com", "2016-07-10T09:00", "{'kind':'question','problems':[]}", "review question",
     "a stranger's question: a person"},
    {NURSING, "2016-07-10T09:00", "{'kind':'command','problems':[]}", "review command 1", "a command"},
    {NURSING, "2016-07-10T09:00", "{'kind':'urgent','subject':'紧急：漏水','problems':[]}",
     "recorded 1 |answer/7>" NURSING, "urgent: passed on, the sender is told so"},
    {"x@example.com", "2016-07-10T09:00", "{'kind':'urgent','subject':'紧急：漏水','problems':[]}",
     "recorded", "urgent, from a stranger: passed on, no answer"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'urgent','form':'report','org':'护理学院学生会','fields':{},'tables':{},'problems':[]}",
     "recorded 1 report 2016-07-13 r1 on time |ack/7>" NURSING, "urgent with a report: both"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'submission','urgent':true,'form':'report','org':'护理学院学生会','fields':{},'problems':[]}",
     "recorded 1 report 2016-07-13 r1 on time |ack/7>" NURSING, "a report marked urgent"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'submission','form':'report','org':'护理学院学生会','fields':{},'problems':[],"
     "'others':[{'form':'receipt'}]}",
     "recorded 1 report 2016-07-13 r1 on time |ack/7>" NURSING,
     "two forms in one mail: the keeper settles each"},
    {NURSING, "2016-07-10T09:00",
     "{'kind':'correction','corrections':[{'number':1,'raw':'5'}],'problems':[]}",
     "review correction 1 |answer/7>" NURSING, "a correction of nothing that we know: told how to write it"},
    {"x@example.com", "2016-07-10T09:00",
     "{'kind':'correction','corrections':[{'number':1,'raw':'5'}],'problems':[]}", "review correction",
     "a stranger's is not answered"},
    {NURSING, "2016-07-10T09:00", "{'kind':'command','command':{'name':'withdraw'},'problems':[]}",
     "review command 1 |answer/7>" NURSING, "nothing to withdraw"},
    {NURSING, "2016-07-10T09:00", "{'failure':'crash','detail':'signal 11'}", "review reader_failed",
     "the reader died"},
    {NURSING, "2016-07-10T09:00", "[]", "review reader_failed", "not an answer"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "recorded 1 report 2016-07-13 r1 on time",
     "silent first contact: recorded, nobody written to", .silent = true},
    {NURSING, "2015-12-31T09:00", REPORT("护理学院学生会", ""), "recorded 1 report 2016-06-27 r1 on time",
     "from before the release: history is not answered"},
    {NURSING, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "recorded 1 report 2016-07-13 r1 on time",
     "read again: no letter", .replay = true},
    {NULL, "2016-07-10T09:00", REPORT("护理学院学生会", ""), "recorded 2 report 2016-07-13 r1 on time",
     "entered by hand for an organization", .by_hand = true, .confirmed_org_id = 2},
    {"x@example.com", "2016-07-10T09:00", REPORT("护理学院学生会", ""),
     "recorded 1 report 2016-07-13 r1 on time |ack/7>x@example.com |ack/7/contact>" NURSING,
     "a person confirmed the sender", .confirmed_org_id = 1},
    {"liaison@example.edu.cn", "2016-07-10T09:00", REPORT("护理学院学生会", ""),
     "recorded 1 report 2016-07-13 r1 on time |ack/7>liaison@example.edu.cn |ack/7/contact>" NURSING,
     "the programme's liaison passes a report on"},
    {"liaison@example.edu.cn", "2016-07-10T09:00",
     "{'kind':'submission','form':'log','fields':{},'tables':{},'problems':[]}",
     "recorded r1 on time |ack/7>liaison@example.edu.cn", "the liaison's own table settles no period"},
    {"x@example.com", "2016-07-10T09:00",
     "{'kind':'submission','form':'log','fields':{},'tables':{},'problems':[]}",
     "review no_org |ack/unknown>x@example.com", "a stranger's does not count"},
    {"x@example.com", "2016-06-10T09:00",
     "{'kind':'submission','form':'receipt','org':'社团联合会','fields':{'desk':{'value':'丁'},"
     "'desk_mail':{'value':'d@example.com'}},'tables':{},'problems':[]}",
     "recorded 3 receipt 2016-06-20 r1 on time |ack/7>x@example.com",
     "the receipt of an expected organization: once"},
    {"x@example.com", "2016-06-10T09:00",
     "{'kind':'submission','form':'receipt','org':'护理学院学生会','fields':{},'tables':{},'problems':[]}",
     "review unknown_sender 1 |ack/unknown>x@example.com", "not where somebody is registered"},
    {"x@example.com", "2016-06-10T09:00",
     "{'kind':'submission','form':'receipt','org':'不在名单的组织','fields':{},'tables':{},'problems':[]}",
     "review unknown_org |ack/unknown>x@example.com", "an unlisted organization's receipt"},
};

static IntakeDecision *decide(const Case *c, World *world) {
    g_autoptr(View) view = view_new(world->snapshot);
    json_t *parse = json_of(c->parse);
    gint64 received_s = at(c->received);
    if (c->silent)
        world->snapshot->released_s = 0;
    const MessageFacts facts = {.id = 7,
                                .received_s = received_s,
                                .seen_s = received_s + 60,
                                .from = c->from,
                                .from_name = "某人",
                                .from_count = c->from_count != 0 ? c->from_count : 1,
                                .message_id = "m@example.com",
                                .subject = "双周报",
                                .automatic = c->automatic,
                                .junk_folder = c->junk,
                                .by_hand = c->by_hand,
                                .replay = c->replay,
                                .bounce_news = c->bounce_news,
                                .lends_contents = c->lends,
                                .confirmed_org_id = c->confirmed_org_id};
    IntakeDecision *decision = intake_decide(view, &facts, parse, received_s + 120);
    if (c->lends) {
        json_decref(parse);
        return decision;
    }
    g_autoptr(GPtrArray) sentences = explain_message(view, &facts, parse, received_s + 120);
    g_assert_cmpuint(sentences->len, >=, 3);
    const char *said = strstr(g_ptr_array_index(sentences, sentences->len - 1), "没有回信：");
    g_assert_true((decision->no_letter != REASON_NONE) == (said != NULL));
    g_assert_true(said == NULL || !g_ascii_isalpha(said[strlen("没有回信：")]));
    json_decref(parse);
    return decision;
}

static void test_decide(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(World) world = intake_world();
        g_autoptr(IntakeDecision) decision = decide(&cases[i], world);
        g_autofree char *text = decision_text(decision);
        if (strcmp(text, cases[i].expected) != 0)
            g_error("%s:\n%s\ninstead of\n%s", cases[i].why, text, cases[i].expected);
        /* promise 4: acknowledged, or the reason why not */
        g_assert_true((decision->letters->len > 0) != (decision->no_letter != REASON_NONE));
        if (decision->state == MESSAGE_REVIEW) {
            g_assert_nonnull(decision->review_text);
            g_assert_cmpstr(decision->review_text_zh, !=, decision->review_code);
            g_assert_cmpstr(decision->review_text_en, !=, decision->review_code);
        }
        for (guint j = 0; j < decision->letters->len; j++) {
            const Letter *letter = g_ptr_array_index(decision->letters, j);
            g_assert_cmpint(letter->expires_s, >, letter->not_before_s);
            g_assert_nonnull(letter->reason);
        }
    }
}

/* An unknown sender is told nothing of the roster or of verdicts, and once a day. */
static void test_unknown_once(void) {
    g_autoptr(World) world = intake_world();
    const Case c = {"x@example.com", "2016-07-14T09:00", REPORT("护理学院学生会", ""), NULL, NULL};
    g_autoptr(IntakeDecision) first = decide(&c, world);
    const Letter *letter = g_ptr_array_index(first->letters, 0);
    g_assert_cmpint(letter->org_id, ==, 0);
    g_assert_null(letter->period);
    g_autofree char *facts = json_dumps(letter->facts, 0);
    g_assert_null(strstr(facts, NURSING));
    g_assert_true(json_is_true(json_object_get(letter->facts, "unknown_sender")));
    g_autoptr(View) view = view_new(world->snapshot);
    intake_apply(view, first, 0);
    g_autoptr(IntakeDecision) second = decide(&c, world);
    g_assert_cmpuint(second->letters->len, ==, 0);
    g_assert_cmpint(second->no_letter, ==, REASON_MUTE_ONCE_A_DAY);
    const Case next_day = {"x@example.com", "2016-07-15T09:00", REPORT("护理学院学生会", ""), NULL, NULL};
    g_autoptr(IntakeDecision) third = decide(&next_day, world);
    g_assert_cmpuint(third->letters->len, ==, 1);
}

/* A revision says what changed; the same again changes nothing; on time is judged by the first. */
static void test_revisions(void) {
    g_autoptr(World) world = intake_world();
    const Case first_case = {NURSING, "2016-07-13T20:00", REPORT("护理学院学生会", ""), NULL, NULL};
    g_autoptr(IntakeDecision) first = decide(&first_case, world);
    {
        g_autoptr(View) view = view_new(world->snapshot);
        intake_apply(view, first, 1);
        /* what comes again is another message */
        ((Submission *)view_submission(view, "report", "2016-07-13", 1))->message_id = 6;
    }
    const Case again_case = {NURSING, "2016-07-14T08:00", REPORT("护理学院学生会", ""), NULL, NULL};
    g_autoptr(IntakeDecision) again = decide(&again_case, world);
    g_autofree char *again_text = decision_text(again);
    g_assert_cmpstr(again_text, ==, "recorded 1 report 2016-07-13 identical |ack/7>" NURSING);
    g_assert_null(again->submission);
    const Letter *again_letter = g_ptr_array_index(again->letters, 0);
    g_assert_true(json_is_true(json_object_get(again_letter->facts, "is_identical")));

    const Case changed_case = {
        NURSING, "2016-07-14T08:00",
        "{'kind':'submission','form':'report','org':'护理学院学生会','fields':{"
        "'org':{'value':'护理学院学生会'},'asked':{'value':36}},'tables':{},'problems':[]}",
        NULL, NULL};
    g_autoptr(IntakeDecision) changed = decide(&changed_case, world);
    g_autofree char *changed_text = decision_text(changed);
    g_assert_cmpstr(changed_text, ==, "recorded 1 report 2016-07-13 r2 on time |correction/7>" NURSING);
    const Letter *letter = g_ptr_array_index(changed->letters, 0);
    g_assert_cmpint(letter->kind, ==, LETTER_CORRECTION);
    const json_t *change = json_array_get(json_object_get(letter->facts, "changes"), 0);
    g_assert_cmpstr(json_string_value(json_object_get(change, "label")), ==, "提问量");
    g_assert_cmpstr(json_string_value(json_object_get(change, "old")), ==, "35");
    g_assert_cmpstr(json_string_value(json_object_get(change, "new")), ==, "36");
    g_assert_cmpuint(json_array_size(json_object_get(letter->facts, "changes")), ==, 1);
}

/* A receipt makes its sender known to the next message of the same batch. */
static void test_batch(void) {
    g_autoptr(World) world = intake_world();
    world->programme->open_roster = true;
    const Case receipt = {
        "new@example.com", "2016-06-10T09:00",
        "{'kind':'submission','form':'receipt','org':'天文社','fields':{'desk':{'value':'丁'},"
        "'desk_mail':{'value':'d@example.com'}},'tables':{},'problems':[]}",
        NULL, NULL};
    g_autoptr(IntakeDecision) first = decide(&receipt, world);
    g_autofree char *first_text = decision_text(first);
    g_assert_cmpstr(first_text, ==, "recorded receipt 2016-06-20 r1 on time |ack/7>new@example.com");
    g_assert_cmpuint(first->roster_updates->len, ==, 1);
    g_assert_cmpstr(((RosterUpdate *)g_ptr_array_index(first->roster_updates, 0))->name, ==, "天文社");
    {
        g_autoptr(View) view = view_new(world->snapshot);
        intake_apply(view, first, 42);
        g_assert_nonnull(view_submission(view, "receipt", "2016-06-20", 42));
        g_assert_cmpint(view_address(view, "D@example.com", NULL)->id, ==, 42);
    }
    const Case report = {"new@example.com", "2016-07-10T09:00", REPORT("天文社", ""), NULL, NULL};
    g_autoptr(IntakeDecision) second = decide(&report, world);
    g_autofree char *second_text = decision_text(second);
    g_assert_cmpstr(
        second_text, ==,
        "recorded 42 report 2016-07-13 r1 on time |ack/7>new@example.com |ack/7/contact>d@example.com");
}

static void take_content(Submission *submission) {
    content_digest_set(submission);
    g_clear_pointer(&submission->fields, json_decref);
    g_clear_pointer(&submission->tables, json_decref);
    g_clear_pointer(&submission->problems, json_decref);
}

/* Callers whose view holds no contents are told which to lend, and only where a decision needs them; that a
 * form says the same again is known without. */
static void test_without_contents(void) {
    static const struct {
        bool silent, has_current, has_before;
        const char *said; /* what asked holds now; before it was 36 */
        const char *problems;
        bool needs_content, needs_numbers, is_identical;
    } TABLE[] = {
        {true, true, false, "36", "[]", false, false, true},
        {true, true, false, "37", "[]", false, false, false},
        {true, true, true, "36", "[]", false, true, false},
        {true, false, true, "36", "[]", false, true, false},
        {true, false, false, "36", "[]", false, false, false},
        {true, true, false, "36", "[{'code':'missing'}]", true, false, false},
        {false, true, false, "36", "[]", true, false, false},
        {false, true, true, "36", "[]", true, true, false},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        g_autoptr(World) world = intake_world();
        const char *same = "{'asked':{'value':36,'raw':'３６','source':'elsewhere'}}";
        Submission *current = NULL, *before = NULL;
        if (TABLE[i].has_current)
            take_content(current = world_submission(world, 1, "2016-07-13", "2016-06-30T09:00", same, NULL));
        if (TABLE[i].has_before)
            take_content(before = world_submission(world, 1, "2016-06-27", "2016-06-27T09:00", same, NULL));
        g_autofree char *parse =
            g_strdup_printf("{'kind':'submission','form':'report','org':'护理学院学生会','fields':"
                            "{'asked':{'value':%s}},'tables':{'daily':[]},'problems':%s}",
                            TABLE[i].said, TABLE[i].problems);
        const Case c = {.from = NURSING,
                        .received = "2016-07-10T09:00",
                        .parse = parse,
                        .silent = TABLE[i].silent,
                        .lends = true};
        g_autoptr(IntakeDecision) decision = decide(&c, world);
        g_assert_true(decision->needs_content == (TABLE[i].needs_content ? current : NULL));
        g_assert_true(decision->needs_numbers == (TABLE[i].needs_numbers ? before : NULL));
        g_assert_cmpint(decision->is_identical, ==, TABLE[i].is_identical);
    }
}

/* What makes two submissions say the same, and what does not. */
static void test_digest(void) {
    static const struct {
        const char *fields, *tables;
        bool is_same;
    } TABLE[] = {
        {"{'a':{'value':1},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[2,null]}]}", true},
        {"{'b':{'value':'x','raw':'X'},'a':{'value':1,'source':'s'}}", "{'t':[{'q':[2,null],'p':1}],'u':[]}",
         true},
        {"{'a':{'value':1.0},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[2,null]}]}", false},
        {"{'a':{'value':'1'},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[2,null]}]}", false},
        {"{'a':{'value':1},'b':{'value':true}}", "{'t':[{'p':1,'q':[2,null]}]}", false},
        {"{'a':{'value':1},'bx':{'value':''}}", "{'t':[{'p':1,'q':[2,null]}]}", false},
        {"{'a':{'value':1}}", "{'t':[{'p':1,'q':[2,null]}]}", false},
        {"{'a':{'value':1},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[2]}]}", false},
        {"{'a':{'value':1},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[[2],null]}]}", false},
        {"{'a':{'value':1},'b':{'value':'x'}}", "{'t':[{'p':1,'q':[2,null]},{}]}", false},
        {"{'a':{'value':1},'b':{'value':'x'}}",
         "{'t':[{'p':1,'q':[2,[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]}]}", false},
    };
    g_autoptr(World) world = intake_world();
    Submission *first =
        world_submission(world, 1, "2016-06-27", "2016-06-27T09:00", TABLE[0].fields, TABLE[0].tables);
    content_digest_set(first);
    for (gsize i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        Submission *other =
            world_submission(world, 1, "2016-06-27", "2016-06-27T09:00", TABLE[i].fields, TABLE[i].tables);
        Submission copy = {.form = NULL};
        char hex[CONTENT_DIGEST_HEX_BYTES];
        content_digest_set(other);
        g_assert_cmpint(memcmp(first->digest, other->digest, sizeof first->digest) == 0, ==,
                        TABLE[i].is_same);
        content_digest_format(other, hex);
        content_digest_read(&copy, hex);
        g_assert_true(copy.has_digest);
        g_assert_cmpmem(copy.digest, sizeof copy.digest, other->digest, sizeof other->digest);
        hex[63] = 'g';
        content_digest_read(&copy, hex);
        g_assert_false(copy.has_digest);
    }
}

static void test_jump(void) {
    static const struct {
        int before, now;
        bool is_jump;
    } jumps[] = {{3, 35, true},   {4, 35, false},  {1, 12, false},
                 {0, 500, false}, {351, 35, true}, {350, 35, false}};
    for (gsize i = 0; i < G_N_ELEMENTS(jumps); i++) {
        g_autoptr(World) world = intake_world();
        g_autofree char *fields = g_strdup_printf("{'asked':{'value':%d}}", jumps[i].before);
        g_autofree char *parse =
            g_strdup_printf("{'kind':'submission','form':'report','org':'护理学院学生会',"
                            "'fields':{'asked':{'value':%d}},'tables':{},'problems':[]}",
                            jumps[i].now);
        world_submission(world, 1, "2016-06-27", "2016-06-27T09:00", fields, NULL);
        const Case c = {NURSING, "2016-07-10T09:00", parse, NULL, NULL};
        g_autoptr(IntakeDecision) decision = decide(&c, world);
        g_assert_cmpuint(decision->submission->n_problems, ==, jumps[i].is_jump ? 1 : 0);
    }
}

/* The facts of an ack: in the form's order, numbered problems with how to answer them, every name that the
 * template may use. */
static void test_ack_facts(void) {
    g_autoptr(World) world = intake_world();
    const Case c = {
        "boss@example.edu.cn", "2016-07-14T02:00",
        "{'kind':'submission','form':'report','org':'护理学院学生会','period':null,'fields':{"
        "'asked':{'value':35,'source':'表1','confidence':0.5},'org':{'value':'护理学院学生会'},"
        "'period':{'value':{'start':'2016-06-28','end':'2016-07-13'}},'reporter':{'value':null}},"
        "'tables':{'cases':[{'title':'甲'},{'title':'乙'}],'daily':[]},"
        "'problems':[{'class':'form','code':'missing','field':'reporter','text':'没有找到“填报人”'},"
        "{'class':'check','code':'sum','text':'合计不符'}]}",
        NULL, NULL};
    g_autoptr(IntakeDecision) decision = decide(&c, world);
    g_assert_cmpuint(decision->letters->len, ==, 2);
    g_autoptr(View) view = view_new(world->snapshot);
    json_t *facts = letter_facts(view, g_ptr_array_index(decision->letters, 0), at("2016-07-14T02:05"));
    json_t *expected = json_of(
        "{'form_title':'双周报','late':true,'on_time':false,'late_text':'2小时','settles':true,"
        "'revision':1,'is_revision':false,'is_identical':false,'is_copy':false,'by_hand':false,"
        "'unknown_sender':false,'sender':'boss@example.edu.cn','received_text':'7月14日（星期四）02:00',"
        "'fields':[{'key':'org','label':'单位','value':'护理学院学生会','source':false,'doubtful':false},"
        "{'key':'period','label':'汇报周期','value':'6月28日至7月13日','source':false,'doubtful':false},"
        "{'key':'asked','label':'提问量','value':'35','source':'表1','doubtful':true}],"
        "'tables':[{'key':'cases','label':'案例','count':2,'columns':['案例名称'],"
        "'rows':[{'cells':['甲']},{'cells':['乙']}],'more':0}],"
        "'problem_count':2,'has_problems':true,'problems':["
        "{'number':1,'text':'没有找到“填报人”','field':'reporter','label':'填报人','how':'"
        "回复本邮件，写“1：正确内容”即可'},"
        "{'number':2,'text':'合计不符','field':false,'label':false,'how':'请修改表格后重新发送'}],"
        "'has_changes':false,'changes':[],'kind':'ack','language':'zh'}");
    const char *name;
    json_t *value;
    json_object_foreach(expected, name, value) {
        g_autofree char *want = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
        json_t *found = json_object_get(facts, name);
        g_autofree char *have =
            found != NULL ? json_dumps(found, JSON_ENCODE_ANY | JSON_SORT_KEYS) : g_strdup("absent");
        if (strcmp(want, have) != 0)
            g_error("%s: %s instead of %s", name, have, want);
    }
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(facts, "organization"), "name")), ==,
                    "护理学院学生会");
    g_assert_cmpstr(json_string_value(json_object_get(json_object_get(facts, "period"), "span_text")), ==,
                    "6月28日至7月13日");
    json_decref(expected);
    json_decref(facts);
}

static void test_quiet_copy(void) {
    g_autoptr(World) world = intake_world();
    world->programme->quiet_from_second = 22 * 3600;
    world->programme->quiet_to_second = 7 * 3600;
    const Case c = {"boss@example.edu.cn", "2016-07-10T23:00", REPORT("护理学院学生会", ""), NULL, NULL};
    g_autoptr(IntakeDecision) decision = decide(&c, world);
    const Letter *answer = g_ptr_array_index(decision->letters, 0);
    const Letter *copy = g_ptr_array_index(decision->letters, 1);
    g_assert_cmpint(answer->not_before_s, ==, at("2016-07-10T23:02"));
    g_assert_cmpint(copy->not_before_s, ==, at("2016-07-11T07:00"));
}

/* Every code has a text in both languages. */
static void test_texts(void) {
    static const char *const codes[] = {
        "unknown_sender", "unknown_org", "ambiguous_org",  "contradiction_org",
        "several_from",   "no_from",     "automatic_form", "junk_form",
        "no_form",        "wrong_form",  "empty_form",     "encrypted",
        "damaged",        "scan",        "cloud_link",     "bomb",
        "limit",          "unsupported", "no_org",         "no_period",
        "command",        "correction",  "question",       "reader_failed",
        "pending"};
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_assert_cmpstr(intake_review_text(codes[i], "zh"), !=, codes[i]);
        g_assert_cmpstr(intake_review_text(codes[i], "en"), !=, codes[i]);
        g_assert_true((intake_defect_remedy(codes[i], "zh") != NULL) ==
                      (intake_defect_remedy(codes[i], "en") != NULL));
    }
    g_assert_cmpstr(intake_review_text("nonsense", "zh"), ==, "nonsense");
    g_assert_null(intake_defect_remedy("no_form", "zh"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/intake/decide", test_decide);
    g_test_add_func("/intake/unknown_once", test_unknown_once);
    g_test_add_func("/intake/revisions", test_revisions);
    g_test_add_func("/intake/batch", test_batch);
    g_test_add_func("/intake/without_contents", test_without_contents);
    g_test_add_func("/intake/digest", test_digest);
    g_test_add_func("/intake/jump", test_jump);
    g_test_add_func("/intake/ack_facts", test_ack_facts);
    g_test_add_func("/intake/quiet_copy", test_quiet_copy);
    g_test_add_func("/intake/texts", test_texts);
    return g_test_run();
}
