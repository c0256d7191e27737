/* Words that names of organizations are made of, in Chinese and English: language, not any programme's. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The number of a kind of body by any of its usual words in normal form (团委, 分团委, 团总支: one number);
 * -1: not a usual one. */
int name_words_body(const char *normal);

/* A character that tells one faculty from another (医, 药, 文 …) or one of several alike (一, 二 …). */
bool name_words_is_telling(gunichar character);

/* Words of English names. A kind says what sort of body it is (club, society); filler says nothing (the, of);
 * an institution's word names the whole house (university). */
bool name_words_is_kind(const char *word);
bool name_words_is_filler(const char *word);
bool name_words_is_institution(const char *word);
