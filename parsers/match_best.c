/* Which form a document is. */
#include <string.h>

#include "parsers/form_words.h"
#include "parsers/label.h"
#include "parsers/match_private.h"
#include "parsers/utf8.h"

#define TITLE_BYTES  200 /* a title is short, a sentence that names a form is not one */
#define TITLE_ROWS   3   /* of a grid: a title stands at its top */
#define SURVEY_TEXTS 600 /* texts of a document that are looked at to choose a form */
#define TITLE_WORTH  3.0 /* a title counts like so many labels */
#define VALUE_WORTH  0.2
#define NAMED_LABELS 2 /* of a form that is named; else MATCH_MIN_LABELS, and more besides */
/* A list alone is the form that is a list, not one that has such a list among other things. */
#define COMPLETE_WORTH 1.0
/* So many of a form's labels are no chance, even if they name only people. */
#define LABELS_ENOUGH 6

bool match_titles(const FormSet *set, const char *text, guint *ret_form) {
    if (strlen(text) > TITLE_BYTES)
        return false;
    g_autofree char *normal = label_normal_form(text, -1);
    gsize longest = 0;
    for (guint f = 0; f < form_set_size(set); f++) {
        const Form *form = form_set_nth(set, f);
        bool ruled_out = false;
        for (guint i = 0; i < form->not_titles->len; i++)
            ruled_out |= strstr(normal, g_ptr_array_index(form->not_titles, i)) != NULL;
        for (guint i = 0; !ruled_out && i < form->titles->len; i++) {
            const char *title = g_ptr_array_index(form->titles, i);
            if (strlen(title) > longest && strstr(normal, title)) {
                longest = strlen(title);
                if (ret_form)
                    *ret_form = f;
            }
        }
    }
    return longest > 0;
}

/* ---- a quick look at all forms
 * ------------------------------------------------------------------------------------------ */

typedef struct {
    const FormSet *set;
    double *hits;          /* per form */
    GHashTable *seen;      /* normal forms that were counted */
    bool *titles;          /* per form */
    GHashTable *no_labels; /* texts of cells that are no label of any form, by address */
    guint left;
} Survey;

static bool survey_reading(const char *normal, gpointer data) {
    Survey *survey = data;
    const GArray *meanings = form_set_meanings(survey->set, normal);
    if (!meanings || !g_hash_table_add(survey->seen, g_strdup(normal)))
        return meanings != NULL;
    guint last = G_MAXUINT;
    for (guint i = 0; i < meanings->len; i++) {
        const LabelMeaning *meaning = &g_array_index(meanings, LabelMeaning, i);
        if (meaning->form != last)
            survey->hits[meaning->form] += 1;
        last = meaning->form;
    }
    return true;
}

/* True where the whole text may be a label of some form. */
static bool survey_text(Survey *survey, const char *text, bool may_be_title) {
    guint form;
    if (survey->left == 0)
        return true;
    survey->left--;
    if (may_be_title && match_titles(survey->set, text, &form))
        survey->titles[form] = true;
    if (label_each_likely_reading(text, -1, form_set_letters(survey->set), survey_reading, survey))
        return true;
    const char *start = text;
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        guchar lead = (guchar)*p;
        if (lead >= 0xE4 && lead <= 0xE9) /* Han: most characters, and never an end */
            continue;
        gunichar c = utf8_char(p);
        bool ends = c == ':' || c == 0xFF1A || c == 0x2236 || c == 0xFE30 || c == 0xFE55 || c == '_' ||
                    c == '\n' || c == '\t' || c == ' ' || c == 0x3000;
        if (ends)
            label_each_likely_reading(start, p - start, form_set_letters(survey->set), survey_reading,
                                      survey);
        if ((ends && c != '_') || c == 0xFF0C || c == 0xFF1B)
            start = g_utf8_next_char(p);
    }
    if (start > text)
        label_each_likely_reading(start, -1, form_set_letters(survey->set), survey_reading, survey);
    return false;
}

static void survey_grid(Survey *survey, const Grid *grid, guint depth) {
    for (guint i = 0; i < grid->cells->len && survey->left; i++) {
        const Cell *cell = g_ptr_array_index(grid->cells, i);
        if (*cell->text && !survey_text(survey, cell->text, cell->row < TITLE_ROWS))
            g_hash_table_add(survey->no_labels, cell->text);
        for (guint k = 0; cell->nested && depth < MATCH_NESTING && k < cell->nested->len; k++) {
            const Block *block = g_ptr_array_index(cell->nested, k);
            if (block->grid)
                survey_grid(survey, block->grid, depth + 1);
        }
    }
}

static void survey_document(Survey *survey, const Document *document) {
    for (guint i = 0; i < document->blocks->len && survey->left; i++) {
        const Block *block = g_ptr_array_index(document->blocks, i);
        if (block->origin == ORIGIN_HIDDEN)
            continue;
        if (block->kind == BLOCK_GRID) {
            survey_grid(survey, block->grid, 0);
            continue;
        }
        g_auto(GStrv) lines = g_strsplit(block->text, "\n", -1);
        for (guint k = 0; lines[k]; k++)
            if (*lines[k])
                survey_text(survey, lines[k], true);
    }
}

/* Whose name, telephone and date stand on any paper; a figure, a choice or an account do not. */
static bool is_on_any_paper(FieldType type) {
    return type == TYPE_ORG || type == TYPE_PERSON || type == TYPE_PHONE || type == TYPE_EMAIL ||
           type == TYPE_DATE || type == TYPE_URL;
}

/* True where a document without a title holds what makes it this form: enough of its labels, and an entry in
 * its list or behind a label of its own. What was guessed by likeness tells nothing here. */
static bool is_telling(const Match *match) {
    if (match->listed_seen < MATCH_MIN_LABELS)
        return false;
    for (guint t = 0; t < match->form->tables->len; t++) {
        const FormTable *table = g_ptr_array_index(match->form->tables, t);
        if (table->required && json_object_get(match->tables, table->key))
            return true;
    }
    for (guint f = 0; f < match->form->fields->len; f++) {
        const Field *field = g_ptr_array_index(match->form->fields, f);
        if (match->chosen[f] && !match->chosen[f]->is_guessed && !is_on_any_paper(field->type))
            return true;
    }
    return match->listed_seen >= LABELS_ENOUGH;
}

/* True where all that the form must have was found. */
static bool is_complete(const Match *match) {
    for (guint f = 0; f < match->form->fields->len; f++)
        if (((const Field *)g_ptr_array_index(match->form->fields, f))->required && !match->chosen[f])
            return false;
    for (guint t = 0; t < match->form->tables->len; t++) {
        const FormTable *table = g_ptr_array_index(match->form->tables, t);
        if (table->required && !json_object_get(match->tables, table->key))
            return false;
    }
    return true;
}

Match *match_best(const FormSet *set, const Document *document, const ValueContext *context,
                  const char *extra_title) {
    guint n = form_set_size(set), named = n;
    g_autofree double *hits = g_new0(double, n + 1);
    g_autofree bool *titles = g_new0(bool, n + 1);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) no_labels = g_hash_table_new(NULL, NULL);
    Survey survey = {.set = set,
                     .hits = hits,
                     .seen = seen,
                     .titles = titles,
                     .no_labels = no_labels,
                     .left = SURVEY_TEXTS};
    survey_document(&survey, document);
    if (document->title)
        survey_text(&survey, document->title, true);
    g_autoptr(Match) best = NULL;
    if (extra_title)
        match_titles(set, extra_title, &named);
    double most = 0;
    for (guint f = 0; f < n; f++) {
        hits[f] += titles[f] ? TITLE_WORTH : 0;
        most = MAX(most, hits[f]);
    }
    for (guint f = 0; f < n; f++) {
        if ((hits[f] < NAMED_LABELS && f != named) || hits[f] * 2 < most)
            continue;
        g_autoptr(Match) match = match_document(set, f, document, context, no_labels);
        match->has_title = titles[f];
        match->score = match->labels_seen + VALUE_WORTH * MIN(match->values_found, 30) +
                       (titles[f] ? TITLE_WORTH : 0) + (f == named ? TITLE_WORTH / 2 : 0) +
                       (is_complete(match) ? COMPLETE_WORTH : 0);
        bool is_named = titles[f] || f == named;
        bool is_enough = is_named ? match->labels_seen >= NAMED_LABELS : is_telling(match);
        if (is_enough && (!best || match->score > best->score)) {
            g_clear_pointer(&best, match_free);
            best = g_steal_pointer(&match);
        }
    }
    return g_steal_pointer(&best);
}
