#include "parsers/submission.h"

#include <string.h>

static const char club[] =
    "{\"language\":\"en\",\"zone\":\"UTC\",\"forms\":[{\"id\":\"weekly\",\"titles\":[\"Weekly report\"],"
    "\"fields\":[{\"key\":\"club\",\"title_en\":\"Club\",\"type\":\"org\",\"labels\":[\"Club\"],\"required\":"
    "true},"
    "{\"key\":\"week\",\"type\":\"daterange\",\"labels\":[\"Week\"]},"
    "{\"key\":\"played\",\"title_en\":\"Played\",\"type\":\"count\",\"labels\":[\"Matches\"],\"required\":"
    "true,\"max\":20},"
    "{\"key\":\"won\",\"type\":\"count\",\"labels\":[\"Won\"]}],"
    "\"tables\":[{\"key\":\"results\",\"title_en\":\"Results\",\"labels\":[\"Results\"],\"min_rows\":2,"
    "\"columns\":["
    "{\"key\":\"opponent\",\"type\":\"text\",\"is_key\":true,\"labels\":[\"Opponent\"]},"
    "{\"key\":\"goals\",\"type\":\"count\",\"labels\":[\"Goals\"]}]}],"
    "\"rules\":[{\"check\":\"won <= played\",\"field\":\"won\",\"text_en\":\"{won} won of {played}\"},"
    "{\"check\":\"sum(results.goals) == won\",\"code\":\"sum\",\"text_en\":\"goals "
    "{sum(results.goals)}\"}]}]}";

static FormSet *forms(void) {
    json_t *json = json_loads(club, 0, NULL);
    g_autoptr(GError) error = NULL;
    FormSet *set = form_set_new_from_json(json, &error);
    g_assert_no_error(error);
    json_decref(json);
    return set;
}

static Match *match_rows(const FormSet *set, const char *const rows[][2], guint n) {
    g_autoptr(Document) document = document_new("report.docx");
    document_add_paragraph(document, ORIGIN_BODY, "Weekly report");
    Grid *grid = document_add_grid(document, ORIGIN_BODY, NULL);
    for (guint r = 0; r < n; r++)
        for (guint c = 0; c < 2; c++)
            grid_add_cell(grid, r, c, 1, 1, rows[r][c]);
    ValueContext context = value_context_at(1467000000, form_set_zone(set));
    return match_best(set, document, &context, NULL);
}

static char *codes(const GPtrArray *problems) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = g_ptr_array_index(problems, i);
        g_string_append_printf(out, "%s:%s:%s;", problem_code_name(problem->code),
                               problem->field ? problem->field : "", problem->text);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void test_good(void) {
    static const char *const rows[][2] = {{"Club", "Rowing Club"},
                                          {"Week", "13 June 2016 to 19 June 2016"},
                                          {"Matches", "3"},
                                          {"Won", "2"},
                                          {"Opponent", "Goals"},
                                          {"A", "1"},
                                          {"B", "1"}};
    g_autoptr(FormSet) set = forms();
    g_autoptr(Match) match = match_rows(set, rows, G_N_ELEMENTS(rows));
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_t *submission = submission_build(set, match, "report.docx", problems);
    char *text = json_dumps(submission, JSON_COMPACT | JSON_REAL_PRECISION(2));
    g_assert_cmpstr(text, ==,
                    "{\"form\":\"weekly\",\"org\":\"Rowing "
                    "Club\",\"period\":{\"start\":\"2016-06-13\",\"end\":\"2016-06-19\"},\"fields\":{"
                    "\"club\":{\"value\":\"Rowing Club\",\"raw\":\"Rowing Club\",\"source\":\"report.docx "
                    "table 1 row 1 column 2\","
                    "\"confidence\":0.98},\"week\":{\"value\":{\"start\":\"2016-06-13\",\"end\":\"2016-06-"
                    "19\"},\"raw\":\"13 June 2016 to 19 "
                    "June 2016\",\"source\":\"report.docx table 1 row 2 column "
                    "2\",\"confidence\":0.98},\"played\":{\"value\":3,\"raw\":\"3\","
                    "\"source\":\"report.docx table 1 row 3 column "
                    "2\",\"confidence\":0.98},\"won\":{\"value\":2,\"raw\":\"2\",\"source\":"
                    "\"report.docx table 1 row 4 column "
                    "2\",\"confidence\":0.98}},\"tables\":{\"results\":[{\"opponent\":\"A\",\"goals\":1},"
                    "{\"opponent\":\"B\",\"goals\":1}]}}");
    g_assert_cmpuint(problems->len, ==, 0);
    free(text);
    json_decref(submission);
}

static void test_problems(void) {
    static const char *const rows[][2] = {{"Club", "____"}, {"Week", "soon"},      {"Matches", "30"},
                                          {"Won", "31"},    {"Opponent", "Goals"}, {"A", "1"}};
    g_autoptr(FormSet) set = forms();
    g_autoptr(Match) match = match_rows(set, rows, G_N_ELEMENTS(rows));
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_decref(submission_build(set, match, "report.docx", problems));
    g_autofree char *text = codes(problems);
    g_assert_cmpstr(text, ==,
                    "invalid:week:\"Week\": cannot read \"soon\";missing:club:\"Club\" was not found;"
                    "range:played:\"Played\" is 30, expected at most 20;range:results:\"Results\" has 1 "
                    "rows, expected at least 2;"
                    "contradiction:won:31 won of 30;sum::goals 1;");
}

static void test_empty(void) {
    static const char *const rows[][2] = {{"Club", ""}, {"Week", "____"}, {"Matches", "/"}, {"Won", ""}};
    g_autoptr(FormSet) set = forms();
    g_autoptr(Match) match = match_rows(set, rows, G_N_ELEMENTS(rows));
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_decref(submission_build(set, match, "report.docx", problems));
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_true(problem_list_has(problems, PROBLEM_EMPTY_FORM));
}

/* A value that stands in text which changes when the file is opened is named; figures that merely hold it are
 * not. */
static void test_doubts(void) {
    static const char *const rows[][2] = {{"Club", "Rowing Club"},
                                          {"Week", "13 June 2016 to 19 June 2016"},
                                          {"Matches", "13"},
                                          {"Won", "3"},
                                          {"Opponent", "Goals"},
                                          {"report.docx", "1"},
                                          {"B", "2"}};
    g_autoptr(FormSet) set = forms();
    g_autoptr(Match) match = match_rows(set, rows, G_N_ELEMENTS(rows));
    g_autoptr(Document) document = document_new("report.docx");
    g_autoptr(GPtrArray) problems = problem_list_new();
    submission_doubts(set, match, document, problems);
    g_assert_cmpuint(problems->len, ==, 0);
    document_note_volatile(document, "19 June 2016");
    document_note_volatile(document, "3");
    document_note_volatile(document, "report.docx");
    submission_doubts(set, match, document, problems);
    g_autofree char *text = codes(problems);
    g_assert_cmpstr(
        text, ==,
        "loss:week:\"Week\": \"19 June 2016\" changes when the file is opened (such as TODAY() or "
        "a date field), please check;"
        "loss:won:\"Won\": \"3\" changes when the file is opened (such as TODAY() or a date field), "
        "please check;"
        "loss:results:\"Results\": \"report.docx\" changes when the file is opened (such as TODAY() "
        "or a date field), please check;");
    g_assert_cmpstr(problem_class_name(((const Problem *)problems->pdata[0])->code), ==, "reading");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/submission/good", test_good);
    g_test_add_func("/submission/problems", test_problems);
    g_test_add_func("/submission/empty", test_empty);
    g_test_add_func("/submission/doubts", test_doubts);
    return g_test_run();
}
