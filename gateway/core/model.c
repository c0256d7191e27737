#include "gateway/core/model.h"

#include <string.h>

static const char *const outbox_state_names[OUTBOX_STATES] = {
    [OUTBOX_QUEUED] = "queued",   [OUTBOX_HELD] = "held",       [OUTBOX_SENDING] = "sending",
    [OUTBOX_SENT] = "sent",       [OUTBOX_RETRY] = "retry",     [OUTBOX_REFUSED] = "refused",
    [OUTBOX_UNSURE] = "unsure",   [OUTBOX_EXPIRED] = "expired", [OUTBOX_CANCELLED] = "cancelled",
    [OUTBOX_DROPPED] = "dropped",
};

static const char *const message_state_names[MESSAGE_STATES] = {
    [MESSAGE_FETCHED] = "fetched",       [MESSAGE_ARCHIVED] = "archived", [MESSAGE_READ] = "read",
    [MESSAGE_CONVERTING] = "converting", [MESSAGE_RECORDED] = "recorded", [MESSAGE_REVIEW] = "review",
    [MESSAGE_IGNORED] = "ignored",       [MESSAGE_OVERSIZE] = "oversize",
};

static const char *const letter_kind_names[LETTER_KINDS] = {
    [LETTER_ACK] = "ack",
    [LETTER_CORRECTION] = "correction",
    [LETTER_DEFECT] = "defect",
    [LETTER_REMINDER] = "reminder",
    [LETTER_OVERDUE] = "overdue",
    [LETTER_SUMMARY] = "summary",
    [LETTER_REVIEW_NOTICE] = "review_notice",
    [LETTER_OPERATOR_ALERT] = "operator_alert",
    [LETTER_COMMAND_ANSWER] = "command_answer",
    [LETTER_QUESTION_PASSED] = "question_passed",
    [LETTER_OVERDUE_QUESTIONS] = "overdue_questions",
    [LETTER_INQUIRY] = "inquiry",
    [LETTER_URGENT] = "urgent",
    [LETTER_URGENT_NOTICE] = "urgent_notice",
    [LETTER_SECTION_DIGEST] = "section_digest",
    [LETTER_ADVISOR_DIGEST] = "advisor_digest",
    [LETTER_RETURNED] = "returned",
    [LETTER_ANNOUNCE] = "announce",
    [LETTER_DUTY] = "duty",
    [LETTER_PINNED_NOTICE] = "pinned_notice",
};

static const char *const verdict_names[VERDICTS] = {
    [VERDICT_NONE] = "none",
    [VERDICT_APPROVED] = "approved",
    [VERDICT_RETURNED] = "returned",
};

static const char *const question_state_names[QUESTION_STATES] = {
    [QUESTION_OPEN] = "open",         [QUESTION_PASSED_ON] = "passed_on", [QUESTION_OVERDUE] = "overdue",
    [QUESTION_INQUIRED] = "inquired", [QUESTION_ANSWERED] = "answered",   [QUESTION_EXPLAINED] = "explained",
    [QUESTION_CLOSED] = "closed",
};

/* The place of name in names, or -1. */
static int name_index(const char *const *names, int n_names, const char *name) {
    for (int i = 0; name != NULL && i < n_names; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

const char *outbox_state_name(OutboxState state) {
    g_return_val_if_fail((guint)state < OUTBOX_STATES, NULL);
    return outbox_state_names[state];
}

bool outbox_state_from_name(const char *name, OutboxState *ret_state) {
    int i = name_index(outbox_state_names, OUTBOX_STATES, name);
    if (i >= 0)
        *ret_state = (OutboxState)i;
    return i >= 0;
}

const char *message_state_name(MessageState state) {
    g_return_val_if_fail((guint)state < MESSAGE_STATES, NULL);
    return message_state_names[state];
}

bool message_state_from_name(const char *name, MessageState *ret_state) {
    int i = name_index(message_state_names, MESSAGE_STATES, name);
    if (i >= 0)
        *ret_state = (MessageState)i;
    return i >= 0;
}

const char *verdict_name(Verdict verdict) {
    g_return_val_if_fail((guint)verdict < VERDICTS, NULL);
    return verdict_names[verdict];
}

bool verdict_from_name(const char *name, Verdict *ret_verdict) {
    int i = name_index(verdict_names, VERDICTS, name);
    if (i >= 0)
        *ret_verdict = (Verdict)i;
    return i >= 0;
}

const char *question_state_name(QuestionState state) {
    g_return_val_if_fail((guint)state < QUESTION_STATES, NULL);
    return question_state_names[state];
}

bool question_state_from_name(const char *name, QuestionState *ret_state) {
    int i = name_index(question_state_names, QUESTION_STATES, name);
    if (i >= 0)
        *ret_state = (QuestionState)i;
    return i >= 0;
}

const char *letter_kind_name(LetterKind kind) {
    g_return_val_if_fail((guint)kind < LETTER_KINDS, NULL);
    return letter_kind_names[kind];
}

bool letter_kind_from_name(const char *name, LetterKind *ret_kind) {
    int i = name_index(letter_kind_names, LETTER_KINDS, name);
    if (i >= 0)
        *ret_kind = (LetterKind)i;
    return i >= 0;
}

static void schedule_clear(gpointer data) {
    g_clear_pointer(&((Schedule *)data)->rrule, g_free);
}

static void stage_clear(gpointer data) {
    Stage *stage = data;
    g_clear_pointer(&stage->to, g_free);
}

Obligation *obligation_new(void) {
    Obligation *obligation = g_new0(Obligation, 1);
    obligation->reminders = g_array_new(FALSE, TRUE, sizeof(Stage));
    g_array_set_clear_func(obligation->reminders, stage_clear);
    obligation->overdue = g_array_new(FALSE, TRUE, sizeof(Stage));
    g_array_set_clear_func(obligation->overdue, stage_clear);
    obligation->changes = g_array_new(FALSE, TRUE, sizeof(Schedule));
    g_array_set_clear_func(obligation->changes, schedule_clear);
    return obligation;
}

void obligation_free(Obligation *obligation) {
    if (obligation == NULL)
        return;
    g_free(obligation->id);
    g_free(obligation->form);
    g_free(obligation->reviews);
    g_free(obligation->role);
    g_free(obligation->title_zh);
    g_free(obligation->title_en);
    g_free(obligation->schedule.rrule);
    g_clear_pointer(&obligation->changes, g_array_unref);
    g_clear_pointer(&obligation->reminders, g_array_unref);
    g_clear_pointer(&obligation->overdue, g_array_unref);
    stage_clear(&obligation->summary);
    stage_clear(&obligation->digest);
    g_free(obligation);
}

void role_person_free(RolePerson *person) {
    if (person == NULL)
        return;
    g_free(person->role);
    g_free(person->name);
    g_free(person->address);
    g_free(person->phone);
    g_free(person->section);
    g_free(person->language);
    g_free(person);
}

static void roster_contact_map_free(RosterContactMap *map) {
    g_free(map->role);
    g_free(map->name_field);
    g_free(map->address_field);
    g_free(map->phone_field);
    g_free(map);
}

RosterMap *roster_map_new(void) {
    RosterMap *map = g_new0(RosterMap, 1);
    map->contacts = g_ptr_array_new_with_free_func((GDestroyNotify)roster_contact_map_free);
    return map;
}

void roster_map_free(RosterMap *map) {
    if (map == NULL)
        return;
    g_free(map->form);
    g_free(map->section_field);
    g_free(map->team_field);
    g_clear_pointer(&map->contacts, g_ptr_array_unref);
    g_free(map);
}

static void rota_free(Rota *rota) {
    obligation_free(rota->turns);
    g_free(rota->roles);
    g_free(rota->copy);
    g_free(rota);
}

void rota_swap_free(RotaSwap *swap) {
    g_free(swap->rota);
    g_free(swap->day);
    g_free(swap->person);
    g_free(swap);
}

Programme *programme_new(void) {
    Programme *programme = g_new0(Programme, 1);
    programme->obligations = g_ptr_array_new_with_free_func((GDestroyNotify)obligation_free);
    programme->roles = g_ptr_array_new_with_free_func((GDestroyNotify)role_person_free);
    programme->rotas = g_ptr_array_new_with_free_func((GDestroyNotify)rota_free);
    programme->roster_maps = g_ptr_array_new_with_free_func((GDestroyNotify)roster_map_free);
    programme->vacations = g_array_new(FALSE, TRUE, sizeof(DaySpan));
    return programme;
}

void programme_free(Programme *programme) {
    if (programme == NULL)
        return;
    g_free(programme->id);
    g_free(programme->title_zh);
    g_free(programme->title_en);
    g_free(programme->language);
    g_free(programme->zone_name);
    g_clear_pointer(&programme->zone, g_time_zone_unref);
    g_clear_pointer(&programme->obligations, g_ptr_array_unref);
    g_clear_pointer(&programme->roles, g_ptr_array_unref);
    g_clear_pointer(&programme->rotas, g_ptr_array_unref);
    g_free(programme->from_address);
    g_free(programme->from_name);
    g_free(programme->id_domain);
    g_free(programme->retention_text_zh);
    g_free(programme->retention_text_en);
    g_clear_pointer(&programme->vacations, g_array_unref);
    g_clear_pointer(&programme->roster_maps, g_ptr_array_unref);
    g_clear_pointer(&programme->forms, json_decref);
    g_free(programme);
}

void contact_free(Contact *contact) {
    if (contact == NULL)
        return;
    g_free(contact->role);
    g_free(contact->name);
    g_free(contact->address);
    g_free(contact->phone);
    g_free(contact);
}

Organization *organization_new(void) {
    Organization *organization = g_new0(Organization, 1);
    organization->aliases = g_ptr_array_new_with_free_func(g_free);
    organization->contacts = g_ptr_array_new_with_free_func((GDestroyNotify)contact_free);
    return organization;
}

void organization_free(Organization *organization) {
    if (organization == NULL)
        return;
    g_free(organization->role);
    g_free(organization->name);
    g_free(organization->section);
    g_free(organization->team);
    g_clear_pointer(&organization->aliases, g_ptr_array_unref);
    g_clear_pointer(&organization->contacts, g_ptr_array_unref);
    g_free(organization);
}

void exemption_free(Exemption *exemption) {
    if (exemption == NULL)
        return;
    g_free(exemption->obligation);
    g_free(exemption->period);
    g_free(exemption->reason);
    g_free(exemption);
}

void period_free(Period *period) {
    if (period == NULL)
        return;
    g_free(period->obligation);
    g_free(period->key);
    g_free(period);
}

void submission_free(Submission *submission) {
    if (submission == NULL)
        return;
    g_free(submission->form);
    g_free(submission->obligation);
    g_free(submission->period);
    g_free(submission->verdict_reason);
    g_clear_pointer(&submission->fields, json_decref);
    g_clear_pointer(&submission->tables, json_decref);
    g_clear_pointer(&submission->problems, json_decref);
    g_free(submission);
}

void review_item_free(ReviewItem *item) {
    if (item == NULL)
        return;
    g_free(item->code);
    g_free(item->text);
    g_free(item->from);
    g_free(item->subject);
    g_free(item);
}

void question_free(TrackedQuestion *question) {
    if (question == NULL)
        return;
    g_free(question->asker);
    g_free(question->answer);
    g_free(question->text);
    g_free(question->section);
    g_free(question);
}

void urgent_matter_free(UrgentMatter *matter) {
    if (matter == NULL)
        return;
    g_free(matter->text);
    g_free(matter->from);
    g_free(matter->code);
    g_free(matter->handling);
    g_free(matter);
}

void answerer_free(Answerer *answerer) {
    if (answerer == NULL)
        return;
    g_free(answerer->name);
    g_free(answerer->type);
    g_free(answerer);
}

void letter_free(Letter *letter) {
    if (letter == NULL)
        return;
    g_free(letter->key);
    g_free(letter->to_address);
    g_free(letter->to_name);
    g_free(letter->language);
    g_free(letter->obligation);
    g_free(letter->period);
    g_clear_pointer(&letter->facts, json_decref);
    g_free(letter->reason);
    g_free(letter);
}

void extension_free(Extension *extension) {
    if (extension == NULL)
        return;
    g_free(extension->obligation);
    g_free(extension->period);
    g_free(extension);
}

Snapshot *snapshot_new(const Programme *programme) {
    Snapshot *snapshot = g_new0(Snapshot, 1);
    snapshot->programme = programme;
    snapshot->organizations = g_ptr_array_new_with_free_func((GDestroyNotify)organization_free);
    snapshot->exemptions = g_ptr_array_new_with_free_func((GDestroyNotify)exemption_free);
    snapshot->submissions = g_ptr_array_new_with_free_func((GDestroyNotify)submission_free);
    snapshot->pending = g_ptr_array_new_with_free_func(g_free);
    snapshot->reviews = g_ptr_array_new_with_free_func((GDestroyNotify)review_item_free);
    snapshot->letter_keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return snapshot;
}

void snapshot_free(Snapshot *snapshot) {
    if (snapshot == NULL)
        return;
    g_clear_pointer(&snapshot->organization_index, g_hash_table_unref);
    g_clear_pointer(&snapshot->submission_index, g_hash_table_unref);
    g_clear_pointer(&snapshot->organizations, g_ptr_array_unref);
    g_clear_pointer(&snapshot->parties, g_ptr_array_unref);
    g_clear_pointer(&snapshot->exemptions, g_ptr_array_unref);
    g_clear_pointer(&snapshot->extensions, g_ptr_array_unref);
    g_clear_pointer(&snapshot->submissions, g_ptr_array_unref);
    g_clear_pointer(&snapshot->pending, g_ptr_array_unref);
    g_clear_pointer(&snapshot->reviews, g_ptr_array_unref);
    g_clear_pointer(&snapshot->questions, g_ptr_array_unref);
    g_clear_pointer(&snapshot->urgents, g_ptr_array_unref);
    g_clear_pointer(&snapshot->settled_urgents, g_ptr_array_unref);
    g_clear_pointer(&snapshot->asked, g_ptr_array_unref);
    g_clear_pointer(&snapshot->apart, g_array_unref);
    g_clear_pointer(&snapshot->swaps, g_ptr_array_unref);
    g_clear_pointer(&snapshot->answerers, g_ptr_array_unref);
    g_clear_pointer(&snapshot->letter_keys, g_hash_table_unref);
    g_free(snapshot);
}

const Obligation *programme_obligation(const Programme *programme, const char *id) {
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        if (g_strcmp0(obligation->id, id) == 0)
            return obligation;
    }
    return NULL;
}

const char *obligation_title(const Obligation *obligation, bool is_english) {
    const char *own = is_english ? obligation->title_en : obligation->title_zh;
    const char *other = is_english ? obligation->title_zh : obligation->title_en;
    return own != NULL && *own != '\0' ? own : other != NULL && *other != '\0' ? other : obligation->id;
}

const char *obligation_role(const Obligation *obligation) {
    return obligation->role != NULL ? obligation->role : "section_head";
}

const Obligation *programme_obligation_of_form(const Programme *programme, const char *form) {
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        if (g_strcmp0(obligation->form, form) == 0)
            return obligation;
    }
    return NULL;
}

static guint organization_hash(gconstpointer key) {
    const Organization *organization = key;
    return g_int64_hash(&organization->id);
}

static gboolean organization_equal(gconstpointer a, gconstpointer b) {
    return ((const Organization *)a)->id == ((const Organization *)b)->id;
}

static guint submission_hash(gconstpointer key) {
    const Submission *submission = key;
    guint hash = g_int64_hash(&submission->org_id);
    hash = hash * 31 + (submission->obligation != NULL ? g_str_hash(submission->obligation) : 0);
    return hash * 31 + (submission->period != NULL ? g_str_hash(submission->period) : 0);
}

static gboolean submission_equal(gconstpointer a, gconstpointer b) {
    const Submission *x = a, *y = b;
    return x->org_id == y->org_id && g_strcmp0(x->period, y->period) == 0 &&
           g_strcmp0(x->obligation, y->obligation) == 0;
}

/* Brings an index up to its array. The array only ever grows, so its length says whether the index is whole.
 */
static void index_update(GHashTable **index, guint *n_indexed, const GPtrArray *array, GHashFunc hash,
                         GEqualFunc equal) {
    if (*n_indexed > array->len) {
        g_clear_pointer(index, g_hash_table_unref);
        *n_indexed = 0;
    }
    if (*index == NULL)
        *index = g_hash_table_new(hash, equal);
    for (; *n_indexed < array->len; (*n_indexed)++)
        g_hash_table_add(*index, array->pdata[*n_indexed]);
}

const Organization *snapshot_organization(const Snapshot *snapshot, gint64 org_id) {
    Snapshot *cache = (Snapshot *)snapshot; /* only the private index changes */
    index_update(&cache->organization_index, &cache->n_organizations_indexed, snapshot->organizations,
                 organization_hash, organization_equal);
    const Organization wanted = {.id = org_id};
    return g_hash_table_lookup(snapshot->organization_index, &wanted);
}

const Submission *snapshot_submission(const Snapshot *snapshot, const char *obligation, const char *period,
                                      gint64 org_id) {
    Snapshot *cache = (Snapshot *)snapshot;
    index_update(&cache->submission_index, &cache->n_submissions_indexed, snapshot->submissions,
                 submission_hash, submission_equal);
    const Submission wanted = {.org_id = org_id, .obligation = (char *)obligation, .period = (char *)period};
    return g_hash_table_lookup(snapshot->submission_index, &wanted);
}
