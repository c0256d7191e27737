/* Which days people work: a table of statutory holidays and make-up working days in the holiday-cn JSON
 * format, one document a year. Data is passed in parsed; nothing is read here. Immutable once filled, so it
 * may be shared. */
#pragma once

#include "gateway/core/model.h"

/* An empty table: Saturdays and Sundays are off. The caller frees it. */
HolidayTable *holiday_table_new(void);
void holiday_table_free(HolidayTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HolidayTable, holiday_table_free)

/* Adds one document {"year":2016,"days":[{"date":"2016-01-01","isOffDay":true,"name":"…"},…]}. Days of other
 * years in it count too (a New Year's holiday may begin in December). false and error
 * (FORTNIGHT_ERROR_CONFIGURATION) name the wrong entry; the table is then unchanged. A later document
 * overrides the same day of an earlier one. */
bool holiday_table_add(HolidayTable *table, const json_t *document, GError **error);

/* True if a document of that year was added that lists any day. table may be NULL. */
bool holiday_table_has_year(const HolidayTable *table, GDateYear year);

/* True if the day is a working day: as listed, else Monday to Friday. table may be NULL. */
bool holiday_is_working(const HolidayTable *table, const GDate *day);
