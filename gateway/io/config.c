#include "gateway/io/config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "gateway/core/approval.h"
#include "gateway/core/error.h"
#include "gateway/core/holidays.h"
#include "gateway/core/schedule.h"
#include "gateway/core/score_formula.h"
#include "gateway/io/conf_file.h"
#include "gateway/io/config_scores.h"
#include "gateway/io/forms_load.h"

/* ---- the schema: every key, its type and range
 * ------------------------------------------------------------------ */

/* A form whose share of fields found falls by more is told to the operator. */
#define DRIFT_PERCENT_DEFAULT 20

static const char *const LANGUAGES[] = {"zh", "en", NULL};
static const char *const TLS_MODES[] = {"implicit", "starttls", "none", NULL};
static const char *const MAILBOX_KINDS[] = {"imap", "directory", NULL};
static const char *const TRANSPORT_KINDS[] = {"smtp", "directory", NULL};
static const char *const AUTH_KINDS[] = {"login", "xoauth2", "none", NULL};
static const char *const OWNERS[] = {"organizations", "sections", "persons", NULL};
static const char *const OFFDAYS[] = {"keep", "previous", "next", NULL};
static const char *const WEEKDAYS[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday",    NULL};
static const char *const APPROVALS[] = {"never", "first", "always", NULL};

static const ConfKey PROGRAMME_KEYS[] = {
    {"id", CONF_STRING, .required = true},
    {"title", CONF_TITLE, .required = true},
    {"language", CONF_CHOICE, .choices = LANGUAGES},
    {"zone", CONF_STRING},
    {NULL, CONF_ANY},
};

/* mailbox and transport share how a server is reached and how one logs in */
#define SERVER_KEYS                                                                                          \
    {"host", CONF_STRING}, {"port", CONF_INTEGER, .min = 1, .max = 65535},                                   \
        {"tls", CONF_CHOICE, .choices = TLS_MODES}, {"ca_file", CONF_STRING}, {"allow_plain", CONF_BOOLEAN}, \
        {"user", CONF_STRING}, {"auth", CONF_CHOICE, .choices = AUTH_KINDS}, {"password_file", CONF_STRING}, \
        {"password_command", CONF_STRINGS}, {"credential", CONF_STRING},                                     \
        {"timeout", CONF_DURATION, .min = 1, .max = 3600}, {                                                 \
        "path", CONF_STRING                                                                                  \
    }

static const ConfKey MAILBOX_KEYS[] = {
    {"kind", CONF_CHOICE, .required = true, .choices = MAILBOX_KINDS},
    SERVER_KEYS,
    {"folders", CONF_STRINGS},
    {"batch", CONF_INTEGER, .min = 1, .max = 1000},
    {"poll_interval", CONF_DURATION, .min = 60, .max = 86400},
    {"max_message", CONF_SIZE, .min = 65536, .max = 512 << 20},
    {NULL, CONF_ANY},
};

static const ConfKey PACE_KEYS[] = {
    {"interval", CONF_DURATION, .min = 0, .max = 3600},
    {"per_quarter_hour", CONF_INTEGER, .min = 0, .max = 100000},
    {"per_day", CONF_INTEGER, .min = 0, .max = 1000000},
    {NULL, CONF_ANY},
};

static const ConfKey FROM_KEYS[] = {
    {"name", CONF_STRING},
    {"address", CONF_ADDRESS, .required = true},
    {NULL, CONF_ANY},
};

static const ConfKey TRANSPORT_KEYS[] = {
    {"kind", CONF_CHOICE, .required = true, .choices = TRANSPORT_KINDS},
    SERVER_KEYS,
    {"ehlo", CONF_STRING},
    {"from", CONF_GROUP, .required = true, .keys = FROM_KEYS},
    {"pace", CONF_GROUP, .keys = PACE_KEYS},
    {NULL, CONF_ANY},
};

static const ConfKey LETTERS_KEYS[] = {
    {"templates", CONF_STRING},
    {"quiet_from", CONF_TIME},
    {"quiet_to", CONF_TIME},
    {"per_address_day", CONF_INTEGER, .min = 1, .max = 1000},
    {"ack_expires", CONF_DURATION, .min = 3600, .max = 30 * 86400},
    {"approve_summary", CONF_CHOICE, .choices = APPROVALS},
    {"retention", CONF_TITLE},
    {NULL, CONF_ANY},
};

static const ConfKey ROLE_KEYS[] = {
    {"role", CONF_STRING, .required = true},
    {"name", CONF_STRING, .required = true},
    {"address", CONF_ADDRESS},
    {"phone", CONF_STRING},
    {"section", CONF_STRING},
    {"language", CONF_CHOICE, .choices = LANGUAGES},
    {NULL, CONF_ANY},
};

static const ConfKey SCHEDULE_KEYS[] = {
    {"once", CONF_DATE},
    {"days_of_month", CONF_INTEGERS, .min = 1, .max = 31},
    {"weekdays", CONF_STRINGS},
    {"rrule", CONF_STRING},
    {"time", CONF_TIME},
    {"grace", CONF_DURATION, .min = 0, .max = 7 * 86400},
    {"first_due", CONF_DATE},
    {"last_due", CONF_DATE},
    {"off_days", CONF_CHOICE, .choices = OFFDAYS},
    {"from", CONF_DATE},
    {NULL, CONF_ANY},
};

static const ConfKey STAGE_KEYS[] = {
    {"days", CONF_INTEGER, .required = true, .min = -60, .max = 60},
    {"time", CONF_TIME, .required = true},
    {"to", CONF_STRING},
    {NULL, CONF_ANY},
};

static const ConfKey OBLIGATION_KEYS[] = {
    {"id", CONF_STRING, .required = true},
    {"form", CONF_STRING},
    {"title", CONF_TITLE, .required = true},
    {"role", CONF_STRING},
    {"reviews", CONF_STRING},
    {"owed_by", CONF_CHOICE, .choices = OWNERS},
    {"schedule", CONF_GROUPS, .required = true, .keys = SCHEDULE_KEYS},
    {"reminders", CONF_LIST, .keys = STAGE_KEYS},
    {"overdue", CONF_LIST, .keys = STAGE_KEYS},
    {"summary", CONF_GROUP, .keys = STAGE_KEYS},
    {"digest", CONF_GROUP, .keys = STAGE_KEYS},
    {NULL, CONF_ANY},
};

static const ConfKey ROTA_KEYS[] = {
    {"id", CONF_STRING, .required = true},
    {"title", CONF_TITLE, .required = true},
    {"schedule", CONF_GROUPS, .required = true, .keys = SCHEDULE_KEYS},
    {"roles", CONF_STRING, .required = true},
    {"copy", CONF_STRING},
    {"reminders", CONF_LIST, .keys = STAGE_KEYS},
    {NULL, CONF_ANY},
};

static const ConfKey ROSTER_CONTACT_KEYS[] = {
    {"role", CONF_STRING, .required = true},
    {"name", CONF_STRING},
    {"address", CONF_STRING},
    {"phone", CONF_STRING},
    {NULL, CONF_ANY},
};

static const ConfKey ROSTER_FROM_KEYS[] = {
    {"form", CONF_STRING, .required = true},
    {"section", CONF_STRING},
    {"team", CONF_STRING},
    {"contacts", CONF_LIST, .keys = ROSTER_CONTACT_KEYS},
    {NULL, CONF_ANY},
};

static const ConfKey VACATION_KEYS[] = {
    {"first", CONF_DATE, .required = true},
    {"last", CONF_DATE, .required = true},
    {NULL, CONF_ANY},
};

static const ConfKey LIMITS_KEYS[] = {
    {"readers", CONF_INTEGER, .min = 0, .max = 64},
    {"drift_percent", CONF_INTEGER, .min = 1, .max = 100},
    {"sandbox_required", CONF_BOOLEAN},
    {"free_disk", CONF_SIZE, .min = 0, .max = 1e12},
    {NULL, CONF_ANY},
};

static const ConfKey ALERTS_KEYS[] = {
    {"command", CONF_STRINGS, .required = true},
    {NULL, CONF_ANY},
};

static const char *const PERSONAL_DATA[] = {"masked", "full", NULL};

static const ConfKey SITE_KEYS[] = {
    {"personal_data", CONF_CHOICE, .choices = PERSONAL_DATA},
    {NULL, CONF_ANY},
};

static const ConfKey ROOT_KEYS[] = {
    {"programme", CONF_GROUP, .required = true, .keys = PROGRAMME_KEYS},
    {"state_dir", CONF_STRING, .required = true},
    {"forms_dir", CONF_STRING},
    {"roster", CONF_STRING},
    {"mailbox", CONF_GROUP, .required = true, .keys = MAILBOX_KEYS},
    {"transport", CONF_GROUP, .required = true, .keys = TRANSPORT_KEYS},
    {"letters", CONF_GROUP, .keys = LETTERS_KEYS},
    {"roles", CONF_LIST, .keys = ROLE_KEYS},
    {"obligations", CONF_LIST, .required = true, .keys = OBLIGATION_KEYS},
    {"rota", CONF_LIST, .keys = ROTA_KEYS},
    {"vacations", CONF_LIST, .keys = VACATION_KEYS},
    {"holidays", CONF_STRING},
    {"roster_from", CONF_LIST, .keys = ROSTER_FROM_KEYS},
    {"open_roster", CONF_BOOLEAN},
    {"limits", CONF_GROUP, .keys = LIMITS_KEYS},
    {"alerts", CONF_GROUP, .keys = ALERTS_KEYS},
    {"scores", CONF_GROUP, .keys = CONFIG_SCORES_KEYS},
    {"site", CONF_GROUP, .keys = SITE_KEYS},
    {NULL, CONF_ANY},
};

/* ---- JSON → structures
 * ------------------------------------------------------------------------------------------ */

static const char *text_of(const json_t *object, const char *key, const char *otherwise) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

static gint64 integer_of(const json_t *object, const char *key, gint64 otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static bool fail(const Config *config, const char *place, const char *message, GError **error) {
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "%s:%u: %s: %s", config->path,
                MAX(conf_file_line(config->path, place), 1), place, message);
    return false;
}

static GDate date_of(const json_t *object, const char *key) {
    GDate date;
    g_date_clear(&date, 1);
    const char *text = text_of(object, key, NULL);
    guint64 year, month, day;
    g_auto(GStrv) parts = g_strsplit(text ? text : "", "-", 4);
    if (g_strv_length(parts) == 3 && g_ascii_string_to_unsigned(parts[0], 10, 1, 9999, &year, NULL) &&
        g_ascii_string_to_unsigned(parts[1], 10, 1, 12, &month, NULL) &&
        g_ascii_string_to_unsigned(parts[2], 10, 1, 31, &day, NULL))
        g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return date;
}

static bool weekday_number(const char *name, guint *ret_day) {
    for (guint i = 0; WEEKDAYS[i]; i++)
        if (g_ascii_strcasecmp(name, WEEKDAYS[i]) == 0) {
            *ret_day = i + 1;
            return true;
        }
    return false;
}

static int compare_days(const void *a, const void *b) {
    return (*(const guint *)a > *(const guint *)b) - (*(const guint *)a < *(const guint *)b);
}

static bool fill_days(Config *config, Schedule *schedule, const json_t *days, const char *place,
                      GError **error) {
    size_t i;
    json_t *day;
    json_array_foreach(days, i, day) {
        guint number = (guint)json_integer_value(day);
        if (json_is_string(day) && !weekday_number(json_string_value(day), &number))
            return fail(config, place,
                        "weekdays are named monday, tuesday, wednesday, thursday, friday, saturday, sunday",
                        error);
        if (schedule->n_days == G_N_ELEMENTS(schedule->days))
            return fail(config, place, "more than 31 days", error);
        schedule->days[schedule->n_days++] = number;
    }
    if (!schedule->n_days)
        return fail(config, place, "names no day", error);
    qsort(schedule->days, schedule->n_days, sizeof *schedule->days, compare_days);
    return true;
}

static bool fill_schedule(Config *config, Schedule *schedule, const json_t *json, const char *place,
                          GError **error) {
    static const char *const KINDS[] = {"once", "days_of_month", "weekdays", "rrule"};
    guint given = 0;
    for (guint i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (json_object_get(json, KINDS[i])) {
            given++;
            schedule->kind = (ScheduleKind)i;
        }
    if (given != 1)
        return fail(config, place, "needs exactly one of once, days_of_month, weekdays, rrule", error);
    const json_t *days = json_object_get(json, KINDS[schedule->kind]);
    if (json_is_array(days) && !fill_days(config, schedule, days, place, error))
        return false;
    schedule->once = date_of(json, "once");
    schedule->rrule = g_strdup(text_of(json, "rrule", NULL));
    schedule->first_due = schedule->kind == SCHEDULE_ONCE ? schedule->once : date_of(json, "first_due");
    schedule->last_due = date_of(json, "last_due");
    schedule->from = date_of(json, "from");
    if (!g_date_valid(&schedule->first_due) && schedule->kind != SCHEDULE_RRULE)
        schedule->first_due = schedule->from;
    if (!g_date_valid(&schedule->first_due))
        return fail(config, place, "needs first_due, the date on which the first one is due", error);
    schedule->due_second = (int)integer_of(json, "time", 86399);
    schedule->grace_s = (int)integer_of(json, "grace", 0);
    const char *policy = text_of(json, "off_days", "keep");
    schedule->offday = policy[0] == 'p' ? OFFDAY_PREVIOUS : policy[0] == 'n' ? OFFDAY_NEXT : OFFDAY_KEEP;
    return true;
}

/* One schedule, or several of which each holds from a due date on. */
static bool fill_versions(Config *config, Obligation *obligation, const json_t *list, const char *place,
                          GError **error) {
    g_autofree char *schedule_place = g_strconcat(place, ".schedule", NULL);
    size_t i;
    json_t *json;
    if (!json_array_size(list))
        return fail(config, schedule_place, "needs one schedule at least", error);
    json_array_foreach(list, i, json) {
        Schedule schedule = {0};
        if (!fill_schedule(config, &schedule, json, schedule_place, error)) {
            g_free(schedule.rrule);
            return false;
        }
        if (i == 0)
            obligation->schedule = schedule;
        else
            g_array_append_val(obligation->changes, schedule);
    }
    g_autoptr(GError) failure = NULL;
    return schedule_check(obligation, &failure) || fail(config, schedule_place, failure->message, error);
}

static Stage stage_of(const json_t *json, const char *to) {
    return (Stage){.days = (int)integer_of(json, "days", 0),
                   .second = (int)integer_of(json, "time", 0),
                   .to = g_strdup(text_of(json, "to", to))};
}

/* to: whom a stage means that names nobody. */
static bool fill_stages(Config *config, GArray *stages, const json_t *list, const char *to, bool is_overdue,
                        const char *place, GError **error) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        Stage stage = stage_of(item, to);
        g_array_append_val(stages, stage);
        if ((stage.days > 0) != is_overdue)
            return fail(config, place,
                        is_overdue ? "an overdue letter needs days above 0"
                                   : "a reminder needs days of 0 or below",
                        error);
    }
    return true;
}

static bool has_form(const Config *config, const char *id) {
    size_t i;
    json_t *form;
    json_array_foreach(json_object_get(config->forms, "forms"), i, form) {
        if (strcmp(text_of(form, "id", ""), id) == 0)
            return true;
    }
    return false;
}

/* What settles it: a form, or the review of another obligation's reports by the heads of their sections. */
static bool fill_settlement(Config *config, Obligation *obligation, const json_t *json, const char *place,
                            GError **error) {
    const char *owner = text_of(json, "owed_by", "organizations");
    obligation->owed_by = owner[0] == 's'   ? OWED_BY_SECTIONS
                          : owner[0] == 'p' ? OWED_BY_PERSONS
                                            : OWED_BY_ORGANIZATIONS;
    obligation->form = g_strdup(text_of(json, "form", NULL));
    obligation->reviews = g_strdup(text_of(json, "reviews", NULL));
    obligation->role = g_strdup(text_of(json, "role", NULL));
    if (obligation->owed_by == OWED_BY_PERSONS && !obligation->role)
        return fail(config, place, "owed by persons: needs role, the role of those among roles who owe it",
                    error);
    if (obligation->reviews && obligation->owed_by != OWED_BY_SECTIONS)
        return fail(config, place, "reviews is for what is owed by sections", error);
    if (!obligation->form && !obligation->reviews)
        return fail(config, place, "needs form, the id of the form that settles it", error);
    if (!obligation->form || has_form(config, obligation->form))
        return true;
    g_autofree char *form_place = g_strconcat(place, ".form", NULL);
    g_autofree char *message =
        g_strdup_printf("there is no form \"%s\" in %s", obligation->form, config->forms_dir);
    return fail(config, form_place, message, error);
}

/* What is reviewed must exist, and reach the heads of sections by its digest. */
static bool check_reviews(const Config *config, GError **error) {
    const GPtrArray *obligations = config->programme->obligations;
    for (guint i = 0; i < obligations->len; i++) {
        const Obligation *obligation = obligations->pdata[i];
        const Obligation *reviewed = programme_obligation(config->programme, obligation->reviews);
        g_autofree char *place = g_strdup_printf("obligations[%u].reviews", i);
        if (obligation->reviews && (!reviewed || !approval_is_asked(reviewed)))
            return fail(
                config, place,
                "must name an obligation whose digest goes to section_head: by answering it they review",
                error);
    }
    return true;
}

static bool add_obligation(Config *config, const json_t *json, size_t index, GError **error) {
    Obligation *obligation = obligation_new();
    g_ptr_array_add(config->programme->obligations, obligation);
    g_autofree char *place = g_strdup_printf("obligations[%zu]", index);
    obligation->id = g_strdup(text_of(json, "id", ""));
    const json_t *title = json_object_get(json, "title");
    obligation->title_zh = g_strdup(text_of(title, "zh", ""));
    obligation->title_en = g_strdup(text_of(title, "en", ""));
    if (!fill_settlement(config, obligation, json, place, error))
        return false;
    if (!fill_versions(config, obligation, json_object_get(json, "schedule"), place, error))
        return false;
    const json_t *summary = json_object_get(json, "summary");
    obligation->has_summary = summary != NULL;
    obligation->summary = stage_of(summary, "leader");
    const json_t *digest = json_object_get(json, "digest");
    obligation->has_digest = digest != NULL;
    obligation->digest = stage_of(digest, "section_head+advisor");
    bool is_party = obligation->owed_by != OWED_BY_ORGANIZATIONS;
    return fill_stages(config, obligation->reminders, json_object_get(json, "reminders"), "contact", false,
                       place, error) &&
           fill_stages(config, obligation->overdue, json_object_get(json, "overdue"),
                       is_party ? "contact+supervisor" : "contact+advisor", true, place, error);
}

/* The day before at 16:00 and the morning of the day, where a rota names no reminders. */
static void default_turn_reminders(Obligation *turns) {
    const Stage stages[] = {{.days = -1, .second = 16 * 3600}, {.days = 0, .second = 8 * 3600}};
    if (turns->reminders->len == 0)
        g_array_append_vals(turns->reminders, stages, G_N_ELEMENTS(stages));
}

static bool add_rota(Config *config, const json_t *json, size_t index, GError **error) {
    Rota *rota = g_new0(Rota, 1);
    Obligation *turns = rota->turns = obligation_new();
    g_ptr_array_add(config->programme->rotas, rota);
    g_autofree char *place = g_strdup_printf("rota[%zu]", index);
    const json_t *title = json_object_get(json, "title");
    turns->id = g_strdup(text_of(json, "id", ""));
    turns->title_zh = g_strdup(text_of(title, "zh", ""));
    turns->title_en = g_strdup(text_of(title, "en", ""));
    rota->roles = g_strdup(text_of(json, "roles", ""));
    rota->copy = g_strdup(text_of(json, "copy", "coordinator"));
    if (!fill_versions(config, turns, json_object_get(json, "schedule"), place, error) ||
        !fill_stages(config, turns->reminders, json_object_get(json, "reminders"), "contact", false, place,
                     error))
        return false;
    default_turn_reminders(turns);
    return true;
}

static void add_role(Programme *programme, const json_t *json) {
    RolePerson *person = g_new0(RolePerson, 1);
    person->role = g_strdup(text_of(json, "role", ""));
    person->name = g_strdup(text_of(json, "name", ""));
    person->address = g_strdup(text_of(json, "address", NULL));
    person->phone = g_strdup(text_of(json, "phone", NULL));
    person->section = g_strdup(text_of(json, "section", NULL));
    person->language = g_strdup(text_of(json, "language", programme->language));
    g_ptr_array_add(programme->roles, person);
}

static void add_roster_map(Programme *programme, const json_t *json) {
    RosterMap *map = roster_map_new();
    map->form = g_strdup(text_of(json, "form", ""));
    map->section_field = g_strdup(text_of(json, "section", NULL));
    map->team_field = g_strdup(text_of(json, "team", NULL));
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json, "contacts"), i, item) {
        RosterContactMap *contact = g_new0(RosterContactMap, 1);
        contact->role = g_strdup(text_of(item, "role", ""));
        contact->name_field = g_strdup(text_of(item, "name", NULL));
        contact->address_field = g_strdup(text_of(item, "address", NULL));
        contact->phone_field = g_strdup(text_of(item, "phone", NULL));
        g_ptr_array_add(map->contacts, contact);
    }
    g_ptr_array_add(programme->roster_maps, map);
}

/* Every *.json of a directory in the holiday-cn format, one a year. */
static bool fill_holidays(Config *config, const char *directory, GError **error) {
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &failure);
    if (!dir)
        return fail(config, "holidays", failure->message, error);
    config->holidays = holiday_table_new();
    config->programme->holidays = config->holidays;
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        if (!g_str_has_suffix(name, ".json"))
            continue;
        g_autofree char *path = g_build_filename(directory, name, NULL);
        json_error_t where;
        json_t *document = json_load_file(path, 0, &where);
        bool good = document && holiday_table_add(config->holidays, document, error);
        if (!document)
            g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION, "line %d: %s", where.line,
                        where.text);
        json_decref(document);
        if (!good) {
            g_prefix_error(error, "%s: ", path);
            return false;
        }
    }
    return true;
}

/* Whether any due day may move: only then the shipped table is read. */
static bool needs_holidays(const Programme *programme) {
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        bool moves = obligation->schedule.offday != OFFDAY_KEEP;
        for (guint c = 0; c < obligation->changes->len; c++)
            moves = moves || g_array_index(obligation->changes, Schedule, c).offday != OFFDAY_KEEP;
        if (moves)
            return true;
    }
    return false;
}

static bool fill_programme(Config *config, const json_t *root, GError **error) {
    Programme *programme = config->programme;
    const json_t *json = json_object_get(root, "programme"), *title = json_object_get(json, "title");
    programme->id = g_strdup(text_of(json, "id", ""));
    if (!*programme->id ||
        strspn(programme->id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(programme->id) ||
        strlen(programme->id) > 40)
        return fail(config, "programme.id", "must be 1 to 40 of a-z, 0-9 and -", error);
    programme->title_zh = g_strdup(text_of(title, "zh", ""));
    programme->title_en = g_strdup(text_of(title, "en", ""));
    programme->language = g_strdup(text_of(json, "language", "zh"));
    programme->zone_name = g_strdup(text_of(json, "zone", "Asia/Shanghai"));
    programme->zone = g_time_zone_new_identifier(programme->zone_name);
    if (!programme->zone)
        return fail(config, "programme.zone",
                    "is not a time zone of this system; zones are named like Asia/Shanghai (package tzdata)",
                    error);
    const json_t *letters = json_object_get(root, "letters"),
                 *retention = json_object_get(letters, "retention");
    programme->quiet_from_second = (int)integer_of(letters, "quiet_from", 0);
    programme->quiet_to_second = (int)integer_of(letters, "quiet_to", 0);
    programme->letters_per_address_day = (guint)integer_of(letters, "per_address_day", 20);
    programme->letter_ttl_s = integer_of(letters, "ack_expires", 48 * 3600);
    const char *approve = text_of(letters, "approve_summary", "first");
    programme->approve_summary = approve[0] == 'n'   ? APPROVE_NEVER
                                 : approve[0] == 'f' ? APPROVE_FIRST
                                                     : APPROVE_ALWAYS;
    programme->retention_text_zh = g_strdup(
        text_of(retention, "zh", "邮件原件与附件保存 180 天，登记内容保存 2 年；如有疑问请联系本邮箱。"));
    programme->retention_text_en = g_strdup(text_of(retention, "en",
                                                    "Mail and attachments are kept for 180 days, what was "
                                                    "recorded for 2 years; questions to this mailbox."));
    const json_t *from = json_object_get(json_object_get(root, "transport"), "from");
    programme->from_address = g_strdup(text_of(from, "address", ""));
    programme->from_name = g_strdup(
        text_of(from, "name", programme->language[0] == 'z' ? programme->title_zh : programme->title_en));
    const char *at = strchr(programme->from_address, '@');
    /* a name of our own below the address's domain: people's mail programs make Message-IDs in the domain
     * itself */
    programme->id_domain = g_strdup_printf("%s.fortnight.%s", programme->id, at ? at + 1 : "localhost");
    return true;
}

static void fill_alerts(Config *config, const json_t *alerts) {
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    size_t i;
    json_t *word;
    if (!json_array_size(json_object_get(alerts, "command")))
        return;
    json_array_foreach(json_object_get(alerts, "command"), i, word)
        g_strv_builder_add(words, json_string_value(word));
    config->alert_command = g_strv_builder_end(words);
}

static char *path_of(const Config *config, const char *path) {
    return g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(config->directory, path, NULL);
}

/* Paths in a server group are made absolute, so that no role depends on a current directory. */
static json_t *server_of(const Config *config, const json_t *root, const char *name) {
    static const char *const PATHS[] = {"ca_file", "password_file", "path"};
    json_t *server = json_deep_copy(json_object_get(root, name));
    for (guint i = 0; i < G_N_ELEMENTS(PATHS); i++) {
        const char *path = text_of(server, PATHS[i], NULL);
        if (path) {
            g_autofree char *absolute = path_of(config, path);
            json_object_set_new(server, PATHS[i], json_string(absolute));
        }
    }
    json_object_set_new(server, "timeout_s", json_integer(integer_of(server, "timeout", 60)));
    json_object_set_new(server, "account",
                        json_string(text_of(server, "user", text_of(server, "path", name))));
    return server;
}

static bool check_server(const Config *config, const json_t *server, const char *name, int default_port,
                         GError **error) {
    if (strcmp(text_of(server, "kind", ""), "directory") == 0) {
        if (!json_object_get(server, "path"))
            return fail(config, name, "a directory needs path", error);
        return true;
    }
    if (!json_object_get(server, "host"))
        return fail(config, name, "needs host, the server's name", error);
    if (!json_object_get(server, "port"))
        json_object_set_new((json_t *)server, "port", json_integer(default_port));
    bool needs_login = strcmp(text_of(server, "auth", "login"), "none") != 0;
    bool has_secret = json_object_get(server, "password_file") ||
                      json_object_get(server, "password_command") || json_object_get(server, "credential");
    if (needs_login && !json_object_get(server, "user"))
        return fail(config, name, "needs user, the mailbox's login name (or auth = \"none\")", error);
    if (needs_login && !has_secret)
        return fail(config, name,
                    "needs password_file, password_command or credential; for NetEase and QQ the secret is "
                    "the authorization code (授权码), not the web password",
                    error);
    return true;
}

static bool fill_servers(Config *config, const json_t *root, GError **error) {
    config->mailbox = server_of(config, root, "mailbox");
    config->transport = server_of(config, root, "transport");
    if (!check_server(config, config->mailbox, "mailbox", 993, error) ||
        !check_server(config, config->transport, "transport", 465, error))
        return false;
    size_t i;
    json_t *folder;
    json_array_foreach(json_object_get(config->mailbox, "folders"), i, folder) {
        g_ptr_array_add(config->folders, g_strdup(json_string_value(folder)));
    }
    if (!config->folders->len)
        g_ptr_array_add(config->folders, g_strdup("INBOX"));
    config->poll_interval_s = integer_of(config->mailbox, "poll_interval", 300);
    config->max_message_bytes = integer_of(config->mailbox, "max_message", 72 << 20);
    json_object_set_new(config->mailbox, "max_message_bytes", json_integer(config->max_message_bytes));
    /* facts/email.md 2.2: what NetEase tolerates; a directory takes everything at once */
    bool is_smtp = strcmp(text_of(config->transport, "kind", ""), "smtp") == 0;
    const json_t *pace = json_object_get(config->transport, "pace");
    config->pace_interval_s = (guint)integer_of(pace, "interval", is_smtp ? 20 : 0);
    config->pace_quarter = (guint)integer_of(pace, "per_quarter_hour", is_smtp ? 12 : 0);
    config->pace_day = (guint)integer_of(pace, "per_day", is_smtp ? 80 : 0);
    return true;
}

static bool fill_lists(Config *config, const json_t *root, GError **error) {
    Programme *programme = config->programme;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(root, "roles"), i, item) {
        add_role(programme, item);
    }
    json_array_foreach(json_object_get(root, "roster_from"), i, item) {
        add_roster_map(programme, item);
    }
    json_array_foreach(json_object_get(root, "vacations"), i, item) {
        DaySpan span = {date_of(item, "first"), date_of(item, "last")};
        g_array_append_val(programme->vacations, span);
    }
    json_array_foreach(json_object_get(root, "obligations"), i, item) {
        if (!add_obligation(config, item, i, error))
            return false;
    }
    json_array_foreach(json_object_get(root, "rota"), i, item) {
        if (!add_rota(config, item, i, error))
            return false;
    }
    return check_reviews(config, error);
}

static bool fill_scores(Config *config, const json_t *scores, GError **error) {
    g_autoptr(GError) mistake = NULL;
    g_autofree char *place = NULL;
    if (!scores)
        return true;
    config->scores = score_formula_new(scores, config->programme, &place, &mistake);
    config->programme->scores = config->scores;
    return config->scores || fail(config, place, mistake->message, error);
}

static bool fill(Config *config, const json_t *root, GError **error) {
    if (!fill_programme(config, root, error) || !fill_servers(config, root, error))
        return false;
    config->state_dir = path_of(config, text_of(root, "state_dir", ""));
    config->forms_dir = path_of(config, text_of(root, "forms_dir", "forms"));
    const char *templates = text_of(json_object_get(root, "letters"), "templates", NULL);
    config->templates_dir = templates ? path_of(config, templates) : forms_data_dir("templates");
    const char *roster = text_of(root, "roster", NULL);
    config->roster_path = roster ? path_of(config, roster) : NULL;
    if (roster && access(config->roster_path, R_OK) != 0) {
        g_autofree char *text = g_strdup_printf(
            "\"%s\" cannot be read: %s; it is the list of those who are expected", roster, g_strerror(errno));
        return fail(config, "roster", text, error);
    }
    fill_alerts(config, json_object_get(root, "alerts"));
    const json_t *limits = json_object_get(root, "limits");
    config->readers = (guint)integer_of(limits, "readers", 0);
    config->site_personal_data =
        strcmp(text_of(json_object_get(root, "site"), "personal_data", "masked"), "full") == 0;
    config->drift_percent = (guint)integer_of(limits, "drift_percent", DRIFT_PERCENT_DEFAULT);
    config->sandbox_required = json_is_true(json_object_get(limits, "sandbox_required"));
    config->low_water_bytes = integer_of(limits, "free_disk", 256 << 20);
    Programme *programme = config->programme;
    config->forms = forms_load_dir(config->forms_dir, programme->language, programme->zone_name, error);
    if (!config->forms)
        return false;
    programme->forms = json_incref(config->forms);
    programme->open_roster = json_is_true(json_object_get(root, "open_roster"));
    if (!fill_lists(config, root, error))
        return false;
    const char *holidays = text_of(root, "holidays", NULL);
    g_autofree char *holidays_dir = holidays ? path_of(config, holidays) : forms_data_dir("etc/holidays");
    if ((holidays || needs_holidays(programme)) && !fill_holidays(config, holidays_dir, error))
        return false;
    return fill_scores(config, json_object_get(root, "scores"), error);
}

Config *config_load(const char *path, GError **error) {
    g_autoptr(Config) config = g_new0(Config, 1);
    config->path = g_canonicalize_filename(path, NULL);
    config->directory = g_path_get_dirname(config->path);
    config->folders = g_ptr_array_new_with_free_func(g_free);
    config->programme = programme_new();
    json_t *root = conf_file_load(config->path, ROOT_KEYS, error);
    if (!root)
        return NULL;
    bool good = fill(config, root, error);
    json_decref(root);
    return good ? g_steal_pointer(&config) : NULL;
}

void config_free(Config *config) {
    if (!config)
        return;
    programme_free(config->programme);
    g_free(config->path);
    g_free(config->directory);
    g_free(config->state_dir);
    g_free(config->templates_dir);
    g_free(config->forms_dir);
    g_free(config->roster_path);
    holiday_table_free(config->holidays);
    score_formula_free(config->scores);
    json_decref(config->forms);
    json_decref(config->mailbox);
    json_decref(config->transport);
    g_strfreev(config->alert_command);
    g_ptr_array_unref(config->folders);
    g_free(config);
}

char *config_find(const char *given, GError **error) {
    static const char *const PLACES[] = {"fortnight.conf", "/etc/fortnight/fortnight.conf"};
    if (given)
        return g_strdup(given);
    for (guint i = 0; i < G_N_ELEMENTS(PLACES); i++)
        if (g_file_test(PLACES[i], G_FILE_TEST_EXISTS))
            return g_strdup(PLACES[i]);
    g_set_error(error, FORTNIGHT_ERROR, FORTNIGHT_ERROR_CONFIGURATION,
                "no configuration: neither ./fortnight.conf nor /etc/fortnight/fortnight.conf exists; name "
                "one with --config FILE");
    return NULL;
}

bool config_needs_secret(const json_t *server) {
    return strcmp(text_of(server, "kind", ""), "directory") != 0 &&
           strcmp(text_of(server, "auth", "login"), "none") != 0;
}

char *config_database_path(const Config *config) {
    return g_build_filename(config->state_dir, "fortnight.db", NULL);
}

char *config_archive_path(const Config *config) {
    return g_build_filename(config->state_dir, "archive", NULL);
}
