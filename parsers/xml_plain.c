#include "parsers/xml_plain.h"

#include <string.h>

#include "parsers/limits.h"

#define LITERAL_LENGTH(text) (sizeof(text) - 1)

typedef struct {
    const char *text;
    gsize length;
    guint64 head; /* as in XmlPlainTag */
} Name;

typedef struct {
    const char *at, *end;
    const XmlPlainEvents *events;
    void *user;
    Name open[LIMIT_XML_DEPTH]; /* names of the open elements */
    guint depth;
    bool has_root, is_over;                                 /* is_over: an event has ended the reading */
    XmlPlainAttribute attributes[XML_PLAIN_ATTRIBUTES_MAX]; /* of the tag being read */
} Reading;

/* What a byte can be; looked up, because every byte is asked. */
enum { SPACE = 1, IN_NAME = 2, BEGINS_NAME = 4, CONTROL = 8, ENDS_VALUE = 16, ENDS_TEXT = 32 };

/* Names outside of ASCII are not of the plain kind. */
#define LETTER (IN_NAME | BEGINS_NAME)
static const guint8 kinds[256] = {
    [0x00 ... 0x08] = CONTROL | ENDS_VALUE | ENDS_TEXT,
    ['\t'] = SPACE,
    ['\n'] = SPACE,
    [0x0B ... 0x0C] = CONTROL | ENDS_VALUE | ENDS_TEXT,
    ['\r'] = SPACE | ENDS_TEXT,
    [0x0E ... 0x1F] = CONTROL | ENDS_VALUE | ENDS_TEXT,
    [' '] = SPACE,
    ['>'] = ENDS_VALUE | ENDS_TEXT, /* the last byte of all: no loop goes beyond it */
    ['<'] = ENDS_VALUE | ENDS_TEXT,
    ['"'] = ENDS_VALUE,
    ['\''] = ENDS_VALUE,
    ['&'] = ENDS_VALUE | ENDS_TEXT,
    ['a' ... 'z'] = LETTER,
    ['A' ... 'Z'] = LETTER,
    ['_'] = LETTER,
    [':'] = IN_NAME,
    ['0' ... '9'] = IN_NAME,
    ['-'] = IN_NAME,
    ['.'] = IN_NAME,
};

static inline bool is_kind(char c, guint kind) {
    return kinds[(guchar)c] & kind;
}

static inline bool is_space(char c) {
    return is_kind(c, SPACE);
}

/* Where a name that begins at at ends; at itself where none does. */
static inline const char *end_of_name(const char *at) {
    if (!is_kind(*at, BEGINS_NAME))
        return at;
    do
        at++;
    while (is_kind(*at, IN_NAME));
    return at;
}

static inline const char *skip_space(const char *at) {
    while (is_space(*at))
        at++;
    return at;
}

/* The first bytes of a name of this length, as a number. */
static inline guint64 head_of(const char *name, gsize length, const char *end) {
    guint64 head = 0;
    if (end - name < (ptrdiff_t)sizeof head) {
        memcpy(&head, name, MIN(length, (gsize)(end - name)));
        return GUINT64_FROM_LE(head);
    }
    memcpy(&head, name, sizeof head);
    head = GUINT64_FROM_LE(head);
    return length >= sizeof head ? head : head & ((G_GUINT64_CONSTANT(1) << (8 * length)) - 1);
}

static bool starts_with(const char *at, const char *end, const char *what, gsize length) {
    return (gsize)(end - at) >= length && memcmp(at, what, length) == 0;
}

/* ---- references ---- */

static bool is_character(guint64 c) { /* [XML] 2.2 */
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* The character that a reference "&…;" of this inner text stands for; 0 for none that is known. */
static gunichar resolve(const char *name, gsize length) {
    static const struct {
        const char *name;
        gunichar character;
    } built_in[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    char digits[12];
    guint64 value;
    if (length >= 2 && name[0] == '#' && length < sizeof digits) {
        bool is_hexadecimal = name[1] == 'x';
        gsize skip = is_hexadecimal ? 2 : 1;
        memcpy(digits, name + skip, length - skip);
        digits[length - skip] = 0;
        bool is_number =
            g_ascii_string_to_unsigned(digits, is_hexadecimal ? 16 : 10, 0, 0x10FFFF, &value, NULL);
        return is_number && is_character(value) ? (gunichar)value : 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(built_in); i++)
        if (strlen(built_in[i].name) == length && memcmp(built_in[i].name, name, length) == 0)
            return built_in[i].character;
    return 0;
}

bool xml_plain_append(GString *out, const char *text, gsize length) {
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        const char *stop = at;
        while (stop < end && *stop != '&' && *stop != '\r')
            stop++;
        g_string_append_len(out, at, stop - at);
        if (stop == end)
            break;
        at = stop + 1;
        if (*stop == '\r') {
            if (at == end || *at != '\n')
                g_string_append_c(out, '\n');
            continue;
        }
        const char *semicolon = memchr(at, ';', (gsize)(end - at));
        gunichar character = semicolon ? resolve(at, (gsize)(semicolon - at)) : 0;
        if (!character)
            return false;
        g_string_append_unichar(out, character);
        at = semicolon + 1;
    }
    return true;
}

/* ---- text ---- */

static bool has_characters_only(const char *text, gsize length) {
    for (gsize i = 0; i < length; i++)
        if (is_kind(text[i], CONTROL))
            return false;
    return g_utf8_validate(text, (gssize)length, NULL);
}

static bool tell_resolved(Reading *reading, const char *text, gsize length) {
    g_autoptr(GString) resolved = g_string_sized_new(length);
    if (!xml_plain_append(resolved, text, length))
        return false;
    reading->events->text(reading->user, resolved->str, resolved->len);
    return true;
}

/* Text up to the next tag or the end. */
static bool take_text(Reading *reading) {
    const char *text = reading->at, *at = text, *end = reading->end;
    bool is_literal = true;
    guchar high = 0;
    for (; at < end; at++) {
        for (; !is_kind(*at, ENDS_TEXT); at++)
            high |= (guchar)*at;
        if (*at == '<')
            break;
        if (is_kind(*at, CONTROL) || (*at == '>' && at - text >= 2 && memcmp(at - 2, "]]", 2) == 0))
            return false;
        is_literal &= *at == '>';
    }
    gsize length = (gsize)(at - text);
    reading->at = at;
    if (reading->depth == 0) /* around the root stands white space only */
        return skip_space(text) >= at;
    if (high >= 0x80 && !g_utf8_validate(text, (gssize)length, NULL))
        return false;
    if (!is_literal)
        return tell_resolved(reading, text, length);
    reading->events->text(reading->user, text, length);
    return true;
}

/* ---- tags ---- */

/* References in the value are known ones. */
static bool check_references(const XmlPlainAttribute *attribute) {
    g_autoptr(GString) resolved = g_string_new(NULL);
    return xml_plain_append(resolved, attribute->value, attribute->value_length);
}

/* Takes the attribute whose name begins at *at. False: it is not plain. */
static bool take_attribute(const char **at, const char *end, XmlPlainAttribute *ret_attribute) {
    const char *name = *at, *name_end = end_of_name(name), *quote = skip_space(name_end);
    if (*quote != '=')
        return false;
    quote = skip_space(quote + 1);
    if (*quote != '"' && *quote != '\'')
        return false;
    const char *value = quote + 1, *close = value;
    bool has_reference = false;
    for (; close < end; close++) {
        while (!is_kind(*close, ENDS_VALUE))
            close++;
        if (*close == *quote)
            break;
        if (*close == '<' || is_kind(*close, CONTROL))
            return false;
        has_reference |= *close == '&';
    }
    if (close >= end)
        return false;
    *ret_attribute = (XmlPlainAttribute){name, value, (gsize)(name_end - name), (gsize)(close - value)};
    *at = close + 1;
    return !has_reference || check_references(ret_attribute);
}

/* The attributes of a tag, at at behind its name; returns the end of them, or NULL: they are not plain. */
static const char *take_attributes(Reading *reading, const char *at, XmlPlainTag *tag) {
    for (;;) {
        const char *start = skip_space(at);
        XmlPlainAttribute attribute;
        if (!is_kind(*start, BEGINS_NAME))
            return start;
        if (!take_attribute(&start, reading->end, &attribute))
            return NULL;
        if (!is_space(attribute.name[-1]))
            return NULL;
        at = start;
        if (tag->n_attributes <= XML_PLAIN_ATTRIBUTES_MAX)
            tag->n_attributes++;
        if (tag->n_attributes > XML_PLAIN_ATTRIBUTES_MAX)
            continue;
        reading->attributes[tag->n_attributes - 1] = attribute;
        tag->has_namespaces |= xml_plain_is_namespace(&attribute);
    }
}

static void close_element(Reading *reading) {
    reading->depth--;
    if (!reading->events->end(reading->user, reading->at))
        reading->is_over = true;
}

/* An element that has been told before, byte for byte. */
static bool take_repeated(Reading *reading, const char *name_end) {
    if (name_end[-1] != 'r' || name_end[-2] != 'P' || reading->depth == 0)
        return false;
    gsize length = 0, left = (gsize)(reading->end - reading->at);
    reading->is_over = !reading->events->repeat(reading->user, reading->at, left, &length);
    reading->at += length;
    return length > 0;
}

/* at stands on the "<" of a start tag. */
static bool take_start_tag(Reading *reading) {
    const char *name = reading->at + 1, *end = reading->end, *at = end_of_name(name);
    gsize length = (gsize)(at - name);
    bool is_second_root = reading->depth == 0 && reading->has_root;
    if (length == 0 || at[-1] == ':' || is_second_root || reading->depth == LIMIT_XML_DEPTH)
        return false;
    if (take_repeated(reading, at))
        return true;
    XmlPlainTag tag = {.name = name,
                       .name_length = length,
                       .head = head_of(name, length, end),
                       .attributes = reading->attributes};
    if (is_space(*at))
        at = take_attributes(reading, at, &tag);
    if (!at)
        return false;
    bool is_empty = *at == '/';
    at += is_empty;
    if (*at != '>')
        return false;
    reading->at = at + 1;
    reading->has_root = true;
    reading->open[reading->depth++] = (Name){name, length, tag.head};
    if (!reading->events->start(reading->user, &tag))
        reading->is_over = true;
    else if (is_empty)
        close_element(reading);
    return true;
}

static bool take_end_tag(Reading *reading) {
    const char *name = reading->at + 2, *end = reading->end;
    if (reading->depth == 0)
        return false;
    const Name *open = &reading->open[reading->depth - 1];
    if ((gsize)(end - name) <= open->length || head_of(name, open->length, end) != open->head ||
        (open->length > sizeof open->head && memcmp(name, open->text, open->length) != 0))
        return false;
    const char *at = skip_space(name + open->length);
    if (*at != '>')
        return false;
    reading->at = at + 1;
    close_element(reading);
    return true;
}

/* Moves behind the next occurrence of what; NULL: there is none. */
static const char *behind(const char *at, const char *end, const char *what) {
    const char *found = memmem(at, (gsize)(end - at), what, strlen(what));
    return found ? found + strlen(what) : NULL;
}

/* The text behind a mark of before bytes, up to the next mark; false: there is none, or it does not consist
 * of characters alone. */
static bool find_special(const Reading *reading, gsize before, const char *mark, const char **ret_text,
                         gsize *ret_length) {
    const char *text = reading->at + before, *next = behind(text, reading->end, mark);
    if (!next)
        return false;
    *ret_text = text;
    *ret_length = (gsize)(next - text) - strlen(mark);
    return has_characters_only(text, *ret_length);
}

/* A comment, a CDATA section or a processing instruction. A DOCTYPE is none of them. */
static bool take_special(Reading *reading) {
    static const char CDATA[] = "<![CDATA[", COMMENT[] = "<!--", INSTRUCTION[] = "<?";
    const char *at = reading->at, *mark, *text;
    gsize length;
    if (starts_with(at, reading->end, COMMENT, LITERAL_LENGTH(COMMENT))) {
        mark = "-->";
        if (!find_special(reading, LITERAL_LENGTH(COMMENT), mark, &text, &length) ||
            memmem(text, length, "--", 2) || (length && text[length - 1] == '-'))
            return false;
    } else if (starts_with(at, reading->end, INSTRUCTION, LITERAL_LENGTH(INSTRUCTION))) {
        mark = "?>";
        if (!find_special(reading, LITERAL_LENGTH(INSTRUCTION), mark, &text, &length))
            return false;
        const char *name_end = end_of_name(text);
        if (name_end == text || (name_end < text + length && !is_space(*name_end)) ||
            g_ascii_strncasecmp(text, "xml", 3) == 0)
            return false;
    } else if (starts_with(at, reading->end, CDATA, LITERAL_LENGTH(CDATA)) && reading->depth > 0) {
        mark = "]]>";
        /* references mean nothing in there: what looks like one, or a carriage return, is not plain */
        if (!find_special(reading, LITERAL_LENGTH(CDATA), mark, &text, &length) ||
            memchr(text, '&', length) || memchr(text, '\r', length))
            return false;
        if (length)
            reading->events->text(reading->user, text, length);
    } else {
        return false;
    }
    reading->at = text + length + strlen(mark);
    return true;
}

/* The XML declaration may name no other charset than UTF-8. */
static bool take_declaration(Reading *reading) {
    static const char MARK[] = "\xEF\xBB\xBF", DECLARATION[] = "<?xml", NAME[] = "encoding";
    if (starts_with(reading->at, reading->end, MARK, LITERAL_LENGTH(MARK)))
        reading->at += LITERAL_LENGTH(MARK);
    if (!starts_with(reading->at, reading->end, DECLARATION, LITERAL_LENGTH(DECLARATION)))
        return true;
    const char *next = behind(reading->at, reading->end, "?>");
    if (!next)
        return false;
    const char *name = memmem(reading->at, (gsize)(next - reading->at), NAME, LITERAL_LENGTH(NAME));
    reading->at = next;
    XmlPlainAttribute encoding;
    return !name || (take_attribute(&name, next, &encoding) && encoding.value_length == 5 &&
                     g_ascii_strncasecmp(encoding.value, "UTF-8", 5) == 0);
}

static bool read_all(Reading *reading) {
    if (!take_declaration(reading))
        return false;
    while (!reading->is_over && reading->at < reading->end) {
        const char *tag = reading->at;
        bool is_plain;
        if (*tag != '<')
            is_plain = take_text(reading);
        else if (tag + 1 == reading->end)
            return false;
        else if (tag[1] == '/')
            is_plain = take_end_tag(reading);
        else
            is_plain = tag[1] == '!' || tag[1] == '?' ? take_special(reading) : take_start_tag(reading);
        if (!is_plain)
            return false;
    }
    return reading->is_over || (reading->depth == 0 && reading->has_root);
}

bool xml_plain_read(const char *data, gsize length, const XmlPlainEvents *events, void *user) {
    while (length > 0 && is_space(data[length - 1]))
        length--;
    if (length == 0 || data[length - 1] != '>')
        return false;
    Reading reading; /* not cleared: most of it is room for attributes and names */
    reading.at = data;
    reading.end = data + length;
    reading.events = events;
    reading.user = user;
    reading.depth = 0;
    reading.has_root = reading.is_over = false;
    return read_all(&reading);
}
