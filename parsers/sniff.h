/* What a part is, by its content and never by its name (facts/email.md 3.4). */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    FILE_UNKNOWN,
    FILE_EMPTY,
    FILE_DOCX,
    FILE_XLSX,
    FILE_PPTX,
    FILE_ODT,
    FILE_ODS,
    FILE_DOC,             /* OLE2 with a WordDocument stream; WPS .wps is the same; Word 2, Works */
    FILE_XLS,             /* OLE2 with a Workbook or Book stream; WPS .et is the same */
    FILE_OLE,             /* other OLE2, .msg among them */
    FILE_OOXML_ENCRYPTED, /* OLE2 with EncryptedPackage */
    FILE_RTF,
    FILE_PDF,
    FILE_HTML,
    FILE_MHTML,
    FILE_TEXT,
    FILE_CSV,
    FILE_ZIP,
    FILE_RAR,
    FILE_7Z,
    FILE_GZIP,
    FILE_TNEF,
    FILE_MESSAGE, /* RFC 822 */
    FILE_MBOX,
    FILE_IMAGE,
    FILE_CALENDAR,
    FILE_VCARD,
    FILE_XML,
    FILE_BINARY,
    FILE_TYPES /* their number */
} FileType;

/* "docx", "xlsx", …: the `type` of SPEC 3.4 (static string). */
const char *sniff_type_name(FileType type);

/* True for types that container_read() takes apart. */
bool sniff_is_archive(FileType type);

/* The type of data; name_hint (may be NULL) only decides between types that content cannot tell apart (text
 * and csv). */
FileType sniff_type(const guint8 *data, gsize length, const char *name_hint);
