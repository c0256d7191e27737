#include "parsers/reading.h"

#include <string.h>

#include "tests/unit/youth_voice.h"
#include "tests/unit/zip_writer.h"

static json_t *read_one(const FormSet *set, const char *subject, const char *headers, const char *body,
                        bool explain) {
    g_autofree char *source =
        g_strdup_printf("From: a@example.edu.cn\r\nSubject: %s\r\nDate: Mon, 27 Jun 2016 10:00:00 +0800\r\n%s"
                        "Content-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
                        subject, headers, body);
    g_autoptr(GBytes) data = g_bytes_new(source, strlen(source));
    const ReadingOptions options = {
        .forms = set, .received_s = -1, .with_explanation = explain, .with_text = explain};
    g_autoptr(GPtrArray) lines = reading_parse(data, "a.eml", &options);
    g_assert_cmpuint(lines->len, ==, 1);
    return json_incref(g_ptr_array_index(lines, 0));
}

static const char *text_of(const json_t *json, const char *key) {
    return json_string_value(json_object_get(json, key));
}

static json_int_t count_of(const json_t *json, const char *field) {
    return json_integer_value(
        json_object_get(json_object_get(json_object_get(json, "fields"), field), "value"));
}

#define REPORT "单位：护理学院学生会\n汇报周期：6.14-6.27\n提问量：35\n回答量：33\n"

static void test_body(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    json_t *line = read_one(set, "x", "", REPORT "\n--\n王五\n电话：13800009999\n", true);
    g_assert_cmpstr(text_of(line, "kind"), ==, "submission");
    g_assert_cmpstr(text_of(line, "form"), ==, "biweekly");
    g_assert_cmpstr(text_of(line, "org"), ==, "护理学院学生会");
    g_assert_cmpstr(text_of(line, "period_source"), ==, "form");
    g_assert_cmpstr(text_of(json_object_get(line, "period"), "end"), ==, "2016-06-27");
    g_assert_cmpint(count_of(line, "questions_received"), ==, 35);
    g_assert_null(json_object_get(json_object_get(line, "fields"), "reporter_phone"));
    g_assert_nonnull(json_object_get(line, "explain"));
    json_decref(line);
}

/* The new counts of a reply are taken, never those that it quotes; a forwarded report is the report. */
static void test_quoted(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    static const char old[] = "\n------------------ 原始邮件 ------------------\n发件人: "
                              "<b@example.edu.cn>\n发送时间: 2016年6月13日\n"
                              "主题: 双周报\n\n单位：护理学院学生会\n提问量：99\n回答量：98\n点赞量：7\n";
    g_autofree char *reply = g_strconcat(REPORT, old, NULL);
    json_t *line = read_one(set, "Re: x", "In-Reply-To: <a@example.com>\r\n", reply, false);
    g_assert_cmpint(count_of(line, "questions_received"), ==, 35);
    g_assert_null(json_object_get(json_object_get(line, "fields"), "likes"));
    json_decref(line);
    g_autofree char *thanks = g_strconcat("收到，谢谢。\n", old, NULL);
    line = read_one(set, "Re: x", "In-Reply-To: <a@example.com>\r\n", thanks, false);
    g_assert_cmpstr(text_of(line, "kind"), !=, "submission");
    json_decref(line);
    g_autofree char *forward = g_strconcat("请查收。\n", old, NULL);
    line = read_one(set, "Fwd: x", "", forward, false);
    g_assert_cmpstr(text_of(line, "kind"), ==, "submission");
    g_assert_cmpint(count_of(line, "questions_received"), ==, 99);
    json_decref(line);
}

static bool has_problem(const json_t *line, const char *code) {
    gsize i;
    json_t *problem;
    json_array_foreach(json_object_get(line, "problems"), i, problem)
        if (strcmp(text_of(problem, "code"), code) == 0)
            return true;
    return false;
}

static void test_period_of_subject(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    json_t *line = read_one(set, "=?utf-8?B?5Y+M5ZGo5oqlIDYuMTQtNi4yNw==?=", "",
                            "单位：护理学院学生会\n提问量：35\n回答量：33\n", false);
    g_assert_cmpstr(text_of(line, "period_source"), ==, "subject");
    g_assert_cmpstr(text_of(json_object_get(line, "period"), "start"), ==, "2016-06-14");
    json_decref(line);
    line = read_one(set, "=?utf-8?B?5Y+M5ZGo5oql?=", "", "", false);
    g_assert_true(has_problem(line, "empty_form"));
    json_decref(line);
}

/* Every prefix of a message has its line: nothing that was cut off may crash or hang the reader. */
static void test_cut_off(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    g_autoptr(GString) source =
        g_string_new("From: a@example.edu.cn\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n" REPORT
                     "序号|问题|提问时间\n1|校园网？|6.14 9:00\n");
    const ReadingOptions options = {.forms = set, .received_s = -1};
    for (gsize length = 0; length <= source->len; length += 3) {
        g_autoptr(GBytes) data = g_bytes_new(source->str, length);
        g_autoptr(GPtrArray) lines = reading_parse(data, "a.eml", &options);
        g_assert_cmpuint(lines->len, >=, 1);
        g_assert_nonnull(json_object_get(g_ptr_array_index(lines, 0), "kind"));
    }
}

static json_t *read_file(const FormSet *set, GBytes *data, const char *file) {
    const ReadingOptions options = {.forms = set, .received_s = -1, .with_text = true};
    g_autoptr(GPtrArray) lines = reading_parse(data, file, &options);
    g_assert_cmpuint(lines->len, ==, 1);
    return json_incref(g_ptr_array_index(lines, 0));
}

/* An archive in an archive is opened, one too many is said to be too much. */
static void test_nested_archives(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    GBytes *inner = g_bytes_new_static(REPORT, sizeof REPORT - 1);
    static const char *const names[] = {"report.txt", "a.zip", "b.zip"};
    for (guint depth = 0; depth < G_N_ELEMENTS(names); depth++) {
        gsize length;
        const void *content = g_bytes_get_data(inner, &length);
        const ZipWriterEntry entry = {.name = names[depth], .content = content, .length = length};
        GBytes *outer = zip_writer_write(&entry, 1);
        g_bytes_unref(inner);
        inner = outer;
        json_t *line = read_file(set, outer, "outer.zip");
        g_assert_cmpuint(json_array_size(json_object_get(line, "parts")), ==, MIN(depth + 1, 2));
        g_assert_cmpint(has_problem(line, "limit"), ==, depth >= 2);
        g_assert_cmpint(count_of(line, "questions_received"), ==, depth < 2 ? 35 : 0);
        json_decref(line);
    }
    g_bytes_unref(inner);
}

static void test_bare_files(void) {
    static const struct {
        const char *name, *problem; /* NULL: none */
    } cases[] = {{"WordPerfect.doc", "unsupported"}, {"thumbnail.bin", NULL}};
    g_autoptr(FormSet) set = youth_voice_forms();
    g_autoptr(GBytes) data = g_bytes_new_static("\xcb\x0a\x01\xf6\x01\xcb\xc0\0\0\xff", 10);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *line = read_file(set, data, cases[i].name);
        g_assert_cmpuint(json_array_size(json_object_get(line, "problems")), ==, cases[i].problem != NULL);
        g_assert_true(!cases[i].problem || has_problem(line, cases[i].problem));
        json_decref(line);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reading/body", test_body);
    g_test_add_func("/reading/quoted", test_quoted);
    g_test_add_func("/reading/period_of_subject", test_period_of_subject);
    g_test_add_func("/reading/cut_off", test_cut_off);
    g_test_add_func("/reading/nested_archives", test_nested_archives);
    g_test_add_func("/reading/bare_files", test_bare_files);
    return g_test_run();
}
