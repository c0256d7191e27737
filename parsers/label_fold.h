/* Traditional Chinese characters in labels. */
#pragma once

#include <glib.h>

/* Characters that label_fold() changes. */
#define LABEL_FOLD_PAIRS 493

/* The simplified form of a traditional character that occurs in labels ("組" → "组"), else the character
 * itself. */
gunichar label_fold(gunichar character);
