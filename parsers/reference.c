#include "parsers/reference.h"

#include <string.h>

#define LISTED_MAX 8 /* a mail answers one letter, and quotes a few */

/* ---- places
 * ------------------------------------------------------------------------------------------------------ */

/* Eight digits that stand alone at the beginning of a text. */
static bool is_reference(const char *text) {
    for (gsize i = 0; i < REFERENCE_LENGTH; i++)
        if (!g_ascii_isxdigit(text[i]))
            return false;
    return !g_ascii_isalnum(text[REFERENCE_LENGTH]);
}

/* The bytes of the opening mark at the beginning of a text; 0: there is none. Asked at every second character
 * of a Chinese text. */
static gsize mark_length(const char *text) {
    const char *mark;
    switch (*text) {
    case '[':
        return 1;
    case 'R':
    case 'r':
        mark = *text == 'R' ? "Reference" : "reference";
        break;
    case '\xE3':
        mark = "【";
        break;
    case '\xEF':
        mark = "［";
        break;
    default:
        mark = "编号";
    }
    gsize length = strlen(mark);
    return text[1] == mark[1] && strncmp(text, mark, length) == 0 ? length : 0;
}

/* What follows an opening mark at the beginning of a text; NULL: it is none. */
static const char *after_mark(const char *text) {
    gsize length = mark_length(text);
    if (length == 0)
        return NULL;
    text += length;
    while (*text == ' ' || *text == ':' || g_str_has_prefix(text, "：") || g_str_has_prefix(text, "\u00A0"))
        text = g_utf8_next_char(text);
    return text;
}

/* The next reference behind a mark, and where the search goes on; NULL: there is none. */
static const char *next_marked(const char **at) {
    for (const char *p = *at; *p; p++) {
        p += strcspn(p, "[R\xE3\xEF\xE7r"); /* first bytes of the marks */
        if (!*p)
            break;
        const char *start = after_mark(p);
        if (start && is_reference(start)) {
            *at = start + REFERENCE_LENGTH;
            return start;
        }
    }
    *at = NULL;
    return NULL;
}

/* ---- lists
 * ------------------------------------------------------------------------------------------------------- */

static void add(json_t *list, const char *start) {
    g_autofree char *reference = g_ascii_strdown(start, REFERENCE_LENGTH);
    size_t i;
    json_t *known;
    json_array_foreach(list, i, known)
        if (strcmp(json_string_value(known), reference) == 0)
            return;
    if (json_array_size(list) < LISTED_MAX)
        json_array_append_new(list, json_string(reference));
}

static void add_marked(json_t *list, const char *text) {
    for (const char *at = text, *start; at && (start = next_marked(&at));)
        add(list, start);
}

/* "作废 1A2B3C4D": in the first line, where an order stands, without marks too. */
static void add_bare(json_t *list, const char *text) {
    text += strspn(text, " \t\r\n");
    const char *end = text + strcspn(text, "\r\n");
    for (const char *p = text; p < end; p++)
        if ((p == text || !g_ascii_isalnum(p[-1])) && is_reference(p))
            add(list, p);
}

json_t *reference_read(const Message *message) {
    json_t *said = json_array(), *thread = json_array(), *out = NULL;
    add_bare(said, message->reply);
    add_marked(said, message->reply);
    add_marked(thread, message->subject);
    add_marked(thread, message->quoted);
    if (json_array_size(said) || json_array_size(thread))
        out = json_pack("{s:O, s:O}", "said", said, "thread", thread);
    json_decref(said);
    json_decref(thread);
    return out;
}

bool reference_is_answer(const Message *message) {
    const char *subject = message->subject, *quoted = message->quoted, *reply = message->reply;
    return *message->in_reply_to || next_marked(&subject) || next_marked(&quoted) || next_marked(&reply);
}
