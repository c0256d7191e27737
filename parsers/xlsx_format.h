/* Number formats of a workbook (ECMA-376-1 18.8.30): which numbers are dates, and the text of a number. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    NUMBER_PLAIN,
    NUMBER_DATE,
    NUMBER_TIME,
    NUMBER_ELAPSED,
    NUMBER_PERCENT,
    NUMBER_PADDED
} NumberKind;

typedef struct {
    NumberKind kind;
    guint digits; /* NUMBER_PADDED: of "000000" */
    bool has_seconds, has_half_days;
} NumberFormat;

/* The kind of a built-in format id, or of a format code where code is not NULL. */
NumberFormat xlsx_format_of_id(guint id);
NumberFormat xlsx_format_of_code(const char *code);

/* Text of a number: 13800001234, 0.95, 95%, 2016-06-13, 2016-06-13T09:30, 09:30; where the format counts
 * the hours of half a day, 2016-06-13 09:30 AM. Parts of a second of a date or a clock time are rounded where
 * the format shows seconds, else cut off. is_1904: the workbook's epoch. The caller frees it. */
char *xlsx_format_number(double value, NumberFormat format, bool is_1904);
