/* Names that others wrote as names of files: one component that every file system takes and no program trusts
 * too far. */
#pragma once

#include <glib.h>

#define FILE_NAME_BYTES_MAX 120 /* UTF-8; a folder of the same length and a path before it still fit 255 */

/* name without controls, bidi marks and characters that some file system refuses, without leading dots and
 * dashes, cut before its ending at FILE_NAME_BYTES_MAX; "_" before names that Windows keeps for devices. What
 * leaves nothing becomes fallback. The caller frees it. */
char *file_name_safe(const char *name, const char *fallback);
