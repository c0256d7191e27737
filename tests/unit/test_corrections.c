/* Replies that correct: which field, which value, what is still wrong, who may (gateway/core/corrections.h,
 * parsers/correction.h). */
#include "gateway/core/corrections.h"

#include <string.h>

#include "parsers/correction.h"
#include "tests/unit/world.h"

#define NURSING "nursing@example.edu.cn"

static FormSet *forms_of(const World *world) {
    GError *error = NULL;
    FormSet *set = form_set_new_from_json(world->programme->forms, &error);
    g_assert_no_error(error);
    return set;
}

static void test_field(void) {
    g_autoptr(World) world = world_new();
    g_autoptr(FormSet) set = forms_of(world);
    const Form *form = form_set_find(set, "report");
    static const struct {
        const char *label, *key; /* key NULL: none */
    } cases[] = {
        {"提问量", "asked"},    {"提 问 量", "asked"},  {"1、提问量", "asked"}, {"提问量（条）", "asked"},
        {"questions", "asked"}, {"Questions", "asked"}, {"姓名", NULL},         {"", NULL},
        {"日期", NULL} /* a column */};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        int index = correction_field(set, form, cases[i].label);
        const char *key = index < 0 ? NULL : ((const Field *)g_ptr_array_index(form->fields, index))->key;
        g_assert_cmpstr(key, ==, cases[i].key);
    }
}

static void test_value(void) {
    g_autoptr(World) world = world_new();
    g_autoptr(FormSet) set = forms_of(world);
    const Form *form = form_set_find(set, "report");
    static const struct {
        const char *key, *raw;
        ValueVerdict verdict;
        const char *value; /* JSON */
    } cases[] = {{"asked", "３６条", VALUE_GOOD, "36"},
                 {"asked", "很多", VALUE_BAD, NULL},
                 {"asked", "____", VALUE_ABSENT, NULL},
                 {"reporter", "李四", VALUE_GOOD, "'李四'"},
                 {"period", "6月28日至7月13日", VALUE_GOOD, "{'end':'2016-07-13','start':'2016-06-28'}"},
                 {"urgent", "没有", VALUE_ABSENT, NULL}};
    ValueContext context = value_context_at(at("2016-07-10T09:00"), world->programme->zone);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *field = NULL;
        const Field *definition = g_ptr_array_index(form->fields, form_field_index(form, cases[i].key));
        g_assert_cmpint(correction_value(definition, cases[i].raw, &context, "reply", &field), ==,
                        cases[i].verdict);
        g_assert_true((field != NULL) == (cases[i].verdict == VALUE_GOOD));
        if (field == NULL)
            continue;
        json_t *expected = json_of(cases[i].value);
        g_assert_true(json_equal(json_object_get(field, "value"), expected));
        g_assert_cmpstr(json_string_value(json_object_get(field, "source")), ==, "reply");
        json_decref(expected);
        json_decref(field);
    }
}

/* A decision on a reply to the acknowledgement of a report with 35 questions, one problem with a number. */
typedef struct {
    World *world;
    FormSet *forms;
    Submission *submission;
    Letter *letter;
    View *view;
} Reply;

static void reply_init(Reply *reply) {
    reply->world = world_new();
    reply->forms = forms_of(reply->world);
    world_organization(reply->world, 1, "护理学院学生会", NURSING);
    reply->submission = world_submission(reply->world, 1, "2016-07-13", "2016-07-10T09:00",
                                         "{'org':{'value':'护理学院学生会'},'asked':{'value':35}}", NULL);
    reply->submission->id = 77;
    reply->letter = g_new0(Letter, 1);
    reply->letter->kind = LETTER_ACK;
    reply->letter->to_address = g_strdup("clerk@example.com");
    reply->letter->facts =
        json_of("{'problems':[{'number':1,'field':'reporter'},{'number':2,'field':'daily'}]}");
    reply->view = view_new(reply->world->snapshot);
}

static void reply_clear(Reply *reply) {
    view_free(reply->view);
    letter_free(reply->letter);
    form_set_unref(reply->forms);
    world_free(reply->world);
}

static IntakeDecision *decide(Reply *reply, const char *from, const char *parse_text) {
    json_t *parse = json_of(parse_text);
    AnsweredLetter answered = {reply->letter, reply->submission};
    MessageFacts facts = {.id = 9,
                          .received_s = at("2016-07-11T09:00"),
                          .seen_s = at("2016-07-11T09:01"),
                          .from = from,
                          .from_count = 1,
                          .answered = &answered,
                          .forms = reply->forms};
    IntakeDecision *decision = intake_decide(reply->view, &facts, parse, at("2016-07-11T09:02"));
    json_decref(parse);
    return decision;
}

static const json_t *value_of(const IntakeDecision *decision, const char *key) {
    return json_object_get(json_object_get(decision->submission->fields, key), "value");
}

#define CORRECTION(lines) "{'kind':'correction','problems':[],'corrections':[" lines "]}"

static void test_decide(void) {
    Reply reply;
    reply_init(&reply);
    g_autoptr(IntakeDecision) decision =
        decide(&reply, NURSING, CORRECTION("{'number':1,'raw':'李四'},{'label':'提问量','raw':'３６'}"));
    g_assert_cmpint(decision->state, ==, MESSAGE_RECORDED);
    g_assert_cmpint(decision->origin, ==, CONTENT_CORRECTION);
    g_assert_cmpint(decision->submission->id, ==, 77);
    g_assert_cmpuint(decision->submission->revision, ==, 2);
    g_assert_cmpint(json_integer_value(value_of(decision, "asked")), ==, 36);
    g_assert_cmpstr(json_string_value(value_of(decision, "reporter")), ==, "李四");
    g_assert_cmpstr(json_string_value(value_of(decision, "org")), ==, "护理学院学生会");
    const Letter *letter = g_ptr_array_index(decision->letters, 0);
    g_assert_cmpint(letter->kind, ==, LETTER_CORRECTION);
    g_assert_cmpuint(json_array_size(json_object_get(letter->facts, "changes")), ==, 2);
    /* what stands on record is not touched by a decision */
    g_assert_cmpint(
        json_integer_value(json_object_get(json_object_get(reply.submission->fields, "asked"), "value")), ==,
        35);
    reply_clear(&reply);
}

/* Half understood: that half counts, a person looks at the other; the same value again changes nothing. */
static void test_halves(void) {
    Reply reply;
    reply_init(&reply);
    g_autoptr(IntakeDecision) half =
        decide(&reply, NURSING,
               CORRECTION("{'number':2,'raw':'5'},{'number':7,'raw':'5'},{'label':'提问量','raw':'36'}"));
    g_assert_cmpint(half->state, ==, MESSAGE_RECORDED);
    g_assert_cmpstr(half->review_code, ==, "correction");
    g_assert_cmpuint(json_array_size(half->unread), ==, 2);
    g_autoptr(IntakeDecision) none = decide(&reply, NURSING, CORRECTION("{'label':'提问量','raw':'多'}"));
    g_assert_cmpint(none->state, ==, MESSAGE_REVIEW);
    g_assert_null(none->submission);
    g_assert_cmpint(((Letter *)g_ptr_array_index(none->letters, 0))->kind, ==, LETTER_COMMAND_ANSWER);
    g_autoptr(IntakeDecision) same = decide(&reply, NURSING, CORRECTION("{'label':'提问量','raw':'35'}"));
    g_assert_true(same->is_identical);
    g_assert_null(same->submission);
    g_assert_cmpint(same->identical_id, ==, 77);
    reply_clear(&reply);
}

/* The organization's own addresses, or the one that the letter went to; nobody else, not even with its text.
 */
static void test_rights(void) {
    static const struct {
        const char *from;
        bool may;
    } cases[] = {{NURSING, true},
                 {"Nursing@Example.edu.cn", true},
                 {"clerk@example.com", true},
                 {"x@example.com", false},
                 {"leader@example.edu.cn", false}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Reply reply;
        reply_init(&reply);
        g_autoptr(IntakeDecision) decision =
            decide(&reply, cases[i].from, CORRECTION("{'label':'提问量','raw':'36'}"));
        g_assert_true((decision->submission != NULL) == cases[i].may);
        g_assert_cmpint(decision->state, ==, cases[i].may ? MESSAGE_RECORDED : MESSAGE_REVIEW);
        reply_clear(&reply);
    }
}

static void test_withdraw(void) {
    Reply reply;
    reply_init(&reply);
    g_autoptr(IntakeDecision) decision =
        decide(&reply, "clerk@example.com", "{'kind':'command','command':{'name':'withdraw'},'problems':[]}");
    g_assert_cmpint(decision->origin, ==, CONTENT_WITHDRAWAL);
    g_assert_cmpint(decision->submission->id, ==, 77);
    g_assert_cmpuint(json_object_size(decision->submission->fields), ==, 0);
    const Letter *letter = g_ptr_array_index(decision->letters, 0);
    g_assert_cmpstr(letter->to_address, ==, "clerk@example.com");
    g_assert_nonnull(strstr(json_string_value(json_object_get(letter->facts, "title_text")), "2016-07-13"));
    reply_clear(&reply);
}

/* A form that lacks something and contradicts nothing completes what stands; anything else replaces it. */
static void test_completed(void) {
    static const struct {
        const char *fields, *problems;
        const char *expected; /* values of asked, answered, reporter; "-": none */
    } cases[] = {
        {"'answered':{'value':30}", "{'code':'missing','field':'asked'}", "35 30 -"},
        {"'answered':{'value':30}", "", "- 30 -"},
        {"'asked':{'value':36},'answered':{'value':30}", "{'code':'missing','field':'x'}", "36 30 -"},
        {"'asked':{'value':35},'reporter':{'value':7}", "{'code':'missing','field':'x'}", "35 - 7"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Reply reply;
        reply_init(&reply);

        g_autofree char *parse = g_strdup_printf("{'kind':'submission','form':'report','org':'护理学院学生会'"
                                                 ",'tables':{},'fields':{'org':{'value':"
                                                 "'护理学院学生会'},%s},'problems':[%s]}",
                                                 cases[i].fields, cases[i].problems);
        g_autoptr(IntakeDecision) decision = decide(&reply, NURSING, parse);
        static const char *const keys[] = {"asked", "answered", "reporter"};
        g_autoptr(GString) text = g_string_new(NULL);
        for (gsize k = 0; k < G_N_ELEMENTS(keys); k++) {
            const json_t *value = value_of(decision, keys[k]);
            if (value)
                g_string_append_printf(text, "%s%lld", k ? " " : "", (long long)json_integer_value(value));
            else
                g_string_append(text, k ? " -" : "-");
        }
        g_assert_cmpstr(text->str, ==, cases[i].expected);
        reply_clear(&reply);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/corrections/field", test_field);
    g_test_add_func("/corrections/value", test_value);
    g_test_add_func("/corrections/decide", test_decide);
    g_test_add_func("/corrections/halves", test_halves);
    g_test_add_func("/corrections/rights", test_rights);
    g_test_add_func("/corrections/withdraw", test_withdraw);
    g_test_add_func("/corrections/completed", test_completed);
    return g_test_run();
}
