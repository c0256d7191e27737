#include "gateway/core/assign.h"

#include <string.h>

#include "gateway/core/assign_said.h"
#include "gateway/core/calendar.h"
#include "gateway/core/period.h"

/* A period may be reported before it begins, but not by more than this: the date is a typing error then. */
#define EARLY_MAX_S (31 * CALENDAR_DAY_S)
/* The last period of a schedule without an end in sight takes what comes this late. */
#define AFTER_END_MAX_S (60 * CALENDAR_DAY_S)

void assignment_clear(Assignment *assignment) {
    g_clear_pointer(&assignment->period, period_free);
    g_clear_pointer(&assignment->reason_zh, g_free);
    g_clear_pointer(&assignment->reason_en, g_free);
}

static const struct {
    const char *zh, *en;
} rule_texts[] = {
    [ASSIGN_STATED] = {"表中写明了汇报周期", "the form states the period"},
    [ASSIGN_SUBJECT] = {"邮件主题写明了汇报周期", "the subject states the period"},
    [ASSIGN_TITLE] = {"标题或附件名写明了期次", "the title or the file's name says which"},
    [ASSIGN_OWED] = {"收到时这一期还没有交", "this period was still owed when it arrived"},
    [ASSIGN_CORRECTS] = {"这一期刚刚交过，视为更正",
                         "this period has just been reported: taken as a correction"},
    [ASSIGN_RUNNING] = {"收到时正在进行的一期", "the period that was running when it arrived"},
    [ASSIGN_ONCE] = {"这张表只交一次", "this form is returned once"},
};

static const struct {
    const char *zh, *en;
} doubt_texts[] = {
    [DOUBT_NONE] = {"", ""},
    [DOUBT_FITS_NONE] = {"所写周期与安排不符；", "the period as written fits none; "},
    [DOUBT_YEAR] = {"所写年份有误；", "the year as written cannot be meant; "},
    [DOUBT_STALE] =
        {"表中所写周期已经报过，应为沿用了旧表；",
         "the period in the form has been reported already, an old form seems to have been used again; "},
};

/* Takes period over. */
static void settle(const Programme *programme, Period *period, AssignRule rule, AssignDoubt doubt,
                   Assignment *ret_assignment) {
    g_autofree char *span_zh = calendar_span_text(&period->first, &period->last, "zh");
    g_autofree char *span_en = calendar_span_text(&period->first, &period->last, "en");
    g_autofree char *due_zh = calendar_instant_text(programme->zone, period->due_s, "zh");
    g_autofree char *due_en = calendar_instant_text(programme->zone, period->due_s, "en");
    ret_assignment->period = period;
    ret_assignment->rule = rule;
    ret_assignment->doubt = doubt;
    ret_assignment->reason_zh =
        g_strdup_printf("%s%s：%s，截止%s", doubt_texts[doubt].zh, rule_texts[rule].zh, span_zh, due_zh);
    ret_assignment->reason_en =
        g_strdup_printf("%s%s: %s, due %s", doubt_texts[doubt].en, rule_texts[rule].en, span_en, due_en);
}

/* The period that the sender wrote, or NULL: none, or none that can be meant. */
static Period *stated_period(const Programme *programme, const Obligation *obligation, const json_t *stated,
                             gint64 received_s, AssignDoubt *ret_doubt) {
    GDate first, last;
    if (!calendar_day_parse(json_string_value(json_object_get(stated, "start")), &first) ||
        !calendar_day_parse(json_string_value(json_object_get(stated, "end")), &last)) {
        *ret_doubt = DOUBT_FITS_NONE;
        return NULL;
    }
    g_autoptr(Period) period = period_of_days(programme, obligation, &first, &last);
    if (period == NULL || ABS(period->due_s - received_s) > ASSIGN_STATED_MAX_S ||
        calendar_instant(programme->zone, &period->first, 0) > received_s + EARLY_MAX_S) {
        g_clear_pointer(&period, period_free);
        period = assign_other_year(programme, obligation, &first, &last, received_s);
        *ret_doubt = period != NULL ? DOUBT_YEAR : DOUBT_FITS_NONE;
    }
    return g_steal_pointer(&period);
}

static Standing standing_of(const View *view, const Obligation *obligation, const Period *period,
                            gint64 org_id) {
    const Organization *organization = org_id != 0 ? view_organization(view, org_id) : NULL;
    return organization != NULL ? view_standing(view, obligation, period, organization) : STANDING_OWED;
}

/* How long after its due instant a period still takes a report that states none: never as long as a period
 * lasts, else a weekly report that is on time would always settle the week that was missed before. */
static gint64 late_window(const Period *last, const Period *running) {
    if (last == NULL || running == NULL)
        return ASSIGN_LATE_MAX_S;
    return MIN(ASSIGN_LATE_MAX_S, (running->due_s - last->due_s) * 5 / 7);
}

/* By arrival: see assign_period(). */
static Period *arrival_period(const View *view, const Obligation *obligation, gint64 org_id,
                              gint64 received_s, AssignRule *ret_rule) {
    const Period *running;
    const GPtrArray *before = view_arrival(view, obligation, received_s, AFTER_END_MAX_S, &running);
    const Period *last = before->len > 0 ? g_ptr_array_index(before, before->len - 1) : NULL;
    if (last != NULL && last->due_s < received_s - AFTER_END_MAX_S)
        last = NULL;
    gint64 late_max_s = late_window(last, running);
    for (guint i = 0; last != NULL && i < before->len; i++) {
        const Period *period = g_ptr_array_index(before, i);
        if (period->due_s >= received_s - MIN(late_max_s, AFTER_END_MAX_S) &&
            standing_of(view, obligation, period, org_id) == STANDING_OWED) {
            *ret_rule = ASSIGN_OWED;
            return period_copy(period);
        }
    }
    if (last != NULL && (running == NULL || received_s - last->due_s < (running->due_s - last->due_s) / 4) &&
        standing_of(view, obligation, last, org_id) == STANDING_SUBMITTED) {
        *ret_rule = ASSIGN_CORRECTS;
        return period_copy(last);
    }
    *ret_rule = running != NULL ? ASSIGN_RUNNING : ASSIGN_OWED;
    const Period *found = running != NULL ? running : last;
    return found != NULL ? period_copy(found) : NULL;
}

/* What words say: the first place that names a period. outside: not the form itself. */
static Period *said_period(const Programme *programme, const Obligation *obligation, const json_t *parse,
                           bool outside, gint64 received_s, AssignRule *ret_rule) {
    static const struct {
        const char *source;
        AssignRule rule;
    } places[] = {{"form", ASSIGN_STATED},
                  {"subject", ASSIGN_SUBJECT},
                  {"title", ASSIGN_TITLE},
                  {"file", ASSIGN_TITLE}};
    for (gsize p = outside; p < G_N_ELEMENTS(places); p++) {
        gsize i;
        json_t *hint;
        json_array_foreach(json_object_get(parse, "period_said"), i, hint) {
            if (g_strcmp0(json_string_value(json_object_get(hint, "source")), places[p].source) != 0 ||
                (outside && json_object_get(hint, "day") != NULL))
                continue;
            Period *period = assign_said(programme, obligation, hint, received_s);
            if (period == NULL)
                continue;
            *ret_rule = places[p].rule;
            return period;
        }
    }
    return NULL;
}

/* The form states a period that is settled, another place one that is owed. Takes stated. */
static Period *prefer_owed(const View *view, const Obligation *obligation, gint64 org_id, const json_t *parse,
                           Period *stated, gint64 received_s, AssignRule *rule, AssignDoubt *doubt) {
    g_autoptr(Period) first = stated;
    AssignRule other_rule = ASSIGN_SUBJECT;
    g_autoptr(Period) other =
        said_period(view_programme(view), obligation, parse, true, received_s, &other_rule);
    if (other == NULL || strcmp(other->key, first->key) == 0 ||
        standing_of(view, obligation, first, org_id) != STANDING_SUBMITTED ||
        standing_of(view, obligation, other, org_id) != STANDING_OWED)
        return g_steal_pointer(&first);
    *rule = other_rule;
    *doubt = DOUBT_STALE;
    return g_steal_pointer(&other);
}

static Period *written_period(const View *view, const Obligation *obligation, gint64 org_id,
                              const json_t *parse, gint64 received_s, AssignRule *ret_rule,
                              AssignDoubt *ret_doubt) {
    const json_t *stated = json_object_get(parse, "period");
    const char *source = json_string_value(json_object_get(parse, "period_source"));
    const Programme *programme = view_programme(view);
    Period *period = NULL;
    *ret_rule = g_strcmp0(source, "subject") == 0 ? ASSIGN_SUBJECT : ASSIGN_STATED;
    if (json_is_object(stated) && g_strcmp0(source, "arrival") != 0)
        period = stated_period(programme, obligation, stated, received_s, ret_doubt);
    if (period != NULL && *ret_rule == ASSIGN_STATED)
        return prefer_owed(view, obligation, org_id, parse, period, received_s, ret_rule, ret_doubt);
    return period != NULL ? period : said_period(programme, obligation, parse, false, received_s, ret_rule);
}

bool assign_period(const View *view, const Obligation *obligation, gint64 org_id, const json_t *parse,
                   gint64 received_s, Assignment *ret_assignment) {
    const Programme *programme = view_programme(view);
    AssignRule rule = ASSIGN_STATED;
    AssignDoubt doubt = DOUBT_NONE;
    g_autoptr(Period) period = NULL;
    if (obligation->schedule.kind == SCHEDULE_ONCE) {
        rule = ASSIGN_ONCE;
        char key[CALENDAR_DAY_BYTES];
        if (g_date_valid(&obligation->schedule.once)) {
            calendar_day_format(&obligation->schedule.once, key);
            period = period_by_key(programme, obligation, key);
        }
    } else {
        period = written_period(view, obligation, org_id, parse, received_s, &rule, &doubt);
        if (period == NULL)
            period = arrival_period(view, obligation, org_id, received_s, &rule);
    }
    if (period == NULL)
        return false;
    settle(programme, g_steal_pointer(&period), rule, doubt, ret_assignment);
    return true;
}

/* Of a period's time, the part at its end in which a report is its own and no correction of the last one. */
#define END_PART_OF_PERIOD 0.4

bool assign_later_owed(const View *view, const Obligation *obligation, gint64 org_id, const Period *stated,
                       gint64 received_s, Assignment *ret_assignment) {
    AssignRule rule;
    g_autoptr(Period) later = arrival_period(view, obligation, org_id, received_s, &rule);
    if (later == NULL || later->due_s <= stated->due_s ||
        standing_of(view, obligation, later, org_id) != STANDING_OWED)
        return false;
    g_autoptr(Period) before = period_previous(view_programme(view), obligation, later);
    gint64 length_s = later->due_s - (before != NULL ? before->due_s : stated->due_s);
    if (received_s < later->due_s - (gint64)((double)length_s * END_PART_OF_PERIOD))
        return false;
    settle(view_programme(view), g_steal_pointer(&later), rule, DOUBT_STALE, ret_assignment);
    return true;
}
