#include "gateway/io/utf7.h"

#include <stdbool.h>
#include <string.h>

/* base64 with "," for "/", without padding */
static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

enum { DIGIT_BITS = 6, UNIT_BITS = 16 };

static bool is_direct(gunichar c) {
    return c >= 0x20 && c <= 0x7e;
}

/* Appends the run of UTF-16 units as "&…-". */
static void append_run(GString *wire, const gunichar2 *units, glong n_units) {
    guint32 bits = 0;
    guint n_bits = 0;
    g_string_append_c(wire, '&');
    for (glong i = 0; i < n_units; i++) {
        bits = bits << UNIT_BITS | units[i];
        for (n_bits += UNIT_BITS; n_bits >= DIGIT_BITS; n_bits -= DIGIT_BITS)
            g_string_append_c(wire, DIGITS[bits >> (n_bits - DIGIT_BITS) & 0x3f]);
        bits &= (1u << n_bits) - 1;
    }
    if (n_bits > 0)
        g_string_append_c(wire, DIGITS[bits << (DIGIT_BITS - n_bits) & 0x3f]);
    g_string_append_c(wire, '-');
}

char *utf7_encode(const char *name) {
    if (!g_utf8_validate(name, -1, NULL))
        return NULL;
    GString *wire = g_string_new(NULL);
    while (*name != '\0') {
        gunichar c = g_utf8_get_char(name);
        const char *end = g_utf8_next_char(name);
        if (c == '&') {
            g_string_append(wire, "&-");
        } else if (is_direct(c)) {
            g_string_append_c(wire, (char)c);
        } else {
            while (*end != '\0' && !is_direct(g_utf8_get_char(end)))
                end = g_utf8_next_char(end);
            glong n_units = 0;
            g_autofree gunichar2 *units = g_utf8_to_utf16(name, end - name, NULL, &n_units, NULL);
            append_run(wire, units, n_units);
        }
        name = end;
    }
    return g_string_free(wire, FALSE);
}

/* Decodes the digits of a run, [start, end), and appends the text; false if they are no whole UTF-16 text. */
static bool append_decoded(GString *name, const char *start, const char *end) {
    gsize most = (gsize)(end - start) * DIGIT_BITS / UNIT_BITS;
    g_autofree gunichar2 *units = g_new(gunichar2, most + 1);
    glong n_units = 0;
    guint32 bits = 0;
    guint n_bits = 0;
    for (const char *p = start; p < end; p++) {
        const char *digit = strchr(DIGITS, *p);
        if (*p == '\0' || digit == NULL)
            return false;
        bits = bits << DIGIT_BITS | (guint32)(digit - DIGITS);
        n_bits += DIGIT_BITS;
        if (n_bits >= UNIT_BITS) {
            n_bits -= UNIT_BITS;
            units[n_units++] = (gunichar2)(bits >> n_bits);
            bits &= (1u << n_bits) - 1;
        }
    }
    if (n_bits >= DIGIT_BITS || bits != 0) /* a digit too many, or padding that hides bits */
        return false;
    glong n_read = 0;
    g_autofree char *text = g_utf16_to_utf8(units, n_units, &n_read, NULL, NULL);
    if (text == NULL || n_read != n_units)
        return false;
    g_string_append(name, text);
    return true;
}

char *utf7_decode(const char *wire) {
    g_autoptr(GString) name = g_string_new(NULL);
    for (const char *p = wire; *p != '\0'; p++) {
        if (!is_direct((guchar)*p))
            return NULL;
        if (*p != '&') {
            g_string_append_c(name, *p);
            continue;
        }
        const char *end = strchr(p, '-');
        if (end == NULL)
            return NULL;
        if (end == p + 1)
            g_string_append_c(name, '&');
        else if (!append_decoded(name, p + 1, end))
            return NULL;
        p = end;
    }
    return g_string_free(g_steal_pointer(&name), FALSE);
}
