/* Dates in header fields (RFC 5322 3.3) as real programs write them → UTC seconds. Zone names are not
 * trusted: CST is China's +0800 here, not America's -0600 as GMime reads it (facts/email.md 3.7). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Reads "Mon, 13 Jun 2016 10:00:00 +0800 (CST)", its obsolete forms, asctime's, and "2016-6-13 10:00". A date
 * without a zone is in China's. ret_time_s: UTC seconds from 1970-01-01; ret_offset_s (may be NULL): offset
 * east of UTC. False and both untouched where no date can be read, or it is outside 1970..9999. */
bool mail_date_parse(const char *text, gint64 *ret_time_s, int *ret_offset_s);
