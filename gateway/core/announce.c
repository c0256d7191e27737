#include "gateway/core/announce.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/plan.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

#define ANNOUNCE_LIFE_S (7 * CALENDAR_DAY_S)

typedef struct {
    const View *view;
    const Programme *programme;
    gint64 from_s, to_s, now_s;
    bool is_english;
    GPtrArray *letters;
    GHashTable *told; /* ids of parties that have their letter: who owes several obligations gets one */
} Announcement;

/* What one of them owes of an obligation, or NULL: nothing. A review is owed once there is something to
 * review. */
static json_t *task_of(const Announcement *a, const Obligation *obligation, const Organization *owner) {
    g_autoptr(GPtrArray) periods = period_list(a->programme, obligation, a->from_s, a->to_s);
    json_t *keys = json_array(), *dates = json_array();
    for (guint i = 0; i < periods->len && json_array_size(keys) < ANNOUNCE_DATES_MAX; i++) {
        const Period *period = g_ptr_array_index(periods, i);
        Standing standing = view_standing(a->view, obligation, period, owner);
        bool is_review = obligation->reviews != NULL && standing == STANDING_NOT_CONCERNED &&
                         owner->kind == obligation->owed_by;
        if (standing != STANDING_OWED && !is_review)
            continue;
        g_autofree char *text =
            calendar_instant_text(a->programme->zone, period->due_s, a->programme->language);
        json_array_append_new(keys, json_string(period->key));
        json_array_append_new(dates, json_string(text));
    }
    if (json_array_size(keys) == 0) {
        json_decref(keys);
        json_decref(dates);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:I, s:b, s:o, s:o}", "obligation", obligation->id, "title",
                     obligation_title(obligation, a->is_english), "count", (json_int_t)json_array_size(keys),
                     "is_review", obligation->reviews != NULL, "periods", keys, "dates", dates);
}

/* Who owns an obligation of the same kind and role is asked once about all of them. */
static json_t *tasks_of(const Announcement *a, const Organization *owner) {
    json_t *tasks = json_array();
    for (guint i = 0; i < a->programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(a->programme->obligations, i);
        json_t *task = task_of(a, obligation, owner);
        if (task != NULL)
            json_array_append_new(tasks, task);
    }
    return tasks;
}

static void announce_to(const Announcement *a, const Organization *owner) {
    const Programme *programme = a->programme;
    const Contact *contact = roster_contact(owner);
    GDate first, last;
    char from[CALENDAR_DAY_BYTES], to[CALENDAR_DAY_BYTES];
    if (contact == NULL || owner->suspended)
        return;
    calendar_local(programme->zone, a->from_s, &first, NULL);
    calendar_local(programme->zone, a->to_s, &last, NULL);
    json_t *tasks = tasks_of(a, owner);
    const char *least = NULL, *most = NULL;
    gsize i;
    json_t *task;
    json_array_foreach(tasks, i, task) {
        const json_t *keys = json_object_get(task, "periods");
        const char *a_key = json_string_value(json_array_get(keys, 0));
        const char *z_key = json_string_value(json_array_get(keys, json_array_size(keys) - 1));
        least = least == NULL || strcmp(a_key, least) < 0 ? a_key : least;
        most = most == NULL || strcmp(z_key, most) > 0 ? z_key : most;
    }
    if (least == NULL) {
        json_decref(tasks);
        return;
    }
    g_strlcpy(from, least, sizeof from);
    g_strlcpy(to, most, sizeof to);
    g_autofree char *key = g_strdup_printf("announce/%s..%s/org%" G_GINT64_FORMAT, from, to, owner->id);
    if (view_letter_decided(a->view, key)) {
        json_decref(tasks);
        return;
    }
    g_autofree char *span = calendar_span_text(&first, &last, programme->language);
    Letter *letter = reminders_letter_new(programme, LETTER_ANNOUNCE, PRIORITY_REMINDER, NULL, NULL, a->now_s,
                                          a->now_s + ANNOUNCE_LIFE_S);
    letter->key = g_steal_pointer(&key);
    letter->org_id = owner->id;
    letter->to_address = g_strdup(contact->address);
    letter->to_name = g_strdup(contact->name);
    letter->facts = json_pack("{s:o, s:s}", "tasks", tasks, "span_text", span);
    letter->reason = reason_text(REASON_ANNOUNCE, programme->language, "span", span, NULL);
    g_ptr_array_add(a->letters, letter);
}

GPtrArray *announce_letters(const View *view, gint64 from_s, gint64 to_s, gint64 now_s) {
    const Programme *programme = view_programme(view);
    g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
    const Announcement a = {.view = view,
                            .programme = programme,
                            .from_s = from_s,
                            .to_s = to_s,
                            .now_s = now_s,
                            .is_english = g_strcmp0(programme->language, "en") == 0,
                            .letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free),
                            .told = told};
    for (guint i = 0; i < programme->obligations->len; i++) {
        const GPtrArray *owners = view_owers(view, g_ptr_array_index(programme->obligations, i));
        for (guint j = 0; j < owners->len; j++)
            if (g_hash_table_add(told, g_ptr_array_index(owners, j)))
                announce_to(&a, g_ptr_array_index(owners, j));
    }
    return a.letters;
}
