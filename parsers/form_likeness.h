/* Likeness of any label to the labels of a form's fields (SPEC 3): their normal forms and weights are worked
 * out once when the form is loaded, so that a guess compares and does nothing else. */
#pragma once

#include "parsers/form.h"

typedef struct FormLikeness FormLikeness;

/* Takes the labels of a form apart; the form may be freed before the result. Free with form_likeness_free().
 */
FormLikeness *form_likeness_new(const Form *form);
void form_likeness_free(FormLikeness *likeness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FormLikeness, form_likeness_free)

/* Raises scores[f] of every field f to the best likeness of a label's normal form to any of its labels, with
 * its group's name before it or without; group: the one that the label stands in, -1 none. */
void form_likeness_scores(const FormLikeness *likeness, const char *normal, int group, double *scores);

/* The same for the columns of one table: raises scores (one per column) to the likeness of normal to each
 * column's labels. */
void form_likeness_columns(const FormLikeness *likeness, const char *normal, guint table, double *scores);
