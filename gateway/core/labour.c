#include "gateway/core/labour.h"

#include <string.h>

#include "gateway/core/calendar.h"
#include "gateway/core/definition.h"
#include "gateway/core/roster.h"

/* --- who works
 * -------------------------------------------------------------------------------------------------- */

/* The list of people of a form that feeds the roster: the first table whose key column holds persons. */
static const json_t *people_table(const json_t *form, const char **ret_name) {
    gsize t, c;
    json_t *table, *column;
    json_array_foreach(definition_tables(form), t, table)
        json_array_foreach(definition_columns(table), c, column)
            if (strcmp(definition_type(column), "person") == 0 &&
                json_is_true(json_object_get(column, "is_key"))) {
                *ret_name = definition_key(column);
                return table;
            }
    return NULL;
}

/* What is known of the people of all organizations. */
typedef struct {
    const View *view;
    const char *language;
    const json_t *table;   /* definition, or NULL */
    const char *name;      /* key of its column of names */
    GHashTable *receipts;  /* &Organization.id → the newest Submission* with people */
    GHashTable *answerers; /* &Organization.id → GString of names */
} Labour;

static void find_receipts(Labour *labour, const char *form) {
    const GPtrArray *submissions = view_snapshot(labour->view)->submissions;
    for (guint i = 0; i < submissions->len; i++) {
        Submission *submission = g_ptr_array_index(submissions, i);
        if (g_strcmp0(submission->form, form) != 0 || submission->tables == NULL)
            continue;
        const Submission *known = g_hash_table_lookup(labour->receipts, &submission->org_id);
        if (known == NULL || submission->revised_s >= known->revised_s)
            g_hash_table_replace(labour->receipts, &submission->org_id, submission);
    }
}

static const char *separator(const char *language) {
    return g_strcmp0(language, "en") == 0 ? ", " : "、";
}

static void free_text(gpointer text) {
    g_string_free(text, TRUE);
}

static void find_answerers(Labour *labour) {
    const GPtrArray *answerers = view_snapshot(labour->view)->answerers;
    for (guint i = 0; answerers != NULL && i < answerers->len; i++) {
        Answerer *answerer = g_ptr_array_index(answerers, i);
        GString *text = g_hash_table_lookup(labour->answerers, &answerer->org_id);
        if (text == NULL) {
            text = g_string_new(NULL);
            g_hash_table_insert(labour->answerers, &answerer->org_id, text);
        }
        bool has_type = answerer->type != NULL && *answerer->type != '\0';
        g_string_append_printf(text, "%s%s%s%s", text->len > 0 ? separator(labour->language) : "",
                               has_type ? answerer->type : "",
                               !has_type                                ? ""
                               : g_strcmp0(labour->language, "en") == 0 ? ": "
                                                                        : "：",
                               answerer->name);
    }
}

static void labour_init(Labour *labour, const View *view, const char *language) {
    const Programme *programme = view_programme(view);
    *labour = (Labour){.view = view,
                       .language = language,
                       .receipts = g_hash_table_new(g_int64_hash, g_int64_equal),
                       .answerers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_text)};
    for (guint i = 0;
         programme->roster_maps != NULL && i < programme->roster_maps->len && labour->table == NULL; i++) {
        const char *form = ((const RosterMap *)g_ptr_array_index(programme->roster_maps, i))->form;
        labour->table = people_table(definition_form(programme, form), &labour->name);
        if (labour->table != NULL)
            find_receipts(labour, form);
    }
    find_answerers(labour);
}

static void labour_clear(Labour *labour) {
    g_hash_table_unref(labour->receipts);
    g_hash_table_unref(labour->answerers);
}

/* The rows of an organization's people; NULL: nothing is known. */
static const json_t *people_of(const Labour *labour, const Organization *organization) {
    const Submission *receipt = g_hash_table_lookup(labour->receipts, &organization->id);
    return receipt != NULL ? json_object_get(receipt->tables, definition_key(labour->table)) : NULL;
}

/* --- a row
 * ------------------------------------------------------------------------------------------------------ */

static void set_text(json_t *row, const char *key, const char *text) {
    json_object_set_new(row, key, json_string(text != NULL ? text : ""));
}

static void set_contact(json_t *row, const Organization *organization, const char *role, bool with_address) {
    const Contact *contact = roster_holder(organization, role);
    g_autofree char *phone = g_strconcat(role, "_phone", NULL),
                    *address = g_strconcat(role, "_address", NULL);
    set_text(row, role, contact != NULL ? contact->name : NULL);
    set_text(row, phone, contact != NULL ? contact->phone : NULL);
    if (with_address)
        set_text(row, address, contact != NULL ? contact->address : NULL);
}

static json_t *row_of(const Labour *labour, const Organization *organization, guint number) {
    const json_t *people = people_of(labour, organization);
    const GString *answerers = g_hash_table_lookup(labour->answerers, &organization->id);
    g_autoptr(GString) names = g_string_new(NULL);
    g_autofree char *number_text = g_strdup_printf("%u", number);
    g_autofree char *count = people != NULL ? g_strdup_printf("%zu", json_array_size(people)) : g_strdup("");
    json_t *row = json_object(), *line;
    gsize i;
    json_array_foreach(people, i, line) {
        const char *name = json_string_value(json_object_get(line, labour->name));
        if (name != NULL)
            g_string_append_printf(names, "%s%s", names->len > 0 ? separator(labour->language) : "", name);
    }
    set_text(row, "number", number_text);
    set_text(row, "name", organization->name);
    set_text(row, "section", organization->section);
    set_text(row, "team", organization->team);
    set_contact(row, organization, "advisor", false);
    set_contact(row, organization, "leader", false);
    set_contact(row, organization, "liaison", true);
    set_text(row, "people", count);
    set_text(row, "names", names->str);
    set_text(row, "answerers", answerers != NULL ? answerers->str : NULL);
    return row;
}

/* --- the document
 * ------------------------------------------------------------------------------------------------ */

static json_t *section_of(json_t *sections, const char *name) {
    gsize i;
    json_t *section;
    json_array_foreach(sections, i, section)
        if (strcmp(json_string_value(json_object_get(section, "name")), name) == 0)
            return section;
    section = json_pack("{s:s, s:[]}", "name", name, "rows");
    json_array_append_new(sections, section);
    return section;
}

static const char *programme_title(const Programme *programme, bool is_english) {
    const char *own = is_english ? programme->title_en : programme->title_zh;
    return own != NULL ? own : programme->title_zh != NULL ? programme->title_zh : programme->id;
}

json_t *labour_facts(const View *view, const char *language, gint64 now_s) {
    const Programme *programme = view_programme(view);
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    bool is_english = g_strcmp0(language, "en") == 0;
    const char *without = is_english ? "Without a section" : "未分板块";
    GDate today;
    calendar_local(programme->zone, now_s, &today, NULL);
    g_autofree char *at =
        g_strdup_printf(is_english ? "%04u-%02u-%02u" : "%u年%u月%u日", g_date_get_year(&today),
                        (guint)g_date_get_month(&today), g_date_get_day(&today));
    json_t *sections = json_array(), *last = json_pack("{s:s, s:[]}", "name", without, "rows"), *section;
    json_int_t people = 0;
    guint number = 0;
    gsize i;
    Labour labour;
    labour_init(&labour, view, language);
    for (guint o = 0; o < organizations->len; o++) {
        const Organization *organization = g_ptr_array_index(organizations, o);
        bool has_section = organization->section != NULL && *organization->section != '\0';
        section = has_section ? section_of(sections, organization->section) : last;
        people += (json_int_t)json_array_size(people_of(&labour, organization));
        json_array_append_new(json_object_get(section, "rows"), row_of(&labour, organization, 0));
    }
    json_array_append_new(sections, last);
    json_array_foreach(sections, i, section) {
        gsize r;
        json_t *row, *rows = json_object_get(section, "rows");
        json_object_set_new(section, "count", json_integer((json_int_t)json_array_size(rows)));
        json_array_foreach(rows, r, row) {
            g_autofree char *text = g_strdup_printf("%u", ++number);
            set_text(row, "number", text);
        }
    }
    if (json_array_size(json_object_get(last, "rows")) == 0)
        json_array_remove(sections, json_array_size(sections) - 1);
    labour_clear(&labour);
    return json_pack("{s:s, s:s, s:I, s:I, s:o}", "programme", programme_title(programme, is_english),
                     "date_text", at, "count", (json_int_t)organizations->len, "people", people, "sections",
                     sections);
}

/* --- the workbook
 * ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *key, *zh, *en;
    bool is_number;
} columns[] = {
    {"number", "序号", "No.", true},
    {"name", "单位", "Organization", false},
    {"section", "负责板块", "Section", false},
    {"team", "所属队伍", "Team", false},
    {"advisor", "指导老师", "Advisor", false},
    {"advisor_phone", "指导老师电话", "Advisor's phone", false},
    {"leader", "负责人", "Leader", false},
    {"leader_phone", "负责人电话", "Leader's phone", false},
    {"liaison", "联络员", "Liaison", false},
    {"liaison_phone", "联络员电话", "Liaison's phone", false},
    {"liaison_address", "联络员邮箱", "Liaison's address", false},
    {"people", "工作人员人数", "People", true},
    {"names", "工作人员", "Names", false},
    {"answerers", "答复人", "Answerers", false},
};

static json_t *cell_of(const json_t *row, const char *key, bool is_number) {
    const char *text = json_string_value(json_object_get(row, key));
    guint64 number;
    if (text == NULL || *text == '\0')
        return json_null();
    if (is_number && g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &number, NULL))
        return json_integer((json_int_t)number);
    return json_string(text);
}

static void add_column(json_t *sheet, const char *title, bool is_number) {
    json_array_append_new(json_object_get(sheet, "columns"),
                          json_pack("{s:s, s:s}", "title", title, "type", is_number ? "number" : "text"));
}

static json_t *labour_sheet(const Labour *labour) {
    const GPtrArray *organizations = view_snapshot(labour->view)->organizations;
    bool is_english = g_strcmp0(labour->language, "en") == 0;
    json_t *sheet = json_pack("{s:s, s:s, s:[], s:[]}", "key", "labour", "title",
                              is_english ? "Division of labour" : "分工表", "columns", "rows");
    for (gsize c = 0; c < G_N_ELEMENTS(columns); c++)
        add_column(sheet, is_english ? columns[c].en : columns[c].zh, columns[c].is_number);
    for (guint i = 0; i < organizations->len; i++) {
        json_t *row = row_of(labour, g_ptr_array_index(organizations, i), i + 1), *cells = json_array();
        for (gsize c = 0; c < G_N_ELEMENTS(columns); c++)
            json_array_append_new(cells, cell_of(row, columns[c].key, columns[c].is_number));
        json_array_append_new(json_object_get(sheet, "rows"), cells);
        json_decref(row);
    }
    return sheet;
}

/* Every row of the lists of people as it was sent. */
static json_t *people_sheet(const Labour *labour) {
    const GPtrArray *organizations = view_snapshot(labour->view)->organizations;
    bool is_english = g_strcmp0(labour->language, "en") == 0;
    json_t *sheet = json_pack("{s:s, s:s, s:[], s:[]}", "key", "people", "title",
                              definition_title(labour->table, labour->language), "columns", "rows");
    gsize c, i;
    json_t *column, *line;
    add_column(sheet, is_english ? "Organization" : "单位", false);
    json_array_foreach(definition_columns(labour->table), c, column)
        add_column(sheet, definition_title(column, labour->language), false);
    for (guint o = 0; o < organizations->len; o++) {
        const Organization *organization = g_ptr_array_index(organizations, o);
        json_array_foreach(people_of(labour, organization), i, line) {
            json_t *cells = json_pack("[s]", organization->name);
            json_array_foreach(definition_columns(labour->table), c, column) {
                g_autofree char *text =
                    definition_value_text(json_object_get(line, definition_key(column)), labour->language);
                json_array_append_new(cells, *text != '\0' ? json_string(text) : json_null());
            }
            json_array_append_new(json_object_get(sheet, "rows"), cells);
        }
    }
    return sheet;
}

json_t *labour_sheets(const View *view, const char *language) {
    Labour labour;
    json_t *sheets = json_array();
    labour_init(&labour, view, language);
    json_array_append_new(sheets, labour_sheet(&labour));
    json_t *people = labour.table != NULL ? people_sheet(&labour) : NULL;
    if (people != NULL && json_array_size(json_object_get(people, "rows")) > 0)
        json_array_append(sheets, people);
    json_decref(people);
    labour_clear(&labour);
    return sheets;
}
