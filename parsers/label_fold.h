/* Traditional Chinese characters in labels. */
#pragma once

#include <glib.h>

/* The simplified form of a traditional character that occurs in labels ("組" → "组"), else the character
 * itself. */
gunichar label_fold(gunichar character);
