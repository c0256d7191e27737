/* What names.c and names_latin.c share. */
#pragma once

#include "gateway/core/names.h"

#define NAME_CHARACTERS_MAX 80
#define NAME_WORDS_MAX      16

struct NameForm {
    /* Chinese: the normal form without the university. unit: the faculty with 学院, its core without; the
     * rest is the body. */
    gunichar text[NAME_CHARACTERS_MAX];
    guint length, core_end, unit_end;
    int body;                /* name_words_body(), or -1 */
    bool is_han, is_central; /* is_central: 校 or the university stood before it */
    /* English: words in normal form */
    char *words[NAME_WORDS_MAX];
    guint n_words;
};

struct NameVocabulary {
    GHashTable *characters; /* of cores of faculties */
    GHashTable *units;      /* faculties as a whole, char* */
    GHashTable *words;      /* char* */
};

/* Words of a text in normal form, possessive s dropped ("Women's" → "women"); at most max. */
guint names_latin_words(const char *text, char **ret_words, guint max);
NameCloseness names_latin_closeness(const NameVocabulary *vocabulary, const NameForm *written,
                                    const NameForm *known);

/* The same characters in another order; false beyond NAME_CHARACTERS_MAX. */
bool names_are_turned(const gunichar *a, const gunichar *b, gsize length);
