/* The only place that reads a clock. Everything else is given `now`. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Seconds since 1970-01-01T00:00:00Z. */
gint64 clock_now_s(void);

/* Milliseconds of a clock that never jumps: for time-outs only, its zero has no meaning. */
gint64 clock_monotonic_ms(void);

/* Microseconds of the same clock, for measuring. */
gint64 clock_monotonic_us(void);

/* Milliseconds of processor time that a process has used, all its threads; 0 where there is no such process.
 */
gint64 clock_processor_ms(pid_t pid);

/* Milliseconds that are left until a monotonic deadline (never negative); -1 for a deadline of -1 (none).
 * Fits poll(2). */
int clock_left_ms(gint64 deadline_ms);

/* Parses the argument of --at (SPEC 7): "2016-06-27", "2016-06-27T10:00[:00]" in `zone` (NULL: UTC), with "Z"
 * or an offset such as +08:00 the instant itself, or "@1467000000". Sets ret_s to UTC seconds. */
bool clock_parse(const char *text, GTimeZone *zone, gint64 *ret_s, GError **error);
