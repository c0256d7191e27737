/* Sections and teams side by side: who of each has reported. */
#include <string.h>

#include "gateway/core/summary_parts.h"

typedef struct {
    const char *name;
    guint expected, received, on_time, late, missing;
} Group;

static Group *group_named(GHashTable *groups, GPtrArray *order, const char *name) {
    Group *group = g_hash_table_lookup(groups, name);
    if (group == NULL) {
        group = g_new0(Group, 1);
        group->name = name;
        g_hash_table_insert(groups, (char *)name, group);
        g_ptr_array_add(order, group);
    }
    return group;
}

static void count_organization(Group *group, const json_t *row, bool is_missing) {
    const char *state = json_string_value(json_object_get(row, "state"));
    bool has_come = json_is_integer(json_object_get(row, "message_id"));
    bool is_late = json_is_string(json_object_get(row, "late_text"));
    group->expected += g_strcmp0(state, "owed") == 0 || g_strcmp0(state, "submitted") == 0;
    group->received += has_come;
    group->late += has_come && is_late;
    group->on_time += has_come && !is_late;
    group->missing += is_missing;
}

json_t *summary_groups(const json_t *model, const char *by) {
    g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) missing = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
    const json_t *missing_rows = json_object_get(model, "missing");
    g_autofree gint64 *ids = g_new0(gint64, json_array_size(missing_rows) + 1);
    json_t *list = json_array(), *row;
    gsize i;
    json_array_foreach(missing_rows, i, row) {
        ids[i] = json_integer_value(json_object_get(row, "org_id"));
        g_hash_table_add(missing, &ids[i]);
    }
    json_array_foreach(json_object_get(model, "organizations"), i, row) {
        const char *name = json_string_value(json_object_get(row, by));
        gint64 id = json_integer_value(json_object_get(row, "org_id"));
        if (name != NULL)
            count_organization(group_named(groups, order, name), row, g_hash_table_contains(missing, &id));
    }
    for (guint g = 0; order->len > 1 && g < order->len; g++) {
        const Group *group = g_ptr_array_index(order, g);
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "name", group->name, "expected",
                                        (json_int_t)group->expected, "received", (json_int_t)group->received,
                                        "on_time", (json_int_t)group->on_time, "late",
                                        (json_int_t)group->late, "missing", (json_int_t)group->missing));
    }
    return list;
}
