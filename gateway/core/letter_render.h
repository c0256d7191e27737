/* From a letter's facts (letter_facts.h) to its words: subject, text and HTML by the templates of its kind
 * and language. No I/O; gateway/io/templates.h brings the templates. */
#pragma once

#include "gateway/core/model.h"

#define LETTER_SUBJECT_MAX    200          /* characters; a longer one is cut with an ellipsis */
#define LETTER_HTML_MAX_BYTES (100u << 10) /* Gmail and QQ clip longer letters; a warning, no error */

/* Templates by language, and the look that they share. */
typedef struct LetterTemplates LetterTemplates;

typedef struct {
    char *subject; /* one line */
    char *text;    /* lines end in LF */
    char *html;
} LetterText;

/* Without languages and without styles. The caller frees it. */
LetterTemplates *letter_templates_new(void);
void letter_templates_free(LetterTemplates *templates);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LetterTemplates, letter_templates_free)

/* The inline styles by name ({{style.NAME}}): a JSON object of strings. FORTNIGHT_ERROR_CONFIGURATION with
 * name:line. */
bool letter_templates_set_style(LetterTemplates *templates, const char *name, const char *json, gsize length,
                                GError **error);

/* Compiles one template, for example "ack.html" of "zh". FORTNIGHT_ERROR_CONFIGURATION, see
 * mustache_set_add(); HTML with an unescaped tag ({{{x}}}) is refused as well. */
bool letter_templates_add(LetterTemplates *templates, const char *language, const char *name,
                          const char *source, gsize length, GError **error);

/* True if every language has subject, txt and html of every letter kind; else an error that names the first
 * missing one. */
bool letter_templates_complete(const LetterTemplates *templates, GError **error);

/* The languages that have letters, sorted. The caller frees it with g_strfreev(). */
GStrv letter_templates_languages(const LetterTemplates *templates);

/* Renders. Strict: facts that a template asks for and that are missing are an error (checks, previews); else
 * they are empty. FORTNIGHT_ERROR_CONFIGURATION "zh/ack.html:12: …". The caller clears *ret_text with
 * letter_text_clear(). */
bool letter_render(const LetterTemplates *templates, LetterKind kind, const char *language,
                   const json_t *facts, bool strict, LetterText *ret_text, GError **error);

void letter_text_clear(LetterText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LetterText, letter_text_clear)
