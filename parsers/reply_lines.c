#include "parsers/reply_lines.h"

#include <string.h>

#include "parsers/reply_words.h"
#include "parsers/utf8.h"

#define MARK_LINE_MAX         400   /* bytes; marks, attributions and labels are shorter */
#define LINES_LOOKED_AT       20000 /* a letter has fewer; the rest of a longer text is text */
#define ATTRIBUTION_LINES_MAX 4
#define HEADER_SEARCH_LINES   10 /* below "From:", blank lines and folds included */
#define WRAPPED_QUOTE_MIN     60 /* a quoted line at least so long may have lost its tail to the next line */

/* The form of a line of ASCII, common Han and its punctuation alone, else NULL. */
static char *plain_normal_form(const ReplyLine *line) {
    const char *p = line->start, *end = p + line->length;
    char *plain = g_malloc(line->length + 1), *to = plain;
    while (p < end) {
        guchar lead = (guchar)*p, second = (guchar)p[1];
        if (lead < 0x80) {
            *to++ = *p == '\t' ? ' ' : g_ascii_tolower(*p);
            p++;
            continue;
        }
        bool is_blank = end - p >= 3 && memcmp(p, "\u3000", 3) == 0;
        bool is_full_width_mark = lead == 0xEF && second == 0xBC && (guchar)p[2] < 0xA1; /* below Ａ */
        if (end - p < 3 ||
            !(utf8_is_common_han(p) || (lead == 0xE3 && second == 0x80) || is_full_width_mark)) {
            g_free(plain);
            return NULL;
        }
        if (is_blank) {
            *to++ = ' ';
        } else {
            memcpy(to, p, 3);
            to += 3;
        }
        p += 3;
    }
    *to = '\0';
    return plain;
}

/* The line in lower case, no-break and ideographic blanks as blanks, trimmed; "" for lines too long to be a
 * mark. */
static char *normal_form(const ReplyLine *line) {
    if (line->length > MARK_LINE_MAX)
        return g_strdup("");
    char *plain = plain_normal_form(line);
    if (plain != NULL)
        return g_strstrip(plain);
    g_autofree char *lower = g_utf8_strdown(line->start, (gssize)line->length);
    GString *out = g_string_sized_new(strlen(lower));
    for (const char *p = lower; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (c == 0xa0 || c == 0x3000 || c == '\t' || (c >= 0x2000 && c <= 0x200a) || c == 0x202f)
            g_string_append_c(out, ' ');
        else if (!(c >= 0x200b && c <= 0x200f) && !(c >= 0x202a && c <= 0x202e))
            g_string_append_unichar(out, c);
    }
    return g_strstrip(g_string_free(out, FALSE));
}

/* "> …", or "Name> …" as older programs quote. */
static bool is_quote(const ReplyLine *line) {
    const char *p = line->start, *end = p + line->length;
    while (p < end && (*p == ' ' || *p == '\t') && p - line->start < 3)
        p++;
    if (p < end && *p == '>')
        return true;
    const char *word = p;
    const guint NAME_MAX_CHARS = 12;
    while (p < end && g_ascii_isalpha(*p) && p - word <= NAME_MAX_CHARS)
        p++;
    return p > word && p - word <= NAME_MAX_CHARS && g_ascii_isupper(*word) && p < end && *p == '>' &&
           (p + 1 == end || p[1] == ' ' || p[1] == '>');
}

/* Not "+-----+-----+", which is drawn between the rows of a table. */
static bool is_rule(const char *normal) {
    guint count = 0;
    for (const char *p = normal; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (c == ' ')
            continue;
        if (c < 0x80 ? strchr("-_=*#~", (char)c) == NULL
                     : c != 0x2014 && c != 0x2013 && c != 0x2500 && c != 0x1427 && c != 0x2015 &&
                           c != 0xff3f && c != 0x2501)
            return false;
        count += c < 0x80 ? 1 : 3;
    }
    return count >= 3;
}

static bool is_form_like(const char *normal) {
    const char *colon = utf8_find_either(normal, ":", "：");
    const glong LABEL_MIN = 2, LABEL_MAX = 20; /* characters */
    if (colon == NULL || utf8_has_prefix(colon, "://"))
        return false;
    glong chars = g_utf8_strlen(normal, colon - normal);
    return chars >= LABEL_MIN && chars <= LABEL_MAX && !reply_words_is_contact(normal);
}

/* Length of the line without a phone number at its end (at least seven digits), or its whole length. */
static gsize length_without_phone(const char *normal) {
    const guint PHONE_DIGITS_MIN = 7;
    gsize start = strlen(normal);
    guint digits = 0;
    while (start > 0 && (g_ascii_isdigit(normal[start - 1]) || strchr("+-() .", normal[start - 1]) != NULL)) {
        start--;
        digits += g_ascii_isdigit(normal[start]);
    }
    const char *p = normal + start + strspn(normal + start, "( ");
    bool is_date = (utf8_has_prefix(p, "19") || utf8_has_prefix(p, "20")) && strspn(p, "0123456789") == 4 &&
                   (p[4] == '-' || p[4] == '.');
    return digits >= PHONE_DIGITS_MIN && !is_date ? start : strlen(normal);
}

static bool is_contact(const char *normal) {
    if (reply_words_is_contact(normal) || length_without_phone(normal) < strlen(normal))
        return true;
    const char *at = strchr(normal, '@'); /* a mailbox alone on its line */
    return at != NULL && at > normal && g_ascii_isalnum(at[1]) && strchr(normal, ' ') == NULL;
}

/* A name of up to four hanzi, or of a few Latin words with capitals; a phone may follow. */
static bool is_name(const ReplyLine *line, const char *normal) {
    const gsize HANZI_NAME_BYTES = 12, LATIN_NAME_BYTES = 40;
    gsize length = length_without_phone(normal);
    while (length > 0 && normal[length - 1] == ' ')
        length--;
    if (length == 0 || length > LATIN_NAME_BYTES || reply_words_is_office(normal))
        return false;
    bool is_latin = true;
    for (gsize i = 0; i < length; i++) {
        if (g_ascii_isdigit(normal[i]) || strchr(":;@/!?<>|=*#", normal[i]) != NULL)
            return false;
        is_latin &= (guint8)normal[i] < 0x80;
    }
    const char *p = line->start;
    while (p < line->start + line->length && *p == ' ')
        p++;
    if (is_latin)
        return g_ascii_isupper(*p) && normal[length - 1] != ',';
    return length <= HANZI_NAME_BYTES && memchr(normal, ' ', length) == NULL && (guint8)*p >= 0xe4 &&
           !g_str_has_suffix(normal, "。") && !g_str_has_suffix(normal, "！") &&
           !g_str_has_suffix(normal, "，");
}

static LineKind kind_of(const ReplyLine *line, const char *normal) {
    if (line->length == 0)
        return LINE_EMPTY;
    if (is_quote(line))
        return LINE_QUOTE;
    if (*normal == '\0')
        return line->length > MARK_LINE_MAX ? LINE_TEXT : LINE_EMPTY;
    if (strcmp(normal, "--") == 0)
        return LINE_DASHES;
    if (is_rule(normal))
        return LINE_RULE;
    if (reply_words_is_original(normal))
        return LINE_ORIGINAL;
    if (reply_words_is_forward(normal))
        return LINE_FORWARD;
    if (reply_words_is_device_signature(normal))
        return LINE_SIGNATURE;
    if (reply_words_is_disclaimer(normal))
        return LINE_DISCLAIMER;
    return LINE_TEXT;
}

static bool has_date(const char *text) {
    guint digits = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isdigit(*p)) {
            if (digits == 4 && (p[-4] == '1' || p[-4] == '2')) /* a year */
                return true;
            if (*p == ':' && digits >= 1 && digits <= 2 && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]))
                return true;
            digits = 0;
        } else {
            digits++;
        }
    }
    return digits == 4;
}

static bool has_address(const char *text) {
    const char *at = strchr(text, '@');
    return at != NULL && at > text && g_ascii_isalnum(at[1]);
}

static bool ends_in_colon(const char *text) {
    gsize length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '-' || text[length - 1] == '*'))
        length--;
    return length > 0 &&
           (text[length - 1] == ':' || (length >= 3 && memcmp(text + length - 3, "：", 3) == 0));
}

/* "2016-03-03 17:21 GMT+01:00 Some One" of older Gmail, which has no verb. */
static bool is_gmail_date(const char *normal) {
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? normal[i] != '-' : !g_ascii_isdigit(normal[i]))
            return false;
    return strstr(normal, " gmt") != NULL;
}

static void mark(GArray *lines, guint from, guint to, LineKind kind, bool is_chinese) {
    for (guint i = from; i <= to; i++) {
        g_array_index(lines, ReplyLine, i).kind = kind;
        g_array_index(lines, ReplyLine, i).is_chinese = is_chinese;
    }
}

/* If an attribution ends in line `last`, marks its lines. The smallest number of lines that makes one wins;
 * then lines above that begin as an attribution and hold its date are added. */
static void mark_attribution(GArray *lines, char **normals, guint last) {
    bool is_zoho =
        utf8_has_prefix(normals[last], "---- on ") && g_str_has_suffix(normals[last], "wrote ----");
    if (!is_zoho && !ends_in_colon(normals[last]))
        return;
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint count = 1; count <= ATTRIBUTION_LINES_MAX && count <= last + 1; count++) {
        guint first = last + 1 - count;
        if (g_array_index(lines, ReplyLine, first).kind != LINE_TEXT || joined->len > MARK_LINE_MAX)
            return;
        g_string_prepend_c(joined, ' ');
        g_string_prepend(joined, normals[first]);
        bool is_chinese = false;
        if ((!has_date(joined->str) && !has_address(joined->str)) ||
            !reply_words_has_wrote(joined->str, &is_chinese))
            continue;
        while (!reply_words_begins_attribution(normals[first]) && first > 0 &&
               last - first + 1 < ATTRIBUTION_LINES_MAX &&
               g_array_index(lines, ReplyLine, first - 1).kind == LINE_TEXT &&
               reply_words_begins_attribution(normals[first - 1]) && has_date(normals[first - 1]))
            first--;
        mark(lines, first, last, LINE_ATTRIBUTION, is_chinese);
        return;
    }
}

static void mark_gmail_date(GArray *lines, char **normals, guint first) {
    if (!is_gmail_date(normals[first]))
        return;
    guint last = first;
    while (!ends_in_colon(normals[last]) && last + 1 < lines->len && last - first < 2 &&
           g_array_index(lines, ReplyLine, last + 1).kind == LINE_TEXT && strchr(normals[first], '<') != NULL)
        last++;
    mark(lines, first, ends_in_colon(normals[last]) ? last : first, LINE_ATTRIBUTION, false);
}

/* "From:" with two more header labels in the lines below it, one of them a date, makes a quoted header block.
 */
static void mark_headers(GArray *lines, char **normals, guint first) {
    if (reply_words_header(normals[first]) != HEADER_FROM)
        return;
    guint labels = 0, dates = 0, last = first;
    for (guint i = first + 1; i < lines->len && i <= first + HEADER_SEARCH_LINES; i++) {
        HeaderLabel label = reply_words_header(normals[i]);
        if (label == HEADER_NONE || label == HEADER_FROM) {
            if (i > last + 2) /* a fold or a blank line between labels, not a paragraph */
                break;
            continue;
        }
        labels++;
        dates += label == HEADER_DATE;
        last = i;
    }
    if (labels >= 2 && dates >= 1) {
        /* the last label's own fold */
        if (last + 1 < lines->len && g_array_index(lines, ReplyLine, last + 1).length > 0 &&
            last + 2 < lines->len && g_array_index(lines, ReplyLine, last + 2).length == 0 &&
            *g_array_index(lines, ReplyLine, last + 1).start == ' ')
            last++;
        mark(lines, first, last, LINE_HEADER, false);
    }
}

/* The header lines below "Forwarded message", whatever they are. */
static void mark_forward_headers(GArray *lines, char **normals, guint marker) {
    guint last = marker;
    for (guint i = marker + 1; i < lines->len && i <= marker + HEADER_SEARCH_LINES; i++) {
        if (reply_words_header(normals[i]) != HEADER_NONE)
            last = i;
        else if (i > last + 2)
            break;
    }
    if (last > marker)
        mark(lines, marker + 1, last, LINE_HEADER, false);
}

/* Lines that a program wrapped out of their quotation stand alone between two quoted ones. */
static void mark_wrapped_quotes(GArray *lines) {
    for (guint i = 1; i + 1 < lines->len; i++) {
        const ReplyLine *before = &g_array_index(lines, ReplyLine, i - 1);
        ReplyLine *line = &g_array_index(lines, ReplyLine, i);
        if (line->kind == LINE_TEXT && before->kind == LINE_QUOTE && before->length >= WRAPPED_QUOTE_MIN &&
            line->length < before->length && g_array_index(lines, ReplyLine, i + 1).kind == LINE_QUOTE)
            line->kind = LINE_QUOTE;
    }
}

static bool is_fence(const ReplyLine *line) {
    return line->length >= 3 && memcmp(line->start, "```", 3) == 0;
}

/* Between two fences of code nothing is a mark. */
static void mark_code(GArray *lines) {
    gssize open = -1;
    for (guint i = 0; i < lines->len; i++) {
        if (!is_fence(&g_array_index(lines, ReplyLine, i)))
            continue;
        if (open >= 0)
            for (guint j = (guint)open; j <= i; j++)
                g_array_index(lines, ReplyLine, j).kind = LINE_TEXT;
        open = open >= 0 ? -1 : (gssize)i;
    }
}

GArray *reply_lines_read(const char *text) {
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(ReplyLine));
    g_autoptr(GPtrArray) normals = g_ptr_array_new_with_free_func(g_free);
    for (const char *p = text; *p != '\0';) {
        gsize length = strcspn(p, "\n");
        ReplyLine line = {.start = p, .length = length};
        bool is_looked_at = lines->len < LINES_LOOKED_AT;
        char *normal = is_looked_at ? normal_form(&line) : g_strdup("");
        line.kind = is_looked_at ? kind_of(&line, normal) : length > 0 ? LINE_TEXT : LINE_EMPTY;
        line.is_form_like = line.kind == LINE_TEXT && is_form_like(normal);
        line.is_contact = line.kind == LINE_TEXT && is_contact(normal);
        line.is_name = line.kind == LINE_TEXT && is_name(&line, normal);
        g_array_append_val(lines, line);
        g_ptr_array_add(normals, normal);
        p += length + (p[length] == '\n');
    }
    char **forms = (char **)normals->pdata;
    mark_code(lines);
    for (guint i = 0; i < lines->len; i++) {
        LineKind kind = g_array_index(lines, ReplyLine, i).kind;
        if (kind == LINE_FORWARD)
            mark_forward_headers(lines, forms, i);
        if (kind != LINE_TEXT)
            continue;
        mark_headers(lines, forms, i);
        if (g_array_index(lines, ReplyLine, i).kind == LINE_TEXT)
            mark_attribution(lines, forms, i);
        if (g_array_index(lines, ReplyLine, i).kind == LINE_TEXT)
            mark_gmail_date(lines, forms, i);
    }
    mark_wrapped_quotes(lines);
    return lines;
}
