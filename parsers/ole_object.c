#include "parsers/ole_object.h"

#include <string.h>

#include "parsers/bytes.h"
#include "parsers/ole.h"

typedef struct {
    const guint8 *at;
    gsize left;
} Cursor;

static bool skip(Cursor *cursor, gsize bytes) {
    if (bytes > cursor->left)
        return false;
    cursor->at += bytes;
    cursor->left -= bytes;
    return true;
}

/* A text up to its NUL, in whatever the sender's code page was. */
static const char *take_text(Cursor *cursor) {
    const guint8 *end = memchr(cursor->at, 0, cursor->left);
    const char *text = (const char *)cursor->at;
    return end && skip(cursor, (gsize)(end - cursor->at) + 1) ? text : NULL;
}

static bool take_size(Cursor *cursor, gsize *ret_size) {
    if (cursor->left < 4)
        return false;
    *ret_size = bytes_get32(cursor->at);
    return skip(cursor, 4);
}

/* Size of the rest, 2 bytes, label, path, 4 bytes, a path with its length, the file with its length. */
static GBytes *packed_file(GBytes *native, char **ret_name) {
    Cursor cursor = {NULL, 0};
    gsize size;
    cursor.at = g_bytes_get_data(native, &cursor.left);
    const char *label = skip(&cursor, 6) ? take_text(&cursor) : NULL;
    if (!label || !take_text(&cursor) || !skip(&cursor, 4) || !take_size(&cursor, &size) ||
        !skip(&cursor, size) || !take_size(&cursor, &size) || size > cursor.left)
        return NULL;
    *ret_name = g_utf8_make_valid(label, -1);
    return g_bytes_new_from_bytes(native, (gsize)(cursor.at - (const guint8 *)g_bytes_get_data(native, NULL)),
                                  size);
}

GBytes *ole_object_file(GBytes *object, gsize most_bytes, char **ret_name) {
    static const char *const WHOLE[] = {"Package", "CONTENTS"};
    gsize length;
    const guint8 *data = g_bytes_get_data(object, &length);
    *ret_name = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(WHOLE); i++) {
        GBytes *file = ole_stream(data, length, WHOLE[i], most_bytes);
        if (file)
            return file;
    }
    g_autoptr(GBytes) native = ole_stream(data, length, "\001Ole10Native", most_bytes);
    return native ? packed_file(native, ret_name) : NULL;
}

bool ole_object_is_drawing(GBytes *object) {
    OleInfo info = {0};
    gsize length;
    const guint8 *data = g_bytes_get_data(object, &length);
    return ole_inspect(data, length, &info) && info.is_drawing;
}
