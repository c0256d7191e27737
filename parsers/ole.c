#include "parsers/ole.h"

#include <string.h>

#include "parsers/bytes.h"

#define HEADER_BYTES         512u
#define DIRECTORY_BYTES      128u /* one entry */
#define HEADER_DIFAT_ENTRIES 109u
#define SECTOR_END           0xFFFFFFFAu /* this and above are marks, not sectors */
#define MINI_STREAM_BELOW    4096u
/* More entries than any office document has; a .msg with 500 attachments stays below. */
#define DIRECTORY_ENTRIES_MAX 65536u

/* Word: FIB ([MS-DOC] 2.5.2) */
#define FIB_FLAGS_OFFSET   10u
#define FIB_FLAG_ENCRYPTED 0x0100u
/* Excel: records ([MS-XLS] 2.4) */
#define RECORD_FILEPASS   0x002Fu
#define RECORD_BOF        0x0809u
#define RECORD_BOUNDSHEET 0x0085u
#define FILEPASS_WITHIN   4096u /* it follows BOF and at most a few short records */

typedef struct {
    const guint8 *data;
    gsize length;
    guint shift; /* of the sector size */
    guint32 n_sectors;
    GArray *fat_sectors; /* guint32: which sectors hold the FAT */
} OleFile;

typedef struct {
    char name[64]; /* ASCII; other characters become '?' */
    guint8 type;   /* 1 storage, 2 stream, 5 root */
    guint32 start;
    guint64 size;
} OleEntry;

bool ole_is_signature(const guint8 *data, gsize length) {
    static const guint8 SIGNATURE[] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
    return length >= sizeof SIGNATURE && memcmp(data, SIGNATURE, sizeof SIGNATURE) == 0;
}

/* A sector's bytes, or NULL if it is not wholly in the file (the last one may be cut short by sloppy writers:
 * still NULL). */
static const guint8 *sector_at(const OleFile *ole, guint32 sector) {
    guint64 at = ((guint64)sector + 1) << ole->shift;
    if (sector >= SECTOR_END || at + (1u << ole->shift) > ole->length)
        return NULL;
    return ole->data + at;
}

static guint32 next_sector(const OleFile *ole, guint32 sector) {
    guint32 per_sector = 1u << (ole->shift - 2);
    guint32 index = sector / per_sector;
    if (index >= ole->fat_sectors->len)
        return SECTOR_END;
    const guint8 *fat = sector_at(ole, g_array_index(ole->fat_sectors, guint32, index));
    return fat ? bytes_get32(fat + 4 * (sector % per_sector)) : SECTOR_END;
}

static void read_fat_list(OleFile *ole) {
    ole->fat_sectors = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint32 left = MIN(bytes_get32(ole->data + 44), ole->n_sectors);
    for (guint i = 0; i < HEADER_DIFAT_ENTRIES && left; i++, left--) {
        guint32 sector = bytes_get32(ole->data + 76 + 4 * i);
        g_array_append_val(ole->fat_sectors, sector);
    }
    guint32 chain = bytes_get32(ole->data + 68);
    guint32 per_sector = (1u << (ole->shift - 2)) - 1; /* the last one links to the next */
    const guint8 *bytes;
    while (left && (bytes = sector_at(ole, chain))) {
        for (guint32 i = 0; i < per_sector && left; i++, left--) {
            guint32 sector = bytes_get32(bytes + 4 * i);
            g_array_append_val(ole->fat_sectors, sector);
        }
        chain = bytes_get32(bytes + 4 * per_sector);
    }
}

static void read_entry(const guint8 *at, OleEntry *ret_entry) {
    guint16 units = MIN(bytes_get16(at + 64), 64) / 2;
    guint length = 0;
    for (guint i = 0; i + 1 < units; i++) {
        guint16 unit = bytes_get16(at + 2 * i);
        ret_entry->name[length++] = unit > 0 && unit < 128 ? (char)unit : '?';
    }
    ret_entry->name[length] = 0;
    ret_entry->type = at[66];
    ret_entry->start = bytes_get32(at + 116);
    ret_entry->size = bytes_get32(at + 120);
}

/* A FILEPASS among the first records of a workbook. */
static bool is_workbook_encrypted(const guint8 *head, gsize length) {
    gsize at = 0;
    while (at + 4 <= length) {
        guint16 record = bytes_get16(head + at);
        if (record == RECORD_FILEPASS)
            return true;
        if (record == RECORD_BOUNDSHEET || (at == 0 && (record & 0xFF) != (RECORD_BOF & 0xFF)))
            return false;
        at += 4u + bytes_get16(head + at + 2);
    }
    return false;
}

/* The first sector of a stream is enough for both tests; streams below 4 KiB live elsewhere and are tiny fuzz
 * cases. */
static bool is_stream_encrypted(const OleFile *ole, const OleEntry *entry, bool is_word) {
    if (entry->size < MINI_STREAM_BELOW)
        return false;
    g_autofree guint8 *head = g_malloc0(FILEPASS_WITHIN);
    guint32 sector = entry->start;
    gsize length = 0, sector_bytes = (gsize)1 << ole->shift;
    const guint8 *bytes;
    while (length < FILEPASS_WITHIN && (bytes = sector_at(ole, sector))) {
        memcpy(head + length, bytes, MIN(sector_bytes, FILEPASS_WITHIN - length));
        length += MIN(sector_bytes, FILEPASS_WITHIN - length);
        sector = next_sector(ole, sector);
    }
    if (is_word)
        return length > FIB_FLAGS_OFFSET + 1 && (bytes_get16(head + FIB_FLAGS_OFFSET) & FIB_FLAG_ENCRYPTED);
    return is_workbook_encrypted(head, length);
}

static void note_entry(const OleFile *ole, const OleEntry *entry, OleInfo *info) {
    if (g_ascii_strcasecmp(entry->name, "WordDocument") == 0) {
        info->has_word = true;
        info->is_encrypted |= is_stream_encrypted(ole, entry, true);
    } else if (g_ascii_strcasecmp(entry->name, "Workbook") == 0 ||
               g_ascii_strcasecmp(entry->name, "Book") == 0) {
        info->has_workbook = true;
        info->is_encrypted |= is_stream_encrypted(ole, entry, false);
    } else if (g_ascii_strcasecmp(entry->name, "EncryptedPackage") == 0) {
        info->has_encrypted_package = info->is_encrypted = true;
    } else if (g_ascii_strcasecmp(entry->name, "PowerPoint Document") == 0) {
        info->has_powerpoint = true;
    } else if (g_ascii_strcasecmp(entry->name, "_VBA_PROJECT") == 0) {
        info->has_macros = true;
    } else if (g_str_has_prefix(entry->name, "__properties_version1")) {
        info->is_message = true;
    }
}

bool ole_inspect(const guint8 *data, gsize length, OleInfo *ret_info) {
    if (!ole_is_signature(data, length))
        return false;
    OleInfo info = {0};
    guint shift = length >= HEADER_BYTES ? bytes_get16(data + 30) : 0;
    if (shift != 9 && shift != 12) {
        info.is_damaged = true;
        *ret_info = info;
        return true;
    }
    OleFile ole = {data, length, shift, (guint32)MIN(length >> shift, G_MAXUINT32), NULL};
    read_fat_list(&ole);
    guint32 sector = bytes_get32(data + 48), seen = 0;
    const guint8 *bytes;
    while ((bytes = sector_at(&ole, sector)) && seen < DIRECTORY_ENTRIES_MAX) {
        for (gsize at = 0; at < (gsize)1 << shift; at += DIRECTORY_BYTES, seen++) {
            OleEntry entry;
            read_entry(bytes + at, &entry);
            if (entry.type)
                note_entry(&ole, &entry, &info);
        }
        sector = next_sector(&ole, sector);
    }
    info.is_damaged = sector < SECTOR_END || seen == 0;
    g_array_unref(ole.fat_sectors);
    *ret_info = info;
    return true;
}
