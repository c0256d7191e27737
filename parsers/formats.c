#include "parsers/formats.h"

#include <string.h>

#include "parsers/ole.h"
#include "parsers/volatile.h"

static const FormatReader READERS[FILE_TYPES] = {
    [FILE_DOCX] = docx_read,   [FILE_XLSX] = xlsx_read, [FILE_HTML] = html_read,
    [FILE_ODT] = odt_read,     [FILE_ODS] = ods_read,   [FILE_PDF] = pdf_read,
    [FILE_MHTML] = mhtml_read, [FILE_TEXT] = text_read, [FILE_CSV] = csv_read,
};

static bool has_ending(const char *name, const char *const *endings) {
    const char *dot = strrchr(name, '.');
    for (; dot && *endings; endings++)
        if (g_ascii_strcasecmp(dot, *endings) == 0)
            return true;
    return false;
}

/* Names that promise a document: a file of such a name that cannot be read is worth a word to its sender; a
 * thumbnail, a class file or an empty marker is not. */
static const char *const DOCUMENTS[] = {".doc",  ".docx",  ".docm",    ".dot", ".dotx", ".xls",  ".xlsx",
                                        ".xlsm", ".xlsb",  ".wps",     ".et",  ".rtf",  ".pdf",  ".odt",
                                        ".ods",  ".zip",   ".rar",     ".7z",  ".ppt",  ".pptx", ".dps",
                                        ".ofd",  ".pages", ".numbers", ".wpt", ".ett",  NULL};
/* An empty file of these has been read in full; a binary one has not. */
static const char *const TEXTS[] = {".txt", ".csv", ".tsv", ".htm", ".html", ".mht", NULL};

/* Office documents saved as one XML file (2003): nothing here reads them. */
static bool is_office_xml(const char *bytes, gsize length) {
    static const char *const MARKS[] = {"wordDocument", "urn:schemas-microsoft-com:office:spreadsheet",
                                        "office:document"};
    for (guint i = 0; i < G_N_ELEMENTS(MARKS); i++)
        if (g_strstr_len(bytes, (gssize)MIN(length, 4096), MARKS[i]))
            return true;
    return false;
}

/* Is it worth saying that a file of a type without reader was not read? */
static bool is_missed(FileType type, const char *name, const char *bytes, gsize length) {
    bool is_document = formats_is_document_name(name);
    switch (type) {
    case FILE_EMPTY:
    case FILE_IMAGE:
    case FILE_CALENDAR:
    case FILE_VCARD:
        return is_document;
    case FILE_XML:
        return is_document || is_office_xml(bytes, length);
    case FILE_BINARY:
    case FILE_UNKNOWN:
        return is_document || has_ending(name, TEXTS);
    default:
        return true;
    }
}

bool formats_is_intact(GBytes *data, const char *name, GPtrArray *problems) {
    OleInfo info = {0};
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    if (!ole_inspect(bytes, length, &info))
        return true;
    if (info.has_macros)
        problem_add_reading(problems, PROBLEM_MACRO, name);
    if (info.is_encrypted || info.is_damaged)
        problem_add_reading(problems, info.is_encrypted ? PROBLEM_ENCRYPTED : PROBLEM_DAMAGED, name);
    return !info.is_encrypted && !info.is_damaged;
}

Document *formats_read(GBytes *data, FileType type, const char *name, GPtrArray *problems) {
    if (READERS[type]) {
        Document *document = READERS[type](data, name, problems);
        if (document && volatile_is_much(document))
            problem_add_reading(problems, PROBLEM_VOLATILE, name);
        return document;
    }
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    if (formats_is_intact(data, name, problems) && is_missed(type, name, bytes, length))
        problem_add_reading(problems, type == FILE_EMPTY ? PROBLEM_DAMAGED : PROBLEM_UNSUPPORTED, name);
    return NULL;
}

bool formats_is_document_name(const char *name) {
    return has_ending(name, DOCUMENTS);
}

bool formats_is_readable(FileType type) {
    return READERS[type] != NULL;
}

bool formats_needs_converter(FileType type) {
    return type == FILE_DOC || type == FILE_XLS || type == FILE_RTF;
}
