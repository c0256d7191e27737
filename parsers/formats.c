#include "parsers/formats.h"

#include "parsers/ole.h"

static const FormatReader READERS[FILE_TYPES] = {
    [FILE_DOCX] = docx_read,
    [FILE_XLSX] = xlsx_read,
    [FILE_HTML] = html_read,
    [FILE_ODT] = odt_read,
    [FILE_ODS] = ods_read,
    [FILE_PDF] = pdf_read,
    [FILE_MHTML] = mhtml_read,
    [FILE_TEXT] = text_read,
    [FILE_CSV] = csv_read,
};

Document *formats_read(GBytes *data, FileType type, const char *name, GPtrArray *problems) {
    if (READERS[type])
        return READERS[type](data, name, problems);
    OleInfo info = {0};
    gsize length;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    bool is_ole = ole_inspect(bytes, length, &info);
    if (is_ole && info.has_macros)
        problem_add_reading(problems, PROBLEM_MACRO, name);
    if (is_ole && info.is_encrypted)
        problem_add_reading(problems, PROBLEM_ENCRYPTED, name);
    else if (type == FILE_EMPTY || (is_ole && info.is_damaged))
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
    else
        problem_add_reading(problems, PROBLEM_UNSUPPORTED, name);
    return NULL;
}

bool formats_is_readable(FileType type) {
    return READERS[type] != NULL;
}

bool formats_needs_converter(FileType type) {
    return type == FILE_DOC || type == FILE_XLS || type == FILE_RTF;
}
