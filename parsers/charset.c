#include "parsers/charset.h"

#include <errno.h>
#include <string.h>
#include <uchardet.h>

/* What iconv is asked for. Labels that mean less than what senders put under them get the superset. */
typedef struct {
    const char *label; /* lower case, letters and digits only */
    const char *iconv_name;
} Alias;

static const Alias ALIASES[] = {
    {"utf8", "UTF-8"},          {"unicode11utf8", "UTF-8"},  {"utf7", "UTF-7"},
    {"unicode11utf7", "UTF-7"}, {"big5", "BIG5-HKSCS"}, /* CP950 and ETEN characters included */
    {"xbig5", "BIG5-HKSCS"},    {"cnbig5", "BIG5-HKSCS"},    {"cp950", "BIG5-HKSCS"},
    {"shiftjis", "CP932"},      {"xsjis", "CP932"},          {"sjis", "CP932"},
    {"windows31j", "CP932"},    {"ksc56011987", "CP949"},    {"euckr", "CP949"},
    {"xwindows949", "CP949"},   {"iso88598i", "ISO-8859-8"}, {"iso88598e", "ISO-8859-8"},
    {"iso88599", "CP1254"},     {"xmacroman", "MACINTOSH"},  {"macintosh", "MACINTOSH"},
    {"tis620", "CP874"},        {"windows874", "CP874"},
};

static const char *const GBK_LABELS[] = {
    "gb2312",  "gb231280",     "csgb2312",   "gbk",       "gb18030", "cp936",
    "xcp936",  "ms936",        "windows936", "xgbk",      "euccn",   "xeuccn",
    "eucgb",   "ansi936",      "gb180302",   "csgb18030", "xgb2312", "chinesegb2312charset",
    "chinese", "hzgb2312",     "hz",         "gb",        "gb13000", "csiso58gb231280",
    "isoir58", "gb18030_2000",
};

/* Labels that say nothing: their senders did not know or did not care. */
static const char *const VAGUE_LABELS[] = {
    "usascii", "ascii",   "iso646us", "ansix341968", "iso88591", "latin1", "unknown8bit",  "xunknown",
    "unknown", "default", "binary",   "8bit",        "none",     "ansi",   "xuserdefined",
};

/* "GB_2312-80" → "gb231280"; false where the label is empty, too long or holds what no charset name holds. */
static bool squeeze_label(const char *label, char *ret_squeezed, gsize size) {
    gsize n = 0;
    for (const char *p = label; *p != '\0'; p++) {
        if (g_ascii_isalnum(*p)) {
            if (n + 1 >= size)
                return false;
            ret_squeezed[n++] = g_ascii_tolower(*p);
        } else if (strchr(" -_.:+()'\"\t", *p) == NULL) {
            return false;
        }
    }
    ret_squeezed[n] = '\0';
    return n > 0;
}

static bool is_in(const char *squeezed, const char *const *list, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (*squeezed == *list[i] && strcmp(squeezed, list[i]) == 0)
            return true;
    return false;
}

bool charset_is_gbk(const char *label) {
    char squeezed[40];
    return label != NULL && squeeze_label(label, squeezed, sizeof squeezed) &&
           is_in(squeezed, GBK_LABELS, G_N_ELEMENTS(GBK_LABELS));
}

/* One converter of each stays open for ever: glibc unloads a charset's module with its last user, and loading
 * it again for each message costs more than converting it. GBK is what GMime asks for while it parses. */
static void pin_modules(void) {
    static gsize gb18030 = 0, gbk = 0;
    if (g_once_init_enter(&gb18030))
        g_once_init_leave(&gb18030, (gsize)g_iconv_open("UTF-8", "GB18030"));
    if (g_once_init_enter(&gbk))
        g_once_init_leave(&gbk, (gsize)g_iconv_open("UTF-8", "GBK"));
}

/* Converts with a named charset. Bytes that fail become U+FFFD and are counted; byte 0x80 of a GB charset is
 * Microsoft's euro sign, which glibc refuses. NULL if iconv does not know the name. */
static char *convert(const guint8 *bytes, gsize length, const char *iconv_name, gsize *ret_failures) {
    pin_modules();
    GIConv converter = g_iconv_open("UTF-8", iconv_name);
    if (converter == (GIConv)-1)
        return NULL;
    bool is_gb = strcmp(iconv_name, "GB18030") == 0;
    GString *out = g_string_sized_new(length + length / 2 + 16);
    gsize failures = 0;
    gchar *in = (gchar *)bytes;
    gsize left = length;
    while (left > 0) {
        gchar buffer[4096];
        gchar *to = buffer;
        gsize room = sizeof buffer;
        gsize result = g_iconv(converter, &in, &left, &to, &room);
        int error = errno;
        g_string_append_len(out, buffer, to - buffer);
        if (result != (gsize)-1 || error == E2BIG)
            continue;
        if (is_gb && (guint8)*in == 0x80) {
            g_string_append(out, "€");
        } else {
            g_string_append(out, "\xef\xbf\xbd");
            failures++;
        }
        in++;
        left--;
    }
    gchar tail[64];
    gchar *to = tail;
    gsize room = sizeof tail;
    g_iconv(converter, NULL, NULL, &to, &room); /* what a stateful charset holds back */
    g_string_append_len(out, tail, to - tail);
    g_iconv_close(converter);
    *ret_failures = failures;
    return g_string_free(out, FALSE);
}

/* HZ (RFC 1843): "~{" … "~}" around GB2312 with the high bits off. NULL where the text holds no such shift.
 */
static char *convert_hz(const guint8 *bytes, gsize length, gsize *ret_failures) {
    if (g_strstr_len((const char *)bytes, (gssize)length, "~{") == NULL)
        return NULL;
    g_autoptr(GByteArray) raw = g_byte_array_sized_new((guint)length);
    bool shifted = false;
    for (gsize i = 0; i < length; i++) {
        guint8 c = bytes[i];
        if (c == '~' && i + 1 < length) {
            guint8 next = bytes[i + 1];
            if (next == '{' || next == '}') {
                shifted = next == '{';
                i++;
                continue;
            }
            if (next == '~' && !shifted)
                i++;
        } else if (c == '\n') {
            shifted = false;
        } else if (shifted) {
            c |= 0x80;
        }
        g_byte_array_append(raw, &c, 1);
    }
    return convert(raw->data, raw->len, "GB18030", ret_failures);
}

/* Windows-1252 as browsers read ISO 8859-1; the five codes that it leaves open become U+FFFD. */
static char *convert_latin(const guint8 *bytes, gsize length, gsize *ret_failures) {
    return convert(bytes, length, "CP1252", ret_failures);
}

typedef struct {
    gsize pairs;  /* two- and four-byte characters */
    gsize gb2312; /* of them in GB2312's rows of symbols and hanzi */
    gsize common; /* of them hanzi of level 1 or punctuation */
    bool valid;
} GbShape;

/* How much bytes look like Chinese in GB18030: real text keeps to GB2312, and mostly to its first level;
 * Latin-1, Big5 or UTF-8 read this way scatter over rare characters. */
static GbShape gb_shape(const guint8 *bytes, gsize length) {
    GbShape shape = {.valid = true};
    for (gsize i = 0; i < length; i++) {
        guint8 lead = bytes[i];
        if (lead <= 0x80) /* 0x80: euro sign */
            continue;
        guint8 trail = i + 1 < length ? bytes[i + 1] : 0;
        if (lead == 0xff || trail < 0x30 || trail == 0x7f || trail == 0xff ||
            (trail > 0x39 && trail < 0x40)) {
            shape.valid = false;
            continue;
        }
        shape.pairs++;
        if (trail <= 0x39) { /* four bytes */
            if (i + 3 >= length || bytes[i + 2] < 0x81 || bytes[i + 3] < 0x30 || bytes[i + 3] > 0x39)
                shape.valid = false;
            i += 3;
            continue;
        }
        i++;
        if (trail < 0xa1)
            continue;
        if ((lead >= 0xa1 && lead <= 0xa9) || (lead >= 0xb0 && lead <= 0xf7))
            shape.gb2312++;
        if ((lead >= 0xa1 && lead <= 0xa3) || (lead >= 0xb0 && lead <= 0xd7))
            shape.common++;
    }
    return shape;
}

static bool is_plausible_gb(const GbShape *shape) {
    return shape->valid && shape->pairs > 0 && shape->gb2312 * 10 >= shape->pairs * 9 &&
           shape->common * 2 > shape->pairs;
}

typedef struct {
    gsize two, more; /* sequences of two, and of three or four bytes */
    gsize bad;       /* bytes that belong to none */
} Utf8Shape;

static Utf8Shape utf8_shape(const guint8 *bytes, gsize length) {
    Utf8Shape shape = {0};
    const char *p = (const char *)bytes, *end = p + length;
    while (p < end) {
        if ((guint8)*p < 0x80) {
            p++;
            continue;
        }
        gunichar c = g_utf8_get_char_validated(p, end - p);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            shape.bad++;
            p++;
            continue;
        }
        if (c < 0x800)
            shape.two++;
        else
            shape.more++;
        p = g_utf8_next_char(p);
    }
    return shape;
}

/* UTF-8 with each undecodable byte as U+FFFD. */
static char *repair_utf8(const guint8 *bytes, gsize length) {
    return g_utf8_make_valid((const char *)bytes, (gssize)length);
}

/* What uchardet thinks, converted; NULL where it has no opinion, or one that does not fit. */
static char *convert_guessed(const guint8 *bytes, gsize length) {
    const gsize SAMPLE_BYTES = 64 << 10; /* its opinion does not change after that */
    uchardet_t detector = uchardet_new();
    char *result = NULL;
    gsize failures = 0;
    if (uchardet_handle_data(detector, (const char *)bytes, MIN(length, SAMPLE_BYTES)) == 0) {
        uchardet_data_end(detector);
        const char *name = uchardet_get_charset(detector);
        if (name != NULL && *name != '\0' && g_ascii_strcasecmp(name, "ASCII") != 0)
            result = convert(bytes, length, name, &failures);
    }
    uchardet_delete(detector);
    if (failures > 0)
        g_clear_pointer(&result, g_free);
    return result;
}

/* Without a trustworthy label. The bytes are not all ASCII and not valid UTF-8. */
static char *guess(const guint8 *bytes, gsize length, bool hint_gbk, bool is_latin_likely, bool *ret_lossy) {
    gsize failures = 0;
    GbShape gb = gb_shape(bytes, length);
    if (is_plausible_gb(&gb) || (hint_gbk && gb.valid))
        return convert(bytes, length, "GB18030", &failures);
    Utf8Shape utf8 = utf8_shape(bytes, length);
    const gsize GOOD_PER_BAD = 4; /* a cut or damaged place in a UTF-8 text leaves most of it whole */
    if (utf8.two + utf8.more >= GOOD_PER_BAD * utf8.bad) {
        *ret_lossy = true;
        return repair_utf8(bytes, length);
    }
    char *text = NULL;
    const gsize SHORTEST_FOR_STATISTICS = 12; /* high bytes; below, uchardet's answer is a lottery */
    if (!is_latin_likely && gb.pairs >= SHORTEST_FOR_STATISTICS / 2)
        text = convert_guessed(bytes, length);
    if (text == NULL && gb.pairs > 0 && gb.gb2312 * 10 >= gb.pairs * 8 && gb.common * 2 > gb.pairs) {
        text = convert(bytes, length, "GB18030", &failures); /* Chinese with a damaged place */
        *ret_lossy = failures > 0;
    }
    if (text == NULL) {
        text = convert_latin(bytes, length, &failures);
        *ret_lossy = failures > 0;
    }
    return text;
}

/* A byte order mark decides: its charset, and its length. NULL where there is none. */
static const char *charset_of_bom(const guint8 *bytes, gsize length, gsize *ret_bom_bytes) {
    static const struct {
        guint8 mark[4];
        guint8 length;
        const char *name;
    } MARKS[] = {
        {{0xef, 0xbb, 0xbf}, 3, "UTF-8"},    {{0xff, 0xfe, 0, 0}, 4, "UTF-32LE"},
        {{0, 0, 0xfe, 0xff}, 4, "UTF-32BE"}, {{0xff, 0xfe}, 2, "UTF-16LE"},
        {{0xfe, 0xff}, 2, "UTF-16BE"},       {{0x84, 0x31, 0x95, 0x33}, 4, "GB18030"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        if (length >= MARKS[i].length && memcmp(bytes, MARKS[i].mark, MARKS[i].length) == 0) {
            *ret_bom_bytes = MARKS[i].length;
            return MARKS[i].name;
        }
    }
    return NULL;
}

/* UTF-16 without a mark: RFC 2781 4.3 says big-endian, but the zero bytes of ASCII characters know better. */
static const char *utf16_order(const guint8 *bytes, gsize length) {
    gsize zero[2] = {0, 0};
    for (gsize i = 0; i < length; i++)
        if (bytes[i] == 0)
            zero[i & 1]++;
    return zero[1] > zero[0] ? "UTF-16LE" : "UTF-16BE";
}

static char *strip_nuls(const guint8 *bytes, gsize length, gsize *ret_length) {
    char *copy = g_malloc(length + 1);
    gsize n = 0;
    for (gsize i = 0; i < length; i++)
        if (bytes[i] != 0)
            copy[n++] = (char)bytes[i];
    copy[n] = '\0';
    *ret_length = n;
    return copy;
}

/* UTF-16 and UTF-32 hold zero bytes by right; a mark is dropped. NULL where the bytes are of neither. */
static char *convert_wide(const guint8 *bytes, gsize length, const char *squeezed, gsize *ret_failures) {
    gsize bom_bytes = 0;
    const char *name = charset_of_bom(bytes, length, &bom_bytes);
    if (name == NULL || (name[3] != '-') || name[4] == '8') {
        bom_bytes = 0;
        name = NULL;
        if (g_str_has_prefix(squeezed, "utf16") || g_str_has_prefix(squeezed, "ucs2") ||
            strcmp(squeezed, "unicode") == 0 || strcmp(squeezed, "iso10646ucs2") == 0)
            name = g_str_has_suffix(squeezed, "le")   ? "UTF-16LE"
                   : g_str_has_suffix(squeezed, "be") ? "UTF-16BE"
                                                      : utf16_order(bytes, length);
        else if (g_str_has_prefix(squeezed, "utf32") || g_str_has_prefix(squeezed, "ucs4"))
            name = g_str_has_suffix(squeezed, "le") ? "UTF-32LE" : "UTF-32BE";
    }
    if (name == NULL)
        return NULL;
    g_autofree char *text = convert(bytes + bom_bytes, length - bom_bytes, name, ret_failures);
    if (text == NULL)
        return NULL;
    gsize ignored;
    return strip_nuls((const guint8 *)text, strlen(text), &ignored);
}

static const char *iconv_name_of(const char *label, const char *squeezed) {
    if (is_in(squeezed, GBK_LABELS, G_N_ELEMENTS(GBK_LABELS)))
        return "GB18030";
    for (gsize i = 0; i < G_N_ELEMENTS(ALIASES); i++)
        if (strcmp(squeezed, ALIASES[i].label) == 0)
            return ALIASES[i].iconv_name;
    return label;
}

/* By a label that means something. NULL where it does not fit the bytes (then they are guessed). */
static char *convert_labelled(const guint8 *bytes, gsize length, const char *label, const char *squeezed,
                              bool *ret_lossy) {
    gsize failures = 0;
    if (g_str_has_prefix(squeezed, "hz")) {
        char *text = convert_hz(bytes, length, &failures);
        if (text != NULL) {
            *ret_lossy = failures > 0;
            return text;
        }
    }
    const char *name = iconv_name_of(label, squeezed);
    if (strcmp(name, "UTF-8") == 0)
        return NULL; /* it was tried before */
    char *text = convert(bytes, length, name, &failures);
    const gsize BYTES_PER_FAILURE =
        50; /* more failures than this: the label is wrong, not the text damaged */
    if (text != NULL && failures > 0 && failures * BYTES_PER_FAILURE > length)
        g_clear_pointer(&text, g_free);
    if (text != NULL)
        *ret_lossy = failures > 0;
    return text;
}

/* True where the label speaks of another charset but the bytes are UTF-8 beyond doubt, or false where the
 * label is to be believed although they could be UTF-8. shape: of valid UTF-8. */
static bool is_utf8_in_spite(const char *squeezed, bool is_vague, bool hint_gbk, const guint8 *bytes,
                             gsize length) {
    Utf8Shape shape = utf8_shape(bytes, length);
    bool says_gbk = is_in(squeezed, GBK_LABELS, G_N_ELEMENTS(GBK_LABELS));
    if (shape.two + shape.more == 0)
        return !g_str_has_prefix(squeezed, "hz") && !g_str_has_prefix(squeezed, "iso2022") &&
               strstr(squeezed, "utf7") == NULL; /* ASCII, unless it holds shifts */
    if (is_vague || says_gbk) {
        /* two hanzi of GBK are UTF-8 by chance in 3 % of cases, but then as two-byte sequences (measured) */
        GbShape gb = gb_shape(bytes, length);
        if ((hint_gbk || says_gbk) && shape.more == 0 && gb.valid)
            return false;
        return is_vague || shape.more >= 2;
    }
    return strcmp(squeezed, "utf8") == 0 || shape.more >= 2;
}

char *charset_to_utf8(const void *bytes, gsize length, const char *label, bool hint_gbk, bool *ret_lossy) {
    char squeezed[40] = "";
    if (label == NULL || !squeeze_label(label, squeezed, sizeof squeezed))
        squeezed[0] = '\0';
    bool is_vague = squeezed[0] == '\0' || is_in(squeezed, VAGUE_LABELS, G_N_ELEMENTS(VAGUE_LABELS));

    const guint8 *data = length == 0 ? (const guint8 *)"" : bytes;
    gsize failures = 0;
    bool lossy = false;
    char *text = convert_wide(data, length, squeezed, &failures);
    if (text != NULL) {
        if (ret_lossy != NULL)
            *ret_lossy = failures > 0;
        return text;
    }
    gsize bom_bytes = 0;
    const char *bom_name = charset_of_bom(data, length, &bom_bytes);
    data += bom_bytes;
    length -= bom_bytes;
    if (bom_name != NULL && strcmp(bom_name, "UTF-8") == 0) {
        is_vague = true;
        g_strlcpy(squeezed, "utf8", sizeof squeezed);
    }
    g_autofree char *without_nuls = NULL;
    if (length > 0 && memchr(data, 0, length) != NULL) {
        without_nuls = strip_nuls(data, length, &length);
        data = (const guint8 *)without_nuls;
    }
    bool is_utf8 = g_utf8_validate_len((const char *)data, length, NULL);
    if (is_utf8 && is_utf8_in_spite(squeezed, is_vague, hint_gbk, data, length))
        text = g_strndup((const char *)data, length);
    if (text == NULL && !is_vague)
        text = convert_labelled(data, length, label, squeezed, &lossy);
    if (text == NULL && is_utf8 && !hint_gbk)
        text = g_strndup((const char *)data, length);
    if (text == NULL)
        text = guess(data, length, hint_gbk, g_str_has_prefix(squeezed, "iso8859"), &lossy);
    if (ret_lossy != NULL)
        *ret_lossy = lossy;
    return text;
}

/* Controls, U+200B to U+200D and U+FEFF are left out, and a CR is no text. Of valid UTF-8; any byte may be
 * asked, not only the first of a character. */
static inline bool is_dropped_at(const char *p) {
    guint8 c = (guint8)*p;
    if (c < 0x20)
        return c != '\t' && c != '\n';
    if (c == 0xE2)
        return (guint8)p[1] == 0x80 && (guint8)p[2] >= 0x8B && (guint8)p[2] <= 0x8D;
    return c == 0x7f || (c == 0xEF && (guint8)p[1] == 0xBB && (guint8)p[2] == 0xBF);
}

/* Bytes at which nothing can be left out: all but controls and the first ones of what is dropped above. */
static const bool is_plain_byte[256] = {
    ['\t'] = true,          ['\n'] = true,          [0x20 ... 0x7E] = true,
    [0x80 ... 0xE1] = true, [0xE3 ... 0xEE] = true, [0xF0 ... 0xFF] = true,
};

static const char *skip_kept(const char *p, const char *end) {
    while (p < end && (is_plain_byte[(guint8)*p] || !is_dropped_at(p)))
        p++;
    return p;
}

char *charset_clean(const char *text, gssize length) {
    gsize bytes = length < 0 ? strlen(text) : (gsize)length;
    g_autofree char *repaired = NULL;
    bool is_valid = g_utf8_validate_len(text, bytes, NULL);
    if (is_valid && skip_kept(text, text + bytes) == text + bytes)
        return g_strndup(text, bytes);
    if (!is_valid) {
        gsize kept;
        g_autofree char *without_nuls = strip_nuls((const guint8 *)text, bytes, &kept);
        repaired = g_utf8_make_valid(without_nuls, (gssize)kept);
        text = repaired;
        bytes = strlen(repaired);
    }
    char *out = g_malloc(bytes + 1);
    gsize n = 0;
    for (const char *p = text, *end = text + bytes; p < end;) {
        const char *run = p;
        p = skip_kept(p, end);
        memcpy(out + n, run, (gsize)(p - run));
        n += (gsize)(p - run);
        if (p == end)
            break;
        if (*p == '\r' && (p + 1 == end || p[1] != '\n'))
            out[n++] = '\n';
        p = g_utf8_next_char(p);
    }
    out[n] = '\0';
    return out;
}
