/* What the fuzz targets share: bytes as a document, bytes as the parts of an office file, the shipped forms.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "parsers/form.h"
#include "parsers/formats.h"

/* The entry that libFuzzer and tests/unit/test_fuzz.c call; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Reads bytes with a reader and writes the result as text and JSON. */
void fuzz_document(FormatReader reader, const uint8_t *bytes, size_t length);

/* The same for an office file in which each of n parts, named in turn, has these bytes as its content; all
 * but the first are relations of the first, of the type in their name ("word/styles.xml": styles). So the
 * fuzzer changes XML and not a zip's check sums. */
void fuzz_package(FormatReader reader, const char *const *parts, guint n, const uint8_t *bytes,
                  size_t length);

/* The forms of etc/youth-voice; the working directory must be the root. Never freed. */
const FormSet *fuzz_forms(void);

/* A file without a name that holds these bytes, as a path for open(); the caller frees it and closes *ret_fd.
 */
char *fuzz_path(const uint8_t *bytes, size_t length, int *ret_fd);
