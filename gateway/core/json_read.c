#include "gateway/core/json_read.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Deeper texts are none of ours; jansson has a limit of its own. */
enum { DEPTH_MAX = 32 };
/* Of a 64-bit integer so many digits always fit; a real number of ours has at most 25 characters. */
enum { INTEGER_DIGITS_MAX = 18, NUMBER_BYTES_MAX = 40 };

typedef struct {
    const char *at, *end;
    guint depth;
    GString *unescaped; /* of the string that was read last, where it had escapes */
} Reader;

static json_t *read_value(Reader *reader);

/* True where the text goes on with this character, which is stepped over. */
static bool take(Reader *reader, char expected) {
    if (reader->at == reader->end || *reader->at != expected)
        return false;
    reader->at++;
    return true;
}

/* The character that a backslash and this letter stand for; 0: not plain. */
static char escaped(char letter) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    return found != NULL ? meant[found - letters] : '\0';
}

/* Behind the characters that stand for themselves. */
static const char *skip_plain(const char *at, const char *end) {
    while (at < end && *at != '"' && *at != '\\' && (guchar)*at >= 0x20)
        at++;
    return at;
}

/* A string, in the text or in reader->unescaped. */
static bool read_text(Reader *reader, const char **ret_start, gsize *ret_length) {
    if (!take(reader, '"'))
        return false;
    const char *start = reader->at, *at = skip_plain(start, reader->end);
    bool is_escaped = at < reader->end && *at == '\\';
    if (is_escaped)
        g_string_truncate(reader->unescaped, 0);
    while (at < reader->end && *at == '\\') {
        char meant = reader->end - at > 1 ? escaped(at[1]) : '\0';
        if (meant == '\0')
            return false;
        g_string_append_len(reader->unescaped, start, at - start);
        g_string_append_c(reader->unescaped, meant);
        start = at + 2;
        at = skip_plain(start, reader->end);
    }
    if (is_escaped)
        g_string_append_len(reader->unescaped, start, at - start);
    reader->at = at;
    *ret_start = is_escaped ? reader->unescaped->str : start;
    *ret_length = is_escaped ? reader->unescaped->len : (gsize)(at - start);
    return take(reader, '"');
}

static const char *skip_digits(const char *at, const char *end) {
    while (at < end && g_ascii_isdigit(*at))
        at++;
    return at;
}

static json_t *read_real(const char *start, gsize length) {
    char text[NUMBER_BYTES_MAX + 1];
    if (length > NUMBER_BYTES_MAX)
        return NULL;
    memcpy(text, start, length);
    text[length] = '\0';
    double value = g_ascii_strtod(text, NULL);
    return isfinite(value) ? json_real(value) : NULL;
}

static json_t *read_number(Reader *reader) {
    const char *start = reader->at, *digits = start + (*start == '-'), *at = skip_digits(digits, reader->end);
    gsize n = (gsize)(at - digits);
    if (n == 0 || n > INTEGER_DIGITS_MAX || (*digits == '0' && n > 1))
        return NULL;
    bool is_real = at < reader->end && *at == '.';
    if (is_real) {
        const char *fraction = at + 1;
        at = skip_digits(fraction, reader->end);
        if (at == fraction)
            return NULL;
    }
    if (at < reader->end && (*at == 'e' || *at == 'E'))
        return NULL;
    reader->at = at;
    if (is_real)
        return read_real(start, (gsize)(at - start));
    json_int_t value = 0;
    for (gsize i = 0; i < n; i++)
        value = value * 10 + (digits[i] - '0');
    return json_integer(*start == '-' ? -value : value);
}

static bool read_members(Reader *reader, json_t *object) {
    gsize n = 0;
    if (take(reader, '}'))
        return true;
    do {
        const char *start;
        gsize length;
        if (!read_text(reader, &start, &length))
            return false;
        /* a key with escapes lies where the value's would: such keys are not plain */
        if (start == reader->unescaped->str || !take(reader, ':'))
            return false;
        json_t *value = read_value(reader);
        if (value == NULL || json_object_setn_new_nocheck(object, start, length, value) != 0)
            return false;
        n++;
    } while (take(reader, ','));
    return take(reader, '}') && json_object_size(object) == n; /* fewer: a key stood there twice */
}

static bool read_elements(Reader *reader, json_t *array) {
    if (take(reader, ']'))
        return true;
    do {
        json_t *value = read_value(reader);
        if (value == NULL || json_array_append_new(array, value) != 0)
            return false;
    } while (take(reader, ','));
    return take(reader, ']');
}

static json_t *read_container(Reader *reader) {
    if (++reader->depth > DEPTH_MAX)
        return NULL;
    bool is_object = *reader->at++ == '{';
    json_t *container = is_object ? json_object() : json_array();
    if (is_object ? read_members(reader, container) : read_elements(reader, container)) {
        reader->depth--;
        return container;
    }
    json_decref(container);
    return NULL;
}

static json_t *read_word(Reader *reader) {
    const struct {
        const char *word;
        json_t *value;
    } words[] = {{"true", json_true()}, {"false", json_false()}, {"null", json_null()}};
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        gsize length = strlen(words[i].word);
        if ((gsize)(reader->end - reader->at) >= length && memcmp(reader->at, words[i].word, length) == 0) {
            reader->at += length;
            return words[i].value;
        }
    }
    return NULL;
}

/* NULL: not plain. */
static json_t *read_value(Reader *reader) {
    const char *start;
    gsize length;
    if (reader->at == reader->end)
        return NULL;
    switch (*reader->at) {
    case '{':
    case '[':
        return read_container(reader);
    case '"':
        return read_text(reader, &start, &length) ? json_stringn_nocheck(start, length) : NULL;
    case 't':
    case 'f':
    case 'n':
        return read_word(reader);
    default:
        return read_number(reader);
    }
}

json_t *json_read(const char *text, gsize length) {
    json_t *value = NULL;
    if (length > 0 && (*text == '{' || *text == '[') && g_utf8_validate_len(text, length, NULL)) {
        g_autoptr(GString) unescaped = g_string_new(NULL);
        Reader reader = {.at = text, .end = text + length, .unescaped = unescaped};
        value = read_value(&reader);
        if (value != NULL && reader.at == reader.end)
            return value;
    }
    json_decref(value);
    return json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
}
