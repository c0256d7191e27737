#include "parsers/ole.h"

#include <string.h>

#include "parsers/bytes.h"

#define HEADER_BYTES         512u
#define DIRECTORY_BYTES      128u /* one entry */
#define HEADER_DIFAT_ENTRIES 109u
#define SECTOR_END           0xFFFFFFFAu /* this and above are marks, not sectors */
#define MINI_STREAM_BELOW    4096u
#define MINI_SECTOR_SHIFT    6u /* they lie one after the other in the stream of the root */
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
    char name[64];           /* ASCII; other characters become '?' */
    guint8 type;             /* ENTRY_STREAM … */
    guint32 start, class_id; /* class_id: its first four bytes */
    guint64 size;
} OleEntry;

enum { ENTRY_STREAM = 2, ENTRY_ROOT = 5 };

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
    ret_entry->class_id = bytes_get32(at + 80);
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

/* Objects of Equation Editor, MathType and Microsoft Graph. */
static bool is_drawing_class(guint32 class_id) {
    static const guint32 CLASSES[] = {0x0002CE02, 0x0002CE03, 0x00020803};
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++)
        if (CLASSES[i] == class_id)
            return true;
    return false;
}

static void note_entry(const OleFile *ole, const OleEntry *entry, OleInfo *info) {
    if (entry->type == ENTRY_ROOT)
        info->is_drawing |= is_drawing_class(entry->class_id);
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

/* False for a header that leads nowhere; ret_ole->fat_sectors is then NULL. */
static bool open_file(const guint8 *data, gsize length, OleFile *ret_ole) {
    guint shift = length >= HEADER_BYTES ? bytes_get16(data + 30) : 0;
    *ret_ole = (OleFile){.data = data, .length = length, .shift = shift};
    if (shift != 9 && shift != 12)
        return false;
    ret_ole->n_sectors = (guint32)MIN(length >> shift, G_MAXUINT32);
    read_fat_list(ret_ole);
    return true;
}

/* Calls visit for each entry of the directory, until it says false. False where the directory has no end. */
static bool each_entry(const OleFile *ole, bool (*visit)(const OleFile *, const OleEntry *, void *),
                       void *user) {
    guint32 sector = bytes_get32(ole->data + 48), seen = 0;
    const guint8 *bytes;
    while ((bytes = sector_at(ole, sector)) && seen < DIRECTORY_ENTRIES_MAX) {
        for (gsize at = 0; at < (gsize)1 << ole->shift; at += DIRECTORY_BYTES, seen++) {
            OleEntry entry;
            read_entry(bytes + at, &entry);
            if (entry.type && !visit(ole, &entry, user))
                return true;
        }
        sector = next_sector(ole, sector);
    }
    return sector >= SECTOR_END && seen > 0;
}

static bool inspect_entry(const OleFile *ole, const OleEntry *entry, void *user) {
    note_entry(ole, entry, user);
    return true;
}

bool ole_inspect(const guint8 *data, gsize length, OleInfo *ret_info) {
    if (!ole_is_signature(data, length))
        return false;
    OleInfo info = {0};
    OleFile ole;
    info.is_damaged = !open_file(data, length, &ole) || !each_entry(&ole, inspect_entry, &info);
    g_clear_pointer(&ole.fat_sectors, g_array_unref);
    *ret_info = info;
    return true;
}

/* ---- streams ---- */

typedef struct {
    const char *name;
    OleEntry root, found; /* type 0: not met */
} StreamSearch;

static bool search_entry(const OleFile *ole, const OleEntry *entry, void *user) {
    StreamSearch *search = user;
    if (entry->type == ENTRY_ROOT)
        search->root = *entry;
    else if (entry->type == ENTRY_STREAM && g_ascii_strcasecmp(entry->name, search->name) == 0)
        search->found = *entry;
    return !search->found.type || !search->root.type;
}

/* The sector that stands n places behind another in its chain. */
static guint32 sector_behind(const OleFile *ole, guint32 sector, guint64 n) {
    if (n >= ole->n_sectors)
        return SECTOR_END;
    for (; n && sector < SECTOR_END; n--)
        sector = next_sector(ole, sector);
    return sector;
}

/* A small sector: a piece of the root's stream. */
static const guint8 *mini_sector_at(const OleFile *ole, const OleEntry *root, guint32 mini) {
    guint64 at = (guint64)mini << MINI_SECTOR_SHIFT;
    const guint8 *bytes =
        mini < SECTOR_END ? sector_at(ole, sector_behind(ole, root->start, at >> ole->shift)) : NULL;
    return bytes ? bytes + (at & ((1u << ole->shift) - 1)) : NULL;
}

static guint32 next_mini_sector(const OleFile *ole, guint32 mini) {
    guint32 per_sector = 1u << (ole->shift - 2);
    const guint8 *fat = sector_at(ole, sector_behind(ole, bytes_get32(ole->data + 60), mini / per_sector));
    return fat ? bytes_get32(fat + 4 * (mini % per_sector)) : SECTOR_END;
}

static GBytes *read_stream(const OleFile *ole, const StreamSearch *search) {
    gsize size = (gsize)search->found.size, done = 0;
    bool is_mini = size < MINI_STREAM_BELOW;
    gsize piece = (gsize)1 << (is_mini ? MINI_SECTOR_SHIFT : ole->shift);
    g_autofree guint8 *bytes = g_malloc(MAX(size, 1));
    guint32 sector = search->found.start;
    for (const guint8 *at; done < size; done += MIN(piece, size - done)) {
        at = is_mini ? mini_sector_at(ole, &search->root, sector) : sector_at(ole, sector);
        if (!at)
            return NULL;
        memcpy(bytes + done, at, MIN(piece, size - done));
        sector = is_mini ? next_mini_sector(ole, sector) : next_sector(ole, sector);
    }
    return g_bytes_new_take(g_steal_pointer(&bytes), size);
}

GBytes *ole_stream(const guint8 *data, gsize length, const char *name, gsize most_bytes) {
    OleFile ole = {0};
    StreamSearch search = {.name = name};
    GBytes *stream = NULL;
    if (ole_is_signature(data, length) && open_file(data, length, &ole)) {
        each_entry(&ole, search_entry, &search);
        if (search.found.type && search.found.size <= MIN(most_bytes, length))
            stream = read_stream(&ole, &search);
    }
    g_clear_pointer(&ole.fat_sectors, g_array_unref);
    return stream;
}
