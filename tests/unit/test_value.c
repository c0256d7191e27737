#include "parsers/value.h"

#include <string.h>

#include "parsers/form.h"
#include "parsers/value_phone.h"

/* One field of each type, as a programme would define them. */
static FormSet *forms(void) {
    static const char json[] =
        "{\"language\":\"zh\",\"zone\":\"Asia/Shanghai\",\"forms\":[{\"id\":\"f\",\"fields\":["
        "{\"key\":\"text\",\"type\":\"text\",\"labels\":[\"a\"]},{\"key\":\"count\",\"type\":\"count\","
        "\"labels\":[\"b\"]},"
        "{\"key\":\"number\",\"type\":\"number\",\"labels\":[\"c\"]},{\"key\":\"date\",\"type\":\"date\","
        "\"labels\":[\"d\"]},"
        "{\"key\":\"datetime\",\"type\":\"datetime\",\"labels\":[\"e\"]},"
        "{\"key\":\"daterange\",\"type\":\"daterange\",\"labels\":[\"f\"]},"
        "{\"key\":\"phone\",\"type\":\"phone\",\"labels\":[\"g\"]},{\"key\":\"email\",\"type\":\"email\","
        "\"labels\":[\"h\"]},"
        "{\"key\":\"choice\",\"type\":\"choice\",\"labels\":[\"i\"],\"choices\":[\"团帮青\",\"专帮青\","
        "\"青帮青\"]},"
        "{\"key\":\"bool\",\"type\":\"bool\",\"labels\":[\"j\"]},{\"key\":\"person\",\"type\":\"person\","
        "\"labels\":[\"k\"]},"
        "{\"key\":\"url\",\"type\":\"url\",\"labels\":[\"l\"]},"
        "{\"key\":\"status\",\"type\":\"choice\",\"labels\":[\"m\"],\"choices\":[{\"value\":\"已答复\","
        "\"labels\":[\"答复\"]},"
        "{\"value\":\"未答复\"}]}]}]}";
    json_t *parsed = json_loads(json, 0, NULL);
    g_autoptr(GError) error = NULL;
    FormSet *set = form_set_new_from_json(parsed, &error);
    g_assert_no_error(error);
    json_decref(parsed);
    return set;
}

#define ABSENT "(absent)"
#define BAD    "(bad)"

static const struct {
    const char *type, *raw, *expected;
} cases[] = {
    {"count", "76", "76"},
    {"count", "7\u00AD\u00AD6", "76"},
    {"text", "meet\u00ADing\u00AD", "meeting"},
    {"datetime", "2016-06-13 12:45:00 AM", "2016-06-13T00:45"},
    {"datetime", "2016-06-13 09:30 PM", "2016-06-13T21:30"},
    {"count", "７６条", "76"},
    {"count", "约62条", "62"},
    {"count", "共48条（含重复）", "48"},
    {"count", "48条（其中重复3条）", "48"},
    {"count", "48条其中重复3条", "48"},
    {"count", "1,232", "1232"},
    {"count", "1，232", "1232"},
    {"count", "一百二十", "120"},
    {"count", "十一", "11"},
    {"count", "六十三条", "63"},
    {"count", "一千零二", "1002"},
    {"count", "一万二", "12000"},
    {"count", "三百五", "350"},
    {"count", "二十五", "25"},
    {"count", "1.2万", "12000"},
    {"count", "____35____", "35"},
    {"count", " 63.0 ", "63"},
    {"count", "0", "0"},
    {"count", "[35]条", "35"},
    {"count", "“35”", "35"},
    {"count", "35条/期", "35"},
    {"count", "35条/人", BAD},
    {"count", "35、40", BAD},
    {"count", "本期收集到35条", "35"},
    {"count", "若干", BAD},
    {"count", "待统计", BAD},
    {"count", "35/40", BAD},
    {"count", "35/", "35"},
    {"count", "/ 35", "35"},
    {"count", "35，", "35"},
    {"count", "35%", BAD},
    {"count", "35-40", BAD},
    {"count", "13800001234567", BAD},
    {"count", "请填写", ABSENT},
    {"count", "（必填）", ABSENT},
    {"count", "____", ABSENT},
    {"count", "/", ABSENT},
    {"count", "—", ABSENT},
    {"count", "", ABSENT},
    {"count", "例：35", ABSENT},
    {"number", "3.5", "3.5"},
    {"date", "2016年6月13日", "2016-06-13"},
    {"date", "2016-06-13", "2016-06-13"},
    {"date", "2016/6/13", "2016-06-13"},
    {"date", "2016.6.13", "2016-06-13"},
    {"date", "6.13", "2016-06-13"},
    {"date", "6月13日", "2016-06-13"},
    {"date", "6月13号", "2016-06-13"},
    {"date", "六月十三日", "2016-06-13"},
    {"date", "二〇一六年六月十三日", "2016-06-13"},
    {"date", "十二月二十八日", "2015-12-28"},
    {"date", "２０１６年６月１３日", "2016-06-13"},
    {"date", "2016 年 6 月 13 日", "2016-06-13"},
    {"date", "20160613", "2016-06-13"},
    {"date", "13 June 2016", "2016-06-13"},
    {"date", "June 13, 2016", "2016-06-13"},
    {"date", "12.28", "2015-12-28"},
    {"date", "2016年13月1日", BAD},
    {"date", "2016-02-30", BAD},
    {"date", "5356年1月5日", BAD},
    {"date", "42534", "2016-06-13"},
    {"date", "2016 . 6 . 13", "2016-06-13"},
    {"date", "2016、6、13", "2016-06-13"},
    {"date", "2016 .  . 13", BAD},
    {"date", "年  月  日", ABSENT},
    {"datetime", "2016/4/28 22:57", "2016-04-28T22:57"},
    {"datetime", "3.14 13:55", "2016-03-14T13:55"},
    {"datetime", "2016年6月13日(星期一) 下午2:05", "2016-06-13T14:05"},
    {"datetime", "6月13日 9时30分", "2016-06-13T09:30"},
    {"datetime", "2016-06-13T09:30:11", "2016-06-13T09:30"},
    {"datetime", "2016-06-13", "2016-06-13"},
    {"daterange", "4.28-5.13", "2016-04-28 – 2016-05-13"},
    {"daterange", "2016年4月28日—5月13日", "2016-04-28 – 2016-05-13"},
    {"daterange", "2016-04-28 至 2016-05-13", "2016-04-28 – 2016-05-13"},
    {"daterange", "2016-04-28-2016-05-13", "2016-04-28 – 2016-05-13"},
    {"daterange", "十二月二十八日至一月十三日", "2015-12-28 – 2016-01-13"},
    {"daterange", "2016.05.14~2016.05.27", "2016-05-14 – 2016-05-27"},
    {"daterange", "2016/5/14-2016/5/27", "2016-05-14 – 2016-05-27"},
    {"daterange", "6月14日-27日", "2016-06-14 – 2016-06-27"},
    {"daterange", "12.28-1.13", "2015-12-28 – 2016-01-13"},
    {"daterange", "2015年12月28日-1月13日", "2015-12-28 – 2016-01-13"},
    {"daterange", "自2016年6月1日起至6月13日止", "2016-06-01 – 2016-06-13"},
    {"daterange", "2016-06-13 至 2016-06-01", BAD},
    {"daterange", "2016-06-14/2016-06-27", "2016-06-14 – 2016-06-27"},
    {"daterange", "20160614/20160627", "2016-06-14 – 2016-06-27"},
    {"daterange", "2016年6月14日起，2016年6月27日止", "2016-06-14 – 2016-06-27"},
    {"daterange", "开始：2016.6.14；结束时间：2016.6.27", "2016-06-14 – 2016-06-27"},
    {"daterange", "2016.6.14，2016.6.27", BAD},
    {"daterange", "第3期", BAD},
    {"phone", "13800001234", "13800001234"},
    {"phone", "138-0002-6580", "13800026580"},
    {"phone", "138 0001 2743", "13800012743"},
    {"phone", "+86 13800021446", "13800021446"},
    {"phone", "0086-13800021446", "13800021446"},
    {"phone", "(86)13800021446", "13800021446"},
    {"phone", "１３８００００１２３４", "13800001234"},
    {"phone", "13800096824 13800021918", "13800096824"},
    {"phone", "13800096824/010-55500000", "13800096824"},
    {"phone", "138 0009 6824、138 0002 1918", "13800096824"},
    {"phone", "010-55500000", "010-55500000"},
    {"phone", "(0411)55550000", "0411-55550000"},
    {"phone", "0411-55550000-12", "0411-55550000-12"},
    {"phone", "0411-55550000转12", "0411-55550000-12"},
    {"phone", "13800\n096824", "13800096824"},
    {"phone", "0086 13800001234 13800005678 13800009999 035", "13800001234"}, /* ends within an area code */
    {"phone", "1380009", BAD},
    {"phone", "张三", BAD},
    {"email", "li.d907@example.com", "li.d907@example.com"},
    {"email", "邮箱：he_d648@mail.example.com。", "he_d648@mail.example.com"},
    {"email", "ａ＠example.com", "a@example.com"},
    {"email", "a @ example . com", "a@example.com"},
    {"email", "a(at)example.com", "a@example.com"},
    {"email", "a@example。com", "a@example.com"},
    {"email", "a@b", BAD},
    {"choice", "团帮青", "团帮青"},
    {"choice", "□团帮青  √专帮青  □青帮青", "专帮青"},
    {"choice", "☐团帮青 ☐专帮青 ☑青帮青", "青帮青"},
    {"choice", "团帮青☐ 专帮青☑ 青帮青☐", "专帮青"},
    {"choice", "团帮青（√） 专帮青（ ） 青帮青（ ）", "团帮青"},
    {"choice", "[ ] 团帮青 [x] 专帮青 [ ] 青帮青", "专帮青"},
    {"choice", "○团帮青 ●专帮青 ○青帮青", "专帮青"},
    {"choice", "√☐团帮青 ☐专帮青", "团帮青"},
    {"choice", "□团帮青 □专帮青 □青帮青", ABSENT},
    {"choice", "团帮青队", "团帮青"},
    {"choice", "团帮青、专帮青", BAD},
    {"choice", "☑团帮青 ☑专帮青 ☐青帮青", BAD},
    {"choice", "红队", BAD},
    {"choice", "团帮青：是 / 专帮青：否 / 青帮青：否（单选）", "团帮青"},
    {"choice", "团帮青：否；专帮青：否；青帮青：是", "青帮青"},
    {"choice", "/专帮青/", "专帮青"}, /* the others were struck out */
    {"choice", "团帮青（是） 专帮青（否） 青帮青（否）", "团帮青"},
    {"choice", "请选择（打√）：□团帮青 □专帮青 ☑青帮青", "青帮青"},
    {"choice", "团帮青×  专帮青√  青帮青×", "专帮青"},
    {"choice", "★团帮青 ☆专帮青 ☆青帮青", "团帮青"},
    {"choice", "£团帮青 R专帮青 £青帮青", "专帮青"}, /* a symbol font without its font */
    {"choice", "□团帮青 V专帮青 □青帮青", "专帮青"},
    {"choice", "【√】团帮青 【 】专帮青", "团帮青"},
    {"choice", "☑团帮青☐专帮青☐青帮青", "团帮青"},
    {"choice", "团帮青☑☐专帮青", BAD}, /* whose? */
    {"choice", "（（（（团", BAD},
    {"status", "未答复", "未答复"},
    {"status", "答复", "已答复"},
    {"bool", "是", "是"},
    {"bool", "否", "否"},
    {"bool", "☑是 ☐否", "是"},
    {"bool", "是☐ 否☑", "否"},
    {"bool", "√", "是"},
    {"bool", "也许", BAD},
    {"bool", "/否", "否"},
    {"bool", "是、", "是"},
    {"bool", "×", "否"},
    {"bool", "是（√） 否（ ）", "是"},
    {"bool", "□是 □否", ABSENT},
    {"person", "张  三", "张三"},
    {"person", "John  Smith", "John Smith"},
    {"person", "古丽·阿依", "古丽·阿依"},
    {"person", "____李四____", "李四"},
    {"person", "【李四】", "李四"},
    {"person", "李四（副部长）", "李四"},
    {"person", "123", BAD},
    {"url", "见 https://www.example.edu.cn/a/1.html 。", "https://www.example.edu.cn/a/1.html"},
    {"url", "校园网", BAD},
    {"text", "  部分问题；\n 第二行  ", "部分问题；\n第二行"},
    {"text", "单击此处输入文字。", ABSENT},
    {"text", "请输入11位手机号", ABSENT},
    {"text", "请假制度需要完善，希望平台尽快增加请假查询入口",
     "请假制度需要完善，希望平台尽快增加请假查询入口"},
};

static void test_values(void) {
    g_autoptr(FormSet) set = forms();
    const Form *form = form_set_nth(set, 0);
    ValueContext context = value_context_at(1465808400, form_set_zone(set)); /* 2016-06-13 17:00 +0800 */
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Field *field = g_ptr_array_index(form->fields, (guint)form_field_index(form, cases[i].type));
        json_t *value = NULL;
        double certainty = 0;
        ValueVerdict verdict = value_parse(field, cases[i].raw, &context, &value, &certainty);
        g_autofree char *text =
            verdict == VALUE_GOOD ? value_to_text(value) : g_strdup(verdict == VALUE_ABSENT ? ABSENT : BAD);
        g_test_message("%s \"%s\"", cases[i].type, cases[i].raw);
        g_assert_cmpstr(text, ==, cases[i].expected);
        g_assert_true(verdict != VALUE_GOOD || (certainty > 0 && certainty <= 1));
        json_decref(value);
    }
}

/* Without a reference day a missing year stays unknown: never this machine's year. */
static void test_no_reference(void) {
    g_autoptr(FormSet) set = forms();
    const Form *form = form_set_nth(set, 0);
    ValueContext context = value_context_at(-1, form_set_zone(set));
    const Field *date = g_ptr_array_index(form->fields, (guint)form_field_index(form, "date"));
    g_assert_cmpint(value_parse(date, "6.13", &context, NULL, NULL), ==, VALUE_BAD);
    g_assert_cmpint(value_parse(date, "2016.6.13", &context, NULL, NULL), ==, VALUE_GOOD);
}

static void test_two_phones(void) {
    g_autoptr(GPtrArray) numbers = phone_parse("13800096824；0411-55550000");
    g_assert_cmpuint(numbers->len, ==, 2);
    g_assert_cmpstr(g_ptr_array_index(numbers, 1), ==, "0411-55550000");
}

/* Problem texts end up in letters: a long value is cut between characters, and at its first line. */
static void test_excerpt(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 2 * VALUE_EXCERPT_CHARACTERS; i++)
        g_string_append(text, "长");
    g_autofree char *cut = value_excerpt(text->str);
    g_assert_true(g_utf8_validate(cut, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(cut, -1), ==, VALUE_EXCERPT_CHARACTERS + 1);
    g_assert_true(g_str_has_suffix(cut, "…"));
    g_autofree char *line = value_excerpt("第一行\n第二行");
    g_assert_cmpstr(line, ==, "第一行…");
    g_autofree char *all = value_excerpt(" 35条 ");
    g_assert_cmpstr(all, ==, "35条");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/values", test_values);
    g_test_add_func("/value/no_reference", test_no_reference);
    g_test_add_func("/value/excerpt", test_excerpt);
    g_test_add_func("/value/two_phones", test_two_phones);
    return g_test_run();
}
