#include "gateway/io/templates.h"

#include <glib/gstdio.h>
#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/letter_facts.h"
#include "tests/unit/world.h"

static const char *directory(void) {
    const char *from_environment = g_getenv("FORTNIGHT_TEMPLATES");
    return from_environment ? from_environment : "templates";
}

static LetterTemplates *load(void) {
    g_autoptr(GError) error = NULL;
    LetterTemplates *templates = templates_load(directory(), &error);
    g_assert_no_error(error);
    return templates;
}

static void test_shipped(void) {
    g_autoptr(LetterTemplates) templates = load();
    g_autoptr(GError) error = NULL;
    templates_check(templates, directory(), &error);
    g_assert_no_error(error);
    g_auto(GStrv) languages = letter_templates_languages(templates);
    g_autofree char *joined = g_strjoinv(" ", languages);
    g_assert_cmpstr(joined, ==, "en zh");
}

static void render_sample(const LetterTemplates *templates, LetterKind kind, const char *language,
                          LetterText *ret_text) {
    g_autoptr(GError) error = NULL;
    json_t *facts = templates_sample(directory(), kind, language, &error);
    g_assert_no_error(error);
    letter_render(templates, kind, language, facts, true, ret_text, &error);
    g_assert_no_error(error);
    json_decref(facts);
}

/* What every letter must be, whoever edits the templates. */
static void test_every_letter(void) {
    static const char *const banned[] = {"<script", "http://", "https://", "src=",       "url(",
                                         "@import", "{{",      "}}",       "javascript:"};
    g_autoptr(LetterTemplates) templates = load();
    g_auto(GStrv) languages = letter_templates_languages(templates);
    for (guint l = 0; languages[l]; l++)
        for (int kind = 0; kind < LETTER_KINDS; kind++) {
            g_auto(LetterText) text = {0};
            render_sample(templates, kind, languages[l], &text);
            g_test_message("%s %s: %s (%zu bytes of HTML)", languages[l], letter_kind_name(kind),
                           text.subject, strlen(text.html));
            const char *reference = strcmp(languages[l], "zh") == 0 ? "FN-0627-042" : "FN-0617-007";
            g_assert_nonnull(strstr(text.subject, reference));
            g_assert_nonnull(strstr(text.text, reference));
            g_assert_nonnull(strstr(text.html, reference));
            g_assert_nonnull(strstr(text.html, "name=\"viewport\""));
            g_assert_nonnull(strstr(text.html, languages[l][0] == 'z' ? "保存说明" : "What is stored"));
            g_assert_nonnull(strstr(text.text, languages[l][0] == 'z' ? "自动发出" : "sent automatically"));
            g_assert_cmpuint(strlen(text.html), <, LETTER_HTML_MAX_BYTES);
            for (gsize i = 0; i < G_N_ELEMENTS(banned); i++) {
                g_assert_null(strstr(text.html, banned[i]));
                g_assert_true(i < 6 || !strstr(text.text, banned[i]));
            }
        }
}

/* Each string of a sample replaced by a hostile one: nothing of it may become markup or a second line of a
 * header. */
static json_t *poison(const json_t *value) {
    if (json_is_string(value))
        return json_string("<img src=x onerror=y>\r\nBcc: v@example.com\u202e\u200b\"'&");
    if (json_is_array(value)) {
        json_t *copy = json_array();
        size_t i;
        json_t *entry;
        json_array_foreach((json_t *)value, i, entry)
            json_array_append_new(copy, poison(entry));
        return copy;
    }
    if (json_is_object(value)) {
        json_t *copy = json_object();
        const char *key;
        json_t *entry;
        json_object_foreach((json_t *)value, key, entry)
            json_object_set_new(copy, key, poison(entry));
        return copy;
    }
    return json_incref((json_t *)value);
}

static void test_hostile_facts(void) {
    g_autoptr(LetterTemplates) templates = load();
    for (int kind = 0; kind < LETTER_KINDS; kind++) {
        g_auto(LetterText) text = {0};
        g_autoptr(GError) error = NULL;
        json_t *sample = templates_sample(directory(), kind, "zh", &error);
        json_t *hostile = poison(sample);
        g_assert_true(letter_render(templates, kind, "zh", hostile, true, &text, &error));
        g_assert_null(strstr(text.html, "<img"));
        g_assert_nonnull(strstr(text.html, "&lt;img src=x onerror=y&gt;"));
        g_assert_null(strpbrk(text.subject, "\r\n"));
        g_assert_null(strstr(text.html, "\u202e"));
        g_assert_null(strstr(text.text, "\u200b"));
        g_assert_null(strstr(text.subject, "\u202e"));
        json_decref(sample);
        json_decref(hostile);
    }
}

/* Absent facts are false by contract (letter_facts.h): every letter must still be sayable without them. */
static void test_absent_facts(void) {
    static const char *const absent[] = {"organization", "period",       "help",
                                         "obligation",   "contact_name", "problems"};
    g_autoptr(LetterTemplates) templates = load();
    for (int kind = 0; kind < LETTER_KINDS; kind++) {
        g_auto(LetterText) text = {0};
        g_autoptr(GError) error = NULL;
        json_t *facts = templates_sample(directory(), kind, "zh", &error);
        for (gsize i = 0; i < G_N_ELEMENTS(absent); i++)
            json_object_set_new(facts, absent[i], json_false());
        json_object_set_new(facts, "has_problems", json_false());
        letter_render(templates, kind, "zh", facts, false, &text, &error);
        g_assert_no_error(error);
        g_assert_null(strstr(text.text, "（）"));
        g_assert_null(strstr(text.subject, "（）"));
        json_decref(facts);
    }
}

static void test_summary_first_things_first(void) {
    g_autoptr(LetterTemplates) templates = load();
    g_auto(LetterText) text = {0};
    render_sample(templates, LETTER_SUMMARY, "zh", &text);
    static const char *const order[] = {"未交",       "外国语学院团委", "提问量",       "+37",
                                        "超24小时",   "迟交</div>",     "待核对</div>", "各项合计",
                                        "毕业证遗失", "停水",           "案例",         "原创网文"};
    const char *at = text.html;
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        const char *found = strstr(at, order[i]);
        if (!found)
            g_error("“%s” is missing or stands too early", order[i]);
        at = found;
    }
}

/* A small programme in the evening after the due day: one has sent late and with a problem, one not at all,
 * one again. */
static World *busy_world(void) {
    World *world = world_new();
    world_organization(world, 1, "护理学院学生会", "nursing@example.edu.cn");
    world_organization(world, 2, "研究生会", NULL);
    world_organization(world, 3, "法学院学生会", "law@example.edu.cn");
    world_submission(world, 1, "2016-06-27", "2016-06-27T09:00",
                     "{'asked':{'value':20},'answered':{'value':18}}", NULL);
    Submission *late = world_submission(world, 1, "2016-07-13", "2016-07-14T00:30",
                                        "{'org':{'value':'护理学院学生会'},'asked':{'value':35},'answered':{'"
                                        "value':33},'urgent':{'value':'三号楼停水'}}",
                                        "{'asked_list':[{'question':'毕业证怎样补办？','asked_at':'2016-06-"
                                        "25T09:30','status':'open'}],'cases':[{'title':'转介'}]}");
    late->on_time = false;
    late->n_problems = 1;
    json_decref(late->problems);
    late->problems = json_of(
        "[{'class':'form','code':'missing','field':'reporter','where':'a.docx','text':'没有找到“填报人”'}]");
    ReviewItem *item = g_new0(ReviewItem, 1);
    item->message_id = 9;
    item->code = g_strdup("scan");
    item->from = g_strdup("b@example.com");
    item->subject = g_strdup("扫描件");
    g_ptr_array_add(world->snapshot->reviews, item);
    TrackedQuestion *question = g_new0(TrackedQuestion, 1);
    question->id = 7;
    question->text = g_strdup("毕业证怎样补办？");
    question->asked_s = question->known_s = at("2016-07-13T10:00");
    world->snapshot->questions = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
    g_ptr_array_add(world->snapshot->questions, question);
    return world;
}

typedef struct {
    LetterKind kind;
    const char *key, *period;
    gint64 org_id;
    const char *facts;    /* what only the moment of decision knew */
    const char *words[3]; /* that the Chinese text must hold */
} CoreLetter;

static const CoreLetter core_letters[] = {
    {LETTER_ACK, "ack/7", "2016-07-13", 1, NULL, {"护理学院学生会", "提问量：35", "没有找到“填报人”"}},
    {LETTER_CORRECTION, "correction/8", "2016-07-13", 1, NULL, {"护理学院学生会", "提问量：20 → 35", NULL}},
    {LETTER_DEFECT,
     "defect/9",
     NULL,
     1,
     "{'reason_text':'有密码','remedy_text':'请去掉','parts':[{'name':'a.docx','verdict':'encrypted'}]}",
     {"有密码", "请去掉", "a.docx"}},
    {LETTER_REMINDER,
     "remind/report/2016-07-13/T-1d/org3",
     "2016-07-13",
     3,
     NULL,
     {"法学院学生会", "双周报", NULL}},
    {LETTER_OVERDUE,
     "overdue/report/2016-07-13/T+1d/org3",
     "2016-07-13",
     3,
     NULL,
     {"法学院学生会", "已逾期", NULL}},
    {LETTER_SUMMARY,
     "summary/report/2016-07-13/a@example.edu.cn",
     "2016-07-13",
     0,
     NULL,
     {"研究生会、法学院学生会", "提问量 35（+15）", "毕业证怎样补办"}},
    {LETTER_REVIEW_NOTICE, "review/2016-06-28T10", NULL, 0, NULL, {"不能确定", "扫描件", "b@example.com"}},
    {LETTER_OPERATOR_ALERT,
     "alert/disk",
     NULL,
     0,
     "{'code':'disk.full','cause_text':'磁盘已满','remedy_text':'请清理','since_text':'今天'}",
     {"磁盘已满", "请清理", NULL}},
    {LETTER_COMMAND_ANSWER,
     "answer/11",
     NULL,
     0,
     "{'title_text':'已处理 1 件','lines':[{'text':'3：已拒绝'}],'has_lines':true,'how_text':'可继续回复'}",
     {"已处理 1 件", "3：已拒绝", "可继续回复"}},
    {LETTER_QUESTION_PASSED,
     "passed/q7/0123456789ab/a@example.edu.cn",
     NULL,
     0,
     "{'event':'pass_on','question_ids':[7]}",
     {"转交给您", "毕业证怎样补办", "24 小时内答复"}},
    {LETTER_OVERDUE_QUESTIONS,
     "overdue_questions/q7/0123456789ab/a@example.edu.cn",
     NULL,
     0,
     "{'event':'escalate','question_ids':[7]}",
     {"毕业证怎样补办", "已安抚", NULL}},
    {LETTER_INQUIRY,
     "inquiry/q7/0123456789ab/a@example.edu.cn",
     NULL,
     0,
     "{'event':'copy','question_ids':[7],'is_copy':true,'head_name':'赵强','explanation_text':'值班请假'}",
     {"赵强", "值班请假", "毕业证怎样补办"}},
    {LETTER_URGENT,
     "urgent/3/0/a@example.edu.cn",
     NULL,
     0,
     "{'urgent_id':3,'text':'水管破裂','sender':'b@example.com','received_text':'今天','seen_text':'刚才',"
     "'code':'482913','repeat':0,'is_repeat':false,'reporter':false}",
     {"水管破裂", "已处理 482913", "b@example.com"}},
    {LETTER_URGENT_NOTICE,
     "urgent_notice/3/a@example.edu.cn",
     NULL,
     0,
     "{'text':'水管破裂','sender':'b@example.com','received_text':'今天','handling_text':'已抢修',"
     "'settled_text':'刚才','reporter':false}",
     {"水管破裂", "已抢修", "公告"}},
    {LETTER_SECTION_DIGEST,
     "section_digest/report/2016-07-13/0123456789ab/a@example.edu.cn",
     "2016-07-13",
     0,
     "{'section':'生活','org_ids':[1,2,3]}",
     {"生活板块双周报", "1. 护理学院学生会", "法学院学生会"}},
    {LETTER_ADVISOR_DIGEST,
     "advisor_digest/report/2016-07-13/a@example.edu.cn",
     "2016-07-13",
     0,
     "{'org_ids':[1,2,3]}",
     {"已交 1", "没有找到“填报人”", "提问量 35"}},
    {LETTER_PINNED_NOTICE,
     "pinned_notice/report/2016-07-13/a@example.edu.cn",
     "2016-07-13",
     0,
     "{'count':1,'has_clusters':true,'has_proposals':false,'proposals':[],'clusters':[{'number':1,'id':3,"
     "'question':'补办学生证','count':4,'has_wordings':false,'wordings':[],'answer':'带照片','has_sources':"
     "false,"
     "'sources':[],'ids':[3]}]}",
     {"补办学生证", "带照片", "4"}},
    {LETTER_RETURNED,
     "returned/1/1",
     "2016-07-13",
     1,
     "{'reason_text':'附表不全','head_name':'板块长','section':'生活'}",
     {"附表不全", "板块长", "回复本邮件"}},
    {LETTER_DUTY,
     "duty/answering/2016-06-22/T-1d/a@example.edu.cn",
     NULL,
     0,
     "{'title':'在线答疑','when_text':'6月22日','person_name':'主管'}",
     {"在线答疑", "6月22日", "由您值班"}},
    {LETTER_ANNOUNCE,
     "announce/2016-06-27..2016-07-13/org1",
     NULL,
     1,
     "{'span_text':'6月','tasks':[{'title':'双周报','count':1,'is_review':false,'dates':['6月27日']}]}",
     {"【双周报】1 次", "6月27日 前", "护理学院学生会"}},
};

static json_t *core_facts(World *world, const View *view, const CoreLetter *row, const char *language) {
    Letter letter = {.key = (char *)row->key,
                     .kind = row->kind,
                     .to_address = (char *)"a@example.edu.cn",
                     .language = (char *)language,
                     .org_id = row->org_id,
                     .obligation = (char *)(row->period ? "report" : NULL),
                     .period = (char *)row->period};
    if (row->facts)
        letter.facts = json_of(row->facts);
    else if (row->kind == LETTER_ACK || row->kind == LETTER_CORRECTION)
        letter.facts = letter_facts_of_submission(
            world->programme, view_submission(view, "report", "2016-07-13", 1),
            row->kind == LETTER_ACK ? NULL : view_submission(view, "report", "2016-06-27", 1), language);
    json_t *facts = letter_facts(view, &letter, at("2016-07-14T20:00"));
    json_decref(letter.facts);
    return facts;
}

/* The templates ask for nothing that the core does not give, in no language. */
static void test_facts_of_the_core(void) {
    g_autoptr(LetterTemplates) templates = load();
    g_auto(GStrv) languages = letter_templates_languages(templates);
    g_autoptr(World) world = busy_world();
    g_autoptr(View) view = view_new(world->snapshot);
    g_assert_cmpuint(G_N_ELEMENTS(core_letters), ==, LETTER_KINDS);
    for (gsize i = 0; i < G_N_ELEMENTS(core_letters); i++)
        for (guint l = 0; languages[l]; l++) {
            g_auto(LetterText) text = {0};
            g_autoptr(GError) error = NULL;
            json_t *facts = core_facts(world, view, &core_letters[i], languages[l]);
            letter_render(templates, core_letters[i].kind, languages[l], facts, true, &text, &error);
            g_assert_no_error(error);
            for (guint w = 0; strcmp(languages[l], "zh") == 0 && w < 3 && core_letters[i].words[w]; w++)
                if (!strstr(text.text, core_letters[i].words[w]))
                    g_error("“%s” is not in:\n%s", core_letters[i].words[w], text.text);
            g_assert_null(strstr(text.text, "false"));
            g_assert_null(strstr(text.html, ">false"));
            json_decref(facts);
        }
}

static void test_errors(void) {
    g_autoptr(GError) error = NULL;
    g_assert_null(templates_load("no/such/place", &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_assert_nonnull(strstr(error->message, "no/such/place"));
    g_clear_error(&error);
    g_assert_null(templates_sample(directory(), LETTER_ACK, "fr", &error));
    g_assert_nonnull(strstr(error->message, "has no sample for “fr”"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/templates/shipped", test_shipped);
    g_test_add_func("/templates/every-letter", test_every_letter);
    g_test_add_func("/templates/hostile-facts", test_hostile_facts);
    g_test_add_func("/templates/absent-facts", test_absent_facts);
    g_test_add_func("/templates/summary-first-things-first", test_summary_first_things_first);
    g_test_add_func("/templates/facts-of-the-core", test_facts_of_the_core);
    g_test_add_func("/templates/errors", test_errors);
    return g_test_run();
}
