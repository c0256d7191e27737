/* English names: words in any order. */
#include <string.h>

#include "gateway/core/name_words.h"
#include "gateway/core/names_private.h"
#include "parsers/label.h"

#define PLURAL_MIN    4 /* letters: "as" and "gas" keep their s */
#define SLIP_MIN      5 /* letters: a shorter word with one letter changed is another word */
#define LONG_SLIP_MIN 9 /* letters that may hold a second error */
#define STRANGERS_MAX 4 /* words of a university's name: "University of Riverton" */

/* ---- words
 * ------------------------------------------------------------------------------------------------------- */

static bool is_apostrophe(gunichar c) {
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02BC || c == '`';
}

guint names_latin_words(const char *text, char **ret_words, guint max) {
    guint n = 0;
    const char *p = text;
    while (*p != '\0' && n < max) {
        while (*p != '\0' && !g_unichar_isalnum(g_utf8_get_char(p)))
            p = g_utf8_next_char(p);
        g_autoptr(GString) word = g_string_new(NULL);
        for (; *p != '\0'; p = g_utf8_next_char(p)) {
            gunichar c = g_utf8_get_char(p);
            if (g_unichar_isalnum(c))
                label_append_normal(word, p, g_utf8_next_char(p) - p);
            else if (!is_apostrophe(c))
                break;
        }
        /* men, men's, mens: one word */
        if (word->len >= PLURAL_MIN && word->str[word->len - 1] == 's' && word->str[word->len - 2] != 's')
            g_string_truncate(word, word->len - 1);
        if (word->len > 0)
            ret_words[n++] = g_string_free(g_steal_pointer(&word), FALSE);
    }
    return n;
}

/* ---- one word against another
 * ------------------------------------------------------------------------------------ */

/* Edits between two words, a turn of neighbours being one; more than 2 is not told apart. ASCII suffices:
 * other letters count as their bytes. */
static guint word_distance(const char *a, const char *b) {
    enum { MOST = 32 };
    gsize n = strlen(a), m = strlen(b);
    if (n > MOST || m > MOST || (n > m ? n - m : m - n) > 2)
        return 3;
    guint rows[3][MOST + 1];
    for (gsize j = 0; j <= m; j++)
        rows[0][j] = (guint)j;
    for (gsize i = 1; i <= n; i++) {
        guint *row = rows[i % 3], *last = rows[(i - 1) % 3];
        row[0] = (guint)i;
        for (gsize j = 1; j <= m; j++) {
            row[j] = MIN(MIN(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

/* The written word is no word of the roster, and nearly this one. */
static bool is_slip(const NameVocabulary *vocabulary, const char *written, const char *known) {
    gsize length = strlen(known);
    guint allowed = length >= LONG_SLIP_MIN ? 2 : length >= SLIP_MIN ? 1 : 0;
    return allowed > 0 && (vocabulary == NULL || !g_hash_table_contains(vocabulary->words, written)) &&
           word_distance(written, known) <= allowed;
}

/* ---- whole names
 * ------------------------------------------------------------------------------------------------- */

typedef struct {
    guint64 used; /* bits of the written words that stand for one of the known */
    bool has_slip;
} Pairing;

static bool pair_word(const NameVocabulary *vocabulary, const NameForm *written, const char *known,
                      Pairing *pairing) {
    for (int with_slips = 0; with_slips < 2; with_slips++)
        for (guint i = 0; i < written->n_words; i++) {
            guint64 bit = (guint64)1 << i;
            if (pairing->used & bit)
                continue;
            bool equal = strcmp(written->words[i], known) == 0;
            if (!equal && !(with_slips && is_slip(vocabulary, written->words[i], known)))
                continue;
            pairing->used |= bit;
            pairing->has_slip = pairing->has_slip || !equal;
            return true;
        }
    return false;
}

NameCloseness names_latin_closeness(const NameVocabulary *vocabulary, const NameForm *written,
                                    const NameForm *known) {
    Pairing pairing = {0};
    guint contents = 0, strangers = 0;
    bool kind_differs = false, names_house = false;
    for (guint i = 0; i < known->n_words; i++) {
        const char *word = known->words[i];
        bool is_kind = name_words_is_kind(word);
        bool is_found = pair_word(vocabulary, written, word, &pairing);
        if (!is_found && !is_kind && !name_words_is_filler(word))
            return NAME_OTHER;
        kind_differs = kind_differs || (is_kind && !is_found);
        contents += !is_kind && is_found;
    }
    for (guint i = 0; i < written->n_words; i++) {
        const char *word = written->words[i];
        if (pairing.used & (guint64)1 << i || name_words_is_filler(word))
            continue;
        names_house = names_house || name_words_is_institution(word);
        if (name_words_is_kind(word))
            kind_differs = true;
        else if (vocabulary != NULL && g_hash_table_contains(vocabulary->words, word))
            return NAME_OTHER;
        else
            strangers++;
    }
    if (contents == 0 || (strangers > 0 && (!names_house || strangers > STRANGERS_MAX)))
        return NAME_OTHER;
    return pairing.has_slip ? NAME_SLIP : kind_differs ? NAME_SYNONYM : NAME_SAME;
}
