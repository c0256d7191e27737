#include "gateway/keeper/approving.h"

#include <string.h>

#include "gateway/core/roster.h"
#include "gateway/io/log.h"
#include "gateway/store/journal.h"

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

bool approving_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    return answered->letter->kind == LETTER_SUMMARY &&
           json_is_true(json_object_get(answered->letter->facts, "is_preview")) && !facts.automatic &&
           !facts.junk_folder && !job->is_replay && facts.from_count <= 1 &&
           strcmp(text_of(line, "kind"), "submission") != 0 &&
           g_ascii_strcasecmp(answered->letter->to_address, facts.from) == 0;
}

/* "发送", "同意发送", "send": at the beginning of the answer's own text. */
static bool says_send(const json_t *line) {
    static const char *const words[] = {"发送", "同意", "可以发送", "send", NULL};
    const char *reply = text_of(line, "reply");
    if (strcmp(text_of(json_object_get(line, "command"), "name"), "send") == 0)
        return true;
    while (*reply && !g_unichar_isalnum(g_utf8_get_char(reply)))
        reply = g_utf8_next_char(reply);
    for (const char *const *word = words; *word; word++)
        if (g_ascii_strncasecmp(reply, *word, strlen(*word)) == 0)
            return true;
    return false;
}

/* Releases what is held; sentences: to whom. */
static bool release(Keeper *keeper, const ReadJob *job, const Letter *preview, json_t *sentences,
                    GError **error) {
    gint64 now_s = keeper_now_s(keeper);
    size_t i;
    json_t *key;
    json_array_foreach(json_object_get(preview->facts, "held_keys"), i, key) {
        g_autoptr(OutboxEntry) entry = store_outbox_by_key(keeper->store, json_string_value(key), error);
        if (!entry)
            return false;
        if (entry->state != OUTBOX_HELD || entry->letter->expires_s <= now_s)
            continue;
        JournalEvent event = {
            .event = "letter.approved", .message_id = job->message_id, .letter_id = entry->id};
        if (!store_outbox_apply(keeper->store, entry->id, OUTBOX_EVENT_RELEASE, "the liaison approved it",
                                now_s, error) ||
            !store_journal_append(keeper->store, &event, now_s, error))
            return false;
        const Letter *letter = entry->letter;
        g_autofree char *text =
            g_strdup_printf("%s <%s>", letter->to_name ? letter->to_name : "", letter->to_address);
        json_array_append_new(sentences, json_pack("{s:s}", "text", text));
    }
    return true;
}

IntakeDecision *approving_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                 const OutboxEntry *answered, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    const Letter *letter = answered->letter;
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    bool is_english = g_strcmp0(letter->language, "en") == 0, is_liaison = false;
    for (guint i = 0; i < keeper->config->programme->roles->len && !is_liaison; i++) {
        const RolePerson *other = keeper->config->programme->roles->pdata[i];
        is_liaison = strcmp(other->role, "liaison") == 0 && other->address &&
                     g_ascii_strcasecmp(other->address, facts.from) == 0;
    }
    bool is_said = says_send(line) && person && is_liaison;
    json_t *sentences = json_array();
    if (is_said && !release(keeper, job, letter, sentences, error)) {
        json_decref(sentences);
        return NULL;
    }
    gsize count = json_array_size(sentences);
    const char *title = !is_said ? (is_english ? "The summary waits: your answer was not understood"
                                               : "您的回复没有看懂，汇总仍在等待")
                        : count == 0 ? (is_english ? "No summary waits any more" : "已没有等待发送的汇总")
                        : is_english ? "The summary leaves"
                                     : "汇总已发出";
    const char *how = is_said      ? NULL
                      : is_english ? "Answer the preview with “send”."
                                   : "请回复预览邮件，第一行写“发送”。";
    keeper->roster_changed = true; /* the view does not follow the outbox by itself */
    log_event(LOG_INFO, "summary.approved", LOG_ID_NUMBER("m", job->message_id),
              LOG_NUMBER("letters", count));
    g_autoptr(IntakeDecision) decision =
        intake_answer(keeper->view, &facts, line, keeper_now_s(keeper), is_said, title, sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}
