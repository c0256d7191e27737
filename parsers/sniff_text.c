#include "parsers/sniff_text.h"

#include <stdbool.h>
#include <string.h>

/* What a text is shows at its beginning. */
#define HEAD_BYTES 8192u
/* Header lines looked at: mail that passed ten relays has about 60. */
#define HEADER_LINES_MAX 200u

/* ---- text or binary ---- */

/* A byte below 0x20 among the eight at data. */
static inline bool has_control(const guint8 *data) {
    const guint64 EACH = G_GUINT64_CONSTANT(0x0101010101010101);
    guint64 bytes;
    memcpy(&bytes, data, sizeof bytes);
    return ((bytes - EACH * 0x20) & ~bytes & (EACH * 0x80)) != 0;
}

/* The head in 8-bit form: UTF-16 is narrowed, a BOM dropped. Free with g_free(). */
static char *narrow_head(const guint8 *data, gsize length, gsize *ret_length, bool *ret_binary) {
    gsize head = MIN(length, HEAD_BYTES);
    gsize zeros[2] = {0, 0}, controls = 0;
    for (gsize i = 0; i < head; i++) {
        while (head - i >= sizeof(guint64) && !has_control(data + i))
            i += sizeof(guint64);
        if (i == head || data[i] >= 0x20)
            continue;
        zeros[i & 1] += data[i] == 0;
        controls += data[i] != 0 && !strchr("\t\n\r\f\b\x1a\x1b", data[i]);
    }
    bool is_le = head >= 2 && data[0] == 0xFF && data[1] == 0xFE;
    bool is_be = head >= 2 && data[0] == 0xFE && data[1] == 0xFF;
    /* without a BOM: ASCII in UTF-16 has a zero in every other place and none in the rest */
    is_le |= head >= 8 && zeros[1] * 5 > head * 2 && zeros[0] == 0;
    is_be |= head >= 8 && zeros[0] * 5 > head * 2 && zeros[1] == 0;
    char *text = g_malloc(head + 1);
    gsize used = 0;
    if (is_le || is_be)
        for (gsize i = is_be ? 1 : 0; i < head; i += 2)
            text[used++] = (char)data[i];
    else
        memcpy(text, data, used = head);
    text[used] = 0;
    bool has_bom = used >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    gsize skip = has_bom                                                                    ? 3
                 : (is_le || is_be) && ((guint8)text[0] == 0xFF || (guint8)text[0] == 0xFE) ? 1
                                                                                            : 0;
    if (skip > 0)
        memmove(text, text + skip, used - skip + 1);
    *ret_length = used - skip;
    /* a few stray controls or NULs are damage, many are another format */
    *ret_binary = !is_le && !is_be && (controls * 50 > head || (zeros[0] + zeros[1]) * 20 > head);
    return text;
}

static bool has_suffix(const char *name, const char *suffix) {
    gsize length = name ? strlen(name) : 0, wanted = strlen(suffix);
    return length > wanted && g_ascii_strcasecmp(name + length - wanted, suffix) == 0;
}

/* ---- messages ---- */

static const char *const STRONG_HEADERS[] = {
    "Received",
    "Return-Path",
    "Delivered-To",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "DKIM-Signature",
    "Authentication-Results",
    "X-Mailer",
    "X-Original-To",
    "References",
    "In-Reply-To",
    "Resent-From",
    "List-Id",
    "Envelope-To",
    "X-Received",
    "X-Envelope-From",
    "X-Priority",
    "ARC-Seal",
    "User-Agent",
    "Auto-Submitted",
    "X-UIDL",
    "X-Mozilla-Status",
    "Status",
    "X-Status",
};

static const char *const WEAK_HEADERS[] = {"From",    "To",   "Cc",     "Bcc",
                                           "Subject", "Date", "Sender", "Reply-To"};

typedef struct {
    guint strong, weak, other;
    bool has_address; /* From, To or Sender with an @ */
    bool has_transport;
    bool is_related; /* Content-Type: multipart/related */
} HeaderScan;

static bool is_name_in(const char *name, gsize length, const char *const *list, guint n) {
    for (guint i = 0; i < n; i++)
        if (strlen(list[i]) == length && g_ascii_strncasecmp(list[i], name, length) == 0)
            return true;
    return false;
}

/* One header line; false where it is none. */
static bool scan_line(const char *line, gsize length, HeaderScan *scan) {
    gsize name = 0;
    while (name < length && line[name] > ' ' && line[name] != ':' && line[name] < 127)
        name++;
    gsize colon = name;
    while (colon < length && (line[colon] == ' ' || line[colon] == '\t'))
        colon++; /* "Subject :" is obsolete syntax, still seen */
    if (name == 0 || colon >= length || line[colon] != ':')
        return false;
    const char *value = line + colon + 1;
    gsize value_length = length - colon - 1;
    if (is_name_in(line, name, STRONG_HEADERS, G_N_ELEMENTS(STRONG_HEADERS))) {
        scan->strong++;
        scan->has_transport |=
            name != 12 && name != 25; /* all but MIME-Version, Content-Type, -Transfer-Encoding */
        scan->is_related |= name == 12 && g_ascii_strncasecmp(line, "Content-Type", 12) == 0 &&
                            g_strstr_len(value, (gssize)value_length, "multipart/related");
    } else if (is_name_in(line, name, WEAK_HEADERS, G_N_ELEMENTS(WEAK_HEADERS))) {
        scan->weak++;
        scan->has_address |= memchr(value, '@', value_length) != NULL;
    } else {
        scan->other++;
    }
    return true;
}

static HeaderScan scan_headers(const char *text, gsize length) {
    HeaderScan scan = {0};
    gsize at = 0;
    while (at < length && strchr("\r\n", text[at]))
        at++;
    for (guint lines = 0; at < length && lines < HEADER_LINES_MAX; lines++) {
        gsize end = at;
        while (end < length && text[end] != '\n' && text[end] != '\r')
            end++;
        if (end == at)
            break; /* the empty line after the headers */
        bool is_folded = text[at] == ' ' || text[at] == '\t';
        if (!is_folded && !scan_line(text + at, end - at, &scan) &&
            !(lines == 0 && g_str_has_prefix(text + at, "From ")))
            break;
        at = end + 1;
        if (end + 2 < length && text[end] == '\r' && text[end + 1] == '\r' && text[end + 2] == '\n')
            at += 2; /* CR CR LF: a gateway added one */
        else if (end + 1 < length && text[end] == '\r' && text[end + 1] == '\n')
            at++;
    }
    return scan;
}

/* "From " line of an mbox (RFC 4155) with a year somewhere, or headers right behind it. */
static bool is_mbox(const char *text, const HeaderScan *scan) {
    return g_str_has_prefix(text, "From ") && scan->strong + scan->weak > 0;
}

static FileType sniff_message(const char *text, gsize length, const char *name_hint) {
    HeaderScan scan = scan_headers(text, length);
    bool is_named = has_suffix(name_hint, ".eml") || has_suffix(name_hint, ".msg");
    if (is_mbox(text, &scan))
        return FILE_MBOX;
    if (scan.is_related && !scan.has_transport && !is_named && !scan.has_address)
        return FILE_MHTML;
    bool is_web_archive = has_suffix(name_hint, ".mht") || has_suffix(name_hint, ".mhtml");
    if (is_web_archive && scan.strong)
        return FILE_MHTML;
    if (scan.strong >= 1 && scan.strong + scan.weak >= 2)
        return FILE_MESSAGE;
    if (scan.has_address && scan.weak >= 2)
        return FILE_MESSAGE;
    if (is_named && scan.strong + scan.weak + scan.other > 0)
        return FILE_MESSAGE;
    return FILE_UNKNOWN;
}

/* ---- markup ---- */

/* After white space, XML declaration, comments and other processing instructions: the first tag. */
static const char *first_tag(const char *text, bool *ret_declared) {
    for (;;) {
        while (g_ascii_isspace(*text))
            text++;
        const char *end = NULL;
        if (g_str_has_prefix(text, "<?"))
            end = strstr(text, "?>");
        else if (g_str_has_prefix(text, "<!--"))
            end = strstr(text, "-->");
        else
            return text;
        *ret_declared |= g_str_has_prefix(text, "<?xml");
        if (!end)
            return text;
        text = end + (*end == '?' ? 2 : 3);
    }
}

static bool is_tag(const char *text, const char *name) {
    gsize length = strlen(name);
    return *text == '<' && g_ascii_strncasecmp(text + 1, name, length) == 0 &&
           (g_ascii_isspace(text[1 + length]) || strchr("/>", text[1 + length]));
}

static FileType sniff_markup(const char *text, const char *name_hint) {
    static const char *const HTML_TAGS[] = {"html",  "head",  "body",   "table",  "meta", "div", "p",
                                            "title", "style", "span",   "center", "font", "br",  "h1",
                                            "h2",    "link",  "script", "form",   "ul"};
    bool is_declared = false;
    const char *tag = first_tag(text, &is_declared);
    if (g_ascii_strncasecmp(tag, "<!doctype html", 14) == 0)
        return FILE_HTML;
    if (is_tag(tag, "html"))
        return FILE_HTML;
    if (is_declared || g_str_has_prefix(tag, "<!DOCTYPE"))
        return FILE_XML;
    for (guint i = 0; i < G_N_ELEMENTS(HTML_TAGS); i++)
        if (is_tag(tag, HTML_TAGS[i]))
            return FILE_HTML;
    bool is_named = has_suffix(name_hint, ".html") || has_suffix(name_hint, ".htm");
    return is_named && strchr(text, '<') ? FILE_HTML : FILE_UNKNOWN;
}

FileType sniff_text(const guint8 *data, gsize length, const char *name_hint) {
    bool is_binary;
    gsize head_length;
    g_autofree char *head = narrow_head(data, length, &head_length, &is_binary);
    const char *text = head;
    while (g_ascii_isspace(*text))
        text++;
    if (g_str_has_prefix(text, "{\\rtf"))
        return FILE_RTF;
    if (g_ascii_strncasecmp(text, "BEGIN:VCALENDAR", 15) == 0)
        return FILE_CALENDAR;
    if (g_ascii_strncasecmp(text, "BEGIN:VCARD", 11) == 0)
        return FILE_VCARD;
    FileType type = sniff_message(head, head_length, name_hint);
    if (type != FILE_UNKNOWN)
        return type;
    if (is_binary)
        return FILE_BINARY;
    type = sniff_markup(text, name_hint);
    if (type != FILE_UNKNOWN)
        return type;
    return has_suffix(name_hint, ".csv") || has_suffix(name_hint, ".tsv") ? FILE_CSV : FILE_TEXT;
}
