#include "parsers/conversion.h"

#include <string.h>

#include "parsers/formats.h"
#include "parsers/ole.h"

typedef struct {
    FileType type;
    GBytes *data;
} StandIn;

struct Conversions {
    char *converter;
    GHashTable *stand_ins; /* char* → StandIn* */
    GPtrArray *wishes;     /* ConversionWish* */
    gsize wished_bytes;
};

static void stand_in_free(gpointer data) {
    StandIn *stand_in = data;
    g_bytes_unref(stand_in->data);
    g_free(stand_in);
}

static void wish_free(gpointer data) {
    ConversionWish *wish = data;
    g_bytes_unref(wish->data);
    g_free(wish->sha256);
    g_free(wish);
}

Conversions *conversions_new(const char *converter) {
    Conversions *conversions = g_new0(Conversions, 1);
    conversions->converter = g_strdup(converter ? converter : "");
    conversions->stand_ins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, stand_in_free);
    conversions->wishes = g_ptr_array_new_with_free_func(wish_free);
    return conversions;
}

void conversions_free(Conversions *conversions) {
    if (!conversions)
        return;
    g_hash_table_unref(conversions->stand_ins);
    g_ptr_array_unref(conversions->wishes);
    g_free(conversions->converter);
    g_free(conversions);
}

void conversions_add(Conversions *conversions, const char *sha256, FileType target, GBytes *data) {
    StandIn *stand_in = g_new(StandIn, 1);
    *stand_in = (StandIn){target, g_bytes_ref(data)};
    g_hash_table_replace(conversions->stand_ins, g_strdup(sha256), stand_in);
}

const char *conversions_converter(const Conversions *conversions) {
    return conversions->converter;
}

const GPtrArray *conversions_wishes(const Conversions *conversions) {
    return conversions->wishes;
}

/* False where the part is more than a converter is given. */
static bool wish_for(Conversions *conversions, const char *sha256, GBytes *data, FileType type) {
    gsize bytes = g_bytes_get_size(data);
    for (guint i = 0; i < conversions->wishes->len; i++)
        if (strcmp(((const ConversionWish *)conversions->wishes->pdata[i])->sha256, sha256) == 0)
            return true;
    if (bytes > CONVERSION_PART_BYTES || bytes > CONVERSION_MESSAGE_BYTES - conversions->wished_bytes ||
        conversions->wishes->len >= CONVERSION_PARTS)
        return false;
    ConversionWish *wish = g_new(ConversionWish, 1);
    *wish = (ConversionWish){.sha256 = g_strdup(sha256),
                             .type = type,
                             .target = type == FILE_XLS ? FILE_XLSX : FILE_DOCX,
                             .data = g_bytes_ref(data)};
    g_ptr_array_add(conversions->wishes, wish);
    conversions->wished_bytes += bytes;
    return true;
}

static const char *first_text(const Document *document) {
    const Block *block = document->blocks->len ? g_ptr_array_index(document->blocks, 0) : NULL;
    const Cell *cell =
        block && block->grid && block->grid->cells->len ? g_ptr_array_index(block->grid->cells, 0) : NULL;
    return cell ? cell->text : block && block->text ? block->text : "";
}

/* A compound file that LibreOffice cannot open it takes for text: the first bytes of its signature as letters
 * of ISO 8859-1 show it. */
static bool is_taken_for_text(GBytes *data, const Document *document) {
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    return ole_is_signature(bytes, length) && g_str_has_prefix(first_text(document), "\u00D0\u00CF");
}

static Document *read_stand_in(const StandIn *stand_in, GBytes *data, const char *name, GPtrArray *problems) {
    Document *document = formats_read(stand_in->data, stand_in->type, name, problems);
    if (document && is_taken_for_text(data, document)) {
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
        g_clear_pointer(&document, document_free);
    }
    return document;
}

Document *conversions_read(Conversions *conversions, GBytes *data, FileType type, const char *name,
                           GPtrArray *problems, bool *ret_converted) {
    *ret_converted = false;
    if (!conversions || !formats_needs_converter(type))
        return formats_read(data, type, name, problems);
    if (!formats_is_intact(data, name, problems))
        return NULL;
    g_autofree char *sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, data);
    const StandIn *stand_in = g_hash_table_lookup(conversions->stand_ins, sha256);
    if (stand_in) {
        *ret_converted = true;
        return read_stand_in(stand_in, data, name, problems);
    }
    bool fits = wish_for(conversions, sha256, data, type);
    problem_add_reading(problems, fits ? PROBLEM_UNSUPPORTED : PROBLEM_LIMIT, name);
    return NULL;
}
