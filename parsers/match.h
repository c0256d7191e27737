/* Document + form → values and table rows, each with where it was found and how sure that is (SPEC 3).
 * Values are found by label, never by position: in cells beside, below or above their label, behind a colon,
 * between fill-in lines, on the line after; in list tables by their header row, which may stand anywhere,
 * repeat or run down a column. */
#pragma once

#include "parsers/document.h"
#include "parsers/form.h"
#include "parsers/value.h"

typedef struct {
    guint field; /* index in Form.fields */
    ValueVerdict verdict;
    json_t *value;     /* where good, else NULL */
    char *raw;         /* as it stands in the document */
    char *label;       /* as it stands in the document */
    char *source;      /* "双周报.docx 表1 第4行第2列" */
    double confidence; /* 0..1 */
    bool is_guessed;   /* by likeness of the label */
} Candidate;

typedef struct {
    const Form *form;
    guint form_index;
    GPtrArray *candidates; /* Candidate*, in reading order: every place that was considered for a field */
    Candidate **chosen;    /* per field: one of candidates, or NULL */
    json_t *tables;        /* {"questions":[{…},…]}: only tables with rows */
    GPtrArray *unmatched;  /* char*: what looks like a label with a value and means nothing to the form */
    GPtrArray *problems;   /* Problem*: ambiguous, guessed, invalid, limit */
    guint listed_seen;     /* distinct fields and columns whose listed label stands in the document */
    guint labels_seen;     /* the same, with labels that were guessed by likeness */
    guint values_found;    /* chosen fields and table rows */
    bool has_title;        /* one of the form's titles stands in it */
    double score;          /* how much the document is this form; comparable between forms */
} Match;

/* Matches one document with one form. no_labels: texts of its cells, by address, that are known to be no
 * label of any form; the rest is looked up. Always returns; free with match_free(). */
Match *match_document(const FormSet *set, guint form_index, const Document *document,
                      const ValueContext *context, GHashTable *no_labels);
void match_free(Match *match);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Match, match_free)

/* The form that fits document best, or NULL where none fits: fewer than MATCH_MIN_LABELS of its labels, and
 * no title. extra_title (may be NULL) is text such as the subject or the file name that may name the form. */
#define MATCH_MIN_LABELS 3
Match *match_best(const FormSet *set, const Document *document, const ValueContext *context,
                  const char *extra_title);

/* True where text holds a title of some form; ret_form (may be NULL) gets its index. A longer title wins. */
bool match_titles(const FormSet *set, const char *text, guint *ret_form);
