/* Orders in mail: the words in every spelling that people use, and lines that only look like them. */
#include "parsers/command.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *line, *expected; /* "name" or "name|argument"; NULL: no order */
    bool is_reply;
} lines[] = {
    {"帮助", "help", false},
    {"幫助", "help", false},
    {"【帮助】", "help", false},
    {"HELP", "help", false},
    {"ｈｅｌｐ", "help", false},
    {"hlep", "help", false},
    {"bangzhu", "help", false},
    {"模板", "form", false},
    {"模版", "form", false},
    {"模板：双周报", "form|双周报", false},
    {"Form", "form", false},
    {"from", NULL, false},
    {"templete", "form", false},
    {"状态", "status", false},
    {"狀態", "status", false},
    {"状态。", "status", false},
    {"STATUS 2016-06-27", "status|2016-06-27", false},
    {"stauts", "status", false},
    {"states", NULL, false},
    {"状态更新说明见下", NULL, false},
    {"彙總 2016-06-27", "summary|2016-06-27", false},
    {"匯總", "summary", false},
    {"汇总2016-06-27", "summary|2016-06-27", false},
    {"汇总上期", "summary|上期", false},
    {"sumary", "summary", false},
    {"催報", "remind", false},
    {"Remind", "remind", false},
    {"導出", "export", false},
    {"exprot", "export", false},
    {"expert", NULL, false},
    {"Export", "export", false},
    {"延期 护理学院学生会 2016-06-30", "extend|护理学院学生会 2016-06-30", false},
    {"延期全部 6月30日", "extend|全部 6月30日", false},
    {"延期申请书怎么写", NULL, false},
    {"extend Rowing Club 2016-07-01", "extend|Rowing Club 2016-07-01", false},
    {"免報 护理学院学生会 2016-06-27", "exempt|护理学院学生会 2016-06-27", false},
    {"歸屬 3 护理学院学生会", "assign|3 护理学院学生会", false},
    {"已處理 123456 已恢复供水", "settled|123456 已恢复供水", false},
    {"己处理 123456 已恢复供水", "settled|123456 已恢复供水", false},
    {"合併 3 5", "merge|3 5", false},
    {"split 3 5", "split|3 5", false},
    {"通过", NULL, false},
    {"通過", "approve", true},
    {"sent", NULL, true},
    {"确认", NULL, false},
    {"確認", "confirm", true},
    {"Yes.", "confirm", true},
    {"确认，数据无误", NULL, true},
    {"确认 K7WM-3XQP", "confirm|K7WM3XQP", false},
    {"验证码：k7wm 3xqp", "confirm|K7WM3XQP", false},
    {"Ｋ７ＷＭ－３ＸＱＰ", "confirm|K7WM3XQP", false},
    {"confirm K7WM3XQP", "confirm|K7WM3XQP", false},
    {"Students", NULL, false},
    {"confirm K7WM3XQ", NULL, false},
    {"confirm K7WM3XQO", NULL, false},
    {"answered The library opens at eight on weekdays, on Sundays at nine, and closes at ten every single "
     "day",
     "answered|The library opens at eight on weekdays, on Sundays at nine, and closes at ten every single "
     "day",
     true},
    {"", NULL, false},
    {"————", NULL, false},
    {"\xff\xfe", NULL, false},
    {"help me to find out why so many of the questions of our section were not answered", NULL, false},
};

static void test_lines(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        json_t *read = command_read(lines[i].line, lines[i].is_reply), *command;
        command = json_object_get(read, "command");
        const char *name = json_string_value(json_object_get(command, "name"));
        const char *argument = json_string_value(json_object_get(command, "argument"));
        g_autofree char *all = name ? g_strdup_printf("%s%s%s", name, *argument ? "|" : "", argument) : NULL;
        g_test_message("%s", lines[i].line);
        g_assert_cmpstr(all, ==, lines[i].expected);
        json_decref(read);
    }
}

static void test_numbered(void) {
    g_assert_true(command_is_numbered("1 归属 护理学院学生会"));
    g_assert_true(command_is_numbered("２：通过"));
    g_assert_true(command_is_numbered("3 Accept"));
    g_assert_false(command_is_numbered("归属 护理学院学生会"));
    g_assert_false(command_is_numbered("3 月再说"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command/lines", test_lines);
    g_test_add_func("/command/numbered", test_numbered);
    return g_test_run();
}
