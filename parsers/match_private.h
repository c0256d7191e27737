/* What the parts of the matcher share. For nobody else. */
#pragma once

#include "parsers/match.h"

/* How sure a value is, by how its label was found and where the value stands. */
#define SURE_EXACT     0.98 /* a listed label, the value beside it or behind its colon */
#define SURE_BELOW     0.95 /* under its label, in a row of labels */
#define SURE_ABOVE     0.92
#define SURE_NEXT_LINE 0.9
#define SURE_SPLIT     0.85 /* a name and a phone in one place */
#define SURE_INHERITED 0.9  /* the group was named before, not here */
#define SURE_PROSE     0.75 /* in a sentence; a cell or line of its own counts more */
#define SURE_GUESSED   0.7  /* at most: times the likeness */

#define MATCH_NESTING 4 /* grids inside cells */

#define FIGURES_MAX 10000 /* in sentences; each costs up to 64 look-ups, 0.1 ms at the worst */

#define SPOT_TRIES 4 /* a cell stands beside, below and above a label */

typedef struct {
    guint row, column, row_span, column_span;
    const char *text;            /* of the cell, borrowed */
    GArray *meanings;            /* LabelMeaning of this form where the whole text is a label, else NULL */
    bool blank;                  /* nothing, a fill-in line or a placeholder */
    bool is_pair;                /* begins with a listed label and a colon: "姓名：张三" */
    bool is_unit;                /* a unit of measurement in a column of such */
    bool used;                   /* is part of a list table, or a value that was taken */
    guint16 tried[SPOT_TRIES];   /* fields as whose value its text was parsed, each plus 1 … */
    guint8 verdicts[SPOT_TRIES]; /* … and the ValueVerdict of each */
    guint8 tries;
    const Cell *cell;
} Spot;

typedef struct {
    const Grid *grid;
    guint rows, columns;
    Spot *spots; /* one a cell, in the order of Grid.cells */
    guint n_spots;
    bool *is_blank; /* per column: no text begins in it */
    Spot **at;      /* rows * columns → covering spot or NULL */
} Sheet;

typedef struct {
    char *text;
    guint block; /* paragraph number */
    bool used;
} Line;

/* A place in the document, to be worded when needed. */
typedef struct {
    const Grid *grid;  /* or NULL */
    guint row, column; /* from 0 */
    guint paragraph;
} Place;

typedef struct {
    const FormSet *set;
    const Form *form;
    guint form_index;
    const Document *document;
    const ValueContext *context;
    Match *match;
    bool *seen_fields;        /* per field: its label was seen */
    GHashTable *seen_columns; /* index and column of each LABEL_COLUMN, in one pointer */
    int group;                /* group that was named last, -1 none */
    bool group_is_heading;    /* it was named for what follows, not only for one value */
    int section;              /* table whose heading was seen last, -1 none */
    GPtrArray **rows;         /* per table: json_t* rows */
    struct Record *record;    /* a table row that is being filled from label/value pairs */
    GArray *unlisted;         /* Unlisted: label-like texts that nobody listed */
    GHashTable *no_labels;    /* texts of cells that no look-up is needed for, by address */
    guint cells_left;         /* work that is still allowed */
    guint figures_left;       /* of sentences */
    bool grid_follows;        /* a grid stands right below the lines that are read */
    const guint *line_of_row; /* of a grid that was made from lines: the number of each, else NULL */
    GArray
        *last_header; /* column per grid column of the last list table, for a continuation without header */
    int last_table;
} Matcher;

typedef struct {
    char *label, *value; /* owned */
    Place place;
    int group;
    guint before; /* number of candidates when it was met: its place in the order of the form */
} Unlisted;

/* ---- match.c ---- */
/* Meanings of text as a label in this form (all readings until one has any), new array or NULL; group and
 * table meanings too. */
GArray *matcher_meanings(Matcher *m, const char *text, gssize length);
const LabelMeaning *matcher_find(const GArray *meanings, LabelKind kind);
const LabelMeaning *matcher_find_column(const GArray *meanings, guint table, guint *ret_column);
/* The field that the label means here, given the group that is named (-1 none); -1 where none. ret_sure: 1,
 * or less where the group was only inherited. */
int matcher_field(Matcher *m, const GArray *meanings, int group, bool group_inherited, double *ret_sure);
void matcher_add(Matcher *m, guint field, const char *raw, Place place, double sure, const char *label);
/* Notes that the label of a table's column was seen. */
void matcher_see_column(Matcher *m, guint table, guint column);
void matcher_unlisted(Matcher *m, const char *label, const char *value, Place place, int group);
char *matcher_source(const Matcher *m, Place place);
const Field *matcher_field_at(const Matcher *m, guint index);
/* True where the group counts only right beside its label (FormGroup.is_near). */
bool matcher_group_is_near(const Matcher *m, int group);
/* Lines for match_lines() and match_text(); matcher_add_line() copies text, of paragraph number block. */
GPtrArray *matcher_lines_new(void);
void matcher_add_line(GPtrArray *lines, const char *text, guint block);
/* True where something good was found for the field. */
bool matcher_has_value(const Matcher *m, guint field);

/* ---- match_sheet.c ---- */
Sheet *sheet_new(Matcher *m, const Grid *grid);
void sheet_free(Sheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sheet, sheet_free)
Spot *sheet_at(const Sheet *sheet, guint row, guint column);
Spot *sheet_right(const Sheet *sheet, const Spot *spot, guint row);
Spot *sheet_below(const Sheet *sheet, const Spot *spot);
Spot *sheet_above(const Sheet *sheet, const Spot *spot);
bool spot_means(const Spot *spot, LabelKind kind);
/* True where a spot can be a value: there, no label, not taken. */
bool spot_is_free(const Spot *spot);

/* ---- match_table.c: list tables ---- */
void match_tables(Matcher *m, Sheet *sheet);
/* Adds one row of raw cell texts (per column, NULL where none) unless it is blank, a sample or a total. */
bool match_add_row(Matcher *m, guint table, const char *const *cells, Place place);
/* How well texts (NULL-terminated list of n) head a table: number of its columns, and which; 0 where its key
 * is missing. */
guint match_header_columns(Matcher *m, guint table, GArray *const *meanings, guint n, int *ret_columns);

/* ---- match_record.c: table rows written as label/value pairs ---- */
bool match_record_add(Matcher *m, const GArray *meanings, const char *value, Place place);
void match_record_flush(Matcher *m);

/* ---- match_grid.c: label and value in cells ---- */
void match_grid(Matcher *m, const Grid *grid, guint depth);

/* ---- match_lines.c: lines that form a grid, and the others ---- */
void match_lines(Matcher *m, GPtrArray *lines);

/* ---- match_text.c: label and value in lines ---- */
/* Reads lines[from..to) as label/value pairs; fixed (may be NULL) is the place of all of them, else each
 * line's own. True where at least one listed label stood in them. */
bool match_text(Matcher *m, GPtrArray *lines, guint from, guint to, const Place *fixed);
/* The pairs of one text (a cell's, a line's): true where at least one listed label stood in it. */
bool match_inline(Matcher *m, const char *text, Place place);

/* ---- match_prose.c: figures in sentences ---- */
void match_prose(Matcher *m, const char *text, Place place);

/* ---- match_guess.c, match_pick.c ---- */
void match_guess(Matcher *m);
void match_pick(Matcher *m);
