#include "tests/unit/zip_writer.h"

#include <string.h>
#include <zlib.h>

typedef struct {
    GByteArray *bytes, *directory;
    guint16 n;
} Writer;

static void put(GByteArray *bytes, guint32 value, guint n) {
    for (guint i = 0; i < n; i++) {
        guint8 byte = i < 4 ? (guint8)(value >> (8 * i)) : 0;
        g_byte_array_append(bytes, &byte, 1);
    }
}

static void put_common(GByteArray *bytes, const ZipWriterEntry *entry, guint32 packed, guint32 crc) {
    put(bytes, 20, 2);
    put(bytes, entry->flags, 2);
    put(bytes, entry->is_deflated ? 8 : 0, 2);
    put(bytes, 0, 4);
    put(bytes, crc, 4);
    put(bytes, packed, 4);
    put(bytes, entry->declared ? entry->declared : (guint32)entry->length, 4);
    put(bytes, (guint32)strlen(entry->name), 2);
    put(bytes, 0, 2);
}

static void write_entry(Writer *writer, const ZipWriterEntry *entry) {
    g_autoptr(GByteArray) packed = g_byte_array_new();
    g_byte_array_append(packed, entry->content, (guint)entry->length);
    if (entry->is_deflated) {
        z_stream stream = {0};
        deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
        g_byte_array_set_size(packed, (guint)deflateBound(&stream, entry->length));
        stream.next_in = (Bytef *)entry->content;
        stream.avail_in = (uInt)entry->length;
        stream.next_out = packed->data;
        stream.avail_out = packed->len;
        g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
        g_byte_array_set_size(packed, (guint)stream.total_out);
        deflateEnd(&stream);
    }
    guint32 crc = (guint32)crc32(0, entry->content, (uInt)entry->length), offset = writer->bytes->len;
    put(writer->bytes, 0x04034b50, 4);
    put_common(writer->bytes, entry, packed->len, crc);
    g_byte_array_append(writer->bytes, (const guint8 *)entry->name, (guint)strlen(entry->name));
    g_byte_array_append(writer->bytes, packed->data, packed->len);
    put(writer->directory, 0x02014b50, 4);
    put(writer->directory, 20, 2);
    put_common(writer->directory, entry, packed->len, crc);
    put(writer->directory, 0, 10);
    put(writer->directory, offset + entry->offset_lie, 4);
    g_byte_array_append(writer->directory, (const guint8 *)entry->name, (guint)strlen(entry->name));
    writer->n++;
}

GBytes *zip_writer_write(const ZipWriterEntry *entries, guint n) {
    Writer writer = {g_byte_array_new(), g_byte_array_new(), 0};
    for (guint i = 0; i < n; i++)
        write_entry(&writer, &entries[i]);
    guint32 at = writer.bytes->len;
    g_byte_array_append(writer.bytes, writer.directory->data, writer.directory->len);
    put(writer.bytes, 0x06054b50, 4);
    put(writer.bytes, 0, 4);
    put(writer.bytes, writer.n, 2);
    put(writer.bytes, writer.n, 2);
    put(writer.bytes, writer.directory->len, 4);
    put(writer.bytes, at, 4);
    put(writer.bytes, 0, 2);
    g_byte_array_unref(writer.directory);
    return g_byte_array_free_to_bytes(writer.bytes);
}
