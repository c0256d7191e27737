#include "gateway/keeper/replay.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/io/converter.h"
#include "gateway/io/ipc.h"
#include "gateway/io/reader_host.h"
#include "gateway/keeper/settle.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"
#include "gateway/store/review.h"
#include "gateway/store/submissions.h"

#define PAGE        500 /* messages a query */
#define APPLY_BATCH 64  /* messages a transaction */
#define READERS_MAX 8

typedef struct {
    Keeper *keeper;
    const ReplayOptions *options;
    ReaderHost *host;
    GPtrArray *messages; /* StoreMessage*, owned */
    GPtrArray *changed;  /* Change*, owned: in the order of the answers */
    guint done, same, failed, lost, applied;
    GError *failure; /* of the store, while answers came in */
} Replay;

/* What one message says now that it did not say before. */
typedef struct {
    const StoreMessage *message;
    json_t *lines;  /* as read now */
    json_t *fields; /* [{"field","label","old","new"}] */
    bool is_lost;
} Change;

static void change_free(Change *change) {
    json_decref(change->lines);
    json_decref(change->fields);
    g_free(change);
}

static void replay_clear(Replay *replay) {
    reader_host_free(replay->host);
    g_clear_pointer(&replay->messages, g_ptr_array_unref);
    g_clear_pointer(&replay->changed, g_ptr_array_unref);
    g_clear_error(&replay->failure);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replay, replay_clear)

/* ---- what changed
 * ----------------------------------------------------------------------------------------------- */

static void add_field(json_t *fields, const char *key, const char *label, const json_t *old,
                      const json_t *new, const char *language) {
    g_autofree char *before = old ? definition_value_text(old, language) : NULL,
                    *after = new ? definition_value_text(new, language) : NULL;
    json_array_append_new(fields, json_pack("{s:s, s:s, s:s?, s:s?}", "field", key, "label", label, "old",
                                            before, "new", after));
}

static const json_t *value_of(const json_t *line, const char *key) {
    return json_object_get(json_object_get(json_object_get(line, "fields"), key), "value");
}

static void compare_fields(const Replay *replay, const json_t *form, const json_t *old, const json_t *new,
                           json_t *fields) {
    const char *language = replay->keeper->config->programme->language;
    size_t i;
    json_t *definition;
    json_array_foreach(definition_fields(form), i, definition) {
        const char *key = definition_key(definition);
        const json_t *before = value_of(old, key), *after = value_of(new, key);
        if ((before || after) && !json_equal((json_t *)before, (json_t *)after))
            add_field(fields, key, definition_title(definition, language), before, after, language);
    }
    json_array_foreach(definition_tables(form), i, definition) {
        const char *key = definition_key(definition);
        const json_t *before = json_object_get(json_object_get(old, "tables"), key),
                     *after = json_object_get(json_object_get(new, "tables"), key);
        if (json_array_size(before) + json_array_size(after) == 0 ||
            json_equal((json_t *)before, (json_t *)after))
            continue;
        json_t *rows_before = json_integer((json_int_t)json_array_size(before)),
               *rows_after = json_integer((json_int_t)json_array_size(after));
        add_field(fields, key, definition_title(definition, language), rows_before, rows_after, language);
        json_decref(rows_before);
        json_decref(rows_after);
    }
}

static const char *form_of(const json_t *line) {
    const char *form = json_string_value(json_object_get(line, "form"));
    return form ? form : "";
}

/* Compares two readings line by line. */
static Change *compare(const Replay *replay, const StoreMessage *message, const json_t *old, json_t *lines) {
    Change *change = g_new0(Change, 1);
    change->message = message;
    change->lines = json_incref(lines);
    change->fields = json_array();
    for (size_t i = 0; i < MAX(json_array_size(old), json_array_size(lines)); i++) {
        const json_t *before = json_array_get(old, i), *after = json_array_get(lines, i);
        const char *form_before = form_of(before), *form_after = form_of(after);
        if (strcmp(form_before, form_after) != 0)
            json_array_append_new(change->fields,
                                  json_pack("{s:s, s:s, s:s?, s:s?}", "field", "form", "label", "form", "old",
                                            *form_before ? form_before : NULL, "new",
                                            *form_after ? form_after : NULL));
        change->is_lost = change->is_lost || (*form_before && !*form_after);
        if (*form_after && !change->is_lost)
            compare_fields(replay, definition_form(replay->keeper->config->programme, form_after), before,
                           after, change->fields);
    }
    return change;
}

/* ---- reading
 * ---------------------------------------------------------------------------------------------------- */

static void on_answer(json_t *result, GBytes *text, gpointer tag, gpointer user_data) {
    Replay *replay = user_data;
    const StoreMessage *message = tag;
    json_t *lines = json_object_get(result, "lines");
    replay->done++;
    progress_set(replay->options->progress, replay->done, replay->messages->len);
    if (!lines) {
        replay->failed++;
        return;
    }
    json_t *old = replay->failure
                      ? NULL
                      : store_reading_load(replay->keeper->store, message->id, NULL, &replay->failure);
    if (!old)
        return;
    Change *change = compare(replay, message, old, lines);
    json_decref(old);
    if (json_array_size(change->fields) > 0) {
        replay->lost += change->is_lost;
        g_ptr_array_add(replay->changed, change);
    } else {
        replay->same++;
        change_free(change);
    }
}

static bool submit(Replay *replay, StoreMessage *message, GError **error) {
    const Programme *programme = replay->keeper->config->programme;
    g_autoptr(GBytes) bytes =
        archive_read(replay->keeper->archive, message->location, message->sha256, error);
    if (!bytes)
        return false;
    int memfd = ipc_memfd("message", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
    if (memfd < 0)
        return false;
    g_autofree char *name = g_strdup_printf("message %" G_GINT64_FORMAT, message->id);
    json_t *request =
        json_pack("{s:s, s:I, s:s, s:s}", "file", name, "received", (json_int_t)message->received_s,
                  "own_address", programme->from_address, "id_domain", programme->id_domain);
    reader_host_submit(replay->host, request, memfd, message);
    return true;
}

static bool read_all(Replay *replay, GError **error) {
    replay->host = reader_host_new(replay->keeper->config->forms, on_answer, replay);
    if (!reader_host_spawn(replay->host, CLAMP(g_get_num_processors(), 1, READERS_MAX), error))
        return false;
    reader_host_spawn_converter(replay->host, converter_default_base());
    for (guint next = 0; next < replay->messages->len || reader_host_pending(replay->host) > 0;) {
        if (next == replay->messages->len || reader_host_is_full(replay->host)) {
            reader_host_wait(replay->host);
            continue;
        }
        g_autoptr(GError) failure = NULL;
        if (!submit(replay, replay->messages->pdata[next++], &failure)) {
            replay->done++;
            replay->failed++; /* `verify` names the damage */
        }
    }
    if (!replay->failure)
        return true;
    g_propagate_error(error, g_steal_pointer(&replay->failure));
    return false;
}

static bool list_messages(Replay *replay, GError **error) {
    static const MessageState STATES[] = {MESSAGE_RECORDED, MESSAGE_REVIEW};
    for (gsize s = 0; s < G_N_ELEMENTS(STATES); s++) {
        gint64 after_id = 0;
        for (bool more = true; more;) {
            g_autoptr(GPtrArray) page = NULL;
            if (!store_messages_in_state(replay->keeper->store, STATES[s], after_id, PAGE, &page, error))
                return false;
            more = page->len == PAGE;
            g_ptr_array_set_free_func(page, NULL);
            for (guint i = 0; i < page->len; i++) {
                StoreMessage *message = page->pdata[i];
                after_id = message->id;
                if (message->location && message->received_s >= replay->options->since_s)
                    g_ptr_array_add(replay->messages, message);
                else
                    store_message_free(message);
            }
        }
    }
    return true;
}

/* ---- applying
 * --------------------------------------------------------------------------------------------------- */

/* A message is decided again as what it was recorded as; one that waited is decided anew. */
static bool apply_one(Replay *replay, const Change *change, GError **error) {
    Keeper *keeper = replay->keeper;
    const StoreMessage *message = change->message;
    gint64 submission_id = 0, now_s = keeper_now_s(keeper);
    g_autoptr(ReadJob) job = read_job_new(message->id);
    g_autoptr(Submission) submission = NULL;
    g_autoptr(GError) failure = NULL;
    bool is_review = message->state == MESSAGE_REVIEW;
    if (!store_submission_of_message(keeper->store, message->id, &submission_id, error))
        return false;
    if (submission_id && !(submission = store_submission_get(keeper->store, submission_id, &failure)) &&
        failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (!is_review && !submission) /* withdrawn, or never a form: nothing of it counts */
        return true;
    job->received_s = message->received_s;
    job->seen_s = message->seen_s;
    job->is_replay = true;
    job->confirmed_org_id = submission ? submission->org_id : 0;
    job->confirmed_period = submission ? g_strdup(submission->period) : NULL;
    const JournalEvent event = {
        .event = "replay.applied", .message_id = message->id, .submission_id = submission_id};
    job->lines = json_incref(change->lines);
    if (!store_reading_save(keeper->store, message->id, change->lines, NULL, RECORD_READER_VERSION,
                            read_job_converter(job), now_s, error) ||
        (is_review && !store_review_close_message(keeper->store, message->id, "read again", now_s, error)) ||
        !store_journal_append(keeper->store, &event, now_s, error))
        return false;
    size_t i;
    json_t *line;
    bool is_recorded = false;
    json_array_foreach(change->lines, i, line) {
        g_autoptr(IntakeDecision) decision = settle_line(keeper, job, line, error);
        if (!decision)
            return false;
        is_recorded = is_recorded || decision->state == MESSAGE_RECORDED;
    }
    replay->applied++;
    return !is_review || !is_recorded ||
           store_message_apply(keeper->store, message->id, MESSAGE_EVENT_RECORD, now_s, error);
}

static gint compare_received(gconstpointer a, gconstpointer b) {
    const StoreMessage *first = (*(Change *const *)a)->message, *second = (*(Change *const *)b)->message;
    return first->received_s != second->received_s ? (first->received_s > second->received_s ? 1 : -1)
                                                   : (first->id > second->id) - (first->id < second->id);
}

/* In the order of receipt, as the mail came. */
static bool apply_all(Replay *replay, GError **error) {
    Store *store = replay->keeper->store;
    for (guint i = 0; i < replay->changed->len; i += APPLY_BATCH) {
        bool good = store_begin(store, error);
        for (guint j = i; good && j < MIN(i + APPLY_BATCH, replay->changed->len); j++) {
            const Change *change = replay->changed->pdata[j];
            good = change->is_lost || apply_one(replay, change, error);
        }
        if (!good || !store_commit(store, error)) {
            store_rollback(store);
            return false;
        }
    }
    return true;
}

/* ---- the report
 * ------------------------------------------------------------------------------------------------- */

static json_t *change_json(const Replay *replay, const Change *change, GError **error) {
    Keeper *keeper = replay->keeper;
    gint64 submission_id = 0;
    g_autoptr(GError) failure = NULL;
    if (!store_submission_of_message(keeper->store, change->message->id, &submission_id, error))
        return NULL;
    g_autoptr(Submission) submission =
        submission_id ? store_submission_get(keeper->store, submission_id, &failure) : NULL;
    gint64 org_id = submission ? submission->org_id : change->message->org_id;
    const Organization *organization = view_organization(keeper->view, org_id);
    return json_pack(
        "{s:I, s:s?, s:s?, s:s?, s:s, s:b, s:O}", "message", (json_int_t)change->message->id, "organization",
        organization ? organization->name : NULL, "obligation", submission ? submission->obligation : NULL,
        "period", submission ? submission->period : NULL, "state", message_state_name(change->message->state),
        "lost", change->is_lost, "fields", change->fields);
}

static json_t *report(const Replay *replay, GError **error) {
    json_t *changes = json_array();
    for (guint i = 0; i < replay->changed->len; i++) {
        json_t *one = change_json(replay, replay->changed->pdata[i], error);
        if (!one) {
            json_decref(changes);
            return NULL;
        }
        json_array_append_new(changes, one);
    }
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "messages", (int)replay->messages->len, "same",
                     (int)replay->same, "changed", (int)replay->changed->len, "failed", (int)replay->failed,
                     "lost", (int)replay->lost, "applied", (int)replay->applied, "changes", changes);
}

json_t *replay_run(Keeper *keeper, const ReplayOptions *options, GError **error) {
    g_auto(Replay) replay = {.keeper = keeper,
                             .options = options,
                             .messages = g_ptr_array_new_with_free_func((GDestroyNotify)store_message_free),
                             .changed = g_ptr_array_new_with_free_func((GDestroyNotify)change_free)};
    if (!list_messages(&replay, error) || !read_all(&replay, error))
        return NULL;
    g_ptr_array_sort(replay.changed, compare_received);
    if (options->apply && !apply_all(&replay, error))
        return NULL;
    return report(&replay, error);
}
