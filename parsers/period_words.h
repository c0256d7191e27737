/* Which period a short text names, in words: "6.14-6.27", "6月下半月", "第3期", "Week 12", "w/e 11
 * September". A hint, which only the schedule can resolve. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* What text (a subject, a title, a cell) says; the most definite of: {"start","end"} a range of days, with
 * "words" true where they are a half month;
 * {"month":"2016-06","turn":2} the second of a month; {"number":3} the third of all, with "year" where it was
 * said, with "week" true where it may be a week's number; {"day":"2016-06-27"} a day, with "named" true where
 * it was said to begin or end the period. Missing years become the nearest to reference (NULL: such texts say
 * nothing). NULL: none of these. New reference. */
json_t *period_words_read(const char *text, const GDate *reference);

/* Compiles all patterns that period_words_read() would compile one by one, for a process that is forked for
 * each message. */
void period_words_warm(void);
