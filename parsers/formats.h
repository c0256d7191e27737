/* bytes → Document: the table of formats. One row and one file a format; nothing else knows them. */
#pragma once

#include "parsers/document.h"
#include "parsers/sniff.h"

/* Reads data of the given type. Returns a document (perhaps partial) or NULL where nothing could be read; in
 * both cases what was not read in full stands in problems (class reading: encrypted, damaged, bomb, limit,
 * unsupported, scan, macro, loss) with `where` = name. Never blocks, never opens a file, bounded by
 * parsers/limits.h. The caller owns the result. */
Document *formats_read(GBytes *data, FileType type, const char *name, GPtrArray *problems);

/* True if formats_read() knows the type without a converter. */
bool formats_is_readable(FileType type);
/* True for doc, xls, rtf, wps, et: types that the optional converter turns into docx or xlsx. */
bool formats_needs_converter(FileType type);

/* True where a file's name promises a document: ".doc", ".xlsx", ".pdf" … */
bool formats_is_document_name(const char *name);

/* False where data is a compound file that is encrypted, or damaged where it is told what stands in it; that,
 * and `macro` where it holds macros (never run), goes to problems. */
bool formats_is_intact(GBytes *data, const char *name, GPtrArray *problems);

/* One reader a format; the same contract as formats_read(). */
typedef Document *(*FormatReader)(GBytes *data, const char *name, GPtrArray *problems);
Document *docx_read(GBytes *data, const char *name, GPtrArray *problems);
Document *xlsx_read(GBytes *data, const char *name, GPtrArray *problems);
Document *html_read(GBytes *data, const char *name, GPtrArray *problems);
Document *text_read(GBytes *data, const char *name, GPtrArray *problems);
Document *csv_read(GBytes *data, const char *name, GPtrArray *problems);
Document *mhtml_read(GBytes *data, const char *name, GPtrArray *problems);
Document *odt_read(GBytes *data, const char *name, GPtrArray *problems);
Document *ods_read(GBytes *data, const char *name, GPtrArray *problems);
Document *pdf_read(GBytes *data, const char *name, GPtrArray *problems);

/* Reads a small PDF of its own: what poppler prepares at its first document is then there for the
 * children of this process. */
void pdf_warm(void);
