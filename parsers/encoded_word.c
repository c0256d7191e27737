#include "parsers/encoded_word.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/transfer.h"

#define CHARSET_NAME_MAX 64    /* the longest registered name has 45 characters */
#define SEGMENTS_MAX     200   /* of one continued parameter (RFC 2231 3) */
#define HEADER_TEXT_MAX  65536 /* bytes of one field that are decoded; facts/email.md 7: header line */

/* A run of adjacent words of one charset: their bytes are joined before conversion, because words are often
 * cut inside a character. */
typedef struct {
    GByteArray *bytes;
    char charset[CHARSET_NAME_MAX + 1];
    char carry[4]; /* base64 characters that did not fill a quantum: some senders cut there */
    gsize carried;
} Run;

typedef struct {
    const char *charset;
    gsize charset_length;
    bool is_base64;
    const char *text;
    gsize length;
    const char *end; /* after "?=" */
} Word;

/* Drops controls, bidi controls and zero-width characters; line ends and tabs become blanks. In place. */
static void flatten(char *text) {
    char *to = text;
    for (const char *p = text; *p != '\0';) {
        const char *next = g_utf8_next_char(p);
        gunichar c = g_utf8_get_char(p);
        if (c == '\t' || c == '\n' || c == '\r') {
            *to++ = ' ';
        } else if (c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !(c >= 0x200b && c <= 0x200f) &&
                   !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff) {
            memmove(to, p, (gsize)(next - p));
            to += next - p;
        }
        p = next;
    }
    *to = '\0';
}

static void run_flush(Run *run, GString *out, bool hint_gbk) {
    if (run->carried > 0) {
        transfer_append_base64(run->bytes, run->carry, run->carried);
        run->carried = 0;
    }
    if (run->bytes->len == 0)
        return;
    g_autofree char *text = charset_to_utf8(run->bytes->data, run->bytes->len, run->charset, hint_gbk, NULL);
    g_string_append(out, text);
    g_byte_array_set_size(run->bytes, 0);
}

static void run_append_base64(Run *run, const char *text, gsize length) {
    g_autoptr(GString) joined = g_string_new_len(run->carry, (gssize)run->carried);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            g_string_append_c(joined, text[i]);
    gsize whole = joined->len;
    run->carried = 0;
    if (strchr(joined->str, '=') == NULL) {
        run->carried = joined->len % 4;
        whole -= run->carried;
        memcpy(run->carry, joined->str + whole, run->carried);
    }
    transfer_append_base64(run->bytes, joined->str, whole);
}

static void run_append(Run *run, const Word *word, GString *out, bool hint_gbk) {
    if (strlen(run->charset) != word->charset_length ||
        g_ascii_strncasecmp(run->charset, word->charset, word->charset_length) != 0) {
        run_flush(run, out, hint_gbk);
        memcpy(run->charset, word->charset, word->charset_length);
        run->charset[word->charset_length] = '\0';
    }
    if (word->is_base64) {
        run_append_base64(run, word->text, word->length);
        return;
    }
    if (run->carried > 0) {
        transfer_append_base64(run->bytes, run->carry, run->carried);
        run->carried = 0;
    }
    transfer_append_quoted(run->bytes, word->text, word->length, true);
}

/* Reads "=?charset[*language]?B?text?=" at p. White space inside is tolerated: some programs fold there. */
static bool word_read(const char *p, const char *end, Word *ret_word) {
    const char *charset = p + 2;
    const char *q = charset;
    while (q < end && *q != '?' && !g_ascii_isspace(*q) && q - charset <= CHARSET_NAME_MAX)
        q++;
    if (q == end || *q != '?' || q == charset || q - charset > CHARSET_NAME_MAX || end - q < 5 || q[2] != '?')
        return false;
    char encoding = g_ascii_toupper(q[1]);
    if (encoding != 'B' && encoding != 'Q')
        return false;
    const char *language = memchr(charset, '*', (gsize)(q - charset));
    const char *text = q + 3;
    const char *close = g_strstr_len(text, end - text, "?=");
    if (close == NULL)
        return false;
    *ret_word = (Word){.charset = charset,
                       .charset_length = (gsize)((language != NULL ? language : q) - charset),
                       .is_base64 = encoding == 'B',
                       .text = text,
                       .length = (gsize)(close - text),
                       .end = close + 2};
    return true;
}

/* Folds (RFC 5322 2.2.3): the line end goes, the blank after it stays. */
static char *unfold(const char *text) {
    char *out = g_strdup(text), *to = out;
    for (const char *p = text; *p != '\0'; p++)
        if (*p != '\r' && *p != '\n')
            *to++ = *p;
    *to = '\0';
    return out;
}

static char *decode_words(const char *text, bool hint_gbk) {
    GString *out = g_string_new(NULL);
    Run run = {.bytes = g_byte_array_new()};
    const char *end = text + strlen(text);
    const char *last_close = g_strrstr(text, "?="); /* no word ends after it: keeps the scan linear */
    for (const char *p = text; p < end;) {
        Word word;
        if (p[0] == '=' && p[1] == '?' && last_close != NULL && p < last_close && word_read(p, end, &word)) {
            run_append(&run, &word, out, hint_gbk);
            p = word.end;
            const char *next = p;
            while (g_ascii_isspace(*next))
                next++;
            if (next[0] == '=' && next[1] == '?' && word_read(next, end, &word))
                p = next; /* white space between words is only a separator */
            continue;
        }
        run_flush(&run, out, hint_gbk);
        run.charset[0] = '\0';
        const char *next = strstr(p + 1, "=?");
        if (next == NULL)
            next = end;
        g_string_append_len(out, p, next - p);
        p = next;
    }
    run_flush(&run, out, hint_gbk);
    g_byte_array_unref(run.bytes);
    return g_string_free(out, FALSE);
}

/* raw as valid UTF-8, unfolded, at most HEADER_TEXT_MAX bytes. */
static char *header_text(const char *raw, gssize length, bool hint_gbk) {
    gsize bytes = length < 0 ? strlen(raw) : (gsize)length;
    g_autofree char *text = charset_to_utf8(raw, MIN(bytes, HEADER_TEXT_MAX), NULL, hint_gbk, NULL);
    return unfold(text);
}

char *encoded_word_decode(const char *raw, gssize length, bool hint_gbk) {
    g_autofree char *text = header_text(raw, length, hint_gbk);
    char *decoded = strstr(text, "=?") != NULL ? decode_words(text, hint_gbk) : g_steal_pointer(&text);
    flatten(decoded);
    return g_strstrip(decoded);
}

/* One stretch of a parameter: attribute[*number][*]=value */
typedef struct {
    guint number;
    bool is_extended;  /* percent-encoded; the first one has charset'language' */
    bool is_continued; /* has a number */
    char *value;       /* quotes removed */
} Segment;

static void segment_clear(gpointer data) {
    g_free(((Segment *)data)->value);
}

static const char *skip_blanks(const char *p) {
    while (g_ascii_isspace(*p))
        p++;
    return p;
}

/* True if a quote character at p ends the string: what follows is a separator, the end, or another attribute
 * whose separator was forgotten. A quote inside an unescaped name is followed by neither. */
static bool is_closing_quote(const char *p) {
    const char *q = skip_blanks(p + 1);
    if (*q == '\0' || *q == ';' || *q == '(')
        return true;
    if (q == p + 1)
        return false;
    while (g_ascii_isalnum(*q) || *q == '*' || *q == '-')
        q++;
    return *q == '=';
}

/* The value at p: a quoted string, or everything up to a semicolon. *ret_end: after it. */
static char *value_read(const char *p, const char **ret_end) {
    GString *value = g_string_new(NULL);
    if (*p == '"') {
        p++;
        while (*p != '\0' && !(*p == '"' && is_closing_quote(p))) {
            if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
                p++;
            g_string_append_c(value, *p++);
        }
        if (*p == '"')
            p++;
        p = skip_blanks(p);
    } else {
        while (*p != '\0' && *p != ';')
            g_string_append_c(value, *p++);
        g_strchomp(value->str);
        value->len = strlen(value->str);
    }
    *ret_end = p;
    return g_string_free(value, FALSE);
}

/* "filename*2*" against "filename": false where it is another attribute. */
static bool attribute_matches(const char *attribute, gsize length, const char *name, Segment *ret_segment) {
    gsize name_length = strlen(name);
    if (length < name_length || g_ascii_strncasecmp(attribute, name, name_length) != 0)
        return false;
    const char *p = attribute + name_length, *end = attribute + length;
    Segment segment = {0};
    if (p < end && *p == '*') {
        p++;
        if (p == end) {
            segment.is_extended = true;
        } else {
            while (p < end && g_ascii_isdigit(*p) && segment.number < SEGMENTS_MAX)
                segment.number = segment.number * 10 + (guint)(*p++ - '0');
            segment.is_continued = true;
            if (p < end && *p == '*') {
                segment.is_extended = true;
                p++;
            }
        }
    }
    if (p != end)
        return false;
    *ret_segment = segment;
    return true;
}

/* All stretches of a parameter, in the order of the header. text: unfolded UTF-8. */
static GArray *segments_read(const char *text, const char *name) {
    GArray *segments = g_array_new(FALSE, FALSE, sizeof(Segment));
    g_array_set_clear_func(segments, segment_clear);
    const char *p = text;
    while (*p != '\0' && *p != ';') /* the main value; a quoted one is nobody's habit */
        p++;
    while (*p != '\0' && segments->len < SEGMENTS_MAX) {
        while (*p == ';' || g_ascii_isspace(*p))
            p++;
        const char *attribute = p;
        while (*p != '\0' && *p != '=' && *p != ';')
            p++;
        gsize length = (gsize)(p - attribute);
        while (length > 0 && g_ascii_isspace(attribute[length - 1]))
            length--;
        if (*p != '=')
            continue;
        p = skip_blanks(p + 1);
        g_autofree char *value = value_read(p, &p);
        Segment segment;
        if (attribute_matches(attribute, length, name, &segment)) {
            segment.value = g_steal_pointer(&value);
            g_array_append_val(segments, segment);
        }
        if (*p == '(') /* a comment */
            while (*p != '\0' && *p != ';')
                p++;
    }
    return segments;
}

static void append_percent_decoded(GByteArray *out, const char *text) {
    for (const char *p = text; *p != '\0'; p++) {
        guint8 byte = (guint8)*p;
        if (*p == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
            byte = (guint8)(g_ascii_xdigit_value(p[1]) << 4 | g_ascii_xdigit_value(p[2]));
            p += 2;
        }
        g_byte_array_append(out, &byte, 1);
    }
}

/* "gb2312'zh'%C1%AA": cuts charset and language off; *ret_charset stays NULL where the ticks are missing or
 * belong to the name. */
static const char *cut_charset(const char *value, char **ret_charset) {
    const char *first = strchr(value, '\'');
    if (first == NULL || first - value > CHARSET_NAME_MAX)
        return value;
    for (const char *p = value; p < first; p++)
        if (!g_ascii_isalnum(*p) && strchr("-_.:+", *p) == NULL)
            return value;
    const char *second = strchr(first + 1, '\'');
    if (second != NULL) {
        for (const char *p = first + 1; p < second; p++)
            if (!g_ascii_isalnum(*p) && *p != '-' && *p != '_')
                return value;
    } else if (first == value) {
        return value;
    }
    *ret_charset = first > value ? g_strndup(value, (gsize)(first - value)) : NULL;
    return (second != NULL ? second : first) + 1;
}

static int compare_segments(gconstpointer a, gconstpointer b) {
    guint x = ((const Segment *)a)->number, y = ((const Segment *)b)->number;
    return (x > y) - (x < y);
}

/* RFC 2231: extended or continued. */
static char *join_segments(GArray *segments, bool hint_gbk) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *charset = NULL;
    bool is_any_extended = false;
    g_array_sort(segments, compare_segments);
    for (guint i = 0; i < segments->len; i++) {
        const Segment *segment = &g_array_index(segments, Segment, i);
        const char *value = segment->value;
        if (segment->is_extended) {
            if (!is_any_extended)
                value = cut_charset(value, &charset);
            is_any_extended = true;
            append_percent_decoded(bytes, value);
        } else {
            g_byte_array_append(bytes, (const guint8 *)value, (guint)strlen(value));
        }
    }
    g_autofree char *text = charset_to_utf8(bytes->data, bytes->len, charset, hint_gbk, NULL);
    return encoded_word_decode(text, -1, hint_gbk);
}

/* "%E8%81%94.docx" in a plain parameter: decoded only where all of it is percent-encoded text of another
 * script. */
static char *decode_bare_percent(char *value, bool hint_gbk) {
    bool is_foreign = false;
    for (const char *p = value; *p != '\0'; p++) {
        if ((guint8)*p >= 0x80)
            return value;
        if (*p == '%') {
            if (!g_ascii_isxdigit(p[1]) || !g_ascii_isxdigit(p[2]))
                return value;
            is_foreign |= g_ascii_xdigit_value(p[1]) >= 8;
        }
    }
    if (!is_foreign)
        return value;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    append_percent_decoded(bytes, value);
    bool lossy = false;
    g_autofree char *text = charset_to_utf8(bytes->data, bytes->len, NULL, hint_gbk, &lossy);
    if (lossy)
        return value;
    g_free(value);
    return encoded_word_decode(text, -1, hint_gbk);
}

char *encoded_word_parameter(const char *raw, const char *name, bool hint_gbk) {
    if (raw == NULL)
        return NULL;
    g_autofree char *text = header_text(raw, -1, hint_gbk);
    g_autoptr(GArray) segments = segments_read(text, name);
    /* the extended spelling is the sender's better one where both stand (RFC 6266 4.3) */
    g_autoptr(GArray) chosen = g_array_new(FALSE, FALSE, sizeof(Segment));
    const Segment *plain = NULL;
    for (guint i = 0; i < segments->len; i++) {
        const Segment *segment = &g_array_index(segments, Segment, i);
        if (segment->is_extended || segment->is_continued)
            g_array_append_vals(chosen, segment, 1);
        else if (plain == NULL)
            plain = segment;
    }
    if (chosen->len > 0) {
        /* one of the two: "filename*=" alone wins over numbered ones */
        const Segment *first = &g_array_index(chosen, Segment, 0);
        if (!first->is_continued)
            g_array_set_size(chosen, 1);
        return join_segments(chosen, hint_gbk);
    }
    if (plain == NULL)
        return NULL;
    char *value = encoded_word_decode(plain->value, -1, hint_gbk);
    return decode_bare_percent(value, hint_gbk);
}

char *encoded_word_base_name(const char *name) {
    const char *base = name;
    for (const char *p = name; *p != '\0'; p++)
        if (*p == '/' || *p == '\\')
            base = p + 1;
    const gsize NAME_MAX_BYTES = 255; /* of every file system that it may be saved to */
    g_autofree char *valid = g_utf8_make_valid(base, (gssize)MIN(strlen(base), NAME_MAX_BYTES));
    flatten(valid);
    g_strstrip(valid);
    return strcmp(valid, ".") == 0 || strcmp(valid, "..") == 0 ? g_strdup("") : g_steal_pointer(&valid);
}
