#include "parsers/volatile.h"

#include <string.h>

/* What changes is noticeable from this share of a document's characters on. */
#define NOTICEABLE_PERCENT 1

#define NAME_BYTES 24 /* all names here are shorter */

static bool is_name_character(char c) {
    return g_ascii_isalnum(c) || c == '_';
}

static bool has_name(const char *const *names, const char *name, gsize length) {
    for (; *names; names++)
        if (strlen(*names) == length && g_ascii_strncasecmp(*names, name, length) == 0)
            return true;
    return false;
}

/* Whether a number of quotes that is not even stands from *from up to at; *from is moved there, so that a
 * formula is gone through once. */
static bool pass_quotes(const char **from, const char *at) {
    bool is_odd = false;
    for (; *from < at; ++*from)
        is_odd ^= **from == '"';
    return is_odd;
}

/* CELL() tells many things about a place; only the file's name depends on the file. */
static bool names_file(const char *at, const char *end) {
    static const char FILENAME[] = "\"filename\"";
    return (gsize)(end - at) >= strlen(FILENAME) && g_ascii_strncasecmp(at, FILENAME, strlen(FILENAME)) == 0;
}

bool volatile_is_formula(const char *formula, gsize length) {
    static const char *const FUNCTIONS[] = {"TODAY", "NOW", "RAND", "RANDBETWEEN", "RANDARRAY", "INFO", NULL};
    static const char *const CELL[] = {"CELL", NULL};
    const char *end = formula + length, *passed = formula;
    bool is_quoted = false; /* ="TODAY()" is text */
    for (const char *at = formula; at < end && (at = memchr(at, '(', (gsize)(end - at))); at++) {
        const char *name = at;
        while (name > formula && is_name_character(name[-1]) && at - name <= NAME_BYTES)
            name--;
        gsize bytes = (gsize)(at - name);
        is_quoted ^= pass_quotes(&passed, name);
        if (!is_quoted &&
            (has_name(FUNCTIONS, name, bytes) || (has_name(CELL, name, bytes) && names_file(at + 1, end))))
            return true;
    }
    return false;
}

bool volatile_is_field(const char *instruction) {
    static const char *const FIELDS[] = {"DATE",     "TIME",     "SAVEDATE",     "PRINTDATE",   "EDITTIME",
                                         "FILENAME", "FILESIZE", "LASTSAVEDBY",  "REVNUM",      "NUMWORDS",
                                         "NUMCHARS", "USERNAME", "USERINITIALS", "USERADDRESS", NULL};
    while (g_ascii_isspace(*instruction))
        instruction++;
    gsize length = 0;
    while (is_name_character(instruction[length]))
        length++;
    return has_name(FIELDS, instruction, length);
}

bool volatile_is_much(const Document *document) {
    return document->volatile_length &&
           document->volatile_length * 100 >= document_text_length(document) * NOTICEABLE_PERCENT;
}
