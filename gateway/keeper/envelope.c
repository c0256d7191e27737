#include "gateway/keeper/envelope.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/letter_render.h"
#include "gateway/core/period.h"
#include "gateway/core/summary_scores.h"
#include "gateway/io/letter_mime.h"
#include "gateway/io/templates.h"
#include "gateway/keeper/codes.h"
#include "gateway/keeper/enclosures.h"
#include "gateway/store/ledger.h"
#include "gateway/store/scores.h"
#include "gateway/store/snapshot.h"

struct EnvelopeMaker {
    Keeper *keeper;
    LetterTemplates *templates;
    char *salt; /* of the database */
    /* the state with contents that the last letter's period needed: a round of reminders shares it */
    char *content_of;       /* "biweekly/2016-06-27" */
    guint content_recorded; /* counts.recorded when it was read */
    Snapshot *content_snapshot;
    View *content_view;
};

void envelope_free(Envelope *envelope) {
    g_free(envelope->message_id);
    g_bytes_unref(envelope->bytes);
    g_free(envelope);
}

EnvelopeMaker *envelope_maker_new(Keeper *keeper, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autofree char *salt = store_meta_get(keeper->store, STORE_META_JOURNAL_SALT, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    LetterTemplates *templates = templates_load(keeper->config->templates_dir, error);
    if (!templates)
        return NULL;
    EnvelopeMaker *maker = g_new0(EnvelopeMaker, 1);
    maker->keeper = keeper;
    maker->templates = templates;
    maker->salt = salt ? g_steal_pointer(&salt) : g_strdup("");
    return maker;
}

static void drop_content(EnvelopeMaker *maker) {
    g_clear_pointer(&maker->content_view, view_free);
    g_clear_pointer(&maker->content_snapshot, snapshot_free);
    g_clear_pointer(&maker->content_of, g_free);
}

void envelope_maker_free(EnvelopeMaker *maker) {
    if (!maker)
        return;
    drop_content(maker);
    letter_templates_free(maker->templates);
    g_free(maker->salt);
    g_free(maker);
}

char *envelope_message_id(const Programme *programme, const char *salt, const char *key) {
    g_autofree char *name = g_strdup_printf("message-id\n%s/%s", programme->id, key);
    g_autofree char *digest =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)salt, strlen(salt), name, -1);
    /* 128 bits of the digest: nobody meets a second one, nobody guesses one */
    return g_strdup_printf("%.32s@%s", digest, programme->id_domain);
}

/* Contents of the letter's period and the one before (change against it, constants to fill in); NULL on
 * error. */
static View *content_view(EnvelopeMaker *maker, const Letter *letter, GError **error) {
    Keeper *keeper = maker->keeper;
    bool with_people = letter->kind == LETTER_SUMMARY; /* for its scores */
    g_autofree char *name =
        g_strdup_printf("%s/%s%s", letter->obligation, letter->period, with_people ? "/people" : "");
    if (g_strcmp0(name, maker->content_of) == 0 && maker->content_recorded == keeper->counts.recorded)
        return maker->content_view;
    drop_content(maker);
    const Programme *programme = keeper->config->programme;
    const Obligation *obligation = programme_obligation(programme, letter->obligation);
    g_autoptr(Period) period = obligation ? period_by_key(programme, obligation, letter->period) : NULL;
    g_autoptr(Period) previous = period ? period_previous(programme, obligation, period) : NULL;
    const char *periods[] = {letter->period, previous ? previous->key : NULL, NULL};
    if (!store_snapshot(
            keeper->store, programme,
            &(SnapshotScope){.periods = periods, .with_content = true, .with_people = with_people},
            &maker->content_snapshot, error))
        return NULL;
    maker->content_view = view_new(maker->content_snapshot);
    maker->content_of = g_steal_pointer(&name);
    maker->content_recorded = keeper->counts.recorded;
    return maker->content_view;
}

/* Acks and the like carry what they tell in their own facts; the others look at the current state. */
static bool needs_content(const Programme *programme, const Letter *letter) {
    const Obligation *obligation = programme_obligation(programme, letter->obligation);
    return obligation && !obligation->reviews && letter->obligation && letter->period &&
           (letter->kind == LETTER_REMINDER || letter->kind == LETTER_OVERDUE ||
            letter->kind == LETTER_SUMMARY || letter->kind == LETTER_SECTION_DIGEST ||
            letter->kind == LETTER_ADVISOR_DIGEST || letter->kind == LETTER_COMMAND_ANSWER ||
            letter->kind == LETTER_PINNED_NOTICE);
}

/* The code that an order waits for: known from now on, and in clear only here. */
static bool add_code(Keeper *keeper, const Letter *letter, json_t *facts, GError **error) {
    gint64 order_id = json_integer_value(json_object_get(letter->facts, "order_id"));
    g_autofree char *code = order_id ? codes_issue(keeper, order_id, error) : NULL;
    if (code)
        json_object_set_new(facts, "code_text", json_string(code));
    return !order_id || code;
}

/* Where no question repeats there is no notice to draft. */
static bool has_news(const Letter *letter, const json_t *facts, GError **error) {
    if (letter->kind != LETTER_PINNED_NOTICE || json_is_true(json_object_get(facts, "has_clusters")) ||
        json_is_true(json_object_get(facts, "has_proposals")))
        return true;
    g_set_error_literal(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND, "no question repeats");
    return false;
}

static GBytes *render(EnvelopeMaker *maker, const OutboxEntry *entry, const char *message_id,
                      GError **error) {
    Keeper *keeper = maker->keeper;
    const Programme *programme = keeper->config->programme;
    const Letter *letter = entry->letter;
    g_auto(LetterText) text = {0};
    const View *view = needs_content(programme, letter) ? content_view(maker, letter, error) : keeper->view;
    if (!view)
        return NULL;
    json_t *facts = letter_facts(view, letter, keeper_now_s(keeper));
    g_autofree char *reference = letter_reference(message_id);
    json_object_set_new(facts, "reference", json_string(reference));
    g_autoptr(GPtrArray) enclosures =
        enclosures_make(&(EnclosureSource){.store = keeper->store,
                                           .view = view,
                                           .templates_dir = keeper->config->templates_dir,
                                           .scratch_dir = keeper->config->state_dir,
                                           .now_s = keeper_now_s(keeper)},
                        letter, facts);
    g_autofree LetterAttachment *attachments = enclosures_flat(enclosures);
    bool good = has_news(letter, facts, error) && add_code(keeper, letter, facts, error) &&
                letter_render(maker->templates, letter->kind, letter->language, facts, false, &text, error);
    json_decref(facts);
    if (!good)
        return NULL;
    g_autoptr(StoreMessage) answered = NULL;
    if (letter->message_id && !(answered = store_message_get(keeper->store, letter->message_id, error)))
        return NULL;
    const char *answered_id =
        answered && answered->message_id && *answered->message_id ? answered->message_id : NULL;
    LetterEnvelope envelope = {
        .from_address = programme->from_address,
        .from_name = programme->from_name,
        .to_address = letter->to_address,
        .to_name = letter->to_name,
        .text = &text,
        .message_id = message_id,
        .in_reply_to = answered_id,
        .fortnight_id = letter->key,
        .date_s = keeper_now_s(keeper),
        .zone = programme->zone,
        .is_reply = letter->message_id != 0,
        .is_repeated = entry->is_copy,
        .attachments = attachments,
        .n_attachments = enclosures->len,
    };
    return letter_mime_render(&envelope, error);
}

Envelope *envelope_make(EnvelopeMaker *maker, const OutboxEntry *entry, GError **error) {
    g_autofree char *message_id = entry->message_id ? g_strdup(entry->message_id)
                                                    : envelope_message_id(maker->keeper->config->programme,
                                                                          maker->salt, entry->letter->key);
    GBytes *bytes = entry->bytes ? g_bytes_ref(entry->bytes) : render(maker, entry, message_id, error);
    if (!bytes)
        return NULL;
    Envelope *envelope = g_new0(Envelope, 1);
    envelope->message_id = g_steal_pointer(&message_id);
    envelope->bytes = bytes;
    return envelope;
}

bool envelope_publish(EnvelopeMaker *maker, const OutboxEntry *entry, GError **error) {
    Keeper *keeper = maker->keeper;
    const Letter *letter = entry->letter;
    const ScoreFormula *scores = keeper->config->scores;
    /* bytes: a second try sends what was made, and published, then */
    if (letter->kind != LETTER_SUMMARY || entry->bytes || !scores ||
        g_strcmp0(scores->obligation, letter->obligation) != 0)
        return true;
    const View *view = content_view(maker, letter, error);
    if (!view)
        return false;
    const Obligation *obligation = programme_obligation(keeper->config->programme, letter->obligation);
    g_autoptr(Period) period = period_by_key(keeper->config->programme, obligation, letter->period);
    if (!period)
        return true;
    g_autoptr(ScoreBook) book = score_book_new(view, keeper_now_s(keeper));
    json_t *kept = summary_scores_kept(book, period);
    bool good = store_scores_publish(keeper->store, obligation->id, period->key, scores->version, kept,
                                     entry->id, keeper_now_s(keeper), NULL, error);
    json_decref(kept);
    return good;
}
