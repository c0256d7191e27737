#include "gateway/core/rota.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/plan.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"
#include "gateway/core/schedule.h"

/* Turns are looked for this far ahead and back: reminders reach some days. */
#define WINDOW_S (70 * (gint64)CALENDAR_DAY_S)

const RolePerson *rota_find_person(const Programme *programme, const char *text) {
    for (guint i = 0; text != NULL && i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (g_strcmp0(person->name, text) == 0 ||
            (person->address != NULL && g_ascii_strcasecmp(person->address, text) == 0))
            return person;
    }
    return NULL;
}

static const RolePerson *swapped(const View *view, const Rota *rota, const char *day) {
    const GPtrArray *swaps = view_snapshot(view)->swaps;
    for (guint i = 0; swaps != NULL && i < swaps->len; i++) {
        const RotaSwap *swap = g_ptr_array_index(swaps, i);
        if (strcmp(swap->rota, rota->turns->id) == 0 && strcmp(swap->day, day) == 0)
            return rota_find_person(view_programme(view), swap->person);
    }
    return NULL;
}

const RolePerson *rota_person(const View *view, const Rota *rota, const GDate *day) {
    const Programme *programme = view_programme(view);
    char text[CALENDAR_DAY_BYTES];
    calendar_day_format(day, text);
    const RolePerson *other = swapped(view, rota, text);
    if (other != NULL)
        return other;
    g_auto(GStrv) roles = g_strsplit(rota->roles, "+", -1);
    g_autoptr(GPtrArray) people = g_ptr_array_new();
    for (guint i = 0; i < programme->roles->len; i++) {
        RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (g_strv_contains((const char *const *)roles, person->role))
            g_ptr_array_add(people, person);
    }
    g_autoptr(GArray) days =
        schedule_due_days(rota->turns, programme->zone, &rota->turns->schedule.first_due, day);
    return people->len > 0 && days->len > 0 ? g_ptr_array_index(people, (days->len - 1) % people->len) : NULL;
}

static bool has_address(const RolePerson *person) {
    return person != NULL && person->address != NULL && *person->address != '\0';
}

static void put(const View *view, const Rota *rota, const Period *turn, const StageSpan *span,
                const RolePerson *person, const RolePerson *to, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    bool is_copy = person != to;
    const char *language = to->language != NULL ? to->language : programme->language;
    bool is_english = g_strcmp0(language, "en") == 0;
    const char *title =
        is_english && rota->turns->title_en != NULL ? rota->turns->title_en : rota->turns->title_zh;
    g_autofree char *stage = reminders_stage_name(span->stage);
    g_autofree char *who = roster_normal_address(person->address != NULL ? person->address : person->name);
    g_autofree char *key =
        g_strdup_printf("duty/%s/%s/%s/%s%s", rota->turns->id, turn->key, stage, who, is_copy ? "/copy" : "");
    if (view_letter_decided(view, key))
        return;
    g_autofree char *when = calendar_instant_text(programme->zone, turn->due_s, language);
    Letter *letter =
        reminders_letter_new(programme, LETTER_DUTY, PRIORITY_REMINDER, NULL, NULL, now_s, span->until_s);
    if (letter->not_before_s >= letter->expires_s) {
        letter_free(letter);
        return;
    }
    letter->key = g_steal_pointer(&key);
    letter->to_address = g_strdup(to->address);
    letter->to_name = g_strdup(to->name);
    g_free(letter->language);
    letter->language = g_strdup(language);
    letter->facts =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "rota", rota->turns->id, "day", turn->key, "person",
                  person->name, "title", title != NULL ? title : rota->turns->id, "when_text", when,
                  "person_name", person->name, "is_copy", is_copy);
    letter->reason = reason_text(is_copy ? REASON_DUTY_COPY : REASON_DUTY, programme->language, "day",
                                 turn->key, "name", person->name, "duty", title, NULL);
    g_ptr_array_add(letters, letter);
}

void rotas_plan(const View *view, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    for (guint i = 0; i < programme->rotas->len; i++) {
        const Rota *rota = g_ptr_array_index(programme->rotas, i);
        g_autoptr(GPtrArray) turns = period_list(programme, rota->turns, now_s, now_s + WINDOW_S);
        for (guint j = 0; j < turns->len; j++) {
            const Period *turn = g_ptr_array_index(turns, j);
            g_autoptr(GArray) stages = reminders_stages(programme, rota->turns, turn);
            const StageSpan *span = reminders_stage_at(stages, now_s);
            const RolePerson *person = span != NULL ? rota_person(view, rota, &turn->last) : NULL;
            const RolePerson *copy = rota->copy != NULL ? roster_role(programme, rota->copy, NULL) : NULL;
            if (person != NULL && has_address(person))
                put(view, rota, turn, span, person, person, now_s, letters);
            if (person != NULL && has_address(copy) && copy != person)
                put(view, rota, turn, span, person, copy, now_s, letters);
        }
    }
}

gint64 rotas_next_instant(const View *view, gint64 now_s) {
    const Programme *programme = view_programme(view);
    gint64 next_s = G_MAXINT64;
    for (guint i = 0; i < programme->rotas->len; i++) {
        const Rota *rota = g_ptr_array_index(programme->rotas, i);
        g_autoptr(GPtrArray) turns = period_list(programme, rota->turns, now_s, now_s + WINDOW_S);
        for (guint j = 0; j < turns->len; j++) {
            g_autoptr(GArray) stages = reminders_stages(programme, rota->turns, g_ptr_array_index(turns, j));
            for (guint k = 0; k < stages->len; k++) {
                gint64 from_s = g_array_index(stages, StageSpan, k).from_s;
                if (from_s > now_s)
                    next_s = MIN(next_s, from_s);
            }
        }
    }
    return next_s;
}

bool rotas_letter_is_due(const View *view, const Letter *letter) {
    const Programme *programme = view_programme(view);
    const char *id = json_string_value(json_object_get(letter->facts, "rota"));
    GDate day;
    if (!calendar_day_parse(json_string_value(json_object_get(letter->facts, "day")), &day))
        return false;
    for (guint i = 0; i < programme->rotas->len; i++) {
        const Rota *rota = g_ptr_array_index(programme->rotas, i);
        const RolePerson *person = g_strcmp0(rota->turns->id, id) == 0 ? rota_person(view, rota, &day) : NULL;
        if (person != NULL)
            return g_strcmp0(person->name, json_string_value(json_object_get(letter->facts, "person"))) == 0;
    }
    return false;
}
