/* The central directory decides what there is (streaming readers see deleted entries and miss prefixed ones);
 * local headers are read only to find where the bytes of an entry begin. Cost: O(entries) to open, one
 * inflate an entry that is asked for. */
#include "parsers/zip.h"

#include <libdeflate.h>
#include <string.h>
#include <zlib.h>

#include "parsers/bytes.h"
#include "parsers/charset.h"
#include "parsers/limits.h"

#define END_SIGNATURE       0x06054b50u
#define END_BYTES           22u
#define END64_SIGNATURE     0x06064b50u
#define END64_BYTES         56u
#define LOCATOR64_SIGNATURE 0x07064b50u
#define LOCATOR64_BYTES     20u
#define CENTRAL_SIGNATURE   0x02014b50u
#define CENTRAL_BYTES       46u
#define LOCAL_SIGNATURE     0x04034b50u
#define LOCAL_BYTES         30u
#define COMMENT_MAX_BYTES   65535u

#define FLAG_ENCRYPTED 0x0001u
#define FLAG_UTF8      0x0800u
#define FLAG_MASKED    0x2000u /* central directory encrypted: local headers are masked */

#define METHOD_STORED  0u
#define METHOD_DEFLATE 8u
#define METHOD_AES     99u

#define EXTRA_ZIP64        0x0001u
#define EXTRA_UNICODE_PATH 0x7075u

/* Below this much output a high ratio is a harmless file of blanks (limits.h: "from 1 MiB on"). */
#define RATIO_FROM_BYTES (1u << 20)
/* Output grows by doubling from here, because declared sizes lie. */
#define CHUNK_BYTES (64u << 10)

struct ZipFile {
    GBytes *data;
    const guint8 *bytes;
    gsize length;
    guint64 base;       /* of all offsets: a self-extractor has a program in front */
    GArray *entries;    /* ZipEntry */
    gsize inflated;     /* so far */
    bool is_consistent; /* directory and end record agree */
    bool is_bomb;       /* nothing more is inflated */
    struct libdeflate_decompressor *decompressor; /* NULL until something is inflated */
};

static void clear_entry(gpointer data) {
    g_free(((ZipEntry *)data)->name);
}

void zip_free(ZipFile *zip) {
    if (!zip)
        return;
    g_array_unref(zip->entries);
    g_bytes_unref(zip->data);
    libdeflate_free_decompressor(zip->decompressor);
    g_free(zip);
}

/* ---- names ---- */

/* The Unicode path of extra field 0x7075 (APPNOTE 4.6.9), valid only while the CRC of the plain name still
 * fits. */
static char *unicode_path(const guint8 *extra, gsize length, const guint8 *plain, gsize plain_length) {
    while (length >= 4) {
        gsize size = bytes_get16(extra + 2);
        if (size > length - 4)
            return NULL;
        const guint8 *field = extra + 4;
        if (bytes_get16(extra) == EXTRA_UNICODE_PATH && size > 5 && field[0] == 1 &&
            bytes_get32(field + 1) == libdeflate_crc32(0, plain, plain_length) &&
            g_utf8_validate((const char *)field + 5, (gssize)size - 5, NULL))
            return g_strndup((const char *)field + 5, size - 5);
        extra += 4 + size;
        length -= 4 + size;
    }
    return NULL;
}

/* Decoded before \ becomes /, because the second byte of a GBK character may be 0x5C. */
static char *decode_name(const guint8 *name, gsize length, const guint8 *extra, gsize extra_length,
                         guint16 flags) {
    char *text = unicode_path(extra, extra_length, name, length);
    if (!text && (flags & FLAG_UTF8) && g_utf8_validate((const char *)name, (gssize)length, NULL))
        text = g_strndup((const char *)name, length);
    if (!text && g_utf8_validate((const char *)name, (gssize)length, NULL))
        text = g_strndup((const char *)name, length);
    if (!text)
        text = g_convert((const char *)name, (gssize)length, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (!text) /* what the format itself names as its charset */
        text = g_convert((const char *)name, (gssize)length, "UTF-8", "CP437", NULL, NULL, NULL);
    if (!text)
        text = charset_to_utf8(name, length, NULL, true, NULL);
    g_strdelimit(text, "\\", '/');
    return text;
}

/* ---- the central directory ---- */

typedef struct {
    guint64 entries, size, offset;
    guint64 end; /* where the end record begins */
} Directory;

/* The end record: the last signature whose comment ends within the file (trailing garbage is tolerated). */
static const guint8 *find_end(const guint8 *bytes, gsize length) {
    if (length < END_BYTES)
        return NULL;
    gsize lowest = length > END_BYTES + COMMENT_MAX_BYTES ? length - END_BYTES - COMMENT_MAX_BYTES : 0;
    for (gsize at = length - END_BYTES + 1; at-- > lowest;)
        if (bytes[at] == 'P' && bytes_get32(bytes + at) == END_SIGNATURE)
            return bytes + at;
    return NULL;
}

static bool is_central(const ZipFile *zip, guint64 at) {
    return zip->length >= 4 && at <= zip->length - 4 && bytes_get32(zip->bytes + at) == CENTRAL_SIGNATURE;
}

static bool read_end(ZipFile *zip, Directory *ret_directory) {
    const guint8 *end = find_end(zip->bytes, zip->length);
    if (!end)
        return false;
    Directory directory = {bytes_get16(end + 10), bytes_get32(end + 12), bytes_get32(end + 16), 0};
    gsize end_at = (gsize)(end - zip->bytes);
    if (end_at >= LOCATOR64_BYTES && bytes_get32(end - LOCATOR64_BYTES) == LOCATOR64_SIGNATURE) {
        guint64 at = bytes_get64(end - LOCATOR64_BYTES + 8);
        if (end_at < LOCATOR64_BYTES + END64_BYTES || at > end_at - END64_BYTES ||
            bytes_get32(zip->bytes + at) != END64_SIGNATURE)
            return false;
        directory = (Directory){bytes_get64(zip->bytes + at + 32), bytes_get64(zip->bytes + at + 40),
                                bytes_get64(zip->bytes + at + 48), 0};
        end_at = at;
    }
    if (directory.size > end_at)
        return false;
    /* what stands in front of a self-extractor shifts every offset; a wrong size in the end record shifts
     * nothing */
    guint64 real_offset = end_at - directory.size;
    if (directory.entries && !is_central(zip, directory.offset)) {
        if (directory.offset > real_offset || !is_central(zip, real_offset))
            return false;
        zip->base = real_offset - directory.offset;
    }
    directory.end = end_at;
    *ret_directory = directory;
    return true;
}

/* Sizes and offset that did not fit into 32 bits (APPNOTE 4.5.3): present in this order, each only where the
 * short field is full. */
static void apply_zip64(ZipEntry *entry, const guint8 *extra, gsize length) {
    while (length >= 4) {
        gsize size = bytes_get16(extra + 2);
        if (size > length - 4)
            return;
        if (bytes_get16(extra) == EXTRA_ZIP64) {
            const guint8 *field = extra + 4;
            guint64 *const targets[] = {&entry->size_bytes, &entry->packed_bytes, &entry->offset};
            for (guint i = 0; i < G_N_ELEMENTS(targets); i++) {
                if (*targets[i] != G_MAXUINT32 || size < 8)
                    continue;
                *targets[i] = bytes_get64(field);
                field += 8;
                size -= 8;
            }
            return;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
}

/* One entry of the directory; its length, or 0 where it is broken. */
static gsize parse_entry(const guint8 *at, gsize left, ZipEntry *ret_entry) {
    if (left < CENTRAL_BYTES || bytes_get32(at) != CENTRAL_SIGNATURE)
        return 0;
    gsize name_length = bytes_get16(at + 28), extra_length = bytes_get16(at + 30);
    gsize length = CENTRAL_BYTES + name_length + extra_length + bytes_get16(at + 32);
    if (length > left)
        return 0;
    const guint8 *name = at + CENTRAL_BYTES, *extra = name + name_length;
    ZipEntry entry = {
        .flags = bytes_get16(at + 8),
        .method = bytes_get16(at + 10),
        .crc = bytes_get32(at + 16),
        .packed_bytes = bytes_get32(at + 20),
        .size_bytes = bytes_get32(at + 24),
        .offset = bytes_get32(at + 42),
    };
    apply_zip64(&entry, extra, extra_length);
    entry.name = decode_name(name, name_length, extra, extra_length, entry.flags);
    entry.is_encrypted = (entry.flags & (FLAG_ENCRYPTED | FLAG_MASKED)) || entry.method == METHOD_AES;
    entry.is_directory = g_str_has_suffix(entry.name, "/");
    *ret_entry = entry;
    return length;
}

static bool read_directory(ZipFile *zip, const Directory *directory, ProblemCode *ret_code) {
    if (directory->entries > LIMIT_ARCHIVE_ENTRIES) {
        *ret_code = PROBLEM_LIMIT;
        return false;
    }
    guint64 at = zip->base + directory->offset;
    for (guint64 i = 0; i < directory->entries; i++) {
        ZipEntry entry;
        gsize length = at < zip->length ? parse_entry(zip->bytes + at, zip->length - at, &entry) : 0;
        if (!length) {
            *ret_code = PROBLEM_DAMAGED;
            return false;
        }
        g_array_append_val(zip->entries, entry);
        at += length;
    }
    zip->is_consistent = at == zip->base + directory->offset + directory->size && at == directory->end;
    return true;
}

bool zip_is_consistent(const ZipFile *zip) {
    return zip->is_consistent;
}

static int compare_offsets(gconstpointer a, gconstpointer b) {
    const ZipEntry *one = *(const ZipEntry *const *)a, *other = *(const ZipEntry *const *)b;
    return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* Entries that share bytes are the trick of zip bombs without nesting: 40 MB become petabytes. */
static bool has_overlap(const ZipFile *zip) {
    g_autoptr(GPtrArray) order = g_ptr_array_sized_new(zip->entries->len);
    for (guint i = 0; i < zip->entries->len; i++)
        g_ptr_array_add(order, &g_array_index(zip->entries, ZipEntry, i));
    g_ptr_array_sort(order, compare_offsets);
    for (guint i = 0; i + 1 < order->len; i++) {
        const ZipEntry *entry = g_ptr_array_index(order, i), *next = g_ptr_array_index(order, i + 1);
        if (entry->packed_bytes > next->offset || entry->offset > next->offset - entry->packed_bytes)
            return true;
    }
    return false;
}

ZipFile *zip_open(GBytes *data, ProblemCode *ret_code) {
    g_autoptr(ZipFile) zip = g_new0(ZipFile, 1);
    zip->data = g_bytes_ref(data);
    zip->bytes = g_bytes_get_data(data, &zip->length);
    zip->entries = g_array_new(FALSE, FALSE, sizeof(ZipEntry));
    g_array_set_clear_func(zip->entries, clear_entry);
    ProblemCode code = PROBLEM_DAMAGED;
    Directory directory;
    bool is_open = read_end(zip, &directory) && read_directory(zip, &directory, &code);
    if (is_open && has_overlap(zip)) {
        code = PROBLEM_BOMB;
        is_open = false;
    }
    if (is_open)
        return g_steal_pointer(&zip);
    if (ret_code)
        *ret_code = code;
    return NULL;
}

guint zip_count(const ZipFile *zip) {
    return zip->entries->len;
}

const ZipEntry *zip_entry(const ZipFile *zip, guint index) {
    return &g_array_index(zip->entries, ZipEntry, index);
}

const ZipEntry *zip_find(const ZipFile *zip, const char *name) {
    while (*name == '/')
        name++;
    const ZipEntry *similar = NULL;
    for (guint i = 0; i < zip->entries->len; i++) {
        const ZipEntry *entry = zip_entry(zip, i);
        const char *known = entry->name;
        while (*known == '/')
            known++;
        if (strcmp(known, name) == 0)
            return entry;
        if (!similar && g_ascii_strcasecmp(known, name) == 0)
            similar = entry;
    }
    return similar;
}

/* ---- bytes ---- */

/* Where the packed bytes begin; false if the local header is not there or they do not fit into the file. */
static bool find_packed(const ZipFile *zip, const ZipEntry *entry, const guint8 **ret_packed) {
    guint64 at = entry->offset + zip->base;
    if (at < entry->offset || at > zip->length || zip->length - at < LOCAL_BYTES ||
        bytes_get32(zip->bytes + at) != LOCAL_SIGNATURE)
        return false;
    guint64 start = at + LOCAL_BYTES + bytes_get16(zip->bytes + at + 26) + bytes_get16(zip->bytes + at + 28);
    if (start > zip->length || entry->packed_bytes > zip->length - start)
        return false;
    *ret_packed = zip->bytes + start;
    return true;
}

typedef struct {
    guint8 *bytes;
    gsize length, allocated;
} Output;

/* Inflates up to limit bytes. Z_STREAM_END, Z_DATA_ERROR, or Z_MEM_ERROR where the limit or the ratio was
 * passed. */
static int inflate_into(const guint8 *packed, gsize packed_length, gsize limit, Output *output,
                        bool *ret_ratio) {
    z_stream stream = {.next_in = (Bytef *)packed, .avail_in = (uInt)packed_length};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return Z_DATA_ERROR;
    int result = Z_OK;
    while (result == Z_OK) {
        if (output->length == output->allocated) {
            if (output->length >= limit)
                break;
            output->allocated = MIN(output->allocated * 2, limit);
            output->bytes = g_realloc(output->bytes, output->allocated + 1);
        }
        stream.next_out = output->bytes + output->length;
        stream.avail_out = (uInt)(output->allocated - output->length);
        /* "finish": else zlib keeps the last 32 KB for a call that does not come */
        result = inflate(&stream, Z_FINISH);
        output->length = output->allocated - stream.avail_out;
        if (result == Z_BUF_ERROR && stream.avail_out == 0)
            result = Z_OK; /* more room is needed */
        if (output->length > RATIO_FROM_BYTES && output->length / LIMIT_ARCHIVE_RATIO > stream.total_in) {
            *ret_ratio = true;
            result = Z_MEM_ERROR;
        }
    }
    if (result == Z_OK) { /* the limit: one byte more tells whether it was just enough */
        guint8 probe;
        stream.next_out = &probe;
        stream.avail_out = 1;
        result = inflate(&stream, Z_NO_FLUSH) == Z_STREAM_END && stream.avail_out == 1 ? Z_STREAM_END
                                                                                       : Z_MEM_ERROR;
    }
    inflateEnd(&stream);
    return result == Z_BUF_ERROR ? Z_DATA_ERROR : result;
}

/* Whole entries that are what they say, which is nearly all: by libdeflate, with half of zlib's instructions.
 * False: zlib tells what is wrong, and keeps what can be read. */
static bool inflate_whole(ZipFile *zip, const ZipEntry *entry, const guint8 *packed, Output *output) {
    if (entry->size_bytes > output->allocated ||
        entry->size_bytes / LIMIT_ARCHIVE_RATIO > entry->packed_bytes)
        return false;
    if (!zip->decompressor)
        zip->decompressor = libdeflate_alloc_decompressor();
    bool good = zip->decompressor != NULL &&
                libdeflate_deflate_decompress(zip->decompressor, packed, entry->packed_bytes, output->bytes,
                                              entry->size_bytes, &output->length) == LIBDEFLATE_SUCCESS &&
                output->length == entry->size_bytes &&
                libdeflate_crc32(0, output->bytes, output->length) == entry->crc;
    if (!good)
        output->length = 0;
    return good;
}

/* What can be inflated of an entry; -1 where that is all of it. */
static int inflate_part(ZipFile *zip, const ZipEntry *entry, const guint8 *packed, gsize limit,
                        Output *output) {
    bool is_bomb = false;
    int result = inflate_into(packed, entry->packed_bytes, limit, output, &is_bomb);
    zip->is_bomb |= is_bomb;
    if (is_bomb)
        return PROBLEM_BOMB;
    if (result == Z_MEM_ERROR)
        return PROBLEM_LIMIT;
    bool is_sound = result == Z_STREAM_END && output->length == entry->size_bytes &&
                    libdeflate_crc32(0, output->bytes, output->length) == entry->crc;
    return is_sound ? -1 : PROBLEM_DAMAGED;
}

static GBytes *read_deflated(ZipFile *zip, const ZipEntry *entry, const guint8 *packed, gsize limit,
                             int *code) {
    /* the declared size saves copies where it is true; one byte more lets inflate see the end */
    gsize first = CLAMP(entry->size_bytes + 1, 1, MAX(limit, 1));
    if (entry->packed_bytes < first / LIMIT_ARCHIVE_RATIO)
        first = MIN(CHUNK_BYTES, MAX(limit, 1));
    Output output = {g_malloc(first + 1), 0, first};
    if (!inflate_whole(zip, entry, packed, &output))
        *code = inflate_part(zip, entry, packed, limit, &output);
    zip->inflated += output.length;
    output.bytes[output.length] = 0;
    return g_bytes_new_take(output.bytes, output.length);
}

/* The sum proves the bytes: a declared size beside them harms nobody, unless it is out of all proportion. */
static GBytes *read_stored(ZipFile *zip, const ZipEntry *entry, const guint8 *packed, gsize limit,
                           int *code) {
    gsize length = MIN(entry->packed_bytes, limit);
    if (length < entry->packed_bytes)
        *code = PROBLEM_LIMIT;
    else if (libdeflate_crc32(0, packed, length) != entry->crc ||
             entry->size_bytes / LIMIT_ARCHIVE_RATIO > length)
        *code = PROBLEM_DAMAGED;
    zip->inflated += length;
    guint8 *copy = g_malloc(length + 1);
    memcpy(copy, packed, length);
    copy[length] = 0;
    return g_bytes_new_take(copy, length);
}

GBytes *zip_read(ZipFile *zip, const ZipEntry *entry, gsize limit_bytes, ProblemCode *ret_code) {
    const guint8 *packed;
    int code = -1;
    GBytes *result = NULL;
    gsize limit = MIN(limit_bytes, LIMIT_ARCHIVE_ENTRY);
    limit = MIN(limit, LIMIT_ARCHIVE_TOTAL - MIN(zip->inflated, LIMIT_ARCHIVE_TOTAL));
    if (zip->is_bomb)
        code = PROBLEM_BOMB;
    else if (entry->is_encrypted)
        code = PROBLEM_ENCRYPTED;
    else if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATE)
        code = PROBLEM_UNSUPPORTED;
    else if (!find_packed(zip, entry, &packed))
        code = PROBLEM_DAMAGED;
    else if (entry->method == METHOD_STORED)
        result = read_stored(zip, entry, packed, limit, &code);
    else
        result = read_deflated(zip, entry, packed, limit, &code);
    if (code >= 0 && ret_code)
        *ret_code = (ProblemCode)code;
    return result;
}
