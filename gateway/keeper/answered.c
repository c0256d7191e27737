#include "gateway/keeper/answered.h"

#include <string.h>

#include "gateway/core/corrections.h"
#include "gateway/store/submissions.h"

#define RECENT_MAX 20 /* letters that a mail without a name may mean */

static const char *text_of(const json_t *line, const char *key) {
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

void answered_clear(Answered *answered) {
    g_clear_pointer(&answered->entry, store_outbox_entry_free);
    g_clear_pointer(&answered->submission, submission_free);
    g_clear_pointer(&answered->reports, g_ptr_array_unref);
    g_clear_pointer(&answered->entries, g_ptr_array_unref);
}

/* ---- by reference
 * ------------------------------------------------------------------------------------------------ */

/* The first letter to the sender that a list of references names. *ret_several: it names more than one. */
static bool find_listed(Keeper *keeper, const char *from, const json_t *references, OutboxEntry **ret_entry,
                        bool *ret_several, GError **error) {
    g_autoptr(OutboxEntry) found = NULL;
    size_t i;
    json_t *reference;
    json_array_foreach(references, i, reference) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(OutboxEntry) entry =
            store_outbox_by_reference(keeper->store, from, json_string_value(reference), &failure);
        if (failure) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        *ret_several = *ret_several || (entry && found);
        if (entry && !found)
            found = g_steal_pointer(&entry);
    }
    *ret_entry = g_steal_pointer(&found);
    return true;
}

/* What the sender wrote himself counts before the subject and what stands quoted, where the newest letter
 * comes first. *ret_several: he named several. */
static bool find_by_reference(Keeper *keeper, const json_t *line, OutboxEntry **ret_entry, bool *ret_several,
                              GError **error) {
    const json_t *refers = json_object_get(line, "refers");
    const char *from = text_of(line, "from");
    bool ignored = false;
    g_autoptr(OutboxEntry) entry = NULL;
    if (!refers || !*from)
        return true;
    if (!find_listed(keeper, from, json_object_get(refers, "said"), &entry, ret_several, error))
        return false;
    if (*ret_several)
        return true;
    if (!entry && !find_listed(keeper, from, json_object_get(refers, "thread"), &entry, &ignored, error))
        return false;
    *ret_entry = g_steal_pointer(&entry);
    return true;
}

/* ---- by what it can mean
 * ------------------------------------------------------------------------------------------ */

static void take_report(Answered *answered, const OutboxEntry *entry) {
    SentLetter *sent = g_new(SentLetter, 1);
    *sent = (SentLetter){entry->letter, entry->message_id};
    g_ptr_array_add(answered->reports, sent);
}

/* The reports that the sender was last written to about; if the line can only mean one, that one. */
static bool find_unnamed(Keeper *keeper, const json_t *line, bool may_decide, Answered *answered,
                         GError **error) {
    const char *from = text_of(line, "from");
    if (!*from || !corrections_is_one(line))
        return true;
    if (!store_outbox_sent_to(keeper->store, from, LETTER_ACK, LETTER_CORRECTION,
                              keeper_now_s(keeper) - ANSWERED_RECENT_S, RECENT_MAX, &answered->entries,
                              error))
        return false;
    answered->reports = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < answered->entries->len; i++)
        if (corrections_is_newest(answered->reports, ((OutboxEntry *)answered->entries->pdata[i])->letter))
            take_report(answered, answered->entries->pdata[i]);
    const Letter *meant = may_decide ? corrections_meant(answered->reports, line) : NULL;
    for (guint i = 0; meant && i < answered->entries->len; i++)
        if (((OutboxEntry *)answered->entries->pdata[i])->letter == meant) {
            answered->entry = g_ptr_array_steal_index(answered->entries, i);
            return true;
        }
    return true;
}

/* ---- both
 * -------------------------------------------------------------------------------------------------------- */

static bool find_letter(Keeper *keeper, const json_t *line, Answered *answered, GError **error) {
    const char *id = text_of(line, "in_reply_to");
    g_autoptr(GError) failure = NULL;
    bool names_several = false;
    answered->entry = *id ? store_outbox_by_message_id(keeper->store, id, &failure) : NULL;
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (answered->entry)
        return true;
    if (!find_by_reference(keeper, line, &answered->entry, &names_several, error))
        return false;
    /* what answers somebody else's mail is not taken for an answer to ours */
    return answered->entry || find_unnamed(keeper, line, !*id && !names_several, answered, error);
}

static bool load_submission(Keeper *keeper, Answered *answered, GError **error) {
    const Letter *letter = answered->entry->letter;
    gint64 submission_id = 0;
    g_autoptr(GError) failure = NULL;
    /* a mail may have held several forms: the letter says which one it tells of */
    if (letter->org_id && letter->obligation && letter->period)
        answered->submission = store_submission_find(keeper->store, letter->org_id, letter->obligation,
                                                     letter->period, &failure);
    else if (letter->message_id)
        store_submission_of_message(keeper->store, letter->message_id, &submission_id, &failure);
    if (!failure && submission_id)
        answered->submission = store_submission_get(keeper->store, submission_id, &failure);
    if (!failure)
        return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool answered_find(Keeper *keeper, const json_t *line, Answered *ret, GError **error) {
    g_auto(Answered) answered = {0};
    if (!find_letter(keeper, line, &answered, error) ||
        (answered.entry && !load_submission(keeper, &answered, error)))
        return false;
    *ret = answered;
    answered = (Answered){0};
    return true;
}
