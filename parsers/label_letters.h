/* Which letters the labels of a set consist of: tells at once of most values that they are no label, however
 * they are read, because they lack letters of every one. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct LabelLetters LabelLetters;

/* Of no label yet; free with label_letters_free(). */
LabelLetters *label_letters_new(void);
void label_letters_free(LabelLetters *letters);

/* Adds a label in normal form (label.h), not empty. */
void label_letters_add(LabelLetters *letters, const char *normal);

/* False: no label of the set can be made of the letters of this normal form by leaving some of them out. True
 * where one may. Linear in the text; a few labels are compared a letter. */
bool label_letters_may_hold(const LabelLetters *letters, const char *normal);
