#include "gateway/core/reminders.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/plan.h"
#include "gateway/core/roster.h"

gint64 reminders_instant(const Programme *programme, const Period *period, const Stage *stage) {
    GDate day;
    calendar_local(programme->zone, period->due_s, &day, NULL);
    day = calendar_day_add(&day, stage->days);
    return calendar_instant(programme->zone, &day, CLAMP(stage->second, 0, CALENDAR_DAY_S - 1));
}

char *reminders_stage_name(const Stage *stage) {
    return g_strdup_printf("T%c%dd", stage->days > 0 ? '+' : '-', ABS(stage->days));
}

static gint compare_spans(gconstpointer a, gconstpointer b) {
    const StageSpan *x = a, *y = b;
    return x->from_s < y->from_s ? -1 : x->from_s > y->from_s;
}

static void add_spans(GArray *spans, const Programme *programme, const Period *period, const GArray *stages,
                      bool is_overdue) {
    for (guint i = 0; stages != NULL && i < stages->len; i++) {
        StageSpan span = {.stage = &g_array_index(stages, Stage, i), .is_overdue = is_overdue};
        span.from_s = reminders_instant(programme, period, span.stage);
        if (is_overdue)
            span.from_s = MAX(span.from_s, period->late_after_s + 1);
        g_array_append_val(spans, span);
    }
}

GArray *reminders_stages(const Programme *programme, const Obligation *obligation, const Period *period) {
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(StageSpan));
    add_spans(spans, programme, period, obligation->reminders, false);
    add_spans(spans, programme, period, obligation->overdue, true);
    g_array_sort(spans, compare_spans);
    for (guint i = 0; i < spans->len; i++) {
        StageSpan *span = &g_array_index(spans, StageSpan, i);
        span->until_s = i + 1 < spans->len ? g_array_index(spans, StageSpan, i + 1).from_s
                                           : span->from_s + PLAN_LAST_STAGE_S;
        if (!span->is_overdue)
            span->until_s = MIN(span->until_s, period->due_s);
    }
    return spans;
}

const StageSpan *reminders_stage_at(const GArray *stages, gint64 now_s) {
    for (guint i = 0; i < stages->len; i++) {
        const StageSpan *span = &g_array_index(stages, StageSpan, i);
        if (now_s >= span->from_s && now_s < span->until_s)
            return span;
    }
    return NULL;
}

bool reminders_is_held(const View *view, gint64 org_id, gint64 now_s) {
    const PendingMail *mail = view_pending(view, org_id);
    return mail != NULL && now_s - mail->seen_s < PLAN_HOLD_MAX_S;
}

Letter *reminders_letter_new(const Programme *programme, LetterKind kind, int priority,
                             const Obligation *obligation, const Period *period, gint64 now_s,
                             gint64 until_s) {
    Letter *letter = g_new0(Letter, 1);
    letter->kind = kind;
    letter->priority = priority;
    letter->language = g_strdup(programme->language);
    letter->obligation = obligation != NULL ? g_strdup(obligation->id) : NULL;
    letter->period = period != NULL ? g_strdup(period->key) : NULL;
    letter->not_before_s = plan_after_quiet_hours(programme, now_s);
    letter->expires_s = until_s;
    return letter;
}

/* Whom a word of Stage.to means for an organization. */
typedef struct {
    const char *role; /* "" for the contact, else the word: becomes part of the key */
    const char *name, *address, *language;
} Addressee;

static bool find_addressee(const Programme *programme, const Organization *organization, const char *word,
                           Addressee *ret_addressee) {
    bool is_contact = strcmp(word, "contact") == 0;
    const Contact *contact =
        is_contact ? roster_contact(organization) : roster_contact_of_role(organization, word);
    if (contact != NULL) {
        *ret_addressee =
            (Addressee){.role = is_contact ? "" : word, .name = contact->name, .address = contact->address};
        return true;
    }
    if (is_contact)
        return false;
    /* a section head is that of the organization's own section; other roles are the programme's */
    const RolePerson *person =
        organization->section != NULL ? roster_role(programme, word, organization->section) : NULL;
    if (person == NULL) {
        person = roster_role(programme, word, NULL);
        if (person != NULL && person->section != NULL)
            person = NULL;
    }
    if (person == NULL || person->address == NULL || *person->address == '\0')
        return false;
    *ret_addressee = (Addressee){
        .role = word, .name = person->name, .address = person->address, .language = person->language};
    return true;
}

/* One letter of a stage to one person. */
static Letter *stage_letter(const View *view, const Obligation *obligation, const Period *period,
                            const StageSpan *span, const Organization *organization,
                            const Addressee *addressee, gint64 now_s) {
    const Programme *programme = view_programme(view);
    g_autofree char *stage = reminders_stage_name(span->stage);
    g_autofree char *key = g_strdup_printf(
        "%s/%s/%s/%s/org%" G_GINT64_FORMAT "%s%s", span->is_overdue ? "overdue" : "remind", obligation->id,
        period->key, stage, organization->id, *addressee->role != '\0' ? "/" : "", addressee->role);
    if (view_letter_decided(view, key))
        return NULL;
    g_autoptr(Letter) letter =
        reminders_letter_new(programme, span->is_overdue ? LETTER_OVERDUE : LETTER_REMINDER,
                             PRIORITY_REMINDER, obligation, period, now_s, span->until_s);
    if (letter->not_before_s >= letter->expires_s)
        return NULL; /* the quiet hours outlast it */
    letter->key = g_steal_pointer(&key);
    letter->org_id = organization->id;
    letter->to_address = g_strdup(addressee->address);
    letter->to_name = g_strdup(addressee->name);
    if (addressee->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(addressee->language);
    }
    letter->reason =
        g_strdup_printf("%s owes %s %s: nothing recorded, not exempt, no mail waiting; stage %s is in force",
                        organization->name, obligation->id, period->key, stage);
    return g_steal_pointer(&letter);
}

static bool has_recipient(const GPtrArray *letters, guint from, const char *address) {
    for (guint i = from; i < letters->len; i++)
        if (g_ascii_strcasecmp(((const Letter *)g_ptr_array_index(letters, i))->to_address, address) == 0)
            return true;
    return false;
}

void reminders_plan(const View *view, const Obligation *obligation, const Period *period,
                    const StageSpan *span, gint64 now_s, GPtrArray *letters) {
    const Programme *programme = view_programme(view);
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    const char *to = span->stage->to != NULL && *span->stage->to != '\0' ? span->stage->to : "contact";
    g_auto(GStrv) words = g_strsplit(to, "+", -1);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        if (view_standing(view, obligation, period, organization) != STANDING_OWED ||
            reminders_is_held(view, organization->id, now_s))
            continue;
        guint first = letters->len;
        for (char **word = words; *word != NULL; word++) {
            Addressee addressee;
            /* nobody known: the organization stands on the call list; one person gets one copy */
            if (!find_addressee(programme, organization, *word, &addressee) ||
                has_recipient(letters, first, addressee.address))
                continue;
            Letter *letter = stage_letter(view, obligation, period, span, organization, &addressee, now_s);
            if (letter != NULL)
                g_ptr_array_add(letters, letter);
        }
    }
}
