#include "gateway/core/letter_render.h"

#include <string.h>

#include "gateway/core/error.h"

static void add(LetterTemplates *templates, const char *name, const char *source) {
    g_autoptr(GError) error = NULL;
    letter_templates_add(templates, "zh", name, source, strlen(source), &error);
    g_assert_no_error(error);
}

static LetterTemplates *small_set(void) {
    LetterTemplates *templates = letter_templates_new();
    add(templates, "ack.subject", "收到：{{organization.name}}\n");
    add(templates, "ack.txt", "\n\n{{organization.name}}\n\n\n\nb  \n{{text}}\n\n");
    add(templates, "ack.html", "<td style=\"{{style.cell}}\">{{organization.name}}</td>");
    const char *style = "{\"cell\":\"color:#fff\"}";
    g_assert_true(letter_templates_set_style(templates, "style.json", style, strlen(style), NULL));
    return templates;
}

static json_t *facts_named(const char *name) {
    return json_pack("{s:{s:s},s:s}", "organization", "name", name, "text", "x");
}

static void test_outputs(void) {
    g_autoptr(LetterTemplates) templates = small_set();
    g_auto(LetterText) text = {0};
    g_autoptr(GError) error = NULL;
    json_t *facts = facts_named("<b>护理\r\nBcc: a@example.com\u202e");
    g_assert_true(letter_render(templates, LETTER_ACK, "zh", facts, true, &text, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(text.subject, ==, "收到：<b>护理 Bcc: a@example.com");
    g_assert_cmpstr(text.text, ==, "<b>护理\n    Bcc: a@example.com\n\nb\nx\n");
    g_assert_cmpstr(text.html, ==, "<td style=\"color:#fff\">&lt;b&gt;护理<br>\nBcc: a@example.com</td>");
    json_decref(facts);
}

static void test_long_subject(void) {
    g_autoptr(LetterTemplates) templates = small_set();
    g_auto(LetterText) text = {0};
    g_autoptr(GString) name = g_string_new(NULL);
    for (int i = 0; i < 5000; i++)
        g_string_append(name, "长");
    json_t *facts = facts_named(name->str);
    g_assert_true(letter_render(templates, LETTER_ACK, "zh", facts, true, &text, NULL));
    g_assert_cmpint(g_utf8_strlen(text.subject, -1), ==, LETTER_SUBJECT_MAX);
    g_assert_true(g_str_has_suffix(text.subject, "长…"));
    json_decref(facts);
}

static void test_strict_and_languages(void) {
    g_autoptr(LetterTemplates) templates = small_set();
    g_auto(LetterText) text = {0};
    g_autoptr(GError) error = NULL;
    json_t *facts = json_pack("{s:s}", "text", "x");
    g_assert_true(letter_render(templates, LETTER_ACK, "zh", facts, false, &text, NULL));
    g_assert_cmpstr(text.subject, ==, "收到：");
    letter_text_clear(&text);
    g_assert_false(letter_render(templates, LETTER_ACK, "zh", facts, true, &text, &error));
    g_assert_cmpstr(error->message, ==, "zh/ack.subject:1: unknown variable “organization.name”");
    g_assert_null(text.subject);
    g_clear_error(&error);
    g_assert_false(letter_render(templates, LETTER_ACK, "fr", facts, true, &text, &error));
    g_assert_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION);
    g_clear_error(&error);
    g_assert_false(letter_render(templates, LETTER_SUMMARY, "zh", facts, true, &text, &error));
    g_assert_cmpstr(error->message, ==, "zh/summary.subject: no such template");
    json_decref(facts);
}

static void test_refused_templates(void) {
    g_autoptr(LetterTemplates) templates = small_set();
    g_autoptr(GError) error = NULL;
    g_assert_false(letter_templates_add(templates, "zh", "x.html", "a\n{{{b}}}", 9, &error));
    g_assert_cmpstr(error->message, ==,
                    "zh/x.html:2: HTML of letters escapes everything: write {{x}}, not {{{x}}}");
    g_clear_error(&error);
    g_assert_false(letter_templates_set_style(templates, "style.json", "{\n1}", 4, &error));
    g_assert_true(g_str_has_prefix(error->message, "style.json:2: "));
    g_clear_error(&error);
    g_assert_false(letter_templates_complete(templates, &error));
    g_assert_cmpstr(error->message, ==, "zh/correction.subject: template is missing");
}

/* value, previous → widths in percent; 0: not drawn */
static const struct {
    double value, previous;
    int bar, previous_bar;
} bars[] = {{50, 100, 50, 100}, {100, 50, 100, 50},  {0, 7, 0, 100}, {7, 0, 100, 0},
            {0, 0, 0, 0},       {1, 100000, 1, 100}, {-3, 5, 0, 100}};

static void test_bars(void) {
    g_autoptr(LetterTemplates) templates = letter_templates_new();
    add(templates, "summary.subject", "{{#summary.key_totals}}{{label}}{{/summary.key_totals}}");
    add(templates, "summary.html",
        "{{#summary.totals}}[{{bar}}+{{bar_rest}}/{{previous_bar}}+{{previous_bar_rest}}]{{/"
        "summary.totals}}");
    add(templates, "summary.txt", "");
    g_autoptr(GString) expected = g_string_new(NULL);
    json_t *totals = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(bars); i++) {
        int sizes[] = {bars[i].bar, 100 - bars[i].bar, bars[i].previous_bar, 100 - bars[i].previous_bar};
        json_array_append_new(totals, json_pack("{s:s,s:f,s:f}", "label", "x", "value", bars[i].value,
                                                "previous", bars[i].previous));
        for (int k = 0; k < 4; k++) {
            g_autofree char *size = sizes[k] ? g_strdup_printf("%d", sizes[k]) : g_strdup("");
            g_string_append_printf(expected, "%s%s", k == 0 ? "[" : k == 2 ? "/" : "+", size);
        }
        g_string_append(expected, "]");
    }
    json_t *facts = json_pack("{s:{s:o}}", "summary", "totals", totals);
    g_auto(LetterText) text = {0};
    g_autoptr(GError) error = NULL;
    g_assert_true(letter_render(templates, LETTER_SUMMARY, "zh", facts, true, &text, &error));
    g_assert_cmpstr(text.html, ==, expected->str);
    g_assert_cmpstr(text.subject, ==, "xx");
    g_assert_null(json_object_get(json_array_get(totals, 0), "bar")); /* the caller's facts are left alone */
    json_decref(facts);
}

/* names → what stands on the first screen of them */
static const struct {
    const char *names, *shown, *why;
} key_names[] = {
    {"甲社 乙社", "甲社、乙社、+0", "short names stand as they are"},
    {"a b c d e f g h i j k l", "a、b、c、d、e、f、g、h、i、j、+2", "ten and the count"},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxy"
     "z"
     "abcdefghijklmnopqrstuvwxyz 乙社",
     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxy"
     "z"
     "abcdefghijklm…、乙社、+0",
     "the longest is cut, the short one is not"},
};

static void test_key_names(void) {
    g_autoptr(LetterTemplates) templates = letter_templates_new();
    add(templates, "summary.subject", "");
    add(templates, "summary.html", "");
    add(templates, "summary.txt",
        "{{#summary.key_missing}}{{name}}、{{/summary.key_missing}}+{{summary.missing_more}}");
    for (gsize i = 0; i < G_N_ELEMENTS(key_names); i++) {
        json_t *missing = json_array();
        g_auto(GStrv) names = g_strsplit(key_names[i].names, " ", -1);
        for (guint n = 0; names[n]; n++)
            json_array_append_new(missing, json_pack("{s:s}", "name", names[n]));
        json_t *facts = json_pack("{s:{s:o}}", "summary", "missing", missing);
        g_auto(LetterText) text = {0};
        g_assert_true(letter_render(templates, LETTER_SUMMARY, "zh", facts, true, &text, NULL));
        g_test_message("%s", key_names[i].why);
        g_assert_cmpstr(g_strchomp(text.text), ==, key_names[i].shown);
        json_decref(facts);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/letter-render/outputs", test_outputs);
    g_test_add_func("/letter-render/long-subject", test_long_subject);
    g_test_add_func("/letter-render/strict-and-languages", test_strict_and_languages);
    g_test_add_func("/letter-render/refused-templates", test_refused_templates);
    g_test_add_func("/letter-render/bars", test_bars);
    g_test_add_func("/letter-render/key-names", test_key_names);
    return g_test_run();
}
