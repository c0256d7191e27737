/* What GLib's functions on characters do, without a call for the characters that nearly all text consists of:
 * ASCII and the common block of Han; and the few questions that many parts ask of a text. Texts are valid
 * UTF-8. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Whether a character of U+4E00 to U+9FFF begins at p: E4 B8 80 to E9 BF BF. */
static inline bool utf8_is_common_han(const char *p) {
    guchar lead = (guchar)*p;
    return (lead > 0xE4 && lead <= 0xE9) || (lead == 0xE4 && (guchar)p[1] >= 0xB8);
}

/* g_utf8_get_char() */
static inline gunichar utf8_char(const char *p) {
    guchar lead = (guchar)*p;
    if (lead < 0x80)
        return lead;
    if ((lead & 0xF0) == 0xE0 && ((guchar)p[1] & 0xC0) == 0x80 && ((guchar)p[2] & 0xC0) == 0x80)
        return ((gunichar)(lead & 0x0F) << 12) | ((gunichar)(p[1] & 0x3F) << 6) | (gunichar)(p[2] & 0x3F);
    return g_utf8_get_char(p);
}

/* g_unichar_isspace() */
static inline bool utf8_is_space(gunichar c) {
    if (c < 0x80)
        return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
    return (c < 0x4E00 || c > 0xFF5E) && g_unichar_isspace(c);
}

/* g_str_has_prefix() */
static inline bool utf8_has_prefix(const char *text, const char *prefix) {
    while (*prefix && *prefix == *text) {
        prefix++;
        text++;
    }
    return !*prefix;
}

/* Behind the white space at the beginning of text. */
static inline const char *utf8_skip_space(const char *text) {
    while (utf8_is_space(utf8_char(text)))
        text = g_utf8_next_char(text);
    return text;
}

/* Whether a decimal digit of any script stands in text. */
bool utf8_has_digit(const char *text);

/* The first place of a mark that is written in two ways, such as ":" and "：", or NULL. */
const char *utf8_find_either(const char *text, const char *one, const char *other);

/* The text in NFKC [UAX15], "" where it is no UTF-8; the caller frees it. */
char *utf8_compatible(const char *text);
