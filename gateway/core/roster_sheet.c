#include "gateway/core/roster_sheet.h"

#include "gateway/core/roster.h"

static const char *text_or_empty(const char *text) {
    return text != NULL ? text : "";
}

static void add_column(json_t *sheet, const char *role, const char *name) {
    g_autofree char *title = g_strdup_printf("%s%s", role, name);
    json_array_append_new(json_object_get(sheet, "columns"),
                          json_pack("{s:s, s:s}", "title", title, "type", "text"));
}

/* Every role that some organization has a contact in, each once; not owned. */
static GPtrArray *roles_of(const GPtrArray *organizations) {
    GPtrArray *roles = g_ptr_array_new();
    for (guint i = 0; i < organizations->len; i++) {
        const GPtrArray *contacts = ((const Organization *)g_ptr_array_index(organizations, i))->contacts;
        for (guint c = 0; c < contacts->len; c++) {
            char *role = ((const Contact *)g_ptr_array_index(contacts, c))->role;
            if (!g_ptr_array_find_with_equal_func(roles, role, g_str_equal, NULL))
                g_ptr_array_add(roles, role);
        }
    }
    return roles;
}

static json_t *roster_row(const Organization *organization, const GPtrArray *roles) {
    g_autoptr(GString) aliases = g_string_new(NULL);
    for (guint i = 0; i < organization->aliases->len; i++)
        g_string_append_printf(aliases, "%s%s", i > 0 ? ";" : "",
                               (const char *)g_ptr_array_index(organization->aliases, i));
    json_t *row = json_pack("[s, s, s, s]", organization->name, text_or_empty(organization->section),
                            text_or_empty(organization->team), aliases->str);
    for (guint r = 0; r < roles->len; r++) {
        const Contact *contact = roster_holder(organization, g_ptr_array_index(roles, r));
        json_array_append_new(row, json_string(contact != NULL ? text_or_empty(contact->name) : ""));
        json_array_append_new(row, json_string(contact != NULL ? text_or_empty(contact->address) : ""));
        json_array_append_new(row, json_string(contact != NULL ? text_or_empty(contact->phone) : ""));
    }
    return row;
}

json_t *roster_sheet(const View *view) {
    const GPtrArray *organizations = view_snapshot(view)->organizations;
    g_autoptr(GPtrArray) roles = roles_of(organizations);
    static const char *const heads[] = {"name", "section", "team", "aliases"};
    static const char *const parts[] = {"_name", "_address", "_phone"};
    json_t *sheet =
        json_pack("{s:s, s:s, s:[], s:[]}", "key", "roster", "title", "roster", "columns", "rows");
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        add_column(sheet, "", heads[i]);
    for (guint r = 0; r < roles->len; r++)
        for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
            add_column(sheet, g_ptr_array_index(roles, r), parts[i]);
    for (guint i = 0; i < organizations->len; i++)
        json_array_append_new(json_object_get(sheet, "rows"),
                              roster_row(g_ptr_array_index(organizations, i), roles));
    return sheet;
}
