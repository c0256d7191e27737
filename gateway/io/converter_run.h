/* One batch of documents through LibreOffice, headless, in a private folder: writes them there, starts it as
 * often as is needed, takes what it made. It runs under the limits of this process's sandbox and its own: no
 * child, no connection, processor time, memory, file size; a process group that is killed at the deadline. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "gateway/io/seccomp.h"

typedef struct {
    const char *program;         /* soffice.bin, absolute */
    const char *folder;          /* absolute, empty, writable */
    const SeccompFilter *filter; /* of the program, or NULL */
} ConverterPlace;

typedef struct {
    const char *type, *target; /* "doc", "xls", "rtf"; "docx", "xlsx" */
    const void *bytes;         /* borrowed */
    gsize length_bytes;
    GBytes *result;      /* out: what it became, or NULL; owned */
    const char *failure; /* out: where result is NULL: "refused", "timeout", "crash", "limit" (static) */
} ConverterFile;

void converter_file_clear(ConverterFile *file);

/* Converts all files; each ends with a result or a failure. A document that LibreOffice dies of or does not
 * end with is tried once more alone, so that it takes no other along. Leaves the folder empty. Waits: at most
 * about CONVERTER_BATCH_MS. */
void converter_run(const ConverterPlace *place, ConverterFile *files, guint n_files);

enum { CONVERTER_BATCH_MS = 120000 };
