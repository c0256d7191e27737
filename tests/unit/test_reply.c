#include "parsers/reply.h"

typedef struct {
    const char *why;
    const char *text;
    const char *reply;
    const char *quoted;
    const char *signature;
} Case;

static const Case CASES[] = {
    {"nothing to cut", "老师好\n\n附件请查收。\n", "老师好\n\n附件请查收。", "", ""},
    {"QQ Mail",
     "收到\n\n------------------ 原始邮件 ------------------\n发件人: \"x\"<a@example.com>;\n发送时间: "
     "2019年7月18日(星期四) 中午11:10\n主题: 双周报\n\n请报送",
     "收到",
     "------------------ 原始邮件 ------------------\n发件人: \"x\"<a@example.com>;\n发送时间: "
     "2019年7月18日(星期四) 中午11:10\n主题: 双周报\n\n请报送",
     ""},
    {"QQ Mail with no-break spaces", "收到\n------------------\xc2\xa0原始邮件\xc2\xa0------------------\n旧",
     "收到", "------------------\xc2\xa0原始邮件\xc2\xa0------------------\n旧", ""},
    {"NetEase web, quoted without marks",
     "收到\n在 2026-09-11 15:40:28，\"张三\" <a@example.com> 写道：\n旧文", "收到",
     "在 2026-09-11 15:40:28，\"张三\" <a@example.com> 写道：\n旧文", ""},
    {"nothing new above a Chinese attribution: history all the same",
     "在 2026-09-11 15:40:28，\"张三\" <a@example.com> 写道：\n提问量：12", "",
     "在 2026-09-11 15:40:28，\"张三\" <a@example.com> 写道：\n提问量：12", ""},
    {"Gmail", "好的\n\n张三 <a@example.com> 于2020年6月9日周二 上午12:22写道：\n\n> 旧\n", "好的",
     "张三 <a@example.com> 于2020年6月9日周二 上午12:22写道：\n\n> 旧", ""},
    {"attribution over two lines", "Fine.\nLe 4 janv. 2016 19:03, \"X\"\n<a@example.com>\na écrit :\n> vieux",
     "Fine.", "Le 4 janv. 2016 19:03, \"X\"\n<a@example.com>\na écrit :\n> vieux", ""},
    {"Outlook without a rule",
     "好\n\n发件人： x <a@example.com>\n发送时间： 2026年9月30日 10:00\n收件人： y\n主题： 报\n\n旧", "好",
     "发件人： x <a@example.com>\n发送时间： 2026年9月30日 10:00\n收件人： y\n主题： 报\n\n旧", ""},
    {"header labels in bold", "Yes.\n\n*From:* x\n*Sent:* 2016-01-27\n*To:* y\n*Subject:* z\n\nold", "Yes.",
     "*From:* x\n*Sent:* 2016-01-27\n*To:* y\n*Subject:* z\n\nold", ""},
    {"a mark inside a sentence", "文中有 ---- 回复的原邮件 ---- 字样。\n请看。",
     "文中有 ---- 回复的原邮件 ---- 字样。\n请看。", "", ""},
    {"answers between quoted lines stay with them", "On 2016-06-13, x wrote:\n> a?\nyes\n> b?\nno\n",
     "> a?\nyes\n> b?\nno", "On 2016-06-13, x wrote:", ""},
    {"answer below", "On 2016-06-13, x wrote:\n> a?\n\nyes", "> a?\n\nyes", "On 2016-06-13, x wrote:", ""},
    {"quoted lines at the end without an attribution", "yes\n> a?\n> b?", "yes", "> a?\n> b?", ""},
    {"a form forwarded without a word is the content",
     "---------- Forwarded message ----------\nFrom: x\nDate: 2016-06-13\nSubject: 报\n\n单位：护理学院\n",
     "单位：护理学院", "---------- Forwarded message ----------\nFrom: x\nDate: 2016-06-13\nSubject: 报", ""},
    {"forwarded with a word above",
     "见下\n\n-------- 转发邮件信息 --------\n发件人：x\n发送日期：2021-01-21 10:33:41\n\n单位：护理学院",
     "见下", "-------- 转发邮件信息 --------\n发件人：x\n发送日期：2021-01-21 10:33:41\n\n单位：护理学院",
     ""},
    {"standard signature", "好的\n-- \n张三\n13800001234", "好的", "", "-- \n张三\n13800001234"},
    {"rule and a visiting card",
     "好的\n\n________________________________\n张三\n电话：13800001234\n邮箱：a@example.com", "好的", "",
     "________________________________\n张三\n电话：13800001234\n邮箱：a@example.com"},
    {"a rule above a form is no signature", "老师好：\n--------------------\n组织名称：护理学院\n提问量：12",
     "老师好：\n--------------------\n组织名称：护理学院\n提问量：12", "", ""},
    {"rules drawn between the rows of a table",
     "老师好：\n+--------+----------+\n| 单位   | 护理学院 |\n+--------+----------+\n| 提问量 | 12       "
     "|\n+--------+----------+",
     "老师好：\n+--------+----------+\n| 单位   | 护理学院 |\n+--------+----------+\n| 提问量 | 12       "
     "|\n+--------+----------+",
     "", ""},
    {"a line that ends in the beginning of a year", "共收到 13800001234 19\n20", "共收到 13800001234 19\n20",
     "", ""},
    {"visiting card without a rule", "见附件。\n\n此致\n敬礼\n\n何丽\nTel: 13800066833  QQ: 76294425",
     "见附件。\n\n此致\n敬礼", "", "何丽\nTel: 13800066833  QQ: 76294425"},
    {"name and phone, street", "见附件。\n\n张伟  13800064006\n地址：滨海市某路9号", "见附件。", "",
     "张伟  13800064006\n地址：滨海市某路9号"},
    {"nothing but a visiting card", "--\n罗建国\n手机：13800067146", "", "", "--\n罗建国\n手机：13800067146"},
    {"a group of a form is no card", "组织名称：护理学院\n\n联络员\n电话：13800064006\n邮箱：a@example.com",
     "组织名称：护理学院\n\n联络员\n电话：13800064006\n邮箱：a@example.com", "", ""},
    {"a table is no card", "案例\n\n原创文章\n标题\t链接\t时间\n汤面\thttp://example.com/\t2017-02-15",
     "案例\n\n原创文章\n标题\t链接\t时间\n汤面\thttp://example.com/\t2017-02-15", "", ""},
    {"phone", "收到\n\n发自我的iPhone", "收到", "", "发自我的iPhone"},
    {"phone above history",
     "收到\n\n发自我的 iPad\n\n在 2022年3月25日，11:47，x <a@example.com> 写道：\n> 旧", "收到",
     "在 2022年3月25日，11:47，x <a@example.com> 写道：\n> 旧", "发自我的 iPad"},
    {"no device signature", "这是发自内心的感谢\n发自内心的感谢", "这是发自内心的感谢\n发自内心的感谢", "",
     ""},
    {"disclaimer", "见附件\n\n本邮件及其附件含有保密信息，仅限收件人使用。\n如误收请删除。", "见附件", "",
     "本邮件及其附件含有保密信息，仅限收件人使用。\n如误收请删除。"},
    {"code is no mark", "see\n```\n-- \n> x\n```\nend", "see\n```\n-- \n> x\n```\nend", "", ""},
    {"only a quotation", "> a\n> b", "> a\n> b", "", ""},
    {"empty", "", "", "", ""},
};

static void test_split(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const Case *c = &CASES[i];
        ReplyParts parts;
        g_test_message("%s", c->why);
        reply_split(c->text, &parts);
        g_assert_cmpstr(parts.reply, ==, c->reply);
        g_assert_cmpstr(parts.quoted, ==, c->quoted);
        g_assert_cmpstr(parts.signature, ==, c->signature);
        reply_parts_clear(&parts);
    }
}

typedef struct {
    const char *html, *kept, *quoted;
} HtmlCase;

static void test_split_html(void) {
    static const HtmlCase HTML[] = {
        {"a<blockquote>b<blockquote>c</blockquote>d</blockquote>e", "ae",
         "<blockquote>b<blockquote>c</blockquote>d</blockquote>"},
        {"a<div class=\"gmail_quote\">b<div>c</div></div>e", "ae",
         "<div class=\"gmail_quote\">b<div>c</div></div>"},
        {"a<hr id=\"replySplit\">b", "a", "<hr id=\"replySplit\">b"},
        {"a<div id='divRplyFwdMsg'>h</div><div>b</div>", "a", "<div id='divRplyFwdMsg'>h</div><div>b</div>"},
        {"a<!-- <blockquote> --><BLOCKQUOTE>b", "a<!-- <blockquote> -->", "<BLOCKQUOTE>b"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(HTML); i++) {
        g_autofree char *kept = NULL, *quoted = NULL;
        g_assert_true(reply_split_html(HTML[i].html, &kept, &quoted));
        g_assert_cmpstr(kept, ==, HTML[i].kept);
        g_assert_cmpstr(quoted, ==, HTML[i].quoted);
    }
    static const char *const NONE[] = {
        "<p>a</p>",
        "<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">indented</blockquote>",
        "<style>.gmail_quote{}</style><p title=\"<blockquote>\">x",
        "a < b",
        "",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(NONE); i++) {
        char *kept, *quoted;
        g_assert_false(reply_split_html(NONE[i], &kept, &quoted));
    }
}

/* Hostile repetition must cost time in proportion. */
static void test_linear(void) {
    static const char *const UNITS[] = {"On 2016-01-01 10:00, x <a@b.c> wrote:\n> a\ntext\n",
                                        "-- \n",
                                        "> a\nb\n",
                                        "---------- Forwarded message ----------\nFrom: x\n",
                                        "From: x\nDate: y\n",
                                        "aaaa:\n",
                                        "_____\na\n"};
    const guint UNITS_REPEATED = 20000;
    const gint64 LIMIT_US = 20 * G_USEC_PER_SEC; /* a quadratic scan takes minutes, this one under a second */
    for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint n = 0; n < UNITS_REPEATED; n++)
            g_string_append(text, UNITS[i]);
        gint64 start = g_get_monotonic_time();
        ReplyParts parts;
        reply_split(text->str, &parts);
        reply_parts_clear(&parts);
        g_assert_cmpint(g_get_monotonic_time() - start, <, LIMIT_US);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reply/split", test_split);
    g_test_add_func("/reply/split-html", test_split_html);
    g_test_add_func("/reply/linear", test_linear);
    return g_test_run();
}
