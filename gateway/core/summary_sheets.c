#include "gateway/core/summary_sheets.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/summary_history.h"
#include "gateway/core/summary_parts.h"
#include "gateway/core/summary_scores.h"

typedef struct {
    const SheetSource *source;
    const Programme *programme;
    const json_t *form; /* or NULL */
    bool is_english;
    json_t *sheets;
} Work;

/* Of a section's summary only its organizations. */
static bool is_meant(const Work *work, const char *section) {
    const char *of = json_string_value(json_object_get(work->source->model, "section"));
    return of == NULL || g_strcmp0(of, section) == 0;
}

static const char *word(const Work *work, const char *zh, const char *en) {
    return work->is_english ? en : zh;
}

static json_t *text_or_null(const char *text) {
    return text != NULL && *text != '\0' ? json_string(text) : json_null();
}

/* --- a sheet under way
 * --------------------------------------------------------------------------------------- */

static json_t *sheet_new(const char *key, const char *title) {
    return json_pack("{s:s, s:s, s:[], s:[]}", "key", key, "title", title, "columns", "rows");
}

static void add_column(json_t *sheet, const char *title, const char *type) {
    json_array_append_new(json_object_get(sheet, "columns"),
                          json_pack("{s:s, s:s}", "title", title, "type", type));
}

static void add_row(json_t *sheet, json_t *row) {
    json_array_append_new(json_object_get(sheet, "rows"), row);
}

/* Takes the sheet over. */
static void take_sheet(const Work *work, json_t *sheet, bool keep_empty) {
    if (keep_empty || json_array_size(json_object_get(sheet, "rows")) > 0)
        json_array_append(work->sheets, sheet);
    json_decref(sheet);
}

/* Column types of the forms → those of a sheet. */
static const char *sheet_type(const json_t *definition) {
    const char *type = definition_type(definition);
    return definition_is_number(definition) ? "number"
           : strcmp(type, "date") == 0      ? "day"
           : strcmp(type, "datetime") == 0  ? "time"
                                            : "text";
}

/* New reference. What does not fit the column's type stays text. */
static json_t *cell_value(const json_t *value, const char *language) {
    if (value == NULL || json_is_null(value))
        return json_null();
    if (json_is_number(value) || json_is_string(value))
        return json_incref((json_t *)value);
    g_autofree char *text = definition_value_text(value, language);
    return text_or_null(text);
}

/* "2016-06-14T09:30" in the programme's zone. New reference. */
static json_t *time_value(const Work *work, gint64 at_s) {
    GDate day;
    int second;
    char text[CALENDAR_DAY_BYTES];
    calendar_local(work->programme->zone, at_s, &day, &second);
    calendar_day_format(&day, text);
    g_autofree char *full = g_strdup_printf("%sT%02d:%02d", text, second / 3600, second / 60 % 60);
    return json_string(full);
}

/* --- overview and periods
 * ------------------------------------------------------------------------------------ */

static void add_overview_count(const Work *work, json_t *sheet, const char *title, const char *name) {
    json_t *value = json_object_get(json_object_get(work->source->model, "counts"), name);
    add_row(sheet, json_pack("[s, O, n, n, n]", title, value));
}

static void add_overview(const Work *work) {
    const json_t *model = work->source->model;
    json_t *sheet = sheet_new("overview", word(work, "总览", "Overview"));
    add_column(sheet, word(work, "项目", "Item"), "text");
    add_column(sheet, word(work, "本期", "This period"), "number");
    add_column(sheet, word(work, "上期", "Last period"), "number");
    add_column(sheet, word(work, "增减", "Change"), "number");
    add_column(sheet, word(work, "填报单位数", "Reported by"), "number");
    add_overview_count(work, sheet, word(work, "应交单位", "Expected"), "expected");
    add_overview_count(work, sheet, word(work, "已交", "Received"), "received");
    add_overview_count(work, sheet, word(work, "按时", "On time"), "on_time");
    add_overview_count(work, sheet, word(work, "迟交", "Late"), "late");
    add_overview_count(work, sheet, word(work, "未交", "Missing"), "missing");
    add_overview_count(work, sheet, word(work, "免报", "Exempt"), "exempt");
    add_overview_count(work, sheet, word(work, "待核对", "To check"), "with_problems");
    add_row(sheet,
            json_pack("[s, I, n, n, n]", word(work, "超过24小时未答的问题", "Questions open for over 24 h"),
                      (json_int_t)json_integer_value(
                          json_object_get(json_object_get(model, "counts"), "open_questions"))));
    gsize i;
    json_t *total;
    json_array_foreach(json_object_get(model, "totals"), i, total) {
        json_t *row = json_array();
        static const char *const names[] = {"label", "value", "previous", "change", "reported_by"};
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++) {
            json_t *value = json_object_get(total, names[n]);
            json_array_append_new(row, json_is_false(value) ? json_null() : json_incref(value));
        }
        add_row(sheet, row);
    }
    take_sheet(work, sheet, true);
}

/* How sections and teams compare. */
static void add_groups(const Work *work, const char *name, const char *title, const char *heading) {
    static const char *const names[] = {"name", "expected", "received", "on_time", "late", "missing"};
    const char *titles[] = {heading,
                            word(work, "应交", "Expected"),
                            word(work, "已交", "Received"),
                            word(work, "按时", "On time"),
                            word(work, "迟交", "Late"),
                            word(work, "未交", "Missing")};
    json_t *sheet = sheet_new(name, title), *group;
    for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
        add_column(sheet, titles[n], n == 0 ? "text" : "number");
    gsize i;
    json_array_foreach(json_object_get(work->source->model, name), i, group) {
        json_t *row = json_array();
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
            json_array_append(row, json_object_get(group, names[n]));
        add_row(sheet, row);
    }
    take_sheet(work, sheet, false);
}

static void add_periods(const Work *work) {
    const SheetSource *source = work->source;
    json_t *sheet = sheet_new("periods", word(work, "各期", "Periods"));
    json_t *history = summary_history(source->history, source->obligation, source->period, source->language);
    static const char *const names[] = {"key", "expected", "on_time", "late", "missing"};
    const char *titles[] = {word(work, "截止日期", "Due"), word(work, "应交", "Expected"),
                            word(work, "按时", "On time"), word(work, "迟交", "Late"),
                            word(work, "未交", "Missing")};
    for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
        add_column(sheet, titles[n], n == 0 ? "text" : "number");
    gsize i;
    json_t *period;
    json_array_foreach(history, i, period) {
        json_t *row = json_array();
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
            json_array_append(row, json_object_get(period, names[n]));
        add_row(sheet, row);
    }
    json_decref(history);
    take_sheet(work, sheet, false);
}

/* --- submissions
 * -------------------------------------------------------------------------------------------- */

static const char *tone_of(const json_t *organization, const Submission *submission, bool is_final) {
    const char *state = json_string_value(json_object_get(organization, "state"));
    if (submission != NULL)
        return submission->on_time ? "good" : "warn";
    return g_strcmp0(state, "owed") == 0 && is_final ? "bad" : "none";
}

static bool is_shown(const json_t *field) {
    return strcmp(definition_type(field), "org") != 0;
}

static json_t *submission_row(const Work *work, const json_t *organization) {
    const SheetSource *source = work->source;
    json_int_t org_id = json_integer_value(json_object_get(organization, "org_id"));
    const Submission *submission =
        view_submission(source->view, source->obligation->id, source->period->key, org_id);
    bool is_final = json_is_true(json_object_get(source->model, "final"));
    json_t *row = json_pack("[O, o, o, {s:O, s:s}, o, o, o, o, o]", json_object_get(organization, "name"),
                            text_or_null(json_string_value(json_object_get(organization, "section"))),
                            text_or_null(json_string_value(json_object_get(organization, "team"))), "text",
                            json_object_get(organization, "state_text"), "tone",
                            tone_of(organization, submission, is_final),
                            text_or_null(json_string_value(json_object_get(organization, "approval_text"))),
                            submission != NULL ? time_value(work, submission->received_s) : json_null(),
                            submission != NULL ? json_integer(submission->revision) : json_null(),
                            submission != NULL ? json_integer(submission->n_problems) : json_null(),
                            submission != NULL ? json_integer(submission->message_id) : json_null());
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(work->form), i, field)
        if (is_shown(field))
            json_array_append_new(
                row, cell_value(submission != NULL
                                    ? json_object_get(
                                          json_object_get(submission->fields, definition_key(field)), "value")
                                    : NULL,
                                source->language));
    return row;
}

static void add_submissions(const Work *work) {
    json_t *sheet = sheet_new("submissions", word(work, "报送", "Submissions"));
    add_column(sheet, word(work, "组织", "Organization"), "text");
    add_column(sheet, word(work, "板块", "Section"), "text");
    add_column(sheet, word(work, "队伍", "Team"), "text");
    add_column(sheet, word(work, "状态", "State"), "state");
    add_column(sheet, word(work, "板块审核", "Review"), "text");
    add_column(sheet, word(work, "收到时间", "Received"), "time");
    add_column(sheet, word(work, "修订", "Revision"), "number");
    add_column(sheet, word(work, "待核对", "To check"), "number");
    add_column(sheet, word(work, "邮件编号", "Message"), "number");
    gsize i;
    json_t *item;
    json_array_foreach(definition_fields(work->form), i, item)
        if (is_shown(item))
            add_column(sheet, definition_title(item, work->source->language), sheet_type(item));
    json_array_foreach(json_object_get(work->source->model, "organizations"), i, item)
        add_row(sheet, submission_row(work, item));
    take_sheet(work, sheet, true);
}

/* --- daily totals
 * ------------------------------------------------------------------------------------------- */

/* The column of dates of a table that holds figures by day; NULL: it is another kind of table. */
static const json_t *day_column(const json_t *table) {
    const json_t *day = NULL;
    bool has_figures = false;
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column) {
        if (strcmp(definition_type(column), "date") == 0)
            day = day != NULL ? day : column;
        else if (definition_is_number(column))
            has_figures = true;
        else
            return NULL;
    }
    return has_figures ? day : NULL;
}

typedef struct {
    double *sums; /* one a column of the table */
    guint organizations;
} DaySums;

static void day_sums_free(DaySums *day) {
    g_free(day->sums);
    g_free(day);
}

static void sum_rows(const json_t *table, const char *day_key, const json_t *rows, GHashTable *days) {
    gsize i, c, n_columns = json_array_size(definition_columns(table));
    json_t *row, *column;
    json_array_foreach(rows, i, row) {
        const char *date = json_string_value(json_object_get(row, day_key));
        if (date == NULL)
            continue;
        DaySums *day = g_hash_table_lookup(days, date);
        if (day == NULL) {
            day = g_new0(DaySums, 1);
            day->sums = g_new0(double, n_columns);
            g_hash_table_insert(days, g_strdup(date), day);
        }
        day->organizations++;
        json_array_foreach(definition_columns(table), c, column)
            day->sums[c] += json_number_value(json_object_get(row, definition_key(column)));
    }
}

static void add_day_rows(json_t *sheet, const json_t *table, const char *day_key, GHashTable *days) {
    g_autoptr(GList) dates = g_list_sort(g_hash_table_get_keys(days), (GCompareFunc)strcmp);
    for (GList *date = dates; date != NULL; date = date->next) {
        const DaySums *day = g_hash_table_lookup(days, date->data);
        json_t *row = json_pack("[s]", (const char *)date->data), *column;
        gsize c;
        json_array_foreach(definition_columns(table), c, column)
            if (strcmp(definition_key(column), day_key) != 0)
                json_array_append_new(row, json_real(day->sums[c]));
        json_array_append_new(row, json_integer(day->organizations));
        add_row(sheet, row);
    }
}

static void add_daily(const Work *work) {
    const SheetSource *source = work->source;
    const GPtrArray *submissions =
        view_period_submissions(source->view, source->obligation->id, source->period->key);
    gsize i, c;
    json_t *table, *column;
    json_array_foreach(definition_tables(work->form), i, table) {
        const json_t *day = day_column(table);
        if (day == NULL)
            continue;
        g_autoptr(GHashTable) days =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)day_sums_free);
        json_t *sheet = sheet_new("daily", definition_title(table, source->language));
        add_column(sheet, definition_title(day, source->language), "day");
        json_array_foreach(definition_columns(table), c, column)
            if (column != day)
                add_column(sheet, definition_title(column, source->language), "number");
        add_column(sheet, word(work, "填报单位数", "Reported by"), "number");
        for (guint s = 0; submissions != NULL && s < submissions->len; s++) {
            const Submission *submission = g_ptr_array_index(submissions, s);
            const Organization *organization = view_organization(source->view, submission->org_id);
            if (!is_meant(work, organization != NULL ? organization->section : NULL))
                continue;
            sum_rows(table, definition_key(day), json_object_get(submission->tables, definition_key(table)),
                     days);
        }
        add_day_rows(sheet, table, definition_key(day), days);
        take_sheet(work, sheet, false);
        return; /* a form has one such table */
    }
}

/* --- rows of tables as they are: questions, members
 * ---------------------------------------------------------- */

static void add_table_columns(json_t *sheet, const json_t *table, const char *language) {
    gsize i;
    json_t *column;
    json_array_foreach(definition_columns(table), i, column)
        add_column(sheet, definition_title(column, language), sheet_type(column));
}

static void add_table_rows(const Work *work, json_t *sheet, const json_t *table,
                           const GPtrArray *submissions) {
    gsize i, c;
    json_t *line, *column;
    for (guint s = 0; submissions != NULL && s < submissions->len; s++) {
        const Submission *submission = g_ptr_array_index(submissions, s);
        const Organization *organization = view_organization(work->source->view, submission->org_id);
        if (!is_meant(work, organization != NULL ? organization->section : NULL))
            continue;
        json_array_foreach(json_object_get(submission->tables, definition_key(table)), i, line) {
            json_t *row = json_pack("[o]", text_or_null(organization != NULL ? organization->name : NULL));
            json_array_foreach(definition_columns(table), c, column)
                json_array_append_new(
                    row, cell_value(json_object_get(line, definition_key(column)), work->source->language));
            json_array_append_new(row, json_integer(submission->message_id));
            add_row(sheet, row);
        }
    }
}

static void add_whole_table(const Work *work, const char *key, const char *title, const json_t *table,
                            const GPtrArray *submissions) {
    json_t *sheet = sheet_new(key, title);
    add_column(sheet, word(work, "组织", "Organization"), "text");
    add_table_columns(sheet, table, work->source->language);
    add_column(sheet, word(work, "邮件编号", "Message"), "number");
    add_table_rows(work, sheet, table, submissions);
    take_sheet(work, sheet, false);
}

/* Every table of the form that is a list: questions, cases, articles. */
static void add_lists(const Work *work) {
    const SheetSource *source = work->source;
    const GPtrArray *submissions =
        view_period_submissions(source->view, source->obligation->id, source->period->key);
    gsize i;
    json_t *table;
    json_array_foreach(definition_tables(work->form), i, table)
        if (day_column(table) == NULL)
            add_whole_table(work, summary_holds_questions(table) ? "questions" : definition_key(table),
                            definition_title(table, source->language), table, submissions);
}

static const char *role_title(const Work *work, const char *role) {
    static const struct {
        const char *role, *zh, *en;
    } titles[] = {
        {"liaison", "联络员", "liaison"}, {"leader", "负责人", "leader"}, {"advisor", "指导老师", "advisor"}};
    for (gsize i = 0; i < G_N_ELEMENTS(titles); i++)
        if (g_strcmp0(titles[i].role, role) == 0)
            return word(work, titles[i].zh, titles[i].en);
    return role;
}

/* Who speaks for whom, from the roster. */
static void add_contacts(const Work *work) {
    const GPtrArray *organizations = view_snapshot(work->source->view)->organizations;
    json_t *sheet = sheet_new("members", word(work, "联系人", "Contacts"));
    const char *titles[] = {word(work, "组织", "Organization"), word(work, "板块", "Section"),
                            word(work, "队伍", "Team"),         word(work, "角色", "Role"),
                            word(work, "姓名", "Name"),         word(work, "电话", "Phone"),
                            word(work, "邮箱", "Address")};
    for (gsize i = 0; i < G_N_ELEMENTS(titles); i++)
        add_column(sheet, titles[i], "text");
    for (guint i = 0; i < organizations->len; i++) {
        const Organization *organization = g_ptr_array_index(organizations, i);
        for (guint c = 0; c < organization->contacts->len && is_meant(work, organization->section); c++) {
            const Contact *contact = g_ptr_array_index(organization->contacts, c);
            add_row(sheet,
                    json_pack("[s, o, o, o, o, o, o]", organization->name,
                              text_or_null(organization->section), text_or_null(organization->team),
                              text_or_null(role_title(work, contact->role)), text_or_null(contact->name),
                              text_or_null(contact->phone), text_or_null(contact->address)));
        }
    }
    take_sheet(work, sheet, false);
}

/* Lists of the forms that feed the roster (workers, answerers), where their submissions are in the view. */
static void add_roster_lists(const Work *work) {
    const GPtrArray *maps = work->programme->roster_maps;
    const GPtrArray *all = view_snapshot(work->source->view)->submissions;
    for (guint m = 0; maps != NULL && m < maps->len; m++) {
        const char *form_id = ((const RosterMap *)g_ptr_array_index(maps, m))->form;
        const json_t *form = definition_form(work->programme, form_id);
        g_autoptr(GPtrArray) submissions = g_ptr_array_new();
        for (guint i = 0; i < all->len; i++)
            if (g_strcmp0(((const Submission *)g_ptr_array_index(all, i))->form, form_id) == 0)
                g_ptr_array_add(submissions, g_ptr_array_index(all, i));
        gsize t;
        json_t *table;
        json_array_foreach(definition_tables(form), t, table)
            add_whole_table(work, definition_key(table), definition_title(table, work->source->language),
                            table, submissions);
    }
}

/* --- standings
 * ---------------------------------------------------------------------------------------------- */

static void add_standings(const Work *work) {
    const SheetSource *source = work->source;
    static const char *const names[] = {"name", "section", "team",     "owed", "on_time",
                                        "late", "missing", "problems", "rate"};
    const char *titles[] = {word(work, "组织", "Organization"),  word(work, "板块", "Section"),
                            word(work, "队伍", "Team"),          word(work, "应交", "Owed"),
                            word(work, "按时", "On time"),       word(work, "迟交", "Late"),
                            word(work, "未交", "Missing"),       word(work, "待核对", "To check"),
                            word(work, "按时率", "On-time rate")};
    static const char *const types[] = {"text",   "text",   "text",   "number", "number",
                                        "number", "number", "number", "percent"};
    json_t *sheet = sheet_new("standings", word(work, "排名", "Standings"));
    json_t *rows = summary_standings(source->history, source->obligation, source->period, source->now_s);
    for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
        add_column(sheet, titles[n], types[n]);
    gsize i;
    json_t *standing;
    json_array_foreach(rows, i, standing) {
        if (!is_meant(work, json_string_value(json_object_get(standing, "section"))))
            continue;
        json_t *row = json_array();
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
            json_array_append(row, json_object_get(standing, names[n]));
        add_row(sheet, row);
    }
    json_decref(rows);
    take_sheet(work, sheet, false);
}

json_t *summary_sheets(const SheetSource *source) {
    const Programme *programme = view_programme(source->view);
    const Work work = {.source = source,
                       .programme = programme,
                       .form = definition_form(programme, source->obligation->form),
                       .is_english = g_strcmp0(source->language, "en") == 0,
                       .sheets = json_array()};
    bool is_whole = !json_is_string(json_object_get(source->model, "section"));
    add_overview(&work);
    if (is_whole)
        add_periods(&work); /* a section's are not counted */
    add_submissions(&work);
    add_groups(&work, "sections", word(&work, "板块对比", "Sections"), word(&work, "板块", "Section"));
    add_groups(&work, "teams", word(&work, "队伍对比", "Teams"), word(&work, "队伍", "Team"));
    add_daily(&work);
    add_lists(&work);
    add_contacts(&work);
    add_roster_lists(&work);
    add_standings(&work);
    summary_score_sheets(source, work.sheets);
    return work.sheets;
}
