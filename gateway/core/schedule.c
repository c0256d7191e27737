#include "gateway/core/schedule.h"

#include "gateway/core/calendar.h"
#include "gateway/core/error.h"

static guint n_later(const Obligation *obligation) {
    return obligation->changes != NULL ? obligation->changes->len : 0;
}

/* Version 0 is the first. */
static const Schedule *version_at(const Obligation *obligation, guint index) {
    return index == 0 ? &obligation->schedule : &g_array_index(obligation->changes, Schedule, index - 1);
}

static guint version_of_day(const Obligation *obligation, const GDate *day) {
    guint index = n_later(obligation);
    while (index > 0 && g_date_compare(&version_at(obligation, index)->from, day) > 0)
        index--;
    return index;
}

const Schedule *schedule_of_day(const Obligation *obligation, const GDate *day) {
    return version_at(obligation, version_of_day(obligation, day));
}

GArray *schedule_due_days(const Obligation *obligation, GTimeZone *zone, const GDate *from, const GDate *to) {
    if (n_later(obligation) == 0)
        return calendar_due_days(&obligation->schedule, zone, from, to);
    GArray *days = g_array_new(FALSE, FALSE, sizeof(GDate));
    guint last = version_of_day(obligation, to);
    for (guint index = version_of_day(obligation, from); index <= last; index++) {
        const Schedule *version = version_at(obligation, index);
        GDate first = *from, end = *to;
        if (index > 0 && g_date_compare(&version->from, &first) > 0)
            first = version->from;
        if (index < last)
            end = calendar_day_add(&version_at(obligation, index + 1)->from, -1);
        g_autoptr(GArray) own = calendar_due_days(version, zone, &first, &end);
        g_array_append_vals(days, own->data, own->len);
    }
    return days;
}

bool schedule_previous_due_day(const Obligation *obligation, GTimeZone *zone, const GDate *day,
                               GDate *ret_day) {
    GDate limit = *day, found, eve = calendar_day_add(day, -1);
    for (guint index = version_of_day(obligation, &eve);; index--) {
        const Schedule *version = version_at(obligation, index);
        bool any = calendar_previous_due_day(version, zone, &limit, &found);
        /* the pattern of a later version does not reach back before it */
        if (any && (index == 0 || g_date_compare(&found, &version->from) >= 0)) {
            *ret_day = found;
            return true;
        }
        if (index == 0)
            return false;
        limit = version->from;
    }
}

int schedule_grace_max_s(const Obligation *obligation) {
    int grace_s = 0;
    for (guint index = 0; index <= n_later(obligation); index++)
        grace_s = MAX(grace_s, version_at(obligation, index)->grace_s);
    return grace_s;
}

bool schedule_check(const Obligation *obligation, GError **error) {
    for (guint index = 0; index <= n_later(obligation); index++) {
        const Schedule *version = version_at(obligation, index);
        if (!calendar_check(version, error))
            return false;
        if (index > 0 && (!g_date_valid(&version->from) || version->kind == SCHEDULE_ONCE ||
                          obligation->schedule.kind == SCHEDULE_ONCE)) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "each version after the first needs from, the due date from which it holds; what is "
                        "due once has one version");
            return false;
        }
        if (index > 1 && g_date_compare(&version_at(obligation, index - 1)->from, &version->from) >= 0) {
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                        "versions must stand in the order of their from");
            return false;
        }
    }
    return true;
}
