/* Days without a zone, and how they are written. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define CALENDAR_DAY_BYTES 11 /* "2016-06-27" and the NUL */

/* "2016-06-27" ↔ GDate. Strict: four, two and two digits, a date that exists. */
bool calendar_day_parse(const char *text, GDate *ret_day);
void calendar_day_format(const GDate *day, char ret_text[CALENDAR_DAY_BYTES]);

/* day + days. */
GDate calendar_day_add(const GDate *day, int days);

/* Exactly n digits at text. */
bool calendar_digits_parse(const char *text, int n, int *ret_value);
