#include "gateway/core/view.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/roster.h"

/* The submissions of one obligation and period. */
typedef struct {
    GPtrArray *submissions; /* Submission*, not owned */
    GHashTable *by_org;     /* &Submission.org_id → Submission* */
} PeriodIndex;

/* What only intake asks for: built when first asked, so that plan() does not pay for normal forms. The last
 * two only where a name is not on the roster as written. */
typedef struct {
    GHashTable *addresses; /* normal address → Organization*, or NULL where it speaks for several */
    GHashTable *names;     /* normal name → GPtrArray of Organization* */
    GPtrArray *entries;    /* NameEntry*, owned; NULL: not built */
    NameVocabulary *vocabulary;
} NameIndex;

struct View {
    Snapshot *snapshot;
    GHashTable *organizations; /* &Organization.id → Organization* */
    GHashTable *periods;       /* "obligation\nperiod" → PeriodIndex* */
    GHashTable *exemptions;    /* &Exemption.org_id → GPtrArray of Exemption*: a few each */
    GHashTable *extensions;    /* "org\nobligation\nperiod" → Extension* */
    GHashTable *owers;         /* Obligation* → GPtrArray of Organization*: of sections and persons */
    GHashTable *pending;       /* &PendingMail.org_id → the oldest PendingMail* */
    NameIndex *names;
    GHashTable *arrivals; /* Obligation* → Arrival* */
};

/* What view_arrival() answers from from_s to to_s. */
typedef struct {
    gint64 from_s, to_s, back_s;
    GPtrArray *recent; /* Period*, owned */
    Period *running;   /* or NULL */
} Arrival;

static void arrival_free(Arrival *arrival) {
    g_ptr_array_unref(arrival->recent);
    g_clear_pointer(&arrival->running, period_free);
    g_free(arrival);
}

static void period_index_free(PeriodIndex *index) {
    g_ptr_array_unref(index->submissions);
    g_hash_table_unref(index->by_org);
    g_free(index);
}

static void name_index_free(NameIndex *names) {
    if (names == NULL)
        return;
    g_hash_table_unref(names->addresses);
    g_hash_table_unref(names->names);
    g_clear_pointer(&names->entries, g_ptr_array_unref);
    name_vocabulary_free(names->vocabulary);
    g_free(names);
}

static void name_entry_free(NameEntry *entry) {
    name_form_free(entry->form);
    g_free(entry->normal);
    g_free(entry);
}

static PeriodIndex *period_index(GHashTable *periods, const char *obligation, const char *period,
                                 bool create) {
    char buffer[128]; /* ids and keys are short; longer ones take the heap */
    g_autofree char *heap = NULL;
    char *key = buffer;
    gsize obligation_bytes = strlen(obligation), period_bytes = strlen(period);
    if (obligation_bytes + period_bytes + 2 > sizeof buffer)
        key = heap = g_malloc(obligation_bytes + period_bytes + 2);
    /* by hand: asked once an organization and period, formatted output took half of a decision's time */
    memcpy(key, obligation, obligation_bytes);
    key[obligation_bytes] = '\n';
    memcpy(key + obligation_bytes + 1, period, period_bytes + 1);
    PeriodIndex *index = g_hash_table_lookup(periods, key);
    if (index == NULL && create) {
        index = g_new0(PeriodIndex, 1);
        index->submissions = g_ptr_array_new();
        index->by_org = g_hash_table_new(g_int64_hash, g_int64_equal);
        g_hash_table_insert(periods, g_strdup(key), index);
    }
    return index;
}

static void index_submissions(View *view) {
    const Submission *last = NULL; /* snapshots come period by period: one look-up a run is enough */
    PeriodIndex *index = NULL;
    for (guint i = 0; i < view->snapshot->submissions->len; i++) {
        Submission *submission = g_ptr_array_index(view->snapshot->submissions, i);
        if (submission->obligation == NULL || submission->period == NULL)
            continue;
        if (last == NULL || strcmp(last->period, submission->period) != 0 ||
            strcmp(last->obligation, submission->obligation) != 0)
            index = period_index(view->periods, submission->obligation, submission->period, true);
        g_ptr_array_add(index->submissions, submission);
        g_hash_table_insert(index->by_org, &submission->org_id, submission);
        last = submission;
    }
}

static char *extension_key(gint64 org_id, const char *obligation, const char *period) {
    return g_strdup_printf("%" G_GINT64_FORMAT "\n%s\n%s", org_id, obligation, period);
}

View *view_new(Snapshot *snapshot) {
    View *view = g_new0(View, 1);
    view->snapshot = snapshot;
    view->organizations = g_hash_table_new(g_int64_hash, g_int64_equal);
    view->periods = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)period_index_free);
    view->exemptions =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    view->extensions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    view->owers = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
    view->pending = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < snapshot->organizations->len; i++) {
        Organization *organization = g_ptr_array_index(snapshot->organizations, i);
        g_hash_table_insert(view->organizations, &organization->id, organization);
    }
    for (guint i = 0; snapshot->parties != NULL && i < snapshot->parties->len; i++) {
        Organization *party = g_ptr_array_index(snapshot->parties, i);
        g_hash_table_insert(view->organizations, &party->id, party);
    }
    for (guint i = 0; snapshot->exemptions != NULL && i < snapshot->exemptions->len; i++) {
        Exemption *exemption = g_ptr_array_index(snapshot->exemptions, i);
        GPtrArray *list = g_hash_table_lookup(view->exemptions, &exemption->org_id);
        if (list == NULL) {
            list = g_ptr_array_new();
            g_hash_table_insert(view->exemptions, &exemption->org_id, list);
        }
        g_ptr_array_add(list, exemption);
    }
    for (guint i = 0; snapshot->extensions != NULL && i < snapshot->extensions->len; i++) {
        Extension *extension = g_ptr_array_index(snapshot->extensions, i);
        g_hash_table_insert(view->extensions,
                            extension_key(extension->org_id, extension->obligation, extension->period),
                            extension);
    }
    for (guint i = 0; snapshot->pending != NULL && i < snapshot->pending->len; i++) {
        PendingMail *mail = g_ptr_array_index(snapshot->pending, i);
        const PendingMail *known = g_hash_table_lookup(view->pending, &mail->org_id);
        if (mail->org_id != 0 && (known == NULL || mail->seen_s < known->seen_s))
            g_hash_table_insert(view->pending, &mail->org_id, mail);
    }
    view->arrivals = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)arrival_free);
    index_submissions(view);
    return view;
}

void view_free(View *view) {
    if (view == NULL)
        return;
    g_hash_table_unref(view->organizations);
    g_hash_table_unref(view->periods);
    g_hash_table_unref(view->exemptions);
    g_hash_table_unref(view->extensions);
    g_hash_table_unref(view->owers);
    g_hash_table_unref(view->pending);
    name_index_free(view->names);
    g_hash_table_unref(view->arrivals);
    g_free(view);
}

const Snapshot *view_snapshot(const View *view) {
    return view->snapshot;
}

const Programme *view_programme(const View *view) {
    return view->snapshot->programme;
}

const Organization *view_organization(const View *view, gint64 org_id) {
    return g_hash_table_lookup(view->organizations, &org_id);
}

const GPtrArray *view_period_submissions(const View *view, const char *obligation, const char *period) {
    const PeriodIndex *index = period_index(view->periods, obligation, period, false);
    return index != NULL ? index->submissions : NULL;
}

const Submission *view_submission(const View *view, const char *obligation, const char *period,
                                  gint64 org_id) {
    const PeriodIndex *index = period_index(view->periods, obligation, period, false);
    return index != NULL ? g_hash_table_lookup(index->by_org, &org_id) : NULL;
}

const PendingMail *view_pending(const View *view, gint64 org_id) {
    return g_hash_table_lookup(view->pending, &org_id);
}

bool view_letter_decided(const View *view, const char *key) {
    return view->snapshot->letter_keys != NULL && g_hash_table_contains(view->snapshot->letter_keys, key);
}

/* --- names and addresses
 * ------------------------------------------------------------------------------------ */

static void index_name(GHashTable *names, const char *name, Organization *organization) {
    g_autofree char *normal = roster_normal_name(name);
    if (*normal == '\0')
        return;
    GPtrArray *list = g_hash_table_lookup(names, normal);
    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(names, g_steal_pointer(&normal), list);
    }
    if (!g_ptr_array_find(list, organization, NULL))
        g_ptr_array_add(list, organization);
}

static void index_address(GHashTable *addresses, const char *address, Organization *organization) {
    g_autofree char *normal = roster_normal_address(address);
    gpointer known = NULL;
    if (*normal == '\0')
        return;
    bool taken = g_hash_table_lookup_extended(addresses, normal, NULL, &known);
    g_hash_table_insert(addresses, g_steal_pointer(&normal),
                        taken && known != organization ? NULL : organization);
}

static const NameIndex *name_index(const View *view) {
    if (view->names != NULL)
        return view->names;
    NameIndex *names = g_new0(NameIndex, 1);
    names->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < view->snapshot->organizations->len; i++) {
        Organization *organization = g_ptr_array_index(view->snapshot->organizations, i);
        index_name(names->names, organization->name, organization);
        for (guint j = 0; organization->aliases != NULL && j < organization->aliases->len; j++)
            index_name(names->names, g_ptr_array_index(organization->aliases, j), organization);
        for (guint j = 0; organization->contacts != NULL && j < organization->contacts->len; j++) {
            const Contact *contact = g_ptr_array_index(organization->contacts, j);
            if (contact->address != NULL)
                index_address(names->addresses, contact->address, organization);
        }
    }
    ((View *)view)->names = names; /* a cache: what the view answers does not change */
    return names;
}

const Organization *view_address(const View *view, const char *address, bool *ret_ambiguous) {
    g_autofree char *normal = roster_normal_address(address);
    gpointer organization = NULL;
    bool known = g_hash_table_lookup_extended(name_index(view)->addresses, normal, NULL, &organization);
    if (ret_ambiguous != NULL)
        *ret_ambiguous = known && organization == NULL;
    return organization;
}

const GPtrArray *view_named(const View *view, const char *normal_name) {
    return g_hash_table_lookup(name_index(view)->names, normal_name);
}

static void add_entry(NameIndex *names, const Organization *organization, const char *name) {
    NameEntry *entry = g_new0(NameEntry, 1);
    entry->organization = organization;
    entry->normal = roster_normal_name(name);
    entry->form = name_form_new(name);
    name_vocabulary_add(names->vocabulary, entry->form);
    g_ptr_array_add(names->entries, entry);
}

const GPtrArray *view_names(const View *view, const NameVocabulary **ret_vocabulary) {
    NameIndex *names = (NameIndex *)name_index(view);
    if (names->entries == NULL) {
        names->entries = g_ptr_array_new_with_free_func((GDestroyNotify)name_entry_free);
        names->vocabulary = name_vocabulary_new();
        for (guint i = 0; i < view->snapshot->organizations->len; i++) {
            const Organization *organization = g_ptr_array_index(view->snapshot->organizations, i);
            add_entry(names, organization, organization->name != NULL ? organization->name : "");
            for (guint j = 0; organization->aliases != NULL && j < organization->aliases->len; j++)
                add_entry(names, organization, g_ptr_array_index(organization->aliases, j));
        }
    }
    *ret_vocabulary = names->vocabulary;
    return names->entries;
}

void view_forget_names(View *view) {
    g_clear_pointer(&view->names, name_index_free);
}

/* --- arrival
 * ------------------------------------------------------------------------------------------------ */

static Arrival *arrival_new(const View *view, const Obligation *obligation, gint64 at_s, gint64 back_s) {
    const Programme *programme = view_programme(view);
    Arrival *arrival = g_new0(Arrival, 1);
    g_autoptr(GPtrArray) before = period_list(programme, obligation, at_s - back_s, at_s - 1);
    const Period *last = before->len > 0 ? g_ptr_array_index(before, before->len - 1) : NULL;
    arrival->running = period_at(programme, obligation, at_s);
    arrival->from_s = last != NULL ? last->due_s + 1 : at_s;
    arrival->to_s = arrival->running != NULL ? arrival->running->due_s : at_s;
    arrival->back_s = back_s;
    /* those that an instant right behind the last one asks for */
    arrival->recent = period_list(programme, obligation, arrival->from_s - back_s, arrival->from_s - 1);
    return arrival;
}

const GPtrArray *view_arrival(const View *view, const Obligation *obligation, gint64 at_s, gint64 back_s,
                              const Period **ret_running) {
    Arrival *arrival = g_hash_table_lookup(view->arrivals, obligation);
    if (arrival == NULL || at_s < arrival->from_s || at_s > arrival->to_s || back_s != arrival->back_s) {
        arrival = arrival_new(view, obligation, at_s, back_s);
        g_hash_table_insert(view->arrivals, (gpointer)obligation, arrival);
    }
    *ret_running = arrival->running;
    return arrival->recent;
}

/* --- who owes
 * ----------------------------------------------------------------------------------------------- */

/* How closely an exemption names a period of an obligation: 0 not at all, 4 both by name. */
static int exemption_rank(const Exemption *exemption, const Obligation *obligation, const Period *period) {
    bool names_obligation = exemption->obligation != NULL, names_period = exemption->period != NULL;
    if ((names_obligation && strcmp(exemption->obligation, obligation->id) != 0) ||
        (names_period && strcmp(exemption->period, period->key) != 0))
        return 0;
    return 1 + 2 * names_obligation + names_period;
}

const Exemption *view_exemption(const View *view, const Obligation *obligation, const Period *period,
                                const Organization *organization) {
    const GPtrArray *list = g_hash_table_lookup(view->exemptions, &organization->id);
    const Exemption *best = NULL;
    int best_rank = 0;
    for (guint i = 0; list != NULL && i < list->len; i++) {
        const Exemption *exemption = g_ptr_array_index(list, i);
        int rank = exemption_rank(exemption, obligation, period);
        if (rank > 0 && rank >= best_rank) { /* of two that say the same, the later */
            best = exemption;
            best_rank = rank;
        }
    }
    return best;
}

bool view_extend(const View *view, Period *period, gint64 org_id) {
    if (org_id == 0 || g_hash_table_size(view->extensions) == 0)
        return false;
    g_autofree char *key = extension_key(org_id, period->obligation, period->key);
    const Extension *extension = g_hash_table_lookup(view->extensions, key);
    if (extension == NULL)
        return false;
    period->late_after_s += extension->until_s - period->due_s;
    period->due_s = extension->until_s;
    return true;
}

const GPtrArray *view_owers(const View *view, const Obligation *obligation) {
    if (obligation->owed_by == OWED_BY_ORGANIZATIONS)
        return view->snapshot->organizations;
    GPtrArray *owers = g_hash_table_lookup(view->owers, obligation);
    if (owers != NULL)
        return owers;
    owers = g_ptr_array_new();
    const GPtrArray *parties = view->snapshot->parties;
    for (guint i = 0; parties != NULL && i < parties->len; i++) {
        Organization *party = g_ptr_array_index(parties, i);
        if (party->kind == obligation->owed_by && g_strcmp0(party->role, obligation_role(obligation)) == 0)
            g_ptr_array_add(owers, party);
    }
    g_hash_table_insert(view->owers, (gpointer)obligation, owers); /* a cache: the answer does not change */
    return owers;
}

const Organization *view_party_of_address(const View *view, const Obligation *obligation,
                                          const char *address) {
    const GPtrArray *owers = view_owers(view, obligation);
    for (guint i = 0; obligation->owed_by != OWED_BY_ORGANIZATIONS && i < owers->len; i++) {
        const Organization *party = g_ptr_array_index(owers, i);
        if (roster_has_address(party, address))
            return party;
    }
    return NULL;
}

Period *view_reviewed_period(const Programme *programme, const Obligation *obligation, const Period *period) {
    const Obligation *reviewed = programme_obligation(programme, obligation->reviews);
    if (reviewed == NULL)
        return NULL;
    g_autoptr(Period) before = period_previous(programme, obligation, period);
    gint64 from_s = before != NULL ? before->due_s + 1
                                   : calendar_instant(programme->zone, &period->first, 0) - CALENDAR_DAY_S;
    g_autoptr(GPtrArray) periods = period_list(programme, reviewed, from_s, period->due_s);
    return periods->len > 0 ? period_copy(g_ptr_array_index(periods, periods->len - 1)) : NULL;
}

Review view_review(const View *view, const Obligation *obligation, const Period *period,
                   const Organization *section) {
    g_autoptr(Period) about = view_reviewed_period(view_programme(view), obligation, period);
    const GPtrArray *submissions =
        about != NULL ? view_period_submissions(view, about->obligation, about->key) : NULL;
    Review review = {0};
    for (guint i = 0; submissions != NULL && i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        const Organization *organization = view_organization(view, submission->org_id);
        if (organization == NULL || g_strcmp0(organization->section, section->section) != 0 ||
            submission->received_s > period->due_s)
            continue;
        review.total++;
        review.pending += submission->verdict == VERDICT_NONE;
        review.last_s = MAX(review.last_s, submission->verdict_s);
    }
    return review;
}

/* Where nothing was sent: has the section's head looked at everything? */
static Standing review_standing(const View *view, const Obligation *obligation, const Period *period,
                                const Organization *section) {
    Review review = view_review(view, obligation, period, section);
    return review.total == 0     ? STANDING_NOT_CONCERNED
           : review.pending == 0 ? STANDING_SUBMITTED
                                 : STANDING_OWED;
}

Standing view_standing(const View *view, const Obligation *obligation, const Period *period,
                       const Organization *organization) {
    bool is_party = organization->kind != OWED_BY_ORGANIZATIONS;
    if (obligation->owed_by != organization->kind ||
        (is_party && g_strcmp0(organization->role, obligation_role(obligation)) != 0))
        return STANDING_NOT_CONCERNED;
    if (view_submission(view, obligation->id, period->key, organization->id) != NULL)
        return STANDING_SUBMITTED;
    if (organization->suspended)
        return STANDING_SUSPENDED;
    if (organization->since_s > 0 && period->due_s <= organization->since_s)
        return STANDING_NOT_YET;
    if (view_exemption(view, obligation, period, organization) != NULL)
        return STANDING_EXEMPT;
    if (obligation->reviews != NULL)
        return review_standing(view, obligation, period, organization);
    return STANDING_OWED;
}

const char *standing_name(Standing standing) {
    static const char *const names[] = {
        [STANDING_OWED] = "owed",       [STANDING_SUBMITTED] = "submitted",
        [STANDING_EXEMPT] = "exempt",   [STANDING_SUSPENDED] = "suspended",
        [STANDING_NOT_YET] = "not_yet", [STANDING_NOT_CONCERNED] = "not_concerned",
    };
    g_return_val_if_fail((gsize)standing < G_N_ELEMENTS(names), NULL);
    return names[standing];
}

/* --- changes within a batch
 * --------------------------------------------------------------------------------- */

void view_add_organization(View *view, Organization *organization) {
    g_ptr_array_add(view->snapshot->organizations, organization);
    g_hash_table_insert(view->organizations, &organization->id, organization);
    view_forget_names(view);
}

void view_record(View *view, Submission *submission) {
    Snapshot *snapshot = view->snapshot;
    Submission *old = NULL;
    if (submission->obligation != NULL && submission->period != NULL) {
        PeriodIndex *index = period_index(view->periods, submission->obligation, submission->period, true);
        old = g_hash_table_lookup(index->by_org, &submission->org_id);
        /* replace: the key lies in the submission, and the old one goes */
        g_hash_table_replace(index->by_org, &submission->org_id, submission);
        if (old != NULL)
            g_ptr_array_remove(index->submissions, old);
        g_ptr_array_add(index->submissions, submission);
    }
    if (old != NULL) {
        g_clear_pointer(&snapshot->submission_index, g_hash_table_unref);
        snapshot->n_submissions_indexed = 0;
        g_ptr_array_remove_fast(snapshot->submissions, old);
    }
    g_ptr_array_add(snapshot->submissions, submission);
}

void view_decide_letter(View *view, const char *key, OutboxState state) {
    if (view->snapshot->letter_keys == NULL)
        view->snapshot->letter_keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_insert(view->snapshot->letter_keys, g_strdup(key), GINT_TO_POINTER((int)state + 1));
}
