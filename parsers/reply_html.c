/* Quotations in HTML mail, found by the containers that mail programs wrap around them. One pass over the
 * tags; no tree. */
#include <string.h>

#include "parsers/reply.h"

#define TAG_MAX_BYTES 8192 /* attributes of one tag; a longer one is read without its quotes */

typedef enum {
    EXTENT_NONE,
    EXTENT_ELEMENT, /* the element holds the quotation */
    EXTENT_REST     /* everything from here on is quotation */
} Extent;

typedef struct {
    const char *mark; /* in a class or id attribute */
    Extent extent;
} Container;

static const Container CONTAINERS[] = {
    {"gmail_quote", EXTENT_ELEMENT},           /* Gmail */
    {"gmail_attr", EXTENT_ELEMENT},            /* its "On … wrote:" */
    {"yahoo_quoted", EXTENT_ELEMENT},          /* Yahoo */
    {"moz-cite-prefix", EXTENT_ELEMENT},       /* Thunderbird's "On … wrote:" */
    {"protonmail_quote", EXTENT_ELEMENT},      /* Proton */
    {"tutanota_quote", EXTENT_ELEMENT},        /* Tuta */
    {"zmail_extra", EXTENT_ELEMENT},           /* Zoho */
    {"ntes-mailmaster-quote", EXTENT_ELEMENT}, /* NetEase Mail Master */
    {"isreplycontent", EXTENT_ELEMENT},        /* NetEase web, reply and forward */
    {"isforwardcontent", EXTENT_ELEMENT},
    {"divneteasemailquote", EXTENT_ELEMENT},
    {"wwquote", EXTENT_ELEMENT},    /* WeCom */
    {"divrplyfwdmsg", EXTENT_REST}, /* Outlook web: the quotation follows as a sibling */
    {"olk_src_body_section", EXTENT_REST},
    {"stopspelling", EXTENT_REST},                            /* hr of Hotmail */
    {"replysplit", EXTENT_REST},                              /* hr of 139.com */
    {"mail-editor-reference-message-container", EXTENT_REST}, /* Outlook for Mac */
};

typedef struct {
    const char *name;
    gsize name_length;
    const char *attributes; /* up to end - 1 */
    const char *end;        /* after ">" */
    bool is_closing;
} Tag;

/* The end of the tag at p ("<"), quotes honoured where they close. */
static const char *tag_end(const char *p, const char *end) {
    char quote = 0;
    for (const char *q = p + 1; q < end && q - p < TAG_MAX_BYTES; q++) {
        if (quote != 0)
            quote = *q == quote ? 0 : quote;
        else if (*q == '"' || *q == '\'')
            quote = *q;
        else if (*q == '>')
            return q + 1;
    }
    const char *close = memchr(p, '>', (gsize)(end - p));
    return close == NULL ? end : close + 1;
}

static bool tag_read(const char *p, const char *end, Tag *ret_tag) {
    Tag tag = {.name = p + 1};
    if (tag.name < end && *tag.name == '/') {
        tag.is_closing = true;
        tag.name++;
    }
    while (tag.name + tag.name_length < end && g_ascii_isalnum(tag.name[tag.name_length]))
        tag.name_length++;
    if (tag.name_length == 0)
        return false;
    tag.attributes = tag.name + tag.name_length;
    tag.end = tag_end(p, end);
    *ret_tag = tag;
    return true;
}

static bool is_named(const Tag *tag, const char *name) {
    return strlen(name) == tag->name_length && g_ascii_strncasecmp(tag->name, name, tag->name_length) == 0;
}

/* Extent of the quotation that this tag opens. */
static Extent quotation_of(const Tag *tag) {
    if (tag->is_closing || tag->end - tag->attributes > TAG_MAX_BYTES)
        return EXTENT_NONE;
    g_autofree char *attributes = g_ascii_strdown(tag->attributes, tag->end - tag->attributes);
    if (is_named(tag, "blockquote")) /* Gmail indents new text with a blockquote without border */
        return strstr(attributes, "border:none") == NULL && strstr(attributes, "border: none") == NULL
                   ? EXTENT_ELEMENT
                   : EXTENT_NONE;
    if (strstr(attributes, "class") == NULL && strstr(attributes, "id") == NULL &&
        strstr(attributes, "name") == NULL)
        return EXTENT_NONE;
    for (gsize i = 0; i < G_N_ELEMENTS(CONTAINERS); i++)
        if (strstr(attributes, CONTAINERS[i].mark) != NULL)
            return CONTAINERS[i].extent;
    return EXTENT_NONE;
}

/* Comments, scripts and styles hold no tags: the place after the one at p, or NULL where none begins there.
 */
static const char *skip_opaque(const char *p, const char *end) {
    static const struct {
        const char *open, *close;
    } OPAQUE[] = {{"<!--", "-->"}, {"<script", "</script"}, {"<style", "</style"}};
    for (gsize i = 0; i < G_N_ELEMENTS(OPAQUE); i++) {
        gsize length = strlen(OPAQUE[i].open);
        if ((gsize)(end - p) < length || g_ascii_strncasecmp(p, OPAQUE[i].open, length) != 0)
            continue;
        for (const char *q = p + length; (q = memchr(q, *OPAQUE[i].close, (gsize)(end - q))) != NULL; q++)
            if (g_ascii_strncasecmp(q, OPAQUE[i].close, strlen(OPAQUE[i].close)) == 0)
                return q + strlen(OPAQUE[i].close);
        return end;
    }
    return NULL;
}

bool reply_split_html(const char *html, char **ret_new, char **ret_quoted) {
    g_autoptr(GString) kept = g_string_new(NULL), quoted = g_string_new(NULL);
    const char *end = html + strlen(html), *done = html;
    Tag opener = {0};
    guint depth = 0; /* of elements named like the opener, inside a quotation */
    for (const char *p = html; p < end && (p = memchr(p, '<', (gsize)(end - p))) != NULL;) {
        const char *after = skip_opaque(p, end);
        Tag tag;
        if (after != NULL || !tag_read(p, end, &tag)) {
            p = after != NULL ? after : p + 1;
            continue;
        }
        if (depth > 0) {
            if (tag.name_length == opener.name_length &&
                g_ascii_strncasecmp(tag.name, opener.name, tag.name_length) == 0)
                depth += tag.is_closing ? -1u : 1u;
            if (depth == 0) {
                g_string_append_len(quoted, done, tag.end - done);
                done = tag.end;
            }
        } else {
            Extent extent = quotation_of(&tag);
            if (extent != EXTENT_NONE) {
                g_string_append_len(kept, done, p - done);
                done = p;
            }
            if (extent == EXTENT_REST) {
                depth = 1; /* never closed */
                break;
            }
            if (extent == EXTENT_ELEMENT) {
                opener = tag;
                depth = 1;
            }
        }
        p = tag.end;
    }
    g_string_append_len(depth > 0 ? quoted : kept, done, end - done);
    if (quoted->len == 0)
        return false;
    *ret_new = g_strdup(kept->str);
    *ret_quoted = g_strdup(quoted->str);
    return true;
}
