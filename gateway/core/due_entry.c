#include "gateway/core/due_entry.h"

#include <libical/ical.h>

#include "gateway/core/mustache_escape.h"

/* Half an hour: a calendar shows it as a block that can be seen, and it ends when it is due. */
#define ENTRY_S     (30 * 60)
#define ALARM_DAY_S (24 * 3600)
#define ALARM_2H_S  (2 * 3600)

static struct icaltimetype utc_time(gint64 at_s) {
    return icaltime_from_timet_with_zone((time_t)at_s, 0, icaltimezone_get_utc_timezone());
}

/* before_s counts from the end of the entry: the due instant. */
static icalcomponent *alarm_new(int before_s, const char *description) {
    struct icaltriggertype trigger = {.time = icaltime_null_time(),
                                      .duration = icaldurationtype_from_int(-before_s)};
    icalproperty *property = icalproperty_new_trigger(trigger);
    icalproperty_add_parameter(property, icalparameter_new_related(ICAL_RELATED_END));
    return icalcomponent_vanew(ICAL_VALARM_COMPONENT, icalproperty_new_action(ICAL_ACTION_DISPLAY),
                               icalproperty_new_description(description), property, (void *)0);
}

char *due_entry_new(const Period *period, const char *uid, const char *organizer, const char *summary,
                    const char *description, gint64 now_s) {
    g_autofree char *title = mustache_clean_line(summary, 0), *text = mustache_clean_line(description, 0);
    g_autofree char *from = g_strconcat("mailto:", organizer, NULL);
    icalcomponent *event = icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid(uid), icalproperty_new_dtstamp(utc_time(now_s)),
        icalproperty_new_dtstart(utc_time(period->due_s - ENTRY_S)),
        icalproperty_new_dtend(utc_time(period->due_s)), icalproperty_new_summary(title),
        icalproperty_new_description(text), icalproperty_new_organizer(from),
        icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT), alarm_new(ALARM_DAY_S, title),
        alarm_new(ALARM_2H_S, title), (void *)0);
    icalcomponent *calendar = icalcomponent_vanew(
        ICAL_VCALENDAR_COMPONENT, icalproperty_new_prodid("-//fortnight//due entry//EN"),
        icalproperty_new_version("2.0"), icalproperty_new_method(ICAL_METHOD_PUBLISH), event, (void *)0);
    char *folded = icalcomponent_as_ical_string_r(calendar);
    char *entry = g_strdup(folded);
    icalmemory_free_buffer(folded);
    icalcomponent_free(calendar);
    return entry;
}
