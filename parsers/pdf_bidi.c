#include "parsers/pdf_bidi.h"

#include <string.h>

/* Shares of a box's height, which is some 1.1 em. Words are at least so far apart; measured are 0.21 and
 * more, and 0.02 at the most where poppler tore a word. */
#define WORD_GAP_SHARE 0.1
/* The same letter again, begun within so little of the one before, is the same drawn twice, or a bar that
 * stretches the word laid over another. */
#define TWICE_SHARE 0.03
/* Widths that differ by less are the same: word processors move letters by up to 0.012 em to fit the grid of
 * the screen. */
#define SAME_WIDTH_SHARE 0.015
/* … and against many others less is enough, as some of them were not moved. */
#define USUAL_WIDTH_SHARE 0.01
/* Letters of a page whose width is looked at. */
#define SAMPLES_MAX 400u
/* A width that fewer than one in so many of them have is that of a letter which was moved. */
#define RARE 20u

#define ALEF 0x627
#define LAM  0x644

enum { RLE = 0x202B, LRE = 0x202A, PDF_MARK = 0x202C };

static const PopplerRectangle NOWHERE = {-1, -1, -1, -1};

/* A letter as it came: level is the nesting of marks around it, 0 outside, odd from right to left. */
typedef struct {
    PdfLetter letter;
    guint8 level;
    bool begins_piece;
} RawLetter;

/* What poppler wrote as one: between two outermost marks, or between spaces. */
typedef struct {
    guint start, length; /* in Line.raw */
    double from, to;     /* from left to right */
    bool is_from_right;  /* holds a letter of such a script */
    bool is_from_left;   /* … of another script */
} Piece;

typedef struct {
    GArray *raw; /* RawLetter: of the line being read */
    bool has_marks;
    GArray *done; /* PdfLetter: of the lines before */
} Line;

bool pdf_bidi_is_from_right(gunichar c) {
    return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFC);
}

/* U+202A to U+202E and U+2066 to U+2069. */
static bool is_mark(gunichar c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool pdf_bidi_has_marks(const char *text) {
    return strstr(text, "\u202A") || strstr(text, "\u202B");
}

static double width_of(const PdfLetter *letter) {
    return letter->box.x2 - letter->box.x1;
}

static double height_of(const PdfLetter *letter) {
    return letter->box.y2 - letter->box.y1;
}

/* ---- one piece ---- */

static void swap_boxes(RawLetter *letters, guint from, guint to) {
    for (; from + 1 < to; from++, to--) {
        PopplerRectangle box = letters[from].letter.box;
        letters[from].letter.box = letters[to - 1].letter.box;
        letters[to - 1].letter.box = box;
    }
}

/* The boxes stand from left to right: those of a piece that runs from right to left are turned round, then
 * those of what runs the other way inside it. */
static void assign_boxes(RawLetter *letters, guint n) {
    guint8 lowest = letters[0].level;
    for (guint i = 1; i < n; i++)
        lowest = MIN(lowest, letters[i].level);
    if (lowest % 2 == 1)
        swap_boxes(letters, 0, n);
    for (guint i = 0; i < n;) {
        guint end = i;
        while (end < n && letters[end].level > lowest)
            end++;
        swap_boxes(letters, i, end);
        i = MAX(end, i + 1);
    }
}

static bool is_alef(gunichar c) {
    return c == ALEF || c == 0x622 || c == 0x623 || c == 0x625;
}

static bool is_same_width(double one, double other) {
    return ABS(one - other) <= SAME_WIDTH_SHARE;
}

/* Whether alefs of their own are so wide. */
static bool is_usual_width(const GArray *widths, double width) {
    guint n_same = 0;
    for (guint i = 0; i < widths->len; i++)
        n_same += ABS(g_array_index(widths, double, i) - width) <= USUAL_WIDTH_SHARE;
    return n_same * RARE >= widths->len;
}

/* Widths of the alefs that stand before no lam. */
static GArray *single_alefs(const PdfLetter *letters, guint n) {
    GArray *widths = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < n && widths->len < SAMPLES_MAX; i++) {
        if (!is_alef(letters[i].c) || (i + 1 < n && letters[i + 1].c == LAM) || height_of(&letters[i]) <= 0)
            continue;
        double width = width_of(&letters[i]) / height_of(&letters[i]);
        g_array_append_val(widths, width);
    }
    return widths;
}

/* One glyph for lam and alef is mapped to two letters, which poppler lays into its halves from left to right
 * and then turns round like two glyphs: then they are as wide as each other, and as no alef of its own. */
static bool is_turned(const PdfLetter *alef, const PdfLetter *lam, const GArray *alefs, guint *unsure) {
    double height = height_of(alef);
    if (height <= 0 || !is_same_width(width_of(alef) / height, width_of(lam) / height))
        return false;
    *unsure += alefs->len == 0;
    return !is_usual_width(alefs, width_of(lam) / height); /* of none, every width is usual */
}

/* Turns them back; returns the number of those of which nobody can tell. */
static guint turn_ligatures(PdfLetter *letters, guint n) {
    g_autoptr(GArray) alefs = single_alefs(letters, n);
    guint unsure = 0;
    for (guint i = 0; i + 1 < n; i++) {
        PdfLetter *alef = &letters[i], *lam = &letters[i + 1];
        if (!is_alef(alef->c) || lam->c != LAM)
            continue;
        bool is_second_alef = i && letters[i - 1].c == ALEF; /* two in a row stand in no word */
        if (!is_second_alef && !is_turned(alef, lam, alefs, &unsure))
            continue;
        lam->c = alef->c;
        alef->c = LAM;
        i++; /* a letter that stands behind is none of this glyph */
    }
    return unsure;
}

/* ---- one line ---- */

static Piece piece_of(RawLetter *letters, guint start, guint length) {
    Piece piece = {start, length, letters[start].letter.box.x1, letters[start].letter.box.x2, false, false};
    assign_boxes(letters + start, length);
    for (guint i = start; i < start + length; i++) {
        const PdfLetter *letter = &letters[i].letter;
        bool is_from_right = pdf_bidi_is_from_right(letter->c);
        piece.from = MIN(piece.from, letter->box.x1);
        piece.to = MAX(piece.to, letter->box.x2);
        piece.is_from_right |= is_from_right;
        piece.is_from_left |= !is_from_right && g_unichar_isalpha(letter->c);
    }
    return piece;
}

static GArray *pieces_of(const Line *line) {
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    RawLetter *letters = (RawLetter *)(void *)line->raw->data;
    for (guint i = 0; i < line->raw->len;) {
        guint end = i;
        while (end < line->raw->len && (end == i || !letters[end].begins_piece) &&
               (letters[end].level || letters[end].letter.c != ' '))
            end++;
        if (end > i) {
            Piece piece = piece_of(letters, i, end - i);
            g_array_append_val(pieces, piece);
        }
        i = MAX(end, i + 1);
    }
    return pieces;
}

static int compare_places(gconstpointer a, gconstpointer b) {
    const Piece *one = a, *other = b;
    return one->from < other->from ? -1 : one->from > other->from;
}

static void reverse_pieces(Piece *pieces, guint n) {
    for (guint low = 0, high = n; low + 1 < high; low++, high--) {
        Piece piece = pieces[low];
        pieces[low] = pieces[high - 1];
        pieces[high - 1] = piece;
    }
}

/* Whether a line is read from the right: most of its words run so, or poppler began there. */
static bool is_from_right(const GArray *pieces) {
    gint64 balance = 0;
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        balance += (gint64)piece->is_from_right - piece->is_from_left;
    }
    const Piece *first = &g_array_index(pieces, Piece, 0), *last = first + pieces->len - 1;
    return balance > 0 || (balance == 0 && first->from > last->from);
}

/* Reading order out of the places: from one side to the other, words of the other direction among themselves
 * the other way round. Poppler's own order has two foreign words in a row reversed. */
static void order_pieces(GArray *pieces, bool from_right) {
    g_array_sort(pieces, compare_places);
    Piece *all = (Piece *)(void *)pieces->data;
    if (from_right)
        reverse_pieces(all, pieces->len);
    for (guint i = 0; i < pieces->len;) {
        guint end = i;
        guint run = 0; /* up to the last word of the other direction, figures between them included */
        for (; end < pieces->len && !(from_right ? all[end].is_from_right : all[end].is_from_left); end++)
            if (from_right ? all[end].is_from_left : all[end].is_from_right)
                run = end + 1 - i;
        while (run && !(from_right ? all[i].is_from_left : all[i].is_from_right))
            i++, run--;
        reverse_pieces(all + i, run);
        i = MAX(end, i + 1);
    }
}

/* A gap or a change of direction, not poppler's spaces: it writes one wherever it tore a word, and none
 * between many others. */
static bool is_apart(const Line *line, const Piece *before, const Piece *piece) {
    const PdfLetter *letter = &g_array_index(line->raw, RawLetter, piece->start).letter;
    double height = height_of(letter), gap = MAX(before->from - piece->to, piece->from - before->to);
    bool is_change =
        before->is_from_left ? piece->is_from_right : piece->is_from_left && before->is_from_right;
    return height <= 0 || is_change || gap > height * WORD_GAP_SHARE;
}

static bool is_drawn_twice(const PdfLetter *before, const PdfLetter *letter) {
    double height = height_of(letter);
    double distance = MIN(ABS(before->box.x1 - letter->box.x1), ABS(before->box.x2 - letter->box.x2));
    return before->c == letter->c && pdf_bidi_is_from_right(letter->c) && height > 0 &&
           ABS(before->box.y1 - letter->box.y1) < height / 2 && distance < height * TWICE_SHARE;
}

/* Letters in the form that their place in the word asks for; not the signs that stand for whole phrases. */
static bool is_presentation(gunichar c) {
    return (c >= 0xFB1D && c <= 0xFDEF) || (c >= 0xFE70 && c <= 0xFEFC);
}

static void put_letter(GArray *done, const PdfLetter *letter) {
    const PdfLetter *before = done->len ? &g_array_index(done, PdfLetter, done->len - 1) : NULL;
    if (before && is_drawn_twice(before, letter))
        return;
    char utf8[8] = {0};
    g_unichar_to_utf8(letter->c, utf8);
    g_autofree char *plain =
        is_presentation(letter->c) ? g_utf8_normalize(utf8, -1, G_NORMALIZE_ALL_COMPOSE) : NULL;
    for (const char *at = plain ? plain : utf8; *at; at = g_utf8_next_char(at)) {
        PdfLetter part = {g_utf8_get_char(at), letter->box};
        g_array_append_val(done, part);
    }
}

static void put_pieces(const Line *line) {
    g_autoptr(GArray) pieces = pieces_of(line);
    if (pieces->len)
        order_pieces(pieces, is_from_right(pieces));
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        if (i && is_apart(line, piece - 1, piece)) {
            PdfLetter space = g_array_index(line->done, PdfLetter, line->done->len - 1);
            space.c = ' ';
            g_array_append_val(line->done, space);
        }
        for (guint k = 0; k < piece->length; k++)
            put_letter(line->done, &g_array_index(line->raw, RawLetter, piece->start + k).letter);
    }
}

static void end_line(Line *line) {
    if (line->has_marks)
        put_pieces(line);
    else
        for (guint i = 0; i < line->raw->len; i++)
            g_array_append_val(line->done, g_array_index(line->raw, RawLetter, i).letter);
    g_array_set_size(line->raw, 0);
    line->has_marks = false;
}

/* ---- a page ---- */

/* Levels of the marks that are open, U+202A to U+202C; deeper ones count as the last. */
typedef struct {
    guint8 levels[8];
    guint n;
} Marks;

static guint8 level_of(const Marks *marks) {
    return marks->n ? marks->levels[MIN(marks->n, G_N_ELEMENTS(marks->levels)) - 1] : 0;
}

static void take_mark(Marks *marks, gunichar c) {
    if (c == RLE || c == LRE) {
        guint8 level = (guint8)((level_of(marks) + 1) | 1); /* the next odd one, or the even one above it */
        if (c == LRE)
            level = (guint8)((level_of(marks) + 2) & ~1);
        if (marks->n < G_N_ELEMENTS(marks->levels))
            marks->levels[marks->n] = level;
        marks->n++;
    } else if (c == PDF_MARK && marks->n) {
        marks->n--;
    }
}

GArray *pdf_bidi_letters(const char *text, const PopplerRectangle *boxes, guint n_boxes, guint *ret_unsure) {
    Line line = {g_array_new(FALSE, FALSE, sizeof(RawLetter)), false,
                 g_array_new(FALSE, FALSE, sizeof(PdfLetter))};
    Marks marks = {0};
    guint i = 0;
    bool begins_piece = true;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (is_mark(c)) {
            begins_piece |= !marks.n;
            take_mark(&marks, c);
            begins_piece |= !marks.n;
            line.has_marks = true;
            continue;
        }
        PdfLetter letter = {c, i < n_boxes && c != '\n' ? boxes[i] : NOWHERE};
        i++;
        if (c == '\n') {
            end_line(&line);
            g_array_append_val(line.done, letter);
            continue;
        }
        RawLetter raw = {letter, level_of(&marks), begins_piece};
        g_array_append_val(line.raw, raw);
        begins_piece = false;
    }
    end_line(&line);
    g_array_unref(line.raw);
    *ret_unsure = turn_ligatures((PdfLetter *)(void *)line.done->data, line.done->len);
    return line.done;
}
