/* Comma-separated values (RFC 4180), as spreadsheets of any language write them → one grid. */
#include <string.h>

#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/limits.h"

/* The delimiter shows in the first rows. */
#define SAMPLE_ROWS 20u
static const char DELIMITERS[] = ",;\t|";

typedef struct {
    const char *at;
    char delimiter;
    bool is_row_end;  /* the field that was read last ended its row */
    bool is_unclosed; /* a quote without end */
} Reader;

/* The next field; quotes are taken off and doubled ones made single. */
static void read_field(Reader *reader, GString *field) {
    g_string_truncate(field, 0);
    const char *at = reader->at;
    const char *quote = at + strspn(at, " ");
    if (*quote == '"') {
        at = quote + 1;
        while (*at && !(*at == '"' && at[1] != '"')) {
#ifdef FORTNIGHT_PLANTED_OVERFLOW /* only in the build of tests/e2e/test_fuzz.py, whose fuzzer finds it */
            g_autofree volatile char *kept = g_malloc(16);
            if (*at == '"')
                kept[field->len] = '"';
#endif
            at += *at == '"';
            g_string_append_c(field, *at++);
        }
        reader->is_unclosed |= !*at;
        at += *at == '"';
    }
    while (*at && *at != '\n' && *at != reader->delimiter)
        g_string_append_c(field, *at++);
    reader->is_row_end = *at != reader->delimiter;
    reader->at = *at ? at + 1 : at;
}

/* How well a delimiter fits: fields of the first row, if most sample rows have as many. */
static guint fitness(const char *text, char delimiter) {
    Reader reader = {text, delimiter, false, false};
    g_autoptr(GString) field = g_string_new(NULL);
    guint first = 0, same = 0, rows = 0, fields = 0;
    while (*reader.at && rows < SAMPLE_ROWS) {
        read_field(&reader, field);
        fields++;
        if (!reader.is_row_end)
            continue;
        if (rows == 0)
            first = fields;
        same += fields == first;
        rows++;
        fields = 0;
    }
    return first < 2 ? 0 : same * 100 / MAX(rows, 1) * 1000 + MIN(first, 999);
}

static char find_delimiter(const char **text) {
    /* Excel's own declaration */
    if (g_ascii_strncasecmp(*text, "sep=", 4) == 0 && (*text)[4] && strchr("\n", (*text)[5])) {
        char declared = (*text)[4];
        *text += (*text)[5] ? 6 : 5;
        return declared;
    }
    char best = ',';
    guint best_fitness = 0;
    for (const char *candidate = DELIMITERS; *candidate; candidate++) {
        guint fits = fitness(*text, *candidate);
        if (fits > best_fitness) {
            best_fitness = fits;
            best = *candidate;
        }
    }
    return best;
}

Document *csv_read(GBytes *data, const char *name, GPtrArray *problems) {
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    bool is_lossy = false, is_cut = length > LIMIT_TEXT_BYTES;
    g_autofree char *raw = charset_to_utf8(bytes, MIN(length, LIMIT_TEXT_BYTES), NULL, false, &is_lossy);
    g_autofree char *clean = charset_clean(raw, -1);
    const char *text = clean;
    Reader reader = {.delimiter = find_delimiter(&text)};
    reader.at = text;
    Document *document = document_new(name);
    Grid *grid = document_add_grid(document, ORIGIN_BODY, NULL);
    g_autoptr(GString) field = g_string_new(NULL);
    guint row = 0, column = 0;
    while (*reader.at && !is_cut) {
        read_field(&reader, field);
        bool is_blank_line = reader.is_row_end && column == 0 && field->len == 0;
        if (!is_blank_line)
            is_cut = !grid_add_cell(grid, row, column, 1, 1, g_strstrip(field->str));
        column++;
        if (reader.is_row_end) {
            row++;
            column = 0;
        }
    }
    if (is_cut)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (reader.is_unclosed)
        problem_add_reading(problems, PROBLEM_DAMAGED, name);
    if (is_lossy && length <= LIMIT_TEXT_BYTES)
        problem_add_reading(problems, PROBLEM_LOSS, name);
    return document;
}
