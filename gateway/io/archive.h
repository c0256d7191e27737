/* The raw messages on disk, each one file under its SHA-256: DIR/a/ab12….eml. What `sha256sum` prints for a
 * file is its name; gateway/store/README.md has the line that checks them all by hand.
 *
 * Durability is paid once a batch (SPEC 2.2, 8.2): archive_put() writes, archive_sync() makes everything
 * written since the last one durable; only then may a ledger row that points to it be committed. A file
 * appears under its name complete or not at all. Errors are FORTNIGHT_ERROR: _DISK_FULL, _TEMPORARY,
 * _CONFIGURATION, _DAMAGED, _NOT_FOUND. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Archive Archive;

typedef enum { ARCHIVE_READ, ARCHIVE_WRITE } ArchiveMode;

/* Opens an archive; ARCHIVE_WRITE makes its folders and clears what an interrupted batch left. One writer at
 * a time: who holds the database's writer lock. */
Archive *archive_open(const char *directory, ArchiveMode mode, GError **error);

/* Drops what was put and not synced. NULL is allowed. */
void archive_close(Archive *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archive, archive_close)

/* True where the file system has at least needed_bytes beyond low_water_bytes for us; else _DISK_FULL, before
 * any harm. */
bool archive_has_room(Archive *archive, guint64 low_water_bytes, guint64 needed_bytes, GError **error);

/* Writes a message. ret_sha256: its digest, ret_location: its place for archive_read() and the ledger; the
 * caller frees both. The same bytes again: what is there is compared and kept. Not durable before
 * archive_sync(), which is called by itself after every ARCHIVE_BATCH_MAX messages. */
#define ARCHIVE_BATCH_MAX 256
bool archive_put(Archive *archive, GBytes *bytes, char **ret_sha256, char **ret_location, GError **error);

/* Makes everything put since the last call durable. On failure that batch is dropped and must be put again.
 */
bool archive_sync(Archive *archive, GError **error);

/* The bytes at a location; where sha256 is not NULL they are checked against it (_DAMAGED). */
GBytes *archive_read(Archive *archive, const char *location, const char *sha256, GError **error);

/* Is the file there, with this size and digest? The shape of StoreArchiveCheck; user_data is the Archive. */
bool archive_check(const char *location, const char *sha256, gint64 size_bytes, gpointer user_data,
                   GError **error);

/* Removes one message for good (`purge`, `forget`), durably. One that is not there is no error. */
bool archive_remove(Archive *archive, const char *location, GError **error);
