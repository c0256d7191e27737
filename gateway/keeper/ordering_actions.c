/* What each order by mail does, and the words before and after. Part of ordering.h. */
#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/reason.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"
#include "gateway/keeper/joining.h"
#include "gateway/keeper/ordering_private.h"
#include "gateway/keeper/reviewing.h"
#include "gateway/store/journal.h"
#include "gateway/store/roster.h"
#include "parsers/command.h"

#define NAMES_MAX 40 /* shown in one answer */

static const char *title_of(const Order *order, const Obligation *obligation) {
    const char *own = order->is_english ? obligation->title_en : obligation->title_zh;
    const char *other = order->is_english ? obligation->title_zh : obligation->title_en;
    return own ? own : other ? other : obligation->id;
}

/* "双周报（6月14日至6月27日）" */
static char *period_name(const Order *order, const CommandTarget *target) {
    g_autofree char *span =
        calendar_span_text(&target->period->first, &target->period->last, order->language);
    return g_strdup_printf(order->is_english ? "%s (%s)" : "%s（%s）", title_of(order, target->obligation),
                           span);
}

static char *until_name(const Order *order, const CommandTarget *target) {
    return calendar_instant_text(order->keeper->config->programme->zone, target->until_s, order->language);
}

/* ---- 催报
 * ----------------------------------------------------------------------------------------------------- */

/* Letters to those who owe the period; the others are named with the reason. */
static GPtrArray *reminders_of(Order *order, const CommandTarget *target) {
    GPtrArray *letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
    g_autofree char *tag = g_strdup_printf("asked-%" G_GINT64_FORMAT, order->facts.id);
    for (guint i = 0; i < target->organizations->len; i++) {
        const Organization *organization = target->organizations->pdata[i];
        Letter *letter = reminders_asked(order->keeper->view, target->obligation, target->period,
                                         organization, tag, order->now_s);
        if (letter)
            g_ptr_array_add(letters, letter);
        if (i >= NAMES_MAX)
            continue;
        bool is_held = reminders_is_held(order->keeper->view, organization->id, order->now_s);
        const char *why = letter              ? ""
                          : is_held           ? (order->is_english ? " – not: its mail waits for a person"
                                                                   : "　不催：有邮件待人工核对")
                          : order->is_english ? " – not: no address is known, please call"
                                              : "　不催：没有邮箱，请电话联系";
        ordering_line(order, g_strdup_printf("%s%s", organization->name, why));
    }
    if (target->organizations->len > NAMES_MAX)
        ordering_line(order, g_strdup_printf(order->is_english ? "… %u in all" : "……共 %u 个",
                                             target->organizations->len));
    return letters;
}

static bool put_reminders(Order *order, GPtrArray *letters, GError **error) {
    Keeper *keeper = order->keeper;
    for (guint i = 0; i < letters->len; i++) {
        Letter *letter = letters->pdata[i];
        g_free(letter->reason);
        letter->reason = reason_text(REASON_ASKED, keeper->config->programme->language, NULL);
        if (!keeper_put_letter(keeper, letter, order->now_s, error))
            return false;
    }
    return true;
}

static bool remind(Order *order, const CommandTarget *target, bool is_done, GError **error) {
    g_autofree char *name = period_name(order, target);
    g_autoptr(GPtrArray) letters = reminders_of(order, target);
    const char *format =
        letters->len == 0 ? (order->is_english ? "%s: nobody to remind (%u)" : "%s：没有可催的单位（%u）")
        : !is_done ? (order->is_english ? "Please confirm: %s, remind %u" : "请确认：%s，催报 %u 个单位")
        : order->is_english ? "%s: %u reminded"
                            : "%s：已催报 %u 个单位";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    ordering_title(order, g_strdup_printf(format, name, letters->len));
#pragma GCC diagnostic pop
    return !is_done || put_reminders(order, letters, error);
}

/* ---- 延期, 免报
 * ------------------------------------------------------------------------------------------------ */

static void name_organizations(Order *order, const CommandTarget *target) {
    for (guint i = 0; i < target->organizations->len && i < NAMES_MAX; i++)
        ordering_line(order, g_strdup(((const Organization *)target->organizations->pdata[i])->name));
}

static void describe_extend(Order *order, const CommandTarget *target, bool is_done) {
    g_autofree char *name = period_name(order, target), *until = until_name(order, target);
    const char *ask = is_done ? "" : order->is_english ? "Please confirm: " : "请确认：";
    ordering_title(order, g_strdup_printf(order->is_english ? "%s%s extended to %s for %u"
                                                            : "%s%s延期到 %s（%u 个单位）",
                                          ask, name, until, target->organizations->len));
    name_organizations(order, target);
}

static bool extend(Order *order, const CommandTarget *target, GError **error) {
    Keeper *keeper = order->keeper;
    for (guint i = 0; i < target->organizations->len; i++) {
        const Organization *organization = target->organizations->pdata[i];
        Extension extension = {organization->id, target->obligation->id, target->period->key,
                               target->until_s};
        JournalEvent event = {
            .event = "roster.extended", .message_id = order->facts.id, .org_id = organization->id};
        if (!store_extend(keeper->store, &extension, order->facts.id, order->now_s, error) ||
            !store_journal_append(keeper->store, &event, order->now_s, error))
            return false;
    }
    keeper->roster_changed = true;
    return true;
}

static void describe_exempt(Order *order, const CommandTarget *target, bool is_done) {
    g_autofree char *name = period_name(order, target);
    const char *ask = is_done ? "" : order->is_english ? "Please confirm: " : "请确认：";
    ordering_title(order, g_strdup_printf(order->is_english ? "%s%s: exempt" : "%s%s：免报", ask, name));
    name_organizations(order, target);
}

static bool exempt(Order *order, const CommandTarget *target, GError **error) {
    Keeper *keeper = order->keeper;
    const Organization *organization = target->organizations->pdata[0];
    g_autofree char *reason =
        g_strdup_printf(order->is_english ? "by mail of %s" : "%s 来信指定", order->facts.from);
    Exemption exemption = {organization->id, target->obligation->id, target->period->key, reason};
    JournalEvent event = {
        .event = "roster.exempted", .message_id = order->facts.id, .org_id = organization->id};
    keeper->roster_changed = true;
    return store_exempt(keeper->store, &exemption, order->now_s, error) &&
           store_journal_append(keeper->store, &event, order->now_s, error);
}

/* ---- 归属
 * ---------------------------------------------------------------------------------------------------- */

static bool assign(Order *order, const CommandTarget *target, GError **error) {
    const char *number = target->text;
    gsize digits = strspn(number, "0123456789");
    g_autofree char *line = g_strdup_printf("%.*s assign%s", (int)digits, number, number + digits);
    g_autoptr(GPtrArray) orders = review_orders_parse(line);
    g_auto(ReviewOutcome) outcome = {0};
    if (orders->len == 0) {
        order->is_understood = false;
        ordering_title(order, g_strdup(order->is_english ? "The number was not understood" : "编号没有看懂"));
        return true;
    }
    const ReviewOrder *first = orders->pdata[0];
    if (!reviewing_apply(order->keeper, first, "mail", order->language, &outcome, error))
        return false;
    ordering_title(order, g_strdup_printf("%" G_GINT64_FORMAT "%s%s", first->id,
                                          order->is_english ? ": " : "：", outcome.text));
    return true;
}

/* ---- 合并, 拆分
 * ------------------------------------------------------------------------------------------------ */

/* One line of it; what became of it is said. */
static bool join_one(Order *order, Command command, const char *argument, GError **error) {
    g_autoptr(GArray) ids = joining_numbers(argument);
    g_autofree char *why = NULL;
    g_autoptr(GError) failure = NULL;
    bool (*act)(Keeper *, const GArray *, gint64, bool, char **, GError **) =
        command == COMMAND_MERGE ? joining_merge : joining_split;
    if (!act(order->keeper, ids, order->facts.id, order->is_english, &why, &failure) && failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    const char *done = order->is_english
                           ? (command == COMMAND_MERGE ? "one question" : "separate questions")
                           : (command == COMMAND_MERGE ? "已合并为一个问题" : "已分为不同的问题");
    ordering_line(order, g_strdup_printf(order->is_english ? "%s %s: %s" : "%s %s：%s",
                                         command_word(command, order->language), argument, why ? why : done));
    return true;
}

/* The order, and those in the lines below it. */
static bool join(Order *order, const CommandTarget *target, GError **error) {
    g_auto(GStrv) lines = g_strsplit(order->reply, "\n", JOINING_MAX);
    ordering_title(order, g_strdup(order->is_english ? "Repeated questions" : "重复的问题"));
    if (!join_one(order, order->command, target->text, error))
        return false;
    bool is_first = true; /* the one just carried out, where it stands in the text */
    for (char **line = lines; *line; line++) {
        json_t *read = command_read(*line, true);
        const json_t *said = json_object_get(read, "command");
        const char *argument = json_string_value(json_object_get(said, "argument"));
        Command command;
        bool is_joining = command_from_name(json_string_value(json_object_get(said, "name")), &command) &&
                          (command == COMMAND_MERGE || command == COMMAND_SPLIT);
        bool is_same = is_first && is_joining && strcmp(argument, target->text) == 0;
        bool good = !is_joining || is_same || join_one(order, command, argument, error);
        is_first = is_first && !is_joining;
        json_decref(read);
        if (!good)
            return false;
    }
    return true;
}

/* ---- for everybody
 * ------------------------------------------------------------------------------------------------- */

static void help(Order *order) {
    ordering_title(order, g_strdup(order->is_english ? "Orders by mail" : "可用的邮件指令"));
    json_decref(order->lines);
    order->lines = command_help_lines(order->keeper->config->programme, order->facts.from, order->language);
    order->how =
        g_strdup(order->is_english
                     ? "Write the order as subject or first line. To report, answer with the filled form "
                       "attached."
                     : "把指令写在主题或正文第一行即可。报送时，把填好的表格作为附件发来。");
}

static void form(Order *order, const CommandTarget *target) {
    const Programme *programme = order->keeper->config->programme;
    const Obligation *wanted = NULL, *recurring = NULL;
    json_t *obligations = json_array(), *organizations = json_array();
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        if (*target->text && (g_strcmp0(target->text, title_of(order, obligation)) == 0 ||
                              g_strcmp0(target->text, obligation->id) == 0))
            wanted = obligation;
        if (!recurring && obligation->schedule.kind != SCHEDULE_ONCE)
            recurring = obligation;
    }
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        if (wanted && wanted != obligation)
            continue;
        json_array_append_new(obligations, json_string(obligation->id));
        ordering_line(order, g_strdup(title_of(order, obligation)));
    }
    g_autoptr(GPtrArray) own = command_organizations(order->keeper->view, order->facts.from);
    for (guint i = 0; i < own->len; i++)
        json_array_append_new(organizations, json_integer(((const Organization *)own->pdata[i])->id));
    /* the constants come from the running period's predecessor */
    g_autoptr(Period) period = recurring ? period_at(programme, recurring, order->now_s) : NULL;
    if (period) {
        json_object_set_new(order->extra, "obligation_id", json_string(recurring->id));
        json_object_set_new(order->extra, "period_key", json_string(period->key));
    }
    json_object_set_new(order->extra, "obligation_ids", obligations);
    json_object_set_new(order->extra, "org_ids", organizations);
    ordering_title(order, g_strdup(order->is_english ? "The blank forms are attached" : "空白表格见附件"));
    order->how =
        g_strdup(order->is_english ? "Please fill them and answer this letter with the form attached."
                                   : "填好后，把表格作为附件回复本邮件即可。");
}

static void status(Order *order) {
    ordering_title(order, g_strdup(order->is_english ? "Where things stand" : "报送状态"));
    json_decref(order->lines);
    order->lines =
        command_status_lines(order->keeper->view, order->facts.from, order->language, order->now_s);
}

/* ---- for managers
 * ------------------------------------------------------------------------------------------------- */

static void set_period(Order *order, const CommandTarget *target) {
    json_object_set_new(order->extra, "obligation_id", json_string(target->obligation->id));
    json_object_set_new(order->extra, "period_key", json_string(target->period->key));
}

static void summary(Order *order, const CommandTarget *target) {
    set_period(order, target);
    order->kind = LETTER_SUMMARY;
    ordering_title(order, period_name(order, target));
}

static void export_period(Order *order, const CommandTarget *target) {
    g_autofree char *name = period_name(order, target);
    set_period(order, target);
    json_object_set_new(order->extra, "enclose", json_string("workbook"));
    ordering_title(order, g_strdup_printf(
                              order->is_english ? "%s: the workbook is attached" : "%s：工作簿见附件", name));
}

void ordering_describe(Order *order, const CommandTarget *target) {
    const char *word = command_word(order->command, order->language);
    switch (order->command) {
    case COMMAND_REMIND:
        remind(order, target, false, NULL);
        break;
    case COMMAND_EXTEND:
        describe_extend(order, target, false);
        break;
    case COMMAND_EXEMPT:
        describe_exempt(order, target, false);
        break;
    default: {
        g_autofree char *name = target->period ? period_name(order, target) : g_strdup(target->text);
        ordering_title(order, g_strdup_printf(order->is_english ? "Please confirm: %s %s" : "请确认：%s %s",
                                              word, name));
    }
    }
}

bool ordering_carry_out(Order *order, const CommandTarget *target, GError **error) {
    switch (order->command) {
    case COMMAND_HELP:
        help(order);
        return true;
    case COMMAND_FORM:
        form(order, target);
        return true;
    case COMMAND_STATUS:
        status(order);
        return true;
    case COMMAND_SUMMARY:
        summary(order, target);
        return true;
    case COMMAND_EXPORT:
        export_period(order, target);
        return true;
    case COMMAND_REMIND:
        return remind(order, target, true, error);
    case COMMAND_EXTEND:
        describe_extend(order, target, true);
        return extend(order, target, error);
    case COMMAND_EXEMPT:
        describe_exempt(order, target, true);
        return exempt(order, target, error);
    case COMMAND_ASSIGN:
        return assign(order, target, error);
    case COMMAND_MERGE:
    case COMMAND_SPLIT:
        return join(order, target, error);
    case COMMAND_SETTLED:
    case COMMANDS:
        break;
    }
    return true;
}
