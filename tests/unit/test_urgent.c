/* The urgent channel: what raises the alarm and what does not, as tables; who is told when. */
#include "gateway/core/urgent.h"

#include <string.h>

/* subject, new text (quotes are taken away before), field of the form (NULL: no form) */
typedef struct {
    const char *subject, *reply, *field;
} Row;

static const Row negatives[] = {
    {"双周报", "", "无"},
    {"双周报", "", "暂无"},
    {"双周报", "", "没有"},
    {"双周报", "", "无。"},
    {"双周报", "", " 无 "},
    {"双周报", "", "没有紧急情况"},
    {"双周报", "", "无紧急情况"},
    {"双周报", "", "暂无紧急情况。"},
    {"双周报", "", "本期没有紧急情况"},
    {"双周报", "", "本期未发生突发事件"},
    {"双周报", "", "未出现紧急情况"},
    {"双周报", "", "无特殊情况"},
    {"双周报", "", "没有需要上报的紧急事项"},
    {"双周报", "", "一切正常"},
    {"双周报", "", "无异常"},
    {"双周报", "", "否"},
    {"双周报", "", "None"},
    {"双周报", "", "N/A"},
    {"双周报", "", "/"},
    {"双周报", "", "——"},
    {"双周报", "", ""},
    {"双周报", "", "No urgent matters."},
    {"不紧急：活动照片", "见附件", NULL},
    {"非紧急 关于例会", "见附件", NULL},
    {"这件事并不紧急", "有空再看", NULL},
    {"Re: 紧急：水管破裂", "收到，马上去看", NULL},
    {"回复：紧急：水管破裂", "好的", NULL},
    {"回复: [urgent] water", "ok", NULL},
    {"双周报", "老师好，本期没有紧急情况，见附件。", NULL},
    {"双周报", "紧急情况：无", NULL},
    {"双周报", "紧急情况：", NULL},
    {"双周报", "紧急情况：暂无\n存在问题：人手不足", NULL},
    {"双周报", "紧急事项: 无", NULL},
    {"请教", "如有紧急情况应该找谁？", NULL},
    {"请教", "如果遇到紧急情况怎么上报", NULL},
    {"通讯录", "紧急联系人：张三，13800001234", NULL},
    {"通讯录更新", "紧急联系电话见附件", NULL},
    {"关于紧急通道的使用说明", "见附件", NULL},
    {"是否紧急：否", "", NULL},
    {"紧急程度：一般", "请阅", NULL},
    {"演练", "紧急疏散演练照片见附件", NULL},
    {"紧急预案修订", "见附件", NULL},
    {"安全检查", "各紧急出口均畅通", NULL},
    {"双周报", "本周无紧急事件，其他正常", NULL},
    {"Weekly report", "This is not urgent.", NULL},
    {"Weekly report", "Nothing urgent this week.", NULL},
    {"Non-urgent: photos", "attached", NULL},
    {"Report", "Urgent matters: none", NULL},
    {"Report", "Please call if urgent.", NULL},
    {"insurgents", "history lecture", NULL},
};

static const Row positives[] = {
    {"紧急：3号楼水管破裂", "", NULL},
    {"【紧急】东区停电", "请速处理", NULL},
    {"[紧急] 学生受伤", "", NULL},
    {"紧急！食堂有人晕倒", "", NULL},
    {"（紧急）网络谣言扩散", "", NULL},
    {"紧急情况报告", "有学生失联", NULL},
    {"紧急", "宿舍起火", NULL},
    {"转发：紧急：实验室漏气", "", NULL},
    {"Fw: 紧急：实验室漏气", "", NULL},
    {"情况", "紧急：东区停电", NULL},
    {"情况", "紧急情况：3号楼漏水，已影响两层", NULL},
    {"情况", "老师好，有紧急情况：一名学生失联。", NULL},
    {"情况", "老师好\n情况紧急，请尽快联系我", NULL},
    {"十分紧急", "平台出现大量负面言论", NULL},
    {"特别紧急的事", "请看", NULL},
    {"URGENT: flood in the boathouse", "", NULL},
    {"[Urgent] injured member", "", NULL},
    {"Report", "Urgent: the gym roof leaks.", NULL},
    {"This is urgent", "please call", NULL},
    {"双周报", "见附件", "3号楼漏水，已报修"},
    {"双周报", "见附件", "有学生在平台扬言自残，已联系辅导员"},
    {"双周报", "见附件", "无水断电三天"},
    {"双周报", "见附件", "没有暖气，学生不满情绪较大"},
    {"双周报", "见附件", "Water in the basement"},
    {"双周报", "见附件", "网络舆情：食堂卫生"},
};

static char *alarm_of(const Row *row) {
    json_t *parse = json_pack("{s:s, s:s}", "subject", row->subject, "reply", row->reply);
    if (row->field != NULL)
        json_object_set_new(parse, "fields", json_pack("{s:{s:s}}", "urgent", "value", row->field));
    char *text = urgent_of_parse(parse);
    json_decref(parse);
    return text;
}

static void test_negatives(void) {
    g_assert_cmpuint(G_N_ELEMENTS(negatives), >=, 40);
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(negatives); i++) {
        g_autofree char *text = alarm_of(&negatives[i]);
        if (text != NULL) {
            g_test_message("raised: %s | %s | %s", negatives[i].subject, negatives[i].reply,
                           negatives[i].field);
            wrong++;
        }
    }
    g_assert_cmpuint(wrong, ==, 0);
}

static void test_positives(void) {
    g_assert_cmpuint(G_N_ELEMENTS(positives), >=, 20);
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(positives); i++) {
        g_autofree char *text = alarm_of(&positives[i]);
        if (text == NULL) {
            g_test_message("missed: %s | %s | %s", positives[i].subject, positives[i].reply,
                           positives[i].field);
            wrong++;
        }
    }
    g_assert_cmpuint(wrong, ==, 0);
}

static void test_repetitions(void) {
    UrgentMatter matter = {.known_s = 1000000};
    gint64 now_s = 0;
    guint count = 0;
    while ((now_s = urgent_next_instant(&matter, now_s)) != G_MAXINT64) {
        g_assert_cmpint(now_s, ==, matter.known_s + count * URGENT_REPEAT_S);
        count++;
    }
    g_assert_cmpuint(count, ==, 1 + URGENT_REPEATS_MAX);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/urgent/negatives", test_negatives);
    g_test_add_func("/urgent/positives", test_positives);
    g_test_add_func("/urgent/repetitions", test_repetitions);
    return g_test_run();
}
