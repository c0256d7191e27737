/* The converter's private folder: the only place where bytes of others' documents, and what LibreOffice makes
 * of them, lie in files. Locked by the process that made it; what a killed one left is cleared by the next.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct ConverterFolder ConverterFolder;

/* Makes a folder of its own (mode 0700) below base, which is made where it does not exist, after clearing
 * those of processes that are gone. NULL and error where that fails. Free with converter_folder_free(). */
ConverterFolder *converter_folder_new(const char *base, GError **error);

/* Removes it with all that is in it. */
void converter_folder_free(ConverterFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ConverterFolder, converter_folder_free)

/* Its absolute path. */
const char *converter_folder_path(const ConverterFolder *folder);

/* Removes what is in a folder and, with_itself, the folder; symbolic links are not followed. False where
 * something stays. */
bool converter_folder_clear(const char *path, bool with_itself);
