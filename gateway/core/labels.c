#include "gateway/core/labels.h"

#include <glib.h>
#include <string.h>

/* The element of a list whose member bears the value, or NULL. */
static json_t *find(const json_t *list, const char *member, const char *value, gsize length) {
    gsize i;
    json_t *item;
    json_array_foreach(list, i, item) {
        const char *text = json_string_value(json_object_get(item, member));
        if (text != NULL && strlen(text) == length && strncmp(text, value, length) == 0)
            return item;
    }
    return NULL;
}

static json_t *find_field(const json_t *forms, const char *form_id, const char *key) {
    const json_t *form = find(json_object_get(forms, "forms"), "id", form_id, strlen(form_id));
    const char *dot = strchr(key, '.');
    if (dot == NULL)
        return find(json_object_get(form, "fields"), "key", key, strlen(key));
    const json_t *table = find(json_object_get(form, "tables"), "key", key, (gsize)(dot - key));
    return find(json_object_get(table, "columns"), "key", dot + 1, strlen(dot + 1));
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

json_t *labels_merge(const json_t *forms, const json_t *learnt) {
    json_t *merged = json_deep_copy(forms);
    gsize i;
    json_t *one;
    json_array_foreach(learnt, i, one) {
        json_t *field = find_field(merged, text_of(one, "form"), text_of(one, "field"));
        json_t *labels = json_object_get(field, "labels");
        if (field == NULL)
            continue;
        if (!json_is_array(labels)) {
            labels = json_array();
            json_object_set_new(field, "labels", labels);
        }
        json_array_append(labels, json_object_get(one, "label"));
    }
    return merged;
}

bool labels_has_field(const json_t *forms, const char *form, const char *field) {
    return find_field(forms, form, field) != NULL;
}
