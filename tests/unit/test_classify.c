#include "parsers/classify.h"

#include <string.h>

static FormSet *forms(void) {
    json_t *json =
        json_loads("{\"language\":\"zh\",\"zone\":\"Asia/Shanghai\",\"forms\":[{\"id\":\"f\",\"fields\":["
                   "{\"key\":\"asked\",\"type\":\"count\",\"labels\":[\"提问量\"]}]}]}",
                   0, NULL);
    FormSet *set = form_set_new_from_json(json, NULL);
    json_decref(json);
    return set;
}

static const struct {
    const char *headers, *body;
    bool has_form, has_attachment;
    const char *kind, *details; /* details: compact JSON, or NULL */
} cases[] = {
    {"Subject: x", "hello", true, true, "submission", NULL},
    {"Subject: =?utf-8?B?57Sn5oCl77ya5rC056Gx54K46KOC?=", "水管破裂", false, false, "urgent", NULL},
    {"Subject: x", "紧急：东区停电", false, false, "urgent", NULL},
    {"Subject: x", "这是非紧急事项的说明", false, false, "unknown", NULL},
    {"Subject: x", "紧急情况：无紧急", true, false, "submission", NULL},
    {"Subject: status", "", false, false, "command", "{\"command\":{\"name\":\"status\",\"argument\":\"\"}}"},
    {"Subject: x", "模板 双周报", false, false, "command",
     "{\"command\":{\"name\":\"form\",\"argument\":\"双周报\"}}"},
    {"Subject: x", "状态更新说明见下", false, false, "unknown", NULL},
    {"Subject: x", "通过", false, false, "unknown", NULL},
    {"Subject: Re: x\r\nIn-Reply-To: <a@example.edu.cn>", "退回：数字不对", false, false, "command",
     "{\"command\":{\"name\":\"return\",\"argument\":\"数字不对\"}}"},
    {"Subject: Re: x\r\nIn-Reply-To: <a@example.edu.cn>", "提问量 36\n３：４０\n提问量的数字不对", false,
     false, "correction",
     "{\"corrections\":[{\"label\":\"提问量\",\"raw\":\"36\"},{\"number\":3,\"raw\":\"４０\"}]}"},
    {"Subject: Re: x\r\nIn-Reply-To: <a@example.edu.cn>", "12 归属 护理学院学生会", false, false, "command",
     "{\"command\":{\"name\":\"review\",\"argument\":\"12 归属 护理学院学生会\"}}"},
    {"Subject: x", "1 通过", false, false, "unknown", NULL},
    {"Subject: Re: x\r\nIn-Reply-To: <a@example.edu.cn>", "3 月再说", false, false, "unknown", NULL},
    {"Subject: Re: x\r\nIn-Reply-To: <a@example.edu.cn>", "3: 12345\n提问量：36\n谢谢", false, false,
     "correction",
     "{\"corrections\":[{\"number\":3,\"raw\":\"12345\"},{\"label\":\"提问量\",\"raw\":\"36\"}]}"},
    /* a client that drops In-Reply-To: little else than corrections */
    {"Subject: x", "老师好\n3: 12345\n谢谢", false, false, "correction",
     "{\"corrections\":[{\"number\":3,\"raw\":\"12345\"}]}"},
    {"Subject: x", "会议安排\n3: 报到\n地点另行通知\n请大家\n准时", false, false, "unknown", NULL},
    /* 作废 stands alone too; what it answers is found elsewhere */
    {"Subject: x", "作废", false, false, "command",
     "{\"command\":{\"name\":\"withdraw\",\"argument\":\"\"}}"},
    {"Subject: =?utf-8?B?5L2c5bqf?=", "", false, false, "command",
     "{\"command\":{\"name\":\"withdraw\",\"argument\":\"\"}}"},
    {"Subject: x", "作废旧制度的通知", false, false, "unknown", NULL},
    {"Subject: x", "作废。旧的印章从下个月起不再使用，请各单位到办公室领取新的印章并登记，逾期不候", false,
     false, "unknown", NULL},
    /* our reference in the subject: an answer, whatever the client dropped */
    {"Subject: Re: x [1A2B3C4D]", "退回：数字不对", false, false, "command",
     "{\"command\":{\"name\":\"return\",\"argument\":\"数字不对\"}}"},
    {"Subject: Re: x [1A2B3C4DE]", "退回：数字不对", false, false, "unknown", NULL},
    {"Subject: x", "请问什么时候截止", false, false, "question", NULL},
    {"Subject: x", "暑假图书馆几点开门", false, false, "question", NULL},
    {"Subject: x", "这周要交双周报吗", false, false, "question", NULL},
    {"Subject: x", "我们几点开会的通知\n已经发到群里", false, false, "unknown", NULL},
    {"Subject: x", "文件在 http://example.com/a?b=c 下载", false, false, "unknown", NULL},
    {"Subject: x\r\nAuto-Submitted: auto-replied", "我在休假", false, false, "autoreply", NULL},
    {"Subject: x\r\nList-Id: <l.example.com>", "月报", true, false, "submission", NULL},
    {"Subject: x\r\nList-Id: <l.example.com>", "请问什么时候截止", false, false, "question", NULL},
    {"Subject: status\r\nList-Id: <l.example.com>", "hello", false, false, "unknown", NULL},
};

static void test_kinds(void) {
    g_autoptr(FormSet) set = forms();
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *source = g_strdup_printf(
            "From: a@example.com\r\n%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
            cases[i].headers, cases[i].body);
        g_autoptr(GBytes) data = g_bytes_new(source, strlen(source));
        g_autoptr(Message) message = message_parse(data, &(MessageOptions){0});
        json_t *details = NULL;
        MessageKind kind =
            classify_message(set, message, cases[i].has_form, cases[i].has_attachment, &details);
        g_test_message("%s / %s", cases[i].headers, cases[i].body);
        g_assert_cmpstr(classify_kind_name(kind), ==, cases[i].kind);
        char *text = details ? json_dumps(details, JSON_COMPACT) : NULL;
        g_assert_cmpstr(text, ==, cases[i].details);
        free(text);
        json_decref(details);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/classify/kinds", test_kinds);
    return g_test_run();
}
