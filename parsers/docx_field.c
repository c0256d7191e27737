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

DocxShowing docx_showing_start(const char *instruction, const GString *text, guint paragraph) {
    bool is_open = text && volatile_is_field(instruction);
    return (DocxShowing){is_open, paragraph, is_open ? text->len : 0};
}

static char *shown_text(const char *shown) {
    gsize length = strlen(shown);
    if (length > SHOWN_BYTES_MAX) /* up to the last character that is whole */
        length = (gsize)(g_utf8_find_prev_char(shown, shown + SHOWN_BYTES_MAX + 1) - shown);
    return g_strndup(shown, length);
}

void docx_showing_end(DocxShowing *showing, const GString *text, guint paragraph, GPtrArray *texts) {
    if (showing->is_open && text && paragraph == showing->paragraph && text->len > showing->from)
        g_ptr_array_add(texts, shown_text(text->str + showing->from));
    showing->is_open = false;
}
