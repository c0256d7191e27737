#include "gateway/core/json_write.h"

#include <stdbool.h>
#include <string.h>

#define DEPTH_MAX      64   /* deeper values are left to jansson */
#define START_BYTES    8192 /* a reader's answer is about as long */
#define HUNDREDTHS_MAX 99999

typedef struct {
    GString *out;
    guint real_digits;
} Writer;

static void write_integer(GString *out, json_int_t value) {
    char digits[24], *at = digits + sizeof digits;
    guint64 rest = value < 0 ? 0 - (guint64)value : (guint64)value;
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0)
        *--at = '-';
    g_string_append_len(out, at, digits + sizeof digits - at);
}

/* Confidences are hundredths, which need no general printing of doubles. */
static bool write_hundredths(GString *out, double value) {
    if (!(value > 0 && value * 100 < HUNDREDTHS_MAX))
        return false;
    guint hundredths = (guint)(value * 100 + 0.5);
    if (hundredths / 100.0 != value)
        return false;
    write_integer(out, hundredths / 100);
    g_string_append_c(out, '.');
    g_string_append_c(out, (char)('0' + hundredths / 10 % 10));
    if (hundredths % 10 != 0)
        g_string_append_c(out, (char)('0' + hundredths % 10));
    return true;
}

static bool write_real(const Writer *writer, const json_t *value) {
    /* five digits at the most; with fewer allowed they would be rounded */
    if (writer->real_digits >= 5 && write_hundredths(writer->out, json_real_value(value)))
        return true;
    char text[64];
    size_t length = json_dumpb(value, text, sizeof text,
                               JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)writer->real_digits));
    if (length == 0 || length > sizeof text)
        return false;
    g_string_append_len(writer->out, text, (gssize)length);
    return true;
}

static void write_escape(GString *out, guchar c) {
    static const char short_forms[32] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    g_string_append_c(out, '\\');
    if (c >= ' ')
        g_string_append_c(out, (char)c);
    else if (short_forms[c] != 0)
        g_string_append_c(out, short_forms[c]);
    else
        g_string_append_printf(out, "u%04X", c);
}

static void write_string(GString *out, const char *text, size_t length) {
    const char *end = text + length;
    g_string_append_c(out, '"');
    while (text < end) {
        const char *stop = text;
        while (stop < end && (guchar)*stop >= ' ' && *stop != '"' && *stop != '\\')
            stop++;
        g_string_append_len(out, text, stop - text);
        if (stop < end)
            write_escape(out, (guchar)*stop++);
        text = stop;
    }
    g_string_append_c(out, '"');
}

static bool write_value(const Writer *writer, const json_t *value, guint depth);

static bool write_object(const Writer *writer, json_t *object, guint depth) {
    bool is_first = true;
    g_string_append_c(writer->out, '{');
    for (void *iter = json_object_iter(object); iter != NULL; iter = json_object_iter_next(object, iter)) {
        const char *key = json_object_iter_key(iter);
        if (!is_first)
            g_string_append_c(writer->out, ',');
        is_first = false;
        write_string(writer->out, key, strlen(key));
        g_string_append_c(writer->out, ':');
        if (!write_value(writer, json_object_iter_value(iter), depth + 1))
            return false;
    }
    g_string_append_c(writer->out, '}');
    return true;
}

static bool write_array(const Writer *writer, const json_t *array, guint depth) {
    g_string_append_c(writer->out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            g_string_append_c(writer->out, ',');
        if (!write_value(writer, json_array_get(array, i), depth + 1))
            return false;
    }
    g_string_append_c(writer->out, ']');
    return true;
}

static bool write_value(const Writer *writer, const json_t *value, guint depth) {
    if (value == NULL || depth > DEPTH_MAX)
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_object(writer, (json_t *)value, depth); /* iterating wants no const */
    case JSON_ARRAY:
        return write_array(writer, value, depth);
    case JSON_STRING:
        write_string(writer->out, json_string_value(value), json_string_length(value));
        return true;
    case JSON_INTEGER:
        write_integer(writer->out, json_integer_value(value));
        return true;
    case JSON_REAL:
        return write_real(writer, value);
    default:
        g_string_append(writer->out, json_is_null(value) ? "null" : json_is_true(value) ? "true" : "false");
        return true;
    }
}

char *json_write(const json_t *value, guint real_digits) {
    g_autoptr(GString) out = g_string_sized_new(START_BYTES);
    const Writer writer = {out, real_digits};
    if (!json_is_object(value) && !json_is_array(value))
        return NULL;
    if (write_value(&writer, value, 0))
        return g_string_free(g_steal_pointer(&out), FALSE);
    char *dumped = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION((size_t)real_digits));
    char *copy = g_strdup(dumped);
    free(dumped);
    return copy;
}
