#include "parsers/problem.h"

static void test_names(void) {
    for (int code = 0; code < PROBLEM_CODES; code++) {
        g_assert_nonnull(problem_code_name((ProblemCode)code));
        g_assert_nonnull(problem_class_name((ProblemCode)code));
    }
    g_assert_cmpstr(problem_class_name(PROBLEM_LOSS), ==, "reading");
    g_assert_cmpstr(problem_class_name(PROBLEM_MISSING), ==, "form");
    g_assert_cmpstr(problem_class_name(PROBLEM_JUMP), ==, "check");
    g_assert_cmpstr(problem_class_name(PROBLEM_NO_ORG), ==, "identity");
}

static void test_reading_once(void) {
    g_autoptr(GPtrArray) list = problem_list_new();
    problem_add_reading(list, PROBLEM_DAMAGED, "a.docx");
    problem_add_reading(list, PROBLEM_DAMAGED, "a.docx");
    problem_add_reading(list, PROBLEM_DAMAGED, "b.docx");
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_true(problem_list_has(list, PROBLEM_DAMAGED));
    g_assert_false(problem_list_has(list, PROBLEM_LOSS));
}

static void test_json(void) {
    g_autoptr(GPtrArray) list = problem_list_new();
    problem_add(list, PROBLEM_MISSING, "reporter", "bad\xff.docx", "没有找到“%s”", "填报人");
    json_t *json = problem_list_to_json(list, true);
    const json_t *first = json_array_get(json, 0);
    g_assert_cmpstr(json_string_value(json_object_get(first, "class")), ==, "form");
    g_assert_cmpstr(json_string_value(json_object_get(first, "field")), ==, "reporter");
    g_assert_cmpstr(json_string_value(json_object_get(first, "where")), ==, "bad\xef\xbf\xbd.docx");
    g_assert_cmpstr(json_string_value(json_object_get(first, "text")), ==, "没有找到“填报人”");
    json_decref(json);
}

static void test_capped(void) {
    g_autoptr(GPtrArray) list = problem_list_new();
    for (int i = 0; i < PROBLEM_LIST_MAX + 5; i++)
        problem_add(list, PROBLEM_INVALID, "x", NULL, "%d", i);
    g_assert_cmpuint(list->len, ==, PROBLEM_LIST_MAX);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/problem/names", test_names);
    g_test_add_func("/problem/reading-once", test_reading_once);
    g_test_add_func("/problem/json", test_json);
    g_test_add_func("/problem/capped", test_capped);
    return g_test_run();
}
