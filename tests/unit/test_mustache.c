#include "gateway/core/mustache.h"

#include <string.h>

#include "gateway/core/error.h"

#define FACTS                                                                                                  \
    "{\"name\":\"A & <b> \\\"c\\\" 'd'\",\"n\":0,\"empty\":\"\",\"nothing\":null,\"no\":false,\"yes\":true,"   \
    "\"org\":{\"name\":\"护理学院\",\"deep\":{\"x\":\"y\"}},\"list\":[{\"v\":\"a\"},{\"v\":\"b\"},{\"v\":" \
    "\"c\"}],"                                                                                                 \
    "\"words\":[\"one\",\"two\"],\"none\":[],\"ratio\":0.1,\"lines\":\"1\\n2\\r\\n3\","                        \
    "\"bidi\":\"a\\u202Eb\\u200Bc\\u0007d\\uFEFF\",\"inject\":\"x\\r\\nBcc: y\\u0000z\"}"

static json_t *facts(void) {
    json_t *value = json_loads(FACTS, JSON_ALLOW_NUL, NULL);
    g_assert_nonnull(value);
    return value;
}

typedef struct {
    const char *source, *expected, *why;
    MustacheEscape escape;
} Case;

static const Case cases[] = {
    {"", "", "empty template", MUSTACHE_TEXT},
    {"plain", "plain", "no tag", MUSTACHE_TEXT},
    {"{{name}}", "A & <b> \"c\" 'd'", "text keeps its signs", MUSTACHE_TEXT},
    {"{{name}}", "A &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39;", "HTML does not", MUSTACHE_HTML},
    {"{{{name}}}|{{&name}}", "A & <b> \"c\" 'd'|A & <b> \"c\" 'd'", "raw", MUSTACHE_HTML},
    {"{{ org.name }}", "护理学院", "dotted, with spaces in the tag", MUSTACHE_TEXT},
    {"{{org.deep.x}}", "y", "two dots", MUSTACHE_TEXT},
    {"[{{unknown}}{{org.unknown}}]", "[]", "unknown is empty when not strict", MUSTACHE_TEXT},
    {"{{n}} {{ratio}} {{yes}}[{{no}}{{nothing}}]", "0 0.1 true[]", "numbers and booleans", MUSTACHE_TEXT},
    {"{{#n}}x{{/n}}{{^n}}none{{/n}}{{#ratio}}some{{/ratio}}", "nonesome",
     "0 is false, other numbers are true", MUSTACHE_TEXT},
    {"{{#no}}x{{/no}}{{#nothing}}x{{/nothing}}{{#empty}}x{{/empty}}{{#none}}x{{/none}}", "", "false values",
     MUSTACHE_TEXT},
    {"{{^no}}a{{/no}}{{^nothing}}b{{/nothing}}{{^empty}}c{{/empty}}{{^none}}d{{/none}}{{^yes}}e{{/yes}}",
     "abcd", "inverted", MUSTACHE_TEXT},
    {"{{#list}}{{@index}}{{v}}{{^@last}}, {{/@last}}{{/list}}", "1a, 2b, 3c", "list with its loop variables",
     MUSTACHE_TEXT},
    {"{{#words}}{{#@first}}>{{/@first}}{{.}} {{/words}}", ">one two ", "the value itself", MUSTACHE_TEXT},
    {"{{#list.any}}{{list.length}}{{/list.any}}{{#none.any}}x{{/none.any}}{{none.length}}", "30",
     "any and length", MUSTACHE_TEXT},
    {"{{#org}}{{name}} {{n}}{{/org}}", "护理学院 0", "inner name first, then the outer ones", MUSTACHE_TEXT},
    {"a\n  {{#yes}}  \nb\n{{/yes}}\nc\n", "a\nb\nc\n", "a section tag alone in its line leaves no trace",
     MUSTACHE_TEXT},
    {"a {{#yes}}\nb{{/yes}}\n", "a \nb\n", "not alone: the line stays", MUSTACHE_TEXT},
    {"{{! note }}\nx{{!y}}z", "xz", "comments", MUSTACHE_TEXT},
    {"{{#yes}}\r\nx\r\n{{/yes}}\r\n", "x\r\n", "CRLF template", MUSTACHE_TEXT},
    {"{{lines}}", "1\n    2\n    3", "further lines of a value are indented", MUSTACHE_TEXT},
    {"{{lines}}", "1<br>\n2<br>\n3", "line breaks in HTML", MUSTACHE_HTML},
    {"{{lines}}", "1 2 3", "line breaks in a header", MUSTACHE_HEADER},
    {"{{bidi}}", "abcd", "bidi controls, zero width and controls are dropped", MUSTACHE_TEXT},
    {"{{bidi}}", "abcd", "in HTML too", MUSTACHE_HTML},
    {"{{inject}}", "x Bcc: y", "a header stays one line; what follows NUL is no text", MUSTACHE_HEADER},
    {"{{> p }}!", "[护理学院]!", "partial", MUSTACHE_TEXT},
};

static void test_render(void) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_assert_true(mustache_set_add(set, "p", "[{{org.name}}]", 14, NULL));
    json_t *values = facts();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = NULL;
        g_test_message("%s", cases[i].why);
        mustache_set_add(set, "t", cases[i].source, strlen(cases[i].source), &error);
        g_assert_no_error(error);
        mustache_render(set, "t", values, cases[i].escape, false, &text, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(text, ==, cases[i].expected);
    }
    json_decref(values);
}

static const struct {
    const char *source, *message;
} broken[] = {
    {"a\nb {{x", "t:2: tag is never closed: “{{x”"},
    {"{{#a}}\n{{#b}}{{/a}}", "t:2: closes another section than “b”, open since line 2: “a”"},
    {"\n\n{{/a}}", "t:3: closes a section that is not open: “a”"},
    {"{{#yes}}\nx", "t:1: section is never closed: “yes”"},
    {"{{}}", "t:1: not a name: “”"},
    {"{{a b}}", "t:1: not a name: “a b”"},
    {"{{=<% %>=}}", "t:1: not a name: “=<% %>=”"},
    {"\xff", "t:1: template is not UTF-8: “t”"},
};

static void test_syntax_errors(void) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    for (gsize i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(mustache_set_add(set, "t", broken[i].source, strlen(broken[i].source), &error));
        g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
        g_assert_cmpstr(error->message, ==, broken[i].message);
        g_assert_false(mustache_set_has(set, "t"));
    }
}

static void assert_fails(const char *source, bool strict, const char *message) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GError) error = NULL;
    char *text = (char *)"untouched";
    json_t *values = facts();
    g_assert_true(mustache_set_add(set, "t", source, strlen(source), NULL));
    g_assert_false(mustache_render(set, "t", values, MUSTACHE_TEXT, strict, &text, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_cmpstr(text, ==, "untouched");
    json_decref(values);
}

static void test_strict(void) {
    assert_fails("a\n{{nme}}", true, "t:2: unknown variable “nme”");
    assert_fails("{{org.nme}}", true, "t:1: unknown variable “org.nme”");
    assert_fails("{{#nme}}{{/nme}}", true, "t:1: unknown variable “nme”");
    assert_fails("{{@index}}", true, "t:1: unknown variable “@index”");
    assert_fails("{{list}}", true, "t:1: a list or object stands where text belongs: “list”");
    assert_fails("{{> q}}", false, "t:1: no such partial: “q”");
}

static void test_limits(void) {
    assert_fails("x\n{{> t}}", false, "t:2: sections or partials are nested too deeply at “t”");
    g_autoptr(GString) deep = g_string_new(NULL);
    for (int i = 0; i <= MUSTACHE_DEPTH_MAX; i++)
        g_string_append(deep, "{{#yes}}");
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GError) error = NULL;
    g_assert_false(mustache_set_add(set, "t", deep->str, deep->len, &error));
    g_clear_error(&error);

    g_autofree char *large = g_strnfill(MUSTACHE_SOURCE_MAX + 1, 'x');
    g_assert_false(mustache_set_add(set, "t", large, MUSTACHE_SOURCE_MAX + 1, &error));
    g_clear_error(&error);
    g_assert_true(mustache_set_add(set, "t", large, MUSTACHE_SOURCE_MAX, NULL));
    const char *many = "{{#list}}{{#list}}{{#list}}{{#list}}{{> t}}{{/list}}{{/list}}{{/list}}{{/list}}";
    g_assert_true(mustache_set_add(set, "many", many, strlen(many), NULL));
    json_t *values = facts();
    char *text = NULL;
    g_assert_false(mustache_render(set, "many", values, MUSTACHE_TEXT, false, &text, &error));
    g_assert_nonnull(strstr(error->message, "more output than allowed"));
    json_decref(values);
}

static void test_long_value(void) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_autoptr(GString) value = g_string_new(NULL), expected = g_string_new(NULL);
    for (int i = 0; i <= MUSTACHE_VALUE_MAX; i++)
        g_string_append(value, "<");
    for (int i = 0; i < MUSTACHE_VALUE_MAX; i++)
        g_string_append(expected, "&lt;");
    g_string_append(expected, "…");
    json_t *values = json_pack("{s:s}", "x", value->str);
    g_autofree char *text = NULL;
    g_assert_true(mustache_set_add(set, "t", "{{x}}", 5, NULL));
    g_assert_true(mustache_render(set, "t", values, MUSTACHE_HTML, true, &text, NULL));
    g_assert_cmpstr(text, ==, expected->str);
    json_decref(values);
}

static void test_raw_line(void) {
    g_autoptr(MustacheSet) set = mustache_set_new();
    g_assert_true(mustache_set_add(set, "a", "x\n{{y}}\n{{{z}}}", 15, NULL));
    g_assert_true(mustache_set_add(set, "b", "{{y}}", 5, NULL));
    g_assert_cmpuint(mustache_set_raw_line(set, "a"), ==, 3);
    g_assert_cmpuint(mustache_set_raw_line(set, "b"), ==, 0);
}

static void test_clean_line(void) {
    g_autofree char *line = mustache_clean_line("  张\u202e三\r\n\tBcc: x\u3000 ", 0);
    g_assert_cmpstr(line, ==, "张三 Bcc: x");
    g_autofree char *cut = mustache_clean_line("一二三四五", 4);
    g_assert_cmpstr(cut, ==, "一二三…");
    g_autofree char *broken_text = mustache_clean_line("a\xff", 0);
    g_assert_cmpstr(broken_text, ==, "a\ufffd");
    g_autofree char *none = mustache_clean_line(NULL, 0);
    g_assert_cmpstr(none, ==, "");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mustache/render", test_render);
    g_test_add_func("/mustache/syntax-errors", test_syntax_errors);
    g_test_add_func("/mustache/strict", test_strict);
    g_test_add_func("/mustache/limits", test_limits);
    g_test_add_func("/mustache/long-value", test_long_value);
    g_test_add_func("/mustache/raw-line", test_raw_line);
    g_test_add_func("/mustache/clean-line", test_clean_line);
    return g_test_run();
}
