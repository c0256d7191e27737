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

bool json_text_member(JsonText object, const char *key, JsonText *ret_value) {
    const char *at, *end;
    gsize length = strlen(key);
    if (!enter(object, '{', &at, &end))
        return false;
    for (;;) {
        const char *name = skip_space(at, end);
        const char *behind = name < end && *name == '"' ? string_end(name, end) : NULL;
        if (behind == NULL)
            return false; /* the end, or no JSON */
        at = skip_space(behind, end);
        if (at == end || *at != ':')
            return false;
        const char *value = skip_space(at + 1, end), *value_behind = value_end(value, end);
        if (value_behind == NULL)
            return false;
        if ((gsize)(behind - name) == length + 2 && memcmp(name + 1, key, length) == 0) {
            *ret_value = (JsonText){value, (gsize)(value_behind - value)};
            return true;
        }
        at = skip_space(value_behind, end);
        if (at == end || *at != ',')
            return false;
        at++;
    }
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
