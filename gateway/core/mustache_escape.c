#include "gateway/core/mustache_escape.h"

/* A value of several lines stays visibly one value: no line of it can pass for a line of the letter. */
#define CONTINUATION "\n    "

static const struct {
    gunichar first, last;
} invisible[] = {
    {0x00ad, 0x00ad},  /* soft hyphen */
    {0x061c, 0x061c},  /* Arabic letter mark */
    {0x180e, 0x180e},  /* Mongolian vowel separator */
    {0x200b, 0x200f},  /* zero width space, joiners, left-to-right and right-to-left marks */
    {0x202a, 0x202e},  /* bidi embeddings and overrides */
    {0x2060, 0x206f},  /* word joiner, invisible operators, bidi isolates */
    {0xfeff, 0xfeff},  /* byte order mark */
    {0xfff9, 0xfffb},  /* interlinear annotation */
    {0xe0000, 0xe007f} /* tags */
};

static bool is_dropped(gunichar c) {
    if (c < 0x20)
        return c != '\t' && c != '\n';
    if (c >= 0x7f && c <= 0x9f)
        return true;
    if (c < 0xad)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(invisible); i++)
        if (c >= invisible[i].first && c <= invisible[i].last)
            return true;
    return false;
}

static void append_html(GString *out, gunichar c) {
    switch (c) {
    case '&':
        g_string_append(out, "&amp;");
        break;
    case '<':
        g_string_append(out, "&lt;");
        break;
    case '>':
        g_string_append(out, "&gt;");
        break;
    case '"':
        g_string_append(out, "&quot;");
        break;
    case '\'':
        g_string_append(out, "&#39;");
        break;
    case '\n':
        g_string_append(out, "<br>\n");
        break;
    default:
        g_string_append_unichar(out, c);
    }
}

/* Runs of white space become one space; none at either end of what this call appends. */
static void append_header(GString *out, const char *text) {
    bool pending = false, any = false;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c) || c == 0x2028 || c == 0x2029) {
            pending = any;
        } else if (!is_dropped(c)) {
            if (pending)
                g_string_append_c(out, ' ');
            g_string_append_unichar(out, c);
            pending = false;
            any = true;
        }
    }
}

void mustache_escape(GString *out, const char *text, MustacheEscape escape) {
    g_autofree char *repaired = NULL;
    if (!g_utf8_validate(text, -1, NULL))
        text = repaired = g_utf8_make_valid(text, -1);
    if (escape == MUSTACHE_HEADER) {
        append_header(out, text);
        return;
    }
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\r' && p[1] == '\n')
            continue;
        if (c == '\r' || c == 0x2028 || c == 0x2029)
            c = '\n';
        if (is_dropped(c))
            continue;
        if (escape == MUSTACHE_HTML)
            append_html(out, c);
        else if (c == '\n')
            g_string_append(out, CONTINUATION);
        else
            g_string_append_unichar(out, c);
    }
}

char *mustache_clean_line(const char *text, glong max_chars) {
    g_autoptr(GString) line = g_string_new(NULL);
    mustache_escape(line, text ? text : "", MUSTACHE_HEADER);
    if (max_chars > 0 && g_utf8_strlen(line->str, -1) > max_chars) {
        char *cut = g_utf8_offset_to_pointer(line->str, max_chars - 1);
        g_string_truncate(line, (gsize)(cut - line->str));
        g_string_append(line, "…");
    }
    return g_string_free(g_steal_pointer(&line), FALSE);
}
