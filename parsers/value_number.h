/* Numbers as people write them on forms: "７６条", "约62条", "1,232", "一百二十", "共48条（含重复）". */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Largest count that a form may state: more is a slip of a phone number into a number cell. */
#define NUMBER_MAX 1000000000.0

/* Behind white space and fill-in lines at the beginning of text. */
const char *number_skip_blanks(const char *text);

/* Reads only whole digits or a Chinese numeral without grouping or decimals, for dates; ret_digits: how many
 * characters. */
bool number_read_whole(const char **cursor, int *ret_value, guint *ret_digits);

/* The plain number of a whole cell text (raw, any width). False for 若干, 待统计, ranges, percentages,
 * several numbers. ret_is_exact: false for 余, 多, +. */
bool number_parse(const char *text, double *ret_value, bool *ret_is_exact);
