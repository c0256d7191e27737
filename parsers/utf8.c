#include "parsers/utf8.h"

#include <string.h>

bool utf8_has_digit(const char *text) {
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (g_unichar_isdigit(utf8_char(p)))
            return true;
    return false;
}

const char *utf8_find_either(const char *text, const char *one, const char *other) {
    const char *first = strstr(text, one), *second = strstr(text, other);
    return !first || (second && second < first) ? second : first;
}

/* Whether all of it is its own NFKC, whatever stands beside what: ASCII, common Han, 、 and 。. */
static bool is_plain(const char *text) {
    for (const char *p = text; *p;) {
        if ((guchar)*p < 0x80)
            p++;
        else if ((utf8_is_common_han(p) || ((guchar)*p == 0xE3 && (guchar)p[1] == 0x80 &&
                                            ((guchar)p[2] == 0x81 || (guchar)p[2] == 0x82))) &&
                 ((guchar)p[1] & 0xC0) == 0x80 && ((guchar)p[2] & 0xC0) == 0x80)
            p += 3;
        else
            return false;
    }
    return true;
}

char *utf8_compatible(const char *text) {
    if (is_plain(text))
        return g_strdup(text);
    char *compatible = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
    return compatible ? compatible : g_strdup("");
}
