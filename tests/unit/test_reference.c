/* References of our letters in what others write (parsers/reference.h). */
#include "parsers/reference.h"

static const struct {
    const char *subject, *reply, *quoted;
    const char *expected; /* compact JSON, or NULL */
    bool is_answer;
    const char *why;
} cases[] = {
    {"Re: 收到：双周报 [1A2B3C4D]", "作废", "", "{\"said\":[],\"thread\":[\"1a2b3c4d\"]}", true, "subject"},
    {"回复：【1a2b3c4d】", "", "", "{\"said\":[],\"thread\":[\"1a2b3c4d\"]}", true, "other brackets"},
    {"作废", "作废 1A2B3C4D", "", "{\"said\":[\"1a2b3c4d\"],\"thread\":[]}", false, "bare in the first line"},
    {"作废", "老师好\n作废 1A2B3C4D", "", NULL, false, "bare in another line is any number"},
    {"作废", "老师好\n编号：1A2B3C4D", "", "{\"said\":[\"1a2b3c4d\"],\"thread\":[]}", true,
     "behind its word"},
    {"x", "", "> 如有疑问\n> 编号 1A2B3C4D\n> Reference FFEEDDCC",
     "{\"said\":[],\"thread\":[\"1a2b3c4d\",\"ffeeddcc\"]}", true, "quoted footers, in both languages"},
    {"[1A2B3C4D] [1A2B3C4D]", "", "", "{\"said\":[],\"thread\":[\"1a2b3c4d\"]}", true, "once"},
    {"[1A2B3C4DE]", "[1A2B3C4]", "[1A2B3C4G]", NULL, false, "too long, too short, no digit"},
    {"[", "编号", "Reference ", NULL, false, "ends"},
    {"学号 2016061301", "20160613", "", "{\"said\":[\"20160613\"],\"thread\":[]}", false,
     "a date may look like one: no letter bears it"},
};

static void test_read(void) {
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Message message = {.subject = (char *)cases[i].subject,
                           .reply = (char *)cases[i].reply,
                           .quoted = (char *)cases[i].quoted,
                           .in_reply_to = (char *)""};
        json_t *found = reference_read(&message);
        g_autofree char *text = found ? json_dumps(found, JSON_COMPACT) : NULL;
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(text, ==, cases[i].expected);
        g_assert_true(reference_is_answer(&message) == cases[i].is_answer);
        json_decref(found);
    }
}

static void test_limit(void) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 1000; i++)
        g_string_append_printf(text, "[%08X] ", i);
    Message message = {
        .subject = text->str, .reply = (char *)"", .quoted = (char *)"", .in_reply_to = (char *)""};
    json_t *found = reference_read(&message);
    g_assert_cmpuint(json_array_size(json_object_get(found, "thread")), ==, 8);
    json_decref(found);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reference/read", test_read);
    g_test_add_func("/reference/limit", test_limit);
    return g_test_run();
}
