#include "gateway/io/templates.h"

#include <glib/gstdio.h>
#include <string.h>

#include "gateway/core/error.h"

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
    static const char *const order[] = {"未交",       "外国语学院团委", "提问量",      "+37",
                                        "超24小时",   "迟交</td>",      "待核对</td>", "各项合计",
                                        "毕业证遗失", "停水",           "案例",        "原创网文"};
    const char *at = text.html;
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        const char *found = strstr(at, order[i]);
        if (!found)
            g_error("“%s” is missing or stands too early", order[i]);
        at = found;
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
    g_test_add_func("/templates/errors", test_errors);
    return g_test_run();
}
