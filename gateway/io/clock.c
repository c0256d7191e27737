#include "gateway/io/clock.h"

#include <gio/gio.h>
#include <string.h>
#include <time.h>

gint64 clock_now_s(void) {
    return g_get_real_time() / G_USEC_PER_SEC;
}

gint64 clock_monotonic_us(void) {
    return g_get_monotonic_time();
}

gint64 clock_monotonic_ms(void) {
    return g_get_monotonic_time() / 1000;
}

gint64 clock_processor_ms(pid_t pid) {
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return (gint64)used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

int clock_left_ms(gint64 deadline_ms) {
    if (deadline_ms < 0)
        return -1;
    gint64 left_ms =
        deadline_ms - clock_monotonic_ms(); /* once: CLAMP() looks twice, and time passes between */
    return (int)CLAMP(left_ms, 0, G_MAXINT);
}

/* ISO 8601 as GLib reads it; a date alone and a time without seconds are completed first. */
static GDateTime *parse_iso(const char *text, GTimeZone *zone) {
    g_autofree char *whole = g_strdup(text);
    const size_t date_length = strlen("2016-06-27");
    char *time = strlen(whole) > date_length ? whole + date_length + 1 : NULL;
    if (time != NULL && g_ascii_isspace(time[-1]))
        time[-1] = 'T';
    g_autofree char *padded = NULL;
    if (time == NULL)
        padded = g_strconcat(whole, "T00:00:00", NULL);
    else if (strlen(time) == strlen("10:00"))
        padded = g_strconcat(whole, ":00", NULL);
    return g_date_time_new_from_iso8601(padded != NULL ? padded : whole, zone);
}

bool clock_parse(const char *text, GTimeZone *zone, gint64 *ret_s, GError **error) {
    gint64 seconds;
    /* year 9999: beyond it calendars of other libraries end */
    if (text[0] == '@' &&
        g_ascii_string_to_signed(text + 1, 10, 0, G_GINT64_CONSTANT(253402300799), &seconds, NULL)) {
        *ret_s = seconds;
        return true;
    }
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) parsed = parse_iso(text, zone != NULL ? zone : utc);
    if (parsed == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "time \"%s\" is not understood: use 2016-06-27, 2016-06-27T10:00, 2016-06-27T10:00+08:00 "
                    "or @1467000000",
                    text);
        return false;
    }
    *ret_s = g_date_time_to_unix(parsed);
    return true;
}
