/* Rules across fields (SPEC 3.2) as small expressions: fields, numbers, + - * /, comparisons,
 * sum(table.column), count(table). */
#pragma once

#include "parsers/form.h"

typedef struct RuleNode RuleNode;

/* Parses an expression such as "unanswered == questions_received - questions_answered" or "sum(daily.answers)
 * == answered". Every name must be a field, table or column of form. NULL and error where it is wrong. The
 * caller frees it. */
RuleNode *form_rule_parse(const char *text, const Form *form, GError **error);
void form_rule_free(RuleNode *node);

typedef enum { RULE_HOLDS, RULE_FAILS, RULE_UNKNOWN } RuleVerdict;

/* Evaluates over {"key": number} and {"table": [{"column": value}]}; RULE_UNKNOWN where an operand is
 * missing, a division by zero, or a table without rows. */
RuleVerdict form_rule_evaluate(const RuleNode *node, const json_t *values, const json_t *tables);

/* The number on the left of the comparison; false where an operand is missing. */
bool form_rule_left_value(const RuleNode *node, const json_t *values, const json_t *tables,
                          double *ret_value);
