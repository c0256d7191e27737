#include "parsers/problem.h"

typedef struct {
    ProblemClass class;
    const char *name;
    const char *reading_zh, *reading_en; /* for problem_add_reading() */
} CodeRow;

static const CodeRow CODES[PROBLEM_CODES] = {
    [PROBLEM_ENCRYPTED] =
        {PROBLEM_READING, "encrypted", "文件有密码，无法读取，请去掉密码后重新发送",
         "The file has a password and cannot be read; please remove it and send the file again"},
    [PROBLEM_DAMAGED] = {PROBLEM_READING, "damaged", "文件已损坏，没有读全，请检查后重新发送",
                         "The file is damaged and was not read in full; please check it and send it again"},
    [PROBLEM_SCAN] = {PROBLEM_READING, "scan", "文件是扫描件或图片，没有文字，请发送可编辑的文件",
                      "The file is a scan or a picture without text; please send one that can be edited"},
    [PROBLEM_CLOUD_LINK] =
        {PROBLEM_READING, "cloud_link", "收到的是网盘链接，不是文件，请把文件作为普通附件发送",
         "A link to a file in the cloud came instead of the file; please attach the file itself"},
    [PROBLEM_BOMB] = {PROBLEM_READING, "bomb", "文件解开后异常巨大，没有继续读取",
                      "The file becomes abnormally large when unpacked; reading stopped"},
    [PROBLEM_LIMIT] = {PROBLEM_READING, "limit", "文件太大或太复杂，只读取了一部分",
                       "The file is too large or too complex; only part of it was read"},
    [PROBLEM_UNSUPPORTED] =
        {PROBLEM_READING, "unsupported", "不支持这种文件，请改用 Word（.docx）或 Excel（.xlsx）发送",
         "Files of this kind are not supported; please send Word (.docx) or Excel (.xlsx)"},
    /* nothing was lost by it, so it is no problem of reading */
    [PROBLEM_MACRO] = {PROBLEM_CHECK, "macro", "文件含有宏，宏没有执行",
                       "The file holds macros; they were not run"},
    [PROBLEM_LOSS] = {PROBLEM_READING, "loss", "文件中有一部分内容没有读出，请人工核对",
                      "Part of the file could not be read; please compare by eye"},
    [PROBLEM_EMBEDDED] =
        {PROBLEM_CHECK, "loss", "文件中嵌有别的文件（如旧版 Excel 表、PDF），其中的内容没有读取，请核对",
         "Other files are embedded in the file (such as an old Excel sheet or a PDF); what they "
         "hold was not read, please check"},
    [PROBLEM_VOLATILE] =
        {PROBLEM_READING, "loss",
         "文件中有打开时会自动变化的内容（如 "
         "TODAY()、日期域、文件名域），读到的不一定是填写时的样子，请人工核对",
         "The file holds text that changes when it is opened (such as TODAY(), date or file name fields); "
         "what was read may not be what was written; please compare by eye"},
    [PROBLEM_MISSING] = {PROBLEM_FORM, "missing", NULL},
    [PROBLEM_NO_FORM] = {PROBLEM_FORM, "no_form", NULL},
    [PROBLEM_WRONG_FORM] = {PROBLEM_FORM, "wrong_form", NULL},
    [PROBLEM_EMPTY_FORM] = {PROBLEM_FORM, "empty_form", NULL},
    [PROBLEM_INVALID] = {PROBLEM_FORM, "invalid", NULL},
    [PROBLEM_RANGE] = {PROBLEM_FORM, "range", NULL},
    [PROBLEM_AMBIGUOUS] = {PROBLEM_FORM, "ambiguous", NULL},
    [PROBLEM_GUESSED] = {PROBLEM_FORM, "guessed", NULL},
    [PROBLEM_CONTRADICTION] = {PROBLEM_CHECK, "contradiction", NULL},
    [PROBLEM_SUM] = {PROBLEM_CHECK, "sum", NULL},
    [PROBLEM_JUMP] = {PROBLEM_CHECK, "jump", NULL},
    [PROBLEM_NO_ORG] = {PROBLEM_IDENTITY, "no_org", NULL},
    [PROBLEM_UNKNOWN_SENDER] = {PROBLEM_IDENTITY, "unknown_sender", NULL},
};

static const char *const CLASSES[] = {"reading", "form", "check", "identity"};

const char *problem_class_name(ProblemCode code) {
    return CLASSES[CODES[code].class];
}

const char *problem_code_name(ProblemCode code) {
    return CODES[code].name;
}

static void problem_free(gpointer data) {
    Problem *problem = data;
    g_free(problem->field);
    g_free(problem->where);
    g_free(problem->text);
    g_free(problem);
}

GPtrArray *problem_list_new(void) {
    return g_ptr_array_new_with_free_func(problem_free);
}

void problem_add(GPtrArray *list, ProblemCode code, const char *field, const char *where,
                 const char *text_format, ...) {
    if (list->len >= PROBLEM_LIST_MAX)
        return;
    Problem *problem = g_new0(Problem, 1);
    problem->code = code;
    problem->field = g_strdup(field);
    problem->where = g_strdup(where);
    va_list arguments;
    va_start(arguments, text_format);
    problem->text = g_strdup_vprintf(text_format, arguments);
    va_end(arguments);
    g_ptr_array_add(list, problem);
}

void problem_add_reading(GPtrArray *list, ProblemCode code, const char *where) {
    g_return_if_fail(CODES[code].reading_zh != NULL);
    for (guint i = 0; i < list->len; i++) {
        const Problem *known = g_ptr_array_index(list, i);
        if (known->code == code && g_strcmp0(known->where, where) == 0)
            return;
    }
    problem_add(list, code, NULL, where, "%s", CODES[code].reading_zh);
}

bool problem_list_has(const GPtrArray *list, ProblemCode code) {
    for (guint i = 0; i < list->len; i++) {
        const Problem *problem = g_ptr_array_index(list, i);
        if (problem->code == code)
            return true;
    }
    return false;
}

/* where and text may quote hostile names; an invalid string must not make the whole list vanish. */
static json_t *json_text(const char *text) {
    if (!text)
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

/* What problem_add_reading() said, in the other language; every other text is in the programme's language
 * already. */
static const char *text_in(const Problem *problem, bool chinese) {
    const CodeRow *row = &CODES[problem->code];
    return !chinese && row->reading_zh && g_strcmp0(problem->text, row->reading_zh) == 0 ? row->reading_en
                                                                                         : problem->text;
}

json_t *problem_list_to_json(const GPtrArray *list, bool chinese) {
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++) {
        const Problem *problem = g_ptr_array_index(list, i);
        json_t *object = json_object();
        json_object_set_new(object, "class", json_string(problem_class_name(problem->code)));
        json_object_set_new(object, "code", json_string(problem_code_name(problem->code)));
        if (problem->field)
            json_object_set_new(object, "field", json_text(problem->field));
        if (problem->where)
            json_object_set_new(object, "where", json_text(problem->where));
        json_object_set_new(object, "text", json_text(text_in(problem, chinese)));
        json_array_append_new(array, object);
    }
    return array;
}
