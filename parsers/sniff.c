#include "parsers/sniff.h"

#include <string.h>

#include "parsers/ole.h"
#include "parsers/sniff_text.h"
#include "parsers/zip.h"

/* Acrobat accepts a PDF header within the first kilobyte. */
#define PDF_HEADER_WITHIN 1024u

static const char *const NAMES[FILE_TYPES] = {
    [FILE_UNKNOWN] = "unknown",
    [FILE_EMPTY] = "empty",
    [FILE_DOCX] = "docx",
    [FILE_XLSX] = "xlsx",
    [FILE_PPTX] = "pptx",
    [FILE_ODT] = "odt",
    [FILE_ODS] = "ods",
    [FILE_DOC] = "doc",
    [FILE_XLS] = "xls",
    [FILE_OLE] = "ole",
    [FILE_OOXML_ENCRYPTED] = "ooxml-encrypted",
    [FILE_RTF] = "rtf",
    [FILE_PDF] = "pdf",
    [FILE_HTML] = "html",
    [FILE_MHTML] = "mhtml",
    [FILE_TEXT] = "text",
    [FILE_CSV] = "csv",
    [FILE_ZIP] = "zip",
    [FILE_RAR] = "rar",
    [FILE_7Z] = "7z",
    [FILE_GZIP] = "gzip",
    [FILE_TNEF] = "tnef",
    [FILE_MESSAGE] = "message",
    [FILE_MBOX] = "mbox",
    [FILE_IMAGE] = "image",
    [FILE_CALENDAR] = "calendar",
    [FILE_VCARD] = "vcard",
    [FILE_XML] = "xml",
    [FILE_BINARY] = "binary",
};

const char *sniff_type_name(FileType type) {
    return NAMES[type];
}

bool sniff_is_archive(FileType type) {
    return type == FILE_ZIP || type == FILE_RAR || type == FILE_7Z || type == FILE_GZIP;
}

typedef struct {
    const char *bytes;
    guint8 length;
    guint8 offset;
    FileType type;
} Magic;

static const Magic MAGICS[] = {
    {"Rar!\x1a\x07", 6, 0, FILE_RAR},
    {"7z\xBC\xAF\x27\x1C", 6, 0, FILE_7Z},
    {"\x1F\x8B\x08", 3, 0, FILE_GZIP},
    {"\x78\x9F\x3E\x22", 4, 0, FILE_TNEF},
    {"\x89PNG\r\n", 6, 0, FILE_IMAGE},
    {"\xFF\xD8\xFF", 3, 0, FILE_IMAGE},
    {"GIF87a", 6, 0, FILE_IMAGE},
    {"GIF89a", 6, 0, FILE_IMAGE},
    {"II*\0", 4, 0, FILE_IMAGE},
    {"MM\0*", 4, 0, FILE_IMAGE},
    {"WEBPVP8", 7, 8, FILE_IMAGE},
    {"ftypheic", 8, 4, FILE_IMAGE},
    {"ftypmif1", 8, 4, FILE_IMAGE},
    {"\xD7\xCD\xC6\x9A", 4, 0, FILE_IMAGE},     /* placeable WMF */
    {"\x01\0\0\0\x6C\0\0\0", 8, 0, FILE_IMAGE}, /* EMF */
    {"\0\0\x01\0", 4, 0, FILE_IMAGE},           /* icon */
    {"\xDB\xA5\x2D\0", 4, 0, FILE_DOC},         /* Word 2 for Windows */
    {"\x7F"
     "ELF",
     4, 0, FILE_BINARY},
    {"MZ\x90\0", 4, 0, FILE_BINARY},
};

static FileType sniff_magic(const guint8 *data, gsize length) {
    for (guint i = 0; i < G_N_ELEMENTS(MAGICS); i++) {
        const Magic *magic = &MAGICS[i];
        if (length >= (gsize)magic->offset + magic->length &&
            memcmp(data + magic->offset, magic->bytes, magic->length) == 0)
            return magic->type;
    }
    /* "BM" alone is also how a text may begin: the header's size field must fit too */
    if (length >= 26 && data[0] == 'B' && data[1] == 'M' && memcmp(data + 6, "\0\0\0\0", 4) == 0)
        return FILE_IMAGE;
    return FILE_UNKNOWN;
}

/* ---- zip: what the entries make of it ---- */

typedef struct {
    const char *prefix; /* of an entry's name, with ASCII case ignored */
    FileType type;
} ZipMark;

static const ZipMark ZIP_MARKS[] = {
    {"word/document", FILE_DOCX},
    {"word\\document", FILE_DOCX},
    {"xl/workbook", FILE_XLSX},
    {"ppt/presentation", FILE_PPTX},
};

static FileType type_of_mimetype(ZipFile *zip) {
    const ZipEntry *entry = zip_find(zip, "mimetype");
    if (!entry || entry->size_bytes > 200)
        return FILE_UNKNOWN;
    g_autoptr(GBytes) bytes = zip_read(zip, entry, 200, NULL);
    if (!bytes)
        return FILE_UNKNOWN;
    const char *text = g_bytes_get_data(bytes, NULL);
    if (g_str_has_prefix(text, "application/vnd.oasis.opendocument.text"))
        return FILE_ODT;
    return g_str_has_prefix(text, "application/vnd.oasis.opendocument.spreadsheet") ? FILE_ODS : FILE_UNKNOWN;
}

/* The main part may have any name ([ECMA-376-2] 9.2); then the content types tell. */
static FileType type_of_content_types(ZipFile *zip) {
    static const struct {
        const char *needle;
        FileType type;
    } TYPES[] = {
        {"wordprocessingml.document.main", FILE_DOCX},     {"wordprocessingml.template.main", FILE_DOCX},
        {"ms-word.document.macroEnabled.main", FILE_DOCX}, {"spreadsheetml.sheet.main", FILE_XLSX},
        {"spreadsheetml.template.main", FILE_XLSX},        {"ms-excel.sheet.macroEnabled.main", FILE_XLSX},
        {"presentationml.presentation.main", FILE_PPTX},
    };
    const ZipEntry *entry = zip_find(zip, "[Content_Types].xml");
    g_autoptr(GBytes) bytes = entry ? zip_read(zip, entry, 1u << 20, NULL) : NULL;
    if (!bytes)
        return FILE_UNKNOWN;
    gsize length;
    const char *text = g_bytes_get_data(bytes, &length);
    for (guint i = 0; i < G_N_ELEMENTS(TYPES); i++)
        if (g_strstr_len(text, (gssize)length, TYPES[i].needle))
            return TYPES[i].type;
    return FILE_UNKNOWN;
}

/* A broken directory: the names also stand in the local headers, in clear. */
static FileType sniff_broken_zip(const guint8 *data, gsize length) {
    for (guint i = 0; i < G_N_ELEMENTS(ZIP_MARKS); i++)
        if (memmem(data, length, ZIP_MARKS[i].prefix, strlen(ZIP_MARKS[i].prefix)))
            return ZIP_MARKS[i].type;
    if (memmem(data, MIN(length, 200), "application/vnd.oasis.opendocument.text", 39))
        return FILE_ODT;
    return FILE_ZIP;
}

/* if_broken: the answer where there is no directory and no name of a document in clear. */
static FileType sniff_zip(const guint8 *data, gsize length, FileType if_broken) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, length);
    g_autoptr(ZipFile) zip = zip_open(bytes, NULL);
    if (!zip)
        return if_broken == FILE_ZIP ? sniff_broken_zip(data, length) : if_broken;
    FileType type = type_of_mimetype(zip);
    for (guint i = 0; type == FILE_UNKNOWN && i < zip_count(zip); i++) {
        const char *name = zip_entry(zip, i)->name;
        for (guint k = 0; k < G_N_ELEMENTS(ZIP_MARKS); k++)
            if (g_ascii_strncasecmp(name + (*name == '/'), ZIP_MARKS[k].prefix,
                                    strlen(ZIP_MARKS[k].prefix)) == 0)
                type = ZIP_MARKS[k].type;
    }
    if (type == FILE_UNKNOWN)
        type = type_of_content_types(zip);
    return type == FILE_UNKNOWN ? FILE_ZIP : type;
}

/* Microsoft Works has no stream that always names it; what else ends so is WPS Office's, which has Word's. */
static bool is_works_name(const char *name) {
    gsize length = name ? strlen(name) : 0;
    return length > 4 && g_ascii_strcasecmp(name + length - 4, ".wps") == 0;
}

static FileType sniff_ole(const guint8 *data, gsize length, const char *name_hint) {
    OleInfo info;
    if (!ole_inspect(data, length, &info))
        return FILE_UNKNOWN;
    if (info.has_encrypted_package)
        return FILE_OOXML_ENCRYPTED;
    if (info.is_message)
        return FILE_OLE; /* a .msg may carry a .doc inside */
    if (info.has_word)
        return FILE_DOC;
    if (info.has_workbook)
        return FILE_XLS;
    return is_works_name(name_hint) ? FILE_DOC : FILE_OLE;
}

FileType sniff_type(const guint8 *data, gsize length, const char *name_hint) {
    if (length == 0)
        return FILE_EMPTY;
    if (length >= 4 && memcmp(data, "PK", 2) == 0 &&
        (memcmp(data + 2, "\3\4", 2) == 0 || memcmp(data + 2, "\5\6", 2) == 0 ||
         memcmp(data + 2, "\7\10", 2) == 0))
        return sniff_zip(data, length, FILE_ZIP);
    FileType type = sniff_ole(data, length, name_hint);
    if (type == FILE_UNKNOWN)
        type = sniff_magic(data, length);
    if (type == FILE_UNKNOWN && memmem(data, MIN(length, PDF_HEADER_WITHIN), "%PDF-", 5))
        type = FILE_PDF;
    if (type == FILE_UNKNOWN)
        type = sniff_text(data, length, name_hint);
    if (type != FILE_BINARY)
        return type;
    /* a zip behind something else, a self-extractor perhaps, shows only at its end */
    return sniff_zip(data, length, FILE_BINARY);
}
