#include "gateway/core/json_text.h"

#include <string.h>

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Behind the string that begins at `at` (a quotation mark); NULL where it does not end. */
static const char *string_end(const char *at, const char *end) {
    const char *first = at + 1;
    for (const char *quote = first; (quote = memchr(quote, '"', (gsize)(end - quote))) != NULL; quote++) {
        gsize escapes = 0;
        while (quote - escapes > first && quote[-1 - (gssize)escapes] == '\\')
            escapes++;
        if (escapes % 2 == 0)
            return quote + 1;
    }
    return NULL;
}

/* Behind the value that begins at `at`; NULL where it does not end. */
static const char *value_end(const char *at, const char *end) {
    guint depth = 0;
    while (at < end) {
        bool closes = *at == '}' || *at == ']';
        if (*at == '"') {
            at = string_end(at, end);
            if (at == NULL || depth == 0)
                return at;
            continue;
        }
        if (depth == 0 && (closes || *at == ',' || *at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
            return at; /* behind a number or a word */
        depth += *at == '{' || *at == '[';
        at++;
        if (closes && --depth == 0)
            return at;
    }
    return depth == 0 ? at : NULL;
}

/* The text of a container behind its opening bracket. */
static bool enter(JsonText container, char opening, const char **ret_at, const char **ret_end) {
    if (container.start == NULL)
        return false;
    const char *end = container.start + container.length, *at = skip_space(container.start, end);
    if (at == end || *at != opening)
        return false;
    *ret_at = at + 1;
    *ret_end = end;
    return true;
}

/* Takes over a value whose quoted name is this; true where it is one of those that are looked for. */
static bool note(JsonText name, JsonText value, const char *const *keys, guint n_keys, JsonText *ret_values) {
    for (guint i = 0; i < n_keys; i++)
        if (ret_values[i].start == NULL && strlen(keys[i]) + 2 == name.length &&
            memcmp(name.start + 1, keys[i], name.length - 2) == 0) {
            ret_values[i] = value;
            return true;
        }
    return false;
}

void json_text_members(JsonText object, const char *const *keys, guint n_keys, JsonText *ret_values) {
    const char *at, *end;
    guint found = 0;
    for (guint i = 0; i < n_keys; i++)
        ret_values[i] = (JsonText){NULL, 0};
    if (!enter(object, '{', &at, &end))
        return;
    while (found < n_keys) {
        const char *name = skip_space(at, end);
        const char *behind = name < end && *name == '"' ? string_end(name, end) : NULL;
        if (behind == NULL)
            return; /* the end, or no JSON */
        at = skip_space(behind, end);
        if (at == end || *at != ':')
            return;
        const char *value = skip_space(at + 1, end), *value_behind = value_end(value, end);
        if (value_behind == NULL)
            return;
        found += note((JsonText){name, (gsize)(behind - name)},
                      (JsonText){value, (gsize)(value_behind - value)}, keys, n_keys, ret_values);
        at = skip_space(value_behind, end);
        if (at == end || *at != ',')
            return;
        at++;
    }
}

bool json_text_member(JsonText object, const char *key, JsonText *ret_value) {
    JsonText value;
    json_text_members(object, &key, 1, &value);
    if (value.start != NULL)
        *ret_value = value;
    return value.start != NULL;
}

bool json_text_next(JsonText *rest, JsonText *ret_element) {
    if (rest->start == NULL)
        return false;
    /* at first the opening bracket, then the comma behind the element before */
    const char *end = rest->start + rest->length, *at = skip_space(rest->start, end);
    if (at == end || (*at != '[' && *at != ','))
        return false;
    at = skip_space(at + 1, end);
    const char *behind = at < end ? value_end(at, end) : NULL;
    if (behind == NULL || behind == at)
        return false;
    *ret_element = (JsonText){at, (gsize)(behind - at)};
    *rest = (JsonText){behind, (gsize)(end - behind)};
    return true;
}
