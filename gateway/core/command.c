#include "gateway/core/command.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/period.h"
#include "gateway/core/period_choice.h"
#include "gateway/core/reminders.h"
#include "gateway/core/roster.h"

/* Nobody grants more than this: a slip in the year would silence reminders for ever. */
#define EXTEND_MAX_DAYS 92

static const struct {
    const char *name, *zh, *en;
    bool needs_role;
    const char *use_zh, *use_en;
} commands[] = {
    [COMMAND_HELP] = {"help", "帮助", "help", false, "帮助：列出可用的指令", "help: these lines"},
    [COMMAND_FORM] = {"form", "模板", "form", false, "模板：发来空白表格，已填好贵单位的固定内容",
                      "form: the blank forms, filled with what does not change"},
    [COMMAND_STATUS] = {"status", "状态", "status", false, "状态：已收到什么、还缺什么",
                        "status: what arrived, and what is still owed"},
    [COMMAND_SUMMARY] = {"summary", "汇总", "summary", true, "汇总 [期]：现在的汇总，如“汇总 2016-06-27”",
                         "summary [PERIOD]: the summary as it stands now, such as “summary 2016-06-27”"},
    [COMMAND_REMIND] = {"remind", "催报", "remind", true, "催报 [期]：先列出要催的单位，确认后发出",
                        "remind [PERIOD]: shows who would be reminded, and sends once you confirm"},
    [COMMAND_EXPORT] = {"export", "导出", "export", true, "导出 [期]：发来工作簿（.xlsx）",
                        "export [PERIOD]: the workbook (.xlsx)"},
    [COMMAND_EXTEND] = {"extend", "延期", "extend", true,
                        "延期 单位名称或全部 日期：如“延期 全部 2016-06-30”",
                        "extend NAME or all, DATE: such as “extend all 2016-06-30”"},
    [COMMAND_EXEMPT] = {"exempt", "免报", "exempt", true, "免报 单位名称 期：这一期不用报",
                        "exempt NAME PERIOD: it does not owe that period"},
    [COMMAND_ASSIGN] = {"assign", "归属", "assign", true, "归属 编号 单位名称：待办邮件属于哪个单位",
                        "assign NUMBER NAME: whose a message in review is"},
    [COMMAND_SETTLED] = {"settled", "已处理", "settled", true, "已处理 编码 处理情况：紧急情况已处理",
                         "settled CODE what was done: an urgent matter is over"},
    [COMMAND_MERGE] = {"merge", "合并", "merge", true, "合并 编号 编号…：这些是同一个问题",
                       "merge NUMBER NUMBER…: these are one question"},
    [COMMAND_SPLIT] = {"split", "拆分", "split", true, "拆分 编号…：这些不是同一个问题",
                       "split NUMBER…: these are not one question"},
};

static const char *const manager_roles[] = {"leader", "supervisor", "coordinator", "liaison", NULL};

static bool is_english(const char *language) {
    return g_strcmp0(language, "en") == 0;
}

/* ---- rights
 * ---------------------------------------------------------------------------------------------------- */

bool command_from_name(const char *name, Command *ret_command) {
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_strcmp0(name, commands[i].name) == 0) {
            *ret_command = (Command)i;
            return true;
        }
    return false;
}

const char *command_name(Command command) {
    return commands[command].name;
}

const char *command_word(Command command, const char *language) {
    return is_english(language) ? commands[command].en : commands[command].zh;
}

bool command_needs_role(Command command) {
    return commands[command].needs_role;
}

bool command_is_allowed(const Programme *programme, const char *address, Command command) {
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (person->address != NULL && *person->address != '\0' &&
            g_ascii_strcasecmp(person->address, address) == 0 && g_strv_contains(manager_roles, person->role))
            return true;
    }
    return !command_needs_role(command);
}

GPtrArray *command_organizations(const View *view, const char *address) {
    GPtrArray *found = g_ptr_array_new();
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    bool is_ambiguous;
    const Organization *only = view_address(view, address, &is_ambiguous);
    if (only != NULL)
        g_ptr_array_add(found, (Organization *)only);
    for (guint i = 0; is_ambiguous && i < organizations->len; i++)
        if (roster_has_address(g_ptr_array_index(organizations, i), address))
            g_ptr_array_add(found, g_ptr_array_index(organizations, i));
    return found;
}

bool command_is_known(const View *view, const char *address) {
    bool is_ambiguous = false;
    return address != NULL && *address != '\0' &&
           (roster_role_of_address(view_programme(view), address) != NULL ||
            view_address(view, address, &is_ambiguous) != NULL || is_ambiguous);
}

/* ---- what answers say
 * ------------------------------------------------------------------------------------------ */

static void add_line(json_t *lines, const char *text) {
    json_array_append_new(lines, json_pack("{s:s}", "text", text));
}

json_t *command_help_lines(const Programme *programme, const char *address, const char *language) {
    json_t *lines = json_array();
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (command_is_allowed(programme, address, (Command)i))
            add_line(lines, is_english(language) ? commands[i].use_en : commands[i].use_zh);
    return lines;
}

static const char *role_title(const char *role, bool english) {
    static const char *const titles[][2] = {
        {"leader", "组长"}, {"supervisor", "主管"}, {"coordinator", "协管"}, {"liaison", "联络员"}};
    for (gsize i = 0; !english && i < G_N_ELEMENTS(titles); i++)
        if (strcmp(role, titles[i][0]) == 0)
            return titles[i][1];
    return role;
}

json_t *command_who_lines(const Programme *programme, Command command, const char *language) {
    json_t *lines = json_array();
    bool english = is_english(language);
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (person->address == NULL || !command_is_allowed(programme, person->address, command))
            continue;
        const char *title = role_title(person->role, english);
        g_autofree char *text = person->name == NULL || strcmp(person->name, title) == 0
                                    ? g_strdup_printf("%s <%s>", title, person->address)
                                    : g_strdup_printf(english ? "%s (%s) <%s>" : "%s（%s）<%s>", person->name,
                                                      title, person->address);
        add_line(lines, text);
    }
    return lines;
}

/* ---- what an argument names
 * ------------------------------------------------------------------------------------ */

void command_target_clear(CommandTarget *target) {
    g_clear_pointer(&target->period, period_free);
    g_clear_pointer(&target->organizations, g_ptr_array_unref);
    g_clear_pointer(&target->text, g_free);
}

static bool refuse(char **ret_why, Command command, const char *language, const char *zh, const char *en) {
    bool english = is_english(language);
    *ret_why =
        g_strdup_printf(english ? "%s; it is written like this: %s" : "%s；写法：%s", english ? en : zh,
                        english ? commands[command].use_en : commands[command].use_zh);
    return false;
}

static bool is_all(const char *name) {
    static const char *const words[] = {"全部", "全体", "所有", "all", "everybody", NULL};
    for (const char *const *word = words; *word != NULL; word++)
        if (g_ascii_strcasecmp(name, *word) == 0)
            return true;
    return false;
}

/* An argument cut into words, with a name in front. */
typedef struct {
    GStrv words;
    guint count;
} Words;

static Words split(const char *argument) {
    g_autofree char *plain = g_strdelimit(g_strdup(argument), "\t,;", ' ');
    g_auto(GStrv) all = g_strsplit(plain, " ", -1);
    GStrvBuilder *builder = g_strv_builder_new();
    for (char **word = all; *word != NULL; word++)
        if (**word != '\0')
            g_strv_builder_add(builder, *word);
    Words words = {.words = g_strv_builder_end(builder)};
    g_strv_builder_unref(builder);
    words.count = g_strv_length(words.words);
    return words;
}

static char *join(const Words *words, guint from, guint to) {
    GString *text = g_string_new(NULL);
    for (guint i = from; i < to; i++)
        g_string_append_printf(text, "%s%s", i > from ? " " : "", words->words[i]);
    return g_string_free(text, FALSE);
}

/* The first words name an organization, or all; ret_all. NULL without *ret_all: they name none, or several.
 */
static const Organization *name_of(const View *view, const Words *words, guint count, bool *ret_all) {
    g_autofree char *name = join(words, 0, count);
    g_autofree char *normal = roster_normal_name(name);
    const GPtrArray *named = *normal != '\0' ? view_named(view, normal) : NULL;
    *ret_all = is_all(name);
    return named != NULL && named->len == 1 ? g_ptr_array_index(named, 0) : NULL;
}

static void add_owing(const View *view, CommandTarget *target) {
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    for (guint i = 0; i < organizations->len; i++)
        if (view_standing(view, target->obligation, target->period, g_ptr_array_index(organizations, i)) ==
            STANDING_OWED)
            g_ptr_array_add(target->organizations, g_ptr_array_index(organizations, i));
}

/* The last period that was or will be due before a day's end; of the obligation, else of a recurring one. */
static bool due_before(const Programme *programme, const Obligation *wanted, const GDate *day, gint64 now_s,
                       CommandTarget *target) {
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
        gint64 until_s = calendar_instant(programme->zone, day, obligation->schedule.due_second);
        if (wanted != NULL ? wanted != obligation : obligation->schedule.kind == SCHEDULE_ONCE)
            continue;
        g_autoptr(GPtrArray) periods =
            period_list(programme, obligation, now_s - EXTEND_MAX_DAYS * (gint64)CALENDAR_DAY_S, until_s - 1);
        if (periods->len == 0)
            continue;
        target->obligation = obligation;
        target->period = period_copy(g_ptr_array_index(periods, periods->len - 1));
        target->until_s = until_s;
        return true;
    }
    return false;
}

static bool resolve_extend(const View *view, const Words *words, const char *language, gint64 now_s,
                           CommandTarget *target, char **ret_why) {
    const Programme *programme = view_programme(view);
    GDate day;
    if (words->count < 2 || !period_day_parse(words->words[words->count - 1], programme->zone, now_s, &day))
        return refuse(ret_why, COMMAND_EXTEND, language, "请写明延到哪一天", "The day is missing");
    guint names = words->count - 1;
    const Obligation *wanted = NULL;
    for (guint i = 0; names > 1 && i < programme->obligations->len; i++) {
        const Obligation *obligation = g_ptr_array_index(programme->obligations, i);
        const char *word = words->words[names - 1];
        if (strcmp(word, obligation->id) == 0 || g_strcmp0(word, obligation->title_zh) == 0)
            wanted = obligation;
    }
    names -= wanted != NULL;
    bool all;
    const Organization *organization = name_of(view, words, names, &all);
    if (organization == NULL && !all)
        return refuse(ret_why, COMMAND_EXTEND, language, "名册里没有这个单位",
                      "There is no organization of this name");
    if (!due_before(programme, wanted, &day, now_s, target) || target->until_s <= now_s ||
        target->until_s > now_s + EXTEND_MAX_DAYS * (gint64)CALENDAR_DAY_S)
        return refuse(ret_why, COMMAND_EXTEND, language, "这一天不能作为延期的日期",
                      "That day is no extension: too early or too far off");
    if (all)
        add_owing(view, target);
    else
        g_ptr_array_add(target->organizations, (Organization *)organization);
    return true;
}

static bool resolve_exempt(const View *view, const Words *words, const char *language, gint64 now_s,
                           CommandTarget *target, char **ret_why) {
    for (guint names = words->count > 0 ? words->count - 1 : 0; names > 0; names--) {
        bool all;
        const Organization *organization = name_of(view, words, names, &all);
        g_autofree char *tail = join(words, names, words->count);
        if (organization == NULL ||
            !period_choose(view_programme(view), tail, now_s, &target->obligation, &target->period))
            continue;
        g_ptr_array_add(target->organizations, (Organization *)organization);
        return true;
    }
    return refuse(ret_why, COMMAND_EXEMPT, language, "请写明名册里的单位名称和期",
                  "Name an organization of the roster and a period");
}

static bool resolve_period(const View *view, Command command, const char *argument, const char *language,
                           gint64 now_s, CommandTarget *target, char **ret_why) {
    if (!period_choose(view_programme(view), argument, now_s, &target->obligation, &target->period))
        return refuse(ret_why, command, language, "没有这一期；一期以截止日期称呼",
                      "There is no such period; a period is called by its due date");
    if (command == COMMAND_REMIND)
        add_owing(view, target);
    return true;
}

bool command_resolve(const View *view, Command command, const char *argument, const char *language,
                     gint64 now_s, CommandTarget *ret_target, char **ret_why) {
    CommandTarget target = {.organizations = g_ptr_array_new(), .text = g_strdup(argument)};
    Words words = split(argument);
    bool good = true;
    switch (command) {
    case COMMAND_SUMMARY:
    case COMMAND_EXPORT:
    case COMMAND_REMIND:
        good = resolve_period(view, command, argument, language, now_s, &target, ret_why);
        break;
    case COMMAND_EXTEND:
        good = resolve_extend(view, &words, language, now_s, &target, ret_why);
        break;
    case COMMAND_EXEMPT:
        good = resolve_exempt(view, &words, language, now_s, &target, ret_why);
        break;
    case COMMAND_ASSIGN:
        good = (words.count >= 2 && g_ascii_isdigit(*argument)) ||
               refuse(ret_why, command, language, "请写明编号和单位名称", "Number and name are missing");
        break;
    case COMMAND_SETTLED:
        good = refuse(ret_why, command, language, "没有这个编码的未处理紧急情况",
                      "No urgent matter of this code is open");
        break;
    case COMMAND_MERGE:
    case COMMAND_SPLIT:
        good = (words.count >= (command == COMMAND_MERGE ? 2 : 1) && g_ascii_isdigit(*argument)) ||
               refuse(ret_why, command, language, "请写明问题的编号", "The numbers are missing");
        break;
    case COMMAND_HELP:
    case COMMAND_FORM:
    case COMMAND_STATUS:
    case COMMANDS:
        break;
    }
    g_strfreev(words.words);
    if (good)
        *ret_target = target;
    else
        command_target_clear(&target);
    return good;
}
