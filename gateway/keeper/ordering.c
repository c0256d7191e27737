#include "gateway/keeper/ordering.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/roster.h"
#include "gateway/io/log.h"
#include "gateway/keeper/codes.h"
#include "gateway/keeper/ordering_private.h"
#include "gateway/store/journal.h"
#include "gateway/store/orders.h"
#include "parsers/command.h"

#define ORDERS_PER_HOUR 12           /* that ask for a code, from one address */
#define ANSWERED_MAX_S  (30 * 86400) /* an answer to an older letter shows nothing any more */
#define CONFIRM_LATE_S  (24 * 3600)  /* after an outage, what was confirmed longer ago is asked again */
#define NAME_CONFIRM    "confirm"

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

void ordering_title(Order *order, char *title) {
    g_free(order->title);
    order->title = title;
}

void ordering_line(Order *order, char *text) {
    json_array_append_new(order->lines, json_pack("{s:s}", "text", text));
    g_free(text);
}

/* ---- what it is
 * --------------------------------------------------------------------------------------------------- */

/* The order that one of our letters asks to confirm, from whom it went to; 0: it asks nothing. */
static gint64 asked_order(const OutboxEntry *answered, const char *from) {
    if (!answered || g_ascii_strcasecmp(answered->letter->to_address, from) != 0)
        return 0;
    return json_integer_value(json_object_get(answered->letter->facts, "order_id"));
}

bool ordering_is_order(const Keeper *keeper, const ReadJob *job, const json_t *line,
                       const OutboxEntry *answered) {
    MessageFacts facts = settle_facts(job, line);
    const json_t *command = json_object_get(line, "command");
    const char *name = text_of(command, "name");
    gint64 released_s = keeper->snapshot->released_s;
    Command which;
    if (strcmp(text_of(line, "kind"), "command") != 0 || facts.automatic || facts.junk_folder ||
        facts.replay || facts.by_hand || facts.from_count > 1 || facts.confirmed_org_id || !released_s ||
        facts.received_s < released_s || !command_is_known(keeper->view, facts.from))
        return false;
    if (strcmp(name, NAME_CONFIRM) == 0)
        return *text_of(command, "argument") || asked_order(answered, facts.from);
    return command_from_name(name, &which);
}

/* Whoever answers one of our letters has read it: its Message-ID cannot be guessed. */
static bool is_answer_to_us(const Order *order, const OutboxEntry *answered) {
    return answered && g_ascii_strcasecmp(answered->letter->to_address, order->facts.from) == 0 &&
           order->now_s - answered->updated_s < ANSWERED_MAX_S;
}

/* The code at the end of an argument ("催报 K7WM-3XQP"), or NULL. */
static char *code_in(const char *argument) {
    const char *last = strrchr(argument, ' ');
    const char *word = last ? last + 1 : argument;
    return strchr(word, '-') ? command_code(word) : NULL;
}

/* ---- asking for confirmation
 * -------------------------------------------------------------------------------------- */

static bool ask(Order *order, const CommandTarget *target, GError **error) {
    guint given;
    gint64 id;
    MailOrder asked = {.message_id = order->facts.id,
                       .address = (char *)order->facts.from,
                       .command = (char *)command_name(order->command),
                       .argument = (char *)order->argument,
                       .created_s = order->now_s,
                       .expires_s = order->now_s + CODE_LIFE_S};
    Store *store = order->keeper->store;
    if (!store_orders_since(store, order->facts.from, order->now_s - 3600, &given, error))
        return false;
    if (given >= ORDERS_PER_HOUR) {
        order->event = "command.too_many";
        return true; /* no answer: a loop, or somebody else's doing */
    }
    if (!store_order_add(store, &asked, &id, error))
        return false;
    order->event = "command.asked";
    ordering_describe(order, target);
    g_autofree char *until =
        calendar_instant_text(order->keeper->config->programme->zone, asked.expires_s, order->language);
    json_object_set_new(order->extra, "order_id", json_integer(id));
    json_object_set_new(order->extra, "until_text", json_string(until));
    order->how = g_strdup(order->is_english
                              ? "Answer this letter with “confirm” alone in the first line; or write a new "
                                "message whose subject "
                                "is the code. Did you not ask for this? Then do nothing: nothing will happen."
                              : "请直接回复本邮件，第一行只写“确认”；或者另写一封邮件，主题写上面的验证码。"
                                "如果不是您本人要求的，请不要理会，什么都不会发生。");
    return true;
}

/* ---- the decision
 * ------------------------------------------------------------------------------------------------- */

static void refuse_right(Order *order) {
    const char *word = command_word(order->command, order->language);
    order->event = "command.refused";
    ordering_title(
        order, g_strdup_printf(order->is_english ? "“%s” is for the organizers" : "“%s”由工作组使用", word));
    json_decref(order->lines);
    order->lines = command_who_lines(order->keeper->config->programme, order->command, order->language);
    order->how = g_strdup(order->is_english ? "Please write to one of them. You can use: help, form, status."
                                            : "如有需要，请与以上人员联系。您可以使用：帮助、模板、状态。");
}

/* Nothing is done: why, and how it is written. Takes why over. */
static void refuse_argument(Order *order, char *why) {
    order->event = "command.refused";
    ordering_title(order, g_strdup_printf(order->is_english ? "“%s” was not carried out" : "“%s”没有执行",
                                          command_word(order->command, order->language)));
    ordering_line(order, why);
}

static bool decide(Order *order, bool is_confirmed, bool is_ours, GError **error) {
    const Programme *programme = order->keeper->config->programme;
    g_auto(CommandTarget) target = {0};
    char *why = NULL;
    if (!command_is_allowed(programme, order->facts.from, order->command)) {
        refuse_right(order);
        return true;
    }
    if (!command_resolve(order->keeper->view, order->command, order->argument, order->language, order->now_s,
                         &target, &why)) {
        refuse_argument(order, why);
        return true;
    }
    /* letters to many: shown first, even to who answers our letter */
    bool may =
        is_confirmed || !command_needs_role(order->command) || (is_ours && order->command != COMMAND_REMIND);
    if (!may)
        return ask(order, &target, error);
    order->event = "command.done";
    return ordering_carry_out(order, &target, error);
}

/* A code, or 确认 to the letter that asked for it. */
static bool confirm(Order *order, const char *code, gint64 order_id, GError **error) {
    g_autoptr(MailOrder) asked = NULL;
    Store *store = order->keeper->store;
    gint64 at_s = MIN(order->facts.received_s, order->now_s);
    bool is_late = order->now_s - at_s > CONFIRM_LATE_S;
    if (!is_late && !store_order_find(store, order->facts.from, order_id, code, at_s, &asked, error))
        return false;
    if (asked && command_from_name(asked->command, &order->command)) {
        g_free(order->argument);
        order->argument = g_strdup(asked->argument);
        return store_order_use(store, asked->id, order->now_s, error) && decide(order, true, true, error);
    }
    order->event = "command.wrong_code";
    ordering_title(
        order, g_strdup(order->is_english ? "Nothing waits for this confirmation" : "没有等待确认的指令"));
    order->how =
        g_strdup(order->is_english ? "A code counts once, for two hours. Please give the order again."
                                   : "验证码两小时内有效，只能用一次。请重新发送指令。");
    return !code || store_orders_missed(store, order->facts.from, error);
}

static bool run(Order *order, const json_t *command, const OutboxEntry *answered, GError **error) {
    gint64 asked = asked_order(answered, order->facts.from);
    const char *name = text_of(command, "name");
    if (strcmp(name, NAME_CONFIRM) == 0) {
        const char *code = text_of(command, "argument");
        return confirm(order, *code ? code : NULL, *code ? 0 : asked, error);
    }
    g_autofree char *code = code_in(order->argument);
    command_from_name(name, &order->command);
    return code ? confirm(order, code, 0, error)
                : decide(order, false, is_answer_to_us(order, answered), error);
}

static bool journal(const Order *order, GError **error) {
    g_autofree char *detail = g_strdup_printf(
        "%s %s", order->command < COMMANDS ? command_name(order->command) : NAME_CONFIRM, order->argument);
    JournalEvent event = {.event = order->event, .message_id = order->facts.id, .detail = detail};
    log_event(LOG_INFO, order->event, LOG_ID_NUMBER("m", order->facts.id));
    return store_journal_append(order->keeper->store, &event, order->now_s, error);
}

/* The decision with its one letter. */
static IntakeDecision *conclude(Order *order, const json_t *line) {
    IntakeDecision *decision =
        intake_answer(order->keeper->view, &order->facts, line, order->now_s, order->is_understood,
                      order->title ? order->title : "", g_steal_pointer(&order->lines), order->how);
    if (!order->title) {
        g_ptr_array_set_size(decision->letters, 0);
        decision->no_letter = REASON_MUTE_TOO_MANY_ORDERS;
    }
    for (guint i = 0; i < decision->letters->len; i++) {
        Letter *letter = decision->letters->pdata[i];
        letter->kind = order->kind;
        letter->obligation = g_strdup(json_string_value(json_object_get(order->extra, "obligation_id")));
        letter->period = g_strdup(json_string_value(json_object_get(order->extra, "period_key")));
        json_object_update(letter->facts, order->extra);
    }
    return decision;
}

IntakeDecision *ordering_answer(Keeper *keeper, const ReadJob *job, const json_t *line,
                                const OutboxEntry *answered, GError **error) {
    const json_t *command = json_object_get(line, "command");
    MessageFacts facts = settle_facts(job, line);
    const RolePerson *person = roster_role_of_address(keeper->config->programme, facts.from);
    const char *language =
        person && person->language ? person->language : keeper->config->programme->language;
    Order order = {.keeper = keeper,
                   .job = job,
                   .facts = facts,
                   .language = language,
                   .is_english = g_strcmp0(language, "en") == 0,
                   .now_s = keeper_now_s(keeper),
                   .command = COMMANDS,
                   .argument = g_strdup(text_of(command, "argument")),
                   .reply = text_of(line, "reply"),
                   .lines = json_array(),
                   .extra = json_object(),
                   .kind = LETTER_COMMAND_ANSWER,
                   .event = "command.done",
                   .is_understood = true};
    g_autoptr(IntakeDecision) decision = NULL;
    bool good = run(&order, command, answered, error);
    if (good)
        decision = conclude(&order, line);
    good = good && journal(&order, error) && settle_decision(keeper, job, line, decision, error);
    json_decref(order.lines);
    json_decref(order.extra);
    g_free(order.title);
    g_free(order.how);
    g_free(order.argument);
    return good ? g_steal_pointer(&decision) : NULL;
}
