#include "gateway/core/prefill.h"

#include <string.h>

#include "gateway/core/definition.h"
#include "gateway/core/period.h"

typedef struct {
    const Programme *programme;
    const Obligation *obligation;
    const Period *period; /* or NULL */
    const Organization *organization;
    const Submission *last; /* of the period before, or NULL */
} Prefill;

/* Both years are written: a form may lie about for months. */
static char *span_value(const Period *period, const char *language) {
    bool is_english = g_strcmp0(language, "en") == 0;
    return g_strdup_printf(is_english ? "%04d-%02d-%02d to %04d-%02d-%02d" : "%d年%d月%d日至%d年%d月%d日",
                           g_date_get_year(&period->first), (int)g_date_get_month(&period->first),
                           g_date_get_day(&period->first), g_date_get_year(&period->last),
                           (int)g_date_get_month(&period->last), g_date_get_day(&period->last));
}

static const char *contact_value(const Organization *organization, const RosterContactMap *map,
                                 const char *key) {
    for (guint i = 0; i < organization->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(organization->contacts, i);
        if (g_strcmp0(contact->role, map->role) != 0)
            continue;
        if (g_strcmp0(map->name_field, key) == 0)
            return contact->name;
        if (g_strcmp0(map->address_field, key) == 0)
            return contact->address;
        if (g_strcmp0(map->phone_field, key) == 0)
            return contact->phone;
    }
    return NULL;
}

/* Section and team bear the same key in every form of a programme; a contact's fields only in the form that
 * feeds the roster. */
static const char *roster_value(const Prefill *prefill, const char *key) {
    const GPtrArray *maps = prefill->programme->roster_maps;
    for (guint i = 0; maps != NULL && i < maps->len; i++) {
        const RosterMap *map = g_ptr_array_index(maps, i);
        const char *value = NULL;
        if (g_strcmp0(map->section_field, key) == 0)
            value = prefill->organization->section;
        else if (g_strcmp0(map->team_field, key) == 0)
            value = prefill->organization->team;
        for (guint j = 0;
             value == NULL && j < map->contacts->len && g_strcmp0(map->form, prefill->obligation->form) == 0;
             j++)
            value = contact_value(prefill->organization, g_ptr_array_index(map->contacts, j), key);
        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}

/* Who reports and how to reach them does not change from one period to the next. */
static const char *last_value(const Prefill *prefill, const json_t *field) {
    static const char *const steady_types[] = {"person", "phone", "email", NULL};
    if (prefill->last == NULL || !g_strv_contains(steady_types, definition_type(field)))
        return NULL;
    return json_string_value(
        json_object_get(json_object_get(prefill->last->fields, definition_key(field)), "value"));
}

/* The caller frees it; NULL: not known. */
static char *value_of(const Prefill *prefill, const json_t *field, const char *language) {
    const char *type = definition_type(field);
    if (strcmp(type, "org") == 0)
        return g_strdup(prefill->organization->name);
    if (strcmp(type, "daterange") == 0)
        return prefill->period != NULL && prefill->obligation->schedule.kind != SCHEDULE_ONCE
                   ? span_value(prefill->period, language)
                   : NULL;
    const char *value = roster_value(prefill, definition_key(field));
    return g_strdup(value != NULL ? value : last_value(prefill, field));
}

json_t *prefill_values(const View *view, const Obligation *obligation, const Period *period,
                       const Organization *organization, const char *language) {
    const Programme *programme = view_programme(view);
    g_autoptr(Period) before = period != NULL ? period_previous(programme, obligation, period) : NULL;
    const Prefill prefill = {
        .programme = programme,
        .obligation = obligation,
        .period = period,
        .organization = organization,
        .last = before != NULL ? view_submission(view, obligation->id, before->key, organization->id) : NULL,
    };
    json_t *list = json_array();
    gsize i;
    json_t *field;
    json_array_foreach(definition_fields(definition_form(programme, obligation->form)), i, field) {
        g_autofree char *text = value_of(&prefill, field, language);
        if (text != NULL)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "key", definition_key(field), "label",
                                                  definition_title(field, language), "value", text));
    }
    return list;
}
