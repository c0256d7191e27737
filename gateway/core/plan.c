#include "gateway/core/plan.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/digests.h"
#include "gateway/core/grouping.h"
#include "gateway/core/period.h"
#include "gateway/core/questions.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"
#include "gateway/core/rota.h"
#include "gateway/core/schedule.h"
#include "gateway/core/urgent.h"

#define HOUR_S 3600
/* Periods are looked for this far beyond the stages: quiet hours, off-days and changes of the clocks. */
#define WINDOW_MARGIN_S (3 * CALENDAR_DAY_S)
/* plan_next_instant() looks this far ahead. */
#define NEXT_HORIZON_S (366 * CALENDAR_DAY_S)

/* How many days a stage lies before (negative) or after the due day, over all stages of an obligation. */
static void stage_reach(const Obligation *obligation, int *ret_before_days, int *ret_after_days) {
    const GArray *lists[] = {obligation->reminders, obligation->overdue};
    int before = 0, after = obligation->has_summary ? MAX(obligation->summary.days, 0) : 0;
    if (obligation->has_digest)
        after = MAX(after, obligation->digest.days + DIGEST_LATER_S / CALENDAR_DAY_S);
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint j = 0; lists[i] != NULL && j < lists[i]->len; j++) {
            int days = g_array_index(lists[i], Stage, j).days;
            before = MIN(before, days);
            after = MAX(after, days);
        }
    *ret_before_days = -before;
    *ret_after_days = after;
}

/* The periods of which a stage or summary may be in force within from_s..to_s. */
static GPtrArray *periods_near(const Programme *programme, const Obligation *obligation, gint64 from_s,
                               gint64 to_s) {
    int before, after;
    stage_reach(obligation, &before, &after);
    gint64 life_s = MAX(REMINDERS_LAST_STAGE_S, PLAN_SUMMARY_LIFE_S) + schedule_grace_max_s(obligation);
    return period_list(programme, obligation,
                       from_s - (gint64)after * CALENDAR_DAY_S - life_s - WINDOW_MARGIN_S,
                       to_s + (gint64)before * CALENDAR_DAY_S + WINDOW_MARGIN_S);
}

/* --- summary
 * ------------------------------------------------------------------------------------------------ */

static gint64 summary_instant(const Programme *programme, const Obligation *obligation,
                              const Period *period) {
    /* never before everybody's time is up */
    return MAX(reminders_instant(programme, period, &obligation->summary), period->late_after_s + 1);
}

/* Whether a summary of the obligation has left before. */
static bool has_sent_summary(const View *view, const Obligation *obligation) {
    g_autofree char *prefix = g_strdup_printf("summary/%s/", obligation->id);
    GHashTableIter iterator;
    gpointer key, state;
    if (view_snapshot(view)->letter_keys == NULL)
        return false;
    g_hash_table_iter_init(&iterator, view_snapshot(view)->letter_keys);
    while (g_hash_table_iter_next(&iterator, &key, &state))
        if (GPOINTER_TO_INT(state) == OUTBOX_SENT + 1 && g_str_has_prefix(key, prefix))
            return true;
    return false;
}

/* The liaison who is shown the summary first; NULL: it leaves without. Nobody to ask never holds it up. */
static const RolePerson *approver(const View *view, const Obligation *obligation) {
    const Programme *programme = view_programme(view);
    const RolePerson *liaison = roster_role(programme, "liaison", NULL);
    bool has_address = liaison != NULL && liaison->address != NULL && *liaison->address != '\0';
    bool is_asked = programme->approve_summary == APPROVE_ALWAYS ||
                    (programme->approve_summary == APPROVE_FIRST && !has_sent_summary(view, obligation));
    return has_address && is_asked ? liaison : NULL;
}

/* The preview of the letters from first on, which wait for the liaison's word. */
static void plan_preview(const View *view, const Obligation *obligation, const Period *period,
                         const RolePerson *liaison, gint64 now_s, guint first, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    json_t *keys = json_array();
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = first; i < letters->len; i++) {
        const Letter *held = g_ptr_array_index(letters, i);
        json_array_append_new(keys, json_string(held->key));
        g_string_append_printf(names, "%s%s <%s>", names->len > 0 ? ", " : "",
                               held->to_name != NULL ? held->to_name : "", held->to_address);
    }
    const Letter *model = g_ptr_array_index(letters, first);
    Letter *letter = reminders_letter_new(programme, LETTER_SUMMARY, PRIORITY_REMINDER, obligation, period,
                                          now_s, model->expires_s);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, names->str, -1);
    letter->key = g_strdup_printf("preview/%s/%s/%.12s", obligation->id, period->key, digest);
    letter->to_address = g_strdup(liaison->address);
    letter->to_name = g_strdup(liaison->name);
    if (liaison->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(liaison->language);
    }
    letter->facts =
        json_pack("{s:b, s:o, s:s}", "is_preview", 1, "held_keys", keys, "held_names", names->str);
    letter->reason = reason_text(REASON_PREVIEW, programme->language, "obligation", obligation->id, "period",
                                 period->key, NULL);
    g_ptr_array_add(letters, letter);
}

static void plan_summary(const View *view, const Obligation *obligation, const Period *period, gint64 now_s,
                         GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    gint64 from_s = summary_instant(programme, obligation, period);
    if (now_s < from_s || now_s >= from_s + PLAN_SUMMARY_LIFE_S)
        return;
    question_groups_plan(view, obligation, period, from_s + PLAN_SUMMARY_LIFE_S, now_s, letters);
    const char *to = obligation->summary.to != NULL ? obligation->summary.to : "leader+supervisor";
    g_auto(GStrv) roles = g_strsplit(to, "+", -1);
    const RolePerson *liaison = NULL;
    bool is_asked = false;
    guint first = letters->len;
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (person->address == NULL || *person->address == '\0' ||
            !g_strv_contains((const char *const *)roles, person->role))
            continue;
        g_autofree char *address = roster_normal_address(person->address);
        /* a section head reads of the own section; who heads two reads of each */
        const char *section = strcmp(person->role, "section_head") == 0 ? person->section : NULL;
        g_autofree char *digest =
            section != NULL ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, section, -1) : NULL;
        g_autofree char *key =
            g_strdup_printf("summary/%s/%s/%s%s%.12s", obligation->id, period->key, address,
                            digest != NULL ? "/" : "", digest != NULL ? digest : "");
        if (view_letter_decided(view, key))
            continue;
        g_autoptr(Letter) letter =
            reminders_letter_new(programme, LETTER_SUMMARY, PRIORITY_SUMMARY, obligation, period, now_s,
                                 from_s + PLAN_SUMMARY_LIFE_S);
        bool is_copy = false; /* one person in two roles reads it once */
        for (guint j = 0; j < letters->len && !is_copy; j++)
            is_copy = strcmp(((const Letter *)g_ptr_array_index(letters, j))->key, key) == 0;
        if (is_copy || letter->not_before_s >= letter->expires_s)
            continue;
        letter->key = g_steal_pointer(&key);
        letter->to_address = g_strdup(person->address);
        letter->to_name = g_strdup(person->name);
        if (!is_asked) { /* looked up once, and only where a summary is due */
            liaison = approver(view, obligation);
            is_asked = true;
        }
        letter->held = liaison != NULL;
        letter->facts = section != NULL ? json_pack("{s:s}", "section", section) : NULL;
        if (person->language != NULL) {
            g_free(letter->language);
            letter->language = g_strdup(person->language);
        }
        letter->reason = reason_text(REASON_SUMMARY, view_programme(view)->language, "obligation",
                                     obligation->id, "period", period->key, "role", person->role, NULL);
        g_ptr_array_add(letters, g_steal_pointer(&letter));
    }
    if (liaison != NULL && letters->len > first)
        plan_preview(view, obligation, period, liaison, now_s, first, letters);
}

/* Whether a letter that a preview is of still waits. */
static bool preview_is_due(const View *view, const Letter *letter) {
    gsize i;
    json_t *key;
    json_array_foreach(json_object_get(letter->facts, "held_keys"), i, key) {
        gpointer state = view_snapshot(view)->letter_keys != NULL
                             ? g_hash_table_lookup(view_snapshot(view)->letter_keys, json_string_value(key))
                             : NULL;
        if (GPOINTER_TO_INT(state) == OUTBOX_HELD + 1)
            return true;
    }
    return false;
}

/* --- review notice
 * ------------------------------------------------------------------------------------------ */

/* The end of the hour in which an instant lies: open entries are told once an hour. */
static gint64 hour_end(gint64 at_s) {
    return (at_s / HOUR_S + 1) * HOUR_S;
}

/* The newest thing that the liaison has to be told: an open review entry, or mail that was held for too long.
 */
static gint64 newest_open_s(const View *view, gint64 now_s) {
    const Snapshot *snapshot = view_snapshot(view);
    gint64 newest_s = G_MININT64;
    for (guint i = 0; snapshot->reviews != NULL && i < snapshot->reviews->len; i++) {
        const ReviewItem *item = g_ptr_array_index(snapshot->reviews, i);
        if (hour_end(item->since_s) <= now_s)
            newest_s = MAX(newest_s, item->since_s);
    }
    for (guint i = 0; snapshot->pending != NULL && i < snapshot->pending->len; i++) {
        gint64 told_s =
            ((const PendingMail *)g_ptr_array_index(snapshot->pending, i))->seen_s + REMINDERS_HOLD_MAX_S;
        if (hour_end(told_s) <= now_s)
            newest_s = MAX(newest_s, told_s);
    }
    return newest_s;
}

#define LABELS_KEY "review/labels/"

static bool are_labels_due(const Snapshot *snapshot, gint64 now_s) {
    return snapshot->label_met_s != 0 && hour_end(snapshot->label_met_s) <= now_s;
}

/* The key of the notice that is due, by the hour in which its newest entry lies. Labels that nobody listed go
 * with it; alone they are told once a day. NULL: none is due, or it was decided. */
static char *review_key(const View *view, gint64 now_s) {
    GTimeZone *zone = view_programme(view)->zone;
    gint64 newest_s = newest_open_s(view, now_s);
    GDate day;
    int second;
    char text[CALENDAR_DAY_BYTES];
    if (newest_s != G_MININT64) {
        calendar_local(zone, hour_end(newest_s), &day, &second);
        calendar_day_format(&day, text);
        g_autofree char *key = g_strdup_printf("review/%sT%02d", text, second / HOUR_S);
        if (!view_letter_decided(view, key))
            return g_steal_pointer(&key);
    }
    if (!are_labels_due(view_snapshot(view), now_s))
        return NULL;
    calendar_local(zone, now_s, &day, NULL);
    calendar_day_format(&day, text);
    g_autofree char *key = g_strdup_printf(LABELS_KEY "%s", text);
    return view_letter_decided(view, key) ? NULL : g_steal_pointer(&key);
}

bool plan_tells_labels_only(const Letter *letter) {
    return letter->kind == LETTER_REVIEW_NOTICE && g_str_has_prefix(letter->key, LABELS_KEY);
}

static void plan_review(const View *view, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const RolePerson *liaison = roster_role(programme, "liaison", NULL);
    if (liaison == NULL || liaison->address == NULL || *liaison->address == '\0')
        return;
    g_autofree char *key = review_key(view, now_s);
    if (key == NULL)
        return;
    Letter *letter = reminders_letter_new(programme, LETTER_REVIEW_NOTICE, PRIORITY_ACK, NULL, NULL, now_s,
                                          now_s + PLAN_REVIEW_LIFE_S);
    letter->key = g_steal_pointer(&key);
    letter->to_address = g_strdup(liaison->address);
    letter->to_name = g_strdup(liaison->name);
    if (liaison->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(liaison->language);
    }
    letter->reason = reason_text(REASON_REVIEW_NOTICE, programme->language, NULL);
    g_ptr_array_add(letters, letter);
}

/* --- the plan
 * ----------------------------------------------------------------------------------------------- */

GPtrArray *plan(const View *view, gint64 now_s) {
    const Programme *programme = view_programme(view);
    gint64 released_s = view_snapshot(view)->released_s;
    GPtrArray *letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
    if (released_s == 0 || now_s < released_s)
        return letters;
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
        g_autoptr(GPtrArray) periods = periods_near(programme, obligation, now_s, now_s);
        for (guint j = 0; j < periods->len; j++) {
            const Period *period = g_ptr_array_index(periods, j);
            g_autoptr(GArray) stages = reminders_stages(programme, obligation, period);
            const StageSpan *span = reminders_stage_at(stages, now_s);
            if (span != NULL)
                reminders_plan(view, obligation, period, span, now_s, letters);
            if (obligation->has_summary)
                plan_summary(view, obligation, period, now_s, letters);
            digests_plan(view, obligation, period, now_s, letters);
        }
    }
    reminders_plan_extended(view, now_s, letters);
    plan_review(view, now_s, letters);
    questions_plan(view, now_s, letters);
    urgent_plan(view, now_s, letters);
    rotas_plan(view, now_s, letters);
    return letters;
}

/* Lowers *next_s to at_s if that lies between now_s and it. */
static void take_earlier(gint64 at_s, gint64 now_s, gint64 *next_s) {
    if (at_s > now_s && at_s < *next_s)
        *next_s = at_s;
}

gint64 plan_next_instant(const View *view, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const Snapshot *snapshot = view_snapshot(view);
    gint64 next_s = rotas_next_instant(view, now_s);
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
        int before_days, after_days;
        stage_reach(obligation, &before_days, &after_days);
        g_autoptr(GPtrArray) periods = periods_near(programme, obligation, now_s, now_s + NEXT_HORIZON_S);
        for (guint j = 0; j < periods->len; j++) {
            const Period *period = g_ptr_array_index(periods, j);
            g_autoptr(GArray) stages = reminders_stages(programme, obligation, period);
            for (guint k = 0; k < stages->len; k++)
                take_earlier(g_array_index(stages, StageSpan, k).from_s, now_s, &next_s);
            if (obligation->has_summary)
                take_earlier(summary_instant(programme, obligation, period), now_s, &next_s);
            take_earlier(digests_next_instant(view, obligation, period, now_s), now_s, &next_s);
            if (period->due_s - before_days * CALENDAR_DAY_S - WINDOW_MARGIN_S > next_s)
                break; /* ascending: all its stages lie later */
        }
    }
    take_earlier(reminders_next_extended(view, now_s), now_s, &next_s);
    for (guint i = 0; snapshot->pending != NULL && i < snapshot->pending->len; i++) {
        gint64 told_s =
            ((const PendingMail *)g_ptr_array_index(snapshot->pending, i))->seen_s + REMINDERS_HOLD_MAX_S;
        take_earlier(told_s, now_s, &next_s);
        take_earlier(hour_end(told_s), now_s, &next_s);
    }
    for (guint i = 0; snapshot->reviews != NULL && i < snapshot->reviews->len; i++)
        take_earlier(hour_end(((const ReviewItem *)g_ptr_array_index(snapshot->reviews, i))->since_s), now_s,
                     &next_s);
    if (snapshot->label_met_s != 0) {
        /* where today's notice of labels has left, they are told tomorrow */
        GDate day;
        calendar_local(view_programme(view)->zone, now_s, &day, NULL);
        day = calendar_day_add(&day, 1);
        take_earlier(hour_end(snapshot->label_met_s), now_s, &next_s);
        take_earlier(calendar_instant(view_programme(view)->zone, &day, 0), now_s, &next_s);
    }
    for (guint i = 0; snapshot->urgents != NULL && i < snapshot->urgents->len; i++)
        take_earlier(urgent_next_instant(g_ptr_array_index(snapshot->urgents, i), now_s), now_s, &next_s);
    for (guint i = 0; snapshot->questions != NULL && i < snapshot->questions->len; i++)
        take_earlier(
            question_next_instant(g_ptr_array_index(snapshot->questions, i), snapshot->released_s, now_s),
            now_s, &next_s);
    return next_s;
}

/* --- at send time
 * ------------------------------------------------------------------------------------------- */

static bool no_longer(const View *view, ReasonCode code, char **ret_reason) {
    if (ret_reason != NULL)
        *ret_reason = reason_text(code, view_programme(view)->language, NULL);
    return false;
}

static bool stage_still_due(const View *view, const Letter *letter, gint64 now_s, char **ret_reason) {
    const Programme *programme = view_programme(view);
    const Obligation *obligation = programme_obligation(programme, letter->obligation);
    if (obligation == NULL)
        return no_longer(view, REASON_GONE_OBLIGATION, ret_reason);
    g_autoptr(Period) period = period_by_key(programme, obligation, letter->period);
    if (period == NULL)
        return no_longer(view, REASON_GONE_PERIOD, ret_reason);
    const Organization *organization = view_organization(view, letter->org_id);
    if (organization == NULL)
        return no_longer(view, REASON_GONE_ORGANIZATION, ret_reason);
    view_extend(view, period, organization->id);
    if (letter->kind == LETTER_REMINDER && now_s >= period->due_s)
        return no_longer(view, REASON_GONE_DUE_PASSED, ret_reason);
    if (letter->kind == LETTER_OVERDUE && now_s <= period->late_after_s)
        return no_longer(view, REASON_GONE_DUE_MOVED, ret_reason);
    switch (view_standing(view, obligation, period, organization)) {
    case STANDING_OWED:
        return true;
    case STANDING_SUBMITTED:
        return no_longer(view, REASON_GONE_SUBMITTED, ret_reason);
    case STANDING_EXEMPT:
        return no_longer(view, REASON_GONE_EXEMPT, ret_reason);
    case STANDING_SUSPENDED:
        return no_longer(view, REASON_GONE_SUSPENDED, ret_reason);
    case STANDING_NOT_YET:
    case STANDING_NOT_CONCERNED:
        break;
    }
    return no_longer(view, REASON_GONE_NOT_OWED, ret_reason);
}

bool letter_still_due(const View *view, const Letter *letter, gint64 now_s, char **ret_reason) {
    const Snapshot *snapshot = view_snapshot(view);
    if (now_s >= letter->expires_s)
        return no_longer(view, REASON_GONE_EXPIRED, ret_reason);
    if (snapshot->released_s == 0 && letter->kind != LETTER_OPERATOR_ALERT)
        return no_longer(view, REASON_GONE_SILENT, ret_reason);
    switch (letter->kind) {
    case LETTER_REMINDER:
    case LETTER_OVERDUE:
        return stage_still_due(view, letter, now_s, ret_reason);
    case LETTER_REVIEW_NOTICE:
        if (newest_open_s(view, now_s) == G_MININT64 && !plan_tells_labels_only(letter))
            return no_longer(view, REASON_GONE_REVIEWED, ret_reason);
        return true;
    case LETTER_QUESTION_PASSED:
    case LETTER_OVERDUE_QUESTIONS:
    case LETTER_INQUIRY:
        if (!questions_letter_is_due(view, letter))
            return no_longer(view, REASON_GONE_QUESTIONS, ret_reason);
        return true;
    case LETTER_URGENT:
        if (!urgent_letter_is_due(view, letter))
            return no_longer(view, REASON_GONE_URGENT, ret_reason);
        return true;
    case LETTER_DUTY:
        if (!rotas_letter_is_due(view, letter))
            return no_longer(view, REASON_GONE_DUTY, ret_reason);
        return true;
    case LETTER_SECTION_DIGEST:
    case LETTER_ADVISOR_DIGEST:
        if (!digests_letter_is_due(view, letter))
            return no_longer(view, REASON_GONE_DIGEST, ret_reason);
        return true;
    case LETTER_SUMMARY:
        if (json_is_true(json_object_get(letter->facts, "is_preview")) && !preview_is_due(view, letter))
            return no_longer(view, REASON_GONE_PREVIEW, ret_reason);
        return true;
    case LETTER_PINNED_NOTICE:
    case LETTER_RETURNED:
    case LETTER_ANNOUNCE:
    case LETTER_URGENT_NOTICE:
    case LETTER_ACK:
    case LETTER_CORRECTION:
    case LETTER_DEFECT:
    case LETTER_OPERATOR_ALERT:
    case LETTER_COMMAND_ANSWER:
    case LETTER_KINDS:
        break;
    }
    return true;
}

bool letter_on_hold(const View *view, const Letter *letter, gint64 now_s, gint64 *ret_until_s) {
    if ((letter->kind != LETTER_REMINDER && letter->kind != LETTER_OVERDUE) ||
        !reminders_is_held(view, letter->org_id, now_s))
        return false;
    const PendingMail *mail = view_pending(view, letter->org_id);
    if (ret_until_s != NULL)
        *ret_until_s = (mail != NULL ? mail->seen_s : now_s) + REMINDERS_HOLD_MAX_S;
    return true;
}

gint64 letter_leaves_s(const Programme *programme, const Letter *letter, gint64 now_s) {
    bool is_for_night = letter->priority == PRIORITY_URGENT ||
                        quiet_hours_after(programme, letter->not_before_s) != letter->not_before_s;
    return is_for_night ? now_s : quiet_hours_after(programme, now_s);
}

LetterLimit letter_limit(const Programme *programme, const Letter *letter, guint sent_to_address_today,
                         guint sent_to_address_this_hour) {
    if (letter->priority <= PRIORITY_QUESTION)
        return LETTER_MAY_LEAVE; /* urgent matters have limits of their own */
    if (json_object_get(letter->facts, "nth") != NULL)
        return LETTER_MAY_LEAVE; /* a further form of a mail whose first one was counted: no loop */
    if (programme->letters_per_address_day > 0 && sent_to_address_today >= programme->letters_per_address_day)
        return LETTER_ONE_TOO_MANY;
    bool is_answer = letter->kind == LETTER_ACK || letter->kind == LETTER_CORRECTION ||
                     letter->kind == LETTER_DEFECT || letter->kind == LETTER_COMMAND_ANSWER;
    bool is_order = letter->kind == LETTER_COMMAND_ANSWER &&
                    roster_role_of_address(programme, letter->to_address) != NULL;
    guint per_hour = is_order ? LETTER_ANSWERS_PER_HOUR : LETTER_ACKS_PER_HOUR;
    return is_answer && sent_to_address_this_hour >= per_hour ? LETTER_WAITS : LETTER_MAY_LEAVE;
}
