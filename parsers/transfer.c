#include "parsers/transfer.h"

#include <string.h>

#define B64_SKIP  64 /* white space */
#define B64_PAD   65
#define B64_ALIEN 66

/* Value of a base64 character, or one of the above. */
static guint8 base64_value(guint8 c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    switch (c) {
    case '+':
        return 62;
    case '/':
        return 63;
    case '=':
        return B64_PAD;
    case ' ':
    case '\t':
    case '\r':
    case '\n':
    case '\f':
    case '\v':
    case '\0':
        return B64_SKIP;
    default:
        return B64_ALIEN;
    }
}

/* For each place in a quantum, what a character adds to its three bytes, the first one lowest; NOT_PLAIN for
 * all that is none of the alphabet. */
#define NOT_PLAIN 0xFF000000u
static guint32 quads[4][256];

static void fill_quads(const guint8 *table) {
    for (guint c = 0; c < 256; c++)
        for (guint place = 0; place < 4; place++)
            quads[place][c] =
                table[c] < 64 ? GUINT32_SWAP_LE_BE((guint32)table[c] << (26 - 6 * place)) : NOT_PLAIN;
}

static const guint8 *base64_table(void) {
    static guint8 table[256];
    static gsize ready = 0;
    if (g_once_init_enter(&ready)) {
        for (guint i = 0; i < sizeof table; i++)
            table[i] = base64_value((guint8)i);
        fill_quads(table);
        g_once_init_leave(&ready, 1);
    }
    return table;
}

/* True if the rest of the line at p could be one more chunk of base64: whole quanta of its alphabet. A footer
 * after the end of the data hardly ever looks so. */
static bool is_base64_line(const char *p, const char *end, const guint8 *table) {
    gsize count = 0;
    for (; p < end && *p != '\n' && *p != '\r'; p++) {
        guint8 value = table[(guint8)*p];
        if (value == B64_ALIEN || value == B64_SKIP)
            return false;
        count++;
    }
    return count >= 4 && count % 4 == 0;
}

/* Nearly all of a part: four characters are three bytes. Returns where that ends (a line break). */
static const char *append_quads(const char *p, const char *end, guint8 **to) {
    guint8 *at = *to; /* a variable of its own: what is written could else be the pointer itself */
    for (; end - p >= 4; p += 4) {
        guint32 bytes =
            quads[0][(guint8)p[0]] | quads[1][(guint8)p[1]] | quads[2][(guint8)p[2]] | quads[3][(guint8)p[3]];
        if (bytes >= NOT_PLAIN)
            break;
        bytes = GUINT32_TO_LE(bytes);
        memcpy(at, &bytes, sizeof bytes); /* one more than counts: there is room for three */
        at += 3;
    }
    *to = at;
    return p;
}

bool transfer_append_base64(GByteArray *out, const char *text, gsize length) {
    const guint8 *table = base64_table();
    const char *p = text, *end = text + length;
    guint start = out->len;
    g_byte_array_set_size(out, start + (guint)(length / 4 * 3 + 3));
    guint8 *to = out->data + start;
    guint32 bits = 0;
    guint held = 0; /* characters in bits */
    bool clean = true;
    while (p < end) {
        if (held == 0)
            p = append_quads(p, end, &to);
        if (p == end)
            break;
        guint8 value = table[(guint8)*p++];
        if (value < 64) {
            bits = bits << 6 | value;
            if (++held == 4) {
                *to++ = (guint8)(bits >> 16);
                *to++ = (guint8)(bits >> 8);
                *to++ = (guint8)bits;
                held = 0;
            }
        } else if (value == B64_ALIEN) {
            clean = false;
        } else if (value == B64_PAD) {
            if (held == 1)
                clean = false;
            if (held >= 2)
                *to++ = (guint8)(held == 2 ? bits >> 4 : bits >> 10);
            if (held == 3)
                *to++ = (guint8)(bits >> 2);
            held = 0;
            while (p < end && (table[(guint8)*p] == B64_PAD || table[(guint8)*p] == B64_SKIP))
                p++;
            if (p < end && !is_base64_line(p, end, table)) {
                clean = false;
                break;
            }
        }
    }
    if (held == 1)
        clean = false;
    if (held >= 2)
        *to++ = (guint8)(held == 2 ? bits >> 4 : bits >> 10);
    if (held == 3)
        *to++ = (guint8)(bits >> 2);
    g_byte_array_set_size(out, (guint)(to - out->data));
    return clean;
}

void transfer_append_quoted(GByteArray *out, const char *text, gsize length, bool is_header) {
    guint start = out->len;
    g_byte_array_set_size(out, start + (guint)length + 1); /* never NULL */
    guint8 *first = out->data + start, *to = first, *solid = first;
    /* solid: end of what a line break must not take back (blanks at a line's end are transport padding, RFC
     * 2045 6.7 (3)) */
    for (gsize i = 0; i < length; i++) {
        guint8 c = (guint8)text[i];
        if (c == '=' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2])) {
            *to++ = (guint8)(g_ascii_xdigit_value(text[i + 1]) << 4 | g_ascii_xdigit_value(text[i + 2]));
            solid = to;
            i += 2;
        } else if (c == '=' && !is_header) {
            gsize j = i + 1;
            while (j < length && (text[j] == ' ' || text[j] == '\t'))
                j++;
            if (j < length && text[j] == '\r')
                j++;
            if (j < length && text[j] == '\n')
                j++;
            if (j == length || (j > i + 1 && (text[j - 1] == '\n' || text[j - 1] == '\r'))) {
                i = j - 1;
            } else {
                *to++ = c;
            }
            solid = to;
        } else if (is_header) {
            *to++ = c == '_' ? ' ' : c;
        } else if (c == '\n' || c == '\r') {
            to = solid;
            *to++ = c;
            solid = to;
        } else {
            *to++ = c;
            if (c != ' ' && c != '\t')
                solid = to;
        }
    }
    if (!is_header)
        to = solid;
    g_byte_array_set_size(out, (guint)(to - out->data));
}

TransferEncoding transfer_encoding_from_name(const char *name) {
    static const struct {
        const char *name;
        TransferEncoding encoding;
    } NAMES[] = {
        {"", TRANSFER_IDENTITY},
        {"7bit", TRANSFER_IDENTITY},
        {"8bit", TRANSFER_IDENTITY},
        {"binary", TRANSFER_IDENTITY},
        {"none", TRANSFER_IDENTITY},
        {"base64", TRANSFER_BASE64},
        {"b", TRANSFER_BASE64},
        {"quotedprintable", TRANSFER_QUOTED_PRINTABLE},
        {"qp", TRANSFER_QUOTED_PRINTABLE},
        {"q", TRANSFER_QUOTED_PRINTABLE},
        {"uuencode", TRANSFER_UUENCODE},
        {"xuuencode", TRANSFER_UUENCODE},
        {"xuue", TRANSFER_UUENCODE},
        {"uue", TRANSFER_UUENCODE},
        {"uu", TRANSFER_UUENCODE},
    };
    char squeezed[24];
    gsize n = 0;
    for (const char *p = name == NULL ? "" : name; *p != '\0' && *p != ';' && *p != '('; p++)
        if (g_ascii_isalnum(*p) && n + 1 < sizeof squeezed)
            squeezed[n++] = g_ascii_tolower(*p);
    squeezed[n] = '\0';
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        if (strcmp(squeezed, NAMES[i].name) == 0)
            return NAMES[i].encoding;
    return TRANSFER_UNKNOWN;
}

static const char *end_of_line(const char *p, const char *end) {
    const char *newline = memchr(p, '\n', (gsize)(end - p));
    return newline == NULL ? end : newline + 1;
}

/* The name after "begin 644 ", or NULL where the line does not begin a uuencoded file. */
static char *name_of_begin(const char *p, const char *line_end) {
    if (line_end - p < 11 || memcmp(p, "begin ", 6) != 0)
        return NULL;
    p += 6;
    const char *digits = p;
    while (p < line_end && *p >= '0' && *p <= '7')
        p++;
    if (p - digits < 3 || p - digits > 5 || p == line_end || *p != ' ')
        return NULL;
    while (line_end > p && g_ascii_isspace(line_end[-1]))
        line_end--;
    while (p < line_end && *p == ' ')
        p++;
    return p < line_end ? g_strndup(p, (gsize)(line_end - p)) : NULL;
}

/* One line of uuencoded data. False where it is none (too short, or a length that does not fit). */
static bool append_uu_line(GByteArray *out, const char *p, const char *line_end) {
    while (line_end > p && (line_end[-1] == '\n' || line_end[-1] == '\r'))
        line_end--;
    if (p == line_end || *p < ' ' || *p > '`')
        return false;
    guint count = (guint)(*p++ - ' ') & 63;
    /* blanks at the end may have been cut by a mail program: they stand for zeros */
    if ((gsize)(line_end - p) + 3 < (count + 2) / 3 * 4 - (count == 0 ? 0 : 1) && count > 0)
        return false;
    for (guint done = 0; done < count; done += 3, p += 4) {
        guint32 bits = 0;
        for (guint i = 0; i < 4; i++) {
            guint8 c = p + i < line_end ? (guint8)p[i] : ' ';
            if (c < ' ' || c > '`')
                return false;
            bits = bits << 6 | ((c - ' ') & 63u);
        }
        guint8 three[3] = {(guint8)(bits >> 16), (guint8)(bits >> 8), (guint8)bits};
        g_byte_array_append(out, three, MIN(3, count - done));
    }
    return true;
}

bool transfer_find_uuencoded(const char *text, gsize length, gsize from, TransferUuFile *ret_file) {
    const char *end = text + length;
    for (const char *line = text + from; line < end;) {
        const char *next = end_of_line(line, end);
        g_autofree char *name = name_of_begin(line, next);
        if (name == NULL) {
            line = next;
            continue;
        }
        g_autoptr(GByteArray) out = g_byte_array_new();
        const char *p = next;
        bool ended = false, damaged = false;
        while (p < end && !ended) {
            const char *after = end_of_line(p, end);
            if (after - p >= 3 && memcmp(p, "end", 3) == 0 && (after - p == 3 || g_ascii_isspace(p[3])))
                ended = true;
            else if (!append_uu_line(out, p, after) && !(after - p <= 2))
                break;
            p = after;
        }
        if (!ended && out->len == 0) { /* only a sentence that begins so */
            line = next;
            continue;
        }
        damaged = !ended;
        *ret_file = (TransferUuFile){.start = (gsize)(line - text),
                                     .end = (gsize)(p - text),
                                     .name = g_steal_pointer(&name),
                                     .data = g_byte_array_free_to_bytes(g_steal_pointer(&out)),
                                     .damaged = damaged};
        return true;
    }
    return false;
}

void transfer_uu_file_clear(TransferUuFile *file) {
    g_clear_pointer(&file->name, g_free);
    g_clear_pointer(&file->data, g_bytes_unref);
}

GBytes *transfer_decode(GBytes *data, TransferEncoding encoding, bool *ret_damaged) {
    gsize length;
    const char *text = g_bytes_get_data(data, &length);
    bool damaged = false;
    GBytes *result = NULL;
    if (length == 0)
        return g_bytes_ref(data);
    if (encoding == TRANSFER_BASE64 || encoding == TRANSFER_QUOTED_PRINTABLE) {
        GByteArray *out = g_byte_array_new();
        if (encoding == TRANSFER_BASE64)
            damaged = !transfer_append_base64(out, text, length);
        else
            transfer_append_quoted(out, text, length, false);
        result = g_byte_array_free_to_bytes(out);
    } else if (encoding == TRANSFER_UUENCODE) {
        TransferUuFile file;
        if (length > 0 && transfer_find_uuencoded(text, length, 0, &file)) {
            damaged = file.damaged;
            result = g_bytes_ref(file.data);
            transfer_uu_file_clear(&file);
        } else {
            damaged = length > 0;
        }
    }
    if (damaged && ret_damaged != NULL)
        *ret_damaged = true;
    return result != NULL ? result : g_bytes_ref(data);
}
