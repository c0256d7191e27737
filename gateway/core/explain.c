#include "gateway/core/explain.h"

#include <stdarg.h>

#include "gateway/core/calendar.h"
#include "gateway/core/plan.h"
#include "gateway/core/questions.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"

/* Sentences in one language. */
typedef struct {
    const View *view;
    const Programme *programme;
    const char *language;
    bool is_english;
    GPtrArray *sentences;
} Account;

static Account account_new(const View *view) {
    const Programme *programme = view_programme(view);
    return (Account){.view = view,
                     .programme = programme,
                     .language = programme->language,
                     .is_english = g_strcmp0(programme->language, "en") == 0,
                     .sentences = g_ptr_array_new_with_free_func(g_free)};
}

/* Adds one sentence; both texts take the same arguments in the same order. */
static void G_GNUC_PRINTF(2, 4) G_GNUC_PRINTF(3, 4)
    say(Account *account, const char *zh, const char *en, ...) {
    va_list arguments;
    va_start(arguments, en);
    g_ptr_array_add(account->sentences, g_strdup_vprintf(account->is_english ? en : zh, arguments));
    va_end(arguments);
}

static void say_plain(Account *account, const char *zh, const char *en) {
    g_ptr_array_add(account->sentences, g_strdup(account->is_english ? en : zh));
}

static char *instant(const Account *account, gint64 at_s) {
    return calendar_instant_text(account->programme->zone, at_s, account->language);
}

/* --- a message
 * ---------------------------------------------------------------------------------------------- */

/* What the message was recorded as, where it is what stands for its period; NULL else. */
static const Submission *recorded_as(const Account *account, const IntakeDecision *decision,
                                     gint64 message_id) {
    if (decision->obligation == NULL || decision->period == NULL)
        return NULL;
    const Submission *known =
        view_submission(account->view, decision->obligation, decision->period, decision->who.org_id);
    return known != NULL && known->message_id == message_id ? known : NULL;
}

static void say_outcome(Account *account, const IntakeDecision *decision, gint64 message_id) {
    const char *reason = account->is_english ? decision->period_reason_en : decision->period_reason_zh;
    if (decision->period != NULL)
        say(account, "归入 %s 的 %s 期：%s。", "It belongs to %s, period %s: %s.", decision->obligation,
            decision->period, reason);
    const Submission *recorded = recorded_as(account, decision, message_id);
    const Submission *submission = recorded != NULL ? recorded : decision->submission;
    if (submission != NULL)
        say(account, "登记为第 %u 版，有 %u 个问题，%s。", "Recorded as revision %u with %u problems, %s.",
            submission->revision, submission->n_problems,
            account->is_english ? (submission->on_time ? "on time" : "late")
                                : (submission->on_time ? "按时" : "迟交"));
    if (decision->is_identical && recorded == NULL)
        say_plain(account, "内容与已登记的相同，没有另存。",
                  "It says the same as what was recorded, so nothing was stored again.");
    if (decision->review_code != NULL)
        say(account, "需要人工处理（%s）：%s。", "A person is needed (%s): %s.", decision->review_code,
            account->is_english ? decision->review_text_en : decision->review_text_zh);
    if (decision->state == MESSAGE_IGNORED)
        say_plain(account, "这封邮件不作处理。", "The message is left alone.");
}

GPtrArray *explain_message(const View *view, const MessageFacts *facts, const json_t *parse, gint64 now_s) {
    Account account = account_new(view);
    const char *kind = json_string_value(json_object_get(parse, "kind"));
    const char *form = json_string_value(json_object_get(parse, "form"));
    g_autoptr(IntakeDecision) decision = intake_decide(view, facts, parse, now_s);
    g_autofree char *received = instant(&account, facts->received_s);
    say(&account, "服务器收到时间：%s；发件地址：%s。", "The server received it on %s, from %s.", received,
        facts->from != NULL && *facts->from != '\0' ? facts->from : "-");
    say(&account, "邮件类型：%s；表格：%s。", "Kind of message: %s; form: %s.", kind != NULL ? kind : "-",
        form != NULL ? form : "-");
    if (decision->who.evidence_zh != NULL)
        say(&account, "组织：%s。", "Organization: %s.",
            account.is_english ? decision->who.evidence_en : decision->who.evidence_zh);
    say_outcome(&account, decision, facts->id);
    /* of a message that was recorded the outbox knows better what left */
    for (guint i = 0; i < decision->letters->len && recorded_as(&account, decision, facts->id) == NULL; i++) {
        const Letter *letter = g_ptr_array_index(decision->letters, i);
        say(&account, "应发信件 %s 给 %s。", "Letter owed: %s to %s.", letter->key, letter->to_address);
    }
    if (decision->no_letter != REASON_NONE) {
        g_autofree char *why = reason_text(decision->no_letter, account.language, NULL);
        say(&account, "没有回信：%s。", "No answer: %s.", why);
    }
    return account.sentences;
}

/* --- an organization's period
 * ------------------------------------------------------------------------------- */

static void say_standing(Account *account, const View *view, const Obligation *obligation,
                         const Period *period, const Organization *organization, gint64 now_s) {
    const Submission *submission = view_submission(view, obligation->id, period->key, organization->id);
    const Exemption *exemption = view_exemption(view, obligation, period, organization);
    Standing standing = view_standing(view, obligation, period, organization);
    Period own = *period;
    if (view_extend(view, &own, organization->id)) {
        g_autofree char *until = instant(account, own.due_s);
        say(account, "已获准延期到 %s。", "An extension was granted until %s.", until);
    }
    if (submission != NULL) {
        g_autofree char *received = instant(account, submission->received_s);
        say(account, "已交：%s 收到，邮件 %" G_GINT64_FORMAT "，第 %u 版，%s。",
            "Submitted: received on %s by message %" G_GINT64_FORMAT ", revision %u, %s.", received,
            submission->message_id, submission->revision,
            account->is_english ? (submission->on_time ? "on time" : "late")
                                : (submission->on_time ? "按时" : "迟交"));
        return;
    }
    if (standing == STANDING_EXEMPT)
        say(account, "这一期免报：%s。", "Exempt from this period: %s.",
            exemption->reason != NULL ? exemption->reason : "-");
    else if (standing == STANDING_SUSPENDED)
        say_plain(account, "该组织已暂停，不催报。", "The organization is suspended and owes nothing.");
    else if (standing == STANDING_NOT_YET)
        say_plain(account, "该组织在这一期之后才加入。", "The organization joined after this period.");
    else if (standing == STANDING_NOT_CONCERNED)
        say_plain(account, "这项任务不由组织承担。", "Organizations do not owe this.");
    else
        say(account, "尚未收到，%s。", "Nothing has been recorded: %s.",
            now_s > own.late_after_s ? (account->is_english ? "it is missing" : "已逾期")
                                     : (account->is_english ? "it is still expected" : "仍在期限内"));
}

GPtrArray *explain_standing(const View *view, const Obligation *obligation, const Period *period,
                            const Organization *organization, gint64 now_s) {
    Account account = account_new(view);
    g_autofree char *span = calendar_span_text(&period->first, &period->last, account.language);
    g_autofree char *due = instant(&account, period->due_s);
    say(&account, "%s：%s 一期，截止 %s。", "%s: the period %s is due on %s.", organization->name, span, due);
    say_standing(&account, view, obligation, period, organization, now_s);
    if (view_standing(view, obligation, period, organization) != STANDING_OWED)
        return account.sentences;
    const Contact *contact = roster_contact(organization);
    if (contact == NULL)
        say_plain(&account, "没有登记邮箱，列入电话名单，不发信。",
                  "No address is known: it is on the call list and gets no letter.");
    else if (roster_needs_call(organization))
        say(&account, "信箱 %s 退信，列入电话名单。", "Letters to %s came back: it is on the call list.",
            contact->address);
    if (reminders_is_held(view, organization->id, now_s))
        say_plain(&account, "有一封来信还没有登记，暂不催报。",
                  "Mail from it is not yet recorded, so reminders wait.");
    g_autoptr(GArray) stages = reminders_stages(account.programme, obligation, period);
    const StageSpan *span_now = reminders_stage_at(stages, now_s);
    if (span_now != NULL) {
        g_autofree char *name = reminders_stage_name(span_now->stage);
        g_autofree char *key =
            g_strdup_printf("%s/%s/%s/%s/org%" G_GINT64_FORMAT, span_now->is_overdue ? "overdue" : "remind",
                            obligation->id, period->key, name, organization->id);
        say(&account, "现在是 %s 阶段，信件 %s %s。", "Stage %s is in force; letter %s %s.", name, key,
            view_letter_decided(view, key) ? (account.is_english ? "has been decided" : "已列入")
                                           : (account.is_english ? "has not been decided" : "未列入"));
    }
    return account.sentences;
}

/* --- a letter
 * ----------------------------------------------------------------------------------------------- */

GPtrArray *explain_letter(const View *view, const Letter *letter, OutboxState state, gint64 now_s) {
    Account account = account_new(view);
    g_autofree char *from = instant(&account, letter->not_before_s);
    g_autofree char *until = instant(&account, letter->expires_s);
    g_autofree char *gone = NULL;
    say(&account, "信件 %s（%s）给 %s，状态 %s。", "Letter %s (%s) to %s, state %s.", letter->key,
        letter_kind_name(letter->kind), letter->to_address, outbox_state_name(state));
    say(&account, "原因：%s。", "Reason: %s.", letter->reason != NULL ? letter->reason : "-");
    say(&account, "不早于 %s，过期时间 %s。", "Not before %s, expires %s.", from, until);
    bool is_waiting = state == OUTBOX_QUEUED || state == OUTBOX_HELD || state == OUTBOX_RETRY;
    if (!is_waiting)
        return account.sentences;
    if (!letter_still_due(view, letter, now_s, &gone))
        say(&account, "现在不再需要：%s。", "It is no longer due: %s.", gone);
    else if (letter_on_hold(view, letter, now_s, NULL))
        say_plain(&account, "有来信还没有登记，暂时等待。",
                  "It waits: mail of the organization is not yet recorded.");
    else
        say_plain(&account, "现在仍然需要。", "It is still due.");
    return account.sentences;
}

/* --- a question
 * --------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *zh, *en;
} Words;

static const Words event_words[] = {
    {"known", "得知这个问题", "it became known"},
    {"pass_on", "转给答复人", "it was passed on to who answers"},
    {"nudge", "再次提醒答复人", "who answers was told once more"},
    {"escalate", "超时，告知协管", "it was overdue: the coordinator was told"},
    {"inquire", "询问板块负责人原因", "the section head was asked why"},
    {"explain", "收到说明", "the reason was given"},
    {"answer", "已答复", "it was answered"},
    {"calm", "已安抚或由人工结束", "the asker was calmed, or a person closed it"},
    {"merge", "与另一个问题合并", "it was made one with another"},
    {"split", "与其他问题分开", "it was taken apart from others"},
};

static const Words state_words[] = {
    {"open", "还没有转给答复人", "it waits to be passed on"},
    {"passed_on", "已转给答复人，等待答复", "it was passed on and waits for an answer"},
    {"overdue", "已超时，协管已得知", "it is overdue and the coordinator knows"},
    {"inquired", "已超时，已询问原因", "it is overdue and the section head was asked why"},
    {"explained", "已说明原因，仍无答复", "the reason is known, an answer is still missing"},
    {"answered", "已答复，不再发信", "it is answered: no more letters"},
    {"closed", "已结束，不再发信", "it is closed: no more letters"},
};

static const char *words_for(const Account *account, const Words *table, gsize n, const char *name) {
    for (gsize i = 0; i < n; i++)
        if (g_strcmp0(table[i].name, name) == 0)
            return account->is_english ? table[i].en : table[i].zh;
    return name;
}

static const char *member(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* What happened, then whom letters told of it. */
static void say_record(Account *account, const json_t *known) {
    gsize i;
    json_t *row;
    json_array_foreach(json_object_get(known, "events"), i, row) {
        g_autofree char *at = instant(account, json_integer_value(json_object_get(row, "at_s")));
        const char *text = member(row, "text");
        const char *gap = *text == '\0' ? "" : account->is_english ? ": " : "：";
        say(account, "%s，%s%s%s。", "%s: %s%s%s.", at,
            words_for(account, event_words, G_N_ELEMENTS(event_words), member(row, "event")), gap, text);
    }
    json_array_foreach(json_object_get(known, "letters"), i, row) {
        g_autofree char *at = instant(account, json_integer_value(json_object_get(row, "changed_s")));
        say(account, "信件 %s 给 %s，%s 起状态 %s。", "Letter %s to %s, since %s in state %s.",
            member(row, "kind"), member(row, "to_address"), at, member(row, "state"));
    }
}

/* The 24 hours, and what the clock does next. */
static void say_clock(Account *account, const TrackedQuestion *question, gint64 now_s) {
    gint64 released_s = view_snapshot(account->view)->released_s,
           limit_s = question->asked_s + QUESTION_LIMIT_S;
    gint64 next_s = question_next_instant(question, released_s, now_s);
    bool is_open = question->state != QUESTION_ANSWERED && question->state != QUESTION_CLOSED;
    g_autofree char *limit = instant(account, limit_s);
    say(account, "应在 %s 前答复（提问后24小时）%s。",
        "It is to be answered by %s, 24 hours after it was asked%s.", limit,
        !is_open || now_s < limit_s ? ""
        : account->is_english       ? ": that has passed"
                                    : "，现已超过");
    if (is_open && next_s != G_MAXINT64) {
        g_autofree char *next = instant(account, next_s);
        say(account, "如无答复，下一次发信在 %s。", "Without an answer the next letter is due on %s.", next);
    }
}

GPtrArray *explain_question(const View *view, const TrackedQuestion *question, const json_t *known,
                            gint64 now_s) {
    Account account = account_new(view);
    const Organization *organization = view_organization(view, question->org_id);
    g_autofree char *asked = instant(&account, question->asked_s);
    g_autofree char *first_known = instant(&account, question->known_s);
    say(&account, "问题 %" G_GINT64_FORMAT "：“%s”（%s）。", "Question %" G_GINT64_FORMAT ": “%s” (%s).",
        question->id, question->text, organization != NULL ? organization->name : "-");
    say(&account, "提问时间 %s；得知时间 %s，邮件 %" G_GINT64_FORMAT "。",
        "Asked on %s; known since %s, by message %" G_GINT64_FORMAT ".", asked, first_known,
        question->message_id);
    say_clock(&account, question, now_s);
    say_record(&account, known);
    const char *state = question_state_name(question->state);
    say(&account, "结论：%s。", "So: %s.",
        words_for(&account, state_words, G_N_ELEMENTS(state_words), state));
    return account.sentences;
}
