/* A calendar entry for a due instant (RFC 5545, RFC 5546 METHOD:PUBLISH), for telephones and mail clients. */
#pragma once

#include "gateway/core/model.h"

/* One VEVENT that ends at the due instant, with alarms a day and two hours before. uid: stable for the period
 * ("biweekly-2016-06-27-42@example.edu.cn"): a later entry replaces the earlier. summary, description: plain
 * text. The caller frees the text (CRLF, UTF-8, folded). */
char *due_entry_new(const Period *period, const char *uid, const char *organizer, const char *summary,
                    const char *description, gint64 now_s);
