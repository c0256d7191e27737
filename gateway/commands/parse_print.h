/* How `fortnight parse` shows a result: JSON lines, or some lines for a person. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints the "lines" of a result ({"lines":[…]}; NULL prints nothing): as JSON, one object a line, or, else,
 * file, kind, form, organization and period, then each value, the size of each table, each problem. Control
 * characters of mail do not reach a terminal. */
void parse_print(FILE *out, const json_t *result, bool as_json);
