/* fortnight status: who has, who has not, who is late, whom to telephone (SPEC 7). */
#include "gateway/core/status.h"

#include <stdio.h>
#include <string.h>

#include "gateway/commands/context.h"
#include "gateway/commands/table.h"
#include "gateway/core/calendar.h"

enum { STATE_COLUMN = 2, PUNCTUAL_COLUMN = 4, PROBLEMS_COLUMN };

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static const char *state_text(const json_t *row, bool is_chinese) {
    static const char *const NAMES[][3] = {
        {"submitted", "已交", "received"},           {"owed", "未交", "not yet"},
        {"missing", "逾期未交", "MISSING"},          {"exempt", "免报", "exempt"},
        {"suspended", "暂停", "suspended"},          {"not_yet", "尚未开始", "not yet owed"},
        {"not_concerned", "不涉及", "not concerned"}};
    const char *state = text_of(row, "state");
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(state, NAMES[i][0]) == 0)
            return NAMES[i][is_chinese ? 1 : 2];
    return state;
}

/* "未审核；手工登记"; the caller frees it. */
static char *note_of(const json_t *row, bool is_chinese) {
    static const char *const NOTES[][4] = {{"approval", "pending", "未审核", "not reviewed"},
                                           {"approval", "approved", "已审核", "approved"},
                                           {"approval", "returned", "已退回", "returned"}};
    GString *note = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(NOTES); i++)
        if (strcmp(text_of(row, NOTES[i][0]), NOTES[i][1]) == 0)
            g_string_append(note, NOTES[i][is_chinese ? 2 : 3]);
    const char *more = json_is_true(json_object_get(row, "pending"))
                           ? (is_chinese ? "有待处理邮件" : "mail waits")
                       : json_is_true(json_object_get(row, "by_hand")) ? (is_chinese ? "手工登记" : "by hand")
                                                                       : NULL;
    if (more)
        g_string_append_printf(note, "%s%s", note->len ? (is_chinese ? "；" : "; ") : "", more);
    return g_string_free(note, FALSE);
}

static void add_row(Table *table, const json_t *row, bool is_chinese) {
    g_autofree char *late = NULL, *problems = NULL, *revision = NULL, *received = NULL;
    gint64 late_s = json_integer_value(json_object_get(row, "late_s"));
    bool has_come = strcmp(text_of(row, "state"), "submitted") == 0;
    if (has_come && late_s > 0) {
        g_autofree char *duration = calendar_duration_text(late_s, is_chinese ? "zh" : "en");
        late = is_chinese ? g_strdup_printf("迟 %s", duration) : g_strdup_printf("late by %s", duration);
    }
    if (has_come) {
        problems = g_strdup_printf("%lld", (long long)json_integer_value(json_object_get(row, "problems")));
        revision = g_strdup_printf("%lld", (long long)json_integer_value(json_object_get(row, "revision")));
    }
    received = g_strdup(text_of(row, "received"));
    g_strdelimit(received, "T", ' ');
    const char *punctual = !has_come ? "" : late ? late : is_chinese ? "按时" : "on time";
    g_autofree char *note = note_of(row, is_chinese);
    table_row(table,
              (const char *[]){text_of(row, "organization"), text_of(row, "section"),
                               state_text(row, is_chinese), received, punctual, problems, revision, note});
    const char *state = text_of(row, "state");
    table_tone(table, STATE_COLUMN,
               has_come                        ? TABLE_GOOD
               : strcmp(state, "missing") == 0 ? TABLE_BAD
                                               : TABLE_PLAIN);
    if (has_come)
        table_tone(table, PUNCTUAL_COLUMN, late ? TABLE_WARN : TABLE_GOOD);
    if (has_come && json_integer_value(json_object_get(row, "problems")) > 0)
        table_tone(table, PROBLEMS_COLUMN, TABLE_WARN);
}

static void print_head(const Context *context, const Obligation *obligation, const Period *period,
                       const json_t *rows) {
    const Programme *programme = context->config->programme;
    bool is_chinese = programme->language[0] == 'z';
    guint received = 0, missing = 0, expected = 0;
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *state = text_of(row, "state");
        bool has_come = strcmp(state, "submitted") == 0,
             owes = strcmp(state, "owed") == 0 || strcmp(state, "missing") == 0;
        received += has_come;
        missing += owes;
        expected += has_come || owes;
    }
    g_autofree char *due = calendar_instant_text(programme->zone, period->due_s, programme->language);
    if (is_chinese)
        printf("%s · %s · 截止 %s\n应交 %u，已交 %u，未交 %u\n\n", programme->title_zh, obligation->title_zh,
               due, expected, received, missing);
    else
        printf("%s · %s · due %s\n%u expected, %u received, %u not received\n\n", programme->title_en,
               obligation->title_en, due, expected, received, missing);
}

static void print_call_list(const json_t *calls, bool is_chinese) {
    if (!json_array_size(calls))
        return;
    printf("\n%s\n", is_chinese ? "没有邮箱、需电话联系：" : "No address known, to be called:");
    size_t i;
    json_t *call;
    json_array_foreach(calls, i, call) {
        printf("  %s  %s  %s\n", text_of(call, "organization"), text_of(call, "contact"),
               text_of(call, "phone"));
    }
}

static void print_tables(const Context *context, const Obligation *obligation, const Period *period,
                         const json_t *rows, const json_t *calls, bool is_csv) {
    static const char *const CHINESE[] = {"组织", "板块", "状态", "收到时间", "是否按时",
                                          "问题", "修订", "备注", NULL};
    static const char *const ENGLISH[] = {"organization", "section",  "state", "received", "punctual",
                                          "problems",     "revision", "note",  NULL};
    bool is_chinese = context->config->programme->language[0] == 'z';
    if (!is_csv)
        print_head(context, obligation, period, rows);
    g_autoptr(Table) table = table_new(is_chinese ? CHINESE : ENGLISH);
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        add_row(table, row, is_chinese);
    }
    if (is_csv) {
        table_print_csv(table);
        return;
    }
    table_print(table);
    print_call_list(calls, is_chinese);
}

int command_status(int argc, char **argv) {
    g_auto(Context) context = {0};
    gboolean is_csv = FALSE;
    const GOptionEntry extra[] = {
        {"csv", 0, 0, G_OPTION_ARG_NONE, &is_csv, "print CSV, as a spreadsheet reads it", NULL}, {NULL}};
    int status = context_start(
        &context, argc, argv, extra, "[PERIOD]",
        "Shows who has sent what is owed, who has not, who is late, and who must be called.\n"
        "PERIOD is a due date such as 2016-06-27, or OBLIGATION/2016-06-27; default: the current one.");
    const Obligation *obligation = NULL;
    g_autoptr(Period) period = NULL;
    if (status == CONTEXT_GO_ON)
        status =
            context_period(&context, context.arguments ? context.arguments[0] : NULL, &obligation, &period);
    if (status == CONTEXT_GO_ON)
        status = context_open_store(&context, STORE_READ);
    g_autoptr(Period) reviewed =
        status == CONTEXT_GO_ON ? view_reviewed_period(context.config->programme, obligation, period) : NULL;
    const char *const periods[] = {period ? period->key : NULL, reviewed ? reviewed->key : NULL, NULL};
    if (status == CONTEXT_GO_ON)
        status = context_load_view(&context, &(SnapshotScope){.periods = periods, .with_content = true});
    if (status != CONTEXT_GO_ON)
        return status;
    json_t *rows = status_rows(context.view, obligation, period, context.now_s);
    json_t *calls = status_call_list(context.view, obligation, period);
    if (context.json) {
        json_t *all = json_pack("{s:s, s:s, s:O, s:O}", "obligation", obligation->id, "period", period->key,
                                "rows", rows, "call_list", calls);
        context_print_json(all);
        json_decref(all);
    } else {
        print_tables(&context, obligation, period, rows, calls, is_csv);
    }
    json_decref(rows);
    json_decref(calls);
    return EXIT_DONE;
}
