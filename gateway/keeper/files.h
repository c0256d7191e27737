/* Messages and documents from files, as if they had arrived (`ingest`, SPEC 5 and 7). An mbox is taken apart.
 */
#pragma once

#include "gateway/keeper/take_in.h"

typedef struct Files Files;

/* settings: {"files": [path, …], "received": seconds or null (default: each file's time), "org": name or
 * null, "note": text or null}. FORTNIGHT_ERROR_INPUT where no organization, or more than one, bears the name.
 */
Files *files_new(Keeper *keeper, const json_t *settings, GError **error);
void files_free(Files *files);

/* Appends the paths (borrowed) for the sandbox. */
void files_add_paths(const Files *files, GPtrArray *paths);

/* Everything has been taken. */
bool files_is_over(const Files *files);

/* What is not taken yet: messages of the file at hand, and a message for each further file. */
guint files_left(const Files *files);

/* Takes the next message into the batch; a file that cannot be read is named on standard error and counted,
 * the rest goes on. */
void files_take_next(Files *files, TakeIn *take_in);

/* Files that could not be read. */
guint files_failed(const Files *files);
