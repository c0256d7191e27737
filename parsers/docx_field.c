#include "parsers/docx_field.h"

#include <string.h>

#include "parsers/volatile.h"

/* More of what a field shows is not kept: it is told again, not read. Fields stand in each other, too. */
#define SHOWN_BYTES_MAX 256

void docx_field_name_take(DocxFieldName *name, const char *text, gsize length) {
    gsize known = strlen(name->word);
    for (gsize i = 0; i < length && !name->is_whole; i++)
        if (g_ascii_isspace(text[i]))
            name->is_whole = known > 0;
        else if (known + 1 < sizeof name->word)
            name->word[known++] = text[i];
        else
            name->is_whole = true;
}

bool docx_field_shows_copy(const DocxFieldName *field, const char *name) {
    static const char *const ENDINGS[] = {".doc", ".dot", ".rtf", ".wps", ".wpt"};
    const char *dot = name && g_ascii_strcasecmp(field->word, "FILENAME") == 0 ? strrchr(name, '.') : NULL;
    for (guint i = 0; dot && i < G_N_ELEMENTS(ENDINGS); i++)
        if (g_ascii_strcasecmp(dot, ENDINGS[i]) == 0)
            return true;
    return false;
}

DocxShowing docx_showing_start(const char *instruction, const GString *paragraph, guint depth) {
    bool is_open = paragraph && volatile_is_field(instruction);
    return (DocxShowing){is_open, depth, is_open ? paragraph->len : 0};
}

void docx_showing_end(DocxShowing *showing, const GString *paragraph, guint depth, GPtrArray *texts) {
    if (showing->is_open && paragraph && depth == showing->depth && paragraph->len > showing->from)
        g_ptr_array_add(texts, g_strndup(paragraph->str + showing->from, SHOWN_BYTES_MAX));
    showing->is_open = false;
}
