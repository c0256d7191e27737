#include "gateway/core/suggest.h"

#include <string.h>

guint suggest_distance(const char *a, const char *b) {
    guint row[SUGGEST_WORD_MAX + 1];
    gsize length = MIN(strlen(b), SUGGEST_WORD_MAX);
    for (guint j = 0; j <= length; j++)
        row[j] = j;
    for (guint i = 0; a[i] != '\0' && i < SUGGEST_WORD_MAX; i++) {
        guint diagonal = row[0];
        row[0] = i + 1;
        for (guint j = 0; j < length; j++) {
            guint replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = MIN(replaced, MIN(row[j], row[j + 1]) + 1);
        }
    }
    return row[length];
}
