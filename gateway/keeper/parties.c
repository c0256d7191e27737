#include "gateway/keeper/parties.h"

#include <string.h>

#include "gateway/core/roster.h"
#include "gateway/store/parties.h"

/* "学习生活板块负责人": as letters call who is asked. */
static char *section_title(const Programme *programme, const char *section) {
    bool is_english = g_strcmp0(programme->language, "en") == 0;
    const char *tail = g_str_has_suffix(section, "板块") ? "负责人" : "板块负责人";
    return is_english ? g_strdup_printf("Section %s", section) : g_strdup_printf("%s%s", section, tail);
}

static bool import_person(Keeper *keeper, const Obligation *obligation, const RolePerson *person,
                          GArray *present, GError **error) {
    bool is_section = obligation->owed_by == OWED_BY_SECTIONS;
    bool has_address = person->address && *person->address;
    if (is_section && (!person->section || !*person->section))
        return true;
    g_autofree char *title =
        is_section ? section_title(keeper->config->programme, person->section) : g_strdup(person->name);
    g_autofree char *identity = is_section    ? roster_normal_name(person->section)
                                : has_address ? roster_normal_address(person->address)
                                              : roster_normal_name(person->name);
    const StoreParty party = {.kind = obligation->owed_by,
                              .role = person->role,
                              .identity = identity,
                              .name = title,
                              .section = person->section,
                              .contact_name = person->name,
                              .address = has_address ? person->address : NULL,
                              .phone = person->phone};
    gint64 id;
    if (!store_party_set(keeper->store, &party, keeper_now_s(keeper), &id, error))
        return false;
    g_array_append_val(present, id);
    return true;
}

static bool import_all(Keeper *keeper, GError **error) {
    const Programme *programme = keeper->config->programme;
    g_autoptr(GArray) present = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < programme->obligations->len; i++) {
        const Obligation *obligation = programme->obligations->pdata[i];
        for (guint j = 0; obligation->owed_by != OWED_BY_ORGANIZATIONS && j < programme->roles->len; j++) {
            const RolePerson *person = programme->roles->pdata[j];
            if (strcmp(person->role, obligation_role(obligation)) == 0 &&
                !import_person(keeper, obligation, person, present, error))
                return false;
        }
    }
    return store_parties_end(keeper->store, present, error);
}

bool parties_import(Keeper *keeper, GError **error) {
    if (store_begin(keeper->store, error) && import_all(keeper, error) && store_commit(keeper->store, error))
        return true;
    store_rollback(keeper->store);
    return false;
}
