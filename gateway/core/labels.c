#include "gateway/core/labels.h"

#include <string.h>

#define NUMBER_MAX 10000 /* in a notice */

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

/* ---- by mail
 * ---------------------------------------------------------------------------------------------------- */

void label_order_free(LabelOrder *order) {
    if (order == NULL)
        return;
    g_free(order->label);
    g_free(order->field);
    g_free(order);
}

/* Without white space, quotation marks and list marks around it. The caller frees it. */
static char *bare(const char *start, const char *end) {
    static const char marks[] = " \t\r\"'“”‘’「」『』《》【】:：";
    while (start < end && g_utf8_strchr(marks, -1, g_utf8_get_char(start)) != NULL)
        start = g_utf8_next_char(start);
    while (end > start) {
        const char *last = g_utf8_prev_char(end);
        if (g_utf8_strchr(marks, -1, g_utf8_get_char(last)) == NULL)
            break;
        end = last;
    }
    return g_strndup(start, (gsize)(end - start));
}

/* Bytes of the word that begins the order; 0: there is none. */
static gsize word_length(const char *text) {
    static const char *const words[] = {"标签", "標籤", "label"};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize length = strlen(words[i]);
        if (g_ascii_strncasecmp(text, words[i], length) == 0 &&
            !g_unichar_isalnum(g_ascii_isalpha(*text) ? g_utf8_get_char(text + length) : 0))
            return length;
    }
    return 0;
}

static bool says_nothing(const char *field) {
    static const char *const words[] = {"无", "忘记", "取消", "删除", "none", "forget", NULL};
    g_autofree char *folded = g_ascii_strdown(field, -1);
    return g_strv_contains(words, folded);
}

static LabelOrder *parse_order(const char *line) {
    g_autofree char *plain = g_utf8_normalize(line, -1, G_NORMALIZE_ALL_COMPOSE);
    const char *sign = plain != NULL ? strrchr(plain, '=') : NULL;
    if (sign == NULL)
        return NULL;
    g_autofree char *left = bare(plain, sign), *field = bare(sign + 1, plain + strlen(plain));
    gsize word = word_length(left);
    guint64 number = 0;
    if (*field == '\0' || (word == 0 && !g_ascii_string_to_unsigned(left, 10, 1, NUMBER_MAX, &number, NULL)))
        return NULL;
    g_autofree char *label = word > 0 ? bare(left + word, left + strlen(left)) : NULL;
    if (label != NULL && *label == '\0')
        return NULL;
    LabelOrder *order = g_new0(LabelOrder, 1);
    order->number = (guint)number;
    order->label = g_steal_pointer(&label);
    order->field = g_steal_pointer(&field);
    order->is_forgotten = says_nothing(order->field);
    return order;
}

GPtrArray *labels_orders_parse(const char *text) {
    GPtrArray *orders = g_ptr_array_new_with_free_func((GDestroyNotify)label_order_free);
    for (const char *line = text; line != NULL && *line != '\0' && orders->len < LABEL_ORDERS_MAX;) {
        gsize length = strcspn(line, "\n");
        g_autofree char *copy = g_strndup(line, length);
        LabelOrder *order = parse_order(copy);
        if (order != NULL)
            g_ptr_array_add(orders, order);
        line += length + (line[length] == '\n');
    }
    return orders;
}
