/* An Office Open XML package (ECMA-376 part 2) in memory: named parts in, a zip out. The same parts give the
 * same bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct DocumentPackage DocumentPackage;

/* An empty package; the caller frees it. */
DocumentPackage *document_package_new(void);
void document_package_free(DocumentPackage *package);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocumentPackage, document_package_free)

/* Appends a part; data is copied. "[Content_Types].xml" must come first. */
void document_package_add(DocumentPackage *package, const char *name, const char *data, gsize length);

/* The zip; the caller owns it. FORTNIGHT_ERROR_TEMPORARY where libarchive refuses (memory). */
GBytes *document_package_finish(DocumentPackage *package, GError **error);

/* Appends what others wrote as XML character data: one line, without controls, bidi and invisible characters
 * (facts/email.md 5.4); nothing is cut. NULL is nothing. */
void document_out_text(GString *xml, const char *text);
