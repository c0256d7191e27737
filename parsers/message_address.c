#include "parsers/message_address.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/encoded_word.h"
#include "parsers/message.h"

#define ADDRESS_MAX_BYTES 254 /* RFC 5321 4.5.3.1.3, without <> */

static void mailbox_free(gpointer data) {
    Mailbox *mailbox = data;
    g_free(mailbox->name);
    g_free(mailbox->address);
    g_free(mailbox);
}

/* One entry of a list while it is read. */
typedef struct {
    GString *phrase;  /* before the angle bracket, quotes removed */
    GString *angle;   /* inside <> */
    GString *comment; /* inside () */
    bool has_angle;
} Entry;

static void entry_reset(Entry *entry) {
    g_string_truncate(entry->phrase, 0);
    g_string_truncate(entry->angle, 0);
    g_string_truncate(entry->comment, 0);
    entry->has_angle = false;
}

/* "a @ b . c", "mailto:a@b", "@route:a@b" → "a@b.c" … ; NULL where no address is left. */
static char *address_tidy(const char *text) {
    const char *colon = strrchr(text, ':');
    if (colon != NULL)
        text = colon + 1;
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (!g_unichar_isspace(c) && c != '<' && c != '>' && c >= 0x20 && c != 0x7f && c != ';' && c != ',')
            g_string_append_unichar(out, c);
    }
    const char *at = strchr(out->str, '@');
    if (at == NULL || out->len < 2 || out->len > 2 * ADDRESS_MAX_BYTES)
        return NULL;
    if (strstr(out->str, "=?") != NULL) {
        g_autofree char *decoded = encoded_word_decode(out->str, -1, false);
        return strchr(decoded, '@') != NULL && strchr(decoded, ' ') == NULL ? g_steal_pointer(&decoded)
                                                                            : NULL;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The last word with an @ of a phrase without angle brackets; the words before it are the name ("Wang a@b").
 */
static char *address_of_phrase(GString *phrase) {
    char *text = g_strstrip(phrase->str);
    g_string_set_size(phrase, strlen(text));
    char *at = strrchr(text, '@');
    if (at == NULL)
        return NULL;
    char *start = at;
    while (start > text && g_ascii_isspace(start[-1])) /* "a @ b" */
        start--;
    while (start > text && !g_ascii_isspace(start[-1]))
        start--;
    char *address = address_tidy(start);
    if (address != NULL)
        g_string_truncate(phrase, (gsize)(start - text));
    return address;
}

/* Adds the entry if it holds an address. False: it holds none, and its text belongs to the next one ("Doe,
 * John <a@b>"). */
static bool entry_finish(Entry *entry, GPtrArray *list, bool hint_gbk) {
    char *address = entry->has_angle ? address_tidy(entry->angle->str) : NULL;
    if (address == NULL && !entry->has_angle)
        address = address_of_phrase(entry->phrase);
    if (address == NULL && strstr(entry->phrase->str, "=?") != NULL && !entry->has_angle) {
        g_autofree char *decoded = encoded_word_decode(entry->phrase->str, -1, hint_gbk);
        const char *open = strrchr(decoded, '<');
        if (open != NULL || strchr(decoded, ' ') == NULL)
            address = address_tidy(open != NULL ? open + 1 : decoded);
    }
    if (address == NULL)
        return false;
    Mailbox *mailbox = g_new0(Mailbox, 1);
    mailbox->address = address;
    mailbox->name = encoded_word_decode(entry->phrase->str, -1, hint_gbk);
    if (*mailbox->name == '\0') {
        g_free(mailbox->name);
        mailbox->name = encoded_word_decode(entry->comment->str, -1, hint_gbk);
    }
    g_ptr_array_add(list, mailbox);
    return true;
}

/* Reads one entry from p on; returns where its separator stands (or the end). Sets *ret_is_group at "Name:".
 */
static const char *entry_read(const char *p, Entry *entry, bool *ret_is_group) {
    guint comment_depth = 0;
    bool is_quoted = false, is_angle = false;
    *ret_is_group = false;
    for (; *p != '\0'; p++) {
        GString *target = comment_depth > 0 ? entry->comment : is_angle ? entry->angle : entry->phrase;
        if (*p == '\\' && p[1] != '\0' && (is_quoted || comment_depth > 0)) {
            p++;
        } else if (comment_depth > 0 && (*p == '(' || *p == ')')) {
            comment_depth += *p == '(' ? 1u : -1u;
            continue;
        } else if (comment_depth == 0 && *p == '"') {
            is_quoted = !is_quoted;
            if (!is_angle && !is_quoted && p[1] != '@')
                continue;
            if (!is_angle)
                continue;
        } else if (comment_depth == 0 && !is_quoted) {
            if (*p == '(') {
                comment_depth = 1;
                continue;
            }
            if (*p == '<' && !is_angle) {
                is_angle = entry->has_angle = true;
                g_string_truncate(entry->angle, 0);
                continue;
            }
            if (*p == '>' && is_angle) {
                is_angle = false;
                continue;
            }
            if (*p == ',' || (*p == ';' && !is_angle))
                return p;
            if (*p == ':' && !is_angle && !entry->has_angle && strchr(entry->phrase->str, '@') == NULL &&
                g_ascii_strcasecmp(entry->phrase->str, "mailto") != 0) {
                *ret_is_group = true;
                return p;
            }
        }
        g_string_append_c(target, *p);
    }
    return p;
}

GPtrArray *message_addresses_parse(const char *raw, bool hint_gbk) {
    GPtrArray *list = g_ptr_array_new_with_free_func(mailbox_free);
    const gsize VALUE_MAX = 256 << 10; /* a header block may not be longer: parsers/limits.h */
    g_autofree char *text = charset_to_utf8(raw, MIN(strlen(raw), VALUE_MAX), NULL, hint_gbk, NULL);
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\r' || *p == '\n')
            *p = ' ';
    Entry entry = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), false};
    for (const char *p = text; list->len < ADDRESSES_MAX;) {
        bool is_group = false;
        p = entry_read(p, &entry, &is_group);
        if (is_group || entry_finish(&entry, list, hint_gbk) || entry.has_angle || *p != ',')
            entry_reset(&entry);
        else
            g_string_append_c(entry.phrase, ',');
        if (*p == '\0')
            break;
        p++;
    }
    g_string_free(entry.phrase, TRUE);
    g_string_free(entry.angle, TRUE);
    g_string_free(entry.comment, TRUE);
    return list;
}

char *message_normalize_address(const char *address) {
    if (address == NULL)
        return NULL;
    gsize length = strlen(address);
    const char *at = strchr(address, '@');
    if (at == NULL || at == address || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        length > ADDRESS_MAX_BYTES)
        return NULL;
    for (const char *p = address; *p != '\0'; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("<>(),;:\\\"[]", *p) != NULL)
            return NULL;
    for (const char *p = at + 1; *p != '\0'; p++) /* host names only (RFC 1123 2.1) */
        if (!g_ascii_isalnum(*p) && *p != '-' && (*p != '.' || p[-1] == '.' || p[-1] == '@' || p[1] == '\0'))
            return NULL;
    g_autofree char *domain = g_ascii_strdown(at, -1);
    return g_strdup_printf("%.*s%s", (int)(at - address), address, domain);
}
