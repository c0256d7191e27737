/* People of the newest receipts, joined by account to the activity exports. */
#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/period.h"
#include "gateway/core/score_private.h"

/* Accounts are compared without regard to case, width and white space; nothing else is guessed. */
static char *account_key(const char *account) {
    g_autofree char *normal = g_utf8_normalize(account, -1, G_NORMALIZE_ALL_COMPOSE);
    g_autofree char *folded = g_utf8_casefold(normal != NULL ? normal : "", -1);
    GString *key = g_string_sized_new(strlen(folded));
    for (const char *p = folded; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!g_unichar_isspace(c) && !g_unichar_iszerowidth(c))
            g_string_append_unichar(key, c);
    }
    return g_string_free(key, FALSE);
}

static const char *cell_text(const json_t *row, const char *column) {
    const char *text = column != NULL ? json_string_value(json_object_get(row, column)) : NULL;
    return text != NULL ? text : "";
}

/* --- receipts
 * ------------------------------------------------------------------------------------------------ */

static void person_free(ScorePerson *person) {
    g_free(person->account_key);
    g_free(person);
}

/* The newest one of every organization. */
static void find_receipts(ScoreBook *book) {
    const GPtrArray *submissions = view_snapshot(book->view)->submissions;
    for (guint i = 0; i < submissions->len; i++) {
        Submission *submission = g_ptr_array_index(submissions, i);
        if (g_strcmp0(submission->form, book->formula->people.form) != 0 || submission->org_id == 0)
            continue;
        const Submission *known = g_hash_table_lookup(book->receipts, &submission->org_id);
        if (known == NULL || submission->revised_s >= known->revised_s)
            g_hash_table_replace(book->receipts, &submission->org_id, submission);
    }
}

static void add_person(ScoreBook *book, const Organization *organization, const Submission *receipt,
                       const json_t *row, GPtrArray *list) {
    const ScorePeople *names = &book->formula->people;
    if (*cell_text(row, names->name) == '\0')
        return;
    ScorePerson *person = g_new0(ScorePerson, 1);
    person->organization = organization;
    person->receipt = receipt;
    person->row = row;
    person->name = cell_text(row, names->name);
    person->account = cell_text(row, names->account);
    person->group = names->group != NULL ? cell_text(row, names->group) : NULL;
    person->account_key = account_key(person->account);
    g_ptr_array_add(book->people, person);
    g_ptr_array_add(list, person);
    if (*person->account_key != '\0' && !g_hash_table_contains(book->by_account, person->account_key))
        g_hash_table_insert(book->by_account, person->account_key, person);
}

static void add_people(ScoreBook *book) {
    const GPtrArray *organizations = view_snapshot(book->view)->organizations;
    for (guint i = 0; i < organizations->len; i++) {
        Organization *organization = g_ptr_array_index(organizations, i);
        const Submission *receipt = g_hash_table_lookup(book->receipts, &organization->id);
        if (receipt == NULL || receipt->tables == NULL)
            continue;
        GPtrArray *list = g_ptr_array_new();
        gsize r;
        json_t *row;
        json_array_foreach(json_object_get(receipt->tables, book->formula->people.table), r, row)
            add_person(book, organization, receipt, row, list);
        g_hash_table_insert(book->by_org, &organization->id, list);
    }
}

/* --- exports
 * ------------------------------------------------------------------------------------------------- */

/* The days that the export itself states. */
static bool stated_days(const Programme *programme, const Submission *export, GDate *ret_first,
                        GDate *ret_last) {
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(definition_form(programme, export->form)), i, field) {
        const json_t *value =
            json_object_get(json_object_get(export->fields, definition_key(field)), "value");
        if (strcmp(definition_type(field), "daterange") == 0 && json_is_object(value) &&
            calendar_day_parse(json_string_value(json_object_get(value, "start")), ret_first) &&
            calendar_day_parse(json_string_value(json_object_get(value, "end")), ret_last))
            return true;
    }
    return false;
}

Period *score_export_period(const Programme *programme, const Submission *export) {
    const Obligation *obligation = programme_obligation(programme, programme->scores->obligation);
    GDate first, last;
    Period *stated = stated_days(programme, export, &first, &last)
                         ? period_of_days(programme, obligation, &first, &last)
                         : NULL;
    if (stated != NULL)
        return stated;
    gint64 at_s = export->revised_s != 0 ? export->revised_s : export->received_s;
    g_autoptr(Period) running = period_at(programme, obligation, at_s);
    g_autoptr(Period) before = running != NULL ? period_previous(programme, obligation, running) : NULL;
    if (running == NULL) {
        g_autoptr(GPtrArray) all = period_list(programme, obligation, 0, at_s);
        return all->len > 0 ? period_copy(g_ptr_array_index(all, all->len - 1)) : NULL;
    }
    /* until half of it has run, it is the last one that is exported */
    bool is_young = before != NULL && (at_s - before->due_s) * 2 < running->due_s - before->due_s;
    return is_young ? g_steal_pointer(&before) : g_steal_pointer(&running);
}

static void take_export(ScoreBook *book, const Submission *export) {
    const ScorePeople *names = &book->formula->people;
    g_autoptr(Period) period = score_export_period(book->programme, export);
    if (period == NULL)
        return;
    GHashTable *accounts = g_hash_table_lookup(book->activity, period->key);
    if (accounts == NULL) {
        accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_hash_table_insert(book->activity, g_strdup(period->key), accounts);
    }
    gsize i;
    json_t *row;
    json_array_foreach(json_object_get(export->tables, names->activity_table), i, row) {
        char *key = account_key(cell_text(row, names->activity_account));
        const ScoreActivity *known = g_hash_table_lookup(accounts, key);
        /* of several exports the latest word on an account counts */
        if (*key == '\0' || (known != NULL && known->export->revised_s > export->revised_s)) {
            g_free(key);
            continue;
        }
        ScoreActivity *activity = g_new0(ScoreActivity, 1);
        *activity = (ScoreActivity){.row = row, .export = export};
        g_hash_table_replace(accounts, key, activity);
    }
}

void score_people_join(ScoreBook *book) {
    book->people = g_ptr_array_new_with_free_func((GDestroyNotify)person_free);
    book->receipts = g_hash_table_new(g_int64_hash, g_int64_equal);
    book->by_org =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    book->by_account = g_hash_table_new(g_str_hash, g_str_equal);
    book->activity =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    if (book->formula->people.form == NULL)
        return;
    find_receipts(book);
    add_people(book);
    const GPtrArray *submissions = view_snapshot(book->view)->submissions;
    for (guint i = 0; book->formula->people.activity_form != NULL && i < submissions->len; i++) {
        const Submission *submission = g_ptr_array_index(submissions, i);
        if (g_strcmp0(submission->form, book->formula->people.activity_form) == 0)
            take_export(book, submission);
    }
}

void score_people_clear(ScoreBook *book) {
    g_hash_table_unref(book->by_account); /* its keys are the people's */
    g_hash_table_unref(book->by_org);
    g_hash_table_unref(book->receipts);
    g_hash_table_unref(book->activity);
    g_ptr_array_unref(book->people);
}

/* --- asking
 * -------------------------------------------------------------------------------------------------- */

bool score_book_registration(const ScoreBook *book, const Organization *organization, guint *ret_people,
                             guint *ret_registered) {
    guint people = 0, registered = 0;
    const GPtrArray *list =
        organization != NULL ? g_hash_table_lookup(book->by_org, &organization->id) : book->people;
    for (guint i = 0; list != NULL && i < list->len; i++) {
        people++;
        registered += *((const ScorePerson *)g_ptr_array_index(list, i))->account_key != '\0';
    }
    if (people == 0)
        return false;
    *ret_people = people;
    *ret_registered = registered;
    return true;
}

const GPtrArray *score_book_people(const ScoreBook *book) {
    return book->people;
}

static gint compare_texts(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *score_book_unknown_accounts(const ScoreBook *book, const Period *period) {
    GPtrArray *unknown = g_ptr_array_new_with_free_func(g_free);
    GHashTable *accounts = g_hash_table_lookup(book->activity, period->key);
    GHashTableIter iterator;
    gpointer key, value;
    if (accounts == NULL)
        return unknown;
    g_hash_table_iter_init(&iterator, accounts);
    while (g_hash_table_iter_next(&iterator, &key, &value))
        if (!g_hash_table_contains(book->by_account, key))
            g_ptr_array_add(unknown, g_strdup(cell_text(((const ScoreActivity *)value)->row,
                                                        book->formula->people.activity_account)));
    g_ptr_array_sort(unknown, compare_texts);
    return unknown;
}

const Submission *score_book_export(const ScoreBook *book, const Period *period) {
    GHashTable *accounts = g_hash_table_lookup(book->activity, period->key);
    GHashTableIter iterator;
    gpointer value;
    const Submission *newest = NULL;
    if (accounts == NULL)
        return NULL;
    g_hash_table_iter_init(&iterator, accounts);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        const Submission *export = ((const ScoreActivity *)value)->export;
        if (newest == NULL || export->revised_s > newest->revised_s)
            newest = export;
    }
    return newest;
}
