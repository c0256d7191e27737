/* What is wrong with a message, a document or a form: a list of problems inside a good result (SPEC 3.4). */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef enum { PROBLEM_READING, PROBLEM_FORM, PROBLEM_CHECK, PROBLEM_IDENTITY } ProblemClass;

/* SPEC 3.4; the class follows from the code. Order: reading, form, check, identity;
 * PROBLEM_MACRO is of class check, since all was read. */
typedef enum {
    PROBLEM_ENCRYPTED,
    PROBLEM_DAMAGED,
    PROBLEM_SCAN,
    PROBLEM_CLOUD_LINK,
    PROBLEM_BOMB,
    PROBLEM_LIMIT,
    PROBLEM_UNSUPPORTED,
    PROBLEM_MACRO,
    PROBLEM_LOSS,
    PROBLEM_EMBEDDED, /* told as a loss of class check: what the document itself says was read */
    PROBLEM_VOLATILE, /* a loss too: what is shown changes when it is opened */
    PROBLEM_MISSING,
    PROBLEM_NO_FORM,
    PROBLEM_WRONG_FORM,
    PROBLEM_EMPTY_FORM,
    PROBLEM_INVALID,
    PROBLEM_RANGE,
    PROBLEM_AMBIGUOUS,
    PROBLEM_GUESSED,
    PROBLEM_CONTRADICTION,
    PROBLEM_SUM,
    PROBLEM_JUMP,
    PROBLEM_NO_ORG,
    PROBLEM_UNKNOWN_SENDER,
    PROBLEM_CODES /* their number */
} ProblemCode;

typedef struct {
    ProblemCode code;
    char *field; /* key of the field or table, or NULL */
    char *where; /* part name, with the place in it where known; or NULL */
    char *text;  /* one plain sentence in the programme's language, for the sender */
} Problem;

/* "form", "reading", …; "missing", "encrypted", … (static strings). */
const char *problem_class_name(ProblemCode code);
const char *problem_code_name(ProblemCode code);

/* An empty list that owns its Problem entries; free with g_ptr_array_unref(). */
GPtrArray *problem_list_new(void);

/* Appends a problem; strings are copied, the text is formatted. At most PROBLEM_LIST_MAX entries are kept. */
#define PROBLEM_LIST_MAX 500
void problem_add(GPtrArray *list, ProblemCode code, const char *field, const char *where,
                 const char *text_format, ...) G_GNUC_PRINTF(5, 6);

/* Appends a problem of class reading with its standing sentence; once for each code and where. where is
 * copied, or NULL. */
void problem_add_reading(GPtrArray *list, ProblemCode code, const char *where);

/* True if one with this code is in it. */
bool problem_list_has(const GPtrArray *list, ProblemCode code);

/* [{"class","code","field","where","text"},…] as in SPEC 3.4; standing sentences of reading problems in
 * Chinese or English. New reference. */
json_t *problem_list_to_json(const GPtrArray *list, bool chinese);
