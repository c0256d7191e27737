#include "gateway/core/file_name.h"

#include <stdbool.h>
#include <string.h>

#define ENDING_BYTES_MAX 10 /* ".docx"; a longer one is no ending */

static bool is_refused(gunichar c) {
    if (c < 0x80)
        return g_ascii_iscntrl((gchar)c) || strchr("<>:\"/\\|?*", (int)c) != NULL;
    GUnicodeType type = g_unichar_type(c);
    return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_SURROGATE ||
           type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Refused characters become "_"; those that are not seen go. */
static GString *clean(const char *name) {
    GString *out = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!is_refused(c))
            g_string_append_unichar(out, c);
        else if (c < 0x80)
            g_string_append_c(out, '_');
    }
    return out;
}

static bool is_device(const char *name) {
    static const char *const devices[] = {"con",  "prn",  "aux",  "nul",  "com1", "com2", "com3", "com4",
                                          "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
                                          "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};
    g_autofree char *stem = g_ascii_strdown(name, (gssize)strcspn(name, "."));
    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
        if (strcmp(stem, devices[i]) == 0)
            return true;
    return false;
}

/* Cuts whole characters before the ending. */
static char *shorten(const char *name) {
    if (strlen(name) <= FILE_NAME_BYTES_MAX)
        return g_strdup(name);
    const char *ending = strrchr(name, '.');
    if (ending == NULL || strlen(ending) > ENDING_BYTES_MAX)
        ending = "";
    gsize room = FILE_NAME_BYTES_MAX - strlen(ending);
    while (((guchar)name[room] & 0xC0) == 0x80)
        room--;
    g_autofree char *start = g_strndup(name, room);
    return g_strconcat(g_strchomp(start), ending, NULL);
}

char *file_name_safe(const char *name, const char *fallback) {
    g_autofree char *cleaned = g_string_free(clean(name != NULL ? name : ""), FALSE);
    const char *start = cleaned + strspn(cleaned, ". -");
    g_autofree char *trimmed = g_strdup(start);
    for (gsize n = strlen(trimmed); n > 0 && strchr(". ", trimmed[n - 1]) != NULL; n--)
        trimmed[n - 1] = '\0'; /* Windows drops them, and then the name is another */
    if (*trimmed == '\0')
        return g_strdup(fallback);
    g_autofree char *named = is_device(trimmed) ? g_strconcat("_", trimmed, NULL) : g_steal_pointer(&trimmed);
    return shorten(named);
}
