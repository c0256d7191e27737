/* Plain text → paragraphs, one a line; runs of lines that are clearly a table become a grid. What is clear:
 * the same number of fields, two or more, in consecutive lines, split by tabs, by bars, or by gaps that stand
 * in the same columns. */
#include <string.h>

#include "parsers/charset.h"
#include "parsers/formats.h"
#include "parsers/limits.h"

/* A line with more fields than this is not a row of a form. */
#define FIELDS_MAX 200u
/* Tabs and bars are meant; gaps of spaces need one line more to be believed. */
#define MARKED_ROWS_MIN  2u
#define ALIGNED_ROWS_MIN 3u
/* A table has one drawn line on top; looking for more in front of every line would be quadratic. */
#define LEADING_RULES_MAX 2u
/* So many display columns may an edge of a column waver: wide characters are drawn at one and a half here and
 * there. */
#define EDGE_SLACK 1

typedef enum { SPLIT_NONE, SPLIT_TAB, SPLIT_BAR, SPLIT_GAP } SplitKind;

typedef struct {
    GPtrArray *texts; /* char* */
    GArray *starts;   /* int: display column in which a field begins (gaps only) */
    GArray *ends;     /* int: and behind its last character */
} Fields;

static void fields_free(Fields *fields) {
    g_ptr_array_unref(fields->texts);
    g_array_unref(fields->starts);
    g_array_unref(fields->ends);
    g_free(fields);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fields, fields_free)

static void add_field(Fields *fields, const char *start, gsize length, int from, int to) {
    g_ptr_array_add(fields->texts, g_strstrip(g_strndup(start, length)));
    g_array_append_val(fields->starts, from);
    g_array_append_val(fields->ends, to);
}

/* ---- splitting ---- */

/* | and its relatives of box drawing and full width; the length in bytes, or 0. */
static gsize bar_length(const char *at) {
    if (*at == '|')
        return 1;
    static const char *const BARS[] = {"│", "┃", "║", "｜"};
    for (guint i = 0; i < G_N_ELEMENTS(BARS); i++)
        if (g_str_has_prefix(at, BARS[i]))
            return strlen(BARS[i]);
    return 0;
}

/* "+----+" and "|:---|": drawn, not said. */
static bool is_rule(const char *line) {
    guint strokes = 0;
    for (const char *at = line; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool is_stroke = c == '-' || c == '=' || c == '_' || (c >= 0x2500 && c <= 0x257F);
        if (!is_stroke && !strchr("+|: \t", (int)(c < 0x80 ? c : 'x')))
            return false;
        strokes += is_stroke;
    }
    return strokes >= 2;
}

static void split_marked(const char *line, bool is_bar, Fields *fields) {
    const char *start = line, *at = line;
    bool is_outer = is_bar && bar_length(line + strspn(line, " "));
    while (*at) {
        gsize length = is_bar ? bar_length(at) : *at == '\t';
        if (!length) {
            at = g_utf8_next_char(at);
            continue;
        }
        if (!(is_outer && fields->texts->len == 0 && start == line &&
              (gsize)(at - line) == strspn(line, " ")))
            add_field(fields, start, (gsize)(at - start), 0, 0);
        at += length;
        start = at;
    }
    if (!is_bar || !is_outer || start[strspn(start, " ")])
        add_field(fields, start, (gsize)(at - start), 0, 0);
}

static int display_width(gunichar c) {
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

/* Fields with two or more display columns of space between them. */
static void split_gaps(const char *line, Fields *fields) {
    const char *start = NULL, *end = line;
    int column = 0, from = 0, to = 0;
    for (const char *at = line; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        int width = display_width(c);
        if (!g_unichar_isspace(c)) {
            if (start && column - to >= 2) {
                add_field(fields, start, (gsize)(end - start), from, to);
                start = NULL;
            }
            if (!start) {
                start = at;
                from = column;
            }
            end = g_utf8_next_char(at);
            to = column + width;
        }
        column += width;
    }
    if (start)
        add_field(fields, start, (gsize)(end - start), from, to);
}

static Fields *split_line(const char *line, SplitKind kind) {
    g_autoptr(Fields) fields = g_new0(Fields, 1);
    fields->texts = g_ptr_array_new_with_free_func(g_free);
    fields->starts = g_array_new(FALSE, FALSE, sizeof(int));
    fields->ends = g_array_new(FALSE, FALSE, sizeof(int));
    if (kind == SPLIT_GAP)
        split_gaps(line, fields);
    else
        split_marked(line, kind == SPLIT_BAR, fields);
    bool is_row = fields->texts->len >= 2 && fields->texts->len <= FIELDS_MAX;
    return is_row ? g_steal_pointer(&fields) : NULL;
}

/* What a line may be split by: a tab or bar inside of it, not merely around it. */
static SplitKind kind_of(const char *line) {
    const char *inner = line + strspn(line, " \t");
    for (const char *at = inner; *at; at = g_utf8_next_char(at))
        if (bar_length(at))
            return SPLIT_BAR;
    const char *tab = strchr(inner, '\t');
    if (tab && tab[strspn(tab, " \t")])
        return SPLIT_TAB;
    return strstr(inner, "  ") || strstr(inner, "\xE3\x80\x80") ? SPLIT_GAP : SPLIT_NONE;
}

/* ---- tables ---- */

static bool is_near(int a, int b) {
    return a - b <= EDGE_SLACK && b - a <= EDGE_SLACK;
}

static bool is_aligned(const Fields *fields, const Fields *first) {
    for (guint i = 0; i < fields->starts->len; i++)
        if (!is_near(g_array_index(fields->starts, int, i), g_array_index(first->starts, int, i)) &&
            !is_near(g_array_index(fields->ends, int, i), g_array_index(first->ends, int, i)))
            return false;
    return true;
}

typedef struct {
    GPtrArray *rows; /* Fields* */
    guint n_lines;   /* rules included */
} Table;

/* The table that begins with lines[from], rows empty where there is none. */
static Table gather_table(char **lines, guint from) {
    Table table = {g_ptr_array_new_with_free_func((GDestroyNotify)fields_free), 0};
    guint at = from;
    while (lines[at] && at - from < LEADING_RULES_MAX && is_rule(lines[at]))
        at++;
    SplitKind kind = lines[at] ? kind_of(lines[at]) : SPLIT_NONE;
    for (; kind != SPLIT_NONE && lines[at]; at++) {
        if (is_rule(lines[at]))
            continue;
        g_autoptr(Fields) fields = kind_of(lines[at]) == kind ? split_line(lines[at], kind) : NULL;
        const Fields *first = table.rows->len ? g_ptr_array_index(table.rows, 0) : fields;
        if (!fields || fields->texts->len != first->texts->len ||
            (kind == SPLIT_GAP && !is_aligned(fields, first)))
            break;
        g_ptr_array_add(table.rows, g_steal_pointer(&fields));
    }
    table.n_lines = at - from;
    if (table.rows->len < (kind == SPLIT_GAP ? ALIGNED_ROWS_MIN : MARKED_ROWS_MIN))
        g_ptr_array_set_size(table.rows, 0);
    return table;
}

/* False where the cells of the document are used up. */
static bool add_table(Document *document, const Table *table, guint *cells) {
    Grid *grid = document_add_grid(document, ORIGIN_BODY, NULL);
    for (guint row = 0; row < table->rows->len; row++) {
        const Fields *fields = g_ptr_array_index(table->rows, row);
        for (guint column = 0; column < fields->texts->len; column++)
            if (++*cells > LIMIT_CELLS ||
                !grid_add_cell(grid, row, column, 1, 1, g_ptr_array_index(fields->texts, column)))
                return false;
    }
    return true;
}

Document *text_read(GBytes *data, const char *name, GPtrArray *problems) {
    gsize length;
    const char *bytes = g_bytes_get_data(data, &length);
    bool is_lossy = false, is_cut = length > LIMIT_TEXT_BYTES;
    g_autofree char *raw = charset_to_utf8(bytes, MIN(length, LIMIT_TEXT_BYTES), NULL, false, &is_lossy);
    g_autofree char *text = charset_clean(raw, -1);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Document *document = document_new(name);
    guint cells = 0;
    for (guint i = 0; lines[i] && !is_cut;) {
        Table table = gather_table(lines, i);
        if (table.rows->len) {
            is_cut |= !add_table(document, &table, &cells);
            i += table.n_lines;
        } else if (document->blocks->len >= LIMIT_PARAGRAPHS) {
            is_cut = true;
        } else if (*g_strstrip(lines[i])) {
            document_add_paragraph(document, ORIGIN_BODY, lines[i++]);
        } else {
            i++;
        }
        g_ptr_array_unref(table.rows);
    }
    if (is_cut)
        problem_add_reading(problems, PROBLEM_LIMIT, name);
    if (is_lossy && length <= LIMIT_TEXT_BYTES)
        problem_add_reading(problems, PROBLEM_LOSS, name);
    return document;
}
