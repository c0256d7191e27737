#include "parsers/unpack_tnef.h"

#include <string.h>

#include "parsers/charset.h"
#include "parsers/encoded_word.h"

/* MS-OXTNEF 2.1.3: attribute ids, type in the upper half */
#define ATTRIBUTE_OEM_CODEPAGE  0x00069007u
#define ATTRIBUTE_BODY          0x0002800cu
#define ATTRIBUTE_MESSAGE_PROPS 0x00069003u
#define ATTRIBUTE_ATTACH_RENDER 0x00069002u
#define ATTRIBUTE_ATTACH_TITLE  0x00018010u
#define ATTRIBUTE_ATTACH_DATA   0x0006800fu
#define ATTRIBUTE_ATTACH_PROPS  0x00069005u

/* MS-OXPROPS: property ids */
#define PROPERTY_BODY_HTML        0x1013u
#define PROPERTY_BODY             0x1000u
#define PROPERTY_ATTACH_DATA      0x3701u
#define PROPERTY_ATTACH_FILENAME  0x3704u
#define PROPERTY_ATTACH_LONG_NAME 0x3707u
#define PROPERTY_DISPLAY_NAME     0x3001u

#define PROPERTIES_MAX 4096 /* in one attribute; Outlook writes about a hundred */

typedef struct {
    const guint8 *p, *end;
    bool failed;
} Cursor;

typedef struct {
    GBytes *source;
    GPtrArray *files;
    TnefFile *current; /* the attachment being described, owned by files */
    char charset[16];  /* of 8-bit names, "cp936" */
    bool has_long_name;
} Reader;

static void tnef_file_free(gpointer data) {
    TnefFile *file = data;
    g_free(file->name);
    g_bytes_unref(file->data);
    g_free(file);
}

static guint32 read_u16(Cursor *cursor) {
    if (cursor->end - cursor->p < 2) {
        cursor->failed = true;
        return 0;
    }
    guint32 value = (guint32)(cursor->p[0] | cursor->p[1] << 8);
    cursor->p += 2;
    return value;
}

static guint32 read_u32(Cursor *cursor) {
    guint32 low = read_u16(cursor);
    return low | read_u16(cursor) << 16;
}

/* The next `length` bytes as a cursor of their own. */
static Cursor take(Cursor *cursor, gsize length) {
    if ((gsize)(cursor->end - cursor->p) < length) {
        cursor->failed = true;
        return (Cursor){cursor->end, cursor->end, true};
    }
    Cursor inner = {cursor->p, cursor->p + length, false};
    cursor->p += length;
    return inner;
}

static GBytes *slice(const Reader *reader, const Cursor *cursor) {
    const guint8 *start = g_bytes_get_data(reader->source, NULL);
    return g_bytes_new_from_bytes(reader->source, (gsize)(cursor->p - start),
                                  (gsize)(cursor->end - cursor->p));
}

static TnefFile *add_file(Reader *reader) {
    if (reader->files->len >= TNEF_FILES_MAX)
        return NULL;
    TnefFile *file = g_new0(TnefFile, 1);
    file->name = g_strdup("");
    file->data = g_bytes_new_static("", 0);
    g_ptr_array_add(reader->files, file);
    return file;
}

static void set_name(TnefFile *file, const Cursor *value, const char *charset) {
    g_autofree char *text = charset_to_utf8(value->p, (gsize)(value->end - value->p), charset, false, NULL);
    g_autofree char *name = encoded_word_base_name(text);
    if (*name == '\0')
        return;
    g_free(file->name);
    file->name = g_steal_pointer(&name);
}

static void set_data(Reader *reader, TnefFile *file, const Cursor *value) {
    g_bytes_unref(file->data);
    file->data = slice(reader, value);
}

/* One value of a property, of a type with a fixed size or a length before it. */
static void use_property(Reader *reader, guint32 id, guint32 type, Cursor value) {
    const char *charset = type == 0x1f ? "utf-16le" : reader->charset;
    if (reader->current == NULL) {
        bool is_html = id == PROPERTY_BODY_HTML;
        if ((!is_html && id != PROPERTY_BODY) || value.p == value.end)
            return;
        TnefFile *file = add_file(reader);
        if (file == NULL)
            return;
        file->is_body = true;
        set_data(reader, file, &value);
        g_free(file->name);
        file->name = g_strdup(is_html ? "body.html" : "body.txt");
        return;
    }
    if (id == PROPERTY_ATTACH_LONG_NAME) {
        set_name(reader->current, &value, charset);
        reader->has_long_name = true;
    } else if ((id == PROPERTY_ATTACH_FILENAME && !reader->has_long_name) ||
               (id == PROPERTY_DISPLAY_NAME && *reader->current->name == '\0')) {
        set_name(reader->current, &value, charset);
    } else if (id == PROPERTY_ATTACH_DATA && g_bytes_get_size(reader->current->data) == 0) {
        const guint OBJECT_GUID_BYTES =
            16; /* MS-OXTNEF 2.1.3.4.2: an object's interface stands before its bytes */
        if (type == 0x0d && value.end - value.p > OBJECT_GUID_BYTES)
            value.p += OBJECT_GUID_BYTES;
        set_data(reader, reader->current, &value);
    }
}

/* Bytes of a value whose type has a fixed size; 0 for types with a length before each value. */
static gsize fixed_size(guint32 type) {
    switch (type) {
    case 0x02: /* short, padded to four */
    case 0x03:
    case 0x04:
    case 0x0a:
    case 0x0b:
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    default:
        return 0;
    }
}

/* A named property's name (MS-OXTNEF 2.1.3.4.1), skipped. */
static void skip_property_name(Cursor *cursor) {
    take(cursor, 16);
    guint32 kind = read_u32(cursor);
    if (kind == 0) {
        read_u32(cursor);
    } else {
        gsize length = read_u32(cursor);
        take(cursor, (length + 3) & ~(gsize)3);
    }
}

static bool read_properties(Reader *reader, Cursor cursor) {
    guint32 count = read_u32(&cursor);
    for (guint32 i = 0; i < count && i < PROPERTIES_MAX && !cursor.failed; i++) {
        guint32 type = read_u16(&cursor), id = read_u16(&cursor);
        if (id >= 0x8000)
            skip_property_name(&cursor);
        bool is_multiple = (type & 0x1000) != 0;
        type &= 0x0fff;
        gsize size = fixed_size(type);
        guint32 values = is_multiple || size == 0 ? read_u32(&cursor) : 1;
        for (guint32 v = 0; v < values && !cursor.failed; v++) {
            gsize length = size > 0 ? size : read_u32(&cursor);
            Cursor value = take(&cursor, length);
            take(&cursor, MIN((4 - length % 4) % 4, (gsize)(cursor.end - cursor.p)));
            if (!cursor.failed && v == 0)
                use_property(reader, id, type, value);
        }
    }
    return !cursor.failed;
}

static bool use_attribute(Reader *reader, guint32 id, Cursor value) {
    switch (id) {
    case ATTRIBUTE_OEM_CODEPAGE:
        g_snprintf(reader->charset, sizeof reader->charset, "cp%u", read_u32(&value));
        return true;
    case ATTRIBUTE_BODY: {
        TnefFile *file = add_file(reader);
        if (file == NULL)
            return true;
        if (value.end > value.p && value.end[-1] == 0)
            value.end--;
        file->is_body = true;
        set_data(reader, file, &value);
        g_free(file->name);
        file->name = g_strdup("body.txt");
        return true;
    }
    case ATTRIBUTE_MESSAGE_PROPS:
        return read_properties(reader, value);
    case ATTRIBUTE_ATTACH_RENDER:
        reader->current = add_file(reader);
        reader->has_long_name = false;
        return true;
    case ATTRIBUTE_ATTACH_TITLE:
        if (reader->current != NULL && !reader->has_long_name)
            set_name(reader->current, &value, reader->charset);
        return true;
    case ATTRIBUTE_ATTACH_DATA:
        if (reader->current != NULL)
            set_data(reader, reader->current, &value);
        return true;
    case ATTRIBUTE_ATTACH_PROPS:
        return reader->current == NULL || read_properties(reader, value);
    default:
        return true;
    }
}

GPtrArray *unpack_tnef(GBytes *data, bool *ret_damaged) {
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    if (length == 0)
        return NULL;
    Cursor cursor = {bytes, bytes + length, false};
    if (read_u32(&cursor) != 0x223e9f78u || cursor.failed)
        return NULL;
    read_u16(&cursor); /* the stream's key */
    Reader reader = {.source = data, .files = g_ptr_array_new_with_free_func(tnef_file_free)};
    bool damaged = false;
    while (cursor.p < cursor.end && !cursor.failed) {
        take(&cursor, 1); /* level: message or attachment; the ids tell as much */
        guint32 id = read_u32(&cursor);
        gsize size = read_u32(&cursor);
        Cursor value = take(&cursor, size);
        if (!cursor.failed && !use_attribute(&reader, id, value))
            damaged = true;
        if (cursor.end - cursor.p >= 2)
            read_u16(&cursor); /* checksum: the attachments check themselves */
    }
    if (damaged || cursor.failed)
        *ret_damaged = true;
    return reader.files;
}
