#include "parsers/label_letters.h"

#include "parsers/utf8.h"

/* Labels stand under their first letter. */
enum { BUCKET_BITS = 8, BUCKETS = 1 << BUCKET_BITS, MASK_BITS = 6 };

/* 2^32 / golden ratio: spreads neighbours over the highest bits (Knuth 6.4) */
#define HASH_FACTOR 2654435769u

struct LabelLetters {
    GArray *masks[BUCKETS]; /* guint64: a bit for each letter of a label; NULL: no label begins so */
};

static guint bucket_of(gunichar letter) {
    return (guint32)(letter * HASH_FACTOR) >> (32 - BUCKET_BITS);
}

static guint64 mask_of(const char *normal) {
    guint64 mask = 0;
    for (const char *p = normal; *p; p = g_utf8_next_char(p))
        mask |= G_GUINT64_CONSTANT(1) << ((guint32)(utf8_char(p) * HASH_FACTOR) >> (32 - MASK_BITS));
    return mask;
}

LabelLetters *label_letters_new(void) {
    return g_new0(LabelLetters, 1);
}

void label_letters_free(LabelLetters *letters) {
    if (!letters)
        return;
    for (guint i = 0; i < BUCKETS; i++)
        if (letters->masks[i])
            g_array_unref(letters->masks[i]);
    g_free(letters);
}

void label_letters_add(LabelLetters *letters, const char *normal) {
    guint64 mask = mask_of(normal);
    GArray **masks = &letters->masks[bucket_of(utf8_char(normal))];
    if (!*masks)
        *masks = g_array_new(FALSE, FALSE, sizeof mask);
    for (guint i = 0; i < (*masks)->len; i++)
        if (g_array_index(*masks, guint64, i) == mask)
            return;
    g_array_append_val(*masks, mask);
}

bool label_letters_may_hold(const LabelLetters *letters, const char *normal) {
    guint64 missing = ~mask_of(normal);
    for (const char *p = normal; *p; p = g_utf8_next_char(p)) {
        const GArray *masks = letters->masks[bucket_of(utf8_char(p))];
        for (guint i = 0; masks && i < masks->len; i++)
            if ((g_array_index(masks, guint64, i) & missing) == 0)
                return true;
    }
    return false;
}
