/* Private to gateway/store: the one writer of a database, as a lock on a file beside it that says who holds
 * it. The lock is of the open file (F_OFD_SETLK), so death releases it and nothing has to be cleaned up. */
#pragma once

#include <glib.h>

/* Takes the lock of the database at path ("PATH.lock") and writes holder into it. Returns the descriptor that
 * holds the lock; close() gives it up. -1 and _BUSY naming the holder where it is taken, _CONFIGURATION where
 * the file cannot be made. */
int writer_lock_take(const char *path, const char *holder, GError **error);
