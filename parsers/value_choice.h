/* Choices and yes/no, written out or ticked: "☑团帮青 ☐专帮青", "团帮青（√） 专帮青（ ）", "√是", "是√ 否□".
 */
#pragma once

#include "parsers/form.h"

/* The one choice of field that text states, or NULL where none or more than one is marked. Owned by field. */
const Choice *value_choose(const Field *field, const char *text, double *certainty);

/* 是/否, yes/no, a lone tick or cross, or ticked boxes before or behind them. False where it cannot be told.
 */
bool value_choose_bool(const char *text, bool *ret_answer);

/* True where the text holds boxes and none of them is ticked. */
bool value_has_only_empty_boxes(const char *text);
