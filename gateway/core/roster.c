#include "gateway/core/roster.h"

#include <string.h>

#include "parsers/label.h"

void roster_match_clear(RosterMatch *match) {
    g_clear_pointer(&match->evidence_zh, g_free);
    g_clear_pointer(&match->evidence_en, g_free);
}

void roster_update_free(RosterUpdate *update) {
    if (update == NULL)
        return;
    g_free(update->name);
    g_free(update->section);
    g_free(update->team);
    g_clear_pointer(&update->contacts, g_ptr_array_unref);
    g_free(update->confirm_address);
    g_free(update);
}

char *roster_normal_name(const char *name) {
    return name != NULL ? label_normal_form(name, -1) : g_strdup("");
}

char *roster_normal_address(const char *address) {
    return address != NULL ? g_strstrip(g_ascii_strdown(address, -1)) : g_strdup("");
}

/* --- contacts
 * ----------------------------------------------------------------------------------------------- */

static bool is_given(const char *text) {
    return text != NULL && *text != '\0';
}

/* The order in which people answer for an organization; roles that are not listed come last, an advisor
 * never. */
static int contact_rank(const Contact *contact) {
    static const char *const order[] = {"liaison", "leader"};
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++)
        if (g_strcmp0(contact->role, order[i]) == 0)
            return (int)i;
    return g_strcmp0(contact->role, "advisor") == 0 ? -1 : (int)G_N_ELEMENTS(order);
}

static const char *contact_address(const Contact *contact) {
    return contact->address;
}

static const char *contact_phone(const Contact *contact) {
    return contact->phone;
}

static const Contact *best_contact(const Organization *organization, const char *(*value)(const Contact *)) {
    const Contact *best = NULL;
    for (guint i = 0; organization->contacts != NULL && i < organization->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(organization->contacts, i);
        if (contact_rank(contact) < 0 || !is_given(value(contact)))
            continue;
        if (best == NULL || contact_rank(contact) < contact_rank(best))
            best = contact;
    }
    return best;
}

static const char *contact_live_address(const Contact *contact) {
    return contact->is_dead ? NULL : contact->address;
}

const Contact *roster_contact(const Organization *organization) {
    const Contact *live = best_contact(organization, contact_live_address);
    return live != NULL ? live : best_contact(organization, contact_address);
}

bool roster_needs_call(const Organization *organization) {
    return best_contact(organization, contact_live_address) == NULL;
}

const Contact *roster_phone_contact(const Organization *organization) {
    return best_contact(organization, contact_phone);
}

const Contact *roster_holder(const Organization *organization, const char *role) {
    for (guint i = 0; organization->contacts != NULL && i < organization->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(organization->contacts, i);
        if (g_strcmp0(contact->role, role) == 0)
            return contact;
    }
    return NULL;
}

const Contact *roster_contact_of_role(const Organization *organization, const char *role) {
    const Contact *contact = roster_holder(organization, role);
    return contact != NULL && is_given(contact->address) ? contact : NULL;
}

bool roster_has_address(const Organization *organization, const char *address) {
    for (guint i = 0; is_given(address) && organization->contacts != NULL && i < organization->contacts->len;
         i++) {
        const Contact *contact = g_ptr_array_index(organization->contacts, i);
        if (is_given(contact->address) && g_ascii_strcasecmp(contact->address, address) == 0)
            return true;
    }
    return false;
}

const RolePerson *roster_role(const Programme *programme, const char *role, const char *section) {
    for (guint i = 0; i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (g_strcmp0(person->role, role) == 0 &&
            (section == NULL || g_strcmp0(person->section, section) == 0))
            return person;
    }
    return NULL;
}

const RolePerson *roster_role_of_address(const Programme *programme, const char *address) {
    for (guint i = 0; is_given(address) && i < programme->roles->len; i++) {
        const RolePerson *person = g_ptr_array_index(programme->roles, i);
        if (is_given(person->address) && g_ascii_strcasecmp(person->address, address) == 0)
            return person;
    }
    return NULL;
}

/* --- what a receipt changes
 * --------------------------------------------------------------------------------- */

/* The text of a field, or NULL: not on the form or left blank. */
static const char *field_text(const json_t *fields, const char *key) {
    if (key == NULL)
        return NULL;
    const char *text = json_string_value(json_object_get(json_object_get(fields, key), "value"));
    return is_given(text) ? text : NULL;
}

/* A changed value of a field, copied, or NULL. */
static char *changed(const json_t *fields, const char *key, const char *known) {
    const char *text = field_text(fields, key);
    return text != NULL && g_strcmp0(text, known) != 0 ? g_strdup(text) : NULL;
}

static Contact *contact_new(const char *role, const char *name, const char *address, const char *phone) {
    Contact *contact = g_new0(Contact, 1);
    contact->role = g_strdup(role);
    contact->name = g_strdup(name);
    contact->address = g_strdup(address);
    contact->phone = g_strdup(phone);
    return contact;
}

/* Adds the contact that a map entry finds in the fields, if it differs from the known one. */
static void add_contact(RosterUpdate *update, const RosterContactMap *map, const Contact *known,
                        const json_t *fields) {
    const char *name = field_text(fields, map->name_field);
    const char *address = field_text(fields, map->address_field);
    const char *phone = field_text(fields, map->phone_field);
    if (name == NULL && address == NULL && phone == NULL)
        return;
    /* the same person need not write everything again; another person inherits nothing */
    if (known != NULL && (name == NULL || g_strcmp0(name, known->name) == 0)) {
        name = known->name;
        address = address != NULL ? address : known->address;
        phone = phone != NULL ? phone : known->phone;
        if (g_strcmp0(address, known->address) == 0 && g_strcmp0(phone, known->phone) == 0)
            return;
    }
    if (known != NULL && is_given(known->address) && g_strcmp0(address, known->address) != 0 &&
        update->confirm_address == NULL)
        update->confirm_address = g_strdup(known->address);
    g_ptr_array_add(update->contacts, contact_new(map->role, name, address, phone));
}

/* Whether an address will speak for the organization once the update is applied. */
static bool will_know(const RosterUpdate *update, const Organization *organization, const char *address) {
    for (guint i = 0; i < update->contacts->len; i++) {
        const Contact *contact = g_ptr_array_index(update->contacts, i);
        if (is_given(contact->address) && g_ascii_strcasecmp(contact->address, address) == 0)
            return true;
    }
    return organization != NULL && roster_has_address(organization, address);
}

/* "sender", "sender2" …: the first role that nobody holds, so that one person's address never displaces
 * another's. */
static char *free_sender_role(const Organization *organization) {
    char *role = g_strdup(ROSTER_ROLE_SENDER);
    for (guint number = 2; organization != NULL && roster_holder(organization, role) != NULL; number++) {
        g_free(role);
        role = g_strdup_printf("%s%u", ROSTER_ROLE_SENDER, number);
    }
    return role;
}

RosterUpdate *roster_update_from_fields(const RosterMap *map, const Organization *organization,
                                        const char *name, const json_t *fields, const char *sender_address) {
    g_autoptr(RosterUpdate) update = g_new0(RosterUpdate, 1);
    update->contacts = g_ptr_array_new_with_free_func((GDestroyNotify)contact_free);
    update->org_id = organization != NULL ? organization->id : 0;
    if (organization == NULL)
        update->name = g_strdup(name);
    update->section =
        changed(fields, map->section_field, organization != NULL ? organization->section : NULL);
    update->team = changed(fields, map->team_field, organization != NULL ? organization->team : NULL);
    for (guint i = 0; map->contacts != NULL && i < map->contacts->len; i++) {
        const RosterContactMap *entry = g_ptr_array_index(map->contacts, i);
        add_contact(update, entry, organization != NULL ? roster_holder(organization, entry->role) : NULL,
                    fields);
    }
    if (is_given(sender_address) && !will_know(update, organization, sender_address)) {
        g_autofree char *role = free_sender_role(organization);
        g_ptr_array_add(update->contacts, contact_new(role, NULL, sender_address, NULL));
    }
    if (organization != NULL && update->section == NULL && update->team == NULL && update->contacts->len == 0)
        return NULL;
    return g_steal_pointer(&update);
}
