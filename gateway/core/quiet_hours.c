#include "gateway/core/quiet_hours.h"

#include "gateway/core/calendar.h"

gint64 quiet_hours_after(const Programme *programme, gint64 at_s) {
    int from = programme->quiet_from_second, to = programme->quiet_to_second;
    if (from == to)
        return at_s;
    GDate day;
    int second;
    calendar_local(programme->zone, at_s, &day, &second);
    bool is_overnight = from > to;
    bool is_quiet = is_overnight ? second >= from || second < to : second >= from && second < to;
    if (!is_quiet)
        return at_s;
    if (is_overnight && second >= from)
        day = calendar_day_add(&day, 1);
    return MAX(calendar_instant(programme->zone, &day, CLAMP(to, 0, CALENDAR_DAY_S - 1)), at_s);
}
