#include "tests/unit/world.h"

#include <string.h>

static const char forms_json[] =
    "{'language':'zh','zone':'Asia/Shanghai','forms':["
    "{'id':'report','title_zh':'双周报','title_en':'report','fields':["
    "{'key':'org','labels':['单位'],'type':'org'},"
    "{'key':'period','labels':['汇报周期'],'type':'daterange'},"
    "{'key':'reporter','labels':['填报人'],'type':'person'},"
    "{'key':'asked','labels':['提问量'],'title_en':'questions','type':'count'},"
    "{'key':'answered','labels':['回答量'],'type':'count'},"
    "{'key':'rate','labels':['答复率'],'type':'number'},"
    "{'key':'urgent','labels':['紧急情况'],'type':'text','absent':['无','没有']}],"
    "'tables':["
    "{'key':'daily','labels':['每日明细'],'columns':[{'key':'date','labels':['日期'],'type':'date'},"
    "{'key':'asked','labels':['提问量'],'type':'count'}]},"
    "{'key':'asked_list','labels':['问题清单'],'columns':[{'key':'question','labels':['问题'],'type':'text'},"
    "{'key':'asked_at','labels':['提问时间'],'type':'datetime'},"
    "{'key':'answered_at','labels':['答复时间'],'type':'datetime'},"
    "{'key':'answered_by','labels':['答复人'],'type':'person'},"
    "{'key':'status','labels':['状态'],'type':'choice','choices':["
    "{'value':'已答复','maps_to':'answered'},{'value':'处理中','maps_to':'open'}]}]},"
    "{'key':'cases','labels':['案例'],'columns':[{'key':'no','labels':['序号'],'type':'text','serial':true},{"
    "'key':'title','labels':['案例名称'],'type':'text'}]}]},"
    "{'id':'receipt','title_zh':'回执','fields':["
    "{'key':'org','labels':['单位'],'type':'org'},{'key':'section','labels':['板块'],'type':'text'},"
    "{'key':'boss','labels':['负责人'],'type':'person'},{'key':'boss_phone','labels':['电话'],'type':'phone'}"
    ","
    "{'key':'desk','labels':['联络员'],'type':'person'},{'key':'desk_mail','labels':['邮箱'],'type':'email'}]"
    "},"
    "{'id':'log','title_zh':'台账','tables':[{'key':'asked_list','labels':['问题'],'columns':["
    "{'key':'question','labels':['问题'],'type':'text'},{'key':'asked_at','labels':['提问时间'],'type':'"
    "datetime'},"
    "{'key':'status','labels':['状态'],'type':'choice','choices':[{'value':'已答复','maps_to':'answered'}]}]}"
    "]}]}";

json_t *json_of(const char *text) {
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    json_error_t error;
    json_t *value = json_loads(json, JSON_DECODE_ANY, &error);
    if (value == NULL)
        g_error("not JSON: %s: %s", error.text, text);
    return value;
}

static void add_stage(GArray *stages, int days, int second, const char *to) {
    Stage stage = {.days = days, .second = second, .to = g_strdup(to)};
    g_array_append_val(stages, stage);
}

static void add_role(Programme *programme, const char *role, const char *address, const char *section) {
    RolePerson *person = g_new0(RolePerson, 1);
    person->role = g_strdup(role);
    person->name = g_strdup(role);
    person->address = g_strdup(address);
    person->section = g_strdup(section);
    g_ptr_array_add(programme->roles, person);
}

static void add_contact_map(RosterMap *map, const char *role, const char *name, const char *address,
                            const char *phone) {
    RosterContactMap *entry = g_new0(RosterContactMap, 1);
    entry->role = g_strdup(role);
    entry->name_field = g_strdup(name);
    entry->address_field = g_strdup(address);
    entry->phone_field = g_strdup(phone);
    g_ptr_array_add(map->contacts, entry);
}

static void add_obligations(Programme *programme) {
    Obligation *receipt = obligation_new();
    receipt->id = g_strdup("receipt");
    receipt->form = g_strdup("receipt");
    receipt->title_zh = g_strdup("回执");
    receipt->schedule = (Schedule){.kind = SCHEDULE_ONCE, .due_second = 86399};
    calendar_day_parse("2016-06-20", &receipt->schedule.once);
    g_ptr_array_add(programme->obligations, receipt);

    Obligation *report = obligation_new();
    report->id = g_strdup("report");
    report->form = g_strdup("report");
    report->title_zh = g_strdup("双周报");
    report->title_en = g_strdup("report");
    report->schedule =
        (Schedule){.kind = SCHEDULE_MONTH_DAYS, .days = {13, 27}, .n_days = 2, .due_second = 86399};
    calendar_day_parse("2016-06-27", &report->schedule.first_due);
    add_stage(report->reminders, -3, 9 * 3600, "contact");
    add_stage(report->reminders, -1, 9 * 3600, "contact");
    add_stage(report->reminders, 0, 8 * 3600 + 1800, "contact");
    add_stage(report->overdue, 1, 9 * 3600, "contact+advisor");
    add_stage(report->overdue, 3, 9 * 3600, "section_head");
    report->has_summary = true;
    report->summary = (Stage){.days = 1, .second = 8 * 3600, .to = g_strdup("leader+supervisor")};
    g_ptr_array_add(programme->obligations, report);
}

World *world_new(void) {
    World *world = g_new0(World, 1);
    Programme *programme = programme_new();
    programme->id = g_strdup("sample");
    programme->title_zh = g_strdup("样例");
    programme->title_en = g_strdup("Sample");
    programme->language = g_strdup("zh");
    programme->zone_name = g_strdup("Asia/Shanghai");
    programme->zone = g_time_zone_new_identifier("Asia/Shanghai");
    programme->from_address = g_strdup("gateway@example.edu.cn");
    programme->letters_per_address_day = 20;
    programme->forms = json_of(forms_json);
    add_obligations(programme);
    add_role(programme, "leader", "leader@example.edu.cn", NULL);
    add_role(programme, "supervisor", "supervisor@example.edu.cn", NULL);
    add_role(programme, "liaison", "liaison@example.edu.cn", NULL);
    add_role(programme, "section_head", "head@example.edu.cn", "生活");
    RosterMap *map = roster_map_new();
    map->form = g_strdup("receipt");
    map->section_field = g_strdup("section");
    add_contact_map(map, "leader", "boss", NULL, "boss_phone");
    add_contact_map(map, "liaison", "desk", "desk_mail", NULL);
    g_ptr_array_add(programme->roster_maps, map);
    world->programme = programme;
    world->snapshot = snapshot_new(programme);
    world->snapshot->released_s = at("2016-01-01T00:00");
    return world;
}

void world_free(World *world) {
    snapshot_free(world->snapshot);
    programme_free(world->programme);
    g_free(world);
}

gint64 at(const char *local_minute) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
    gint64 at_s = 0;
    if (!calendar_time_parse(local_minute, zone, &at_s))
        g_error("not a local minute: %s", local_minute);
    return at_s;
}

void world_contact(Organization *organization, const char *role, const char *name, const char *address,
                   const char *phone) {
    Contact *contact = g_new0(Contact, 1);
    contact->role = g_strdup(role);
    contact->name = g_strdup(name);
    contact->address = g_strdup(address);
    contact->phone = g_strdup(phone);
    g_ptr_array_add(organization->contacts, contact);
}

Organization *world_organization(World *world, gint64 id, const char *name, const char *address) {
    Organization *organization = organization_new();
    organization->id = id;
    organization->name = g_strdup(name);
    if (address != NULL)
        world_contact(organization, "liaison", "联络员", address, NULL);
    g_ptr_array_add(world->snapshot->organizations, organization);
    return organization;
}

Submission *world_submission(World *world, gint64 org_id, const char *period, const char *received,
                             const char *fields, const char *tables) {
    Submission *submission = g_new0(Submission, 1);
    submission->org_id = org_id;
    submission->message_id = 1000 + org_id;
    submission->form = g_strdup(period != NULL ? "report" : "log");
    submission->obligation = period != NULL ? g_strdup("report") : NULL;
    submission->period = g_strdup(period);
    submission->revision = 1;
    submission->received_s = submission->revised_s = at(received);
    submission->on_time = true;
    submission->fields = json_of(fields != NULL ? fields : "{}");
    submission->tables = json_of(tables != NULL ? tables : "{}");
    submission->problems = json_array();
    g_ptr_array_add(world->snapshot->submissions, submission);
    return submission;
}

const Obligation *world_obligation(const World *world, const char *id) {
    return programme_obligation(world->programme, id);
}
