#include "gateway/keeper/reviewing.h"

#include <string.h>

#include "gateway/core/error.h"
#include "gateway/core/roster.h"
#include "gateway/keeper/asking.h"
#include "gateway/keeper/several.h"
#include "gateway/keeper/teaching.h"
#include "gateway/store/journal.h"
#include "gateway/store/ledger.h"
#include "gateway/store/review.h"

/* One entry under decision. */
typedef struct {
    Keeper *keeper;
    const ReviewOrder *order;
    const char *by;
    bool is_english;
    const char *language;
    StoreReview *entry;
    StoreMessage *message;
    json_t *lines; /* what the reader said */
    ReviewOutcome outcome;
} Case;

static void case_clear(Case *c) {
    store_review_free(c->entry);
    store_message_free(c->message);
    json_decref(c->lines);
    review_outcome_clear(&c->outcome);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

void review_outcome_clear(ReviewOutcome *outcome) {
    g_clear_pointer(&outcome->text, g_free);
}

static void set_outcome(Case *c, bool is_done, char *text) {
    g_free(c->outcome.text);
    c->outcome = (ReviewOutcome){is_done, text};
}

static void say(Case *c, bool is_done, const char *zh, const char *en) {
    set_outcome(c, is_done, g_strdup(c->is_english ? en : zh));
}

/* ---- closing
 * ---------------------------------------------------------------------------------------------------- */

static bool journal(Case *c, const char *event, gint64 org_id, GError **error) {
    JournalEvent entry = {
        .event = event, .message_id = c->message->id, .org_id = org_id, .detail = c->order->argument};
    return store_journal_append(c->keeper->store, &entry, keeper_now_s(c->keeper), error);
}

static char *outcome_text(const Case *c, const char *word) {
    return *c->order->argument ? g_strdup_printf("%s by %s: %s", word, c->by, c->order->argument)
                               : g_strdup_printf("%s by %s", word, c->by);
}

/* Nothing else of the message waits: it leaves review by the event. */
static bool leave_review(Case *c, MessageEvent event, GError **error) {
    guint open;
    if (!store_review_count_open(c->keeper->store, c->message->id, &open, error))
        return false;
    return open > 0 || c->message->state != MESSAGE_REVIEW ||
           store_message_apply(c->keeper->store, c->message->id, event, keeper_now_s(c->keeper), error);
}

static bool close_entry(Case *c, const char *word, MessageEvent event, GError **error) {
    g_autofree char *outcome = outcome_text(c, word);
    return store_review_close(c->keeper->store, c->entry->id, outcome, keeper_now_s(c->keeper), error) &&
           leave_review(c, event, error);
}

/* ---- assign
 * ----------------------------------------------------------------------------------------------------- */

static ReadJob *job_of(const Case *c, gint64 org_id, const char *period) {
    ReadJob *job = read_job_new(c->message->id);
    job->received_s = c->message->received_s;
    job->seen_s = c->message->seen_s;
    job->confirmed_org_id = org_id;
    job->confirmed_period = g_strdup(period);
    return job;
}

static void say_assigned(Case *c, const IntakeDecision *decision, gint64 org_id) {
    const Organization *organization = view_organization(c->keeper->view, org_id);
    const char *name = organization ? organization->name : "";
    const char *what = decision->obligation ? decision->obligation : "", *period = decision->period;
    const Obligation *obligation =
        decision->obligation ? programme_obligation(c->keeper->config->programme, decision->obligation)
                             : NULL;
    const char *title = !obligation ? what : c->is_english ? obligation->title_en : obligation->title_zh;
    if (decision->state == MESSAGE_RECORDED)
        set_outcome(
            c, true,
            g_strdup_printf(c->is_english ? "assigned to %s, recorded: %s %s" : "归属%s，已登记：%s %s", name,
                            title ? title : what, period ? period : ""));
    else
        set_outcome(c, false,
                    g_strdup_printf(c->is_english ? "assigned to %s, but it cannot be recorded: %s"
                                                  : "归属%s，但仍不能登记：%s",
                                    name,
                                    c->is_english ? decision->review_text_en : decision->review_text_zh));
}

/* The message is decided again as if it had come from that organization; its sender is learnt with it. */
static bool assign(Case *c, gint64 org_id, const char *period, GError **error) {
    g_autoptr(ReadJob) job = job_of(c, org_id, period);
    g_autofree char *outcome = outcome_text(c, "assigned");
    gint64 now_s = keeper_now_s(c->keeper);
    size_t i;
    json_t *line;
    MessageState state = MESSAGE_REVIEW;
    if (json_array_size(c->lines) == 0 || c->message->state != MESSAGE_REVIEW) {
        say(c, false, "这封邮件没有可以归属的内容",
            "there is nothing in this message that could be assigned");
        return true;
    }
    if (!store_review_close_message(c->keeper->store, c->message->id, outcome, now_s, error))
        return false;
    json_array_foreach(c->lines, i, line) {
        /* of several forms, those that name another organization are not meant */
        bool has_others = json_array_size(json_object_get(line, "others")) > 0;
        bool is_meant = !has_others || several_is_meant(c->keeper, line, org_id);
        g_autoptr(ReadJob) plain = job_of(c, 0, NULL);
        g_autoptr(IntakeDecision) decision = settle_line(c->keeper, is_meant ? job : plain, line, error);
        MessageState others = decision ? decision->state : MESSAGE_REVIEW;
        if (!decision || !several_settle(c->keeper, job, line, &others, error))
            return false;
        if (i == 0 || others == MESSAGE_RECORDED) {
            state = others;
            say_assigned(c, decision, org_id);
        }
    }
    return (state != MESSAGE_RECORDED ||
            store_message_apply(c->keeper->store, c->message->id, MESSAGE_EVENT_RECORD, now_s, error)) &&
           journal(c, "review.assigned", org_id, error);
}

static bool assign_by_name(Case *c, GError **error) {
    gint64 org_id;
    g_autofree char *period = NULL, *why = NULL;
    if (!review_resolve(c->keeper->view, c->order->argument, c->language, &org_id, &period, &why)) {
        set_outcome(c, false, g_steal_pointer(&why));
        return true;
    }
    return assign(c, org_id, period, error);
}

/* ---- accept, reject
 * --------------------------------------------------------------------------------------------- */

/* Whom the program itself would take it for, once a person says yes; 0: it cannot say. */
static gint64 proposed_org(const Case *c) {
    const json_t *line = json_array_get(c->lines, 0);
    g_auto(RosterMatch) who = {0};
    intake_identify(c->keeper->view, line, c->message->from_address, c->message->subject, &who);
    return who.contradiction || who.ambiguous ? 0 : who.org_id;
}

static bool accept(Case *c, GError **error) {
    if (review_records_form(c->entry->code) && c->message->state == MESSAGE_REVIEW) {
        gint64 org_id = proposed_org(c);
        if (org_id)
            return assign(c, org_id, NULL, error);
        say(c, false, "不能确定是哪个组织，请用“归属 组织名称”", "it is not clear whose it is: assign NAME");
        return true;
    }
    bool is_question = g_strcmp0(c->entry->code, "question") == 0;
    g_autoptr(ReadJob) job = job_of(c, 0, NULL);
    if ((is_question &&
         !asking_take_mail(c->keeper, job, json_array_get(c->lines, 0), c->message->org_id, error)) ||
        !close_entry(c, "accepted", MESSAGE_EVENT_RECORD, error))
        return false;
    if (is_question)
        say(c, true, "已登记为提问，转交答复", "recorded as a question and passed on");
    else
        say(c, true, "已办结", "settled");
    return journal(c, "review.accepted", c->message->org_id, error);
}

static bool reject(Case *c, GError **error) {
    if (!close_entry(c, "rejected", MESSAGE_EVENT_IGNORE, error))
        return false;
    say(c, true, "已拒绝，不登记", "rejected, not recorded");
    return journal(c, "review.rejected", c->message->org_id, error);
}

static bool load(Case *c, GError **error) {
    g_autoptr(GError) failure = NULL;
    c->entry = store_review_get(c->keeper->store, c->order->id, &failure);
    if (!c->entry && g_error_matches(failure, FORTNIGHT_ERROR, FORTNIGHT_ERROR_NOT_FOUND)) {
        say(c, false, "没有这个编号的待办", "there is no entry of that number");
        return true;
    }
    if (!c->entry) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (c->entry->closed_s) {
        say(c, false, "已经处理过了", "it has been settled already");
        return true;
    }
    c->message = store_message_get(c->keeper->store, c->entry->message_id, error);
    c->lines = c->message ? store_reading_load(c->keeper->store, c->message->id, NULL, error) : NULL;
    return c->lines != NULL;
}

bool reviewing_apply(Keeper *keeper, const ReviewOrder *order, const char *by, const char *language,
                     ReviewOutcome *ret_outcome, GError **error) {
    g_auto(Case) c = {.keeper = keeper,
                      .order = order,
                      .by = by,
                      .language = language,
                      .is_english = g_strcmp0(language, "en") == 0};
    if (!load(&c, error))
        return false;
    if (c.message) {
        bool good = order->verb == REVIEW_ASSIGN   ? assign_by_name(&c, error)
                    : order->verb == REVIEW_ACCEPT ? accept(&c, error)
                                                   : reject(&c, error);
        if (!good)
            return false;
    }
    *ret_outcome = c.outcome;
    c.outcome = (ReviewOutcome){0};
    return true;
}

/* ---- by mail
 * ---------------------------------------------------------------------------------------------------- */

bool reviewing_is_answer(const Keeper *keeper, const ReadJob *job, const json_t *line,
                         const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    return answered->letter->kind == LETTER_REVIEW_NOTICE && !facts.automatic && !facts.junk_folder &&
           facts.from_count <= 1 && person && strcmp(person->role, "liaison") == 0 &&
           g_ascii_strcasecmp(answered->letter->to_address, facts.from) == 0;
}

static char *title_of(guint done, guint total, bool is_english) {
    if (total == 0)
        return g_strdup(is_english ? "Your answer was not understood" : "您的回复没有看懂");
    if (done == total)
        return g_strdup_printf(is_english ? "%u settled" : "已处理 %u 件", done);
    return g_strdup_printf(is_english ? "%u of %u settled" : "已处理 %u 件，共 %u 件", done, total);
}

/* What a reply orders, and what became of it. */
typedef struct {
    Keeper *keeper;
    const char *reply, *language;
    json_t *sentences; /* [{"text"}] */
    guint done, total;
} Answer;

static bool settle_entries(Answer *answer, GError **error) {
    bool is_english = g_strcmp0(answer->language, "en") == 0;
    g_autoptr(GPtrArray) orders = review_orders_parse(answer->reply);
    for (guint i = 0; i < orders->len; i++) {
        const ReviewOrder *order = orders->pdata[i];
        g_auto(ReviewOutcome) outcome = {0};
        if (!reviewing_apply(answer->keeper, order, "mail", answer->language, &outcome, error))
            return false;
        g_autofree char *text = g_strdup_printf(
            is_english ? "%" G_GINT64_FORMAT ": %s" : "%" G_GINT64_FORMAT "：%s", order->id, outcome.text);
        json_array_append_new(answer->sentences, json_pack("{s:s}", "text", text));
        answer->done += outcome.is_done;
    }
    answer->total += orders->len;
    return true;
}

static bool teach_labels(Answer *answer, const json_t *notice, gint64 message_id, GError **error) {
    g_autoptr(GPtrArray) orders = labels_orders_parse(answer->reply);
    for (guint i = 0; i < orders->len; i++) {
        bool is_done;
        g_autofree char *text = NULL;
        if (!teaching_apply(answer->keeper, notice, orders->pdata[i], answer->language, message_id, &is_done,
                            &text, error))
            return false;
        json_array_append_new(answer->sentences, json_pack("{s:s}", "text", text));
        answer->done += is_done;
    }
    answer->total += orders->len;
    return true;
}

IntakeDecision *reviewing_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                 const OutboxEntry *answered, GError **error) {
    MessageFacts facts = settle_facts(job, line);
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    const char *language =
        person && person->language ? person->language : keeper->config->programme->language;
    bool is_english = g_strcmp0(language, "en") == 0;
    Answer answer = {.keeper = keeper,
                     .reply = json_string_value(json_object_get(line, "reply")),
                     .language = language,
                     .sentences = json_array()};
    if (!settle_entries(&answer, error) || !teach_labels(&answer, answered->letter->facts, facts.id, error)) {
        json_decref(answer.sentences);
        return NULL;
    }
    g_autofree char *title = title_of(answer.done, answer.total, is_english);
    const char *how =
        answer.done && answer.done == answer.total ? NULL
        : is_english
            ? "Answer the notice with one line for each entry: “3 assign NAME”, “3 accept” or "
              "“3 reject reason”; a label: “label LABEL = FIELD”; the number is the one in the notice."
            : "请回复那封提醒，每件写一行：“3 归属 组织名称”“3 通过”或“3 拒绝 原因”，表格项目写“标签 名称 = "
              "项目”，编号以提醒中的为准。";
    g_autoptr(IntakeDecision) decision = intake_answer(keeper->view, &facts, line, keeper_now_s(keeper),
                                                       answer.total > 0, title, answer.sentences, how);
    return settle_decision(keeper, job, line, decision, error) ? g_steal_pointer(&decision) : NULL;
}
