/* Word documents that we write, read again by our own reader. */
#include "gateway/io/document_out_form.h"

#include <string.h>

#include "gateway/io/document_out_package.h"
#include "gateway/io/document_out_template.h"
#include "gateway/io/forms_load.h"
#include "parsers/formats.h"
#include "parsers/match.h"
#include "parsers/submission.h"
#include "tests/unit/youth_voice.h"

static json_t *form_json(const char *directory, const char *language, const char *id, FormSet **ret_set) {
    g_autoptr(GError) error = NULL;
    json_t *all = forms_load_dir(directory, language, "Asia/Shanghai", &error);
    g_assert_no_error(error);
    *ret_set = form_set_new_from_json(all, &error);
    g_assert_no_error(error);
    json_t *form = NULL, *item;
    gsize i;
    json_array_foreach(json_object_get(all, "forms"), i, item)
        if (strcmp(json_string_value(json_object_get(item, "id")), id) == 0)
            form = json_incref(item);
    json_decref(all);
    return form;
}

static Match *read_back(const FormSet *set, GBytes *docx, const char *form) {
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = docx_read(docx, "a.docx", problems);
    g_assert_nonnull(document);
    g_assert_cmpuint(problems->len, ==, 0);
    ValueContext context = {0};
    g_date_clear(&context.reference, 1);
    g_date_set_dmy(&context.reference, 27, 6, 2016);
    Match *match = match_best(set, document, &context, NULL);
    g_assert_nonnull(match);
    g_assert_cmpstr(match->form->id, ==, form);
    return match;
}

static const char *const places[][3] = {{"etc/youth-voice/forms", "zh", "biweekly"},
                                        {"etc/youth-voice/forms", "zh", "receipt"},
                                        {"etc/youth-voice/forms", "en", "biweekly"},
                                        {"etc/club-reports/forms", "en", "weekly"},
                                        {"etc/youth-voice/forms", "zh", "question_log"}};

static void test_blank_stays_empty(void) {
    for (gsize p = 0; p < G_N_ELEMENTS(places); p++) {
        g_autoptr(FormSet) set = NULL;
        g_autoptr(GError) error = NULL;
        json_t *form = form_json(places[p][0], places[p][1], places[p][2], &set);
        g_autoptr(GBytes) docx = document_out_form(form, NULL, places[p][1], &error);
        g_assert_no_error(error);
        g_autoptr(Match) match = read_back(set, docx, places[p][2]);
        g_assert_cmpuint(match->values_found, ==, 0);
        g_assert_cmpuint(match->problems->len, ==, 0);
        g_assert_cmpuint(match->unmatched->len, ==, 0);
        g_assert_cmpuint(json_object_size(match->tables), ==, 0);
        json_decref(form);
    }
}

/* A value that the type reads, different for every field. */
static char *sample(const Field *field, guint number) {
    switch (field->type) {
    case TYPE_COUNT:
    case TYPE_NUMBER:
        return g_strdup_printf("%u", 100 + number);
    case TYPE_PHONE:
        return g_strdup_printf("138000%05u", number);
    case TYPE_EMAIL:
        return g_strdup_printf("org%u@example.edu.cn", number);
    case TYPE_DATE:
        return g_strdup("2016-06-27");
    case TYPE_DATERANGE:
        return g_strdup("2016年6月14日至2016年6月27日");
    case TYPE_CHOICE:
        return g_strdup(((const Choice *)g_ptr_array_index(field->choices, 1))->value);
    case TYPE_PERSON:
        return g_strdup_printf("王小%s", number % 2 ? "明" : "红");
    default:
        return g_strdup_printf("护理学院%u", number);
    }
}

/* Every field, filled in, comes back under its own label: the layout and the labels are understood. */
static void test_every_field_comes_back(void) {
    for (gsize p = 0; p < 4; p++) {
        g_autoptr(FormSet) set = NULL;
        g_autoptr(GError) error = NULL;
        json_t *form = form_json(places[p][0], places[p][1], places[p][2], &set);
        const Form *known = form_set_find(set, places[p][2]);
        json_t *prefill = json_array();
        for (guint f = 0; f < known->fields->len; f++) {
            const Field *field = g_ptr_array_index(known->fields, f);
            g_autofree char *value = sample(field, f);
            json_array_append_new(prefill, json_pack("{s:s, s:s}", "key", field->key, "value", value));
        }
        g_autoptr(GBytes) docx = document_out_form(form, prefill, places[p][1], &error);
        g_assert_no_error(error);
        g_autoptr(Match) match = read_back(set, docx, places[p][2]);
        for (guint f = 0; f < known->fields->len; f++) {
            const Field *field = g_ptr_array_index(known->fields, f);
            if (strchr(field->key, '.')) /* half of a range: stands on no form beside the whole */
                continue;
            if (!match->chosen[f])
                g_error("%s: %s is not found again", places[p][2], field->key);
            g_autofree char *value = sample(field, f);
            json_t *want;
            ValueContext context = {0};
            g_assert_cmpint(value_parse(field, value, &context, &want, NULL), ==, VALUE_GOOD);
            g_assert_true(json_equal(match->chosen[f]->value, want));
            g_assert_false(match->chosen[f]->is_guessed);
            json_decref(want);
        }
        json_decref(prefill);
        json_decref(form);
    }
}

/* Sent out pre-filled and back as it was: not a report. */
static void test_head_alone_is_empty(void) {
    g_autoptr(FormSet) set = NULL;
    json_t *form = form_json("etc/youth-voice/forms", "zh", "biweekly", &set);
    json_t *prefill = json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "key", "org", "value",
                                "护理学院学生会", "key", "section", "value", "学习生活", "key", "reporter",
                                "value", "王小明", "key", "reporter_phone", "value", "13800001234");
    g_autoptr(GBytes) docx = document_out_form(form, prefill, "zh", NULL);
    g_autoptr(Match) match = read_back(set, docx, "biweekly");
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_t *submission = submission_build(set, match, "a.docx", problems);
    g_assert_cmpuint(match->values_found, ==, 4);
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_cmpint(((const Problem *)problems->pdata[0])->code, ==, PROBLEM_EMPTY_FORM);
    json_decref(submission);
    json_decref(prefill);
    json_decref(form);
}

static void test_hostile_and_equal(void) {
    g_autoptr(FormSet) set = NULL;
    json_t *form = form_json("etc/youth-voice/forms", "zh", "biweekly", &set);
    json_t *prefill =
        json_pack("[{s:s, s:s}]", "key", "org", "value", "<w:t>&\"'𠮷镕\u202e学生\u200b会\x01</w:t>");
    g_autoptr(GBytes) docx = document_out_form(form, prefill, "zh", NULL);
    g_autoptr(GBytes) again = document_out_form(form, prefill, "zh", NULL);
    g_assert_true(g_bytes_equal(docx, again));
    g_autoptr(Match) match = read_back(set, docx, "biweekly");
    g_assert_cmpstr(json_string_value(match->chosen[0]->value), ==, "<w:t>&\"'𠮷镕学生会</w:t>");
    json_decref(prefill);
    json_decref(form);
}

/* ---- templates
 * ---------------------------------------------------------------------------------------------------- */

#define RUN(text)  "<w:r><w:t>" text "</w:t></w:r>"
#define CELL(text) "<w:tc><w:p>" RUN(text) "</w:p></w:tc>"

static GBytes *template_of(const char *body) {
    g_autofree char *xml = g_strdup_printf(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>%s"
        "</w:body></w:document>",
        body);
    g_autoptr(DocumentPackage) package = document_package_new();
    document_package_add(package, "word/document.xml", xml, strlen(xml));
    return document_package_finish(package, NULL);
}

static char *rendered_text(const char *body, const char *facts_text, GError **error) {
    g_autofree char *json = g_strdelimit(g_strdup(facts_text), "'", '"');
    json_t *facts = json_loads(json, 0, NULL);
    g_assert_nonnull(facts);
    g_autoptr(GBytes) template = template_of(body);
    g_autoptr(GBytes) docx = document_out_render(template, facts, true, error);
    json_decref(facts);
    if (!docx)
        return NULL;
    g_autoptr(GPtrArray) problems = problem_list_new();
    g_autoptr(Document) document = docx_read(docx, "a.docx", problems);
    g_assert_cmpuint(problems->len, ==, 0);
    return document_to_text(document);
}

static void test_template(void) {
    static const struct {
        const char *why, *body, *facts, *text;
    } cases[] = {
        {"a tag over several runs", "<w:p>" RUN("a {{na") RUN("me}} ") RUN("b") "</w:p>", "{'name':'x'}",
         "a x b\n"},
        {"rows repeat",
         "<w:tbl><w:tr>" CELL("h") "</w:tr><w:tr>" CELL("{{#l}}{{n}}") CELL("z{{/l}}") "</w:tr></w:tbl>",
         "{'l':[{'n':'1'},{'n':'2'}]}", "h\t\n1\tz\t\n2\tz\t\n"},
        {"a section of paragraphs",
         "<w:p>" RUN("{{#") RUN("s}}") "</w:p><w:p>" RUN("in") "</w:p><w:p>" RUN(
             "{{/s}}") "</w:p><w:p/><w:p>" RUN("out") "</w:p>",
         "{'s':false}", "out\n"},
        {"what others wrote is text", "<w:p>" RUN("{{x}}") "</w:p>", "{'x':'<w:p>&amp;\\n\u202e𠮷镕 ={{y}}'}",
         "<w:p>&amp; 𠮷镕 ={{y}}\n"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = rendered_text(cases[i].body, cases[i].facts, &error);
        g_assert_no_error(error);
        g_auto(GStrv) lines = g_strsplit(text, "\n\n", -1);
        g_autofree char *tidy = g_strjoinv("\n", lines);
        g_strchug(tidy);
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(tidy, ==, cases[i].text);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(
        rendered_text("<w:p>" RUN("一\n二") "</w:p>\n<w:p>" RUN("{{nobody}}") "</w:p>", "{}", &error));
    g_assert_nonnull(strstr(error->message, "word/document.xml:2:")); /* the second paragraph */
    g_autoptr(GBytes) junk = g_bytes_new_static("no zip", 6);
    g_assert_null(document_out_render(junk, NULL, true, NULL));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/document_out/blank form stays empty", test_blank_stays_empty);
    g_test_add_func("/document_out/every field comes back", test_every_field_comes_back);
    g_test_add_func("/document_out/head alone is empty", test_head_alone_is_empty);
    g_test_add_func("/document_out/hostile text, equal bytes", test_hostile_and_equal);
    g_test_add_func("/document_out/template", test_template);
    return g_test_run();
}
