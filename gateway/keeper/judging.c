#include "gateway/keeper/judging.h"

#include <string.h>

#include "gateway/core/approval.h"
#include "gateway/core/digests.h"
#include "gateway/core/letter_facts.h"
#include "gateway/core/roster.h"
#include "gateway/io/log.h"
#include "gateway/keeper/answered.h"
#include "gateway/store/journal.h"
#include "gateway/store/submissions.h"
#include "gateway/store/verdicts.h"

#define DIGESTS_MAX 20 /* letters that are looked at for an answer that names none */

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

bool judging_is_answer(const ReadJob *job, const json_t *line, const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    return answered->letter->kind == LETTER_SECTION_DIGEST && !facts.automatic && !facts.junk_folder &&
           facts.from_count <= 1 && !job->is_replay && strcmp(text_of(line, "kind"), "submission") != 0 &&
           g_ascii_strcasecmp(answered->letter->to_address, facts.from) == 0;
}

static bool is_head(const Programme *programme, const char *address) {
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = programme->roles->pdata[i];
        if (strcmp(person->role, "section_head") == 0 && person->address &&
            g_ascii_strcasecmp(person->address, address) == 0)
            return true;
    }
    return false;
}

/* "通过", "退回 2：理由" at the beginning, not "通过大家的努力". */
static bool begins_with_verdict(const char *text) {
    g_autofree char *line = g_strndup(text, strcspn(text, "\r\n"));
    g_autoptr(GPtrArray) words = approval_read(line);
    const ApprovalWord *word = words->len ? words->pdata[0] : NULL;
    return word && (!*word->rest || word->numbers->len || word->verdict == VERDICT_RETURNED);
}

bool judging_is_unaddressed(const Keeper *keeper, const ReadJob *job, const json_t *line) {
    MessageFacts facts = settle_facts(job, line);
    const char *kind = text_of(line, "kind"), *reply = text_of(line, "reply");
    bool may_be = strcmp(kind, "unknown") == 0 || strcmp(kind, "command") == 0;
    return may_be && !facts.automatic && !facts.junk_folder && facts.from_count <= 1 && !job->is_replay &&
           !facts.by_hand && !facts.confirmed_org_id && keeper->snapshot->released_s &&
           is_head(keeper->config->programme, facts.from) &&
           begins_with_verdict(*reply ? reply : facts.subject);
}

/* "双周报 2016-06-27：编号 1A2B3C4D", the newest digest of each period. */
static bool list_digests(Keeper *keeper, const char *address, bool is_english, json_t *sentences,
                         GError **error) {
    g_autoptr(GPtrArray) entries = NULL;
    g_autoptr(GHashTable) listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!store_outbox_sent_to(keeper->store, address, LETTER_SECTION_DIGEST, LETTER_SECTION_DIGEST,
                              keeper_now_s(keeper) - ANSWERED_RECENT_S, DIGESTS_MAX, &entries, error))
        return false;
    for (guint i = 0; i < entries->len; i++) {
        const OutboxEntry *entry = entries->pdata[i];
        const Letter *letter = entry->letter;
        const Obligation *obligation = programme_obligation(keeper->config->programme, letter->obligation);
        const char *title = obligation ? obligation_title(obligation, is_english) : letter->obligation;
        char *about = g_strdup_printf("%s %s", title ? title : "", letter->period ? letter->period : "");
        if (!g_hash_table_add(listed, about) || !entry->message_id)
            continue;
        g_autofree char *reference = letter_reference(entry->message_id);
        g_autofree char *text =
            g_strdup_printf(is_english ? "%s: reference %s" : "%s：编号 %s", about, reference);
        json_array_append_new(sentences, json_pack("{s:s}", "text", text));
    }
    return true;
}

IntakeDecision *judging_ask_back(Keeper *keeper, const ReadJob *job, const json_t *line, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    const char *language =
        person && person->language ? person->language : keeper->config->programme->language;
    bool is_english = g_strcmp0(language, "en") == 0;
    json_t *sentences = json_array();
    if (!list_digests(keeper, facts.from, is_english, sentences, error)) {
        json_decref(sentences);
        return NULL;
    }
    const char *title = is_english ? "Which digest do you mean? Nothing was changed"
                                   : "您审核的是哪一份小结？审核意见还没有登记";
    const char *how =
        is_english
            ? "Answer the digest itself; or write again with its reference in the subject, such as "
              "“[1A2B3C4D]”, and “approve” or “return 2: reason” below."
            : "请直接回复那一份小结；也可以重新来信，主题写上编号，例如“[1A2B3C4D]”，正文写“通过”或“退回 "
              "2：理由”。";
    g_autoptr(IntakeDecision) decision =
        intake_answer(keeper->view, &facts, line, keeper_now_s(keeper), false, title, sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}

/* One answer on its way. */
typedef struct {
    Keeper *keeper;
    const ReadJob *job;
    const OutboxEntry *entry;
    const Letter *letter;
    const RolePerson *head;
    bool is_english;
    json_t *sentences;
    guint done, refused;
} Judging;

/* Takes text over. */
static void say(Judging *j, char *text) {
    json_array_append_new(j->sentences, json_pack("{s:s}", "text", text));
    g_free(text);
}

/* Was it on record when the letter was made? A letter that was tried again was made at its first attempt. */
static bool was_shown(const Judging *j, const Submission *submission, bool *ret_shown, GError **error) {
    json_t *revision = store_revision_json(j->keeper->store, submission->id, submission->revision, error);
    gint64 made_s = j->entry->attempts <= 1 ? j->entry->updated_s : j->entry->created_s;
    if (!revision)
        return false;
    *ret_shown = json_integer_value(json_object_get(revision, "recorded_s")) <= made_s;
    json_decref(revision);
    return true;
}

static bool judge(Judging *j, const Submission *submission, Verdict verdict, const char *reason,
                  GError **error) {
    Keeper *keeper = j->keeper;
    gint64 now_s = keeper_now_s(keeper);
    bool is_returned = verdict == VERDICT_RETURNED;
    const StoreVerdict kept = {.submission_id = submission->id,
                               .revision = submission->revision,
                               .verdict = verdict,
                               .reason = is_returned ? reason : NULL,
                               .by_address = j->letter->to_address,
                               .message_id = j->job->message_id};
    JournalEvent event = {.event = is_returned ? "report.returned" : "report.approved",
                          .message_id = j->job->message_id,
                          .org_id = submission->org_id,
                          .detail = submission->period};
    if (!store_verdict_add(keeper->store, &kept, now_s, error) ||
        !store_journal_append(keeper->store, &event, now_s, error))
        return false;
    g_autoptr(Letter) letter =
        is_returned ? digests_returned_letter(keeper->view, submission, j->head, reason, now_s) : NULL;
    if (letter && !store_outbox_put(keeper->store, letter, now_s, NULL, NULL, error))
        return false;
    const Organization *organization = view_organization(keeper->view, submission->org_id);
    const char *name = organization ? organization->name : "";
    say(j, g_strdup_printf(j->is_english ? "%s: %s%s" : "%s：%s%s", name,
                           approval_text(is_returned ? APPROVAL_RETURNED : APPROVAL_APPROVED,
                                         j->is_english ? "en" : "zh"),
                           !is_returned || letter ? ""
                           : j->is_english        ? " (no address is known: please tell them)"
                                                  : "（没有登记邮箱，请另行告知）"));
    j->done++;
    return true;
}

static const Submission *submission_of(const Judging *j, gint64 org_id) {
    return view_submission(j->keeper->view, j->letter->obligation, j->letter->period, org_id);
}

/* Whether the rest of a sentence begins with an organization's name, and what follows it. */
static bool names(const Judging *j, gint64 org_id, const char *rest, const char **ret_after) {
    const Organization *organization = view_organization(j->keeper->view, org_id);
    if (!organization || !g_str_has_prefix(rest, organization->name))
        return false;
    rest += strlen(organization->name);
    while (*rest && !g_unichar_isalnum(g_utf8_get_char(rest)))
        rest = g_utf8_next_char(rest);
    *ret_after = rest;
    return true;
}

/* The organizations that a sentence means, in the letter's order; *ret_reason: what is left of it. */
static GArray *meant_by(const Judging *j, const ApprovalWord *word, const char **ret_reason, GError **error) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    const json_t *list = json_object_get(j->letter->facts, "org_ids");
    *ret_reason = word->rest;
    for (guint i = 0; i < word->numbers->len; i++) {
        guint number = g_array_index(word->numbers, guint, i);
        gint64 id = number ? json_integer_value(json_array_get(list, number - 1)) : 0;
        g_array_append_val(ids, id); /* 0: no such number */
    }
    gsize i;
    json_t *id;
    json_array_foreach(list, i, id) {
        gint64 org_id = json_integer_value(id);
        if (word->numbers->len == 0 && names(j, org_id, word->rest, ret_reason)) {
            g_array_append_val(ids, org_id);
            return g_steal_pointer(&ids);
        }
    }
    json_array_foreach(list, i, id) {
        gint64 org_id = json_integer_value(id);
        const Submission *submission = word->numbers->len ? NULL : submission_of(j, org_id);
        bool is_shown = false;
        if (!submission || submission->verdict != VERDICT_NONE)
            continue;
        if (!was_shown(j, submission, &is_shown, error))
            return NULL;
        if (is_shown)
            g_array_append_val(ids, org_id);
    }
    return g_steal_pointer(&ids);
}

static void refuse(Judging *j, const char *zh, const char *en) {
    say(j, g_strdup(j->is_english ? en : zh));
    j->refused++;
}

static bool carry_out(Judging *j, const ApprovalWord *word, GError **error) {
    const char *reason;
    g_autoptr(GArray) ids = meant_by(j, word, &reason, error);
    if (!ids)
        return false;
    bool is_return = word->verdict == VERDICT_RETURNED;
    if (is_return && !*reason) {
        refuse(j, "退回需要写明理由，例如“退回 2：数据与附表不符”",
               "A return needs a reason, such as “return 2: the figures do not fit the list”");
        return true;
    }
    if (is_return && ids->len > 1 && word->numbers->len == 0) {
        refuse(j, "请写明退回哪一份，例如“退回 2：理由”", "Please say which one, such as “return 2: reason”");
        return true;
    }
    if (ids->len == 0)
        refuse(j, "没有待审核的报送", "Nothing waits for your review");
    for (guint i = 0; i < ids->len; i++) {
        gint64 org_id = g_array_index(ids, gint64, i);
        const Submission *submission = org_id ? submission_of(j, org_id) : NULL;
        if (!submission)
            refuse(j, "这个编号没有报送", "There is no report of this number");
        else if (!judge(j, submission, word->verdict, reason, error))
            return false;
    }
    return true;
}

static bool carry_out_all(Judging *j, const GPtrArray *words, GError **error) {
    for (guint i = 0; i < words->len; i++)
        if (!carry_out(j, words->pdata[i], error))
            return false;
    return true;
}

static const char *title_of(const Judging *j, bool is_head) {
    if (!is_head)
        return j->is_english ? "You are not the head of this section (any more)" : "您不是该板块现任负责人";
    if (!j->done)
        return j->is_english ? "Your answer was not understood, nothing was changed"
                             : "您的回复没有看懂，内容未改动";
    return j->is_english ? "Your review is recorded" : "审核意见已登记";
}

IntakeDecision *judging_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                               const OutboxEntry *answered, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    const Letter *letter = answered->letter;
    const RolePerson *head = approval_head(keeper->config->programme, text_of(letter->facts, "section"));
    bool is_head = head && g_ascii_strcasecmp(head->address, facts.from) == 0;
    Judging j = {.keeper = keeper,
                 .job = job,
                 .entry = answered,
                 .letter = letter,
                 .head = head,
                 .is_english = g_strcmp0(letter->language, "en") == 0,
                 .sentences = json_array()};
    g_autoptr(GPtrArray) words = approval_read(text_of(line, "reply"));
    if (is_head && !carry_out_all(&j, words, error)) {
        json_decref(j.sentences);
        return NULL;
    }
    keeper->roster_changed = true; /* the view does not follow verdicts by itself */
    log_event(LOG_INFO, "report.reviewed", LOG_ID_NUMBER("m", job->message_id), LOG_NUMBER("done", j.done));
    const char *how = !is_head || (j.done && !j.refused) ? NULL
                      : j.is_english
                          ? "Answer the letter, one line each: “approve”, “approve 1 3”, “return 2: reason”."
                          : "请回复原邮件，每行一句：“通过”“通过 1 3”“退回 2：理由”。";
    g_autoptr(IntakeDecision) decision =
        intake_answer(keeper->view, &facts, line, keeper_now_s(keeper), !is_head || j.done > 0,
                      title_of(&j, is_head), j.sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}
