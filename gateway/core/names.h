/* Names of organizations as people write them: with the university before them, shortened, misspelt, in the
 * other script (SPEC 2.5). A name is taken apart once (faculty and body, or words) and then compared with
 * many. Nothing here knows a roster; what is a matter of language (学院, 团委 = 分团委, "club") stands in
 * name_words.h. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct NameForm NameForm;

/* Taken apart; any text, only its beginning counts. Free with name_form_free(). */
NameForm *name_form_new(const char *written);
void name_form_free(NameForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameForm, name_form_free)

/* What the names of a roster are made of: a misspelling never turns a name into one that holds another of
 * these. */
typedef struct NameVocabulary NameVocabulary;
NameVocabulary *name_vocabulary_new(void);
void name_vocabulary_free(NameVocabulary *vocabulary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameVocabulary, name_vocabulary_free)
void name_vocabulary_add(NameVocabulary *vocabulary, const NameForm *form);

/* How what was written stands to a name, the closest first. */
typedef enum {
    NAME_SAME,    /* but for the university before it, 校, or white space */
    NAME_SYNONYM, /* the same body by another word: 分团委 and 团委, society and club */
    NAME_SHORT,   /* an abbreviation: 计科院 of 计算机科学与技术学院 */
    NAME_SLIP,    /* one typing error, and not another body's name */
    NAME_PART,    /* a department of it: 护理学院学生会宣传部 */
    NAME_FOREIGN, /* in another script: nothing can be said */
    NAME_OTHER
} NameCloseness;
NameCloseness name_closeness(const NameVocabulary *vocabulary, const NameForm *written,
                             const NameForm *known);

/* Where a name stands in a text: position behind it in bytes of the text's form, or -1: not there, or only as
 * a part of another name (医学院学生会 in 中医学院学生会, Tennis Club in Table Tennis Club). */
typedef struct NameText NameText;
NameText *name_text_new(const char *text);
void name_text_free(NameText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameText, name_text_free)
bool name_text_holds(const NameVocabulary *vocabulary, const NameText *text, const char *normal);
