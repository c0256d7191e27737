/* Lines that stand in columns (tabs, bars, wide gaps) are read as a grid; the others as label/value pairs. */
#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define CHUNKS_MAX 40
#define ROWS_MAX   2000
#define BOX_FIRST  0x2500 /* ─ … ╿: lines and corners of tables drawn with characters */
#define BOX_LAST   0x257F

typedef struct {
    const char *text;
    gsize length;
    guint from; /* display column: a Chinese character takes two */
} Chunk;

typedef enum { SPLIT_TABS, SPLIT_BARS, SPLIT_GAPS } Split;

static guint width_of(gunichar c) {
    if (c >= 0x4E00 && c <= 0x9FFF) /* nearly all that is not ASCII */
        return 2;
    return c >= 0x80 && g_unichar_iswide(c) ? 2 : 1;
}

static void add_chunk(Chunk *chunks, guint *n, const char *start, const char *end, guint from) {
    while (start < end && utf8_is_space(utf8_char(start))) {
        from += width_of(utf8_char(start));
        start = g_utf8_next_char(start);
    }
    while (end > start && utf8_is_space(utf8_char(g_utf8_prev_char(end))))
        end = g_utf8_prev_char(end);
    if (*n < CHUNKS_MAX)
        chunks[(*n)++] = (Chunk){start, (gsize)(end - start), from};
}

static bool is_gap(const char *p) {
    gunichar c = utf8_char(p);
    return c == 0x3000 || (utf8_is_space(c) && p[1] && utf8_is_space(utf8_char(g_utf8_next_char(p))));
}

static bool is_bar(gunichar c) {
    return c == '|' || c == 0xFF5C || c == 0x2502 || c == 0x2503 || c == 0x2551;
}

/* The columns of a line; 0 or 1 where it has none. */
static guint split_line(const char *text, Split split, Chunk *chunks) {
    guint n = 0, column = 0, from = 0;
    const char *start = text, *p = text;
    while (utf8_is_space(utf8_char(p)) && *p && split == SPLIT_GAPS) {
        column += width_of(utf8_char(p));
        p = g_utf8_next_char(p);
        start = p;
        from = column;
    }
    for (; *p;) {
        gunichar c = utf8_char(p);
        bool cut = split == SPLIT_TABS ? c == '\t' : split == SPLIT_BARS ? is_bar(c) : is_gap(p);
        if (!cut) {
            column += width_of(c);
            p = g_utf8_next_char(p);
            continue;
        }
        add_chunk(chunks, &n, start, p, from);
        do {
            column += width_of(utf8_char(p));
            p = g_utf8_next_char(p);
        } while (split == SPLIT_GAPS && *p && utf8_is_space(utf8_char(p)));
        start = p;
        from = column;
    }
    if (*start || split == SPLIT_TABS)
        add_chunk(chunks, &n, start, p, from);
    return n;
}

static const char *text_at(GPtrArray *lines, guint index) {
    return ((const Line *)g_ptr_array_index(lines, index))->text;
}

static bool has_bars(const char *text) {
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        if (is_bar(utf8_char(p)))
            return true;
    return false;
}

/* Whether a line holds a sign that separates columns; wide gaps are none. */
static bool has_cuts(const char *text, Split split) {
    return split == SPLIT_BARS ? has_bars(text) : split == SPLIT_TABS && strchr(text, '\t');
}

/* "|---|---|", "+-----+-----+": drawn between rows. */
static bool is_rule(const char *text) {
    const char *p = text;
    for (; *p; p = g_utf8_next_char(p)) {
        gunichar c = utf8_char(p);
        if (!strchr(" |-+:=", c < 0x80 ? (int)c : 'x') && (c < BOX_FIRST || c > BOX_LAST))
            return false;
    }
    return p > text;
}

static bool ends_with_bar(const char *text) {
    return *text && is_bar(utf8_char(g_utf8_prev_char(text + strlen(text))));
}

/* The columns of a line, without what stands outside of "| a | b |". */
static guint columns_of(const char *text, Split split, Chunk *chunks) {
    guint n = split_line(text, split, chunks);
    if (split != SPLIT_BARS)
        return n;
    if (n && chunks[0].length == 0) {
        memmove(chunks, chunks + 1, (n - 1) * sizeof *chunks);
        n--;
    }
    if (n && chunks[n - 1].length == 0 && ends_with_bar(text))
        n--;
    return n;
}

/* "2. …" without a column of its own below a line in columns: the value there is a numbered list. */
static bool goes_on(const char *text, Split split) {
    return split != SPLIT_GAPS && !has_cuts(text, split) && label_list_mark(text) > 0 &&
           !utf8_find_either(text, ":", "：");
}

/* ---- grids from lines
 * ------------------------------------------------------------------------------------------------- */

/* Reads lines[from..to) as the rows of a grid and marks them used. */
static void match_rows(Matcher *m, GPtrArray *lines, guint from, guint to, Split split) {
    Chunk header[CHUNKS_MAX], chunks[CHUNKS_MAX];
    guint n_header = columns_of(text_at(lines, from), split, header);
    Block *block = block_new_grid(ORIGIN_BODY, 0);
    g_autofree guint *numbers = g_new0(guint, to - from + 1);
    guint row = 0;
    for (guint i = from; i < to; i++) {
        Line *line = g_ptr_array_index(lines, i);
        line->used = true;
        if (split == SPLIT_BARS && is_rule(line->text))
            continue;
        guint n = columns_of(line->text, split, chunks), more = i + 1;
        while (more < to && goes_on(text_at(lines, more), split))
            more++;
        for (guint c = 0; c < n; c++) {
            guint column = c;
            /* an empty column leaves a wider gap: the header says where each begins */
            if (split == SPLIT_GAPS && n < n_header) {
                column = 0;
                for (guint h = 0; h < n_header; h++)
                    if (header[h].from <= chunks[c].from + 1)
                        column = h;
            }
            g_autoptr(GString) text = g_string_new_len(chunks[c].text, (gssize)chunks[c].length);
            for (guint k = i + 1; c + 1 == n && k < more; k++)
                g_string_append_printf(text, "\n%s", text_at(lines, k));
            grid_add_cell(block->grid, row, column, 1, 1, text->str);
        }
        numbers[row++] = line->block;
        for (; i + 1 < more; i++)
            ((Line *)g_ptr_array_index(lines, i + 1))->used = true;
    }
    const guint *outer = m->line_of_row;
    guint n_before = m->unlisted->len;
    m->line_of_row = numbers;
    match_grid(m, block->grid, 0);
    m->line_of_row = outer;
    /* guesses are made later, when this grid is gone: they name the line */
    for (guint i = n_before; i < m->unlisted->len; i++) {
        Place *place = &g_array_index(m->unlisted, Unlisted, i).place;
        if (place->grid == block->grid)
            *place = (Place){.paragraph = numbers[place->row]};
    }
    block_free(block);
}

static bool is_table_header(Matcher *m, const Chunk *chunks, guint n) {
    GArray *meanings[CHUNKS_MAX];
    int columns[CHUNKS_MAX];
    bool found = false;
    for (guint i = 0; i < n; i++)
        meanings[i] = matcher_meanings(m, chunks[i].text, (gssize)chunks[i].length);
    for (guint t = 0; t < m->form->tables->len && !found; t++) {
        guint matched = match_header_columns(m, t, meanings, n, columns);
        found = matched >= 2 && matched * 3 >= n * 2 - 1;
    }
    for (guint i = 0; i < n; i++)
        g_clear_pointer(&meanings[i], g_array_unref);
    return found;
}

/* True where every column is a field's label and none has a value: a row of labels over or under a row of
 * values. */
static bool is_label_row(Matcher *m, const Chunk *chunks, guint n) {
    for (guint i = 0; i < n; i++) {
        g_autoptr(GArray) meanings = matcher_meanings(m, chunks[i].text, (gssize)chunks[i].length);
        if (!matcher_find(meanings, LABEL_FIELD) && !matcher_find(meanings, LABEL_GROUP))
            return false;
    }
    return n > 0;
}

static bool is_blank_line(const char *text) {
    return text[strspn(text, " \t")] == 0;
}

/* The lines below a header of wide gaps that are rows of its table. */
static guint gap_rows_end(Matcher *m, GPtrArray *lines, guint from) {
    Chunk chunks[CHUNKS_MAX];
    guint to = from + 1;
    while (to < lines->len && to - from < ROWS_MAX && !is_blank_line(text_at(lines, to))) {
        guint n = columns_of(text_at(lines, to), SPLIT_GAPS, chunks);
        if (n < 2 || is_label_row(m, chunks, 1))
            break;
        to++;
    }
    return to;
}

/* Where a run of lines in columns starts at `from`: its end and how it is split; else 0. */
static guint find_columns(Matcher *m, GPtrArray *lines, guint from, Split *ret_split) {
    Chunk chunks[CHUNKS_MAX];
    const char *text = text_at(lines, from);
    *ret_split = has_bars(text) ? SPLIT_BARS : SPLIT_TABS;
    if (has_cuts(text, *ret_split)) {
        guint to = from;
        while (to < lines->len && to - from < ROWS_MAX &&
               ((to > from && goes_on(text_at(lines, to), *ret_split)) ||
                (*ret_split == SPLIT_BARS && is_rule(text_at(lines, to))) ||
                (has_cuts(text_at(lines, to), *ret_split) &&
                 (to > from || columns_of(text_at(lines, to), *ret_split, chunks) >= 2))))
            to++;
        /* a bar in one sentence makes no table */
        if (to > from && (*ret_split == SPLIT_TABS || to - from >= 2))
            return to;
    }
    *ret_split = SPLIT_GAPS;
    guint n = columns_of(text, SPLIT_GAPS, chunks);
    if (n >= 2 && is_table_header(m, chunks, n))
        return gap_rows_end(m, lines, from);
    if (n >= 2 && is_label_row(m, chunks, n) && from + 1 < lines->len) {
        guint below = columns_of(text_at(lines, from + 1), SPLIT_GAPS, chunks);
        if (below >= 1 && below <= n && !is_label_row(m, chunks, 1))
            return from + 2;
    }
    return 0;
}

/* "张三      13800001234" over "（姓名）    （电话）": the labels stand below the line. */
static bool take_labels_below(Matcher *m, GPtrArray *lines, guint index) {
    Chunk chunks[CHUNKS_MAX], above[CHUNKS_MAX];
    const char *text = utf8_skip_space(text_at(lines, index));
    if (index == 0 || (!g_str_has_prefix(text, "（") && *text != '('))
        return false;
    guint n = columns_of(text_at(lines, index), SPLIT_GAPS, chunks);
    const Line *before = g_ptr_array_index(lines, index - 1);
    if (before->used || is_blank_line(before->text) || !is_label_row(m, chunks, n))
        return false;
    guint n_above = columns_of(before->text, SPLIT_GAPS, above);
    if (n_above != n || is_label_row(m, above, 1) || utf8_find_either(before->text, ":", "："))
        return false;
    match_rows(m, lines, index - 1, index + 1, SPLIT_GAPS);
    return true;
}

void match_lines(Matcher *m, GPtrArray *lines) {
    guint done = 0; /* lines before this one are read */
    for (guint i = 0; i < lines->len;) {
        Split split;
        if (is_blank_line(text_at(lines, i))) {
            i++;
            continue;
        }
        if (i + 1 < lines->len && i >= done && !is_blank_line(text_at(lines, i + 1)) &&
            take_labels_below(m, lines, i + 1)) {
            match_text(m, lines, done, i, NULL);
            done = i += 2;
            continue;
        }
        guint end = find_columns(m, lines, i, &split);
        if (end == 0) {
            i++;
            continue;
        }
        for (guint k = i; k < end; k++)
            ((Line *)g_ptr_array_index(lines, k))->used = true;
        bool follows = m->grid_follows;
        m->grid_follows = true;
        match_text(m, lines, done, i, NULL); /* the lines before, so that headings are known */
        m->grid_follows = follows;
        match_rows(m, lines, i, end, split);
        m->group = -1;
        done = i = end;
    }
    match_text(m, lines, done, lines->len, NULL);
}
