/* What leaders read, and the rows of `status`: figures counted by hand. */
#include "gateway/core/summary.h"

#include <string.h>

#include "gateway/core/letter_facts.h"
#include "gateway/core/period.h"
#include "gateway/core/status.h"
#include "tests/unit/world.h"

static void excuse(World *world, gint64 org_id, const char *reason) {
    Exemption *exemption = g_new0(Exemption, 1);
    exemption->org_id = org_id;
    exemption->obligation = g_strdup("report");
    exemption->reason = g_strdup(reason);
    g_ptr_array_add(world->snapshot->exemptions, exemption);
}

static void ask(World *world, gint64 org_id, const char *text, const char *asked, QuestionState state) {
    TrackedQuestion *question = g_new0(TrackedQuestion, 1);
    *question = (TrackedQuestion){.id = world->snapshot->questions->len + 1,
                                  .org_id = org_id,
                                  .message_id = 1000 + org_id,
                                  .text = g_strdup(text),
                                  .asked_s = at(asked),
                                  .known_s = at(asked),
                                  .state = state};
    g_ptr_array_add(world->snapshot->questions, question);
}

static void alarm_of(GPtrArray *list, gint64 org_id, const char *text, const char *received,
                     const char *settled) {
    UrgentMatter *matter = g_new0(UrgentMatter, 1);
    *matter = (UrgentMatter){.id = list->len + 1,
                             .org_id = org_id,
                             .message_id = 1000 + org_id,
                             .text = g_strdup(text),
                             .received_s = at(received),
                             .known_s = at(received),
                             .settled_s = settled != NULL ? at(settled) : 0,
                             .handling = settled != NULL ? g_strdup("已修复") : NULL};
    g_ptr_array_add(list, matter);
}

/* What the keeper tracks: two are open for over 24 hours, one is news, one was asked before anybody's time,
 * one of those was passed on nevertheless. Urgent: one of the period, one settled, one older and open, one
 * older and settled. */
static void track(World *world) {
    Snapshot *snapshot = world->snapshot;
    snapshot->questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    snapshot->urgents = g_ptr_array_new_with_free_func((GDestroyNotify)urgent_matter_free);
    snapshot->settled_urgents = g_ptr_array_new_with_free_func((GDestroyNotify)urgent_matter_free);
    ask(world, 1, "旧的", "2016-07-10T08:00", QUESTION_INQUIRED);
    ask(world, 0, "台账里的", "2016-07-08T08:00", QUESTION_OVERDUE);
    ask(world, 1, "新的", "2016-07-13T09:00", QUESTION_OPEN);
    ask(world, 1, "已答", "2016-07-10T08:00", QUESTION_ANSWERED);
    ask(world, 2, "很久以前", "2016-02-10T08:00", QUESTION_OPEN);
    ask(world, 2, "很久以前问过", "2016-03-10T08:00", QUESTION_EXPLAINED);
    ((TrackedQuestion *)snapshot->questions->pdata[5])->escalated_s = at("2016-03-11T08:00");
    alarm_of(snapshot->urgents, 2, "停水", "2016-07-12T08:00", NULL);
    alarm_of(snapshot->urgents, 1, "还没处理的", "2016-05-12T08:00", NULL);
    alarm_of(snapshot->settled_urgents, 3, "停电", "2016-07-01T08:00", "2016-07-01T09:00");
    alarm_of(snapshot->settled_urgents, 3, "上期的", "2016-06-20T08:00", "2016-06-20T09:00");
}

/* 1 on time, 2 late by two hours with a problem, 3 late by a minute, 4 missing with an address, 5 missing
 * without, 6 exempt, 7 suspended. The period before: 1 and 2. */
static World *summary_world(void) {
    World *world = world_new();
    static const char *const names[] = {"甲社", "乙社", "丙社", "丁社", "戊社", "己社", "庚社"};
    for (gint64 id = 1; id <= 7; id++) {
        g_autofree char *address = g_strdup_printf("org%d@example.edu.cn", (int)id);
        Organization *organization = world_organization(world, id, names[id - 1], id == 5 ? NULL : address);
        if (id == 5)
            world_contact(organization, "leader", "负责人戊", NULL, "13800000005");
        organization->suspended = id == 7;
    }
    excuse(world, 6, "期末");
    world_submission(world, 1, "2016-06-27", "2016-06-27T09:00",
                     "{'asked':{'value':20},'answered':{'value':9}}", NULL);
    world_submission(world, 2, "2016-06-27", "2016-06-27T09:00", "{'asked':{'value':10}}", NULL);
    world_submission(
        world, 1, "2016-07-13", "2016-07-13T09:00",
        "{'asked':{'value':35},'answered':{'value':30},'rate':{'value':0.5},'urgent':{'value':'无'}}",
        "{'cases':[{'title':'一例'},{'title':'二例'}],'daily':[{'date':'2016-07-01','asked':35}],"
        "'asked_list':[{'question':'图书馆几点闭馆？'},{'question':'转专业需要哪些条件？'},"
        "{'question':'宿舍停水找谁？'},{'question':'图书馆几点闭馆'}]}");
    Submission *late = world_submission(world, 2, "2016-07-13", "2016-07-14T02:00",
                                        "{'asked':{'value':4},'urgent':{'value':'停水'}}",
                                        "{'asked_list':[{'question':'请问图书馆几点闭馆？'}]}");
    late->on_time = false;
    late->n_problems = 1;
    json_array_append_new(late->problems, json_pack("{s:s, s:s}", "code", "missing", "text", "缺回答量"));
    Submission *later = world_submission(world, 3, "2016-07-13", "2016-07-14T00:01", NULL, NULL);
    later->on_time = false;
    later->revision = 3;
    track(world);
    return world;
}

static json_t *model_of(World *world, const char *language, const char *now) {
    g_autoptr(View) view = view_new(world->snapshot);
    const Obligation *report = world_obligation(world, "report");
    g_autoptr(Period) period = period_by_key(world->programme, report, "2016-07-13");
    return summary_model(view, report, period, language, at(now));
}

/* Fails unless the members of expected are in found with equal values; lists have the same length. */
static void assert_holds(const json_t *found, const char *path, const json_t *expected) {
    const char *name;
    json_t *value;
    gsize i;
    if (json_is_object(expected)) {
        json_object_foreach((json_t *)expected, name, value) {
            g_autofree char *deeper = g_strdup_printf("%s.%s", path, name);
            assert_holds(json_object_get(found, name), deeper, value);
        }
    } else if (json_is_array(expected)) {
        if (json_array_size(found) != json_array_size(expected))
            g_error("%s: %zu entries", path, json_array_size(found));
        json_array_foreach(expected, i, value) {
            g_autofree char *deeper = g_strdup_printf("%s[%zu]", path, i);
            assert_holds(json_array_get(found, i), deeper, value);
        }
    } else if (!json_equal(found, expected)) {
        g_autofree char *have = found != NULL ? json_dumps(found, JSON_ENCODE_ANY) : g_strdup("absent");
        g_error("%s: %s", path, have);
    }
}

static void test_model(void) {
    g_autoptr(World) world = summary_world();
    json_t *model = model_of(world, "zh", "2016-07-14T08:00");
    json_t *expected = json_of(
        "{'programme':'样例','obligation':{'id':'report','title':'双周报'},'final':true,"
        "'period':{'key':'2016-07-13','span_text':'6月28日至7月13日','due_text':'7月13日（星期三）23:59'},"
        "'counts':{'expected':5,'received':3,'on_time':1,'late':2,'missing':2,'exempt':1,'with_problems':1,"
        "'received_percent':60,'on_time_percent':20,'received_change_text':'+1','open_questions':3,"
        "'urgent_open':2,'urgent_settled':1},'section':false,"
        "'missing':[{'org_id':4,'name':'丁社','contact':'联络员','phone':false,'call':false},"
        "{'org_id':5,'name':'戊社','contact':'负责人戊','phone':'13800000005','call':true}],"
        "'late':[{'org_id':3,'late_text':'1分钟'},{'org_id':2,'late_text':'2小时','message_id':1002}],"
        "'problems':[{'org_id':2,'count':1,'texts':['缺回答量'],'message_id':1002}],"
        "'totals':[{'key':'asked','label':'提问量','value':39,'previous':30,'change':9,'change_text':'+9',"
        "'has_previous':true,'reported_by':2,'percent':100,"
        "'sources':[{'message_id':1001,'org':'甲社','value':35},{'message_id':1002,'org':'乙社','value':4}]},"
        "{'key':'answered','value':30,'previous':9,'change_text':'+21','reported_by':1,'percent':77},"
        "{'key':'rate','value':0.5,'previous':false,'change':false,'change_text':false,'has_previous':false}]"
        ","
        "'open_questions':[{'org':'乙社','question':'很久以前问过','state_text':'已说明'},"
        "{'org':'','question':'台账里的','age_hours':144,'age_text':'6天','state_text':'已报协管'},"
        "{'org':'甲社','question':'旧的','state':'inquired','age_hours':96,'message_id':1001}],"
        "'urgent':[{'org':'乙社','text':'停水','is_open':true,'handling':false,'message_id':1002},"
        "{'org':'甲社','text':'还没处理的','is_open':true},"
        "{'org':'丙社','text':'停电','is_open':false,'handling':'已修复',"
        "'settled_text':'7月1日（星期五）09:00'}],"
        "'repeated':[{'question':'图书馆几点闭馆？','count':3,'organizations':2}],"
        "'lists':[{'key':'cases','title':'案例','count':2,'rows':[{'org':'甲社','text':'一例'},{'text':'二例'"
        "}]}],"
        "'organizations':[{'state':'submitted','state_text':'按时','revision':1},{'state_text':'迟交','"
        "problems':1},"
        "{'state_text':'迟交','revision':3},{'state':'owed','state_text':'未交','message_id':false},"
        "{'state':'owed'},{'state':'exempt','state_text':'免报'},{'state':'suspended','state_text':'暂停'}],"
        "'exempt':[{'name':'己社','reason':'期末'}]}");
    assert_holds(model, "summary", expected);
    json_decref(expected);
    json_decref(model);
}

/* A section head reads of the own section alone, also of its questions and figures. */
static void test_section(void) {
    g_autoptr(World) world = summary_world();
    for (guint i = 0; i < 7; i++)
        ((Organization *)world->snapshot->organizations->pdata[i])->section =
            g_strdup(i < 1 ? "文体" : "学业");
    ((TrackedQuestion *)world->snapshot->questions->pdata[1])->section = g_strdup("文体");
    g_autoptr(View) view = view_new(world->snapshot);
    const Obligation *report = world_obligation(world, "report");
    g_autoptr(Period) period = period_by_key(world->programme, report, "2016-07-13");
    json_t *model = summary_model_of_section(view, report, period, "文体", "zh", at("2016-07-14T08:00"));
    json_t *expected = json_of(
        "{'section':'文体','counts':{'expected':1,'received':1,'late':0,'missing':0,'open_questions':2,"
        "'urgent_open':1,'urgent_settled':0,'received_change_text':'0'},'late':[],'missing':[],'problems':[],"
        "'totals':[{'value':35,'previous':20,'reported_by':1},{'value':30},{'value':0.5}],"
        "'open_questions':[{'question':'台账里的'},{'question':'旧的'}],"
        "'repeated':[{'count':2,'organizations':1}],'organizations':[{'name':'甲社'}],'exempt':[]}");
    assert_holds(model, "summary", expected);
    json_decref(expected);
    json_decref(model);
}

static void test_english_and_early(void) {
    g_autoptr(World) world = summary_world();
    json_t *model = model_of(world, "en", "2016-07-13T12:00");
    json_t *expected = json_of("{'programme':'Sample','final':false,'obligation':{'title':'report'},"
                               "'period':{'span_text':'28 June to 13 July 2016'},"
                               "'organizations':[{'state_text':'on time'},{'state_text':'late'},{},"
                               "{'state_text':'expected'},{},{'state_text':'exempt'},{}]}");
    assert_holds(model, "summary", expected);
    const json_t *first = json_array_get(json_object_get(model, "totals"), 0);
    g_assert_cmpstr(json_string_value(json_object_get(first, "label")), ==, "questions");
    json_decref(expected);
    json_decref(model);
}

/* Nobody and nothing: every list is there and empty. */
static void test_empty(void) {
    g_autoptr(World) world = world_new();
    json_decref(world->programme->forms);
    world->programme->forms = NULL;
    json_t *model = model_of(world, "zh", "2016-07-14T08:00");
    json_t *expected =
        json_of("{'counts':{'expected':0,'received_percent':0},'missing':[],'late':[],'problems':[],"
                "'totals':[],'open_questions':[],'urgent':[],'repeated':[],'lists':[],'organizations':[],'"
                "exempt':[]}");
    assert_holds(model, "summary", expected);
    json_decref(expected);
    json_decref(model);
}

/* A figure that nobody gave is not known: it is left out, and not shown as 0. One that was given before
 * stays. */
static void test_unreported(void) {
    g_autoptr(World) world = world_new();
    world_organization(world, 1, "甲社", "one@example.edu.cn");
    world_submission(world, 1, "2016-06-27", "2016-06-27T09:00", "{'asked':{'value':20}}", NULL);
    world_submission(world, 1, "2016-07-13", "2016-07-13T09:00", "{'answered':{'value':0}}", NULL);
    json_t *model = model_of(world, "zh", "2016-07-14T08:00");
    json_t *expected =
        json_of("{'totals':[{'key':'asked','value':0,'change_text':'−20','reported_by':0,'percent':0},"
                "{'key':'answered','value':0,'has_previous':false,'reported_by':1}]}");
    assert_holds(model, "summary", expected);
    json_decref(expected);
    json_decref(model);
}

static void test_letter_facts(void) {
    g_autoptr(World) world = summary_world();
    g_autoptr(View) view = view_new(world->snapshot);
    Letter letter = {.kind = LETTER_SUMMARY,
                     .key = (char *)"summary/report/2016-07-13/leader@example.edu.cn",
                     .to_address = (char *)"leader@example.edu.cn",
                     .language = (char *)"zh",
                     .obligation = (char *)"report",
                     .period = (char *)"2016-07-13"};
    json_t *facts = letter_facts(view, &letter, at("2016-07-14T08:00"));
    json_t *expected =
        json_of("{'kind':'summary','organization':false,'summary':{'has_missing':true,'has_urgent':true,"
                "'has_lists':true,'has_exempt':true,'has_late':true,'counts':{'missing':2}}}");
    assert_holds(facts, "facts", expected);
    json_decref(expected);
    json_decref(facts);
}

static void test_status(void) {
    g_autoptr(World) world = summary_world();
    PendingMail *mail = g_new0(PendingMail, 1);
    *mail = (PendingMail){.message_id = 9, .org_id = 4, .seen_s = at("2016-07-13T10:00")};
    g_ptr_array_add(world->snapshot->pending, mail);
    g_autoptr(View) view = view_new(world->snapshot);
    const Obligation *report = world_obligation(world, "report");
    g_autoptr(Period) period = period_by_key(world->programme, report, "2016-07-13");
    json_t *rows = status_rows(view, report, period, at("2016-07-14T08:00"));
    json_t *expected = json_of(
        "[{'organization':'甲社','state':'submitted','received':'2016-07-13T09:00','on_time':true,'late_s':0,"
        "'pending':false},{'late_s':7201,'problems':1,'on_time':false},{'late_s':61,'revision':3},"
        "{'organization':'丁社','state':'missing','received':null,'pending':true},{'state':'missing'},"
        "{'state':'exempt'},{'state':'suspended'}]");
    assert_holds(rows, "status", expected);
    json_decref(rows);
    json_decref(expected);
    rows = status_rows(view, report, period, at("2016-07-13T12:00"));
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(rows, 3), "state")), ==, "owed");
    json_decref(rows);
    json_t *calls = status_call_list(view, report, period);
    expected = json_of("[{'org_id':5,'organization':'戊社','contact':'负责人戊','phone':'13800000005'}]");
    assert_holds(calls, "calls", expected);
    json_decref(calls);
    json_decref(expected);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/summary/model", test_model);
    g_test_add_func("/summary/english_and_early", test_english_and_early);
    g_test_add_func("/summary/section", test_section);
    g_test_add_func("/summary/empty", test_empty);
    g_test_add_func("/summary/unreported", test_unreported);
    g_test_add_func("/summary/letter_facts", test_letter_facts);
    g_test_add_func("/summary/status", test_status);
    return g_test_run();
}
