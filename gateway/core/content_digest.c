#include "gateway/core/content_digest.h"

#include <string.h>

#include "gateway/core/digest.h"

/* A reader's answer is flat: fields hold texts, numbers and ranges, tables rows of them. What lies deeper is
 * written by jansson, which has a limit of its own. */
enum { DEPTH_MAX = 16 };
/* Members of an object that are sorted on the stack. */
enum { MEMBERS_ON_STACK = 64 };

typedef struct {
    const char *key;
    json_t *value;
} Member;

static int compare_members(const void *a, const void *b) {
    return strcmp(((const Member *)a)->key, ((const Member *)b)->key);
}

static void feed(GString *out, const json_t *value, guint depth);

/* Lengths stand before texts, so that no two values look alike whatever they hold. */
static void feed_text(GString *out, char kind, const char *text, gsize length) {
    guint64 bytes = GUINT64_TO_LE(length);
    g_string_append_c(out, kind);
    g_string_append_len(out, (const char *)&bytes, sizeof bytes);
    g_string_append_len(out, text, (gssize)length);
}

/* In the order of their keys. */
static void feed_members(GString *out, Member *members, gsize n, guint depth) {
    qsort(members, n, sizeof *members, compare_members);
    g_string_append_c(out, '{');
    for (gsize i = 0; i < n; i++) {
        feed_text(out, 'k', members[i].key, strlen(members[i].key));
        feed(out, members[i].value, depth + 1);
    }
    g_string_append_c(out, '}');
}

/* The members of an object that say something; select picks what of each, NULL: nothing. */
static void feed_object(GString *out, const json_t *object, json_t *(*select)(json_t *), guint depth) {
    Member few[MEMBERS_ON_STACK];
    gsize n = 0;
    g_autofree Member *many =
        json_object_size(object) > MEMBERS_ON_STACK ? g_new(Member, json_object_size(object)) : NULL;
    Member *members = many != NULL ? many : few;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        json_t *selected = select(value);
        if (selected != NULL)
            members[n++] = (Member){key, selected};
    }
    feed_members(out, members, n, depth);
}

static json_t *whole(json_t *value) {
    return value;
}

static json_t *value_of_field(json_t *field) {
    return json_object_get(field, "value");
}

/* An empty table and none are the same. */
static json_t *filled_table(json_t *rows) {
    return json_array_size(rows) > 0 ? rows : NULL;
}

static void feed_array(GString *out, const json_t *array, guint depth) {
    gsize i;
    json_t *value;
    g_string_append_c(out, '[');
    json_array_foreach(array, i, value)
        feed(out, value, depth + 1);
    g_string_append_c(out, ']');
}

static void feed_deep(GString *out, const json_t *value) {
    g_autofree char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    feed_text(out, 'd', text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* Equal values, and only those, are written as equal bytes. */
static void feed(GString *out, const json_t *value, guint depth) {
    if (depth > DEPTH_MAX) {
        feed_deep(out, value);
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        feed_object(out, value, whole, depth);
        break;
    case JSON_ARRAY:
        feed_array(out, value, depth);
        break;
    case JSON_STRING:
        feed_text(out, 's', json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        g_string_append_printf(out, "i%" JSON_INTEGER_FORMAT ";", json_integer_value(value));
        break;
    case JSON_REAL:
        g_string_append_printf(out, "r%.17g;", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        g_string_append_c(out, json_is_true(value) ? 't' : json_is_false(value) ? 'f' : 'n');
        break;
    }
}

void content_digest_set(Submission *submission) {
    if (submission->has_digest || submission->fields == NULL)
        return;
    g_autoptr(GString) out = g_string_sized_new(4096);
    const char *form = submission->form != NULL ? submission->form : "";
    feed_text(out, 'm', form, strlen(form));
    feed_object(out, submission->fields, value_of_field, 0);
    feed_object(out, submission->tables, filled_table, 0);
    digest_sha256_bytes(out->str, out->len, submission->digest);
    submission->has_digest = true;
}

void content_digest_format(const Submission *submission, char ret_hex[CONTENT_DIGEST_HEX_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    for (gsize i = 0; i < sizeof submission->digest; i++) {
        ret_hex[2 * i] = digits[submission->digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[submission->digest[i] & 0xf];
    }
    ret_hex[2 * sizeof submission->digest] = '\0';
}

void content_digest_read(Submission *submission, const char *hex) {
    submission->has_digest = false;
    if (hex == NULL || strlen(hex) != CONTENT_DIGEST_HEX_BYTES - 1 ||
        strspn(hex, "0123456789abcdef") != CONTENT_DIGEST_HEX_BYTES - 1)
        return;
    for (gsize i = 0; i < sizeof submission->digest; i++)
        submission->digest[i] =
            (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    submission->has_digest = true;
}
