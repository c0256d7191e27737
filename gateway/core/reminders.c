#include "gateway/core/reminders.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/quiet_hours.h"
#include "gateway/core/reason.h"
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
                                           : span->from_s + REMINDERS_LAST_STAGE_S;
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
    if (view_snapshot(view)->is_mailbox_unseen)
        return true;
    const PendingMail *mail = view_pending(view, org_id);
    return mail != NULL && now_s - mail->seen_s < REMINDERS_HOLD_MAX_S;
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
    letter->not_before_s = quiet_hours_after(programme, now_s);
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

/* A stage of a period for one organization. */
typedef struct {
    const View *view;
    const Obligation *obligation;
    const Period *period; /* with its extension */
    char *name;           /* of the stage, as it stands in keys */
    char **words;         /* whom it goes to */
    GString *key;         /* "remind/…/org" and room for the rest */
    gsize prefix_bytes;
    bool is_overdue;
    gint64 until_s;
} Occasion;

/* name is taken over. */
static Occasion occasion_new(const View *view, const Obligation *obligation, const Period *period, char *name,
                             const char *to, bool is_overdue, gint64 until_s) {
    Occasion occasion = {.view = view,
                         .obligation = obligation,
                         .period = period,
                         .name = name,
                         .words = g_strsplit(to != NULL && *to != '\0' ? to : "contact", "+", -1),
                         .key = g_string_new(NULL),
                         .is_overdue = is_overdue,
                         .until_s = until_s};
    g_string_printf(occasion.key, "%s/%s/%s/%s/org", is_overdue ? "overdue" : "remind", obligation->id,
                    period->key, occasion.name);
    occasion.prefix_bytes = occasion.key->len;
    return occasion;
}

static void occasion_clear(Occasion *occasion) {
    g_free(occasion->name);
    g_strfreev(occasion->words);
    g_string_free(occasion->key, TRUE);
}

/* Most letters of a stage have been decided when it is looked at again: their keys are made without
 * formatting. The result belongs to the occasion. */
static const char *occasion_key(const Occasion *occasion, gint64 org_id, const char *role) {
    char digits[24];
    gsize i = sizeof digits;
    guint64 rest = org_id < 0 ? -(guint64)org_id : (guint64)org_id;
    do
        digits[--i] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (org_id < 0)
        digits[--i] = '-';
    g_string_truncate(occasion->key, occasion->prefix_bytes);
    g_string_append_len(occasion->key, digits + i, (gssize)(sizeof digits - i));
    if (*role != '\0') {
        g_string_append_c(occasion->key, '/');
        g_string_append(occasion->key, role);
    }
    return occasion->key->str;
}

/* One letter of a stage to one person. */
static Letter *stage_letter(const Occasion *occasion, const Organization *organization,
                            const Addressee *addressee, gint64 now_s) {
    const Programme *programme = view_programme(occasion->view);
    const char *key = occasion_key(occasion, organization->id, addressee->role);
    if (view_letter_decided(occasion->view, key))
        return NULL;
    g_autoptr(Letter) letter = reminders_letter_new(
        programme, occasion->is_overdue ? LETTER_OVERDUE : LETTER_REMINDER, PRIORITY_REMINDER,
        occasion->obligation, occasion->period, now_s, occasion->until_s);
    if (letter->not_before_s >= letter->expires_s)
        return NULL; /* the quiet hours outlast it */
    letter->key = g_strdup(key);
    letter->org_id = organization->id;
    letter->to_address = g_strdup(addressee->address);
    letter->to_name = g_strdup(addressee->name);
    if (addressee->language != NULL) {
        g_free(letter->language);
        letter->language = g_strdup(addressee->language);
    }
    letter->reason =
        reason_text(REASON_STAGE, programme->language, "organization", organization->name, "obligation",
                    occasion->obligation->id, "period", occasion->period->key, "stage", occasion->name, NULL);
    return g_steal_pointer(&letter);
}

static bool has_recipient(const GPtrArray *letters, guint from, const char *address) {
    for (guint i = from; i < letters->len; i++)
        if (g_ascii_strcasecmp(((const Letter *)g_ptr_array_index(letters, i))->to_address, address) == 0)
            return true;
    return false;
}

static void plan_organization(const Occasion *occasion, const Organization *organization, gint64 now_s,
                              GPtrArray *letters) {
    const Programme *programme = view_programme(occasion->view);
    if (view_standing(occasion->view, occasion->obligation, occasion->period, organization) !=
            STANDING_OWED ||
        reminders_is_held(occasion->view, organization->id, now_s))
        return;
    guint first = letters->len;
    for (char **word = occasion->words; *word != NULL; word++) {
        Addressee addressee;
        /* nobody known: the organization stands on the call list; one person gets one copy */
        if (!find_addressee(programme, organization, *word, &addressee) ||
            has_recipient(letters, first, addressee.address))
            continue;
        Letter *letter = stage_letter(occasion, organization, &addressee, now_s);
        if (letter != NULL)
            g_ptr_array_add(letters, letter);
    }
}

void reminders_plan(const View *view, const Obligation *obligation, const Period *period,
                    const StageSpan *span, gint64 now_s, GPtrArray *letters) {
    const GPtrArray *organizations = view_owers(view, obligation);
    Occasion occasion = occasion_new(view, obligation, period, reminders_stage_name(span->stage),
                                     span->stage->to, span->is_overdue, span->until_s);
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        Period extended = *period;
        if (!view_extend(view, &extended, organization->id))
            plan_organization(&occasion, organization, now_s, letters);
    }
    occasion_clear(&occasion);
}

/* --- extensions
 * ------------------------------------------------------------------------------------------------ */

/* The period of an extension with its due instant moved, or NULL. */
static Period *extended_period(const View *view, const Extension *extension,
                               const Obligation **ret_obligation) {
    const Programme *programme = view_programme(view);
    const Obligation *obligation = programme_obligation(programme, extension->obligation);
    Period *period = obligation != NULL ? period_by_key(programme, obligation, extension->period) : NULL;
    if (period != NULL)
        view_extend(view, period, extension->org_id);
    *ret_obligation = obligation;
    return period;
}

void reminders_plan_extended(const View *view, gint64 now_s, GPtrArray *letters) {
    const GPtrArray *extensions = view_snapshot(view)->extensions;
    for (guint i = 0; extensions != NULL && i < extensions->len; i++) {
        const Extension *extension = g_ptr_array_index(extensions, i);
        const Organization *organization = view_organization(view, extension->org_id);
        const Obligation *obligation;
        g_autoptr(Period) period = extended_period(view, extension, &obligation);
        if (period == NULL || organization == NULL)
            continue;
        g_autoptr(GArray) stages = reminders_stages(view_programme(view), obligation, period);
        const StageSpan *span = reminders_stage_at(stages, now_s);
        if (span == NULL)
            continue;
        char day_text[CALENDAR_DAY_BYTES];
        GDate day;
        calendar_local(view_programme(view)->zone, period->due_s, &day, NULL);
        calendar_day_format(&day, day_text);
        g_autofree char *stage = reminders_stage_name(span->stage);
        Occasion occasion = occasion_new(view, obligation, period, g_strdup_printf("%s@%s", stage, day_text),
                                         span->stage->to, span->is_overdue, span->until_s);
        plan_organization(&occasion, organization, now_s, letters);
        occasion_clear(&occasion);
    }
}

gint64 reminders_next_extended(const View *view, gint64 now_s) {
    const GPtrArray *extensions = view_snapshot(view)->extensions;
    gint64 next_s = G_MAXINT64;
    for (guint i = 0; extensions != NULL && i < extensions->len; i++) {
        const Obligation *obligation;
        g_autoptr(Period) period = extended_period(view, g_ptr_array_index(extensions, i), &obligation);
        if (period == NULL)
            continue;
        g_autoptr(GArray) stages = reminders_stages(view_programme(view), obligation, period);
        for (guint j = 0; j < stages->len; j++) {
            gint64 from_s = g_array_index(stages, StageSpan, j).from_s;
            if (from_s > now_s)
                next_s = MIN(next_s, from_s);
        }
    }
    return next_s;
}

Letter *reminders_asked(const View *view, const Obligation *obligation, const Period *period,
                        const Organization *organization, const char *tag, gint64 now_s) {
    g_autoptr(Period) own = period_copy(period);
    g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
    view_extend(view, own, organization->id);
    bool is_overdue = now_s > own->late_after_s;
    Occasion occasion = occasion_new(view, obligation, own, g_strdup(tag), "contact", is_overdue,
                                     is_overdue ? now_s + REMINDERS_LAST_STAGE_S : own->due_s);
    plan_organization(&occasion, organization, now_s, letters);
    occasion_clear(&occasion);
    return letters->len > 0 ? g_ptr_array_steal_index(letters, 0) : NULL;
}
