#include "parsers/xml_plain.h"

#include <string.h>

#include "parsers/limits.h"

#define LITERAL_LENGTH(text) (sizeof(text) - 1)

typedef struct {
    const char *text;
    gsize length;
} Span;

typedef struct {
    const char *at, *end;
    const XmlPlainEvents *events; /* NULL in the first pass, which checks all, so that the second need not */
    void *user;
    /* found in the first pass, for a faster second one */
    bool has_bracket_in_value;   /* some tag does not end at its first ">" */
    const char *last_namespaces; /* behind the last tag that declares any; or NULL */
    Span open[LIMIT_XML_DEPTH];  /* names of the open elements */
    guint depth;
    bool has_root, is_over; /* is_over: an event has ended the reading */
} Reading;

/* What a byte can be; looked up, because every byte of every tag is asked. */
enum { SPACE = 1, ENDS_NAME = 2 };

static const guint8 kinds[256] = {
    [' '] = SPACE | ENDS_NAME,  ['\n'] = SPACE | ENDS_NAME, ['\t'] = SPACE | ENDS_NAME,
    ['\r'] = SPACE | ENDS_NAME, ['>'] = ENDS_NAME,          ['/'] = ENDS_NAME,
    ['='] = ENDS_NAME,          ['<'] = ENDS_NAME,          ['"'] = ENDS_NAME,
    ['\''] = ENDS_NAME,         ['&'] = ENDS_NAME,          [0 ... '\t' - 1] = ENDS_NAME,
    ['\v'] = ENDS_NAME,         ['\f'] = ENDS_NAME,         ['\r' + 1 ... ' ' - 1] = ENDS_NAME,
};

static inline bool is_space(char c) {
    return kinds[(guchar)c] & SPACE;
}

/* Everything that cannot be in a name, of what stands around one; finer rules do not matter to a reader. */
static inline bool ends_name(char c) {
    return kinds[(guchar)c] & ENDS_NAME;
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

/* Characters, and nothing that means markup. */
static bool check_text(const char *text, gsize length) {
    bool has_high = false;
    for (gsize i = 0; i < length; i++) {
        guchar c = (guchar)text[i];
        has_high |= c >= 0x80;
        if ((c < 0x20 && !is_space((char)c)) || (c == '>' && i >= 2 && memcmp(text + i - 2, "]]", 2) == 0))
            return false;
    }
    return !has_high || g_utf8_validate(text, (gssize)length, NULL);
}

/* It stands for itself. */
static bool is_literal(const char *text, gsize length) {
    return !memchr(text, '&', length) && !memchr(text, '\r', length);
}

static bool take_text(Reading *reading, const char *text, gsize length) {
    if (length == 0)
        return true;
    if (reading->depth == 0) { /* around the root stands white space only */
        for (gsize i = 0; i < length; i++)
            if (!is_space(text[i]))
                return false;
        return true;
    }
    if (!reading->events && !check_text(text, length))
        return false;
    if (is_literal(text, length)) {
        if (reading->events)
            reading->events->text(reading->user, text, length);
        return true;
    }
    g_autoptr(GString) resolved = g_string_sized_new(length);
    if (!xml_plain_append(resolved, text, length))
        return false;
    if (reading->events)
        reading->events->text(reading->user, resolved->str, resolved->len);
    return true;
}

/* ---- tags ---- */

bool xml_plain_attribute(const char **at, const char *end, XmlPlainAttribute *ret_attribute) {
    const char *name = *at;
    while (name < end && is_space(*name))
        name++;
    const char *name_end = name;
    while (name_end < end && !ends_name(*name_end))
        name_end++;
    const char *quote = name_end;
    while (quote < end && is_space(*quote))
        quote++;
    if (name == name_end || quote == end || *quote != '=')
        return false;
    do
        quote++;
    while (quote < end && is_space(*quote));
    if (quote == end || (*quote != '"' && *quote != '\''))
        return false;
    const char *close = memchr(quote + 1, *quote, (gsize)(end - quote - 1));
    if (!close)
        return false;
    *ret_attribute =
        (XmlPlainAttribute){name, quote + 1, (gsize)(name_end - name), (gsize)(close - quote - 1)};
    *at = close + 1;
    return true;
}

bool xml_plain_is_namespace(const XmlPlainAttribute *attribute) {
    gsize length = LITERAL_LENGTH("xmlns");
    return attribute->name_length >= length && memcmp(attribute->name, "xmlns", length) == 0 &&
           (attribute->name_length == length || attribute->name[length] == ':');
}

/* A value holds no markup, and only references that are known. */
static bool check_value(const XmlPlainAttribute *attribute) {
    bool has_reference = false;
    for (gsize i = 0; i < attribute->value_length; i++) {
        guchar c = (guchar)attribute->value[i];
        if (c == '<' || (c < 0x20 && !is_space((char)c)))
            return false;
        has_reference |= c == '&';
    }
    if (!has_reference)
        return true;
    g_autoptr(GString) resolved = g_string_new(NULL);
    return xml_plain_append(resolved, attribute->value, attribute->value_length);
}

static bool close_element(Reading *reading) {
    reading->depth--;
    if (reading->events && !reading->events->end(reading->user))
        reading->is_over = true;
    return true;
}

/* Checks the attributes at at and returns the end of them. NULL: they are not plain. */
static const char *check_attributes(Reading *reading, const char *at) {
    XmlPlainAttribute attribute;
    while (xml_plain_attribute(&at, reading->end, &attribute)) {
        if (!is_space(attribute.name[-1]) || !check_value(&attribute))
            return NULL;
        reading->has_bracket_in_value |= memchr(attribute.value, '>', attribute.value_length) != NULL;
        if (xml_plain_is_namespace(&attribute))
            reading->last_namespaces = at;
    }
    return at;
}

/* The same for what has been checked. */
static const char *skip_attributes(const Reading *reading, const char *at) {
    XmlPlainAttribute attribute;
    if (!reading->has_bracket_in_value) {
        const char *bracket = memchr(at, '>', (gsize)(reading->end - at));
        return bracket[-1] == '/' ? bracket - 1 : bracket;
    }
    while (xml_plain_attribute(&at, reading->end, &attribute))
        ;
    return at;
}

/* at stands on the "<" of a start tag. */
static bool take_start_tag(Reading *reading) {
    const char *name = reading->at + 1, *name_end = name;
    while (name_end < reading->end && !ends_name(*name_end))
        name_end++;
    gsize name_length = (gsize)(name_end - name);
    bool is_second_root = reading->depth == 0 && reading->has_root;
    if (name_length == 0 || g_ascii_isdigit(*name) || *name == '-' || *name == '.' || is_second_root ||
        reading->depth == LIMIT_XML_DEPTH)
        return false;
    const char *at =
        reading->events ? skip_attributes(reading, name_end) : check_attributes(reading, name_end);
    if (!at)
        return false;
    gsize length = (gsize)(at - name_end);
    while (at < reading->end && is_space(*at))
        at++;
    bool is_empty = at < reading->end && *at == '/';
    at += is_empty;
    if (at >= reading->end || *at != '>')
        return false;
    reading->at = at + 1;
    reading->has_root = true;
    reading->open[reading->depth++] = (Span){name, name_length};
    if (reading->events &&
        !reading->events->start(reading->user, name, name_length, name_end, length,
                                reading->last_namespaces && name < reading->last_namespaces))
        reading->is_over = true;
    return !is_empty || reading->is_over || close_element(reading);
}

static bool take_end_tag(Reading *reading) {
    const char *name = reading->at + 2;
    if (reading->depth == 0)
        return false;
    Span open = reading->open[reading->depth - 1];
    if (!starts_with(name, reading->end, open.text, open.length))
        return false;
    const char *at = name + open.length;
    while (at < reading->end && is_space(*at))
        at++;
    if (at == reading->end || *at != '>')
        return false;
    reading->at = at + 1;
    return close_element(reading);
}

/* Moves behind the next occurrence of what; NULL: there is none. */
static const char *behind(const char *at, const char *end, const char *what) {
    const char *found = memmem(at, (gsize)(end - at), what, strlen(what));
    return found ? found + strlen(what) : NULL;
}

/* A comment, a CDATA section or a processing instruction. A DOCTYPE is none of them. */
static bool take_special(Reading *reading) {
    static const char CDATA[] = "<![CDATA[", COMMENT[] = "<!--", INSTRUCTION[] = "<?";
    const char *at = reading->at, *next = NULL;
    if (starts_with(at, reading->end, COMMENT, LITERAL_LENGTH(COMMENT))) {
        next = behind(at + LITERAL_LENGTH(COMMENT), reading->end, "-->");
    } else if (starts_with(at, reading->end, INSTRUCTION, LITERAL_LENGTH(INSTRUCTION))) {
        next = behind(at, reading->end, "?>");
    } else if (starts_with(at, reading->end, CDATA, LITERAL_LENGTH(CDATA)) && reading->depth > 0) {
        const char *text = at + LITERAL_LENGTH(CDATA);
        next = behind(text, reading->end, "]]>");
        gsize length = next ? (gsize)(next - text) - LITERAL_LENGTH("]]>") : 0;
        /* references mean nothing in there: what looks like one, or a carriage return, is not plain */
        if (next && length && (!check_text(text, length) || !is_literal(text, length)))
            return false;
        if (next && length && reading->events)
            reading->events->text(reading->user, text, length);
    }
    if (!next)
        return false;
    reading->at = next;
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
    return !name || (xml_plain_attribute(&name, next, &encoding) && encoding.value_length == 5 &&
                     g_ascii_strncasecmp(encoding.value, "UTF-8", 5) == 0);
}

static bool read_all(Reading *reading) {
    if (!take_declaration(reading))
        return false;
    while (!reading->is_over) {
        const char *tag = memchr(reading->at, '<', (gsize)(reading->end - reading->at));
        if (!take_text(reading, reading->at, (gsize)((tag ? tag : reading->end) - reading->at)))
            return false;
        if (!tag || tag + 1 == reading->end)
            return !tag && reading->depth == 0 && reading->has_root;
        reading->at = tag;
        bool is_plain = tag[1] == '/'                    ? take_end_tag(reading)
                        : tag[1] == '!' || tag[1] == '?' ? take_special(reading)
                                                         : take_start_tag(reading);
        if (!is_plain)
            return false;
    }
    return true;
}

bool xml_plain_read(const char *data, gsize length, const XmlPlainEvents *events, void *user) {
    Reading check = {.at = data, .end = data + length};
    if (length == 0 || !read_all(&check))
        return false;
    Reading reading = {
        .at = data,
        .end = data + length,
        .events = events,
        .user = user,
        .has_bracket_in_value = check.has_bracket_in_value,
        .last_namespaces = check.last_namespaces,
    };
    return read_all(&reading);
}
