#include "tests/unit/ole_writer.h"

#include <stdbool.h>
#include <string.h>

enum { SECTOR = 512, MINI_SECTOR = 64, MINI_BELOW = 4096 };
enum { FAT, DIRECTORY, MINI_FAT, CONTENT }; /* sectors in their order */

#define END 0xFFFFFFFEu

static void put32(guint8 *at, guint32 value) {
    for (guint i = 0; i < 4; i++)
        at[i] = (guint8)(value >> (8 * i));
}

static guint8 *sector_at(guint8 *file, guint sector) {
    return file + (gsize)SECTOR * (sector + 1);
}

static void put_chain(guint8 *fat, guint first, guint n) {
    for (guint i = 0; i < n; i++)
        put32(fat + 4 * (first + i), i + 1 == n ? END : first + i + 1);
}

static void put_entry(guint8 *at, const char *name, guint8 type, guint32 start, gsize size) {
    gsize length = strlen(name);
    for (gsize i = 0; i < length; i++)
        at[2 * i] = (guint8)name[i];
    at[64] = (guint8)(2 * length + 2);
    at[66] = type;
    put32(at + 116, start);
    put32(at + 120, (guint32)size);
}

GBytes *ole_writer_write(const char *name, guint32 class_id, const void *bytes, gsize length) {
    static const guint8 SIGNATURE[] = {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1};
    guint n_sectors = (guint)((length + SECTOR - 1) / SECTOR), n_minis = (guint)((length + 63) / MINI_SECTOR);
    gsize whole = (gsize)SECTOR * (CONTENT + 1 + n_sectors);
    bool is_mini = length < MINI_BELOW;
    g_assert_cmpuint(length, <=, 60000);
    guint8 *file = g_malloc0(whole), *directory = sector_at(file, DIRECTORY);
    memcpy(file, SIGNATURE, sizeof SIGNATURE);
    file[30] = 9;        /* sectors of 2^9 bytes */
    put32(file + 44, 1); /* sectors of the FAT */
    put32(file + 48, DIRECTORY);
    put32(file + 60, MINI_FAT);
    put32(file + 68, END);
    put32(file + 76, FAT);
    put_chain(sector_at(file, FAT), DIRECTORY, 1);
    put_chain(sector_at(file, FAT), MINI_FAT, 1);
    put_chain(sector_at(file, FAT), CONTENT, n_sectors);
    if (is_mini)
        put_chain(sector_at(file, MINI_FAT), 0, n_minis);
    put_entry(directory, "Root Entry", 5, is_mini ? CONTENT : END, is_mini ? length : 0);
    put32(directory + 80, class_id);
    put_entry(directory + 128, name, 2, is_mini ? 0 : CONTENT, length);
    memcpy(sector_at(file, CONTENT), bytes, length);
    return g_bytes_new_take(file, whole);
}
