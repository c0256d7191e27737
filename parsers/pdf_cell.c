#include "parsers/pdf_cell.h"

#include <stdbool.h>
#include <string.h>

/* Widths as shares of the height of a character's box, which is some 1.3 em. */
#define WIDE_SHARE   0.8
#define NARROW_SHARE 0.4
/* Space that a word processor leaves between text and rule, both sides together, in points. */
#define PADDING 12.0
/* A box whose middle is this share of its height away stands on another line. */
#define LINE_SHARE 0.6

typedef struct {
    GString *text;
    double from, to, middle, height;
} CellLine;

struct PdfCellText {
    double left, right;
    GPtrArray *lines; /* CellLine* */
};

static void line_free(gpointer data) {
    g_string_free(((CellLine *)data)->text, TRUE);
    g_free(data);
}

PdfCellText *pdf_cell_new(double left, double right) {
    PdfCellText *cell = g_new0(PdfCellText, 1);
    cell->left = left;
    cell->right = right;
    cell->lines = g_ptr_array_new_with_free_func(line_free);
    return cell;
}

static CellLine *last_line(const PdfCellText *cell) {
    return cell->lines->len ? g_ptr_array_index(cell->lines, cell->lines->len - 1) : NULL;
}

void pdf_cell_add(PdfCellText *cell, gunichar character, const PopplerRectangle *box) {
    double middle = (box->y1 + box->y2) / 2, height = box->y2 - box->y1;
    CellLine *line = last_line(cell);
    if (g_unichar_isspace(character) || character == 0) {
        if (line && !g_str_has_suffix(line->text->str, " "))
            g_string_append_c(line->text, ' ');
        return;
    }
    if (!line || ABS(middle - line->middle) > MAX(height, line->height) * LINE_SHARE) {
        line = g_new0(CellLine, 1);
        *line = (CellLine){g_string_new(NULL), box->x1, box->x2, middle, height};
        g_ptr_array_add(cell->lines, line);
    }
    g_string_append_unichar(line->text, character);
    line->from = MIN(line->from, box->x1);
    line->to = MAX(line->to, box->x2);
    line->height = MAX(line->height, height);
}

/* ---- joining ---- */

/* Width of what had to go to the next line as a whole: a word, or a wide character with the punctuation that
 * clings to it. */
static double first_word_width(const CellLine *line) {
    double width = 0;
    bool has_wide = false;
    for (const char *at = line->text->str; *at && *at != ' '; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool is_letter = g_unichar_iswide(c) && !g_unichar_ispunct(c);
        if (is_letter ? width > 0 : has_wide && !g_unichar_ispunct(c))
            break;
        has_wide |= is_letter;
        width += line->height * (g_unichar_iswide(c) ? WIDE_SHARE : NARROW_SHARE);
    }
    return width;
}

static bool is_broken_by_width(const PdfCellText *cell, const CellLine *line, const CellLine *next) {
    double room = (cell->right - cell->left) - (line->to - line->from);
    return room < first_word_width(next) + PADDING;
}

/* The last run without space. */
static const char *tail_of(const char *line) {
    const char *space = strrchr(line, ' ');
    return space ? space + 1 : line;
}

/* "0.965" over "0.934" is no number that was broken. */
static bool is_two_numbers(const char *line, const char *next) {
    static const char DIGITS[] = "0123456789.%";
    const char *tail = tail_of(line);
    gsize first = strspn(tail, DIGITS), second = strspn(next, DIGITS);
    return first && !tail[first] && second && memchr(tail, '.', first) && memchr(next, '.', second);
}

static bool is_latin(gunichar c) {
    return c < 0x250 && g_unichar_isalpha(c);
}

static bool is_han(gunichar c) {
    return g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN;
}

/* A latin word of its own, no abbreviation that belongs to the hanzi beside it ("QQ"). */
#define WORD_LETTERS_MIN 3

static guint letters_at(const char *text, int step) {
    guint letters = 0;
    while (letters < WORD_LETTERS_MIN && g_ascii_isalpha(text[(int)letters * step]))
        letters++;
    return letters;
}

/* The same label in two languages, one below the other. */
static bool is_other_language(const char *line, const char *next) {
    gunichar last = g_utf8_get_char(g_utf8_prev_char(line + strlen(line))), first = g_utf8_get_char(next);
    if (is_han(last))
        return letters_at(next, 1) == WORD_LETTERS_MIN;
    return is_han(first) && strlen(line) >= WORD_LETTERS_MIN &&
           letters_at(line + strlen(line) - 1, -1) == WORD_LETTERS_MIN;
}

/* "2019-07-01" over "17:38". */
static bool is_date_and_time(const char *line, const char *next) {
    static const char DIGITS[] = "0123456789";
    const char *tail = tail_of(line);
    gsize hour = strspn(next, DIGITS);
    return hour >= 1 && hour <= 2 && next[hour] == ':' && strcspn(tail, "-/.") < strlen(tail) &&
           strspn(tail, "0123456789-/.") == strlen(tail);
}

/* Between words a break stood for a space; inside an address, a number or between hanzi for nothing. */
static bool needs_space(const char *line, const char *next) {
    const char *tail = tail_of(line);
    if (!*line || !*next || strchr(tail, '@') || strstr(tail, "://") || strstr(tail, "www."))
        return false;
    if (is_other_language(line, next) || is_date_and_time(line, next))
        return true;
    return is_latin(g_utf8_get_char(g_utf8_prev_char(line + strlen(line)))) &&
           is_latin(g_utf8_get_char(next));
}

double pdf_cell_room(const PdfCellText *cell) {
    const CellLine *line = last_line(cell);
    return line ? (cell->right - cell->left) - (line->to - line->from) : G_MAXDOUBLE;
}

bool pdf_cell_goes_on(const PdfCellText *cell, double room) {
    return cell->lines->len == 0 || room < first_word_width(g_ptr_array_index(cell->lines, 0)) + PADDING;
}

bool pdf_cell_is_empty(const PdfCellText *cell) {
    return cell->lines->len == 0;
}

char *pdf_cell_join(const char *text, const char *rest) {
    return g_strconcat(text, needs_space(text, rest) ? " " : "", rest, NULL);
}

/* An address is broken behind a slash, whatever room is left. */
static bool is_cut_url(const char *line) {
    return g_str_has_suffix(line, "/") && strstr(tail_of(line), "://");
}

char *pdf_cell_finish(PdfCellText *cell) {
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < cell->lines->len; i++) {
        const CellLine *line = g_ptr_array_index(cell->lines, i);
        const CellLine *before = i ? g_ptr_array_index(cell->lines, i - 1) : NULL;
        g_strchomp(line->text->str);
        bool is_apart =
            before && !is_cut_url(before->text->str) &&
            (!is_broken_by_width(cell, before, line) || is_two_numbers(before->text->str, line->text->str));
        if (is_apart)
            g_string_append_c(text, '\n');
        else if (before && needs_space(before->text->str, line->text->str))
            g_string_append_c(text, ' ');
        g_string_append(text, line->text->str);
    }
    g_ptr_array_unref(cell->lines);
    g_free(cell);
    return g_string_free(text, FALSE);
}
