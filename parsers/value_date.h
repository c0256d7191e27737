/* Dates, times and ranges as people write them: "2016年6月13日", "6.13", "六月十三日", "2016/4/28 22:57",
 * "4.28-5.13". */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    int year; /* 0: not stated */
    int month, day;
    int hour, minute; /* hour -1: no time stated */
} CivilTime;

/* Reads a date, with a time where one follows, anywhere in text (raw, any width). False where there is none
 * or it is impossible (month 13, 30 February, year outside 1990..2099). A missing year becomes the one
 * nearest to reference; without reference (NULL) it fails. */
bool date_parse(const char *text, const GDate *reference, CivilTime *ret_time);

/* Reads a range of days: two dates with 至, -, ~ … between them; the second may lack year and month. False
 * where it runs backwards or longer than a year and a month. */
bool date_parse_range(const char *text, const GDate *reference, CivilTime *ret_start, CivilTime *ret_end);

/* "2016-06-13", with "T22:57" where a time is known. The caller frees it. */
char *date_format(const CivilTime *time);
