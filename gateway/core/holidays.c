#include "gateway/core/holidays.h"

#include "gateway/core/calendar_day.h"
#include "gateway/core/error.h"

struct HolidayTable {
    GHashTable *days;  /* Julian day → DAY_OFF or DAY_WORKING */
    GHashTable *years; /* set of years that a document was added for */
};

enum { DAY_UNLISTED, DAY_OFF, DAY_WORKING };

/* A year's document lists some 40 days; far more is not one. */
#define DAYS_PER_DOCUMENT_MAX 1000

HolidayTable *holiday_table_new(void) {
    HolidayTable *table = g_new0(HolidayTable, 1);
    table->days = g_hash_table_new(NULL, NULL);
    table->years = g_hash_table_new(NULL, NULL);
    return table;
}

void holiday_table_free(HolidayTable *table) {
    if (table == NULL)
        return;
    g_hash_table_unref(table->days);
    g_hash_table_unref(table->years);
    g_free(table);
}

static bool entry_parse(const json_t *entry, GDate *ret_day, int *ret_kind) {
    const json_t *off = json_object_get(entry, "isOffDay");
    const char *date = json_string_value(json_object_get(entry, "date"));
    if (date == NULL || !json_is_boolean(off) || !calendar_day_parse(date, ret_day))
        return false;
    *ret_kind = json_is_true(off) ? DAY_OFF : DAY_WORKING;
    return true;
}

bool holiday_table_add(HolidayTable *table, const json_t *document, GError **error) {
    json_int_t year = json_integer_value(json_object_get(document, "year"));
    const json_t *days = json_object_get(document, "days");
    gsize count = json_array_size(days);
    if (!g_date_valid_year((GDateYear)CLAMP(year, 0, G_MAXUINT16)) || year > 9999 || !json_is_array(days)) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "holiday table: \"year\" (a number) and \"days\" (a list) are needed");
        return false;
    }
    if (count > DAYS_PER_DOCUMENT_MAX) {
        g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "holiday table of %d: %zu days, at most %d are allowed", (int)year, count,
                    DAYS_PER_DOCUMENT_MAX);
        return false;
    }
    /* two passes, so that a wrong document changes nothing */
    for (int pass = 0; pass < 2; pass++)
        for (gsize i = 0; i < count; i++) {
            GDate day;
            int kind;
            if (!entry_parse(json_array_get(days, i), &day, &kind)) {
                g_set_error(
                    error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                    "holiday table of %d: days[%zu]: \"date\" (2016-01-31) and \"isOffDay\" (true or false) "
                    "are needed",
                    (int)year, i);
                return false;
            }
            if (pass == 1)
                g_hash_table_insert(table->days, GUINT_TO_POINTER(g_date_get_julian(&day)),
                                    GINT_TO_POINTER(kind));
        }
    if (count > 0) /* an empty list is a year that is not decreed yet */
        g_hash_table_add(table->years, GINT_TO_POINTER((int)year));
    return true;
}

bool holiday_table_has_year(const HolidayTable *table, GDateYear year) {
    return table != NULL && g_hash_table_contains(table->years, GINT_TO_POINTER((int)year));
}

bool holiday_is_working(const HolidayTable *table, const GDate *day) {
    int kind = DAY_UNLISTED;
    if (table != NULL)
        kind = GPOINTER_TO_INT(g_hash_table_lookup(table->days, GUINT_TO_POINTER(g_date_get_julian(day))));
    if (kind == DAY_UNLISTED)
        return g_date_get_weekday(day) <= G_DATE_FRIDAY;
    return kind == DAY_WORKING;
}
